//! What the forge answers, and what it means.
//!
//! Comes in: status, headers and body. Goes out: the body of a success, or a typed error; of a rate limit until when it holds.

use super::error::ForgeError;
use super::wire;
use crate::change::Timestamp;
use crate::clock::Millis;
use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, StatusCode};

/// Where the forge names no time, it asks for a minute at least.
pub(super) const LIMIT_DEFAULT: Millis = 60_000;

/// What came back, whatever its status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// Itself if it is one of success, else what it says went wrong.
    pub(super) fn checked(self, what: &str, now: Millis) -> Result<Self, ForgeError> {
        let what = what.to_owned();
        // The forge's own pages of HTML are those of its front end, when it fails.
        if self.is_html() && !self.status.is_server_error() {
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
            403 | 429 => match self.limited_until(&message, now) {
                Some(until) => ForgeError::RateLimited { what, until },
                None => ForgeError::Forbidden { what, message },
            },
            404 | 410 => ForgeError::NotFound { what },
            409 | 422 => ForgeError::Unprocessable { what, message },
            status if status >= 500 => ForgeError::Failed { what, status },
            status => ForgeError::Malformed { what, message: format!("status {status}: {message}") },
        })
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

    /// Of the requests of this hour how many are left, how many there are, and when the next hour begins, where the forge tells; GraphQL has
    /// its own.
    pub(super) fn budget(&self) -> Option<(i64, i64, Millis)> {
        let text = |name: &str| self.headers.get(name)?.to_str().ok();
        let number = |name: &str| text(name)?.trim().parse::<i64>().ok();
        let is_core = text("x-ratelimit-resource").is_none_or(|resource| resource == "core");
        let budget = (number("x-ratelimit-remaining")?, number("x-ratelimit-limit")?, number("x-ratelimit-reset")?.saturating_mul(1000));
        is_core.then_some(budget)
    }

    /// Source: <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
    fn limited_until(&self, message: &str, now: Millis) -> Option<Millis> {
        let number = |name: &str| self.headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
        if let Some(seconds) = number("retry-after") {
            return Some(now + seconds.clamp(0, 86_400) * 1000);
        }
        if number("x-ratelimit-remaining") == Some(0) {
            return Some(number("x-ratelimit-reset").map_or(now + LIMIT_DEFAULT, |reset| (reset * 1000).max(now + 1000)));
        }
        (self.status.as_u16() == 429 || message.to_lowercase().contains("rate limit")).then_some(now + LIMIT_DEFAULT)
    }

    /// The word under which it is counted.
    pub(super) fn class(&self) -> &'static str {
        match self.status.as_u16() {
            304 => "304",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        }
    }
}
