//! One call of the API, as the routes see it: who, what, with which query and body; and the checks that every route begins with.

use crate::change::ObjectId;
use crate::sandbox::github::access::Caller;
use crate::sandbox::github::access::Grant;
use crate::sandbox::github::access::Level;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::bad_credentials;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use http::Method;
use http::StatusCode;
use serde_json::Value;
use std::collections::BTreeSet;

/// GitHub's limit of comment and review bodies, in characters.
pub(crate) const MAX_BODY: usize = 65_536;

#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Decoded; without `/api/v3`.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    pub(crate) caller: Caller,
}

/// What a route needs: any of these permissions at that level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    any: &'static [&'static str],
    level: Level,
}

impl Need {
    pub(crate) const fn read(any: &'static [&'static str]) -> Self {
        Self { any, level: Level::Read }
    }

    pub(crate) const fn write(any: &'static [&'static str]) -> Self {
        Self { any, level: Level::Write }
    }

    pub(crate) fn met_by(self, grant: &Grant) -> bool {
        self.any.iter().any(|name| grant.permissions.get(*name).is_some_and(|level| *level >= self.level))
    }
}

impl Call {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The repository, if the caller may do this in it.
    ///
    /// What a token does not cover is invisible where private, and forbidden where public.
    pub(crate) fn repository(&self, github: &Github, owner: &str, name: &str, need: Need) -> Result<u64, Box<Answer>> {
        let full_name = format!("{owner}/{name}");
        let Some(found) = github.repository_named(&full_name) else {
            return Err(github.renamed.get(&full_name.to_lowercase()).map_or_else(not_found, |id| self.moved(github, *id)));
        };
        match &self.caller {
            Caller::Installation(grant) if covers(github, grant, found) => {
                if !need.met_by(grant) {
                    return Err(not_accessible());
                }
                if found.archived && need.level == Level::Write {
                    return Err(refusal(StatusCode::FORBIDDEN, "Repository was archived so is read-only."));
                }
                Ok(found.id)
            }
            Caller::Installation(_) | Caller::Nobody | Caller::App { .. } if found.private => Err(not_found()),
            Caller::Installation(_) | Caller::Nobody if need.level == Level::Read => Ok(found.id),
            Caller::Installation(_) => Err(not_accessible()),
            Caller::Nobody => Err(refusal(StatusCode::UNAUTHORIZED, "Requires authentication")),
            Caller::App { .. } => Err(refusal(StatusCode::UNAUTHORIZED, "A JSON web token could not be used here")),
        }
    }

    /// Where a renamed repository is now; by its id, as GitHub answers.
    fn moved(&self, github: &Github, id: u64) -> Box<Answer> {
        let rest: String = self.segments.iter().skip(3).map(|segment| format!("/{}", encode(segment))).collect();
        let query: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let url = format!("{}/repositories/{id}{rest}{query}", github.api_url);
        let (status, message) = match self.method {
            Method::GET => (StatusCode::MOVED_PERMANENTLY, "Moved Permanently"),
            _ => (StatusCode::TEMPORARY_REDIRECT, "Temporary Redirect"),
        };
        let mut answer = refusal(status, message);
        answer.body["url"] = Value::from(url.clone());
        answer.headers.push(("location", url));
        answer
    }

    /// The grant of an installation's token; others are refused.
    pub(crate) fn grant(&self) -> Result<&Grant, Box<Answer>> {
        match &self.caller {
            Caller::Installation(grant) => Ok(grant),
            Caller::App { .. } | Caller::Nobody => Err(bad_credentials()),
        }
    }

