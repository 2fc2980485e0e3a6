//! What a model file draws otherwise than before, and no rule weighs: boundaries that go or enclose something else, what somebody states of an
//! element or a flow, and where a flow leads.
//!
//! Comes in: the models of both sides, and what changed. Goes out: each by what it is of. What is drawn is people's word, so that nothing
//! else says whether it is true.

use crate::delta::Delta;
use crate::model::fact::Fact;
use crate::model::unweighed::{Kind, Unweighed};
use crate::model::{BoundaryKind, Element, ElementId, ElementKind, Flow, Model};
use crate::source::{Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Ordered by nothing; `delta` sorts.
pub(super) fn find(base: &Model, head: &Model, delta: &Delta) -> Vec<Unweighed> {
    let drawn = drawn(base, head);
    if drawn.is_empty() {
        return Vec::new();
    }
    let is_drawn = |id: &str| drawn.iter().any(|unit| id.strip_prefix(unit.as_str()).is_some_and(|rest| rest.starts_with('#')));
    let mut found = boundaries(base, head, &is_drawn);
    let elements = delta.elements_changed.iter().map(|(id, changes)| (id.as_str(), changes));
    let flows = delta.flows_changed.iter().map(|(id, changes)| (id.as_str(), changes));
    for (id, changes) in elements.chain(flows).filter(|(id, _)| is_drawn(id)) {
        // That a control goes is said with what is taken away, and of an element that it is out of scope is told already.
        let is_told = |fact: Fact| fact == Fact::OutOfScope && head.element(&ElementId(id.to_owned())).is_some();
        let untold = changes.iter().filter(|change| !change.takes_away && !is_told(change.fact));
        let place = place_of(head, id);
        found.extend(untold.filter_map(|change| Some(of(id, change.fact.as_str(), "model", place.clone()?))));
    }
    let old: BTreeMap<&ElementId, &Element> = base.elements.iter().map(|element| (&element.id, element)).collect();
    for element in head.elements.iter().filter(|element| is_drawn(element.id.as_str())) {
        match old.get(&element.id) {
            Some(before) if before.kind != element.kind => found.push(of(element.id.as_str(), "kind", "element", element.place.clone())),
            None if element.kind == ElementKind::ExternalEntity => {
                found.push(of(element.id.as_str(), "new party", "element", element.place.clone()));
            }
            Some(_) | None => {}
        }
    }
    found.extend(flows_of(base, head, &is_drawn));
    found
}

/// Units on both sides that state no resources: what is in them is drawn.
fn drawn(base: &Model, head: &Model) -> BTreeSet<RepoPath> {
    let units = |model: &Model| -> BTreeSet<RepoPath> { model.elements.iter().map(|element| element.unit.clone()).collect() };
    let stating: BTreeSet<&str> = base.resources.iter().chain(&head.resources).map(ElementId::unit).collect();
    units(base).intersection(&units(head)).filter(|unit| !stating.contains(unit.as_str())).cloned().collect()
}

/// Boundaries that are gone or enclose something else of what was there before.
fn boundaries(base: &Model, head: &Model, is_drawn: &dyn Fn(&str) -> bool) -> Vec<Unweighed> {
    let now: BTreeMap<&ElementId, BTreeSet<&ElementId>> =
        head.boundaries.iter().map(|boundary| (&boundary.id, boundary.contains.iter().collect())).collect();
    let mut found = Vec::new();
    let stated = base.boundaries.iter().filter(|boundary| boundary.kind == BoundaryKind::Stated && is_drawn(boundary.id.as_str()));
    for boundary in stated {
        let path = RepoPath::new(boundary.id.unit());
        let place = Place { path, line: 1, end_line: 1 };
        let Some(contains) = now.get(&boundary.id) else {
            found.push(Unweighed { kind: Kind::Guard, ..of(boundary.id.as_str(), "", "trust boundary", place) });
            continue;
        };
        let before: BTreeSet<&ElementId> = boundary.contains.iter().collect();
        let is_on_both = |id: &&&ElementId| base.element(id).is_some() && head.element(id).is_some();
        if before.symmetric_difference(contains).any(|id| is_on_both(&id)) {
            found.push(of(boundary.id.as_str(), "what it encloses", "trust boundary", place));
        }
    }
    // A curve has no inside, and is there or not.
    let kept: BTreeSet<&ElementId> = head.unweighed.iter().map(|other| &other.id).collect();
    let curves = base.unweighed.iter().filter(|other| other.kind == Kind::Guard && is_drawn(other.id.as_str()));
    found.extend(curves.filter(|other| !kept.contains(&other.id)).cloned());
    found
}

/// Flows that lead elsewhere, by what the file itself calls them, or by another protocol.
fn flows_of(base: &Model, head: &Model, is_drawn: &dyn Fn(&str) -> bool) -> Vec<Unweighed> {
    let own = |flow: &Flow| flow.id.as_str().rsplit(':').next().map(|own| format!("{}#{own}", flow.unit));
    let before: BTreeMap<String, &Flow> = base.flows.iter().filter_map(|flow| Some((own(flow)?, flow))).collect();
    let mut found = Vec::new();
    for flow in head.flows.iter().filter(|flow| is_drawn(flow.id.as_str())) {
        let Some(old) = own(flow).and_then(|own| before.get(&own).copied()) else { continue };
        if (&old.from, &old.to) != (&flow.from, &flow.to) {
            found.push(of(flow.id.as_str(), "ends", "flow", flow.place.clone()));
        } else if protocols(old) != protocols(flow) {
            found.push(of(flow.id.as_str(), "protocol", "flow", flow.place.clone()));
        }
    }
    found
}

/// What stands in brackets behind the name of a flow.
fn protocols(flow: &Flow) -> Vec<Option<&str>> {
    flow.via.iter().map(|via| via.strip_suffix(')').and_then(|via| via.rsplit_once(" (")).map(|(_, protocol)| protocol)).collect()
}

fn place_of(model: &Model, id: &str) -> Option<Place> {
    let element = model.element(&ElementId(id.to_owned())).map(|element| element.place.clone());
    element.or_else(|| model.flows.iter().find(|flow| flow.id.as_str() == id).map(|flow| flow.place.clone()))
}

fn of(id: &str, path: &str, declared: &str, place: Place) -> Unweighed {
    let id = ElementId(id.to_owned());
    Unweighed {
        unit: RepoPath::new(id.unit()),
        id,
        kind: Kind::Property,
        path: path.to_owned(),
        declared: declared.to_owned(),
        digest: String::new(),
        works_for: Vec::new(),
        way: None,
        place,
    }
}
