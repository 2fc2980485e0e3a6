//! `websocket` events: the WebSocket API that all of them share, its stage, its authorizer, a route for each event.
//!
//! Comes in: the events. Goes out: resources of the stack, and what lets functions answer over the connections.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, is_falsy, present, word};
use crate::formats::serverless::rest_api::{invocation, permission};
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

const API: &str = "WebsocketsApi";

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let triggers: Vec<Trigger<'_, 't>> = service.triggers("websocket").collect();
    let Some(first) = triggers.first() else { return };
    let pen = first.pen;
    let api = match service.setting("apiGateway.websocketApiId") {
        Some(id) => id,
        None => {
            add_api(service, stack, first);
            pen.reference(API)
        }
    };
    triggers.iter().for_each(|trigger| add_route(service, stack, trigger, api));
    if service.setting("apiGateway.websocketApiId").is_none() {
        add_stage(service, stack, first);
    }
    let mut called: Vec<&str> = triggers.iter().map(|trigger| trigger.function.name).collect();
    called.dedup();
    for name in called {
        let connections = pen.arn("execute-api", &[api, pen.text("/*/@connections/*")]);
        if let Some(function) = service.find(name) {
            stack.imply(function.name, pen.allow(&["execute-api:ManageConnections"], &[connections]));
        }
    }
}

fn add_api<'t>(service: &Service<'t>, stack: &mut Stack<'t>, first: &Trigger<'_, 't>) {
    let pen = first.pen;
    let mut fields = Fields::new(pen);
    fields.put("Name", service.setting("websocketsApiName").unwrap_or_else(|| service.api_name(pen, &[pen.text("-websockets")])));
    let selection = service.setting("websocketsApiRouteSelectionExpression");
    fields.put("RouteSelectionExpression", selection.unwrap_or_else(|| pen.text("$request.body.action")));
    fields.put("ProtocolType", pen.text("WEBSOCKET"));
    fields.put_some("DisableExecuteApiEndpoint", service.setting("apiGateway.websocketDisableDefaultEndpoint"));
    stack.add(API, "AWS::ApiGatewayV2::Api", fields.done());
}

fn add_stage<'t>(service: &Service<'t>, stack: &mut Stack<'t>, first: &Trigger<'_, 't>) {
    let pen = first.pen;
    stack.add("WebsocketsDeployment", "AWS::ApiGatewayV2::Deployment", pen.map(&[("ApiId", pen.reference(API))]));
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.reference(API));
    fields.put("DeploymentId", pen.reference("WebsocketsDeployment"));
    fields.put("StageName", service.stage);
    if let Some(logs) = service.setting("logs.websocket").filter(|logs| !matches!(logs.value, Value::Bool(false))) {
        let pen = pen.at(logs.span);
        let name = pen.joined(&[&[pen.text("/aws/websocket/")], &service.prefix[..]].concat());
        stack.add("WebsocketsLogGroup", "AWS::Logs::LogGroup", pen.map(&[("LogGroupName", name)]));
        fields.put("AccessLogSettings", pen.map(&[("DestinationArn", pen.attribute("WebsocketsLogGroup", "Arn"))]));
    }
    stack.add("WebsocketsDeploymentStage", "AWS::ApiGatewayV2::Stage", fields.done());
}

fn add_route<'t>(service: &Service<'t>, stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, api: Node<'t>) {
    let pen = trigger.pen;
    let function = trigger.function;
    let Some(route) = trigger.event.value.scalar().or_else(|| word(trigger.event.value, "route")) else { return };
    let integration = function.named("WebsocketsIntegration");
    let called = [("ApiId", api), ("IntegrationType", pen.text("AWS_PROXY")), ("IntegrationUri", invocation(pen, trigger.target()))];
    stack.add(&integration, "AWS::ApiGatewayV2::Integration", pen.map(&called));
    let allowed = permission(pen, trigger.target(), api, "/*/*");
    stack.add(&function.named("LambdaPermissionWebsockets"), "AWS::Lambda::Permission", allowed);
    let mut fields = Fields::new(pen);
    fields.put("ApiId", api);
    fields.put("RouteKey", pen.text(route));
    fields.put("Target", pen.joined(&[pen.text("integrations/"), pen.reference(&integration)]));
    put_authorization(&mut fields, service, stack, trigger, api);
    let address = naming::socket_route(route) + "WebsocketsRoute";
    stack.add(&address, "AWS::ApiGatewayV2::Route", fields.done());
    if trigger.get("routeResponseSelectionExpression").is_some() {
        let properties = [("ApiId", api), ("RouteId", pen.reference(&address)), ("RouteResponseKey", pen.text("$default"))];
        stack.add(&[&address, "Response"].concat(), "AWS::ApiGatewayV2::RouteResponse", pen.map(&properties));
    }
}

fn put_authorization<'t>(fields: &mut Fields<'t>, service: &Service<'t>, stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, api: Node<'t>) {
    let Some(stated) = trigger.get("authorizer").filter(|stated| !is_falsy(*stated)) else {
        fields.put("AuthorizationType", trigger.pen.text("NONE"));
        return;
    };
    let pen = trigger.pen.at(stated.span);
    let short = stated.scalar();
    if short.is_some_and(|short| short.eq_ignore_ascii_case("aws_iam")) {
        fields.put("AuthorizationType", pen.text("AWS_IAM"));
        return;
    }
    let arn = if stated.is_map() {
        present(stated, "arn")
    } else {
        Some(stated).filter(|_| short.is_some_and(|short| short.starts_with("arn:")))
    };
    let name = word(stated, "name").or(short).unwrap_or("authorizer");
    let name = if arn.is_some() { naming::last_part(name) } else { name };
    let target = arn.unwrap_or_else(|| pen.attribute(&naming::function(name), "Arn"));
    let address = naming::normalized(name) + "WebsocketsAuthorizer";
    let default = || pen.list(&[pen.text("route.request.header.Auth")]);
    let mut authorizer = Fields::new(pen);
    authorizer.put("ApiId", api);
    authorizer.put("Name", pen.text(name));
    authorizer.put("AuthorizerType", pen.text("REQUEST"));
    authorizer.put("AuthorizerUri", invocation(pen, target));
    authorizer.put("IdentitySource", present(stated, "identitySource").unwrap_or_else(default));
    stack.add(&address, "AWS::ApiGatewayV2::Authorizer", authorizer.done());
    if let Some(function) = service.find(name) {
        let allowed = permission(pen, function.arn(pen), api, "/*/*");
        stack.add(&function.named("LambdaPermissionWebsockets"), "AWS::Lambda::Permission", allowed);
    }
    fields.put("AuthorizationType", pen.text("CUSTOM"));
    fields.put("AuthorizerId", pen.reference(&address));
}
