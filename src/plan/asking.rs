//! Telling whoever should decide that something waits for them: each of them once a pull request.
//!
//! Comes in: whom the report would ask and by which means, whom the page shows as asked. Goes out: review requests, or the one comment that mentions
//! them. A person who was asked by somebody else is not asked again. What the page does not tell is taken for asked.

use super::{Effect, Page};
use crate::report::asking::{self, MOST_ASKED};
use crate::report::{Check, Report};
use crate::settings::owners::Owner;
use crate::settings::talk::{Ask, CommentMode};
use std::collections::BTreeSet;

/// Somebody who was asked for a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// A login, or `organisation/team`.
    pub name: String,
    /// Whether we asked.
    pub by_us: bool,
}

/// What must be written so that they are told.
pub(super) fn plan_asking(report: &Report, page: &Page, effects: &mut Vec<Effect>) {
    match report.asking.by {
        Ask::None => {}
        // Where the settings want no comment, there is none for this either.
        Ask::Mention if page.mentioned || report.asking.mode == CommentMode::Check => {}
        Ask::Mention => effects.extend(asking::mention(report).map(|body| Effect::CreateComment { body })),
        Ask::Review => effects.extend(to_request(report, page).map(|whom| Effect::RequestReview { whom: whom.clone() })),
    }
}

fn to_request<'r>(report: &'r Report, page: &'r Page) -> impl Iterator<Item = &'r Owner> {
    let requested = page.requested.as_deref().unwrap_or_default();
    // Logins and slugs know no case.
    let known: BTreeSet<String> = requested.iter().map(|asked| &asked.name).chain(&page.refused).map(|name| name.to_lowercase()).collect();
    let by_us = requested.iter().filter(|asked| asked.by_us).count();
    let room = if page.requested.is_some() { MOST_ASKED.saturating_sub(by_us) } else { 0 };
    report.asking.whom.iter().filter(move |whom| !known.contains(&whom.name().to_lowercase())).take(room)
}

/// The check with a remark on whom the forge would not ask. What several pull requests share says nothing of one of them.
pub(super) fn with_remark(mut check: Check, report: &Report, page: &Page) -> Check {
    if page.neighbours.is_empty() && report.asking.by == Ask::Review {
        let refused = report.asking.whom.iter().filter(|whom| page.refused.contains(whom.name()));
        check.summary.push_str(&asking::refused(refused));
    }
    check
}
