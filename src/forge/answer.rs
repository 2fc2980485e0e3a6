//! What the forge answers, and what it means.
//!
//! Comes in: status, headers and body. Goes out: the body of a success, or a typed error; of a rate limit until when it holds.

use super::error::ForgeError;
use super::lane::{Budget, Resource};
use super::wire;
use crate::change::Timestamp;
use crate::clock::Millis;
use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

/// The words under which requests are counted that went wrong by no fault of theirs: of no answer, of one that is another's, and of a failure.
pub(super) const NO_ANSWER: &str = "none";
const INTERCEPTED: &str = "html";
const FAILED: &str = "5xx";
pub(super) const TROUBLES: [&str; 3] = [NO_ANSWER, INTERCEPTED, FAILED];

/// What came back, whatever its status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Itself if it is one of success, else what it says went wrong. `unnamed` says how long a limit holds for which it names no time.
    pub(super) fn checked(self, what: &str, now: Millis, unnamed: impl FnOnce() -> Millis) -> Result<Self, ForgeError> {
        let what = what.to_owned();
        if self.is_intercepted() {
            return Err(ForgeError::Intercepted { what, status: self.status.as_u16() });
        }
        if self.status.is_success() {
            // An answer without a body was cut off, and says nothing of what was written.
            let cut = self.body.is_empty() && self.status != StatusCode::NO_CONTENT;
            return if cut { Err(ForgeError::Transport { what, message: "answer has no body".to_owned() }) } else { Ok(self) };
        }
        let message = serde_json::from_slice::<wire::Refusal>(&self.body).map(|refusal| refusal.message).unwrap_or_default();
        Err(match self.status.as_u16() {
            401 => ForgeError::Unauthorized { what },
            // The token is good for nothing any more, and the installation itself says the rest.
            403 if message.contains("installation has been suspended") => ForgeError::Unauthorized { what },
            403 | 429 => match self.limit(&message, now) {
                Some(limit) => ForgeError::RateLimited { what, until: limit.unwrap_or_else(unnamed) },
                None => ForgeError::Forbidden { what, message },
            },
            404 | 410 => ForgeError::NotFound { what },
            409 | 422 => ForgeError::Unprocessable { what, message },
            status if status >= 500 => ForgeError::Failed { what, status },
            status => ForgeError::Malformed { what, message: format!("status {status}: {message}") },
        })
    }

    /// Whether something else answered in the forge's place: its own pages of HTML are those of its front end, when it fails.
    pub(super) fn is_intercepted(&self) -> bool {
        self.is_html() && !self.status.is_server_error()
    }

    fn is_html(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        kind.to_ascii_lowercase().starts_with(b"text/html")
    }

    /// By how many seconds a clock is ahead of the forge's, as far as the answer tells; below 0 where it is behind.
    pub(super) fn ahead(&self, clock: Timestamp) -> Option<i64> {
        let date = self.headers.get(DATE)?.to_str().ok().and_then(Timestamp::parse_http)?;
        Some(clock.0 - date.0)
    }

    /// Whether it says that there is no such App, rather than that there is no such thing.
    pub(super) fn is_about_the_app(&self) -> bool {
        serde_json::from_slice::<wire::Refusal>(&self.body).is_ok_and(|refusal| refusal.message == "Integration not found")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.trim().parse().ok()
    }

    /// What is left of the requests of this hour, where the forge tells. Of the other resources that it counts, none is asked for here.
    pub(super) fn budget(&self) -> Option<Budget> {
        let resource = match self.text("x-ratelimit-resource") {
            None | Some("core") => Resource::Core,
            Some("graphql") => Resource::Graphql,
            Some(_) => return None,
        };
        let (left, limit) = (self.number("x-ratelimit-remaining")?, self.number("x-ratelimit-limit")?);
        Some(Budget { resource, left, limit, reset: self.number("x-ratelimit-reset")?.saturating_mul(1000) })
    }

    /// Whether it speaks of a limit, and until when that holds, if it says so.
    /// Source: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    fn limit(&self, message: &str, now: Millis) -> Option<Option<Millis>> {
        let named = self.named_limit(now);
        let is_used_up = self.number("x-ratelimit-remaining") == Some(0);
        let is_limit = named.is_some() || is_used_up || self.status.as_u16() == 429 || message.to_lowercase().contains("rate limit");
        is_limit.then_some(named)
    }

    /// Until when it says that a limit holds.
    pub(super) fn named_limit(&self, now: Millis) -> Option<Millis> {
        if let Some(seconds) = self.number("retry-after") {
            return Some(now + seconds.clamp(0, 86_400) * 1000);
        }
        let is_used_up = self.number("x-ratelimit-remaining") == Some(0);
        self.number("x-ratelimit-reset").filter(|_| is_used_up).map(|reset| reset.saturating_mul(1000).max(now + 1000))
    }

    /// The word under which it is counted.
    pub(super) fn class(&self) -> &'static str {
        if self.is_intercepted() {
            return INTERCEPTED;
        }
        match self.status.as_u16() {
            304 => "304",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => FAILED,
        }
    }
}

/// The words under which methods are counted.
pub(super) const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "DELETE", "other"];

pub(super) fn method_word(method: &Method) -> &'static str {
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}
