//! `http` events: the REST API that all of them share, a resource for each part of each path, a method for each event.
//!
//! Comes in: the events and `provider.apiGateway`. Goes out: resources of the stack. An API that is named by its id is not made.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, one_or_many, present, word};
use crate::formats::serverless::rest_authorizer;
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};
use std::collections::BTreeMap;

const API: &str = "ApiGatewayRestApi";

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let triggers: Vec<Trigger<'_, 't>> = service.triggers("http").collect();
    let Some(first) = triggers.first() else { return };
    let api = api(service, stack, first.pen);
    let mut preflights: BTreeMap<String, (Pen<'t>, Vec<String>, Node<'t>)> = BTreeMap::new();
    for trigger in &triggers {
        let Some(endpoint) = Endpoint::of(trigger) else { continue };
        let resource = add_resources(service, stack, trigger.pen, api, endpoint.path);
        add_method(service, stack, trigger, &endpoint, api, resource);
        if let Some(cors) = trigger.get("cors").filter(|cors| !matches!(cors.value, Value::Bool(false))) {
            let entry = preflights.entry(endpoint.path.to_owned()).or_insert((trigger.pen.at(cors.span), Vec::new(), cors));
            entry.1.push(endpoint.method.to_uppercase());
        }
    }
    for (path, (pen, methods, cors)) in &preflights {
        add_preflight(service, stack, *pen, api, path, methods, *cors);
    }
    add_permissions(stack, &triggers, api);
    let stage = service.stage;
    let pen = first.pen;
    stack.add("ApiGatewayDeployment", "AWS::ApiGateway::Deployment", pen.map(&[("RestApiId", api), ("StageName", stage)]));
    add_stage(service, stack, pen, api);
    add_keys(service, stack, pen, api);
}

/// The path and the method of an event, whichever way it is written.
pub(super) struct Endpoint<'t> {
    pub(super) path: &'t str,
    pub(super) method: &'t str,
}

impl<'t> Endpoint<'t> {
    pub(super) fn of(trigger: &Trigger<'_, 't>) -> Option<Self> {
        let (method, path) = match trigger.event.value.scalar() {
            Some(short) => {
                let mut words = short.split_whitespace();
                match (words.next()?, words.next()) {
                    (path @ "*", None) => ("*", path),
                    (method, Some(path)) => (method, path),
                    (path, None) => ("*", path),
                }
            }
            None => (word(trigger.event.value, "method").unwrap_or("*"), word(trigger.event.value, "path")?),
        };
        Some(Self { path, method })
    }
}

/// What stands for the API: its id in another stack, or the one that is made here.
fn api<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) -> Node<'t> {
    if let Some(id) = service.setting("apiGateway.restApiId") {
        return id;
    }
    let mut fields = Fields::new(pen);
    let name = service.setting("apiName").unwrap_or_else(|| service.api_name(pen, &[]));
    fields.put("Name", name);
    let kind = service.setting("endpointType").and_then(|kind| kind.scalar()).unwrap_or("EDGE").to_uppercase();
    let mut endpoint = Fields::new(pen);
    endpoint.put("Types", pen.texts(&[&kind]));
    endpoint.put_some("VpcEndpointIds", service.setting("vpcEndpointIds"));
    fields.put("EndpointConfiguration", endpoint.done());
    if let Some(statements) = service.setting("apiGateway.resourcePolicy").or_else(|| service.setting("resourcePolicy")) {
        let pen = pen.at(statements.span);
        fields.put("Policy", pen.document(&one_or_many(Some(statements))));
    }
    let names = [
        ("description", "Description"),
        ("apiKeySourceType", "ApiKeySourceType"),
        ("binaryMediaTypes", "BinaryMediaTypes"),
        ("disableDefaultEndpoint", "DisableExecuteApiEndpoint"),
        ("minimumCompressionSize", "MinimumCompressionSize"),
    ];
    service.setting("apiGateway").into_iter().for_each(|settings| fields.rename(settings, &names));
    stack.add(API, "AWS::ApiGateway::RestApi", fields.done());
    pen.reference(API)
}

