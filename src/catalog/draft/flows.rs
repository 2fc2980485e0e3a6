//! The flows of a draft.
//!
//! Comes in: flows to be put in, and questions by their ends. Goes out: flows, those of equal ends and means merged.

use crate::catalog::draft::{BYTES_OF_FLOW, Draft, ElementIndex, FlowDraft, FlowIndex, at};
use crate::model::fact::{Fact, Facts, Reading};
use crate::model::resource::Maker;
use crate::model::{Basis, Flow, FlowId, Means, Payload, Rank};
use crate::source::budget::Stage;
use std::sync::Arc;

impl Draft<'_, '_> {
    pub fn flow_at(&self, index: FlowIndex) -> &Flow {
        &self.flows[at(index.0)].2
    }

    /// Every flow so far with its ends, in the order in which they were found.
    pub fn flows(&self) -> impl Iterator<Item = (ElementIndex, ElementIndex, &Flow)> {
        self.flows.iter().map(|(from, to, flow)| (*from, *to, flow))
    }

    /// Puts a flow in, or merges it into the one of equal ends and means: ways are joined, the strongest basis and rank stay.
    /// What the toolkit's own helpers do is of the second rank.
    pub fn flow(&mut self, mut draft: FlowDraft) -> FlowIndex {
        if [draft.from, draft.to].iter().any(|end| self.element_at(*end).maker == Maker::Toolkit) {
            draft.rank = Rank::Second;
        }
        let key = (draft.from, draft.to, draft.means);
        if let Some(known) = self.flow_index.get(&key) {
            let flow = &mut self.flows[at(known.0)].2;
            flow.door = flow.door.or(draft.door);
            merge(flow, draft.via, draft.basis, draft.payload, draft.rank);
            return *known;
        }
        self.sources.spend_with_bytes(Stage::Lower, 1, BYTES_OF_FLOW, draft.span);
        let from = self.element_at(draft.from).id.clone();
        let to = self.element_at(draft.to).id.clone();
        let flow = Flow {
            id: FlowId::new(self.unit, &from, &to, draft.means),
            unit: self.unit.clone(),
            from,
            to,
            kind: draft.kind,
            means: draft.means,
            via: Vec::from_iter(Some(draft.via).filter(|via| !via.is_empty())),
            basis: draft.basis,
            door: draft.door,
            payload: draft.payload,
            place: self.sources.place(draft.span),
            rank: draft.rank,
            facts: Facts::default(),
        };
        self.flows.push((draft.from, draft.to, flow));
        let index = FlowIndex(u32::try_from(self.flows.len() - 1).unwrap_or(u32::MAX));
        self.flow_index.insert(key, index);
        self.arrivals.insert((draft.to, draft.from));
        if draft.means == Means::Event {
            self.deliveries.insert((draft.to, draft.from));
        }
        index
    }

    pub fn set_flow_fact(&mut self, flow: FlowIndex, fact: Fact, reading: impl Into<Arc<Reading>>) {
        self.flows[at(flow.0)].2.facts.set(fact, reading);
    }

    /// The flows that leave an element, by their ends and means; ordered.
    pub fn leaving(&self, from: ElementIndex) -> impl Iterator<Item = (ElementIndex, Means)> {
        let all = (from, ElementIndex(0), Means::Invoke)..=(from, ElementIndex(u32::MAX), Means::Configure);
        self.flow_index.range(all).map(|((_, to, means), _)| (*to, *means))
    }

    /// The flow of these ends and means.
    pub fn find_flow(&self, from: ElementIndex, to: ElementIndex, means: Means) -> Option<FlowIndex> {
        self.flow_index.get(&(from, to, means)).copied()
    }

    /// Where the flows begin that reach an element; ordered.
    pub(crate) fn reaching(&self, to: ElementIndex) -> impl Iterator<Item = ElementIndex> {
        self.arrivals.range((to, ElementIndex(0))..=(to, ElementIndex(u32::MAX))).map(|(_, from)| *from)
    }

    /// What delivers events to an element; ordered.
    pub fn delivering(&self, to: ElementIndex) -> impl Iterator<Item = ElementIndex> {
        self.deliveries.range((to, ElementIndex(0))..=(to, ElementIndex(u32::MAX))).map(|(_, from)| *from)
    }

    /// Whether a source already delivers to a consumer.
    pub fn has_event(&self, from: ElementIndex, to: ElementIndex) -> bool {
        self.deliveries.contains(&(to, from))
    }

    pub(crate) fn has_flow(&self, from: ElementIndex, to: ElementIndex) -> bool {
        self.flows_between(from, to).next().is_some()
    }

    /// The flows from one element to another, by their means.
    pub(crate) fn flows_between(&self, from: ElementIndex, to: ElementIndex) -> impl Iterator<Item = &Flow> {
        let every = (from, to, Means::Invoke)..=(from, to, Means::Configure);
        self.flow_index.range(every).map(|(_, flow)| self.flow_at(*flow))
    }
}

fn merge(flow: &mut Flow, via: String, basis: Basis, payload: Payload, rank: Rank) {
    if !via.is_empty() {
        flow.via.push(via);
    }
    // A permission says who may call, and not which way data goes.
    match (flow.basis == Basis::Permission, basis == Basis::Permission) {
        (true, false) => flow.payload = payload,
        (false, true) => {}
        (true, true) | (false, false) if flow.payload != payload => flow.payload = Payload::Both,
        (true, true) | (false, false) => {}
    }
    flow.basis = flow.basis.min(basis);
    flow.rank = flow.rank.min(rank);
}
