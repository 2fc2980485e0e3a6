//! What a change takes away, in words: in the first line, and with before and after below it.
//!
//! Comes in: a report. Goes out: plain words, Markdown.

use crate::delta::FactChange;
use crate::model::unweighed::{IN_EVERY_CASE, IN_SOME_CASES, Kind, Unweighed};
use crate::model::{Element, ElementId};
use crate::report::comment::history::before_and_now;
use crate::report::headline::Names;
use crate::report::losses::Pieces;
use crate::report::markup::{count, linked};
use crate::report::{Report, Verdict, escape, losses};
use crate::source::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Most elements that the first line names, and most controls of each.
const NAMED: usize = 2;
const CONTROLS: usize = 3;
/// Most rows of the table.
const ROWS: usize = 20;
/// Most units that a row names.
const UNITS: usize = 5;

/// `3 controls removed or weakened (Sessions: backups, deletion protection, encryption at rest)`; `None` where nothing was taken away.
pub(super) fn words(report: &Report, names: Names) -> Option<String> {
    let (elements, controls_of) = match names {
        Names::All => (NAMED, CONTROLS),
        Names::First | Names::What | Names::Numbers => (1, 1),
    };
    let is_named = matches!(names, Names::All | Names::First);
    let with = |words: String, named: String, is_named: bool| if is_named { format!("{words} ({named})") } else { words };
    let mut by_holder: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for (id, change) in report.delta.controls_taken() {
        let named = by_holder.entry(holder(report, id)).or_default();
        if let Some(control) = change.fact.control().filter(|control| !named.contains(control)) {
            named.push(control);
        }
    }
    let controls = by_holder.values().map(Vec::len).sum::<usize>();
    let mut parts = Vec::new();
    if controls > 0 {
        let named = by_holder.iter().map(|(holder, controls)| format!("{holder}: {}", list(controls, controls_of)));
        let named: Vec<String> = named.collect();
        let what: BTreeSet<&str> = by_holder.values().flatten().copied().collect();
        let what: Vec<&str> = what.into_iter().collect();
        let taken = if names == Names::Numbers { "gone or weaker" } else { "removed or weakened" };
        let named = if names == Names::What { list(&what, NAMED) } else { joined(&named, elements, "; ") };
        parts.push(with(format!("{} {taken}", count(controls, "control", "controls")), named, is_named || names == Names::What));
    }
    // Of several instances of one block the first is named.
    let mut guards: BTreeMap<(&Place, &str), &str> = BTreeMap::new();
    for guard in report.delta.guards_lost() {
        guards.entry((&guard.place, &guard.path)).or_insert_with(|| guard.id.address());
    }
    if !guards.is_empty() {
        let number = count(guards.len(), "guard", "guards");
        let mut named: Vec<&str> = guards.into_values().collect();
        named.sort_unstable();
        named.dedup();
        let wider = report.delta.guards_lost().filter(|guard| stands(report, guard)).count();
        let what = match wider {
            _ if report.delta.guards_lost().any(|guard| guard.way.is_some() || guard.path == IN_EVERY_CASE) => "removed or weakened",
            0 => "removed",
            _ if wider == report.delta.guards_lost().count() => "widened",
            _ => "removed or widened",
        };
        parts.push(with(format!("{number} {what}"), list(&named, controls_of), is_named));
    }
    for (words, names) in losses::by_kind(&report.delta.losses) {
        parts.push(with(words, list(&names, controls_of), is_named));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Before and after, one line for each: `Sessions: backups were on, now off`.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let line = |group: &Group| {
        let Row { holder, part, what, before, now, place, outcome, .. } = &group.row;
        let at = place.as_ref().map_or_else(String::new, |place| format!(" ({}, line {})", place.path, place.line));
        let at = group.row.guard.as_ref().map_or(at, |place| format!(" ({}, line {} of the base)", place.path, place.line));
        let outcome = if outcome.is_empty() { String::new() } else { format!("; {outcome}") };
        format!("{holder}{part}{}, {what}: was {before}, now {now}{at}{outcome}", group.more(&str::to_owned))
    };
    grouped(report).iter().map(line).collect()
}

/// The same as a table, for the comment.
pub(super) fn table(report: &Report) -> Option<String> {
    let row = |group: &Group| {
        let Row { holder, part, what, before, now, place, outcome, .. } = &group.row;
        let [part, what, before, now, outcome] = [part, what, before, now, outcome].map(|words| escape::text(words));
        let at = place.as_ref().map(|place| format!(" ({})", linked(report, place, &format!("line {}", place.line))));
        let outcome = if outcome.is_empty() { outcome } else { format!("; {outcome}") };
        let holder = format!("{}{part}{}", escape::code(holder), group.more(&escape::code));
        format!("| {holder} | {what} | {before} | {now}{}{outcome} |", at.unwrap_or_default())
    };
    let mut rows: Vec<String> = grouped(report).iter().map(row).collect();
    if rows.is_empty() {
        return None;
    }
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    if more > 0 {
        rows.push(format!("| {} | | | |", count(more, "more", "more")));
    }
    // Where nothing has to be answered there is no place to.
    let asks = if report.verdict == Verdict::Noted { "Nothing to answer, if that is on purpose." } else { "On purpose?" };
    Some(format!("**Taken away.** {asks}\n\n| element | what | before | now |\n|---|---|---|---|\n{}", rows.join("\n")))
}

/// What became of a guard: of one that stays, a part of it may as well be switched off, and a policy may hold nothing back any more.
fn gone(report: &Report, guard: &Unweighed) -> &'static str {
    match guard.kind {
        Kind::Part => "gone or off",
        _ if stands(report, guard) => "there, and wider",
        _ if guard.way.is_some() => "gone, or denies less",
        _ => "gone",
    }
}

