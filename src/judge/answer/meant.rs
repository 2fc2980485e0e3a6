//! Which proposal a confirmation is about: the one that its author has read.
//!
//! Comes in: a comment, the proposal that stands, what else was proposed, when we replied to it. Goes out: the address that the confirmation names,
//! or why it is none. Between reading a proposal and confirming it, somebody may have proposed something else for the same threat.

use super::Desk;
use crate::change::Posted;
use crate::decisions::{Block, Decided, Verdict};
use crate::report::escape;

impl Desk<'_> {
    /// The address of the proposal that a comment confirms; `None` where it has none, because somebody pushed it. `said` is what was said of the
    /// threat, in order of time.
    ///
    /// # Errors
    /// Another proposal has come in the meantime: both, in words for the person.
    pub(super) fn meant_proposal(&self, posted: &Posted, id: &str, decided: &Decided, said: &[&Block]) -> Result<Option<String>, String> {
        let url = Some(decided.url.clone()).filter(|url| !url.is_empty());
        let id = escape::code(id);
        let Some(earlier) = earlier_proposal(decided, said) else {
            return match decided.at <= posted.at {
                true => Ok(url),
                false => Err(format!("Not done: what is proposed for {id} came after you wrote; look at it and write again.")),
            };
        };
        if self.change.approvals.replied_before(&decided.url, posted.at) {
            return Ok(url);
        }
        let newer = words(decided.verdict, &decided.terms(), &decided.by.login, &decided.reason);
        let older = words(earlier.verdict, &earlier.terms(), &earlier.by.login, &earlier.reason);
        Err(format!(
            "Not done: more than one thing was proposed for {id}, and which one you have read cannot be told. First: {older}. Since then: {newer}. \
             Confirm again if you mean the newer one, or decide in your own words."
        ))
    }
}

/// What was proposed before, waits still, and is something else than what stands.
fn earlier_proposal<'b>(decided: &Decided, said: &[&'b Block]) -> Option<&'b Block> {
    let since = said.iter().rposition(|block| block.verdict == Verdict::Reopened).map_or(0, |index| index + 1);
    let said = &said[since..];
    let is_it = |block: &Block| {
        let is_same = (block.by.id, block.at, block.verdict) == (decided.by.id, decided.at, decided.verdict);
        is_same || (!decided.url.is_empty() && block.url == decided.url)
    };
    let is_confirmed = |block: &Block| said.iter().any(|other| block.is_confirmed_by(other));
    let waits = |block: &&&Block| block.verdict.is_answer() && block.proposal && !is_it(block) && !is_confirmed(block);
    said.iter().rev().find(waits).copied()
}

fn words(verdict: Verdict, terms: &str, login: &str, reason: &str) -> String {
    format!("{}{} by {}, “{}”", verdict.word(), escape::text(terms), escape::text(login), escape::text(reason))
}
