//! The events of a function: what invokes it, and the permission that lets it.
//!
//! Comes in: `Events` of a function. Goes out: for each event the resources that the transform adds, and for pulled sources what the
//! function's role needs. Dispatch stands here, with the sources that push; pulled sources, rules and APIs have modules of their own.

use crate::formats::sam::Expansion;
use crate::formats::sam::api;
use crate::formats::sam::http_api;
use crate::formats::sam::pen::{Fields, Pen, lines};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::formats::sam::rule;
use crate::formats::sam::rule::Target;
use crate::formats::sam::stream;
use crate::model::resource::{Property, Resource, Value};
use crate::source::NoteKind;
use crate::source::budget::Stage;

/// How many values an event adds to the template, or so.
const VALUES_OF_EVENT: usize = 16;

/// One entry of `Events`.
#[derive(Clone, Copy)]
pub struct Event<'t> {
    /// The key.
    pub name: &'t str,
    /// The parent's address and the key: what the transform names resources after.
    pub address: &'t str,
    pub kind: &'t str,
    pub properties: Property<'t>,
    /// Bears the lines of the entry.
    pub pen: Pen<'t>,
}

/// The events of a function or of a state machine, in the order of the template. What is no event is noted.
pub fn read<'t>(expansion: &Expansion<'t, '_>, parent: &Resource<'t>) -> Vec<Event<'t>> {
    let Some(events) = parent.properties.get("Events") else { return Vec::new() };
    if !matches!(events.value, Value::Map(_)) {
        expansion.note(events.span, NoteKind::Unresolved, format!("Events of {} are not a map", parent.address));
    }
    let mut found = Vec::new();
    for entry in events.entries() {
        let pen = expansion.pen(lines(entry));
        match entry.value.get("Type").and_then(Property::literal) {
            Some(kind) => {
                let address = pen.name(&[parent.address, entry.key].concat());
                let properties = entry.value.get("Properties").copied().unwrap_or_else(|| pen.map(&[]));
                found.push(Event { name: entry.key, address, kind, properties, pen });
            }
            None => expansion.note(pen.span(), NoteKind::Unresolved, format!("event {} of {} has no type", entry.key, parent.address)),
        }
    }
    found
}

pub fn expand_all<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, grants: &mut Grants<'t>) {
    let events = read(expansion, function);
    let defaults = http_api::apis_with_default_route(&events);
    for event in &events {
        if !expansion.sources.spend(Stage::Read, VALUES_OF_EVENT, event.pen.span()) {
            break;
        }
        match event.kind {
            "Api" => api::add_function_event(expansion, function, event),
            "HttpApi" => http_api::add_function_event(expansion, function, event, &defaults),
            "Schedule" => rule::add_schedule(expansion, function, event, Target::Function),
            "ScheduleV2" => rule::add_schedule_v2(expansion, function, event, Target::Function),
            "CloudWatchEvent" | "EventBridgeRule" => rule::add_rule(expansion, function, event, Target::Function),
            "S3" => add_bucket(expansion, function, event),
            "SNS" => add_topic(expansion, function, event, grants),
            "CloudWatchLogs" => add_log_group(expansion, function, event),
            "IoTRule" => add_iot_rule(expansion, function, event),
            "Cognito" => add_user_pool(expansion, function, event),
            "AlexaSkill" => add_skill(expansion, function, event),
            "SQS" | "Kinesis" | "DynamoDB" | "DocumentDB" | "MSK" | "MQ" | "SelfManagedKafka" => {
                stream::add_mapping(expansion, function, event, grants);
            }
            other => {
                let text = format!("event {} of {} has the type {other}, which is not known", event.name, function.address);
                expansion.note(event.pen.span(), NoteKind::Unsupported, text);
            }
        }
    }
}

