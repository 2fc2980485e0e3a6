//! The whole service as one function: what the command line, the sandbox and the tests start.
//!
//! Comes in: checked settings, a listener, a clock, and when to stop. Goes out: nothing until then; it ends when the requests and the runs
//! in progress have ended.

mod renewal;

pub use renewal::Renewal;

use crate::clock::Clock;
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
use crate::worker::Bench;
use crate::worker::judgement::Judgement;
use crate::worker::notify::Notifier;
use secrecy::ExposeSecret;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Before the second try of a read.
const BACK_OFF: Duration = Duration::from_millis(250);
/// How long runs in progress may take to end. Their leases run out after it, and others take them over.
const DRAIN: Duration = Duration::from_secs(30);

/// Why the service did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("github: {0}")]
    Forge(#[from] ForgeError),
    #[error("GitHub does not take the App's credentials: {0}")]
    Credentials(ForgeError),
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
/// The key is unusable, or the listener fails.
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
        .with_pages(config.pages.clone())
        .telling(notifier);
    if config.github.webhook_secrets.len() > 1 {
        tracing::warn!("more than one webhook secret is set: remove the old one when the new one is in use everywhere");
    }
    if config.pages.as_ref().is_some_and(|pages| pages.public_url.starts_with("http://")) {
        tracing::warn!("server.public_url is not https: whoever listens on the way to it reads the pages of checks");
    }
    tracing::info!(listen = %config.listen, api = config.github.api_url, "astride serves");
    let working = tokio::spawn(worker::work(bench, config.worker.concurrency, pulse, stop.clone()));
    let served = listener::listen(listener, server::router(desk), &config.edge, stop.clone()).await;
    // However the listener ended, nothing comes in any more.
    stop.cancel();
    if tokio::time::timeout(DRAIN, working).await.is_err() {
        tracing::warn!("runs in progress did not end in time; they are taken over at the next start");
    }
    store.close().await;
    Ok(served?)
}

/// What `check` saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The App's short name.
    pub app: String,
    /// Whether the store is another process's: of a service that runs, one hopes.
    pub store_in_use: bool,
}

/// Sees that the service could start, and that GitHub takes its credentials: what can be known without serving.
///
/// # Errors
/// As `serve`; or GitHub refuses the credentials, or does not answer.
pub async fn check(config: &Config, clock: Clock) -> Result<Checked, ServeError> {
    let opened = Store::open(config.store_url.expose_secret(), clock.clone()).await;
    let store_in_use = matches!(opened, Err(StoreError::InUse(_)));
    let store = if store_in_use { Store::open("sqlite::memory:", clock.clone()).await? } else { opened? };
    store.check().await?;
    let pace = Pace { write_gap: config.worker.write_gap, back_off: BACK_OFF };
    let signed_in = match Forge::new(&config.github, pace, store.clone(), clock, Metrics::default()) {
        Ok(forge) => forge.sign_in().await.and_then(|(app, _)| app).map_err(ServeError::Credentials),
        Err(error) => Err(error.into()),
    };
    store.close().await;
    Ok(Checked { app: signed_in?.slug, store_in_use })
}

fn bearings(config: &Config) -> Bearings {
    let ledger_repository = config.ledger.repository.as_ref().map(|(owner, name)| format!("{owner}/{name}").to_lowercase());
    Bearings { ledger_branch: config.ledger.branch.clone(), ledger_repository }
}
