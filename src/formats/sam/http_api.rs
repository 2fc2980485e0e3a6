//! `AWS::Serverless::HttpApi` and the `HttpApi` events of functions.
//!
//! Comes in: an HTTP API, or events that name none. Goes out: the API with its stage, authorizers and domain, and for each event an
//! `AWS::ApiGatewayV2::Route` with its `AWS::ApiGatewayV2::Integration`. `Body` is only what the user wrote, as with REST APIs.

use crate::formats::sam::Expansion;
use crate::formats::sam::api;
use crate::formats::sam::api_auth;
use crate::formats::sam::api_auth::ApiKind;
use crate::formats::sam::domain;
use crate::formats::sam::event;
use crate::formats::sam::event::Event;
use crate::formats::sam::pen::Fields;
use crate::model::resource::{Property, Resource, Value};
use std::collections::BTreeSet;

const IMPLICIT: &str = "ServerlessHttpApi";
const STAGE_KEYS: &[&str] = &["AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"];
const NOT_API: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "CorsConfiguration",
    "DefaultRouteSettings",
    "DefinitionBody",
    "DefinitionUri",
    "Domain",
    "PropagateTags",
    "RouteSettings",
    "StageName",
    "StageVariables",
    "Tags",
];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    let properties = api_properties(expansion, &api.properties);
    expansion.restate(api, "AWS::ApiGatewayV2::Api", properties);
    add_parts(expansion, api, api.address, &api.properties);
}

/// The API that stands for all events that name none.
pub fn add_implicit<'t>(expansion: &mut Expansion<'t, '_>) {
    let Some((parent, span)) = expansion.implicit_http_api.cause else { return };
    let general = Property { span, ..expansion.implicit_http_api.properties };
    let address = expansion.scoped(IMPLICIT);
    let properties = api_properties(expansion, &general);
    expansion.imply(&parent, address, "AWS::ApiGatewayV2::Api", Property { span, ..properties });
    add_parts(expansion, &parent, address, &general);
}

fn api_properties<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> Property<'t> {
    let pen = expansion.pen(properties.span);
    let mut fields = Fields::of(pen, *properties, NOT_API);
    fields.put("ProtocolType", pen.text("HTTP"));
    api::add_body(expansion, &mut fields, ApiKind::Http, properties);
    if let Some(cors) = properties.get("CorsConfiguration") {
        match cors.value {
            Value::Bool(false) => {}
            Value::Bool(true) => {
                fields.put("CorsConfiguration", pen.at(cors.span).map(&[("AllowOrigins", pen.at(cors.span).texts(&["*"]))]))
            }
            _ => fields.put("CorsConfiguration", *cors),
        }
    }
    fields.put_some("Tags", properties.get("Tags"));
    fields.done()
}

fn add_parts<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, properties: &Property<'t>) {
    let pen = expansion.pen(properties.span);
    let stage_name = properties.get("StageName").filter(|name| name.literal() != Some("$default"));
    let stage = match stage_name {
        None => format!("{address}ApiGatewayDefaultStage"),
        Some(name) => api::stage_address(address, Some(name), "Stage"),
    };
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(address));
    fields.put("StageName", stage_name.copied().unwrap_or_else(|| pen.text("$default")));
    fields.put("AutoDeploy", pen.flag(true));
    fields.copy(properties, STAGE_KEYS);
    expansion.imply(parent, &stage, "AWS::ApiGatewayV2::Stage", fields.done());
    api_auth::add_authorizers(expansion, parent, address, ApiKind::Http, properties.get("Auth"));
    if let Some(domain) = properties.get("Domain") {
        domain::add_to_http_api(expansion, parent, address, &stage, domain);
    }
}

/// `defaults` are the APIs of which the function takes whatever no other route does: that permission covers the others.
pub fn add_function_event<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    event: &Event<'t>,
    defaults: &BTreeSet<Option<&str>>,
) {
    let pen = event.pen;
    let (id, address, properties) = match event.properties.get("ApiId") {
        None => {
            expansion.implicit_http_api.is_caused_by(function, pen);
            let address = expansion.scoped(IMPLICIT);
            (pen.resource(address), Some(address), expansion.implicit_http_api.properties)
        }
        Some(id) => match expansion.named(id).copied() {
            Some(api) => {
                let address = (api.kind == "AWS::Serverless::HttpApi").then_some(api.address);
                (pen.resource(api.address), address, api.properties)
            }
            None => (*id, None, pen.map(&[])),
        },
    };
    if is_default(event) || !defaults.contains(&api_name(event)) {
        let tail = if is_default(event) { pen.text("*") } else { api::source_tail(pen, event) };
        let source = [("SourceArn", pen.arn("execute-api", &[id, pen.text("/*/"), tail]))];
        event::add_permission(expansion, function, &format!("{}Permission", event.address), "apigateway.amazonaws.com", pen, &source);
    }
    if let Some(address) = address.filter(|_| api::definition(expansion, &properties).is_none()) {
        add_route(expansion, function, event, address, &properties);
    }
}

fn add_route<'t>(
    expansion: &mut Expansion<'t, '_>,
    function: &Resource<'t>,
    event: &Event<'t>,
    address: &str,
    api_properties: &Property<'t>,
) {
    let pen = event.pen;
    let integration = format!("{}Integration", event.address);
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(address));
    fields.put("RouteKey", route_key(event));
    fields.put("Target", pen.joined(&[pen.text("integrations/"), pen.resource(&integration)]));
    if api_properties.get("DefinitionUri").is_some() {
        fields.put("AuthorizationType", pen.unknown("the definition of the API is not in the repository"));
    } else {
        api_auth::add_route_auth(&mut fields, event, ApiKind::Http, address, api_properties.get("Auth"));
    }
    expansion.imply(function, event.address, "AWS::ApiGatewayV2::Route", fields.done());
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(address));
    fields.put("IntegrationType", pen.text("AWS_PROXY"));
    fields.put("IntegrationUri", pen.attribute(function.address, "Arn"));
    fields.copy(&event.properties, &["PayloadFormatVersion", "TimeoutInMillis"]);
    expansion.imply(function, &integration, "AWS::ApiGatewayV2::Integration", fields.done());
}

/// The APIs, by name, with an event for whatever no other route takes; `None` is the implicit API.
pub fn apis_with_default_route<'t>(events: &[Event<'t>]) -> BTreeSet<Option<&'t str>> {
    events.iter().filter(|event| is_default(event)).map(api_name).collect()
}

/// The route that takes whatever no other does.
fn is_default(event: &Event<'_>) -> bool {
    event.kind == "HttpApi" && event.properties.get("Path").is_none_or(|path| path.literal() == Some("$default"))
}

fn api_name<'t>(event: &Event<'t>) -> Option<&'t str> {
    let id = event.properties.get("ApiId")?;
    id.reference().map(|reference| reference.address).or_else(|| id.literal())
}

/// `GET /orders`, or `$default` where neither path nor method is given.
fn route_key<'t>(event: &Event<'t>) -> Property<'t> {
    let pen = event.pen;
    let Some(path) = event.properties.get("Path") else { return pen.text("$default") };
    if path.literal() == Some("$default") {
        return *path;
    }
    let verb = api::verb(event).unwrap_or_else(|| "ANY".to_owned());
    pen.joined(&[pen.text(&format!("{verb} ")), *path])
}
