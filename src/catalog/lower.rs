//! Resources become elements, parts and flows, as their entries say.
//!
//! Comes in: an empty draft over the unit's resources. Goes out: the draft with everything that properties show.
//! Each resource is visited once for its element, once for what it says; resolvers run where their entry names them.

use crate::catalog::aws::{self, Phase};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Carrier, Draft, ElementIndex, FlowDraft};
use crate::catalog::entry::{Condition, End, Entry, FactEntry, FlowEntry, Onto, PartEntry, Role, Whole};
use crate::catalog::environment;
use crate::catalog::facts::Subject;
use crate::catalog::governed;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::catalog::unweighed::programs;
use crate::model::fact::Origin;
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;
use crate::model::{Basis, ElementKind, FlowKind, Means, Outside};
use crate::source::{NoteKind, Span};
use std::iter;

/// Most flows that one property pair of one resource makes.
const MAX_FLOWS_OF_ENTRY: usize = 4096;

/// Puts all that the entries say into the draft.
pub(crate) fn lower(draft: &mut Draft<'_, '_>) {
    let parents = parents(draft);
    make_elements(draft, &parents);
    let known = draft.known();
    let members = members(draft, &known);
    draft.set_members(members);
    for (resource, entry) in &known {
        if !draft.spend(1, resource.span) {
            return;
        }
        state(draft, resource, entry);
    }
    for resource in draft.resources() {
        if !draft.spend(1, resource.span) {
            return;
        }
        aws::resolve_any(draft, resource);
        governed::resolve(draft, resource);
        programs::ask(draft, resource);
    }
    for phase in [Phase::Definitions, Phase::Grants, Phase::Views] {
        resolve(draft, &known, phase);
    }
}

/// What each resource is part of, by position: what it names itself, or what names it.
fn parents<'t>(draft: &Draft<'t, '_>) -> Vec<Option<&'t str>> {
    let resources = draft.resources();
    let mut parents = vec![None; resources.len()];
    for (position, resource) in resources.iter().enumerate() {
        let Some(entry) = draft.entry(resource.address) else { continue };
        if parents[position].is_none() {
            parents[position] = first_named(draft, resource, entry.folds);
        }
        for absorbed in entry.absorbs.iter().filter_map(|path| first_named(draft, resource, std::slice::from_ref(path))) {
            if let Some(position) = draft.position(absorbed) {
                parents[position] = Some(resource.address);
            }
        }
    }
    parents
}

fn make_elements<'t>(draft: &mut Draft<'t, '_>, parents: &[Option<&'t str>]) {
    for (resource, parent) in draft.resources().iter().zip(parents) {
        if draft.is_spent() {
            return;
        }
        if parent.is_none() {
            make_element(draft, resource);
        }
        if draft.entry(resource.address).is_none() {
            let text = format!("`{}` is of the type {}, which is not known here", resource.address, resource.declared);
            draft.note(resource.span, NoteKind::UnknownType, text);
        }
    }
    fold(draft, parents);
    // What names a whole that is no element itself stands alone.
    for resource in draft.resources() {
        if draft.element(resource.address).is_none() {
            make_element(draft, resource);
        }
    }
}

fn make_element<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    let Some(entry) = draft.entry(resource.address).filter(|_| !draft.is_opened(resource.address)) else { return };
    let Some(kind) = element_kind(entry.role) else { return };
    let variant = entry.variants.iter().find(|variant| holds(resource, &variant.when));
    draft.add_element(resource, entry, variant.map_or(entry.service, |variant| variant.service), kind);
}

fn element_kind(role: Role) -> Option<ElementKind> {
    match role {
        Role::Process => Some(ElementKind::Process),
        Role::Store => Some(ElementKind::DataStore),
        Role::External => Some(ElementKind::ExternalEntity),
        Role::Boundary | Role::Part | Role::Flow | Role::Config | Role::Silent => None,
    }
}

