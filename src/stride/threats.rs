//! Which threats a model has.
//!
//! Comes in: a model and the rules in force. Goes out: every rule that is raised, covered or unclear on an element, a part or a flow, with
//! evidence and fingerprint, ordered by key. Reads facts only; what was decided before is not its concern.

use crate::model::fact::{Answer, Fact, Facts, Origin, Value, Word};
use crate::model::{Category, Element, ElementId, ElementKind, Flow, FlowKind, Model, Part, RecordedThreat};
use crate::source::{Place, RepoPath};
use crate::stride::chart::{Square, square};
use crate::stride::evaluate::{Checked, Layers, check, stated_place};
use crate::stride::paths::{Found, Spot, supersede};
use crate::stride::rule::{Likelihood, Rule, RuleKind, Severity, Subject};
use crate::stride::wording::{Named, fill};
use crate::stride::{Evidence, Fingerprint, Outcome, Threat, ThreatKey};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Finds the threats of a model.
///
/// A generic question (a *baseline*) is asked only where no specific rule speaks in its cell. Of rules that say the same from further
/// behind on one entry path only the nearest to the boundary stays, and names the others in `supersedes`.
pub fn find_threats(model: &Model, rules: &[&'static Rule]) -> Vec<Threat> {
    let rules = RulesBySubject::new(rules);
    let recorded = RecordedAnswers::new(model);
    let ends: Vec<_> = model.flows.iter().map(|flow| [index_of(model, &flow.from), index_of(model, &flow.to)]).collect();
    let mut found = Vec::new();
    for (index, element) in model.elements.iter().enumerate() {
        let first = found.len();
        find_on_element(element, Spot::Element(index), &rules, &mut found);
        recorded.cover(element.id.as_str(), &mut found[first..]);
    }
    for (index, flow) in model.flows.iter().enumerate() {
        let first = found.len();
        find_on_flow(model, flow, ends[index], Spot::Flow(index), &rules, &mut found);
        recorded.cover(flow.id.as_str(), &mut found[first..]);
    }
    let mut threats = supersede(found, model, &ends);
    threats.sort_by(|a, b| a.key.cmp(&b.key));
    threats
}

/// The rules, ordered so that those of one kind of element and one service stand together. `RULES` already is in that order.
struct RulesBySubject(Vec<&'static Rule>);

impl RulesBySubject {
    fn new(rules: &[&'static Rule]) -> Self {
        let mut ordered = rules.to_vec();
        ordered.sort_by_key(|rule| (rule.subject, rule.service));
        Self(ordered)
    }

    fn of(&self, subject: Subject, service: &str) -> &[&'static Rule] {
        let wanted = (subject, service);
        let start = self.0.partition_point(|rule| (rule.subject, rule.service) < wanted);
        let length = self.0[start..].partition_point(|rule| (rule.subject, rule.service) == wanted);
        &self.0[start..start + length]
    }
}

fn index_of(model: &Model, id: &ElementId) -> Option<usize> {
    model.elements.binary_search_by(|element| element.id.cmp(id)).ok()
}

/// What a rule is checked on.
struct Target<'m> {
    on: &'m str,
    unit: &'m RepoPath,
    shown: &'m str,
    named: Named<'m>,
    place: &'m Place,
    layers: Layers<'m>,
    spot: Spot,
    exposed: bool,
}

fn find_on_element(element: &Element, spot: Spot, rules: &RulesBySubject, found: &mut Vec<Found>) {
    let first = found.len();
    let subject = match element.kind {
        ElementKind::ExternalEntity => Subject::External,
        ElementKind::Process => Subject::Process,
        ElementKind::DataStore => Subject::Store,
    };
    let role = element.parts.iter().find(|part| part.service == "iam_role").map(|part| &part.facts);
    let target = element_target(element, None, spot, Layers { facts: [Some(&element.facts), role, None], own: &[] });
    if element.service != "any" {
        raise(rules.of(subject, element.service), &target, found);
    }
    for part in &element.parts {
        let target = element_target(element, Some(part), spot, part_layers(element, part, role));
        for subject in [Subject::Process, Subject::Store, Subject::Identity] {
            raise(rules.of(subject, part.service), &target, found);
        }
    }
    raise_baselines(rules.of(subject, "any"), &target, first, found);
}

/// Layers and keys answer for themselves alone: their policies and integrity are not those of the element that uses them.
fn part_layers<'m>(element: &'m Element, part: &'m Part, role: Option<&'m Facts>) -> Layers<'m> {
    match part.service {
        "lambda_layer" | "key" => Layers { facts: [Some(&part.facts), None, None], own: &[] },
        _ => Layers { facts: [Some(&part.facts), Some(&element.facts), role], own: &[] },
    }
}

