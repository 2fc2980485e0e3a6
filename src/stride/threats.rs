//! Which threats a model has.
//!
//! Comes in: a model and the rules in force. Goes out: every rule that is raised, covered or unclear on an element, a part or a flow, with
//! evidence and fingerprint, ordered by key. Reads facts only; what was decided before is not its concern.

use crate::model::cause::Cause;
use crate::model::fact::{Answer, Fact, Facts, Value, Word};
use crate::model::resource::Maker;
use crate::model::words::Words;
use crate::model::{Element, ElementId, ElementKind, Flow, FlowKind, Means, Model, Part, Payload};
use crate::source::{Place, RepoPath};
use crate::stride::chart::{Square, square};
use crate::stride::evaluate::{Checked, Layers, check, facts_of, stated_place};
use crate::stride::evidence::evidence;
use crate::stride::paths::{Found, Spot, supersede};
use crate::stride::policy::{Policy, RuleSet, Side, Thresholds};
use crate::stride::recorded::RecordedAnswers;
use crate::stride::rule::{Rule, RuleKind, Subject};
use crate::stride::suppressed;
use crate::stride::weight::{score, severity};
use crate::stride::{Outcome, Threat, ThreatKey, Worst};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// Finds the threats of a model.
///
/// A generic question (a *baseline*) is asked only where no specific rule speaks in its cell. Of rules that say the same from further
/// behind on one entry path only the nearest to the boundary stays, and names the others in `supersedes`.
pub fn find_threats(model: &Model, rules: &[&'static Rule]) -> Vec<Threat> {
    find_under(
        model,
        &RuleSet { rules: rules.to_vec(), policy: &Policy::default(), moved: &[], side: Side::Head, thresholds: Thresholds::default() },
    )
}

/// The same under what settings say of the rules: each threat with what counts of it, and without the controls of rules that are switched
/// off.
pub fn find_under(model: &Model, set: &RuleSet<'_>) -> Vec<Threat> {
    let rules = RulesBySubject::new(&set.rules);
    let recorded = RecordedAnswers::new(model);
    let ends: Vec<_> = model.flows.iter().map(|flow| [index_of(model, &flow.from), index_of(model, &flow.to)]).collect();
    let mut found = Vec::new();
    for (index, element) in model.elements.iter().enumerate().filter(|(_, element)| is_asked(&element.facts)) {
        let first = found.len();
        find_on_element(element, Spot::Element(index), &rules, &mut found);
        recorded.cover(element.id.as_str(), &mut found[first..]);
    }
    for (index, flow) in model.flows.iter().enumerate().filter(|(_, flow)| is_asked(&flow.facts)) {
        let first = found.len();
        find_on_flow(model, flow, ends[index], Spot::Flow(index), &rules, &mut found);
        recorded.cover(flow.id.as_str(), &mut found[first..]);
    }
    // What a macro may rewrite, or was read in part, shows no control; what it states openly is asked all the same.
    let doubtful: BTreeSet<&RepoPath> = model.rewritten.iter().chain(&model.cut).collect();
    found.retain(|found| !(matches!(found.threat.outcome, Outcome::Covered { .. }) && doubtful.contains(&found.threat.unit)));
    set.rule_on(&mut found);
    let mut threats = supersede(found, model, &ends);
    let place = |threat: &Threat| (threat.on.clone(), threat.key.clone(), threat.part.clone(), Reverse(threat.found_with.1));
    threats.sort_by_cached_key(place);
    threats.dedup_by(|a, b| a.occurrence() == b.occurrence());
    suppressed::attach(&mut threats, model);
    threats.iter_mut().for_each(|threat| threat.words = model.words(&threat.unit));
    threats
}

/// Whether anything is asked at all: not of what people took out of scope.
fn is_asked(facts: &Facts) -> bool {
    facts.value(Fact::OutOfScope) != Some(&Value::Flag(true))
}

/// Whether it goes by the name of what a toolkit deploys by itself.
fn is_helper(element: &Element) -> bool {
    element.maker == Maker::Toolkit
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
    on: Arc<str>,
    unit: &'m RepoPath,
    shown: Arc<str>,
    ends: [Arc<str>; 2],
    part: Arc<str>,
    /// What is the cause where no fact says better.
    cause: Arc<Cause>,
    place: &'m Place,
    layers: Layers<'m>,
    spot: Spot,
    exposed: bool,
    of_helper: bool,
}

fn find_on_element(element: &Element, spot: Spot, rules: &RulesBySubject, found: &mut Vec<Found>) {
    let first = found.len();
    let subject = Subject::of(element.kind);
    let target = element_target(element, None, spot, Layers::of(&element.facts));
    if element.service != "any" {
        raise(rules.of(subject, element.service), &target, found);
    }
    for part in &element.parts {
        let target = element_target(element, Some(part), spot, part_layers(element, part));
        for subject in [Subject::Process, Subject::Store, Subject::Identity] {
            raise(rules.of(subject, part.service), &target, found);
        }
    }
    raise_of_any(rules.of(subject, "any"), &target, first, found);
}

/// Layers and keys answer for themselves alone: their policies and integrity are not those of the element that uses them.
fn part_layers<'m>(element: &'m Element, part: &'m Part) -> Layers<'m> {
    match part.service {
        "lambda_layer" | "key" => Layers::of(&part.facts),
        "iam_role" => Layers { depth: depth_on_role, ..Layers::of_part(&part.facts, &element.facts) },
        _ => Layers::of_part(&part.facts, &element.facts),
    }
}

/// What a role may do is its own: on the element stands the worst of all that it holds, and one may do what another may not.
fn depth_on_role(fact: Fact) -> usize {
    const OWN: [Fact; 16] = [
        Fact::CreatesSchedules,
        Fact::EndsNamed,
        Fact::Granted,
        Fact::GrantedOutside,
        Fact::IamDataReadAll,
        Fact::IamDestructive,
        Fact::IamLogTamper,
        Fact::IamPassrole,
        Fact::IamPrivesc,
        Fact::IamScope,
        Fact::OpensNamed,
        Fact::OthersReached,
        Fact::PushToClients,
        Fact::SecretReadAll,
        Fact::SecretsReached,
        Fact::WritesRights,
    ];
    if OWN.contains(&fact) { 1 } else { 2 }
}

fn element_target<'m>(element: &'m Element, part: Option<&'m Part>, spot: Spot, layers: Layers<'m>) -> Target<'m> {
    let label = part.map_or("", |part| part.label.as_str());
    Target {
        on: Arc::from(element.id.as_str()),
        unit: &element.unit,
        shown: Arc::from(element.name.as_str()),
        ends: Default::default(),
        part: Arc::from(label),
        cause: part.map_or_else(|| Arc::new(Cause::property(element.home(), "")), |part| Arc::clone(&part.cause)),
        place: part.map_or(&element.place, |part| &part.place),
        layers,
        spot,
        exposed: answers(layers, Fact::Exposure, Word::Internet)
            || (element.kind == ElementKind::Process && element.facts.value(Fact::ExposedUpstream) == Some(&Value::Flag(true))),
        of_helper: is_helper(element),
    }
}

