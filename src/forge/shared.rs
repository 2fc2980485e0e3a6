//! What all requests to the forge share: where it is, as whom they ask, what is known of it, and the store behind them.
//!
//! Comes in: the settings of the service. Goes out: clients, each for the App or for an installation. The App's key may be another one from one
//! request to the next; everything else stays as it was at the start.

use super::answer;
use super::app::{AppKey, Credentials};
use super::client::{Client, Who};
use super::error::ForgeError;
use super::lane::Lanes;
use super::own::OwnEditions;
use super::permissions::{Feature, Permissions, permissions_of};
use super::settings::WithoutSettings;
use super::token::{Scope, Tokens};
use super::transport::Transport;
use super::wire;
use crate::change::{Docs, Reproductions, Timestamp};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::outage::Outage;
use crate::queue::Store;
use crate::server::config::Github;
use http::{Method, header};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

/// How long is waited; zero in tests.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between writes.
    pub write_gap: Duration,
    /// Before the second try of a read; doubled for each further one.
    pub back_off: Duration,
}

/// What was seen of an installation.
#[derive(Clone, Debug, Default)]
pub(super) struct Installed {
    pub(super) at: Timestamp,
    pub(super) granted: Permissions,
}

/// The forge as the App sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Forge(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) transport: Transport,
    pub(super) api: String,
    pub(super) graphql: String,
    pub(super) web: String,
    pub(super) docs: Docs,
    pub(super) app_id: u64,
    pub(super) key: Mutex<Arc<AppKey>>,
    pub(super) credentials: Credentials,
    pub(super) pace: Pace,
    pub(super) lanes: Lanes,
    pub(super) outage: Outage,
    pub(super) tokens: Tokens,
    pub(super) login: OnceCell<String>,
    pub(super) without_settings: WithoutSettings,
    pub(super) own_editions: OwnEditions,
    /// What was cut down of what people called misread: the next judgement of the same head finds it.
    pub(super) reproductions: Reproductions,
    /// Since when each installation is there, and what it was granted, as far as it was seen.
    pub(super) installed: Mutex<BTreeMap<u64, Installed>>,
    /// Installations, and what it was told already that they do not let us do.
    pub(super) refused: Mutex<BTreeSet<(u64, Feature)>>,
    pub(super) clock: Clock,
    pub(super) store: Store,
    pub(super) metrics: Metrics,
}

impl Forge {
    /// To be called inside a runtime.
    ///
    /// # Errors
    /// `Key`, or `Setup` where the machine has no certificates to trust.
    pub fn new(github: &Github, pace: Pace, store: Store, clock: Clock, metrics: Metrics) -> Result<Self, ForgeError> {
        // <https://docs.github.com/en/enterprise-server/graphql/guides/forming-calls-with-graphql>
        let graphql = github.api_url.strip_suffix("/api/v3").map(|host| format!("{host}/api/graphql"));
        for method in answer::METHODS {
            answer::TROUBLES.into_iter().for_each(|outcome| metrics.expect_request(method, outcome));
        }
        Ok(Self(Arc::new(Inner {
            transport: Transport::new(&github.route)?,
            graphql: graphql.unwrap_or_else(|| format!("{}/graphql", github.api_url)),
            api: github.api_url.clone(),
            web: github.web_url.clone(),
            docs: github.docs.clone(),
            app_id: github.app_id,
            credentials: Credentials::default(),
            key: Mutex::new(Arc::new(AppKey::parse(github.app_id, &github.private_key)?)),
            pace,
            lanes: Lanes::default(),
            outage: Outage::default(),
            tokens: Tokens::default(),
            login: OnceCell::new(),
            without_settings: WithoutSettings::default(),
            own_editions: OwnEditions::default(),
            reproductions: Reproductions::default(),
            installed: Mutex::default(),
            refused: Mutex::default(),
            clock,
            store,
            metrics,
        })))
    }

    /// Asks as the App itself.
    pub fn app(&self) -> Client {
        Client::new(self.clone(), Who::App)
    }

    /// Asks as an installation, with a token for no more than the scope.
    pub fn installation(&self, installation: u64, scope: Scope) -> Client {
        Client::new(self.clone(), Who::Installation(installation, scope))
    }

