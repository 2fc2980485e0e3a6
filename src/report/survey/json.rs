//! A survey as JSON, for other programs. The field names are a contract: `docs/survey.schema.json` has them.
//!
//! Comes in: a survey. Goes out: one JSON document, borrowed from it.

use crate::report::survey::{EXAMPLES, Outcome, Repaired, RuleUse, Said, Silence, Survey, Surveyed, Told, Use};
use crate::report::{NotJudged, link};
use crate::source::Place;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of what `survey` prints; a reader that knows another one must not guess.
const SCHEMA_VERSION: u32 = 1;

/// What `astride survey --format json` prints.
pub fn render(survey: &Survey) -> String {
    serde_json::to_string_pretty(&Entry::of(survey)).expect("every key is a text, and no entry refuses to be written")
}

#[derive(Serialize)]
struct Entry<'s> {
    schema_version: u32,
    catalogue: &'static str,
    repository: &'s str,
    web_url: &'s str,
    branch: &'s str,
    from: Option<String>,
    to: Option<String>,
    shallow_at: Option<String>,
    total: usize,
    untouched: usize,
    outcomes: BTreeMap<&'static str, usize>,
    rules: Vec<RuleEntry<'s>>,
    switched_off: Vec<SilenceEntry<'s>>,
    changes: Vec<ChangeEntry<'s>>,
}

#[derive(Serialize)]
struct RuleEntry<'s> {
    id: &'static str,
    title: &'static str,
    kind: &'static str,
    severity: &'static str,
    category: char,
    changes: usize,
    held: usize,
    times: usize,
    counted: usize,
    examples: Vec<ExampleEntry<'s>>,
}

#[derive(Serialize)]
struct SilenceEntry<'s> {
    rule: &'static str,
    changes: usize,
    times: usize,
    reasons: Vec<&'s str>,
}

#[derive(Serialize)]
struct ExampleEntry<'s> {
    commit: String,
    file: &'s str,
    line: u32,
    url: Option<String>,
    title: &'s str,
}

#[derive(Serialize)]
struct ChangeEntry<'s> {
    commit: String,
    base: String,
    date: String,
    subject: &'s str,
    outcome: &'static str,
    verdict: Option<&'static str>,
    headline: Option<&'s str>,
    failed: Option<&'s str>,
    threats: Vec<ThreatEntry<'s>>,
    switched_off: usize,
    repairs: Vec<RepairEntry<'s>>,
    weakened: Option<WeakenedEntry<'s>>,
    taken_away: &'s [String],
    not_judged: Vec<NotJudgedEntry<'s>>,
}

#[derive(Serialize)]
struct ThreatEntry<'s> {
    id: &'s str,
    rule: &'static str,
    kind: &'static str,
    category: char,
    severity: &'static str,
    state: &'static str,
    blocks: bool,
    told: &'static str,
    element: &'s str,
    file: &'s str,
    line: u32,
    url: Option<String>,
    title: &'s str,
}

#[derive(Serialize)]
struct RepairEntry<'s> {
    id: &'s str,
    file: &'s str,
    line: u32,
    what: &'s str,
    way_out: &'s str,
}

#[derive(Serialize)]
struct WeakenedEntry<'s> {
    file: &'s str,
    line: u32,
    what: &'s str,
}

#[derive(Serialize)]
struct NotJudgedEntry<'s> {
    file: &'s str,
    format: &'s str,
}

impl<'s> Entry<'s> {
    fn of(survey: &'s Survey) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            catalogue: crate::CATALOGUE_VERSION,
            repository: &survey.repository,
            web_url: &survey.web_url,
            branch: &survey.branch,
            from: survey.period.map(|(oldest, _)| oldest.to_string()),
            to: survey.period.map(|(_, newest)| newest.to_string()),
            shallow_at: survey.shallow_at.map(|commit| commit.to_string()),
            total: survey.total(),
            untouched: survey.untouched,
            outcomes: survey.outcomes().into_iter().map(|(outcome, changes)| (outcome.word(), changes)).collect(),
            rules: survey.rules().iter().map(|rule| RuleEntry::of(survey, rule)).collect(),
            switched_off: survey.switched_off().into_iter().map(SilenceEntry::of).collect(),
            changes: survey.changes.iter().map(|change| ChangeEntry::of(survey, change)).collect(),
        }
    }
}

