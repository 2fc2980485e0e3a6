//! Elements, flows and boundaries out of the Markdown of a data-flow description.
//!
//! Two layouts are known. The *AI layout* (`threat-composer-ai`) has headings `Human actors`, `External entities`, `Processes`, `Data stores`,
//! `Trust boundaries`, `Data flows`. The *workshop layout* has tables `Entities`, `Data flows definition`, `Trust boundaries`, and does not
//! say what kind an entity is. Anything else is prose, and yields nothing.

use crate::model::fact::{Fact, Facts, Origin, Reading, Value};
use crate::model::resource::Maker;
use crate::model::{Basis, Boundary, BoundaryKind, Element, ElementId, ElementKind, Flow, FlowId, FlowKind, Means, Model, Payload, Rank};
use crate::source::{NoteKind, Place, RepoPath, Sources, Span};
use std::collections::BTreeMap;

/// A heading's rows: each of a table, or the items of a list as rows of one cell. The first row of a table is its header.
struct Section<'t> {
    heading: String,
    rows: Vec<Vec<&'t str>>,
}

pub(super) fn read(sources: &Sources<'_>, unit: &RepoPath, text: &str, span: Span, model: &mut Model) {
    let sections = sections(text);
    let place = sources.place(span);
    let mut found = Found { unit, place: &place, model, by_name: BTreeMap::new() };
    let mut guessed = false;
    for section in &sections {
        match section.heading.as_str() {
            "human actors" | "external entities" => found.elements(section, Some(ElementKind::ExternalEntity)),
            "processes" => found.elements(section, Some(ElementKind::Process)),
            "data stores" => found.elements(section, Some(ElementKind::DataStore)),
            "entities" => {
                guessed = true;
                found.elements(section, None);
            }
            _ => {}
        }
    }
    if guessed {
        sources.note(span, NoteKind::Doubt, "the table of entities does not say what kind each is: it is told from its name".to_owned());
    }
    for section in &sections {
        match section.heading.as_str() {
            "data flows" | "data flows definition" => found.flows(section, sources, span),
            "trust boundaries" => found.boundaries(section),
            _ => {}
        }
    }
}

struct Found<'r> {
    unit: &'r RepoPath,
    place: &'r Place,
    model: &'r mut Model,
    /// Lower-cased name → id.
    by_name: BTreeMap<String, ElementId>,
}

