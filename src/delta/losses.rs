//! What a change destroys, or makes unreadable: stores that are deleted or replaced, retention that is cut, keys that go, logs that end.
//!
//! Comes in: what both sides keep, and which resources go on under another address. Goes out: losses, each with before and after.
//! What cannot be told on either side is no loss, and no promise either.

mod certain;

use crate::delta::{Rename, counted};
use crate::model::fact::{Fact, Word};
use crate::model::holding::{Destroyed, Fate, Fixed, Holding, Keeps, Retained, Setting};
use crate::model::{Element, ElementId, Flow, Means, Model};
use crate::source::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What one resource loses.
#[derive(Clone, Debug, PartialEq)]
pub struct Loss {
    /// At the head; at the base where it is gone.
    pub id: ElementId,
    /// What people call it, and what people call one.
    pub name: String,
    pub noun: &'static str,
    pub keeps: Keeps,
    /// Where the head says so; `None` where there is nothing left to point to.
    pub place: Option<Place>,
    pub how: How,
    /// What is left of the data, where the template says so.
    pub stays: Option<Fate>,
    /// The same change took away what held them: a policy that keeps them, a protection against deletion.
    pub unprotected: bool,
}

impl Loss {
    /// Whether nothing of what was kept is there afterwards.
    pub fn empties(&self) -> bool {
        let goes = match self.how {
            How::Deleted | How::Readdressed(_) | How::Replaced(_) | How::Planned(_) | How::Conditional { .. } => true,
            How::Shortened { .. } | How::PolicyDropped | How::ReplacementDestroys | How::SwitchedOff => false,
        };
        goes && self.stays.is_none()
    }
}

/// How it comes to that.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    Deleted,
    /// Goes on under another address, which is another resource to the provider.
    Readdressed(ElementId),
    /// The provider makes another one; never empty.
    Replaced(Vec<Replacement>),
    /// A plan says that it is destroyed and made anew, by these properties; empty where it does not say which.
    Planned(BTreeSet<String>),
    /// It is not made any more in a case in which it was.
    Conditional {
        before: String,
        now: String,
    },
    Shortened {
        what: String,
        before: Option<i64>,
        now: i64,
    },
    /// It will be deleted with its resource, and was kept.
    PolicyDropped,
    /// It will be deleted when another resource takes the place of its own, and was kept, or a snapshot of it.
    ReplacementDestroys,
    SwitchedOff,
}

/// A property of which a change makes another resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    pub property: &'static str,
    /// `None` where it is left out.
    pub before: Option<String>,
    pub now: Option<String>,
    /// What must be so for it to hold; empty where it always does.
    pub when: String,
    pub place: Place,
}

/// What the change from one model to the other destroys. Ordered by id, then as `How` is.
pub(super) fn find(base: &Model, head: &Model, renames: &[Rename]) -> Vec<Loss> {
    let counted = counted::pairs(base, head);
    let is_renamed = |from: &ElementId| renames.iter().any(|rename| rename.from == *from);
    let counted = counted.into_iter().filter(|(from, _)| !is_renamed(from));
    let counted: Vec<Rename> = counted.map(|(from, to)| Rename { from, to, exact: false, stated: true }).collect();
    let new_id: BTreeMap<&ElementId, &Rename> = renames.iter().chain(&counted).map(|rename| (&rename.from, rename)).collect();
    let old: BTreeSet<&ElementId> =
        base.holdings.iter().map(|holding| new_id.get(&holding.id).map_or(&holding.id, |rename| &rename.to)).collect();
    let new: Vec<&Holding> = head.holdings.iter().filter(|holding| !old.contains(&holding.id)).collect();
    let mut losses = Vec::new();
    for before in &base.holdings {
        let rename = new_id.get(&before.id);
        let stated = rename.filter(|rename| rename.stated).and_then(|rename| head.holding(&rename.to));
        match (head.holding(&before.id).or(stated), rename.map(|rename| &rename.to)) {
            (Some(now), _) => losses.extend(changed((base, before), (head, now))),
            (None, _) if goes_with_its_writers((base, before), head, &new_id) => {}
            (None, Some(to)) if before.keeps.is_store() => losses.extend(readdressed(before, to, head)),
            (None, Some(to)) if records_on(before, head.holding(to)) => {}
            (None, _) => losses.extend(deleted((base, before), head, &new)),
        }
    }
    losses.extend(head.destroyed.iter().filter(|gone| is_nowhere(gone, base, head)).map(destroyed));
    losses.sort_by(|a, b| a.id.cmp(&b.id));
    losses
}

