//! What people decide by its ID alone, besides the threats of the model: files that must be repaired, and what else belongs to no element.
//!
//! Comes in: repairs, the ledger, whose words count. Goes out: for each of them its place in the ledger, and the word that stands on it.
//! A word counts for the very content that its ID names; another version of the file has another ID and is asked about again.

use crate::change::{Change, Timestamp, UserId};
use crate::command::Target;
use crate::decisions::authority::{self, Electorate, Lacking};
use crate::decisions::{self, Block, Ledger, Ruling, Verdict, ledger_text, reconcile};
use crate::judge::units::Units;
use crate::report::{Repair, Weakened, escape};
use crate::source::{Place, RepoPath};
use crate::stride::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};

/// Something with an ID that can be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Matter {
    /// `repair/template.yaml-7f3a9c21`.
    pub(super) id: String,
    pub(super) fingerprint: Fingerprint,
    /// As the ledger keeps it: `repair`.
    pub(super) rule: &'static str,
    pub(super) place: Place,
    /// The ledger file that its blocks belong to.
    pub(super) unit: RepoPath,
    /// What is the matter, in words.
    pub(super) what: String,
    /// The branch that it is about, where the answer for one is none for another; empty for what is the same into each.
    pub(super) part: String,
}

impl Matter {
    /// Whether somebody who typed this means it.
    pub(super) fn is_named_by(&self, target: &Target) -> bool {
        let typed = match target {
            Target::Repair(id) => id.clone(),
            Target::Threat { element, category, hash } => format!("{element}/{category}-{hash}"),
            Target::Cell { .. } | Target::Element { .. } | Target::All { .. } | Target::Rollup(_) | Target::Number(_) => return false,
        };
        let Some((name, digits)) = typed.rsplit_once('-') else { return false };
        let own = self.id.rsplit_once('-').map_or(self.id.as_str(), |(name, _)| name);
        name == own && self.fingerprint.to_string().starts_with(&digits.to_lowercase())
    }

    /// What it is, and what stands on it.
    pub(super) fn words(&self, ruling: Option<&Ruling>) -> String {
        let place = format!("{}, line {}", escape::code(self.place.path.as_str()), self.place.line);
        let stands = match ruling {
            None => "Nobody has said anything of it.".to_owned(),
            Some(Ruling::Proposed(decided)) => {
                format!("Proposed by {}: {}", escape::text(&decided.by.login), escape::text(&decided.reason))
            }
            Some(Ruling::Decided(decided)) => {
                let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
                format!("{} by {}: {}", decided.verdict.word(), escape::text(&by.login), escape::text(&decided.reason))
            }
        };
        format!("{} ({place}): {}. {stands}", escape::code(&self.id), escape::text(&self.what))
    }

    /// Those whose words count on it.
    pub(super) fn electorate(&self, change: &Change) -> Electorate {
        authority::electorate(change, &decisions::matter_key(self.rule, &self.id))
    }
}

/// The repairs as matters, one for each file. Those of a unit are kept in its ledger file, all others in the repository's.
pub(super) fn of_repairs(repairs: &[Repair], units: &Units) -> Vec<Matter> {
    let touched: BTreeSet<&RepoPath> = units.base.iter().chain(&units.head).map(|unit| &unit.unit).collect();
    let mut matters: Vec<Matter> = Vec::new();
    for repair in repairs {
        if let Some(known) = matters.iter_mut().find(|matter| matter.id == repair.id) {
            known.what = format!("{}; {}", known.what, repair.what);
            continue;
        }
        let path = &repair.place.path;
        matters.push(Matter {
            id: repair.id.clone(),
            fingerprint: Repair::fingerprint_of(path, repair.content),
            rule: Repair::RULE,
            place: repair.place.clone(),
            unit: if touched.contains(path) { path.clone() } else { ledger_text::repository_scope() },
            what: repair.what.clone(),
            part: String::new(),
        });
    }
    matters
}

