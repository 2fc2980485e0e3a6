//! The register for a terminal: a line for each threat by unit. What is covered is only counted, unless that is what people ask for.

use crate::report::register::{Register, Row, State, rows};
use crate::report::text::page::{Page, Paint};
use crate::report::text::{Style, at, plain};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// The list. `states` are those that were asked for, empty for all.
pub fn render(register: &Register, states: &BTreeSet<State>, style: &Style<'_>) -> String {
    let mut page = Page::new(style.colour, style.width);
    let sums = register.sums_in_words().unwrap_or_else(|| "no threats".to_owned());
    page.line(&[(Paint::Strong, &sums)], 2);
    let mut by_unit: BTreeMap<&RepoPath, Vec<Row<'_>>> = BTreeMap::new();
    for row in rows(register).filter(|row| row.state != State::Covered || states.contains(&State::Covered)) {
        by_unit.entry(row.unit).or_default().push(row);
    }
    for (unit, rows) in by_unit {
        page.blank();
        page.line(&[(Paint::Strong, &plain(unit.as_str()))], 2);
        rows.iter().for_each(|row| line(row, &mut page));
    }
    let unread = register.repairs.iter().map(|repair| ("not read  ", format!("{}: {}", at(&repair.place), repair.what)));
    let not_judged = register.not_judged.iter().map(|other| ("not judged  ", format!("{} ({})", other.path, other.format)));
    let settings = register.warnings.iter().map(|warning| ("settings  ", warning.clone()));
    let hidden = register.notes.iter().filter(|note| note.kind.hides());
    let hidden = hidden.map(|note| ("not read  ", format!("{}: {}", at(&note.place), note.text)));
    for (label, words) in unread.chain(not_judged).chain(settings).chain(hidden) {
        page.blank();
        page.paragraph("", label, &plain(&words));
    }
    page.into_text()
}

fn line(row: &Row<'_>, page: &mut Page) {
    let place = if row.place.path == *row.unit { format!("line {}", row.place.line) } else { at(row.place) };
    let weight = if row.severity.is_empty() { row.recorded } else { row.severity };
    let head = format!("  {:<8} {weight:<8}", row.state.word());
    page.line(&[(Paint::Plain, &head), (Paint::Id, &plain(&row.id)), (Paint::Soft, &place)], 21);
    page.paragraph("           ", "", &plain(&row.title));
    if let Some(name) = row.assigned {
        page.paragraph("           ", "", &plain(&format!("assigned to {name}")));
    }
    if let Some(debt) = &row.debt {
        page.paragraph("           ", "", &plain(&format!("debt: {debt}")));
    }
    row.ruled.iter().for_each(|said| page.paragraph("           ", "", &plain(&format!("settings: {said}"))));
    if let Some(decided) = row.decided {
        let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
        let terms = decided.terms();
        let was = if row.state == State::Open { "was " } else { "" };
        let verdict =
            format!("{was}{} by {} ({}) on {}{terms}: {}", decided.verdict.word(), by.login, by.right, decided.at.day(), decided.reason);
        page.paragraph("           ", "", &plain(&verdict));
        if let Some(why) = &row.no_answer {
            page.paragraph("           ", "", &plain(why));
        }
    }
}
