//! One lane for the writes of an installation: one after the other, with a gap once a burst is used up; and the time until which the
//! forge wants to hear nothing.
//!
//! Source: <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>

use crate::clock::Millis;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use tokio::time::Instant;

/// Writes that need not wait for each other after a pause.
const BURST: u32 = 10;

#[derive(Debug, Default)]
pub struct Lanes(Mutex<BTreeMap<u64, Arc<Lane>>>);

impl Lanes {
    /// The lane of an installation; 0 is the App itself.
    pub fn of(&self, installation: u64) -> Arc<Lane> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(installation).or_default())
    }
}

#[derive(Debug, Default)]
pub struct Lane {
    /// When the writes so far would have ended, had each been followed by its gap.
    paid_until: AsyncMutex<Option<Instant>>,
    limited_until: AtomicI64,
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

    pub fn limit(&self, until: Millis) {
        self.limited_until.fetch_max(until, Ordering::Relaxed);
    }

    pub fn limited_until(&self, now: Millis) -> Option<Millis> {
        Some(self.limited_until.load(Ordering::Relaxed)).filter(|until| *until > now)
    }
}
