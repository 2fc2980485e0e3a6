//! What resources state otherwise than before.
//!
//! Comes in: the models of both sides. Goes out: parts that are new, gone or otherwise, of resources that both sides have; and resources that are
//! new or gone and are no elements, so that they stand in no list. Whether anything comes of it, the report knows.

use crate::delta::{Rename, counted};
use crate::model::stated::{Part, Stated};
use crate::model::{ElementId, Model};
use crate::source::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    New,
    Changed,
    /// Its place is one of the base.
    Gone,
    /// The unit states more than is compared: this resource and those behind it are not.
    Beyond,
}

impl What {
    /// `new`, `changed`, `gone`, `not compared, with what follows`.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Gone => "gone",
            Self::Beyond => "not compared, with what follows",
        }
    }
}

/// A part of a resource, or the whole of it, of which nothing need have come.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unasked {
    /// Unit and address, as the head has it.
    pub id: ElementId,
    /// The type as the template states it.
    pub declared: String,
    /// Names joined by dots, those of lists without positions; empty where it is the whole resource.
    pub path: String,
    pub what: What,
    /// All lines of it.
    pub place: Place,
}

/// Ordered by resource, path and place; unique.
pub(super) fn find(base: &Model, head: &Model, renames: &[Rename]) -> Vec<Unasked> {
    let counted = counted::pairs(base, head);
    let renamed = renames.iter().map(|rename| (&rename.from, &rename.to));
    let new_id: BTreeMap<&ElementId, &ElementId> = counted.iter().map(|(from, to)| (from, to)).chain(renamed).collect();
    let at_head = |id: &ElementId| new_id.get(id).map_or_else(|| id.clone(), |new| (*new).clone());
    let before: BTreeMap<ElementId, &Stated> = base.stated.iter().map(|stated| (at_head(&stated.id), stated)).collect();
    let now: BTreeSet<&ElementId> = head.stated.iter().map(|stated| &stated.id).collect();
    let units = |model: &Model| -> BTreeSet<String> { model.stated.iter().map(|stated| stated.id.unit().to_owned()).collect() };
    let (mut old_units, mut new_units) = (units(base), units(head));
    let mut found = Vec::new();
    for stated in base.stated.iter().chain(&head.stated).filter(|stated| !stated.is_compared) {
        // What stands beyond on one side is neither new nor gone.
        old_units.remove(stated.id.unit());
        new_units.remove(stated.id.unit());
    }
    for stated in &head.stated {
        match before.get(&stated.id) {
            _ if !stated.is_compared => found.push(whole(stated, &stated.id, What::Beyond)),
            Some(before) if !before.is_compared => found.push(whole(stated, &stated.id, What::Beyond)),
            Some(before) => differing(before, stated, &mut found),
            None if old_units.contains(stated.id.unit()) && head.element(&stated.id).is_none() => {
                found.push(whole(stated, &stated.id, What::New));
            }
            None => {}
        }
    }
    let gone =
        before.iter().filter(|(id, stated)| !now.contains(id) && new_units.contains(id.unit()) && base.element(&stated.id).is_none());
    found.extend(gone.map(|(id, stated)| whole(stated, id, What::Gone)));
    found.sort_unstable();
    // What is made several times of one block is told once.
    found.dedup_by(|a, b| a.declared == b.declared && a.path == b.path && a.what == b.what && a.place == b.place);
    found
}

fn whole(stated: &Stated, id: &ElementId, what: What) -> Unasked {
    Unasked { id: id.clone(), declared: stated.declared.clone(), path: String::new(), what, place: stated.place.clone() }
}

fn differing(before: &Stated, now: &Stated, found: &mut Vec<Unasked>) {
    let mut paths: BTreeMap<&str, [Vec<&Part>; 2]> = BTreeMap::new();
    for (side, stated) in [before, now].into_iter().enumerate() {
        for part in &stated.parts {
            paths.entry(&part.path).or_default()[side].push(part);
        }
    }
    for (path, [old, new]) in &paths {
        let (gone, come) = (left(old, new), left(new, old));
        let unasked = |part: &Part, what| Unasked {
            id: now.id.clone(),
            declared: now.declared.clone(),
            path: (*path).to_owned(),
            what,
            place: part.place.clone(),
        };
        let replaced = gone.len().min(come.len());
        found.extend(come.iter().zip(0..).map(|(part, index)| unasked(part, if index < replaced { What::Changed } else { What::New })));
        found.extend(gone.iter().skip(replaced).map(|part| unasked(part, What::Gone)));
    }
}

/// The parts that others have no equal of, each of which counts once.
fn left<'p>(parts: &[&'p Part], others: &[&Part]) -> Vec<&'p Part> {
    let mut equal: BTreeMap<[u8; 16], usize> = BTreeMap::new();
    for other in others {
        *equal.entry(other.digest).or_default() += 1;
    }
    let mut left = Vec::new();
    for part in parts {
        match equal.get_mut(&part.digest) {
            Some(count) if *count > 0 => *count -= 1,
            _ => left.push(*part),
        }
    }
    left
}
