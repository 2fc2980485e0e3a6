//! Threat Dragon v2 models: elements, flows, boundaries, facts as the file states them, and recorded threats.
//!
//! Comes in: the JSON tree of a model file. Goes out: a model. Layout, formatting and the order of arrays leave no trace in it, except
//! that membership of trust boundaries is derived from geometry, since files edited elsewhere lack the tool's cached lists.
//! Format: <https://github.com/OWASP/threat-dragon>, `threat-dragon-v2.schema.json` and the writer's default properties (2.6.2).

use crate::formats::stride_words::category;
use crate::model::cause::Cause;
use crate::model::fact::{Fact, Facts, Origin, Reading, Value as FactValue, Word};
use crate::model::recorded::{RecordedStatus, RecordedThreat};
use crate::model::resource::Maker;
use crate::model::unweighed::{Kind, Unweighed};
use crate::model::{
    Basis, Boundary, BoundaryKind, Element, ElementId, ElementKind, Flow, FlowId, FlowKind, Means, Model, Part, Payload, Rank,
};
use crate::source::{NoteKind, RepoPath, Sources, Span};
use crate::syntax::{Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Reads a model whose root is `root`.
pub(super) fn read(sources: &Sources<'_>, unit: &RepoPath, root: Node<'_>) -> Model {
    let mut reader = Reader { sources, unit, model: Model::default(), taken: BTreeSet::new() };
    let diagrams = root.get("detail").and_then(|detail| detail.get("diagrams"));
    for (number, diagram) in diagrams.iter().flat_map(|diagrams| diagrams.items()).enumerate() {
        reader.diagram(number, diagram);
    }
    reader.model.sort();
    reader.model
}

struct Reader<'r, 't> {
    sources: &'r Sources<'t>,
    unit: &'r RepoPath,
    model: Model,
    /// Addresses given out: copy and paste, and old versions, have made cells with one id.
    taken: BTreeSet<String>,
}

/// A cell with its address.
struct Cell<'t> {
    id: &'t str,
    node: Node<'t>,
    facts: Node<'t>,
    element: ElementId,
    name: String,
}

impl Reader<'_, '_> {
    fn diagram(&mut self, number: usize, diagram: &Node<'_>) {
        let kind = diagram.get("diagramType").and_then(|kind| kind.scalar()).unwrap_or("STRIDE");
        let title = diagram.get("title").and_then(|title| title.scalar()).unwrap_or("untitled");
        let asked = matches!(kind, "STRIDE" | "Generic" | "EOP");
        if !asked {
            self.sources.note(
                diagram.span,
                NoteKind::Unsupported,
                format!("diagram “{title}” is of type {kind}: its elements are not asked by STRIDE"),
            );
        }
        let qualifier = diagram.get("id").and_then(|id| id.scalar()).map_or_else(|| number.to_string(), str::to_owned);
        let cells: Vec<Cell<'_>> =
            diagram.get("cells").iter().flat_map(|cells| cells.items()).filter_map(|cell| self.cell(cell, &qualifier)).collect();
        let by_id: BTreeMap<&str, &Cell<'_>> = cells.iter().map(|cell| (cell.id, cell)).collect();
        for cell in &cells {
            match cell.kind() {
                "tm.Actor" => self.element(cell, ElementKind::ExternalEntity, asked),
                "tm.Process" => self.element(cell, ElementKind::Process, asked),
                "tm.Store" => self.element(cell, ElementKind::DataStore, asked),
                "tm.BoundaryBox" => self.boundary(cell, &cells),
                "tm.Boundary" => self.curve(cell),
                "tm.Flow" => self.flow(cell, &by_id, &cells, asked),
                "tm.Text" => {}
                other => self.sources.note(cell.node.span, NoteKind::Unsupported, format!("cell of the unknown type `{other}`")),
            }
        }
    }

