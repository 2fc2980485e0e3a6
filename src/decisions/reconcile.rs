//! What has become of each threat: the ledger's last word on it, and whether its facts still bear that word.
//!
//! Comes in: threats at the head, blocks in order of time, whose words count, today. Goes out: the standing of each threat.
//! Writes nothing: what must be appended comes of commands alone.

use crate::change::{Day, ObjectId};
use crate::decisions::authority::Electorate;
use crate::decisions::{Because, Block, Decided, Ruling, Signature, Standing, Verdict};
use crate::delta::FactChange;
use crate::source::RepoPath;
use crate::stride::freshness::{self, Freshness};
use crate::stride::rule::Severity;
use crate::stride::{Claim, Evidence, Fingerprint, Outcome, Threat};

/// The standing of one threat. `blob` gives the head's blob of a pinned path.
pub fn standing(
    threat: &Threat,
    blocks: &[Block],
    electorate: &Electorate,
    today: Day,
    blob: &dyn Fn(&RepoPath) -> Option<ObjectId>,
) -> Standing {
    if let Outcome::Covered { .. } = threat.outcome {
        return Standing::Covered;
    }
    let undecided = match threat.outcome {
        Outcome::Open | Outcome::Unclear { .. } if !threat.proposals().is_empty() => Standing::Claimed,
        Outcome::Unclear { .. } => Standing::Unclear,
        Outcome::Open | Outcome::Covered { .. } => Standing::Open,
    };
    let said: Vec<&Block> = blocks.iter().filter(|block| concerns(block, threat)).collect();
    let since = said.iter().rposition(|block| block.verdict == Verdict::Reopened).map_or(0, |index| index + 1);
    if let Some(standing) = settled(threat, &words(&said[since..], electorate), today, blob) {
        return standing;
    }
    // Everything before the last reopening is taken back, whatever facts it was said of.
    match (words(&said[..since], electorate).last(), since.checked_sub(1)) {
        (Some(word), Some(reopening)) => {
            Standing::Reopened { was: decided(word, blob), because: Because::TakenBack(said[reopening].by.clone()) }
        }
        (None, _) | (_, None) => undecided,
    }
}

/// The word that stands on what is decided by its fingerprint alone; `None` where nobody's holds.
pub fn ruling(fingerprint: Fingerprint, blocks: &[Block], electorate: &Electorate, today: Day) -> Option<Ruling> {
    let said: Vec<&Block> = blocks.iter().filter(|block| block.fingerprint == fingerprint).collect();
    let since = said.iter().rposition(|block| block.verdict == Verdict::Reopened).map_or(0, |index| index + 1);
    let mut proposed = None;
    for word in words(&said[since..], electorate).iter().rev() {
        let has_ended = word.block.until.is_some_and(|until| until < today);
        match (word.decides, has_ended) {
            (true, false) => return Some(Ruling::Decided(decided(word, &|_| None))),
            // What was meant to end brings nothing older back.
            (true, true) => break,
            (false, false) => {
                proposed.get_or_insert_with(|| Ruling::Proposed(decided(word, &|_| None)));
            }
            (false, true) => {}
        }
    }
    proposed
}

/// The standing that the words give, which are in order of time; `None` where there are none.
///
/// A proposal never displaces a decision that holds. Where the newest decision is broken, an older one returns if it was made on the very
/// facts that stand now; but not behind one on the same facts that has run out, for that was meant to end.
fn settled(threat: &Threat, words: &[Word<'_>], today: Day, blob: &dyn Fn(&RepoPath) -> Option<ObjectId>) -> Option<Standing> {
    let mut proposed = None;
    let mut broken = None;
    let mut superseded = false;
    for word in words.iter().rev() {
        let exact = is_exact(word.block, threat);
        match (weigh(threat, word, today), word.decides) {
            (None, true) if !superseded || exact => {
                return Some(Standing::Decided(decided(word, blob)));
            }
            (None, false) if !superseded => {
                proposed.get_or_insert_with(|| Standing::Proposed(decided(word, blob)));
            }
            (None, true | false) => {}
            (Some(because), decides) => {
                broken.get_or_insert_with(|| Standing::Reopened { was: decided(word, blob), because });
                superseded |= decides;
                if decides && exact {
                    break;
                }
            }
        }
    }
    proposed.or(broken)
}

/// A verdict, with the blocks that confirm it.
struct Word<'b> {
    block: &'b Block,
    confirmed: Vec<&'b Block>,
    /// Whether it counts, or waits for somebody.
    decides: bool,
}

