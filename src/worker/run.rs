//! One run: snapshot, judgement, effects in their order, and again where the ledger was written.
//!
//! Red is written first and green last; before green, head, base and the ledger's tip are read once more. Cutting a run anywhere leaves a
//! state from which the next one goes on.

mod effects;
pub(super) mod said;

use super::{Bench, details, failure, merged, neighbours};
use crate::change::{ObjectId, Timestamp};
use crate::decisions::{Block, Verdict};
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::permissions::Feature;
use crate::forge::site::{Site, find_site};
use crate::forge::snapshot::{Seen, Snapshot};
use crate::forge::wire;
use crate::plan::{Effect, Neighbour, StandingCheck};
use crate::queue::due::Due;
use crate::queue::job::{Beat, Job, Subject};
use crate::queue::published::Published;
use crate::report::check;
use crate::report::json;
use crate::report::notice::{self, Scene};
use crate::report::{Check, Conclusion, Judged, Reply, Report};
use crate::source::RepoPath;
use tokio::sync::watch;

/// Times that a run begins anew because the ledger or the head has moved.
pub(super) const MAX_ROUNDS: usize = 6;
/// Attempts after which a head that the forge does not show is taken for one that was never there.
const MAX_LAG: i64 = 5;

/// How a run ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Superseded,
    /// It kept moving under our hands.
    Moved,
    /// The people were told that we cannot.
    GivenUp,
}

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Forge(#[from] ForgeError),
    #[error("the judgement panicked, which is a bug")]
    Panicked,
    #[error("{0}")]
    TooMuch(String),
    /// What was tried apart from the service's memory did not end well: it is tried again before it becomes a repair.
    #[error("{0}")]
    TooHeavy(String),
    #[error("{0}")]
    NotTried(String),
}

impl RunError {
    /// What whoever runs the service does about it, where that is known.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Forge(error) => error.advice(),
            Self::Panicked | Self::TooMuch(_) | Self::TooHeavy(_) | Self::NotTried(_) => None,
        }
    }
}

/// Attempts after which a judgement that takes too much is no accident any more, but what the change asks for.
const TRIALS: i64 = 3;

/// Judges, where it can be done within the limits; what could not for the third time is something to repair.
pub(super) async fn judged(bench: &Bench, site: &Site, snapshot: &mut Snapshot, attempts: i64, now: Timestamp) -> Result<Report, RunError> {
    match bench.judgement.report(site, snapshot, now).await {
        Err(RunError::TooHeavy(why)) if attempts >= TRIALS => {
            snapshot.change.too_heavy = Some(why);
            bench.judgement.report(site, snapshot, now).await
        }
        judged => judged,
    }
}

impl From<crate::queue::StoreError> for RunError {
    fn from(error: crate::queue::StoreError) -> Self {
        Self::Forge(error.into())
    }
}

/// Whether what was said of a pull request was said of what stands there now. The others with its head, and the ledger, are not looked at.
pub(super) fn holds(published: &Published, pull: &wire::Pull, base: Option<ObjectId>, now: Timestamp) -> bool {
    published.head.to_string() == pull.head.sha
        && Some(published.base_tip) == base
        && published.engine == engine()
        && published.stands_until.is_none_or(|until| until > now)
        && wire::timestamp(&pull.updated_at) <= published.changed_at
}

/// The engine's and the catalogue's version: what a check was made by.
pub fn engine() -> String {
    format!("{} {}", env!("CARGO_PKG_VERSION"), crate::CATALOGUE_VERSION)
}

