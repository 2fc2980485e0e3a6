//! The model of one unit while it is being made: what entries and resolvers put into, and ask of.
//!
//! Comes in: the unit's resources. Goes out: a model, ordered, with equal flows merged. Everything is looked up through indices that
//! are built once; elements and flows are named by small handles while the draft lives.

mod causes;
mod ends;
mod flows;
mod lookup;
pub mod outsider;

use crate::catalog::attached::Attachments;
use crate::catalog::entry::{self, Entry};
use crate::catalog::own_types::{OwnType, OwnTypes};
use crate::model::fact::{Fact, Facts, Origin, Reading};
use crate::model::resource::{Maker, Remark, Resource, Resources};
use crate::model::{
    Basis, Boundary, Door, Element, ElementId, ElementKind, Flow, FlowKind, Means, Model, Outside, Part, Payload, Rank, Suppression,
};
use crate::source::budget::Stage;
use crate::source::{NoteKind, RepoPath, Sources, Span};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many bytes of a script, a schema or a definition cost as much as one step: any number of resources may name the same text.
const BYTES_OF_STEP: usize = 8;

/// What an element, a part and a flow take with their facts and threats, in bytes; measured, and rounded up.
const BYTES_OF_ELEMENT: usize = 9_000;
const BYTES_OF_PART: usize = 2_000;
const BYTES_OF_FLOW: usize = 4_000;
/// What an entity outside bears without a flow or a part.
const BORNE_ALONE: [Fact; 3] = [Fact::BodyElsewhere, Fact::OpenExport, Fact::SecretOutput];

/// An element of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ElementIndex(u32);

impl ElementIndex {
    /// Its position among the draft's elements.
    pub(crate) fn position(self) -> usize {
        at(self.0)
    }
}

/// A flow of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowIndex(u32);

/// A part of an element of the draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartIndex(ElementIndex, u32);

/// A flow to be put into the draft. `FlowDraft::new` fills in what follows from the means; the fields may be set over.
#[derive(Clone, Debug)]
pub struct FlowDraft {
    pub from: ElementIndex,
    pub to: ElementIndex,
    pub means: Means,
    pub kind: FlowKind,
    /// How it is realised; may be empty.
    pub via: String,
    pub basis: Basis,
    pub door: Option<Door>,
    pub payload: Payload,
    pub span: Span,
    pub rank: Rank,
}

impl FlowDraft {
    pub fn new(from: ElementIndex, to: ElementIndex, means: Means, basis: Basis, span: Span) -> Self {
        let (kind, payload) = match means {
            Means::Invoke | Means::Authenticate | Means::Network => (FlowKind::SyncRequest, Payload::Both),
            Means::Event | Means::Publish | Means::DeadLetter => (FlowKind::AsyncEvent, Payload::Out),
            Means::Read => (FlowKind::DataAccess, Payload::In),
            Means::Write | Means::Log => (FlowKind::DataAccess, Payload::Out),
            Means::ReadWrite | Means::Access => (FlowKind::DataAccess, Payload::Both),
            Means::Replicate => (FlowKind::Replication, Payload::Out),
            Means::Configure => (FlowKind::Admin, Payload::Out),
        };
        let weak = matches!(means, Means::Log | Means::Configure) || matches!(basis, Basis::ManagedPolicy | Basis::Environment);
        let rank = if weak { Rank::Second } else { Rank::First };
        Self { from, to, means, kind, via: String::new(), basis, door: None, payload, span, rank }
    }

    #[must_use]
    pub fn via(mut self, via: impl Into<String>) -> Self {
        self.via = via.into();
        self
    }
}

/// What a fact is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Carrier {
    Element(ElementIndex),
    Part(PartIndex),
}

/// A flow with its ends.
pub(crate) type DraftedFlow = (ElementIndex, ElementIndex, Flow);

