//! What one unit gives to others by name, and flows that lead from unit to unit because of it.
//!
//! Comes in: a model of several units, with the names under which each gives its elements away. Goes out: the same, in which an external
//! entity that stands for another unit's element has given way to it, or at least bears its name. Ids of flows stay what they were: whether
//! the other unit happens to be read must not change who a decision is about.

use crate::model::{Boundary, BoundaryKind, Element, ElementId, Model, Outside};
use std::collections::{BTreeMap, BTreeSet};

/// A name in which the stack's own name stands reads so.
const STACK: &str = "${stack}";

/// An element that others may import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Export {
    /// With `${stack}` where the name of the deployed stack stands.
    pub name: String,
    pub of: ElementId,
    /// The type and the name of the element, for when its unit is not in the model.
    pub declared: String,
    pub shown: String,
}

/// Joins what is imported with what is exported. A name that several elements are exported under is nobody's.
pub fn connect(model: &mut Model) {
    let exports = std::mem::take(&mut model.exports);
    let names = Names::of(&exports);
    let found: BTreeMap<ElementId, &Export> = model
        .elements
        .iter()
        .filter(|element| element.outside.is_some())
        .filter_map(|element| Some((element.id.clone(), names.find(element)?)))
        .collect();
    let present: BTreeSet<ElementId> =
        found.values().filter(|export| model.element(&export.of).is_some()).map(|export| export.of.clone()).collect();
    let target = |id: &ElementId| found.get(id).map(|export| &export.of).filter(|of| present.contains(of));
    for flow in &mut model.flows {
        for end in [&mut flow.from, &mut flow.to] {
            if let Some(of) = target(end) {
                *end = of.clone();
            }
        }
    }
    model.elements.retain(|element| target(&element.id).is_none());
    model.boundaries.iter_mut().for_each(|boundary| boundary.contains.retain(|inside| target(inside).is_none()));
    drop_emptied(model);
    for element in &mut model.elements {
        if let Some(export) = found.get(&element.id) {
            element.name.clone_from(&export.shown);
            element.declared.clone_from(&export.declared);
            // It is the repository's own, and answers for itself where it is stated.
            element.service = "any";
        }
    }
    model.exports = exports;
}

/// Of other stacks nothing is left where all that was imported has been found.
fn drop_emptied(model: &mut Model) {
    let is_emptied = |boundary: &Boundary| boundary.kind == BoundaryKind::Stack && boundary.contains.is_empty();
    let emptied: BTreeSet<ElementId> =
        model.boundaries.iter().filter(|boundary| is_emptied(boundary)).map(|boundary| boundary.id.clone()).collect();
    model.boundaries.retain(|boundary| !emptied.contains(&boundary.id));
    model.boundaries.iter_mut().for_each(|boundary| boundary.contains.retain(|inside| !emptied.contains(inside)));
}

/// Exports by name, and by what follows the stack's name in theirs; `None` for what several share.
struct Names<'e> {
    whole: BTreeMap<&'e str, Option<&'e Export>>,
    endings: BTreeMap<&'e str, Option<&'e Export>>,
}

impl<'e> Names<'e> {
    fn of(exports: &'e [Export]) -> Self {
        let mut names = Self { whole: BTreeMap::new(), endings: BTreeMap::new() };
        for export in exports {
            let (map, name) = match export.name.strip_prefix(STACK) {
                Some(ending) if !ending.is_empty() => (&mut names.endings, ending),
                _ => (&mut names.whole, export.name.as_str()),
            };
            let known = map.entry(name).or_insert(Some(export));
            if known.is_some_and(|known| known.of != export.of) {
                *known = None;
            }
        }
        names
    }

    /// What an external entity stands for. What stands before the ending may be any stack's name.
    fn find(&self, element: &Element) -> Option<&'e Export> {
        let Some(Outside::Import(name)) = &element.outside else { return None };
        let endings = name.match_indices(['-', ':', '/', '_']).filter_map(|(at, _)| self.endings.get(&name[at..]).copied().flatten());
        let exact = self.whole.get(name.as_str()).copied().flatten().filter(|export| export.of.unit() != element.id.unit());
        exact.or_else(|| endings.into_iter().find(|export| export.of.unit() != element.id.unit()))
    }
}
