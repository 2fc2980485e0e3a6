//! Reproductions that were looked for, kept for whoever asks for the same one again: another round of the judgement, another try to write.
//!
//! Comes in: what one was looked for in and of. Goes out: what came of it and what that took, so that whoever spends a budget spends it all the
//! same: nothing of the outcome depends on what is kept.

use crate::stride::Fingerprint;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Most that are kept, each of a few kilobytes; then it begins anew.
const MOST: usize = 500;

/// What a reproduction depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Of {
    /// SHA-256 of the text that it is cut from.
    pub text: [u8; 32],
    pub rule: &'static str,
    pub threat: Fingerprint,
    /// Whether the threat is certain.
    pub open: bool,
}

/// What came of looking for one.
#[derive(Clone, Debug)]
pub struct Made {
    /// `None` where nothing small raises the threat.
    pub text: Option<String>,
    /// Bytes that were read for it, and values and steps that reading them took.
    pub read: usize,
    pub work: usize,
}

/// Clones share what is kept.
#[derive(Clone, Default)]
pub struct Reproductions(Arc<Mutex<BTreeMap<Of, Made>>>);

impl Reproductions {
    /// What came of the same before, or comes of it now.
    pub fn get(&self, of: Of, make: impl FnOnce() -> Made) -> Made {
        if let Some(made) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&of) {
            return made.clone();
        }
        let made = make();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.clear();
        }
        kept.insert(of, made.clone());
        made
    }
}

impl fmt::Debug for Reproductions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reproductions")
    }
}
