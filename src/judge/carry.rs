//! Decisions that move with what they were made on.
//!
//! Comes in: exact renames and moves, the ledger, the threats at the head. Goes out: blocks that repeat the old word under the new
//! name, so that it is found after the merge too, when nobody can see the rename any more. What is no exact rename is only hinted at.

use crate::change::{Change, Timestamp};
use crate::decisions::authority;
use crate::decisions::pin::Pin;
use crate::decisions::reconcile::{self, Hearing};
use crate::decisions::{self, Block, Ledger, Reviewed, Standing, Verdict, undone};
use crate::delta::Delta;
use crate::judge::pins;
use crate::model::{ElementId, Model};
use crate::report::{Earlier, Report};
use crate::source::RepoPath;
use crate::stride::{Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// Makes the blocks of the old names count for the new ones while this pull request is judged.
pub(super) fn rename(ledger: &mut Ledger, delta: &Delta, moved: &[(RepoPath, RepoPath)], after: &Model) {
    let renamed: BTreeMap<&str, &str> =
        delta.elements_renamed.iter().filter(|rename| rename.exact).map(|rename| (rename.from.as_str(), rename.to.as_str())).collect();
    for (unit, blocks) in &mut ledger.blocks {
        let old_unit = moved.iter().find(|(_, new)| new == unit).map(|(old, _)| old);
        for block in blocks {
            let in_new_unit = old_unit
                .and_then(|old| block.on.strip_prefix(old.as_str()))
                .filter(|rest| rest.starts_with('#'))
                .map(|rest| format!("{unit}{rest}"));
            let on = in_new_unit.as_deref().unwrap_or(&block.on);
            let new = renamed.get(on).map(|new| (*new).to_owned()).or_else(|| in_new_unit.clone());
            if let Some(new) = new {
                block.carried_from.get_or_insert_with(|| block.on.clone());
                block.on = new;
            }
            if let Some(cause) = &mut block.cause {
                let in_new_unit = old_unit
                    .and_then(|old| cause.holder.strip_prefix(old.as_str()))
                    .filter(|rest| rest.starts_with('#'))
                    .map(|rest| format!("{unit}{rest}"));
                let holder = in_new_unit.unwrap_or_else(|| cause.holder.clone());
                let new = renamed.get(holder.as_str()).map(|new| (*new).to_owned());
                cause.holder = new.or_else(|| made_beside(&holder, &renamed, after)).unwrap_or(holder);
            }
        }
    }
}

/// The new id of what a transform makes beside something that was renamed, and names after it: `FormFnUrl` of `OrdersFnUrl`.
fn made_beside(id: &str, renamed: &BTreeMap<&str, &str>, after: &Model) -> Option<String> {
    let is_there = |id: &str| after.resources.contains(&ElementId(id.to_owned()));
    let named_after = renamed.iter().filter_map(|(old, new)| Some((old.len(), format!("{new}{}", id.strip_prefix(old)?))));
    let (_, new) = named_after.filter(|(_, new)| !is_there(id) && is_there(new)).max()?;
    Some(new)
}

/// Decisions on what this change takes away under a name by which nobody knows it again, each by the ID of the open threat that asks the same:
/// whether it still holds, only people can say. What is taken for a rename, and changed on the way, is asked about under its new name, also where
/// nothing of it is news; else only what the change brings. Where several could be meant, none is named.
pub(super) fn hints(ledger: &Ledger, report: &Report, now: Timestamp) -> BTreeMap<String, Earlier> {
    let old_name: BTreeMap<&str, &str> = report
        .delta
        .elements_renamed
        .iter()
        .filter(|rename| !rename.exact)
        .map(|rename| (rename.to.as_str(), rename.from.as_str()))
        .collect();
    let hint = |reviewed: &Reviewed| {
        let threat = &reviewed.threat;
        let blocks = ledger.blocks.get(&decisions::scope(threat))?;
        let mut last: BTreeMap<&str, &Block> = BTreeMap::new();
        for block in undone::left(blocks.iter().collect()).into_iter().filter(|block| block.rule == threat.rule.id) {
            if !matches!(block.verdict, Verdict::Confirmed | Verdict::Assigned) {
                last.insert(&block.threat, block);
            }
        }
        let gone: Vec<&Block> = last.into_values().filter(|block| is_gone(block, report) && holds(block, now)).collect();
        let is_old_name = |block: &&&Block| old_name.get(&*threat.on).is_some_and(|old| *old == block.on);
        let of_old_name: Vec<&Block> = gone.iter().filter(is_old_name).copied().collect();
        let candidates = if of_old_name.is_empty() && reviewed.introduced { gone } else { of_old_name };
        let [block] = candidates.as_slice() else { return None };
        let earlier = Earlier { id: block.threat.clone(), verdict: block.verdict.word(), by: block.by.login.clone() };
        Some((threat.id(), earlier))
    };
    let is_open = |reviewed: &&Reviewed| matches!(reviewed.standing, Standing::Open | Standing::Unclear);
    report.reviewed.iter().filter(is_open).filter_map(hint).collect()
}

/// Whether a decision is on an element, or a flow, that the change, or an earlier push of it, took away.
fn is_gone(block: &Block, report: &Report) -> bool {
    let is_there = |model: &Model| {
        model.element(&ElementId(block.on.clone())).is_some() || model.flows.iter().any(|flow| flow.id.as_str() == block.on)
    };
    let was_here = is_there(&report.before) || report.pull == Some(block.pull);
    block.on.contains('#') && block.carried_from.is_none() && was_here && !is_there(&report.after)
}

fn holds(block: &Block, now: Timestamp) -> bool {
    block.verdict.is_answer() && block.until.is_none_or(|until| until >= now.day())
}

/// The threats that a carried block may be about, and that are no news: those of a file that moved as it is.
pub(super) fn unchanged(ledger: &Ledger, threats: &[Threat]) -> Vec<Threat> {
    let was_carried = ledger.blocks.values().flatten().any(|block| block.carried_from.is_some());
    let is_carried = |threat: &&Threat| ledger.about(threat).iter().any(|block| block.carried_from.is_some());
    threats.iter().filter(|_| was_carried).filter(is_carried).cloned().collect()
}

/// The blocks to append for decisions that stand only because they were carried, also where the settings have the threat not asked: when they
/// ask again, nobody can see any more what it was called.
pub(super) fn blocks<'t>(
    ledger: &Ledger,
    threats: impl Iterator<Item = &'t Threat>,
    change: &Change,
    now: Timestamp,
) -> Vec<(RepoPath, Block)> {
    let mut carried = Vec::new();
    let mut seen: BTreeSet<&ThreatKey> = BTreeSet::new();
    for threat in threats {
        let blocks = ledger.about(threat);
        let of_threat = |block: &&Block| block.rule == threat.rule.id && reconcile::concerns(block, threat);
        let (old, own): (Vec<&Block>, Vec<&Block>) =
            blocks.iter().copied().filter(of_threat).partition(|block| block.carried_from.is_some());
        if old.is_empty() || !seen.insert(&threat.key) || !is_answered(threat, &blocks, change, now) {
            continue;
        }
        if own.iter().all(|block| block.verdict == Verdict::Assigned) && !old.iter().any(|block| reconcile::is_exact(block, threat)) {
            carried.extend(old.iter().map(|block| {
                let sharer = threat.sharers().find(|sharer| *sharer.on == *block.on).unwrap_or(threat);
                let block = Block {
                    threat: threat.id(),
                    fingerprint: if block.cause.is_some() { threat.fingerprint() } else { sharer.first_edition() },
                    ..(*block).clone()
                };
                (decisions::scope(threat), block)
            }));
        }
    }
    carried
}

