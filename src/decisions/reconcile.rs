//! What has become of each threat: the ledger's last word on it, and whether its facts still bear that word.
//!
//! Comes in: threats at the head, blocks in order of time, today. Goes out: the standing of each threat.
//! Writes nothing: what must be appended comes of commands alone.

use crate::change::{Day, ObjectId};
use crate::decisions::{Because, Block, Decided, Signature, Standing, Verdict};
use crate::source::RepoPath;
use crate::stride::freshness::{self, Freshness};
use crate::stride::rule::Severity;
use crate::stride::{Outcome, Threat};

/// The standing of one threat. `blob` gives the head's blob of a pinned path.
pub fn standing(threat: &Threat, blocks: &[Block], today: Day, blob: &dyn Fn(&RepoPath) -> Option<ObjectId>) -> Standing {
    if let Outcome::Covered { .. } = threat.outcome {
        return Standing::Covered;
    }
    let undecided = match threat.outcome {
        Outcome::Unclear { .. } => Standing::Unclear,
        Outcome::Open | Outcome::Covered { .. } => Standing::Open,
    };
    let Some(word) = last_word(threat, blocks) else { return undecided };
    let was = decided(word.block, word.confirmed_by, blob);
    if let Some(by) = word.taken_back {
        return Standing::Reopened { was, because: Because::TakenBack(by.clone()) };
    }
    if let Some(until) = word.block.until.filter(|until| *until < today) {
        return Standing::Reopened { was, because: Because::Expired(until) };
    }
    if let Some(changes) = broken_facts(threat, word.block) {
        return Standing::Reopened { was, because: Because::FactsChanged(changes) };
    }
    if word.block.proposal && word.confirmed_by.is_none() { Standing::Proposed(was) } else { Standing::Decided(was) }
}

/// The last verdict on a threat, who confirmed it, and who took it back.
struct LastWord<'b> {
    block: &'b Block,
    confirmed_by: Option<&'b Signature>,
    taken_back: Option<&'b Signature>,
}

fn last_word<'b>(threat: &Threat, blocks: &'b [Block]) -> Option<LastWord<'b>> {
    let mut last: Option<LastWord<'b>> = None;
    for block in blocks.iter().filter(|block| concerns(block, threat)) {
        match (block.verdict, &mut last) {
            (Verdict::Mitigated | Verdict::Accepted | Verdict::NotApplicable | Verdict::Wrong, _) => {
                last = Some(LastWord { block, confirmed_by: None, taken_back: None });
            }
            // Nobody confirms an own proposal, whoever wrote the block into the ledger.
            (Verdict::Confirmed, Some(word)) if word.block.proposal && word.block.by.id != block.by.id => {
                word.confirmed_by = Some(&block.by)
            }
            (Verdict::Reopened, Some(word)) => word.taken_back = Some(&block.by),
            (Verdict::Confirmed | Verdict::Reopened, _) => {}
        }
    }
    last
}

/// By fingerprint, by key, or because a decision on a nearer threat covers this one as it stands.
fn concerns(block: &Block, threat: &Threat) -> bool {
    block.fingerprint == threat.fingerprint
        || (block.rule == threat.rule.id && block.on == threat.key.on && block.part == threat.key.part)
        || block.covers.contains(&threat.fingerprint)
}

/// The facts that no longer bear the decision; `None` where it stands.
fn broken_facts(threat: &Threat, block: &Block) -> Option<Vec<(String, String, String)>> {
    if block.fingerprint == threat.fingerprint || block.rule != threat.rule.id {
        return None;
    }
    let changes = match freshness::compare(threat.rule, &block.facts, &threat.evidence) {
        Freshness::Same | Freshness::Strengthened => return None,
        Freshness::BecameUnresolvable(_) if threat.severity < Severity::High => return None,
        Freshness::Weakened(changes) | Freshness::Sideways(changes) | Freshness::BecameUnresolvable(changes) => changes,
    };
    let words = |words: Option<String>| words.unwrap_or_else(|| "not stated".to_owned());
    Some(changes.into_iter().map(|change| (change.fact.as_str().to_owned(), words(change.from), words(change.to))).collect())
}

fn decided(block: &Block, confirmed_by: Option<&Signature>, blob: &dyn Fn(&RepoPath) -> Option<ObjectId>) -> Decided {
    Decided {
        verdict: block.verdict,
        reason: block.reason.clone(),
        by: block.by.clone(),
        confirmed_by: confirmed_by.cloned(),
        at: block.at,
        until: block.until,
        pull: block.pull,
        url: block.url.clone(),
        see_changed: block.see.as_ref().filter(|(path, pinned)| blob(path) != Some(*pinned)).map(|(path, _)| path.clone()),
    }
}
