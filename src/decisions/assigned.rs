//! Who is asked for an answer: the ledger's last word on whose a threat is.
//!
//! Comes in: a threat, blocks in order of time. Goes out: who it was assigned to. It answers nothing, and holds whatever becomes of the facts.

use crate::decisions::{Block, Standing, Verdict, reconcile};
use crate::stride::Threat;

/// Whoever was named last: a login, or `organisation/team`; `None` where nobody was.
pub fn assignee<'b>(threat: &Threat, said: impl IntoIterator<Item = &'b Block>) -> Option<String> {
    let names = |block: &&Block| block.verdict == Verdict::Assigned && threat.sharers().any(|sharer| reconcile::concerns(block, sharer));
    said.into_iter().filter(names).last().and_then(|block| block.to.clone())
}

/// Whether the block is the first of its pull request that asks this person, so that they have to be told.
pub fn is_first<'b>(block: &Block, all: impl IntoIterator<Item = &'b Block>) -> bool {
    let asks = |other: &Block| other.verdict == Verdict::Assigned && other.pull == block.pull && same_name(other, block);
    !all.into_iter().any(|other| asks(other) && other.url != block.url && (other.at, other.comment) < (block.at, block.comment))
}

/// Logins know no case.
fn same_name(a: &Block, b: &Block) -> bool {
    match (&a.to, &b.to) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    }
}

impl Standing {
    /// Whether somebody can still be asked for an answer.
    pub fn is_asked(&self) -> bool {
        match self {
            Self::Open | Self::Unclear | Self::Claimed | Self::Proposed(_) | Self::Reopened { .. } => true,
            Self::SwitchedOff | Self::Covered | Self::Decided(_) => false,
        }
    }
}
