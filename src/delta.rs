//! What changed between two models: elements, flows and facts that are new, gone, changed or renamed.
//!
//! Comes in: the models of the units whose inputs differ, on both sides. Goes out: ids and facts.
//! Layout, order and wording are no change: models do not hold them.

mod apis;
mod counted;
mod drawn;
mod losses;
mod renames;
mod taken;
mod unasked;
mod unweighed;

pub use counted::name_as_the_head_does;
pub use losses::{How, Loss, Replacement};
pub use renames::renamed_flows;
pub use taken::state_taken;
pub use unasked::{Unasked, What};

use crate::model::fact::{Fact, Facts};
use crate::model::recorded::{RecordedStatus, RecordedThreat};
use crate::model::unweighed::Unweighed;
use crate::model::{Element, ElementId, Flow, FlowId, Model};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// What changed. Ordered by id throughout, ids unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    pub elements_added: Vec<ElementId>,
    pub elements_removed: Vec<ElementId>,
    pub elements_changed: Vec<(ElementId, Vec<FactChange>)>,
    /// The same element under another address: neither added nor removed.
    pub elements_renamed: Vec<Rename>,
    /// What is gone in one template and new in another of its folder, under its own name and with equal facts: both removed and added.
    pub elements_beside: Vec<(ElementId, ElementId)>,
    pub flows_added: Vec<FlowId>,
    pub flows_removed: Vec<FlowId>,
    pub flows_changed: Vec<(FlowId, Vec<FactChange>)>,
    /// Threats that a model file records itself, and whose status or existence changed.
    pub recorded: Vec<RecordedChange>,
    /// What is destroyed or cannot be read any more.
    pub losses: Vec<Loss>,
    /// What nothing weighs and is new, gone or otherwise than before, of resources that the head has.
    pub unweighed: Vec<Unweighed>,
    /// What resources state otherwise than before, whether or not anything comes of it: the report leaves out what it speaks of.
    pub stated: Vec<Unasked>,
}

/// A recorded threat that is new, gone, or of another status. Wording and order are no change.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedChange {
    /// As it stands at the head, or at the base where it is gone.
    pub threat: RecordedThreat,
    pub from: Option<RecordedStatus>,
    pub to: Option<RecordedStatus>,
}

/// What a change of a recorded threat amounts to; in the order in which people should look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordedNews {
    /// The status fell back to open, or a threat was deleted together with its answer.
    AnswerLost,
    /// A threat that nobody had answered was deleted.
    OpenDeleted,
    /// It was open and is closed, and the file does not say by what, or why.
    ClosedWithoutBasis,
    Opened,
    Closed,
    /// New with its answer, or answered otherwise than before.
    Other,
}

impl RecordedChange {
    pub fn news(&self) -> RecordedNews {
        let has_basis = self.to != Some(RecordedStatus::ResolvedWithoutBasis) && !self.threat.rationale.trim().is_empty();
        match (self.from.map(RecordedStatus::answers), self.to.map(RecordedStatus::answers)) {
            (Some(true), Some(false) | None) => RecordedNews::AnswerLost,
            (Some(false), None) => RecordedNews::OpenDeleted,
            (None, _) if self.to == Some(RecordedStatus::Open) => RecordedNews::Opened,
            (Some(false), Some(_)) if self.to == Some(RecordedStatus::Open) => RecordedNews::Opened,
            (Some(false), Some(_)) | (None, Some(false)) if !has_basis => RecordedNews::ClosedWithoutBasis,
            (Some(false), Some(_)) => RecordedNews::Closed,
            (None | Some(true), Some(_)) | (None, None) => RecordedNews::Other,
        }
    }

