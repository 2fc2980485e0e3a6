//! The `state` values that are under way: each good for one return, and for an hour.
//!
//! Comes in: what the browser brings back. Goes out: whether we sent it. It is compared in constant time.

use crate::capability::{equal, random};
use crate::setup::PATIENCE;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Most of them; an operator who opens the page more often has the oldest forgotten.
const MAX_OPEN: usize = 16;

#[derive(Debug, Default)]
pub(super) struct States(Mutex<Vec<(String, Instant)>>);

impl States {
    /// A new one.
    ///
    /// # Errors
    /// The machine gives no random bytes.
    pub(super) fn open(&self, now: Instant) -> std::io::Result<String> {
        let state = random()?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() == MAX_OPEN {
            open.remove(0);
        }
        open.push((state.clone(), now));
        Ok(state)
    }

    /// Takes one back: `true` the first time within the hour.
    pub(super) fn close(&self, state: &str, now: Instant) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|(_, opened)| now.duration_since(*opened) < PATIENCE);
        let before = open.len();
        open.retain(|(known, _)| !equal(known, state));
        open.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_OPEN, States};
    use crate::setup::PATIENCE;
    use std::time::Instant;

    #[test]
    fn a_state_is_good_once_and_for_an_hour() {
        let (states, now) = (States::default(), Instant::now());
        let (first, second) = (states.open(now).unwrap(), states.open(now).unwrap());
        assert_ne!(first, second);
        assert!(!states.close("", now) && !states.close(&first[1..], now));
        assert!(states.close(&first, now));
        assert!(!states.close(&first, now), "used up");
        assert!(!states.close(&second, now + PATIENCE), "too late");
        let oldest = states.open(now).unwrap();
        (0..MAX_OPEN).for_each(|_| drop(states.open(now)));
        assert!(!states.close(&oldest, now), "forgotten");
    }
}
