//! `queue`: a queue with its worker, a queue for what fails, and mail about that.

use crate::formats::serverless::lift::Construct;
use crate::formats::serverless::pen::{Fields, Pen, is_on, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

/// How often a message is tried where nobody says.
const MAX_RETRIES: u32 = 3;
/// Two weeks, in seconds, for which failed messages are kept.
const RETENTION: u32 = 1_209_600;

/// The worker's name, and the event by which it is called.
pub(super) fn event<'t>(construct: &Construct<'t>, pen: Pen<'t>) -> (&'t str, Node<'t>) {
    let worker = present(construct.settings, "worker").and_then(|worker| match worker.value {
        Value::Text(name) => Some(name),
        _ => None,
    });
    let function = worker.unwrap_or_else(|| pen.name(&[construct.id, "Worker"].concat()));
    let mut fields = Fields::new(pen);
    fields.put("arn", pen.attribute(&construct.part("Queue"), "Arn"));
    fields.put("batchSize", pen.number(1));
    fields.put("functionResponseType", pen.text("ReportBatchItemFailures"));
    fields.rename(
        construct.settings,
        &[("batchSize", "batchSize"), ("maxBatchingWindow", "maximumBatchingWindow"), ("maxConcurrency", "maximumConcurrency")],
    );
    (function, pen.map(&[("sqs", fields.done())]))
}

pub(super) fn add<'t>(construct: &Construct<'t>, service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let (queue, failed) = (construct.part("Queue"), construct.part("Dlq"));
    let name = service.name_with(pen, &[pen.text("-"), pen.text(construct.id)]);
    let mut dead = common(construct, pen);
    let ending = if is_ordered(construct) { ".fifo" } else { "" };
    dead.put("QueueName", pen.joined(&[name, pen.text("-dlq"), pen.text(ending)]));
    dead.put("MessageRetentionPeriod", pen.number(RETENTION));
    stack.add(&failed, "AWS::SQS::Queue", dead.done());
    let retries = present(construct.settings, "maxRetries").unwrap_or_else(|| pen.number(MAX_RETRIES));
    let mut fields = common(construct, pen);
    fields.put("QueueName", pen.joined(&[name, pen.text(ending)]));
    fields.rename(construct.settings, &[("delay", "DelaySeconds")]);
    let redrive = [("deadLetterTargetArn", pen.attribute(&failed, "Arn")), ("maxReceiveCount", retries)];
    fields.put("RedrivePolicy", pen.map(&redrive));
    stack.add(&queue, "AWS::SQS::Queue", fields.done());
    add_alarm(construct, stack, &failed);
    let arn = pen.attribute(&queue, "Arn");
    stack.grant_all(pen.allow(&["sqs:SendMessage"], &[arn]));
}

fn is_ordered(construct: &Construct<'_>) -> bool {
    is_on(construct.settings, "fifo") || word(construct.settings, "type") == Some("queue-fifo")
}

/// What both queues have.
fn common<'t>(construct: &Construct<'t>, pen: Pen<'t>) -> Fields<'t> {
    let mut fields = Fields::new(pen);
    if is_ordered(construct) {
        fields.put("FifoQueue", pen.flag(true));
    }
    match word(construct.settings, "encryption") {
        Some("kmsManaged") => fields.put("KmsMasterKeyId", pen.text("alias/aws/sqs")),
        Some("kms" | "kmsExisting") => {
            let key = present(construct.settings, "encryptionKeyArn").or_else(|| present(construct.settings, "encryptionKey"));
            fields.put_some("KmsMasterKeyId", key);
        }
        Some(_) | None => {}
    }
    fields
}

fn add_alarm<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, failed: &str) {
    let Some(mail) = present(construct.settings, "alarm") else { return };
    let pen = stack.pen(mail.span);
    let topic = construct.part("AlarmTopic");
    stack.add(&topic, "AWS::SNS::Topic", pen.map(&[]));
    let subscription = [("Protocol", pen.text("email")), ("TopicArn", pen.reference(&topic)), ("Endpoint", mail)];
    stack.add(&construct.part("AlarmTopicSubscription"), "AWS::SNS::Subscription", pen.map(&subscription));
    let dimension = pen.map(&[("Name", pen.text("QueueName")), ("Value", pen.attribute(failed, "QueueName"))]);
    let alarm = [
        ("AlarmActions", pen.list(&[pen.reference(&topic)])),
        ("Namespace", pen.text("AWS/SQS")),
        ("MetricName", pen.text("ApproximateNumberOfMessagesVisible")),
        ("Dimensions", pen.list(&[dimension])),
    ];
    stack.add(&construct.part("Alarm"), "AWS::CloudWatch::Alarm", pen.map(&alarm));
}
