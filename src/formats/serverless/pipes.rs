//! The plugin serverless-pipes: EventBridge pipes with their roles.
//!
//! Comes in: the section `pipes`. Goes out: resources of the stack. Of a file with several pipes the plugin deploys the first or all, by its
//! version: all are read.
//!
//! <https://github.com/distinction-dev/serverless-pipes>, read 2026-11-24.

use crate::formats::serverless::pen::{Fields, Pen, at, lines, one_or_many, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;
use crate::source::NoteKind;
use crate::syntax::{Entry, Node};

/// Kinds of sources, what their settings are called, and what reading takes by the plugin's own roles.
const SOURCES: &[(&str, &str, &[&str])] = &[
    ("dynamodb", "DynamoDBStreamParameters", &["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]),
    ("kinesisStream", "KinesisStreamParameters", &["kinesis:PutRecord"]),
    ("sqs", "SqsQueueParameters", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
];
/// Kinds of targets, and what the plugin's own roles may do there.
const TARGETS: &[(&str, &[&str])] = &[
    ("lambda", &["lambda:InvokeFunction"]),
    ("sns", &["sns:Subscribe", "sns:Publish"]),
    ("sqs", &["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
    ("stepFunction", &["states:StartExecution"]),
];
/// What a pipe calls in order to enrich what it carries.
const ENRICHMENT: &[&str] = &["lambda:InvokeFunction"];
/// Settings of sources that bear on what may go wrong, as CloudFormation calls them.
const SAME: &[(&str, &str)] = &[
    ("startingPosition", "StartingPosition"),
    ("maximumRecordAgeInSeconds", "MaximumRecordAgeInSeconds"),
    ("maximumRetryAttempts", "MaximumRetryAttempts"),
    ("onPartialBatchItemFailure", "OnPartialBatchItemFailure"),
];

pub(super) fn add_all<'t>(variables: &Variables<'t, '_>, service: &Service<'t>, stack: &mut Stack<'t>) {
    for entry in variables.entries("pipes") {
        if entry.value.is_map() {
            add(service, stack, &entry);
        } else {
            variables.sources.note(entry.key_span, NoteKind::Unsupported, format!("pipe `{}` is no mapping, and is not read", entry.key));
        }
    }
}

fn add<'t>(service: &Service<'t>, stack: &mut Stack<'t>, entry: &Entry<'t>) {
    let (pen, pipe) = (stack.pen(lines(entry)), entry.value);
    let mut fields = Fields::new(pen);
    // Without a word a pipe stands still.
    fields.put("DesiredState", pen.text(if word(pipe, "enabled") == Some("true") { "RUNNING" } else { "STOPPED" }));
    fields.put_some("Source", present(pipe, "source").and_then(arn));
    fields.put_some("Target", present(pipe, "target").and_then(arn));
    fields.put("SourceParameters", source_parameters(pipe, pen));
    let function = ["enrichment.name", "enrichment.function"].iter().find_map(|path| at(pipe, path));
    fields.put_some("Enrichment", function.and_then(|name| Some(service.find(name.scalar()?)?.arn(pen.at(name.span)))));
    let role = [entry.key, "PipesIAMRole"].concat();
    add_role(stack, pipe, &role, pen);
    fields.put("RoleArn", pen.attribute(&role, "Arn"));
    stack.add(&[entry.key, "EventBridgePipes"].concat(), "AWS::Pipes::Pipe", fields.done());
}

/// The ARN below the only key of a source or a target.
fn arn(end: Node<'_>) -> Option<Node<'_>> {
    end.entries().iter().find_map(|kind| present(kind.value, "arn"))
}

fn source_parameters<'t>(pipe: Node<'t>, pen: Pen<'t>) -> Node<'t> {
    let mut parameters = Fields::new(pen);
    for (kind, name, _) in SOURCES {
        let Some(source) = at(pipe, &["source.", kind].concat()) else { continue };
        let mut fields = Fields::new(pen.at(source.span));
        fields.rename(source, SAME);
        let dead = present(source, "deadLetterArn");
        fields.put_some("DeadLetterConfig", dead.map(|arn| pen.at(arn.span).map(&[("Arn", arn)])));
        parameters.put(name, fields.done());
    }
    let filters = present(pipe, "filter");
    parameters.put_some("FilterCriteria", filters.map(|filters| pen.map(&[("Filters", pen.list(&one_or_many(Some(filters))))])));
    parameters.done()
}

/// The role that the statements make, or one of the plugin's own, which may act on everything of a kind.
fn add_role<'t>(stack: &mut Stack<'t>, pipe: Node<'t>, address: &str, pen: Pen<'t>) {
    let pen = present(pipe, "iamRolePipes").map_or(pen, |stated| pen.at(stated.span));
    let stated = one_or_many(at(pipe, "iamRolePipes.statements"));
    let shared = at(pipe, "iamRolePipes.type").and_then(|kind| kind.scalar()) == Some("shared");
    let of = |end: &str, kind: &str| shared || at(pipe, end).is_some_and(|end| end.get(kind).is_some());
    let mut granted: Vec<&[&str]> = Vec::new();
    granted.extend(SOURCES.iter().filter(|(kind, _, _)| of("source", kind)).map(|(_, _, actions)| *actions));
    granted.extend(TARGETS.iter().filter(|(kind, _)| of("target", kind)).map(|(_, actions)| *actions));
    granted.push(ENRICHMENT);
    let own = || granted.iter().map(|actions| pen.allow(actions, &[pen.text("*")])).collect();
    let statements: Vec<_> = if stated.is_empty() { own() } else { stated };
    let policy = pen.map(&[("PolicyName", pen.text("EventBridgePipesPolicy")), ("PolicyDocument", pen.document(&statements))]);
    let properties = [("AssumeRolePolicyDocument", pen.trust(&["pipes.amazonaws.com"])), ("Policies", pen.list(&[policy]))];
    stack.add(address, "AWS::IAM::Role", pen.map(&properties));
}
