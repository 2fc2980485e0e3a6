//! One lane for the writes of an installation: one after the other, with a gap once a burst is used up; and the time until which the
//! forge wants to hear nothing.
//!
//! Source: <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>

use crate::clock::Millis;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use tokio::time::Instant;

/// Writes that need not wait for each other after a pause.
const BURST: u32 = 10;
/// One in so many of an hour's requests is kept back for what must be done at any time, and no more than that.
const KEPT_SHARE: i64 = 20;
const KEPT_MOST: i64 = 100;

#[derive(Debug, Default)]
pub struct Lanes(Mutex<BTreeMap<u64, Arc<Lane>>>);

impl Lanes {
    /// The lane of an installation; 0 is the App itself.
    pub fn of(&self, installation: u64) -> Arc<Lane> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(installation).or_default())
    }
}

/// Whether the forge answers at all. A pause of it is worth one warning, however many runs meet it.
#[derive(Debug, Default)]
pub struct Outage {
    down: AtomicBool,
    warned: AtomicI64,
}

/// Between two warnings while answers come and go, in milliseconds.
const WARNED: Millis = 5 * 60_000;

impl Outage {
    /// Notes that a request failed for good; whether that is worth a warning.
    pub fn begins(&self, now: Millis) -> bool {
        let news = !self.down.swap(true, Ordering::Relaxed);
        news && (now - self.warned.swap(now, Ordering::Relaxed)).abs() >= WARNED
    }

    /// Notes an answer; whether it is the first one after an outage.
    pub fn ends(&self) -> bool {
        self.down.swap(false, Ordering::Relaxed)
    }
}

/// The longest that the forge may ask for, a day, and an hour's reset beside it: a time further away is of a clock that was ahead.
const LONGEST: Millis = 25 * 3_600_000;

/// Whether a time is still to come, and may be.
fn is_in_reach(until: Millis, now: Millis) -> bool {
    until > now && until - now <= LONGEST
}

#[derive(Debug, Default)]
pub struct Lane {
    /// When the writes so far would have ended, had each been followed by its gap.
    paid_until: AsyncMutex<Option<Instant>>,
    limited_until: AtomicI64,
    /// Until when the few requests that are left are kept back; 0 where there are enough.
    kept_back_until: AtomicI64,
}

impl Lane {
    /// Waits for the turn to write; it is kept until the guard is dropped.
    pub async fn turn(&self, gap: Duration) -> MutexGuard<'_, Option<Instant>> {
        let mut paid_until = self.paid_until.lock().await;
        let now = Instant::now();
        let until = paid_until.map_or(now, |until| until.max(now)) + gap;
        *paid_until = Some(until);
        if let Some(start) = until.checked_sub(gap * BURST).filter(|start| *start > now) {
            tokio::time::sleep_until(start).await;
        }
        paid_until
    }

    /// Notes until when the forge wants to hear nothing; whether that is news.
    pub fn limit(&self, until: Millis, now: Millis) -> bool {
        let later = |known: Millis| Some(if is_in_reach(known, now) { known.max(until) } else { until });
        let known = self.limited_until.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).unwrap_or_default();
        !is_in_reach(known, now)
    }

    /// Notes how many requests are left of the hour; whether it is news that these are kept back.
    pub fn note_budget(&self, left: i64, limit: i64, reset: Millis) -> bool {
        let few = left < (limit / KEPT_SHARE).min(KEPT_MOST);
        let until = if few { reset } else { 0 };
        self.kept_back_until.swap(until, Ordering::Relaxed) != until && few
    }

    pub fn kept_back_until(&self, now: Millis) -> Option<Millis> {
        Some(self.kept_back_until.load(Ordering::Relaxed)).filter(|until| is_in_reach(*until, now))
    }

    pub fn limited_until(&self, now: Millis) -> Option<Millis> {
        Some(self.limited_until.load(Ordering::Relaxed)).filter(|until| is_in_reach(*until, now))
    }
}
