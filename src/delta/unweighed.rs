//! What changed without anything here weighing it.
//!
//! Comes in: the models of both sides. Goes out: properties that are new, gone or of another value, of resources that the head has, and what
//! a model file says otherwise of its threats and its scope.

use crate::delta::{Rename, counted, renames};
use crate::model::fact::Fact;
use crate::model::limit::Way;
use crate::model::recorded::RecordedThreat;
use crate::model::unweighed::{ARGUMENT, BARE, HERE, IN_EVERY_CASE, IN_SOME_CASES, Kind, NOTHING, ONE_OF, SAFE, Unweighed};
use crate::model::{ElementId, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Ordered by resource and path.
pub(super) fn find(base: &Model, head: &Model, renames: &[Rename]) -> Vec<Unweighed> {
    let mut counted = counted::pairs(base, head);
    counted.extend(renames::stated(base, head));
    let renamed = renames.iter().map(|rename| (&rename.from, &rename.to));
    let new_id: BTreeMap<&ElementId, &ElementId> = counted.iter().map(|(from, to)| (from, to)).chain(renamed).collect();
    let mut found = properties(base, head, &new_id);
    found.extend(recorded(base, head));
    found.extend(out_of_scope(base, head));
    found.sort_unstable();
    found
}

fn properties(base: &Model, head: &Model, new_id: &BTreeMap<&ElementId, &ElementId>) -> Vec<Unweighed> {
    let at_head = |id: &ElementId| new_id.get(id).map_or_else(|| id.clone(), |new| (*new).clone());
    let (before, now) = (values(base, &at_head), values(head, &ElementId::clone));
    let known: BTreeSet<ElementId> = base.resources.iter().map(at_head).collect();
    let units = |model: &Model| -> BTreeSet<String> { model.resources.iter().map(|id| id.unit().to_owned()).collect() };
    let (old_units, mut new_units) = (units(base), units(head));
    // A root that makes nothing any more is there all the same.
    new_units.extend(head.words.keys().map(|unit| unit.as_str().to_owned()));
    let moved = moved(base, head, &known, &at_head);
    let ways = ways(base, &at_head);
    let denied = Denied::of(head);
    let is_news = |other: &&Unweighed| match other.kind {
        // What is new as a whole and stands in the model is looked at as a whole.
        Kind::Property => known.contains(&other.id) || head.element(&other.id).is_none(),
        // How a unit is deployed that was not there is no change of it.
        Kind::Deployment => old_units.contains(other.unit.as_str()),
        Kind::Value => before.get(&key(other, &ElementId::clone)).is_some_and(|before| is_worth_telling(before, &other.digest)),
        Kind::Opening => other.digest != SAFE,
        Kind::Arrival => {
            known.contains(&other.id) && !before.get(&key(other, &ElementId::clone)).is_some_and(|before| before.contains(&&*other.digest))
        }
        Kind::Way => lets_more_through(other, &ways),
        Kind::UnknownType | Kind::Silent => true,
        Kind::Guard | Kind::Part | Kind::Trigger => false,
    };
    let is_changed = |other: &&Unweighed| {
        let key = key(other, &ElementId::clone);
        before.get(&key) != now.get(&key)
    };
    let is_lost = |other: &&Unweighed| {
        let stays = head.resources.contains(&at_head(&other.id));
        let left = now.get(&key(other, &at_head));
        let goes_along = || !other.works_for.is_empty() && other.works_for.iter().all(|id| head.element(&at_head(id)).is_none());
        match other.kind {
            Kind::Property | Kind::Opening => stays && left.is_none(),
            // That it goes is what is weighed, but where nothing guards it any more.
            Kind::Value => !is_bare(&other.digest) && left.is_some_and(|left| left.iter().all(|digest| is_bare(digest))),
            Kind::Deployment => new_units.contains(other.unit.as_str()) && left.is_none(),
            Kind::UnknownType | Kind::Silent => left.is_none(),
            Kind::Way | Kind::Arrival => false,
            // A guard that goes is told as that.
            Kind::Part if other.path == IN_SOME_CASES => false,
            Kind::Part if other.path == IN_EVERY_CASE => now.contains_key(&(at_head(&other.id), Kind::Part, IN_SOME_CASES.to_owned())),
            Kind::Part => stays && !left.is_some_and(|left| left.contains(&&*other.digest)) && !goes_along(),
            Kind::Guard | Kind::Trigger if other.path.is_empty() => {
                new_units.contains(other.unit.as_str())
                    && left.is_none()
                    && !goes_along()
                    && !moved.contains(&(other.kind, other.digest.as_str()))
            }
            // What decides by being there goes with its element; a denial is told unless its template is gone.
            Kind::Guard if base.element(&other.id).is_some() && !stays => false,
            // A denial that is written otherwise is told where it denies less.
            Kind::Guard if other.way.is_some() => new_units.contains(other.unit.as_str()) && !denied.covers(other, &at_head),
            // What a module is told goes with the call.
            Kind::Guard if other.path.starts_with(ARGUMENT) && !stays => false,
            Kind::Guard | Kind::Trigger => {
                new_units.contains(other.unit.as_str()) && !left.is_some_and(|left| left.contains(&&*other.digest))
            }
        }
    };
    let changed = head.unweighed.iter().filter(is_news).filter(is_changed);
    // Where there are as many statements that deny as before, one is written otherwise, and nobody here says whether it denies less.
    let as_it_is = |other: &Unweighed| {
        let count = |values: &BTreeMap<Key, Vec<&str>>| values.get(&key(other, &at_head)).map_or(0, Vec::len);
        let is_rewritten = count(&now) > 0 && count(&now) >= count(&before);
        let is_of_a_trigger = || base.unweighed.iter().any(|whole| whole.kind == Kind::Trigger && whole.id == other.id);
        let kind = match other.kind {
            Kind::Guard | Kind::Part if is_rewritten && other.way.is_none() => Kind::Property,
            Kind::Part if is_of_a_trigger() => Kind::Property,
            Kind::Value => Kind::Guard,
            kind => kind,
        };
        Unweighed { kind, ..other.clone() }
    };
    let lost = base.unweighed.iter().filter(is_lost).map(as_it_is);
    let mut found: Vec<Unweighed> = changed.cloned().chain(lost).collect();
    // A property is told once, however often it stands there, where it is another one; of denials each is.
    let is_old = |other: &Unweighed| before.get(&key(other, &ElementId::clone)).is_some_and(|before| before.contains(&&*other.digest));
    found.sort_by_cached_key(|other| {
        (other.id.clone(), other.path.clone(), other.kind, is_old(other), other.digest.clone(), other.place.clone())
    });
    let is_alike = |a: Kind, b: Kind| a == b || a.is_property() && b.is_property();
    // What is told as taken away is not told as changed too.
    let taken: BTreeSet<(ElementId, String)> =
        found.iter().filter(|other| other.kind.guards()).map(|other| (other.id.clone(), other.path.clone())).collect();
    found.retain(|other| !(other.kind == Kind::Property && taken.contains(&(other.id.clone(), other.path.clone()))));
    found.dedup_by(|a, b| a.id == b.id && is_alike(a.kind, b.kind) && a.path == b.path && (a.kind != Kind::Guard || a.digest == b.digest));
    // Of what is new as a whole no property is named where the notation has words of its own for them: it is told once, where it stands first.
    let mut whole: BTreeMap<ElementId, (usize, u32)> = BTreeMap::new();
    let is_of_new = |other: &Unweighed| other.kind == Kind::Property && !known.contains(&other.id) && head.words.contains_key(&other.unit);
    for (index, other) in found.iter().enumerate().filter(|(_, other)| is_of_new(other)) {
        let first = whole.entry(other.id.clone()).or_insert((index, other.place.line));
        if other.place.line < first.1 {
            *first = (index, other.place.line);
        }
    }
    let mut index = 0..;
    found.retain(|other| {
        let at = index.next();
        !is_of_new(other) || whole.get(&other.id).map(|(first, _)| *first) == at
    });
    found
}

/// The ways of one side, by their resource, what they are told as, and what they let through.
type Ways<'m> = BTreeMap<(ElementId, &'m str, &'m str), Vec<&'m Way>>;

fn ways<'m>(model: &'m Model, at_head: &dyn Fn(&ElementId) -> ElementId) -> Ways<'m> {
    let mut ways = Ways::new();
    for other in model.unweighed.iter().filter(|other| other.kind == Kind::Way) {
        if let Some(way) = &other.way {
            ways.entry((at_head(&other.id), &other.path, &way.what)).or_default().push(way);
        }
    }
    ways
}

