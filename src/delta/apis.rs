//! APIs that go on under another name: most of their routes say so, whatever else changed with them.
//!
//! Comes in: elements that are gone, and those that are new. Goes out: pairs of one kind and file that have half of the routes of the larger one at
//! least in common. Of two that could be it neither is: nobody can tell.

use crate::model::{Element, ElementKind, Model};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Routes by the id of the API that they leave.
type Routes<'m> = BTreeMap<&'m str, BTreeSet<&'m str>>;

pub(super) fn pairs<'m>(
    (base, head): (&'m Model, &'m Model),
    gone: &[&'m Element],
    new: &[&'m Element],
) -> Vec<(&'m Element, &'m Element)> {
    let (before, now) = (routes(base, gone), routes(head, new));
    let mut candidates: Vec<(&Element, &Element)> = Vec::new();
    for old in gone.iter().filter(|old| before.contains_key(old.id.as_str())) {
        let is_it = |element: &&&Element| making(element) == making(old) && are_alike(&before, old, &now, element);
        candidates.extend(new.iter().filter(is_it).map(|element| (*old, *element)));
    }
    let is_one = |(old, new): &(&Element, &Element)| {
        let rivals = candidates.iter().filter(|(other, another)| other.id == old.id || another.id == new.id);
        rivals.count() == 1
    };
    candidates.iter().filter(|pair| is_one(pair)).copied().collect()
}

/// File, kind and service.
fn making(element: &Element) -> (&RepoPath, ElementKind, &'static str) {
    (&element.unit, element.kind, element.service)
}

fn routes<'m>(model: &'m Model, elements: &[&'m Element]) -> Routes<'m> {
    let ids: BTreeSet<&str> = elements.iter().map(|element| element.id.as_str()).collect();
    let mut routes = Routes::new();
    for flow in model.flows.iter().filter(|flow| ids.contains(flow.from.as_str())) {
        let named = flow.via.iter().map(String::as_str).filter(|via| is_route(via));
        for route in named {
            routes.entry(flow.from.as_str()).or_default().insert(route);
        }
    }
    routes
}

/// Whether a flow goes by a method and a path.
fn is_route(via: &str) -> bool {
    via.split_once(' ').is_some_and(|(method, path)| path.starts_with('/') && method.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn are_alike(before: &Routes<'_>, old: &Element, now: &Routes<'_>, new: &Element) -> bool {
    let (Some(before), Some(now)) = (before.get(old.id.as_str()), now.get(new.id.as_str())) else { return false };
    before.intersection(now).count() * 2 >= before.len().max(now.len())
}
