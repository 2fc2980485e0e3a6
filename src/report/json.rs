//! The report and the model as JSON, for other programs. The field names are a contract: `ARCHITECTURE.md` has them.
//!
//! Comes in: a report or a model. Goes out: one JSON document. The types of this file are the edge's own.

use crate::decisions::{Reviewed, Standing};
use crate::delta::FactChange;
use crate::model::fact::{Answer, Facts, Reading, Value as FactValue};
use crate::model::{Boundary, Element, Flow, Model, Rank, RecordedStatus, Suppression};
use crate::report::{Report, Verdict};
use crate::source::Note;
use crate::stride::{Claimed, Evidence};
use serde_json::{Map, Value, json};

/// What `astride review --format json` prints.
pub fn report(report: &Report) -> Value {
    let delta = &report.delta;
    let texts = |ids: Vec<&str>| Value::from(ids);
    json!({
        "verdict": match report.verdict {
            Verdict::Clear => "clear",
            Verdict::NeedsAnswer => "needs-answer",
            Verdict::NeedsRepair => "undetermined",
        },
        "base": report.base.to_string(),
        "head": report.head.to_string(),
        "delta": {
            "elements": {
                "added": texts(delta.elements_added.iter().map(|id| id.as_str()).collect()),
                "removed": texts(delta.elements_removed.iter().map(|id| id.as_str()).collect()),
                "changed": delta.elements_changed.iter().map(|(id, changes)| changed(id.as_str(), changes)).collect::<Vec<_>>(),
                "renamed": delta.elements_renamed.iter().map(|rename| json!([rename.from.as_str(), rename.to.as_str()])).collect::<Vec<_>>(),
            },
            "flows": {
                "added": texts(delta.flows_added.iter().map(|id| id.as_str()).collect()),
                "removed": texts(delta.flows_removed.iter().map(|id| id.as_str()).collect()),
                "changed": delta.flows_changed.iter().map(|(id, changes)| changed(id.as_str(), changes)).collect::<Vec<_>>(),
            },
        },
        "recorded": delta.recorded.iter().map(|change| json!({
            "id": change.threat.id, "title": change.threat.title, "file": change.threat.place.path.as_str(), "line": change.threat.place.line,
            "from": change.from.map(RecordedStatus::word), "to": change.to.map(RecordedStatus::word),
        })).collect::<Vec<_>>(),
        "threats": report.reviewed.iter().map(threat).collect::<Vec<_>>(),
        "older": report.older,
        "repairs": report.repairs.iter().map(|repair| json!({
            "file": repair.place.path.as_str(), "line": repair.place.line, "what": repair.what, "way_out": repair.way_out,
        })).collect::<Vec<_>>(),
        "not_judged": report.not_judged.iter().map(|(path, format)| json!({"file": path.as_str(), "format": format})).collect::<Vec<_>>(),
        "suppressions": report.other_suppressions().map(suppression).collect::<Vec<_>>(),
        "warnings": report.warnings,
        "notes": report.notes.iter().map(note).collect::<Vec<_>>(),
    })
}

fn changed(id: &str, changes: &[FactChange]) -> Value {
    let facts: Vec<Value> = changes
        .iter()
        .map(|change| {
            let mut entry = json!({"name": change.fact.as_str(), "from": change.from, "to": change.to});
            if !change.part.is_empty() {
                entry["part"] = Value::from(change.part.as_str());
            }
            entry
        })
        .collect();
    json!({"id": id, "facts": facts})
}

fn threat(reviewed: &Reviewed) -> Value {
    let threat = &reviewed.threat;
    json!({
        "id": threat.id(),
        "fingerprint": threat.fingerprint().to_string(),
        "rule": threat.rule.id,
        "kind": threat.rule.kind.word(),
        "category": threat.rule.category.letter().to_string(),
        "severity": threat.severity.word(),
        "element": *threat.key.on,
        "part": *threat.key.part,
        "state": match &reviewed.standing {
            Standing::Open | Standing::Reopened { .. } => "open",
            Standing::Unclear => "unclear",
            Standing::Covered => "covered",
            Standing::Claimed | Standing::Proposed(_) => "proposed",
            Standing::Decided(_) => "decided",
        },
        "introduced": reviewed.introduced,
        "blocks": reviewed.blocks,
        "file": threat.place.path.as_str(),
        "line": threat.place.line,
        "title": threat.title(),
        "question": threat.question(),
        "facts": threat.evidence.iter().map(|evidence| (evidence.fact.as_str().to_owned(), Value::from(evidence.words()))).collect::<Map<_, _>>(),
        "origins": threat.evidence.iter().filter_map(origin).collect::<Map<_, _>>(),
        "claimed": threat.claimed.as_ref().map(|place| json!({"file": place.path.as_str(), "line": place.line})),
        "stated": threat.stated.iter().flat_map(|stated| &stated.claims).map(|claim| json!({
            "words": claim.words, "status": claim.status.word(), "file": claim.place.path.as_str(), "line": claim.place.line,
        })).collect::<Vec<_>>(),
        "suppressed": threat.suppressed.iter().map(suppression).collect::<Vec<_>>(),
    })
}

