//! The primary rate limit: a count per hour of the stand-in's clock, and the headers that tell of it.
//!
//! Secondary limits come only on plan, as faults: GitHub does not say when it imposes them.

use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::refusal;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const WINDOW: i64 = 3600;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Requests per hour.
    pub(crate) per_hour: u64,
    used: u64,
    since: Timestamp,
}

impl Limits {
    pub(crate) fn new(per_hour: u64, now: Timestamp) -> Self {
        Self { per_hour, used: 0, since: now }
    }

    /// Counts one request, or refuses it.
    pub(crate) fn count(&mut self, now: Timestamp) -> Result<(), Box<Answer>> {
        self.renew(now);
        if self.used >= self.per_hour {
            return Err(refusal(StatusCode::FORBIDDEN, "API rate limit exceeded for installation."));
        }
        self.used += 1;
        Ok(())
    }

    /// A 304 is free.
    pub(crate) fn give_back(&mut self) {
        self.used = self.used.saturating_sub(1);
    }

    fn renew(&mut self, now: Timestamp) {
        if now.0 >= self.since.0 + WINDOW {
            self.since = now;
            self.used = 0;
        }
    }

    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("x-ratelimit-limit", self.per_hour.to_string()),
            ("x-ratelimit-remaining", self.remaining().to_string()),
            ("x-ratelimit-used", self.used.to_string()),
            ("x-ratelimit-reset", (self.since.0 + WINDOW).to_string()),
            ("x-ratelimit-resource", "core".to_owned()),
        ]
    }

    pub(crate) fn overview(&mut self, now: Timestamp) -> Value {
        self.renew(now);
        let core = json!({"limit": self.per_hour, "used": self.used, "remaining": self.remaining(), "reset": self.since.0 + WINDOW});
        let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": self.since.0 + 60});
        json!({"resources": {"core": core, "search": search, "graphql": core}, "rate": core})
    }

    fn remaining(&self) -> u64 {
        self.per_hour.saturating_sub(self.used)
    }
}
