//! `AWS::Serverless::Api` and the `Api` events of functions and state machines.
//!
//! Comes in: a REST API, or events that name none. Goes out: the API with its deployment, stage, authorizers, usage plan and domain, and for
//! each event an `AWS::ApiGateway::Method`. The translator writes such routes into an OpenAPI body instead; here `Body` is only what the
//! user wrote, so that a route stands once. Beside CloudFormation's properties a method has its `Path` and `RequestValidator`, and `Cors` is
//! `CorsConfiguration` as HTTP APIs have it.

use crate::formats::sam::Expansion;
use crate::formats::sam::api_auth;
use crate::formats::sam::api_auth::ApiKind;
use crate::formats::sam::domain;
use crate::formats::sam::event;
use crate::formats::sam::event::Event;
use crate::formats::sam::function;
use crate::formats::sam::pen::{Fields, Pen, entry_span};
use crate::formats::sam::rule;
use crate::formats::sam::rule::Target;
use crate::model::resource::{Property, Resource, Value};
use crate::source::NoteKind;

const IMPLICIT: &str = "ServerlessRestApi";
const STAGE_KEYS: &[&str] = &[
    "AccessLogSetting",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "MethodSettings",
    "StageName",
    "TracingEnabled",
    "Variables",
];
const NOT_API: &[&str] = &[
    "AccessLogSetting",
    "AlwaysDeploy",
    "Auth",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "Cors",
    "DefinitionBody",
    "DefinitionUri",
    "Domain",
    "EndpointConfiguration",
    "GatewayResponses",
    "MergeDefinitions",
    "MethodSettings",
    "OpenApiVersion",
    "PropagateTags",
    "StageName",
    "Tags",
    "TracingEnabled",
    "Variables",
];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, api: &Resource<'t>) {
    let properties = api_properties(expansion, &api.properties);
    expansion.restate(api, "AWS::ApiGateway::RestApi", properties);
    add_parts(expansion, api, api.address, &api.properties);
}

/// The API that stands for all events that name none.
pub fn add_implicit<'t>(expansion: &mut Expansion<'t, '_>) {
    let Some((parent, span)) = expansion.implicit_rest_api.cause else { return };
    let address = expansion.scoped(IMPLICIT);
    let pen = expansion.pen(span);
    let mut general = Fields::of(pen, expansion.implicit_rest_api.properties, &[]);
    general.put("StageName", pen.text("Prod"));
    let general = Property { span, ..general.done() };
    let properties = api_properties(expansion, &general);
    expansion.imply(&parent, address, "AWS::ApiGateway::RestApi", Property { span, ..properties });
    add_parts(expansion, &parent, address, &general);
}

fn api_properties<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> Property<'t> {
    let pen = expansion.pen(properties.span);
    let auth = properties.get("Auth");
    let mut fields = Fields::of(pen, *properties, NOT_API);
    if let Some(endpoint) = properties.get("EndpointConfiguration") {
        fields.put("EndpointConfiguration", endpoint_configuration(pen.at(endpoint.span), endpoint));
    }
    add_body(expansion, &mut fields, ApiKind::Rest, properties);
    if let Some(policy) = auth.and_then(|auth| auth.get("ResourcePolicy")) {
        fields.put("Policy", api_auth::resource_policy(pen, policy));
    }
    fields.put_some("CorsConfiguration", properties.get("Cors").map(|cors| cors_configuration(pen.at(cors.span), cors)).as_ref());
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    fields.done()
}

/// `Cors` is an origin or a map; its texts bear the quotes of a mapping template.
fn cors_configuration<'t>(pen: Pen<'t>, cors: &Property<'t>) -> Property<'t> {
    let unquoted = |property: &Property<'t>| match property.value {
        Value::Text(text) => Property { value: Value::Text(text.trim_matches('\'')), span: property.span },
        _ => *property,
    };
    let mut fields = Fields::new(pen);
    let origin = if matches!(cors.value, Value::Map(_)) { cors.get("AllowOrigin") } else { Some(cors) };
    if let Some(origin) = origin {
        fields.put("AllowOrigins", pen.at(origin.span).list(&[unquoted(origin)]));
    }
    fields.copy(cors, &["AllowCredentials"]);
    fields.done()
}

