//! Whether a new route is as open as its siblings were: those of the same resource that are read, or written, alike.
//!
//! Comes in: a threat whose cause is a route, and the threats of the base. Goes out: whether the base had another of the same rule and API
//! beside it. Such a one is asked about and holds nobody up: whoever calls it could call those. The first of a resource, the first that writes
//! and whatever stands at the root are news.

use crate::model::cause::CauseKind;
use crate::stride::{Outcome, Threat, ThreatKey};
use std::collections::BTreeMap;

/// What stands before the name of a resource in many paths, and names none.
const PREFIXES: [&str; 4] = ["api", "rest", "public", "prod"];

/// Whether a route of the same rule and API, beside this one, was as open before.
pub(super) fn were_as_open(threat: &Threat, before: &BTreeMap<ThreatKey, Threat>) -> bool {
    let ThreatKey { rule, cause } = &threat.key;
    if cause.kind != CauseKind::Route || before.contains_key(&threat.key) {
        return false;
    }
    let Some((resource, writes)) = resource_of(&cause.name) else { return false };
    before.values().any(|other| {
        let known = &other.key;
        known.rule == *rule
            && known.cause.kind == CauseKind::Route
            && known.cause.holder == cause.holder
            && other.outcome == Outcome::Open
            && resource_of(&known.cause.name) == Some((resource, writes))
    })
}

/// The resource that a route is of and whether the route may change it: `/users` and `false` of `GET /users/{id}`; `None` where it stands at
/// the root or takes every path.
fn resource_of(route: &str) -> Option<(&str, bool)> {
    let (method, path) = route.split_once(' ')?;
    let writes = match method {
        "GET" | "HEAD" | "OPTIONS" => false,
        "POST" | "PUT" | "PATCH" | "DELETE" => true,
        _ => return None,
    };
    if path.contains('+') || path.contains('*') {
        return None;
    }
    let is_prefix = |part: &str| {
        let version = part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
        part.is_empty() || version || PREFIXES.contains(&part) || part.starts_with(['{', ':', '$'])
    };
    let mut end = 0;
    for part in path.split('/') {
        end += part.len();
        if !is_prefix(part) {
            return Some((&path[..end], writes));
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::resource_of;

    #[test]
    fn a_resource_is_the_first_name_of_a_path() {
        for (route, expected) in [
            ("GET /users/{id}", Some(("/users", false))),
            ("POST /users", Some(("/users", true))),
            ("PATCH /api/v2/users/{id}/mail", Some(("/api/v2/users", true))),
            ("DELETE /{tenant}/files", Some(("/{tenant}/files", true))),
            ("POST /", None),
            ("GET /api", None),
            ("GET /files/{proxy+}", None),
            ("ANY /users", None),
            ("$connect", None),
        ] {
            assert_eq!(resource_of(route), expected, "{route}");
        }
    }
}
