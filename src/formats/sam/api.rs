//! `AWS::Serverless::Api` and the `Api` events of functions and state machines.
//!
//! Comes in: a REST API, or events that name none. Goes out: the API with its deployment, stage, authorizers, usage plan and domain, and for
//! each event an `AWS::ApiGateway::Method`. The translator writes such routes into an OpenAPI body instead; here `Body` is only what the
//! user wrote, so that a route stands once. Beside CloudFormation's properties a method has its `Path`, and the API keeps `Cors`.

use crate::formats::sam::Expansion;
use crate::formats::sam::api_auth;
use crate::formats::sam::api_auth::ApiKind;
use crate::formats::sam::event;
use crate::formats::sam::event::Event;
use crate::formats::sam::function;
use crate::formats::sam::globals;
use crate::formats::sam::pen::{Fields, Pen, entry_span};
use crate::formats::sam::rule;
use crate::formats::sam::rule::Target;
use crate::model::resource::{Property, Resource, Value};
use crate::source::Span;

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
    let Some((parent, span)) = expansion.implicit_rest_api else { return };
    let address = expansion.scoped(IMPLICIT);
    let general = implicit_properties(expansion, span);
    let properties = api_properties(expansion, &general);
    expansion.imply(&parent, address, "AWS::ApiGateway::RestApi", Property { span, ..properties });
    add_parts(expansion, &parent, address, &general);
}

fn implicit_properties<'t>(expansion: &Expansion<'t, '_>, span: Span) -> Property<'t> {
    let pen = expansion.pen(span);
    let own = pen.map(&[("StageName", pen.text("Prod"))]);
    globals::merged(Some(&expansion.globals), "Api", own, expansion.arena)
}

fn api_properties<'t>(expansion: &Expansion<'t, '_>, properties: &Property<'t>) -> Property<'t> {
    let pen = expansion.pen(properties.span);
    let auth = properties.get("Auth");
    let mut fields = Fields::of(pen, *properties, NOT_API);
    if let Some(endpoint) = properties.get("EndpointConfiguration") {
        fields.put("EndpointConfiguration", endpoint_configuration(pen.at(endpoint.span), endpoint));
    }
    if let Some(body) = definition(expansion, properties) {
        fields.put("Body", api_auth::secured(pen, ApiKind::Rest, body, auth));
    } else {
        fields.rename(properties, "DefinitionUri", "BodyS3Location");
    }
    if let Some(policy) = auth.and_then(|auth| auth.get("ResourcePolicy")) {
        fields.put("Policy", api_auth::resource_policy(pen, policy));
    }
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    fields.done()
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
        add_domain(expansion, parent, address, &stage, domain);
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
    expansion.add_items(plan_address, &["ApiStages"], vec![stage_of_plan]);
    expansion.imply(parent, key_address, "AWS::ApiGateway::ApiKey", pen.map(&[("Enabled", pen.flag(true))]));
    let stage_of_key = pen.map(&[("RestApiId", pen.resource(address)), ("StageName", pen.resource(stage))]);
    expansion.add_items(key_address, &["StageKeys"], vec![stage_of_key]);
    let key =
        pen.map(&[("KeyId", pen.resource(key_address)), ("KeyType", pen.text("API_KEY")), ("UsagePlanId", pen.resource(plan_address))]);
    expansion.imply(parent, &format!("{owner}UsagePlanKey"), "AWS::ApiGateway::UsagePlanKey", key);
}

