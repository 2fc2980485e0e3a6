//! The core as the workers call it: three functions, and what is done around the first until it has all that it needs.

use crate::change::{Change, ObjectId, Timestamp};
use crate::forge::snapshot::{Site, Snapshot};
use crate::judge::{LedgerTexts, Step, judge};
use crate::ledger::Append;
use crate::plan::{Effect, Page};
use crate::report::Report;
use crate::settings::SettingsTexts;
use crate::worker::apart::{Apart, Died};
use crate::worker::request::{self, Answer};
use crate::worker::run::{RunError, engine};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Mutex;

/// Times that judgement may ask for more.
const MAX_ROUNDS: usize = 20;
/// Most bytes that are fetched for one judgement.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Times that a child may die of one input before that is what the change has to repair.
const MAX_DEATHS: u32 = 3;
/// Most inputs whose deaths are remembered.
const MAX_INPUTS: usize = 1_000;

/// What a change is judged by.
#[derive(Clone)]
pub struct Judgement {
    pub judge: fn(&Change, &SettingsTexts, &LedgerTexts, Timestamp) -> Step,
    pub plan: fn(&Report, &Page) -> Vec<Effect>,
    pub append: Append,
    /// Where each judgement is tried first; `None` where it is done in this process alone.
    pub apart: Option<Arc<Apart>>,
    /// One report is made in this process at a time: all of them together take no more memory than a child may.
    pub own: Arc<Mutex<()>>,
    /// How often a child died of the same input.
    pub deaths: Arc<Mutex<BTreeMap<Input, u32>>>,
}

/// What a judgement is about: repository, head, base. The engine is this process.
pub type Input = (u64, ObjectId, ObjectId);

impl Judgement {
    /// The product's own.
    pub fn new(append: Append) -> Self {
        Self { judge, plan: crate::plan::plan, append, apart: None, own: Arc::default(), deaths: Arc::default() }
    }

    /// With each judgement tried in a process of its own first.
    #[must_use]
    pub fn apart(self, apart: Apart) -> Self {
        Self { apart: Some(Arc::new(apart)), ..self }
    }

    /// Judges, and fetches what is asked for until nothing is.
    ///
    /// # Errors
    /// Of the forge; `Panicked` where the core did; `TooMuch` beyond the bounds; `Died` where a child did, and `TooOften` where it always does.
    pub async fn report(&self, site: &Site, snapshot: &mut Snapshot, now: Timestamp) -> Result<Report, RunError> {
        let mut bytes = 0;
        for _ in 0..MAX_ROUNDS {
            let needs = match self.step_within_limits(snapshot, now).await? {
                Step::Done(report) => return Ok(*report),
                Step::Needs(needs) => needs,
            };
            bytes += site.fetch(snapshot, &needs).await?;
            if bytes > MAX_BYTES {
                return Err(RunError::TooMuch(format!("judgement needs more than {MAX_BYTES} bytes")));
            }
        }
        Err(RunError::TooMuch(format!("judgement asked for more {MAX_ROUNDS} times")))
    }

    /// Asks a child, where there is to be one, and makes the report itself when the child could.
    async fn step_within_limits(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Step, RunError> {
        let Some(apart) = &self.apart else { return self.step(snapshot, now) };
        let input = (snapshot.change.repository.id, snapshot.change.head.commit, snapshot.change.base_tip);
        if self.deaths.lock().await.get(&input).is_some_and(|deaths| *deaths >= MAX_DEATHS) {
            return Err(RunError::TooOften);
        }
        let request = request::write(&snapshot.change, &snapshot.settings, &snapshot.ledger, now, &engine());
        let request = request.map_err(|error| RunError::TooMuch(format!("the change cannot be handed over: {error}")))?;
        let apart = Arc::clone(apart);
        let asked = tokio::task::spawn_blocking(move || apart.ask(request)).await.map_err(|_| RunError::Panicked)?;
        match asked {
            Ok(Answer::Needs(missing)) => Ok(Step::Needs(missing.into())),
            Ok(Answer::Done) => {
                let _own = self.own.lock().await;
                self.step(snapshot, now)
            }
            Ok(Answer::Refused(why)) => Err(RunError::TooMuch(format!("the judgement refused its input ({why})"))),
            Err(died) => Err(self.count(input, died).await),
        }
    }

    /// Tried again, until it is clear that it is the input.
    async fn count(&self, input: Input, died: Died) -> RunError {
        if let Died::NotBegun(_) = died {
            return RunError::Died(died);
        }
        let mut deaths = self.deaths.lock().await;
        if deaths.len() >= MAX_INPUTS {
            deaths.clear();
        }
        let count = deaths.entry(input).or_default();
        *count += 1;
        if *count >= MAX_DEATHS { RunError::TooOften } else { RunError::Died(died) }
    }

    /// A panic of the core is a bug, and must not end in silence: it is caught here and becomes a red check.
    fn step(&self, snapshot: &Snapshot, now: Timestamp) -> Result<Step, RunError> {
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            unhurried(|| (self.judge)(&snapshot.change, &snapshot.settings, &snapshot.ledger, now))
        }));
        judged.map_err(|_| RunError::Panicked)
    }
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