    /// What became of it, in words that follow the threat's name.
    pub fn words(&self) -> String {
        let status = |status: Option<RecordedStatus>, absent: &'static str| status.map_or(absent, RecordedStatus::word);
        match self.news() {
            RecordedNews::OpenDeleted => format!("was {} and is deleted", status(self.from, "")),
            RecordedNews::Opened if self.from.is_none() => "is new and open".to_owned(),
            RecordedNews::ClosedWithoutBasis => {
                let before = self.from.map_or_else(|| "is new and".to_owned(), |from| format!("was {}, is now", from.word()));
                let closed = match self.to {
                    Some(RecordedStatus::ResolvedWithoutBasis) => "resolved, and no mitigation is stated as done",
                    Some(RecordedStatus::Mitigated) => "mitigated, and no mitigation is stated",
                    _ => return format!("{before} {}, and no reason is stated", status(self.to, "closed")),
                };
                format!("{before} {closed}")
            }
            RecordedNews::AnswerLost | RecordedNews::Opened | RecordedNews::Closed | RecordedNews::Other => {
                format!("was {}, is now {}", status(self.from, "not there"), status(self.to, "deleted"))
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    pub from: ElementId,
    pub to: ElementId,
    /// Equal in every fact and flow: decisions are carried over. Otherwise they are not, and the facts that differ are changes.
    pub exact: bool,
    /// The head says that it is the same one, so that the provider's is kept.
    pub stated: bool,
}

/// One fact that reads otherwise than before; `None` where nobody stated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    pub fact: Fact,
    /// Service and label of the part, empty for the element itself.
    pub part: String,
    pub from: Option<String>,
    pub to: Option<String>,
    /// A control is gone by it, or weaker.
    pub takes_away: bool,
}

impl Delta {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything at the head that is new, changed or renamed: ids of elements and flows.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        let elements = self
            .elements_added
            .iter()
            .chain(self.elements_changed.iter().map(|(id, _)| id))
            .chain(self.elements_renamed.iter().map(|rename| &rename.to));
        let flows = self.flows_added.iter().chain(self.flows_changed.iter().map(|(id, _)| id));
        elements.map(|id| id.as_str()).chain(flows.map(|id| id.as_str()))
    }

    /// Whether anything of a unit's model is new, gone or changed.
    pub fn is_about(&self, unit: &RepoPath) -> bool {
        let is_of = |id: &str| id.strip_prefix(unit.as_str()).is_some_and(|rest| rest.starts_with('#'));
        self.subjects().any(is_of)
            || self.elements_removed.iter().any(|id| is_of(id.as_str()))
            || self.flows_removed.iter().any(|id| is_of(id.as_str()))
            || self.recorded.iter().any(|change| change.threat.unit == *unit)
            || self.losses.iter().any(|loss| is_of(loss.id.as_str()))
    }

    /// Base id by head id, for elements that were renamed.
    pub fn renamed_from(&self) -> BTreeMap<&ElementId, &Rename> {
        self.elements_renamed.iter().map(|rename| (&rename.to, rename)).collect()
    }
}

/// Compares two models of the same units.
pub fn compare(base: &Model, head: &Model) -> Delta {
    let renames = renames::find(base, head);
    let new_id: BTreeMap<&ElementId, &ElementId> = renames.iter().map(|rename| (&rename.from, &rename.to)).collect();
    let old_id: BTreeMap<&ElementId, &ElementId> = renames.iter().map(|rename| (&rename.to, &rename.from)).collect();
    let mut delta = Delta::default();
    for element in &head.elements {
        let before = base.element(old_id.get(&element.id).copied().unwrap_or(&element.id));
        match before {
            None => delta.elements_added.push(element.id.clone()),
            Some(before) => {
                let changes = element_changes(before, element);
                if !changes.is_empty() {
                    delta.elements_changed.push((element.id.clone(), changes));
                }
            }
        }
    }
    for element in &base.elements {
        if head.element(new_id.get(&element.id).copied().unwrap_or(&element.id)).is_none() {
            delta.elements_removed.push(element.id.clone());
        }
    }
    delta.elements_beside = renames::beside(base, head, &delta);
    compare_flows(base, head, &new_id, &mut delta);
    taken::count_once(&mut delta, base);
    delta.losses = losses::find(base, head, &renames);
    delta.unweighed = unweighed::find(base, head, &renames);
    delta.unweighed.extend(drawn::find(base, head, &delta));
    delta.unweighed.sort_unstable();
    delta.unweighed.dedup();
    delta.stated = unasked::find(base, head, &renames);
    delta.elements_renamed = renames;
    delta.recorded = compare_recorded(base, head);
    delta
}

fn compare_flows(base: &Model, head: &Model, new_id: &BTreeMap<&ElementId, &ElementId>, delta: &mut Delta) {
    let before: BTreeMap<FlowId, &Flow> = base.flows.iter().map(|flow| (renames::renamed_flow(flow, new_id), flow)).collect();
    for flow in &head.flows {
        match before.get(&flow.id) {
            None => delta.flows_added.push(flow.id.clone()),
            Some(old) => {
                let changes = fact_changes("", &old.facts, &flow.facts);
                if !changes.is_empty() {
                    delta.flows_changed.push((flow.id.clone(), changes));
                }
            }
        }
    }
    for (id, flow) in &before {
        if head.flow(id).is_none() {
            delta.flows_removed.push(flow.id.clone());
        }
    }
    delta.flows_removed.sort();
}

fn compare_recorded(base: &Model, head: &Model) -> Vec<RecordedChange> {
    let by_id = |model: &'_ Model| -> BTreeMap<(String, String), usize> {
        let key = |threat: &RecordedThreat| (threat.unit.as_str().to_owned(), threat.id.clone());
        model.recorded.iter().enumerate().rev().map(|(index, threat)| (key(threat), index)).collect()
    };
    let (before, after) = (by_id(base), by_id(head));
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, index)| {
        let threat = &base.recorded[*index];
        RecordedChange { threat: threat.clone(), from: Some(threat.status), to: None }
    });
    let there = after.iter().filter_map(|(key, index)| {
        let threat = &head.recorded[*index];
        let from = before.get(key).map(|index| base.recorded[*index].status);
        (from != Some(threat.status)).then(|| RecordedChange { threat: threat.clone(), from, to: Some(threat.status) })
    });
    gone.chain(there).collect()
}

