//! The core as the workers call it: three functions, and what is done around the first until it has all that it needs.

use crate::change::{Change, Timestamp};
use crate::forge::history::MAX_FILES;
use crate::forge::site::Site;
use crate::forge::snapshot::Snapshot;
use crate::judge::{LedgerTexts, Needs, Step, judge, register};
use crate::ledger::Append;
use crate::plan::{Effect, Page};
use crate::report::Report;
use crate::report::register::Register;
use crate::settings::SettingsTexts;
use crate::worker::run::RunError;
use crate::worker::trial::{Matter, Trial, TrialError};
use std::fmt;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Times that judgement may ask for more.
const MAX_ROUNDS: usize = 20;
/// Most bytes that are fetched for one judgement.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most files of a whole tree that are fetched: each of them costs a request the first time.
const MAX_TREE_FILES: usize = 2_000;

/// What a change is judged by.
#[derive(Clone)]
pub struct Judgement {
    pub judge: fn(&Change, &SettingsTexts, &LedgerTexts, Timestamp) -> Step,
    pub plan: fn(&Report, &Page) -> Vec<Effect>,
    pub append: Append,
    /// Where it is tried first, apart from the service's memory; `None` where whoever calls takes the risk.
    pub trial: Option<Trial>,
}

impl Judgement {
    /// The product's own.
    pub fn new(append: Append) -> Self {
        Self { judge, plan: crate::plan::plan, append, trial: None }
    }

    /// With a trial before each judgement.
    #[must_use]
    pub fn on_trial(self, trial: Trial) -> Self {
        Self { trial: Some(trial), ..self }
    }

    /// Judges, and fetches what is asked for until nothing is.
    ///
    /// # Errors
    /// Of the forge; `Panicked` where the core did; `TooMuch` beyond the bounds.
    pub async fn report(&self, site: &Site, snapshot: &mut Snapshot, now: Timestamp) -> Result<Report, RunError> {
        let step = |snapshot: &Snapshot| match (self.judge)(&snapshot.change, &snapshot.settings, &snapshot.ledger, now) {
            Step::Done(report) => Ok(*report),
            Step::Needs(needs) => Err(Box::new(needs)),
        };
        self.until_done(site, snapshot, Matter::Change, now, step).await
    }

    /// All threats of the tree that a snapshot is of.
    ///
    /// # Errors
    /// As `report`.
    pub async fn register(&self, site: &Site, snapshot: &mut Snapshot, now: Timestamp) -> Result<Register, RunError> {
        let step = |snapshot: &Snapshot| register::register(&snapshot.change, &snapshot.settings, &snapshot.ledger, now);
        self.until_done(site, snapshot, Matter::Tree, now, step).await
    }

    async fn until_done<T>(
        &self,
        site: &Site,
        snapshot: &mut Snapshot,
        matter: Matter,
        now: Timestamp,
        step: impl Fn(&Snapshot) -> Result<T, Box<Needs>>,
    ) -> Result<T, RunError> {
        let mut bytes = 0;
        for _ in 0..MAX_ROUNDS {
            self.try_it(snapshot, matter, now).await?;
            let needs = match caught(|| step(snapshot))? {
                Ok(done) => return Ok(done),
                Err(needs) => needs,
            };
            if needs.history.len() > MAX_FILES {
                return Err(RunError::TooMuch(format!("judgement needs earlier versions of more than {MAX_FILES} files")));
            }
            if matter == Matter::Tree && needs.head.len() > MAX_TREE_FILES {
                return Err(RunError::TooMuch(format!("the tree has more than {MAX_TREE_FILES} files that may be templates")));
            }
            bytes += site.fetch(snapshot, &needs).await?;
            if bytes > MAX_BYTES {
                return Err(RunError::TooMuch(format!("judgement needs more than {MAX_BYTES} bytes")));
            }
        }
        Err(RunError::TooMuch(format!("judgement asked for more {MAX_ROUNDS} times")))
    }

    async fn try_it(&self, snapshot: &Snapshot, matter: Matter, now: Timestamp) -> Result<(), RunError> {
        // Of what was too heavy nothing is read any more.
        let Some(trial) = self.trial.as_ref().filter(|_| snapshot.change.too_heavy.is_none()) else { return Ok(()) };
        trial.hold(matter, &snapshot.change, &snapshot.settings, now).await.map_err(|error| match error {
            TrialError::TooHeavy { .. } => RunError::TooHeavy(error.to_string()),
            TrialError::NotHeld(_) => RunError::NotTried(error.to_string()),
        })
    }
}

/// A panic of the core is a bug, and must not end in silence: it is caught here and becomes a red check.
fn caught<T>(compute: impl FnOnce() -> T) -> Result<T, RunError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| unhurried(compute))).map_err(|_| RunError::Panicked)
}

/// Computes without keeping other tasks of this thread waiting, where the runtime has other threads for them.
fn unhurried<T>(compute: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(compute),
        _ => compute(),
    }
}

impl fmt::Debug for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Judgement")
    }
}
