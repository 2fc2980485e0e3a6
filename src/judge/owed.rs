//! What went in unanswered with an earlier pull request: it is owed, and no part of what was always there.
//!
//! Comes in: the open threats of the touched units that this change does not bring, the ledger. Goes out: those that are owed, and the others.

use crate::change::{Change, Timestamp};
use crate::decisions::assigned::assignee;
use crate::decisions::authority;
use crate::decisions::pin::Pin;
use crate::decisions::reconcile::{self, Hearing};
use crate::decisions::{Ledger, Reviewed, Verdict, ledger_text, merge};
use crate::judge::pins;
use crate::stride::Threat;
use std::borrow::Cow;

/// The threats of which it must be known who has spoken: those that the repository's scope may have a debt of.
pub(super) fn asked<'t>(older: &'t [Threat], ledger: &Ledger) -> impl Iterator<Item = &'t Threat> + use<'t> {
    let of_repository = ledger.blocks.get(&ledger_text::repository_scope());
    let has_debts = of_repository.is_some_and(|blocks| blocks.iter().any(|block| block.verdict == Verdict::MergedOpen));
    older.iter().filter(move |_| has_debts)
}

/// What people may answer on this pull request: also what is owed.
pub(super) fn answerable<'r>(reviewed: &'r [Reviewed], owed: &[Reviewed]) -> Cow<'r, [Reviewed]> {
    let is_there = |owed: &&Reviewed| reviewed.iter().any(|reviewed| reviewed.key() == owed.key());
    let others: Vec<&Reviewed> = owed.iter().filter(|owed| !is_there(owed)).collect();
    if others.is_empty() {
        return Cow::Borrowed(reviewed);
    }
    Cow::Owned(reviewed.iter().chain(others).cloned().collect())
}

/// What is owed, highest score first; and what is older.
pub(super) fn find(
    older: Vec<Threat>,
    reviewed: &[Reviewed],
    change: &Change,
    ledger: &Ledger,
    now: Timestamp,
) -> (Vec<Reviewed>, Vec<Threat>) {
    let pinned = |pin: &Pin| pins::state(change, pin);
    let mut others = Vec::new();
    let mut owed: Vec<Reviewed> = reviewed.iter().filter(|reviewed| !reviewed.introduced && reviewed.debt().is_some()).cloned().collect();
    for threat in older {
        let said = ledger.about(&threat);
        let debt = merge::owed(&threat, said.iter().copied());
        let electorate = authority::electorate(change, &threat.key);
        let hearing = Hearing { blocks: &said, electorate: &electorate, today: now.day(), pinned: &pinned };
        let (standing, undecided) = reconcile::standing(&threat, &hearing);
        let assigned = assignee(&threat, said.iter().copied());
        let reviewed = Reviewed { threat, standing, undecided, introduced: false, blocks: false, owed: debt, assigned };
        if reviewed.debt().is_some() { owed.push(reviewed) } else { others.push(reviewed.threat) }
    }
    owed.sort_by(|a, b| (b.threat.score, &a.threat.key).cmp(&(a.threat.score, &b.threat.key)));
    (owed, others)
}
