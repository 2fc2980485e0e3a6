//! Names that change and say nothing new: where what was renamed is written, what a flow is called that reads or writes less, and who is given something.
//!
//! Comes in: both models and the delta. Goes out: old and new names, or the names alone.

use crate::delta::{Delta, Rename};
use crate::model::unweighed::{HERE, Kind, TARGET, Unweighed};
use crate::model::{Element, Flow, FlowId, Means, Model, text_of};
use std::collections::{BTreeMap, BTreeSet};

/// The ids of what is given to somebody or something, by name, to whom it was not given before: fewer of them are nothing new.
pub(super) fn given(before: &Model, after: &Model, delta: &Delta) -> BTreeSet<String> {
    let is_target = |other: &&Unweighed| other.kind == Kind::Value && other.path.starts_with(TARGET);
    let told: BTreeSet<(&str, &str)> =
        delta.unweighed.iter().filter(is_target).map(|other| (other.id.as_str(), other.path.as_str())).collect();
    let old_id: BTreeMap<&str, &str> = delta.elements_renamed.iter().map(|rename| (rename.to.as_str(), rename.from.as_str())).collect();
    let was = |other: &Unweighed| {
        let id = old_id.get(other.id.as_str()).copied().unwrap_or(other.id.as_str());
        before.unweighed.iter().any(|old| old.id.as_str() == id && old.path == other.path && old.digest == other.digest)
    };
    let now = after.unweighed.iter().filter(is_target).filter(|other| told.contains(&(other.id.as_str(), other.path.as_str())));
    now.filter(|other| other.digest != HERE && !was(other)).map(|other| other.id.as_str().to_owned()).collect()
}

/// Where what was renamed is written, before and now; without what others that go on are written at, too.
pub(super) fn homes(renames: &[Rename], before: &Model, after: &Model) -> Vec<(String, String)> {
    let ends = renames.iter().filter_map(|rename| Some((before.element(&rename.from)?, after.element(&rename.to)?)));
    // A group that stands alone is outside of the unit by its kind, and written in it all the same.
    let is_group = |element: &Element| element.parts.iter().any(|part| part.service == "security_group");
    let both = |(old, new): (&Element, &Element)| {
        let alone = is_group(old).then(|| (written(old), written(new)));
        std::iter::once((old.home(), new.home())).chain(alone)
    };
    let moved = ends.flat_map(both);
    let mut moved: Vec<(String, String)> = moved.filter(|(old, new)| old != new).collect();
    if !moved.is_empty() {
        let stay: BTreeSet<String> = after.elements.iter().flat_map(|element| [element.home(), written(element)]).collect();
        moved.retain(|(old, _)| !stay.contains(old));
    }
    moved
}

fn written(element: &Element) -> String {
    format!("{}#{}", text_of(&element.place.path, element.by_folder), element.own_name())
}

/// Flows of the base that read and wrote, by what is left of them: whoever loses one of the two is nobody new.
pub(super) fn narrowed(base: &Model, delta: &Delta) -> Vec<(FlowId, FlowId)> {
    let is_added = |id: &FlowId| delta.flows_added.binary_search(id).is_ok();
    let gone = delta.flows_removed.iter().filter_map(|id| base.flow(id)).filter(|flow| flow.means == Means::ReadWrite);
    let pair = |flow: &Flow| {
        let rest = |means| FlowId::new(&flow.unit, &flow.from, &flow.to, means);
        let behind = flow.id.as_str().strip_prefix(rest(Means::ReadWrite).as_str())?;
        let left = [Means::Read, Means::Write].map(|means| FlowId(format!("{}{behind}", rest(means))));
        left.into_iter().find(is_added).map(|left| (flow.id.clone(), left))
    };
    gone.filter_map(pair).collect()
}
