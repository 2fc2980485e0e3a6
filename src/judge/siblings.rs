//! Whether a new route is as open as its siblings were: those of the same resource and kind of method.
//!
//! Comes in: a threat whose cause is a route, and the threats of the base. Goes out: whether the base had another of the same rule and API
//! beside it. Such a one is asked about and holds nobody up: whoever calls it could call those. The first of a resource, the first that adds,
//! changes or deletes, what lies below one thing of a resource, and whatever stands at the root are news.

use crate::judge::route_names;
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
    let Some(resource) = resource_of(&cause.name) else { return false };
    before.values().any(|other| {
        let known = &other.key;
        known.rule == *rule
            && known.cause.kind == CauseKind::Route
            && known.cause.holder == cause.holder
            && other.outcome == Outcome::Open
            && resource_of(&known.cause.name) == Some(resource)
            && (route_names::is_for_few(&known.cause.name) || !route_names::is_for_few(&cause.name))
    })
}

/// Whether another instance of the same module of the unit has a statement that says the same, was as exposed and held data as sensitive: what
/// gives both their rights stood before.
pub(super) fn share_the_module(threat: &Threat, before: &BTreeMap<ThreatKey, Threat>) -> bool {
    let ThreatKey { rule, cause } = &threat.key;
    let module = |holder: &str| holder.split_once('#').map(|(text, _)| text.to_owned());
    let own = module(&cause.holder);
    // What stands in the unit's own text is written there for this one alone.
    if cause.kind != CauseKind::Statement || own.as_deref().is_none_or(|text| text == threat.unit.as_str()) {
        return false;
    }
    before.iter().any(|(known, other)| {
        known.rule == *rule
            && known.cause.kind == CauseKind::Statement
            && known.cause.name == cause.name
            && module(&known.cause.holder) == own
            && other.unit == threat.unit
            && other.outcome == Outcome::Open
            && (other.worst.exposed || !threat.worst.exposed)
            && other.worst.data_class >= threat.worst.data_class
    })
}

/// What a route does to what: its kind of method, and the path beside whose parts it stands. `("GET", "/users")` of `GET /users`,
/// `GET /users/{id}` and `GET /users/all`; `("POST", "/users/{id}")` of `POST /users/{id}/mails`. `None` where it stands at the root or takes
/// every path.
fn resource_of(route: &str) -> Option<(&str, &str)> {
    let (method, path) = route.split_once(' ')?;
    let kind = match method {
        "GET" | "HEAD" | "OPTIONS" => "GET",
        "PUT" | "PATCH" => "PUT",
        "POST" | "DELETE" => method,
        _ => return None,
    };
    if path.contains(['+', '*']) {
        return None;
    }
    let own = path.trim_end_matches('/').rsplit_once('/').filter(|(_, last)| is_placeholder(last)).map_or(path, |(rest, _)| rest);
    let own = own.trim_end_matches('/');
    let mut names = own.split('/').filter(|part| !is_prefix(part) && !is_placeholder(part));
    names.next()?;
    let beside = if names.next().is_none() { own } else { own.rsplit_once('/')?.0 };
    Some((kind, beside))
}

/// Whether a part of a path says nothing of what it is about: `v2`, `api`.
fn is_prefix(part: &str) -> bool {
    let version = part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    part.is_empty() || version || PREFIXES.contains(&part)
}

fn is_placeholder(part: &str) -> bool {
    part.starts_with(['{', ':', '$'])
}

#[cfg(test)]
mod tests {
    use super::resource_of;

    #[test]
    fn routes_of_one_resource_stand_beside_one_path() {
        for (route, expected) in [
            ("GET /users", Some(("GET", "/users"))),
            ("GET /users/{id}", Some(("GET", "/users"))),
            ("HEAD /users/all", Some(("GET", "/users"))),
            ("POST /users", Some(("POST", "/users"))),
            ("DELETE /users/{id}", Some(("DELETE", "/users"))),
            ("PATCH /api/v2/users/{id}", Some(("PUT", "/api/v2/users"))),
            ("POST /users/{id}/mails", Some(("POST", "/users/{id}"))),
            ("GET /login/phone/address", Some(("GET", "/login/phone"))),
            ("DELETE /{tenant}/files", Some(("DELETE", "/{tenant}/files"))),
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
