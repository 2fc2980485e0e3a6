//! Approving reviews of a pull request, and what stood on its page before them.
//!
//! Comes in: from the forge. Goes out: to `judge`, which says what they confirm.

use crate::change::{ObjectId, Posted, Timestamp};
use std::collections::BTreeMap;

/// What is known of a pull request's approving reviews.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Approvals {
    /// Those that stand: whoever has asked for changes since, or whose review was dismissed, approves nothing.
    pub reviews: Vec<Approval>,
    /// Since when our check stands on the head.
    pub shown_since: Option<Timestamp>,
    /// When we replied to the commands of comments, by what their addresses end in: `issuecomment-2000002`.
    pub replied: BTreeMap<String, Timestamp>,
}

/// One approving review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The review as something that was said, without its text.
    pub posted: Posted,
    /// The commit that was looked at.
    pub commit: ObjectId,
}

impl Approvals {
    /// Whether our reply to the comment at an address stood there before a time. Within one second nobody can tell.
    pub fn replied_before(&self, url: &str, at: Timestamp) -> bool {
        let end = url.rsplit_once('#').map(|(_, end)| end);
        end.and_then(|end| self.replied.get(end)).is_some_and(|replied| *replied < at)
    }
}
