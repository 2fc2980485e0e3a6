//! The model as a Threat Dragon file, version 2: one diagram that its editor opens, every cell in its place.
//!
//! Comes in: the register of a tree. Goes out: JSON of which our own reader makes the same elements, flows and threats again. A property is
//! written only where a fact answers it: left out is not the same as false. Ids are UUIDs made of ours, so they stay from one export to
//! the next. Format: <https://github.com/OWASP/threat-dragon>, `threat-dragon-v2.schema.json`; properties as its writer has them (2.6.2).

use crate::model::category::Category;
use crate::model::fact::{Fact, Facts, Value as FactValue, Word};
use crate::model::recorded::RecordedStatus;
use crate::model::{Boundary, Element, ElementKind, Flow, Model, Payload};
use crate::report::layout::{self, Drawing, Rectangle, Route};
use crate::report::listed::{self, Listed, Source};
use crate::report::mermaid;
use crate::report::register::Register;
use crate::stride::rule::Severity;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format that is written.
const VERSION: &str = "2.6.2";
/// Room that a flow's label is given between two elements, in pixels.
const LABEL_WIDTH: i32 = 140;

/// The file.
pub fn render(register: &Register) -> Value {
    let model = &register.model;
    let drawing = Drawing::whole(model);
    let layout = layout::lay_out(&drawing, &vec![LABEL_WIDTH; drawing.lines.len()]);
    let mut threats = Threats::of(listed::threats(register), &drawing);
    let mut cells = Vec::new();
    for (boundary, at) in drawing.boundaries.iter().zip(&layout.boundaries) {
        cells.push(boundary_cell(boundary, at));
    }
    for (element, at) in drawing.elements.iter().zip(&layout.elements) {
        cells.push(element_cell(element, at, threats.take(element.id.as_str())));
    }
    for (line, route) in drawing.lines.iter().zip(&layout.lines) {
        cells.extend(line.flows.iter().map(|flow| flow_cell(flow, route, threats.take(flow.id.as_str()))));
    }
    let count = threats.number;
    json!({
        "version": VERSION,
        "summary": {"title": title(model), "owner": "", "description": threats.elsewhere(), "id": 0},
        "detail": {
            "contributors": [],
            "diagrams": [{
                "id": 0, "title": "Data-flow diagram", "diagramType": "STRIDE", "description": "", "placeholder": "New STRIDE diagram description",
                "thumbnail": "./public/content/images/thumbnail.stride.jpg", "version": VERSION, "cells": cells,
            }],
            "diagramTop": 1,
            "reviewer": "",
            "threatTop": count,
        },
    })
}

