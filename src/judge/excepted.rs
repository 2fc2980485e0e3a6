//! What settings took out on the base, and that counts where it is now: it never stood there as something that was asked.
//!
//! Comes in: the threats of the base as they were found, those of the head. Goes out: the base's without those that less was asked of by an
//! entry that does not have them at the head: of a template that leaves the folder of examples, say. They are news there.

use crate::stride::{Threat, ThreatKey};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The threats of the base that stood as they do at the head, and the ids of what the others are on. `at_head` is the key that one of them has
/// there.
pub(super) fn counted(found: Vec<Threat>, head: &[Threat], at_head: &dyn Fn(&ThreatKey) -> ThreatKey) -> (Vec<Threat>, BTreeSet<Arc<str>>) {
    let stood = |threat: &Threat| {
        if !threat.is_asked_less() {
            return true;
        }
        let key = at_head(&threat.key);
        let known = head.iter().find(|other| other.key == key);
        let of_unit = || head.iter().any(|other| (other.key.rule, &other.unit) == (key.rule, &threat.unit) && other.is_ruled_as(threat));
        known.map_or_else(of_unit, |known| known.is_ruled_as(threat))
    };
    let (counted, others): (Vec<Threat>, Vec<Threat>) = found.into_iter().partition(stood);
    (counted, others.into_iter().map(|threat| threat.on).collect())
}
