//! The page that a check links to, for whoever has the link.
//!
//! Comes in: an address. Goes out: the page that was kept for the head, or that there is nothing: the same for a head that was never judged,
//! a page that is no longer kept, and a wrong capability.

use crate::capability::equal;
use crate::change::ObjectId;
use crate::server::Desk;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// What a browser may do with our pages: show them, with the style that is in them. Nothing runs, and nothing is fetched.
const HEADERS: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
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
    let found = match (repository.parse::<u64>(), ObjectId::from_hex(&head)) {
        (Ok(repository), Some(head)) if desk.home.has_pages => desk.store.details(repository, head).await,
        _ => Ok(None),
    };
    match found {
        Ok(Some(details)) if equal(&capability, &details.capability) => guarded(Html(details.page).into_response()),
        Ok(_) => guarded((StatusCode::NOT_FOUND, NO_PAGE).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page could not be read");
            guarded((StatusCode::SERVICE_UNAVAILABLE, "The page cannot be read now.\n").into_response())
        }
    }
}

/// An answer with what holds for all of our pages.
pub(super) fn guarded(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
