//! The primary rate limits: a count per hour of the stand-in's clock, one of REST and one of GraphQL, and the headers that tell of them.
//!
//! Secondary limits come only on plan, as faults: GitHub does not say when it imposes them.

use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::refusal;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const WINDOW: i64 = 3600;

/// What the requests of an installation are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Core,
    Graphql,
}

impl Resource {
    /// What a path is charged to.
    pub(crate) fn of(path: &str) -> Self {
        if path == "/graphql" { Self::Graphql } else { Self::Core }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Graphql => "graphql",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits([Hour; 2]);

/// What one resource has had of its hour.
#[derive(Clone, Copy, Debug)]
struct Hour {
    /// Requests; of GraphQL points, of which each query of ours costs one.
    most: u64,
    used: u64,
    since: Timestamp,
}

impl Limits {
    /// So many of REST and of GraphQL, from now on.
    pub(crate) fn new(core: u64, graphql: u64, now: Timestamp) -> Self {
        Self([core, graphql].map(|most| Hour { most, used: 0, since: now }))
    }

    /// Counts one request, or refuses it.
    pub(crate) fn count(&mut self, resource: Resource, now: Timestamp) -> Result<(), Box<Answer>> {
        let hour = &mut self.0[resource as usize];
        hour.renew(now);
        if hour.used >= hour.most {
            return Err(refusal(StatusCode::FORBIDDEN, "API rate limit exceeded for installation."));
        }
        hour.used += 1;
        Ok(())
    }

    /// A 304 is free. GraphQL knows none.
    pub(crate) fn give_back(&mut self) {
        let hour = &mut self.0[Resource::Core as usize];
        hour.used = hour.used.saturating_sub(1);
    }

    pub(crate) fn headers(&self, resource: Resource) -> Vec<(&'static str, String)> {
        let hour = &self.0[resource as usize];
        vec![
            ("x-ratelimit-limit", hour.most.to_string()),
            ("x-ratelimit-remaining", hour.left().to_string()),
            ("x-ratelimit-used", hour.used.to_string()),
            ("x-ratelimit-reset", (hour.since.0 + WINDOW).to_string()),
            ("x-ratelimit-resource", resource.word().to_owned()),
        ]
    }

    pub(crate) fn overview(&mut self, now: Timestamp) -> Value {
        let [core, graphql] = self.0.each_mut().map(|hour| {
            hour.renew(now);
            json!({"limit": hour.most, "used": hour.used, "remaining": hour.left(), "reset": hour.since.0 + WINDOW})
        });
        let search = json!({"limit": 30, "used": 0, "remaining": 30, "reset": self.0[Resource::Core as usize].since.0 + 60});
        json!({"resources": {"core": core, "search": search, "graphql": graphql}, "rate": core})
    }
}

impl Hour {
    fn renew(&mut self, now: Timestamp) {
        if now.0 >= self.since.0 + WINDOW {
            self.since = now;
            self.used = 0;
        }
    }

    fn left(&self) -> u64 {
        self.most.saturating_sub(self.used)
    }
}