/// Lets a service invoke the function. `conditions` are entries such as `SourceArn`.
pub fn add_permission<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    address: &str,
    principal: &str,
    pen: Pen<'t>,
    conditions: &[(&str, Property<'t>)],
) {
    let mut fields = Fields::new(pen);
    fields.put("Action", pen.text("lambda:InvokeFunction"));
    fields.put("FunctionName", pen.resource(function.address));
    fields.put("Principal", pen.text(principal));
    conditions.iter().for_each(|(key, value)| fields.put(key, *value));
    expansion.imply(function, address, "AWS::Lambda::Permission", fields.done());
}

/// A bucket's notification. The permission names the account only, as the bucket could not depend on it otherwise.
fn add_bucket<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let account = [("SourceAccount", pen.value(Value::Ambient("account")))];
    add_permission(expansion, function, &format!("{}Permission", event.address), "s3.amazonaws.com", pen, &account);
    let Some(bucket) = event.properties.get("Bucket").and_then(Property::reference) else {
        let text = format!("event {} of {} names no bucket of this template", event.name, function.address);
        expansion.note(pen.span(), NoteKind::Unresolved, text);
        return;
    };
    let kinds = event.properties.get("Events").map_or(&[][..], Property::one_or_many);
    let configurations = kinds.iter().map(|kind| {
        let mut fields = Fields::new(pen);
        fields.put("Event", *kind);
        fields.put("Function", pen.attribute(function.address, "Arn"));
        fields.copy(&event.properties, &["Filter"]);
        fields.done()
    });
    expansion.additions.add_items(bucket.address, &["NotificationConfiguration", "LambdaConfigurations"], configurations);
}

/// A subscription: of the function, or of a queue from which the function polls.
fn add_topic<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>, grants: &mut Grants<'t>) {
    let pen = event.pen;
    let topic = event.properties.get("Topic").copied().unwrap_or_else(|| pen.unknown("the topic is not given"));
    let subscription = event.properties.get("SqsSubscription").filter(|subscription| subscription.literal() != Some("false"));
    match subscription {
        None => {
            let address = format!("{}Permission", event.address);
            add_permission(expansion, function, &address, "sns.amazonaws.com", pen, &[("SourceArn", topic)]);
            add_subscription(expansion, function, event, "lambda", pen.attribute(function.address, "Arn"), topic);
        }
        Some(subscription) => {
            let queue = subscribed_queue(expansion, function, event, subscription, topic);
            let properties = pen.map(&[("Queue", queue), ("BatchSize", pen.text("10")), ("Enabled", pen.flag(true))]);
            let address = pen.name(&format!("{}EventSourceMapping", event.address));
            stream::add_mapping(expansion, function, &Event { address, kind: "SQS", properties, ..*event }, grants);
            add_subscription(expansion, function, event, "sqs", queue, topic);
        }
    }
}

/// The ARN of the queue between topic and function, and the policy that lets the topic send to it.
fn subscribed_queue<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    event: &Event<'t>,
    subscription: &Property<'t>,
    topic: Property<'t>,
) -> Property<'t> {
    let pen = event.pen;
    let (arn, url) = match (subscription.get("QueueArn"), subscription.get("QueueUrl")) {
        (Some(arn), Some(url)) => (*arn, *url),
        (Some(arn), None) => (*arn, pen.unknown("the queue's URL is not given")),
        (None, _) => {
            let address = format!("{}Queue", event.address);
            expansion.imply(function, &address, "AWS::SQS::Queue", queue_properties(expansion, event));
            (pen.attribute(&address, "Arn"), pen.resource(&address))
        }
    };
    let statement = policy::allow_service(pen, "sns.amazonaws.com", "sqs:SendMessage", arn, topic);
    let properties = pen.map(&[("PolicyDocument", policy::document(pen, &[statement])), ("Queues", pen.list(&[url]))]);
    let named = subscription.get("QueuePolicyLogicalId").and_then(Property::literal);
    let address = named.map_or_else(|| format!("{}QueuePolicy", event.address), |id| expansion.scoped(id).to_owned());
    expansion.imply(function, &address, "AWS::SQS::QueuePolicy", properties);
    arn
}

