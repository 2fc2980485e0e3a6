//! Management consoles and the APIs of schedulers behind a load balancer: whoever gets to one rules what it manages.
//!
//! Comes in: the ways through the listeners that forward. Goes out: `open_consoles`, each way that asks nobody who calls and leads to such a
//! thing, by the host that it is for or by the port of its targets. Ports on which other things listen as often count only where the host
//! says so, too.

use super::{Guard, Way};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Value as Answer};
use crate::model::resource::{Property, Value};

/// First parts of hosts, and what is there.
const HOSTS: &[&str] = &["alertmanager", "consul", "grafana", "kibana", "nomad", "prometheus", "rabbitmq", "vault"];

/// First parts of hosts that say that it is for those who run things.
const OF_ADMINISTRATORS: &[&str] = &["admin", "console", "dashboard", "ops"];

/// Ports of what answers there unless somebody says otherwise, with the pages that say so:
/// <https://developer.hashicorp.com/nomad/docs/install/production/requirements>,
/// <https://developer.hashicorp.com/consul/docs/reference/architecture/ports>,
/// <https://developer.hashicorp.com/vault/docs/configuration/listener/tcp>,
/// <https://www.elastic.co/docs/reference/kibana/configuration-reference/general-settings>, <https://www.rabbitmq.com/docs/management>
const PORTS: &[(&str, &str)] = &[("4646", "nomad"), ("5601", "kibana"), ("8200", "vault"), ("8500", "consul"), ("15672", "rabbitmq")];

/// Ports that say so together with a host for those who run things.
const WITH_HOST: &[&str] = &["8080", "9090"];

/// Puts the open ways to consoles into the draft.
pub(super) fn state(draft: &mut Draft<'_, '_>, balancer: ElementIndex, ways: &[Way<'_>]) {
    let open = ways.iter().filter(|way| matches!(way.guard(), Guard::Open | Guard::Optional(_)));
    let found: Vec<(String, &Way<'_>)> =
        open.filter_map(|way| console(draft, way).map(|name| (format!("{name} ({})", way.address), way))).collect();
    let Some((_, first)) = found.first() else { return };
    let origin = draft.stated(first.span);
    let names = found.into_iter().map(|(name, _)| name).collect();
    draft.set_fact(balancer, Fact::OpenConsoles, Reading::known(Answer::List(bounded(names)), origin));
}

/// What a way leads to, if that is a console.
fn console(draft: &Draft<'_, '_>, way: &Way<'_>) -> Option<String> {
    let parts = || way.hosts.iter().filter_map(begins).flat_map(|host| first_part(host).split('-'));
    let named = |names: &[&str]| parts().find(|part| names.contains(part)).map(str::to_owned);
    let ports = ports(draft, way);
    let by_port = || PORTS.iter().find(|(port, _)| ports.contains(port)).map(|(_, name)| (*name).to_owned());
    let by_both = || named(OF_ADMINISTRATORS).filter(|_| WITH_HOST.iter().any(|port| ports.contains(port)));
    named(HOSTS).or_else(by_port).or_else(by_both)
}

/// The text with which a value begins.
fn begins<'t>(value: &Property<'t>) -> Option<&'t str> {
    match value.value {
        Value::Text(text) => Some(text),
        Value::Joined(pieces) => pieces.first().and_then(begins),
        _ => None,
    }
}

/// The first part of a host: `nomad` of `nomad.example.com`. What ends within it may be any other.
fn first_part(host: &str) -> &str {
    host.split_once('.').map_or("", |(first, _)| first)
}

/// The ports of the targets that a way forwards to.
fn ports<'t>(draft: &Draft<'t, '_>, way: &Way<'t>) -> Vec<&'t str> {
    const TARGETS: [&str; 2] = ["TargetGroupArn", "ForwardConfig.TargetGroups[].TargetGroupArn"];
    let targets = way.actions.iter().flat_map(|action| TARGETS.iter().flat_map(move |path| paths::find(action, path)));
    let groups = targets.filter_map(|target| target.reference().and_then(|reference| draft.resource(reference.address)));
    groups.filter_map(|group| group.properties.get("Port").and_then(Property::literal)).collect()
}

#[cfg(test)]
mod tests {
    use super::first_part;

    #[test]
    fn a_host_is_known_by_its_first_part() {
        for (host, expected) in [("nomad.example.com", "nomad"), ("nomad.", "nomad"), ("nomad", ""), ("www.nomad.example", "www")] {
            assert_eq!(first_part(host), expected, "{host}");
        }
    }
}