/// The user's definition as the API has it. `Auth` is written into an inline definition only; with a file the transform refuses it.
pub fn add_body<'t>(expansion: &Expansion<'t, '_>, fields: &mut Fields<'t>, kind: ApiKind, properties: &Property<'t>) {
    let auth = properties.get("Auth");
    match (definition(expansion, properties), auth) {
        (Some(body), auth) if properties.get("DefinitionBody").is_some() => {
            fields.put("Body", api_auth::secured(expansion.pen(properties.span), kind, body, auth));
        }
        (Some(body), auth) => {
            if let Some(auth) = auth {
                let text = "Auth has no effect on a definition that lies in a file".to_owned();
                expansion.note(auth.span, NoteKind::Inconsistent, text);
            }
            fields.put("Body", body);
        }
        (None, _) => fields.rename(properties, "DefinitionUri", "BodyS3Location"),
    }
}

/// The user's own OpenAPI definition, inline or in a file of the repository.
pub fn definition<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> Option<Property<'t>> {
    match (properties.get("DefinitionBody"), properties.get("DefinitionUri")) {
        (Some(body), _) => Some(*body),
        (None, Some(uri)) => expansion.siblings.find(uri),
        (None, None) => None,
    }
}

fn endpoint_configuration<'t>(pen: Pen<'t>, endpoint: &Property<'t>) -> Property<'t> {
    match endpoint.value {
        Value::Map(_) => {
            let mut fields = Fields::of(pen, *endpoint, &["Type", "VPCEndpointIds"]);
            fields.rename(endpoint, "VPCEndpointIds", "VpcEndpointIds");
            fields.put_some("Types", endpoint.get("Type").map(|kind| pen.list(&[*kind])).as_ref());
            fields.done()
        }
        _ => pen.map(&[("Types", pen.list(&[*endpoint]))]),
    }
}

fn add_parts<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, properties: &Property<'t>) {
    let pen = expansion.pen(properties.span);
    let api = ("RestApiId", pen.resource(address));
    let deployment = format!("{address}Deployment");
    expansion.imply(parent, &deployment, "AWS::ApiGateway::Deployment", pen.map(&[api]));
    let stage = stage_address(address, properties.get("StageName"), "Stage");
    let mut fields = Fields::new(pen);
    fields.put(api.0, api.1);
    fields.put("DeploymentId", pen.resource(&deployment));
    fields.copy(properties, STAGE_KEYS);
    expansion.imply(parent, &stage, "AWS::ApiGateway::Stage", fields.done());
    let auth = properties.get("Auth");
    api_auth::add_authorizers(expansion, parent, address, ApiKind::Rest, auth);
    if let Some(plan) = auth.and_then(|auth| auth.get("UsagePlan")) {
        add_usage_plan(expansion, parent, address, &stage, plan);
    }
    if let Some(domain) = properties.get("Domain") {
        domain::add_to_rest_api(expansion, parent, address, &stage, domain);
    }
}

/// `<api><name>Stage`, or `otherwise` behind the API's name where the stage's name makes no logical id.
pub fn stage_address(api: &str, name: Option<&Property<'_>>, otherwise: &str) -> String {
    match name.and_then(Property::literal) {
        Some(name) if !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric()) => format!("{api}{name}Stage"),
        _ => format!("{api}{otherwise}"),
    }
}

