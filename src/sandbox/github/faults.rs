//! Requests on record, and what shall go wrong with which of them.
//!
//! A fault is planned by the number of the request, by the number of the write, or by method and path. The stand-in keeps what was
//! asked and answered, so that a test can check it against GitHub's published contract; tokens are never kept.
//!
//! ```
//! use astride::sandbox::github::faults::{Fault, Planned, Then, When};
//! use http::StatusCode;
//!
//! // The third write is carried out, and the client never hears of it: kill the service when `StandIn::on_hang` tells.
//! let crash = Fault::new(When::Write(3), Then::ExecuteAndHang);
//! // The second and third attempts to comment meet GitHub's secondary limit.
//! let comments = When::Matching { method: "POST", path: "/repos/*/*/issues/*/comments" };
//! let limit = Fault::new(comments, Then::Answer(Planned::secondary_limit(60))).after(1).times(2);
//! // The first read of a git object fails with a page of HTML.
//! let gateway = Fault::new(When::Matching { method: "GET", path: "/repos/*/*/git/**" }, Then::Answer(Planned::status(StatusCode::BAD_GATEWAY)));
//! # let _ = (crash, limit, gateway);
//! ```

use crate::sandbox::github::answer::Answer;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// From 1, in order of arrival.
    pub number: u64,
    pub method: String,
    /// Without `/api/v3` and without the query, as it came (percent-encoded).
    pub path: String,
    pub query: Vec<(String, String)>,
    /// `Null` where there was none.
    pub body: Value,
    pub if_none_match: Option<String>,
    /// `app`, `installation` or `nobody`.
    pub caller: &'static str,
    /// `None` while unanswered: the request hangs, or its connection was dropped.
    pub status: Option<u16>,
    pub response: Value,
}

impl Recorded {
    /// Whether it changes what others see: not a read, not the minting of a token.
    pub fn is_write(&self) -> bool {
        match self.path.as_str() {
            "/graphql" => self.body["query"].as_str().is_some_and(|query| query.trim_start().starts_with("mutation")),
            path => self.method != "GET" && !path.ends_with("/access_tokens"),
        }
    }
}

/// Which requests a fault meets.
#[derive(Clone, Debug)]
pub enum When {
    /// The request of this number, counted from the first of all.
    Number(u64),
    /// The write of this number, counted from the first of all.
    Write(u64),
    /// Method and path; in the path `*` stands for one segment and a last `**` for all that follow.
    Matching { method: &'static str, path: &'static str },
}

/// What happens instead of, or after, the execution.
#[derive(Clone, Debug)]
pub enum Then {
    /// Not executed; this is the answer.
    Answer(Planned),
    /// Executed, and yet this is the answer.
    ExecuteAndAnswer(Planned),
    /// Executed, never answered.
    ExecuteAndHang,
    /// Neither executed nor answered.
    Hang,
    /// Not executed; the connection breaks.
    Drop,
    /// Executed; the connection breaks.
    ExecuteAndDrop,
}

#[derive(Clone, Debug)]
pub struct Planned {
    pub status: StatusCode,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
}

/// One thing that shall go wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    pub when: When,
    /// How many matching requests pass unharmed before the first that does not.
    pub after: u32,
    /// How many are then met.
    pub times: u32,
    pub then: Then,
}

impl Fault {
    /// Once, at the first request that matches.
    pub fn new(when: When, then: Then) -> Self {
        Self { when, after: 0, times: 1, then }
    }

    pub fn after(self, after: u32) -> Self {
        Self { after, ..self }
    }

    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

impl Planned {
    /// With GitHub's JSON; for what is above 500 with the page of its front end, which is HTML.
    pub fn status(status: StatusCode) -> Self {
        let message = status.canonical_reason().unwrap_or("Error");
        let body = match status {
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                Value::from(format!("<!DOCTYPE html><html><body><h1>{message}</h1></body></html>"))
            }
            _ => json!({"message": message, "status": status.as_str()}),
        };
        Self { status, headers: Vec::new(), body }
    }

    /// GitHub's secondary limit, `Retry-After` in seconds.
    pub fn secondary_limit(retry_after: u32) -> Self {
        let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
        Self {
            status: StatusCode::FORBIDDEN,
            headers: vec![("retry-after", retry_after.to_string())],
            body: json!({"message": message, "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}),
        }
    }
}

impl Planned {
    pub(crate) fn into_answer(self) -> Answer {
        Answer { status: self.status, headers: self.headers, body: self.body }
    }
}

/// The plan and the record.
#[derive(Debug, Default)]
pub struct Faults {
    plan: Vec<Fault>,
    pub(crate) recorded: Vec<Recorded>,
    writes: u64,
}

impl Faults {
    pub(crate) fn plan(&mut self, fault: Fault) {
        self.plan.push(fault);
    }

    pub(crate) fn forget_plan(&mut self) {
        self.plan.clear();
    }

    /// Takes a request on record, and says what shall go wrong with it.
    pub(crate) fn arrive(&mut self, mut request: Recorded) -> (u64, Option<Then>) {
        request.number = self.recorded.len() as u64 + 1;
        self.writes += u64::from(request.is_write());
        let then = self.fault_of(&request);
        let number = request.number;
        self.recorded.push(request);
        (number, then)
    }

    pub(crate) fn answered(&mut self, number: u64, status: StatusCode, response: &Value) {
        let index = usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1);
        if let Some(request) = self.recorded.get_mut(index) {
            request.status = Some(status.as_u16());
            request.response = response.clone();
        }
    }

    fn fault_of(&mut self, request: &Recorded) -> Option<Then> {
        let writes = self.writes;
        let mut found = None;
        for fault in self.plan.iter_mut().filter(|fault| fault.times > 0) {
            let met = match fault.when {
                When::Number(number) => request.number == number,
                When::Write(number) => request.is_write() && writes == number,
                When::Matching { method, path } => request.method == method && path_matches(path, &request.path),
            };
            if !met {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
            } else if found.is_none() {
                fault.times -= 1;
                found = Some(fault.then.clone());
            }
        }
        found
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let (pattern, path) = match pattern.split_last() {
        Some((&"**", first)) if path.len() > first.len() => (first, &path[..first.len()]),
        _ => (&pattern[..], &path[..]),
    };
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(wanted, found)| *wanted == "*" || wanted == found)
}

#[cfg(test)]
mod tests {
    use super::path_matches;

    #[test]
    fn patterns_match_segments() {
        let cases = [
            ("/repos/*/*/pulls/*", "/repos/acme/shop/pulls/1", true),
            ("/repos/*/*/pulls/*", "/repos/acme/shop/pulls/1/files", false),
            ("/repos/*/*/git/**", "/repos/acme/shop/git/refs/heads/x", true),
            ("/repos/*/*/git/**", "/repos/acme/shop/git", false),
            ("/app", "/app", true),
        ];
        for (pattern, path, matches) in cases {
            assert_eq!(path_matches(pattern, path), matches, "{pattern} {path}");
        }
    }
}
