//! The routes that the APIs of the base had, and which of them were open.
//!
//! Comes in: the base's model and threats. Goes out: where the requests of a route went before, as the gateway decides: to the route itself, else to
//! one that takes in more than one path. A route that was guarded under its name is never taken for an old opening.

use crate::judge::route_names::is_for_few;
use crate::model::Model;
use crate::model::cause::CauseKind;
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// With so many open routes that read, and none that is guarded, everybody is meant to read what an API has: one of two may be an oversight.
const LEAST_THAT_READ: usize = 3;
/// With so many that do more than that, and none that is guarded, whoever calls is told apart behind the gateway or nowhere.
const LEAST_THAT_WRITE: usize = 5;
/// By the ids of the base.
pub(super) struct Routes<'m> {
    of: BTreeMap<&'m str, OfApi<'m>>,
    /// Rule, API and route of what is open.
    open: BTreeSet<(&'static str, String, String)>,
    /// How many paths of an API a rule calls open.
    opened: BTreeMap<(&'static str, &'m str), usize>,
}

/// How many routes of an API read, and how many do more; one that takes any method is of both.
#[derive(Default)]
struct Habit {
    read: usize,
    write: usize,
}

#[derive(Default)]
struct OfApi<'m> {
    all: BTreeSet<&'m str>,
    /// Those that take in more than one path: whatever lies below them, whatever stands in a part of it, or what no other route takes.
    wide: Vec<&'m str>,
    /// How many of them are paths, and none of what a socket tells apart.
    paths: usize,
    /// Of all paths, and of those that are meant for few.
    habits: [Habit; 2],
}

impl OfApi<'_> {
    fn count(&mut self, route: &str) {
        self.paths += 1;
        let kinds = if is_for_few(route) { 2 } else { 1 };
        for habit in self.habits.iter_mut().take(kinds) {
            habit.read += usize::from(reads(route) || route.starts_with("ANY "));
            habit.write += usize::from(!reads(route));
        }
    }
}

impl<'m> Routes<'m> {
    pub(super) fn of<'t>(model: &'m Model, threats: impl Iterator<Item = &'t Threat>) -> Self {
        let mut of: BTreeMap<&str, OfApi<'_>> = BTreeMap::new();
        for flow in model.flows.iter().filter(|flow| !flow.via.is_empty()) {
            let api = of.entry(flow.from.as_str()).or_default();
            for route in flow.via.iter().map(String::as_str) {
                if !api.all.insert(route) {
                    continue;
                }
                if is_greedy(route) || route.contains('{') {
                    api.wide.push(route);
                }
                if is_path(route) {
                    api.count(route);
                }
            }
        }
        let is_open = |threat: &&Threat| threat.outcome == Outcome::Open && threat.key.cause.kind == CauseKind::Route;
        let open = threats.filter(is_open).map(|threat| (threat.key.rule, threat.on.to_string(), threat.key.cause.name.clone()));
        let open: BTreeSet<(&'static str, String, String)> = open.collect();
        let mut opened = BTreeMap::new();
        for (rule, api, route) in open.iter().filter(|(_, _, route)| is_path(route)) {
            if let Some((api, _)) = of.get_key_value(api.as_str()).filter(|(_, of)| of.all.contains(route.as_str())) {
                *opened.entry((*rule, *api)).or_insert(0) += 1;
            }
        }
        Self { of, open, opened }
    }

    /// The routes of an API that the requests of a route may have gone to; empty where none took them.
    pub(super) fn before<'r>(&'r self, api: &str, route: &'r str) -> impl Iterator<Item = &'m str> + 'r {
        let of = self.of.get(api);
        let any = route.split_once(' ').map(|(_, path)| format!("ANY {path}"));
        let named = of.into_iter().flat_map(move |of| [Some(route), any.as_deref()].map(|name| of.all.get(name?).copied())).flatten();
        let named: BTreeSet<&str> = named.collect();
        let wide = of.into_iter().flat_map(|of| &of.wide).copied().filter(|wide| takes_along(wide, route));
        named.into_iter().chain(wide)
    }

    /// Whether an API let anybody do such a thing with whatever it had: enough routes that read as the route does, or that do more, and none of all
    /// that the rule does not call open. What is meant for few is one of such routes alone.
    pub(super) fn are_open_throughout(&self, rule: &'static str, api: &str, route: &str) -> bool {
        let Some(of) = self.of.get(api) else { return false };
        let least = if reads(route) { LEAST_THAT_READ } else { LEAST_THAT_WRITE };
        let habit = &of.habits[usize::from(is_for_few(route))];
        let count = if reads(route) { habit.read } else { habit.write };
        count >= least && self.opened.get(&(rule, api)).is_some_and(|open| *open == of.paths)
    }

    /// Whether an API has routes that do more than read, and the rule calls none of them open.
    pub(super) fn guards_what_writes(&self, rule: &'static str, api: &str) -> bool {
        let Some(of) = self.of.get(api) else { return false };
        let mut writing = of.all.iter().filter(|route| is_path(route) && !reads(route)).peekable();
        writing.peek().is_some() && writing.all(|route| !self.open.contains(&(rule, api.to_owned(), (*route).to_owned())))
    }

    /// Whether the requests of a route already went to one that the rule does not call open: to open the route lets somebody in.
    pub(super) fn kept_out(&self, rule: &'static str, api: &str, route: &str) -> bool {
        self.before(api, route).any(|known| !self.open.contains(&(rule, api.to_owned(), known.to_owned())))
    }
}

