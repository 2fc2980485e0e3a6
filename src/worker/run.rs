//! One run: snapshot, judgement, effects in their order, and again where the ledger was written.
//!
//! Red is written first and green last; before green, head and base are read once more. Cutting a run anywhere leaves a state from which
//! the next one goes on.

use super::Bench;
use crate::change::ObjectId;
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::page::find_check;
use crate::forge::snapshot::{Seen, Site, Snapshot, find_site};
use crate::forge::wire;
use crate::plan::{Effect, Page, StandingCheck};
use crate::queue::job::{Beat, Due, Job, Subject};
use crate::queue::published::Published;
use crate::report::check;
use crate::report::{Check, Conclusion, Reply, Report};
use crate::worker::apart::Died;
use tokio::sync::watch;

/// Times that a run begins anew because the ledger or the head has moved.
const MAX_ROUNDS: usize = 6;
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
    /// The check stays as it is, and it is tried again.
    #[error("the judgement did not end well: {0}")]
    Died(Died),
    #[error("{0}")]
    TooMuch(String),
    /// Every child died of this input: trying again does not help, and the change has to be another one.
    #[error("judging it takes more memory or time than there is for one change; split the change, or report this")]
    TooOften,
}

impl From<crate::queue::StoreError> for RunError {
    fn from(error: crate::queue::StoreError) -> Self {
        Self::Forge(error.into())
    }
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
    for _ in 0..MAX_ROUNDS {
        let pull = site.pull(number, told).await?;
        let Seen::Open(mut snapshot) = site.see_pull(pull, tip.take()).await? else { return Ok(Outcome::Done) };
        let _lock = bench.lock_head(snapshot.change.head.commit).await;
        let report = match bench.judgement.report(&site, &mut snapshot, bench.clock.timestamp()).await {
            Ok(report) => report,
            Err(error @ (RunError::Panicked | RunError::TooMuch(_))) => {
                write_failure(&site, snapshot.change.head.commit, &error).await?;
                return Err(error);
            }
            Err(RunError::TooOften) => {
                write_failure(&site, snapshot.change.head.commit, &RunError::TooOften).await?;
                return Ok(Outcome::GivenUp);
            }
            Err(error) => return Err(error),
        };
        match (Run { bench, job, number, site: &site, beats }).write(&snapshot, report).await? {
            Written::All => return Ok(Outcome::Done),
            Written::Superseded => return Ok(Outcome::Superseded),
            Written::Moved => {}
            Written::Ledger(moved) => tip = Some(moved),
        }
    }
    Ok(Outcome::Moved)
}

/// Judges a merge group by its own head and base; only its check is written.
///
/// # Errors
/// Of the forge and of the judgement.
pub async fn run_group(bench: &Bench, job: &Job, head: ObjectId) -> Result<Outcome, RunError> {
    let site = find_site(&bench.forge, &job.repository, &bench.ledger).await?;
    let Some(base) = job.base else { return Ok(Outcome::Done) };
    let mut snapshot = match site.see_group(head, base).await {
        Ok(snapshot) => snapshot,
        // The queue has thrown the group away.
        Err(ForgeError::NotFound { .. }) => return Ok(Outcome::Done),
        Err(error) => return Err(error.into()),
    };
    let report = match bench.judgement.report(&site, &mut snapshot, bench.clock.timestamp()).await {
        Ok(report) => report,
        Err(error @ (RunError::Panicked | RunError::TooMuch(_))) => {
            write_failure(&site, head, &error).await?;
            return Err(error);
        }
        Err(RunError::TooOften) => {
            write_failure(&site, head, &RunError::TooOften).await?;
            return Ok(Outcome::GivenUp);
        }
        Err(error) => return Err(error),
    };
    for effect in (bench.judgement.plan)(&report, &snapshot.page) {
        match effect {
            Effect::CreateCheck { .. } | Effect::UpdateCheck { .. } => apply::apply(&site.place, 0, &effect).await?,
            Effect::AppendLedger { .. }
            | Effect::CreateComment { .. }
            | Effect::UpdateComment { .. }
            | Effect::DeleteComment { .. }
            | Effect::CreateThread { .. }
            | Effect::ReplyInThread { .. }
            | Effect::ResolveThread { .. }
            | Effect::React { .. }
            | Effect::Reply { .. } => {}
        }
    }
    Ok(Outcome::Done)
}

/// The last run of a job that never ended well: it only says so, where people look.
///
/// # Errors
/// Of the forge; then nothing more can be done but the next sweep.
pub async fn give_up(bench: &Bench, job: &Job) -> Result<Outcome, RunError> {
    let site = find_site(&bench.forge, &job.repository, &bench.ledger).await?;
    let head = match &job.subject {
        Subject::Pull(number) => {
            let pull: wire::Pull = site.pull(*number, None).await?;
            if pull.state != "open" {
                return Ok(Outcome::Done);
            }
            ObjectId::from_hex(&pull.head.sha)
        }
        Subject::Group(head) => Some(*head),
        Subject::Head(_) | Subject::Base(_) | Subject::Open | Subject::Stale => None,
    };
    if let Some(head) = head {
        write_failure(&site, head, &RunError::TooMuch(format!("{} runs in a row did not end", job.attempts - 1))).await?;
    }
    Ok(Outcome::GivenUp)
}

