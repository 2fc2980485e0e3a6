//! The page that a check links to: the report of what was judged then, under an address that only the check bears.
//!
//! Comes in: a report, before it is planned. Goes out: the link in it, and the page in the store before the check that bears the link.

use crate::capability::random;
use crate::change::ObjectId;
use crate::plan::Effect;
use crate::queue::StoreError;
use crate::queue::details::Details;
use crate::report::{Check, Report, html};
use crate::server::config::Pages;
use crate::worker::Bench;
use crate::worker::run::RunError;
use std::time::Duration;

/// Largest page, in bytes; what is larger is replaced by a word about it.
const MAX_PAGE: usize = 2 * 1024 * 1024;

/// Puts the link into a report: the one that stands if a page of this head is kept, else a new one.
///
/// # Errors
/// Of the store, and where the machine gives no random bytes.
pub(super) async fn link(bench: &Bench, repository: u64, report: &mut Report) -> Result<Option<String>, RunError> {
    let Some(pages) = &bench.pages else { return Ok(None) };
    let capability = match bench.store.details_capability(repository, report.head).await? {
        Some(capability) => capability,
        None => random().map_err(|error| RunError::NotTried(error.to_string()))?,
    };
    report.presentation.details = Some(address(pages, repository, report.head, &capability));
    Ok(Some(capability))
}

fn address(pages: &Pages, repository: u64, head: ObjectId, capability: &str) -> String {
    format!("{}/checks/{repository}/{head}/{capability}", pages.public_url)
}

/// Keeps the page, where a check is about to be written that bears its link. A check without one is of several pull requests, or is no
/// judgement: no page of this head says the same, and what was kept goes.
///
/// # Errors
/// Of the store.
pub(super) async fn keep(
    bench: &Bench,
    repository: u64,
    report: &Report,
    capability: Option<String>,
    effects: &[Effect],
) -> Result<(), RunError> {
    let Some(check) = effects.iter().find_map(check_of).filter(|_| bench.pages.is_some()) else { return Ok(()) };
    let Some(capability) = capability.filter(|_| check.details.is_some()) else {
        return Ok(bench.store.drop_details(repository, report.head).await?);
    };
    let mut page = html::render_at(report, bench.clock.timestamp());
    if page.len() > MAX_PAGE {
        page = html::too_large(report);
    }
    Ok(bench.store.keep_details(repository, report.head, &Details { capability, page }).await?)
}

fn check_of(effect: &Effect) -> Option<&Check> {
    if let Effect::CreateCheck { check, .. } | Effect::UpdateCheck { check, .. } = effect { Some(check) } else { None }
}

/// Forgets what is too old; all of it where pages are turned off.
///
/// # Errors
/// Of the store.
pub(super) async fn tidy(bench: &Bench) -> Result<(), StoreError> {
    bench.store.forget_details(bench.pages.as_ref().map_or(Duration::ZERO, |pages| pages.keep)).await
}
