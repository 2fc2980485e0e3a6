//! The webhook's side of the service: HTTP in, stored deliveries out.
//!
//! Comes in: requests, from anybody. Goes out: 202 once a delivery is durably stored, and nothing about why not. A body is bounded, then
//! its signature checked, then it is parsed; nothing is worked on here.

pub mod config;
pub mod event;
pub mod intake;
pub mod signature;

use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::server::event::Bearings;
use crate::server::intake::Intake;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Largest webhook body, in bytes: GitHub sends none larger.
/// Source: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>
pub const MAX_BODY: usize = 25 * 1024 * 1024;
/// Bodies above this many bytes, or of unknown length, are read two at a time, so that nobody can fill the memory with unsigned ones.
const LARGE: u64 = 1024 * 1024;
/// How long a sender may take over one body.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// A worker that has not been round for this long is taken for dead, in milliseconds.
const WORKER_SILENCE: i64 = 60_000;

/// The events that we know; every other one is counted as `other`.
const EVENTS: [&str; 11] = [
    "pull_request",
    "issue_comment",
    "pull_request_review_comment",
    "pull_request_review",
    "check_run",
    "check_suite",
    "merge_group",
    "push",
    "installation",
    "installation_repositories",
    "repository",
];

/// What the handlers share.
#[derive(Clone, Debug)]
pub struct Desk {
    secrets: Arc<[SecretString]>,
    bearings: Arc<Bearings>,
    store: Store,
    intake: Intake,
    metrics: Metrics,
    pulse: Pulse,
    large: Arc<Semaphore>,
}

impl Desk {
    /// Starts the intake; to be called inside a runtime.
    pub fn new(secrets: &[SecretString], bearings: Bearings, store: Store, metrics: Metrics, pulse: Pulse) -> Self {
        Self {
            secrets: secrets.into(),
            bearings: Arc::new(bearings),
            intake: Intake::start(store.clone()),
            store,
            metrics,
            pulse,
            large: Arc::new(Semaphore::new(2)),
        }
    }
}

/// The worker's sign of life.
#[derive(Clone, Debug)]
pub struct Pulse {
    last: Arc<AtomicI64>,
    clock: Clock,
}

impl Pulse {
    pub fn new(clock: Clock) -> Self {
        Self { last: Arc::new(AtomicI64::new(clock.now())), clock }
    }

    pub fn beat(&self) {
        self.last.store(self.clock.now(), Ordering::Relaxed);
    }

    fn is_alive(&self) -> bool {
        self.clock.now() - self.last.load(Ordering::Relaxed) < WORKER_SILENCE
    }
}

/// All routes of the service.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/webhook", post(receive))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(show_metrics))
        .with_state(desk)
}

async fn receive(State(desk): State<Desk>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let event = known_event(&parts.headers);
    let (status, outcome) = match read_body(&desk, &parts.headers, body).await {
        Ok(body) => accept(&desk, &parts.headers, &body).await,
        Err(refused) => refused,
    };
    let delivery = text(&parts.headers, "x-github-delivery").unwrap_or_default();
    tracing::info!(delivery, event, outcome, status = status.as_u16(), "webhook");
    desk.metrics.delivery(event, outcome);
    // No word to the sender about what was wrong: whoever asks may be anybody.
    status.into_response()
}

type Refused = (StatusCode, &'static str);

/// The whole body. axum's own limit of 2 MiB does not apply, because no extractor of axum's reads it.
async fn read_body(desk: &Desk, headers: &HeaderMap, body: Body) -> Result<Bytes, Refused> {
    const TOO_LARGE: Refused = (StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(TOO_LARGE);
    }
    let _permit = match announced {
        Some(length) if length <= LARGE => None,
        _ => desk.large.acquire().await.ok(),
    };
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(TOO_LARGE),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "cut-off")),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "too-slow")),
    }
}

async fn accept(desk: &Desk, headers: &HeaderMap, body: &[u8]) -> (StatusCode, &'static str) {
    let signature = headers.get("x-hub-signature-256").map(http::HeaderValue::as_bytes);
    if !signature::check(&desk.secrets, signature, body) {
        return (StatusCode::UNAUTHORIZED, "bad-signature");
    }
    let (Some(event), Some(guid)) = (text(headers, "x-github-event"), text(headers, "x-github-delivery")) else {
        return (StatusCode::BAD_REQUEST, "malformed");
    };
    match event::parse(event, guid, body, &desk.bearings) {
        Err(error) => {
            tracing::warn!(delivery = guid, event, line = error.line(), column = error.column(), "webhook body is malformed");
            (StatusCode::BAD_REQUEST, "malformed")
        }
        Ok(None) => (StatusCode::ACCEPTED, "unknown"),
        Ok(Some(arrival)) if arrival.due.is_empty() && arrival.command.is_none() => (StatusCode::ACCEPTED, "ignored"),
        Ok(Some(arrival)) => match desk.intake.store(arrival).await {
            Ok(()) => (StatusCode::ACCEPTED, "stored"),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not-stored"),
        },
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty() && value.len() <= 200)
}

fn known_event(headers: &HeaderMap) -> &'static str {
    let name = text(headers, "x-github-event").unwrap_or_default();
    EVENTS.into_iter().find(|known| *known == name).unwrap_or("other")
}

async fn ready(State(desk): State<Desk>) -> (StatusCode, &'static str) {
    if let Err(error) = desk.store.check().await {
        tracing::error!(%error, "the store takes no writes");
        return (StatusCode::SERVICE_UNAVAILABLE, "the store takes no writes\n");
    }
    if !desk.pulse.is_alive() {
        return (StatusCode::SERVICE_UNAVAILABLE, "no worker is alive\n");
    }
    (StatusCode::OK, "ok\n")
}

async fn show_metrics(State(desk): State<Desk>) -> Response {
    if let Ok(depth) = desk.store.depth().await {
        desk.metrics.depth(depth);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], desk.metrics.render()).into_response()
}
