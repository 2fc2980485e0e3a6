//! The model in the Open Threat Model format, 0.2.0.
//!
//! Comes in: the register of a tree. Goes out: JSON with trust zones, components, data flows, and threats with their decisions. Our ids are
//! its ids; facts are attributes, in words. Format: <https://github.com/iriusrisk/OpenThreatModel>, `otm_schema.json` (0.2.0).

mod threats;

use crate::model::fact::Facts;
use crate::model::{Boundary, BoundaryKind, Element, ElementId, ElementKind, Flow, Payload};
use crate::report::layout::{self, Drawing, Rectangle};
use crate::report::listed;
use crate::report::mermaid;
use crate::report::otm::threats::Threats;
use crate::report::register::Register;
use crate::source::Place;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const DIAGRAM: &str = "diagram";
const CODE: &str = "code";
/// The zone of what no boundary holds: the format wants a parent for every component.
const OUTSIDE: &str = "astride#no-boundary";
const LABEL_WIDTH: i32 = 140;

/// The document.
pub fn render(register: &Register) -> Value {
    let model = &register.model;
    let drawing = Drawing::whole(model);
    let layout = layout::lay_out(&drawing, &vec![LABEL_WIDTH; drawing.lines.len()]);
    let parents = parents(&drawing);
    let threats = Threats::of(listed::threats(register));
    let mut zones: Vec<Value> = drawing
        .boundaries
        .iter()
        .zip(&layout.boundaries)
        .map(|(boundary, at)| zone(boundary, at, parents.get(&boundary.id).copied()))
        .collect();
    if drawing.elements.iter().any(|element| !parents.contains_key(&element.id)) {
        zones.push(json!({"id": OUTSIDE, "name": "No boundary stated", "type": "none", "risk": {"trustRating": 50}}));
    }
    let elements = drawing.elements.iter().zip(&layout.elements);
    let components: Vec<Value> =
        elements.map(|(element, at)| component(element, at, parents.get(&element.id).copied(), threats.on(element.id.as_str()))).collect();
    let flows: Vec<Value> = model.flows.iter().map(|flow| dataflow(flow, threats.on(flow.id.as_str()))).collect();
    json!({
        "otmVersion": "0.2.0",
        "project": {"name": "Astride data-flow model", "id": "astride-model"},
        "representations": [
            {"name": "Data-flow diagram", "id": DIAGRAM, "type": "diagram", "size": {"width": layout.width, "height": layout.height}},
            {"name": "Source", "id": CODE, "type": "code"},
        ],
        "trustZones": zones,
        "components": components,
        "dataflows": flows,
        "threats": threats.definitions(),
        "mitigations": threats.mitigations(),
    })
}

/// The innermost drawn boundary of each element and boundary: the drawing has an outer one before those in it.
fn parents<'m>(drawing: &Drawing<'m>) -> BTreeMap<&'m ElementId, &'m ElementId> {
    let mut position: BTreeMap<&ElementId, usize> = BTreeMap::new();
    drawing.boundaries.iter().enumerate().for_each(|(index, boundary)| {
        position.insert(&boundary.id, index);
    });
    let mut parents = BTreeMap::new();
    for (index, boundary) in drawing.boundaries.iter().enumerate() {
        let members = boundary.contains.iter().filter(|id| position.get(id).is_none_or(|inner| *inner > index));
        members.for_each(|id| {
            parents.insert(id, &boundary.id);
        });
    }
    parents
}

fn zone(boundary: &Boundary, at: &Rectangle, parent: Option<&ElementId>) -> Value {
    let mut zone = json!({
        "id": boundary.id.as_str(), "name": boundary.name, "type": boundary.kind.word(), "risk": {"trustRating": trust(boundary.kind)},
        "representations": [on_diagram(&boundary.id, at)],
    });
    if let Some(parent) = parent {
        zone["parent"] = json!({"trustZone": parent.as_str()});
    }
    zone
}

/// From 0 to 100. The format wants a number; ours only says that an inner boundary is trusted more than the internet.
fn trust(kind: BoundaryKind) -> u8 {
    match kind {
        BoundaryKind::Internet => 0,
        BoundaryKind::Tenant => 40,
        BoundaryKind::Stated | BoundaryKind::Stack => 50,
        BoundaryKind::Account => 70,
        BoundaryKind::Network => 80,
    }
}

fn component(element: &Element, at: &Rectangle, parent: Option<&ElementId>, threats: Vec<Value>) -> Value {
    let kind = if element.service == "any" { element.kind.word() } else { element.service };
    let mut attributes = facts(&element.facts);
    attributes.insert("declared".to_owned(), Value::from(element.declared.as_str()));
    json!({
        "id": element.id.as_str(), "name": element.name, "type": component_type(element.kind, kind),
        "parent": {"trustZone": parent.map_or(OUTSIDE, ElementId::as_str)},
        "representations": [on_diagram(&element.id, at), in_code(&element.id, &element.place)],
        "tags": [element.kind.word()], "attributes": attributes, "threats": threats,
    })
}

/// The format has no kind of element: readers guess it from the type's words, so an external entity says that it is one.
fn component_type(kind: ElementKind, service: &str) -> String {
    match kind {
        ElementKind::ExternalEntity if !service.contains("external") => format!("external-{}", service.replace('_', "-")),
        ElementKind::ExternalEntity | ElementKind::Process | ElementKind::DataStore => service.replace('_', "-"),
    }
}

fn dataflow(flow: &Flow, threats: Vec<Value>) -> Value {
    let mut attributes = facts(&flow.facts);
    attributes.insert("basis".to_owned(), Value::from(flow.basis.word()));
    attributes.insert("payload".to_owned(), Value::from(flow.payload.word()));
    attributes.insert("file".to_owned(), Value::from(flow.place.path.as_str()));
    attributes.insert("line".to_owned(), Value::from(flow.place.line));
    json!({
        "id": flow.id.as_str(), "name": if mermaid::is_named(flow) { flow.via.join(", ") } else { flow.means.word().to_owned() },
        "source": flow.from.as_str(), "destination": flow.to.as_str(), "bidirectional": flow.payload == Payload::Both,
        "tags": [flow.means.word(), flow.kind.word()], "attributes": attributes,
        "threats": threats,
    })
}

fn facts(facts: &Facts) -> Map<String, Value> {
    facts.iter().map(|(fact, reading)| (fact.as_str().to_owned(), Value::from(reading.words()))).collect()
}

fn on_diagram(id: &ElementId, at: &Rectangle) -> Value {
    json!({
        "representation": DIAGRAM, "id": format!("{id}@diagram"), "position": {"x": at.left, "y": at.top},
        "size": {"width": at.width, "height": at.height},
    })
}

fn in_code(id: &ElementId, place: &Place) -> Value {
    json!({"representation": CODE, "id": format!("{id}@code"), "file": place.path.as_str(), "line": place.line})
}