fn element_target<'m>(element: &'m Element, part: Option<&'m Part>, spot: Spot, layers: Layers<'m>) -> Target<'m> {
    let label = part.map_or("", |part| part.label.as_str());
    Target {
        on: element.id.as_str(),
        unit: &element.unit,
        shown: &element.name,
        named: Named { element: &element.name, from: "", to: "", part: label },
        place: part.map_or(&element.place, |part| &part.place),
        layers,
        spot,
        exposed: answers(layers, Fact::Exposure, Word::Internet)
            || (element.kind == ElementKind::Process && element.facts.value(Fact::ExposedUpstream) == Some(&Value::Flag(true))),
    }
}

fn find_on_flow(model: &Model, flow: &Flow, ends: [Option<usize>; 2], spot: Spot, rules: &RulesBySubject, found: &mut Vec<Found>) {
    let first = found.len();
    let [from, to] = ends.map(|end| end.map(|index| &model.elements[index]));
    let from_name = from.map_or(flow.from.address(), |element| &element.name);
    let to_name = to.map_or(flow.to.address(), |element| &element.name);
    let shown = format!("{from_name} → {to_name}");
    let layers =
        Layers { facts: [Some(&flow.facts), to.map(|element| &element.facts), from.map(|element| &element.facts)], own: OF_THE_FLOW };
    let target = Target {
        on: flow.id.as_str(),
        unit: &flow.unit,
        shown: &shown,
        named: Named { element: &shown, from: from_name, to: to_name, part: "" },
        place: &flow.place,
        layers,
        spot,
        exposed: crosses(flow),
    };
    if let Some((kind, service)) = flow_service(flow.kind) {
        raise(rules.of(Subject::Flow(kind), service), &target, found);
    }
    if flow.kind != FlowKind::Egress && to.is_none_or(|to| to.kind == ElementKind::ExternalEntity) {
        raise(rules.of(Subject::Flow("egress"), "egress_flow"), &target, found);
    }
    if from.is_none_or(|from| from.kind == ElementKind::ExternalEntity) {
        raise(rules.of(Subject::Flow("any"), "internet_flow"), &target, found);
    }
    raise(rules.of(Subject::Flow("cross_account"), "cross_account_flow"), &target, found);
    raise_baselines(rules.of(Subject::Flow("any"), "any"), &target, first, found);
}

/// What is said of a flow and of an element in the same word: a queue's dead-letter queue is not that of the subscription which fills it,
/// and who may write a table somehow is not what this writer may.
const OF_THE_FLOW: &[Fact] = &[
    Fact::Dlq,
    Fact::Retry,
    Fact::Filter,
    Fact::SourceCondition,
    Fact::Crosses,
    Fact::CrossesTrust,
    Fact::CrossAccount,
    Fact::WriterScope,
    Fact::ReaderScope,
];

/// The catalogue's kind and service of a flow. The rules on flows that cross say so in their context, and are looked up for every flow;
/// those on flows from the internet for every flow from outside, those on outbound flows for every flow to it.
fn flow_service(kind: FlowKind) -> Option<(&'static str, &'static str)> {
    match kind {
        FlowKind::SyncRequest => Some(("sync_request", "sync_flow")),
        FlowKind::AsyncEvent => Some(("async_event", "async_flow")),
        FlowKind::Poll => Some(("poll", "event_source_mapping")),
        FlowKind::DataAccess => Some(("data_access", "data_flow")),
        FlowKind::Egress => Some(("egress", "egress_flow")),
        FlowKind::Admin | FlowKind::Replication => None,
    }
}

fn answers(layers: Layers<'_>, fact: Fact, word: Word) -> bool {
    layers.get(fact).is_some_and(|reading| reading.answer == Answer::Known(Value::Word(word)))
}

fn may_hold_logs(layers: Layers<'_>) -> bool {
    layers.get(Fact::StoreRole).is_some_and(|reading| match &reading.answer {
        Answer::Known(value) => *value == Value::Word(Word::AuditLog),
        Answer::Unresolved(_) => true,
    })
}

fn crosses(flow: &Flow) -> bool {
    matches!(flow.facts.value(Fact::Crosses), Some(Value::Set(words)) if !words.is_empty())
        || flow.facts.value(Fact::CrossesTrust) == Some(&Value::Flag(true))
}

