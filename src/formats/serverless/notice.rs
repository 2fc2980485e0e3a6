//! Events that buckets and topics push: the bucket or topic, its subscription, and what lets it call the function.
//!
//! Comes in: `s3` and `sns` events. Goes out: resources of the stack. Buckets and topics that exist elsewhere are not made.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, one_or_many, present, word};
use crate::formats::serverless::reference;
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};
use std::collections::BTreeMap;

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    add_buckets(service, stack);
    add_existing_buckets(service, stack);
    add_topics(service, stack);
}

/// A bucket that events make, with what it tells whom.
struct Bucket<'t> {
    pen: Pen<'t>,
    name: Node<'t>,
    notifications: Vec<Node<'t>>,
}

fn add_buckets<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let mut buckets: BTreeMap<&'t str, Bucket<'t>> = BTreeMap::new();
    for trigger in service.triggers("s3").filter(|trigger| !is_on(trigger.event.value, "existing")) {
        let Some(named) = bucket_of(&trigger) else { continue };
        let Some(key) = named.scalar() else {
            // The framework refuses it; what is meant is plain.
            add_existing_bucket(stack, &trigger, named);
            continue;
        };
        let pen = trigger.pen;
        let settings = service.setting("s3").and_then(|buckets| present(buckets, key));
        let name = settings.and_then(|settings| present(settings, "name")).unwrap_or(named);
        let bucket = buckets.entry(key).or_insert_with(|| Bucket { pen, name, notifications: Vec::new() });
        bucket.notifications.push(notification(&trigger));
        let permission = trigger.function.named(&["LambdaPermission", &naming::alphanumeric(key), "S3"].concat());
        add_bucket_permission(stack, &trigger, &permission, name);
    }
    for (key, bucket) in buckets {
        let pen = bucket.pen;
        let mut fields = Fields::new(pen);
        fields.put("BucketName", bucket.name);
        let mut told = Fields::new(pen);
        for entry in service.setting("s3").and_then(|buckets| present(buckets, key)).map(|settings| settings.entries()).unwrap_or_default()
        {
            match entry.key {
                "name" => {}
                "notificationConfiguration" => told.extend(entry.value),
                key => fields.put(&naming::upper_first(key), entry.value),
            }
        }
        told.put("LambdaConfigurations", pen.list(&bucket.notifications));
        fields.put("NotificationConfiguration", told.done());
        stack.add(&["S3Bucket", &naming::alphanumeric(key)].concat(), "AWS::S3::Bucket", fields.done());
    }
}

fn bucket_of<'t>(trigger: &Trigger<'_, 't>) -> Option<Node<'t>> {
    let value = trigger.event.value;
    trigger.get("bucket").or(Some(value).filter(|value| !matches!(value.value, Value::Null)))
}

fn notification<'t>(trigger: &Trigger<'_, 't>) -> Node<'t> {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    fields.put("Event", trigger.get("event").unwrap_or_else(|| pen.text("s3:ObjectCreated:*")));
    fields.put("Function", trigger.target());
    let rules = trigger.get("rules").map(|rules| rules.items()).unwrap_or_default();
    let rules: Vec<_> =
        rules.iter().flat_map(|rule| rule.entries()).map(|rule| pen.map(&[("Name", pen.text(rule.key)), ("Value", rule.value)])).collect();
    if !rules.is_empty() {
        fields.put("Filter", pen.map(&[("S3Key", pen.map(&[("Rules", pen.list(&rules))]))]));
    }
    fields.done()
}

fn add_bucket_permission<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, address: &str, bucket: Node<'t>) {
    let pen = trigger.pen;
    let allowed = pen.map(&[
        ("FunctionName", trigger.target()),
        ("Action", pen.text("lambda:InvokeFunction")),
        ("Principal", pen.text("s3.amazonaws.com")),
        ("SourceArn", bucket_arn(pen, bucket)),
        ("SourceAccount", pen.reference("AWS::AccountId")),
    ]);
    stack.add(address, "AWS::Lambda::Permission", allowed);
}

/// The framework sets the notification by a resource of its own, whose helper also lets the bucket call.
fn add_existing_buckets<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    for trigger in service.triggers("s3").filter(|trigger| is_on(trigger.event.value, "existing")) {
        if let Some(bucket) = bucket_of(&trigger) {
            add_existing_bucket(stack, &trigger, bucket);
        }
    }
}

fn add_existing_bucket<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, bucket: Node<'t>) {
    let pen = trigger.pen;
    let custom = pen.map(&[
        ("FunctionName", trigger.function.full_name),
        // By its ARN, as policies name it, so that a bucket of others is one and the same in both.
        ("BucketName", bucket_arn(pen, bucket)),
        ("BucketConfigs", pen.list(&[notification(trigger)])),
    ]);
    stack.add(&trigger.function.named("CustomS31"), "Custom::S3", custom);
}

fn bucket_arn<'t>(pen: Pen<'t>, bucket: Node<'t>) -> Node<'t> {
    pen.joined(&[pen.text("arn:"), pen.reference("AWS::Partition"), pen.text(":s3:::"), bucket])
}