fn words<'b>(said: &[&'b Block], electorate: &Electorate) -> Vec<Word<'b>> {
    let mut words: Vec<Word<'b>> = Vec::new();
    for block in said {
        match (block.verdict, words.last_mut()) {
            (Verdict::Mitigated | Verdict::Accepted | Verdict::NotApplicable | Verdict::Wrong, _) => {
                words.push(Word { block, confirmed: Vec::new(), decides: false })
            }
            // Nobody confirms an own word, whoever wrote the block into the ledger.
            (Verdict::Confirmed, Some(word)) if word.block.by.id != block.by.id && electorate.confirms(&block.by) => {
                word.confirmed.push(block);
            }
            (Verdict::Confirmed | Verdict::Reopened | Verdict::Emergency, _) => {}
        }
    }
    for word in &mut words {
        let confirmed: Vec<&Signature> = word.confirmed.iter().map(|block| &block.by).collect();
        word.decides = electorate.decides(&word.block.by, word.block.proposal, &confirmed);
    }
    words
}

/// What breaks a word; `None` where it holds. It must hold by the facts that its author saw and by those that its confirmer saw.
fn weigh(threat: &Threat, word: &Word<'_>, today: Day) -> Option<Because> {
    if let Some(until) = word.block.until.filter(|until| *until < today) {
        return Some(Because::Expired(until));
    }
    let confirmed = || word.confirmed.iter().find_map(|block| broken_facts(threat, block));
    let changes = broken_facts(threat, word.block).or_else(confirmed);
    changes.map(Because::FactsChanged)
}

/// By fingerprint, by key, or because a decision on a nearer threat covers this one as it stands.
fn concerns(block: &Block, threat: &Threat) -> bool {
    is_exact(block, threat) || (block.rule == threat.rule.id && *block.on == *threat.key.on && *block.part == *threat.key.part)
}

/// Said on the very facts that stand now, with or without what the change itself states.
fn is_exact(block: &Block, threat: &Threat) -> bool {
    let said_of = |fingerprint| block.fingerprint == fingerprint || block.covers.contains(&fingerprint);
    said_of(threat.fingerprint()) || said_of(threat.counted().1)
}

/// What no longer bears the decision; `None` where it stands.
fn broken_facts(threat: &Threat, block: &Block) -> Option<Vec<(String, String, String)>> {
    let gone = missing_claims(threat, block);
    if !gone.is_empty() {
        return Some(gone);
    }
    if is_exact(block, threat) {
        return None;
    }
    let changes = breaking(threat, block, &threat.evidence)?;
    // What was decided before anybody stated anything holds as long as what counts is the same.
    breaking(threat, block, threat.counted().0)?;
    let words = |words: Option<String>| words.unwrap_or_else(|| "not stated".to_owned());
    Some(changes.into_iter().map(|change| (change.fact.as_str().to_owned(), words(change.from), words(change.to))).collect())
}

/// The statements that were confirmed and do not stand any more.
fn missing_claims(threat: &Threat, block: &Block) -> Vec<(String, String, String)> {
    let claims = threat.claims();
    let now = |name: &str| claims.get(name).map_or_else(|| "nothing".to_owned(), |words| words.clone().into_owned());
    let confirmed = block.facts.iter().filter(|(name, _)| Claim::is_name(name));
    confirmed.map(|(name, then)| (name.clone(), then.clone(), now(name))).filter(|(_, then, now)| then != now).collect()
}

fn breaking(threat: &Threat, block: &Block, evidence: &[Evidence]) -> Option<Vec<FactChange>> {
    match freshness::compare(threat.rule, &block.facts, evidence) {
        Freshness::Same | Freshness::Strengthened => None,
        Freshness::BecameUnresolvable(_) if threat.severity < Severity::High => None,
        Freshness::Weakened(changes) | Freshness::Sideways(changes) | Freshness::BecameUnresolvable(changes) => Some(changes),
    }
}

fn decided(word: &Word<'_>, blob: &dyn Fn(&RepoPath) -> Option<ObjectId>) -> Decided {
    let block = word.block;
    Decided {
        verdict: block.verdict,
        reason: block.reason.clone(),
        by: block.by.clone(),
        confirmed_by: word.confirmed.last().filter(|_| word.decides).map(|confirmed| confirmed.by.clone()),
        at: block.at,
        until: block.until,
        pull: block.pull,
        url: block.url.clone(),
        see_changed: block.see.as_ref().filter(|(path, pinned)| blob(path) != Some(*pinned)).map(|(path, _)| path.clone()),
    }
}