fn find_on_flow(model: &Model, flow: &Flow, ends: [Option<usize>; 2], spot: Spot, rules: &RulesBySubject, found: &mut Vec<Found>) {
    let first = found.len();
    let [from, to] = ends.map(|end| end.map(|index| &model.elements[index]));
    let from_name = from.map_or(flow.from.address(), |element| &element.name);
    let to_name = to.map_or(flow.to.address(), |element| &element.name);
    let layers = Layers {
        over: None,
        facts: [Some(&flow.facts), to.map(|element| &element.facts), from.map(|element| &element.facts)],
        depth: depth_on_flow,
    };
    let target = Target {
        on: Arc::from(flow.id.as_str()),
        unit: &flow.unit,
        shown: Arc::from(format!("{from_name} → {to_name}")),
        ends: [Arc::from(from_name), Arc::from(to_name)],
        part: Arc::default(),
        cause: Arc::new(Cause::property(flow.home([from, to]), "")),
        place: &flow.place,
        layers,
        spot,
        exposed: crosses(flow),
        of_helper: [from, to].into_iter().flatten().any(is_helper),
    };
    // The rules on polls speak of what delivers at the start. Who fetches by a right of their own stands there themselves.
    let is_fetched = flow.kind == FlowKind::Poll && flow.payload == Payload::In;
    if let Some((kind, service)) = flow_service(flow.kind).filter(|_| !is_fetched) {
        raise(rules.of(Subject::Flow(kind), service), &target, found);
    }
    if flow.kind != FlowKind::Egress && to.is_none_or(|to| to.kind == ElementKind::ExternalEntity) {
        raise(rules.of(Subject::Flow("egress"), "egress_flow"), &target, found);
    }
    // Signing in is what the user pool's own rules are about.
    if flow.means != Means::Authenticate && from.is_none_or(|from| from.kind == ElementKind::ExternalEntity) {
        raise(rules.of(Subject::Flow("any"), "internet_flow"), &target, found);
    } else {
        raise(rules.of(Subject::Flow("any"), "public_flow"), &target, found);
    }
    raise(rules.of(Subject::Flow("cross_account"), "cross_account_flow"), &target, found);
    raise_of_any(rules.of(Subject::Flow("any"), "any"), &target, first, found);
}

