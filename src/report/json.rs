//! The report and the model as JSON, for other programs. The field names are a contract: `ARCHITECTURE.md` has them.
//!
//! Comes in: a report or a model. Goes out: one JSON document. The types here are the edge's own; they borrow from what they show and
//! are written as they stand, because a large change has thousands of threats.

mod earlier;
mod losses;
mod model;
pub(super) mod owed;
pub(super) mod ruled;
mod threat;
mod unasked;
mod unweighed;
mod way;

use crate::decisions::emergency::Emergency;
use crate::decisions::{Ruling, Standing};
use crate::delta::{FactChange, RecordedChange};
use crate::model::Model;
use crate::model::recorded::RecordedStatus;
use crate::report::headline;
use crate::report::json::losses::LossEntry;
use crate::report::json::model::{Entry as ModelEntry, NoteEntry, SuppressionEntry};
use crate::report::json::owed::OwedEntry;
use crate::report::json::threat::ThreatEntry;
use crate::report::json::unasked::UnaskedEntry;
use crate::report::json::unweighed::UnweighedEntry;
use crate::report::way::Ways;
use crate::report::{NotJudged, Repair, Report, Weakened};
use crate::settings::Weakening;
use serde::Serialize;

/// The version of what `review` prints; a reader that knows another one must not guess.
const SCHEMA_VERSION: u32 = 1;

/// What `astride review --format json` prints.
pub fn report(report: &Report) -> String {
    written(&Entry::of(report))
}

/// What `astride model --format json` prints.
pub fn model(model: &Model) -> String {
    written(&ModelEntry::of(model))
}

fn written(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("every key is a text, and no entry refuses to be written")
}

#[derive(Serialize)]
struct Entry<'a> {
    schema_version: u32,
    verdict: &'static str,
    judged: &'static str,
    headline: String,
    base: String,
    head: String,
    delta: DeltaEntry<'a>,
    recorded: Vec<RecordedEntry<'a>>,
    threats: Vec<ThreatEntry<'a>>,
    older: usize,
    owed: Vec<OwedEntry>,
    repairs: Vec<RepairEntry<'a>>,
    weakened: Option<WeakenedEntry<'a>>,
    emergency: Option<EmergencyEntry<'a>>,
    not_judged: Vec<NotJudgedEntry<'a>>,
    not_weighed: Vec<UnweighedEntry<'a>>,
    raises_nothing: Vec<UnaskedEntry<'a>>,
    suppressions: Vec<SuppressionEntry<'a>>,
    warnings: &'a [String],
    notes: Vec<NoteEntry<'a>>,
}

#[derive(Serialize)]
struct DeltaEntry<'a> {
    elements: ChangesEntry<'a>,
    flows: ChangesEntry<'a>,
    losses: Vec<LossEntry<'a>>,
}

#[derive(Serialize)]
struct ChangesEntry<'a> {
    added: Vec<&'a str>,
    removed: Vec<&'a str>,
    changed: Vec<ChangedEntry<'a>>,
    /// Flows are never renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    renamed: Option<Vec<[&'a str; 2]>>,
}

#[derive(Serialize)]
struct ChangedEntry<'a> {
    id: &'a str,
    facts: Vec<FactChangeEntry<'a>>,
}

#[derive(Serialize)]
struct FactChangeEntry<'a> {
    name: &'static str,
    from: Option<&'a str>,
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    part: &'a str,
    /// A control is gone by it, or weaker.
    takes_away: bool,
}

#[derive(Serialize)]
struct RecordedEntry<'a> {
    id: &'a str,
    title: &'a str,
    file: &'a str,
    line: u32,
    from: Option<&'static str>,
    to: Option<&'static str>,
}

#[derive(Serialize)]
struct RepairEntry<'a> {
    id: &'a str,
    file: &'a str,
    line: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<&'static str>,
    what: &'a str,
    way_out: &'a str,
    state: &'static str,
    said: Option<SaidEntry<'a>>,
}

/// In what the change weakens the gate.
#[derive(Serialize)]
struct WeakenedEntry<'a> {
    id: String,
    file: &'a str,
    line: u32,
    removed: bool,
    settings: Vec<SettingEntry<'a>>,
    state: &'static str,
    said: Option<SaidEntry<'a>>,
}

/// What lets the App's check be green for a while.
#[derive(Serialize)]
struct EmergencyEntry<'a> {
    ticket: &'a str,
    by: &'a str,
    right: &'a str,
    reason: &'a str,
    until: String,
}

#[derive(Serialize)]
struct SettingEntry<'a> {
    setting: &'static str,
    from: &'a str,
    to: &'a str,
}

/// The word that stands on something.
#[derive(Serialize)]
struct SaidEntry<'a> {
    by: &'a str,
    right: &'a str,
    at: String,
    reason: &'a str,
}

#[derive(Serialize)]
struct NotJudgedEntry<'a> {
    file: &'a str,
    format: &'a str,
}

