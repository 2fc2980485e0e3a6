//! REST APIs: methods and authorizers, as resources or as an OpenAPI body.
//!
//! Comes in: a REST API. Goes out: facts and flows of its routes.

use crate::catalog::aws::api_integration::Integration;
use crate::catalog::aws::api_routes::{self, Credential, Route};
use crate::catalog::aws::{authorizer, integration_role, open_api, pool_routes};
use crate::catalog::default_endpoint;
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::Basis;
use crate::model::fact::{Fact, Reading};
use crate::model::resource::{Property, Resource, Value};

/// Deepest chain of path parts that is followed; API Gateway allows 30.
const MAX_PATH_PARTS: usize = 64;

/// The resolver of `AWS::ApiGateway::RestApi`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, api: &Resource<'t>) {
    let Some(element) = draft.element(api.address) else { return };
    default_endpoint::state(draft, element);
    let attached: Vec<&Resource<'t>> = draft.attached(api.address).collect();
    let mut issuers = Vec::new();
    for resource in attached.iter().filter(|resource| resource.kind == "AWS::ApiGateway::Authorizer") {
        let name = resource.properties.get("Name").and_then(Property::literal).unwrap_or(resource.address);
        let own = authorizer::state(draft, element, name, &resource.properties, authorizer::RESOURCE);
        issuers.push((resource.address.to_owned(), own));
    }
    let mut routes = routes(draft, api);
    let stages: Vec<&Resource<'t>> = attached.iter().copied().filter(|resource| resource.kind == "AWS::ApiGateway::Stage").collect();
    let basis = if let Some(body) = api.properties.get("Body") {
        issuers.extend(open_api::authorizers(draft, element, body));
        Basis::Definition
    } else {
        Basis::Property
    };
    for integration in routes.iter_mut().filter_map(|route| route.integration.as_mut()) {
        integration.linked = integration.link.map(|link| behind_link(draft, &link, &stages)).unwrap_or_default();
    }
    if let Some(location) = api.properties.get("BodyS3Location").filter(|_| routes.is_empty()) {
        let reading = Reading::unresolved("the API's definition lies outside the repository", draft.stated(location.span));
        draft.set_fact(element, Fact::Authn, reading.clone());
        draft.set_fact(element, Fact::AuthnKeyRoutes, reading);
    }
    api_routes::state(draft, element, &routes, basis);
    pool_routes::state(draft, &issuers, &routes);
    integration_role::state(draft, element, &routes);
}

/// The routes of an API. Those of both spellings are judged together: the weakest of them is the API's.
pub(crate) fn routes<'t>(draft: &Draft<'t, '_>, api: &Resource<'t>) -> Vec<Route<'t>> {
    let methods = draft.attached(api.address).filter(|resource| resource.kind == "AWS::ApiGateway::Method");
    let mut routes: Vec<Route<'t>> = methods.map(|method| route(draft, method)).collect();
    if let Some(body) = api.properties.get("Body") {
        routes.extend(open_api::routes(body, None));
    }
    routes
}

/// The resolver of `AWS::ApiGateway::Method`: of an API that is not here.
pub(crate) fn resolve_alone<'t>(draft: &mut Draft<'t, '_>, method: &Resource<'t>) {
    if draft.is_attached_elsewhere(method.address, "AWS::ApiGateway::RestApi") {
        let route = route(draft, method);
        api_routes::state_alone(draft, method, "rest_api", &route);
    }
}

/// The load balancers behind the private link that an integration names, itself or by a variable of a stage.
fn behind_link<'t>(draft: &Draft<'t, '_>, link: &Property<'t>, stages: &[&Resource<'t>]) -> Vec<Property<'t>> {
    let variable = link.literal().and_then(|text| text.strip_prefix("${stageVariables.")?.strip_suffix('}'));
    let named: Vec<&Property<'t>> = match variable {
        Some(variable) => stages.iter().filter_map(|stage| stage.properties.get("Variables")?.get(variable)).collect(),
        None => vec![link],
    };
    let links = named.into_iter().filter_map(|value| draft.resource(value.reference()?.address));
    let links = links.filter(|resource| resource.kind == "AWS::ApiGateway::VpcLink");
    links.flat_map(|resource| paths::find(&resource.properties, "TargetArns[]")).collect()
}

