//! Events of EventBridge: schedules and rules that invoke a function or start a state machine.
//!
//! Comes in: one event of either. Goes out: an `AWS::Events::Rule` or `AWS::Scheduler::Schedule` with its target, and what lets it act:
//! a permission on the function, or a role that may start the state machine.

use crate::formats::sam::Expansion;
use crate::formats::sam::destination;
use crate::formats::sam::destination::DeadLetterSender;
use crate::formats::sam::event;
use crate::formats::sam::event::Event;
use crate::formats::sam::pen::Fields;
use crate::formats::sam::policy;
use crate::model::resource::{Property, Resource};

/// What a rule acts on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Function,
    StateMachine,
}

impl Target {
    fn arn<'t>(self, parent: &Resource<'t>, event: &Event<'t>) -> Property<'t> {
        match self {
            Self::Function => event.pen.attribute(parent.address, "Arn"),
            Self::StateMachine => event.pen.resource(parent.address),
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Function => "lambda:InvokeFunction",
            Self::StateMachine => "states:StartExecution",
        }
    }
}

/// `Schedule`: a rule with a schedule expression.
pub fn add_schedule<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>, target: Target) {
    let mut fields = Fields::new(event.pen);
    fields.rename(&event.properties, "Schedule", "ScheduleExpression");
    fields.copy(&event.properties, &["Name", "Description"]);
    finish_rule(expansion, parent, event, target, fields);
}

/// `EventBridgeRule` and its older name `CloudWatchEvent`.
pub fn add_rule<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>, target: Target) {
    let mut fields = Fields::new(event.pen);
    fields.rename(&event.properties, "Pattern", "EventPattern");
    fields.copy(&event.properties, &["EventBusName"]);
    fields.rename(&event.properties, "RuleName", "Name");
    finish_rule(expansion, parent, event, target, fields);
}

fn finish_rule<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>, target: Target, mut fields: Fields<'t>) {
    let pen = event.pen;
    let properties = &event.properties;
    fields.copy(properties, &["State"]);
    if let Some(enabled) = properties.get("Enabled").and_then(Property::literal) {
        fields.put("State", pen.text(if enabled == "true" { "ENABLED" } else { "DISABLED" }));
    }
    let dead_letters = properties.get("DeadLetterConfig");
    let queue =
        dead_letters.and_then(|config| destination::dead_letter_arn(expansion, parent, event.address, config, DeadLetterSender::Rule));
    let mut entry = Fields::new(pen);
    entry.put("Arn", target.arn(parent, event));
    entry.put("Id", properties.at("Target.Id").copied().unwrap_or_else(|| pen.text(&format!("{}Target", event.address))));
    if target == Target::StateMachine {
        entry.put("RoleArn", rule_role(expansion, parent, event, target));
    }
    entry.copy(properties, &["Input", "InputPath", "InputTransformer", "RetryPolicy"]);
    entry.put_some("DeadLetterConfig", queue.map(|arn| pen.map(&[("Arn", arn)])).as_ref());
    fields.put("Targets", pen.list(&[entry.done()]));
    expansion.imply(parent, event.address, "AWS::Events::Rule", fields.done());
    if target == Target::Function {
        let source = [("SourceArn", pen.attribute(event.address, "Arn"))];
        event::add_permission(expansion, parent, &format!("{}Permission", event.address), "events.amazonaws.com", pen, &source);
    }
}

fn rule_role<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>, target: Target) -> Property<'t> {
    match event.properties.get("RoleArn") {
        Some(role) => *role,
        None => add_role(expansion, parent, event, target, "events.amazonaws.com", None),
    }
}

/// The role that starts the target; its ARN.
pub fn add_role<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    event: &Event<'t>,
    target: Target,
    service: &str,
    dead_letters: Option<Property<'t>>,
) -> Property<'t> {
    let pen = event.pen;
    let address = format!("{}Role", event.address);
    let mut statements = vec![policy::allow(pen, &[target.action()], target.arn(parent, event))];
    statements.extend(dead_letters.map(|arn| policy::allow(pen, &["sqs:SendMessage"], arn)));
    let boundary = event.properties.get("PermissionsBoundary").or_else(|| match target {
        Target::Function => None,
        Target::StateMachine => parent.properties.get("PermissionsBoundary"),
    });
    policy::add_event_role(expansion, parent, &address, service, boundary, &statements, pen);
    pen.attribute(&address, "Arn")
}

/// `ScheduleV2`: a schedule of EventBridge Scheduler, which acts with a role.
pub fn add_schedule_v2<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>, target: Target) {
    let pen = event.pen;
    let properties = &event.properties;
    let dead_letters = properties.get("DeadLetterConfig");
    let queue =
        dead_letters.and_then(|config| destination::dead_letter_arn(expansion, parent, event.address, config, DeadLetterSender::Schedule));
    let role = match properties.get("RoleArn") {
        Some(role) => *role,
        None => add_role(expansion, parent, event, target, "scheduler.amazonaws.com", queue),
    };
    let mut entry = Fields::new(pen);
    entry.put("Arn", target.arn(parent, event));
    entry.put("RoleArn", role);
    entry.copy(properties, &["Input", "RetryPolicy"]);
    entry.put_some("DeadLetterConfig", queue.map(|arn| pen.map(&[("Arn", arn)])).as_ref());
    let mut fields = Fields::of(pen, *properties, NOT_SCHEDULE);
    fields.put("Target", entry.done());
    expansion.imply(parent, event.address, "AWS::Scheduler::Schedule", Property { span: pen.span(), ..fields.done() });
}

/// Keys of `ScheduleV2` that belong to the target or to the transform.
const NOT_SCHEDULE: &[&str] = &["DeadLetterConfig", "Input", "OmitName", "PermissionsBoundary", "RetryPolicy", "RoleArn"];
