//! Rules of listeners that refuse requests or ask who sends them, and what could come before them.
//!
//! Comes in: a listener or a rule of one. Goes out: the rule as a guard, what it holds for, and of a listener with such rules every other rule with
//! its place in their order: one that comes before a refusal takes requests from it.

use crate::catalog::draft::Draft;
use crate::catalog::paths;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::model::fact::{Fact, Facts, Value as Answer, Word};
use crate::model::pattern::matches;
use crate::model::resource::{Property, Resource};
use crate::model::unweighed::{Kind, NOTHING, ONE_OF};
use crate::source::Span;
use std::collections::BTreeMap;

const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const ASKS: &str = "asks who sends requests";
/// What the rules of a listener are told as.
const RULES: &str = "Rules";

/// The listeners of which a rule guards, or that ask who sends what no rule takes, each with its other rules.
pub(super) fn guarded<'t, 's>(draft: &Draft<'t, 's>) -> BTreeMap<&'t str, Vec<&'s Resource<'t>>> {
    let rules = || draft.resources().iter().filter(|resource| resource.kind == RULE);
    let is_guard = |rule: &Resource<'t>| guards(&rule.properties, "Actions[]").is_some();
    let mut guarded: BTreeMap<&'t str, Vec<&'s Resource<'t>>> =
        rules().filter(|rule| is_guard(rule)).filter_map(listener).map(|listener| (listener, Vec::new())).collect();
    let asks = |listener: &&Resource<'t>| {
        listener.kind == LISTENER && guards(&listener.properties, "DefaultActions[]").is_some_and(|(what, _)| what == ASKS)
    };
    guarded.extend(draft.resources().iter().filter(asks).map(|listener| (listener.address, Vec::new())));
    for rule in rules().filter(|rule| !is_guard(rule)) {
        if let Some(others) = listener(rule).and_then(|listener| guarded.get_mut(listener)) {
            others.push(rule);
        }
    }
    guarded
}

/// A rule that guards, and for which requests it does; of one that forwards, what it takes.
pub(super) fn collect_rule<'t>(collector: &mut Collector<'_, 't, '_>, rule: &Resource<'t>) {
    if guards(&rule.properties, "Actions[]").is_none() {
        return collect_taken(collector, rule);
    }
    collector.add(rule, (Kind::Guard, ""), &rule.properties, rule.span);
    let balancer = collector.draft.element(rule.address).map(|balancer| collector.draft.element_at(balancer).id.clone());
    collector.works_for(balancer.into_iter().collect());
    if let Some(conditions) = rule.properties.get("Conditions") {
        collector.add(rule, (Kind::Value, "Conditions"), conditions, conditions.span);
    }
}

/// The paths and hosts of a rule that forwards what comes from outside: one more of them opens what is behind it further. One within another is none.
fn collect_taken<'t>(collector: &mut Collector<'_, 't, '_>, rule: &Resource<'t>) {
    let balancer = collector.draft.element(rule.address).map(|balancer| collector.draft.element_at(balancer));
    let is_inside = |facts: &Facts| matches!(facts.value(Fact::Exposure), Some(Answer::Word(word)) if *word != Word::Internet);
    // Of a listener elsewhere any change of its rules is asked about.
    if listener(rule).is_none() || balancer.is_some_and(|balancer| is_inside(&balancer.facts)) || leads_nowhere(rule) {
        return;
    }
    for path in ["Conditions[].PathPatternConfig.Values", "Conditions[].HostHeaderConfig.Values", "Conditions[].Values"] {
        let values = paths::find(&rule.properties, &format!("{path}[]"));
        let taken: Vec<(&str, Span)> = values.iter().filter_map(|value| Some((value.literal()?, value.span))).collect();
        for (pattern, span) in &taken {
            if !collector.draft.spend(taken.len(), *span) {
                return;
            }
            if !taken.iter().any(|(other, _)| other != pattern && matches(other, pattern)) {
                collector.add_digest(rule, (Kind::Value, path), format!("{ONE_OF}{pattern}"), *span);
            }
        }
    }
}

/// Whether a rule answers by itself or sends its callers elsewhere.
fn leads_nowhere(rule: &Resource<'_>) -> bool {
    let kinds = paths::find(&rule.properties, "Actions[].Type");
    !kinds.is_empty() && kinds.iter().all(|kind| matches!(kind.literal(), Some("redirect" | "fixed-response")))
}

/// What a listener does with every other request, where that guards, and the order of its `others` beside rules that guard: `None` where none does.
pub(super) fn collect_listener<'t>(collector: &mut Collector<'_, 't, '_>, owner: &Resource<'t>, others: Option<&[&Resource<'t>]>) {
    if let Some((what, action)) = guards(&owner.properties, "DefaultActions[]") {
        collector.add_text(owner, (Kind::Part, "DefaultActions[]"), what, action.span);
    }
    let Some(others) = others else { return collector.add_digest(owner, (Kind::Value, RULES), NOTHING.to_owned(), owner.span) };
    if others.is_empty() {
        collector.add_text(owner, (Kind::Value, RULES), "", owner.span);
    }
    for rule in others {
        if !collector.draft.spend(1, rule.span) {
            return;
        }
        let mut text = String::new();
        for key in ["Priority", "Conditions"] {
            if let Some(value) = rule.properties.get(key) {
                spell(collector.draft, value, &mut text);
            }
            text.push('\n');
        }
        collector.add_text(owner, (Kind::Value, RULES), &text, rule.span);
    }
}

/// The listener of a rule, where it is one of the unit.
fn listener<'t>(rule: &Resource<'t>) -> Option<&'t str> {
    paths::find(&rule.properties, "ListenerArn").iter().find_map(Property::reference).map(|listener| listener.address)
}

/// By what requests are refused, or who sends them is asked, and the action that does it.
fn guards<'t>(properties: &Property<'t>, path: &str) -> Option<(&'static str, Property<'t>)> {
    paths::find(properties, path).into_iter().find_map(|action| Some((guards_by(&action)?, action)))
}

fn guards_by(action: &Property<'_>) -> Option<&'static str> {
    let kinds = paths::find(action, "Type");
    let is = |kind: &str| kinds.iter().any(|stated| stated.literal() == Some(kind));
    if ["authenticate-cognito", "authenticate-oidc", "jwt-validation"].iter().any(|kind| is(kind)) {
        return Some(ASKS);
    }
    let refuses = |code: &Property<'_>| code.literal().is_none_or(|code| code.starts_with(['4', '5']));
    (is("fixed-response") && paths::find(action, "FixedResponseConfig.StatusCode").iter().any(refuses)).then_some("refuses requests")
}
