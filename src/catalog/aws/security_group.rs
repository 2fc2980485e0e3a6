//! Security groups: who may open a connection to whom.
//!
//! Comes in: a security group with its rules. Goes out: a network flow from the members of each group that it admits, and from the client
//! where it admits the whole internet to something that has a public address. Where two elements are known to talk, nothing is added.
//! What the rules let in is told as facts: `world_ports` of machines and tasks that can be reached, and of a group whose machines are placed where
//! nobody can tell; `ingress_scope` of data stores, and `inner_ports` of a group in which no machine has a public address.
//! A prefix list counts by its entries where the template has them; of one that stands elsewhere nobody can tell here.

use crate::catalog::aws::ingress;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::ranges::{is_of_a_network, is_wide_range};
use crate::catalog::targets::Target;
use crate::model::fact::{Answer, Fact, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::model::{Basis, ElementKind, FlowKind, Means, Rank};
use crate::source::Span;
use std::collections::BTreeSet;

/// Most flows that one rule makes between two groups: of larger groups they would say nothing.
const MAX_FLOWS_OF_RULE: usize = 4096;

/// Where machines, groups of them and what they are launched from name their subnets.
const SUBNETS: &[&str] =
    &["SubnetId", "NetworkInterfaces[].SubnetId", "VPCZoneIdentifier[]", "LaunchTemplateData.NetworkInterfaces[].SubnetId"];

/// The resolver of `AWS::EC2::SecurityGroup`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, group: &Resource<'t>) {
    let members = members(draft, group);
    if members.is_empty() {
        let rules = rules(draft, group);
        return ingress::state_alone(draft, group, &rules);
    }
    let via = format!("security group {}", group.address);
    let rules = rules(draft, group);
    if !draft.spend(members.len() + rules.len(), group.span) {
        return;
    }
    ingress::state(draft, &members, &rules, group.span);
    if !members.iter().any(|member| is_told_of(draft, *member)) || is_used_by_unknown(draft, group) {
        ingress::state_alone(draft, group, &rules);
    } else if hides_machines(draft, &members) {
        // Nobody can tell here whether they have a public address: the group counts as it does without them.
        let grave: Vec<Property<'t>> = rules.iter().filter(|rule| ingress::is_grave(draft, rule)).copied().collect();
        ingress::state_alone(draft, group, &grave);
    } else if keeps_machines_inside(draft, &members) {
        ingress::state_inside(draft, group, &rules);
    }
    if let Some(open) = rules.iter().find(|rule| is_open(draft, rule)) {
        admit_everybody(draft, &members, &via, open.span);
    }
    let mut admitted = BTreeSet::new();
    for rule in rules {
        let Some(source) = rule.get("SourceSecurityGroupId").or_else(|| rule.get("SourceSecurityGroupName")) else { continue };
        for target in draft.targets(source) {
            let Target::Resource(reference) = target else { continue };
            let Some(source) = draft.resource(reference.address).filter(|source| admitted.insert(source.address)) else { continue };
            let callers = if source.address == group.address { callers(draft, &members) } else { self::members(draft, source) };
            if callers.len().saturating_mul(members.len()) > MAX_FLOWS_OF_RULE {
                let why = format!("a rule of `{}` makes more than {MAX_FLOWS_OF_RULE} flows at once, none of them is drawn", group.address);
                draft.sources.cut(rule.span, why);
                continue;
            }
            admit(draft, &callers, &members, &via, rule.span);
        }
    }
}

/// The resolver of `AWS::EC2::SecurityGroupIngress`: a rule of a group that is not here.
pub(crate) fn resolve_alone<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>) {
    if draft.is_attached_elsewhere(rule.address, "AWS::EC2::SecurityGroup") {
        ingress::state_alone(draft, rule, &[Property { span: rule.span, ..rule.properties }]);
    }
}

