//! The service beside its stand-in, on loopback: what the sandbox plays on, and the tests.
//!
//! Comes in: a stand-in with a repository, and a file for the store. Goes out: a running service whose webhooks come from the stand-in.
//! `settle` waits until everything that was caused has been worked off.

use crate::clock::Clock;
use crate::decisions::ledger_text;
use crate::queue::Store;
use crate::sandbox::github::StandIn;
use crate::sandbox::github::deliveries::Delivery;
use crate::serve::{ServeError, serve_on};
use crate::server::config::{self, ConfigError};
use crate::worker::judgement::Judgement;
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between two looks whether all is done.
const LOOK: Duration = Duration::from_millis(5);

/// Why the stage could not be set.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("no loopback address: {0}")]
    Address(#[from] io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] crate::queue::StoreError),
}

/// The stand-in's server, the service, and what carries webhooks from the one to the other.
pub struct Stage {
    pub standin: StandIn,
    /// Where the service listens.
    pub service: SocketAddr,
    /// Where the stand-in's API listens.
    pub api: SocketAddr,
    database: PathBuf,
    clock: Clock,
    stop: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
    forge: JoinHandle<io::Result<()>>,
    carrier: JoinHandle<()>,
    /// Deliveries that were caused and are not answered yet.
    traffic: Arc<Traffic>,
    store: Store,
}

impl Stage {
    /// Sets the stage. The webhook secret is the stand-in's.
    ///
    /// # Errors
    /// No address can be had, or the database cannot be opened.
    pub async fn set(standin: StandIn, secret: &str, database: &Path, clock: Clock) -> Result<Self, StageError> {
        Self::set_by(standin, secret, database, clock, "off").await
    }

    /// The same, of a service whose checks link to pages.
    ///
    /// # Errors
    /// As `set`.
    pub async fn set_with_pages(standin: StandIn, secret: &str, database: &Path, clock: Clock) -> Result<Self, StageError> {
        Self::set_by(standin, secret, database, clock, "on").await
    }

    async fn set_by(standin: StandIn, secret: &str, database: &Path, clock: Clock, pages: &str) -> Result<Self, StageError> {
        let forge_listener = TcpListener::bind("127.0.0.1:0").await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (api, service) = (forge_listener.local_addr()?, listener.local_addr()?);
        let mut environment = environment(&standin, secret, api, service, database);
        environment.insert("ASTRIDE_SERVER_PAGES".to_owned(), pages.to_owned());
        let settings = config::parse("sandbox", "", &environment)?;
        let store = Store::open(settings.store_url.expose_secret(), clock.clone()).await?;
        let played = standin.clone();
        let forge = tokio::spawn(async move { played.serve(forge_listener).await });
        let stop = CancellationToken::new();
        let judgement = Judgement::new(ledger_text::append);
        let serving = tokio::spawn(serve_on(store.clone(), settings, listener, clock.clone(), judgement, stop.clone()));
        let traffic = Arc::<Traffic>::default();
        let carrier = carry(&standin, service, Arc::clone(&traffic));
        Ok(Self { standin, service, api, database: database.to_owned(), clock, stop, serving, forge, carrier, traffic, store })
    }

    /// Waits until every webhook is answered and no pull request is due.
    pub async fn settle(&self) {
        self.settling().settle().await;
    }

    /// What tells whether the service is at work, for whoever does not hold the stage.
    pub fn settling(&self) -> Settling {
        Settling { store: self.store.clone(), traffic: Arc::clone(&self.traffic) }
    }

    /// Stops the service as an operator would, and everything beside it.
    pub async fn strike(self) {
        self.stop.cancel();
        let _ = self.serving.await;
        self.forge.abort();
        self.carrier.abort();
        self.store.close().await;
    }

    /// Kills the service where it stands, and gives what is needed to set the stage again.
    pub async fn kill(self) -> (StandIn, PathBuf, Clock) {
        self.serving.abort();
        let _ = self.serving.await;
        self.stop.cancel();
        self.forge.abort();
        self.carrier.abort();
        self.store.close().await;
        (self.standin, self.database, self.clock)
    }
}

