//! What is said where a judgement came to no end: a red check, and never silence.
//!
//! Comes in: a job, and what went wrong. Goes out: the check at the head that was to be judged.

use super::Bench;
use super::run::{Outcome, RunError};
use crate::change::ObjectId;
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::page::find_check;
use crate::forge::site::{Site, find_site};
use crate::forge::wire;
use crate::plan::Effect;
use crate::queue::job::{Job, Subject};
use crate::report::{Check, Conclusion, escape};

/// The last run of a job that never ended well: it only says so, where people look.
///
/// # Errors
/// Of the forge; then nothing more can be done but the next sweep.
pub(super) async fn give_up(bench: &Bench, job: &Job) -> Result<Outcome, RunError> {
    let site = find_site(&bench.forge, &job.repository, &bench.ledger).await?;
    let head = match &job.subject {
        Subject::Pull(number) => {
            let pull: wire::Pull = site.pull(*number, None).await?;
            if pull.state != "open" {
                return Ok(Outcome::Done);
            }
            ObjectId::from_hex(&pull.head.sha)
        }
        Subject::Group(head) => Some(*head),
        Subject::Head(_)
        | Subject::Built(_)
        | Subject::Base(_)
        | Subject::Ledger(_)
        | Subject::Open
        | Subject::Stale
        | Subject::FirstContact
        | Subject::Register => None,
    };
    if let Some(head) = head {
        write_failure(bench, &site, head, &RunError::TooMuch(format!("{} runs in a row did not end", job.attempts - 1))).await?;
    }
    Ok(Outcome::GivenUp)
}

/// The check that says so.
pub(super) fn failure(error: &RunError) -> Check {
    let summary = format!(
        "Astride could not judge this change: {}.\n\n\
         Nothing was found *and* nothing was cleared. Push again, or use *Re-run* on this check, to have it tried again.",
        escape::text(&error.to_string())
    );
    Check {
        conclusion: Conclusion::Failure,
        title: "Could not be judged".to_owned(),
        summary,
        text: String::new(),
        details: None,
        annotations: Vec::new(),
    }
}

/// Writes it.
///
/// # Errors
/// Of the forge and the store.
pub(super) async fn write_failure(bench: &Bench, site: &Site, head: ObjectId, error: &RunError) -> Result<(), ForgeError> {
    let check = failure(error);
    // The link of the check stays with it, and must not show what was judged before.
    bench.store.drop_details(site.repository.id, head).await?;
    let effect = match find_check(&site.place, head).await? {
        Some(standing) => Effect::UpdateCheck { id: standing.id, annotated: standing.annotated, check },
        None => Effect::CreateCheck { head, check },
    };
    apply::apply(&site.place, 0, &effect).await
}