/// What weakens the gate, as one matter.
pub(super) fn of_weakened(weakened: &Weakened, change: &Change) -> Matter {
    Matter {
        id: weakened.id(),
        fingerprint: weakened.fingerprint(),
        rule: Weakened::RULE,
        place: weakened.place.clone(),
        unit: ledger_text::repository_scope(),
        what: format!("this pull request weakens the gate: {}", weakened.plain_words()),
        part: change.pull.as_ref().map(|pull| pull.base.clone()).unwrap_or_default(),
    }
}

/// Whether a verdict can be given on a matter as it stands.
///
/// # Errors
/// Why not, in words for the person.
pub(super) fn check(
    by: UserId,
    verdict: Verdict,
    lacking: Option<Lacking>,
    matter: &Matter,
    ruling: Option<&Ruling>,
) -> Result<(), String> {
    let id = escape::code(&matter.id);
    match (verdict, ruling) {
        (verdict, _) if verdict.is_answer() && verdict != Verdict::Accepted && matter.rule == Repair::RULE => {
            Err(format!("Not done: a file that cannot be read is repaired, or accepted as it is: `/stride accept {} <why>`.", matter.id))
        }
        (verdict, Some(Ruling::Decided(decided))) if verdict.is_answer() && lacking.is_some() => {
            let by = escape::text(&decided.confirmed_by.as_ref().unwrap_or(&decided.by).login);
            Err(format!("Not done: {id} is decided by {by}, and a proposal does not change that."))
        }
        (Verdict::Assigned, Some(Ruling::Decided(_))) => Err(format!("Not done: {id} is decided, and there is nothing left to ask for.")),
        (Verdict::Confirmed, _) if lacking == Some(Lacking::IsAuthor) => {
            Err("Not done: an author of this pull request cannot confirm; somebody else does.".to_owned())
        }
        (Verdict::Confirmed, Some(Ruling::Proposed(decided))) if decided.by.id == by => {
            Err("Not done: nobody confirms an own proposal; somebody else does.".to_owned())
        }
        (Verdict::Confirmed, Some(Ruling::Proposed(_))) | (Verdict::Reopened, Some(_)) => Ok(()),
        (Verdict::Confirmed, Some(Ruling::Decided(_)) | None) => Err(format!("Not done: nothing is proposed for {id}.")),
        (Verdict::Reopened, None) => Err(format!("Not done: nothing is decided on {id}.")),
        _ => Ok(()),
    }
}

/// The word that stands on each, by ID; a matter that is missing is open.
pub(super) fn rulings(matters: &[Matter], change: &Change, ledger: &Ledger, now: Timestamp) -> BTreeMap<String, Ruling> {
    // That the gate was once weakened so with somebody's word is no word for the next time.
    // Nor is it one for another branch; blocks of earlier releases do not say for which.
    let pulls: BTreeMap<u64, &str> =
        change.pull.iter().chain(change.group.iter().map(|member| &member.pull)).map(|pull| (pull.number, pull.base.as_str())).collect();
    let is_into = |block: &Block, base: &str| block.part.is_empty() || block.part == base;
    let is_here = |block: &Block| pulls.is_empty() || pulls.get(&block.pull).is_some_and(|base| is_into(block, base));
    let ruling = |matter: &Matter| {
        // Whether a path is a unit may change; what was said of its content may lie in either file.
        let about_it = |block: &&Block| block.fingerprint == matter.fingerprint && (matter.rule != Weakened::RULE || is_here(block));
        let mut blocks: Vec<Block> = ledger.blocks.values().flatten().filter(about_it).cloned().collect();
        blocks.sort_by_key(|block| block.at);
        reconcile::ruling(matter.fingerprint, &blocks, &matter.electorate(change), now.day())
    };
    matters.iter().filter_map(|matter| Some((matter.id.clone(), ruling(matter)?))).collect()
}
