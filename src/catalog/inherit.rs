//! Facts that elements and flows take from each other: what guards an entry guards the flow into it, what fails behind a queue is caught by it.
//!
//! Comes in: a draft whose elements and flows have their own facts. Goes out: the same with what follows from the other end.
//! Facts that only a person could state are said to be unknown, so that rules can ask for them. Linear in flows.

use crate::catalog::draft::DraftedFlow;
use crate::model::fact::{Fact, Facts, Origin, Reading, Value, Word};
use crate::model::strength::is_weaker;
use crate::model::{Door, Element, ElementKind, Flow, FlowKind, Means};

pub(crate) fn inherit(elements: &mut [Element], flows: &mut [DraftedFlow]) {
    for (from, to, flow) in flows.iter_mut() {
        let (from, to) = (&elements[from.position()], &elements[to.position()]);
        from_ends(flow, from, to);
    }
    for (from, to, flow) in flows.iter() {
        to_start(&mut elements[from.position()], flow);
        to_end(&mut elements[to.position()], flow);
        masked_by(elements, from.position(), to.position(), flow);
        used_directly(elements, from.position(), to.position());
    }
    for (from, to, flow) in flows.iter() {
        authenticated_by(elements, from.position(), to.position(), flow);
    }
    for element in elements {
        ask(element);
    }
}

fn copy(flow: &mut Flow, facts: &Facts, fact: Fact) {
    if flow.facts.get(fact).is_none()
        && let Some(reading) = facts.get(fact)
    {
        flow.facts.set(fact, reading.clone());
    }
}

/// What a flow takes from the elements at its ends.
fn from_ends(flow: &mut Flow, from: &Element, to: &Element) {
    if from.kind == ElementKind::ExternalEntity {
        for fact in [Fact::InTransit, Fact::InputSchema, Fact::Throttle, Fact::Waf] {
            if let Some(url) = entered_part(flow, to) {
                copy(flow, url, fact);
            }
            copy(flow, &to.facts, fact);
        }
    }
    match flow.kind {
        FlowKind::Poll => {
            // A queue keeps what its consumer fails on; its own redrive policy decides.
            if from.service == "queue"
                && let Some(reading) = from.facts.get(Fact::Dlq)
            {
                flow.facts.set(Fact::Dlq, reading.clone());
            }
            copy(flow, &from.facts, Fact::Writers);
            copy(flow, &to.facts, Fact::ConcurrencyCap);
            copy(flow, &from.facts, Fact::Idempotent);
            suggest(&mut flow.facts, Fact::Idempotent, Word::Unknown);
        }
        FlowKind::AsyncEvent => {
            if to.service == "lambda_function" {
                copy(flow, &to.facts, Fact::Dlq);
            }
            copy(flow, &from.facts, Fact::Idempotent);
            suggest(&mut flow.facts, Fact::Idempotent, Word::Unknown);
        }
        FlowKind::DataAccess => copy(flow, &to.facts, Fact::Capacity),
        FlowKind::Egress => copy(flow, &from.facts, Fact::DataClass),
        FlowKind::SyncRequest | FlowKind::Admin | FlowKind::Replication => {}
    }
}

/// The facts of the function URL, where the flow comes in by it.
fn entered_part<'e>(flow: &Flow, to: &'e Element) -> Option<&'e Facts> {
    let by_url = flow.door == Some(Door::FunctionUrl);
    let part = to.parts.iter().find(|part| by_url && part.service == "lambda_function_url");
    part.map(|part| &part.facts)
}

fn suggest(facts: &mut Facts, fact: Fact, word: Word) {
    if facts.get(fact).is_none() {
        facts.set(fact, Reading::word(word, Origin::Derived(None)));
    }
}

/// A topic is as weak as its weakest subscription.
fn to_start(from: &mut Element, flow: &Flow) {
    if from.service != "topic" || flow.means != Means::Event {
        return;
    }
    for fact in [Fact::SubscriberProtocol, Fact::Dlq] {
        let Some(reading) = flow.facts.get(fact) else { continue };
        if from.facts.get(fact).is_none_or(|known| is_weaker(fact, reading, known)) {
            from.facts.set(fact, reading.clone());
        }
    }
}

/// A function is guarded by a filter where every source that may loop has one.
fn to_end(to: &mut Element, flow: &Flow) {
    if to.service != "lambda_function" {
        return;
    }
    let Some(reading) = flow.facts.get(Fact::Filter) else { return };
    if to.facts.get(Fact::Filter).is_none_or(|known| is_weaker(Fact::Filter, reading, known)) {
        to.facts.set(Fact::Filter, reading.clone());
    }
}

/// What a function or a workflow logs is masked where its log group masks.
fn masked_by(elements: &mut [Element], from: usize, to: usize, flow: &Flow) {
    if flow.means != Means::Log || !matches!(elements[from].service, "lambda_function" | "state_machine") {
        return;
    }
    let Some(reading) = elements[to].facts.get(Fact::LogMasking).cloned() else { return };
    if elements[from].facts.get(Fact::LogMasking).is_none_or(|known| is_weaker(Fact::LogMasking, &reading, known)) {
        elements[from].facts.set(Fact::LogMasking, reading);
    }
}

/// A table that the roles of an identity pool reach is used by the users themselves, held to their own items or not.
fn used_directly(elements: &mut [Element], from: usize, to: usize) {
    if elements[from].service != "identity_pool" || elements[to].service != "table" {
        return;
    }
    let held = elements[from].facts.get(Fact::LeadingKeys).cloned();
    let table = &mut elements[to].facts;
    table.set(Fact::DirectClientAccess, Reading::known(Value::Flag(true), Origin::Derived(None)));
    if let Some(reading) = held {
        table.set(Fact::LeadingKeys, reading);
    }
}

/// Whoever authenticates with a user pool does it as the pool demands.
fn authenticated_by(elements: &mut [Element], from: usize, to: usize, flow: &Flow) {
    if flow.means != Means::Authenticate || elements[from].service != "human_actor" {
        return;
    }
    let Some(reading) = elements[to].facts.get(Fact::Mfa).cloned() else { return };
    if elements[from].facts.get(Fact::Mfa).is_none() {
        elements[from].facts.set(Fact::Mfa, reading);
    }
}

/// What no template shows: known to be unstated.
fn ask(element: &mut Element) {
    match element.kind {
        ElementKind::Process => {
            suggest(&mut element.facts, Fact::InputSchema, Word::Unknown);
            suggest(&mut element.facts, Fact::AuditLog, Word::Unknown);
            suggest(&mut element.facts, Fact::DataClass, Word::Unknown);
        }
        ElementKind::DataStore => {
            suggest(&mut element.facts, Fact::AuditLog, Word::Unknown);
            suggest(&mut element.facts, Fact::DataClass, Word::Unknown);
            if element.service == "object_store" {
                suggest(&mut element.facts, Fact::UploadLimit, Word::Unknown);
            }
        }
        ElementKind::ExternalEntity => {}
    }
    // What is stated of the function is stated of its URL too.
    let said = element.facts.get(Fact::SignatureCheck).is_some();
    for part in element.parts.iter_mut().filter(|part| !said && part.service == "lambda_function_url") {
        suggest(&mut part.facts, Fact::SignatureCheck, Word::Unknown);
    }
}
