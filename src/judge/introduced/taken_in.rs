//! Named routes whose requests went to an open one before, and routes that go by another name with their functions.
//!
//! Comes in: a threat on an open route of the head, and the base. Goes out: whether a wider route of the base, which is gone, took its requests
//! and asked nobody either; whether it is a renamed one. Such a route opens nothing new, though other code answers: it is asked about. The API may be
//! of another stack: then each route stands by itself, and its unit tells which belong together.

use super::{Before, little};
use crate::judge::{pairs, route_names, routes};
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Value};
use crate::model::{Element, ElementId, Model, spelling};
use crate::source::RepoPath;
use crate::stride::{Outcome, Threat};
use std::collections::BTreeSet;

/// What a route is a part of that stands by itself.
const APIS: [&str; 2] = ["rest_api", "http_api"];
/// Words of paths and functions that say nothing of what they are about.
const OF_ANYTHING: [&str; 9] = ["create", "find", "function", "handler", "lambda", "list", "read", "show", "with"];

/// The route that a threat is about, of an API that is here, or of one elsewhere that asks nobody by it.
pub(super) fn route_of(threat: &Threat) -> Option<&str> {
    let cause = &threat.key.cause;
    match cause.kind {
        CauseKind::Route => Some(&cause.name),
        CauseKind::Property if little::ROUTES.contains(&threat.key.rule) => {
            let evidence = threat.evidence.iter().find(|evidence| evidence.fact == Fact::AuthnWeakRoutes)?;
            match &evidence.reading.as_ref()?.answer {
                Answer::Known(Value::List(names)) => names.first().filter(|_| names.len() == 1).map(String::as_str),
                Answer::Known(_) | Answer::Unresolved(_) => None,
            }
        }
        CauseKind::Property | CauseKind::Statement | CauseKind::Principal | CauseKind::Layer => None,
    }
}

