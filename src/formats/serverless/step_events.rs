//! What starts state machines of the plugin serverless-step-functions.
//!
//! Comes in: a machine of the file. Goes out: rules, schedules and methods of the API, each with a role that may start it.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, at, lines, one_or_many, present, word};
use crate::formats::serverless::rest_api;
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::step_functions::Machine;
use crate::formats::serverless::step_role;
use crate::formats::serverless::variables::Variables;
use crate::source::NoteKind;
use crate::syntax::Node;

pub(super) fn add_all<'t>(variables: &Variables<'t, '_>, service: &Service<'t>, stack: &mut Stack<'t>, machine: &Machine<'t>) {
    let events = present(machine.settings, "events").map(|events| events.items()).unwrap_or_default();
    let (mut schedules, mut patterns) = (0_usize, 0_usize);
    for event in events.iter().flat_map(|event| event.entries()) {
        let pen = stack.pen(lines(event));
        match event.key {
            "http" => add_route(service, stack, machine, event.value, pen),
            "schedule" => {
                schedules += 1;
                add_schedule(stack, machine, event.value, pen, schedules);
            }
            "cloudwatchEvent" | "eventBridge" => {
                patterns += 1;
                add_pattern(stack, machine, event.value, pen, patterns);
            }
            other => {
                let text = format!("machine `{}` is started by `{other}`, which is not known", machine.name);
                variables.sources.note(event.key_span, NoteKind::Unsupported, text);
            }
        }
    }
}

fn add_schedule<'t>(stack: &mut Stack<'t>, machine: &Machine<'t>, event: Node<'t>, pen: Pen<'t>, number: usize) {
    let normalized = naming::normalized(machine.name);
    let rate = one_or_many(Some(present(event, "rate").unwrap_or(event))).first().copied();
    let is_schedule = word(event, "method") == Some("scheduler");
    let starter = if is_schedule { "scheduler.amazonaws.com" } else { "events.amazonaws.com" };
    let role = role(stack, machine, event, pen, "ScheduleToStepFunctionsRole", starter);
    let mut fields = Fields::new(pen);
    fields.put_some("ScheduleExpression", rate);
    fields.put("State", state(event, pen));
    if is_schedule {
        fields.put("Target", target(machine, event, role, pen));
        stack.add(&format!("{normalized}StepFunctionsSchedulerSchedule{number}"), "AWS::Scheduler::Schedule", fields.done());
    } else {
        fields.put("Targets", pen.list(&[target(machine, event, role, pen)]));
        stack.add(&format!("{normalized}StepFunctionsEventsRuleSchedule{number}"), "AWS::Events::Rule", fields.done());
    }
}

fn add_pattern<'t>(stack: &mut Stack<'t>, machine: &Machine<'t>, event: Node<'t>, pen: Pen<'t>, number: usize) {
    let role = role(stack, machine, event, pen, "EventToStepFunctionsRole", "events.amazonaws.com");
    let mut fields = Fields::new(pen);
    fields.put_some("EventPattern", present(event, "event").or_else(|| present(event, "pattern")));
    fields.put_some("EventBusName", present(event, "eventBusName").or_else(|| at(event, "event.eventBusName")));
    fields.put("State", state(event, pen));
    fields.put("Targets", pen.list(&[target(machine, event, role, pen)]));
    let address = format!("{}EventsRuleCloudWatchEvent{number}", naming::normalized(machine.name));
    stack.add(&address, "AWS::Events::Rule", fields.done());
}

fn state<'t>(event: Node<'t>, pen: Pen<'t>) -> Node<'t> {
    let off = word(event, "enabled").is_some_and(|enabled| enabled != "true");
    pen.text(if off { "DISABLED" } else { "ENABLED" })
}

fn target<'t>(machine: &Machine<'t>, event: Node<'t>, role: Node<'t>, pen: Pen<'t>) -> Node<'t> {
    let mut target = Fields::new(pen);
    target.put("Arn", pen.reference(&machine.id));
    target.put("Id", pen.text(machine.name));
    target.put("RoleArn", role);
    target.rename(event, &[("input", "Input"), ("inputPath", "InputPath"), ("inputTransformer", "InputTransformer")]);
    let dead = present(event, "deadLetterConfig");
    target.put_some("DeadLetterConfig", dead.map(|arn| pen.at(arn.span).map(&[("Arn", arn)])));
    target.done()
}

/// The role under which the machine is started: one that stands elsewhere, or one that is made.
fn role<'t>(stack: &mut Stack<'t>, machine: &Machine<'t>, event: Node<'t>, pen: Pen<'t>, rest: &str, starter: &str) -> Node<'t> {
    match present(event, "iamRole").or_else(|| present(event, "role")) {
        Some(role) => role,
        None => {
            let role = naming::normalized(machine.name) + rest;
            step_role::add_starter(stack, pen, &role, starter, &machine.id);
            pen.attribute(&role, "Arn")
        }
    }
}

/// A method of the REST API that starts the machine.
fn add_route<'t>(service: &Service<'t>, stack: &mut Stack<'t>, machine: &Machine<'t>, event: Node<'t>, pen: Pen<'t>) {
    let short = event.scalar().and_then(|short| short.split_once(' '));
    let (Some(method), Some(path)) =
        (word(event, "method").or(short.map(|(method, _)| method)), word(event, "path").or(short.map(|(_, path)| path)))
    else {
        return;
    };
    let role = match present(event, "iamRole") {
        Some(role) => role,
        None => {
            step_role::add_starter(stack, pen, "ApigatewayToStepFunctionsRole", "apigateway.amazonaws.com", &machine.id);
            pen.attribute("ApigatewayToStepFunctionsRole", "Arn")
        }
    };
    let uri = [
        pen.text("arn:"),
        pen.reference("AWS::Partition"),
        pen.text(":apigateway:"),
        pen.reference("AWS::Region"),
        pen.text(":states:action/"),
        present(event, "action").unwrap_or_else(|| pen.text("StartExecution")),
    ];
    let input = pen.map(&[("Fn::Sub", pen.text(&format!("{{\"stateMachineArn\": \"${{{}}}\"}}", machine.id)))]);
    let integration = pen.map(&[
        ("IntegrationHttpMethod", pen.text("POST")),
        ("Type", pen.text("AWS")),
        ("Credentials", role),
        ("Uri", pen.joined(&uri)),
        ("RequestTemplates", pen.map(&[("application/json", input)])),
    ]);
    rest_api::add_other_method(service, stack, pen, event, path, method, integration);
}
