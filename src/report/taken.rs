//! What a change takes away, in words: in the first line, and with before and after below it.
//!
//! Comes in: a report. Goes out: plain words, Markdown.

use crate::delta::{FactChange, LostStore};
use crate::model::{Element, ElementId};
use crate::report::comment::history::before_and_now;
use crate::report::markup::count;
use crate::report::{Report, escape};
use std::collections::BTreeMap;

/// Most elements that the first line names, and most controls of each.
const NAMED: usize = 2;
const CONTROLS: usize = 3;
/// Most rows of the table.
const ROWS: usize = 20;

/// `3 controls removed or weakened (Sessions: backups, deletion protection, encryption at rest)`; `None` where nothing was taken away.
pub(super) fn words(report: &Report) -> Option<String> {
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
        let named = by_holder.iter().map(|(holder, controls)| format!("{holder}: {}", list(controls, CONTROLS)));
        let named: Vec<String> = named.collect();
        parts.push(format!("{} removed or weakened ({})", count(controls, "control", "controls"), joined(&named, NAMED, "; ")));
    }
    let stores: Vec<LostStore<'_>> = report.delta.stores_lost(&report.before).collect();
    if !stores.is_empty() {
        let names: Vec<&str> = stores.iter().map(|store| store.before.name.as_str()).collect();
        parts.push(format!("{} deleted or replaced ({})", count(stores.len(), "store", "stores"), list(&names, CONTROLS)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Before and after, one line for each: `Sessions: backups were on, now off`.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let controls = report.delta.controls_taken().map(|(id, change)| {
        let [before, now] = before_and_now(report, id, change);
        format!("{}{}, {}: was {before}, now {now}", holder(report, id), part(change), control(change))
    });
    let stores = report.delta.stores_lost(&report.before).map(|store| match store.after {
        Some(after) => format!("{}: replaced by {}, what it keeps is not moved", store.before.name, after.address()),
        None => format!("{}: deleted, and what it keeps with it", store.before.name),
    });
    controls.chain(stores).collect()
}

/// The same as a table, for the comment.
pub(super) fn table(report: &Report) -> Option<String> {
    let mut rows: Vec<String> = report
        .delta
        .controls_taken()
        .map(|(id, change)| {
            let [before, now] = before_and_now(report, id, change).map(|words| escape::text(&words));
            let holder = format!("{}{}", escape::code(&holder(report, id)), escape::text(&part(change)));
            format!("| {holder} | {} | {before} | {now} |", control(change))
        })
        .collect();
    rows.extend(report.delta.stores_lost(&report.before).map(|store| {
        let now = store.after.map_or_else(|| "deleted".to_owned(), |after| format!("replaced by {}", escape::code(after.address())));
        format!("| {} | what it keeps | there | {now} |", escape::code(&store.before.name))
    }));
    if rows.is_empty() {
        return None;
    }
    let more = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    if more > 0 {
        rows.push(format!("| {} | | | |", count(more, "more", "more")));
    }
    Some(format!("**Taken away.** On purpose?\n\n| element | control | before | now |\n|---|---|---|---|\n{}", rows.join("\n")))
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
