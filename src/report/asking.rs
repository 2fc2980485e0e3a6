//! Who is asked for an answer, and by which means; and what is asked, as one short word.
//!
//! Comes in: a report. Goes out: the comment that mentions people, remarks, and a digest that changes when something else is asked.

use crate::report::{Report, escape, marker};
use crate::settings::owners::Owner;
use crate::settings::talk::{Ask, CommentMode};
use crate::stride::Fingerprint;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Most people and teams that are asked on one pull request.
pub const MOST_ASKED: usize = 5;
/// Most IDs that a mention names.
const MOST_NAMED: usize = 5;

/// How the report's people are spoken with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// Where it stands what is asked.
    pub mode: CommentMode,
    pub by: Ask,
    /// Whether an approving review confirms what was proposed.
    pub approvals: bool,
    /// Who should decide on what blocks, the heaviest first, without the author; empty where nobody is asked.
    pub whom: Vec<Owner>,
}

impl Asking {
    /// Behind the words on how a proposal is confirmed.
    pub(super) fn or_approves(&self) -> &'static str {
        if self.approvals { ", or approves the pull request" } else { "" }
    }
}

/// What the gate waits for, as eight hex digits: other ones as soon as anything comes or goes. A file to repair is the same until it is repaired.
pub fn digest(report: &Report) -> String {
    let threats = report.blocking().map(|reviewed| reviewed.threat.fingerprint().to_string());
    let repairs = report.open_repairs().map(|repair| format!("repair {}", repair.place.path));
    let weakened = report.open_weakened().map(|weakened| weakened.id());
    let asked: BTreeSet<String> = threats.chain(repairs).chain(weakened).collect();
    let mut hash = Sha256::new();
    asked.iter().for_each(|asked| hash.update(format!("{asked}\n")));
    Fingerprint(hash.finalize().into()).short()
}

/// The comment that mentions whoever is asked; `None` where that is nobody.
pub fn mention(report: &Report) -> Option<String> {
    let names: Vec<String> = report.asking.whom.iter().map(|whom| escape::mention(whom.name())).collect();
    if names.is_empty() {
        return None;
    }
    let threats = report.blocking().map(|reviewed| reviewed.threat.id());
    let others = report.open_repairs().map(|repair| repair.id.clone()).chain(report.open_weakened().map(|weakened| weakened.id()));
    let all: Vec<String> = threats.chain(others).collect();
    let named: Vec<String> = all.iter().take(MOST_NAMED).map(|id| escape::code(id)).collect();
    let more = if all.len() > MOST_NAMED { ", and others" } else { "" };
    Some(format!(
        "{}\n{}: your answer is asked for on {}{more}. What is asked, and how to answer, stands in Astride's comment; you are told once.\n",
        marker::ASK,
        names.join(", "),
        named.join(", "),
    ))
}

/// A remark on those whom the forge would not ask; empty where there are none.
pub fn refused<'o>(whom: impl Iterator<Item = &'o Owner>) -> String {
    let names: Vec<String> = whom.map(|whom| escape::code(whom.name())).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("\n\nNot asked for a review, since GitHub takes no request for them on this pull request: {}.", names.join(", "))
}
