//! What stands behind a load balancer: whether it can be reached past it.
//!
//! Comes in: a load balancer of the second generation that makes people sign in. Goes out: `origin_restricted`, with the targets that can be called another way.
//! A function is called by whom its permissions name, and has no address of its own; anything else is as closed as its security groups
//! are on the ports that it listens on.

use crate::catalog::aws::{ingress, security_group, sign_in};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::catalog::witnesses::bounded;
use crate::model::Means;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;
use std::collections::BTreeMap;

const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";

/// Whether one target, or one group, lets in nobody but the load balancer, and where that is said.
#[derive(Clone)]
enum Closed {
    Yes,
    /// The first rule that lets somebody else in.
    No(Span),
    Unknown(String, Span),
}

/// The ports that a target listens on, ordered, unique; `None` where that cannot be told, and any may be.
type Ports = Option<Vec<u32>>;

/// What is known of groups, each for the ports that are asked about.
type Known<'t> = BTreeMap<(&'t str, Ports), Closed>;

/// The resolver of load balancers.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, balancer: &Resource<'t>) {
    let Some(element) = draft.element(balancer.address) else { return };
    // Only one that signs people in tells its targets who they are.
    if !sign_in::signs_in(draft, element) {
        return;
    }
    let own: Vec<&str> = groups(draft, balancer).into_iter().flatten().collect();
    let mut known = BTreeMap::new();
    let targets: Vec<ElementIndex> = draft.leaving(element).filter(|(_, means)| *means == Means::Invoke).map(|(to, _)| to).collect();
    if targets.is_empty() {
        return;
    }
    let (mut open, mut at, mut unknown) = (Vec::new(), None, None);
    for target in targets {
        match closed(draft, target, &own, &mut known) {
            Closed::Yes => {}
            Closed::No(span) => {
                at.get_or_insert(span);
                open.push(draft.element_at(target).name.clone());
            }
            Closed::Unknown(reason, span) => unknown = unknown.or(Some((reason, span))),
        }
    }
    let reading = match (at, unknown) {
        (Some(span), _) => Reading::word(Word::Off, draft.stated(span)).witnessed(bounded(open)),
        (None, Some((reason, span))) => Reading::unresolved(reason, draft.stated(span)),
        (None, None) => Reading::word(Word::On, draft.stated(balancer.span)),
    };
    draft.set_fact(element, Fact::OriginRestricted, reading);
}

/// What a resource is placed in, security groups by their addresses: `None` stands for what the template does not define, which may be one.
fn groups<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>) -> Vec<Option<&'t str>> {
    let network = draft.entry(resource.address).map_or(&[][..], |entry| entry.network);
    let of_groups = network.iter().filter(|path| path.contains("SecurityGroup"));
    let values = of_groups.flat_map(|path| paths::find(&resource.properties, path));
    let group = |value: Property<'t>| {
        let address = value.reference()?.address;
        draft.resource(address).filter(|found| found.kind == "AWS::EC2::SecurityGroup").map(|_| address)
    };
    values.map(group).collect()
}

fn closed<'t>(draft: &Draft<'t, '_>, target: ElementIndex, own: &[&'t str], known: &mut Known<'t>) -> Closed {
    let element = draft.element_at(target);
    if element.service == "lambda_function" {
        return Closed::Yes;
    }
    let resource = draft.resource(&element.address);
    let span = resource.map_or_else(Span::default, |resource| resource.span);
    let ports = resource.and_then(|resource| ports(draft, resource));
    // The groups of a machine may stand on the template that it is launched from.
    let parts = resource.into_iter().flat_map(|resource| draft.absorbed(resource).chain([resource]));
    let groups: Vec<Option<&str>> = parts.flat_map(|resource| groups(draft, resource)).collect();
    let elsewhere =
        || Closed::Unknown(format!("the security groups of {} are not all defined in this {}", element.name, draft.words().text), span);
    // One group that lets others in is enough, so that those that are known are asked all the same.
    let mut all = if groups.is_empty() || groups.contains(&None) { elsewhere() } else { Closed::Yes };
    for group in groups.into_iter().flatten() {
        match known.entry((group, ports.clone())).or_insert_with(|| closed_group(draft, group, own, ports.as_deref())) {
            Closed::Yes => {}
            Closed::No(span) => return Closed::No(*span),
            unknown @ Closed::Unknown(..) => all = unknown.clone(),
        }
    }
    all
}

/// The ports of the containers that a service puts behind a load balancer; of anything else those of its target groups.
fn ports<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>) -> Ports {
    let containers = paths::find(&resource.properties, "LoadBalancers[].ContainerPort");
    let values = if containers.is_empty() {
        let joins = draft.entry(resource.address).map_or(&[][..], |entry| entry.joins);
        let joined = joins.iter().flat_map(|path| paths::find(&resource.properties, path));
        let joined = joined.filter_map(|group| draft.resource(group.reference()?.address));
        let groups = joined.chain(draft.mentioning(resource.address)).filter(|group| group.kind == TARGET_GROUP);
        groups.flat_map(|group| ["Port", "Targets[].Port"].map(|path| paths::find(&group.properties, path))).flatten().collect()
    } else {
        containers
    };
    let mut ports: Vec<u32> = values.iter().map(|value| value.literal()?.parse().ok()).collect::<Option<_>>()?;
    ports.sort_unstable();
    ports.dedup();
    (!ports.is_empty()).then_some(ports)
}

fn closed_group(draft: &Draft<'_, '_>, address: &str, own: &[&str], ports: Option<&[u32]>) -> Closed {
    let Some(group) = draft.resource(address) else { return Closed::Yes };
    let rules = security_group::rules(draft, group);
    let mut all = Closed::Yes;
    let leads_nowhere = |rule: &Property<'_>| match (ports, ingress::ports(rule)) {
        (Some(ports), Ok((from, to))) => !ports.iter().any(|port| (from..=to).contains(port)),
        (None, _) | (_, Err(_)) => false,
    };
    for rule in rules.iter().filter(|rule| !leads_nowhere(rule)) {
        match admits(draft, rule, own, address) {
            Some(true) => {}
            Some(false) => return Closed::No(rule.span),
            None => all = Closed::Unknown(format!("whom {address} admits is not known here"), rule.span),
        }
    }
    all
}

/// Whether a rule lets in the load balancer, or what is in the same group, and nobody else. A shell is another door, which
/// `world_ports` tells of.
fn admits(draft: &Draft<'_, '_>, rule: &Property<'_>, own: &[&str], group: &str) -> Option<bool> {
    let port = |key: &str| rule.get(key).and_then(Property::literal);
    if port("FromPort") == Some("22") && port("ToPort").is_none_or(|port| port == "22") {
        return Some(true);
    }
    let Some(source) = ["SourceSecurityGroupId", "SourceSecurityGroupName"].iter().find_map(|key| rule.get(key)) else {
        return Some(false);
    };
    match draft.targets(source).into_iter().next() {
        Some(Target::Resource(reference)) => Some(own.contains(&reference.address) || reference.address == group),
        Some(Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_)) | None => None,
    }
}
