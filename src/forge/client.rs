//! One way to ask the forge anything.
//!
//! Reads are repeated on failures of transport and of the server, and ask with the ETag of the last answer. Writes are sent once, one at
//! a time for each installation. A rate limit is never waited for: the error says until when. Pages are asked for by number, because the
//! forge's own `next` links would be sent without credentials.

mod graphql;

use super::answer::{Answer, NO_ANSWER, method_word};
use super::error::ForgeError;
use super::lane::{Lane, Resource};
use super::shared::Forge;
use super::token::Scope;
use super::transport::chain;
use crate::clock::Millis;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use octocrab::OctoBody;
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Largest answer, in bytes: a blob of the largest readable file in base64 and a tree of 7 MB fit.
const MAX_ANSWER: usize = 24 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);
/// Times that a read is sent at most.
const READS: u32 = 4;
/// Most pages of one list: 3,000 files, 10,000 comments.
const MAX_PAGES: u32 = 100;
/// On a page, and where that many are more than one answer holds.
const PAGE: u32 = 100;
const SMALL_PAGE: u32 = 10;

/// As whom something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    App,
    Installation(u64, Scope),
}

/// Asks and writes in somebody's name. Cheap to clone. Paths begin with a slash, below the API's base.
#[derive(Clone, Debug)]
pub struct Client {
    forge: Forge,
    who: Who,
    /// Whether it may use the requests that are kept back.
    urgent: bool,
}

/// Whether a read may be answered with what it was answered with before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Freshness {
    /// The forge says by its ETag whether it is still so.
    Tagged,
    /// Not worth keeping, or kept elsewhere.
    Untagged,
}

impl Client {
    pub(super) fn new(forge: Forge, who: Who) -> Self {
        Self { forge, who, urgent: false }
    }

    pub fn forge(&self) -> &Forge {
        &self.forge
    }

    /// In whose name it asks; `None` for the App itself.
    pub(super) fn installation(&self) -> Option<u64> {
        match self.who {
            Who::App => None,
            Who::Installation(installation, _) => Some(installation),
        }
    }

    /// The same, for what must be done even when nearly all requests of the hour are used up: taking back what is green.
    #[must_use]
    pub fn urgent(&self) -> Self {
        Self { urgent: true, ..self.clone() }
    }