/// A topic that events make, with its subscriptions.
struct Topic<'t> {
    pen: Pen<'t>,
    name: &'t str,
    display_name: Option<Node<'t>>,
    key: Option<Node<'t>>,
    subscriptions: Vec<Node<'t>>,
}

fn add_topics<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let mut topics: BTreeMap<String, Topic<'t>> = BTreeMap::new();
    for trigger in service.triggers("sns") {
        let pen = trigger.pen;
        let value = trigger.event.value;
        let short = value.scalar().filter(|_| value.tag.is_none());
        let is_arn = |short: &str| short.starts_with("arn:");
        let arn = trigger.get("arn").or_else(|| (short.is_none_or(is_arn) && word(value, "topicName").is_none()).then_some(value));
        match (arn, word(value, "topicName").or(short.filter(|short| !is_arn(short)))) {
            (Some(arn), name) => {
                let name = name.map_or_else(|| reference::name(arn), str::to_owned);
                add_subscription(stack, &trigger, arn, &name);
                add_topic_permission(stack, &trigger, arn, &name);
            }
            (None, Some(name)) => {
                let address = ["SNSTopic", &naming::alphanumeric(name)].concat();
                let topic = topics.entry(address.clone()).or_insert_with(|| Topic {
                    pen,
                    name,
                    display_name: trigger.get("displayName"),
                    key: trigger.get("kmsMasterKeyId"),
                    subscriptions: Vec::new(),
                });
                if trigger.get("filterPolicy").is_some() || trigger.get("redrivePolicy").is_some() {
                    add_subscription(stack, &trigger, pen.reference(&address), name);
                } else {
                    topic.subscriptions.push(pen.map(&[("Endpoint", trigger.target()), ("Protocol", pen.text("lambda"))]));
                }
                add_topic_permission(stack, &trigger, pen.arn("sns", &[pen.text(name)]), name);
            }
            (None, None) => {}
        }
    }
    for (address, topic) in topics {
        let mut fields = Fields::new(topic.pen);
        fields.put("TopicName", topic.pen.text(topic.name));
        fields.put_some("DisplayName", topic.display_name);
        fields.put_some("KmsMasterKeyId", topic.key);
        if !topic.subscriptions.is_empty() {
            fields.put("Subscription", topic.pen.list(&topic.subscriptions));
        }
        stack.add(&address, "AWS::SNS::Topic", fields.done());
    }
}

fn add_subscription<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, topic: Node<'t>, name: &str) {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    fields.put("TopicArn", topic);
    fields.put("Protocol", pen.text("lambda"));
    fields.put("Endpoint", trigger.target());
    fields.rename(trigger.event.value, &[("filterPolicy", "FilterPolicy"), ("filterPolicyScope", "FilterPolicyScope")]);
    if let Some(queue) = trigger.get("redrivePolicy").and_then(|policy| dead_letter_queue(pen, policy)) {
        fields.put("RedrivePolicy", pen.map(&[("deadLetterTargetArn", queue)]));
        let sender = pen.map(&[("Service", pen.text("sns.amazonaws.com"))]);
        let mut statement = Fields::new(pen);
        statement.extend(pen.allow(&["sqs:SendMessage"], &[queue]));
        statement.put("Principal", sender);
        let policy = pen.map(&[("PolicyDocument", pen.document(&[statement.done()])), ("Queues", pen.list(&one_or_many(Some(queue))))]);
        let address = [&naming::alphanumeric(name), "To", &trigger.function.normalized, "DLQPolicy"].concat();
        stack.add(&address, "AWS::SQS::QueuePolicy", policy);
    }
    let address = trigger.function.named(&["SnsSubscription", &naming::alphanumeric(name)].concat());
    stack.add(&address, "AWS::SNS::Subscription", fields.done());
}

/// A queue by its ARN, by a logical id, or by an export.
fn dead_letter_queue<'t>(pen: Pen<'t>, policy: Node<'t>) -> Option<Node<'t>> {
    if let Some(arn) = present(policy, "deadLetterTargetArn") {
        return Some(arn);
    }
    if let Some(id) = word(policy, "deadLetterTargetRef") {
        return Some(pen.attribute(id, "Arn"));
    }
    let import = present(policy, "deadLetterTargetImport").and_then(|import| present(import, "arn"))?;
    Some(pen.map(&[("Fn::ImportValue", import)]))
}

fn add_topic_permission<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, topic: Node<'t>, name: &str) {
    let pen = trigger.pen;
    let allowed = pen.map(&[
        ("FunctionName", trigger.target()),
        ("Action", pen.text("lambda:InvokeFunction")),
        ("Principal", pen.text("sns.amazonaws.com")),
        ("SourceArn", topic),
    ]);
    let address = trigger.function.named(&["LambdaPermission", &naming::alphanumeric(name), "SNS"].concat());
    stack.add(&address, "AWS::Lambda::Permission", allowed);
}
