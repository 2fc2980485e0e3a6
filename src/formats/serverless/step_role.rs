//! The roles of state machines: what a machine may do by what its definition does, and who may start it.
//!
//! Comes in: a definition. Goes out: roles of the stack.

use crate::formats::serverless::pen::{Fields, Pen, at, is_intrinsic, present, word};
use crate::formats::serverless::stack::Stack;
use crate::source::MAX_DEPTH;
use crate::syntax::{Node, Value};

/// Integrations of Step Functions, the parameter that names what they act on, and what must be allowed.
const TASKS: &[(&str, &str, &str)] = &[
    ("lambda:invoke", "FunctionName", "lambda:InvokeFunction"),
    ("sqs:sendMessage", "QueueUrl", "sqs:SendMessage"),
    ("sns:publish", "TopicArn", "sns:Publish"),
    ("dynamodb:getItem", "TableName", "dynamodb:GetItem"),
    ("dynamodb:putItem", "TableName", "dynamodb:PutItem"),
    ("dynamodb:updateItem", "TableName", "dynamodb:UpdateItem"),
    ("dynamodb:deleteItem", "TableName", "dynamodb:DeleteItem"),
    ("states:startExecution", "StateMachineArn", "states:StartExecution"),
];

/// The role that the plugin makes for a machine, with the statements that its settings add.
pub(super) fn add<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, address: &str, definition: Option<Node<'t>>, stated: &[Node<'t>]) {
    let mut statements = Vec::new();
    definition.into_iter().for_each(|definition| collect(pen, definition, &mut statements, MAX_DEPTH));
    statements.extend(stated);
    add_role(stack, pen, address, "states.amazonaws.com", &statements);
}

/// What lets a machine send its log.
pub(super) fn log_delivery(pen: Pen<'_>) -> Node<'_> {
    let actions = ["logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"];
    pen.allow(&actions, &[pen.text("*")])
}

/// A role under which a service starts a machine.
pub(super) fn add_starter<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, address: &str, service: &str, machine: &str) {
    let statement = pen.allow(&["states:StartExecution"], &[pen.reference(machine)]);
    add_role(stack, pen, address, service, &[statement]);
}

pub(super) fn add_role<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, address: &str, service: &str, statements: &[Node<'t>]) {
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", pen.trust(&[service]));
    if !statements.is_empty() {
        let policy = pen.map(&[("PolicyName", pen.text("statemachine")), ("PolicyDocument", pen.document(statements))]);
        fields.put("Policies", pen.list(&[policy]));
    }
    stack.add(address, "AWS::IAM::Role", fields.done());
}

/// What the tasks of a definition need, wherever they stand in it.
fn collect<'t>(pen: Pen<'t>, node: Node<'t>, statements: &mut Vec<Node<'t>>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    if word(node, "Type") == Some("Task") {
        statements.extend(present(node, "Resource").and_then(|resource| statement(pen, node, resource)));
    }
    match node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| collect(pen, entry.value, statements, depth)),
        Value::List(items) => items.iter().for_each(|item| collect(pen, *item, statements, depth)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => {}
    }
}

fn statement<'t>(pen: Pen<'t>, task: Node<'t>, resource: Node<'t>) -> Option<Node<'t>> {
    let pen = pen.at(resource.span);
    let Some(written) = resource.scalar().filter(|_| !is_intrinsic(resource)) else {
        return Some(pen.allow(&["lambda:InvokeFunction"], &[resource]));
    };
    if written.contains(":lambda:") && !written.contains(":states:") {
        return Some(pen.allow(&["lambda:InvokeFunction"], &[resource]));
    }
    let (_, integration) = written.split_once(":states:::")?;
    let (_, parameter, action) =
        TASKS.iter().find(|(name, _, _)| integration.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))?;
    let target = at(task, &["Parameters.", parameter].concat()).or_else(|| at(task, &["Arguments.", parameter].concat()));
    let target = target.map_or_else(|| Some(pen.text("*")), |target| arn(pen, action, target))?;
    Some(pen.allow(&[action], &[target]))
}

/// The ARN of what a parameter names by a reference or by its name; `None` for a queue by its URL, which the definition names itself.
fn arn<'t>(pen: Pen<'t>, action: &str, target: Node<'t>) -> Option<Node<'t>> {
    let id = match (target.tag, target.value) {
        (Some("!Ref"), Value::Text(id)) => Some(id),
        (None, Value::Map([only])) if only.key == "Ref" => only.value.scalar(),
        _ => None,
    };
    let name = target.scalar().filter(|name| target.tag.is_none() && !name.starts_with("arn:"));
    let (service, _) = action.split_once(':').unwrap_or((action, ""));
    match (service, id, name) {
        ("sqs" | "dynamodb" | "lambda", Some(id), _) => Some(pen.attribute(id, "Arn")),
        ("sqs", None, _) => None,
        ("dynamodb", None, Some(name)) => Some(pen.arn("dynamodb", &[pen.text("table/"), pen.text(name)])),
        ("lambda", None, Some(name)) => Some(pen.arn("lambda", &[pen.text("function:"), pen.text(name)])),
        _ => Some(target),
    }
}