/// The rules of a group, its own and those that stand beside it.
pub(crate) fn rules<'t>(draft: &Draft<'t, '_>, group: &Resource<'t>) -> Vec<Property<'t>> {
    let beside = draft
        .attached(group.address)
        .filter(|resource| resource.kind == "AWS::EC2::SecurityGroupIngress")
        .map(|rule| Property { span: rule.span, ..rule.properties });
    paths::find(&group.properties, "SecurityGroupIngress[]").into_iter().chain(beside).collect()
}

/// The elements that are placed in a group; ordered, unique.
fn members<'t>(draft: &Draft<'t, '_>, group: &Resource<'t>) -> Vec<ElementIndex> {
    let mut members: Vec<ElementIndex> = draft.attached(group.address).filter_map(|resource| draft.element(resource.address)).collect();
    members.sort_unstable();
    members.dedup();
    members
}

/// Whether what a group opens is told of a member, or can do no harm there: nothing reaches a function through a group.
fn is_told_of(draft: &Draft<'_, '_>, member: ElementIndex) -> bool {
    let element = draft.element_at(member);
    let is_store_or_machine = element.kind == ElementKind::DataStore || matches!(element.service, "vm" | "lambda_function");
    is_store_or_machine || reachable(draft, member) == Some(Rank::First)
}

/// Whether machines are in a group, and none of them has a public address.
fn keeps_machines_inside(draft: &Draft<'_, '_>, members: &[ElementIndex]) -> bool {
    let mut machines = members.iter().filter(|member| draft.element_at(**member).service == "vm").peekable();
    machines.peek().is_some() && machines.all(|member| reachable(draft, *member).is_none())
}

/// Whether a machine is in a group of which it cannot be told whether it has a public address, and none that has one.
fn hides_machines(draft: &Draft<'_, '_>, members: &[ElementIndex]) -> bool {
    let mut ranks = members.iter().map(|member| (draft.element_at(*member).service, reachable(draft, *member)));
    ranks.clone().all(|(_, rank)| rank != Some(Rank::First)) && ranks.any(|(service, rank)| service == "vm" && rank == Some(Rank::Second))
}

/// Whether something of a type that nobody knows here is in a group.
fn is_used_by_unknown(draft: &Draft<'_, '_>, group: &Resource<'_>) -> bool {
    draft.mentioning(group.address).any(|other| draft.entry(other.address).is_none())
}

/// Within one group everybody may call everybody: a flow is drawn from those that do nothing but connect.
fn callers(draft: &Draft<'_, '_>, members: &[ElementIndex]) -> Vec<ElementIndex> {
    let connects = |member: &ElementIndex| {
        let element = draft.element_at(*member);
        element.service == "load_balancer"
            || draft.resource(&element.address).is_some_and(|resource| resource.kind == "AWS::EC2::InstanceConnectEndpoint")
    };
    members.iter().copied().filter(connects).collect()
}

fn admit(draft: &mut Draft<'_, '_>, callers: &[ElementIndex], members: &[ElementIndex], via: &str, span: Span) {
    for caller in callers {
        for member in members {
            let known = draft.has_flow(*caller, *member) || draft.has_flow(*member, *caller);
            if caller != member && !known && connects_to(draft, *caller, *member) {
                draft.flow(network(draft, *caller, *member, via, span));
            }
        }
    }
}

/// An instance connect endpoint leads to the shells of machines and nowhere else.
fn connects_to(draft: &Draft<'_, '_>, caller: ElementIndex, member: ElementIndex) -> bool {
    draft.element_at(caller).declared != "AWS::EC2::InstanceConnectEndpoint" || draft.element_at(member).service == "vm"
}

fn network(draft: &Draft<'_, '_>, from: ElementIndex, to: ElementIndex, via: &str, span: Span) -> FlowDraft {
    let mut flow = FlowDraft::new(from, to, Means::Network, Basis::Network, span).via(via);
    if draft.element_at(to).kind == ElementKind::DataStore {
        flow.kind = FlowKind::DataAccess;
    }
    flow
}

/// Whether a rule lets in every address, or a good part of them: half the internet twice is all of it.
pub(crate) fn is_open(draft: &Draft<'_, '_>, rule: &Property<'_>) -> bool {
    ranges(draft, rule).iter().filter_map(Property::literal).any(is_wide_range)
}

