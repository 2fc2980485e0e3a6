//! The register as JSON. The field names are a contract: docs/threats-register.schema.json has them.

use crate::decisions::{Decided, Reviewed};
use crate::model::recorded::RecordedThreat;
use crate::report::Repair;
use crate::report::json::owed::DebtEntry;
use crate::report::json::ruled::RuledEntry;
use crate::report::register::{Register, State, asked, decision};
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the document; a reader that knows another one must not guess.
const SCHEMA_VERSION: u32 = 1;

/// One JSON document.
pub fn render(register: &Register) -> String {
    let entry = Entry {
        schema_version: SCHEMA_VERSION,
        commit: Some(register.commit.to_string()).filter(|id| id.bytes().any(|digit| digit != b'0')),
        whole: register.is_whole(),
        sums: register.sums().into_iter().map(|(state, number)| (state.word(), number)).collect(),
        debt: SumsEntry { merged_open: register.debt()[0].1, deferred: register.debt()[1].1 },
        threats: register.threats.iter().map(ThreatEntry::of).collect(),
        recorded: register.recorded.iter().map(RecordedEntry::of).collect(),
        repairs: register.repairs.iter().map(NoteEntry::of_repair).collect(),
        not_judged: register.not_judged.iter().map(|other| NotJudgedEntry { file: other.path.as_str(), format: &other.format }).collect(),
        warnings: &register.warnings,
        notes: register.notes.iter().map(|note| NoteEntry::of(note.place.path.as_str(), note.place.line, &note.text)).collect(),
    };
    serde_json::to_string_pretty(&entry).expect("every key is a text, and no entry refuses to be written") + "\n"
}

#[derive(Serialize)]
struct Entry<'a> {
    schema_version: u32,
    commit: Option<String>,
    whole: bool,
    sums: BTreeMap<&'static str, usize>,
    debt: SumsEntry,
    threats: Vec<ThreatEntry<'a>>,
    recorded: Vec<RecordedEntry<'a>>,
    repairs: Vec<NoteEntry<'a>>,
    not_judged: Vec<NotJudgedEntry<'a>>,
    warnings: &'a [String],
    notes: Vec<NoteEntry<'a>>,
}

/// What is owed.
#[derive(Serialize)]
struct SumsEntry {
    merged_open: usize,
    deferred: usize,
}

#[derive(Serialize)]
struct ThreatEntry<'a> {
    id: String,
    fingerprint: String,
    rule: &'static str,
    kind: &'static str,
    category: char,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<RuledEntry<'a>>,
    unit: &'a str,
    element: &'a str,
    part: &'a str,
    sharers: Vec<&'a str>,
    state: &'static str,
    /// The word that stands, or stood before the threat was opened again.
    decision: Option<DecisionEntry<'a>>,
    /// Who is asked for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned: Option<&'a str>,
    /// Since which merge it is owed.
    owed: Option<DebtEntry>,
    file: &'a str,
    line: u32,
    title: String,
    question: String,
}

#[derive(Serialize)]
struct DecisionEntry<'a> {
    verdict: &'static str,
    reason: &'a str,
    by: &'a str,
    right: &'a str,
    at: String,
    until: Option<String>,
    pull: Option<u64>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct RecordedEntry<'a> {
    id: &'a str,
    unit: &'a str,
    element: Option<&'a str>,
    category: Option<char>,
    status: &'static str,
    title: &'a str,
    rationale: &'a str,
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct NotJudgedEntry<'a> {
    file: &'a str,
    format: &'a str,
}

#[derive(Serialize)]
struct NoteEntry<'a> {
    file: &'a str,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<&'static str>,
    text: &'a str,
}

impl<'a> NoteEntry<'a> {
    fn of(file: &'a str, line: u32, text: &'a str) -> Self {
        Self { file, line, on: None, text }
    }

    fn of_repair(repair: &'a Repair) -> Self {
        Self { on: repair.whose.word(), ..Self::of(repair.place.path.as_str(), repair.place.line, &repair.what) }
    }
}

impl<'a> ThreatEntry<'a> {
    fn of(reviewed: &'a Reviewed) -> Self {
        let threat = &reviewed.threat;
        Self {
            id: threat.id(),
            fingerprint: threat.fingerprint().to_string(),
            rule: threat.rule.id,
            kind: threat.rule.kind.word(),
            category: threat.rule.category.letter(),
            severity: threat.severity.word(),
            settings: RuledEntry::of(threat),
            unit: threat.unit.as_str(),
            element: &threat.on,
            part: &threat.part,
            sharers: threat.others.iter().map(|other| &*other.on).collect(),
            state: State::of(&reviewed.standing).word(),
            decision: decision(&reviewed.standing).map(DecisionEntry::of),
            assigned: asked(reviewed),
            owed: DebtEntry::of(reviewed),
            file: threat.place.path.as_str(),
            line: threat.place.line,
            title: threat.title(),
            question: threat.question(),
        }
    }
}

impl<'a> DecisionEntry<'a> {
    fn of(decided: &'a Decided) -> Self {
        let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
        Self {
            verdict: decided.verdict.word(),
            reason: &decided.reason,
            by: &by.login,
            right: &by.right,
            at: decided.at.to_string(),
            until: decided.until.map(|day| day.to_string()),
            pull: Some(decided.pull).filter(|pull| *pull > 0),
            url: Some(decided.url.as_str()).filter(|url| !url.is_empty()),
        }
    }
}

impl<'a> RecordedEntry<'a> {
    fn of(recorded: &'a RecordedThreat) -> Self {
        Self {
            id: &recorded.id,
            unit: recorded.unit.as_str(),
            element: recorded.on.as_deref(),
            category: recorded.category.map(|category| category.letter()),
            status: recorded.status.word(),
            title: &recorded.title,
            rationale: &recorded.rationale,
            file: recorded.place.path.as_str(),
            line: recorded.place.line,
        }
    }
}
