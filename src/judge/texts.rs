//! The ledger as text: what the rim read of the branch.
//!
//! Comes in: from the forge, or from a clone. Goes out: to `judge`, which reads decisions from it. What is missing is asked for.

use crate::change::{Actor, ObjectId, Right};
use crate::decisions::ledger_text::{self, parts};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The ledger as text: what the rim read of the branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerTexts {
    pub tip: Option<ObjectId>,
    /// The branch's name.
    pub branch: String,
    /// What is wrong with the branch as a whole: then nothing new is written to it, and the gate stays shut.
    pub broken: Option<String>,
    /// Where the branch was when it was last right, if it is not now.
    pub should_be: Option<ObjectId>,
    /// Who may push to the branch, in words.
    pub protection: Option<String>,
    /// The names of the files with which the branch began; `None` where that is no news any more.
    pub beginning: Option<BTreeSet<String>>,
    /// The parts of files that somebody else than the App wrote, by unit, in the order of the file.
    pub pushed: BTreeMap<RepoPath, Vec<PushedText>>,
    /// By unit; `None` where the branch has no file for it. A unit that is missing here is asked for. Where a unit has several files, they stand
    /// here by the scopes of their parts.
    pub files: BTreeMap<RepoPath, Option<String>>,
    /// The texts of all other files of decisions, by their scopes; or how many files there are, where those are too many. `None` until they are
    /// asked for.
    pub others: Option<Result<BTreeMap<RepoPath, String>, usize>>,
    /// All files by their names, where all of them are at hand: then none is asked for.
    pub all: Option<Arc<BTreeMap<String, String>>>,
}

impl LedgerTexts {
    /// Of a ledger in which nothing stands.
    pub fn empty() -> Self {
        Self { all: Some(Arc::default()), ..Self::default() }
    }

    /// The file of a unit: `None` where nobody has looked, `Some(None)` where there is none.
    pub(super) fn of(&self, unit: &RepoPath) -> Option<Option<&str>> {
        let at_hand = || self.all.as_ref().map(|all| all.get(&ledger_text::file_name(unit)).map(String::as_str));
        self.files.get(unit).map(Option::as_deref).or_else(at_hand)
    }

    /// What people pushed of a file.
    pub(super) fn pushed_in(&self, part: &RepoPath) -> &[PushedText] {
        self.pushed.get(part).map_or(&[], Vec::as_slice)
    }

    /// The files of a unit in order, each with its scope; `None` where nobody has looked.
    pub(super) fn parts(&self, unit: &RepoPath) -> Option<Vec<(RepoPath, &str)>> {
        let first = self.of(unit)?.map(|text| (unit.clone(), text));
        let later = (2..).map_while(|number| {
            let part = parts::part(unit, number);
            let text = self.of(&part)??;
            Some((part, text))
        });
        Some(first.into_iter().chain(later).collect())
    }
}

/// A part of a ledger file that was pushed, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedText {
    pub from: usize,
    pub to: usize,
    pub commit: String,
    /// Whoever pushed it, where that is known, and what they may.
    pub by: Option<Actor>,
    pub right: Result<Right, String>,
}
