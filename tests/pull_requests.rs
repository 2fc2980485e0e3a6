//! Real changes of others: what each does to the model is what its label says.

#![expect(clippy::print_stdout, reason = "disputes are told")]

mod shared;

use astride::delta::FactChange;
use astride::model::{ElementId, FlowId, Model, Rank};
use astride::report::Report;
use astride::settings::SettingsTexts;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    #[serde(default)]
    elements: Elements,
    #[serde(default)]
    flows: Flows,
    /// `address fact: before → after`, each of which must be among the changes.
    #[serde(default)]
    facts: Vec<String>,
    /// Kinds of notes, each of which must stand at the head.
    #[serde(default)]
    notes: Vec<String>,
    /// Nothing may be introduced that asks anybody anything.
    #[serde(default)]
    neutral: bool,
    /// Why the label of the corpora is taken to be wrong, where this expectation differs from it.
    #[serde(default)]
    dispute: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Elements {
    added: BTreeSet<String>,
    removed: BTreeSet<String>,
    renamed: BTreeSet<(String, String)>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Flows {
    added: BTreeSet<String>,
    removed: BTreeSet<String>,
}

#[test]
fn real_changes_do_what_their_labels_say() {
    let Some(shared) = shared::shared() else { return };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/pull-requests.yml");
    let cases: Vec<Case> = serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let folder = shared.join("corpora/pull-requests").join(&case.case);
        let report = shared::judge(&shared::change(&folder.join("base"), &folder.join("head")), &SettingsTexts::default());
        wrong.extend(check(case, &report).into_iter().map(|what| format!("{}: {what}", case.case)));
        if !case.dispute.is_empty() {
            println!("disputed: {}: {}", case.case, case.dispute);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(case: &Case, report: &Report) -> Vec<String> {
    let delta = &report.delta;
    let units: BTreeSet<&str> = delta
        .elements_added
        .iter()
        .chain(&delta.elements_removed)
        .filter_map(|id| id.as_str().split_once('#'))
        .map(|(unit, _)| unit)
        .collect();
    let several = units.len() > 1;
    let mut wrong = Vec::new();
    let mut compare = |what: &str, expected: &BTreeSet<String>, actual: BTreeSet<String>| {
        wrong.extend(expected.difference(&actual).map(|missing| format!("{what}: missing {missing}")));
        wrong.extend(actual.difference(expected).map(|extra| format!("{what}: not expected {extra}")));
    };
    compare("elements added", &case.elements.added, elements(&delta.elements_added, &report.after, several));
    compare("elements removed", &case.elements.removed, elements(&delta.elements_removed, &report.before, several));
    let renamed = delta.elements_renamed.iter().map(|rename| format!("{} → {}", rename.from.address(), rename.to.address()));
    compare("renamed", &case.elements.renamed.iter().map(|(from, to)| format!("{from} → {to}")).collect(), renamed.collect());
    compare("flows added", &case.flows.added, flows(&delta.flows_added, &report.after, several));
    compare("flows removed", &case.flows.removed, flows(&delta.flows_removed, &report.before, several));
    let facts: BTreeSet<String> =
        delta.elements_changed.iter().flat_map(|(id, changes)| changes.iter().map(|change| fact(id, change))).collect();
    wrong.extend(case.facts.iter().filter(|fact| !facts.contains(*fact)).map(|fact| format!("facts: missing {fact}")));
    let notes: BTreeSet<&str> = report.notes.iter().map(|note| note.kind.word()).collect();
    wrong.extend(case.notes.iter().filter(|kind| !notes.contains(kind.as_str())).map(|kind| format!("notes: no {kind}")));
    if case.neutral {
        let introduced = report.reviewed.iter().filter(|reviewed| reviewed.needs_answer());
        wrong.extend(introduced.map(|reviewed| format!("neutral, but introduces {} ({})", reviewed.threat.id(), reviewed.threat.rule.id)));
    }
    wrong
}

/// Addresses of elements of the first rank, without the external entities that only flows imply.
fn elements(ids: &[ElementId], model: &Model, several: bool) -> BTreeSet<String> {
    let stated = |id: &&ElementId| model.element(id).is_some_and(|element| element.rank == Rank::First && element.declared != "external");
    ids.iter().filter(stated).map(|id| address(id, several)).collect()
}

/// The address, behind the last two parts of the template's path where there are several templates.
fn address(id: &ElementId, several: bool) -> String {
    let unit = id.as_str().split_once('#').map_or("", |(unit, _)| unit);
    let mut parts: Vec<&str> = unit.rsplit('/').take(2).collect();
    parts.reverse();
    if several { format!("{}#{}", parts.join("/"), id.address()) } else { id.address().to_owned() }
}

fn flows(ids: &[FlowId], model: &Model, several: bool) -> BTreeSet<String> {
    ids.iter()
        .filter_map(|id| model.flow(id))
        .filter(|flow| flow.rank == Rank::First)
        .map(|flow| format!("{} > {}: {}", address(&flow.from, several), flow.to.address(), flow.means.word()))
        .collect()
}

fn fact(id: &ElementId, change: &FactChange) -> String {
    let words = |words: &Option<String>| words.clone().unwrap_or_else(|| "unstated".to_owned());
    format!("{} {}: {} → {}", id.address(), change.fact.as_str(), words(&change.from), words(&change.to))
}
