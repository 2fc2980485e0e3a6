//! Plans that were handed over: those that are of something else than what is judged.
//!
//! Comes in: the plans of both sides, the roots of the change, and what was read of them. Goes out: repairs. A plan that is not used is said,
//! whichever side it is of: what is judged without it is not what somebody wanted to be judged.

use crate::change::{Change, UnitModel};
use crate::judge::repairs;
use crate::judge::roots::Roots;
use crate::model::Model;
use crate::report::Repair;
use crate::source::{Note, NoteKind, RepoPath};
use std::collections::BTreeSet;

const WAY_OUT: &str = "plan the commit that is judged, and hand that over";

/// The units of which there is a plan on either side.
pub(super) fn units(change: &Change) -> BTreeSet<&RepoPath> {
    change.base.plans.keys().chain(change.head.plans.keys()).collect()
}

/// Plans of what is no root on their side.
pub(super) fn without_root(change: &Change, roots: &Roots) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (side, (index, words)) in [&change.base, &change.head].into_iter().zip([(0, "base"), (1, "head")]) {
        let is_root = |unit: &RepoPath| roots.folders.get(unit).is_some_and(|is_root| is_root[index]);
        for (unit, _) in side.plans.iter().filter(|(unit, plan)| !plan.is_borrowed && !is_root(unit)) {
            let what = format!("a plan for the {words} was handed over of this folder, which is no root module there");
            repairs.push(repair(change, &Note::on_file(unit, NoteKind::Misfit, what)));
        }
    }
    repairs
}

/// Whether the plan of what was read is of something else.
pub(super) fn is_misfit(model: &Model) -> bool {
    model.notes.iter().any(|note| note.kind == NoteKind::Misfit)
}

/// Takes what is said of plans that are of something else than what was read of a unit, as something to repair.
pub(super) fn take_misfits(change: &Change, pair: [&mut Option<UnitModel>; 2]) -> Vec<Repair> {
    let mut repairs = Vec::new();
    for (unit, words) in pair.into_iter().zip(["base", "head"]) {
        let Some(unit) = unit else { continue };
        for note in unit.model.notes.extract_if(.., |note| note.kind == NoteKind::Misfit) {
            let text = format!("the plan for the {words} is not of this configuration: {}", note.text);
            // What stands on a line of the base need not stand there at the head.
            let note = match words {
                "base" => Note::on_file(&unit.unit, NoteKind::Misfit, format!("{text} ({}, line {})", note.place.path, note.place.line)),
                _ => Note { text, ..note },
            };
            repairs.push(repair(change, &note));
        }
    }
    repairs
}

/// Nobody accepts it: a plan is made anew in a minute.
fn repair(change: &Change, note: &Note) -> Repair {
    Repair { acceptable: false, ..repairs::of(change, note, WAY_OUT) }
}
