//! In what order and how many: what a comment says of a set of threats.
//!
//! Comes in: the threats that are to be said, and which of them the gate waits for. Goes out: lines that stand alone, roll-ups with an ID
//! of their own, and what is only counted. Decides nothing: a threat that is only counted waits for its answer like any other.
//!
//! A line is what a reviewer answers at once: one rule on the elements of one unit that raise it, or of all units where there are many; with
//! it stands whatever else the same statement, principal, layer or route raises, since one answer ends all of it. Alone stands what the gate
//! waits for, whatever it weighs, and what is severe; what is less, and a question to code that the unit had before, is one line for each group, and
//! what weighs little is counted.

use crate::model::cause::{Cause, CauseKind};
use crate::stride::rule::{Rule, RuleKind, Severity};
use crate::stride::{Fingerprint, Outcome, Threat, ThreatKey};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Most lines that stand alone without blocking.
pub const MOST_ALONE: usize = 5;
/// Most lines that stand alone at all: a change so wide is read in the check's details.
pub const MOST_BLOCKING: usize = 20;
/// Most roll-up lines.
pub const MOST_ROLLUPS: usize = 4;
/// Scores below, in hundredths, make no line: a question of medium severity and likelihood inside the system just does.
const LINE_FROM: u32 = 200;
/// Questions that score this much are put in full while fewer lines than these stand alone.
const ASK_FROM: u32 = 300;
const FILL_TO: usize = 3;
/// Groups that are no more than a drawer: their rules have nothing in common, and so no answer either.
const DRAWER: &str = "design_question";
/// The group of what only the code can answer: a unit is asked once.
const OF_CODE: &str = "input_validation";
/// The group of what cannot be told.
const UNCLEAR: &str = "unclear";

/// What to say, and in what order. Each threat stands in one place only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement<'t> {
    /// What blocks first, then what is critical, then by score.
    pub alone: Vec<Line<'t>>,
    /// The group that weighs most first.
    pub rollups: Vec<Line<'t>>,
    /// Open, but only counted: of low weight, or beyond the most lines. Highest score first.
    pub counted: Vec<&'t Threat>,
    /// The generic questions, for the full report.
    pub baselines: Vec<&'t Threat>,
    /// Unclear and of low or medium severity, so not asked.
    pub unclear: Vec<&'t Threat>,
    /// Covered by the template, the severest first.
    pub covered: Vec<&'t Threat>,
}

/// Threats that are said in one line and answered together.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'t> {
    /// The group as in the rules, `recovery`, or `unclear`.
    pub group: &'static str,
    /// What people type: the threat's own ID where there is one only. Of one cause that several rules speak of it is that of the worst, and of
    /// anything else `rollup/recovery-1f00ac3d`; the digits of either name this very set of threats at their fingerprints.
    pub id: String,
    /// What the ID shows the first digits of, in hex: the fingerprint of one threat, or the hash of the set.
    pub hash: String,
    /// Highest score first, never empty.
    pub members: Vec<&'t Threat>,
}

/// Arranges threats. The same set gives the same arrangement in whatever order it comes.
pub fn arrange<'t>(threats: impl IntoIterator<Item = &'t Threat>, blocking: &BTreeSet<&ThreatKey>) -> Arrangement<'t> {
    let mut arrangement = Arrangement::default();
    let mut asked = Vec::new();
    for threat in threats {
        let blocks = blocking.contains(&threat.key);
        match (&threat.outcome, threat.rule.kind) {
            (Outcome::Covered { .. }, _) => arrangement.covered.push(threat),
            (Outcome::Open | Outcome::Unclear { .. }, RuleKind::Baseline) if !blocks => arrangement.baselines.push(threat),
            (Outcome::Open | Outcome::Unclear { .. }, _) if !blocks && is_background(threat) => arrangement.counted.push(threat),
            (Outcome::Unclear { .. }, _) if !blocks && threat.severity < Severity::High => arrangement.unclear.push(threat),
            (Outcome::Open | Outcome::Unclear { .. }, RuleKind::Finding | RuleKind::Question | RuleKind::Baseline) => asked.push(threat),
        }
    }
    for list in [&mut asked, &mut arrangement.baselines, &mut arrangement.unclear, &mut arrangement.covered] {
        list.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    let rest = take_alone(asked, blocking, &mut arrangement);
    roll_up(rest, &mut arrangement);
    arrangement.counted.sort_by(|a, b| order(a).cmp(&order(b)));
    arrangement
}

