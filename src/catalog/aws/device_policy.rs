//! Device policies of AWS IoT: under which names a device may connect, and which topics it may use.
//!
//! Comes in: an IoT policy. Goes out: `iot_connect`, `iot_publish` and `iot_subscribe` on the policy's part of the devices that hold it. A
//! policy is to devices what a role is to a function: no element, but rights. What it says nothing of is not read.
//! Actions and resources: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html>; variables:
//! <https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html>.

use crate::catalog::aws::actions;
use crate::catalog::aws::iam;
use crate::catalog::aws::policy_document::{self, Effect, Scope, Statement};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, PartIndex};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::pattern::matches;
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// The service of the part that a device policy is.
const SERVICE: &str = "iot_policy";

/// A right of devices: the fact, the action that grants it, the kind of resource that it is granted on.
const RIGHTS: &[(Fact, &str, &str)] = &[
    (Fact::IotConnect, "iot:Connect", "client"),
    (Fact::IotPublish, "iot:Publish", "topic"),
    (Fact::IotSubscribe, "iot:Subscribe", "topicfilter"),
];

/// A name that nobody gives to a device or a topic: what a pattern covers if it covers everything.
const ANYBODY: &str = "astride-0f1e2d3c4b5a6978";

/// The resolver of `AWS::IoT::Policy`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, policy: &Resource<'t>) {
    let devices = draft.external(Outsider::Devices, policy.span);
    let part = draft.part(devices, SERVICE, policy.address, policy.span);
    let Some(document) = policy.properties.get("PolicyDocument") else { return };
    let statements = policy_document::read(document);
    for (fact, action, kind) in RIGHTS {
        if let Some(reading) = reading(draft, &statements, action, kind) {
            draft.set_part_fact(part, *fact, reading);
        }
    }
    state_opaque(draft, &statements, part, document.span);
}