/// The one unit, or how many there are.
fn title(model: &Model) -> String {
    let mut units: Vec<&str> = model.elements.iter().map(|element| element.unit.as_str()).collect();
    units.dedup();
    match units.as_slice() {
        [] => "Empty model".to_owned(),
        [unit] => (*unit).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

/// The threats by the cell that they stand on, numbered as they are written.
struct Threats<'r> {
    by_subject: BTreeMap<&'r str, Vec<Listed<'r>>>,
    nowhere: Vec<Listed<'r>>,
    number: usize,
    /// Ids given out: two files, and two cells of one, may use the same.
    taken: BTreeSet<String>,
}

impl<'r> Threats<'r> {
    /// A threat of several elements stands on the worst off of those that are drawn.
    fn of(listed: Vec<Listed<'r>>, drawing: &Drawing<'_>) -> Self {
        let elements = drawing.elements.iter().map(|element| element.id.as_str());
        let flows = drawing.lines.iter().flat_map(|line| &line.flows).map(|flow| flow.id.as_str());
        let drawn: BTreeSet<&str> = elements.chain(flows).collect();
        let mut threats = Self { by_subject: BTreeMap::new(), nowhere: Vec::new(), number: 0, taken: BTreeSet::new() };
        for threat in listed {
            match threat.on.iter().copied().find(|on| drawn.contains(on)) {
                Some(on) => threats.by_subject.entry(on).or_default().push(threat),
                None => threats.nowhere.push(threat),
            }
        }
        threats
    }

    fn take(&mut self, subject: &str) -> Vec<Value> {
        let threats = self.by_subject.remove(subject).unwrap_or_default();
        threats.iter().map(|threat| self.numbered(threat)).collect()
    }

    fn numbered(&mut self, threat: &Listed<'_>) -> Value {
        self.number += 1;
        let own = match threat.source {
            Source::Rule { .. } => uuid(&threat.id),
            Source::File(recorded) => recorded.id.clone(),
        };
        let mut id = own.clone();
        let mut copy = 2;
        while !self.taken.insert(id.clone()) {
            id = uuid(&format!("{own}/{copy}"));
            copy += 1;
        }
        threat_value(threat, &id, self.number)
    }

    /// What stands on no cell still stands in the file.
    fn elsewhere(&self) -> String {
        let lines: Vec<String> = self.nowhere.iter().map(|threat| format!("{} ({})", threat.title, threat.status.word())).collect();
        if lines.is_empty() { String::new() } else { format!("Threats that stand on no element:\n{}", lines.join("\n")) }
    }
}

fn threat_value(threat: &Listed<'_>, id: &str, number: usize) -> Value {
    json!({
        "id": id, "number": number, "title": threat.title, "type": threat.category.map_or("", Category::words),
        "status": status(threat.status), "severity": severity(threat.source), "score": score(threat.source),
        "description": threat.description, "mitigation": threat.mitigation, "modelType": "STRIDE", "new": false,
    })
}

/// As the editor spells it; a word of a file that it does not know is none.
fn severity(source: Source<'_>) -> &'static str {
    match source {
        Source::Rule { severity: Severity::Low, .. } => "Low",
        Source::Rule { severity: Severity::Medium, .. } => "Medium",
        Source::Rule { severity: Severity::High, .. } => "High",
        Source::Rule { severity: Severity::Critical, .. } => "Critical",
        Source::File(recorded) => {
            let known = ["Low", "Medium", "High", "Critical"].into_iter().find(|word| word.eq_ignore_ascii_case(&recorded.severity));
            known.unwrap_or("TBD")
        }
    }
}

/// The field is free text: our own rank says that it is one, so that nobody takes it for a CVSS score.
fn score(source: Source<'_>) -> String {
    match source {
        Source::Rule { score, .. } => format!("rank {}.{:02}", score / 100, score % 100),
        Source::File(_) => String::new(),
    }
}

/// As the editor spells it. What it has no word for stays open.
fn status(status: RecordedStatus) -> &'static str {
    match status {
        RecordedStatus::Open | RecordedStatus::ResolvedWithoutBasis => "Open",
        RecordedStatus::Mitigated => "Mitigated",
        RecordedStatus::Accepted => "Accepted",
        RecordedStatus::Transferred => "Transferred",
        RecordedStatus::NotApplicable | RecordedStatus::FalsePositive => "NotApplicable",
    }
}

fn boundary_cell(boundary: &Boundary, at: &Rectangle) -> Value {
    json!({
        "id": uuid(boundary.id.as_str()), "shape": "trust-boundary-box", "zIndex": -1, "visible": true,
        "position": {"x": at.left, "y": at.top}, "size": {"width": at.width, "height": at.height},
        "attrs": {"label": {"text": boundary.name}},
        "data": {"type": "tm.BoundaryBox", "name": boundary.name, "description": "", "isTrustBoundary": true, "hasOpenThreats": false},
    })
}

fn element_cell(element: &Element, at: &Rectangle, threats: Vec<Value>) -> Value {
    let (shape, kind) = match element.kind {
        ElementKind::ExternalEntity => ("actor", "tm.Actor"),
        ElementKind::Process => ("process", "tm.Process"),
        ElementKind::DataStore => ("store", "tm.Store"),
    };
    let open = has_open(&threats);
    let stroke =
        json!({"stroke": if open { "red" } else { "#333333" }, "strokeWidth": if open { 2.5 } else { 1.5 }, "strokeDasharray": null});
    let attrs = match element.kind {
        ElementKind::ExternalEntity | ElementKind::Process => json!({"text": {"text": element.name}, "body": stroke}),
        ElementKind::DataStore => json!({"text": {"text": element.name}, "topLine": stroke, "bottomLine": stroke}),
    };
    let place = &element.place;
    let mut data = json!({
        "type": kind, "name": element.name, "description": format!("{} in {}, line {}", element.declared, place.path, place.line),
        "isTrustBoundary": false, "hasOpenThreats": open, "threats": threats,
    });
    if let Value::Object(data) = &mut data {
        element_facts(element, data);
        scope(&element.facts, data);
    }
    json!({
        "id": uuid(element.id.as_str()), "shape": shape, "zIndex": 1, "visible": true,
        "position": {"x": at.left, "y": at.top}, "size": {"width": at.width, "height": at.height}, "attrs": attrs, "data": data,
    })
}

fn has_open(threats: &[Value]) -> bool {
    threats.iter().any(|threat| threat["status"] == "Open")
}

/// The answers that the format has a property for.
fn element_facts(element: &Element, data: &mut Map<String, Value>) {
    let facts = &element.facts;
    let mut set = |property: &str, answer: Option<bool>| {
        if let Some(answer) = answer {
            data.insert(property.to_owned(), Value::from(answer));
        }
    };
    let restricted = || (word(facts, Fact::DataClass) == Some(Word::Restricted)).then_some(true);
    match element.kind {
        ElementKind::ExternalEntity => set("providesAuthentication", word(facts, Fact::FlowAuth).map(|word| word != Word::None)),
        ElementKind::Process => set("handlesCardPayment", restricted()),
        ElementKind::DataStore => {
            set("isEncrypted", word(facts, Fact::AtRest).map(|word| word != Word::None));
            set("isALog", word(facts, Fact::StoreRole).map(|word| word == Word::AuditLog));
            set("storesCredentials", restricted());
            set("isSigned", word(facts, Fact::Immutable).map(|word| word == Word::On));
        }
    }
}

/// A known answer of one word, other than `unknown`.
fn word(facts: &Facts, fact: Fact) -> Option<Word> {
    match facts.value(fact)? {
        FactValue::Word(Word::Unknown) => None,
        FactValue::Word(word) => Some(*word),
        FactValue::Set(_) | FactValue::Flag(_) | FactValue::Number(_) | FactValue::Never | FactValue::List(_) => None,
    }
}

fn scope(facts: &Facts, data: &mut Map<String, Value>) {
    let out = facts.value(Fact::OutOfScope) == Some(&FactValue::Flag(true));
    let reason = facts.get(Fact::OutOfScope).map_or_else(String::new, |reading| reading.witnesses.join("; "));
    data.insert("outOfScope".to_owned(), Value::from(out));
    data.insert("reasonOutOfScope".to_owned(), Value::from(reason));
}

fn flow_cell(flow: &Flow, route: &Route, threats: Vec<Value>) -> Value {
    let name = if mermaid::is_named(flow) { flow.via.join(", ") } else { String::new() };
    let open = has_open(&threats);
    let mut data = json!({
        "type": "tm.Flow", "name": name, "description": format!("{}, {}", flow.means.word(), flow.basis.word()), "protocol": "",
        "isTrustBoundary": false, "isBidirectional": flow.payload == Payload::Both, "hasOpenThreats": open, "threats": threats,
    });
    if let Value::Object(data) = &mut data {
        if let Some(word) = word(&flow.facts, Fact::InTransit) {
            data.insert("isEncrypted".to_owned(), Value::from(word == Word::Enforced));
        }
        if let Some(FactValue::Set(crossed)) = flow.facts.value(Fact::Crosses) {
            data.insert("isPublicNetwork".to_owned(), Value::from(crossed.contains(&Word::Internet)));
        }
        scope(&flow.facts, data);
    }
    let source_marker = if flow.payload == Payload::Both { "block" } else { "" };
    json!({
        "id": uuid(flow.id.as_str()), "shape": "flow", "zIndex": 10, "visible": true, "connector": "smooth",
        "source": {"cell": uuid(flow.from.as_str())}, "target": {"cell": uuid(flow.to.as_str())}, "vertices": vertices(route),
        "attrs": {"line": {
            "stroke": if open { "red" } else { "#333333" }, "strokeWidth": 1.5, "strokeDasharray": null,
            "sourceMarker": {"name": source_marker}, "targetMarker": {"name": "block"},
        }},
        "labels": [{
            "position": 0.5,
            "markup": [{"tagName": "ellipse", "selector": "labelBody"}, {"tagName": "text", "selector": "labelText"}],
            "attrs": {
                "labelText": {"text": name, "textAnchor": "middle", "textVerticalAnchor": "middle"},
                "labelBody": {"ref": "labelText", "refRx": "50%", "refRy": "60%", "fill": "#fff", "strokeWidth": 0},
            },
        }],
        "data": data,
    })
}

/// The middle of each straight piece between the two elements.
fn vertices(route: &Route) -> Vec<Value> {
    let pieces = route.points.chunks_exact(2);
    let inner = pieces.len().saturating_sub(2);
    pieces.skip(1).take(inner).map(|piece| json!({"x": (piece[0].0 + piece[1].0) / 2, "y": piece[0].1})).collect()
}

/// A UUID of version 8 (RFC 9562, section 5.8) out of the SHA-256 of one of our ids.
fn uuid(id: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(id.as_bytes()).into();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = 0x80 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