    /// What the forge last said to the App's own credentials.
    pub fn credentials(&self) -> Credentials {
        self.0.credentials.clone()
    }

    pub fn app_id(&self) -> u64 {
        self.0.app_id
    }

    pub fn web_url(&self) -> &str {
        &self.0.web
    }

    /// Where the documentation is published.
    pub fn docs(&self) -> &Docs {
        &self.0.docs
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub(super) fn without_settings(&self) -> &WithoutSettings {
        &self.0.without_settings
    }

    pub(super) fn reproductions(&self) -> Reproductions {
        self.0.reproductions.clone()
    }

    pub(super) fn own_editions(&self) -> &OwnEditions {
        &self.0.own_editions
    }

    /// Since when an installation is there; the beginning of time where it was not seen yet.
    pub fn installed_at(&self, installation: u64) -> Timestamp {
        self.installed(installation).at
    }

    /// Whether an installation was granted what a feature asks for; not where it was not seen yet.
    pub fn lets(&self, installation: u64, feature: Feature) -> bool {
        let granted = self.installed(installation).granted;
        permissions_of(feature).iter().all(|(permission, needed)| granted.get(permission).is_some_and(|level| level >= needed))
    }

    /// Whether it is the first time that somebody asks: what an installation does not let us do is told once.
    pub(super) fn is_first_refusal(&self, installation: u64, feature: Feature) -> bool {
        self.0.refused.lock().unwrap_or_else(PoisonError::into_inner).insert((installation, feature))
    }

    fn installed(&self, installation: u64) -> Installed {
        self.0.installed.lock().unwrap_or_else(PoisonError::into_inner).get(&installation).cloned().unwrap_or_default()
    }

    pub(super) fn note_installed(&self, installation: u64, seen: Installed) {
        self.0.installed.lock().unwrap_or_else(PoisonError::into_inner).insert(installation, seen);
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// What the forge says to the App's own credentials, and what its clock shows, which a refusal tells too.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn sign_in(&self) -> Result<(Result<wire::App, ForgeError>, Option<Timestamp>), ForgeError> {
        const WHAT: &str = "GET /app";
        let client = self.app();
        let answer = client.send(Method::GET, &client.url("/app"), WHAT, None, None).await?;
        let date = answer.headers.get(header::DATE).and_then(|date| date.to_str().ok()).and_then(Timestamp::parse_http);
        let app = client.checked(WHAT, answer).and_then(|answer| {
            serde_json::from_slice::<wire::App>(&answer.body)
                .map_err(|error| ForgeError::Malformed { what: WHAT.to_owned(), message: error.to_string() })
        });
        Ok((app, date))
    }

    pub(super) fn key(&self) -> Arc<AppKey> {
        Arc::clone(&self.0.key.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn put_key(&self, key: Arc<AppKey>) -> Arc<AppKey> {
        std::mem::replace(&mut *self.0.key.lock().unwrap_or_else(PoisonError::into_inner), key)
    }

    /// Signs with another key from now on, if the forge takes it; else the one in use stays. Tokens that are out stay good.
    ///
    /// # Errors
    /// `Key` where it is none; of `GET /app` with it.
    pub async fn renew_key(&self, pem: &SecretString) -> Result<(), ForgeError> {
        let before = self.put_key(Arc::new(AppKey::parse(self.0.app_id, pem)?));
        let refused = match self.sign_in().await {
            Ok((Ok(_), _)) => return Ok(()),
            Ok((Err(error), _)) | Err(error) => error,
        };
        self.put_key(before);
        // What was heard was about the other key: whether this one is still taken, it is asked.
        let _ = self.sign_in().await;
        Err(refused)
    }

    /// The login under which the App writes: `slug[bot]`, which nobody else can have.
    ///
    /// # Errors
    /// Of `GET /app`.
    pub async fn login(&self) -> Result<&str, ForgeError> {
        let login = self.0.login.get_or_try_init(|| async {
            let app: wire::App = self.app().get("/app").await?;
            Ok::<String, ForgeError>(format!("{}[bot]", app.slug))
        });
        Ok(login.await?.as_str())
    }

    /// The same, if it was asked for already.
    pub fn known_login(&self) -> Option<&str> {
        self.0.login.get().map(String::as_str)
    }
}
