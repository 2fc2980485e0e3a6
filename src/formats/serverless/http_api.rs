//! `httpApi` events: the HTTP API that all of them share, its stage, its authorizers, a route for each event.
//!
//! Comes in: the events and `provider.httpApi`. Goes out: resources of the stack. An API that is named by its id is not made.

use crate::formats::serverless::cross_origin;
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_falsy, one_or_many, present, word};
use crate::formats::serverless::rest_api::{Endpoint, invocation, permission};
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

const API: &str = "HttpApi";
/// What `cors: true` allows: <https://www.serverless.com/framework/docs/providers/aws/events/http-api>, read 2026-11-24.
const CORS_HEADERS: [&str; 7] =
    ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent", "X-Amzn-Trace-Id"];

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let triggers: Vec<Trigger<'_, 't>> = service.triggers("httpApi").collect();
    let Some(first) = triggers.first() else { return };
    let settings = service.setting("httpApi");
    let pen = first.pen.at(settings.map_or(first.pen.span(), |settings| settings.span));
    let api = match settings.and_then(|settings| present(settings, "id")) {
        Some(id) => id,
        None => {
            add_api(service, stack, pen, settings, &triggers);
            add_stage(service, stack, pen, settings);
            pen.reference(API)
        }
    };
    add_authorizers(service, stack, settings, api);
    triggers.iter().for_each(|trigger| add_route(service, stack, trigger, api));
}

fn add_api<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, settings: Option<Node<'t>>, triggers: &[Trigger<'_, 't>]) {
    let mut fields = Fields::new(pen);
    fields.put("Name", service.api_name(pen, &[]));
    fields.put("ProtocolType", pen.text("HTTP"));
    if let Some(settings) = settings {
        fields.rename(settings, &[("name", "Name"), ("disableDefaultEndpoint", "DisableExecuteApiEndpoint")]);
        let cors = present(settings, "cors").filter(|cors| !matches!(cors.value, Value::Bool(false)));
        fields.put_some("CorsConfiguration", cors.map(|cors| allowed(pen.at(cors.span), cors, triggers)));
    }
    stack.add(API, "AWS::ApiGatewayV2::Api", fields.done());
}

fn allowed<'t>(pen: Pen<'t>, cors: Node<'t>, triggers: &[Trigger<'_, 't>]) -> Node<'t> {
    let mut methods: Vec<String> = triggers.iter().filter_map(Endpoint::of).map(|endpoint| endpoint.method.to_uppercase()).collect();
    methods.push("OPTIONS".to_owned());
    methods.sort_unstable();
    methods.dedup();
    let methods: Vec<&str> = methods.iter().map(String::as_str).collect();
    cross_origin::configuration(pen, cors, &CORS_HEADERS, &methods)
}

fn add_stage<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, settings: Option<Node<'t>>) {
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.reference(API));
    fields.put("StageName", pen.text("$default"));
    fields.put("AutoDeploy", pen.flag(true));
    let metrics = settings.and_then(|settings| present(settings, "metrics")).unwrap_or_else(|| pen.flag(false));
    fields.put("DefaultRouteSettings", pen.map(&[("DetailedMetricsEnabled", metrics)]));
    if let Some(logs) = service.setting("logs.httpApi").filter(|logs| !matches!(logs.value, Value::Bool(false))) {
        let pen = pen.at(logs.span);
        let name = pen.joined(&[&[pen.text("/aws/http-api/")], &service.prefix[..]].concat());
        stack.add("HttpApiLogGroup", "AWS::Logs::LogGroup", pen.map(&[("LogGroupName", name)]));
        let mut log = Fields::new(pen);
        log.put("DestinationArn", pen.attribute("HttpApiLogGroup", "Arn"));
        log.put_some("Format", present(logs, "format"));
        fields.put("AccessLogSettings", log.done());
    }
    stack.add("HttpApiStage", "AWS::ApiGatewayV2::Stage", fields.done());
}