async fn write_failure(site: &Site, head: ObjectId, error: &RunError) -> Result<(), ForgeError> {
    let summary = format!(
        "Astride could not judge this change: {error}.\n\n\
         Nothing was found *and* nothing was cleared. Push again, or use *Re-run* on this check, to have it tried again."
    );
    let check = Check { conclusion: Conclusion::Failure, title: "Could not be judged".to_owned(), summary, text: String::new() };
    let effect = match find_check(&site.place, head).await? {
        // It stands there already.
        Some(standing) if says(&standing, &check) => return Ok(()),
        Some(standing) => Effect::UpdateCheck { id: standing.id, check },
        None => Effect::CreateCheck { head, check },
    };
    apply::apply(&site.place, 0, &effect).await
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
        let mut effects = (self.bench.judgement.plan)(&report, &snapshot.page);
        let appends = effects.iter().any(|effect| matches!(effect, Effect::AppendLedger { .. }));
        let own = check::render(&report);
        if !appends {
            self.bench.store.settle(repository, &report.replies).await?;
            self.take_worst(snapshot, &report, &own, &mut effects).await?;
        }
        if self.bench.store.beat(self.job, super::LEASE).await? != Beat::Current {
            return Ok(Written::Superseded);
        }
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
                    Ok(tip) => Ok(Written::Ledger(tip)),
                    Err(ForgeError::TipMoved) => Ok(Written::Moved),
                    Err(error) => Err(error.into()),
                };
            }
            self.apply(effect).await?;
        }
        self.bench.store.answered(repository, &report.replies).await?;
        self.publish(snapshot, &own, &report.same_head).await?;
        Ok(Written::All)
    }

    /// A comment that may not be written (the conversation is locked, a permission is missing) must not keep the check from being right.
    async fn apply(&self, effect: &Effect) -> Result<(), RunError> {
        let word = apply::word(effect);
        let required = matches!(effect, Effect::CreateCheck { .. } | Effect::UpdateCheck { .. } | Effect::AppendLedger { .. });
        match apply::apply(&self.site.place, self.number, effect).await {
            Ok(()) => {}
            Err(error @ (ForgeError::Forbidden { .. } | ForgeError::Unprocessable { .. } | ForgeError::NotFound { .. })) if !required => {
                tracing::warn!(%error, effect = word, "left out");
            }
            Err(error) => return Err(error.into()),
        }
        self.bench.metrics.effect(word);
        Ok(())
    }

    /// Head and base once more, before anything turns green.
    async fn still_stands(&self, snapshot: &Snapshot) -> Result<bool, RunError> {
        let pull = self.site.pull(self.number, None).await?;
        let base = self.site.branch_tip(&snapshot.base_branch).await?;
        Ok(pull.head.sha == snapshot.change.head.commit.to_string()
            && pull.base.branch == snapshot.base_branch
            && base == Some(snapshot.change.base_tip))
    }

    /// A head that stands in several pull requests has one check, and it says the worst of what is to be said of them.
    async fn take_worst(&self, snapshot: &Snapshot, report: &Report, own: &Check, effects: &mut Vec<Effect>) -> Result<(), RunError> {
        if own.conclusion != Conclusion::Success || report.same_head.is_empty() {
            return Ok(());
        }
        let said = self.bench.store.conclusions(self.site.repository.id, snapshot.change.head.commit).await?;
        let worse = report
            .same_head
            .iter()
            .find(|other| said.iter().any(|(pull, conclusion)| pull == *other && conclusion != Conclusion::Success.word()));
        let Some(other) = worse else { return Ok(()) };
        effects.retain(|effect| !matches!(effect, Effect::CreateCheck { .. } | Effect::UpdateCheck { .. }));
        let check = Check {
            conclusion: Conclusion::ActionRequired,
            title: format!("Pull request #{other} has the same head and needs an answer"),
            summary: format!(
                "Nothing here needs an answer, but a check belongs to a commit, and #{other} has the same one.\n\n{}",
                own.summary
            ),
            text: own.text.clone(),
        };
        if let Some(effect) = differs(&snapshot.page, report.head, check) {
            effects.insert(0, effect);
        }
        Ok(())
    }

    async fn publish(&self, snapshot: &Snapshot, own: &Check, same_head: &[u64]) -> Result<(), RunError> {
        let repository = self.site.repository.id;
        let before = self.bench.store.published(repository, self.number).await?;
        let published = Published {
            head: snapshot.change.head.commit,
            base_tip: snapshot.change.base_tip,
            ledger_tip: snapshot.tip.commit,
            engine: engine(),
            conclusion: own.conclusion.word().to_owned(),
            changed_at: snapshot.changed_at,
        };
        self.bench.store.publish(repository, self.number, &published).await?;
        let same = before.is_some_and(|before| (before.head, before.conclusion.as_str()) == (published.head, own.conclusion.word()));
        if !same && !same_head.is_empty() {
            let due: Vec<Due> = same_head
                .iter()
                .map(|other| Due { repository: self.job.repository.clone(), subject: Subject::Pull(*other), head: None, base: None })
                .collect();
            self.bench.store.enqueue(&due).await?;
        }
        Ok(())
    }
}

fn differs(page: &Page, head: ObjectId, check: Check) -> Option<Effect> {
    match &page.check {
        None => Some(Effect::CreateCheck { head, check }),
        Some(standing) => {
            let same = says(standing, &check);
            (!same).then_some(Effect::UpdateCheck { id: standing.id, check })
        }
    }
}

fn says(standing: &StandingCheck, check: &Check) -> bool {
    standing.conclusion.as_deref() == Some(check.conclusion.word())
        && (&standing.title, &standing.summary, &standing.text) == (&check.title, &check.summary, &check.text)
}

fn is_green(effect: &Effect) -> bool {
    matches!(effect, Effect::CreateCheck { check, .. } | Effect::UpdateCheck { check, .. } if check.conclusion == Conclusion::Success)
}

fn names(replies: &[Reply], wanted: &Reply) -> bool {
    replies.iter().any(|reply| (reply.surface, reply.to) == (wanted.surface, wanted.to))
}