/// What is said of a flow and of an element in the same word is another thing on each: a queue's dead-letter queue is not that of the
/// subscription which fills it, and who may write a table somehow is not what this writer may. Of the start only that is asked which the
/// data brings along.
fn depth_on_flow(fact: Fact) -> usize {
    const FLOW: &[Fact] = &[
        Fact::CrossAccount,
        Fact::Crosses,
        Fact::CrossesTrust,
        Fact::Dlq,
        Fact::Filter,
        Fact::ReaderScope,
        Fact::Retry,
        Fact::SourceCondition,
        Fact::SubscriberProtocol,
        Fact::WriterScope,
    ];
    const START: &[Fact] = &[Fact::DataClass, Fact::ExposedUpstream, Fact::MultiTenant, Fact::Writers];
    if FLOW.contains(&fact) {
        1
    } else if START.contains(&fact) {
        3
    } else {
        2
    }
}

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

/// Whether a flow leads over a boundary behind which somebody else is. To leave one's own network for a service of the account is none: what
/// stands in a network is the better for it.
fn crosses(flow: &Flow) -> bool {
    matches!(flow.facts.value(Fact::Crosses), Some(Value::Set(words)) if words.iter().any(|word| *word != Word::Vpc))
        || flow.facts.value(Fact::CrossesTrust) == Some(&Value::Flag(true))
}

