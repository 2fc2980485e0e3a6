//! In what order and how many: what a comment says of a set of threats.
//!
//! Comes in: the threats that are to be said. Goes out: single lines, roll-ups with an ID of their own, and what is only counted.
//! Decides nothing: a threat that is only counted waits for its answer like any other.

use crate::stride::rule::{RuleKind, Severity};
use crate::stride::{Outcome, Threat};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Most single lines; critical threats always have one.
pub const MOST_SINGLE: usize = 5;
/// Most roll-up lines.
pub const MOST_ROLLUPS: usize = 4;
/// Scores from here on, in hundredths, make a single line.
const SINGLE_FROM: u32 = 450;
/// Where fewer than three reach that, scores from here on fill up to three.
const FILL_FROM: u32 = 300;
const FILL_TO: usize = 3;

/// What to say, and in what order. Each threat stands in one place only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement<'t> {
    /// Highest severity, then highest score first.
    pub single: Vec<&'t Threat>,
    /// The group that weighs most first.
    pub rollups: Vec<Rollup<'t>>,
    /// Open, but only counted: groups beyond the fourth. Highest score first.
    pub counted: Vec<&'t Threat>,
    /// The generic questions, for the full report.
    pub baselines: Vec<&'t Threat>,
    /// Unclear and of low or medium severity, so not asked.
    pub unclear: Vec<&'t Threat>,
    /// Covered by the template, the severest first.
    pub covered: Vec<&'t Threat>,
}

/// Threats of one group on one line, answered together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollup<'t> {
    /// The group as in the rules: `recovery`.
    pub group: &'static str,
    /// What people type: `rollup/recovery-1f00ac3d`. The digits name this very set of threats at their fingerprints.
    pub id: String,
    /// Highest score first.
    pub members: Vec<&'t Threat>,
}

/// Arranges threats. The same set gives the same arrangement in whatever order it comes.
pub fn arrange<'t>(threats: impl IntoIterator<Item = &'t Threat>) -> Arrangement<'t> {
    let mut arrangement = Arrangement::default();
    let mut asked = Vec::new();
    for threat in threats {
        match (&threat.outcome, threat.rule.kind) {
            (Outcome::Covered { .. }, _) => arrangement.covered.push(threat),
            (Outcome::Open | Outcome::Unclear { .. }, RuleKind::Baseline) => arrangement.baselines.push(threat),
            (Outcome::Unclear { .. }, RuleKind::Finding | RuleKind::Question) if threat.severity < Severity::High => {
                arrangement.unclear.push(threat);
            }
            (Outcome::Open | Outcome::Unclear { .. }, RuleKind::Finding | RuleKind::Question) => asked.push(threat),
        }
    }
    for list in [&mut asked, &mut arrangement.baselines, &mut arrangement.unclear, &mut arrangement.covered] {
        list.sort_by(|a, b| order(a).cmp(&order(b)));
    }
    let rest = take_single(asked, &mut arrangement);
    roll_up(rest, &mut arrangement);
    arrangement
}

fn order(threat: &Threat) -> impl Ord + use<'_> {
    (Reverse(threat.severity == Severity::Critical), Reverse(threat.score), Reverse(threat.severity), &threat.key)
}

fn take_single<'t>(asked: Vec<&'t Threat>, arrangement: &mut Arrangement<'t>) -> Vec<&'t Threat> {
    let mut rest = Vec::new();
    for threat in asked {
        let taken = arrangement.single.len();
        let single = threat.severity == Severity::Critical
            || (threat.score >= SINGLE_FROM && taken < MOST_SINGLE)
            || (threat.score >= FILL_FROM && taken < FILL_TO);
        if single { arrangement.single.push(threat) } else { rest.push(threat) }
    }
    rest
}

fn roll_up<'t>(rest: Vec<&'t Threat>, arrangement: &mut Arrangement<'t>) {
    let mut groups: BTreeMap<&'static str, Vec<&'t Threat>> = BTreeMap::new();
    for threat in rest {
        groups.entry(threat.rule.rollup).or_default().push(threat);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    let heaviest = |members: &[&Threat]| members.iter().map(|threat| threat.score).max().unwrap_or(0);
    let weight = |members: &[&Threat]| members.iter().map(|threat| u64::from(threat.score)).sum::<u64>();
    groups.sort_by_key(|(group, members)| (Reverse(heaviest(members)), Reverse(weight(members)), *group));
    for (group, members) in groups {
        if arrangement.rollups.len() < MOST_ROLLUPS {
            arrangement.rollups.push(Rollup { group, id: rollup_id(group, &members), members });
        } else {
            arrangement.counted.extend(members);
        }
    }
    arrangement.counted.sort_by(|a, b| order(a).cmp(&order(b)));
}

/// `rollup/<group>-<8 hex digits of the set's hash>`.
pub fn rollup_id(group: &str, members: &[&Threat]) -> String {
    let mut fingerprints: Vec<_> = members.iter().map(|threat| threat.fingerprint().0).collect();
    fingerprints.sort_unstable();
    let mut hash = Sha256::new();
    for fingerprint in fingerprints {
        hash.update(fingerprint);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut id = format!("rollup/{group}-");
    for byte in &digest[..4] {
        write!(id, "{byte:02x}").expect("writing to a string cannot fail");
    }
    id
}