/// The address of the first other resource that one of the properties names. Nothing is part of what an organisation describes: what the
/// product says of it would be lost.
fn first_named<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, properties: &[&str]) -> Option<&'t str> {
    let values = properties.iter().flat_map(|path| paths::find(&resource.properties, path));
    values.flat_map(|value| draft.targets_beside(resource.kind, &value)).find_map(|target| match target {
        Target::Resource(reference) if reference.address != resource.address => {
            let named = draft.resource(reference.address).filter(|named| draft.own_type(named).is_none());
            named.filter(|named| draft.entry(named.address).is_some()).map(|_| reference.address)
        }
        _ => None,
    })
}

/// Lets resources that are part of another carry its element; chains (a rule of a listener of a load balancer) are followed.
fn fold<'t>(draft: &mut Draft<'t, '_>, parents: &[Option<&'t str>]) {
    for (resource, parent) in draft.resources().iter().zip(parents) {
        let mut next = *parent;
        for _ in 0..8 {
            let Some(address) = next else { break };
            if let Some(element) = draft.element(address) {
                draft.carry(resource.address, element);
                break;
            }
            next = draft.position(address).and_then(|position| parents[position]);
        }
    }
}

/// What target groups and the like stand for: what they name themselves, and what registers with them.
fn members<'t>(draft: &mut Draft<'t, '_>, known: &[(&Resource<'t>, &'static Entry)]) -> Vec<(&'t str, ElementIndex)> {
    let mut members = Vec::new();
    for (resource, entry) in known {
        for value in entry.stands_for.iter().flat_map(|path| paths::find(&resource.properties, path)) {
            let targets = draft.targets(&value);
            members.extend(targets.iter().filter_map(|target| draft.end(target, value.span)).map(|element| (resource.address, element)));
        }
        let Some(element) = draft.element(resource.address) else { continue };
        for value in entry.joins.iter().flat_map(|path| paths::find(&resource.properties, path)) {
            members.extend(draft.targets(&value).into_iter().filter_map(|target| match target {
                Target::Resource(reference) => Some((reference.address, element)),
                _ => None,
            }));
        }
    }
    members
}

/// Facts, parts, flows and environment of one resource.
fn state<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, entry: &'static Entry) {
    let subject = Subject { properties: resource.properties, attributes: resource.attributes, supplied: resource.supplied };
    let element = draft.element(resource.address);
    for carrier in carriers(draft, resource, entry, element) {
        set_facts(draft, carrier, entry.facts, &subject);
    }
    if let Some(element) = element {
        for part in entry.parts {
            make_parts(draft, element, part, resource);
        }
        for path in entry.environment {
            environment::read(draft, element, &resource.properties, path);
        }
    }
    for flow in entry.flows {
        make_flows(draft, resource, flow, &subject);
    }
}

/// The element itself; of a part the part, on the element that it folds into, on whose it is, or on every holder.
fn carriers<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, entry: &'static Entry, element: Option<ElementIndex>) -> Vec<Carrier> {
    if entry.role != Role::Part {
        return element.map(Carrier::Element).into_iter().collect();
    }
    let mut holders = match (element, entry.of) {
        (Some(element), _) => vec![element],
        (None, Some(Whole::Devices)) => vec![draft.external(Outsider::Devices, resource.span)],
        (None, None) => draft.holders(resource.address),
    };
    // What it is part of is not here.
    if holders.is_empty() {
        holders.push(draft.alone(resource));
    }
    holders.into_iter().map(|holder| Carrier::Part(draft.part(holder, entry.service, resource.address, resource.span))).collect()
}

/// What is stated stands before what is the provider's default, and the weaker before the stronger, whichever resource comes first.
fn set_facts<'t>(draft: &mut Draft<'t, '_>, carrier: Carrier, entries: &'static [FactEntry], subject: &Subject<'t>) {
    for entry in entries {
        let Some(reading) = draft.read_fact(entry, subject) else { continue };
        let known = draft.facts_of(carrier).get(entry.fact);
        let stands = known.is_some_and(|known| match (&known.origin, &reading.origin) {
            (_, Origin::Default(_)) => true,
            (Origin::Default(_), _) => false,
            _ => !is_weaker(entry.fact, &reading, known),
        });
        if stands {
            continue;
        }
        draft.state(carrier, entry.fact, reading);
    }
}

