//! One lane for the writes of an installation: one after the other, with a gap once a burst is used up; and the time until which the
//! forge wants to hear nothing.
//!
//! Source: <https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api>

use crate::clock::Millis;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
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

/// What the hour's requests are counted by: GraphQL has an hour of its own, which a query is charged with by what it asks for.
/// Source: <https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Core,
    Graphql,
}

impl Resource {
    pub fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
        }
    }
}

/// What the forge said of an hour's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub resource: Resource,
    pub left: i64,
    pub limit: i64,
    /// When the next hour begins.
    pub reset: Millis,
}

/// Where the forge names no time, it asks for a minute at least, and for more each time that it has to say so again.
/// Source: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit>
const UNNAMED: Millis = 60_000;
/// The longest that is waited without a time.
const MAX_UNNAMED: Millis = 3_600_000;

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
    /// Until when the few requests that are left are kept back, of REST and of GraphQL; 0 where there are enough.
    kept_back_until: [AtomicI64; 2],
    /// Limits in a row for which the forge named no time.
    unnamed: AtomicU32,
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

    /// Until when nothing is asked after a limit for which the forge named no time: each in a row doubles the wait. What was under way when the last
    /// one came doubles nothing.
    pub fn unnamed_until(&self, now: Millis) -> Millis {
        if let Some(until) = self.limited_until(now) {
            return until;
        }
        let before = self.unnamed.fetch_add(1, Ordering::Relaxed);
        now + UNNAMED.saturating_mul(1 << before.min(16)).min(MAX_UNNAMED)
    }

    /// Notes an answer of success, with which the next limit without a time is the first one again.
    pub fn answers(&self, now: Millis) {
        // What was asked before the limit may be answered during it.
        if self.limited_until(now).is_none() {
            self.unnamed.store(0, Ordering::Relaxed);
        }
    }

    /// Notes how many requests are left of the hour; whether it is news that these are kept back.
    pub fn note_budget(&self, budget: &Budget) -> bool {
        let few = budget.left < (budget.limit / KEPT_SHARE).min(KEPT_MOST);
        let until = if few { budget.reset } else { 0 };
        self.kept_back_until[budget.resource as usize].swap(until, Ordering::Relaxed) != until && few
    }

    pub fn kept_back_until(&self, resource: Resource, now: Millis) -> Option<Millis> {
        Some(self.kept_back_until[resource as usize].load(Ordering::Relaxed)).filter(|until| is_in_reach(*until, now))
    }

    pub fn limited_until(&self, now: Millis) -> Option<Millis> {
        Some(self.limited_until.load(Ordering::Relaxed)).filter(|until| is_in_reach(*until, now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Lane, MAX_UNNAMED, Resource, UNNAMED};

    #[test]
    fn limits_without_a_time_grow_until_something_is_answered() {
        let (lane, mut now, mut waits) = (Lane::default(), 1_000_000, Vec::new());
        for _ in 0..9 {
            let until = lane.unnamed_until(now);
            lane.limit(until, now);
            assert_eq!(lane.unnamed_until(now + 1), until, "another request that was under way");
            lane.answers(now + 1);
            waits.push(until - now);
            now = until;
        }
        let doubled = [1, 2, 4, 8, 16, 32].map(|times| UNNAMED * times);
        assert_eq!((&waits[..6], &waits[6..]), (&doubled[..], &[MAX_UNNAMED; 3][..]));
        lane.answers(now);
        assert_eq!(lane.unnamed_until(now) - now, UNNAMED);
    }

    #[test]
    fn what_is_left_of_one_hour_keeps_nothing_of_the_other_back() {
        let lane = Lane::default();
        let few = Budget { resource: Resource::Graphql, left: 99, limit: 5_000, reset: 2_000 };
        assert!(lane.note_budget(&few) && !lane.note_budget(&few), "it is news once");
        assert_eq!(lane.kept_back_until(Resource::Graphql, 1_000), Some(2_000));
        assert_eq!(lane.kept_back_until(Resource::Core, 1_000), None);
        assert!(!lane.note_budget(&Budget { left: 100, ..few }));
        assert_eq!(lane.kept_back_until(Resource::Graphql, 1_000), None);
    }
}
