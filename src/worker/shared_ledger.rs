//! A ledger that lies in a repository of its own: a push to it is about the repositories that are reviewed with it.
//!
//! Comes in: a job of the ledger's repository. Goes out: the same job for each reviewed repository whose folder the push has changed. Which repositories
//! there are the store knows; one that it has forgotten is left to the sweep.

use super::Bench;
use super::run::RunError;
use crate::change::ObjectId;
use crate::forge::error::found;
use crate::forge::site::Site;
use crate::ledger::Branch;
use crate::queue::due::Due;
use crate::queue::job::{Job, Subject};
use std::collections::BTreeMap;

/// Where the forge says that a branch was before it began.
const NOWHERE: ObjectId = ObjectId([0; 20]);

/// Makes others due for what was pushed to this repository, where it keeps their decisions.
///
/// The push is looked at, and not what the runs have seen since: a run sees what was pushed for its own pull request alone.
pub(super) async fn tell_reviewed(bench: &Bench, job: &Job, site: &Site) -> Result<(), RunError> {
    let is_pushed = matches!(job.subject, Subject::Ledger(_) | Subject::Open);
    let ledger = &site.ledger;
    if !is_pushed || bench.ledger.repository.is_none() || ledger.place.id != site.place.id {
        return Ok(());
    }
    let now = folders(ledger, ledger.tip().await?).await?;
    let pushed_on = match job.base {
        Some(before) => Some(folders(ledger, Some(before)).await?),
        None => None,
    };
    let mut due = Vec::new();
    for (repository, seen) in bench.store.reviewed_with(ledger.place.id, &ledger.name).await? {
        let id = repository.id;
        let before = match &pushed_on {
            Some(folders) => folders.get(&id).copied(),
            None => folders(ledger, seen).await?.get(&id).copied(),
        };
        if id == site.place.id || before == now.get(&id).copied() {
            continue;
        }
        let own = Branch { of: id, ..ledger.clone() };
        if let Subject::Ledger(tip) = &job.subject
            && own.is_own(*tip).await?
        {
            continue;
        }
        due.push(Due { repository, subject: job.subject.clone(), head: None, base: None });
    }
    Ok(bench.store.enqueue(&due).await?)
}

/// The folders at a commit; none where the branch or the commit is gone.
async fn folders(ledger: &Branch, commit: Option<ObjectId>) -> Result<BTreeMap<u64, ObjectId>, RunError> {
    let Some(commit) = commit.filter(|commit| *commit != NOWHERE) else { return Ok(BTreeMap::new()) };
    Ok(found(ledger.folders(commit).await)?.unwrap_or_default())
}
