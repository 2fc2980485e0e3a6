//! Facts that follow from the whole diagram: what outside input reaches, who writes, what is crossed.
//!
//! Comes in: a settled draft and the zones. Goes out: derived facts on elements and flows. Every pass is linear in flows:
//! each flow is looked at a fixed number of times, each walk visits an element once.

use crate::catalog::boundaries::{Sphere, Zone, crosses_network, zone};
use crate::catalog::draft::outsider::FRONT_DOOR;
use crate::catalog::draft::{Draft, DraftedFlow, ElementIndex};
use crate::catalog::entry::Role;
use crate::catalog::inherit;
use crate::catalog::names::Arn;
use crate::catalog::tools;
use crate::model::fact::{Fact, Origin, Reading, Value, Word};
use crate::model::resource::Maker;
use crate::model::{Basis, Element, ElementKind, Flow, FlowKind, Means, Outside, Payload, Rank};
use crate::source::Place;
use std::collections::BTreeSet;

pub(crate) fn derive(draft: &mut Draft<'_, '_>, zones: &[Zone]) {
    share_roles(draft);
    let (elements, flows) = draft.graph();
    let edges = Edges::new(elements.len(), flows);
    promote_subscribed_logs(elements, flows);
    promote_called_helpers(elements, flows);
    demote_outsiders(elements, flows, &edges);
    reach(elements, flows, &edges);
    mutate(elements, flows, &edges);
    for position in 0..elements.len() {
        describe(elements, flows, &edges, position);
        // What we poll does not come in: we go there, and check whom we talk to.
        let comes_in = edges.leaving[position].iter().any(|flow| flows[*flow].2.kind != FlowKind::Poll);
        if elements[position].kind == ElementKind::ExternalEntity && comes_in {
            enter(&mut elements[position], zones[position].sphere);
        }
    }
    describe_flows(elements, flows, zones);
    inherit::inherit(elements, flows);
}

/// Which flows leave and reach each element, by position.
struct Edges {
    leaving: Vec<Vec<usize>>,
    reaching: Vec<Vec<usize>>,
}

impl Edges {
    fn new(elements: usize, flows: &[DraftedFlow]) -> Self {
        let mut edges = Self { leaving: vec![Vec::new(); elements], reaching: vec![Vec::new(); elements] };
        for (position, (from, to, _)) in flows.iter().enumerate() {
            edges.leaving[from.position()].push(position);
            edges.reaching[to.position()].push(position);
        }
        edges
    }
}

fn derived(value: Value, place: Option<&Place>) -> Reading {
    Reading::known(value, Origin::Derived(place.cloned()))
}

/// Sets a derived fact unless the template or its entry says it.
fn suggest(element: &mut Element, fact: Fact, value: Value, place: Option<&Place>) {
    if element.facts.get(fact).is_none() {
        element.facts.set(fact, derived(value, place));
    }
}

fn share_roles(draft: &mut Draft<'_, '_>) {
    for resource in draft.resources() {
        // Keys are held too, as parts.
        if draft.entry(resource.address).is_none_or(|entry| entry.role != Role::Config) {
            continue;
        }
        let holders = draft.holders(resource.address);
        // A schedule is a flow in the diagram, and acts with the role all the same.
        let acts = |address: &str| draft.entry(address).is_some_and(|entry| entry.role == Role::Flow && !entry.holds.is_empty());
        let shared = holders.len() > 1 || draft.attached(resource.address).any(|user| acts(user.address));
        for holder in holders {
            let place = draft.sources.place(resource.span);
            draft.set_fact(holder, Fact::RoleShared, derived(Value::Flag(shared), Some(&place)));
        }
    }
}

/// A log group that something subscribes to is part of a pipeline.
fn promote_subscribed_logs(elements: &mut [Element], flows: &[DraftedFlow]) {
    for (from, _, flow) in flows {
        let element = &mut elements[from.position()];
        if element.service == "log_group" && flow.rank == Rank::First {
            element.rank = Rank::First;
        }
    }
}

