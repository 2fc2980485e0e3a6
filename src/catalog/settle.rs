//! Which of the flows found stand: weak evidence gives way to strong, reads and writes of one kind become one flow.
//!
//! Comes in: a draft with every flow that properties, definitions and grants show. Goes out: the same, settled.

use crate::catalog::default_endpoint;
use crate::catalog::draft::{Draft, DraftedFlow, ElementIndex, FlowDraft};
use crate::model::{Basis, ElementKind, Flow, FlowId, FlowKind, Means, Outside, Payload, Rank};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn settle(draft: &mut Draft<'_, '_>) {
    add_environment(draft);
    drop_unnamed_services(draft);
    let (elements, flows) = draft.graph();
    default_endpoint::drop_callers(elements, flows);
    drop_outweighed(flows);
    join_reads_and_writes(flows);
}

/// A call whose target only an execution knows goes to what the policies name of the service, where they name anything.
fn drop_unnamed_services(draft: &mut Draft<'_, '_>) {
    let named: BTreeSet<(ElementIndex, &'static str)> = draft
        .flows()
        .filter(|(_, _, flow)| flow.basis == Basis::Policy)
        .filter_map(|(from, to, _)| Some((from, draft.entry(&draft.element_at(to).address)?.arn)))
        .collect();
    let (elements, flows) = draft.graph();
    flows.retain(|(from, to, flow)| {
        let is_named = match &elements[to.position()].outside {
            Some(Outside::Service(service)) => named.contains(&(*from, service.as_str())),
            Some(_) | None => false,
        };
        flow.basis != Basis::Definition || !is_named
    });
}

/// An environment variable alone: a weak flow, or a whole one where it names an address outside, for which no grant could exist.
fn add_environment(draft: &mut Draft<'_, '_>) {
    for (holder, named, span) in draft.all_evidence() {
        if draft.has_flow(holder, named) {
            continue;
        }
        let outside = draft.element_at(named).kind == ElementKind::ExternalEntity;
        let mut flow = FlowDraft::new(holder, named, Means::Access, Basis::Environment, span).via("environment variable");
        if outside {
            flow.kind = FlowKind::Egress;
            flow.rank = Rank::First;
        }
        draft.flow(flow);
    }
}

/// A permission alone, or a mere access, says nothing where another flow has the same ends.
fn drop_outweighed(flows: &mut Vec<DraftedFlow>) {
    let mut strongest: BTreeMap<(ElementIndex, ElementIndex), Basis> = BTreeMap::new();
    for (from, to, flow) in flows.iter().filter(|(_, _, flow)| flow.means != Means::Access) {
        let known = strongest.entry((*from, *to)).or_insert(flow.basis);
        *known = flow.basis.min(*known);
    }
    flows.retain(|(from, to, flow)| match strongest.get(&(*from, *to)) {
        Some(basis) if flow.basis == Basis::Permission => *basis == Basis::Permission,
        Some(_) => flow.means != Means::Access,
        None => true,
    });
}

/// How much a basis widens what another one names: a broad managed policy does not.
fn strength(basis: Basis) -> u8 {
    match basis {
        Basis::Property
        | Basis::Definition
        | Basis::Connector
        | Basis::Policy
        | Basis::SharedRole
        | Basis::EqualName
        | Basis::Network
        | Basis::Stated => 0,
        Basis::Permission | Basis::Environment | Basis::Wildcard | Basis::Script => 1,
        Basis::ManagedPolicy => 2,
    }
}

fn is_data_access(flow: &Flow) -> bool {
    matches!(flow.means, Means::Read | Means::Write | Means::ReadWrite) && flow.kind == FlowKind::DataAccess
}

fn join_reads_and_writes(flows: &mut Vec<DraftedFlow>) {
    let mut first: BTreeMap<(ElementIndex, ElementIndex, u8), usize> = BTreeMap::new();
    let mut gone = vec![false; flows.len()];
    for position in 0..flows.len() {
        let (from, to, flow) = &flows[position];
        if !is_data_access(flow) {
            continue;
        }
        let key = (*from, *to, strength(flow.basis));
        match first.get(&key) {
            None => {
                first.insert(key, position);
            }
            Some(known) => {
                let other = flow.clone();
                join(&mut flows[*known].2, &other);
                gone[position] = true;
            }
        }
    }
    let mut gone = gone.into_iter();
    flows.retain(|_| !gone.next().unwrap_or(false));
}

fn join(flow: &mut Flow, other: &Flow) {
    flow.via.extend(other.via.iter().cloned());
    flow.via.sort_unstable();
    flow.via.dedup();
    flow.basis = flow.basis.min(other.basis);
    flow.rank = flow.rank.min(other.rank);
    for (fact, reading) in other.facts.iter() {
        if flow.facts.get(fact).is_none() {
            flow.facts.set(fact, reading.clone());
        }
    }
    if flow.means != other.means {
        flow.means = Means::ReadWrite;
        flow.payload = Payload::Both;
        flow.id = FlowId::new(&flow.unit, &flow.from, &flow.to, flow.means);
    }
}
