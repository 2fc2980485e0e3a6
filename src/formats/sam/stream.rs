//! Sources that Lambda polls: queues, streams, brokers, clusters.
//!
//! Comes in: one event. Goes out: its `AWS::Lambda::EventSourceMapping`, and what the function's role needs to poll.

use crate::formats::sam::Expansion;
use crate::formats::sam::destination;
use crate::formats::sam::event::Event;
use crate::formats::sam::pen::{Fields, Pen};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::{Property, Resource, Value};

/// Keys of an event that CloudFormation spells otherwise, or that say something to the transform alone.
const NOT_MAPPING: &[&str] = &[
    "Broker",
    "Cluster",
    "CollectionName",
    "ConsumerGroupId",
    "DatabaseName",
    "DestinationConfig",
    "DynamicPolicyName",
    "FullDocument",
    "KafkaBootstrapServers",
    "Queue",
    "SchemaRegistryConfig",
    "SecretsManagerKmsKeyId",
    "Stream",
];

const NETWORK_ACTIONS: &[&str] = &[
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
];

pub fn add_mapping<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>, grants: &mut Grants<'t>) {
    let pen = event.pen;
    let properties = &event.properties;
    let mut fields = Fields::of(pen, *properties, NOT_MAPPING);
    if let Some(source) = source_of(event) {
        fields.put("EventSourceArn", *source);
    }
    fields.put("FunctionName", pen.resource(function.address));
    add_source_config(event, &mut fields);
    if let Some(failure) = properties.at("DestinationConfig.OnFailure") {
        let mut target = Fields::of(pen, *failure, &["Type"]);
        target.copy(failure, &["Destination"]);
        fields.put("DestinationConfig", pen.map(&[("OnFailure", target.done())]));
    }
    expansion.imply(function, event.address, "AWS::Lambda::EventSourceMapping", Property { span: pen.span(), ..fields.done() });
    add_polling_policies(event, grants);
    add_failure_policy(event, grants);
}

fn source_of<'t>(event: &Event<'t>) -> Option<&'t Property<'t>> {
    let key = match event.kind {
        "SQS" => "Queue",
        "MQ" => "Broker",
        "DocumentDB" => "Cluster",
        "SelfManagedKafka" => return None,
        _ => "Stream",
    };
    event.properties.get(key)
}

fn add_source_config<'t>(event: &Event<'t>, fields: &mut Fields<'t>) {
    let pen = event.pen;
    let properties = &event.properties;
    if let Some(servers) = properties.get("KafkaBootstrapServers") {
        let endpoints = pen.map(&[("KafkaBootstrapServers", *servers)]);
        fields.put("SelfManagedEventSource", pen.map(&[("Endpoints", endpoints)]));
    }
    let mut config = Fields::new(pen);
    config.copy(properties, &["ConsumerGroupId", "SchemaRegistryConfig", "DatabaseName", "CollectionName", "FullDocument"]);
    let key = match event.kind {
        "MSK" => "AmazonManagedKafkaEventSourceConfig",
        "SelfManagedKafka" => "SelfManagedKafkaEventSourceConfig",
        "DocumentDB" => "DocumentDBEventSourceConfig",
        _ => return,
    };
    if !config.is_empty() {
        fields.put(key, config.done());
    }
}

fn add_polling_policies<'t>(event: &Event<'t>, grants: &mut Grants<'t>) {
    let pen = event.pen;
    match event.kind {
        "SQS" => grants.add_managed(pen, "AWSLambdaSQSQueueExecutionRole"),
        "Kinesis" => grants.add_managed(pen, "AWSLambdaKinesisExecutionRole"),
        "DynamoDB" => grants.add_managed(pen, "AWSLambdaDynamoDBExecutionRole"),
        "MSK" => grants.add_managed(pen, "AWSLambdaMSKExecutionRole"),
        _ => {}
    }
    let mut statements = match event.kind {
        "MSK" => secret_statements(event, &["CLIENT_CERTIFICATE_TLS_AUTH"]),
        "MQ" => broker_statements(event),
        "DocumentDB" => cluster_statements(event),
        "SelfManagedKafka" => kafka_statements(event),
        _ => Vec::new(),
    };
    statements.extend(registry_statements(event));
    if !statements.is_empty() {
        grants.add_inline(pen, &format!("{}ExecutionPolicy", event.address), &statements);
    }
}