/// What goes by the name of a toolkit's helper and lets people in is part of the system like anything else.
fn promote_called_helpers(elements: &mut [Element], flows: &mut [DraftedFlow]) {
    for (from, to, flow) in flows {
        let is_called = elements[from.position()].service == "human_actor" && elements[to.position()].maker == Maker::Toolkit;
        if is_called && !matches!(flow.basis, Basis::ManagedPolicy | Basis::Wildcard) {
            flow.rank = Rank::First;
            elements[to.position()].rank = Rank::First;
        }
    }
}

/// An external entity that only flows of the second rank imply is of that rank itself.
fn demote_outsiders(elements: &mut [Element], flows: &[DraftedFlow], edges: &Edges) {
    for (position, element) in elements.iter_mut().enumerate().filter(|(_, element)| element.outside.is_some()) {
        let mut touching = edges.leaving[position].iter().chain(&edges.reaching[position]).map(|flow| &flows[*flow].2);
        if touching.all(|flow| flow.rank == Rank::Second) {
            element.rank = Rank::Second;
        }
    }
}

/// Whether an external entity is somebody else's: services of the own account are not, nor is what deploys it.
fn is_foreign(element: &Element) -> bool {
    element.kind == ElementKind::ExternalEntity && !matches!(element.service, "any" | "deploy_pipeline")
}

/// Outside input follows the data; outside callers follow the calls.
fn reach(elements: &mut [Element], flows: &[DraftedFlow], edges: &Edges) {
    // What only helpers and managed policies have to do with (the assets of a deployment) brings nothing in.
    let brings_input = |element: &Element| is_foreign(element) && element.rank == Rank::First;
    let input = walk(elements, brings_input, |position| {
        let validated = elements[position].facts.is(Fact::InputSchema, Word::On);
        let forward = edges.leaving[position].iter().filter(move |_| !validated).filter(|flow| carries_out(&flows[**flow].2));
        let back = edges.reaching[position].iter().filter(move |_| !validated).filter(|flow| carries_in(&flows[**flow].2));
        let forward = forward.map(|flow| (*flow, flows[*flow].1));
        let back = back.map(|flow| (*flow, flows[*flow].0));
        forward.chain(back).collect()
    });
    let calls = walk(
        elements,
        |element| element.service == "human_actor",
        |position| {
            let drives = |flow: &&usize| flows[**flow].2.means != Means::Log;
            edges.leaving[position].iter().filter(drives).map(|flow| (*flow, flows[*flow].1)).collect()
        },
    );
    for (position, element) in elements.iter_mut().enumerate() {
        if element.kind == ElementKind::ExternalEntity {
            continue;
        }
        let place = |by: Option<usize>| by.map(|flow| &flows[flow].2.place);
        let (by_input, by_calls) = (input[position], calls[position]);
        suggest(element, Fact::UntrustedInput, Value::Flag(by_input.is_some()), place(by_input.flatten()));
        suggest(element, Fact::ExposedUpstream, Value::Flag(by_calls.is_some()), place(by_calls.flatten()));
    }
}

fn carries_out(flow: &Flow) -> bool {
    matches!(flow.payload, Payload::Out | Payload::Both)
}

/// The answer to a call, to an outside host too, is not input that somebody else sends; what is read from a store is.
fn carries_in(flow: &Flow) -> bool {
    let is_call = match flow.kind {
        FlowKind::SyncRequest => true,
        FlowKind::Egress => matches!(flow.means, Means::Access | Means::Invoke),
        _ => false,
    };
    matches!(flow.payload, Payload::In | Payload::Both) && !is_call
}

