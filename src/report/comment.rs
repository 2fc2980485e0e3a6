//! The sticky comment: what a reviewer reads.
//!
//! Comes in: a report. Goes out: Markdown, or nothing where there is nothing to say. The headline is all that is read on a phone;
//! what blocks comes first, what is optional in a short list, what was read and covered below the fold.

mod agents;
mod fold;
pub(super) mod history;
mod items;
pub(super) mod summary;

use crate::decisions::Standing;
use crate::delta::RecordedNews;
use crate::report::asking;
use crate::report::comment::agents::agents;
use crate::report::comment::fold::{accepted, fold, idle_annotations, public_entries, repairs, shared_states, stale, unread, weakened};
use crate::report::comment::history::{changed_facts, debt, decided, recorded, renamed, reopened};
use crate::report::comment::items::{commands, items, optional, stated_besides};
use crate::report::comment::summary::summary;
use crate::report::escape;
use crate::report::headline::headline;
use crate::report::marker;
use crate::report::markup::{cut, emergency, sharing};
use crate::report::matrix::{self, Cell, Row};
use crate::report::mermaid;
use crate::report::taken;
use crate::report::{Report, Verdict};
use crate::settings::talk::CommentMode;
use crate::stride::ThreatKey;
use crate::stride::numbers::Numbers;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Characters that the comment may have; GitHub takes 65,536.
const BUDGET: usize = 60_000;
/// Lines of a list below the fold.
const FOLDED: usize = 40;
/// Most rows of the matrix.
const MATRIX_ROWS: usize = 12;

/// The comment, or `None` where a first comment would say nothing.
pub fn render(report: &Report) -> Option<String> {
    // What people read goes last.
    for detail in [Detail::All, Detail::Drawn] {
        let body = whole(report, detail);
        if body.len() <= BUDGET {
            return is_worth_saying(report).then_some(body);
        }
    }
    Some(cut(whole(report, Detail::Items), BUDGET))
}

/// The comment for a page on which one stands already: it then also says that all is well.
pub fn render_edit(report: &Report) -> String {
    render(report).unwrap_or_else(|| cut(whole(report, Detail::All), BUDGET))
}

