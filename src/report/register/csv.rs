//! The register as CSV (RFC 4180), a line for each threat: for spreadsheets.

use crate::report::csv::{head, line};
use crate::report::register::{Register, rows};

const HEAD: [&str; 19] = [
    "state", "severity", "category", "id", "rule", "unit", "element", "file", "line", "title", "verdict", "by", "right", "at", "until",
    "reason", "debt", "assigned", "settings",
];

/// The table, its head first.
pub fn render(register: &Register) -> String {
    let mut out = head(&HEAD);
    for row in rows(register) {
        let place = row.place.line.to_string();
        let [verdict, by, right, at, until, reason] = row.decided.map_or_else(
            || [row.recorded.to_owned(), String::new(), String::new(), String::new(), String::new(), String::new()],
            |decided| {
                let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
                [
                    decided.verdict.word().to_owned(),
                    by.login.clone(),
                    by.right.clone(),
                    decided.at.to_string(),
                    decided.until.map(|day| day.to_string()).unwrap_or_default(),
                    decided.reason.clone(),
                ]
            },
        );
        let ruled = row.ruled.join("; ");
        let cells: [&str; 19] = [
            row.state.word(),
            row.severity,
            row.category,
            &row.id,
            row.rule,
            row.unit.as_str(),
            row.element,
            row.place.path.as_str(),
            &place,
            &row.title,
            &verdict,
            &by,
            &right,
            &at,
            &until,
            &reason,
            row.debt.as_deref().unwrap_or_default(),
            row.assigned.unwrap_or_default(),
            &ruled,
        ];
        line(&cells, &mut out);
    }
    out
}