/// For each element by which flow the walk came to it; `Some(None)` is where it began, `None` is not reached.
fn walk(
    elements: &[Element],
    begins: impl Fn(&Element) -> bool,
    next: impl Fn(usize) -> Vec<(usize, ElementIndex)>,
) -> Vec<Option<Option<usize>>> {
    let mut reached: Vec<Option<Option<usize>>> = elements.iter().map(|element| begins(element).then_some(None)).collect();
    let mut waiting: Vec<usize> = (0..elements.len()).filter(|position| reached[*position].is_some()).collect();
    // People first: where somebody and a system both reach an element, the evidence names the flow from people.
    waiting.sort_by_key(|position| elements[*position].service != "human_actor");
    let mut read = 0;
    while let Some(position) = waiting.get(read).copied() {
        read += 1;
        for (flow, element) in next(position) {
            let entry = &mut reached[element.position()];
            if entry.is_none() {
                *entry = Some(Some(flow));
                waiting.push(element.position());
            }
        }
    }
    reached
}

fn is_write(flow: &Flow) -> bool {
    matches!(flow.means, Means::Write | Means::ReadWrite | Means::Publish | Means::Event | Means::Replicate | Means::DeadLetter)
        && flow.kind != FlowKind::Poll
}

/// Who writes, and who calls somebody who does.
fn mutate(elements: &mut [Element], flows: &[DraftedFlow], edges: &Edges) {
    let mut by: Vec<Option<usize>> = vec![None; elements.len()];
    let mut waiting = Vec::new();
    for (flow, (from, _, drafted)) in flows.iter().enumerate() {
        let position = from.position();
        if is_write(drafted) && elements[position].kind != ElementKind::DataStore && by[position].is_none() {
            by[position] = Some(flow);
            waiting.push(position);
        }
    }
    let mut read = 0;
    while let Some(position) = waiting.get(read).copied() {
        read += 1;
        for flow in &edges.reaching[position] {
            let (from, _, drafted) = &flows[*flow];
            if drafted.means == Means::Invoke && by[from.position()].is_none() {
                by[from.position()] = Some(*flow);
                waiting.push(from.position());
            }
        }
    }
    for position in 0..elements.len() {
        if elements[position].kind == ElementKind::DataStore {
            continue;
        }
        let unclear = edges.leaving[position].iter().map(|flow| &flows[*flow].2).find(|flow| flow.means == Means::Access);
        let place = by[position].map(|flow| &flows[flow].2.place);
        match (by[position], unclear) {
            (None, Some(access)) => {
                let reason = "what the environment variable is used for is not stated";
                elements[position].facts.set(Fact::MutatesData, Reading::unresolved(reason, Origin::Derived(Some(access.place.clone()))));
            }
            (written, _) => suggest(&mut elements[position], Fact::MutatesData, Value::Flag(written.is_some()), place),
        }
    }
}

