//! Every shipped rule, alone, on facts alone: `tests/cases/rules/<id>/{fires,silent,covered,unknown}.yml`.
//!
//! A case gives the facts of the nearest layer, under `also` others that come to the same, and what the rule says of them; `fires.yml`
//! also has the title as people read it (`BLESS=1` rewrites titles, nothing else). A case may be missing only where no facts whatever
//! lead to its outcome, which is tried.
#![expect(clippy::unwrap_used, reason = "a test that fails says why")]

use astride::model::cause::Cause;
use astride::model::fact::{Fact, FactType, Facts, Origin, Reading, Value, Word};
use astride::model::resource::Maker;
use astride::model::{Basis, Element, ElementId, ElementKind, Flow, FlowId, FlowKind, Means, Model, Part, Payload, Rank};
use astride::source::{Place, RepoPath};
use astride::stride::evaluate::{Layers, check};
use astride::stride::rule::{Literal, Op, RULES, Rule, RuleKind, Subject};
use astride::stride::threats::find_threats;
use astride::stride::{Outcome, Threat};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    facts: BTreeMap<String, CaseAnswer>,
    /// Other facts that lead to the same: one for each further answer that the rule names.
    #[serde(default)]
    also: Vec<BTreeMap<String, CaseAnswer>>,
    expect: Expected,
    title: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Open,
    Covered,
    Unclear,
    Silent,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CaseAnswer {
    Unresolved { unresolved: String },
    Witnessed { is: Plain, witnesses: Vec<String> },
    Plain(Plain),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Flag(bool),
    Number(f64),
    Word(String),
    List(Vec<String>),
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/rules")
}

fn stated(line: u32) -> Origin {
    Origin::Stated(place(line))
}

fn place(line: u32) -> Place {
    Place { path: RepoPath::new("template.yaml"), line, end_line: line }
}

fn reading(fact: Fact, answer: &CaseAnswer) -> Reading {
    match answer {
        CaseAnswer::Unresolved { unresolved } => Reading::unresolved(unresolved.clone(), stated(3)),
        CaseAnswer::Witnessed { is, witnesses } => Reading::known(value(fact, is), stated(3)).witnessed(witnesses.clone()),
        CaseAnswer::Plain(plain) => Reading::known(value(fact, plain), stated(3)),
    }
}

fn value(fact: Fact, plain: &Plain) -> Value {
    let word = |text: &str| *Word::ALL.iter().find(|word| word.as_str() == text).unwrap_or_else(|| panic!("{text} is no word"));
    match (fact.fact_type(), plain) {
        (FactType::Enum, Plain::Word(text)) => Value::Word(word(text)),
        (FactType::Set, Plain::List(texts)) => {
            let mut words: Vec<Word> = texts.iter().map(|text| word(text)).collect();
            words.sort();
            Value::Set(words)
        }
        (FactType::Flag, Plain::Flag(flag)) => Value::Flag(*flag),
        (FactType::Number, Plain::Word(text)) if text == "never" => Value::Never,
        (FactType::Number, Plain::Number(number)) => Value::Number((number * 1000.0).round() as i64),
        (FactType::List, Plain::List(texts)) => Value::List(texts.clone()),
        (kind, _) => panic!("{} is a {kind:?}", fact.as_str()),
    }
}

fn facts(stated: &BTreeMap<String, CaseAnswer>) -> Facts {
    let mut facts = Facts::default();
    for (name, answer) in stated {
        let fact = *Fact::ALL.iter().find(|fact| fact.as_str() == name).unwrap_or_else(|| panic!("{name} is no fact"));
        facts.set(fact, reading(fact, answer));
    }
    facts
}

fn element(address: &str, kind: ElementKind, service: &'static str, facts: Facts) -> Element {
    let unit = RepoPath::new("template.yaml");
    Element {
        id: ElementId::new(&unit, address),
        unit,
        address: address.to_owned(),
        logical_id: address.to_owned(),
        maker: Maker::Author,
        declared: String::new(),
        kind,
        service,
        outside: None,
        name: address.to_owned(),
        place: place(1),
        by_folder: false,
        rank: Rank::First,
        facts,
        parts: Vec::new(),
    }
}

fn flow(from: &Element, to: &Element, kind: FlowKind, facts: Facts) -> Flow {
    Flow {
        id: FlowId::new(&from.unit, &from.id, &to.id, Means::Invoke),
        unit: from.unit.clone(),
        from: from.id.clone(),
        to: to.id.clone(),
        kind,
        means: Means::Invoke,
        via: Vec::new(),
        basis: Basis::Property,
        door: None,
        payload: Payload::Out,
        place: place(2),
        rank: Rank::First,
        facts,
    }
}

