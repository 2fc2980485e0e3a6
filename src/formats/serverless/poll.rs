//! Events that Lambda fetches: queues, streams, brokers, as event source mappings.
//!
//! Comes in: `sqs`, `stream`, `kafka`, `msk`, `activemq` and `rabbitmq` events. Goes out: mappings, and what roles must be granted to read.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, one_or_many, present, word};
use crate::formats::serverless::reference;
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
/// Settings of the events and what CloudFormation calls them.
const SAME: &[(&str, &str)] = &[
    ("batchSize", "BatchSize"),
    ("bisectBatchOnFunctionError", "BisectBatchOnFunctionError"),
    ("enabled", "Enabled"),
    ("maximumRecordAgeInSeconds", "MaximumRecordAgeInSeconds"),
    ("maximumRetryAttempts", "MaximumRetryAttempts"),
    ("parallelizationFactor", "ParallelizationFactor"),
    ("startingPosition", "StartingPosition"),
    ("tumblingWindowInSeconds", "TumblingWindowInSeconds"),
    ("batchWindow", "MaximumBatchingWindowInSeconds"),
    ("maximumBatchingWindow", "MaximumBatchingWindowInSeconds"),
    ("maximumBatchingWindowInSeconds", "MaximumBatchingWindowInSeconds"),
];
/// What a function in a VPC needs in order to be reached by a broker there.
const INTERFACES: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];
/// What a broker asks of its reader, by the framework's word and by Lambda's.
const ACCESS: &[(&str, &str)] = &[
    ("vpcSubnet", "VPC_SUBNET"),
    ("vpcSecurityGroup", "VPC_SECURITY_GROUP"),
    ("saslPlainAuth", "BASIC_AUTH"),
    ("saslScram256Auth", "SASL_SCRAM_256_AUTH"),
    ("saslScram512Auth", "SASL_SCRAM_512_AUTH"),
    ("clientCertificateTlsAuth", "CLIENT_CERTIFICATE_TLS_AUTH"),
    ("serverRootCaCertificate", "SERVER_ROOT_CA_CERTIFICATE"),
];

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    service.triggers("stream").for_each(|trigger| add_stream(stack, &trigger));
    service.triggers("kafka").for_each(|trigger| add_kafka(stack, &trigger));
    service.triggers("sqs").for_each(|trigger| add_queue(stack, &trigger));
    service.triggers("msk").for_each(|trigger| add_msk(stack, &trigger));
    service.triggers("activemq").for_each(|trigger| add_broker(stack, &trigger, "ActiveMQ"));
    service.triggers("rabbitmq").for_each(|trigger| add_broker(stack, &trigger, "RabbitMQ"));
}

fn add_queue<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let Some(arn) = arn_of(trigger) else { return };
    let pen = trigger.pen;
    let mut fields = common(stack, trigger);
    fields.put("EventSourceArn", arn);
    let concurrency = trigger.get("maximumConcurrency");
    fields.put_some("ScalingConfig", concurrency.map(|number| pen.map(&[("MaximumConcurrency", number)])));
    stack.imply(trigger.function.name, pen.allow(&["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], &[arn]));
    add_mapping(stack, trigger, "SQS", &reference::name(arn), fields);
}

fn add_stream<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let Some(arn) = arn_of(trigger) else { return };
    let pen = trigger.pen;
    let kind = word(trigger.event.value, "type").or_else(|| reference::service(arn)).unwrap_or("kinesis");
    let stream = reference::name(arn);
    let mut fields = common(stack, trigger);
    fields.put("EventSourceArn", arn);
    if fields.get("StartingPosition").is_none() {
        fields.put("StartingPosition", pen.text("TRIM_HORIZON"));
    }
    let actions = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"].map(|action| format!("{kind}:{action}"));
    stack.imply(trigger.function.name, pen.allow(&actions.each_ref().map(String::as_str), &[arn]));
    let consumer = trigger.get("consumer").filter(|consumer| !matches!(consumer.value, Value::Bool(false)));
    if let Some(consumer) = consumer {
        let arn = if matches!(consumer.value, Value::Bool(true)) { add_consumer(stack, trigger, arn, &stream) } else { consumer };
        fields.put("EventSourceArn", arn);
        stack.imply(trigger.function.name, pen.allow(&["kinesis:SubscribeToShard"], &[arn]));
    }
    add_mapping(stack, trigger, &naming::upper_first(kind), &stream, fields);
}

/// A consumer of the function's own.
fn add_consumer<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, stream: Node<'t>, name: &str) -> Node<'t> {
    let pen = trigger.pen;
    let name = format!("{}{name}Consumer", trigger.function.name);
    let address = naming::normalized(&name) + "StreamConsumer";
    stack.add(&address, "AWS::Kinesis::StreamConsumer", pen.map(&[("StreamARN", stream), ("ConsumerName", pen.text(&name))]));
    pen.reference(&address)
}

fn add_msk<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let Some(arn) = arn_of(trigger) else { return };
    let pen = trigger.pen;
    let mut fields = common(stack, trigger);
    fields.put("EventSourceArn", arn);
    let topic = trigger.get("topic").unwrap_or_else(|| pen.text(""));
    fields.put("Topics", pen.list(&[topic]));
    if let Some(secret) = trigger.get("saslScram512") {
        let access = pen.map(&[("Type", pen.text("SASL_SCRAM_512_AUTH")), ("URI", secret)]);
        fields.put("SourceAccessConfigurations", pen.list(&[access]));
    }
    stack.imply(trigger.function.name, pen.allow(&["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"], &[arn]));
    stack.imply(trigger.function.name, pen.allow(&INTERFACES, &[pen.text("*")]));
    // `arn:aws:kafka:region:account:cluster/<name>/<uuid>`.
    let cluster = arn.scalar().and_then(|arn| arn.split('/').nth(1)).map_or_else(|| reference::name(arn), str::to_owned);
    let name = [naming::alphanumeric(&cluster), naming::alphanumeric(topic.scalar().unwrap_or_default())].concat();
    add_mapping(stack, trigger, "MSK", &name, fields);
}