fn broker_statements<'t>(event: &Event<'t>) -> Vec<Property<'t>> {
    let mut statements = secret_statements(event, &["BASIC_AUTH"]);
    statements.extend(event.properties.get("Broker").map(|broker| policy::allow(event.pen, &["mq:DescribeBroker"], *broker)));
    statements.extend(key_statement(event));
    statements
}

fn cluster_statements<'t>(event: &Event<'t>) -> Vec<Property<'t>> {
    let pen = event.pen;
    let mut statements = secret_statements(event, &["BASIC_AUTH"]);
    let any_of = |kind: &str| pen.arn("rds", &[pen.text(kind), pen.text(":*")]);
    statements.push(policy::allow(pen, &["rds:DescribeDBClusterParameters"], any_of("cluster-pg")));
    statements.push(policy::allow(pen, &["rds:DescribeDBSubnetGroups"], any_of("subgrp")));
    statements.extend(event.properties.get("Cluster").map(|cluster| policy::allow(pen, &["rds:DescribeDBClusters"], *cluster)));
    statements.push(policy::allow(pen, NETWORK_ACTIONS, pen.text("*")));
    statements.extend(key_statement(event));
    statements
}

fn kafka_statements<'t>(event: &Event<'t>) -> Vec<Property<'t>> {
    let secrets = ["SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH", "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH", "SERVER_ROOT_CA_CERTIFICATE"];
    let mut statements = secret_statements(event, &secrets);
    if accesses(event).any(|(kind, _)| kind == "VPC_SUBNET") {
        statements.push(policy::allow(event.pen, NETWORK_ACTIONS, event.pen.text("*")));
    }
    statements.extend(key_statement(event));
    statements
}

/// `SourceAccessConfigurations`: type and URI.
fn accesses<'t>(event: &Event<'t>) -> impl Iterator<Item = (&'t str, Property<'t>)> {
    let configurations = event.properties.get("SourceAccessConfigurations").map_or(&[][..], Property::items);
    configurations.iter().filter_map(|access| Some((access.get("Type")?.literal()?, *access.get("URI")?)))
}

fn secret_statements<'t>(event: &Event<'t>, kinds: &[&str]) -> Vec<Property<'t>> {
    let secrets = accesses(event).filter(|(kind, _)| kinds.contains(kind));
    secrets.map(|(_, secret)| policy::allow(event.pen, &["secretsmanager:GetSecretValue"], secret)).collect()
}

fn key_statement<'t>(event: &Event<'t>) -> Option<Property<'t>> {
    let key = event.properties.get("SecretsManagerKmsKeyId")?;
    let pen: Pen<'t> = event.pen;
    Some(policy::allow(pen, &["kms:Decrypt"], pen.arn("kms", &[pen.text("key/"), *key])))
}

fn add_failure_policy<'t>(event: &Event<'t>, grants: &mut Grants<'t>) {
    let Some(failure) = event.properties.at("DestinationConfig.OnFailure") else { return };
    if let (Some(kind), Some(target)) = (failure.get("Type").and_then(Property::literal), failure.get("Destination")) {
        destination::add_sending_policy(event.pen, event.address, kind, *target, grants);
    }
}

/// What reading schemas needs: the secrets of the registry, and the registry itself where it is one of Glue's.
fn registry_statements<'t>(event: &Event<'t>) -> Vec<Property<'t>> {
    let Some(registry) = event.properties.get("SchemaRegistryConfig") else { return Vec::new() };
    let pen = event.pen;
    let accesses = registry.get("AccessConfigs").map_or(&[][..], Property::items).iter().filter_map(|access| access.get("URI"));
    let mut statements: Vec<_> = accesses.map(|secret| policy::allow(pen, &["secretsmanager:GetSecretValue"], *secret)).collect();
    let uri = registry.get("SchemaRegistryURI");
    let last_text = uri.and_then(|uri| match uri.value {
        Value::Joined(pieces) => pieces.last().and_then(Property::literal),
        _ => uri.literal(),
    });
    let name = last_text.and_then(|text| text.rsplit_once(":registry/")).map(|(_, name)| name);
    if let (Some(uri), Some(name)) = (uri, name) {
        statements.push(policy::allow(pen, &["glue:GetRegistry"], *uri));
        let schemas = pen.arn("glue", &[pen.text("schema/"), pen.text(name), pen.text("/*")]);
        statements.push(policy::allow(pen, &["glue:GetSchemaVersion"], schemas));
    }
    statements
}