/// Whether something that a plan destroys is in neither text, and the plan of the base did not destroy it.
fn is_nowhere(gone: &Destroyed, base: &Model, head: &Model) -> bool {
    let is_in = |model: &Model| model.holding(&gone.id).is_some() || model.element(&gone.id).is_some();
    !is_in(base) && !is_in(head) && !base.destroyed.iter().any(|known| known.id == gone.id)
}

fn destroyed(gone: &Destroyed) -> Loss {
    Loss {
        id: gone.id.clone(),
        name: gone.id.address().to_owned(),
        noun: gone.noun,
        keeps: gone.keeps,
        place: None,
        how: How::Deleted,
        stays: None,
        unprotected: false,
    }
}

fn loss(of: &Holding, id: &ElementId, how: How, place: Option<&Place>) -> Loss {
    let (name, noun, keeps) = (of.name.clone(), of.noun, of.keeps);
    Loss { id: id.clone(), name, noun, keeps, place: place.cloned(), how, stays: None, unprotected: false }
}

/// A resource under another address is another one to the provider, and begins empty.
fn readdressed(before: &Holding, to: &ElementId, head: &Model) -> Option<Loss> {
    if before.deleted == Fate::Kept {
        return None;
    }
    let place = head.holding(to).map(|now| &now.place);
    let stays = Some(before.deleted).filter(|fate| *fate == Fate::Snapshot);
    Some(Loss { stays, ..loss(before, to, How::Readdressed(to.clone()), place) })
}

fn deleted((base, before): (&Model, &Holding), head: &Model, new: &[&Holding]) -> Option<Loss> {
    // A snapshot of a key or of what records is none.
    let fate = before.behind.unwrap_or(before.deleted);
    if fate == Fate::Kept || (!before.keeps.is_store() && before.keeps != Keeps::Key && goes_on(base, before, head, new)) {
        return None;
    }
    let stays = Some(fate).filter(|fate| *fate == Fate::Snapshot);
    let unprotected = before.behind.is_some();
    Some(Loss { stays, unprotected, ..loss(before, &before.id, How::Deleted, None) })
}

/// How a log group is tied to the function that has it by its name.
const BY_NAME: &str = "log group name";

/// A log group goes together with the functions and machines that wrote to it, unless one of them goes on under another address, or may go on
/// where the head could not be read. One that is a function's by its name goes with that function, also where it goes on under another name.
fn goes_with_its_writers((base, before): (&Model, &Holding), head: &Model, renamed: &BTreeMap<&ElementId, &Rename>) -> bool {
    let is_log_group = base.element(&before.id).is_some_and(|element| element.service == "log_group");
    let writing = || base.flows.iter().filter(|flow| flow.to == before.id && flow.means == Means::Log);
    let owns = |flow: &&Flow| flow.via.iter().any(|via| via == BY_NAME);
    let is_owned = writing().any(|flow| owns(&flow));
    let mut writers = writing().filter(|flow| !is_owned || owns(flow)).map(|flow| &flow.from).peekable();
    let is_gone = |id: &ElementId| head.element(id).is_none() && (is_owned || !renamed.contains_key(id));
    let is_read = !head.notes.iter().any(|note| note.kind.hides());
    is_read && is_log_group && writers.peek().is_some() && writers.all(is_gone)
}

/// Whether what records or passes on goes on under another name.
fn records_on(before: &Holding, now: Option<&Holding>) -> bool {
    before.keeps != Keeps::Key && now.is_some_and(|now| now.declared == before.declared && (now.off.is_none() || before.off.is_some()))
}

/// What records or passes on goes together with what it works for, and is no loss where another one does the same from now on.
fn goes_on(base: &Model, before: &Holding, head: &Model, new: &[&Holding]) -> bool {
    let texts = |holding: &Holding| holding.serves.iter().map(|(text, _)| text.clone()).collect::<Vec<_>>();
    // A network is no element.
    let is_there = |model: &Model, id: &ElementId| model.element(id).is_some() || model.resources.contains(id);
    // One under another name may be the same.
    let kind = |id: &ElementId| base.stated.iter().find(|stated| stated.id == *id).map(|stated| stated.declared.as_str());
    let goes_on = |id: &ElementId| {
        let is_like = |kind: &str| head.stated.iter().any(|stated| stated.declared == kind && !is_there(base, &stated.id));
        base.element(id).is_none() && kind(id).is_some_and(is_like)
    };
    let is_gone = |id: &ElementId| is_there(base, id) && !is_there(head, id) && !goes_on(id);
    let served = before.serves.iter().filter_map(|(_, id)| id.as_ref());
    let goes_together = before.serves.iter().any(|(_, id)| id.is_some()) && served.clone().all(is_gone);
    goes_together || new.iter().any(|now| now.unit == before.unit && now.declared == before.declared && texts(now) == texts(before))
}