/// Whether the policy by which something guarded stands at the head, with another text.
fn stands(report: &Report, guard: &Unweighed) -> bool {
    let within = format!("{}.", guard.path);
    let is_it = |path: &str| path == guard.path || path.starts_with(&within);
    let of_resource = report.after.stated.iter().filter(|stated| stated.id == guard.id);
    guard.path.ends_with("PolicyDocument") && of_resource.flat_map(|stated| &stated.parts).any(|part| is_it(&part.path))
}

/// One thing that is taken away.
struct Row {
    holder: String,
    part: String,
    unit: String,
    what: String,
    before: String,
    now: String,
    /// Where the head says so.
    place: Option<Place>,
    /// Where the base had a guard that is gone.
    guard: Option<Place>,
    /// Empty where `now` says it all.
    outcome: String,
}

/// Rows that say the same of several roots, or of several instances of one block: one thing that somebody did.
struct Group {
    row: Row,
    /// Ordered, unique.
    holders: BTreeSet<String>,
    units: BTreeSet<String>,
}

impl Group {
    /// ` and 3 others, in live and test`; empty where it is one thing in one unit.
    fn more(&self, shown: &dyn Fn(&str) -> String) -> String {
        let others = match self.holders.len() {
            0 | 1 => String::new(),
            number => format!(" and {}", count(number - 1, "other", "others")),
        };
        if self.units.len() < 2 {
            return others;
        }
        let units: Vec<String> = self.units.iter().map(|unit| shown(unit)).collect();
        format!("{others}, in {}", joined(&units, UNITS, ", "))
    }
}

fn grouped(report: &Report) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: BTreeMap<[String; 6], usize> = BTreeMap::new();
    for row in rows(report) {
        // Of a guard the block is the one thing that went, however many modules made it.
        let whose = match &row.guard {
            Some(place) => format!("{}:{}", place.path, place.line),
            None => row.holder.clone(),
        };
        let key = [whose, row.part.clone(), row.what.clone(), row.before.clone(), row.now.clone(), row.outcome.clone()];
        let index = *places.entry(key).or_insert(groups.len());
        let (holder, unit) = (row.holder.clone(), row.unit.clone());
        if index == groups.len() {
            groups.push(Group { row, holders: BTreeSet::new(), units: BTreeSet::new() });
        }
        groups[index].holders.insert(holder);
        groups[index].units.insert(unit);
    }
    groups
}

fn rows(report: &Report) -> Vec<Row> {
    let unit = |id: &str| id.split_once('#').map_or("", |(unit, _)| unit).to_owned();
    let controls = report.delta.controls_taken().map(|(id, change)| {
        let [before, now] = before_and_now(report, id, change);
        let (holder, part, what) = (holder(report, id), part(change), control(change).to_owned());
        Row { holder, part, unit: unit(id), what, before, now, place: None, guard: None, outcome: String::new() }
    });
    let losses = report.delta.losses.iter().map(|loss| {
        let Pieces { what, before, now, outcome } = losses::pieces(loss);
        let (holder, unit, place) = (loss.name.clone(), unit(loss.id.as_str()), loss.place.clone());
        Row { holder, part: String::new(), unit, what, before, now, place, guard: None, outcome }
    });
    let guards = report.delta.guards_lost().map(|guard| {
        let [holder, what] = guard_pieces(guard);
        let (unit, place) = (unit(guard.id.as_str()), Some(guard.place.clone()));
        let [before, now] =
            if guard.path == IN_EVERY_CASE { [IN_EVERY_CASE, IN_SOME_CASES] } else { ["there", gone(report, guard)] }.map(str::to_owned);
        Row { holder, part: String::new(), unit, what, before, now, place: None, guard: place, outcome: String::new() }
    });
    controls.chain(losses).chain(guards).collect()
}

/// Whose it is, of which type, and what of it goes where it is not the whole.
fn guard_pieces(guard: &Unweighed) -> [String; 2] {
    let is_whole = guard.path.is_empty() || guard.path == IN_EVERY_CASE;
    let property = if is_whole { String::new() } else { format!(" {}", guard.path) };
    [guard.id.address().to_owned(), format!("{}{property}", guard.declared)]
}

fn control(change: &FactChange) -> &'static str {
    change.fact.control().unwrap_or(change.fact.as_str())
}

fn part(change: &FactChange) -> String {
    if change.part.is_empty() { String::new() } else { format!(" ({})", change.part) }
}

/// What people call an element; a flow by its address.
fn holder(report: &Report, id: &str) -> String {
    let element: Option<&Element> = report.after.element(&ElementId(id.to_owned()));
    element.map_or_else(|| id.split_once('#').map_or(id, |(_, address)| address).to_owned(), |element| element.name.clone())
}

fn list(words: &[&str], most: usize) -> String {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    joined(&words, most, ", ")
}

fn joined(words: &[String], most: usize, by: &str) -> String {
    let more = words.len().saturating_sub(most);
    let mut named: Vec<String> = words.iter().take(most).cloned().collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(by)
}