/// Whether somebody's word stands on a threat, whether or not the settings have it asked.
fn is_answered(threat: &Threat, blocks: &[&Block], change: &Change, now: Timestamp) -> bool {
    let electorate = authority::electorate(change, &threat.key);
    let pinned = |pin: &Pin| pins::state(change, pin);
    let hearing = Hearing { blocks, electorate: &electorate, today: now.day(), pinned: &pinned };
    matches!(reconcile::said(threat, &hearing).0, Standing::Decided(_) | Standing::Proposed(_))
}

/// The blocks to append for debts that are found only because their threat was renamed or moved by this change.
pub(super) fn debts(ledger: &Ledger, owed: &[Reviewed]) -> Vec<(RepoPath, Block)> {
    let mut carried = Vec::new();
    for threat in owed.iter().map(|reviewed| &reviewed.threat) {
        let is_debt = |block: &&Block| block.verdict == Verdict::MergedOpen && reconcile::concerns(block, threat);
        let (old, own): (Vec<&Block>, Vec<&Block>) =
            ledger.about(threat).into_iter().filter(is_debt).partition(|block| block.carried_from.is_some());
        if own.is_empty() && !old.iter().any(|block| reconcile::is_exact(block, threat)) {
            let block = |block: &Block| Block { threat: threat.id(), fingerprint: threat.fingerprint(), ..block.clone() };
            carried.extend(old.first().map(|old| (decisions::scope(threat), block(old))));
        }
    }
    carried
}
