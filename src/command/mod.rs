//! The slash-commands: what they are, which lines of a comment are commands, and which threats they are about.
//!
//! Comes in: the body of a comment, and the threats that stand. Goes out: commands, or why a line is none. Never decides who may.

pub mod grammar;
pub mod help;
mod html;
mod inline;
mod markdown;
mod options;
mod reason;
pub mod resolve;
pub(crate) mod visible;

use crate::change::Day;
use crate::decisions::Verdict;
use crate::source::RepoPath;

/// What a command does. The list with its words is `help::COMMANDS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Mitigate,
    Accept,
    Defer,
    Transfer,
    NotApplicable,
    Wrong,
    Confirm,
    Reopen,
    Undo,
    Carry,
    Assign,
    Show,
    Explain,
    Recheck,
    Help,
    Emergency,
}

impl Verb {
    /// What it answers a threat with; `None` for what is no answer by itself.
    pub fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Mitigate => Some(Verdict::Mitigated),
            Self::Accept => Some(Verdict::Accepted),
            Self::Defer => Some(Verdict::Deferred),
            Self::Transfer => Some(Verdict::Transferred),
            Self::NotApplicable => Some(Verdict::NotApplicable),
            Self::Wrong => Some(Verdict::Wrong),
            Self::Confirm
            | Self::Reopen
            | Self::Undo
            | Self::Carry
            | Self::Assign
            | Self::Show
            | Self::Explain
            | Self::Recheck
            | Self::Help
            | Self::Emergency => None,
        }
    }

    /// Whether it answers a threat by itself.
    pub fn is_verdict(self) -> bool {
        self.verdict().is_some()
    }
}

/// One command, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Line of the comment, from 1.
    pub line: usize,
    pub verb: Verb,
    /// What it is about; empty where the thread or the verb says so.
    pub what: Vec<Target>,
    pub reason: String,
    pub until: Option<Day>,
    pub see: Option<See>,
    /// Where it is followed up.
    pub ticket: Option<String>,
    /// Of a transfer: who takes the risk over; of an assignment: whom it asks, without the `@`.
    pub to: Option<String>,
}

impl Command {
    /// Without anything behind its verb.
    pub(crate) fn bare(line: usize, verb: Verb) -> Self {
        Self { line, verb, what: Vec::new(), reason: String::new(), until: None, see: None, ticket: None, to: None }
    }
}

/// A path in the repository whose content is pinned, and what must be found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct See {
    pub path: RepoPath,
    pub pattern: Option<String>,
}

/// What a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `IntakeFn/S-7f3a9c21`: element, letter, the first digits of the fingerprint.
    Threat { element: String, category: char, hash: String },
    /// `IntakeFn/S`, `IntakeFn/S@ab12cd34`: every open threat of a cell.
    Cell { element: String, category: char, set: Option<String> },
    /// `IntakeFn@ab12cd34`: every open threat of an element.
    Element { element: String, set: Option<String> },
    /// `all@ab12cd34`.
    All { set: Option<String> },
    /// `rollup/recovery-1f00ac3d`.
    Rollup(String),
    /// `3`: the line that bears this number in the comment.
    Number(usize),
    /// `repair/template.yaml-7f3a9c21`: a file as it is, and no threat.
    Repair(String),
}

/// Why a line that begins like a command is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Line of the comment, from 1.
    pub line: usize,
    /// Plain text, a sentence or two.
    pub why: String,
}