fn add_authorizers<'t>(service: &Service<'t>, stack: &mut Stack<'t>, settings: Option<Node<'t>>, api: Node<'t>) {
    let Some(authorizers) = settings.and_then(|settings| present(settings, "authorizers")) else { return };
    for entry in authorizers.entries() {
        let stated = entry.value;
        let pen = stack.pen(stated.span);
        let mut fields = Fields::new(pen);
        fields.put("ApiId", api);
        fields.put("Name", pen.text(entry.key));
        let default = || pen.text("$request.header.Authorization");
        let sources = one_or_many(Some(present(stated, "identitySource").unwrap_or_else(default)));
        fields.put("IdentitySource", pen.list(&sources));
        if word(stated, "type") == Some("request") {
            put_function(&mut fields, service, stack, entry.key, stated, api);
        } else {
            fields.put("AuthorizerType", pen.text("JWT"));
            let mut jwt = Fields::new(pen);
            jwt.rename(stated, &[("issuerUrl", "Issuer")]);
            jwt.put("Audience", pen.list(&one_or_many(present(stated, "audience"))));
            fields.put("JwtConfiguration", jwt.done());
        }
        stack.add(&authorizer_id(entry.key), "AWS::ApiGatewayV2::Authorizer", fields.done());
    }
}

/// An authorizer that is a function, and what lets the API call it.
fn put_function<'t>(fields: &mut Fields<'t>, service: &Service<'t>, stack: &mut Stack<'t>, name: &str, stated: Node<'t>, api: Node<'t>) {
    let pen = stack.pen(stated.span);
    let own = word(stated, "functionName").and_then(|name| service.find(name)).map(|function| function.arn(pen));
    let Some(arn) = own.or_else(|| present(stated, "functionArn")) else { return };
    fields.put("AuthorizerType", pen.text("REQUEST"));
    fields.put("AuthorizerUri", invocation(pen, arn));
    fields.rename(
        stated,
        &[
            ("resultTtlInSeconds", "AuthorizerResultTtlInSeconds"),
            ("enableSimpleResponses", "EnableSimpleResponses"),
            ("payloadVersion", "AuthorizerPayloadFormatVersion"),
        ],
    );
    let address = naming::normalized(name) + "LambdaAuthorizerPermissionHttpApi";
    stack.add(&address, "AWS::Lambda::Permission", permission(pen, arn, api, "/*"));
}

fn authorizer_id(name: &str) -> String {
    ["HttpApiAuthorizer", &naming::normalized(name)].concat()
}

fn add_route<'t>(service: &Service<'t>, stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, api: Node<'t>) {
    let Some(endpoint) = Endpoint::of(trigger) else { return };
    let pen = trigger.pen;
    let function = trigger.function;
    stack.add(&function.named("LambdaPermissionHttpApi"), "AWS::Lambda::Permission", permission(pen, trigger.target(), api, "/*"));
    let integration = ["HttpApiIntegration", &function.normalized].concat();
    let called = [
        ("ApiId", api),
        ("IntegrationType", pen.text("AWS_PROXY")),
        ("IntegrationUri", trigger.target()),
        ("PayloadFormatVersion", service.setting("httpApi.payload").unwrap_or_else(|| pen.text("2.0"))),
    ];
    stack.add(&integration, "AWS::ApiGatewayV2::Integration", pen.map(&called));
    let is_default = endpoint.path == "*";
    let method = if endpoint.method == "*" { "ANY".to_owned() } else { endpoint.method.to_uppercase() };
    let key = if is_default { "$default".to_owned() } else { format!("{method} {}", endpoint.path) };
    let mut fields = Fields::new(pen);
    fields.put("ApiId", api);
    fields.put("RouteKey", pen.text(&key));
    fields.put("Target", pen.joined(&[pen.text("integrations/"), pen.reference(&integration)]));
    put_authorization(&mut fields, service, trigger);
    let name = if is_default { "Default".to_owned() } else { naming::path(&key) };
    stack.add(&["HttpApiRoute", &name].concat(), "AWS::ApiGatewayV2::Route", fields.done());
}

fn put_authorization<'t>(fields: &mut Fields<'t>, service: &Service<'t>, trigger: &Trigger<'_, 't>) {
    let Some(stated) = trigger.get("authorizer").filter(|stated| !is_falsy(*stated)) else { return };
    let pen = trigger.pen.at(stated.span);
    let name = stated.scalar().or_else(|| word(stated, "name"));
    let configured = name.and_then(|name| present(service.setting("httpApi.authorizers")?, name));
    let kind = word(stated, "type").or_else(|| word(configured?, "type")).unwrap_or("jwt");
    let id = present(stated, "id").or_else(|| name.map(|name| pen.reference(&authorizer_id(name))));
    match kind {
        "aws_iam" => fields.put("AuthorizationType", pen.text("AWS_IAM")),
        _ => {
            fields.put("AuthorizationType", pen.text(if kind == "request" { "CUSTOM" } else { "JWT" }));
            fields.put_some("AuthorizerId", id);
            fields.put_some("AuthorizationScopes", present(stated, "scopes"));
        }
    }
}