/// Brings one pull request's page up to date.
///
/// # Errors
/// Of the forge and of the judgement.
pub async fn run_pull(bench: &Bench, job: &Job, number: u64, beats: &watch::Receiver<Beat>) -> Result<Outcome, RunError> {
    let site = find_site(&bench.forge, &job.repository, &bench.ledger).await?;
    let told = job.head.filter(|_| job.attempts < MAX_LAG);
    let mut tip = None;
    // Mostly the event's head is still the one; what stands there now is looked at under the lock.
    let mut expected = job.head.map(|(head, _)| head.to_string());
    for _ in 0..MAX_ROUNDS {
        let head = match expected.take() {
            Some(head) => head,
            None => site.pull(number, told).await?.head.sha,
        };
        // Before anything is looked at: what another one at this head has seen is old once we have written.
        let _lock = bench.store.lock_head(&head).await?;
        let mut graph = site.look(number, told).await?;
        let pull = match graph.pull.take() {
            Some(pull) => pull,
            None => site.pull(number, told).await?,
        };
        expected = Some(pull.head.sha.clone());
        if pull.head.sha != head {
            continue;
        }
        let Seen::Open(mut snapshot) = site.see_pull(&pull, graph, tip.take()).await? else {
            // Seldom, and large: it has no place among what every run keeps.
            return Box::pin(leave(bench, job, &site, &pull)).await;
        };
        if snapshot.growth.lags {
            return Err(ForgeError::Lagging.into());
        }
        // A push that was told of is later than the installation, since nothing was told before it.
        let is_told = job.head.is_some_and(|(head, _)| head == snapshot.change.head.commit);
        snapshot.page.from_before = !is_told && site.is_older_than_we(&pull);
        match judge(bench, &site, &mut snapshot, job.attempts).await {
            Err(error @ (RunError::Panicked | RunError::TooMuch(_))) => {
                failure::write_failure(bench, &site, snapshot.change.head.commit, &error).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
            Ok(report) => match (Run { bench, job, number, site: &site, beats }).write(&snapshot, report).await? {
                Written::All => return Ok(Outcome::Done),
                Written::Superseded => return Ok(Outcome::Superseded),
                Written::Moved => {}
                Written::Ledger(moved) => tip = Some(moved),
            },
        }
    }
    Ok(Outcome::Moved)
}

/// A pull request that is not open any more says nothing on its head: the others there are judged again without it. Its merge is recorded.
async fn leave(bench: &Bench, job: &Job, site: &Site, pull: &wire::Pull) -> Result<Outcome, RunError> {
    let (repository, number) = (job.repository.id, pull.number);
    // First of all: what was said of it tells which base it had.
    if merged::record(bench, job, site, pull).await? == Outcome::Moved {
        return Ok(Outcome::Moved);
    }
    if let Some(published) = bench.store.published(repository, number).await? {
        make_due_at(bench, job, number, published.head).await?;
        bench.store.unpublish(repository, number).await?;
    }
    Ok(Outcome::Done)
}

/// Makes the other pull requests due that were judged at a head.
async fn make_due_at(bench: &Bench, job: &Job, number: u64, head: ObjectId) -> Result<(), RunError> {
    let others = bench.store.published_at(job.repository.id, head).await?;
    let due: Vec<Due> = others
        .into_iter()
        .filter(|other| *other != number)
        .map(|other| Due { repository: job.repository.clone(), subject: Subject::Pull(other), head: None, base: None })
        .collect();
    Ok(bench.store.enqueue(&due).await?)
}

/// Judges a pull request, and those with the same head, each by itself.
async fn judge(bench: &Bench, site: &Site, snapshot: &mut Snapshot, attempts: i64) -> Result<Report, RunError> {
    let others = snapshot.change.pull.as_ref().map(|pull| pull.same_head.clone()).unwrap_or_default();
    let head = snapshot.change.head.commit;
    let mut neighbours = neighbours::find(bench, site, head, others).await?;
    if let Some(pull) = &mut snapshot.change.pull {
        pull.same_head = neighbours.iter().map(|neighbour| neighbour.number).collect();
    }
    if bench.store.is_told_group(site.repository.id, head).await? {
        neighbours.push(Neighbour::group(failure::failure(&RunError::TooMuch("the merge queue tests this very commit".to_owned()))));
    }
    snapshot.page.neighbours = neighbours;
    judged(bench, site, snapshot, attempts, bench.clock.timestamp()).await
}

enum Written {
    All,
    Superseded,
    /// Head, base or ledger is not what was judged any more.
    Moved,
    /// The ledger was written: everything is judged again with its new tip.
    Ledger(ObjectId),
}

struct Run<'r> {
    bench: &'r Bench,
    job: &'r Job,
    number: u64,
    site: &'r Site,
    beats: &'r watch::Receiver<Beat>,
}

