//! Merges: what was judged of a pull request when it went in, and what is owed since.
//!
//! Comes in: a threat, blocks of the ledger. Goes out: since when it is owed. A merge answers nothing: what was open then is open still, and
//! never becomes something that was always there.

use crate::change::{ObjectId, Timestamp};
use crate::decisions::{Block, Reviewed, Signature, Standing, Verdict, reconcile};
use crate::stride::{Fingerprint, Threat};
use sha2::{Digest, Sha256};

/// What the ledger keeps in the place of a threat's rule.
pub const RULE: &str = "merge";

/// What was judged of a pull request when it was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// The commit that it is on its base branch.
    pub commit: ObjectId,
    /// The verdict in the words of `astride review`.
    pub verdict: String,
    pub gate: Gate,
    /// IDs of the threats that waited for an answer.
    pub open: Vec<String>,
    /// IDs of the files that needed repair, and of settings that needed an answer.
    pub matters: Vec<String>,
    /// The version of the engine and of its catalogue.
    pub engine: String,
}

/// How a pull request got past the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// It was open.
    Passed,
    /// It only advised.
    Advised,
    /// Somebody had called an emergency.
    Emergency,
    /// It was shut, and somebody merged all the same.
    Bypassed,
    /// Nobody can tell, because it could not be judged.
    Unknown,
}

impl Gate {
    pub const ALL: [Self; 5] = [Self::Passed, Self::Advised, Self::Emergency, Self::Bypassed, Self::Unknown];

    /// As kept in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Advised => "advised",
            Self::Emergency => "emergency",
            Self::Bypassed => "bypassed",
            Self::Unknown => "unknown",
        }
    }
}

/// Since which merge something is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    pub pull: u64,
    pub url: String,
    /// Who merged it.
    pub by: Signature,
    pub at: Timestamp,
}

/// The first merge that took the threat in while it waited for an answer; `None` where there was none.
pub fn owed<'b>(threat: &Threat, said: impl IntoIterator<Item = &'b Block>) -> Option<Debt> {
    let is_owed =
        |block: &&Block| block.verdict == Verdict::MergedOpen && threat.sharers().any(|sharer| reconcile::concerns(block, sharer));
    let block = said.into_iter().filter(is_owed).min_by_key(|block| block.at)?;
    Some(Debt { pull: block.pull, url: block.url.clone(), by: block.by.clone(), at: block.at })
}

impl Reviewed {
    /// Since which merge it is owed: nobody has answered it since, and it was not mended.
    pub fn debt(&self) -> Option<&Debt> {
        match self.standing {
            Standing::Decided(_) | Standing::Covered | Standing::SwitchedOff => None,
            Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => {
                self.owed.as_ref()
            }
        }
    }
}

impl Debt {
    /// `merged unanswered in #12 by rita on 2026-11-24`. Foreign text.
    pub fn words(&self) -> String {
        format!("merged unanswered in #{} by {} on {}", self.pull, self.by.login, self.at.day())
    }
}

/// What names a merge: the pull request, and the commit that it became.
pub fn fingerprint(pull: u64, commit: ObjectId) -> Fingerprint {
    Fingerprint(Sha256::digest(format!("merge {pull} {commit}")).into())
}