/// Why it cannot be told whether a rule lets in everybody: its range is filled in at deployment. One whose length is written out is somebody's.
pub(crate) fn may_be_open(draft: &Draft<'_, '_>, rule: &Property<'_>) -> Option<String> {
    let may_be = |range: &&Property<'_>| range.literal().is_none() && !canonical(range).is_some_and(|text| is_of_a_network(&text));
    ranges(draft, rule).iter().filter(may_be).find_map(Property::unresolved)
}

/// Whether a rule admits the entries of a prefix list that stands elsewhere: somebody chose them, and nobody can tell here what they are.
pub(crate) fn names_list_elsewhere(draft: &Draft<'_, '_>, rule: &Property<'_>) -> bool {
    rule.get("SourcePrefixListId").is_some_and(|list| prefix_list(draft, list).is_none())
}

/// The address ranges of a rule, those of its prefix list included.
fn ranges<'t>(draft: &Draft<'t, '_>, rule: &Property<'t>) -> Vec<Property<'t>> {
    let own = ["CidrIp", "CidrIpv6"].iter().flat_map(|key| paths::find(rule, key));
    let list = rule.get("SourcePrefixListId").and_then(|list| prefix_list(draft, list));
    own.chain(list.into_iter().flat_map(|list| paths::find(&list.properties, "Entries[].Cidr"))).collect()
}

fn prefix_list<'t, 's>(draft: &Draft<'t, 's>, named: &Property<'t>) -> Option<&'s Resource<'t>> {
    draft.resource(named.reference()?.address).filter(|found| found.kind == "AWS::EC2::PrefixList")
}

fn admit_everybody(draft: &mut Draft<'_, '_>, members: &[ElementIndex], via: &str, span: Span) {
    for member in members {
        let Some(rank) = reachable(draft, *member) else { continue };
        let client = draft.external(Outsider::Client, span);
        if !draft.has_flow(client, *member) {
            let mut flow = network(draft, client, *member, via, span);
            flow.rank = rank;
            draft.flow(flow);
        }
    }
}

/// Whether a machine or a task has a public address: `None` where it has none, the second rank where that cannot be told.
pub(crate) fn reachable(draft: &Draft<'_, '_>, member: ElementIndex) -> Option<Rank> {
    let element = draft.element_at(member);
    let placement = element.facts.get(Fact::Placement).map(|reading| &reading.answer);
    if let Some(Answer::Known(Value::Word(Word::Public))) = placement {
        return matches!(element.service, "vm" | "container_service").then_some(Rank::First);
    }
    // A task has the address that its service asks for, and no other.
    if element.service != "vm" {
        let is_hidden = matches!(placement, Some(Answer::Unresolved(_)));
        return (element.service == "container_service" && is_hidden).then_some(Rank::Second);
    }
    let resource = draft.resource(&element.address)?;
    if draft.mentioning(resource.address).any(|other| matches!(other.kind, "AWS::EC2::EIP" | "AWS::EC2::EIPAssociation")) {
        return Some(Rank::First);
    }
    match placement {
        Some(Answer::Known(_)) => return None,
        Some(Answer::Unresolved(_)) => return Some(Rank::Second),
        None => {}
    }
    let parts = draft.absorbed(resource).chain([resource]);
    let subnets: Vec<Property<'_>> = parts.flat_map(|part| SUBNETS.iter().flat_map(|path| paths::find(&part.properties, path))).collect();
    if subnets.is_empty() {
        // The default network of an account gives every machine a public address.
        return Some(Rank::First);
    }
    let here: Vec<&Resource<'_>> = subnets.iter().filter_map(|subnet| draft.resource(subnet.reference()?.address)).collect();
    let public = |subnet: &&Resource<'_>| subnet.properties.get("MapPublicIpOnLaunch").and_then(Property::literal) == Some("true");
    if here.iter().any(public) {
        return Some(Rank::First);
    }
    (here.len() < subnets.len()).then_some(Rank::Second)
}
