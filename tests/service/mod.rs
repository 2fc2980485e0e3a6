//! The service's parts around the stand-in: what `tests/forge.rs` and `tests/worker.rs` both need.

#![allow(unreachable_pub, dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use astride::change::Right;
use astride::clock::Clock;
use astride::decisions::Block;
use astride::forge::shared::{Forge, Pace};
use astride::metrics::Metrics;
use astride::queue::Store;
use astride::sandbox::github::deliveries::Delivery;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::{Options, StandIn};
use astride::sandbox::objects::Content;
use astride::server::config::{Config, Pages, parse};
use astride::server::event::Bearings;
use astride::server::home::Home;
use astride::server::signature::Secrets;
use astride::server::{Desk, Pulse, router};
use astride::source::RepoPath;
use astride::worker::judgement::Judgement;
use astride::worker::{Bench, drain};
use axum::Router;
use axum::body::Body;
use http::Request;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::task::AbortOnDropHandle;
use tower::ServiceExt;

pub const SHOP: &str = "acme/shop";
/// A template whose change makes a function URL public.
pub const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
";
pub const OPENED: &str = "      FunctionUrlConfig:
        AuthType: NONE
";

/// The stand-in, and all of the service but its listener.
pub struct Service {
    pub standin: StandIn,
    pub bench: Bench,
    pub router: Router,
    /// The workers' sign of life: whoever drains the queue gives none.
    pub pulse: Pulse,
    /// What signs webhooks.
    pub secrets: Secrets,
    delivered: Mutex<UnboundedReceiver<Delivery>>,
    ahead: Arc<AtomicI64>,
    /// Where it serves its stand-in itself.
    served: Option<Served>,
}

/// Where the documentation is said to be published, in the tests that ask for it.
pub const DOCS: &str = "https://docs.acme.example/astride";

/// Where the service is said to be reached, in the tests that ask for pages.
pub const PUBLIC: &str = "https://astride.acme.example";

pub fn config(api_url: &str, key: &str, docs_url: &str) -> Config {
    let set = |name: &str, value: &str| (format!("ASTRIDE_{name}"), value.to_owned());
    let environment = BTreeMap::from([
        set("GITHUB_API_URL", api_url),
        set("GITHUB_APP_ID", "4242"),
        set("GITHUB_PRIVATE_KEY", key),
        set("GITHUB_WEBHOOK_SECRETS", &Options::default().webhook_secret),
        set("GITHUB_DOCS_URL", docs_url),
        set("STORE_URL", "sqlite::memory:"),
    ]);
    parse("", "", &environment).unwrap()
}

pub fn append(old: &str, _: &RepoPath, blocks: &[Block]) -> String {
    format!("{old}{}", blocks.iter().map(|block| format!("- {}\n", block.threat)).collect::<String>())
}

/// A stand-in that is served on loopback as long as this is kept.
pub struct Served {
    pub api_url: String,
    _task: AbortOnDropHandle<()>,
}

pub async fn serve(standin: &StandIn) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api_url = format!("http://{}", listener.local_addr().unwrap());
    let standin = standin.clone();
    let task = tokio::spawn(async move {
        let _ = standin.serve(listener).await;
    });
    Served { api_url, _task: AbortOnDropHandle::new(task) }
}

impl Service {
    pub async fn new() -> Self {
        Self::with(Judgement::new(append)).await
    }

    pub async fn with(judgement: Judgement) -> Self {
        Self::beside(Options::default(), judgement).await
    }

    /// The same, beside a stand-in that is set up otherwise.
    pub async fn beside(options: Options, judgement: Judgement) -> Self {
        let standin = StandIn::new(options);
        let served = serve(&standin).await;
        let service = Self::around(standin, &served.api_url, "sqlite::memory:", 0, judgement).await;
        Self { served: Some(served), ..service }
    }

    /// The same, with links to the documentation.
    pub async fn with_docs(judgement: Judgement) -> Self {
        let standin = StandIn::new(Options::default());
        let served = serve(&standin).await;
        let config = config(&served.api_url, standin.private_key(), DOCS);
        let service = Self::configured(standin, config, "sqlite::memory:", 0, judgement).await;
        Self { served: Some(served), ..service }
    }

    /// The same, with pages that checks link to.
    pub async fn with_pages(judgement: Judgement) -> Self {
        let standin = StandIn::new(Options::default());
        let served = serve(&standin).await;
        let pages = Some(Pages { public_url: PUBLIC.to_owned(), keep: Duration::from_secs(90 * 24 * 60 * 60) });
        let config = Config { pages, ..config(&served.api_url, standin.private_key(), "") };
        let service = Self::configured(standin, config, "sqlite::memory:", 0, judgement).await;
        Self { served: Some(served), ..service }
    }

