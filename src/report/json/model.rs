//! The model as JSON.
//!
//! Comes in: a model. Goes out: what is written of it, borrowed from it.

use crate::model::category::Category;
use crate::model::fact::{Answer, Facts, Reading, Value};
use crate::model::recorded::RecordedThreat;
use crate::model::{Boundary, Element, Flow, Model, Part, Rank, Suppression};
use crate::source::Note;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// What `astride model --format json` prints.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    elements: Vec<ElementEntry<'a>>,
    flows: Vec<FlowEntry<'a>>,
    boundaries: Vec<BoundaryEntry<'a>>,
    threats: Vec<RecordedEntry<'a>>,
    suppressions: Vec<SuppressionEntry<'a>>,
    notes: Vec<NoteEntry<'a>>,
}

#[derive(Serialize)]
struct ElementEntry<'a> {
    id: &'a str,
    unit: &'a str,
    address: &'a str,
    r#type: &'a str,
    kind: &'static str,
    service: &'static str,
    name: &'a str,
    file: &'a str,
    line: u32,
    rank: u8,
    facts: FactEntries<'a>,
    parts: Vec<PartEntry<'a>>,
}

#[derive(Serialize)]
struct PartEntry<'a> {
    service: &'static str,
    label: &'a str,
    file: &'a str,
    line: u32,
    facts: FactEntries<'a>,
}

#[derive(Serialize)]
struct FlowEntry<'a> {
    id: &'a str,
    unit: &'a str,
    from: &'a str,
    to: &'a str,
    kind: &'static str,
    means: &'static str,
    via: &'a [String],
    basis: &'static str,
    payload: &'static str,
    file: &'a str,
    line: u32,
    rank: u8,
    facts: FactEntries<'a>,
}

#[derive(Serialize)]
struct BoundaryEntry<'a> {
    id: &'a str,
    kind: &'static str,
    name: &'a str,
    contains: Vec<&'a str>,
}

#[derive(Serialize)]
struct RecordedEntry<'a> {
    id: &'a str,
    on: Option<&'a str>,
    category: Option<char>,
    title: &'a str,
    status: &'static str,
    raw_status: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
pub(super) struct SuppressionEntry<'a> {
    on: &'a str,
    tool: &'static str,
    id: &'a str,
    reason: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
pub(super) struct NoteEntry<'a> {
    file: &'a str,
    line: u32,
    kind: &'static str,
    text: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        Self {
            elements: model.elements.iter().map(ElementEntry::of).collect(),
            flows: model.flows.iter().map(FlowEntry::of).collect(),
            boundaries: model.boundaries.iter().map(BoundaryEntry::of).collect(),
            threats: model.recorded.iter().map(RecordedEntry::of).collect(),
            suppressions: model.suppressions.iter().map(SuppressionEntry::of).collect(),
            notes: model.notes.iter().map(NoteEntry::of).collect(),
        }
    }
}

impl<'a> ElementEntry<'a> {
    fn of(element: &'a Element) -> Self {
        Self {
            id: element.id.as_str(),
            unit: element.unit.as_str(),
            address: &element.logical_id,
            r#type: &element.declared,
            kind: element.kind.word(),
            service: element.service,
            name: &element.name,
            file: element.place.path.as_str(),
            line: element.place.line,
            rank: rank(element.rank),
            facts: FactEntries(&element.facts),
            parts: element.parts.iter().map(PartEntry::of).collect(),
        }
    }
}

impl<'a> PartEntry<'a> {
    fn of(part: &'a Part) -> Self {
        Self {
            service: part.service,
            label: &part.label,
            file: part.place.path.as_str(),
            line: part.place.line,
            facts: FactEntries(&part.facts),
        }
    }
}

impl<'a> FlowEntry<'a> {
    fn of(flow: &'a Flow) -> Self {
        Self {
            id: flow.id.as_str(),
            unit: flow.unit.as_str(),
            from: flow.from.as_str(),
            to: flow.to.as_str(),
            kind: flow.kind.word(),
            means: flow.means.word(),
            via: &flow.via,
            basis: flow.basis.word(),
            payload: flow.payload.word(),
            file: flow.place.path.as_str(),
            line: flow.place.line,
            rank: rank(flow.rank),
            facts: FactEntries(&flow.facts),
        }
    }
}

fn rank(rank: Rank) -> u8 {
    match rank {
        Rank::First => 1,
        Rank::Second => 2,
    }
}

impl<'a> BoundaryEntry<'a> {
    fn of(boundary: &'a Boundary) -> Self {
        let contains = boundary.contains.iter().map(|id| id.as_str()).collect();
        Self { id: boundary.id.as_str(), kind: boundary.kind.word(), name: &boundary.name, contains }
    }
}

impl<'a> RecordedEntry<'a> {
    fn of(recorded: &'a RecordedThreat) -> Self {
        Self {
            id: &recorded.id,
            on: recorded.on.as_deref(),
            category: recorded.category.map(Category::letter),
            title: &recorded.title,
            status: recorded.status.word(),
            raw_status: &recorded.raw_status,
            file: recorded.place.path.as_str(),
            line: recorded.place.line,
        }
    }
}

impl<'a> SuppressionEntry<'a> {
    pub(super) fn of(suppression: &'a Suppression) -> Self {
        Self {
            on: suppression.on.as_str(),
            tool: suppression.tool,
            id: &suppression.id,
            reason: &suppression.reason,
            file: suppression.place.path.as_str(),
            line: suppression.place.line,
        }
    }
}

impl<'a> NoteEntry<'a> {
    pub(super) fn of(note: &'a Note) -> Self {
        Self { file: note.place.path.as_str(), line: note.place.line, kind: note.kind.word(), text: &note.text }
    }
}

/// Known facts as plain values; an unresolved one as an object with its reason, so that nobody takes it for an answer.
struct FactEntries<'a>(&'a Facts);

impl Serialize for FactEntries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(fact, reading)| (fact.as_str(), FactEntry(reading))))
    }
}

struct FactEntry<'a>(&'a Reading);

impl Serialize for FactEntry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0.answer {
            Answer::Unresolved(reason) => {
                let mut unresolved = serializer.serialize_map(Some(1))?;
                unresolved.serialize_entry("unresolved", reason)?;
                unresolved.end()
            }
            Answer::Known(value) => match value {
                Value::Word(word) => serializer.serialize_str(word.as_str()),
                Value::Set(words) => serializer.collect_seq(words.iter().map(|word| word.as_str())),
                Value::Flag(flag) => serializer.serialize_bool(*flag),
                Value::Number(thousandths) if thousandths % 1000 == 0 => serializer.serialize_i64(thousandths / 1000),
                Value::Number(thousandths) => serializer.serialize_f64(*thousandths as f64 / 1000.0),
                Value::Never => serializer.serialize_str("never"),
                Value::List(texts) => serializer.collect_seq(texts),
            },
        }
    }
}