impl<'s> RuleEntry<'s> {
    fn of(survey: &Survey, rule: &RuleUse<'s>) -> Self {
        Self {
            id: rule.rule.id,
            title: rule.rule.title,
            kind: rule.rule.kind.word(),
            severity: rule.rule.severity.word(),
            category: rule.rule.category.letter(),
            changes: rule.changes(),
            held: rule.held(),
            times: rule.uses.len(),
            counted: rule.counted,
            examples: rule.examples(EXAMPLES).into_iter().map(|one| ExampleEntry::of(survey, one)).collect(),
        }
    }
}

impl<'s> SilenceEntry<'s> {
    fn of(silence: Silence<'s>) -> Self {
        let Silence { rule, changes, times, reasons } = silence;
        Self { rule: rule.id, changes, times, reasons: reasons.into_iter().collect() }
    }
}

impl<'s> ExampleEntry<'s> {
    fn of(survey: &Survey, one: Use<'s>) -> Self {
        let Place { path, line, .. } = &one.told.place;
        Self {
            commit: one.change.commit.to_string(),
            file: path.as_str(),
            line: *line,
            url: link(&survey.web_url, one.change.commit, &one.told.place),
            title: &one.told.title,
        }
    }
}

impl<'s> ChangeEntry<'s> {
    fn of(survey: &Survey, change: &'s Surveyed) -> Self {
        let said = change.said.as_ref().ok();
        let threats = change.threats().iter().map(|told| ThreatEntry::of(survey, change, told));
        Self {
            commit: change.commit.to_string(),
            base: change.base.to_string(),
            date: change.at.to_string(),
            subject: &change.subject,
            outcome: Outcome::word(change.outcome()),
            verdict: said.map(|said| said.verdict.word()),
            headline: said.map(|said| said.headline.as_str()),
            failed: change.said.as_ref().err().map(String::as_str),
            threats: threats.collect(),
            switched_off: said.map_or(0, |said| said.switched_off.iter().map(|off| off.times).sum()),
            repairs: said.iter().flat_map(|said| &said.repairs).map(RepairEntry::of).collect(),
            weakened: said.and_then(WeakenedEntry::of),
            taken_away: said.map_or(&[], |said| &said.taken_away),
            not_judged: said.iter().flat_map(|said| &said.not_judged).map(NotJudgedEntry::of).collect(),
        }
    }
}

impl<'s> ThreatEntry<'s> {
    fn of(survey: &Survey, change: &Surveyed, told: &'s Told) -> Self {
        Self {
            id: &told.id,
            rule: told.rule.id,
            kind: told.rule.kind.word(),
            category: told.category().letter(),
            severity: told.severity.word(),
            state: told.state.word(),
            blocks: told.blocks,
            told: told.manner.word(),
            element: &told.element,
            file: told.place.path.as_str(),
            line: told.place.line,
            url: link(&survey.web_url, change.commit, &told.place),
            title: &told.title,
        }
    }
}

impl<'s> RepairEntry<'s> {
    fn of(repair: &'s Repaired) -> Self {
        let Place { path, line, .. } = &repair.place;
        Self { id: &repair.id, file: path.as_str(), line: *line, what: &repair.what, way_out: &repair.way_out }
    }
}

impl<'s> WeakenedEntry<'s> {
    fn of(said: &'s Said) -> Option<Self> {
        let (place, what) = said.weakened.as_ref()?;
        Some(Self { file: place.path.as_str(), line: place.line, what })
    }
}

impl<'s> NotJudgedEntry<'s> {
    fn of(other: &'s NotJudged) -> Self {
        Self { file: other.path.as_str(), format: &other.format }
    }
}
