//! The clock that the rim reads: passed in, so that tests and the sandbox can turn it.
//!
//! Comes in: nothing. Goes out: the time. Never sleeps; the core never sees it, and gets a `Timestamp` instead.

use crate::change::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, UTC.
pub type Millis = i64;

/// By how much the clocks of two replicas may differ, and a minute's half again: what was noted later than that from now was noted by a clock that was
/// ahead and has been put right.
pub const AHEAD: Millis = 60_000;

/// Cheap to clone; all clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Millis + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::by(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
    }

    /// A clock that somebody else turns.
    pub fn by(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Millis {
        (self.0)()
    }

    /// In whole seconds, as the core and the forge count.
    pub fn timestamp(&self) -> Timestamp {
        Timestamp(self.now().div_euclid(1000))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}