fn route<'t>(draft: &Draft<'t, '_>, method: &Resource<'t>) -> Route<'t> {
    let properties = &method.properties;
    let verb = properties.get("HttpMethod").and_then(Property::literal).unwrap_or("ANY").to_ascii_uppercase();
    let validated = properties.get("RequestValidatorId").is_some_and(|validator| validates(draft, validator))
        && (properties.get("RequestModels").is_some_and(|models| checks_bodies(draft, models))
            || properties.get("RequestParameters").is_some());
    let scopes = properties.get("AuthorizationScopes");
    // What a transform makes states the path itself; else it is put together from the API's resources.
    let stated = properties.get("Path").and_then(Property::literal).map(str::to_owned);
    let path = stated.unwrap_or_else(|| path(draft, properties.get("ResourceId")));
    let authorization = properties.get("AuthorizationType");
    let key = properties.get("ApiKeyRequired").and_then(Property::literal) == Some("true");
    Route {
        name: format!("{verb} {path}"),
        preflight: verb == "OPTIONS",
        credential: Credential::stated(authorization, key),
        when: Credential::weakest_case(authorization, key),
        scoped: scopes.is_some_and(|scopes| !scopes.items().is_empty() || scopes.unresolved().is_some()),
        scopes: scopes.map(|scopes| scopes.items().iter().filter_map(canonical).collect()).unwrap_or_default(),
        authorizer: properties.get("AuthorizerId").and_then(Property::reference).map(|stated| stated.address.to_owned()),
        validated,
        cors: properties.at("Integration.IntegrationResponses").and_then(open_api::allowed_origins),
        integration: properties.get("Integration").map(|integration| self::integration(integration)),
        span: method.span,
    }
}

/// The path of an API resource, from its parts: `/orders/{id}`.
fn path<'t>(draft: &Draft<'t, '_>, id: Option<&Property<'t>>) -> String {
    let mut parts = Vec::new();
    let mut next = id.and_then(Property::reference);
    while let Some(reference) = next {
        let Some(resource) = draft.resource(reference.address).filter(|resource| resource.kind == "AWS::ApiGateway::Resource") else {
            break;
        };
        if parts.len() >= MAX_PATH_PARTS {
            break;
        }
        parts.push(resource.properties.get("PathPart").and_then(Property::literal).unwrap_or("?"));
        next = resource.properties.get("ParentId").and_then(Property::reference);
    }
    parts.reverse();
    format!("/{}", parts.join("/"))
}

/// Whether any of the models of a method asks for anything: the one that every API has from the start, `Empty`, takes whatever comes, and so does
/// a schema that says nothing.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>
fn checks_bodies<'t>(draft: &Draft<'t, '_>, models: &Property<'t>) -> bool {
    let is_model = |resource: &&Resource<'t>| resource.kind == "AWS::ApiGateway::Model";
    let asks = |model: &Property<'t>| match model.reference().and_then(|reference| draft.resource(reference.address)).filter(is_model) {
        Some(model) => model.properties.get("Schema").is_none_or(|schema| !matches!(schema.value, Value::Map([]) | Value::Text("{}"))),
        None => model.literal() != Some("Empty"),
    };
    let models = models.entries();
    models.is_empty() || models.iter().any(|entry| asks(&entry.value))
}

/// Whether a validator validates anything; one of another template is taken at its word.
fn validates<'t>(draft: &Draft<'t, '_>, validator: &Property<'t>) -> bool {
    let Some(resource) = validator.reference().and_then(|reference| draft.resource(reference.address)) else { return true };
    ["ValidateRequestBody", "ValidateRequestParameters"]
        .iter()
        .any(|key| resource.properties.get(key).and_then(Property::literal) == Some("true"))
}

fn integration<'t>(stated: &Property<'t>) -> Integration<'t> {
    let written = stated.get("Type").and_then(Property::literal).unwrap_or_default();
    let mut integration = Integration::new(written, stated.get("Uri").copied(), stated.span);
    integration.details.extend(["RequestTemplates", "RequestParameters"].iter().filter_map(|key| stated.get(key).copied()));
    integration.method = stated.get("IntegrationHttpMethod").copied();
    integration.passthrough = stated.get("PassthroughBehavior").copied();
    integration.credentials = stated.get("Credentials").copied();
    integration.private_link = stated.get("ConnectionType").and_then(Property::literal) == Some("VPC_LINK");
    integration.link = stated.get("ConnectionId").copied();
    integration
}
