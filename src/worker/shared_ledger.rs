//! A ledger that lies in a repository of its own: a push to it is about the repositories that are reviewed with it.
//!
//! Comes in: a job of the ledger's repository. Goes out: the same job for each reviewed repository whose folder is not what it was when its pull
//! requests were judged last. Which repositories those are the store knows; one that it has forgotten is left to the sweep.

use super::Bench;
use super::run::RunError;
use crate::change::ObjectId;
use crate::forge::error::found;
use crate::forge::site::Site;
use crate::ledger::Branch;
use crate::queue::due::Due;
use crate::queue::job::{Job, Subject};
use std::collections::BTreeMap;

/// Makes others due for what was pushed to this repository, where it keeps their decisions.
pub(super) async fn tell_reviewed(bench: &Bench, job: &Job, site: &Site) -> Result<(), RunError> {
    let is_pushed = matches!(job.subject, Subject::Ledger(_) | Subject::Open);
    let ledger = &site.ledger;
    if !is_pushed || bench.ledger.repository.is_none() || ledger.place.id != site.place.id {
        return Ok(());
    }
    let tip = ledger.tip().await?;
    let now = folders(ledger, tip).await?;
    let mut due = Vec::new();
    for (repository, seen) in bench.store.reviewed_with(ledger.place.id, &ledger.name).await? {
        let id = repository.id;
        if id == site.place.id || seen == tip {
            continue;
        }
        if folders(ledger, seen).await?.get(&id) != now.get(&id) {
            due.push(Due { repository, subject: job.subject.clone(), head: None, base: None });
        }
    }
    Ok(bench.store.enqueue(&due).await?)
}

/// The folders at a commit; none where the branch or the commit is gone.
async fn folders(ledger: &Branch, commit: Option<ObjectId>) -> Result<BTreeMap<u64, ObjectId>, RunError> {
    let Some(commit) = commit else { return Ok(BTreeMap::new()) };
    Ok(found(ledger.folders(commit).await)?.unwrap_or_default())
}