    fn cell<'t>(&mut self, node: &Node<'t>, diagram: &str) -> Option<Cell<'t>> {
        let facts = node.get("data").unwrap_or(*node);
        let Some(id) = node.get("id").and_then(|id| id.scalar()) else {
            self.sources.note(node.span, NoteKind::Inconsistent, "cell without an id, left out".to_owned());
            return None;
        };
        let mut address = id.to_owned();
        if !self.taken.insert(address.clone()) {
            self.sources.note(node.span, NoteKind::Inconsistent, format!("the id {id} stands on more than one cell"));
            address = format!("{diagram}/{id}");
            let mut copy = 2;
            while !self.taken.insert(address.clone()) {
                address = format!("{diagram}/{id}/{copy}");
                copy += 1;
            }
        }
        Some(Cell { id, node: *node, facts, element: ElementId::new(self.unit, &address), name: cell_name(node, id) })
    }

    fn element(&mut self, cell: &Cell<'_>, kind: ElementKind, asked: bool) {
        let mut facts = Facts::default();
        let mut stated = |fact: Fact, property: &str, yes: Option<Word>, no: Option<Word>| {
            let Some(node) = cell.facts.get(property) else { return };
            let word = match node.value {
                Value::Bool(true) => yes,
                Value::Bool(false) => no,
                _ => None,
            };
            if let Some(word) = word {
                facts.set(fact, Reading::word(word, Origin::Stated(self.sources.place(node.span))));
            }
        };
        match kind {
            // An actor that authenticates itself does so with a token of some kind; the file does not say which.
            ElementKind::ExternalEntity => stated(Fact::FlowAuth, "providesAuthentication", Some(Word::Signature), Some(Word::None)),
            ElementKind::Process => stated(Fact::DataClass, "handlesCardPayment", Some(Word::Restricted), None),
            ElementKind::DataStore => {
                stated(Fact::AtRest, "isEncrypted", Some(Word::ProviderKms), Some(Word::None));
                stated(Fact::StoreRole, "isALog", Some(Word::AuditLog), Some(Word::AppData));
                stated(Fact::DataClass, "storesCredentials", Some(Word::Restricted), None);
                stated(Fact::Immutable, "isSigned", Some(Word::On), Some(Word::Off));
            }
        }
        self.scope(cell, asked, &mut facts);
        self.threats(cell, cell.element.as_str());
        self.model.elements.push(Element {
            id: cell.element.clone(),
            unit: self.unit.clone(),
            address: cell.element.address().to_owned(),
            logical_id: cell.element.address().to_owned(),
            maker: Maker::Author,
            declared: cell.kind().to_owned(),
            kind,
            service: "any",
            outside: None,
            name: cell.name.clone(),
            place: self.sources.place(cell.node.span),
            by_folder: false,
            rank: Rank::First,
            facts,
            parts: self.credentials(cell, kind).into_iter().collect(),
        });
    }

    /// What a store that keeps credentials is asked besides.
    fn credentials(&self, cell: &Cell<'_>, kind: ElementKind) -> Option<Part> {
        let stated = cell.facts.get("storesCredentials").filter(|node| matches!(node.value, Value::Bool(true)))?;
        (kind == ElementKind::DataStore).then(|| Part {
            service: "credential_store",
            label: String::new(),
            cause: Arc::new(Cause::property(cell.element.as_str(), "credential_store")),
            place: self.sources.place(stated.span),
            facts: Facts::default(),
        })
    }

    /// What is out of scope is in the model and asked nothing; that it is so is a fact which a change can be seen in.
    fn scope(&self, cell: &Cell<'_>, asked: bool, facts: &mut Facts) {
        let place = |span: Span| self.sources.place(span);
        match cell.facts.get("outOfScope") {
            Some(node) if matches!(node.value, Value::Bool(true)) => {
                let reason =
                    cell.facts.get("reasonOutOfScope").and_then(|reason| reason.scalar()).filter(|reason| !reason.trim().is_empty());
                let reading = Reading::known(FactValue::Flag(true), Origin::Claimed(place(node.span)))
                    .witnessed(reason.map(str::to_owned).into_iter().collect());
                facts.set(Fact::OutOfScope, reading);
            }
            _ if !asked => facts.set(Fact::OutOfScope, Reading::known(FactValue::Flag(true), Origin::Stated(place(cell.node.span)))),
            _ => {}
        }
    }

    fn boundary(&mut self, cell: &Cell<'_>, cells: &[Cell<'_>]) {
        let Some(outer) = cell.rectangle() else {
            self.sources.note(cell.node.span, NoteKind::Inconsistent, format!("boundary “{}” has no position and size", cell.name));
            return;
        };
        let inside =
            |other: &&Cell<'_>| other.is_shape() && other.id != cell.id && other.rectangle().is_some_and(|inner| outer.holds(&inner));
        let mut contains: Vec<ElementId> = cells.iter().filter(inside).map(|other| other.element.clone()).collect();
        contains.sort();
        self.model.boundaries.push(Boundary { id: cell.element.clone(), kind: BoundaryKind::Stated, name: cell.name.clone(), contains });
    }

    /// A boundary without an inside: that it goes is told.
    fn curve(&mut self, cell: &Cell<'_>) {
        let text = format!("boundary “{}” is a curve, which has no inside: what crosses it is not derived", cell.name);
        self.sources.note(cell.node.span, NoteKind::Unsupported, text);
        self.model.unweighed.push(Unweighed {
            id: cell.element.clone(),
            unit: self.unit.clone(),
            kind: Kind::Guard,
            path: String::new(),
            declared: "trust boundary".to_owned(),
            digest: String::new(),
            works_for: Vec::new(),
            way: None,
            place: self.sources.place(cell.node.span),
        });
    }

    fn flow(&mut self, cell: &Cell<'_>, by_id: &BTreeMap<&str, &Cell<'_>>, cells: &[Cell<'_>], asked: bool) {
        let end = |name: &str| {
            let id = cell.node.get(name).and_then(|end| end.get("cell")).and_then(|id| id.scalar())?;
            by_id.get(id).copied().filter(|end| end.is_element())
        };
        let (Some(from), Some(to)) = (end("source"), end("target")) else {
            self.sources.note(cell.node.span, NoteKind::Dangling, format!("flow “{}” is not tied to an element at both ends", cell.name));
            return;
        };
        let (kind, means) = means(from.kind(), to.kind());
        let mut facts = Facts::default();
        self.flow_facts(cell, from, to, cells, &mut facts);
        self.scope(cell, asked, &mut facts);
        let id = FlowId(format!("{}:{}", FlowId::new(self.unit, &from.element, &to.element, means), cell.element.address()));
        self.threats(cell, id.as_str());
        let both = cell.facts.get("isBidirectional").is_some_and(|node| matches!(node.value, Value::Bool(true)));
        let protocol =
            cell.facts.get("protocol").and_then(|protocol| protocol.scalar()).map(str::trim).filter(|protocol| !protocol.is_empty());
        let via = protocol.map_or_else(|| cell.name.clone(), |protocol| format!("{} ({protocol})", cell.name));
        self.model.flows.push(Flow {
            id,
            unit: self.unit.clone(),
            from: from.element.clone(),
            to: to.element.clone(),
            kind,
            means,
            via: vec![via],
            basis: Basis::Stated,
            door: None,
            payload: if both { Payload::Both } else { Payload::Out },
            place: self.sources.place(cell.node.span),
            rank: Rank::First,
            facts,
        });
    }

    fn flow_facts(&self, cell: &Cell<'_>, from: &Cell<'_>, to: &Cell<'_>, cells: &[Cell<'_>], facts: &mut Facts) {
        let flag = |property: &str| {
            cell.facts.get(property).and_then(|node| match node.value {
                Value::Bool(flag) => Some((flag, Origin::Stated(self.sources.place(node.span)))),
                _ => None,
            })
        };
        if let Some((encrypted, origin)) = flag("isEncrypted") {
            facts.set(Fact::InTransit, Reading::word(if encrypted { Word::Enforced } else { Word::Off }, origin));
        }
        if let Some((public, origin)) = flag("isPublicNetwork") {
            let crossed = if public { vec![Word::Internet] } else { Vec::new() };
            facts.set(Fact::Crosses, Reading::known(FactValue::Set(crossed), origin));
        }
        // A flow crosses a box if exactly one of its ends lies inside.
        let crossed: Vec<String> = cells
            .iter()
            .filter(|boundary| boundary.kind() == "tm.BoundaryBox")
            .filter(|boundary| {
                boundary.rectangle().is_some_and(|outer| {
                    let holds = |end: &Cell<'_>| end.rectangle().is_some_and(|inner| outer.holds(&inner));
                    holds(from) != holds(to)
                })
            })
            .map(|boundary| boundary.name.clone())
            .collect();
        let origin = Origin::Derived(Some(self.sources.place(cell.node.span)));
        facts.set(Fact::CrossesTrust, Reading::known(FactValue::Flag(!crossed.is_empty()), origin).witnessed(crossed));
    }

    fn threats(&mut self, cell: &Cell<'_>, on: &str) {
        for threat in cell.facts.get("threats").iter().flat_map(|threats| threats.items()) {
            let text = |key: &str| threat.get(key).and_then(|value| value.scalar()).unwrap_or_default();
            let title = text("title").to_owned();
            let id = [text("id"), text("threatId")].into_iter().find(|id| !id.is_empty());
            self.model.recorded.push(RecordedThreat {
                // Threats of old versions have no id: cell, type and title stand for it.
                id: id.map_or_else(|| format!("{}/{}/{title}", cell.element.address(), text("type")), str::to_owned),
                unit: self.unit.clone(),
                on: Some(on.to_owned()),
                category: category(text("type")),
                title,
                description: text("description").to_owned(),
                severity: text("severity").to_owned(),
                status: status(text("status")),
                raw_status: text("status").to_owned(),
                rationale: text("mitigation").to_owned(),
                place: self.sources.place(threat.span),
            });
        }
    }
}