/// The model of one unit in the making.
pub struct Draft<'t, 's> {
    pub unit: &'s RepoPath,
    pub sources: &'s Sources<'t>,
    resources: &'s Resources<'t>,
    /// Ordered by address.
    by_address: Vec<(&'t str, u32)>,
    /// Ordered by type, then as in the template.
    by_kind: Vec<(&'t str, u32)>,
    /// For each resource its entry, and the element that it is or is part of.
    entries: Vec<Option<&'static Entry>>,
    /// The types of an organisation's own.
    types: OwnTypes,
    carriers: Vec<Option<ElementIndex>>,
    /// What stands for elements: the resource and what it stands for, ordered, unique.
    members: Vec<(u32, ElementIndex)>,
    /// Who holds a role: the role's resource and the holder, ordered, unique. Made when first asked for.
    holders: OnceCell<Vec<(u32, ElementIndex)>>,
    /// What the environment of an element names: holder, what is named, and where; ordered, unique by ends.
    evidence: BTreeMap<(ElementIndex, ElementIndex), Span>,
    /// The services of which a definition says what it calls, by the prefix of their actions.
    calls: BTreeSet<(ElementIndex, String)>,
    /// Who mentions whom: the mentioned and the mentioning resource, ordered, unique. Made when first asked for.
    pub(crate) mentions: OnceCell<Vec<(u32, u32)>>,
    /// Who is attached to whom. Made when first asked for.
    pub(crate) attachments: OnceCell<Attachments>,
    /// Where resources begin, ordered. Made when first asked for.
    starts: OnceCell<Vec<causes::Start>>,
    /// Physical names, canonical: name and resource, ordered. Made when first asked for.
    names: OnceCell<Vec<(String, u32)>>,
    elements: Vec<Element>,
    suppressions: Vec<Suppression>,
    part_index: BTreeMap<(ElementIndex, &'static str, String), u32>,
    outsiders: BTreeMap<String, ElementIndex>,
    /// What stands for resources that nothing of the template bears, by their addresses.
    alone: BTreeMap<&'t str, ElementIndex>,
    flows: Vec<DraftedFlow>,
    flow_index: BTreeMap<(ElementIndex, ElementIndex, Means), FlowIndex>,
    /// Where flows end and where they begin.
    arrivals: BTreeSet<(ElementIndex, ElementIndex)>,
    /// Consumers and what delivers to them.
    deliveries: BTreeSet<(ElementIndex, ElementIndex)>,
}

impl<'t, 's> Draft<'t, 's> {
    pub(crate) fn new(unit: &'s RepoPath, resources: &'s Resources<'t>, sources: &'s Sources<'t>) -> Self {
        let numbered = || resources.list.iter().zip(0_u32..);
        let mut by_address: Vec<_> = numbered().map(|(resource, index)| (resource.address, index)).collect();
        let mut by_kind: Vec<_> = numbered().map(|(resource, index)| (resource.kind, index)).collect();
        by_address.sort_unstable();
        by_kind.sort_unstable();
        Self {
            unit,
            sources,
            resources,
            by_address,
            by_kind,
            entries: resources.list.iter().map(|resource| entry::find(resource.kind)).collect(),
            types: OwnTypes::default(),
            carriers: vec![None; resources.list.len()],
            members: Vec::new(),
            holders: OnceCell::new(),
            evidence: BTreeMap::new(),
            calls: BTreeSet::new(),
            mentions: OnceCell::new(),
            attachments: OnceCell::new(),
            starts: OnceCell::new(),
            names: OnceCell::new(),
            elements: Vec::new(),
            suppressions: Vec::new(),
            part_index: BTreeMap::new(),
            outsiders: BTreeMap::new(),
            alone: BTreeMap::new(),
            flows: Vec::new(),
            flow_index: BTreeMap::new(),
            arrivals: BTreeSet::new(),
            deliveries: BTreeSet::new(),
        }
    }

    /// The same draft, in which resources of an organisation's own types are what it says.
    pub(crate) fn with_types(mut self, types: OwnTypes) -> Self {
        if !types.is_empty() {
            self.types = types;
            self.entries = self.resources.list.iter().map(|resource| types.entry(resource.kind)).collect();
        }
        self
    }

    /// What an organisation says of the type of a resource, where that is one of its own.
    pub(crate) fn own_type(&self, resource: &Resource<'_>) -> Option<&'static OwnType> {
        self.types.find(resource.kind)
    }

    /// The position of a resource among the unit's.
    pub(crate) fn position(&self, address: &str) -> Option<usize> {
        let found = self.by_address.binary_search_by(|(known, _)| (*known).cmp(address)).ok()?;
        usize::try_from(self.by_address[found].1).ok()
    }

    /// Whether the resource is a nested unit whose own resources are at hand: their addresses begin with its own and a slash, which
    /// stands in no other address.
    pub(crate) fn is_opened(&self, address: &str) -> bool {
        let start = self.by_address.partition_point(|(known, _)| known.bytes().lt(address.bytes().chain([b'/'])));
        let first = self.by_address.get(start).and_then(|(known, _)| known.strip_prefix(address));
        first.is_some_and(|rest| rest.starts_with('/'))
    }

    /// The resource of an address.
    pub fn resource(&self, address: &str) -> Option<&'s Resource<'t>> {
        self.position(address).map(|index| &self.resources.list[index])
    }

    /// The unit's resources, in order of the template.
    pub fn resources(&self) -> &'s [Resource<'t>] {
        &self.resources.list
    }

    /// The resources of a type, in order of the template.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &'s Resource<'t>> {
        let start = self.by_kind.partition_point(|(known, _)| *known < kind);
        let length = self.by_kind[start..].partition_point(|(known, _)| *known == kind);
        let resources = self.resources;
        self.by_kind[start..start + length].iter().filter_map(move |(_, index)| resources.list.get(usize::try_from(*index).ok()?))
    }

    /// The resources that the catalogue has an entry for, in order of the template.
    pub(crate) fn known(&self) -> Vec<(&'s Resource<'t>, &'static Entry)> {
        self.resources.list.iter().zip(&self.entries).filter_map(|(resource, entry)| Some((resource, (*entry)?))).collect()
    }

    /// The catalogue's entry for a resource.
    pub fn entry(&self, address: &str) -> Option<&'static Entry> {
        self.entries[self.position(address)?]
    }

    /// The element that a resource is, or is part of: of an alias the function, of a stage the API.
    pub fn element(&self, address: &str) -> Option<ElementIndex> {
        self.carriers[self.position(address)?]
    }

    pub fn element_at(&self, index: ElementIndex) -> &Element {
        &self.elements[at(index.0)]
    }

    /// What people wrote beside the resources.
    pub(crate) fn remarks(&self) -> &'s [Remark<'t>] {
        &self.resources.remarks
    }