/// A resource for each part of the path that is not there yet; gives the last one's id.
fn add_resources<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, api: Node<'t>, path: &str) -> Node<'t> {
    let shared = service.setting("apiGateway.restApiRootResourceId");
    let mut parent = shared.unwrap_or_else(|| pen.attribute(API, "RootResourceId"));
    let known = service.setting("apiGateway.restApiResources");
    let mut walked = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        if !walked.is_empty() {
            walked.push('/');
        }
        walked.push_str(part);
        if let Some(id) = known.and_then(|known| present(known, &walked).or_else(|| present(known, &["/", &walked].concat()))) {
            parent = id;
            continue;
        }
        let address = ["ApiGatewayResource", &naming::path(&walked)].concat();
        let properties = pen.map(&[("ParentId", parent), ("PathPart", pen.text(part)), ("RestApiId", api)]);
        stack.add(&address, "AWS::ApiGateway::Resource", properties);
        parent = pen.reference(&address);
    }
    parent
}

fn add_method<'t>(
    service: &Service<'t>,
    stack: &mut Stack<'t>,
    trigger: &Trigger<'_, 't>,
    endpoint: &Endpoint<'t>,
    api: Node<'t>,
    resource: Node<'t>,
) {
    let pen = trigger.pen;
    let method = if endpoint.method == "*" { "ANY" } else { endpoint.method };
    let mut fields = Fields::new(pen);
    fields.put("HttpMethod", pen.text(&method.to_uppercase()));
    fields.put("ResourceId", resource);
    fields.put("RestApiId", api);
    fields.put("ApiKeyRequired", pen.flag(is_on(trigger.event.value, "private")));
    rest_authorizer::put(&mut fields, service, stack, trigger.get("authorizer"), pen, api);
    fields.put("Integration", integration(trigger));
    if trigger.get("request").is_some_and(|request| present(request, "schemas").or_else(|| present(request, "schema")).is_some()) {
        fields.put("RequestValidatorId", pen.reference(&validator(service, stack, pen, api)));
    }
    let address = method_id(endpoint.path, method);
    stack.add(&address, "AWS::ApiGateway::Method", fields.done());
}

fn method_id(path: &str, method: &str) -> String {
    ["ApiGatewayMethod", &naming::path(path), &naming::method(method)].concat()
}

fn validator<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, api: Node<'t>) -> String {
    let name = naming::alphanumeric(service.prefix[0].scalar().unwrap_or_default());
    let address = format!("ApiGateway{name}RequestValidator");
    let both = [("RestApiId", api), ("ValidateRequestBody", pen.flag(true)), ("ValidateRequestParameters", pen.flag(true))];
    stack.add(&address, "AWS::ApiGateway::RequestValidator", pen.map(&both));
    address
}

/// What the method calls: the function, unless the event says that it is something else.
fn integration<'t>(trigger: &Trigger<'_, 't>) -> Node<'t> {
    let pen = trigger.pen;
    let kind = trigger.get("integration").and_then(|kind| kind.scalar()).unwrap_or("lambda-proxy").to_lowercase();
    let request = trigger.get("request");
    let of_request = |key: &str| request.and_then(|request| present(request, key));
    let mut fields = Fields::new(pen);
    fields.put("IntegrationHttpMethod", pen.text("POST"));
    match kind.as_str() {
        "mock" => fields.put("Type", pen.text("MOCK")),
        "http" | "http-proxy" | "http_proxy" => {
            fields.put("Type", pen.text(if kind == "http" { "HTTP" } else { "HTTP_PROXY" }));
            fields.put_some("Uri", of_request("uri"));
            let method = of_request("method").or_else(|| trigger.get("method"));
            fields.put_some(
                "IntegrationHttpMethod",
                method.and_then(|method| method.scalar()).map(|method| pen.text(&method.to_uppercase())),
            );
        }
        "lambda" | "aws" => {
            fields.put("Type", pen.text("AWS"));
            fields.put("Uri", invocation(pen, trigger.target()));
        }
        _ => {
            fields.put("Type", pen.text("AWS_PROXY"));
            fields.put("Uri", invocation(pen, trigger.target()));
        }
    }
    if let Some(link) = trigger.get("connectionId") {
        fields.put("ConnectionType", trigger.get("connectionType").unwrap_or_else(|| pen.text("VPC_LINK")));
        fields.put("ConnectionId", link);
    }
    fields.done()
}

