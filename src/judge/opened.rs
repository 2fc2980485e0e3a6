//! New routes that let anybody in: the API that has them lost no control by it, because what stood there before asks for what it asked.
//!
//! Comes in: the facts that changed, the models of both sides, the threats at the head. Goes out: the same changes, of which one that does no more
//! than sum up new routes takes nothing away: each of them has a threat that says so.

use crate::decisions::Reviewed;
use crate::delta::Delta;
use crate::judge::routes::Routes;
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Value};
use crate::model::{ElementId, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Says once what a new route opens.
pub(super) fn count_once(delta: &mut Delta, before: &Model, after: &Model, reviewed: &[Reviewed]) {
    if !delta.controls_taken().any(|(_, change)| change.fact == Fact::Authn) {
        return;
    }
    let [routes_before, routes_after] = [before, after].map(|model| Routes::of(model, std::iter::empty()));
    let told: BTreeSet<(&str, &str)> = reviewed.iter().filter(|reviewed| reviewed.introduced).flat_map(routes_of).collect();
    let renamed: BTreeMap<ElementId, ElementId> =
        delta.elements_renamed.iter().map(|rename| (rename.to.clone(), rename.from.clone())).collect();
    for (id, changes) in &mut delta.elements_changed {
        let of_api = changes.iter_mut().find(|change| change.takes_away && change.fact == Fact::Authn && change.part.is_empty());
        let Some(change) = of_api else { continue };
        let was = renamed.get(id).unwrap_or(id);
        let (Some(then), Some(now)) = (open_routes(before, was), open_routes(after, id)) else { continue };
        let is_new = |route: &&String| {
            let stands = routes_after.before(id.as_str(), route).any(|known| known == *route);
            stands && routes_before.before(was.as_str(), route).next().is_none() && told.contains(&(id.as_str(), route.as_str()))
        };
        let mut opened = now.difference(&then).peekable();
        change.takes_away = opened.peek().is_none() || !opened.all(|route| is_new(&route));
    }
}

/// The element and the route that a threat is about, for each that shares it.
fn routes_of(reviewed: &Reviewed) -> impl Iterator<Item = (&str, &str)> {
    let cause = &reviewed.threat.key.cause;
    let sharers = reviewed.threat.sharers().filter(|_| cause.kind == CauseKind::Route);
    sharers.map(|sharer| (&*sharer.on, &*cause.name))
}

/// The routes of an API that ask for nothing, or for a key alone; `None` where that cannot be told of one of them.
fn open_routes(model: &Model, id: &ElementId) -> Option<BTreeSet<String>> {
    let facts = &model.element(id)?.facts;
    let mut routes = BTreeSet::new();
    for fact in [Fact::AuthnWeakRoutes, Fact::AuthnKeyRoutes] {
        match facts.get(fact).map(|reading| &reading.answer) {
            Some(Answer::Unresolved(_)) => return None,
            Some(Answer::Known(Value::List(names))) => routes.extend(names.iter().cloned()),
            Some(Answer::Known(_)) | None => {}
        }
    }
    Some(routes)
}