impl Run<'_> {
    async fn write(&self, snapshot: &Snapshot, mut report: Report) -> Result<Written, RunError> {
        let repository = self.site.repository.id;
        // What a crash kept from being told is told now.
        let told_late = snapshot.waiting.unanswered.iter().filter(|reply| !names(&report.replies, reply)).cloned();
        let told_late: Vec<Reply> = told_late.collect();
        report.replies.extend(told_late);
        // In whatever order they were settled, people are answered in the order in which they wrote.
        report.replies.sort_by_key(|reply| reply.to);
        // What nobody typed is no reason to fail where nothing can be committed.
        let is_here = self.site.ledger.place.id == repository;
        if is_here && !self.site.lets(Feature::Ledger) {
            report.blocks.retain(|(_, block)| block.is_typed());
        }
        let link = details::link(self.bench, repository, &mut report).await?;
        let effects = (self.bench.judgement.plan)(&report, &snapshot.page);
        let appends = effects.iter().any(|effect| matches!(effect, Effect::AppendLedger { .. }));
        if !appends {
            self.bench.store.settle(repository, &report.replies).await?;
        }
        if self.bench.store.beat(self.job, super::LEASE).await? != Beat::Current {
            return Ok(Written::Superseded);
        }
        details::keep(self.bench, repository, &report, link, &effects).await?;
        let mut is_refused = false;
        for effect in &effects {
            if *self.beats.borrow() != Beat::Current {
                return Ok(Written::Superseded);
            }
            if is_green(effect) && !self.still_stands(snapshot).await? {
                return Ok(Written::Moved);
            }
            if let Effect::AppendLedger { blocks, .. } = effect {
                let appended = self.site.ledger.append(&snapshot.tip, blocks, self.bench.judgement.append).await;
                self.bench.metrics.effect(apply::word(effect));
                return match appended {
                    Ok(tip) => {
                        // From now on it is done, whatever the next push takes out of sight.
                        self.bench.store.settle(repository, &said::written(&report)).await?;
                        self.tell_others(blocks).await?;
                        Ok(Written::Ledger(tip))
                    }
                    Err(ForgeError::TipMoved) => Ok(Written::Moved),
                    Err(error) if error.is_lack_of_permission() => {
                        if self.refuse(snapshot, &report).await? {
                            return Ok(Written::Moved);
                        }
                        tracing::info!(%error, pull = self.number, "what was carried, or confirmed by a review, is not committed");
                        Box::pin(self.write(snapshot, Report { blocks: Vec::new(), ..report })).await
                    }
                    Err(error) => Err(error.into()),
                };
            }
            match effect {
                Effect::RequestReview { whom } => is_refused |= !self.request(effect, whom.name()).await?,
                _ => self.apply(effect).await?,
            }
        }
        // The people are told of it in the next round.
        if is_refused {
            return Ok(Written::Moved);
        }
        // What is green already is believed no sooner than what would become so.
        let stays = !effects.iter().any(is_check) && is_green_check(snapshot.page.check.as_ref());
        if stays && !self.still_stands(snapshot).await? {
            return Ok(Written::Moved);
        }
        self.bench.store.answered(repository, &report.replies).await?;
        self.tell(snapshot, &report).await?;
        let is_untold = snapshot.page.neighbours.iter().any(|neighbour| neighbour.is_untold);
        // As soon as somebody else may write, the word of the only one who might counts for less, and no event says so.
        let alone = snapshot.change.pull.as_ref().and_then(|pull| pull.sole_maintainer.as_ref());
        let rests_on_one = matches!(alone, Some(Ok(Some(_))));
        let is_passing = is_untold || rests_on_one || !report.awaited.is_empty();
        let stands_until = if is_passing { Some(self.bench.clock.timestamp()) } else { report.stands_until() };
        self.publish(snapshot, &check::render(&report), stands_until).await?;
        let introduced = report.reviewed.iter().filter(|reviewed| reviewed.introduced);
        let counted = introduced.map(|reviewed| (reviewed.threat.rule.id, json::state(&reviewed.standing)));
        self.bench.metrics.judgement(report.verdict.word(), counted);
        if report.judged() != Judged::Irrelevant {
            self.bench.store.note_something_to_judge(repository).await?;
        }
        Ok(Written::All)
    }

    /// Notes what the outgoing webhook is to be told. What was open before the App came is no news.
    async fn tell(&self, snapshot: &Snapshot, report: &Report) -> Result<(), RunError> {
        if self.bench.notifier.is_none() || snapshot.page.from_before {
            return Ok(());
        }
        let scene = Scene { pull: Some(self.number), ..self.site.scene() };
        self.bench.store.add_notices(self.site.repository.id, &notice::of_report(report, &scene)).await?;
        Ok(())
    }

    /// What was taken back may have counted on any pull request: all are judged again, and not only at the next sweep.
    async fn tell_others(&self, blocks: &[(RepoPath, Block)]) -> Result<(), RunError> {
        if blocks.iter().any(|(_, block)| matches!(block.verdict, Verdict::Reopened | Verdict::Undone)) {
            let due = Due { repository: self.job.repository.clone(), subject: Subject::Open, head: None, base: None };
            self.bench.store.enqueue(&[due]).await?;
        }
        Ok(())
    }

    /// Head, base and decisions once more, before anything turns green.
    async fn still_stands(&self, snapshot: &Snapshot) -> Result<bool, RunError> {
        let pull = self.site.pull(self.number, None).await?;
        let base = self.site.branch_tip(&snapshot.base_branch).await?;
        Ok(pull.head.sha == snapshot.change.head.commit.to_string()
            && pull.base.branch == snapshot.base_branch
            && base == Some(snapshot.change.base_tip)
            && decisions_stand(self.site, snapshot).await?)
    }

    async fn publish(&self, snapshot: &Snapshot, own: &Check, stands_until: Option<Timestamp>) -> Result<(), RunError> {
        let repository = self.site.repository.id;
        let before = self.bench.store.published(repository, self.number).await?;
        let neighbours = snapshot.page.neighbours.iter().map(|neighbour| (neighbour.number, neighbour.base.as_str()));
        let head = snapshot.change.head.commit;
        let since = before.as_ref().filter(|before| before.head == head).map(|before| before.head_since).filter(|since| since.0 > 0);
        let published = Published {
            head_since: since.unwrap_or(snapshot.changed_at),
            organisation: snapshot.organisation.clone(),
            head: snapshot.change.head.commit,
            base_tip: snapshot.change.base_tip,
            ledger_tip: snapshot.tip.commit,
            engine: engine(),
            conclusion: own.conclusion.word().to_owned(),
            neighbours: neighbours::words(neighbours),
            changed_at: snapshot.changed_at,
            stands_until,
        };
        self.bench.store.publish(repository, self.number, &published).await?;
        let words =
            |published: &Published| (published.head, published.base_tip, published.conclusion.clone(), published.neighbours.clone());
        if before.as_ref().map(words) != Some(words(&published)) {
            make_due_at(self.bench, self.job, self.number, published.head).await?;
        }
        if let Some(left) = before.map(|before| before.head).filter(|left| *left != published.head) {
            make_due_at(self.bench, self.job, self.number, left).await?;
        }
        Ok(())
    }
}

/// Whether the decisions are still those that were judged with.
pub(super) async fn decisions_stand(site: &Site, snapshot: &Snapshot) -> Result<bool, ForgeError> {
    site.ledger.stands_as_at(site.ledger.tip().await?, snapshot.tip.commit).await
}

pub(super) fn is_green(effect: &Effect) -> bool {
    match effect {
        Effect::CreateCheck { check, .. } | Effect::UpdateCheck { check, .. } | Effect::AnnotateCheck { check, .. } => {
            check.conclusion == Conclusion::Success
        }
        _ => false,
    }
}

pub(super) fn is_check(effect: &Effect) -> bool {
    matches!(effect, Effect::CreateCheck { .. } | Effect::UpdateCheck { .. })
}

pub(super) fn is_green_check(check: Option<&StandingCheck>) -> bool {
    check.is_some_and(|check| check.conclusion.as_deref() == Some(Conclusion::Success.word()))
}

fn names(replies: &[Reply], wanted: &Reply) -> bool {
    replies.iter().any(|reply| (reply.surface, reply.to) == (wanted.surface, wanted.to))
}