/// The settings of the service, as its operator would give them.
fn environment(standin: &StandIn, secret: &str, api: SocketAddr, service: SocketAddr, database: &Path) -> BTreeMap<String, String> {
    [
        ("ASTRIDE_SERVER_LISTEN", service.to_string()),
        ("ASTRIDE_SERVER_PUBLIC_URL", format!("http://{service}")),
        ("ASTRIDE_GITHUB_API_URL", format!("http://{api}")),
        ("ASTRIDE_GITHUB_WEB_URL", standin.with(|github| github.web_url.clone())),
        ("ASTRIDE_GITHUB_APP_ID", standin.with(|github| github.app.id.to_string())),
        ("ASTRIDE_GITHUB_PRIVATE_KEY", standin.private_key().to_owned()),
        ("ASTRIDE_GITHUB_WEBHOOK_SECRETS", secret.to_owned()),
        ("ASTRIDE_STORE_URL", format!("sqlite://{}", database.display())),
        ("ASTRIDE_WORKER_WRITE_GAP_MS", "0".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// How many webhooks there were, and how many of them are not answered yet.
#[derive(Debug, Default)]
struct Traffic {
    caused: AtomicUsize,
    in_flight: AtomicUsize,
}

/// Tells whether everything that was caused has been worked off.
#[derive(Clone, Debug)]
pub struct Settling {
    store: Store,
    traffic: Arc<Traffic>,
}

impl Settling {
    /// Whether every webhook is answered and no pull request is due. What was answered is in the store: it is asked after that, and counts where no
    /// other webhook was caused meanwhile.
    pub async fn is_settled(&self) -> bool {
        let caused = self.traffic.caused.load(Ordering::Acquire);
        if self.traffic.in_flight.load(Ordering::Acquire) > 0 {
            return false;
        }
        let queued = self.store.depth().await.map_or(1, |[queued, running, ..]| queued + running);
        queued == 0 && self.traffic.caused.load(Ordering::Acquire) == caused
    }

    /// Waits until it is so.
    pub async fn settle(&self) {
        while !self.is_settled().await {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Carries deliveries over HTTP, in the order in which they are handed out.
fn carry(standin: &StandIn, service: SocketAddr, traffic: Arc<Traffic>) -> JoinHandle<()> {
    let (sender, deliveries) = unbounded_channel();
    standin.deliver_to(Counted { sender, traffic: Arc::clone(&traffic) });
    tokio::spawn(pump(standin.clone(), service, deliveries, traffic))
}

struct Counted {
    sender: tokio::sync::mpsc::UnboundedSender<Delivery>,
    traffic: Arc<Traffic>,
}

impl crate::sandbox::github::deliveries::Deliver for Counted {
    fn deliver(&self, delivery: &Delivery) {
        self.traffic.in_flight.fetch_add(1, Ordering::AcqRel);
        self.traffic.caused.fetch_add(1, Ordering::AcqRel);
        if self.sender.send(delivery.clone()).is_err() {
            self.traffic.in_flight.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

async fn pump(standin: StandIn, service: SocketAddr, mut deliveries: UnboundedReceiver<Delivery>, traffic: Arc<Traffic>) {
    let app = standin.with(|github| github.app.id);
    while let Some(delivery) = deliveries.recv().await {
        // GitHub does not try again either; what is lost here is the sweep's to find.
        if let Ok(status) = post(service, &delivery.headers(app), &delivery.body).await {
            standin.answered(delivery.id, status);
        }
        traffic.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One webhook as GitHub posts it; gives the status.
async fn post(service: SocketAddr, headers: &[(&'static str, String)], body: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect(service).await?;
    let mut request = format!("POST /webhook HTTP/1.1\r\nhost: {service}\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|(name, value)| request.push_str(&format!("{name}: {value}\r\n")));
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| io::Error::other("no status line"))
}
