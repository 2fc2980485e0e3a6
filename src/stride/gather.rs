//! Threats with one cause, put together.
//!
//! Comes in: threats as they were found, one for each element, part or flow. Goes out: one threat for each rule and cause, on the sharer
//! that is worst off, with the others behind it. What the template covers stays by itself, and goes where the same cause is open.

use crate::stride::{Outcome, Threat, policy};
use std::cmp::Reverse;
use std::sync::OnceLock;

/// Puts together what has one cause, ordered by key.
pub fn gather(mut threats: Vec<Threat>) -> Vec<Threat> {
    threats.sort_by(|a, b| (&a.key, rank(a)).cmp(&(&b.key, rank(b))));
    let mut gathered: Vec<Threat> = Vec::with_capacity(threats.len());
    for threat in threats {
        let is_covered = |threat: &Threat| matches!(threat.outcome, Outcome::Covered { .. });
        match gathered.last_mut().filter(|last| last.key == threat.key && !is_covered(last)) {
            // No tick stands beside a finding on the same thing.
            Some(_) if is_covered(&threat) => {}
            Some(first) => first.join(threat),
            None => gathered.push(threat),
        }
    }
    gathered
}

/// The worst off first: what is raised, what nobody proposes to answer, what is exposed, what holds the data that matters most.
fn rank(threat: &Threat) -> impl Ord + use<'_> {
    let raised = match threat.outcome {
        Outcome::Open => 0_u8,
        Outcome::Unclear { .. } => 1,
        Outcome::Covered { .. } => 2,
    };
    (raised, threat.stated.is_some(), Reverse(threat.worst), Reverse(threat.found_with), &threat.on, &threat.part)
}

impl Threat {
    fn join(&mut self, other: Self) {
        policy::join(self, &other);
        self.worst = self.worst.max(other.worst);
        self.of_helper &= other.of_helper;
        self.supersedes.extend(other.supersedes.iter().cloned());
        self.supersedes.sort();
        self.supersedes.dedup();
        self.suppressed.extend(other.suppressed.iter().cloned());
        self.suppressed.sort();
        self.suppressed.dedup();
        // The fingerprint is of all that share the cause.
        self.fingerprint = OnceLock::new();
        self.others.push(other);
    }
}
