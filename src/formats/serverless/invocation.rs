//! Where asynchronous invocations of a function go on to.
//!
//! Comes in: a function's `destinations` and how often it is tried. Goes out: the configuration, and what the role must be granted for it.

use crate::formats::serverless::pen::{Fields, at, present, word};
use crate::formats::serverless::service::{Function, Service};
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

pub(super) fn add<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let mut config = Fields::new(service.pen(function.span));
    for (setting, property) in [("destinations.onSuccess", "OnSuccess"), ("destinations.onFailure", "OnFailure")] {
        if let Some(target) = at(function.settings, setting) {
            let pen = service.pen(target.span);
            let (arn, action) = destination(service, target);
            stack.imply(function.name, pen.allow(&[action], &[arn]));
            config.put(property, pen.map(&[("Destination", arn)]));
        }
    }
    let limits = [("maximumEventAge", "MaximumEventAgeInSeconds"), ("maximumRetryAttempts", "MaximumRetryAttempts")];
    let limited = limits.iter().any(|(setting, _)| present(function.settings, setting).is_some());
    if config.is_empty() && !limited {
        return;
    }
    let span = present(function.settings, "destinations").map_or(function.span, |destinations| destinations.span);
    let pen = service.pen(span);
    let mut fields = Fields::new(pen);
    fields.put("FunctionName", pen.reference(&function.id));
    fields.put("Qualifier", pen.text("$LATEST"));
    fields.put("DestinationConfig", config.done());
    fields.rename(function.settings, &limits);
    stack.add(&function.named("LambdaEvConf"), "AWS::Lambda::EventInvokeConfig", fields.done());
}

/// The ARN of what is named by an ARN, by a map with its type, or as a function of the service; and what may be done with it.
fn destination<'t>(service: &Service<'t>, target: Node<'t>) -> (Node<'t>, &'static str) {
    if let (Some(arn), Some(kind)) = (present(target, "arn"), word(target, "type")) {
        return (arn, action(kind));
    }
    match target.scalar() {
        Some(arn) if arn.starts_with("arn:") => (target, action(arn.split(':').nth(2).unwrap_or_default())),
        Some(name) => match service.find(name) {
            Some(function) => (function.arn(service.pen(target.span)), "lambda:InvokeFunction"),
            None => (target, "lambda:InvokeFunction"),
        },
        None => (present(target, "arn").unwrap_or(target), "lambda:InvokeFunction"),
    }
}

/// By the framework's word for a destination's type, or by the service in its ARN.
fn action(kind: &str) -> &'static str {
    match kind {
        "sqs" => "sqs:SendMessage",
        "sns" => "sns:Publish",
        "eventBus" | "events" => "events:PutEvents",
        _ => "lambda:InvokeFunction",
    }
}