/// The URI by which API Gateway calls a function.
pub(super) fn invocation<'t>(pen: Pen<'t>, function: Node<'t>) -> Node<'t> {
    let head = [pen.text("arn:"), pen.reference("AWS::Partition"), pen.text(":apigateway:"), pen.reference("AWS::Region")];
    let tail = [pen.text(":lambda:path/2015-03-31/functions/"), function, pen.text("/invocations")];
    pen.joined(&[&head[..], &tail].concat())
}

/// `OPTIONS` of a path whose events allow calls from other origins.
fn add_preflight<'t>(
    service: &Service<'t>,
    stack: &mut Stack<'t>,
    pen: Pen<'t>,
    api: Node<'t>,
    path: &str,
    methods: &[String],
    cors: Node<'t>,
) {
    let resource = add_resources(service, stack, pen, api, path);
    let origins = present(cors, "origins").or_else(|| present(cors, "origin"));
    let origin = one_or_many(origins).first().and_then(Node::scalar).unwrap_or("*").to_owned();
    let mut allowed: Vec<&str> = vec!["OPTIONS"];
    allowed.extend(methods.iter().map(String::as_str));
    let quoted = |text: &str| pen.text(&format!("'{text}'"));
    let mut parameters = Fields::new(pen);
    parameters.put("method.response.header.Access-Control-Allow-Origin", quoted(&origin));
    parameters.put("method.response.header.Access-Control-Allow-Methods", quoted(&allowed.join(",")));
    if is_on(cors, "allowCredentials") {
        parameters.put("method.response.header.Access-Control-Allow-Credentials", quoted("true"));
    }
    let response = pen.map(&[("StatusCode", pen.text("200")), ("ResponseParameters", parameters.done())]);
    let mock = pen.map(&[("Type", pen.text("MOCK")), ("IntegrationResponses", pen.list(&[response]))]);
    let properties = [
        ("AuthorizationType", pen.text("NONE")),
        ("HttpMethod", pen.text("OPTIONS")),
        ("Integration", mock),
        ("ResourceId", resource),
        ("RestApiId", api),
    ];
    stack.add(&method_id(path, "options"), "AWS::ApiGateway::Method", pen.map(&properties));
}

fn add_permissions<'t>(stack: &mut Stack<'t>, triggers: &[Trigger<'_, 't>], api: Node<'t>) {
    for trigger in triggers {
        let kind = trigger.get("integration").and_then(|kind| kind.scalar()).unwrap_or("lambda-proxy").to_lowercase();
        if matches!(kind.as_str(), "mock" | "http" | "http-proxy" | "http_proxy") {
            continue;
        }
        let address = trigger.function.named("LambdaPermissionApiGateway");
        stack.add(&address, "AWS::Lambda::Permission", permission(trigger.pen, trigger.target(), api, "/*/*"));
    }
}

/// What lets an API call a function.
pub(super) fn permission<'t>(pen: Pen<'t>, function: Node<'t>, api: Node<'t>, rest: &str) -> Node<'t> {
    pen.map(&[
        ("FunctionName", function),
        ("Action", pen.text("lambda:InvokeFunction")),
        ("Principal", pen.text("apigateway.amazonaws.com")),
        ("SourceArn", pen.arn("execute-api", &[api, pen.text(rest)])),
    ])
}

/// Settings of a stage need the stage as a resource of its own.
fn add_stage<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, api: Node<'t>) {
    let logs = service.setting("logs.restApi").filter(|logs| !matches!(logs.value, Value::Bool(false)));
    let tracing = service.setting("tracing.apiGateway").filter(|tracing| !matches!(tracing.value, Value::Bool(false)));
    if logs.is_none() && tracing.is_none() {
        return;
    }
    let mut fields = Fields::new(pen);
    fields.put("RestApiId", api);
    fields.put("DeploymentId", pen.reference("ApiGatewayDeployment"));
    fields.put("StageName", service.stage);
    fields.put_some("TracingEnabled", tracing.map(|tracing| pen.at(tracing.span).flag(true)));
    if let Some(logs) = logs {
        put_logs(&mut fields, service, stack, pen.at(logs.span), logs);
    }
    stack.add("ApiGatewayStage", "AWS::ApiGateway::Stage", fields.done());
}