/// Where an answer comes from: `stated` by people where `by` says so, else by the template; nothing where it is derived or unread.
fn origin(evidence: &Evidence) -> Option<(String, Value)> {
    let by = evidence.claimed.map_or("template", |claimed| match claimed {
        Claimed::Given => "people",
        Claimed::New => "change",
        Claimed::Proposed => "change, unconfirmed",
    });
    let origin = match (evidence.place(), evidence.default_page()) {
        (Some(place), _) => json!({"by": by, "file": place.path.as_str(), "line": place.line}),
        (None, Some(page)) => json!({"by": "provider", "page": page}),
        (None, None) => return None,
    };
    Some((evidence.fact.as_str().to_owned(), origin))
}

fn suppression(suppression: &Suppression) -> Value {
    json!({
        "on": suppression.on.as_str(), "tool": suppression.tool, "id": suppression.id, "reason": suppression.reason,
        "file": suppression.place.path.as_str(), "line": suppression.place.line,
    })
}

/// What `astride model --format json` prints.
pub fn model(model: &Model) -> Value {
    json!({
        "elements": model.elements.iter().map(element).collect::<Vec<_>>(),
        "flows": model.flows.iter().map(flow).collect::<Vec<_>>(),
        "boundaries": model.boundaries.iter().map(boundary).collect::<Vec<_>>(),
        "threats": model.recorded.iter().map(|recorded| json!({
            "id": recorded.id, "on": recorded.on, "category": recorded.category.map(|category| category.letter().to_string()),
            "title": recorded.title, "status": recorded.status.word(), "raw_status": recorded.raw_status,
            "file": recorded.place.path.as_str(), "line": recorded.place.line,
        })).collect::<Vec<_>>(),
        "suppressions": model.suppressions.iter().map(suppression).collect::<Vec<_>>(),
        "notes": model.notes.iter().map(note).collect::<Vec<_>>(),
    })
}

fn element(element: &Element) -> Value {
    let parts: Vec<Value> = element
        .parts
        .iter()
        .map(|part| json!({"service": part.service, "label": part.label, "file": part.place.path.as_str(), "line": part.place.line, "facts": facts(&part.facts)}))
        .collect();
    json!({
        "id": element.id.as_str(), "unit": element.unit.as_str(), "address": element.logical_id, "type": element.declared,
        "kind": element.kind.word(), "service": element.service, "name": element.name, "file": element.place.path.as_str(),
        "line": element.place.line, "rank": rank(element.rank), "facts": facts(&element.facts), "parts": parts,
    })
}

fn rank(rank: Rank) -> u8 {
    match rank {
        Rank::First => 1,
        Rank::Second => 2,
    }
}

fn flow(flow: &Flow) -> Value {
    json!({
        "id": flow.id.as_str(), "unit": flow.unit.as_str(), "from": flow.from.as_str(), "to": flow.to.as_str(), "kind": flow.kind.word(),
        "means": flow.means.word(), "via": flow.via, "basis": flow.basis.word(), "payload": flow.payload.word(),
        "file": flow.place.path.as_str(), "line": flow.place.line, "rank": rank(flow.rank), "facts": facts(&flow.facts),
    })
}

fn boundary(boundary: &Boundary) -> Value {
    let contains: Vec<&str> = boundary.contains.iter().map(|id| id.as_str()).collect();
    json!({"id": boundary.id.as_str(), "kind": boundary.kind.word(), "name": boundary.name, "contains": contains})
}

/// Known facts as plain values; an unresolved one as an object with its reason, so that nobody takes it for an answer.
fn facts(facts: &Facts) -> Value {
    Value::Object(facts.iter().map(|(fact, reading)| (fact.as_str().to_owned(), fact_value(reading))).collect())
}

fn fact_value(reading: &Reading) -> Value {
    match &reading.answer {
        Answer::Unresolved(reason) => json!({"unresolved": reason}),
        Answer::Known(value) => match value {
            FactValue::Word(word) => Value::from(word.as_str()),
            FactValue::Set(words) => words.iter().map(|word| word.as_str()).collect(),
            FactValue::Flag(flag) => Value::from(*flag),
            FactValue::Number(thousandths) if thousandths % 1000 == 0 => Value::from(thousandths / 1000),
            FactValue::Number(thousandths) => Value::from(*thousandths as f64 / 1000.0),
            FactValue::Never => Value::from("never"),
            FactValue::List(texts) => Value::from(texts.as_slice()),
        },
    }
}

fn note(note: &Note) -> Value {
    json!({"file": note.place.path.as_str(), "line": note.place.line, "kind": note.kind.word(), "text": note.text})
}