impl<'a> Entry<'a> {
    fn of(report: &'a Report) -> Self {
        let numbers = report.arranged().numbers();
        let ways = Ways::new(&report.after);
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: report.verdict.word(),
            judged: report.judged().word(),
            headline: headline::headline(report),
            base: report.base.to_string(),
            head: report.head.to_string(),
            delta: DeltaEntry::of(report),
            recorded: report.delta.recorded.iter().map(RecordedEntry::of).collect(),
            threats: report.reviewed.iter().map(|reviewed| ThreatEntry::of(reviewed, report, &numbers, &ways)).collect(),
            older: report.older.len(),
            owed: report.owed.iter().filter_map(OwedEntry::of).collect(),
            repairs: report.repairs.iter().map(|repair| RepairEntry::of(report, repair)).collect(),
            weakened: report.weakened.as_ref().map(|weakened| WeakenedEntry::of(report, weakened)),
            emergency: report.emergency.as_ref().map(EmergencyEntry::of),
            not_judged: report.not_judged.iter().map(NotJudgedEntry::of).collect(),
            not_weighed: report.delta.unweighed.iter().map(UnweighedEntry::of).collect(),
            raises_nothing: super::unasked::told(report).into_iter().map(UnaskedEntry::of).collect(),
            suppressions: report.other_suppressions().map(SuppressionEntry::of).collect(),
            warnings: &report.warnings,
            notes: report.notes.iter().map(NoteEntry::of).collect(),
        }
    }
}

impl<'a> NotJudgedEntry<'a> {
    fn of(other: &'a NotJudged) -> Self {
        Self { file: other.path.as_str(), format: &other.format }
    }
}

impl<'a> DeltaEntry<'a> {
    fn of(report: &'a Report) -> Self {
        let delta = &report.delta;
        let elements = ChangesEntry {
            added: delta.elements_added.iter().map(|id| id.as_str()).collect(),
            removed: delta.elements_removed.iter().map(|id| id.as_str()).collect(),
            changed: delta.elements_changed.iter().map(|(id, changes)| ChangedEntry::of(id.as_str(), changes)).collect(),
            renamed: Some(delta.elements_renamed.iter().map(|rename| [rename.from.as_str(), rename.to.as_str()]).collect()),
        };
        let flows = ChangesEntry {
            added: delta.flows_added.iter().map(|id| id.as_str()).collect(),
            removed: delta.flows_removed.iter().map(|id| id.as_str()).collect(),
            changed: delta.flows_changed.iter().map(|(id, changes)| ChangedEntry::of(id.as_str(), changes)).collect(),
            renamed: None,
        };
        Self { elements, flows, losses: delta.losses.iter().map(LossEntry::of).collect() }
    }
}

impl<'a> ChangedEntry<'a> {
    fn of(id: &'a str, changes: &'a [FactChange]) -> Self {
        let entry = |change: &'a FactChange| FactChangeEntry {
            name: change.fact.as_str(),
            from: change.from.as_deref(),
            to: change.to.as_deref(),
            part: &change.part,
            takes_away: change.takes_away,
        };
        Self { id, facts: changes.iter().map(entry).collect() }
    }
}

impl<'a> RecordedEntry<'a> {
    fn of(change: &'a RecordedChange) -> Self {
        Self {
            id: &change.threat.id,
            title: &change.threat.title,
            file: change.threat.place.path.as_str(),
            line: change.threat.place.line,
            from: change.from.map(RecordedStatus::word),
            to: change.to.map(RecordedStatus::word),
        }
    }
}

/// The word of it, here and where threats are counted.
pub fn state(standing: &Standing) -> &'static str {
    match standing {
        Standing::Open | Standing::Reopened { .. } => "open",
        Standing::Unclear => "unclear",
        Standing::Covered => "covered",
        Standing::SwitchedOff => "switched-off",
        Standing::Claimed | Standing::Proposed(_) => "proposed",
        Standing::Decided(_) => "decided",
    }
}

impl<'a> RepairEntry<'a> {
    fn of(report: &'a Report, repair: &'a Repair) -> Self {
        let ruling = report.rulings.get(&repair.id);
        Self {
            id: &repair.id,
            file: repair.place.path.as_str(),
            line: repair.place.line,
            on: repair.whose.word(),
            what: &repair.what,
            way_out: &repair.way_out,
            state: ruling_word(ruling),
            said: ruling.map(SaidEntry::of),
        }
    }
}

impl<'a> WeakenedEntry<'a> {
    fn of(report: &'a Report, weakened: &'a Weakened) -> Self {
        let id = weakened.id();
        let ruling = report.rulings.get(&id);
        let entry = |cause: &'a Weakening| SettingEntry { setting: cause.setting, from: &cause.from, to: &cause.to };
        Self {
            id,
            file: weakened.place.path.as_str(),
            line: weakened.place.line,
            removed: weakened.removed,
            settings: weakened.causes.iter().map(entry).collect(),
            state: ruling_word(ruling),
            said: ruling.map(SaidEntry::of),
        }
    }
}

impl<'a> EmergencyEntry<'a> {
    fn of(emergency: &'a Emergency) -> Self {
        let Emergency { ticket, reason, by, until, .. } = emergency;
        Self { ticket, by: &by.login, right: &by.right, reason, until: until.to_string() }
    }
}

impl<'a> SaidEntry<'a> {
    fn of(ruling: &'a Ruling) -> Self {
        let (Ruling::Proposed(decided) | Ruling::Decided(decided)) = ruling;
        let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
        Self { by: &by.login, right: &by.right, at: decided.at.to_string(), reason: &decided.reason }
    }
}

fn ruling_word(ruling: Option<&Ruling>) -> &'static str {
    match ruling {
        None => "open",
        Some(Ruling::Proposed(_)) => "proposed",
        Some(Ruling::Decided(_)) => "accepted",
    }
}