    /// When the App's JWT was issued; others are refused.
    pub(crate) fn app(&self) -> Result<i64, Box<Answer>> {
        match self.caller {
            Caller::App { issued_at } => Ok(issued_at),
            Caller::Installation(_) | Caller::Nobody => Err(refusal(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded")),
        }
    }

    /// A string of the body that may be missing or null.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.body[name].as_str().map(str::to_owned)
    }

    /// A string of the body that must be there.
    pub(crate) fn needed(&self, resource: &str, name: &str) -> Result<String, Box<Answer>> {
        self.text(name).ok_or_else(|| invalid(resource, name, &format!("{name} is missing")))
    }

    /// The `body` of a comment: there, not blank, not too long.
    pub(crate) fn comment_body(&self, resource: &str) -> Result<String, Box<Answer>> {
        let body = self.needed(resource, "body")?;
        if body.trim().is_empty() {
            return Err(invalid(resource, "body", "body cannot be blank"));
        }
        if body.chars().count() > MAX_BODY {
            return Err(invalid(resource, "body", "body is too long (maximum is 65536 characters)"));
        }
        Ok(body)
    }

    /// A SHA of the body.
    pub(crate) fn sha(&self, resource: &str, name: &str) -> Result<ObjectId, Box<Answer>> {
        let text = self.needed(resource, name)?;
        ObjectId::from_hex(&text).ok_or_else(|| invalid(resource, name, "is not a full SHA-1"))
    }

    /// One page of a list, with the `Link` header: absolute addresses, as GitHub gives them.
    pub(crate) fn page(&self, github: &Github, items: Vec<Value>) -> Answered {
        let (page, links) = self.cut(github, items);
        let mut answer = Answer::new(StatusCode::OK, Value::Array(page));
        answer.headers.extend(links);
        Ok(answer)
    }

    /// One page within an object that counts them all.
    pub(crate) fn counted_page(&self, github: &Github, name: &str, items: Vec<Value>) -> Answered {
        let total = items.len();
        let (page, links) = self.cut(github, items);
        let mut answer = Answer::new(StatusCode::OK, serde_json::json!({"total_count": total, name: page}));
        answer.headers.extend(links);
        Ok(answer)
    }

    fn cut(&self, github: &Github, items: Vec<Value>) -> (Vec<Value>, Option<(&'static str, String)>) {
        let number = |name: &str, otherwise: usize| self.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
        let size = number("per_page", 30).clamp(1, 100);
        let page = number("page", 1).max(1);
        let last = items.len().div_ceil(size).max(1);
        let mut links = Vec::new();
        if page > 1 {
            links.extend([self.link(github, page - 1, "prev"), self.link(github, 1, "first")]);
        }
        if page < last {
            links.extend([self.link(github, page + 1, "next"), self.link(github, last, "last")]);
        }
        let cut = items.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
        (cut, (!links.is_empty()).then(|| ("link", links.join(", "))))
    }

    fn link(&self, github: &Github, page: usize, relation: &str) -> String {
        let path: String = self.segments.iter().map(|segment| format!("/{}", encode(segment))).collect();
        let mut query: Vec<String> =
            self.query.iter().filter(|(name, _)| name != "page").map(|(name, value)| format!("{name}={}", encode(value))).collect();
        query.push(format!("page={page}"));
        format!("<{}{path}?{}>; rel=\"{relation}\"", github.api_url, query.join("&"))
    }
}

/// Whether a token reaches a repository: its own list, and the installation's account and list.
pub(crate) fn covers(github: &Github, grant: &Grant, repository: &Repository) -> bool {
    let Some(installation) = github.installations.get(&grant.installation) else { return false };
    let owned = github.users.get(&installation.account).is_some_and(|account| account.login == repository.owner);
    let listed = |list: &Option<BTreeSet<u64>>| list.as_ref().is_none_or(|list| list.contains(&repository.id));
    owned && listed(&installation.repositories) && listed(&grant.repositories)
}

/// The pull request of that number; a number that is none is not found.
pub(crate) fn pull_of<'g>(github: &'g Github, repository: u64, number: &str) -> Result<&'g Pull, Box<Answer>> {
    number.parse().ok().and_then(|number| github.pull(repository, number)).ok_or_else(not_found)
}

pub(crate) fn id_of(text: &str) -> Result<u64, Box<Answer>> {
    text.parse().map_err(|_| not_found())
}

/// Percent-encodes what has a meaning in a URL.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:@/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Undoes percent-encoding; what is no encoding stays.
pub(crate) fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex =
            (*first == b'%').then(|| after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())).flatten();
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