impl Found<'_> {
    fn elements(&mut self, section: &Section<'_>, kind: Option<ElementKind>) {
        for row in section.body() {
            let Some(name) = row.first().map(|name| name.trim()).filter(|name| !name.is_empty()) else { continue };
            let id = ElementId::new(self.unit, name);
            if self.by_name.insert(name.to_lowercase(), id.clone()).is_some() {
                continue;
            }
            self.model.elements.push(Element {
                id,
                unit: self.unit.clone(),
                address: name.to_owned(),
                logical_id: name.to_owned(),
                maker: Maker::Author,
                declared: section.heading.clone(),
                kind: kind.unwrap_or_else(|| kind_by_name(name)),
                service: "any",
                outside: None,
                name: name.to_owned(),
                place: self.place.clone(),
                by_folder: false,
                rank: Rank::First,
                facts: Facts::default(),
                parts: Vec::new(),
            });
        }
    }

    fn flows(&mut self, section: &Section<'_>, sources: &Sources<'_>, span: Span) {
        let (Some(source), Some(target)) = (section.column("source"), section.column("target")) else { return };
        let crossed = section.column("trust boundar");
        for row in section.body() {
            let cell = |column: usize| row.get(column).map_or("", |cell| cell.trim());
            let end = |column: usize| self.by_name.get(&cell(column).to_lowercase()).cloned();
            let (Some(from), Some(to)) = (end(source), end(target)) else {
                let name = cell(0);
                sources.note(
                    span,
                    NoteKind::Dangling,
                    format!("flow {name}: {} or {} is no element of the description", cell(source), cell(target)),
                );
                continue;
            };
            let kind_of = |id: &ElementId| self.model.elements.iter().find(|element| element.id == *id).map(|element| element.kind);
            let (kind, means) = match (kind_of(&from), kind_of(&to)) {
                (Some(ElementKind::DataStore), _) => (FlowKind::DataAccess, Means::Read),
                (_, Some(ElementKind::DataStore)) => (FlowKind::DataAccess, Means::Write),
                _ => (FlowKind::SyncRequest, Means::Invoke),
            };
            let mut facts = Facts::default();
            if let Some(crossed) = crossed.map(cell) {
                let names: Vec<String> =
                    crossed.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty() && !is_none(name)).collect();
                let reading = Reading::known(Value::Flag(!names.is_empty()), Origin::Stated(self.place.clone())).witnessed(names);
                facts.set(Fact::CrossesTrust, reading);
            }
            let name = cell(0);
            // The flow's own name first: tags of threats repeat it.
            let mut via = vec![name.to_owned()];
            via.extend(row.get(1).map(|cell| cell.trim().to_owned()).filter(|description| !description.is_empty()));
            self.model.flows.push(Flow {
                id: FlowId(format!("{}:{name}", FlowId::new(self.unit, &from, &to, means))),
                unit: self.unit.clone(),
                from,
                to,
                kind,
                means,
                via,
                basis: Basis::Stated,
                door: None,
                payload: Payload::Out,
                place: self.place.clone(),
                rank: Rank::First,
                facts,
            });
        }
    }

    /// The AI layout names zones and what is inside; the workshop layout draws a boundary between two entities, which crosses their flows.
    fn boundaries(&mut self, section: &Section<'_>) {
        if let (Some(source), Some(target)) = (section.column("source"), section.column("target")) {
            for row in section.body() {
                let end = |column: usize| row.get(column).and_then(|name| self.by_name.get(&name.trim().to_lowercase()));
                let (Some(from), Some(to)) = (end(source), end(target)) else { continue };
                let name = row.first().map_or("", |name| name.trim());
                for flow in self
                    .model
                    .flows
                    .iter_mut()
                    .filter(|flow| (&flow.from == from && &flow.to == to) || (&flow.from == to && &flow.to == from))
                {
                    let reading = Reading::known(Value::Flag(true), Origin::Stated(self.place.clone())).witnessed(vec![name.to_owned()]);
                    flow.facts.set(Fact::CrossesTrust, reading);
                }
            }
            return;
        }
        let Some(inside) = section.column("element") else { return };
        for row in section.body() {
            let Some(name) = row.first().map(|name| name.trim()).filter(|name| !name.is_empty()) else { continue };
            let names = row.get(inside).map_or("", |cell| cell).split(',');
            let mut contains: Vec<ElementId> = names.filter_map(|name| self.by_name.get(&name.trim().to_lowercase()).cloned()).collect();
            contains.sort();
            contains.dedup();
            let id = ElementId::new(self.unit, &format!("boundary:{name}"));
            self.model.boundaries.push(Boundary { id, kind: BoundaryKind::Stated, name: name.to_owned(), contains });
        }
    }
}

impl<'t> Section<'t> {
    /// The rows without the header, where there is one.
    fn body(&self) -> &[Vec<&'t str>] {
        match self.rows.first() {
            Some(header) if header.len() > 1 => &self.rows[1..],
            _ => &self.rows,
        }
    }

    /// The first column whose header contains the word.
    fn column(&self, word: &str) -> Option<usize> {
        self.rows.first()?.iter().position(|cell| cell.to_lowercase().contains(word))
    }
}

/// Headings with their tables and lists; prose is passed over.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim().trim_end_matches(':').trim_matches('*').trim().to_lowercase();
            sections.push(Section { heading, rows: Vec::new() });
            continue;
        }
        let Some(section) = sections.last_mut() else { continue };
        if line.starts_with('|') {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let is_rule = cells.iter().all(|cell| cell.chars().all(|c| matches!(c, '-' | ':' | ' ')));
            if !is_rule {
                section.rows.push(cells);
            }
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            section.rows.push(vec![item.trim_matches('*')]);
        }
    }
    sections
}

fn is_none(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "none" | "n/a" | "-" | "no")
}

/// What kind of element bears such a name, where the file does not say.
fn kind_by_name(name: &str) -> ElementKind {
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["user", "customer", "actor", "client", "administrator", "operator", "third party", "third-party", "attacker"]) {
        ElementKind::ExternalEntity
    } else if has(&[
        "dynamodb",
        "s3",
        "database",
        "bucket",
        "table",
        "queue",
        "sqs",
        "storage",
        "store",
        "opensearch",
        "rds",
        "cache",
        "logs",
        "secrets",
    ]) {
        ElementKind::DataStore
    } else {
        ElementKind::Process
    }
}