/// What the guards of one side close, by whom they are of.
struct Denied<'m>(BTreeMap<&'m ElementId, Vec<&'m Way>>);

impl<'m> Denied<'m> {
    fn of(model: &'m Model) -> Self {
        let mut denied: BTreeMap<&ElementId, Vec<&Way>> = BTreeMap::new();
        for other in model.unweighed.iter().filter(|other| other.kind == Kind::Guard) {
            denied.entry(&other.id).or_default().extend(&other.way);
        }
        Self(denied)
    }

    /// Whether one of them closes all that a guard of the other side does.
    fn covers(&self, other: &Unweighed, at_head: &dyn Fn(&ElementId) -> ElementId) -> bool {
        let Some(way) = &other.way else { return false };
        self.0.get(&at_head(&other.id)).is_some_and(|ways| ways.iter().any(|now| now.is_at_least(way)))
    }
}

/// Whether a way lets through what none of those before it did, where there were any.
fn lets_more_through(other: &Unweighed, before: &Ways<'_>) -> bool {
    let Some(way) = &other.way else { return false };
    let before = before.get(&(other.id.clone(), other.path.as_str(), way.what.as_str()));
    before.is_some_and(|before| !before.iter().any(|before| before.is_at_least(way)))
}

/// Guards and triggers of the head that the base has not under their names, by what they are.
fn moved<'m>(
    base: &Model,
    head: &'m Model,
    known: &BTreeSet<ElementId>,
    at_head: &dyn Fn(&ElementId) -> ElementId,
) -> BTreeSet<(Kind, &'m str)> {
    let is_whole = |other: &&Unweighed| matches!(other.kind, Kind::Guard | Kind::Trigger) && other.path.is_empty();
    let kept: BTreeSet<ElementId> = base.unweighed.iter().filter(is_whole).map(|other| at_head(&other.id)).collect();
    let is_new = |other: &&Unweighed| !kept.contains(&other.id) && !known.contains(&other.id);
    head.unweighed.iter().filter(is_whole).filter(is_new).map(|other| (other.kind, other.digest.as_str())).collect()
}