/// A usage plan of this API alone, or the one that several share.
fn add_usage_plan<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, stage: &str, plan: &Property<'t>) {
    let owner = match plan.get("CreateUsagePlan").and_then(Property::literal) {
        Some("PER_API") => address,
        Some("SHARED") => expansion.scoped("Serverless"),
        _ => return,
    };
    let pen = expansion.pen(plan.span);
    let (plan_address, key_address) = (pen.name(&format!("{owner}UsagePlan")), pen.name(&format!("{owner}ApiKey")));
    let mut fields = Fields::new(pen);
    fields.copy(plan, &["UsagePlanName", "Description", "Quota", "Throttle"]);
    expansion.imply(parent, plan_address, "AWS::ApiGateway::UsagePlan", fields.done());
    let stage_of_plan = pen.map(&[("ApiId", pen.resource(address)), ("Stage", pen.resource(stage))]);
    expansion.additions.add_items(plan_address, &["ApiStages"], [stage_of_plan]);
    expansion.imply(parent, key_address, "AWS::ApiGateway::ApiKey", pen.map(&[("Enabled", pen.flag(true))]));
    let stage_of_key = pen.map(&[("RestApiId", pen.resource(address)), ("StageName", pen.resource(stage))]);
    expansion.additions.add_items(key_address, &["StageKeys"], [stage_of_key]);
    let key =
        pen.map(&[("KeyId", pen.resource(key_address)), ("KeyType", pen.text("API_KEY")), ("UsagePlanId", pen.resource(plan_address))]);
    expansion.imply(parent, &format!("{owner}UsagePlanKey"), "AWS::ApiGateway::UsagePlanKey", key);
}

/// The API that an event belongs to.
struct EventApi<'t> {
    id: Property<'t>,
    /// `None` for an API that this template does not state as a SAM API: its routes are not the transform's.
    address: Option<&'t str>,
    properties: Property<'t>,
    /// What stands at the end of the permission's name.
    suffix: String,
}

fn api_of<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, event: &Event<'t>) -> EventApi<'t> {
    let pen = event.pen;
    let Some(id) = event.properties.get("RestApiId") else {
        expansion.implicit_rest_api.is_caused_by(parent, pen);
        let properties = expansion.implicit_rest_api.properties;
        let address = expansion.scoped(IMPLICIT);
        return EventApi { id: pen.resource(address), address: Some(address), properties, suffix: "Prod".to_owned() };
    };
    match expansion.named(id) {
        Some(api) => {
            let suffix = match api.properties.get("StageName") {
                Some(Property { value: Value::Text(stage), .. }) if stage.chars().all(|letter| letter.is_ascii_alphanumeric()) => *stage,
                Some(Property { value: Value::Text(_), .. }) => "",
                _ => "Stage",
            };
            let address = (api.kind == "AWS::Serverless::Api").then_some(api.address);
            EventApi { id: pen.resource(api.address), address, properties: api.properties, suffix: suffix.to_owned() }
        }
        None => EventApi { id: *id, address: None, properties: pen.map(&[]), suffix: "AllStages".to_owned() },
    }
}

pub fn add_function_event<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let api = api_of(expansion, function, event);
    let tail = source_tail(pen, event);
    let source = [("SourceArn", pen.arn("execute-api", &[api.id, pen.text("/*/"), tail]))];
    let address = format!("{}Permission{}", event.address, api.suffix);
    event::add_permission(expansion, function, &address, "apigateway.amazonaws.com", pen, &source);
    let uri = api_auth::invocation_uri(pen, pen.attribute(function.address, "Arn"));
    let integration = pen.map(&[("Type", pen.text("AWS_PROXY")), ("IntegrationHttpMethod", pen.text("POST")), ("Uri", uri)]);
    add_method(expansion, function, event, &api, integration);
}

/// A method that starts a state machine, with a role of its own.
pub fn add_state_machine_event<'t>(expansion: &mut Expansion<'t, '_>, machine: &Resource<'t>, event: &Event<'t>) {
    let pen = event.pen;
    let api = api_of(expansion, machine, event);
    let role = rule::add_role(expansion, machine, event, Target::StateMachine, "apigateway.amazonaws.com", None);
    let uri = pen.pattern("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution", |_| None);
    let request = pen.joined(&[
        pen.text("{\"input\": \"$util.escapeJavaScript($input.json('$'))\", \"stateMachineArn\": \""),
        pen.resource(machine.address),
        pen.text("\"}"),
    ]);
    let integration = pen.map(&[
        ("Type", pen.text("AWS")),
        ("IntegrationHttpMethod", pen.text("POST")),
        ("Uri", uri),
        ("Credentials", role),
        ("RequestTemplates", pen.map(&[("application/json", request)])),
    ]);
    add_method(expansion, machine, event, &api, integration);
}