/// What cannot be read may grant anything.
fn state_opaque(draft: &mut Draft<'_, '_>, statements: &[Statement<'_>], part: PartIndex, at: Span) {
    let Some(reason) = statements.iter().find_map(|statement| statement.unresolved.clone()) else { return };
    for (fact, ..) in RIGHTS {
        if draft.part_facts(part).value(*fact) != Some(&Value::Word(Word::Any)) {
            draft.set_part_fact(part, *fact, Reading::unresolved(reason.clone(), draft.stated(at)));
        }
    }
}

/// How far one right goes; `None` where no statement grants it.
fn reading(draft: &Draft<'_, '_>, statements: &[Statement<'_>], action: &str, kind: &str) -> Option<Reading> {
    let covers = |statement: &&Statement<'_>| iam::actions(statement).any(|grant| actions::covers(grant.action, action));
    let granting: Vec<&Statement<'_>> = statements.iter().filter(|statement| statement.effect == Effect::Allow).filter(covers).collect();
    let first = granting.first()?;
    let wide: Vec<(&Statement<'_>, String)> =
        granting.iter().filter_map(|statement| Some((*statement, everything(statement, kind)?))).collect();
    let narrowed = statements.iter().filter(|statement| statement.effect == Effect::Deny).find(covers);
    Some(match (wide.first(), wide.iter().find(|(statement, _)| statement.conditions.is_empty()), narrowed) {
        (None, _, _) => named(draft, &granting, first.span, kind),
        (Some(_), Some((statement, _)), None) => {
            let witnesses = wide.iter().map(|(_, resource)| format!("{action} on {resource}")).collect();
            Reading::word(Word::Any, draft.stated(statement.span)).witnessed(bounded(witnesses))
        }
        (Some((statement, _)), None, None) => Reading::unresolved("a condition of the policy narrows it", draft.stated(statement.span)),
        (Some(_), _, Some(denial)) => Reading::unresolved("a denial of the policy narrows it", draft.stated(denial.span)),
    })
}

/// What is granted by name is bound, unless the name cannot be told.
fn named(draft: &Draft<'_, '_>, granting: &[&Statement<'_>], at: Span, kind: &str) -> Reading {
    let untold = granting.iter().find_map(|statement| {
        let mut resources = statement.resources.named().iter();
        Some((*statement, resources.find_map(|resource| untold(resource, kind))?))
    });
    match untold {
        Some((statement, reason)) => Reading::unresolved(reason, draft.stated(statement.span)),
        None => Reading::word(Word::Bound, draft.stated(at)),
    }
}

/// Why nobody can tell whom a resource names: it comes from outside, or it is a pattern of client ids, which fits several devices that only
/// their owner knows.
fn untold(resource: &Property<'_>, kind: &str) -> Option<String> {
    let Some(text) = canonical(resource) else { return resource.unresolved() };
    let name = Arn::parse(&text).map_or_else(|| text.clone(), |arn| arn.resource);
    let tail = name.strip_prefix(kind).map_or(name.as_str(), |tail| tail.trim_start_matches('/'));
    if tail.contains("${?}") || ["${param:", "${import:", "${ssm:"].iter().any(|outside| tail.starts_with(outside)) {
        return Some(format!("what `{name}` names is not told here"));
    }
    let fits_several = kind == "client" && name.ends_with('*') && !name.contains("${iot:");
    fits_several.then(|| format!("which devices `{name}` fits is not told here"))
}

/// The resource by which a statement reaches every name of a kind, as written.
fn everything(statement: &Statement<'_>, kind: &str) -> Option<String> {
    match &statement.resources {
        Scope::AllBut(_) => Some("everything but some".to_owned()),
        Scope::Only(resources) => resources.iter().filter_map(canonical).find_map(|text| shown_if_everything(&text, kind)),
    }
}

/// The end of the ARN, or `*`, where it covers every name of the kind, or every device's shadow. The client id is what a device says of
/// itself: a policy that holds the client id to the client id holds it to nothing. In a filter `#` and `+` stand for any topic too.
fn shown_if_everything(text: &str, kind: &str) -> Option<String> {
    let resource = Arn::parse(text).map_or_else(|| text.to_owned(), |arn| arn.resource);
    let pattern = match kind {
        "client" => resource.replace("${iot:ClientId}", "*"),
        "topicfilter" => resource.replace(['#', '+'], "*"),
        _ => resource.clone(),
    };
    let names = [format!("{kind}/{ANYBODY}"), format!("{kind}/$aws/things/{ANYBODY}/shadow/update")];
    names.iter().any(|name| matches(&pattern, name)).then_some(resource)
}

#[cfg(test)]
mod tests {
    use super::shown_if_everything;

    #[test]
    fn a_pattern_is_everything_or_bound() {
        for (text, kind, all) in [
            ("*", "client", true),
            ("arn:aws:iot:${region}:${account}:client/*", "client", true),
            ("arn:aws:iot:*:*:*", "topic", true),
            ("arn:aws:iot:${region}:${account}:client/${iot:ClientId}", "client", true),
            ("arn:aws:iot:${region}:${account}:client/${iot:Connection.Thing.ThingName}", "client", false),
            ("arn:aws:iot:${region}:${account}:client/meter-*", "client", false),
            ("arn:aws:iot:${region}:${account}:topic/*", "topic", true),
            ("arn:aws:iot:${region}:${account}:topic/${iot:ClientId}/*", "topic", false),
            ("arn:aws:iot:${region}:${account}:topic/*", "topicfilter", false),
            ("arn:aws:iot:${region}:${account}:topic/$aws/things/*", "topic", true),
            ("arn:aws:iot:${region}:${account}:topic/$aws/things/${iot:Connection.Thing.ThingName}/shadow/update", "topic", false),
            ("arn:aws:iot:${region}:${account}:topicfilter/#", "topicfilter", true),
            ("arn:aws:iot:${region}:${account}:topicfilter/$aws/things/+/shadow/#", "topicfilter", true),
            ("arn:aws:iot:${region}:${account}:topicfilter/alerts/+", "topicfilter", false),
        ] {
            assert_eq!(shown_if_everything(text, kind).is_some(), all, "{text}");
        }
    }
}