    /// Whether so many more bytes of scripts, schemas and definitions may be read.
    pub(crate) fn spend_text(&self, bytes: usize, span: Span) -> bool {
        self.spend(bytes / BYTES_OF_STEP, span)
    }

    /// Remembers what another tool is told to pass over.
    pub(crate) fn suppress(&mut self, suppression: Suppression) {
        self.suppressions.push(suppression);
    }

    /// The handles of every element so far, in the order in which they were made.
    pub(crate) fn indices(&self) -> impl Iterator<Item = ElementIndex> + use<> {
        (0..u32::try_from(self.elements.len()).unwrap_or(u32::MAX)).map(ElementIndex)
    }

    /// Every element so far, in the order in which they were made.
    pub fn elements(&self) -> &[Element] {
        &self.elements
    }

    /// Makes the element of a resource.
    pub(crate) fn add_element(&mut self, resource: &Resource<'t>, entry: &Entry, service: &'static str, kind: ElementKind) -> ElementIndex {
        let rank = if resource.called.maker == Maker::Toolkit { Rank::Second } else { entry.rank };
        let index = self.push(Element { rank, ..self.element_of(resource, service, kind) });
        self.carry(resource.address, index);
        self.sources.spend_with_bytes(Stage::Lower, 1, BYTES_OF_ELEMENT, resource.span);
        index
    }