/// What the flows of one element say of it.
fn describe(elements: &mut [Element], flows: &[DraftedFlow], edges: &Edges, position: usize) {
    let reaching = || edges.reaching[position].iter().map(|flow| &flows[*flow]);
    let leaving = || edges.leaving[position].iter().map(|flow| &flows[*flow]);
    let first_place = reaching().next().map(|(_, _, flow)| flow.place.clone());
    match elements[position].kind {
        ElementKind::ExternalEntity => {}
        ElementKind::Process => {
            let asynchronous = reaching().find(|(_, _, flow)| flow.kind == FlowKind::AsyncEvent && flow.means != Means::DeadLetter);
            let place = asynchronous.map(|(_, _, flow)| flow.place.clone());
            let looped = self_loop(elements, flows, edges, position);
            let client = reaching().find(|(from, _, _)| elements[from.position()].service == "human_actor");
            let client = client.map(|(_, _, flow)| flow.place.clone());
            let door = reaching().find_map(|(from, _, _)| front_door(elements[from.position()].service));
            let tools = tools::of_agent(elements, leaving());
            let element = &mut elements[position];
            suggest(element, Fact::InvokedAsync, Value::Flag(place.is_some()), place.as_ref());
            suggest(element, Fact::InboundFlows, Value::Flag(first_place.is_some()), first_place.as_ref());
            suggest(element, Fact::SelfLoop, Value::Flag(looped.is_some()), looped.as_ref());
            suggest(element, Fact::FrontDoor, Value::Word(door.unwrap_or(Word::None)), None);
            if client.is_some() {
                suggest(element, Fact::Exposure, Value::Word(Word::Internet), client.as_ref());
            }
            for (fact, reading) in tools {
                if element.facts.get(fact).is_none() {
                    element.facts.set(fact, reading);
                }
            }
        }
        ElementKind::DataStore => {
            let writers: BTreeSet<ElementIndex> = reaching().filter(|(_, _, flow)| is_write(flow)).map(|(from, _, _)| *from).collect();
            let writers = match writers.len() {
                0 => Word::Unknown,
                1 if writers.iter().any(|writer| stands_for_many(&elements[writer.position()])) => Word::Unknown,
                1 => Word::One,
                _ => Word::Many,
            };
            let readers = readers(elements, reaching(), leaving());
            let serverless = reaching().any(|(from, _, _)| elements[from.position()].service == "lambda_function");
            let upstream = reaching().any(|(from, _, _)| elements[from.position()].kind == ElementKind::Process);
            let role = store_role(elements[position].service, reaching());
            let element = &mut elements[position];
            suggest(element, Fact::Writers, Value::Word(writers), None);
            suggest(element, Fact::Readers, Value::Set(readers), None);
            suggest(element, Fact::StoreRole, Value::Word(role), None);
            suggest(element, Fact::ServerlessClients, Value::Flag(serverless), None);
            suggest(element, Fact::ServesUpstream, Value::Flag(upstream), None);
        }
    }
}

/// Where an external entity that starts flows comes from. Services of the own account come from nowhere.
fn enter(element: &mut Element, sphere: Sphere) {
    // Who comes through a door of somebody else's is not known here, nor how they prove themselves.
    if !is_foreign(element) || element.service == FRONT_DOOR {
        return;
    }
    let from = match sphere {
        Sphere::Internet => Word::Internet,
        // Another account signs its calls: nothing else can be granted to it.
        Sphere::OtherAccount => {
            suggest(element, Fact::FlowAuth, Value::Word(Word::Iam), None);
            Word::Partner
        }
        Sphere::OtherStack | Sphere::Account => Word::Internal,
    };
    suggest(element, Fact::EntersFrom, Value::Set(vec![from]), None);
}

/// Whether an external entity stands for more than one who acts: everybody, devices, whoever is in a network or an account.
fn stands_for_many(element: &Element) -> bool {
    match &element.outside {
        Some(Outside::World) => true,
        Some(Outside::OtherAccount) => Arn::parse(&element.address).is_none(),
        Some(Outside::Service(_) | Outside::OwnAccount | Outside::Import(_) | Outside::OtherStack) | None => false,
    }
}

/// Where the element writes to what triggers it.
fn self_loop(elements: &[Element], flows: &[DraftedFlow], edges: &Edges, position: usize) -> Option<Place> {
    let triggers: BTreeSet<ElementIndex> = edges.reaching[position]
        .iter()
        .map(|flow| &flows[*flow])
        .filter(|(from, _, flow)| flow.means == Means::Event && elements[from.position()].kind != ElementKind::ExternalEntity)
        .map(|(from, _, _)| *from)
        .collect();
    let writes = edges.leaving[position].iter().map(|flow| &flows[*flow]);
    let back = |(_, to, flow): &&DraftedFlow| is_write(flow) && flow.means != Means::DeadLetter && triggers.contains(to);
    writes.filter(|(_, _, flow)| flow.basis != Basis::ManagedPolicy).find(back).map(|(_, _, flow)| flow.place.clone())
}

fn front_door(service: &str) -> Option<Word> {
    match service {
        "cdn_distribution" => Some(Word::Cloudfront),
        "load_balancer" => Some(Word::LoadBalancer),
        _ => None,
    }
}

