//! `AWS::Serverless::WebSocketApi`: an API with its routes, integrations, stage, authorizer and permissions.

use crate::formats::sam::Expansion;
use crate::formats::sam::api;
use crate::formats::sam::api_auth;
use crate::formats::sam::domain;
use crate::formats::sam::pen::{Fields, Pen, lines};
use crate::model::resource::{Entry, Property, Resource};

const STAGE_KEYS: &[&str] = &["AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"];
const NOT_API: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "DefaultRouteSettings",
    "Domain",
    "PropagateTags",
    "RouteSettings",
    "Routes",
    "StageName",
    "StageVariables",
];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, socket: &Resource<'t>) {
    let properties = socket.properties;
    let pen = expansion.pen(properties.span);
    let mut fields = Fields::of(pen, properties, NOT_API);
    fields.put("ProtocolType", pen.text("WEBSOCKET"));
    expansion.restate(socket, "AWS::ApiGatewayV2::Api", fields.done());
    for route in properties.get("Routes").map_or(&[][..], Property::entries) {
        add_route(expansion, socket, route);
    }
    let stage_name = properties.get("StageName").copied().unwrap_or_else(|| pen.text("default"));
    let stage = match properties.get("StageName") {
        Some(name) => api::stage_address(socket.address, Some(name), "Stage"),
        None => format!("{}DefaultStage", socket.address),
    };
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(socket.address));
    fields.put("StageName", stage_name);
    fields.put("AutoDeploy", pen.flag(true));
    fields.copy(&properties, STAGE_KEYS);
    expansion.imply(socket, &stage, "AWS::ApiGatewayV2::Stage", fields.done());
    add_authorizer(expansion, socket);
    if let Some(domain) = properties.get("Domain") {
        domain::add_to_http_api(expansion, socket, socket.address, &stage, domain);
    }
}

fn add_route<'t>(expansion: &mut Expansion<'t, '_>, socket: &Resource<'t>, route: &Entry<'t>) {
    let pen = expansion.pen(lines(route));
    let base = [socket.address, &capitalised(route.key)].concat();
    let integration = format!("{base}Integration");
    let api_id = ("ApiId", pen.resource(socket.address));
    let function = route.value.get("FunctionArn").copied().unwrap_or_else(|| pen.unknown("the route names no function"));
    let mut fields = Fields::new(pen);
    fields.put(api_id.0, api_id.1);
    fields.put("RouteKey", pen.text(route.key));
    fields.put("Target", pen.joined(&[pen.text("integrations/"), pen.resource(&integration)]));
    fields.copy(&route.value, &["ApiKeyRequired", "RequestModels", "RequestParameters"]);
    if route.key == "$connect" {
        add_connect_auth(&mut fields, pen, socket);
    }
    expansion.imply(socket, &format!("{base}Route"), "AWS::ApiGatewayV2::Route", fields.done());
    let uri = api_auth::invocation_uri(pen, function);
    let properties = pen.map(&[api_id, ("IntegrationType", pen.text("AWS_PROXY")), ("IntegrationUri", uri)]);
    expansion.imply(socket, &integration, "AWS::ApiGatewayV2::Integration", properties);
    let stage = socket.properties.get("StageName").copied().unwrap_or_else(|| pen.text("default"));
    let source = pen.arn("execute-api", &[pen.resource(socket.address), pen.text("/"), stage, pen.text("/"), pen.text(route.key)]);
    add_permission(expansion, socket, &format!("{base}Permission"), pen, function, source);
}

/// Only the connection itself is authorised; what comes later on it is not asked again.
fn add_connect_auth<'t>(fields: &mut Fields<'t>, pen: Pen<'t>, socket: &Resource<'t>) {
    let auth = socket.properties.get("Auth");
    match auth.and_then(|auth| auth.get("AuthType")) {
        Some(kind) => fields.put("AuthorizationType", *kind),
        None => fields.put("AuthorizationType", pen.text("NONE")),
    }
    if auth.is_some_and(|auth| auth.get("AuthArn").is_some()) {
        fields.put("AuthorizerId", pen.resource(&format!("{}ConnectAuthorizer", socket.address)));
    }
}

fn add_authorizer<'t>(expansion: &mut Expansion<'t, '_>, socket: &Resource<'t>) {
    let Some(auth) = socket.properties.get("Auth") else { return };
    let Some(function) = auth.get("AuthArn") else { return };
    let pen = expansion.pen(auth.span);
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(socket.address));
    fields.put("AuthorizerType", pen.text("REQUEST"));
    fields.put("AuthorizerUri", api_auth::invocation_uri(pen, *function));
    fields.rename(auth, "InvokeRole", "AuthorizerCredentialsArn");
    fields.copy(auth, &["IdentitySource", "Name"]);
    expansion.imply(socket, &format!("{}ConnectAuthorizer", socket.address), "AWS::ApiGatewayV2::Authorizer", fields.done());
    if auth.get("InvokeRole").is_none() {
        let source = pen.arn("execute-api", &[pen.resource(socket.address), pen.text("/authorizers/*")]);
        add_permission(expansion, socket, &format!("{}AuthorizerPermission", socket.address), pen, *function, source);
    }
}

fn add_permission<'t>(
    expansion: &mut Expansion<'t, '_>,
    socket: &Resource<'t>,
    address: &str,
    pen: Pen<'t>,
    function: Property<'t>,
    source: Property<'t>,
) {
    let properties = pen.map(&[
        ("Action", pen.text("lambda:InvokeFunction")),
        ("FunctionName", function),
        ("Principal", pen.text("apigateway.amazonaws.com")),
        ("SourceArn", source),
    ]);
    expansion.imply(socket, address, "AWS::Lambda::Permission", properties);
}

/// `$connect` is `Connect`.
fn capitalised(key: &str) -> String {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let lower = plain.to_ascii_lowercase();
    let mut letters = lower.chars();
    letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
