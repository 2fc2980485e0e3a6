//! The workers: what is due is read afresh, judged, and written, one run at a time for each pull request.
//!
//! Comes in: jobs from the queue. Goes out: effects on the forge. A run is level-triggered: it does not know what happened, only that it
//! may not be so any more; running it twice is harmless. A run never ends in silence: what fails for good becomes a red check.

mod desk_line;
mod details;
mod failure;
mod first_contact;
mod group;
pub mod judgement;
mod look_back;
mod merged;
mod neighbours;
pub mod notify;
mod pause;
pub mod redelivery;
mod register;
pub mod run;
mod shared_ledger;
pub mod sweep;
pub mod trial;
pub mod withdraw;

pub use pause::Seed;

use crate::change::ObjectId;
use crate::clock::{Clock, Millis};
use crate::forge::error::ForgeError;
use crate::forge::shared::Forge;
use crate::forge::site::{Site, find_site};
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::queue::job::{Beat, End, Job, Subject};
use crate::server::Pulse;
use crate::server::config::{LedgerPlace, Pages};
use crate::worker::judgement::Judgement;
use crate::worker::notify::Notifier;
use crate::worker::redelivery::Look;
use crate::worker::run::{Outcome, RunError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a job is ours without a sign of life.
const LEASE: Duration = Duration::from_secs(45);
const BEAT: Duration = Duration::from_secs(10);
/// Longest wait before the queue is looked at again: what becomes due by time alone, or by another replica, wakes nobody.
const POLL: Duration = Duration::from_secs(1);
/// Between two sweeps, whichever of the replicas makes them.
const SWEEP: Duration = Duration::from_secs(15 * 60);
const LOOK: Duration = Duration::from_secs(60);
/// The attempt after which what only people can mend is left to the next sweep.
const SECOND: i64 = 2;
/// Before a head is looked for again that the forge does not show yet, in milliseconds.
const LAG: Millis = 2_000;
/// How runs end that ended badly, which deploy/alerts.yml counts.
const TROUBLES: [&str; 5] = ["failed", "panicked", "too-heavy", "too-much", "given-up"];

/// What all runs share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bench {
    pub forge: Forge,
    pub store: Store,
    pub ledger: Arc<LedgerPlace>,
    pub judgement: Judgement,
    pub clock: Clock,
    pub metrics: Metrics,
    /// The pages that checks link to, if there are any.
    pub pages: Option<Pages>,
    /// Where notices go; `None` for nowhere.
    pub notifier: Option<Notifier>,
    /// By what runs that are tried again are spread.
    pub seed: Seed,
    /// Before it is looked again whether a sweep is due: the replica that made the last one may be gone. Whether one is due, the clock says.
    pub look: Duration,
}

impl Bench {
    pub fn new(forge: Forge, store: Store, ledger: LedgerPlace, judgement: Judgement, clock: Clock, metrics: Metrics) -> Self {
        for kind in kinds() {
            TROUBLES.into_iter().for_each(|outcome| metrics.expect_run(kind, outcome));
        }
        let (ledger, seed) = (Arc::new(ledger), Seed::default());
        Self { forge, store, ledger, judgement, clock, metrics, pages: None, notifier: None, seed, look: LOOK }
    }

    /// The same, with pages that checks link to.
    #[must_use]
    pub fn with_pages(self, pages: Option<Pages>) -> Self {
        Self { pages, ..self }
    }

    /// The same, which spreads what is tried again by this seed.
    #[must_use]
    pub fn seeded(self, seed: Seed) -> Self {
        Self { seed, ..self }
    }

    /// The same, telling what happens.
    #[must_use]
    pub fn telling(self, notifier: Option<Notifier>) -> Self {
        Self { notifier, ..self }
    }
}

/// Works until `stop`; the runs in progress then end, and nothing new is begun.
pub async fn work(bench: Bench, concurrency: usize, pulse: Pulse, stop: CancellationToken) {
    let tracker = TaskTracker::new();
    for _ in 0..concurrency {
        tracker.spawn(take_jobs(bench.clone(), pulse.clone(), stop.clone()));
    }
    tracker.spawn(notify::tell_regularly(bench.clone(), stop.clone()));
    tracker.spawn(sweep_regularly(bench, stop));
    tracker.close();
    tracker.wait().await;
}

async fn take_jobs(bench: Bench, pulse: Pulse, stop: CancellationToken) {
    while !stop.is_cancelled() {
        pulse.beat();
        match bench.store.claim(LEASE).await {
            Ok(Some(job)) => {
                bench.store.took_write();
                // There may be more than one: wake a colleague.
                bench.store.wake();
                run_job(&bench, &job, &pulse).await;
            }
            Ok(None) => {
                bench.store.look_again().await;
                tokio::select! {
                    () = bench.store.wait() => {}
                    () = tokio::time::sleep(POLL) => {}
                    () = stop.cancelled() => {}
                }
            }
            Err(error) => {
                bench.store.failed("reading the queue", &error);
                tokio::time::sleep(POLL).await;
            }
        }
    }
}