    /// The element that stands for a resource which nothing of the template bears: a role that nobody here holds, a policy on something that
    /// is not here. It is in no picture, and no flow ends in it.
    pub(crate) fn alone(&mut self, resource: &Resource<'t>) -> ElementIndex {
        if let Some(known) = self.element(resource.address).or_else(|| self.alone.get(resource.address).copied()) {
            return known;
        }
        let element = self.push(Element {
            outside: Some(Outside::OwnAccount),
            rank: Rank::Second,
            ..self.element_of(resource, "any", ElementKind::ExternalEntity)
        });
        self.alone.insert(resource.address, element);
        self.sources.spend_with_bytes(Stage::Lower, 1, BYTES_OF_ELEMENT, resource.span);
        element
    }

    fn element_of(&self, resource: &Resource<'t>, service: &'static str, kind: ElementKind) -> Element {
        Element {
            id: ElementId::new(self.unit, resource.address),
            unit: self.unit.clone(),
            address: resource.address.to_owned(),
            logical_id: resource.called.in_template.to_owned(),
            maker: resource.called.maker,
            declared: resource.declared.to_owned(),
            kind,
            service,
            outside: None,
            name: resource.called.by_people.to_owned(),
            place: self.sources.place(resource.span),
            by_folder: self.resources.by_folder,
            rank: Rank::Second,
            facts: Facts::default(),
            parts: Vec::new(),
        }
    }

    /// Says which element a resource is part of.
    pub(crate) fn carry(&mut self, address: &str, element: ElementIndex) {
        if let Some(position) = self.position(address) {
            self.carriers[position] = Some(element);
        }
    }

    fn push(&mut self, element: Element) -> ElementIndex {
        self.elements.push(element);
        ElementIndex(u32::try_from(self.elements.len() - 1).unwrap_or(u32::MAX))
    }