/// Whether another value is worth telling, by the digests of those before: neither what is weighed, nor a guard in place of none.
fn is_worth_telling(before: &[&str], now: &str) -> bool {
    let is_narrowed = || before.iter().all(|digest| is_bare(digest)) && !is_bare(now);
    let loses_a_guard = || is_bare(now) && before.iter().any(|digest| !is_bare(digest));
    let is_of_schema = is_bare(now) || before.iter().any(|digest| is_bare(digest));
    let is_one_of_before = now.starts_with(ONE_OF) && before.contains(&now);
    now != HERE
        && now != NOTHING
        && !is_one_of_before
        && !before.contains(&NOTHING)
        && (!is_of_schema || !is_narrowed() && !loses_a_guard())
}

fn is_bare(digest: &str) -> bool {
    digest.starts_with(BARE)
}

type Key = (ElementId, Kind, String);

fn key(other: &Unweighed, at_head: &dyn Fn(&ElementId) -> ElementId) -> Key {
    (at_head(&other.id), other.kind, other.path.clone())
}

/// The values of what stands at one place, in the order of the text: a property of a list of things stands there several times.
fn values<'m>(model: &'m Model, at_head: &dyn Fn(&ElementId) -> ElementId) -> BTreeMap<Key, Vec<&'m str>> {
    let mut all: Vec<&Unweighed> = model.unweighed.iter().collect();
    all.sort_by_key(|other| (&other.place.path, other.place.line));
    let mut values: BTreeMap<Key, Vec<&str>> = BTreeMap::new();
    for other in all {
        values.entry(key(other, at_head)).or_default().push(&other.digest);
    }
    values
}

/// Threats of a model file that are of the same status and say something else: of another weight or category, on something else, no longer what
/// they said, or their status spelt otherwise.
fn recorded(base: &Model, head: &Model) -> Vec<Unweighed> {
    let before: BTreeMap<(&str, &str), &RecordedThreat> =
        base.recorded.iter().map(|threat| ((threat.unit.as_str(), threat.id.as_str()), threat)).collect();
    let mut found = Vec::new();
    for threat in &head.recorded {
        let Some(old) = before.get(&(threat.unit.as_str(), threat.id.as_str())).filter(|old| old.status == threat.status) else { continue };
        let changed = [
            ("category", old.category != threat.category),
            ("element", old.on != threat.on),
            ("status", old.raw_status != threat.raw_status),
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
            works_for: Vec::new(),
            way: None,
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
            works_for: Vec::new(),
            way: None,
            place: element.place.clone(),
        })
        .collect()
}