fn make_parts<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, entry: &'static PartEntry, resource: &Resource<'t>) {
    for value in paths::find(&resource.properties, entry.each) {
        let label = if entry.labelled { canonical(&value).unwrap_or_else(|| "?".to_owned()) } else { String::new() };
        let part = draft.part(element, entry.service, &label, value.span);
        set_facts(draft, Carrier::Part(part), entry.facts, &Subject { properties: value, attributes: resource.attributes, supplied: &[] });
    }
}

fn make_flows<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, entry: &'static FlowEntry, subject: &Subject<'t>) {
    // What may be there in some branch of a condition is drawn.
    let may_hold = |condition: &Condition| holds(resource, condition);
    let must_hold = |condition: &Condition| holds_in_every_branch(resource, condition);
    if entry.when.as_ref().is_some_and(|when| !may_hold(when)) || entry.unless.as_ref().is_some_and(must_hold) {
        return;
    }
    if entry.each.is_empty() {
        return make_flows_of(draft, resource, entry, subject);
    }
    for item in paths::find(&resource.properties, entry.each) {
        make_flows_of(draft, resource, entry, &Subject { properties: item, attributes: subject.attributes, supplied: &[] });
    }
}

/// The flows of one item, or of the resource itself.
fn make_flows_of<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, entry: &'static FlowEntry, subject: &Subject<'t>) {
    let from = ends(draft, resource, &subject.properties, (entry.from, entry));
    let to = ends(draft, resource, &subject.properties, (entry.to, entry));
    if from.len().saturating_mul(to.len()) > MAX_FLOWS_OF_ENTRY {
        let why = format!("`{}` makes more than {MAX_FLOWS_OF_ENTRY} flows at once, none of them is drawn", resource.address);
        draft.sources.cut(resource.span, why);
        return;
    }
    for (from, from_span) in &from {
        for (to, to_span) in &to {
            if from == to || !speaks_of(draft, entry.onto, *to) {
                continue;
            }
            let span = if matches!(entry.to, End::Itself) { *from_span } else { *to_span };
            let mut flow = FlowDraft::new(*from, *to, entry.means, entry.basis, span).via(entry.via);
            let outside = draft.element_at(*to).kind == ElementKind::ExternalEntity;
            flow.kind = entry.kind.filter(|kind| outside || *kind != FlowKind::Egress).unwrap_or(flow.kind);
            flow.rank = entry.rank.unwrap_or(flow.rank);
            flow.door = entry.door;
            let index = draft.flow(flow);
            for fact in entry.facts {
                if let Some(reading) = draft.read_fact(fact, subject) {
                    draft.set_flow_fact(index, fact.fact, reading);
                }
            }
        }
    }
}

fn speaks_of(draft: &Draft<'_, '_>, onto: Onto, to: ElementIndex) -> bool {
    let store = draft.element_at(to).kind == ElementKind::DataStore;
    match onto {
        Onto::Anything => true,
        Onto::Store => store,
        Onto::Owned => store || draft.element_at(to).outside == Some(Outside::OtherAccount),
        Onto::Other => !store,
    }
}

/// A value that cannot be told counts as holding: a flow too many is seen, one too few is not.
fn holds(resource: &Resource<'_>, condition: &Condition) -> bool {
    let values = paths::find(&resource.properties, condition.property);
    values.iter().any(|value| condition.is.is_empty() || value.literal().is_some_and(|text| text.eq_ignore_ascii_case(condition.is)))
}

fn holds_in_every_branch(resource: &Resource<'_>, condition: &Condition) -> bool {
    let values = paths::find(&resource.properties, condition.property);
    let is_it =
        |value: &Property<'_>| condition.is.is_empty() || value.literal().is_some_and(|text| text.eq_ignore_ascii_case(condition.is));
    !values.is_empty() && values.iter().all(is_it)
}

