//! Whether the store takes writes, asked once in some seconds however many ask us.
//!
//! Comes in: questions, from anybody. Goes out: what the store last said. Each probe of the store is a write, and whoever reloads a page must not
//! cause one each time.

use crate::clock::{Clock, Millis};
use crate::queue::Store;
use crate::queue::trouble::Trouble;
use std::sync::Arc;
use tokio::sync::Mutex;

/// For how long an answer holds.
const HOLDS: Millis = 3_000;

/// What the store said, and when.
type Said = (Millis, Option<Trouble>);

/// Cheap to clone; all clones share the last answer.
#[derive(Clone, Debug)]
pub(super) struct StoreHealth {
    store: Store,
    clock: Clock,
    last: Arc<Mutex<Option<Said>>>,
}

impl StoreHealth {
    pub(super) fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, last: Arc::default() }
    }

    /// What keeps the store from taking writes; `None` where nothing does. Those who ask at once wait for one answer.
    pub(super) async fn trouble(&self) -> Option<Trouble> {
        let mut last = self.last.lock().await;
        let now = self.clock.now();
        // What was said at a time that has not come yet was said by a clock that was ahead.
        if let Some((at, trouble)) = last.as_ref()
            && (0..HOLDS).contains(&(now - at))
        {
            return *trouble;
        }
        let checked = self.store.check().await;
        match &checked {
            Ok(()) => self.store.took_write(),
            Err(error) => self.store.failed("seeing whether it takes writes", error),
        }
        let trouble = checked.err().map(|error| error.trouble());
        *last = Some((now, trouble));
        trouble
    }
}