fn add_domain<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, address: &str, stage: &str, domain: &Property<'t>) {
    let pen = expansion.pen(domain.span);
    let endpoint = domain.get("EndpointConfiguration").and_then(Property::literal);
    let is_private = endpoint == Some("PRIVATE");
    let (name_kind, mapping_kind, suffix) = if is_private {
        ("AWS::ApiGateway::DomainNameV2", "AWS::ApiGateway::BasePathMappingV2", "V2")
    } else {
        ("AWS::ApiGateway::DomainName", "AWS::ApiGateway::BasePathMapping", "")
    };
    let domain_address = domain_address(expansion.scoped(&format!("ApiGatewayDomainName{suffix}")), address, domain);
    let mut fields = Fields::new(pen);
    fields.copy(domain, &["DomainName", "SecurityPolicy", "MutualTlsAuthentication", "OwnershipVerificationCertificateArn", "Policy"]);
    let edge = endpoint == Some("EDGE") || is_private;
    fields.rename(domain, "CertificateArn", if edge { "CertificateArn" } else { "RegionalCertificateArn" });
    let types = domain.get("EndpointConfiguration").copied().unwrap_or_else(|| pen.text("REGIONAL"));
    fields.put("EndpointConfiguration", pen.map(&[("Types", pen.list(&[types]))]));
    expansion.imply(parent, &domain_address, name_kind, fields.done());
    for (index, path) in base_paths(domain).iter().enumerate() {
        let number = if index == 0 { String::new() } else { index.to_string() };
        let mut fields = Fields::new(pen);
        fields.put("DomainName", pen.resource(&domain_address));
        fields.put("RestApiId", pen.resource(address));
        fields.put("Stage", pen.resource(stage));
        fields.put_some("BasePath", path.as_ref());
        expansion.imply(parent, &format!("{address}{number}BasePathMapping"), mapping_kind, fields.done());
    }
    add_record_set(expansion, parent, domain);
    if is_private && domain.get("AccessAssociation").is_some() {
        let properties = pen.map(&[("DomainNameArn", pen.attribute(&domain_address, "DomainNameArn"))]);
        expansion.imply(
            parent,
            expansion.scoped("DomainNameAccessAssociation"),
            "AWS::ApiGateway::DomainNameAccessAssociation",
            properties,
        );
    }
}

/// One mapping where no path is given.
pub fn base_paths<'t>(domain: &Property<'t>) -> Vec<Option<Property<'t>>> {
    match domain.get("BasePath") {
        Some(paths) => paths.one_or_many().iter().map(|path| Some(*path)).collect(),
        None => vec![None],
    }
}

/// APIs with the same domain share it. The translator's name for it is a hash.
pub fn domain_address(prefix: &str, api: &str, domain: &Property<'_>) -> String {
    match domain.get("DomainName").and_then(Property::literal) {
        Some(name) => [prefix, &name.chars().filter(char::is_ascii_alphanumeric).collect::<String>()].concat(),
        None => [prefix, api].concat(),
    }
}

/// One for each hosted zone, or for each API where that is asked for.
pub fn add_record_set<'t>(expansion: &mut Expansion<'t, '_>, parent: &Resource<'t>, domain: &Property<'t>) {
    let Some(route) = domain.get("Route53") else { return };
    let pen = expansion.pen(route.span);
    let mut fields = Fields::new(pen);
    fields.copy(route, &["HostedZoneId", "HostedZoneName"]);
    fields.put("RecordSets", pen.list(&[pen.map(&[("Type", pen.text("A"))])]));
    let zone = ["HostedZoneId", "HostedZoneName"].iter().find_map(|key| route.get(key));
    let zone = zone.and_then(|zone| zone.literal().or_else(|| zone.reference().map(|reference| reference.address)));
    let zone: String = zone.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    let separate = route.get("SeparateRecordSetGroup").and_then(Property::literal) == Some("true");
    let own = if separate { parent.address } else { "" };
    let address = expansion.scoped(&["RecordSetGroup", &zone, own].concat());
    expansion.imply(parent, address, "AWS::Route53::RecordSetGroup", fields.done());
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
        expansion.implicit_rest_api.get_or_insert((*parent, pen.span()));
        let properties = implicit_properties(expansion, pen.span());
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
        api_auth::add_route_auth(&mut fields, pen, ApiKind::Rest, address, api.properties.get("Auth"), properties.get("Auth"));
    }
    if let Some(model) = properties.get("RequestModel") {
        add_validation(&mut fields, pen.at(model.span), model);
    }
    fields.copy(properties, &["RequestParameters"]);
    fields.put("Integration", integration);
    expansion.imply(parent, event.address, "AWS::ApiGateway::Method", fields.done());
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
