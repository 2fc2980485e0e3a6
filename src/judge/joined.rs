//! The models of all units of a side as one.
//!
//! Comes in: the units of both sides, which give theirs away. Goes out: one model of each side; what goes on in another folder or under another path
//! has its place and its name of the head on both.

use crate::change::UnitModel;
use crate::delta;
use crate::judge::units::Units;
use crate::model::Model;
use crate::model::exports;
use crate::model::exports::Export;

/// The models of both sides, each of its units put together; units that were moved bear their new path on both.
pub(super) fn models(units: &mut Units) -> (Model, Model) {
    for unit in &mut units.base {
        if let Some((old, new)) = units.moved.iter().find(|(old, _)| *old == unit.unit) {
            unit.model.move_unit(old, new);
        }
        unit.model.move_folders(&units.folders);
    }
    let joined = |units: &mut Vec<UnitModel>, beside: &mut Vec<Export>| {
        let mut model = Model { exports: std::mem::take(beside), ..Model::default() };
        for unit in units {
            model.extend(std::mem::take(&mut unit.model));
        }
        model.sort();
        exports::connect(&mut model);
        model
    };
    let mut base = joined(&mut units.base, &mut units.base_exports);
    let head = joined(&mut units.head, &mut units.head_exports);
    delta::name_as_the_head_does(&mut base, &head);
    (base, head)
}
