//! Whether something that the service leans on answers: an outage is worth one line in the log, however many meet it, and its end another one.
//!
//! Comes in: failures and answers. Goes out: whether that is worth a line. Cheap to ask; nothing is logged here.

use crate::clock::Millis;
use std::sync::{Mutex, PoisonError};

/// Between two lines about outages while answers come and go, in milliseconds.
const QUIET: Millis = 5 * 60_000;

/// One thing that may be out.
#[derive(Debug, Default)]
pub struct Outage(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_out: bool,
    /// Whether a line told of the outage that there is.
    is_told: bool,
    told_at: Option<Millis>,
}

impl Outage {
    /// Notes a failure; whether it is worth a line: once an outage, and not again for the same thing within some minutes.
    pub fn begins(&self, now: Millis) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_out = true;
        if state.is_told || state.told_at.is_some_and(|at| (now - at).abs() < QUIET) {
            return false;
        }
        (state.is_told, state.told_at) = (true, Some(now));
        true
    }

    /// Notes an answer; whether it is the first one after an outage that a line told of.
    pub fn ends(&self) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_out = false;
        std::mem::take(&mut state.is_told)
    }

    /// Whether the last that was noted is a failure.
    pub fn lasts(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_out
    }
}

#[cfg(test)]
mod tests {
    use super::{Outage, QUIET};

    #[test]
    fn an_outage_is_told_once_and_so_is_its_end() {
        let outage = Outage::default();
        assert!(!outage.ends() && !outage.lasts(), "nothing was out");
        assert!(outage.begins(0) && !outage.begins(1_000) && !outage.begins(QUIET * 9) && outage.lasts());
        assert!(outage.ends() && !outage.ends() && !outage.lasts());
    }

    #[test]
    fn one_that_begins_within_minutes_of_another_is_told_if_it_lasts() {
        let outage = Outage::default();
        assert!(outage.begins(0) && outage.ends());
        assert!(!outage.begins(1_000) && outage.lasts());
        assert!(!outage.ends(), "nobody was told of it");
        assert!(!outage.begins(2_000) && outage.begins(QUIET), "and this one lasts");
        assert!(outage.ends());
    }
}
