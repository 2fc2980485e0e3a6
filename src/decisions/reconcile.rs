//! What has become of each threat: the ledger's last word on it, and whether its facts still bear that word.
//!
//! Comes in: threats at the head, blocks in order of time, whose words count, today. Goes out: the standing of each threat.
//! Writes nothing: what must be appended comes of commands alone.

use crate::change::Day;
use crate::decisions::authority::Electorate;
use crate::decisions::pin::{Pin, Pinned};
use crate::decisions::{Because, Block, Decided, Ruling, Signature, Standing, Verdict, organisation, undone};
use crate::delta::FactChange;
use crate::model::cause::Cause;
use crate::model::fact::Fact;
use crate::stride::freshness::{self, Freshness};
use crate::stride::rule::Severity;
use crate::stride::{Evidence, Fingerprint, Outcome, Threat};
use std::borrow::Cow;
use std::sync::Arc;

/// What the standing of a threat is taken from.
pub struct Hearing<'h> {
    /// In order of time.
    pub blocks: &'h [&'h Block],
    pub electorate: &'h Electorate,
    pub today: Day,
    /// Says what has become of a pinned file at the head.
    pub pinned: &'h dyn Fn(&Pin) -> Pinned,
}

/// The standing of one threat, and those of its sharers that no decision is about though others are decided, as shown.
///
/// A word on the cause is a word on all that share it. One of the first edition, which knew elements alone, is a word on that element: it
/// answers the cause where the change brings nobody else to it.
pub fn standing(threat: &Threat, hearing: &Hearing<'_>) -> (Standing, Vec<Arc<str>>) {
    if threat.is_off() { (Standing::SwitchedOff, Vec::new()) } else { said(threat, hearing) }
}

/// As that, of a threat that the settings may have not asked.
pub fn said(threat: &Threat, hearing: &Hearing<'_>) -> (Standing, Vec<Arc<str>>) {
    let own = standing_of(threat, hearing);
    if threat.others.is_empty() || matches!(own, Standing::Covered) {
        return (own, Vec::new());
    }
    let standings: Vec<(&Threat, Standing)> =
        std::iter::once((threat, own)).chain(threat.others.iter().map(|other| (other, standing_of(other, hearing)))).collect();
    let (decided, undecided): (Vec<_>, Vec<_>) = standings.into_iter().partition(|(_, standing)| matches!(standing, Standing::Decided(_)));
    let named: Vec<Arc<str>> = undecided.iter().filter(|(sharer, _)| sharer.is_new).map(|(sharer, _)| sharer.shown.clone()).collect();
    match (decided.into_iter().next(), undecided.into_iter().next()) {
        (Some((_, decided)), _) if named.is_empty() => (decided, Vec::new()),
        (Some(_), Some((_, undecided))) => (undecided, named),
        (None, Some((_, undecided))) => (undecided, Vec::new()),
        (decided, None) => (decided.map_or(Standing::Open, |(_, decided)| decided), Vec::new()),
    }
}

fn standing_of(threat: &Threat, hearing: &Hearing<'_>) -> Standing {
    let Hearing { blocks, electorate, today, pinned, .. } = *hearing;
    if let Outcome::Covered { .. } = threat.outcome {
        return Standing::Covered;
    }
    let undecided = match threat.outcome {
        Outcome::Open | Outcome::Unclear { .. } if !threat.proposals().is_empty() => Standing::Claimed,
        Outcome::Unclear { .. } => Standing::Unclear,
        Outcome::Open | Outcome::Covered { .. } => Standing::Open,
    };
    let said: Vec<&Block> = blocks.iter().copied().filter(|block| concerns(block, threat)).collect();
    let since = said.iter().rposition(|block| block.verdict == Verdict::Reopened).map_or(0, |index| index + 1);
    if let Some(standing) = settled(threat, &words(&said[since..], electorate), today, pinned) {
        return standing;
    }
    // Everything before the last reopening is taken back, whatever facts it was said of.
    match (words(&said[..since], electorate).last(), since.checked_sub(1)) {
        (Some(word), Some(reopening)) => {
            let Block { by, reason, .. } = said[reopening];
            Standing::Reopened { was: decided(word, pinned), because: Because::TakenBack { by: by.clone(), reason: reason.clone() } }
        }
        (None, _) | (_, None) => undecided,
    }
}

