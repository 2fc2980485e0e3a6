//! Parameters that can only be the ARN of one resource, by where else the unit uses them: whoever gives `*` to one deploys nothing.
//!
//! Comes in: the statements of a policy on a resource. Goes out: the same, where a statement for everybody that is held to such a parameter is told:
//! it lets in the service on behalf of one resource, and only whose that is cannot be read here.

use crate::catalog::aws::policy_document::{Condition, ConditionKey, Principal, Statement};
use crate::catalog::draft::Draft;
use crate::catalog::{made_when, paths};
use crate::model::formula::Formula;
use crate::model::resource::{External, ExternalKind, Property, Resource, Value};

/// Where the provider takes the ARN of a resource and nothing else, and the service that the resource is of.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html>
const USES: &[(&str, &str, &str)] =
    &[("AWS::SNS::Subscription", "TopicArn", "sns.amazonaws.com"), ("AWS::SNS::TopicPolicy", "Topics[]", "sns.amazonaws.com")];

/// Tells of the statements for everybody that are held to such a parameter what they let in.
pub(super) fn settle<'t>(draft: &Draft<'t, '_>, statements: &mut [Statement<'t>]) {
    for statement in statements.iter_mut().filter(|statement| statement.unresolved.is_some()) {
        let is_everybody = matches!(statement.principals.as_slice(), [Principal::Everyone]);
        let mut unknown =
            statement.conditions.iter().filter(|condition| condition.key.narrows_callers() && condition.unresolved().is_some());
        let Some(only) = unknown.next().filter(|_| unknown.next().is_none() && is_everybody) else { continue };
        // Nothing else of the statement is hidden.
        if statement.unresolved == only.unresolved()
            && let Some(service) = service_of(draft, only)
        {
            statement.unresolved = None;
            statement.source_by_use = Some(service);
        }
    }
}

/// The service whose resources all values of a condition on the source name.
fn service_of<'t>(draft: &Draft<'t, '_>, condition: &Condition<'t>) -> Option<&'static str> {
    let mut services = condition.values.iter().map(|value| used_as(draft, value));
    let first = services.next().flatten().filter(|_| condition.key == ConditionKey::SourceArn)?;
    services.all(|service| service == Some(first)).then_some(first)
}

fn used_as<'t>(draft: &Draft<'t, '_>, value: &Property<'t>) -> Option<&'static str> {
    let name = |value: &Property<'t>| match value.value {
        Value::External(External { kind: ExternalKind::Parameter | ExternalKind::Variable, name }) => Some(name),
        _ => None,
    };
    let wanted = name(value)?;
    let uses = |(kind, path, _): &&(&str, &str, &str)| {
        let is_made = |other: &&Resource<'t>| made_when::formula(other) == Formula::Always;
        draft.of_kind(kind).filter(is_made).any(|other| paths::find(&other.properties, path).iter().any(|used| name(used) == Some(wanted)))
    };
    USES.iter().find(uses).map(|(_, _, service)| *service)
}
