//! Emergencies: a head may pass for a while though not everything is answered, because somebody who may says so.
//!
//! Comes in: blocks of the repository's scope, the time. Goes out: the emergencies that hold, with their end. Nothing is answered by one:
//! what was open stays open, and the check says so beside the emergency.

use crate::change::{ObjectId, Timestamp};
use crate::decisions::{Block, Signature, Verdict, undone};
use crate::stride::Fingerprint;
use sha2::{Digest, Sha256};

/// What the ledger keeps in the place of a threat's rule.
pub const RULE: &str = "emergency";
/// How long one holds, in seconds.
pub const LASTS: i64 = 72 * 3_600;

/// An emergency that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// The head that may pass, alone or in a merge group.
    pub head: ObjectId,
    /// The branch that it was called for; the head's hash in blocks of earlier releases.
    pub base: String,
    /// Where it is followed up: `OPS-12`.
    pub ticket: String,
    pub reason: String,
    /// The right says whether it was an author.
    pub by: Signature,
    pub until: Timestamp,
    pub url: String,
}

/// The emergencies that hold now, in the order of the ledger.
pub fn holding(blocks: &[Block], now: Timestamp) -> Vec<Emergency> {
    let holds = |block: &&Block| {
        let age = now.0.saturating_sub(block.at.0);
        block.verdict == Verdict::Emergency
            && block.rule == RULE
            && block.fingerprint == fingerprint(block.head, &block.part)
            && age < LASTS
    };
    let emergency = |block: &Block| Emergency {
        head: block.head,
        base: block.on.clone(),
        ticket: block.part.clone(),
        reason: block.reason.clone(),
        by: block.by.clone(),
        until: Timestamp(block.at.0.saturating_add(LASTS)),
        url: block.url.clone(),
    };
    undone::left(blocks.iter().collect()).into_iter().filter(holds).map(emergency).collect()
}

/// What names an emergency: the head and the ticket.
pub fn fingerprint(head: ObjectId, ticket: &str) -> Fingerprint {
    Fingerprint(Sha256::digest(format!("emergency {head} {ticket}")).into())
}
