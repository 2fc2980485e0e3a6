//! The word that stands on something, and why one stands no longer.

use crate::change::{Day, Timestamp, UserId};
use crate::decisions::pin::{Loss, Pin};
use crate::decisions::terms::terms;
use crate::decisions::{Signature, Verdict};
use crate::model::cause::Cause;
use crate::source::RepoPath;
use crate::stride::ThreatKey;
use std::sync::Arc;

/// The word that stands on what is decided by its ID alone: a file that cannot be read, say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// By somebody whose word needs another's.
    Proposed(Decided),
    Decided(Decided),
}

/// What a merge group looks up among those that its pull requests introduce, for what has an ID and is no threat.
pub fn matter_key(rule: &'static str, id: &str) -> ThreatKey {
    ThreatKey { rule, cause: Arc::new(Cause::property(id, "")) }
}

impl Ruling {
    /// Whether it is somebody's own proposal.
    pub fn is_proposal_of(&self, id: UserId) -> bool {
        matches!(self, Self::Proposed(decided) if decided.by.id == id)
    }
}

/// The decision that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub verdict: Verdict,
    pub reason: String,
    pub by: Signature,
    /// Who confirmed a proposal.
    pub confirmed_by: Option<Signature>,
    pub at: Timestamp,
    pub until: Option<Day>,
    pub ticket: Option<String>,
    pub to: Option<String>,
    pub pull: u64,
    pub url: String,
    /// The pinned path whose content has changed since; shown, never reopens.
    pub see_changed: Option<RepoPath>,
}

impl Decided {
    /// To whom, until when and where it is followed up, behind the verdict's word: ` to payments until 2027-01-01 (OPS-12)`. Foreign text.
    pub fn terms(&self) -> String {
        terms(self.to.as_deref(), self.until, self.ticket.as_deref())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// Fact, its words then, its words now.
    FactsChanged(Vec<(String, String, String)>),
    Expired(Day),
    /// The file that it rested on bears it no longer.
    Unbacked(Pin, Loss),
    /// By whom and why.
    TakenBack {
        by: Signature,
        reason: String,
    },
}