impl Before<'_> {
    /// Whether what took the requests of an open route before is gone, and asked nobody either.
    pub(super) fn took_in(&self, threat: &Threat) -> bool {
        little::ROUTES.contains(&threat.key.rule)
            && threat.sharers().all(|sharer| {
                route_of(sharer).is_some_and(|route| {
                    let is_here = sharer.key.cause.kind == CauseKind::Route;
                    !route_names::is_for_few(route)
                        && if is_here { self.took_in_here(sharer, route) } else { self.took_in_elsewhere(sharer, route) }
                })
            })
    }

    fn took_in_here(&self, threat: &Threat, route: &str) -> bool {
        let api = self.old_id.get(&*threat.on).map_or(&*threat.on, ElementId::as_str);
        let stays = |known: &str| has_route(self.after, &threat.on, known);
        // Code answers as it likes; a page that everybody may read lets nobody call anything.
        let runs_code = |known: &str| {
            let leaving = self.model.flows.iter().filter(|flow| flow.from.as_str() == api && flow.via.iter().any(|via| via == known));
            leaving.filter_map(|flow| self.model.element(&flow.to)).any(|end| end.service != "object_store")
        };
        threat.outcome == Outcome::Open
            && !self.routes.kept_out(threat.key.rule, api, route)
            && self.routes.before(api, route).any(|known| routes::took(known, route) && !stays(known) && runs_code(known))
    }

    fn took_in_elsewhere(&self, threat: &Threat, route: &str) -> bool {
        let now: BTreeSet<&String> = lone(self.after, &threat.unit).flat_map(|(_, routes)| routes).collect();
        let is_guarded = |id: &ElementId| self.after.element(id).and_then(routes_of_lone).is_some_and(<[String]>::is_empty);
        // What asked for something and does not any more may be the very one.
        if lone(self.model, &threat.unit).any(|(id, routes)| routes.is_empty() && !is_guarded(id)) {
            return false;
        }
        let is_otherwise_called = |known: &str| {
            let [was, is] = [known, route].map(|route| route.split_once(' ').unwrap_or_default());
            was.1 == is.1 && is.0 != "DELETE" && is.0 != "ANY" && !self.has_new_code(&threat.unit)
        };
        let mut gone = lone(self.model, &threat.unit).flat_map(|(_, routes)| routes).filter(|known| !now.contains(known));
        gone.any(|known| routes::took(known, route) || is_otherwise_called(known))
    }

    fn has_new_code(&self, unit: &RepoPath) -> bool {
        let mut code = self.after.elements.iter().filter(|element| element.unit == *unit && element.service == "lambda_function");
        code.any(|element| self.model.element(self.old_id.get(element.id.as_str()).unwrap_or(&element.id)).is_none())
    }

    /// Whether people come in by a new route, or machines ask by it whether there is anybody; or it lists what is nobody's own, of an API that is
    /// new as well and guards whatever does more.
    pub(super) fn is_meant_for_all(&self, threat: &Threat) -> bool {
        let lists = |sharer: &Threat, route: &str| {
            let id = ElementId(sharer.on.to_string());
            let is_new = self.model.element(self.old_id.get(&*sharer.on).unwrap_or(&id)).is_none();
            let is_here = sharer.key.cause.kind == CauseKind::Route && little::ROUTES.contains(&sharer.key.rule);
            is_new && is_here && route_names::is_catalogue(route) && self.routes_now.guards_what_writes(sharer.key.rule, &sharer.on)
        };
        let is_meant = |sharer: &Threat| {
            route_of(sharer).is_some_and(|route| !routes::is_greedy(route) && (route_names::is_for_all(route) || lists(sharer, route)))
        };
        !self.threats.contains_key(&threat.key) && threat.sharers().all(is_meant)
    }

    /// Whether an open route that reads goes by another name together with what it leads to, of which nothing is left under the old name.
    pub(super) fn is_renamed_with_its_code(&self, threat: &Threat) -> bool {
        let Some(before) = self.threats.get(&threat.key) else { return false };
        let [was, is] = [&before.key.cause, &threat.key.cause];
        let are_routes = was.kind == CauseKind::Route && is.kind == CauseKind::Route && was.name != is.name;
        let read = [was, is].iter().all(|route| routes::reads(&route.name) && !routes::is_greedy(&route.name));
        let parts = |route: &str| route.matches('/').count();
        let [then, now] = [pairs::leads_to(self.model, &before.on, &was.name), pairs::leads_to(self.after, &threat.on, &is.name)];
        let stands = |model: &Model, address: &str| model.resources.contains(&ElementId(format!("{}#{address}", threat.unit)));
        let speak_of = |names: &BTreeSet<String>| names.iter().flat_map(|name| about(name)).collect::<BTreeSet<String>>();
        are_routes
            && read
            && before.outcome == Outcome::Open
            && parts(&was.name) == parts(&is.name)
            && !route_names::is_for_few(&is.name)
            && !has_route(self.after, &threat.on, &was.name)
            && !then.is_empty()
            && then.len() == now.len()
            && !then.iter().any(|address| stands(self.after, address))
            && !now.iter().any(|address| stands(self.model, address))
            && !about(&was.name).is_disjoint(&about(&is.name))
            && !speak_of(&then).is_disjoint(&speak_of(&now))
    }
}

fn has_route(model: &Model, api: &str, route: &str) -> bool {
    model.flows.iter().any(|flow| flow.from.as_str() == api && flow.via.iter().any(|via| via == route))
}

/// The words of a name that say what it is about, each without the `s` of many.
fn about(name: &str) -> BTreeSet<String> {
    let own = spelling::words(name).filter(|word| word.len() > 3 && !OF_ANYTHING.contains(&word.as_str()));
    own.map(|word| word.trim_end_matches('s').to_owned()).collect()
}

/// The routes of a unit that stand by themselves, each with its name if it asks nobody.
fn lone<'m>(model: &'m Model, unit: &RepoPath) -> impl Iterator<Item = (&'m ElementId, &'m [String])> {
    let of_unit = model.elements.iter().filter(move |element| element.unit == *unit);
    of_unit.filter_map(|element| Some((&element.id, routes_of_lone(element)?)))
}

/// Of a route that stands by itself its name if it asks nobody, or nothing; `None` where it is no such route, or nobody can tell.
fn routes_of_lone(element: &Element) -> Option<&[String]> {
    let part = element.parts.iter().find(|part| APIS.contains(&part.service) && part.label == element.address)?;
    match part.facts.value(Fact::AuthnWeakRoutes)? {
        Value::List(routes) => Some(routes),
        Value::Word(_) | Value::Set(_) | Value::Flag(_) | Value::Number(_) | Value::Never => None,
    }
}