/// The smallest model on which the rule can speak.
fn model(rule: &Rule, facts: Facts) -> Model {
    let mut model = Model::default();
    let (kind, name) = match rule.subject {
        Subject::Store if rule.service == "key" => (ElementKind::Process, "OrdersFn"),
        Subject::Process | Subject::Identity => (ElementKind::Process, "OrdersFn"),
        Subject::Store => (ElementKind::DataStore, "Orders"),
        Subject::External => (ElementKind::ExternalEntity, "customer"),
        Subject::Boundary => panic!("{}: no boundary rule ships", rule.id),
        Subject::Flow(flow_kind) => {
            // Of a flow that goes out, or on, the start is no external entity.
            let from = match rule.service {
                "public_flow" => element("ReportFn", ElementKind::Process, "any", Facts::default()),
                _ => element("customer", ElementKind::ExternalEntity, "human_actor", Facts::default()),
            };
            let to = element("OrdersFn", ElementKind::Process, "any", Facts::default());
            let flow_kind = match flow_kind {
                "async_event" => FlowKind::AsyncEvent,
                "poll" => FlowKind::Poll,
                "data_access" => FlowKind::DataAccess,
                "egress" => FlowKind::Egress,
                _ => FlowKind::SyncRequest,
            };
            model.flows.push(flow(&from, &to, flow_kind, facts));
            model.elements.extend([from, to]);
            model.sort();
            return model;
        }
    };
    let part = match rule.service {
        "lambda_function_url" | "lambda_layer" | "iam_role" | "key" => Some("lambda_function"),
        "table_stream" => Some("table"),
        "iot_policy" | "iot_provisioning" | "iot_rule" | "iot_logging" => Some("external_system"),
        _ => None,
    };
    model.elements.push(match part {
        None => element(name, kind, rule.service, facts),
        Some(service) => {
            let mut element = element(name, kind, service, Facts::default());
            let cause = Arc::new(Cause::property("template.yaml#OrdersPart", rule.service));
            element.parts.push(Part { service: rule.service, label: "OrdersPart".to_owned(), cause, place: place(2), facts });
            element
        }
    });
    model
}

fn find(rule: &'static Rule, facts: Facts) -> Option<Threat> {
    let mut threats = find_threats(&model(rule, facts), &[rule]);
    assert!(threats.len() <= 1, "{}: {} threats", rule.id, threats.len());
    threats.pop()
}

fn outcome(threat: Option<&Threat>) -> Expected {
    match threat.map(|threat| &threat.outcome) {
        None => Expected::Silent,
        Some(Outcome::Open) => Expected::Open,
        Some(Outcome::Covered { .. }) => Expected::Covered,
        Some(Outcome::Unclear { .. }) => Expected::Unclear,
    }
}