fn changed((base, before): (&Model, &Holding), (head, now): (&Model, &Holding)) -> Vec<Loss> {
    let mut losses = Vec::new();
    let loses_protection = |fate: fn(&Holding) -> Option<Fate>| is_protected(base, before, fate) && !is_protected(head, now, fate);
    let replacements: Vec<Replacement> = before.fixed.iter().filter_map(|fixed| replacement(fixed, now)).collect();
    let planned = || head.replaced.get(&now.id).filter(|_| !base.replaced.contains_key(&before.id));
    let replaced = match replacements.first() {
        Some(first) => Some((first.place.clone(), How::Replaced(replacements.clone()))),
        None => planned().map(|by| (now.place.clone(), How::Planned(by.clone()))),
    };
    if let Some((place, how)) = replaced {
        let stays = now.replaced.filter(|fate| matches!(fate, Fate::Kept | Fate::Snapshot));
        let unprotected = loses_protection(|holding| holding.replaced);
        losses.push(Loss { stays, unprotected, ..loss(now, &now.id, how, Some(&place)) });
    }
    if now.deleted != Fate::Kept && now.made_when.is_narrower_than(&before.made_when) {
        let how = How::Conditional { before: before.made_when.words(), now: now.made_when.words() };
        let unprotected = loses_protection(|holding| Some(holding.deleted));
        let stays = Some(now.deleted).filter(|fate| *fate == Fate::Snapshot);
        losses.push(Loss { stays, unprotected, ..loss(now, &now.id, how, Some(&now.place)) });
    }
    losses.extend(now.retained.iter().filter_map(|retained| shortened(before, now, retained)));
    // Where the element states it as a fact, it is said there.
    let is_stated = head.element(&now.id).is_some_and(|element| element.facts.get(Fact::RemovalPolicy).is_some());
    if before.deleted == Fate::Kept && matches!(now.deleted, Fate::Deleted | Fate::Snapshot) && !is_stated {
        losses.push(loss(now, &now.id, How::PolicyDropped, Some(&now.place)));
    }
    // Where its deletion keeps less, too, it is said of that.
    let outlives = |holding: &Holding| matches!(holding.replaced, Some(Fate::Kept | Fate::Snapshot));
    let is_destroyed = matches!(now.replaced, None | Some(Fate::Deleted));
    if now.keeps.is_store() && outlives(before) && is_destroyed && before.deleted == now.deleted && losses.is_empty() {
        losses.push(loss(now, &now.id, How::ReplacementDestroys, Some(&now.place)));
    }
    if let (None, Some(place)) = (&before.off, &now.off) {
        losses.push(loss(now, &now.id, How::SwitchedOff, Some(place)));
    }
    losses
}

/// Whether something holds the data when the resource goes: the policy for that case, or a protection against deletion.
fn is_protected(model: &Model, holding: &Holding, fate: fn(&Holding) -> Option<Fate>) -> bool {
    let is_on = |element: &Element| element.facts.is(Fact::DeleteProtect, Word::On);
    matches!(fate(holding), Some(Fate::Kept | Fate::Snapshot)) || model.element(&holding.id).is_some_and(is_on)
}

fn replacement(before: &Fixed, now: &Holding) -> Option<Replacement> {
    let now = now.fixed.iter().find(|fixed| fixed.property == before.property)?;
    let (was, is) = certain::difference(before, now)?;
    let words = |setting: &Setting| match setting {
        Setting::Known(text) => Some(text.clone()),
        Setting::Absent | Setting::Unresolved => None,
    };
    Some(Replacement {
        property: now.property,
        before: words(&was.value),
        now: words(&is.value),
        when: is.when.clone(),
        place: now.place.clone(),
    })
}

/// Something is kept for less time than before. What nothing was said of was kept as what it is a part of, and that for ever where nothing is said.
fn shortened(before: &Holding, now: &Holding, retained: &Retained) -> Option<Loss> {
    let seconds = retained.seconds.filter(|seconds| *seconds > 0)?;
    let of = |what: &str| before.retained.iter().find(|known| known.what == what);
    let known = of(&retained.what).or_else(|| of(retained.within).filter(|_| !retained.within.is_empty()));
    let was = match known {
        Some(known) => known.seconds,
        None if retained.begins || before.hides_retention => return None,
        None => None,
    };
    if was.is_some_and(|was| was <= seconds) {
        return None;
    }
    let how = How::Shortened { what: retained.what.clone(), before: was, now: seconds };
    Some(loss(now, &now.id, how, Some(&retained.place)))
}
