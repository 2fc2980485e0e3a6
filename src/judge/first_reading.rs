//! Files that are read for the first time because no version before could be: what they have of critical weight is said once a file.
//!
//! Comes in: the paths and the threats of the head. Goes out: one matter a file, with one ID, that somebody accepts or mends. The threats
//! themselves are listed and hold nobody up.

use crate::change::Change;
use crate::judge::repairs;
use crate::report::Repair;
use crate::source::{Note, NoteKind, RepoPath};
use crate::stride::rule::{RuleKind, Severity};
use crate::stride::{Outcome, Threat};
use std::collections::BTreeSet;

/// Most threats that are named.
const NAMED: usize = 3;

pub(super) fn repairs(change: &Change, first_read: &BTreeSet<RepoPath>, threats: &[Threat]) -> Vec<Repair> {
    // Whatever the settings say of rules, they take nothing out of what could not be read.
    let weighs = |threat: &&Threat| {
        threat.found_with.0 == Severity::Critical
            && threat.rule.kind == RuleKind::Finding
            && !matches!(threat.outcome, Outcome::Covered { .. })
    };
    let of_file = |path: &RepoPath| {
        let titles: Vec<String> =
            threats.iter().filter(|threat| threat.unit == *path).filter(weighs).map(|threat| threat.title()).collect();
        let more = titles.len().saturating_sub(NAMED);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let named = titles.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
        let text = format!("first reading of this file, which no earlier version allows to compare: {named}{more}");
        let note = Note::on_file(path, NoteKind::Unreadable, text);
        (!titles.is_empty()).then(|| repairs::of(change, &note, "have somebody review it as a whole"))
    };
    first_read.iter().filter_map(of_file).collect()
}
