//! A decision on what the change takes away, as JSON.

use crate::report::Earlier;
use serde::Serialize;

/// What was decided, and by whom.
#[derive(Serialize)]
pub(super) struct EarlierEntry<'a> {
    id: &'a str,
    verdict: &'static str,
    by: &'a str,
}

impl<'a> EarlierEntry<'a> {
    pub(super) fn of(earlier: &'a Earlier) -> Self {
        Self { id: &earlier.id, verdict: earlier.verdict, by: &earlier.by }
    }
}