fn raise(rules: &[&'static Rule], target: &Target<'_>, found: &mut Vec<Found>) {
    for rule in rules {
        let Some(checked) = check(rule, target.layers) else { continue };
        let by_cause = if checked.outcome == Outcome::Open { raised_by_cause(rule, target) } else { Vec::new() };
        found.push(Found { threat: threat(rule, checked, target, target.layers, &target.cause), by_cause, spot: target.spot });
    }
}

/// Many causes as one, named by all of them: one more is another.
fn set_of_causes(holder: &str, causes: &[&Arc<Cause>]) -> Cause {
    let mut hash = Sha256::new();
    for cause in causes {
        hash.update(format!("{}:{cause}\n", cause.kind.word()));
    }
    let digest: [u8; 32] = hash.finalize().into();
    let digest: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    Cause::property(holder, format!("{} causes, {digest}", causes.len()))
}

/// Most causes of one rule on one element that are told apart: beyond that nobody reads them, and this very set of them is one.
const MOST_CAUSES: usize = 250;

/// One threat for each cause that would raise the rule by itself; none where only all of them together do, or where there are too many.
fn raised_by_cause(rule: &'static Rule, target: &Target<'_>) -> Vec<Threat> {
    let mut raised = Vec::new();
    let readings = || rule.reads.iter().filter_map(|fact| Some((*fact, target.layers.get(*fact)?)));
    let raising = facts_of(rule.raised).filter_map(|fact| target.layers.get(fact));
    let mut causes: Vec<&Arc<Cause>> = raising.flat_map(|reading| &reading.shares).map(|share| &share.cause).collect();
    causes.sort_unstable();
    causes.dedup();
    if causes.len() > MOST_CAUSES {
        let set = Arc::new(set_of_causes(&target.cause.holder, &causes));
        return check(rule, target.layers).map(|checked| threat(rule, checked, target, target.layers, &set)).into_iter().collect();
    }
    for cause in causes {
        let mut own = Facts::default();
        for (fact, reading) in readings() {
            if let Some(reading) = reading.of_cause(cause) {
                own.set(fact, reading);
            }
        }
        let layers = Layers { over: Some(&own), ..target.layers };
        if let Some(checked) = check(rule, layers).filter(|checked| checked.outcome == Outcome::Open) {
            let mut threat = threat(rule, checked, target, layers, cause);
            threat.whole = Some(evidence(rule, target.layers)).filter(|whole| *whole != threat.evidence);
            raised.push(threat);
        }
    }
    raised
}

/// What is asked of every element: what a change took away from it, and the generic questions of the squares that the chart asks for and in
/// which nothing specific was found since `first`.
fn raise_of_any(rules: &[&'static Rule], target: &Target<'_>, first: usize, found: &mut Vec<Found>) {
    let is_generic = |rule: &&&'static Rule| rule.kind == RuleKind::Baseline;
    rules.iter().filter(|rule| !is_generic(rule)).for_each(|rule| raise(&[rule], target, found));
    let specific = found.len();
    for rule in rules.iter().filter(is_generic) {
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

fn threat(rule: &'static Rule, checked: Checked, target: &Target<'_>, layers: Layers<'_>, cause: &Arc<Cause>) -> Threat {
    let found_with = (severity(rule, &checked, target.exposed), score(rule, &checked, target.exposed));
    Threat {
        key: ThreatKey { rule: rule.id, cause: Arc::clone(cause) },
        on: target.on.clone(),
        part: target.part.clone(),
        others: Vec::new(),
        is_new: true,
        news: Vec::new(),
        branch: None,
        worst: Worst { exposed: target.exposed, data_class: data_class(target.layers) },
        unit: target.unit.clone(),
        words: <&Words>::default(),
        shown: target.shown.clone(),
        ends: target.ends.clone(),
        of_helper: target.of_helper,
        is_usual: false,
        instances: 0,
        place: stated_place(rule.raised, layers).unwrap_or(target.place).clone(),
        severity: found_with.0,
        score: found_with.1,
        found_with,
        ruled: None,
        supersedes: Vec::new(),
        claimed: checked.claimed,
        stated: None,
        suppressed: Vec::new(),
        outcome: checked.outcome,
        evidence: evidence(rule, layers),
        whole: None,
        fingerprint: OnceLock::new(),
        rule,
    }
}

/// The most sensitive class first in the vocabulary, as everything that weakens.
fn data_class(layers: Layers<'_>) -> u8 {
    let Some(Answer::Known(Value::Word(word))) = layers.get(Fact::DataClass).map(|reading| &reading.answer) else { return 0 };
    let order = Fact::DataClass.weakest_first();
    let place = order.iter().position(|known| *known == word.as_str());
    place.and_then(|place| u8::try_from(order.len() - place).ok()).unwrap_or(0)
}
