//! The annotations of a check run: what the gate waits for, and what else is asked, at file and line.
//!
//! Comes in: a report. Goes out: plain text within GitHub's limits, each annotation once. GitHub adds what it is sent to what stands there and takes
//! nothing back, so that [`CheckAnnotation::key`] says which of them stands there already.
//! Source, read 2026-11-30: <https://docs.github.com/rest/checks/runs#create-a-check-run>.

use crate::decisions::Reviewed;
use crate::report::Report;
use crate::report::annotated::{Annotated, Reason, annotated};
use crate::source::{Place, RepoPath};
use crate::stride::rule::Severity;
use std::collections::BTreeSet;

/// Most annotations that GitHub takes with one request.
pub const A_REQUEST: usize = 50;
/// Most annotations of one report: four requests.
const MOST: usize = 200;
/// Characters of a title; GitHub takes 255.
const TITLE: usize = 250;
/// Characters of a message; GitHub takes 64 KB.
const MESSAGE: usize = 4_000;

/// One annotation of a check run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckAnnotation {
    pub path: RepoPath,
    /// From 1; the last one is no smaller than the first.
    pub start_line: u32,
    pub end_line: u32,
    pub level: Level,
    /// Plain text in one line.
    pub title: String,
    /// Plain text, in lines.
    pub message: String,
}

/// What tells annotations apart: path, first line and title, which names the ID.
pub type Key = (String, u32, String);

impl CheckAnnotation {
    pub fn key(&self) -> Key {
        (self.path.as_str().to_owned(), self.start_line, self.title.clone())
    }
}

/// How loud an annotation is. It decides nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Notice,
    Warning,
    Failure,
}

impl Level {
    /// As the Checks API spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

/// Those of a report, what the gate waits for first, and how many have no place among them.
pub(super) fn of(report: &Report, holds_up: bool) -> (Vec<CheckAnnotation>, usize) {
    // What the comment folds away or only counts has no annotation either.
    let lines = report.arranged().numbers();
    let is_told = |reviewed: &&Reviewed| lines.contains_key(reviewed.key());
    let mut told = annotated(report, Severity::Low);
    told.retain(|annotated| annotated.reason == Reason::Waited || annotated.threats.is_empty() || annotated.threats.iter().any(is_told));
    told.sort_by_key(|annotated| annotated.reason != Reason::Waited);
    let mut seen = BTreeSet::new();
    let mut all: Vec<CheckAnnotation> = told.iter().filter_map(|annotated| annotation(annotated, holds_up)).collect();
    all.retain(|annotation| seen.insert(annotation.key()));
    let left_out = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    (all, left_out)
}

/// `None` for what stands on no file.
fn annotation(annotated: &Annotated<'_>, holds_up: bool) -> Option<CheckAnnotation> {
    let Place { path, line, end_line } = annotated.place.filter(|place| place.path.as_str() != ".")?;
    let start_line = (*line).max(1);
    Some(CheckAnnotation {
        path: path.clone(),
        start_line,
        end_line: (*end_line).max(start_line),
        level: match annotated.reason {
            Reason::Waited if holds_up => Level::Failure,
            // A check that is green holds nobody up.
            Reason::Waited | Reason::Finding | Reason::Question => Level::Warning,
            Reason::Remark => Level::Notice,
        },
        title: annotated.title.chars().take(TITLE).collect(),
        message: annotated.message.chars().take(MESSAGE).collect(),
    })
}
