//! Merges: what was judged of a pull request when it went in is recorded in the ledger.
//!
//! Comes in: a pull request that was merged. Goes out: one commit on the ledger's branch, unless it has the record already. It is judged once
//! more, as of the merge and against the base that it had, so that the record needs nothing that only the store knew.

use super::Bench;
use super::run::{Outcome, RunError, engine, judged};
use crate::change::{Actor, ObjectId, Timestamp};
use crate::decisions::{Signature, ledger_text};
use crate::forge::error::ForgeError;
use crate::forge::site::Site;
use crate::forge::wire;
use crate::judge::merged::Merged;
use crate::queue::job::Job;
use crate::report::Judged;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// How far back the sweep looks for merges that no event told of, in seconds.
const LOOK_BACK: i64 = 14 * 86_400;
/// Times that it begins anew because the ledger has moved.
const MAX_ROUNDS: usize = 6;

/// The merged pull requests of which nobody knows that they are recorded.
///
/// # Errors
/// Of the forge.
pub(super) async fn unrecorded(bench: &Bench, site: &Site) -> Result<Vec<wire::Pull>, RunError> {
    if site.is_archived {
        return Ok(Vec::new());
    }
    let mut unrecorded = Vec::new();
    for pull in site.merged_since(since(bench)).await? {
        if !bench.store.is_merge_noted(site.repository.id, pull.number).await? {
            unrecorded.push(pull);
        }
    }
    Ok(unrecorded)
}

fn since(bench: &Bench) -> Timestamp {
    Timestamp(bench.clock.timestamp().0.saturating_sub(LOOK_BACK))
}

/// Records the merge of a pull request, if it is one and has no record yet.
///
/// # Errors
/// Of the forge, where it may pass; and of the judgement, where it is tried again.
pub(super) async fn record(bench: &Bench, job: &Job, site: &Site, pull: &wire::Pull) -> Result<Outcome, RunError> {
    let repository = site.repository.id;
    let (Some(at), Some(commit)) = (&pull.merged_at, pull.merge_commit_sha.as_deref().and_then(ObjectId::from_hex)) else {
        return Ok(Outcome::Done);
    };
    let at = wire::timestamp(at);
    if at < since(bench) || site.is_before_us(at) || bench.store.is_merge_noted(repository, pull.number).await? {
        return Ok(Outcome::Done);
    }
    let merged = Merged {
        pull: pull.number,
        url: format!("{}/pull/{}", site.repository.web_url, pull.number),
        branch: pull.base.branch.clone(),
        commit,
        by: signature(site, &wire::actor(pull.merged_by.as_ref())).await?,
        at,
        engine: engine(),
    };
    for _ in 0..MAX_ROUNDS {
        match try_to_record(bench, job, site, pull, &merged).await {
            Ok(Recorded::Settled) => {
                bench.store.note_merge(repository, pull.number).await?;
                return Ok(Outcome::Done);
            }
            // The sweep comes back to it.
            Ok(Recorded::NotYet) => return Ok(Outcome::Done),
            Err(RunError::Forge(ForgeError::TipMoved)) => {}
            // Where the App may only read, there is no record. Whatever else the forge refuses is tried again, since it may be behind.
            Err(RunError::Forge(error)) if error.is_lack_of_permission() => {
                tracing::info!(%error, pull = pull.number, "the merge is not recorded");
                bench.store.note_merge(repository, pull.number).await?;
                return Ok(Outcome::Done);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Outcome::Moved)
}

/// Whether there is anything left to record.
enum Recorded {
    Settled,
    /// The ledger is not what it was: once it is mended, the record can be written.
    NotYet,
}

async fn try_to_record(bench: &Bench, job: &Job, site: &Site, pull: &wire::Pull, merged: &Merged) -> Result<Recorded, RunError> {
    if is_recorded(site, merged).await? {
        return Ok(Recorded::Settled);
    }
    let mut snapshot = site.see_merged(pull).await?;
    if snapshot.growth.lags {
        return Err(ForgeError::Lagging.into());
    }
    if let Some(what) = &snapshot.growth.broken {
        tracing::warn!(what, pull = pull.number, "the merge is not recorded yet: the ledger is not what it was");
        return Ok(Recorded::NotYet);
    }
    let sides = [snapshot.change.base.commit, snapshot.change.head.commit];
    let blocks = match judged(bench, site, &mut snapshot, job.attempts, merged.at).await {
        // In a repository that has nothing to judge no ledger is begun.
        Ok(report) if snapshot.tip.commit.is_none() && report.judged() == Judged::Irrelevant => return Ok(Recorded::Settled),
        Ok(report) => merged.record(&report),
        Err(RunError::Panicked | RunError::TooMuch(_)) => merged.unjudged(sides),
        Err(error) => return Err(error),
    };
    site.ledger.append(&snapshot.tip, &blocks, bench.judgement.append).await?;
    bench.metrics.effect("append-ledger");
    Ok(Recorded::Settled)
}

async fn is_recorded(site: &Site, merged: &Merged) -> Result<bool, RunError> {
    let scope: RepoPath = ledger_text::merges_scope(merged.at);
    let tip = site.ledger.at(site.ledger.tip().await?).await?;
    let texts = site.ledger.texts(&tip, &BTreeSet::from([scope.clone()])).await?;
    let blocks = texts.get(&scope).and_then(Option::as_deref).and_then(|text| ledger_text::parse(text).ok());
    Ok(blocks.is_some_and(|blocks| blocks.iter().any(|block| merged.is(block))))
}

/// Who merged it, by what right.
async fn signature(site: &Site, actor: &Actor) -> Result<Signature, RunError> {
    let right = site.right(actor).await?.map_or("unknown", |right| right.word());
    Ok(Signature { id: actor.id, login: actor.login.clone(), right: right.to_owned() })
}
