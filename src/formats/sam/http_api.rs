//! `AWS::Serverless::HttpApi` and the `HttpApi` events of functions.
//!
//! Comes in: an HTTP API, or events that name none. Goes out: the API with its stage, authorizers and domain, and for each event an
//! `AWS::ApiGatewayV2::Route` with its `AWS::ApiGatewayV2::Integration`. `Body` is only what the user wrote, as with REST APIs.

use crate::formats::sam::Expansion;
use crate::formats::sam::api;
use crate::formats::sam::api_auth;
use crate::formats::sam::api_auth::ApiKind;
use crate::formats::sam::event;
use crate::formats::sam::event::Event;
use crate::formats::sam::globals;
use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Property, Resource, Value};

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
    let Some((parent, span)) = expansion.implicit_http_api else { return };
    let address = expansion.scoped(IMPLICIT);
    let general = implicit_properties(expansion, expansion.pen(span));
    let properties = api_properties(expansion, &general);
    expansion.imply(&parent, address, "AWS::ApiGatewayV2::Api", Property { span, ..properties });
    add_parts(expansion, &parent, address, &general);
}

fn implicit_properties<'t>(expansion: &Expansion<'t, '_>, pen: Pen<'t>) -> Property<'t> {
    globals::merged(Some(&expansion.globals), "HttpApi", pen.map(&[]), expansion.arena)
}

fn api_properties<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> Property<'t> {
    let pen = expansion.pen(properties.span);
    let mut fields = Fields::of(pen, *properties, NOT_API);
    fields.put("ProtocolType", pen.text("HTTP"));
    match api::definition(expansion, properties) {
        Some(body) => fields.put("Body", api_auth::secured(pen, ApiKind::Http, body, properties.get("Auth"))),
        None => fields.rename(properties, "DefinitionUri", "BodyS3Location"),
    }
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
        add_domain(expansion, parent, address, &stage, domain);
    }
}

pub fn add_domain<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, stage: &str, domain: &Property<'t>) {
    let pen = expansion.pen(domain.span);
    let domain_address = api::domain_address(expansion.scoped("ApiGatewayDomainNameV2"), address, domain);
    let mut configuration = Fields::new(pen);
    configuration.copy(domain, &["CertificateArn", "SecurityPolicy"]);
    configuration.rename(domain, "EndpointConfiguration", "EndpointType");
    let mut fields = Fields::new(pen);
    fields.copy(domain, &["DomainName", "MutualTlsAuthentication"]);
    fields.put("DomainNameConfigurations", pen.list(&[configuration.done()]));
    expansion.imply(parent, &domain_address, "AWS::ApiGatewayV2::DomainName", fields.done());
    for path in api::base_paths(domain) {
        let literal = path.as_ref().and_then(Property::literal).unwrap_or_default();
        let name: String = literal.chars().filter(char::is_ascii_alphanumeric).collect();
        let mut fields = Fields::new(pen);
        fields.put("ApiId", pen.resource(address));
        fields.put("DomainName", pen.resource(&domain_address));
        fields.put("Stage", pen.resource(stage));
        fields.put_some("ApiMappingKey", path.as_ref());
        expansion.imply(parent, &format!("{address}{name}ApiMapping"), "AWS::ApiGatewayV2::ApiMapping", fields.done());
    }
    api::add_record_set(expansion, parent, domain);
}

/// `siblings` are all events of the function: where one of them takes whatever no other route does, its permission covers theirs.
pub fn add_function_event<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>, siblings: &[Event<'t>]) {
    let pen = event.pen;
    let (id, address, properties) = match event.properties.get("ApiId") {
        None => {
            expansion.implicit_http_api.get_or_insert((*function, pen.span()));
            let address = expansion.scoped(IMPLICIT);
            (pen.resource(address), Some(address), implicit_properties(expansion, pen))
        }
        Some(id) => match expansion.named(id).copied() {
            Some(api) => {
                let address = (api.kind == "AWS::Serverless::HttpApi").then_some(api.address);
                (pen.resource(api.address), address, api.properties)
            }
            None => (*id, None, pen.map(&[])),
        },
    };
    let covered = !is_default(event) && siblings.iter().any(|other| is_default(other) && api_name(other) == api_name(event));
    if !covered {
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
        let auth = api_properties.get("Auth");
        api_auth::add_route_auth(&mut fields, pen, ApiKind::Http, address, auth, event.properties.get("Auth"));
    }
    expansion.imply(function, event.address, "AWS::ApiGatewayV2::Route", fields.done());
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(address));
    fields.put("IntegrationType", pen.text("AWS_PROXY"));
    fields.put("IntegrationUri", pen.attribute(function.address, "Arn"));
    fields.copy(&event.properties, &["PayloadFormatVersion", "TimeoutInMillis"]);
    expansion.imply(function, &integration, "AWS::ApiGatewayV2::Integration", fields.done());
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
