//! Events of rules: schedules, patterns on a bus.
//!
//! Comes in: `schedule`, `cloudwatchEvent` and `eventBridge` events. Goes out: rules with their target, what lets each call the function,
//! schedules of EventBridge Scheduler, and the buses that are named here alone.

use crate::formats::serverless::function;
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, one_or_many, present, word};
use crate::formats::serverless::service::{Function, Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

const RULE: &str = "AWS::Events::Rule";

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    for function in &service.functions {
        add_schedules(service, stack, function);
    }
    service.triggers("cloudwatchEvent").for_each(|trigger| add_cloudwatch_event(stack, &trigger));
    service.triggers("eventBridge").for_each(|trigger| add_event_bridge(service, stack, &trigger));
}

/// Each rate of each schedule is one, numbered through the function.
fn add_schedules<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let mut number = 0;
    for trigger in service.triggers_of(function, "schedule") {
        let long = trigger.event.value;
        let rates = if long.is_map() && present(long, "rate").is_some() { present(long, "rate") } else { Some(long) };
        for rate in one_or_many(rates) {
            number += 1;
            if word(long, "method") == Some("scheduler") {
                add_scheduler(service, stack, &trigger, rate, number);
            } else {
                let address = function.named(&format!("EventsRuleSchedule{number}"));
                let mut fields = Fields::new(trigger.pen);
                fields.put("ScheduleExpression", rate);
                let permission = function.named(&format!("LambdaPermissionEventsRuleSchedule{number}"));
                add_rule(stack, &trigger, fields, &address, &permission);
            }
        }
    }
}

fn add_scheduler<'t>(service: &Service<'t>, stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, rate: Node<'t>, number: usize) {
    let pen = trigger.pen;
    let role = trigger.get("roleArn").or_else(|| service.setting("scheduler.roleArn"));
    let role = role.unwrap_or_else(|| function::role(trigger.function, pen));
    let mut fields = Fields::new(pen);
    fields.put("ScheduleExpression", rate);
    fields.put("State", pen.text(state(trigger)));
    fields.put("FlexibleTimeWindow", pen.map(&[("Mode", pen.text("OFF"))]));
    fields.put("Target", pen.map(&[("Arn", trigger.target()), ("RoleArn", role)]));
    fields.rename(trigger.event.value, &[("name", "Name"), ("description", "Description"), ("timezone", "ScheduleExpressionTimezone")]);
    stack.imply(trigger.function.name, pen.allow(&["lambda:InvokeFunction"], &[trigger.target()]));
    stack.add(&trigger.function.named(&format!("SchedulerSchedule{number}")), "AWS::Scheduler::Schedule", fields.done());
}

fn add_cloudwatch_event<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let mut fields = Fields::new(trigger.pen);
    fields.put_some("EventPattern", trigger.get("event"));
    let rule = trigger.function.named(&format!("EventsRuleCloudWatchEvent{}", trigger.number));
    let permission = trigger.function.named(&format!("LambdaPermissionEventsRuleCloudWatchEvent{}", trigger.number));
    add_rule(stack, trigger, fields, &rule, &permission);
}

fn add_event_bridge<'t>(service: &Service<'t>, stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    if let Some(bus) = trigger.get("eventBus") {
        let name = match bus.scalar().filter(|_| bus.tag.is_none()) {
            Some("default") => None,
            Some(arn) if arn.starts_with("arn") => Some(pen.at(bus.span).text(naming::last_part(arn))),
            Some(name) => {
                add_bus(service, stack, pen.at(bus.span), name);
                Some(bus)
            }
            None => Some(bus),
        };
        fields.put_some("EventBusName", name);
    }
    fields.put_some("EventPattern", trigger.get("pattern"));
    fields.put_some("ScheduleExpression", trigger.get("schedule"));
    let physical = trigger.function.full_name.scalar().unwrap_or(trigger.function.name);
    let rule = naming::alphanumeric(&format!("{physical}-rule-{}", trigger.event.position)) + "EventBridgeRule";
    let permission = trigger.function.named(&format!("EventBridgeLambdaPermission{}", trigger.event.position));
    add_rule(stack, trigger, fields, &rule, &permission);
}

/// A bus that is known by its name alone is one of this service.
fn add_bus<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, name: &str) {
    if service.setting("eventBridge.useCloudFormation").is_some_and(|used| matches!(used.value, Value::Bool(false))) {
        return;
    }
    let address = naming::normalized(name) + "EventBridgeEventBus";
    stack.add(&address, "AWS::Events::EventBus", pen.map(&[("Name", pen.text(name))]));
}

/// A rule with the function as its target, and what lets it call.
fn add_rule<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, mut fields: Fields<'t>, address: &str, permission: &str) {
    let pen = trigger.pen;
    let event = trigger.event.value;
    fields.put("State", pen.text(state(trigger)));
    if event.is_map() {
        fields.rename(event, &[("name", "Name"), ("description", "Description")]);
    }
    let mut target = Fields::new(pen);
    target.put("Arn", trigger.target());
    target.put("Id", pen.text(trigger.function.name));
    target.rename(event, &[("input", "Input"), ("inputPath", "InputPath"), ("inputTransformer", "InputTransformer")]);
    target.put_some("DeadLetterConfig", trigger.get("deadLetterQueueArn").map(|arn| pen.map(&[("Arn", arn)])));
    if let Some(retry) = trigger.get("retryPolicy") {
        let mut policy = Fields::new(pen.at(retry.span));
        policy.rename(retry, &[("maximumEventAge", "MaximumEventAgeInSeconds"), ("maximumRetryAttempts", "MaximumRetryAttempts")]);
        target.put("RetryPolicy", policy.done());
    }
    fields.put("Targets", pen.list(&[target.done()]));
    stack.add(address, RULE, fields.done());
    let allowed = pen.map(&[
        ("FunctionName", trigger.target()),
        ("Action", pen.text("lambda:InvokeFunction")),
        ("Principal", pen.text("events.amazonaws.com")),
        ("SourceArn", pen.attribute(address, "Arn")),
    ]);
    stack.add(permission, "AWS::Lambda::Permission", allowed);
}

fn state(trigger: &Trigger<'_, '_>) -> &'static str {
    let off = trigger.get("enabled").is_some() && !is_on(trigger.event.value, "enabled");
    if off { "DISABLED" } else { "ENABLED" }
}
