//! When a run that could not end is tried again: later each time, and no two at the same moment.
//!
//! Comes in: a job, and how long it has to wait at least. Goes out: when it is due again. What waits for a limit of the forge is spread behind its
//! end, so that a hundred jobs do not spend the first second of the new hour together: what people wait for comes in the first half of the spread,
//! everything else in the second.

use crate::capability;
use crate::clock::Millis;
use crate::queue::job::Job;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Before a failed run is tried again, in milliseconds; doubled for each further one.
const BACK_OFF: Millis = 5_000;
const MAX_BACK_OFF: Millis = 15 * 60_000;
/// What is spread is spread over a quarter of the wait, but over a second at least and a minute at most.
const LEAST_SPREAD: Millis = 1_000;
const MOST_SPREAD: Millis = 60_000;

/// What differs from one process to the next, so that replicas do not come back together either. The same seed gives the same times.
#[derive(Clone, Debug, Default)]
pub struct Seed(Arc<str>);

impl Seed {
    /// One that nobody else has. Where the machine gives no random bytes, jobs still differ from each other.
    pub fn random() -> Self {
        Self(capability::random().unwrap_or_default().into())
    }

    /// The same in each run of a test.
    pub fn of(text: &str) -> Self {
        Self(text.into())
    }

    /// When a job is due again whose run has failed.
    pub(super) fn after_failure(&self, job: &Job, now: Millis) -> Millis {
        let wait = BACK_OFF.saturating_mul(1 << job.attempts.clamp(0, 10)).min(MAX_BACK_OFF);
        now + wait + self.share(job, spread(wait))
    }

    /// When a job is due again that the forge has told to come back then.
    pub(super) fn after_limit(&self, job: &Job, until: Millis, now: Millis) -> Millis {
        let half = spread(until - now) / 2;
        let first = if job.subject.is_waited_for() { 0 } else { half };
        until + first + self.share(job, half)
    }

    /// A part of `most` that is the job's own, and another one at each attempt.
    fn share(&self, job: &Job, most: Millis) -> Millis {
        let digest = Sha256::digest(format!("{} {} {} {} {}", self.0, job.repository.id, job.subject, job.generation, job.attempts));
        most * Millis::from(u16::from_be_bytes([digest[0], digest[1]])) / Millis::from(u16::MAX)
    }
}

fn spread(wait: Millis) -> Millis {
    (wait / 4).clamp(LEAST_SPREAD, MOST_SPREAD)
}