impl<'t> Cell<'t> {
    /// The type that the file states; never the shape, which is misspelt in saved files.
    fn kind(&self) -> &'t str {
        self.facts.get("type").and_then(|kind| kind.scalar()).unwrap_or("")
    }

    fn is_element(&self) -> bool {
        matches!(self.kind(), "tm.Actor" | "tm.Process" | "tm.Store")
    }

    fn is_shape(&self) -> bool {
        self.is_element() || self.kind() == "tm.BoundaryBox"
    }

    fn rectangle(&self) -> Option<Rectangle> {
        let number = |group: &str, key: &str| self.node.get(group)?.get(key)?.scalar()?.parse::<f64>().ok();
        let (left, top) = (number("position", "x")?, number("position", "y")?);
        let (width, height) = (number("size", "width")?, number("size", "height")?);
        Some(Rectangle { left, top, right: left + width, bottom: top + height })
    }
}

struct Rectangle {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Rectangle {
    fn holds(&self, inner: &Self) -> bool {
        self.left <= inner.left && self.top <= inner.top && inner.right <= self.right && inner.bottom <= self.bottom
    }
}

/// `data.name`, else what the shape shows.
fn cell_name(node: &Node<'_>, id: &str) -> String {
    let at = |path: &[&str]| {
        path.iter()
            .try_fold(*node, |node, key| if *key == "0" { node.items().first().copied() } else { node.get(key) })
            .and_then(|node| node.scalar())
            .map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|name| !name.is_empty())
    };
    at(&["data", "name"])
        .or_else(|| at(&["attrs", "text", "text"]))
        .or_else(|| at(&["label"]))
        .or_else(|| at(&["labels", "0", "attrs", "labelText", "text"]))
        .unwrap_or_else(|| id.to_owned())
}

