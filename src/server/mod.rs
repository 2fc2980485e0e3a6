//! The webhook's side of the service: HTTP in, stored deliveries out.
//!
//! Comes in: requests, from anybody. Goes out: 202 once a delivery is durably stored, and nothing about why not. A body is bounded, then
//! its signature checked, then it is parsed; nothing is worked on here.

mod bodies;
pub mod config;
pub mod details;
pub mod event;
mod form;
mod health;
pub mod home;
pub mod intake;
pub mod listener;
pub mod signature;

use crate::clock::Clock;
use crate::forge::app::Credentials;
use crate::forge::error::INTERCEPTED;
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::server::bodies::{Bodies, NotRead, Whole};
use crate::server::config::Edge;
use crate::server::event::Bearings;
use crate::server::health::StoreHealth;
use crate::server::home::Home;
use crate::server::intake::Intake;
use crate::server::listener::Busy;
use crate::server::signature::Secrets;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderMap, Request, StatusCode, header};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Largest webhook body, in bytes: GitHub sends none larger.
/// Source: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>
pub const MAX_BODY: usize = 25 * 1024 * 1024;
/// A worker that has not been round for this long is taken for dead, in milliseconds.
const WORKER_SILENCE: i64 = 60_000;
/// Something that has answered in GitHub's place for this long stays there, in milliseconds.
const INTERCEPTION: i64 = 5 * 60_000;

/// The events that we know; every other one is counted as `other`.
pub const EVENTS: [&str; 13] = [
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
    "workflow_run",
    "repository",
    "ping",
];

/// Every other event.
const OTHER: &str = "other";
const BAD_SIGNATURE: &str = "bad-signature";
const NOT_STORED: &str = "not-stored";
const CROWDED_OUT: &str = "crowded-out";
const TOO_SLOW: &str = "too-slow";
/// What becomes of deliveries that are refused, which deploy/alerts.yml counts.
const REFUSALS: [&str; 4] = [BAD_SIGNATURE, NOT_STORED, CROWDED_OUT, TOO_SLOW];

/// What the handlers share.
#[derive(Clone, Debug)]
pub struct Desk {
    secrets: Secrets,
    bearings: Arc<Bearings>,
    store: Store,
    health: StoreHealth,
    intake: Intake,
    metrics: Metrics,
    pulse: Pulse,
    bodies: Bodies,
    home: Arc<Home>,
}

impl Desk {
    /// Starts the intake; to be called inside a runtime.
    pub fn new(secrets: Secrets, bearings: Bearings, store: Store, metrics: Metrics, pulse: Pulse, edge: &Edge) -> Self {
        for event in EVENTS.into_iter().chain([OTHER]) {
            REFUSALS.into_iter().for_each(|outcome| metrics.expect_delivery(event, outcome));
        }
        Self {
            secrets,
            bearings: Arc::new(bearings),
            intake: Intake::start(store.clone()),
            health: StoreHealth::new(store.clone(), pulse.clock.clone()),
            store,
            metrics,
            pulse,
            bodies: Bodies::new(edge.unsigned_bytes, edge.body_timeout),
            home: Arc::default(),
        }
    }

    /// The same, of a service that knows this of itself.
    #[must_use]
    pub fn at_home(self, home: Home) -> Self {
        Self { home: Arc::new(home), ..self }
    }
}

/// The worker's sign of life.
#[derive(Clone, Debug)]
pub struct Pulse {
    last: Arc<AtomicI64>,
    clock: Clock,
    credentials: Credentials,
}

impl Pulse {
    pub fn new(clock: Clock) -> Self {
        Self { last: Arc::new(AtomicI64::new(clock.now())), clock, credentials: Credentials::default() }
    }

    /// The same, of a worker that acts with these credentials.
    #[must_use]
    pub fn acting_with(self, credentials: Credentials) -> Self {
        Self { credentials, ..self }
    }

    pub fn beat(&self) {
        self.last.store(self.clock.now(), Ordering::Relaxed);
    }

    fn is_alive(&self) -> bool {
        // A sign of a time that has not come yet is one of a clock that was ahead.
        (self.clock.now() - self.last.load(Ordering::Relaxed)).abs() < WORKER_SILENCE
    }
}

/// All routes of the service.
pub fn router(desk: Desk) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/webhook", post(receive))
        .route("/checks/{repository}/{head}/{capability}", get(details::show))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(show_metrics))
        .with_state(desk)
}

async fn receive(State(desk): State<Desk>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let event = known_event(&parts.headers);
    let (status, outcome) = match read_body(&desk, &parts.headers, body).await {
        Ok(body) => accept(&desk, &parts, body).await,
        Err(refused) => refused,
    };
    let delivery = text(&parts.headers, "x-github-delivery").unwrap_or_default();
    tracing::info!(delivery, event, outcome, status = status.as_u16(), "webhook");
    desk.metrics.delivery(event, outcome);
    if (status, outcome) == PONG {
        return (status, "pong\n").into_response();
    }
    // No word to the sender about what was wrong: whoever asks may be anybody.
    status.into_response()
}