#[test]
fn every_case_says_what_its_rule_says() {
    let bless = env::var_os("BLESS").is_some_and(|bless| !bless.is_empty());
    let mut wrong = Vec::new();
    for rule in RULES {
        for (name, expected) in
            [("fires", Expected::Open), ("silent", Expected::Silent), ("covered", Expected::Covered), ("unknown", Expected::Unclear)]
        {
            let path = folder().join(rule.id).join(format!("{name}.yml"));
            let Ok(text) = fs::read_to_string(&path) else {
                if can_come_to(rule, expected) {
                    wrong.push(format!("{}: {name}.yml is missing, and some facts lead there", rule.id));
                }
                continue;
            };
            let case: Case = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let threat = find(rule, facts(&case.facts));
            for (number, also) in case.also.iter().enumerate() {
                let outcome = outcome(find(rule, facts(also)).as_ref());
                if outcome != expected {
                    wrong.push(format!("{}: {name}.yml, also {}: gets {outcome:?}", rule.id, number + 1));
                }
            }
            if case.expect != expected || outcome(threat.as_ref()) != expected {
                wrong.push(format!("{}: {name}.yml expects {:?} and gets {:?}", rule.id, case.expect, outcome(threat.as_ref())));
            } else if let (Some(threat), "fires") = (&threat, name)
                && case.title.as_ref() != Some(&threat.title())
            {
                if bless {
                    fs::write(&path, with_title(&text, &threat.title())).unwrap();
                } else {
                    wrong.push(format!("{}: the title is now {:?}", rule.id, threat.title()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn with_title(text: &str, title: &str) -> String {
    let mut lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("title:")).collect();
    let line = format!("title: {}", serde_json::to_string(title).unwrap());
    lines.push(&line);
    lines.join("\n") + "\n"
}

#[test]
fn every_case_folder_belongs_to_a_shipped_rule() {
    let shipped: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    for entry in fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(shipped.contains(name.as_str()), "{name} is no shipped rule");
        for file in fs::read_dir(entry.path()).unwrap() {
            let file = file.unwrap().file_name().into_string().unwrap();
            assert!(["fires.yml", "silent.yml", "covered.yml", "unknown.yml"].contains(&file.as_str()), "{name}/{file} is no case");
        }
    }
}

/// Whether any facts lead the rule to an outcome: tries every answer that its predicates tell apart, of every fact that it reads.
fn can_come_to(rule: &Rule, wanted: Expected) -> bool {
    let domains: Vec<(Fact, Vec<Option<Reading>>)> = rule.reads.iter().map(|fact| (*fact, answers_told_apart(rule, *fact))).collect();
    let combinations: usize = domains.iter().map(|(_, answers)| answers.len()).product();
    assert!(combinations < 1_000_000, "{}: too many facts to try", rule.id);
    (0..combinations).any(|mut number| {
        let mut facts = Facts::default();
        for (fact, answers) in &domains {
            if let Some(reading) = &answers[number % answers.len()] {
                facts.set(*fact, reading.clone());
            }
            number /= answers.len();
        }
        let checked = check(rule, Layers::of(&facts));
        let outcome = match checked.map(|checked| checked.outcome) {
            None => Expected::Silent,
            Some(Outcome::Open) => Expected::Open,
            Some(Outcome::Covered { .. }) => Expected::Covered,
            Some(Outcome::Unclear { .. }) => Expected::Unclear,
        };
        outcome == wanted
    })
}

fn answers_told_apart(rule: &Rule, fact: Fact) -> Vec<Option<Reading>> {
    let literals = literals(rule, fact);
    let words: Vec<Word> = literals
        .iter()
        .filter_map(|literal| match literal {
            Literal::Word(word) => Some(*word),
            Literal::Flag(_) | Literal::Number(_) | Literal::Never => None,
        })
        .filter(|word| *word != Word::Unknown)
        .collect();
    let other = Word::ALL.iter().filter(|word| match fact.weakest_first() {
        [] => **word != Word::Unknown && !words.contains(word),
        ordered => ordered.contains(&word.as_str()) && !words.contains(word),
    });
    let values: Vec<Value> = match fact.fact_type() {
        FactType::Enum => words.iter().chain(other.take(1)).copied().map(Value::Word).collect(),
        FactType::Set => (0..1_u32 << words.len())
            .map(|members| Value::Set((0..words.len()).filter(|index| members & (1 << index) != 0).map(|index| words[index]).collect()))
            .collect(),
        FactType::Flag => vec![Value::Flag(true), Value::Flag(false)],
        FactType::Number => literals
            .iter()
            .flat_map(|literal| match literal {
                Literal::Number(number) => vec![Value::Number(number - 1), Value::Number(*number), Value::Number(number + 1)],
                Literal::Word(_) | Literal::Flag(_) | Literal::Never => vec![Value::Never, Value::Number(1000)],
            })
            .collect(),
        FactType::List => vec![Value::List(Vec::new()), Value::List(vec!["GET /".to_owned()])],
    };
    let known = values.into_iter().map(|value| Some(Reading::known(value, Origin::Derived(None))));
    known.chain([None, Some(Reading::unresolved("a parameter", Origin::Derived(None)))]).collect()
}

fn literals(rule: &Rule, wanted: Fact) -> Vec<Literal> {
    let predicates = rule.answers.iter().map(|answer| answer.when).chain([rule.raised, rule.context]);
    let mut found = Vec::new();
    for op in predicates.flatten() {
        match op {
            Op::Is(fact, literal) | Op::Compare(fact, _, literal) if *fact == wanted => found.push(*literal),
            Op::In(fact, literals) if *fact == wanted => found.extend_from_slice(literals),
            Op::Has(fact, word) if *fact == wanted => found.push(Literal::Word(*word)),
            Op::Always | Op::Truthy(_) | Op::Is(..) | Op::In(..) | Op::Has(..) | Op::Compare(..) | Op::Not | Op::And | Op::Or => {}
        }
    }
    let mut unique: Vec<Literal> = Vec::new();
    for literal in found {
        if !unique.contains(&literal) {
            unique.push(literal);
        }
    }
    unique
}

#[test]
fn titles_say_a_fact_and_its_consequence() {
    for rule in RULES {
        for text in [rule.title, rule.question] {
            assert!(!text.to_lowercase().contains("potentially"), "{}: {text}", rule.id);
            assert!(!text.contains("  ") && text.trim() == text, "{}: stray white space in {text}", rule.id);
        }
        assert!(!rule.title.ends_with([':', '.', '?']), "{}: {}", rule.id, rule.title);
        assert!(rule.question.ends_with('?'), "{}: {}", rule.id, rule.question);
        assert!(!rule.fixes.is_empty(), "{}: says nothing of what to do", rule.id);
        let says_why = rule.kind == RuleKind::Baseline || rule.title.contains([':', ',']) || rule.title.contains(" and ");
        assert!(says_why, "{}: no consequence in {}", rule.id, rule.title);
    }
}
