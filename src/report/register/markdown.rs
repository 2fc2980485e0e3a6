//! The register as Markdown: a table for each unit.

use crate::report::escape;
use crate::report::register::{Register, Row, State, rows};
use crate::source::RepoPath;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The page.
pub fn render(register: &Register) -> String {
    format!("# Threats\n\n{}.\n{}", sums(register), body(register, "##", &|_| true))
}

pub(super) fn sums(register: &Register) -> String {
    register.sums_in_words().unwrap_or_else(|| "None".to_owned())
}

/// A table for each unit, under headings of this level, and what was not read.
pub(super) fn body(register: &Register, level: &str, is_shown: &dyn Fn(&Row<'_>) -> bool) -> String {
    let mut out = String::new();
    let mut by_unit: BTreeMap<&RepoPath, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(register).filter(is_shown) {
        by_unit.entry(row.unit).or_default().push(row);
    }
    for (unit, rows) in by_unit {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "\n{level} {}\n\n| state | severity | category | threat | | line |\n|---|---|---|---|---|---|",
            escape::code(unit.as_str())
        );
        for row in rows {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                state(&row),
                row.severity,
                row.category,
                escape::code(&row.id),
                escape::text(&row.title),
                place(&row)
            );
        }
    }
    for repair in &register.repairs {
        let _ = writeln!(
            out,
            "\nNot read: {}, line {}: {}",
            escape::code(repair.place.path.as_str()),
            repair.place.line,
            escape::text(&repair.what)
        );
    }
    for other in &register.not_judged {
        let _ = writeln!(out, "\nNot judged: {} ({})", escape::code(other.path.as_str()), escape::text(&other.format));
    }
    out
}

/// `decided: accepted by mona until 2027-01-01: “public form”`.
fn state(row: &Row<'_>) -> String {
    let debt = row.debt.as_ref().map_or_else(String::new, |debt| format!(", debt: {}", escape::text(debt)));
    let assigned = row.assigned.map_or_else(String::new, |name| format!(", assigned to {}", escape::text(name)));
    let ruled: String = row.ruled.iter().map(|said| format!(", {}", escape::text(said))).collect();
    let word = format!("{}{debt}{assigned}{ruled}", row.state.word());
    match row.decided {
        Some(decided) => {
            let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
            let terms = escape::text(&decided.terms());
            let was = if row.state == State::Open { "was " } else { "" };
            let but = row.no_answer.as_ref().map_or_else(String::new, |why| format!("; {}", escape::text(why)));
            let by = escape::text(&by.words());
            format!("{word}: {was}{} by {by}{terms}: “{}”{but}", decided.verdict.word(), escape::text(&decided.reason))
        }
        None if !row.recorded.is_empty() => format!("{word}: {}", row.recorded),
        None => word,
    }
}

fn place(row: &Row<'_>) -> String {
    if row.place.path == *row.unit {
        row.place.line.to_string()
    } else {
        format!("{}, {}", escape::code(row.place.path.as_str()), row.place.line)
    }
}
