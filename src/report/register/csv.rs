//! The register as CSV (RFC 4180), a line for each threat: for spreadsheets.

use crate::report::register::{Register, rows};

const HEAD: [&str; 16] = [
    "state", "severity", "category", "id", "rule", "unit", "element", "file", "line", "title", "verdict", "by", "right", "at", "until",
    "reason",
];

/// The table, its head first.
pub fn render(register: &Register) -> String {
    let mut out = HEAD.join(",") + "\r\n";
    for row in rows(register) {
        let line = row.place.line.to_string();
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
        let cells: [&str; 16] = [
            row.state.word(),
            row.severity,
            row.category,
            &row.id,
            row.rule,
            row.unit.as_str(),
            row.element,
            row.place.path.as_str(),
            &line,
            &row.title,
            &verdict,
            &by,
            &right,
            &at,
            &until,
            &reason,
        ];
        out.push_str(&cells.map(cell).join(","));
        out.push_str("\r\n");
    }
    out
}

/// A spreadsheet takes what begins like a formula for one, whoever wrote it (<https://owasp.org/www-community/attacks/CSV_Injection>,
/// read 2026-11-28).
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let text = format!("{guard}{text}");
    if text.contains([',', '"', '\n', '\r']) || !guard.is_empty() { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_no_formula() {
        for (text, expected) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