fn add_method<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    event: &Event<'t>,
    api: &EventApi<'t>,
    integration: Property<'t>,
) {
    let Some(address) = api.address else { return };
    if has_own_routes(expansion, &api.properties) {
        return;
    }
    let pen = event.pen;
    let properties = &event.properties;
    let mut fields = Fields::new(pen);
    fields.put("RestApiId", api.id);
    fields.put("HttpMethod", pen.at(entry_span(properties, "Method")).text(&verb(event).unwrap_or_else(|| "ANY".to_owned())));
    fields.copy(properties, &["Path"]);
    if is_foreign(&api.properties) {
        fields.put("AuthorizationType", pen.unknown("the definition of the API is not in the repository"));
    } else {
        api_auth::add_route_auth(&mut fields, event, ApiKind::Rest, address, api.properties.get("Auth"));
    }
    if let Some(model) = properties.get("RequestModel") {
        add_validation(&mut fields, pen.at(model.span), model);
    }
    fields.copy(properties, &["RequestParameters"]);
    fields.put("Integration", integration);
    expansion.imply(parent, event.address, "AWS::ApiGateway::Method", fields.done());
    if let Some(policy) = properties.at("Auth.ResourcePolicy") {
        let route = pen.joined(&[pen.text("execute-api:/*/"), source_tail(pen, event)]);
        expansion.additions.add_items(address, &["Policy", "Statement"], api_auth::policy_statements(pen, policy, route));
    }
}

/// The user's definition is all that there is, unless it is merged with the events' routes.
fn has_own_routes<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> bool {
    let merges = properties.get("MergeDefinitions").and_then(Property::literal) == Some("true");
    !merges && definition(expansion, properties).is_some()
}

/// The definition lies where it cannot be read.
fn is_foreign(properties: &Property<'_>) -> bool {
    properties.get("DefinitionUri").is_some() && properties.get("DefinitionBody").is_none()
}

fn add_validation<'t>(fields: &mut Fields<'t>, pen: Pen<'t>, model: &Property<'t>) {
    fields.put_some("RequestModels", model.get("Model").map(|name| pen.map(&[("application/json", *name)])).as_ref());
    let mut validator = Fields::new(pen);
    validator.rename(model, "ValidateBody", "ValidateRequestBody");
    validator.rename(model, "ValidateParameters", "ValidateRequestParameters");
    if !validator.is_empty() {
        fields.put("RequestValidator", validator.done());
    }
}

/// The method in capitals; `None` where it is not a text.
pub fn verb(event: &Event<'_>) -> Option<String> {
    event
        .properties
        .get("Method")
        .and_then(Property::literal)
        .map(|method| method.to_ascii_uppercase().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY"))
}

/// `GET/orders/*`: method and path as an execution's ARN has them, parameters as asterisks.
pub fn source_tail<'t>(pen: Pen<'t>, event: &Event<'t>) -> Property<'t> {
    let method = verb(event).filter(|method| method != "ANY").unwrap_or_else(|| "*".to_owned());
    match event.properties.get("Path").map(|path| path.literal().ok_or(path)) {
        Some(Ok(path)) => pen.text(&[method.as_str(), &starred(path)].concat()),
        Some(Err(path)) => pen.joined(&[pen.text(&method), *path]),
        None => pen.text("*"),
    }
}

fn starred(path: &str) -> String {
    let mut starred = String::new();
    let mut rest = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else { break };
        starred.push_str(before);
        starred.push('*');
        rest = tail;
    }
    starred + rest
}
