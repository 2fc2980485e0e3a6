//! What is green, and could not be judged again: taken back, until it can.
//!
//! Comes in: a job whose run failed. Goes out: a check in progress where a green one stood that was given for something else than what
//! stands there now: another head, base, ledger or page, or other settings of the organisation; of a merge group whatever it was given for.
//! What is not known to be as it was is not. Nothing is written where nothing is green, and requests are kept back for it.

use super::Bench;
use super::run::{RunError, holds};
use crate::change::ObjectId;
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::page::find_check;
use crate::forge::site::find_site;
use crate::forge::token::Scope;
use crate::forge::tree::Place;
use crate::forge::wire;
use crate::ledger::Branch;
use crate::plan::StandingCheck;
use crate::queue::job::{Job, Subject};
use crate::report::{Conclusion, escape};

/// Runs that fail before what is green is looked at: one failed request makes nobody's check flicker.
const FAILED: i64 = 2;

/// Takes back what is green after a run that failed. That it cannot is only noted: the next run tries again.
pub async fn after(bench: &Bench, job: &Job, error: &RunError) {
    if !is_in_doubt(job, error) {
        return;
    }
    let taken = match &job.subject {
        Subject::Pull(number) => take_back_pull(bench, job, *number, error).await,
        Subject::Group(head) => match bench.store.lock_head(&head.to_string()).await {
            Ok(_lock) => take_back(bench, &place(bench, job), *head, error).await,
            Err(error) => Err(error.into()),
        },
        Subject::Head(_)
        | Subject::Built(_)
        | Subject::Base(_)
        | Subject::Ledger(_)
        | Subject::Open
        | Subject::Stale
        | Subject::FirstContact
        | Subject::Register => Ok(()),
    };
    match taken {
        Ok(()) => {}
        // Of a pause and of a forge that does not answer the client has warned already, once; of the rest the run itself has.
        Err(error) if error.is_passing() || error.advice().is_some() || matches!(error, ForgeError::NotFound { .. }) => {
            tracing::debug!(%error, subject = %job.subject, "what was green is taken back later")
        }
        Err(error) => tracing::warn!(%error, subject = %job.subject, "what was green could not be taken back"),
    }
}

fn is_in_doubt(job: &Job, error: &RunError) -> bool {
    match error {
        // The forge is behind its own events, and the next look follows at once.
        RunError::Forge(ForgeError::Lagging | ForgeError::TipMoved) => false,
        // Does not count as an attempt, and may last for an hour: too long for a pull request that has changed, and for a group that has not.
        RunError::Forge(ForgeError::RateLimited { .. }) => matches!(job.subject, Subject::Pull(_)),
        RunError::Forge(_) | RunError::Panicked | RunError::TooMuch(_) | RunError::TooHeavy(_) | RunError::NotTried(_) => {
            job.attempts >= FAILED
        }
    }
}

fn place(bench: &Bench, job: &Job) -> Place {
    let repository = &job.repository;
    let client = bench.forge.installation(repository.installation, Scope::Repository(repository.id)).urgent();
    Place { client, id: repository.id, owner: repository.owner.clone(), name: repository.name.clone() }
}

async fn take_back_pull(bench: &Bench, job: &Job, number: u64, error: &RunError) -> Result<(), ForgeError> {
    let place = place(bench, job);
    let pull: wire::Pull = place.client.get(&place.path(&format!("/pulls/{number}"))).await?;
    let Some(head) = ObjectId::from_hex(&pull.head.sha).filter(|_| pull.state == "open") else { return Ok(()) };
    let _lock = bench.store.lock_head(&pull.head.sha).await?;
    if is_as_judged(bench, job, &place, &pull).await.unwrap_or(false) { Ok(()) } else { take_back(bench, &place, head, error).await }
}

/// Whether a pull request is what it was when it was judged last.
async fn is_as_judged(bench: &Bench, job: &Job, place: &Place, pull: &wire::Pull) -> Result<bool, ForgeError> {
    let repository = job.repository.id;
    let Some(published) = bench.store.published(repository, pull.number).await? else { return Ok(false) };
    if !bench.store.waiting(repository, pull.number).await?.open.is_empty() {
        return Ok(false);
    }
    if bench.forge.asks_otherwise(job.repository.installation, &published.organisation).await? {
        return Ok(false);
    }
    let base = place.branch_tip(&pull.base.branch).await?;
    if !holds(&published, pull, base, bench.clock.timestamp()) {
        return Ok(false);
    }
    let ledger = if bench.ledger.repository.is_none() {
        Branch { place: place.clone(), name: bench.ledger.branch.clone(), of: repository }
    } else {
        find_site(&bench.forge, &job.repository, &bench.ledger).await?.ledger
    };
    ledger.stands_as_at(ledger.tip().await?, published.ledger_tip).await
}

async fn take_back(bench: &Bench, place: &Place, head: ObjectId, error: &RunError) -> Result<(), ForgeError> {
    let standing = find_check(place, head).await?;
    let is_green = |check: &StandingCheck| check.conclusion.as_deref() == Some(Conclusion::Success.word());
    let Some(green) = standing.filter(is_green) else { return Ok(()) };
    let summary = format!(
        "What stood here may have been said of another base, of other decisions or of an older page, and Astride could not judge the change \
         again: {}.\n\nIt is tried again by itself. Nothing is wrong with the change as far as anybody knows.",
        escape::text(&error.to_string())
    );
    apply::reopen_check(place, &green, head, "Could not be judged yet, is tried again", &summary).await?;
    bench.metrics.effect("take-back");
    Ok(())
}
