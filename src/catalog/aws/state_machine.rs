//! State machines: what their definitions call.
//!
//! Comes in: a state machine with its definition. Goes out: flows to what its tasks act on, and facts about how they fail and wait.

use crate::catalog::aws::action_weight;
use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::asl::{self, Machine, Task, TaskAction};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::governed;
use crate::catalog::names::{Arn, canonical, is_account_number};
use crate::catalog::secrets::Search;
use crate::catalog::targets::queue_by_url;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Value as Answer, Word};
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::model::{Basis, Means};
use crate::source::{NoteKind, Span};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// Where a state machine may have its definition, and what is put into it.
pub(in crate::catalog) const DEFINITIONS: &[&str] = &["Definition", "DefinitionString", "DefinitionSubstitutions"];

/// The resolver of `AWS::StepFunctions::StateMachine`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    let Some(element) = draft.element(resource.address) else { return };
    let Some(definition) = ["Definition", "DefinitionString"].iter().find_map(|key| resource.properties.get(key)) else {
        let reason = "the definition lies outside the repository";
        for fact in [Fact::TaskToken, Fact::TaskTimeout, Fact::Catch] {
            let reading = Reading::unresolved(reason, draft.stated(resource.span));
            draft.set_fact(element, fact, reading);
        }
        return;
    };
    if !draft.spend_text(text_length(definition), definition.span) {
        let reason = "the unit has more definitions than are read";
        for fact in [Fact::TaskToken, Fact::TaskTimeout, Fact::Catch] {
            let reading = Reading::unresolved(reason, draft.stated(definition.span));
            draft.set_fact(element, fact, reading);
        }
        return;
    }
    let arena = Bump::new();
    let machine = asl::read(definition, &arena);
    for (span, reason) in &machine.unread {
        draft.note(*span, NoteKind::Unresolved, reason.clone());
    }
    if let Some(span) = machine.cut {
        draft.sources.cut(span, format!("the definition has more than {} tasks, the rest is not read", asl::MAX_TASKS));
    }
    for task in &machine.tasks {
        if !draft.spend(1, task.span) {
            break;
        }
        add_task(draft, element, task);
    }
    show_calls(draft, element, resource, &machine);
    state(draft, element, &machine, definition.span);
    state_secrets(draft, element, &machine, resource, definition.span);
}

/// What is passed to a task is used as it is written; elsewhere in a definition only what can be nothing else is a secret.
fn state_secrets<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, machine: &Machine<'_>, resource: &Resource<'t>, at: Span) {
    let is_beside = |path: &str| !path.is_empty() && !DEFINITIONS.iter().any(|known| path.starts_with(known));
    let places = Search::anywhere(&resource.properties, &is_beside, &|bytes, span| draft.spend_text(bytes, span));
    let found = machine.secret.or(places.first().map(|place| place.span));
    let names = places.into_iter().map(|place| place.name).collect();
    let reading = Reading::known(Answer::Flag(found.is_some()), draft.stated(found.unwrap_or(at))).witnessed(bounded(names));
    draft.set_fact(element, Fact::SecretsLiteral, reading);
}

/// What the machine does to the account by calls that the SDK makes for it: whoever starts it does that.
fn show_calls<'t>(draft: &mut Draft<'t, '_>, element: ElementIndex, resource: &Resource<'t>, machine: &Machine<'_>) {
    let mut calls: BTreeMap<String, Span> = BTreeMap::new();
    for task in &machine.tasks {
        let TaskAction::Call { service, operation, by_sdk: true, .. } = task.action else { continue };
        let action = action_of(service, operation);
        if action_weight::acts_on_the_account(&action) {
            calls.entry(action).or_insert(task.span);
        }
    }
    let calls: Vec<(String, Span)> = calls.into_iter().collect();
    governed::show(draft, element, resource, "what is done to the account", &calls);
}

/// How long a text is that has to be parsed; of a tree that is one nothing.
fn text_length(definition: &Property<'_>) -> usize {
    match definition.value {
        Value::Text(text) => text.len(),
        Value::Joined(pieces) | Value::Either(Alternatives { branches: pieces, .. }) => pieces.iter().map(text_length).sum(),
        _ => 0,
    }
}

fn add_task(draft: &mut Draft<'_, '_>, machine: ElementIndex, task: &Task<'_>) {
    let (service, means) = match task.action {
        TaskAction::Direct => ("", Means::Invoke),
        // Whoever maps over the objects of a bucket reads what it holds.
        TaskAction::Call { service: "s3", operation: "listObjectsV2", .. } => ("s3", Means::Read),
        TaskAction::Call { service, operation, .. } if sees_names_only(service, operation) => return,
        // What is used by name holds nothing of the account's: reading its answer is calling it.
        TaskAction::Call { service, means: asl::Means::Read | asl::Means::Write, .. } if actions::is_used_by_name(service) => {
            (service, Means::Invoke)
        }
        TaskAction::Call { service, means, .. } => (service, own_means(means)),
        TaskAction::Unknown => return,
    };
    if let Some(text) = task.target.and_then(|target| target.literal()).filter(|text| text.contains("${")) {
        draft.note(task.span, NoteKind::Unresolved, format!("the state `{}` names `{text}`, for which nothing is substituted", task.name));
        return;
    }
    let mut ends = task.target.as_ref().map(|target| ends_of(draft, target, service, task.span)).unwrap_or_default();
    if !ends.is_empty() && !service.is_empty() {
        draft.add_call(machine, service);
    }
    if ends.is_empty() && !service.is_empty() {
        ends.push(draft.external(unnamed(service, task.target.as_ref()), task.span));
    }
    for end in ends.into_iter().filter(|end| *end != machine) {
        draft.flow(FlowDraft::new(machine, end, means, Basis::Definition, task.span).via(task.name));
        if let TaskAction::Call { service, operation, .. } = task.action
            && means == Means::Write
            && actions::access(&action_of(service, operation)).contains(&Access::Read)
        {
            draft.flow(FlowDraft::new(machine, end, Means::Read, Basis::Definition, task.span).via(task.name));
        }
    }
}

