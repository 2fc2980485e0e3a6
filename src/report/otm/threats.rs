//! The threats of an Open Threat Model: each defined once, with an instance on every component and data flow that it belongs to.
//!
//! Comes in: the list of threats. Goes out: definitions, instances and mitigations, of which each has an id of its own. The state of an
//! instance is free text in the format; who decided and why has no place in it, so it stands in the attributes of the definition.

use crate::decisions::Decided;
use crate::model::category::Category;
use crate::model::recorded::RecordedStatus;
use crate::report::listed::{Listed, Source};
use crate::stride::rule::{Likelihood, Rule, Severity};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The impact where a model file says nothing of it; the format wants a number.
const UNSTATED_IMPACT: u8 = 50;

/// All of them.
pub(super) struct Threats<'r> {
    /// Each with the id that it has in the document.
    listed: Vec<(String, Listed<'r>)>,
}

impl<'r> Threats<'r> {
    /// A threat that a file records on several elements is one; two of the same id and other titles are two.
    pub(super) fn of(listed: Vec<Listed<'r>>) -> Self {
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        let with_id = listed.into_iter().map(|threat| {
            let mut id = threat.id.clone();
            let mut copy = 2;
            while ids.get(&id).is_some_and(|title| *title != threat.title) {
                id = format!("{}/{copy}", threat.id);
                copy += 1;
            }
            ids.insert(id.clone(), threat.title.clone());
            (id, threat)
        });
        Self { listed: with_id.collect() }
    }

    /// The instances on a component or data flow, in order of the list, each threat once.
    pub(super) fn on(&self, subject: &str) -> Vec<Value> {
        let mut seen = BTreeSet::new();
        let here = self.listed.iter().filter(|(id, threat)| threat.on.contains(&subject) && seen.insert(id));
        here.map(|(id, threat)| instance(id, threat)).collect()
    }

    /// Ordered by id.
    pub(super) fn definitions(&self) -> Vec<Value> {
        let mut by_id: BTreeMap<&str, Vec<&Listed<'_>>> = BTreeMap::new();
        for (id, threat) in &self.listed {
            by_id.entry(id).or_default().push(threat);
        }
        by_id.into_iter().map(|(id, threats)| definition(id, &threats)).collect()
    }

    /// What to do, once for each rule: done, it ends the threat.
    pub(super) fn mitigations(&self) -> Vec<Value> {
        let rules: BTreeMap<&str, &Rule> =
            self.listed.iter().filter_map(|(_, threat)| fixable(threat)).map(|rule| (rule.id, rule)).collect();
        rules.into_values().map(|rule| json!({"id": mitigation_id(rule), "name": rule.fixes.join("; "), "riskReduction": 100})).collect()
    }
}

/// The rule of a threat that something can be done about.
fn fixable(threat: &Listed<'_>) -> Option<&'static Rule> {
    match threat.source {
        Source::Rule { rule, .. } => Some(rule).filter(|rule| !rule.fixes.is_empty()),
        Source::File(_) => None,
    }
}

fn mitigation_id(rule: &Rule) -> String {
    format!("fix-{}", rule.id)
}

fn instance(id: &str, threat: &Listed<'_>) -> Value {
    let state = match threat.status {
        RecordedStatus::Open | RecordedStatus::ResolvedWithoutBasis => "exposed",
        RecordedStatus::Mitigated => "mitigated",
        RecordedStatus::Accepted => "accepted",
        RecordedStatus::Transferred => "transferred",
        RecordedStatus::NotApplicable => "not-applicable",
        RecordedStatus::FalsePositive => "false-positive",
    };
    let mut instance = json!({"threat": id, "state": state});
    // How a person or the template answered need not be the way that the rule names.
    if let Some(rule) = fixable(threat).filter(|_| threat.status == RecordedStatus::Open) {
        instance["mitigations"] = json!([{"mitigation": mitigation_id(rule), "state": "recommended"}]);
    }
    instance
}

fn definition(id: &str, threats: &[&Listed<'_>]) -> Value {
    let threat = threats[0];
    let categories: BTreeSet<Category> = threats.iter().filter_map(|threat| threat.category).collect();
    let mut attributes: Map<String, Value> = Map::new();
    attributes.insert("file".to_owned(), Value::from(threat.place.path.as_str()));
    attributes.insert("line".to_owned(), Value::from(threat.place.line));
    attributes.insert("status".to_owned(), Value::from(threat.status.word()));
    if !threat.mitigation.is_empty() {
        attributes.insert("mitigation".to_owned(), Value::from(threat.mitigation.as_str()));
    }
    let (risk, cwes) = match threat.source {
        Source::Rule { rule, severity, .. } => {
            attributes.insert("rule".to_owned(), Value::from(rule.id));
            attributes.insert("severity".to_owned(), Value::from(severity.word()));
            (risk(rule, severity), rule.references.iter().filter(|reference| reference.starts_with("CWE-")).copied().collect())
        }
        Source::File(recorded) => {
            if !recorded.severity.is_empty() {
                attributes.insert("severity".to_owned(), Value::from(recorded.severity.as_str()));
            }
            let risk = json!({"likelihood": null, "impact": UNSTATED_IMPACT, "impactComment": "the model file states no number"});
            (risk, Vec::new())
        }
    };
    if let Some(decided) = threat.decided() {
        attributes.insert("decision".to_owned(), decision(decided));
    }
    json!({
        "id": id, "name": threat.title, "description": threat.description,
        "categories": categories.iter().map(|category| category.words()).collect::<Vec<_>>(),
        "cwes": cwes, "risk": risk, "attributes": attributes,
    })
}

/// From 0 to 100, in steps: what reads likelihood times impact finds about the severity that we give.
fn risk(rule: &Rule, severity: Severity) -> Value {
    let (likelihood, word) = match rule.likelihood {
        Likelihood::Low => (40, "low"),
        Likelihood::Medium => (70, "medium"),
        Likelihood::High => (100, "high"),
    };
    let impact = match severity {
        Severity::Low => 25,
        Severity::Medium => 50,
        Severity::High => 75,
        Severity::Critical => 100,
    };
    json!({
        "likelihood": likelihood, "likelihoodComment": format!("{word}, by the rule"),
        "impact": impact, "impactComment": format!("severity {}, where it stands", severity.word()),
    })
}

/// The word of the ledger, whether it still stands or not: the status says that.
fn decision(decided: &Decided) -> Value {
    let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
    let mut decision = json!({
        "verdict": decided.verdict.word(), "reason": decided.reason, "by": by.login, "right": by.right, "at": decided.at.to_string(),
    });
    if let Some(day) = decided.until {
        decision["until"] = Value::from(day.to_string());
    }
    if !decided.url.is_empty() {
        decision["url"] = Value::from(decided.url.as_str());
    }
    decision
}
