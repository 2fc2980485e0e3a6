//! Ports of a security group by which everybody reached a machine before, and of which nobody can tell now who is behind them.
//!
//! Comes in: the base's model and threats. Goes out: whether what a group is said to open was said of a machine in it: that the machine is placed
//! elsewhere, or is gone, opens nothing.

use crate::catalog::stood;
use crate::model::Model;
use crate::model::fact::Fact;
use crate::source::RepoPath;
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// By file and group, the ports that were said to be open on what is in it.
pub(super) struct Groups(BTreeMap<(RepoPath, String), BTreeSet<String>>);

impl Groups {
    pub(super) fn of<'t>(model: &Model, found: impl Iterator<Item = &'t Threat>) -> Self {
        let mut said: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for threat in found.filter(|threat| threat.outcome == Outcome::Open) {
            said.entry(&threat.on).or_default().extend(ports(threat));
        }
        let mut groups: BTreeMap<(RepoPath, String), BTreeSet<String>> = BTreeMap::new();
        for flow in &model.flows {
            let Some(ports) = said.get(flow.to.as_str()) else { continue };
            for group in flow.via.iter().filter_map(|via| via.strip_prefix("security group ")) {
                let known = groups.entry((flow.unit.clone(), group.to_owned())).or_default();
                known.extend(ports.iter().map(|port| (*port).to_owned()));
            }
        }
        Self(groups)
    }

    /// Whether all that a threat says of a group was said of what is in it.
    pub(super) fn had(&self, threat: &Threat) -> bool {
        let said = ports(threat);
        let Some(known) = self.0.get(&(threat.unit.clone(), threat.part.to_string())) else { return false };
        !said.is_empty() && said.iter().all(|port| stood::is_covered(Fact::WorldPorts, port, known.iter().map(String::as_str)))
    }
}

/// The ports that witness what a threat says of them.
fn ports(threat: &Threat) -> Vec<&str> {
    let evidence = threat.evidence.iter().filter(|evidence| evidence.fact == Fact::WorldPorts);
    evidence.filter_map(|evidence| evidence.reading.as_ref()).flat_map(|reading| reading.witnesses.iter().map(String::as_str)).collect()
}