    /// Says what resources stand for, where a flow ends in one.
    pub(crate) fn set_members(&mut self, members: Vec<(&'t str, ElementIndex)>) {
        let position = |address| u32::try_from(self.position(address)?).ok();
        self.members = members.into_iter().filter_map(|(address, element)| Some((position(address)?, element))).collect();
        self.members.sort_unstable();
        self.members.dedup();
    }

    /// Remembers that the environment of an element names another one.
    pub(crate) fn add_evidence(&mut self, holder: ElementIndex, named: ElementIndex, span: Span) {
        if holder != named {
            self.evidence.entry((holder, named)).or_insert(span);
        }
    }

    /// What the environment of an element names, and where; ordered, unique. Complete once the phase of definitions is over.
    pub fn evidence(&self, holder: ElementIndex) -> impl Iterator<Item = (ElementIndex, Span)> {
        let all = (holder, ElementIndex(0))..=(holder, ElementIndex(u32::MAX));
        self.evidence.range(all).map(|((_, named), span)| (*named, *span))
    }

    /// Remembers that a definition says what of a service it calls: what a policy allows of it besides is not called.
    pub(crate) fn add_call(&mut self, caller: ElementIndex, service: &str) {
        self.calls.insert((caller, service.to_owned()));
    }

    /// Whether a definition says what of a service an element calls.
    pub(crate) fn says_what_it_calls(&self, caller: ElementIndex, service: &str) -> bool {
        self.calls.contains(&(caller, service.to_owned()))
    }

    pub fn set_fact(&mut self, element: ElementIndex, fact: Fact, reading: impl Into<Arc<Reading>>) {
        self.elements[at(element.0)].facts.set(fact, reading);
    }

    /// Takes back a fact of an element, of which nothing is to be promised.
    pub(crate) fn unset_fact(&mut self, element: ElementIndex, fact: Fact) {
        self.elements[at(element.0)].facts.unset(fact);
    }

    pub fn set_part_fact(&mut self, part: PartIndex, fact: Fact, reading: impl Into<Arc<Reading>>) {
        self.elements[at(part.0.0)].parts[at(part.1)].facts.set(fact, reading);
    }

    pub(crate) fn facts_of(&self, carrier: Carrier) -> &Facts {
        match carrier {
            Carrier::Element(element) => &self.element_at(element).facts,
            Carrier::Part(part) => self.part_facts(part),
        }
    }

    pub(crate) fn state(&mut self, carrier: Carrier, fact: Fact, reading: impl Into<Arc<Reading>>) {
        match carrier {
            Carrier::Element(element) => self.set_fact(element, fact, reading),
            Carrier::Part(part) => self.set_part_fact(part, fact, reading),
        }
    }

    pub fn part_facts(&self, part: PartIndex) -> &Facts {
        &self.elements[at(part.0.0)].parts[at(part.1)].facts
    }

    /// The part of an element, made at `span` when it is named for the first time.
    pub fn part(&mut self, element: ElementIndex, service: &'static str, label: &str, span: Span) -> PartIndex {
        let key = (element, service, label.to_owned());
        if let Some(position) = self.part_index.get(&key) {
            return PartIndex(element, *position);
        }
        self.sources.spend_with_bytes(Stage::Lower, 1, BYTES_OF_PART, span);
        let place = self.sources.place(span);
        let cause = self.cause_of_part(element, service, label);
        let parts = &mut self.elements[at(element.0)].parts;
        parts.push(Part { service, label: label.to_owned(), cause, place, facts: Facts::default() });
        let position = u32::try_from(parts.len() - 1).unwrap_or(u32::MAX);
        self.part_index.insert(key, position);
        PartIndex(element, position)
    }

    /// Everything that the environments name: holder, what is named, where. Ordered.
    pub(crate) fn all_evidence(&self) -> Vec<(ElementIndex, ElementIndex, Span)> {
        self.evidence.iter().map(|((holder, named), span)| (*holder, *named, *span)).collect()
    }

    /// The elements and the flows with their ends, for what is derived from all of them.
    pub(crate) fn graph(&mut self) -> (&mut [Element], &mut Vec<DraftedFlow>) {
        (&mut self.elements, &mut self.flows)
    }

    /// Which elements are external entities that were implied for a flow which does not stand, and hold nothing; by position.
    pub(crate) fn idle(&self) -> Vec<bool> {
        let mut idle = vec![false; self.elements.len()];
        for element in self.outsiders.values() {
            let element_at = self.element_at(*element);
            let bears_alone = BORNE_ALONE.iter().any(|fact| element_at.facts.get(*fact).is_some());
            idle[element.position()] = element_at.parts.is_empty() && !bears_alone;
        }
        for (from, to, _) in &self.flows {
            idle[from.position()] = false;
            idle[to.position()] = false;
        }
        idle
    }

    /// The model, ordered, without the idle.
    pub(crate) fn finish(self, boundaries: Vec<Boundary>, idle: &[bool]) -> Model {
        let kept = self.elements.into_iter().zip(idle).filter(|(_, idle)| !**idle);
        let mut elements: Vec<Element> = kept.map(|(element, _)| element).collect();
        for element in &mut elements {
            element.parts.sort_by(|a, b| (a.service, &a.label).cmp(&(b.service, &b.label)));
        }
        let mut flows: Vec<Flow> = self.flows.into_iter().map(|(_, _, flow)| flow).collect();
        for flow in &mut flows {
            flow.via.sort_unstable();
            flow.via.dedup();
        }
        let mut model = Model { elements, flows, boundaries, suppressions: self.suppressions, ..Model::default() };
        model.sort();
        model
    }

    /// The origin of what the template states at `span`.
    pub fn stated(&self, span: Span) -> Origin {
        // A part of what cannot be resolved has no place of its own.
        if span.line == 0 { Origin::Derived(None) } else { Origin::Stated(self.sources.place(span)) }
    }

    /// Counts steps; `false` once there are too many, and then nothing more is put in.
    pub(crate) fn spend(&self, steps: usize, span: Span) -> bool {
        // What has no place of its own is counted where the next step is taken that has one.
        self.sources.spend(Stage::Lower, steps, span)
    }

    /// Whether all steps are spent: whoever goes through resources stops.
    pub(crate) fn is_spent(&self) -> bool {
        self.sources.budget().is_spent(Stage::Lower)
    }

    pub fn note(&self, span: Span, kind: NoteKind, text: impl Into<String>) {
        self.sources.note(span, kind, text.into());
    }
}

/// A handle as a position. Handles count from zero within a vector, so they fit.
pub(crate) fn at(index: u32) -> usize {
    index as usize
}