fn readers<'f>(
    elements: &[Element],
    reaching: impl Iterator<Item = &'f DraftedFlow>,
    leaving: impl Iterator<Item = &'f DraftedFlow>,
) -> Vec<Word> {
    let reading = reaching.filter(|(_, _, flow)| matches!(flow.means, Means::Read | Means::ReadWrite)).map(|(from, _, _)| *from);
    let delivered = leaving.filter(|(_, _, flow)| matches!(flow.means, Means::Event | Means::DeadLetter)).map(|(_, to, _)| *to);
    let mut words: Vec<Word> = reading
        .chain(delivered)
        .map(|end| &elements[end.position()])
        .map(|element| match element.kind {
            ElementKind::ExternalEntity if element.service == "human_actor" => Word::Human,
            // What only hands on to whoever asks opens nothing itself.
            ElementKind::Process if matches!(element.service, "cdn_distribution" | "load_balancer" | "rest_api" | "http_api") => {
                Word::Human
            }
            ElementKind::ExternalEntity if is_foreign(element) => Word::External,
            ElementKind::ExternalEntity | ElementKind::Process | ElementKind::DataStore => Word::Process,
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn store_role<'f>(service: &str, mut reaching: impl Iterator<Item = &'f DraftedFlow>) -> Word {
    match service {
        "secret" | "parameter" => Word::Secrets,
        "cache" => Word::Cache,
        "image_repository" => Word::Artefact,
        "audit_trail" | "log_group" => Word::AuditLog,
        _ => reaching
            .find_map(|(_, _, flow)| match flow.means {
                Means::DeadLetter => Some(Word::Dlq),
                Means::Log => Some(Word::AuditLog),
                _ => None,
            })
            .unwrap_or(Word::AppData),
    }
}

fn describe_flows(elements: &[Element], flows: &mut [DraftedFlow], zones: &[Zone]) {
    for (from, to, flow) in flows {
        let crossed = crosses(zone(zones, *from), zone(zones, *to));
        let trust = crossed.iter().any(|word| matches!(word, Word::Internet | Word::Account));
        let place = flow.place.clone();
        let mut set = |fact, value| {
            if flow.facts.get(fact).is_none() {
                flow.facts.set(fact, derived(value, Some(&place)));
            }
        };
        set(Fact::CrossAccount, Value::Flag(crossed.contains(&Word::Account)));
        set(Fact::Crosses, Value::Set(crossed));
        set(Fact::CrossesTrust, Value::Flag(trust));
        set(Fact::FlowKind, Value::Word(flow_kind(flow.kind, flow.means)));
        if let Some(exposed) = elements[from.position()].facts.get(Fact::ExposedUpstream) {
            flow.facts.set(Fact::ExposedUpstream, exposed.clone());
        }
    }
}

fn crosses(from: &Zone, to: &Zone) -> Vec<Word> {
    let touches = |sphere| (from.sphere == sphere) != (to.sphere == sphere);
    let mut crossed = Vec::new();
    if touches(Sphere::Internet) {
        crossed.push(Word::Internet);
    }
    if touches(Sphere::OtherAccount) || from.sphere == Sphere::Account && to.sphere == Sphere::Account && from.account != to.account {
        crossed.push(Word::Account);
    }
    if crosses_network(from, to) {
        crossed.push(Word::Vpc);
    }
    crossed.sort_unstable();
    crossed
}

fn flow_kind(kind: FlowKind, means: Means) -> Word {
    match kind {
        FlowKind::SyncRequest => Word::SyncRequest,
        FlowKind::AsyncEvent => Word::AsyncEvent,
        FlowKind::Poll => Word::Poll,
        FlowKind::DataAccess if matches!(means, Means::Read) => Word::DataRead,
        FlowKind::DataAccess => Word::DataWrite,
        FlowKind::Egress => Word::Egress,
        FlowKind::Admin => Word::Admin,
        FlowKind::Replication => Word::Replication,
    }
}
