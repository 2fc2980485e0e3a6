//! What stood before on the same element under another statement, rule of a group or spelling.
//!
//! Comes in: the threats of the base. Goes out: whether a threat of the head says no more than they did. A list that grows is news by what came:
//! a port beside an older one says nothing new of the older one, and `s3:*` in place of `s3:Get*` reads no more.

use crate::catalog::stood;
use crate::model::fact::Fact;
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rule, element and part, by their names at the head.
type Spot = (&'static str, String, Arc<str>);

/// What witnessed the facts of open threats, by spot.
pub(super) struct Stood(BTreeMap<Spot, Held>);

#[derive(Default)]
struct Held {
    witnesses: BTreeSet<(Fact, String)>,
    exposed: bool,
}

impl Stood {
    pub(super) fn of<'t>(threats: impl Iterator<Item = &'t Threat>, spot: &dyn Fn(&Threat) -> Spot) -> Self {
        let mut all: BTreeMap<Spot, Held> = BTreeMap::new();
        for threat in threats.filter(|threat| threat.outcome == Outcome::Open) {
            let witnesses = witnesses(threat, stood::READS);
            if !witnesses.is_empty() {
                let held = all.entry(spot(threat)).or_default();
                held.exposed |= threat.worst.exposed;
                held.witnesses.extend(witnesses.into_iter().map(|(fact, witness)| (fact, witness.to_owned())));
            }
        }
        Self(all)
    }

    /// Whether all that the threat says was said of each element that it is about, and as exposed.
    pub(super) fn covers(&self, threat: &Threat) -> bool {
        threat.outcome == Outcome::Open && threat.sharers().all(|sharer| self.covers_one(sharer))
    }

    /// Whether what comes beside what was said only reads, at a service of which as much was read at large. Where nothing comes but the same actions, it is
    /// something else that is new: whom they are given to, or what they reach.
    pub(super) fn covers_in_kind(&self, threat: &Threat) -> bool {
        let comes = |sharer: &Threat| !self.covers_one_by(sharer, stood::READS, &|_, witness, others| others.contains(&witness));
        let is_of_a_kind = |sharer: &Threat| self.covers_one_by(sharer, stood::READS, &stood::is_of_a_kind);
        threat.outcome == Outcome::Open && threat.sharers().all(|sharer| comes(sharer) && is_of_a_kind(sharer))
    }

    fn covers_one(&self, threat: &Threat) -> bool {
        self.covers_one_by(threat, &[], &|fact, witness, others| stood::is_covered(fact, witness, others.iter().copied()))
    }

    /// `also` are facts that count beside those which can be compared one by one.
    fn covers_one_by(&self, threat: &Threat, also: &[Fact], is_covered: &dyn Fn(Fact, &str, &[&str]) -> bool) -> bool {
        let Some(held) = self.0.get(&(threat.key.rule, threat.on.to_string(), threat.part.clone())) else { return false };
        let others = |fact: Fact| -> Vec<&str> {
            held.witnesses.iter().filter(|(known, _)| *known == fact).map(|(_, witness)| witness.as_str()).collect()
        };
        let witnesses = witnesses(threat, also);
        (held.exposed || !threat.worst.exposed)
            && !witnesses.is_empty()
            && witnesses.into_iter().all(|(fact, witness)| is_covered(fact, witness, &others(fact)))
    }
}

/// What witnesses the one fact of a threat that can be compared; nothing where it rests on others as well.
fn witnesses<'t>(threat: &'t Threat, also: &[Fact]) -> Vec<(Fact, &'t str)> {
    let raising: Vec<_> =
        threat.evidence.iter().filter(|evidence| stood::is_compared(evidence.fact) || also.contains(&evidence.fact)).collect();
    let [evidence] = raising.as_slice() else { return Vec::new() };
    let witnesses = evidence.reading.iter().flat_map(|reading| &reading.witnesses);
    witnesses.map(|witness| (evidence.fact, witness.as_str())).collect()
}
