//! What is to be said about a change: the first of the two functions that are the product.
//!
//! Comes in: everything that may be known of the change, as a value. Goes out: a report, or what must be fetched first.
//! Pure, total and ordered: same bytes in, same bytes out.

use crate::change::{ObjectId, Surface};
use crate::report::Report;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Either the report, or what must be fetched before there can be one.
#[derive(Debug)]
pub enum Step {
    Needs(Needs),
    Done(Box<Report>),
}

/// What is missing. The rim fetches all of it and asks again; it bounds the rounds and the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Files of the merge base.
    pub base: BTreeSet<RepoPath>,
    /// Files of the head.
    pub head: BTreeSet<RepoPath>,
    /// Comments whose author's permission must be looked up.
    pub rights: BTreeSet<(Surface, u64)>,
    /// Units whose ledger files must be read.
    pub ledger: BTreeSet<RepoPath>,
}

/// The ledger as text: what the rim read of the branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerTexts {
    pub tip: Option<ObjectId>,
    /// By unit; `None` where the branch has no file for it. A unit that is missing here is asked for.
    pub files: BTreeMap<RepoPath, Option<String>>,
}

impl Needs {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