fn add_kafka<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let pen = trigger.pen;
    let mut fields = common(stack, trigger);
    let servers = pen.list(&one_or_many(trigger.get("bootstrapServers")));
    let endpoints = pen.map(&[("KafkaBootstrapServers", servers)]);
    fields.put("SelfManagedEventSource", pen.map(&[("Endpoints", endpoints)]));
    let topic = trigger.get("topic").unwrap_or_else(|| pen.text(""));
    fields.put("Topics", pen.list(&[topic]));
    let mut access = Vec::new();
    for entry in trigger.get("accessConfigurations").map(|access| access.entries()).unwrap_or_default() {
        let Some((_, kind)) = ACCESS.iter().find(|(word, _)| *word == entry.key) else { continue };
        for uri in one_or_many(Some(entry.value)) {
            access.push(pen.at(uri.span).map(&[("Type", pen.text(kind)), ("URI", uri)]));
            if !kind.starts_with("VPC_") {
                grant_secret(stack, trigger, pen, uri);
            }
        }
    }
    fields.put("SourceAccessConfigurations", pen.list(&access));
    add_mapping(stack, trigger, "Kafka", topic.scalar().unwrap_or_default(), fields);
}

/// Amazon MQ, of either kind.
fn add_broker<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, kind: &str) {
    let Some(arn) = arn_of(trigger) else { return };
    let pen = trigger.pen;
    let mut fields = common(stack, trigger);
    fields.put("EventSourceArn", arn);
    let queue = trigger.get("queue").unwrap_or_else(|| pen.text(""));
    fields.put("Queues", pen.list(&[queue]));
    let mut access = Vec::new();
    if let Some(secret) = trigger.get("basicAuthArn") {
        access.push(pen.map(&[("Type", pen.text("BASIC_AUTH")), ("URI", secret)]));
        grant_secret(stack, trigger, pen, secret);
    }
    if let Some(host) = trigger.get("virtualHost") {
        access.push(pen.map(&[("Type", pen.text("VIRTUAL_HOST")), ("URI", host)]));
    }
    fields.put("SourceAccessConfigurations", pen.list(&access));
    stack.imply(trigger.function.name, pen.allow(&["mq:DescribeBroker"], &[arn]));
    stack.imply(trigger.function.name, pen.allow(&INTERFACES, &[pen.text("*")]));
    add_mapping(stack, trigger, kind, queue.scalar().unwrap_or_default(), fields);
}

fn grant_secret<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, pen: Pen<'t>, secret: Node<'t>) {
    stack.imply(trigger.function.name, pen.allow(&["secretsmanager:GetSecretValue"], &[secret]));
}

/// The ARN, which may be all that the event says.
fn arn_of<'t>(trigger: &Trigger<'_, 't>) -> Option<Node<'t>> {
    let value = trigger.event.value;
    trigger.get("arn").or(Some(value).filter(|value| !matches!(value.value, Value::Null)))
}

/// What all mappings have.
fn common<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) -> Fields<'t> {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    fields.put("FunctionName", trigger.target());
    fields.rename(trigger.event.value, SAME);
    let response = trigger.get("functionResponseType");
    fields.put_some("FunctionResponseTypes", response.map(|kind| pen.list(&[kind])));
    if let Some(patterns) = trigger.get("filterPatterns") {
        let filters: Vec<_> = one_or_many(Some(patterns)).into_iter().map(|pattern| pen.map(&[("Pattern", pattern)])).collect();
        fields.put("FilterCriteria", pen.map(&[("Filters", pen.list(&filters))]));
    }
    if let Some(target) = trigger.get("destinations").and_then(|destinations| present(destinations, "onFailure")) {
        let arn = present(target, "arn").unwrap_or(target);
        let kind = word(target, "type").or_else(|| reference::service(arn)).unwrap_or("sqs");
        let action = if kind == "sns" { "sns:Publish" } else { "sqs:SendMessage" };
        stack.imply(trigger.function.name, pen.at(target.span).allow(&[action], &[arn]));
        fields.put("DestinationConfig", pen.map(&[("OnFailure", pen.map(&[("Destination", arn)]))]));
    }
    fields
}

fn add_mapping<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, kind: &str, name: &str, fields: Fields<'t>) {
    let address = trigger.function.named(&["EventSourceMapping", kind, &naming::alphanumeric(name)].concat());
    // The framework would lose one of two of that name; none is lost here.
    let address = if stack.has(&address) { format!("{address}{}", trigger.event.position) } else { address };
    stack.add(&address, MAPPING, fields.done());
}
