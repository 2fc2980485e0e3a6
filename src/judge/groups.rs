//! Ports of a security group by which everybody reached a machine before, and of which nobody can tell now who is behind them.
//!
//! Comes in: the models of both sides and the base's threats. Goes out: whether what a group is said to open was said of a machine in it: that the
//! machine is placed elsewhere, or is gone, opens nothing. A group that goes on under another address, as its name and its rule say, opens what it
//! did; and a machine that comes into a group in which others were as open is asked about.

use crate::catalog::stood;
use crate::model::Model;
use crate::model::fact::{Fact, Value};
use crate::model::stated::{Part, Stated};
use crate::source::{Place, RepoPath};
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// How a flow says that a group lets it through.
const VIA: &str = "security group ";

pub(super) struct Groups {
    /// By file and group, the ports that were said to be open on what is in it.
    said: BTreeMap<(RepoPath, String), BTreeSet<String>>,
    /// Where rules stand at the head that a group of the same name had under another address.
    readdressed: Vec<Place>,
    /// The ports that groups opened in which no machine had a public address, by the id of the group.
    inner: BTreeMap<String, Vec<String>>,
}

impl Groups {
    pub(super) fn of<'t>(model: &Model, after: &Model, found: impl Iterator<Item = &'t Threat>) -> Self {
        let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for threat in found.filter(|threat| threat.outcome == Outcome::Open) {
            said.entry(&threat.on).or_default().extend(ports(threat));
        }
        let mut groups: BTreeMap<(RepoPath, String), BTreeSet<String>> = BTreeMap::new();
        for flow in &model.flows {
            let Some(ports) = said.get(flow.to.as_str()) else { continue };
            for group in flow.via.iter().filter_map(|via| via.strip_prefix(VIA)) {
                let known = groups.entry((flow.unit.clone(), group.to_owned())).or_default();
                known.extend(ports.iter().map(|port| (*port).to_owned()));
            }
        }
        Self { said: groups, readdressed: readdressed(model, after), inner: inner(model) }
    }

    /// Whether all that a threat says of a group was said of what is in it.
    pub(super) fn had(&self, threat: &Threat) -> bool {
        let stands = |place: &Place| place.path == threat.place.path && (place.line..=place.end_line).contains(&threat.place.line);
        let said = ports(threat);
        !said.is_empty() && (self.readdressed.iter().any(stands) || self.was_open_inside(threat, &said))
            || self.covers(threat, &threat.part)
    }

    /// Whether a group alone, in which nothing is that can be told, was as open to what was in it and is placed elsewhere now.
    fn was_open_inside(&self, threat: &Threat, said: &[&str]) -> bool {
        let is_alone = threat.on.rsplit('#').next() == Some(&*threat.part);
        let known = self.inner.get(&*threat.on).filter(|_| is_alone);
        known.is_some_and(|known| said.iter().all(|port| stood::is_covered(Fact::WorldPorts, port, known.iter().map(String::as_str))))
    }

    /// Whether all that a threat says of a machine was said of another one in each of its groups that let everybody in.
    pub(super) fn took_in(&self, threat: &Threat, after: &Model) -> bool {
        let to = after.flows.iter().filter(|flow| flow.to.as_str() == &*threat.on);
        let mut groups = to.flat_map(|flow| &flow.via).filter_map(|via| via.strip_prefix(VIA)).peekable();
        groups.peek().is_some() && groups.all(|group| self.covers(threat, group))
    }

    fn covers(&self, threat: &Threat, group: &str) -> bool {
        let said = ports(threat);
        let Some(known) = self.said.get(&(threat.unit.clone(), group.to_owned())) else { return false };
        !said.is_empty() && said.iter().all(|port| stood::is_covered(Fact::WorldPorts, port, known.iter().map(String::as_str)))
    }
}

/// What groups of the base open to everybody, as far as no machine in them has a public address.
fn inner(base: &Model) -> BTreeMap<String, Vec<String>> {
    let parts = base.elements.iter().flat_map(|element| element.parts.iter().map(move |part| (&element.id, &part.facts)));
    let ports = parts.filter_map(|(id, facts)| match facts.value(Fact::InnerPorts) {
        Some(Value::List(ports)) => Some((id.as_str().to_owned(), ports.clone())),
        _ => None,
    });
    ports.collect()
}

/// The rules of groups of the head that are new by their address, of which a group of the same unit and name is gone that had them word by word.
fn readdressed(base: &Model, head: &Model) -> Vec<Place> {
    const KIND: &str = "aws_security_group";
    let is_gone = |stated: &&Stated, other: &Model| stated.declared == KIND && !other.resources.contains(&stated.id);
    let mut gone: Vec<&Stated> = base.stated.iter().filter(|stated| is_gone(stated, head)).collect();
    let mut places = Vec::new();
    for new in head.stated.iter().filter(|stated| is_gone(stated, base)) {
        let is_same = |old: &&Stated| old.id.unit() == new.id.unit() && name(old).is_some() && name(old) == name(new);
        let Some(index) = gone.iter().position(is_same) else { continue };
        let old = gone.swap_remove(index);
        let stood = |part: &&Part| rules(old).any(|known| known.path == part.path && known.digest == part.digest);
        places.extend(rules(new).filter(stood).map(|part| part.place.clone()));
    }
    places
}

/// What the provider knows a group by.
fn name(group: &Stated) -> Option<[u8; 16]> {
    group.parts.iter().find(|part| part.path == "GroupName").map(|part| part.digest)
}

fn rules(group: &Stated) -> impl Iterator<Item = &Part> {
    group.parts.iter().filter(|part| part.path.starts_with("SecurityGroupIngress"))
}

/// The ports that witness what a threat says of them.
fn ports(threat: &Threat) -> Vec<&str> {
    let evidence = threat.evidence.iter().filter(|evidence| evidence.fact == Fact::WorldPorts);
    evidence.filter_map(|evidence| evidence.reading.as_ref()).flat_map(|reading| reading.witnesses.iter().map(String::as_str)).collect()
}