fn put_logs<'t>(fields: &mut Fields<'t>, service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, logs: Node<'t>) {
    let is_off = |key: &str| present(logs, key).is_some_and(|value| matches!(value.value, Value::Bool(false)));
    if !is_off("accessLogging") {
        let name = pen.joined(&[&[pen.text("/aws/api-gateway/")], &service.prefix[..]].concat());
        let group = pen.map(&[("LogGroupName", name)]);
        stack.add("ApiGatewayLogGroup", "AWS::Logs::LogGroup", group);
        let mut settings = Fields::new(pen);
        settings.put("DestinationArn", pen.attribute("ApiGatewayLogGroup", "Arn"));
        settings.put_some("Format", present(logs, "format"));
        fields.put("AccessLogSetting", settings.done());
    }
    if !is_off("executionLogging") {
        let level = present(logs, "level").unwrap_or_else(|| pen.text("INFO"));
        let setting = pen.map(&[
            ("HttpMethod", pen.text("*")),
            ("ResourcePath", pen.text("/*")),
            ("LoggingLevel", level),
            ("DataTraceEnabled", pen.flag(!is_off("fullExecutionData"))),
        ]);
        fields.put("MethodSettings", pen.list(&[setting]));
    }
}

/// API keys and the plan that they are of.
fn add_keys<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, api: Node<'t>) {
    let keys = service.setting("apiGateway.apiKeys").or_else(|| service.setting("apiKeys"));
    let plan = service.setting("apiGateway.usagePlan").or_else(|| service.setting("usagePlan"));
    let Some(stated) = keys.or(plan) else { return };
    let pen = pen.at(stated.span);
    for (index, key) in one_or_many(keys).into_iter().enumerate() {
        let mut fields = Fields::new(pen.at(key.span));
        fields.put("Enabled", pen.flag(true));
        if key.is_map() {
            fields.rename(key, &[("name", "Name")])
        } else {
            fields.put("Name", key)
        }
        let number = index + 1;
        stack.add(&format!("ApiGatewayApiKey{number}"), "AWS::ApiGateway::ApiKey", fields.done());
    }
    let stage = pen.map(&[("ApiId", api), ("Stage", service.stage)]);
    let mut fields = Fields::new(pen);
    fields.put("ApiStages", pen.list(&[stage]));
    if let Some(throttle) = plan.and_then(|plan| present(plan, "throttle")) {
        let mut limits = Fields::new(pen.at(throttle.span));
        limits.rename(throttle, &[("burstLimit", "BurstLimit"), ("rateLimit", "RateLimit")]);
        fields.put("Throttle", limits.done());
    }
    if let Some(quota) = plan.and_then(|plan| present(plan, "quota")) {
        let mut limits = Fields::new(pen.at(quota.span));
        limits.rename(quota, &[("limit", "Limit"), ("offset", "Offset"), ("period", "Period")]);
        fields.put("Quota", limits.done());
    }
    stack.add("ApiGatewayUsagePlan", "AWS::ApiGateway::UsagePlan", fields.done());
}

/// A method that calls something else than a function, with what it calls.
pub(super) fn add_other_method<'t>(
    service: &Service<'t>,
    stack: &mut Stack<'t>,
    pen: Pen<'t>,
    event: Node<'t>,
    path: &str,
    method: &str,
    integration: Node<'t>,
) {
    let api = api(service, stack, pen);
    let resource = add_resources(service, stack, pen, api, path);
    let mut fields = Fields::new(pen);
    fields.put("HttpMethod", pen.text(&method.to_uppercase()));
    fields.put("ResourceId", resource);
    fields.put("RestApiId", api);
    fields.put("ApiKeyRequired", pen.flag(is_on(event, "private")));
    rest_authorizer::put(&mut fields, service, stack, present(event, "authorizer"), pen, api);
    let stated =
        [("authorizationType", "AuthorizationType"), ("authorizerId", "AuthorizerId"), ("authorizationScopes", "AuthorizationScopes")];
    fields.rename(event, &stated);
    fields.put("Integration", integration);
    stack.add(&method_id(path, method), "AWS::ApiGateway::Method", fields.done());
    let deployed = pen.map(&[("RestApiId", api), ("StageName", service.stage)]);
    stack.add("ApiGatewayDeployment", "AWS::ApiGateway::Deployment", deployed);
}