/// Sweeps at start, since nobody may have listened until now, and then when it is time and no other replica has.
async fn sweep_regularly(bench: Bench, stop: CancellationToken) {
    let (mut since, mut look) = (Duration::ZERO, Look::AtStart);
    while !stop.is_cancelled() {
        let began = bench.clock.timestamp();
        match bench.store.take_turn("sweep", since).await {
            // As long as the log could not be worked off, what was missed since the last time is still to be found.
            Ok(true) if sweep_and_tidy(&bench, look).await => look = Look::Since(began),
            Ok(true | false) => {}
            Err(error) => bench.store.failed("beginning a sweep", &error),
        }
        since = SWEEP;
        bench.metrics.tidy();
        tokio::select! {
            () = tokio::time::sleep(bench.look) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Gives whether the log of deliveries was worked off.
async fn sweep_and_tidy(bench: &Bench, look: Look) -> bool {
    // Who we are, for the service's own page; and whether GitHub takes the key, for whoever asks whether the service is ready.
    if let Err(error) = bench.forge.login().await {
        warn(bench, "asking who the App is", &error);
    }
    let asked = redelivery::ask(bench, look).await;
    if let Err(error) = &asked {
        warn(bench, "working off the log of deliveries", error);
    }
    if let Err(error) = sweep::begin(bench).await {
        warn(bench, "beginning a sweep", &error);
    }
    for (doing, done) in [
        ("tidying the store", bench.store.forget().await),
        ("tidying the pages of checks", details::tidy(bench).await),
        ("forgetting notices", bench.store.forget_notices().await),
        ("trimming the caches", bench.store.evict().await),
    ] {
        if let Err(error) = &done {
            bench.store.failed(doing, error);
        }
    }
    asked.is_ok_and(|asked| !asked.is_cut)
}

/// Says what went wrong, unless whoever met it first has said so: of a pause of the forge, and of a store that fails.
fn warn(bench: &Bench, doing: &'static str, error: &ForgeError) {
    match error {
        ForgeError::Store(error) => bench.store.failed(doing, error),
        error if error.is_pause() => {}
        error => tracing::warn!(%error, doing, "this could not be done, and is tried again in some minutes"),
    }
}

/// Runs whatever is due until nothing is: what tests and tools call instead of `work`. Gives the number of runs.
pub async fn drain(bench: &Bench) -> usize {
    let pulse = Pulse::new(bench.clock.clone());
    let mut runs = 0;
    while let Ok(Some(job)) = bench.store.claim(LEASE).await {
        run_job(bench, &job, &pulse).await;
        runs += 1;
    }
    runs
}

async fn run_job(bench: &Bench, job: &Job, pulse: &Pulse) {
    let repository = format!("{}/{}", job.repository.owner, job.repository.name);
    let subject = job.subject.to_string();
    let sha = job.head.map(|(head, _)| head.to_string()).unwrap_or_default();
    let started = std::time::Instant::now();
    let (sender, receiver) = watch::channel(Beat::Current);
    let worked = tokio::select! {
        worked = dispatch(bench, job, &receiver) => Some(worked),
        () = beat(bench, job, pulse, &sender) => None,
    };
    if let Some(Err(error)) = &worked {
        withdraw::after(bench, job, error).await;
    }
    if let Some(Err(RunError::Forge(ForgeError::Store(error)))) = &worked {
        bench.store.failed("a run", error);
    }
    let paused = matches!(&worked, Some(Err(RunError::Forge(error))) if error.is_pause() || matches!(error, ForgeError::Store(_)));
    let advice = worked.as_ref().and_then(|worked| worked.as_ref().err()).and_then(RunError::advice);
    // What only people can mend is said once, and not at each try.
    let told = advice.is_some() && job.attempts > 1;
    let (end, outcome) = match worked {
        // Another worker has it: it is no longer ours to end.
        None => (None, "lost"),
        Some(worked) => end_of(bench, job, worked),
    };
    match &end {
        Some(End::Again { error, .. } | End::Wait { error, .. } | End::Dead { error }) if paused || told => {
            tracing::debug!(repository, subject, sha, attempts = job.attempts, error, "run failed");
        }
        Some(End::Again { error, .. } | End::Wait { error, .. } | End::Dead { error }) => {
            tracing::warn!(repository, subject, sha, attempts = job.attempts, error, advice, "run failed");
        }
        None | Some(End::Done | End::Superseded) => {}
    }
    let elapsed = started.elapsed();
    tracing::info!(repository, subject, sha, outcome, elapsed_ms = elapsed.as_millis() as u64, "run");
    bench.metrics.run(kind(&job.subject), outcome, elapsed);
    if let Some(end) = end
        && let Err(error) = bench.store.end(job, end).await
    {
        bench.store.failed("storing a run's end", &error);
    }
}

async fn dispatch(bench: &Bench, job: &Job, beats: &watch::Receiver<Beat>) -> Result<Outcome, RunError> {
    match &job.subject {
        Subject::Pull(_) | Subject::Group(_) if job.is_last() => failure::give_up(bench, job).await,
        Subject::Pull(number) => run::run_pull(bench, job, *number, beats).await,
        Subject::Group(head) => group::run_group(bench, job, *head, beats).await,
        Subject::Built(commit) => sweep::find_built(bench, job, *commit).await,
        Subject::FirstContact => first_contact::run(bench, job).await,
        Subject::Register => register::run(bench, job).await,
        Subject::Head(_) | Subject::Base(_) | Subject::Ledger(_) | Subject::Open | Subject::Stale => sweep::find_due(bench, job).await,
    }
}

/// The job's repository; `None` where it is gone or not ours any more. One false "not found" loses nothing that an event asked for.
///
/// # Errors
/// Of the forge.
async fn site_of(bench: &Bench, job: &Job) -> Result<Option<Site>, RunError> {
    match find_site(&bench.forge, &job.repository, &bench.ledger).await {
        Ok(site) => Ok(Some(site)),
        Err(error @ ForgeError::NoRepository { .. }) if job.attempts <= SECOND => Err(error.into()),
        Err(ForgeError::NoRepository { .. } | ForgeError::Forbidden { .. } | ForgeError::OtherRepository { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Beats until the job is lost; the run hears of it when something newer waits.
async fn beat(bench: &Bench, job: &Job, pulse: &Pulse, sender: &watch::Sender<Beat>) {
    loop {
        tokio::time::sleep(BEAT).await;
        pulse.beat();
        match bench.store.beat(job, LEASE).await {
            Ok(Beat::Lost) => return,
            Ok(beat) => {
                bench.store.took_write();
                sender.send_replace(beat);
            }
            Err(error) => bench.store.failed("storing a heartbeat", &error),
        }
    }
}

fn end_of(bench: &Bench, job: &Job, worked: Result<Outcome, RunError>) -> (Option<End>, &'static str) {
    let now = bench.clock.now();
    let again = bench.seed.after_failure(job, now);
    match worked {
        Ok(Outcome::Done) => (Some(End::Done), "done"),
        Ok(Outcome::Superseded) => (Some(End::Superseded), "superseded"),
        Ok(Outcome::GivenUp) => (Some(End::Dead { error: "given up".to_owned() }), "given-up"),
        Ok(Outcome::Moved) => (Some(End::Again { at: now, error: "head, base or ledger kept moving".to_owned() }), "moved"),
        // Nothing is lost: what is installed again, or is named anew, is looked through from the beginning.
        Err(RunError::Forge(error)) if matches!(error, ForgeError::NotInstalled { .. }) => {
            (Some(End::Dead { error: error.to_string() }), "not-ours")
        }
        // Once more for a forge that is behind, and for what is green to be taken back; the rest takes people, and the sweep comes back to it.
        Err(RunError::Forge(error)) if !error.is_passing() && error.advice().is_some() && job.attempts > SECOND => {
            (Some(End::Dead { error: error.to_string() }), "not-ours")
        }
        Err(RunError::Forge(ForgeError::Lagging)) => {
            (Some(End::Again { at: now + LAG, error: ForgeError::Lagging.to_string() }), "lagging")
        }
        Err(RunError::Forge(error)) => match error.retry_at() {
            Some(until) => (Some(End::Wait { at: bench.seed.after_limit(job, until, now), error: error.to_string() }), "limited"),
            None => (Some(End::Again { at: again, error: error.to_string() }), "failed"),
        },
        Err(RunError::Panicked) => (Some(End::Again { at: again, error: RunError::Panicked.to_string() }), "panicked"),
        Err(error @ (RunError::TooHeavy(_) | RunError::NotTried(_))) => {
            (Some(End::Again { at: again, error: error.to_string() }), "too-heavy")
        }
        Err(error @ RunError::TooMuch(_)) => (Some(End::Again { at: again, error: error.to_string() }), "too-much"),
    }
}

/// The kind of each job that there may be.
fn kinds() -> [&'static str; 10] {
    let (id, branch) = (ObjectId([0; 20]), String::new());
    let with_id = [Subject::Group(id), Subject::Head(id), Subject::Built(id), Subject::Ledger(id)];
    let [group, head, built, ledger] = with_id.map(|subject| kind(&subject));
    let others = [Subject::Pull(0), Subject::Base(branch), Subject::Open, Subject::Stale, Subject::FirstContact, Subject::Register];
    let [pull, base, open, stale, first_contact, register] = others.map(|subject| kind(&subject));
    [pull, group, head, built, base, ledger, open, stale, first_contact, register]
}

fn kind(subject: &Subject) -> &'static str {
    match subject {
        Subject::Pull(_) => "pull",
        Subject::Group(_) => "group",
        Subject::Head(_) => "head",
        Subject::Built(_) => "built",
        Subject::Base(_) => "base",
        Subject::Ledger(_) => "ledger",
        Subject::Open => "open",
        Subject::Stale => "stale",
        Subject::FirstContact => "first-contact",
        Subject::Register => "register",
    }
}
