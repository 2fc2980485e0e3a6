//! One run on a merge group: snapshot, judgement, and its check, which is all that is written.
//!
//! As on a pull request, red is written at once, and green after one more look at the ledger: a decision that was taken back meanwhile lets nothing
//! into the branch. Head and base of a group are the ones that its event named, and never move.

use super::run::{MAX_ROUNDS, Outcome, RunError, decisions_stand, is_check, is_green, is_green_check, judged};
use super::{Bench, details, failure};
use crate::change::{Constituent, ObjectId};
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::site::{Site, find_site};
use crate::forge::snapshot::Snapshot;
use crate::plan::Effect;
use crate::queue::job::{Beat, Job};
use crate::report::Report;
use std::collections::BTreeSet;
use tokio::sync::watch;

/// Judges a merge group by its own head and base; only its check is written.
///
/// # Errors
/// Of the forge and of the judgement.
pub(super) async fn run_group(bench: &Bench, job: &Job, head: ObjectId, beats: &watch::Receiver<Beat>) -> Result<Outcome, RunError> {
    let site = find_site(&bench.forge, &job.repository, &bench.ledger).await?;
    let Some(base) = job.base else { return Ok(Outcome::Done) };
    let run = Run { bench, job, site: &site, head, beats };
    for _ in 0..MAX_ROUNDS {
        match run.round(base).await? {
            Outcome::Moved => {}
            ended => return Ok(ended),
        }
    }
    Ok(Outcome::Moved)
}

struct Run<'r> {
    bench: &'r Bench,
    job: &'r Job,
    site: &'r Site,
    head: ObjectId,
    beats: &'r watch::Receiver<Beat>,
}

impl Run<'_> {
    async fn round(&self, base: ObjectId) -> Result<Outcome, RunError> {
        let Self { bench, job, site, head, .. } = *self;
        // Before anything is looked at, as on a pull request: the commit may be the head of one.
        let _lock = bench.store.lock_head(&head.to_string()).await?;
        let mut snapshot = match site.see_group(head, base).await {
            Ok(snapshot) => snapshot,
            // The queue has thrown the group away.
            Err(ForgeError::NotFound { .. }) => return Ok(Outcome::Done),
            Err(error) => return Err(error.into()),
        };
        if snapshot.growth.lags {
            return Err(ForgeError::Lagging.into());
        }
        // A pull request's head is none of a group's, unless the queue itself has told of it: then whoever opened a pull request with it must not
        // keep the group from being judged.
        let is_shared = !site.pulls_at(head).await?.is_empty();
        if is_shared && !job.is_told() {
            return Ok(Outcome::Done);
        }
        let judged = match constituents(bench, site, &snapshot).await {
            Ok(group) => {
                snapshot.change.group = group;
                judged(bench, site, &mut snapshot, job.attempts, bench.clock.timestamp()).await
            }
            Err(error) => Err(error),
        };
        if !self.is_current().await? {
            return Ok(Outcome::Superseded);
        }
        match judged {
            Ok(report) => self.write(&snapshot, report, is_shared).await,
            Err(error @ (RunError::Panicked | RunError::TooMuch(_))) => {
                failure::write_failure(bench, site, head, &error).await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether nothing newer waits, and nobody else has the job.
    async fn is_current(&self) -> Result<bool, RunError> {
        Ok(self.bench.store.beat(self.job, super::LEASE).await? == Beat::Current)
    }

    async fn write(&self, snapshot: &Snapshot, mut report: Report, is_shared: bool) -> Result<Outcome, RunError> {
        let (bench, repository) = (self.bench, self.site.repository.id);
        let link = if is_shared { None } else { details::link(bench, repository, &mut report).await? };
        let mut effects = (bench.judgement.plan)(&report, &snapshot.page);
        // The commit's check is the pull request's too, and stays shut.
        effects.retain(|effect| !is_shared || !is_green(effect));
        details::keep(bench, repository, &report, link, &effects).await?;
        for effect in &effects {
            if *self.beats.borrow() != Beat::Current {
                return Ok(Outcome::Superseded);
            }
            if is_green(effect) && !decisions_stand(self.site, snapshot).await? {
                return Ok(Outcome::Moved);
            }
            match effect {
                Effect::CreateCheck { .. } | Effect::UpdateCheck { .. } | Effect::AnnotateCheck { .. } => {
                    apply::apply(&self.site.place, 0, effect).await?;
                }
                Effect::AppendLedger { .. }
                | Effect::CreateComment { .. }
                | Effect::UpdateComment { .. }
                | Effect::DeleteComment { .. }
                | Effect::CutComment { .. }
                | Effect::CreateThread { .. }
                | Effect::ReplyInThread { .. }
                | Effect::ResolveThread { .. }
                | Effect::React { .. }
                | Effect::Reply { .. }
                | Effect::RequestReview { .. } => {}
            }
        }
        // What is green already is believed no sooner than what would become so.
        let stays = !effects.iter().any(is_check) && is_green_check(snapshot.page.check.as_ref());
        if stays && !decisions_stand(self.site, snapshot).await? {
            return Ok(Outcome::Moved);
        }
        Ok(Outcome::Done)
    }
}

/// The pull requests of a merge group, each with what it introduces when it is judged by itself; and last the group's own commits, to
/// which whatever none of them introduces belongs.
async fn constituents(bench: &Bench, site: &Site, group: &Snapshot) -> Result<Vec<Constituent>, RunError> {
    let mut constituents = Vec::new();
    for pull in site.pulls_of_group(group).await? {
        let mut seen = site.see_aside(&pull).await?;
        let report = bench.judgement.report(site, &mut seen, bench.clock.timestamp()).await?;
        site.look_up_people(&mut seen).await?;
        let introduces = report.introduces();
        let head = seen.change.head.commit;
        constituents.extend(seen.change.pull.map(|pull| Constituent { pull, head, introduces }));
    }
    constituents.push(Constituent { pull: site.as_pull(group).await?, head: group.change.head.commit, introduces: BTreeSet::new() });
    Ok(constituents)
}
