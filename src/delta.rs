//! What changed between two models: elements, flows and facts that are new, gone, changed or renamed.
//!
//! Comes in: the models of the units whose inputs differ, on both sides. Goes out: ids and facts.
//! Layout, order and wording are no change: models do not hold them.

mod taken;

pub use taken::{LostStore, state_taken};

use crate::model::fact::{Fact, Facts};
use crate::model::recorded::{RecordedStatus, RecordedThreat};
use crate::model::{Element, ElementId, ElementKind, Flow, FlowId, Model, Outside};
use crate::source::RepoPath;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What changed. Ordered by id throughout, ids unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    pub elements_added: Vec<ElementId>,
    pub elements_removed: Vec<ElementId>,
    pub elements_changed: Vec<(ElementId, Vec<FactChange>)>,
    /// The same element under another address: neither added nor removed.
    pub elements_renamed: Vec<Rename>,
    pub flows_added: Vec<FlowId>,
    pub flows_removed: Vec<FlowId>,
    pub flows_changed: Vec<(FlowId, Vec<FactChange>)>,
    /// Threats that a model file records itself, and whose status or existence changed.
    pub recorded: Vec<RecordedChange>,
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

    /// Base id by head id, for elements that were renamed.
    pub fn renamed_from(&self) -> BTreeMap<&ElementId, &Rename> {
        self.elements_renamed.iter().map(|rename| (&rename.to, rename)).collect()
    }
}

/// Compares two models of the same units.
pub fn compare(base: &Model, head: &Model) -> Delta {
    let renames = find_renames(base, head);
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
    compare_flows(base, head, &new_id, &mut delta);
    taken::count_once(&mut delta, base);
    delta.elements_renamed = renames;
    delta.recorded = compare_recorded(base, head);
    delta
}

fn compare_flows(base: &Model, head: &Model, new_id: &BTreeMap<&ElementId, &ElementId>, delta: &mut Delta) {
    let before: BTreeMap<FlowId, &Flow> = base.flows.iter().map(|flow| (renamed_flow(flow, new_id), flow)).collect();
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

/// The id that the flow has once its ends bear their new addresses.
fn renamed_flow(flow: &Flow, new_id: &BTreeMap<&ElementId, &ElementId>) -> FlowId {
    let from = new_id.get(&flow.from).copied();
    let to = new_id.get(&flow.to).copied();
    if from.is_none() && to.is_none() {
        return flow.id.clone();
    }
    // What stands behind the means tells two such flows apart, and stays.
    let plain = FlowId::new(&flow.unit, &flow.from, &flow.to, flow.means);
    let rest = flow.id.as_str().strip_prefix(plain.as_str()).unwrap_or_default();
    let renamed = FlowId::new(&flow.unit, from.unwrap_or(&flow.from), to.unwrap_or(&flow.to), flow.means);
    FlowId(format!("{renamed}{rest}"))
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

fn part_name(service: &str, label: &str) -> String {
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

/// Elements that are gone on one side and new on the other, and that are the same by everything but their address.
///
/// A pair is taken only if it is unique: two candidates on either side mean that nobody can tell, and then nothing is carried.
fn find_renames(base: &Model, head: &Model) -> Vec<Rename> {
    // A host or something of another account is known by its name alone: another name is another party.
    let may_be_renamed = |element: &&Element| !matches!(element.outside, Some(Outside::World | Outside::OtherAccount));
    let gone: Vec<&Element> = base.elements.iter().filter(|element| head.element(&element.id).is_none()).filter(may_be_renamed).collect();
    let new: Vec<&Element> = head.elements.iter().filter(|element| base.element(&element.id).is_none()).filter(may_be_renamed).collect();
    if gone.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let (gone_ends, new_ends) = (neighbours(base), neighbours(head));
    let mut renames = Vec::new();
    let mut taken: BTreeSet<&ElementId> = BTreeSet::new();
    for exact in [true, false] {
        let mut olds: BTreeMap<Likeness<'_>, Vec<&Element>> = BTreeMap::new();
        let mut news: BTreeMap<Likeness<'_>, Vec<&Element>> = BTreeMap::new();
        for element in gone.iter().filter(|element| !taken.contains(&element.id)) {
            olds.entry(likeness(element, gone_ends.get(&element.id), exact)).or_default().push(element);
        }
        for element in new.iter().filter(|element| !taken.contains(&element.id)) {
            news.entry(likeness(element, new_ends.get(&element.id), exact)).or_default().push(element);
        }
        for (likeness, olds) in &olds {
            // Without facts or flows to tell it by, one thing is as good as another.
            let telling = exact || !likeness.ends.is_empty();
            if let ([old], Some([new])) = (olds.as_slice(), news.get(likeness).map(Vec::as_slice))
                && telling
            {
                taken.extend([&old.id, &new.id]);
                renames.push(Rename { from: old.id.clone(), to: new.id.clone(), exact });
            }
        }
    }
    renames.sort();
    renames
}

type Words = Vec<(Fact, Cow<'static, str>)>;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'m> {
    /// Another file's element of the same making is another element.
    unit: &'m RepoPath,
    kind: ElementKind,
    service: &'static str,
    facts: Words,
    parts: Vec<(&'static str, Words)>,
    ends: BTreeSet<String>,
}

fn likeness<'m>(element: &'m Element, ends: Option<&BTreeSet<String>>, exact: bool) -> Likeness<'m> {
    let words =
        |facts: &Facts| -> Words { if exact { facts.iter().map(|(fact, reading)| (fact, reading.words())).collect() } else { Vec::new() } };
    Likeness {
        unit: &element.unit,
        kind: element.kind,
        service: element.service,
        facts: words(&element.facts),
        parts: if exact { element.parts.iter().map(|part| (part.service, words(&part.facts))).collect() } else { Vec::new() },
        ends: ends.cloned().unwrap_or_default(),
    }
}

/// For each element, its flows as `>address:means` and `<address:means`.
fn neighbours(model: &Model) -> BTreeMap<&ElementId, BTreeSet<String>> {
    let mut neighbours: BTreeMap<&ElementId, BTreeSet<String>> = BTreeMap::new();
    for flow in &model.flows {
        neighbours.entry(&flow.from).or_default().insert(format!(">{}:{}", flow.to.address(), flow.means.word()));
        neighbours.entry(&flow.to).or_default().insert(format!("<{}:{}", flow.from.address(), flow.means.word()));
    }
    neighbours
}
