//! Open routes and grave statements that go on under an owner of another name.
//!
//! Comes in: the threats of both sides and what the change adds and removes. Goes out: those of the head that an API or a role had which has them
//! no more: in the same file they are no news. In another, which may be another account, routes to the same functions are asked about. Each that is gone stands for one,
//! so that a copy beside the old owner or a second door is news.

use crate::delta::Delta;
use crate::judge::pairs;
use crate::model::cause::CauseKind;
use crate::model::{ElementId, Model};
use crate::stride::{Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// Most pairs that are looked at: beyond that what is new is new.
const MOST_COMPARED: usize = 1_000_000;

/// Where a threat of the head stood under another owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stood {
    Here,
    InAnotherFile,
}

/// Threats of the head by where they stood.
pub(super) struct Moved(BTreeMap<ThreatKey, Stood>);

struct Sides<'m> {
    base: &'m Model,
    head: &'m Model,
    new: BTreeSet<&'m str>,
    /// APIs of the base by the names that they have at the head, where those are others.
    new_name: BTreeMap<&'m str, &'m str>,
    /// What leaves an element at the head, and by which route.
    routes: BTreeSet<(&'m str, &'m str)>,
}

impl Moved {
    /// `before` are the threats of the base by the keys that they have at the head.
    pub(super) fn of(before: &BTreeMap<ThreatKey, Threat>, head: &[Threat], (base, after): (&Model, &Model), delta: &Delta) -> Self {
        let sides = Sides {
            base,
            head: after,
            new: delta.elements_added.iter().map(ElementId::as_str).collect(),
            new_name: delta.elements_renamed.iter().map(|rename| (rename.from.as_str(), rename.to.as_str())).collect(),
            routes: after.flows.iter().flat_map(|flow| flow.via.iter().map(|via| (flow.from.as_str(), via.as_str()))).collect(),
        };
        let now: BTreeMap<&ThreatKey, &Threat> = head.iter().map(|threat| (&threat.key, threat)).collect();
        // What took the place of a route there is another thing, unless it leads to the same.
        let goes_on = |key: &ThreatKey, old: &Threat| {
            now.get(key).is_some_and(|now| key.cause.kind != CauseKind::Route || sides.lead_to_the_same(old, now))
        };
        let old = before.iter().filter(|(key, threat)| sides.is_gone(threat) && !goes_on(key, threat));
        let mut free: Vec<&Threat> = old.map(|(_, threat)| threat).collect();
        let mut new: Vec<&Threat> = head.iter().filter(|threat| !before.contains_key(&threat.key) && sides.is_new(threat)).collect();
        let mut moved = BTreeMap::new();
        if free.len().saturating_mul(new.len()) > MOST_COMPARED {
            return Self(moved);
        }
        for stood in [Stood::Here, Stood::InAnotherFile] {
            new.retain(|threat| match free.iter().position(|old| sides.are_one(old, threat, stood)) {
                Some(index) => {
                    free.remove(index);
                    moved.insert(threat.key.clone(), stood);
                    false
                }
                None => true,
            });
        }
        Self(moved)
    }

    /// Where a threat stood under another owner; `None` where it did not.
    pub(super) fn stood(&self, threat: &Threat) -> Option<Stood> {
        self.0.get(&threat.key).copied()
    }
}

impl Sides<'_> {
    fn is_gone(&self, threat: &Threat) -> bool {
        let holder = ElementId(threat.key.cause.holder.clone());
        threat.outcome == Outcome::Open
            && match threat.key.cause.kind {
                // A route that the API still has may be guarded now: then another one is a second door.
                CauseKind::Route => {
                    let api = self.new_name.get(&*threat.on).copied().unwrap_or(&*threat.on);
                    !self.routes.contains(&(api, threat.key.cause.name.as_str()))
                }
                CauseKind::Statement => self.base.resources.contains(&holder) && !self.head.resources.contains(&holder),
                CauseKind::Property | CauseKind::Principal | CauseKind::Layer => false,
            }
    }

    fn is_new(&self, threat: &Threat) -> bool {
        let holder = ElementId(threat.key.cause.holder.clone());
        match threat.key.cause.kind {
            CauseKind::Route => self.new.contains(&*threat.on),
            CauseKind::Statement => self.head.resources.contains(&holder) && !self.base.resources.contains(&holder),
            CauseKind::Property | CauseKind::Principal | CauseKind::Layer => false,
        }
    }

    /// Whether a route of the base and one of the head lead to functions of the same names.
    fn lead_to_the_same(&self, old: &Threat, new: &Threat) -> bool {
        let leads_to = pairs::leads_to(self.head, &new.on, &new.key.cause.name);
        !leads_to.is_empty() && leads_to == pairs::leads_to(self.base, &old.on, &old.key.cause.name)
    }

    /// Whether nothing that a route of the base led to is left, and nothing that one of the head leads to was there.
    fn are_renamed_too(&self, old: &Threat, new: &Threat) -> bool {
        let stands = |model: &Model, unit: &str, address: &str| model.resources.contains(&ElementId(format!("{unit}#{address}")));
        let then = pairs::leads_to(self.base, &old.on, &old.key.cause.name);
        let now = pairs::leads_to(self.head, &new.on, &new.key.cause.name);
        !then.iter().any(|address| stands(self.head, old.unit.as_str(), address))
            && !now.iter().any(|address| stands(self.base, new.unit.as_str(), address))
    }

    /// Whether the one says no more than the other did, to no more, and reaches nothing worse.
    fn are_one(&self, old: &Threat, new: &Threat, stood: Stood) -> bool {
        let [was, is] = [&old.key.cause, &new.key.cause];
        old.key.rule == new.key.rule
            && was.kind == is.kind
            && (old.unit == new.unit) == (stood == Stood::Here)
            && (old.worst.exposed || !new.worst.exposed)
            && old.worst.data_class >= new.worst.data_class
            && match is.kind {
                CauseKind::Route if stood == Stood::InAnotherFile => is_behind(&was.name, &is.name) && self.lead_to_the_same(old, new),
                CauseKind::Route => was.name == is.name && (self.lead_to_the_same(old, new) || self.are_renamed_too(old, new)),
                _ => stood == Stood::Here && was.name == is.name && new.sharers().count() <= old.sharers().count(),
            }
    }
}

/// Whether a route is another one, or what is left of it behind the base path that a domain puts before it: `POST /` of `POST /orders`.
fn is_behind(old: &str, new: &str) -> bool {
    let (Some((method, old)), Some((known, new))) = (old.split_once(' '), new.split_once(' ')) else { return false };
    let rest = if new == "/" { Some(old) } else { old.strip_suffix(new) };
    let is_base = |base: &str| base.is_empty() || base.starts_with('/') && base.matches('/').count() == 1 && !base.contains('{');
    method == known && rest.is_some_and(is_base)
}

#[cfg(test)]
mod tests {
    use super::is_behind;

    #[test]
    fn a_route_lies_behind_a_base_path() {
        for (old, new, expected) in [
            ("POST /orders", "POST /orders", true),
            ("POST /orders", "POST /", true),
            ("GET /orders/{id}", "GET /{id}", true),
            ("GET /shop/orders/{id}", "GET /{id}", false),
            ("GET /orders", "POST /", false),
            ("GET /{proxy+}", "GET /", false),
        ] {
            assert_eq!(is_behind(old, new), expected, "{old} {new}");
        }
    }
}