/// What is answered, and the word under which it is logged and counted.
type Answered = (StatusCode, &'static str);

/// To the delivery by which GitHub tries a webhook that was just set.
const PONG: Answered = (StatusCode::OK, "pong");

/// The whole body. axum's own limit of 2 MiB does not apply, because no extractor of axum's reads it.
async fn read_body(desk: &Desk, headers: &HeaderMap, body: Body) -> Result<Whole, Answered> {
    const TOO_LARGE: Answered = (StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(TOO_LARGE);
    }
    desk.bodies.read(body, MAX_BODY).await.map_err(|not_read| match not_read {
        NotRead::TooLarge => TOO_LARGE,
        NotRead::CutOff => (StatusCode::BAD_REQUEST, "cut-off"),
        NotRead::TooSlow => (StatusCode::REQUEST_TIMEOUT, TOO_SLOW),
        NotRead::CrowdedOut => (StatusCode::SERVICE_UNAVAILABLE, CROWDED_OUT),
    })
}

async fn accept(desk: &Desk, parts: &Parts, body: Whole) -> Answered {
    let headers = &parts.headers;
    let signature = headers.get("x-hub-signature-256").map(http::HeaderValue::as_bytes);
    if !signature::check(&desk.secrets.current(), signature, &body.bytes) {
        return (StatusCode::UNAUTHORIZED, BAD_SIGNATURE);
    }
    // From here on it is the forge's.
    let body = body.signed();
    let busy = parts.extensions.get::<Busy>().cloned().unwrap_or_default();
    busy.set(true);
    let accepted = store(desk, headers, &body).await;
    busy.set(false);
    accepted
}

async fn store(desk: &Desk, headers: &HeaderMap, body: &[u8]) -> Answered {
    let (Some(event), Some(guid)) = (text(headers, "x-github-event"), text(headers, "x-github-delivery")) else {
        return (StatusCode::BAD_REQUEST, "malformed");
    };
    let Some(body) = form::payload(headers, body) else { return (StatusCode::BAD_REQUEST, "no-payload") };
    match event::parse(event, guid, &body, &desk.bearings) {
        Err(error) => {
            tracing::warn!(delivery = guid, event, line = error.line(), column = error.column(), "webhook body is malformed");
            (StatusCode::BAD_REQUEST, "malformed")
        }
        Ok(None) if event == "ping" => PONG,
        Ok(None) => (StatusCode::ACCEPTED, "unknown"),
        Ok(Some(arrival)) if arrival.due.is_empty() && arrival.command.is_none() => (StatusCode::ACCEPTED, "ignored"),
        Ok(Some(arrival)) => match desk.intake.store(arrival).await {
            Ok(()) => (StatusCode::ACCEPTED, "stored"),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, NOT_STORED),
        },
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty() && value.len() <= 200)
}

fn known_event(headers: &HeaderMap) -> &'static str {
    let name = text(headers, "x-github-event").unwrap_or_default();
    EVENTS.into_iter().find(|known| *known == name).unwrap_or(OTHER)
}

async fn ready(State(desk): State<Desk>) -> (StatusCode, String) {
    let not_ready = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n"));
    if let Some(trouble) = desk.health.trouble().await {
        return not_ready(&format!("the store takes no writes: {trouble}"));
    }
    if !desk.pulse.is_alive() {
        return not_ready("no worker is alive");
    }
    // From what was last heard, and not by asking: whoever probes must not use up requests.
    let credentials = &desk.pulse.credentials;
    let intercepted = credentials.intercepted_for();
    if intercepted.is_some_and(|lasting| lasting >= INTERCEPTION) {
        return not_ready(&format!("nothing but pages of HTML has come instead of GitHub's answers: {INTERCEPTED}"));
    }
    if credentials.are_refused() {
        return not_ready(&format!("GitHub refuses the App's credentials: {}", credentials.advice()));
    }
    // Webhooks are taken without GitHub, and one page may be a proxy's that was down for a moment.
    let ok = intercepted
        .map_or_else(|| "ok\n".to_owned(), |_| format!("ok, but a page of HTML came instead of GitHub's last answer: {INTERCEPTED}\n"));
    (StatusCode::OK, ok)
}

async fn show_metrics(State(desk): State<Desk>) -> Response {
    if let (Ok(depth), Ok(age)) = (desk.store.depth().await, desk.store.age().await) {
        desk.metrics.queue(depth, age);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], desk.metrics.render()).into_response()
}
