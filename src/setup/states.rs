//! The `state` values that are under way: each good for one return, and for an hour.
//!
//! Comes in: what the browser brings back. Goes out: whether we sent it. It is compared in constant time, by keyed hashes.

use crate::setup::PATIENCE;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::Sha256;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Most of them; an operator who opens the page more often has the oldest forgotten.
const MAX_OPEN: usize = 16;

/// 32 random bytes as text.
///
/// # Errors
/// The machine gives no random bytes.
pub(super) fn random() -> std::io::Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| std::io::Error::other("the machine gives no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether two texts are equal; the time that it takes tells nothing of either.
pub(super) fn equal(one: &str, other: &str) -> bool {
    let Ok(key) = random() else { return false };
    let keyed = |text: &str| Hmac::<Sha256>::new_from_slice(key.as_bytes()).map(|mac| mac.chain_update(text));
    match (keyed(one), keyed(other)) {
        (Ok(one), Ok(other)) => one.verify(&other.finalize().into_bytes()).is_ok(),
        _ => false,
    }
}

#[derive(Debug, Default)]
pub(super) struct States(Mutex<Vec<(String, Instant)>>);

impl States {
    /// A new one.
    ///
    /// # Errors
    /// As `random`.
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
