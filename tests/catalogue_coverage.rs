//! What the shipped rules cover: each square of the chart has its generic question, and each rule of the reference catalogue for the
//! services that we judge is either shipped or waits for facts that it names (`config/rules/waiting.yml`).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails says why, and one that is skipped says so")]

use astride::model::category::Category;
use astride::model::fact::Fact;
use astride::stride::chart::{Square, square};
use astride::stride::rule::{RULES, RuleKind, Subject};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    facts: Vec<String>,
    why: String,
}

fn waiting() -> BTreeMap<String, Waiting> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/rules/waiting.yml");
    serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The reference catalogue, if the folder that is shared between worktrees is here.
fn reference() -> Option<Reference> {
    let shared = env::var_os("ASTRIDE_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let text = fs::read_to_string(shared.join("reference/stride-catalogue.yaml")).ok()?;
    Some(serde_saphyr::from_str(&text).unwrap())
}

#[derive(Deserialize)]
struct Reference {
    rules: Vec<ReferenceRule>,
}

#[derive(Deserialize)]
struct ReferenceRule {
    id: String,
    reopens_on: Vec<String>,
}

fn service(id: &str) -> &str {
    id.split('-').nth(1).unwrap_or_default()
}

#[test]
fn a_rule_is_shipped_or_waits_for_facts_of_the_vocabulary() {
    let shipped: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    for (id, waiting) in waiting() {
        assert!(!shipped.contains(id.as_str()), "{id} is shipped and waits");
        assert!(!waiting.why.is_empty() && !waiting.facts.is_empty(), "{id} does not say what it waits for");
        for fact in &waiting.facts {
            assert!(Fact::ALL.iter().any(|known| known.as_str() == fact), "{id} waits for {fact}, which is no fact");
        }
    }
}

#[test]
fn no_rule_of_a_service_that_we_judge_is_forgotten() {
    let Some(reference) = reference() else {
        println!("skipped: shared/reference is not here");
        return;
    };
    let shipped: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    let waiting = waiting();
    let judged: BTreeSet<&str> = shipped.iter().copied().chain(waiting.keys().map(String::as_str)).map(service).collect();
    let mut known = BTreeSet::new();
    for rule in &reference.rules {
        known.insert(rule.id.as_str());
        if !judged.contains(service(&rule.id)) {
            continue;
        }
        match waiting.get(&rule.id) {
            None => assert!(shipped.contains(rule.id.as_str()), "{} is neither shipped nor waiting", rule.id),
            Some(waiting) => {
                for fact in &waiting.facts {
                    assert!(rule.reopens_on.contains(fact), "{} waits for {fact}, which it does not read", rule.id);
                }
            }
        }
    }
    for id in waiting.keys() {
        assert!(known.contains(id.as_str()), "{id} waits and is no rule of the catalogue");
    }
}

#[test]
fn rules_keep_to_the_chart_and_every_square_has_its_question() {
    for rule in RULES {
        let allowed = match (square(rule.subject, rule.category), rule.kind) {
            (Square::Asked | Square::AskedOfLogs, _) | (Square::SpecificOnly, RuleKind::Finding | RuleKind::Question) => true,
            (Square::SpecificOnly, RuleKind::Baseline) | (Square::Outside, _) => false,
        };
        assert!(allowed, "{} stands outside the chart", rule.id);
        // Whatever bears a policy may hold a service to a source that nobody can read here, and whatever runs may have a text in the place of a secret,
        // and a list of whom it lets in.
        let each = [Fact::TakenAway, Fact::UnnamedSource, Fact::SecretStandIn, Fact::ListsEmptied, Fact::ListsOpened];
        let asks_of_each = each.iter().any(|fact| rule.reads.contains(fact));
        assert!(rule.service != "any" || rule.kind == RuleKind::Baseline || asks_of_each, "{}: what is asked of `any` is generic", rule.id);
        assert!(rule.exposed_severity >= rule.severity, "{}: exposure does not lower a severity", rule.id);
    }
    for subject in [Subject::External, Subject::Process, Subject::Store, Subject::Flow("any")] {
        for category in Category::ALL {
            let asked = match square(subject, category) {
                Square::Asked | Square::AskedOfLogs => true,
                Square::SpecificOnly | Square::Outside => false,
            };
            let generic = |rule: &&astride::stride::rule::Rule| rule.service == "any" && rule.kind == RuleKind::Baseline;
            let has_question = RULES.iter().filter(generic).any(|rule| rule.subject == subject && rule.category == category);
            assert_eq!(asked, has_question, "{subject:?} {category:?}");
        }
    }
}

/// Findings block and questions do not: a question that stood for a finding would open the gate.
#[test]
fn a_finding_gives_way_to_findings_only() {
    for rule in RULES.iter().filter(|rule| rule.kind != RuleKind::Finding) {
        for behind in RULES.iter().filter(|behind| rule.supersedes.contains(&behind.id)) {
            assert_ne!(behind.kind, RuleKind::Finding, "{} supersedes {}", rule.id, behind.id);
        }
    }
}

#[test]
fn rules_that_are_looked_up_together_stand_together() {
    assert!(RULES.is_sorted_by_key(|rule| (rule.subject, rule.service, rule.id)));
}