    /// # Errors
    /// Any, after the passing ones were tried again.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ForgeError> {
        self.read(path, Freshness::Tagged).await
    }

    /// Something that cannot change, so that its ETag is of no use.
    ///
    /// # Errors
    /// As `get`.
    pub async fn get_object<T: DeserializeOwned>(&self, path: &str) -> Result<T, ForgeError> {
        self.read(path, Freshness::Untagged).await
    }

    /// A file as it is, within the bound of any answer.
    ///
    /// # Errors
    /// As `get`; `TooLarge` beyond the bound.
    pub async fn get_bytes(&self, path: &str) -> Result<Vec<u8>, ForgeError> {
        self.read_body(path, &format!("GET {path}"), Freshness::Untagged).await
    }

    /// A git object, which must be what its id names: another answer is asked for again, and never believed.
    ///
    /// # Errors
    /// As `get`; `Untrue` where no answer holds.
    pub async fn get_object_if<T: DeserializeOwned>(&self, path: &str, holds: impl Fn(&T) -> bool) -> Result<T, ForgeError> {
        let mut wait = self.forge.0.pace.back_off;
        for _ in 1..READS {
            match self.get_object(path).await {
                Ok(object) if holds(&object) => return Ok(object),
                Ok(_) | Err(ForgeError::Malformed { .. }) => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        let object = self.get_object(path).await?;
        if holds(&object) { Ok(object) } else { Err(ForgeError::Untrue { what: format!("GET {path}") }) }
    }

    /// Waits as between two tries of a read.
    pub(super) async fn pause(&self) {
        tokio::time::sleep(self.forge.0.pace.back_off).await;
    }

    /// Something that an event told of, and that the forge may not show yet.
    ///
    /// # Errors
    /// As `get`; `NotFound` only if it stays so.
    pub async fn get_fresh<T: DeserializeOwned>(&self, path: &str) -> Result<T, ForgeError> {
        let mut wait = self.forge.0.pace.back_off;
        for _ in 1..READS {
            match self.get(path).await {
                Err(ForgeError::NotFound { .. }) => tokio::time::sleep(wait).await,
                other => return other,
            }
            wait *= 2;
        }
        self.get(path).await
    }

    /// All pages of a list that is there, if perhaps not yet for the one who answers. The flag says that it was cut at the bound.
    ///
    /// # Errors
    /// As `get`.
    pub async fn pages<T: DeserializeOwned>(&self, path: &str) -> Result<(Vec<T>, bool), ForgeError> {
        self.pages_in(path, |page: Vec<T>| page).await
    }

    /// As `pages`, where the list stands inside an object.
    ///
    /// # Errors
    /// As `get`.
    pub async fn pages_in<P: DeserializeOwned, T>(&self, path: &str, take: fn(P) -> Vec<T>) -> Result<(Vec<T>, bool), ForgeError> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut all = Vec::new();
        for number in 1..=MAX_PAGES {
            let address = |size: u32, number: u32| format!("{path}{joint}per_page={size}&page={number}");
            let page = match self.get_fresh(&address(PAGE, number)).await {
                Ok(page) => take(page),
                // Whoever writes long comments must not keep anybody from reading them.
                Err(ForgeError::TooLarge { .. }) => self.small_pages(number, &address, take).await?,
                Err(error) => return Err(error),
            };
            let last = page.len() < PAGE as usize;
            all.extend(page);
            if last {
                return Ok((all, false));
            }
        }
        Ok((all, true))
    }

    /// What a page would have, in smaller ones.
    async fn small_pages<P: DeserializeOwned, T>(
        &self,
        number: u32,
        address: &impl Fn(u32, u32) -> String,
        take: fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, ForgeError> {
        let in_one = PAGE / SMALL_PAGE;
        let mut all = Vec::new();
        for small in (number - 1) * in_one + 1..=number * in_one {
            let page = take(self.get_fresh(&address(SMALL_PAGE, small)).await?);
            let last = page.len() < SMALL_PAGE as usize;
            all.extend(page);
            if last {
                break;
            }
        }
        Ok(all)
    }

    /// Writes once.
    ///
    /// # Errors
    /// Any; after `Transport` and `Failed` the write may have landed.
    pub async fn write<T: DeserializeOwned>(&self, method: Method, path: &str, body: &Value) -> Result<T, ForgeError> {
        let answer = self.send_write(method.clone(), &self.url(path), path, body).await?;
        self.note_answer();
        let what = format!("{method} {path}");
        // A deletion is answered with nothing.
        let body: &[u8] = if answer.status == StatusCode::NO_CONTENT { b"null" } else { &answer.body };
        serde_json::from_slice(body).map_err(|error| ForgeError::Malformed { what, message: error.to_string() })
    }

    async fn read<T: DeserializeOwned>(&self, path: &str, freshness: Freshness) -> Result<T, ForgeError> {
        let what = format!("GET {path}");
        let body = self.read_body(path, &what, freshness).await?;
        serde_json::from_slice(&body).map_err(|error| ForgeError::Malformed { what, message: error.to_string() })
    }

    async fn read_body(&self, path: &str, what: &str, freshness: Freshness) -> Result<Vec<u8>, ForgeError> {
        let inner = &self.forge.0;
        let key = format!("{:?} {path}", self.who);
        let known = if freshness == Freshness::Tagged { inner.store.answer(&key).await? } else { None };
        let tag = known.as_ref().map(|(tag, _)| tag.as_str());
        let mut wait = inner.pace.back_off;
        let mut tries = 1;
        let answer = loop {
            let failed = match self.send(Method::GET, &self.url(path), what, tag, None).await {
                Ok(answer) if answer.status == StatusCode::NOT_MODIFIED => break answer,
                Ok(answer) => match self.checked(what, answer) {
                    Ok(answer) => break answer,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let again = match &failed {
                ForgeError::Transport { .. } | ForgeError::Failed { .. } => tries < READS,
                // The token may have been withdrawn: one more try with a new one.
                ForgeError::Unauthorized { .. } => tries == 1 && self.renew().await,
                _ => false,
            };
            if !again {
                return Err(self.noted(failed));
            }
            tries += 1;
            tokio::time::sleep(wait).await;
            wait *= 2;
        };
        match known {
            Some((_, body)) if answer.status == StatusCode::NOT_MODIFIED => Ok(body),
            _ => {
                let tag = answer.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok());
                if let (Freshness::Tagged, Some(tag)) = (freshness, tag) {
                    inner.store.keep_answer(&key, tag, &answer.body).await?;
                }
                Ok(answer.body)
            }
        }
    }

    async fn send_write(&self, method: Method, url: &str, path: &str, body: &Value) -> Result<Answer, ForgeError> {
        let what = format!("{method} {path}");
        let lane = self.lane();
        // A token request is a write that itself needs no token; taking the turn first would wait for itself.
        let _turn = lane.turn(self.forge.0.pace.write_gap).await;
        let sent = self.send(method.clone(), url, &what, None, Some(body)).await.map_err(|error| self.noted(error))?;
        match self.succeeded(&what, sent) {
            // Refused credentials mean that nothing was written.
            Err(ForgeError::Unauthorized { .. }) if self.renew().await => {
                let sent = self.send(method, url, &what, None, Some(body)).await?;
                self.succeeded(&what, sent)
            }
            other => other.map_err(|error| self.noted(error)),
        }
    }

    /// Forgets the token, and says whether there was one to forget.
    async fn renew(&self) -> bool {
        match self.who {
            Who::App => false,
            Who::Installation(installation, scope) => {
                self.forge.0.tokens.forget(installation, scope).await;
                true
            }
        }
    }

    /// 0 is the App itself.
    fn lane_number(&self) -> u64 {
        self.installation().unwrap_or_default()
    }

    fn lane(&self) -> Arc<Lane> {
        self.forge.0.lanes.of(self.lane_number())
    }

    fn unnamed_limit(&self) -> Millis {
        self.lane().unnamed_until(self.forge.0.clock.now())
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.forge.0.api)
    }

    async fn bearer(&self) -> Result<SecretString, ForgeError> {
        match self.who {
            Who::App => self.forge.key().jwt(self.forge.0.clock.timestamp()),
            Who::Installation(installation, scope) => Box::pin(self.forge.0.tokens.get(&self.forge, installation, scope)).await,
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: &str,
        what: &str,
        tag: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, ForgeError> {
        let (inner, lane) = (&self.forge.0, self.lane());
        if let Some(until) = lane.limited_until(inner.clock.now()) {
            return Err(ForgeError::RateLimited { what: what.to_owned(), until });
        }
        let resource = if url == inner.graphql { Resource::Graphql } else { Resource::Core };
        if let Some(until) = lane.kept_back_until(resource, inner.clock.now()).filter(|_| !self.urgent) {
            return Err(ForgeError::RateLimited { what: what.to_owned(), until });
        }
        let bearer = self.bearer().await?;
        let mut builder = Request::builder()
            .method(method.clone())
            .uri(url)
            .header(header::AUTHORIZATION, format!("Bearer {}", bearer.expose_secret()))
            .header(header::ACCEPT, "application/vnd.github+json")
            .header(header::USER_AGENT, "astride")
            .header("x-github-api-version", "2022-11-28");
        if let Some(tag) = tag {
            builder = builder.header(header::IF_NONE_MATCH, tag);
        }
        let transport = |message: String| ForgeError::Transport { what: what.to_owned(), message };
        let request = match body {
            Some(body) => builder.header(header::CONTENT_TYPE, "application/json").body(OctoBody::from(body.to_string())),
            None => builder.body(OctoBody::empty()),
        };
        let request = request.map_err(|error| transport(error.to_string()))?;
        let answered = tokio::time::timeout(TIMEOUT, self.exchange(request, what)).await;
        let answered = answered.unwrap_or_else(|_| Err(transport(format!("nothing for {} seconds", TIMEOUT.as_secs()))));
        if let Some(budget) = answered.as_ref().ok().and_then(Answer::budget) {
            let (installation, resource, left) = (self.lane_number(), budget.resource.word(), budget.left);
            inner.metrics.requests_left(installation, resource, left);
            if lane.note_budget(&budget) {
                tracing::warn!(installation, resource, left, "nearly all requests of the hour are used up; the rest is kept back");
            }
        }
        if let Ok(answer) = &answered {
            inner.credentials.note_way(answer, inner.clock.now());
        }
        if self.who == Who::App && answered.as_ref().is_ok_and(|answer| inner.credentials.note(answer, inner.clock.timestamp())) {
            let advice = inner.credentials.advice();
            tracing::error!(app = inner.app_id, advice, "GitHub refuses the App's credentials");
        }
        let outcome = answered.as_ref().map_or(NO_ANSWER, |answer| answer.class());
        inner.metrics.request(method_word(&method), outcome);
        answered
    }

    async fn exchange(&self, request: Request<OctoBody>, what: &str) -> Result<Answer, ForgeError> {
        let transport = |message: String| ForgeError::Transport { what: what.to_owned(), message };
        let response = self.forge.0.transport.send(request).await.map_err(|error| transport(chain(&error)))?;
        let (parts, body) = response.into_parts();
        let collected = Limited::new(body, MAX_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ForgeError::TooLarge { what: what.to_owned(), limit: MAX_ANSWER }
            } else {
                transport(error.to_string())
            }
        })?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: collected.to_bytes().into() })
    }

    /// The answer if it is one of success. A rate limit holds for the whole lane.
    pub(super) fn checked(&self, what: &str, answer: Answer) -> Result<Answer, ForgeError> {
        let answer = self.succeeded(what, answer)?;
        self.note_answer();
        Ok(answer)
    }

    /// As `checked`, where the body may still say that it is no success.
    fn succeeded(&self, what: &str, answer: Answer) -> Result<Answer, ForgeError> {
        let checked = answer.checked(what, self.forge.0.clock.now(), || self.unnamed_limit());
        match &checked {
            Err(ForgeError::RateLimited { what, until }) => self.limit(what, *until),
            Ok(_) if self.forge.0.outage.ends() => tracing::info!("the forge answers again"),
            Ok(_) | Err(_) => {}
        }
        checked
    }

    /// Notes that something was answered and not refused by a limit: the next limit without a time is the first one again.
    fn note_answer(&self) {
        self.lane().answers(self.forge.0.clock.now());
    }

    fn limited(&self, what: String, until: Millis) -> ForgeError {
        self.limit(&what, until);
        ForgeError::RateLimited { what, until }
    }

    /// Nothing is sent until then, and whatever runs meanwhile fails without another word.
    fn limit(&self, what: &str, until: Millis) {
        let now = self.forge.0.clock.now();
        if self.lane().limit(until, now) {
            tracing::warn!(installation = self.lane_number(), request = what, seconds = (until - now) / 1000, "the forge asks for a pause");
        }
    }

    /// The error of a request that was not tried again, after a word on an outage that it begins.
    fn noted(&self, error: ForgeError) -> ForgeError {
        let is_outage = matches!(error, ForgeError::Transport { .. } | ForgeError::Failed { .. } | ForgeError::Intercepted { .. });
        if is_outage && self.forge.0.outage.begins(self.forge.0.clock.now()) {
            let advice = error.advice().unwrap_or("runs are tried again");
            tracing::warn!(%error, advice, "the forge does not answer");
        }
        error
    }
}
