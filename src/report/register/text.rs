//! The register for a terminal: a line for each threat by unit. What is covered is only counted, unless that is what people ask for.

use crate::report::register::{Register, Row, State, rows};
use crate::report::text::{at, plain};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The list. `states` are those that were asked for, empty for all.
pub fn render(register: &Register, states: &BTreeSet<State>) -> String {
    let sums: Vec<String> = register.sums().iter().map(|(state, number)| format!("{number} {}", state.word())).collect();
    let mut out = if sums.is_empty() { "no threats\n".to_owned() } else { format!("{}\n", sums.join(", ")) };
    let mut by_unit: BTreeMap<&RepoPath, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(register).filter(|row| row.state != State::Covered || states.contains(&State::Covered)) {
        by_unit.entry(row.unit).or_default().push(row);
    }
    for (unit, rows) in by_unit {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "\n{}", plain(unit.as_str()));
        rows.iter().for_each(|row| line(row, &mut out));
    }
    for repair in &register.repairs {
        let _ = writeln!(out, "\nnot read: {}: {}", at(&repair.place), plain(&repair.what));
    }
    for other in &register.not_judged {
        let _ = writeln!(out, "\nnot judged: {} ({})", plain(other.path.as_str()), plain(&other.format));
    }
    for warning in &register.warnings {
        let _ = writeln!(out, "\nsettings: {}", plain(warning));
    }
    let hidden: Vec<_> = register.notes.iter().filter(|note| note.kind.hides()).collect();
    for note in hidden {
        let _ = writeln!(out, "\nnot read: {}: {}", at(&note.place), plain(&note.text));
    }
    out
}

fn line(row: &Row<'_>, out: &mut String) {
    let place = if row.place.path == *row.unit { format!("line {}", row.place.line) } else { at(row.place) };
    let severity = if row.severity.is_empty() { row.recorded } else { row.severity };
    let _ = writeln!(out, "  {:<8} {severity:<8} {}  {}  {place}", row.state.word(), plain(&row.id), plain(&row.title));
    if let Some(decided) = row.decided {
        let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
        let until = decided.until.map(|day| format!(" until {day}")).unwrap_or_default();
        let was = if row.state == State::Open { "was " } else { "" };
        let _ = writeln!(
            out,
            "           {was}{} by {} ({}) on {}{until}: {}",
            decided.verdict.word(),
            plain(&by.login),
            plain(&by.right),
            decided.at.day(),
            plain(&decided.reason)
        );
    }
}