/// A FIFO topic needs a FIFO queue.
fn queue_properties<'t>(expansion: &Expansion<'t, '_>, event: &Event<'t>) -> Property<'t> {
    let topic = event.properties.get("Topic").and_then(Property::reference);
    let fifo = topic.and_then(|topic| expansion.stated(topic.address)).and_then(|topic| topic.properties.get("FifoTopic"));
    let mut fields = Fields::new(event.pen);
    fields.put_some("FifoQueue", fifo);
    fields.done()
}

fn add_subscription<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    event: &Event<'t>,
    protocol: &str,
    endpoint: Property<'t>,
    topic: Property<'t>,
) {
    let mut fields = Fields::new(event.pen);
    fields.put("Protocol", event.pen.text(protocol));
    fields.put("Endpoint", endpoint);
    fields.put("TopicArn", topic);
    fields.copy(&event.properties, &["Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"]);
    expansion.imply(function, event.address, "AWS::SNS::Subscription", fields.done());
}

fn add_log_group<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let group = event.properties.get("LogGroupName").copied().unwrap_or_else(|| pen.unknown("the log group is not given"));
    let source = pen.arn("logs", &[pen.text("log-group:"), group, pen.text(":*")]);
    let address = format!("{}Permission", event.address);
    add_permission(expansion, function, &address, "logs.amazonaws.com", pen, &[("SourceArn", source)]);
    let mut fields = Fields::new(pen);
    fields.put("LogGroupName", group);
    fields.copy(&event.properties, &["FilterPattern"]);
    fields.put("DestinationArn", pen.attribute(function.address, "Arn"));
    expansion.imply(function, event.address, "AWS::Logs::SubscriptionFilter", fields.done());
}

fn add_iot_rule<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let source = pen.arn("iot", &[pen.text("rule/"), pen.resource(event.address)]);
    let conditions = [("SourceArn", source), ("SourceAccount", pen.value(Value::Ambient("account")))];
    add_permission(expansion, function, &format!("{}Permission", event.address), "iot.amazonaws.com", pen, &conditions);
    let action = pen.map(&[("Lambda", pen.map(&[("FunctionArn", pen.attribute(function.address, "Arn"))]))]);
    let mut payload = Fields::new(pen);
    payload.copy(&event.properties, &["Sql", "AwsIotSqlVersion"]);
    payload.put("RuleDisabled", pen.flag(false));
    payload.put("Actions", pen.list(&[action]));
    expansion.imply(function, event.address, "AWS::IoT::TopicRule", pen.map(&[("TopicRulePayload", payload.done())]));
}

/// A trigger of a user pool. All of a function's triggers share one permission.
fn add_user_pool<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let Some(pool) = event.properties.get("UserPool").and_then(Property::reference) else {
        let text = format!("event {} of {} names no user pool of this template", event.name, function.address);
        expansion.note(pen.span(), NoteKind::Unresolved, text);
        return;
    };
    let source = [("SourceArn", pen.attribute(pool.address, "Arn"))];
    let address = format!("{}CognitoPermission", function.address);
    add_permission(expansion, function, &address, "cognito-idp.amazonaws.com", pen, &source);
    for trigger in event.properties.get("Trigger").map_or(&[][..], Property::one_or_many) {
        if let Some(trigger) = trigger.literal() {
            expansion.additions.add_field(pool.address, &["LambdaConfig"], trigger, pen.attribute(function.address, "Arn"));
        }
    }
}

fn add_skill<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let token: Vec<_> = event.properties.get("SkillId").map(|skill| ("EventSourceToken", *skill)).into_iter().collect();
    add_permission(expansion, function, &format!("{}Permission", event.address), "alexa-appkit.amazon.com", event.pen, &token);
}