/// The word that stands on what is decided by its fingerprint alone; `None` where nobody's holds.
pub fn ruling(fingerprint: Fingerprint, blocks: &[Block], electorate: &Electorate, today: Day) -> Option<Ruling> {
    let said: Vec<&Block> = undone::left(blocks.iter().filter(|block| block.fingerprint == fingerprint).collect());
    let since = said.iter().rposition(|block| block.verdict == Verdict::Reopened).map_or(0, |index| index + 1);
    let mut proposed = None;
    for word in words(&said[since..], electorate).iter().rev() {
        let has_ended = word.block.until.is_some_and(|until| until < today);
        match (word.decides, has_ended) {
            (true, false) => return Some(Ruling::Decided(decided(word, &|_| Pinned::Holds))),
            // What was meant to end brings nothing older back.
            (true, true) => break,
            (false, false) => {
                proposed.get_or_insert_with(|| Ruling::Proposed(decided(word, &|_| Pinned::Holds)));
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
fn settled(threat: &Threat, words: &[Word<'_>], today: Day, pinned: &dyn Fn(&Pin) -> Pinned) -> Option<Standing> {
    let mut proposed = None;
    let mut broken = None;
    let mut superseded = false;
    for word in words.iter().rev() {
        let exact = is_exact(word.block, threat);
        match (weigh(threat, word, today, pinned), word.decides) {
            (None, true) if !superseded || exact => {
                return Some(Standing::Decided(decided(word, pinned)));
            }
            (None, false) if !superseded => {
                proposed.get_or_insert_with(|| Standing::Proposed(decided(word, pinned)));
            }
            (None, true | false) => {}
            (Some(because), decides) => {
                broken.get_or_insert_with(|| Standing::Reopened { was: decided(word, pinned), because });
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
        if block.verdict.is_answer() {
            words.push(Word { block, confirmed: Vec::new(), decides: false });
            continue;
        }
        // It confirms what it names, and where it names nothing what was said last. Nobody confirms an own word, whoever wrote the block into the
        // ledger.
        let meant = words.iter_mut().rfind(|word| block.confirms.as_ref().is_none_or(|url| *url == word.block.url));
        if let Some(word) = meant.filter(|word| word.block.is_confirmed_by(block) && electorate.confirms(&block.by)) {
            word.confirmed.push(block);
        }
    }
    for word in &mut words {
        let confirmed: Vec<&Signature> = word.confirmed.iter().map(|block| &block.by).collect();
        // What the organisation says counts as its settings do, whoever wrote the pull request.
        let is_organisations = word.block.for_organisation;
        word.decides = is_organisations || electorate.decides(&word.block.by, word.block.proposal, &confirmed, word.block.needed);
    }
    words
}

/// What breaks a word; `None` where it holds. It must hold by the facts that its author saw and by those that its confirmer saw.
fn weigh(threat: &Threat, word: &Word<'_>, today: Day, pinned: &dyn Fn(&Pin) -> Pinned) -> Option<Because> {
    if let Some(until) = word.block.until.filter(|until| *until < today) {
        return Some(Because::Expired(until));
    }
    if let Some((pin, Pinned::Lost(loss))) = word.block.see.as_ref().map(|pin| (pin, pinned(pin))) {
        return Some(Because::Unbacked(pin.clone(), loss));
    }
    let confirmed = || word.confirmed.iter().find_map(|block| broken_facts(threat, block));
    let changes = broken_facts(threat, word.block).or_else(confirmed);
    changes.map(Because::FactsChanged)
}

/// Whether a block is about a threat as it was found on one element: by fingerprint, by cause, or because a decision on a nearer threat
/// covers this one as it stands. Blocks of the first edition are about an element and a part of it.
pub fn concerns(block: &Block, threat: &Threat) -> bool {
    if is_exact(block, threat) {
        return true;
    }
    match &block.cause {
        _ if block.rule != threat.rule.id => false,
        Some(cause) => *cause == *threat.key.cause || (block.for_organisation && cause.is_everywhere(&threat.key.cause)),
        None => is_on(block, threat) && (threat.whole.is_none() || has_a_share(block, threat)),
    }
}

/// The same element, and the same part: of a layer in whatever version.
fn is_on(block: &Block, threat: &Threat) -> bool {
    let same_part = *block.part == *threat.part || Cause::layer(&block.part).is_some_and(|cause| cause == *threat.key.cause);
    *block.on == *threat.on && same_part
}

/// Where the facts were narrowed to one statement or route, a word on all of them is about it if it was among them.
fn has_a_share(block: &Block, threat: &Threat) -> bool {
    let mut shared = threat.evidence.iter().filter(|evidence| evidence.reading.as_ref().is_some_and(|reading| !reading.shares.is_empty()));
    shared.all(|evidence| {
        let record = evidence.record();
        let mut names = record.names().peekable();
        let Some(then) = block.facts.get(evidence.fact.as_str()) else { return true };
        names.peek().is_none() || names.any(|name| then.names().any(|known| known == name))
    })
}

/// Said on the very facts that stand now, with or without what the change itself states. A fingerprint stands for what it was made of: a block
/// that has it and says something else is about nothing.
pub fn is_exact(block: &Block, threat: &Threat) -> bool {
    let said_of = |fingerprint| block.fingerprint == fingerprint || block.covers.contains(&fingerprint);
    match &block.cause {
        Some(cause) => {
            let counted = threat.counted();
            [(&threat.evidence[..], threat.fingerprint()), counted].into_iter().any(|(evidence, fingerprint)| {
                let says_so = || block.rule == threat.rule.id && *cause == *threat.key.cause && bears(block, evidence);
                block.covers.contains(&fingerprint) || (block.fingerprint == fingerprint && says_so())
            })
        }
        None => said_of(threat.first_edition()) || threat.counted_first_edition().is_some_and(said_of),
    }
}

/// Whether a block has the very facts.
fn bears(block: &Block, evidence: &[Evidence]) -> bool {
    evidence.iter().all(|evidence| block.facts.get(evidence.fact.as_str()).is_some_and(|then| *then == evidence.record()))
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
    if let Some(worse) = worsened(threat, block) {
        return Some(worse);
    }
    let changes = breaking(threat, block, &threat.evidence)?;
    // What was decided before anybody stated anything holds as long as what counts is the same.
    breaking(threat, block, threat.counted().0)?;
    let words = |words: Option<String>| words.unwrap_or_else(|| "not stated".to_owned());
    Some(changes.into_iter().map(|change| (change.fact.as_str().to_owned(), words(change.from), words(change.to))).collect())
}

/// Somebody shares the cause who is worse off than anybody who shared it when the word was said. The first edition did not say.
fn worsened(threat: &Threat, block: &Block) -> Option<Vec<(String, String, String)>> {
    let words = |exposed: bool| if exposed { "from outside" } else { "from inside" }.to_owned();
    block.cause.as_ref()?;
    let mut worse = Vec::new();
    if threat.worst.exposed && !block.worst.exposed {
        worse.push(("reached".to_owned(), words(false), words(true)));
    }
    if threat.worst.data_class > block.worst.data_class {
        worse.push(("data_class".to_owned(), data_class(block.worst.data_class), data_class(threat.worst.data_class)));
    }
    (!worse.is_empty()).then_some(worse)
}

fn data_class(rank: u8) -> String {
    let order = Fact::DataClass.weakest_first();
    let word = order.len().checked_sub(usize::from(rank)).and_then(|place| order.get(place));
    word.map_or_else(|| "not stated".to_owned(), |word| (*word).to_owned())
}

/// The statements that were confirmed and do not stand any more.
fn missing_claims(threat: &Threat, block: &Block) -> Vec<(String, String, String)> {
    let claims = threat.claims();
    let now = |name: &str| claims.get(name).map_or_else(|| "nothing".to_owned(), |words| words.clone().into_owned());
    block.claims.iter().map(|(name, then)| (name.clone(), then.clone(), now(name))).filter(|(_, then, now)| then != now).collect()
}

fn breaking(threat: &Threat, block: &Block, evidence: &[Evidence]) -> Option<Vec<FactChange>> {
    let facts = if block.for_organisation { Cow::Owned(organisation::facts_on(block, &threat.on)) } else { Cow::Borrowed(&block.facts) };
    match freshness::compare(threat.rule, &facts, evidence) {
        Freshness::Same | Freshness::Strengthened => None,
        Freshness::BecameUnresolvable(_) if threat.severity < Severity::High => None,
        Freshness::Weakened(changes) | Freshness::Sideways(changes) | Freshness::BecameUnresolvable(changes) => Some(changes),
    }
}

fn decided(word: &Word<'_>, pinned: &dyn Fn(&Pin) -> Pinned) -> Decided {
    let block = word.block;
    Decided {
        verdict: block.verdict,
        reason: block.reason.clone(),
        by: block.by.clone(),
        confirmed_by: word.confirmed.last().filter(|_| word.decides).map(|confirmed| confirmed.by.clone()),
        at: block.at,
        until: block.until,
        ticket: block.ticket.clone(),
        to: block.to.clone(),
        pull: block.pull,
        // What somebody pushed, no comment of ours replied to.
        url: if block.pushed { String::new() } else { block.url.clone() },
        see_changed: block.see.as_ref().filter(|pin| pinned(pin) == Pinned::Changed).map(|pin| pin.path.clone()),
    }
}