fn raise(rules: &[&'static Rule], target: &Target<'_>, found: &mut Vec<Found>) {
    for rule in rules {
        if let Some(checked) = check(rule, target.layers) {
            found.push(Found { threat: threat(rule, checked, target), spot: target.spot });
        }
    }
}

/// The generic questions of the squares that the chart asks for and in which nothing specific was found since `first`.
fn raise_baselines(rules: &[&'static Rule], target: &Target<'_>, first: usize, found: &mut Vec<Found>) {
    let specific = found.len();
    for rule in rules {
        let asked = match square(rule.subject, rule.category) {
            Square::Asked => true,
            Square::AskedOfLogs => may_hold_logs(target.layers),
            Square::SpecificOnly | Square::Outside => false,
        };
        if asked && !found[first..specific].iter().any(|other| other.threat.rule.category == rule.category) {
            raise(&[rule], target, found);
        }
    }
}

fn threat(rule: &'static Rule, checked: Checked, target: &Target<'_>) -> Threat {
    let key = ThreatKey { on: target.on.to_owned(), rule: rule.id, part: target.named.part.to_owned() };
    let evidence = evidence(rule, target.layers);
    let fingerprint = fingerprint(&key, &evidence);
    let severity = if target.exposed { rule.exposed_severity } else { rule.severity };
    Threat {
        unit: target.unit.clone(),
        shown: target.shown.to_owned(),
        place: stated_place(rule.raised, target.layers).unwrap_or(target.place).clone(),
        severity: if checked.partly_answered { lowered(severity) } else { severity },
        score: score(rule, &checked, target.exposed),
        title: title(rule, &checked, target),
        question: fill(rule.question, target.named, target.layers),
        supersedes: Vec::new(),
        outcome: checked.outcome,
        key,
        rule,
        evidence,
        fingerprint,
    }
}

fn title(rule: &Rule, checked: &Checked, target: &Target<'_>) -> String {
    let title = fill(rule.title, target.named, target.layers);
    match checked.outcome {
        Outcome::Open | Outcome::Covered { .. } => title,
        Outcome::Unclear { .. } => format!("It cannot be told whether this holds: {title}"),
    }
}

fn evidence(rule: &Rule, layers: Layers<'_>) -> Vec<Evidence> {
    let read = |fact: &Fact| match layers.get(*fact) {
        None => Evidence { fact: *fact, words: "unread".to_owned(), known: false, place: None, default: None },
        Some(reading) => Evidence {
            fact: *fact,
            words: reading.words(),
            known: matches!(reading.answer, Answer::Known(_)),
            place: reading.place().cloned(),
            default: match reading.origin {
                Origin::Default(page) => Some(page),
                Origin::Stated(_) | Origin::Derived(_) | Origin::Claimed(_) => None,
            },
        },
    };
    rule.reads.iter().map(read).collect()
}

/// SHA-256 over key and evidence, a line each. Lines of names and free texts are counted, so that no name can pass for another line.
fn fingerprint(key: &ThreatKey, evidence: &[Evidence]) -> Fingerprint {
    let mut text = String::with_capacity(256);
    for part in [key.rule, &key.on, &key.part] {
        writeln!(text, "{}:{part}", part.len()).expect("writing to a string cannot fail");
    }
    for fact in evidence {
        writeln!(text, "{}={}:{}", fact.fact.as_str(), fact.words.len(), fact.words).expect("writing to a string cannot fail");
    }
    Fingerprint(Sha256::digest(text.as_bytes()).into())
}

fn lowered(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}

/// In hundredths: severity × likelihood × kind, more where exposed, less where unclear or partly answered.
fn score(rule: &Rule, checked: &Checked, exposed: bool) -> u32 {
    let severity = match rule.severity {
        Severity::Critical => 8,
        Severity::High => 5,
        Severity::Medium => 2,
        Severity::Low => 1,
    };
    let likelihood_in_hundredths = match rule.likelihood {
        Likelihood::High => 150,
        Likelihood::Medium => 100,
        Likelihood::Low => 60,
    };
    let tenths = [
        match rule.kind {
            RuleKind::Finding => 12,
            RuleKind::Question => 10,
            RuleKind::Baseline => 5,
        },
        if exposed { 15 } else { 10 },
        if matches!(checked.outcome, Outcome::Unclear { .. }) { 6 } else { 10 },
        if checked.partly_answered { 5 } else { 10 },
    ];
    tenths.iter().fold(severity * likelihood_in_hundredths, |score, tenths| score * tenths / 10)
}

/// What model files record as answered, by what it is recorded on and category.
struct RecordedAnswers<'m>(Vec<(&'m str, Category, &'m RecordedThreat)>);

impl<'m> RecordedAnswers<'m> {
    fn new(model: &'m Model) -> Self {
        let answer = |threat: &'m RecordedThreat| Some((threat.on.as_deref()?, threat.category?, threat));
        let mut answers: Vec<_> = model.recorded.iter().filter(|threat| threat.status.answers()).filter_map(answer).collect();
        answers.sort_by_key(|(on, category, _)| (*on, *category));
        Self(answers)
    }

    /// Covers the questions of the cells that have an answer. A finding stays: a file's word does not undo what the facts show.
    fn cover(&self, on: &str, found: &mut [Found]) {
        if self.0.is_empty() {
            return;
        }
        for threat in found.iter_mut().map(|found| &mut found.threat) {
            let asks = match threat.rule.kind {
                RuleKind::Question | RuleKind::Baseline => !matches!(threat.outcome, Outcome::Covered { .. }),
                RuleKind::Finding => false,
            };
            let wanted = (on, threat.rule.category);
            let index = self.0.partition_point(|(on, category, _)| (*on, *category) < wanted);
            if let Some((_, _, recorded)) = self.0.get(index).filter(|(on, category, _)| asks && (*on, *category) == wanted) {
                let note = format!("recorded as {} in {}: {}", recorded.status.word(), recorded.place.path.file_name(), recorded.title);
                threat.outcome = Outcome::Covered { note, place: Some(recorded.place.clone()) };
            }
        }
    }
}