/// Whether a route only reads, by its method.
pub(super) fn reads(route: &str) -> bool {
    matches!(route.split_once(' '), Some(("GET" | "HEAD" | "OPTIONS", _)))
}

/// Whether a route takes the requests of another one, where there is none of that very name: any method of its path, or more than one path.
pub(super) fn took(known: &str, route: &str) -> bool {
    let is_any =
        || known.split_once(' ').is_some_and(|(any, path)| any == "ANY" && route.split_once(' ').map(|(_, own)| own) == Some(path));
    let takes_no_more = || is_greedy(known) || !is_greedy(route);
    known != route && takes_no_more() && (is_any() || (is_greedy(known) || known.contains('{')) && takes_along(known, route))
}

/// Whether it is a route by a path, or one that takes every path.
fn is_path(route: &str) -> bool {
    route.contains(" /") || is_greedy(route)
}

/// Whether a route takes in every path below one, or whatever no other route takes.
pub(super) fn is_greedy(route: &str) -> bool {
    route == "$default" || route.contains("+}")
}

/// Whether a route that takes in more than one path takes a request of another one, where there is no nearer one.
fn takes_along(wide: &str, route: &str) -> bool {
    let (Some((any, path)), Some((method, own))) = (wide.split_once(' '), route.split_once(' ')) else { return wide == "$default" };
    let before = path.strip_suffix("+}").and_then(|path| path.rsplit_once('{')).map(|(before, _)| before);
    let is_below = |before: &str| own.strip_prefix(before).is_some_and(|rest| !rest.is_empty());
    let is_parameter = |part: &str| part.starts_with('{') && part.ends_with('}');
    let fits = |(part, own): (&str, &str)| part == own || is_parameter(part) && !own.is_empty();
    let is_of_parts = || path.split('/').count() == own.split('/').count() && path.split('/').zip(own.split('/')).all(fits);
    (any == "ANY" || any == method) && before.map_or_else(is_of_parts, is_below)
}

#[cfg(test)]
mod tests {
    use super::{takes_along, took};

    #[test]
    fn a_wider_route_took_the_requests_of_a_named_one() {
        for (known, route, expected) in [
            ("ANY /bookings", "GET /bookings", true),
            ("ANY /bookings/{proxy+}", "GET /bookings/{id}", true),
            ("ANY /bookings/{proxy+}", "GET /bookings", false),
            ("POST /bookings", "GET /bookings", false),
            ("ANY /{id}", "ANY /{proxy+}", false),
            ("GET /bookings", "GET /bookings", false),
        ] {
            assert_eq!(took(known, route), expected, "{known}, {route}");
        }
    }

    #[test]
    fn a_greedy_route_takes_along_what_lies_below_it() {
        for (wide, route, expected) in [
            ("ANY /{proxy+}", "GET /users", true),
            ("ANY /{proxy+}", "GET /", false),
            ("GET /{proxy+}", "GET /users/{id}", true),
            ("GET /{proxy+}", "POST /users", false),
            ("ANY /users/{rest+}", "GET /users", false),
            ("ANY /users/{rest+}", "GET /users/7", true),
            ("$default", "GET /users", true),
            ("ANY /{id}", "GET /users", true),
            ("ANY /courses/{id}", "ANY /courses/favorites", true),
            ("GET /courses/{id}", "ANY /courses/favorites", false),
            ("ANY /courses/{id}", "GET /courses/community/recent", false),
            ("ANY /courses/{id}", "GET /courses", false),
        ] {
            assert_eq!(takes_along(wide, route), expected, "{wide}, {route}");
        }
    }
}
