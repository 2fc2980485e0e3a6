//! The stand-in for GitHub: a stateful server that behaves as GitHub does, with faults on plan.
//!
//! Comes in: requests of the service through [`StandIn::router`], and what people do through [`StandIn::act`]. Goes out: answers,
//! signed webhooks to a [`Deliver`] sink, a record of all requests, and a [`StandIn::dump`] of the final state to compare. It holds real
//! git objects, so that SHAs, merge bases and patches are what git says they are. It never opens a connection.
//!
//! ```
//! use astride::sandbox::github::{Options, StandIn};
//! use astride::sandbox::github::people::{Opening, Push, Visibility};
//! use astride::sandbox::github::state::UserKind;
//!
//! let standin = StandIn::new(Options::default());
//! let number = standin.act(|github| {
//!     github.add_repository("acme/shop", Visibility::Private, &[("README.md", "shop\n".into())])?;
//!     github.install("acme", None);
//!     github.add_user("mona", UserKind::Person);
//!     let changes = [("template.yaml", Some("Resources: {}\n".into()))];
//!     github.push(&Push { repository: "acme/shop", branch: "orders", by: "mona", changes: &changes, message: "Add a template" })?;
//!     let opening =
//!         Opening { repository: "acme/shop", by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
//!     github.open_pull(&opening)
//! });
//! assert_eq!(number, Ok(1));
//! assert_eq!(standin.deliveries().last().map(|delivery| delivery.name()).as_deref(), Some("pull_request.opened"));
//! ```
//!
//! The clock is logical: it stands still but for [`StandIn::act`], which moves it a minute, so that all times are the same in every run,
//! whatever is tried again in between.

pub mod access;
pub mod actions;
mod activity;
mod answer;
mod app;
mod call;
mod checks;
mod comments;
mod contents;
mod contributions;
pub mod deliveries;
mod dump;
mod events;
pub mod faults;
mod git;
mod graphql;
mod issues;
mod limits;
mod members;
pub mod people;
mod proposals;
mod pulls;
mod registration;
mod review_comments;
mod review_requests;
mod reviews;
mod routes;
mod server;
pub mod state;
mod suggestions;
mod talk;
mod wire;

use crate::change::Timestamp;
use crate::forge::permissions::Variant;
use crate::sandbox::github::deliveries::Deliver;
use crate::sandbox::github::deliveries::Deliveries;
use crate::sandbox::github::deliveries::Delivery;
use crate::sandbox::github::deliveries::Way;
use crate::sandbox::github::deliveries::Which;
use crate::sandbox::github::faults::Fault;
use crate::sandbox::github::faults::Faults;
use crate::sandbox::github::faults::Recorded;
use crate::sandbox::github::limits::Limits;
use crate::sandbox::github::state::App;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::User;
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::state::WEB_FLOW;
use axum::Router;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// How the stand-in starts.
#[derive(Clone, Debug)]
pub struct Options {
    pub app_id: u64,
    /// Its user is `slug[bot]`.
    pub app_slug: String,
    /// Signs the webhooks.
    pub webhook_secret: String,
    /// Where the API is reached, without a slash at the end; with `/api/v3` it gives addresses as an Enterprise Server does.
    /// `serve` replaces the host by where it listens.
    pub api_url: String,
    /// The beginning of every `html_url`.
    pub web_url: String,
    /// What the clock shows at first.
    pub start: Timestamp,
    /// By how much every `act` moves the clock, in seconds.
    pub step: i64,
    /// Requests per hour.
    pub rate_limit: u64,
    /// Points of GraphQL that an installation has an hour.
    pub graphql_limit: u64,
    /// Entries of a recursive listing before it is `truncated`.
    pub tree_limit: usize,
    /// Whether what an App commits is signed: an Enterprise Server may be set up without.
    pub signs: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            app_id: 4242,
            app_slug: "astride".to_owned(),
            webhook_secret: "a secret of the stand-in".to_owned(),
            api_url: "http://api.standin.test".to_owned(),
            web_url: "https://github.com".to_owned(),
            // 2026-11-24T08:00:00Z
            start: Timestamp(1_795_507_200),
            step: 60,
            rate_limit: 5_000,
            graphql_limit: 5_000,
            tree_limit: 100_000,
            signs: true,
        }
    }
}

/// The stand-in. Clones are handles to the same one.
#[derive(Clone)]
pub struct StandIn {
    inner: Arc<Inner>,
}

struct Inner {
    github: Mutex<Github>,
    sink: Mutex<Option<Box<dyn Deliver>>>,
    hung: Notify,
    step: i64,
}

impl StandIn {
    pub fn new(options: Options) -> Self {
        let step = options.step;
        let github = Mutex::new(new_github(options));
        Self { inner: Arc::new(Inner { github, sink: Mutex::new(None), hung: Notify::new(), step }) }
    }

