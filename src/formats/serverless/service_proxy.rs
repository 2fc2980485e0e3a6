//! The plugin serverless-apigateway-service-proxy: methods of the REST API that call a service of the provider themselves.
//!
//! Comes in: `custom.apiGatewayServiceProxies`. Goes out: methods with the roles that they act with, one for each service.
//!
//! <https://github.com/serverless-operations/serverless-apigateway-service-proxy>, read 2026-11-24.

use crate::formats::serverless::pen::{Fields, Pen, at, lines, present, word};
use crate::formats::serverless::rest_api;
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::step_role;
use crate::formats::serverless::variables::Variables;
use crate::source::NoteKind;
use crate::syntax::Node;

/// A service that can be called.
struct Kind {
    name: &'static str,
    role: &'static str,
    /// The setting that names what is called.
    target: &'static str,
}

const KINDS: [Kind; 6] = [
    Kind { name: "dynamodb", role: "ApigatewayToDynamodbRole", target: "tableName" },
    Kind { name: "eventbridge", role: "ApigatewayToEventBridgeRole", target: "eventBusName" },
    Kind { name: "kinesis", role: "ApigatewayToKinesisRole", target: "streamName" },
    Kind { name: "s3", role: "ApigatewayToS3Role", target: "bucket" },
    Kind { name: "sns", role: "ApigatewayToSnsRole", target: "topicName" },
    Kind { name: "sqs", role: "ApigatewayToSqsRole", target: "queueName" },
];

pub(super) fn add_all<'t>(variables: &Variables<'t, '_>, service: &Service<'t>, stack: &mut Stack<'t>) {
    let stated = variables.section("custom").and_then(|custom| at(custom, "apiGatewayServiceProxies"));
    let proxies: Vec<_> = stated.map(|proxies| proxies.items()).unwrap_or_default().iter().flat_map(|proxy| proxy.entries()).collect();
    for entry in proxies.iter().filter(|entry| !KINDS.iter().any(|kind| kind.name == entry.key) || route(entry.value).is_none()) {
        let text = format!("proxy `{}` is not read: it is of an unknown kind, or names no path and method", entry.key);
        variables.sources.note(entry.key_span, NoteKind::Unsupported, text);
    }
    for kind in &KINDS {
        let mut statements = Vec::new();
        for entry in proxies.iter().filter(|entry| entry.key == kind.name) {
            let Some(route) = route(entry.value) else { continue };
            let pen = stack.pen(lines(entry));
            statements.extend(statement(kind, entry.value, pen));
            add_method(service, stack, kind, entry.value, route, pen);
        }
        if let Some(first) = statements.first() {
            let pen = stack.pen(first.span);
            step_role::add_role(stack, pen, kind.role, "apigateway.amazonaws.com", &statements);
        }
    }
}

/// What the role of the plugin's own may do for a proxy that names none.
fn statement<'t>(kind: &Kind, proxy: Node<'t>, pen: Pen<'t>) -> Option<Node<'t>> {
    let target = present(proxy, kind.target).filter(|_| present(proxy, "roleArn").is_none())?;
    let action = word(proxy, "action").unwrap_or_default();
    Some(match kind.name {
        "dynamodb" => pen.allow(&[&format!("dynamodb:{action}")], &[pen.arn("dynamodb", &[pen.text("table/"), target])]),
        "eventbridge" => pen.allow(&["events:PutEvents"], &[pen.arn("events", &[pen.text("event-bus/"), target])]),
        "kinesis" => pen.allow(&["kinesis:PutRecord", "kinesis:PutRecords"], &[pen.arn("kinesis", &[pen.text("stream/"), target])]),
        "s3" => {
            let objects = [pen.text("arn:"), pen.reference("AWS::Partition"), pen.text(":s3:::"), target, pen.text("/*")];
            pen.allow(&[&format!("s3:{action}*")], &[pen.joined(&objects)])
        }
        "sns" => pen.allow(&["sns:Publish"], &[pen.arn("sns", &[target])]),
        _ => pen.allow(&["sqs:SendMessage"], &[pen.arn("sqs", &[target])]),
    })
}

/// Path and method under which a proxy is called.
fn route<'t>(proxy: Node<'t>) -> Option<(&'t str, &'t str)> {
    word(proxy, "path").zip(word(proxy, "method"))
}

fn add_method<'t>(service: &Service<'t>, stack: &mut Stack<'t>, kind: &Kind, proxy: Node<'t>, (path, method): (&str, &str), pen: Pen<'t>) {
    let mut integration = Fields::new(pen);
    integration.put("IntegrationHttpMethod", pen.text(&called_by(kind, proxy)));
    integration.put("Type", pen.text("AWS"));
    integration.put("Credentials", present(proxy, "roleArn").unwrap_or_else(|| pen.attribute(kind.role, "Arn")));
    integration.put("Uri", uri(kind, proxy, pen));
    rest_api::add_other_method(service, stack, pen, proxy, path, method, integration.done());
}

/// Actions are posted; what is done with an object is the method.
fn called_by(kind: &Kind, proxy: Node<'_>) -> String {
    if kind.name == "s3" { word(proxy, "action").unwrap_or_default().trim_end_matches("Object").to_uppercase() } else { "POST".to_owned() }
}

/// What API Gateway calls a service's action, or a path in the service.
fn uri<'t>(kind: &Kind, proxy: Node<'t>, pen: Pen<'t>) -> Node<'t> {
    let target = present(proxy, kind.target).unwrap_or_else(|| pen.text(""));
    let action = word(proxy, "action");
    let head = [pen.text("arn:"), pen.reference("AWS::Partition"), pen.text(":apigateway:"), pen.reference("AWS::Region")];
    let tail = match kind.name {
        "dynamodb" => vec![pen.text(&format!(":dynamodb:action/{}", action.unwrap_or_default()))],
        "eventbridge" => vec![pen.text(":events:action/PutEvents")],
        "kinesis" => vec![pen.text(&format!(":kinesis:action/{}", action.unwrap_or("PutRecord")))],
        "s3" => vec![pen.text(":s3:path/"), target, pen.text("/{object}")],
        "sns" => vec![pen.text(":sns:path//")],
        _ => vec![pen.text(":sqs:path//"), pen.reference("AWS::AccountId"), pen.text("/"), target],
    };
    pen.joined(&[&head[..], &tail].concat())
}