/// The file says that data flows, not how: the kinds of its ends tell as much as can be told.
fn means(from: &str, to: &str) -> (FlowKind, Means) {
    match (from, to) {
        ("tm.Store", "tm.Store") => (FlowKind::Replication, Means::Replicate),
        ("tm.Store", _) => (FlowKind::DataAccess, Means::Read),
        (_, "tm.Store") => (FlowKind::DataAccess, Means::Write),
        _ => (FlowKind::SyncRequest, Means::Invoke),
    }
}

/// `Not Applicable`, `NA`, `N/A` and `NotApplicable` are one status.
fn status(raw: &str) -> RecordedStatus {
    let word: String = raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "mitigated" | "avoided" | "eliminated" => RecordedStatus::Mitigated,
        "accepted" => RecordedStatus::Accepted,
        "transferred" => RecordedStatus::Transferred,
        "notapplicable" | "na" => RecordedStatus::NotApplicable,
        _ => RecordedStatus::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::{RecordedStatus, status};

    #[test]
    fn statuses_of_all_versions() {
        for (raw, expected) in [
            ("Open", RecordedStatus::Open),
            ("Mitigated", RecordedStatus::Mitigated),
            ("Not Applicable", RecordedStatus::NotApplicable),
            ("NotApplicable", RecordedStatus::NotApplicable),
            ("N/A", RecordedStatus::NotApplicable),
            ("Eliminated", RecordedStatus::Mitigated),
            ("", RecordedStatus::Open),
            ("Something new", RecordedStatus::Open),
        ] {
            assert_eq!(status(raw), expected, "{raw}");
        }
    }
}