    /// Where deliveries go from now on; what was delivered before stays in the log.
    pub fn deliver_to(&self, sink: impl Deliver + 'static) {
        *self.inner.sink.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(sink));
    }

    /// The API, at `/` and, as a GitHub Enterprise Server has it, at `/api/v3`.
    pub fn router(&self) -> Router {
        Router::new().fallback(server::answer).with_state(self.clone())
    }

    /// Serves until the task is dropped, and makes all addresses those of the listener.
    ///
    /// # Errors
    ///
    /// Where the listener has no address or accepting fails for good.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        let address = listener.local_addr()?;
        {
            let mut github = self.lock();
            let prefix = if github.api_url.ends_with("/api/v3") { "/api/v3" } else { "" };
            github.api_url = format!("http://{address}{prefix}");
        }
        axum::serve(listener, self.router()).await
    }

    /// Somebody does something: the clock moves on, then the events go out.
    pub fn act<T>(&self, action: impl FnOnce(&mut Github) -> T) -> T {
        let done = {
            let mut github = self.lock();
            github.advance(self.inner.step);
            action(&mut github)
        };
        self.hand_out();
        done
    }

    /// Looks at the state or tunes it; the clock stands still.
    pub fn with<T>(&self, look: impl FnOnce(&mut Github) -> T) -> T {
        look(&mut self.lock())
    }

    /// Plans one fault more.
    pub fn plan(&self, fault: Fault) {
        self.lock().faults.plan(fault);
    }

    /// Plans what happens to one delivery.
    pub fn plan_delivery(&self, which: Which, way: Way) {
        self.lock().deliveries.plan(which, way);
    }

    /// From now on all goes well: no faults, and what was held back is delivered.
    pub fn recover(&self) {
        {
            let mut github = self.lock();
            github.faults.forget_plan();
            github.deliveries.release_late();
        }
        self.hand_out();
    }

    /// Notified each time that a request hangs on plan; a permit is kept for who asks later.
    pub fn on_hang(&self) -> &Notify {
        &self.inner.hung
    }

    /// All requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.lock().faults.recorded.clone()
    }

    /// All deliveries so far, in the order in which they were caused; the lost ones too.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.lock().deliveries.log().to_vec()
    }

    /// What the receiver answered to a delivery; kept in the log that the App can read.
    pub fn answered(&self, delivery: u64, status: u16) {
        self.lock().deliveries.answered(delivery, status);
    }

    /// The visible state as text, the same for the same state: to compare how two runs end.
    pub fn dump(&self) -> String {
        dump::render(&self.lock())
    }

    /// The App's private key, as GitHub hands it out (PKCS#1, PEM).
    pub fn private_key(&self) -> &'static str {
        access::APP_KEY
    }

    fn lock(&self) -> MutexGuard<'_, Github> {
        // A panic of one test's action must not hide behind a second one.
        self.inner.github.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_out(&self) {
        let sink = self.inner.sink.lock().unwrap_or_else(PoisonError::into_inner);
        let ready = self.lock().deliveries.take();
        if let Some(sink) = sink.as_ref() {
            ready.iter().for_each(|delivery| sink.deliver(delivery));
        }
    }
}

fn new_github(options: Options) -> Github {
    let app = App {
        id: options.app_id,
        slug: options.app_slug.clone(),
        name: "Astride".to_owned(),
        permissions: access::permissions_of(Variant::Standard),
        events: Variant::Standard.events().map(|event| event.name.to_owned()).collect(),
    };
    let mut github = Github {
        apps: BTreeMap::from([(app.id, app.clone())]),
        app,
        app_owner: None,
        codes: BTreeMap::new(),
        hook_url: "https://example.org/webhook".to_owned(),
        hook_active: true,
        hook_secret_is_set: true,
        app_keys: vec![access::APP_KEY.to_owned()],
        hour_counts: false,
        bot: 0,
        now: options.start,
        ids: state::Ids::default(),
        users: BTreeMap::new(),
        networks: BTreeMap::new(),
        repositories: BTreeMap::new(),
        renamed: BTreeMap::new(),
        teams: BTreeMap::new(),
        suites: BTreeMap::new(),
        installations: BTreeMap::new(),
        tokens: access::Tokens::default(),
        deliveries: Deliveries::new(&options.webhook_secret),
        faults: Faults::default(),
        limits: Limits::new(options.rate_limit, options.graphql_limit, options.start),
        api_url: options.api_url,
        web_url: options.web_url,
        tree_limit: options.tree_limit,
        signs: options.signs,
    };
    let web_flow = User { id: WEB_FLOW, login: "web-flow".to_owned(), kind: UserKind::Person };
    github.users.insert(WEB_FLOW, web_flow);
    github.bot = github.add_user(&format!("{}[bot]", options.app_slug), UserKind::Bot);
    github
}