/// What a reader can do without where nothing waits for it: on what goes by the name of a helper, and what is no graver than what the unit had.
fn is_background(threat: &Threat) -> bool {
    threat.of_helper || threat.is_usual && threat.severity < Severity::High
}

/// A question to the code of one more element of a unit that had it of another.
pub fn is_known_question(threat: &Threat) -> bool {
    threat.is_usual && threat.rule.kind == RuleKind::Question && threat.rule.rollup == OF_CODE
}

fn order(threat: &Threat) -> impl Ord + use<'_> {
    (Reverse(threat.severity == Severity::Critical), Reverse(threat.score), Reverse(threat.severity), &threat.key)
}

fn take_alone<'t>(asked: Vec<&'t Threat>, blocking: &BTreeSet<&ThreatKey>, arrangement: &mut Arrangement<'t>) -> Vec<&'t Threat> {
    let (mut blocks, mut others): (Vec<_>, Vec<_>) = asked.into_iter().partition(|threat| blocking.contains(&threat.key));
    take_along(&mut blocks, &mut others);
    let is_severe = |threat: &&Threat| threat.severity >= Severity::High && threat.outcome == Outcome::Open && !is_known_question(threat);
    let (mut asks, mut rest): (Vec<_>, Vec<_>) = others.into_iter().partition(is_severe);
    take_along(&mut asks, &mut rest);
    arrangement.alone = lines_by_rule(blocks);
    let beyond = arrangement.alone.split_off(arrangement.alone.len().min(MOST_BLOCKING));
    arrangement.counted.extend(beyond.into_iter().flat_map(|line| line.members));
    let mut asks = lines_by_rule(asks);
    let critical = asks.iter().filter(|line| line.members.iter().any(|threat| threat.severity == Severity::Critical)).count();
    let room = MOST_ALONE.saturating_sub(arrangement.alone.len()).max(critical);
    rest.extend(asks.split_off(asks.len().min(room)).into_iter().flat_map(|line| line.members));
    arrangement.alone.extend(asks);
    fill_with_questions(rest, arrangement)
}

/// Moves what has the same cause as one of the first: one answer ends both.
fn take_along<'t>(first: &mut Vec<&'t Threat>, others: &mut Vec<&'t Threat>) {
    let causes: BTreeSet<&Cause> =
        first.iter().map(|threat| &*threat.key.cause).filter(|cause| cause.kind != CauseKind::Property).collect();
    first.extend(others.extract_if(.., |threat| causes.contains(&*threat.key.cause)));
}

/// A question that is only named asks nothing: where there is room, the next ones are put in full.
fn fill_with_questions<'t>(rest: Vec<&'t Threat>, arrangement: &mut Arrangement<'t>) -> Vec<&'t Threat> {
    let worth_asking = |threat: &&Threat| {
        threat.rule.kind == RuleKind::Question && !is_known_question(threat) && threat.outcome == Outcome::Open && threat.score >= ASK_FROM
    };
    let (questions, mut rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(worth_asking);
    let mut questions = lines_by_rule(questions);
    let room = FILL_TO.saturating_sub(arrangement.alone.len());
    rest.extend(questions.split_off(questions.len().min(room)).into_iter().flat_map(|line| line.members));
    rest.sort_by(|a, b| order(a).cmp(&order(b)));
    arrangement.alone.extend(questions);
    rest
}

/// A line for each rule in each unit; for each rule alone where that would be too many: a change that wide has one fault everywhere. What
/// several rules say of one cause stands where the first of them stands, and so does what they say of one thing that cannot be told.
fn lines_by_rule(threats: Vec<&Threat>) -> Vec<Line<'_>> {
    let mut first: BTreeMap<(&Cause, &str), &'static Rule> = BTreeMap::new();
    for (threat, shared) in threats.iter().filter_map(|threat| Some((threat, shared(threat)?))) {
        first.entry(shared).or_insert(threat.rule);
    }
    let rule = |threat: &Threat| shared(threat).and_then(|shared| first.get(&shared).copied()).unwrap_or(threat.rule);
    let group = |threat: &Threat| rule(threat).rollup;
    let in_units = lines(threats.clone(), |threat| (group(threat), format!("{}#{}", threat.unit, rule(threat).id)));
    if in_units.len() > MOST_ALONE { lines(threats, |threat| (group(threat), rule(threat).id.to_owned())) } else { in_units }
}

