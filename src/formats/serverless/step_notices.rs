//! Whom state machines of the plugin serverless-step-functions tell how their executions end.
//!
//! Comes in: the setting `notifications` of a machine, targets by the status that they are told of. Goes out: rules of the default bus, and
//! what lets it reach the targets.

use crate::formats::serverless::pen::{Fields, Pen, lines, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::step_functions::{Machine, local_names};
use crate::formats::serverless::step_role;
use crate::source::MAX_DEPTH;
use crate::syntax::{Entry, Node};

/// Kinds of targets, and what must be allowed for those that are reached under a role.
const TARGETS: [(&str, Option<&str>); 6] = [
    ("sns", None),
    ("sqs", None),
    ("lambda", None),
    ("kinesis", Some("kinesis:PutRecord")),
    ("firehose", Some("firehose:PutRecord")),
    ("stepFunctions", Some("states:StartExecution")),
];

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>, machine: &Machine<'t>) {
    // The plugin passes over what express workflows cannot do.
    let is_express = word(machine.settings, "type") == Some("EXPRESS");
    let stated = present(machine.settings, "notifications").filter(|stated| stated.is_map() && !is_express);
    let Some(notifications) = stated else { return };
    let pen = stack.pen(notifications.span);
    let notifications = local_names(service, pen, notifications, MAX_DEPTH);
    let role = [&machine.id, "NotificationsIamRole"].concat();
    let mut statements = Vec::new();
    for status in notifications.entries() {
        add_rule(stack, machine, status, &role, &mut statements);
    }
    if !statements.is_empty() {
        step_role::add_role(stack, pen, &role, "events.amazonaws.com", &statements);
    }
}

fn add_rule<'t>(stack: &mut Stack<'t>, machine: &Machine<'t>, status: &Entry<'t>, role: &str, statements: &mut Vec<Node<'t>>) {
    let pen = stack.pen(lines(status));
    let mut targets = Vec::new();
    for (index, (kind, target)) in status.value.items().iter().filter_map(kind_of).enumerate() {
        let Some((_, action)) = TARGETS.iter().find(|(known, _)| *known == kind) else { continue };
        let arn = present(target, "arn").filter(|_| matches!(kind, "sqs" | "kinesis")).unwrap_or(target);
        let at_target = pen.at(arn.span);
        let mut fields = Fields::new(at_target);
        fields.put("Arn", arn);
        fields.put("Id", at_target.text(&format!("{}-{}-{index}", machine.name, status.key)));
        match action {
            Some(action) => {
                statements.push(at_target.allow(&[action], &[arn]));
                fields.put("RoleArn", at_target.attribute(role, "Arn"));
            }
            None => add_permission(stack, &format!("{}ResourcePolicy{}{index}", machine.id, status.key), kind, arn, at_target),
        }
        targets.push(fields.done());
    }
    let detail = [("status", pen.texts(&[status.key])), ("stateMachineArn", pen.list(&[pen.reference(&machine.id)]))];
    let pattern = [
        ("source", pen.texts(&["aws.states"])),
        ("detail-type", pen.texts(&["Step Functions Execution Status Change"])),
        ("detail", pen.map(&detail)),
    ];
    let properties = [("EventPattern", pen.map(&pattern)), ("Targets", pen.list(&targets))];
    let address = [&machine.id, "Notifications", &status.key.replacen('_', "", 1), "EventRule"].concat();
    stack.add(&address, "AWS::Events::Rule", pen.map(&properties));
}

fn kind_of<'t>(target: &Node<'t>) -> Option<(&'t str, Node<'t>)> {
    let entry = target.entries().iter().find(|entry| TARGETS.iter().any(|(kind, _)| *kind == entry.key))?;
    Some((entry.key, entry.value))
}

/// What lets the bus reach a target by the target's own policy.
fn add_permission<'t>(stack: &mut Stack<'t>, address: &str, kind: &str, arn: Node<'t>, pen: Pen<'t>) {
    let allowed = |action: &str| {
        let mut statement = Fields::new(pen);
        statement.extend(pen.allow(&[action], &[arn]));
        statement.put("Principal", pen.map(&[("Service", pen.text("events.amazonaws.com"))]));
        pen.document(&[statement.done()])
    };
    match kind {
        "sns" => {
            let properties = [("PolicyDocument", allowed("sns:Publish")), ("Topics", pen.list(&[arn]))];
            stack.add(address, "AWS::SNS::TopicPolicy", pen.map(&properties));
        }
        "lambda" => {
            let properties =
                [("FunctionName", arn), ("Action", pen.text("lambda:InvokeFunction")), ("Principal", pen.text("events.amazonaws.com"))];
            stack.add(address, "AWS::Lambda::Permission", pen.map(&properties));
        }
        _ => {}
    }
}
