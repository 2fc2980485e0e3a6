//! What went in unanswered with an earlier pull request, as JSON.

use crate::decisions::Reviewed;
use serde::Serialize;

/// A threat that is owed, and since which merge.
#[derive(Serialize)]
pub(in crate::report) struct OwedEntry {
    id: String,
    rule: &'static str,
    severity: &'static str,
    element: String,
    file: String,
    line: u32,
    since: DebtEntry,
}

/// The merge that took it in.
#[derive(Serialize)]
pub(in crate::report) struct DebtEntry {
    pull: u64,
    url: String,
    by: String,
    at: String,
}

impl OwedEntry {
    /// `None` where nothing is owed.
    pub(in crate::report) fn of(reviewed: &Reviewed) -> Option<Self> {
        let threat = &reviewed.threat;
        Some(Self {
            id: threat.id(),
            rule: threat.rule.id,
            severity: threat.severity.word(),
            element: threat.on.to_string(),
            file: threat.place.path.to_string(),
            line: threat.place.line,
            since: DebtEntry::of(reviewed)?,
        })
    }
}

impl DebtEntry {
    /// `None` where nothing is owed.
    pub(in crate::report) fn of(reviewed: &Reviewed) -> Option<Self> {
        let debt = reviewed.debt()?;
        Some(Self { pull: debt.pull, url: debt.url.clone(), by: debt.by.login.clone(), at: debt.at.to_string() })
    }
}
