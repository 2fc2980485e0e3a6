//! What changed without anything here weighing it.
//!
//! Comes in: the models of both sides. Goes out: properties that are new, gone or of another value, of resources that the head has, and what
//! a model file says otherwise of its threats and its scope.

use crate::delta::Rename;
use crate::model::fact::Fact;
use crate::model::recorded::RecordedThreat;
use crate::model::unweighed::{Kind, Unweighed};
use crate::model::{ElementId, Model};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Ordered by resource and path.
pub(super) fn find(base: &Model, head: &Model, renames: &[Rename]) -> Vec<Unweighed> {
    let new_id: BTreeMap<&ElementId, &ElementId> = renames.iter().map(|rename| (&rename.from, &rename.to)).collect();
    let mut found = properties(base, head, &new_id);
    found.extend(recorded(base, head));
    found.extend(out_of_scope(base, head));
    found.sort_unstable();
    found
}

fn properties(base: &Model, head: &Model, new_id: &BTreeMap<&ElementId, &ElementId>) -> Vec<Unweighed> {
    let key_of = |other: &Unweighed| {
        let id = new_id.get(&other.id).copied().unwrap_or(&other.id);
        (id.clone(), other.path.clone())
    };
    // A property of a list of things stands there several times.
    let mut before: BTreeMap<(ElementId, String), BTreeSet<&str>> = BTreeMap::new();
    for other in &base.unweighed {
        before.entry(key_of(other)).or_default().insert(&other.digest);
    }
    let mut now: BTreeMap<(ElementId, String), BTreeSet<&str>> = BTreeMap::new();
    for other in &head.unweighed {
        now.entry((other.id.clone(), other.path.clone())).or_default().insert(&other.digest);
    }
    let known: BTreeSet<&ElementId> = base.unweighed.iter().map(|other| &other.id).collect();
    let old_id: BTreeMap<&ElementId, &ElementId> = new_id.iter().map(|(old, new)| (*new, *old)).collect();
    // What is new as a whole and stands in the model is looked at as a whole.
    let is_new = |id: &ElementId| {
        let before = old_id.get(id).copied().unwrap_or(id);
        head.element(id).is_some() && base.element(before).is_none() && !known.contains(before)
    };
    // How a unit is deployed that was not there is no change of it.
    let units: BTreeSet<&RepoPath> =
        base.unweighed.iter().map(|other| &other.unit).chain(base.elements.iter().map(|element| &element.unit)).collect();
    let counts = |other: &&Unweighed| match other.kind {
        Kind::Property => !is_new(&other.id),
        Kind::Deployment => units.contains(&other.unit),
        Kind::UnknownType | Kind::Guard => true,
    };
    let mut found: Vec<Unweighed> = Vec::new();
    for other in head.unweighed.iter().filter(counts) {
        let key = (other.id.clone(), other.path.clone());
        let is_told = found.last().is_some_and(|last| last.id == other.id && last.path == other.path);
        if !is_told && other.kind != Kind::Guard && before.get(&key) != now.get(&key) {
            found.push(other.clone());
        }
    }
    let unweighed = head.unweighed.iter().map(|other| &other.id);
    let stays: BTreeSet<&ElementId> = unweighed.chain(head.elements.iter().map(|element| &element.id)).collect();
    let is_there = |unit: &RepoPath| head.elements.iter().any(|element| element.unit == *unit);
    // Of resources that are gone as a whole only those are told that nothing else tells.
    let is_gone = |other: &&Unweighed| {
        let key = key_of(other);
        !now.contains_key(&key)
            && match other.kind {
                Kind::Property => stays.contains(&key.0),
                Kind::Deployment => is_there(&other.unit),
                // What decides by being there goes with its element, and a denial with nothing.
                Kind::Guard if !other.path.is_empty() && base.element(&other.id).is_some() => stays.contains(&key.0),
                Kind::Guard => is_there(&other.unit),
                Kind::UnknownType => true,
            }
    };
    let mut gone: Vec<Unweighed> = base.unweighed.iter().filter(is_gone).cloned().collect();
    gone.dedup_by(|a, b| a.id == b.id && a.path == b.path);
    found.extend(gone);
    found
}

/// Threats of a model file that are of the same status and say something else: less severe, or no longer what they said.
fn recorded(base: &Model, head: &Model) -> Vec<Unweighed> {
    let before: BTreeMap<(&str, &str), &RecordedThreat> =
        base.recorded.iter().map(|threat| ((threat.unit.as_str(), threat.id.as_str()), threat)).collect();
    let mut found = Vec::new();
    for threat in &head.recorded {
        let Some(old) = before.get(&(threat.unit.as_str(), threat.id.as_str())).filter(|old| old.status == threat.status) else { continue };
        let changed = [
            ("severity", old.severity != threat.severity),
            ("statement", old.title != threat.title || old.description != threat.description),
            ("mitigation", old.rationale != threat.rationale),
        ];
        found.extend(changed.into_iter().filter(|(_, differs)| *differs).map(|(path, _)| Unweighed {
            id: ElementId::new(&threat.unit, &threat.id),
            unit: threat.unit.clone(),
            kind: Kind::Property,
            path: path.to_owned(),
            declared: "threat".to_owned(),
            digest: String::new(),
            place: threat.place.clone(),
        }));
    }
    found
}

/// Elements that a model file puts out of its scope, so that nothing is asked of them any more.
fn out_of_scope(base: &Model, head: &Model) -> Vec<Unweighed> {
    let is_out = |model: &Model, id: &ElementId| model.element(id).map(|element| element.facts.get(Fact::OutOfScope).is_some());
    let put_out =
        head.elements.iter().filter(|element| is_out(head, &element.id) == Some(true) && is_out(base, &element.id) == Some(false));
    put_out
        .map(|element| Unweighed {
            id: element.id.clone(),
            unit: element.unit.clone(),
            kind: Kind::Property,
            path: "out of scope".to_owned(),
            declared: "element".to_owned(),
            digest: String::new(),
            place: element.place.clone(),
        })
        .collect()
}
