//! The report as SARIF 2.1.0, for code-scanning views.
//!
//! Comes in: a report, or the register of a tree. Goes out: one log with one run; a result for every threat that the change introduced or the
//! tree has, and that no template covers, with its fingerprint as GitHub's code scanning wants it. Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/>.

mod taxonomies;

use crate::change::Docs;
use crate::decisions::{Reviewed, Standing};
use crate::report::register::Register;
use crate::report::sarif::taxonomies::Named;
use crate::report::shown::is_shown;
use crate::report::{Repair, Report, ruled};
use crate::source::Place;
use crate::stride::rule::{Rule, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The log of a change. Of threats that do not block only those of at least this severity.
pub fn render(report: &Report, least: Severity) -> Value {
    let is_said =
        |reviewed: &&Reviewed| reviewed.introduced && !matches!(reviewed.standing, Standing::Covered) && is_shown(reviewed, least);
    let configuration = report.weakened.iter().map(|weakened| {
        let level = if report.accepted(&weakened.id()).is_some() { "note" } else { "error" };
        let text = format!("{}: this change weakens the gate: {}", weakened.id(), weakened.plain_words());
        let at = |(place, _): (&Place, String)| location(place.path.as_str(), place.line, place.end_line);
        let locations: Vec<Value> = weakened.by_place().into_iter().map(at).collect();
        json!({"level": level, "message": {"text": text}, "locations": locations})
    });
    let execution = report.repairs.iter().map(|repair| {
        let level = if report.accepted(&repair.id).is_some() { "note" } else { "error" };
        notification(level, &notice(report, repair), repair)
    });
    log(
        &report.presentation.docs,
        report.reviewed.iter().filter(is_said),
        json!({
            "toolConfigurationNotifications": configuration.collect::<Vec<_>>(),
            "executionSuccessful": report.open_repairs().next().is_none(),
            "toolExecutionNotifications": execution.collect::<Vec<_>>(),
        }),
    )
}

/// The log of a tree: everything that is raised and not covered.
pub fn register(register: &Register, docs: &Docs) -> Value {
    let execution = register.repairs.iter().map(|repair| notification("error", &repair.what, repair));
    log(
        docs,
        register.threats.iter().filter(|reviewed| !matches!(reviewed.standing, Standing::Covered)),
        json!({
            "executionSuccessful": register.repairs.is_empty(),
            "toolExecutionNotifications": execution.collect::<Vec<_>>(),
        }),
    )
}

fn log<'r>(docs: &Docs, threats: impl Iterator<Item = &'r Reviewed>, invocation: Value) -> Value {
    let open: Vec<&Reviewed> = threats.collect();
    let rules: BTreeMap<&str, &Rule> = open.iter().map(|reviewed| (reviewed.threat.rule.id, reviewed.threat.rule)).collect();
    let positions: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(position, id)| (*id, position)).collect();
    let named = Named::of(rules.values().copied());
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "astride",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|rule| descriptor(rule, &named, docs)).collect::<Vec<_>>(),
                "supportedTaxonomies": named.supported(),
            }},
            "taxonomies": named.taxonomies(),
            "columnKind": "unicodeCodePoints",
            "results": open.iter().map(|reviewed| result(reviewed, positions[reviewed.threat.rule.id])).collect::<Vec<_>>(),
            "invocations": [invocation],
        }],
    })
}

/// What lies in no tree of the run has no location there: its text names it.
fn notification(level: &str, text: &str, repair: &Repair) -> Value {
    let Place { path, line, .. } = &repair.place;
    match repair.in_tree() {
        Some(place) => {
            json!({"level": level, "message": {"text": text}, "locations": [location(place.path.as_str(), place.line, place.end_line)]})
        }
        None => json!({"level": level, "message": {"text": format!("{path}, line {line}: {text}")}}),
    }
}

fn notice(report: &Report, repair: &Repair) -> String {
    match report.accepted(&repair.id) {
        Some(decided) => format!("{}; accepted by {}: {}", repair.what, decided.by.login, decided.reason),
        None => format!("{}; {}", repair.what, repair.way_out),
    }
}

fn descriptor(rule: &Rule, named: &Named, docs: &Docs) -> Value {
    let tags: Vec<String> = std::iter::once(rule.category.words().to_owned()).chain(taxonomies::tags(rule)).collect();
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "help": {"text": format!("{}\n{}", rule.question, rule.fixes.join("\n"))},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": tags, "security-severity": score(rule.severity)},
        "relationships": named.relationships(rule),
    });
    if let Some(url) = docs.rule(rule.id) {
        descriptor["helpUri"] = json!(url);
    }
    descriptor
}

fn result(reviewed: &Reviewed, position: usize) -> Value {
    let threat = &reviewed.threat;
    let mut result = json!({
        "ruleId": threat.rule.id,
        "ruleIndex": position,
        "level": level(threat.severity),
        "message": {"text": format!("{}. {}", threat.title().trim_end_matches('.'), threat.question())},
        "locations": [location(threat.place.path.as_str(), threat.place.line, threat.place.end_line)],
        "partialFingerprints": {"astride/v1": threat.fingerprint().to_string()},
        "properties": {
            "id": threat.id(), "element": *threat.on, "blocks": reviewed.blocks,
            "stated": threat.stated.iter().flat_map(|stated| &stated.claims).map(|claim| claim.words.as_str()).collect::<Vec<_>>(),
            "settings": ruled::all(threat, str::to_owned),
            "suppressedForOthers": threat.suppressed.iter().map(|other| format!("{} {}", other.tool, other.id)).collect::<Vec<_>>(),
        },
    });
    if let Some(why) = ruled::off(threat, str::to_owned) {
        result["suppressions"] = json!([{"kind": "external", "status": "accepted", "justification": why}]);
    }
    if let Standing::Decided(decided) = &reviewed.standing {
        result["suppressions"] =
            json!([{"kind": "external", "status": "accepted", "justification": format!("{}: {}", decided.verdict.word(), decided.reason)}]);
    }
    if let Standing::Proposed(decided) = &reviewed.standing {
        result["suppressions"] = json!([{"kind": "external", "status": "underReview", "justification": format!("{}: {}", decided.verdict.word(), decided.reason)}]);
    }
    if reviewed.standing == Standing::Claimed {
        let words: Vec<&str> = threat.proposals().iter().map(|claim| claim.words.as_str()).collect();
        result["suppressions"] = json!([{"kind": "inSource", "status": "underReview", "justification": words.join("; ")}]);
    }
    result
}

fn location(path: &str, line: u32, end_line: u32) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": path.replace(' ', "%20"), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line.max(1), "endLine": end_line.max(line).max(1)},
    }})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub reads critical from 9.0, high from 7.0, medium from 4.0.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
