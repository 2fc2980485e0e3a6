//! The whole service as one function: what the command line, the sandbox and the tests start.
//!
//! Comes in: checked settings, a listener, a clock, and when to stop. Goes out: nothing until then; it ends when the requests and the runs
//! in progress have ended.

mod renewal;

pub use renewal::Renewal;

use crate::clock::Clock;
use crate::forge::app::clock_words;
use crate::forge::error::ForgeError;
use crate::forge::shared::{Forge, Pace};
use crate::forge::transport::Transport;
use crate::metrics::Metrics;
use crate::queue::{Store, StoreError};
use crate::server;
use crate::server::config::Config;
use crate::server::event::Bearings;
use crate::server::home::Home;
use crate::server::listener;
use crate::server::signature::Secrets;
use crate::server::{Desk, Pulse};
use crate::worker;
use crate::worker::judgement::Judgement;
use crate::worker::notify::Notifier;
use crate::worker::{Bench, Seed};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Before the second try of a read.
const BACK_OFF: Duration = Duration::from_millis(250);
/// How long runs in progress may take to end. Their leases run out after it, and others take them over.
const DRAIN: Duration = Duration::from_secs(30);
/// Between two looks whether the store's file is still the one that was opened.
const FILE_LOOK: Duration = Duration::from_secs(2);

/// Why the service did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("github: {0}")]
    Forge(#[from] ForgeError),
    #[error("{}: {error}: {advice}", if error.is_pause() { "GitHub does not answer" } else { "GitHub does not take the App's credentials" })]
    Credentials { error: ForgeError, advice: String },
    #[error("the listener failed: {0}")]
    Listener(#[from] std::io::Error),
}

/// Serves webhooks and works on what they make due, until `stop`.
///
/// # Errors
/// The store or the key is unusable, or the listener fails.
pub async fn serve(
    config: Config,
    listener: TcpListener,
    clock: Clock,
    judgement: Judgement,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let store = Store::open(config.store_url.expose_secret(), clock.clone()).await?;
    serve_on(store, config, listener, clock, judgement, stop).await
}

/// The same, on a store that is open already; it is closed at the end.
///
/// # Errors
/// The key is unusable, the listener fails, or the store's file is moved or deleted.
pub async fn serve_on(
    store: Store,
    config: Config,
    listener: TcpListener,
    clock: Clock,
    judgement: Judgement,
    stop: CancellationToken,
) -> Result<(), ServeError> {
    let metrics = Metrics::default();
    let pace = Pace { write_gap: config.worker.write_gap, back_off: BACK_OFF };
    let forge = Forge::new(&config.github, pace, store.clone(), clock.clone(), metrics.clone())?;
    let pulse = Pulse::new(clock.clone()).acting_with(forge.credentials());
    let secrets = Secrets::new(&config.github.webhook_secrets);
    if let Some(source) = config.source.clone() {
        tokio::spawn(Renewal::new(source, &config.github, forge.clone(), secrets.clone()).keep_looking(stop.clone()));
    }
    let desk = Desk::new(secrets, bearings(&config), store.clone(), metrics.clone(), pulse.clone(), &config.edge);
    let desk = desk.at_home(Home::of(&config, forge.clone()));
    let notifier = match config.notify.clone() {
        Some(notify) => Some(Notifier::new(notify, Transport::without_redirects(&config.github.route)?)),
        None => None,
    };
    let bench = Bench::new(forge, store.clone(), config.ledger.clone(), judgement, clock, metrics)
        .seeded(Seed::random())
        .with_pages(config.pages.clone())
        .telling(notifier);
    if config.github.webhook_secrets.len() > 1 {
        tracing::warn!("more than one webhook secret is set: remove the old one when the new one is in use everywhere");
    }
    if config.pages.as_ref().is_some_and(|pages| pages.public_url.starts_with("http://")) {
        tracing::warn!("server.public_url is not https: whoever listens on the way to it reads the pages of checks");
    }
    tracing::info!(listen = %config.listen, api = config.github.api_url, "astride serves");
    let watching = tokio::spawn(watch_file(store.clone(), stop.clone()));
    let working = tokio::spawn(worker::work(bench, config.worker.concurrency, pulse, stop.clone()));
    let served = listener::listen(listener, server::router(desk), &config.edge, stop.clone()).await;
    // However the listener ended, nothing comes in any more.
    stop.cancel();
    if tokio::time::timeout(DRAIN, working).await.is_err() {
        tracing::warn!("runs in progress did not end in time; they are taken over at the next start");
    }
    store.close().await;
    served?;
    // Looked for until `stop`, which has come.
    Ok(watching.await.unwrap_or(Ok(()))?)
}

/// Stops the service where its database's file is no longer the one at its path: whatever it would write there nobody ever finds.
async fn watch_file(store: Store, stop: CancellationToken) -> Result<(), StoreError> {
    while stop.run_until_cancelled(tokio::time::sleep(FILE_LOOK)).await.is_some() {
        if let Err(displaced) = store.stays() {
            stop.cancel();
            return Err(displaced);
        }
    }
    Ok(())
}

/// How the store stands before the service is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundStore {
    TakesWrites,
    /// It is another process's: of a service that runs, one hopes.
    InUse,
    /// This file will be made at the start.
    NotYet(PathBuf),
}