    /// The service around a stand-in that is served already, as it comes up again after a crash. Its clock is the stand-in's, some seconds on.
    pub async fn around(standin: StandIn, api_url: &str, store_url: &str, ahead: i64, judgement: Judgement) -> Self {
        let config = config(api_url, standin.private_key(), "");
        Self::configured(standin, config, store_url, ahead, judgement).await
    }

    /// The same, with its store lost.
    pub async fn forgotten(self, judgement: Judgement) -> Self {
        let Self { standin, served, .. } = self;
        let served = served.expect("it serves its stand-in itself");
        let service = Self::around(standin, &served.api_url, "sqlite::memory:", 60, judgement).await;
        Self { served: Some(served), ..service }
    }

    async fn configured(standin: StandIn, config: Config, store_url: &str, ahead: i64, judgement: Judgement) -> Self {
        let told = standin.clone();
        let ahead = Arc::new(AtomicI64::new(ahead));
        let seconds = ahead.clone();
        let clock = Clock::by(move || told.with(|github| (github.now().0 + seconds.load(Ordering::Relaxed)) * 1000));
        let store = Store::open(store_url, clock.clone()).await.unwrap();
        let metrics = Metrics::default();
        let pace = Pace { write_gap: Duration::ZERO, back_off: Duration::ZERO };
        let forge = Forge::new(&config.github, pace, store.clone(), clock.clone(), metrics.clone()).unwrap();
        let bearings = Bearings { ledger_branch: config.ledger.branch.clone(), ledger_repository: None };
        let pulse = Pulse::new(clock.clone()).acting_with(forge.credentials());
        let secrets = Secrets::new(&config.github.webhook_secrets);
        let desk = Desk::new(secrets.clone(), bearings, store.clone(), metrics.clone(), pulse.clone(), &config.edge);
        let desk = desk.at_home(Home::of(&config, forge.clone()));
        let bench = Bench::new(forge, store, config.ledger, judgement, clock, metrics).with_pages(config.pages);
        // What was delivered and not handed in is lost with the service that it was for.
        let (sender, delivered) = unbounded_channel();
        standin.deliver_to(sender);
        Self { standin, bench, router: router(desk), pulse, secrets, delivered: Mutex::new(delivered), ahead, served: None }
    }

    /// A repository with a template on `main`, and a pull request that opens its function to the internet.
    pub fn open_pull(&self) -> u64 {
        self.standin.act(|github| {
            let files = [("template.yaml", TEMPLATE.into()), (".github/astride.yml", "mode: enforce\n".into())];
            github.add_repository(SHOP, Visibility::Private, &files).unwrap();
            github.install("acme", None);
            github.set_role(SHOP, "mona", Right::Write).unwrap();
            github.set_role(SHOP, "rita", Right::Maintain).unwrap();
        });
        self.push("orders", &format!("{TEMPLATE}{OPENED}"));
        self.standin.act(|github| {
            let opening = Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
            github.open_pull(&opening).unwrap()
        })
    }

    pub fn push(&self, branch: &str, template: &str) {
        self.standin.act(|github| {
            let changes = [("template.yaml", Some(Content::Text(template.to_owned())))];
            github.push(&Push { repository: SHOP, branch, by: "mona", changes: &changes, message: "Orders" }).unwrap()
        });
    }

    /// Hands in what the stand-in has delivered since, and gives the statuses.
    pub async fn deliver(&self) -> Vec<u16> {
        let mut delivered = self.delivered.lock().await;
        let mut statuses = Vec::new();
        while let Ok(delivery) = delivered.try_recv() {
            let mut request = Request::post("/webhook");
            for (name, value) in delivery.headers(4242) {
                request = request.header(name, value);
            }
            let request = request.body(Body::from(delivery.body)).unwrap();
            let status = self.router.clone().oneshot(request).await.unwrap().status().as_u16();
            self.standin.answered(delivery.id, status);
            statuses.push(status);
        }
        statuses
    }

    /// Loses what was delivered and not handed in: the service was down.
    pub async fn lose(&self) {
        let mut delivered = self.delivered.lock().await;
        while delivered.try_recv().is_ok() {}
    }

    /// Lets the service's clock run ahead, by seconds.
    pub fn wait(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Delivers and works until nothing is left.
    pub async fn settle(&self) -> usize {
        let mut runs = 0;
        loop {
            self.deliver().await;
            let more = drain(&self.bench).await;
            runs += more;
            assert!(runs < 500, "it never settles; the last requests: {:#?}", self.last_requests());
            if more == 0 {
                return runs;
            }
        }
    }

    fn last_requests(&self) -> Vec<String> {
        let requests = self.standin.requests();
        requests.iter().rev().take(30).map(|request| format!("{} {} {:?}", request.method, request.path, request.status)).collect()
    }

    pub fn writes(&self) -> usize {
        self.standin.requests().iter().filter(|request| request.is_write() && !request.path.contains("access_tokens")).count()
    }
}