/// What several rules may speak of at once: a statement, a principal, a route; of a property the one thing that cannot be told of it, and why.
fn shared(threat: &Threat) -> Option<(&Cause, &str)> {
    let cause = &*threat.key.cause;
    match &threat.outcome {
        _ if cause.kind != CauseKind::Property => Some((cause, "")),
        Outcome::Unclear { reasons } => {
            let (_, reason) = reasons.first()?;
            reasons.iter().all(|(_, other)| other == reason).then_some((cause, reason.as_str()))
        }
        Outcome::Open | Outcome::Covered { .. } => None,
    }
}

fn roll_up<'t>(rest: Vec<&'t Threat>, arrangement: &mut Arrangement<'t>) {
    let (heavy, light): (Vec<_>, Vec<_>) = rest.into_iter().partition(|threat| threat.score >= LINE_FROM);
    arrangement.counted.extend(light);
    let mut groups = lines(heavy, |threat| match &threat.outcome {
        Outcome::Unclear { reasons } => (UNCLEAR, reasons.first().map(|(_, reason)| reason.clone()).unwrap_or_default()),
        Outcome::Open | Outcome::Covered { .. } if threat.rule.rollup == DRAWER => (DRAWER, threat.rule.id.to_owned()),
        Outcome::Open | Outcome::Covered { .. } => (threat.rule.rollup, String::new()),
    });
    let weight = |line: &Line<'_>| line.members.iter().map(|threat| u64::from(threat.score)).sum::<u64>();
    let heaviest = |line: &Line<'_>| line.members.iter().map(|threat| threat.score).max();
    groups.sort_by_key(|line| (Reverse(heaviest(line)), Reverse(weight(line)), line.group));
    let beyond = groups.split_off(groups.len().min(MOST_ROLLUPS));
    arrangement.counted.extend(beyond.into_iter().flat_map(|line| line.members));
    arrangement.rollups = groups;
}

/// Threats of one key, of which the first part is the group, on one line; the lines in the order of their first threats.
fn lines<'t>(threats: Vec<&'t Threat>, key: impl Fn(&Threat) -> (&'static str, String)) -> Vec<Line<'t>> {
    let mut position = BTreeMap::new();
    let mut lines: Vec<(&'static str, Vec<&'t Threat>)> = Vec::new();
    for threat in threats {
        let key = key(threat);
        let group = key.0;
        let line = *position.entry(key).or_insert(lines.len());
        match lines.get_mut(line) {
            Some((_, members)) => members.push(threat),
            None => lines.push((group, vec![threat])),
        }
    }
    let line = |(group, members): (&'static str, Vec<&'t Threat>)| {
        let hash = match members.as_slice() {
            [only] => only.fingerprint(),
            several => set_hash(several),
        };
        let id = match members.as_slice() {
            [only] => only.id(),
            [worst, others @ ..] if others.iter().all(|other| other.key.cause == worst.key.cause) => worst.id_with(&hash.short()),
            _ => format!("rollup/{group}-{}", hash.short()),
        };
        Line { group, id, hash: hash.to_string(), members }
    };
    lines.into_iter().map(line).collect()
}

/// The hash of a set.
fn set_hash(members: &[&Threat]) -> Fingerprint {
    let mut fingerprints: Vec<_> = members.iter().map(|threat| threat.fingerprint().0).collect();
    fingerprints.sort_unstable();
    let mut hash = Sha256::new();
    for fingerprint in fingerprints {
        hash.update(fingerprint);
    }
    Fingerprint(hash.finalize().into())
}
