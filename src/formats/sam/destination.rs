//! Where failures and results are sent on to: `EventInvokeConfig`, `DeadLetterConfig` of events, destinations of event source mappings.
//!
//! Comes in: SAM's short forms, in which a queue or topic may be left to the transform. Goes out: the queue or topic, the policies that let
//! the sender write to it, and its ARN.

use crate::formats::sam::Expansion;
use crate::formats::sam::pen::{Fields, Pen, entry_span};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::{Alternatives, Property, Resource, Value};

/// `EventInvokeConfig` of a function.
pub fn add_invoke_config<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, grants: &mut Grants<'t>) {
    let Some(config) = function.properties.get("EventInvokeConfig") else { return };
    let pen = expansion.pen(entry_span(&function.properties, "EventInvokeConfig"));
    let address = format!("{}EventInvokeConfig", function.address);
    let mut destinations = Fields::new(pen);
    for outcome in ["OnSuccess", "OnFailure"] {
        if let Some(destination) = config.at(&format!("DestinationConfig.{outcome}")) {
            let arn = add_destination(expansion, function, &format!("{address}{outcome}"), destination, grants);
            destinations.put(outcome, pen.at(destination.span).map(&[("Destination", arn)]));
        }
    }
    let mut fields = Fields::of(pen, *config, &["DestinationConfig"]);
    fields.put("FunctionName", pen.resource(function.address));
    fields.put("Qualifier", function.properties.get("AutoPublishAlias").copied().unwrap_or_else(|| pen.text("$LATEST")));
    fields.put("DestinationConfig", destinations.done());
    expansion.imply(function, &address, "AWS::Lambda::EventInvokeConfig", Property { span: pen.span(), ..fields.done() });
}

/// The ARN that results go to, made here where none is given.
fn add_destination<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    address: &str,
    destination: &Property<'t>,
    grants: &mut Grants<'t>,
) -> Property<'t> {
    let pen = expansion.pen(destination.span);
    let kind = destination.get("Type").and_then(Property::literal).unwrap_or_default();
    let made = match kind {
        "SQS" => Some((format!("{address}Queue"), "AWS::SQS::Queue", "DestinationQueue")),
        "SNS" => Some((format!("{address}Topic"), "AWS::SNS::Topic", "DestinationTopic")),
        _ => None,
    };
    let stated = destination.get("Destination");
    let arn = match (made, stated) {
        (Some((address, kind, name)), stated) if stated.is_none_or(may_be_absent) => {
            expansion.imply(function, &address, kind, pen.map(&[]));
            expansion.destinations.add(function.address, name, pen.name(&address));
            let made = if kind == "AWS::SNS::Topic" { pen.resource(&address) } else { pen.attribute(&address, "Arn") };
            stated.map_or(made, |stated| in_place_of_absent(pen, stated, made))
        }
        (_, Some(stated)) => *stated,
        (_, None) => pen.unknown("the destination is not given"),
    };
    add_sending_policy(pen, address, kind, arn, grants);
    arn
}

/// What a role needs to send to a destination of this type, if anything is known of it.
pub fn add_sending_policy<'t>(pen: Pen<'t>, address: &str, kind: &str, arn: Property<'t>, grants: &mut Grants<'t>) {
    let action = match kind {
        "SQS" => "sqs:SendMessage",
        "SNS" => "sns:Publish",
        "EventBridge" => "events:PutEvents",
        "Lambda" => "lambda:InvokeFunction",
        "S3" | "S3Bucket" => {
            let objects = pen.joined(&[arn, pen.text("/*")]);
            let statements = [policy::allow(pen, &["s3:PutObject"], objects), policy::allow(pen, &["s3:ListBucket"], arn)];
            return grants.add_inline(pen, &format!("{address}Policy"), &statements);
        }
        _ => return,
    };
    grants.add_inline(pen, &format!("{address}Policy"), &[policy::allow(pen, &[action], arn)]);
}

fn may_be_absent(property: &Property<'_>) -> bool {
    matches!(property.value, Value::Either(Alternatives { branches: arms, .. }) if arms.iter().any(|arm| !arm.is_present()))
}

fn in_place_of_absent<'t>(pen: Pen<'t>, stated: &Property<'t>, made: Property<'t>) -> Property<'t> {
    match stated.value {
        Value::Either(Alternatives { branches: arms, .. }) => {
            let arms: Vec<_> = arms.iter().map(|arm| if arm.is_present() { *arm } else { made }).collect();
            pen.either(&arms)
        }
        _ => *stated,
    }
}

/// Who sends what it could not deliver, which decides whether the queue needs a policy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DeadLetterSender {
    /// A rule, which the queue's policy must let in.
    Rule,
    /// A schedule, which sends with its role.
    Schedule,
}

/// The ARN of an event's dead-letter queue, made here where only its type is given.
pub fn dead_letter_arn<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    config: &Property<'t>,
    sender: DeadLetterSender,
) -> Option<Property<'t>> {
    if let Some(arn) = config.get("Arn") {
        return Some(*arn);
    }
    config.get("Type")?;
    let pen = expansion.pen(config.span);
    let queue = config
        .get("QueueLogicalId")
        .and_then(Property::literal)
        .map_or_else(|| format!("{address}Queue"), |id| expansion.scoped(id).to_owned());
    expansion.imply(parent, &queue, "AWS::SQS::Queue", pen.map(&[]));
    let arn = pen.attribute(&queue, "Arn");
    if sender == DeadLetterSender::Rule {
        let rule = pen.attribute(address, "Arn");
        let statement = policy::allow_service(pen, "events.amazonaws.com", "sqs:SendMessage", arn, rule);
        let properties = pen.map(&[("PolicyDocument", policy::document(pen, &[statement])), ("Queues", pen.list(&[pen.resource(&queue)]))]);
        expansion.imply(parent, &format!("{address}QueuePolicy"), "AWS::SQS::QueuePolicy", properties);
    }
    Some(arn)
}
