//! Rules of security groups beside those that other rules weigh: where members may connect to, which more ports somebody who was let in gets, and
//! which more of those ports are open to everybody that are open on purpose.
//!
//! Comes in: a group. Goes out: its ways out and in.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html>

use crate::catalog::aws::{ingress, security_group};
use crate::catalog::names::canonical;
use crate::catalog::unweighed::Collector;
use crate::catalog::{governed, paths, ranges};
use crate::model::limit::{Limit, Way};
use crate::model::resource::{Property, Resource};
use crate::model::unweighed::Kind;

const EGRESS: &str = "SecurityGroupEgress";
/// What the ways are told as.
const OUT: &str = "ways out";
const PORTS_FOR: &str = "ports for";
const OPEN_PORTS: &str = "ports open to everybody";
/// Where a rule of a group names addresses of others.
const OUTSIDE: &[&str] = &["CidrIp", "CidrIpv6", "DestinationPrefixListId", "SourcePrefixListId"];
/// What stands for everything inside of the networks: whatever is let out to it is no way out.
const INSIDE: &str = "inside";
/// What a rule is that opens some ports to somebody inside.
const ONE_SERVICE: &str = "one service";
/// Ports of the web, and of what stands in for it in development: groups open them to everybody every day.
const WEB: [&str; 9] = ["80", "443", "3000", "4443", "5000", "8000", "8080", "8081", "8443"];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, group: &Resource<'t>) {
    outwards(collector, group);
    for rule in security_group::rules(collector.draft, group) {
        if !collector.draft.spend(1, rule.span) {
            return;
        }
        inwards(collector, group, &rule);
    }
}

/// Without any rule everything is let out of a group that is made so; one that had rules and loses all of them lets out nothing, until it is made
/// anew. Terraform takes the provider's rule away: there nothing is let out.
fn outwards<'t>(collector: &mut Collector<'_, 't, '_>, group: &Resource<'t>) {
    let mut rules = paths::find(&group.properties, "SecurityGroupEgress[]");
    let is_listed = group.properties.get(EGRESS).is_some_and(Property::is_present);
    let beside = collector.draft.mentioning(group.address).filter(|other| other.kind == "AWS::EC2::SecurityGroupEgress");
    rules.extend(
        beside
            .filter(|rule| rule.properties.get("GroupId").and_then(Property::reference).is_some_and(|of| of.address == group.address))
            .map(|rule| Property { span: rule.span, ..rule.properties }),
    );
    let mut add = |limits: Vec<Limit>, span| collector.add_way(group, OUT, Way { what: String::new(), limits }, span);
    let is_made_open = group.declared.contains("::");
    if rules.is_empty() && !is_listed && is_made_open {
        return add(Vec::new(), group.span);
    }
    add(vec![Limit::new(INSIDE, "")], group.span);
    for rule in &rules {
        for address in outside(rule).filter(|address| !ranges::is_private_range(address)) {
            add(std::iter::once(Limit::new("address", address)).chain(service(rule)).collect(), rule.span);
        }
    }
}

fn inwards<'t>(collector: &mut Collector<'_, 't, '_>, group: &Resource<'t>, rule: &Property<'t>) {
    if security_group::is_open(collector.draft, rule) {
        let ports = service(rule).into_iter().map(|limit| limit.to).next_back().unwrap_or_default();
        if ingress::is_served_on_purpose(rule) && !(ingress::is_of_connections(rule) && WEB.contains(&ports.as_str())) {
            let text: Vec<String> = service(rule).into_iter().map(|limit| format!("{} {}", limit.of, limit.to)).collect();
            collector.add_text(group, (Kind::Arrival, OPEN_PORTS), &text.join(" "), rule.span);
        }
        return;
    }
    inside(collector, group, rule);
    let elsewhere = OUTSIDE.iter().flat_map(|key| paths::find(rule, key)).filter(|value| !governed::is_here(collector.draft, value));
    let elsewhere: Vec<String> = elsewhere.filter_map(|value| canonical(&value)).collect();
    for address in elsewhere {
        let way = Way { what: address.clone(), limits: service(rule) };
        collector.add_way(group, &format!("{PORTS_FOR} {address}"), way, rule.span);
    }
}

/// Another port for a group or a network inside is an everyday thing; all of them are not.
fn inside<'t>(collector: &mut Collector<'_, 't, '_>, group: &Resource<'t>, rule: &Property<'t>) {
    let is_inside = |key: &str| key.starts_with("SourceSecurityGroup");
    let groups = ["SourceSecurityGroupId", "SourceSecurityGroupName"].into_iter().chain(OUTSIDE.iter().copied());
    let named = groups.flat_map(|key| paths::find(rule, key).into_iter().map(move |value| (key, value)));
    let named: Vec<String> = named
        .filter(|(key, value)| is_inside(key) || governed::is_here(collector.draft, value))
        .filter_map(|(_, value)| canonical(&value))
        .collect();
    let service = service(rule);
    let is_everything = !service.iter().any(|limit| limit.of == "ports");
    for source in named {
        let limits = if is_everything { service.clone() } else { vec![Limit::new(ONE_SERVICE, "")] };
        collector.add_way(group, &format!("{PORTS_FOR} {source}"), Way { what: source.clone(), limits }, rule.span);
    }
}

fn outside<'t>(rule: &Property<'t>) -> impl Iterator<Item = String> {
    OUTSIDE.iter().flat_map(move |key| paths::find(rule, key)).filter_map(|value| canonical(&value)).collect::<Vec<_>>().into_iter()
}

/// Protocol and ports of a rule, as far as they hold it to anything.
fn service(rule: &Property<'_>) -> Vec<Limit> {
    let protocol = rule.get("IpProtocol").and_then(canonical).map(|protocol| match protocol.as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        _ => protocol.to_ascii_lowercase(),
    });
    let Some(protocol) = protocol.filter(|protocol| !matches!(protocol.as_str(), "-1" | "all")) else { return Vec::new() };
    let ports = ingress::ports(rule).ok().filter(|(from, to)| (*from, *to) != (0, 65_535));
    let ports = ports.map(|(from, to)| Limit::new("ports", if from == to { from.to_string() } else { format!("{from}-{to}") }));
    std::iter::once(Limit::new("protocol", protocol)).chain(ports).collect()
}