/// What `check` saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The App's short name.
    pub app: String,
    pub store: FoundStore,
    /// By how much this machine's clock differs from GitHub's, in words, where that is too much.
    pub clock: Option<String>,
}

/// Sees that the service could start, and that GitHub takes its credentials: what can be known without serving.
///
/// # Errors
/// As `serve`; or GitHub refuses the credentials, or does not answer.
pub async fn check(config: &Config, clock: Clock) -> Result<Checked, ServeError> {
    const NOWHERE: &str = "sqlite::memory:";
    let url = config.store_url.expose_secret();
    let (store, found) = match Store::missing(url)? {
        // Whoever looks is not always the service's user, whose file it has to be.
        Some(file) => (Store::open(NOWHERE, clock.clone()).await?, FoundStore::NotYet(file)),
        None => match Store::open(url, clock.clone()).await {
            Err(StoreError::InUse(_)) => (Store::open(NOWHERE, clock.clone()).await?, FoundStore::InUse),
            opened => (opened?, FoundStore::TakesWrites),
        },
    };
    store.check().await?;
    let signed_in = sign_in(config, &store, clock).await;
    store.close().await;
    let (app, clock) = signed_in?;
    Ok(Checked { app, store: found, clock })
}

/// The App's short name, and what is wrong with the clock.
async fn sign_in(config: &Config, store: &Store, clock: Clock) -> Result<(String, Option<String>), ServeError> {
    let pace = Pace { write_gap: config.worker.write_gap, back_off: BACK_OFF };
    let forge = Forge::new(&config.github, pace, store.clone(), clock, Metrics::default())?;
    let refused = |error: ForgeError, advice: String| ServeError::Credentials { error, advice };
    let (app, date) = forge.sign_in().await.map_err(|error| {
        let advice = error.way_out().to_owned();
        refused(error, advice)
    })?;
    let clock = date.and_then(|date| clock_words(forge.clock().timestamp().0 - date.0));
    let app = app.map_err(|error| {
        // Only what was said to the credentials themselves says something of clock and key.
        let are_refused = forge.credentials().are_refused();
        let advice = if are_refused && clock.is_some() { forge.credentials().advice() } else { error.way_out().to_owned() };
        refused(error, advice)
    })?;
    Ok((app.slug, clock))
}

fn bearings(config: &Config) -> Bearings {
    let ledger_repository = config.ledger.repository.as_ref().map(|(owner, name)| format!("{owner}/{name}").to_lowercase());
    Bearings { ledger_branch: config.ledger.branch.clone(), ledger_repository }
}