/// What stands for the target of a call that names none, or one that cannot be told.
pub(super) fn unnamed<'a>(service: &'a str, target: Option<&Property<'_>>) -> Outsider<'a> {
    match service {
        "events" if target.is_none_or(|target| !matches!(target.value, Value::Unknown(_))) => Outsider::DefaultBus,
        "http" => Outsider::Named("HTTP endpoint"),
        service => Outsider::Service(service),
    }
}

/// The action that lets somebody call an operation: `states:ListExecutions`.
pub(super) fn action_of(service: &str, operation: &str) -> String {
    // Of a function, whoever calls the operation needs the right to an action of another name.
    let operation = if (service, operation) == ("lambda", "invoke") { "invokeFunction" } else { operation };
    let mut letters = operation.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase()).into_iter();
    format!("{service}:{}", first.chain(letters).collect::<String>())
}

/// Whether an operation lists or describes and moves no data: `states:listExecutions`.
fn sees_names_only(service: &str, operation: &str) -> bool {
    actions::access(&action_of(service, operation)) == [Access::Describe]
}

fn own_means(means: asl::Means) -> Means {
    match means {
        asl::Means::Invoke => Means::Invoke,
        asl::Means::Publish => Means::Publish,
        asl::Means::Read => Means::Read,
        asl::Means::Write => Means::Write,
    }
}

/// What a task's target names. The definition's own texts live only here, so names are looked up rather than kept.
pub(super) fn ends_of(draft: &mut Draft<'_, '_>, target: &Property<'_>, service: &str, span: Span) -> Vec<ElementIndex> {
    match target.value {
        Value::Reference(reference) => draft.element(reference.address).into_iter().collect(),
        Value::External(external) => {
            let named = canonical(target).and_then(|name| draft.find_named(&name, None));
            let known = named.and_then(|reference| draft.element(reference.address));
            vec![known.unwrap_or_else(|| draft.external(Outsider::Carried(external), span))]
        }
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().flat_map(|item| ends_of(draft, item, service, span)).collect()
        }
        Value::Joined(pieces) => match pieces.iter().filter_map(Property::reference).find_map(|reference| draft.element(reference.address))
        {
            Some(element) => vec![element],
            None => named(draft, target, service, span),
        },
        Value::Text(_) => named(draft, target, service, span),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) | Value::Ambient(_) | Value::Removed | Value::Unknown(_) => {
            Vec::new()
        }
    }
}

fn named(draft: &mut Draft<'_, '_>, target: &Property<'_>, service: &str, span: Span) -> Vec<ElementIndex> {
    let Some(text) = canonical(target) else { return Vec::new() };
    if let Some(arn) = Arn::parse(&text) {
        let known = draft.find_by_arn(&arn).and_then(|reference| draft.element(reference.address));
        if known.is_none() && (actions::is_used_by_name(&arn.service) || arn.is_wildcard()) {
            return vec![draft.external(Outsider::Service(&arn.service), span)];
        }
        if known.is_none() && arn.service == "events" && arn.resource == "event-bus/default" && !is_account_number(&arn.account) {
            return vec![draft.external(Outsider::DefaultBus, span)];
        }
        return vec![known.unwrap_or_else(|| draft.external(Outsider::Arn(&arn), span))];
    }
    let name = text.rsplit('/').next().unwrap_or(&text).to_owned();
    let only = Some(actions::keeper(service)).filter(|service| !service.is_empty());
    if let Some(element) = draft.find_named(&name, only).and_then(|reference| draft.element(reference.address)) {
        return vec![element];
    }
    if let Some(queue) = queue_by_url(&text).filter(|queue| queue.literal_account().is_some()) {
        return vec![draft.external(Outsider::Arn(&queue), span)];
    }
    if let Some((_, rest)) = text.split_once("://").filter(|(_, rest)| !rest.contains(".amazonaws.com")) {
        return vec![draft.external(Outsider::Host(rest.split('/').next().unwrap_or(rest)), span)];
    }
    match text.as_str() {
        "default" if service == "events" => vec![draft.external(Outsider::DefaultBus, span)],
        _ if actions::is_used_by_name(service) || text.is_empty() => Vec::new(),
        _ => vec![draft.external(Outsider::Named(&name), span)],
    }
}

fn state(draft: &mut Draft<'_, '_>, element: ElementIndex, machine: &Machine<'_>, at: Span) {
    let waiting = machine.tasks.iter().find(|task| task.wait_for_token);
    let flag = Reading::known(Answer::Flag(waiting.is_some()), draft.stated(waiting.map_or(at, |task| task.span)));
    draft.set_fact(element, Fact::TaskToken, flag);
    let unbounded = machine.unbounded_map;
    let reading = Reading::known(Answer::Flag(unbounded.is_some()), draft.stated(unbounded.unwrap_or(at)));
    draft.set_fact(element, Fact::UnboundedMap, reading);
    if machine.tasks.is_empty() {
        return;
    }
    let unbounded = machine.tasks.iter().find(|task| !task.timeout).filter(|_| !machine.timeout);
    let uncaught = machine.tasks.iter().find(|task| !task.catch);
    for (fact, lacking) in [(Fact::TaskTimeout, unbounded), (Fact::Catch, uncaught)] {
        let word = if lacking.is_some() { Word::Off } else { Word::On };
        let reading = Reading::word(word, draft.stated(lacking.map_or(at, |task| task.span)));
        draft.set_fact(element, fact, reading);
    }
}