/// An end of an entry's flow; those that properties name are read from `properties`, of the resource or of an item.
fn ends<'t>(
    draft: &mut Draft<'t, '_>,
    resource: &Resource<'t>,
    properties: &Property<'t>,
    (end, entry): (End, &FlowEntry),
) -> Vec<(ElementIndex, Span)> {
    match end {
        End::Itself => draft.element(resource.address).map(|element| (element, resource.span)).into_iter().collect(),
        End::Client => vec![(draft.external(Outsider::Client, resource.span), resource.span)],
        End::Scheduler => vec![(draft.external(Outsider::Scheduler, resource.span), resource.span)],
        End::Service(name) => vec![(draft.external(Outsider::Service(name), resource.span), resource.span)],
        End::Devices => vec![(draft.external(Outsider::Devices, resource.span), resource.span)],
        End::Property(path) => named(draft, (resource.address, properties), path, entry),
        End::Bus(path) if properties.at(path).is_none_or(|bus| bus.literal() == Some("default")) => {
            vec![(draft.external(Outsider::DefaultBus, resource.span), resource.span)]
        }
        End::Bus(path) => named(draft, (resource.address, properties), path, entry),
        End::Call(path) => {
            let called = properties.at(path).and_then(|call| Some((aws::operation_targets(draft, call)?, call.span)));
            match called {
                Some((ends, span)) => ends.into_iter().map(|end| (end, span)).collect(),
                None => named(draft, (resource.address, properties), &format!("{path}.Arn"), entry),
            }
        }
        End::After(path, beginning) => paths::find(properties, path).iter().filter_map(|value| after(draft, value, beginning)).collect(),
    }
}

/// What a property names. A literal name of a log group that nobody states is not worth an external entity.
fn named<'t>(
    draft: &mut Draft<'t, '_>,
    (address, properties): (&str, &Property<'t>),
    path: &str,
    entry: &FlowEntry,
) -> Vec<(ElementIndex, Span)> {
    let mut ends = Vec::new();
    for value in paths::find(properties, path) {
        for target in draft.targets(&value) {
            if let Target::Unknown(reason) = &target
                && entry.basis != Basis::Permission
            {
                let text = format!("one end of the flow of `{address}` cannot be told: {reason}");
                draft.note(value.span, NoteKind::Unresolved, text);
            }
            if entry.means == Means::Log && matches!(target, Target::Name(_)) {
                continue;
            }
            ends.extend(draft.ends(&target, value.span).into_iter().map(|element| (element, value.span)));
        }
    }
    ends
}

/// The element whose name follows `beginning`, by reference or by equal name: up to the end, or to what the provider appends to it behind a slash.
fn after<'t>(draft: &Draft<'t, '_>, value: &Property<'t>, beginning: &str) -> Option<(ElementIndex, Span)> {
    let text = canonical(value)?;
    let rest = text.strip_prefix(beginning)?;
    let up_to_slash = || rest.split_once('/').and_then(|(name, _)| bearer(draft, name));
    let element = bearer(draft, rest).or_else(up_to_slash)?;
    Some((element, value.span))
}

/// The element that a name, or a reference in the form of text, denotes.
fn bearer(draft: &Draft<'_, '_>, name: &str) -> Option<ElementIndex> {
    // `${Api}` and `${Api.ApiId}` both name the API, and so does `${aws_api.orders.id}`, whose address has a point in it.
    let referenced = name.strip_prefix("${").and_then(|name| name.strip_suffix('}'));
    let element = iter::successors(referenced, |name| name.rsplit_once('.').map(|(above, _)| above)).find_map(|name| draft.element(name));
    element.or_else(|| draft.find_named(name, None).and_then(|reference| draft.element(reference.address)))
}

fn resolve<'t>(draft: &mut Draft<'t, '_>, known: &[(&Resource<'t>, &'static Entry)], phase: Phase) {
    for (resource, entry) in known {
        if !draft.spend(entry.resolvers.len(), resource.span) {
            return;
        }
        for resolver in entry.resolvers.iter().filter(|resolver| resolver.phase() == phase) {
            resolver.resolve()(draft, resource);
        }
    }
}
