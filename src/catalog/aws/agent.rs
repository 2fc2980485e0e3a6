//! Agents of Amazon Bedrock: what they may do by themselves, and what filters their prompts and answers.
//!
//! Comes in: an agent with its action groups. Goes out: `guardrail` and `pii_filter` of the guardrail that it names, `tool_confirm` on the
//! flow to each function that carries calls out, and that there are no tools where none does. What the tools do, and so which of them should
//! be confirmed, follows from their own flows.
//! Confirmation: <https://docs.aws.amazon.com/bedrock/latest/userguide/agents-userconfirmation.html>.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::witnesses::bounded;
use crate::model::Means;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;

/// Calls are made without asking unless the schema says otherwise.
const PAGE: &str = "https://docs.aws.amazon.com/bedrock/latest/userguide/agents-userconfirmation.html";

/// How an OpenAPI schema says that a call must be confirmed.
const CONFIRMED: &str = "x-requireConfirmation";

/// The resolver of `AWS::Bedrock::Agent`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, agent: &Resource<'t>) {
    let Some(element) = draft.element(agent.address) else { return };
    if let Some(guardrail) = agent.properties.at("GuardrailConfiguration.GuardrailIdentifier") {
        state_guardrail(draft, element, guardrail);
    }
    let groups = paths::find(&agent.properties, "ActionGroups[]");
    if let Some((group, reason)) = groups.iter().find_map(|group| Some((group, group.unresolved()?))) {
        draft.set_fact(element, Fact::Tools, Reading::unresolved(reason, draft.stated(group.span)));
        return;
    }
    let acting: Vec<Property<'t>> = groups.into_iter().filter(acts).collect();
    if acting.is_empty() {
        draft.set_fact(element, Fact::Tools, Reading::word(Word::None, draft.stated(agent.span)));
        return;
    }
    for group in &acting {
        state_confirmation(draft, element, group);
    }
}

/// On the flow to the group's function. Where several groups share one, a call that nobody confirms is enough.
fn state_confirmation<'t>(draft: &mut Draft<'t, '_>, agent: ElementIndex, group: &Property<'t>) {
    let Some(function) = group.at("ActionGroupExecutor.Lambda") else { return };
    let reading = confirmation(draft, group);
    for target in draft.targets(function) {
        let called = draft.end(&target, function.span).and_then(|end| draft.find_flow(agent, end, Means::Invoke));
        let Some(flow) = called else { continue };
        let known = draft.flow_at(flow).facts.get(Fact::ToolConfirm);
        if known.is_none_or(|known| is_weaker(Fact::ToolConfirm, &reading, known)) {
            draft.set_flow_fact(flow, Fact::ToolConfirm, reading.clone());
        }
    }
}

/// Whether a function carries the group's calls out. Where control returns to the application it is the application that acts.
fn acts(group: &Property<'_>) -> bool {
    let disabled = group.get("ActionGroupState").and_then(Property::literal) == Some("DISABLED");
    !disabled && group.at("ActionGroupExecutor.Lambda").is_some()
}

/// Whether a person confirms every call of a group.
fn confirmation<'t>(draft: &Draft<'t, '_>, group: &Property<'t>) -> Reading {
    let name = group.get("ActionGroupName").and_then(canonical);
    let functions = paths::find(group, "FunctionSchema.Functions[]");
    if !functions.is_empty() {
        let asks = |function: &Property<'_>| function.get("RequireConfirmation").and_then(Property::literal) == Some("ENABLED");
        let untold = |function: &Property<'_>| function.get("RequireConfirmation").and_then(Property::unresolved);
        let silent: Vec<&Property<'t>> = functions.iter().filter(|function| !asks(function) && untold(function).is_none()).collect();
        return match (silent.first(), functions.iter().find_map(untold)) {
            (Some(first), _) => {
                let names = silent.iter().filter_map(|function| function.get("Name").and_then(canonical)).collect();
                Reading::word(Word::Off, draft.stated(first.span)).witnessed(bounded(names))
            }
            (None, Some(reason)) => Reading::unresolved(reason, draft.stated(group.span)),
            (None, None) => Reading::word(Word::On, draft.stated(group.span)),
        };
    }
    let witnesses = name.into_iter().collect();
    match group.at("ApiSchema.Payload") {
        Some(schema) => match canonical(schema) {
            Some(text) if text.contains("${?}") => Reading::unresolved("the schema of the calls cannot be told", draft.stated(schema.span)),
            Some(text) if text.contains(CONFIRMED) => {
                Reading::unresolved("the schema demands it of some calls, and which is not read", draft.stated(schema.span))
            }
            Some(_) => Reading::word(Word::Off, draft.stated(schema.span)).witnessed(witnesses),
            None => Reading::unresolved("the schema of the calls cannot be told", draft.stated(schema.span)),
        },
        None if group.get("ApiSchema").is_some() => {
            Reading::unresolved("the schema of the calls lies in a bucket", draft.stated(group.span))
        }
        None => Reading::word(Word::Off, Origin::Default(PAGE)).witnessed(witnesses),
    }
}

/// What the guardrail filters, where it is in the template.
fn state_guardrail<'t>(draft: &mut Draft<'t, '_>, agent: ElementIndex, named: &Property<'t>) {
    let here = named.reference().and_then(|reference| draft.resource(reference.address));
    let Some(guardrail) = here.filter(|resource| resource.kind == "AWS::Bedrock::Guardrail") else {
        for fact in [Fact::Guardrail, Fact::PiiFilter] {
            draft.set_fact(agent, fact, draft.defined_elsewhere("the guardrail", named.span));
        }
        return;
    };
    let filters = paths::find(&guardrail.properties, "ContentPolicyConfig.FiltersConfig[]");
    let attack = filters.iter().find(|filter| is_against_attacks(filter));
    let reading = match (attack, filters.iter().find_map(untold)) {
        (Some(filter), _) => Reading::word(Word::On, draft.stated(filter.span)),
        (None, Some(reason)) => Reading::unresolved(reason, draft.stated(guardrail.span)),
        (None, None) => Reading::word(Word::Partial, draft.stated(guardrail.span)),
    };
    draft.set_fact(agent, Fact::Guardrail, reading);
    let reading = match guardrail.properties.get("SensitiveInformationPolicyConfig") {
        Some(policy) => Reading::word(Word::On, draft.stated(policy.span)),
        None => Reading::word(Word::Off, draft.stated(guardrail.span)),
    };
    draft.set_fact(agent, Fact::PiiFilter, reading);
}

fn is_against_attacks(filter: &Property<'_>) -> bool {
    let says = |key: &str| filter.get(key).and_then(Property::literal);
    says("Type") == Some("PROMPT_ATTACK") && says("InputStrength").is_some_and(|strength| strength != "NONE")
}

/// Why it cannot be told whether a filter is against attacks.
fn untold(filter: &Property<'_>) -> Option<String> {
    filter.unresolved().or_else(|| ["Type", "InputStrength"].iter().find_map(|key| filter.get(key)?.unresolved()))
}
