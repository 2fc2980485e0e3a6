//! The page that a check links to, for whoever has the link.
//!
//! Comes in: an address. Goes out: the page that was kept for the head, or that there is nothing: the same for a head that was never judged,
//! a page that is no longer kept, and a wrong capability.

use crate::capability;
use crate::change::ObjectId;
use crate::queue::StoreError;
use crate::report::html::policy::policy;
use crate::server::Desk;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// What holds for all of our answers beside the policy: nothing of them is kept for others, passed on, guessed at, framed or listed.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "private, no-cache"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// What is said of a page that is not there, for whatever reason.
pub const NO_PAGE: &str = "There is no such page, or it is no longer kept.\n";

pub(super) async fn show(State(desk): State<Desk>, Path((repository, head, capability)): Path<(String, String, String)>) -> Response {
    match find(&desk, &repository, &head, &capability).await {
        Ok(Some(page)) => guarded(page),
        Ok(None) => refused(StatusCode::NOT_FOUND, NO_PAGE),
        Err(error) => {
            desk.store.failed("reading a page", &error);
            refused(StatusCode::SERVICE_UNAVAILABLE, "The page cannot be read now.\n")
        }
    }
}

/// The page that was kept. Nothing of a page is read for whoever has not its capability.
async fn find(desk: &Desk, repository: &str, head: &str, capability: &str) -> Result<Option<String>, StoreError> {
    let (Ok(repository), Some(head)) = (repository.parse::<u64>(), ObjectId::from_hex(head)) else { return Ok(None) };
    if !desk.home.has_pages || !capability::has_form(capability) {
        return Ok(None);
    }
    let kept = desk.store.details_capability(repository, head).await?;
    if !kept.is_some_and(|kept| capability::equal(capability, &kept)) {
        return Ok(None);
    }
    // Another page may have taken its place meanwhile.
    let details = desk.store.details(repository, head).await?;
    Ok(details.filter(|details| capability::equal(capability, &details.capability)).map(|details| details.page))
}

/// A page, under the policy that its own styles make: one that was kept by an older release has others than today's.
pub(super) fn guarded(page: String) -> Response {
    let policy = policy(&page);
    with_headers(Html(page).into_response(), &policy)
}

fn refused(status: StatusCode, why: &'static str) -> Response {
    with_headers((status, why).into_response(), &policy(why))
}

fn with_headers(mut response: Response, policy: &str) -> Response {
    if let Ok(policy) = HeaderValue::try_from(format!("{policy}; frame-ancestors 'none'")) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