/// Something is open that weighs enough for a line, was decided by people, needs repair, was not read, or is older than the code.
pub(super) fn is_worth_saying(report: &Report) -> bool {
    !matches!(report.verdict, Verdict::Clear | Verdict::NotJudged)
        || !report.warnings.is_empty()
        || report.idle_annotations().next().is_some()
        || report.stale().next().is_some()
        || report.shared_states().next().is_some()
        || report.public_entries().next().is_some()
        || !report.repairs.is_empty()
        || report.weakened.is_some()
        || !report.ledger.uncounted.is_empty()
        || report.emergency.is_some()
        || renamed(report).is_some()
        || report.newly_unread().next().is_some()
        || report.delta.recorded.iter().any(|change| change.news() < RecordedNews::Closed)
        || report.arranged().lines().next().is_some()
        || report.reviewed.iter().any(|reviewed| reviewed.introduced && matches!(reviewed.standing, Standing::Decided(_)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    All,
    /// Without what only programs read.
    Drawn,
    /// No diagram, no matrix, short lists: for a comment that would be too long.
    Items,
}

/// All of it in the check, where the settings want no comment: without the headline, which is the check's title.
pub(super) fn for_check(report: &Report) -> Option<String> {
    is_worth_saying(report).then(|| sections(report, Detail::Drawn).join("\n\n") + "\n")
}

/// What is left of a comment where the settings have come to want none: the numbers that it gave stay given.
pub fn in_the_check(numbers: &Numbers) -> String {
    format!(
        "{}\nAstride: what is asked here stands in the check `astride`, since the settings want no comment.\n",
        marker::comment(numbers, None)
    )
}

/// What is left of a comment in whose place a newer one stands.
pub fn replaced(by: &str) -> String {
    format!("{}\nAstride: what is asked has changed since; see [the newer comment]({by}).\n", marker::REPLACED)
}

fn whole(report: &Report, detail: Detail) -> String {
    let asked = (report.asking.mode == CommentMode::New).then(|| asking::digest(report));
    let first = marker::comment(&report.numbers, asked.as_deref());
    let title = escape::text(&format!("Astride: {}", headline(report)));
    format!("{first}\n### {title}\n\n{}\n", sections(report, detail).join("\n\n"))
}

fn sections(report: &Report, detail: Detail) -> Vec<String> {
    let arranged = report.arranged();
    let numbers = arranged.numbers();
    let mut sections: Vec<String> = summary(report).into_iter().collect();
    sections.extend(report.warnings.iter().map(|warning| format!("**Settings:** {warning}")));
    sections.extend(report.ledger.uncounted.iter().map(|words| format!("**Ledger:** {words}.")));
    sections.extend(report.emergency.as_ref().map(emergency));
    sections.extend(weakened(report));
    sections.extend(repairs(report));
    sections.extend(accepted(report));
    sections.extend(reopened(report));
    sections.extend(renamed(report));
    sections.extend(taken::table(report));
    sections.extend(recorded(report));
    let drawn = (detail != Detail::Items).then(|| mermaid::change(&report.after, &report.delta));
    if drawn == Some(None) {
        sections.extend(changed_facts(report));
    }
    sections.extend(items(report, &arranged));
    sections.extend(optional(report, &arranged));
    sections.extend(stated_besides(report, &arranged));
    sections.extend(unread(report));
    sections.extend(stale(report));
    sections.extend(shared_states(report));
    sections.extend(public_entries(report));
    sections.extend(idle_annotations(report));
    sections.extend(commands(report, &arranged));
    sections.extend(debt(report));
    sections.extend(decided(report));
    sections.extend(drawn.and_then(|diagram| picture(report, diagram, matrix_table(report, &numbers))));
    sections.push(fold(report));
    sections.extend(agents(report, &arranged).filter(|_| detail == Detail::All));
    sections.push(footer(report));
    sections
}

/// What the change looks like, below the fold: whoever has thirty seconds reads what is asked, and whoever doubts it looks here.
fn picture(report: &Report, diagram: Option<String>, matrix: Option<String>) -> Option<String> {
    let title = match (&diagram, &matrix) {
        (Some(_), Some(_)) => "Data flows of the change, and the STRIDE matrix",
        (Some(_), None) => "Data flows of the change",
        (None, Some(_)) => "The STRIDE matrix of the change",
        (None, None) => return None,
    };
    let drawn = diagram.map(|diagram| {
        let left_out = mermaid::left_out(&report.after, &report.delta, mermaid::Extent::COMMENT)
            .map_or_else(String::new, |words| format!("\n\n<sub>{words}</sub>"));
        format!("```mermaid\n{diagram}```{left_out}")
    });
    let parts: Vec<String> = drawn.into_iter().chain(matrix).collect();
    Some(format!("<details><summary>{title}</summary>\n\n{}\n\n</details>", parts.join("\n\n")))
}

fn matrix_table(report: &Report, numbers: &BTreeMap<&ThreatKey, usize>) -> Option<String> {
    let rows = matrix::rows(report, numbers);
    let open: Vec<_> = rows.iter().filter(|row| row.is_open()).collect();
    let cells: usize = open.iter().map(|row| row.cells.iter().filter(|cell| !cell.items.is_empty()).count()).sum();
    if cells < 3 {
        return None;
    }
    let mut out = String::from("| | S | T | R | I | D | E |\n|---|:-:|:-:|:-:|:-:|:-:|:-:|\n");
    let rolled = roll_up(&open);
    for (row, name) in rolled.iter().take(MATRIX_ROWS) {
        let new = if row.new { " (new)" } else { " (changed)" };
        let cells: Vec<String> = row.cells.iter().map(cell_mark).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {name}{}{new} | {} |", sharing(row.sharers), cells.join(" | "));
    }
    if rolled.len() > MATRIX_ROWS {
        let _ = writeln!(out, "| {} more rows | | | | | | |", rolled.len() - MATRIX_ROWS);
    }
    let off = if matrix::has_off(&rows) { " · off: by the settings" } else { "" };
    let _ = write!(
        out,
        "\n<sub>**Bold** blocks · numbers as above · ✓ covered or decided{off} · `·` low, in the check's details · – not in the chart</sub>"
    );
    Some(out)
}

/// The rows with their names; of more than fit, those with equal cells are one.
fn roll_up<'r>(open: &[&'r Row]) -> Vec<(&'r Row, String)> {
    let name = |row: &Row| escape::code(&row.shown);
    if open.len() <= MATRIX_ROWS {
        return open.iter().map(|row| (*row, name(row))).collect();
    }
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    let mut places: BTreeMap<(bool, usize, Vec<String>), usize> = BTreeMap::new();
    for row in open {
        let alike = (row.new, row.sharers, row.cells.iter().map(cell_mark).collect());
        let place = *places.entry(alike).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let named = |group: Vec<&'r Row>| {
        let [first, others @ ..] = group.as_slice() else { return None };
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        Some((*first, format!("{}{more}", name(first))))
    };
    groups.into_iter().filter_map(named).collect()
}

fn cell_mark(cell: &Cell) -> String {
    if !cell.items.is_empty() {
        let items: Vec<String> = cell.items.iter().map(usize::to_string).collect();
        let items = items.join(" ");
        return if cell.blocks { format!("**{items}**") } else { items };
    }
    match cell {
        Cell { off: true, .. } => "off".to_owned(),
        Cell { covered: true, .. } | Cell { decided: true, .. } => "✓".to_owned(),
        Cell { low: true, .. } => "·".to_owned(),
        Cell { in_chart: false, .. } => "–".to_owned(),
        Cell { .. } => String::new(),
    }
}

fn footer(report: &Report) -> String {
    let same = if report.same_head.is_empty() {
        String::new()
    } else {
        let pulls: Vec<String> = report.same_head.iter().map(|number| format!("#{number}")).collect();
        format!(" · same head as {}", pulls.join(", "))
    };
    let how = report.presentation.docs.reviewing().map_or_else(String::new, |url| format!(" · [how to review]({url})"));
    format!("<sub>{} against {} · catalogue {}{same}{how}</sub>", report.head.short(), report.base.short(), crate::CATALOGUE_VERSION)
}