fn element_changes(before: &Element, after: &Element) -> Vec<FactChange> {
    let mut changes = fact_changes("", &before.facts, &after.facts);
    let empty = Facts::default();
    let parts: BTreeSet<(&str, &str)> = before.parts.iter().chain(&after.parts).map(|part| (part.service, part.identity())).collect();
    for (service, label) in parts {
        let of = |element: &'_ Element| element.parts.iter().position(|part| part.service == service && part.identity() == label);
        let old = of(before).map_or(&empty, |index| &before.parts[index].facts);
        let new = of(after).map_or(&empty, |index| &after.parts[index].facts);
        changes.extend(fact_changes(&part_name(service, label), old, new));
    }
    changes
}

/// What a change of a fact calls the part that it is of.
pub(crate) fn part_name(service: &str, label: &str) -> String {
    format!("{service} {label}").trim().to_owned()
}

fn fact_changes(part: &str, before: &Facts, after: &Facts) -> Vec<FactChange> {
    let facts: BTreeSet<Fact> = before.iter().chain(after.iter()).map(|(fact, _)| fact).collect();
    facts
        .into_iter()
        .filter_map(|fact| {
            let [was, is] = [before, after].map(|facts| facts.get(fact).map(AsRef::as_ref));
            let [from, to] = [was, is].map(|reading| reading.map(|reading| reading.words().into_owned()));
            let takes_away = taken::takes_away(fact, was, is);
            (from != to).then(|| FactChange { fact, part: part.to_owned(), from, to, takes_away })
        })
        .collect()
}
