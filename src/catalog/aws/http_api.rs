//! HTTP and WebSocket APIs: routes, integrations and authorizers, as resources or as an OpenAPI body.
//!
//! Comes in: an API of the second generation. Goes out: facts and flows of its routes.

use crate::catalog::aws::api_integration::Integration;
use crate::catalog::aws::api_routes::{self, Credential, Route};
use crate::catalog::aws::{authorizer, integration_role, open_api, pool_routes};
use crate::catalog::default_endpoint;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::made_when;
use crate::catalog::names::canonical;
use crate::catalog::targets::Target;
use crate::model::Basis;
use crate::model::cause::Cause;
use crate::model::fact::{Fact, Reading, Share, Value, Word};
use crate::model::formula::Formula;
use crate::model::resource::{Property, Resource};
use crate::source::Span;
use std::sync::Arc;

/// The resolver of `AWS::ApiGatewayV2::Api`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, api: &Resource<'t>) {
    let Some(element) = draft.element(api.address) else { return };
    default_endpoint::state(draft, element);
    let attached: Vec<&Resource<'t>> = draft.attached(api.address).collect();
    let mut issuers = Vec::new();
    for resource in attached.iter().filter(|resource| resource.kind == "AWS::ApiGatewayV2::Authorizer") {
        let name = resource.properties.get("Name").and_then(Property::literal).unwrap_or(resource.address);
        let own = authorizer::state(draft, element, name, &resource.properties, authorizer::RESOURCE);
        issuers.push((resource.address.to_owned(), own));
    }
    let routes = routes(draft, api);
    let basis = if let Some(body) = api.properties.get("Body") {
        issuers.extend(open_api::authorizers(draft, element, body));
        Basis::Definition
    } else {
        Basis::Property
    };
    if let Some(location) = api.properties.get("BodyS3Location").filter(|_| routes.is_empty()) {
        let reading = Reading::unresolved("the API's definition lies outside the repository", draft.stated(location.span));
        draft.set_fact(element, Fact::Authn, reading);
    }
    api_routes::state(draft, element, &routes, basis);
    if is_websocket(api) {
        name_the_case(draft, element, &routes);
    }
    pool_routes::state(draft, &issuers, &routes);
    integration_role::state(draft, element, &routes);
}

/// The route by which a WebSocket is opened, and the only one that asks who that is.
const CONNECT: &str = "$connect";

/// The routes of an API, from resources and from its body.
pub(crate) fn routes<'t>(draft: &Draft<'t, '_>, api: &Resource<'t>) -> Vec<Route<'t>> {
    let stated = draft.attached(api.address).filter(|resource| resource.kind == "AWS::ApiGatewayV2::Route");
    let mut routes: Vec<Route<'t>> = stated.map(|stated| route(draft, stated, is_websocket(api))).collect();
    routes.extend(quick_route(api));
    if is_websocket(api) {
        routes.extend(open_connection(draft, api));
    }
    if let Some(body) = api.properties.get("Body") {
        routes.extend(open_api::routes(body, open_api::at_root(body)).into_iter().map(without_key));
    }
    routes
}

pub(crate) fn is_websocket(api: &Resource<'_>) -> bool {
    api.properties.get("ProtocolType").and_then(Property::literal) == Some("WEBSOCKET")
}

/// The resolver of `AWS::ApiGatewayV2::Route`: of an API that is not here.
pub(crate) fn resolve_alone<'t>(draft: &mut Draft<'t, '_>, stated: &Resource<'t>) {
    if draft.is_attached_elsewhere(stated.address, "AWS::ApiGatewayV2::Api") {
        // Routes of HTTP APIs are a method and a path, or `$default`.
        let key = stated.properties.get("RouteKey").and_then(Property::literal).unwrap_or_default();
        let websocket = !key.contains(' ') && key != "$default";
        let route = route(draft, stated, websocket);
        api_routes::state_alone(draft, stated, "http_api", &route);
    }
}

/// What stands for the route `$connect` where an API has others and not that one: then whoever asks is connected.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>
fn open_connection<'t>(draft: &Draft<'t, '_>, api: &Resource<'t>) -> Option<Route<'t>> {
    let mut stated = draft.attached(api.address).filter(|resource| resource.kind == "AWS::ApiGatewayV2::Route").peekable();
    let first = stated.peek()?.span;
    // A key that cannot be told may be that one.
    let is_connect = |route: &&Resource<'t>| route.properties.get("RouteKey").and_then(Property::literal).is_none_or(|key| key == CONNECT);
    let connects: Vec<&Resource<'t>> = stated.filter(is_connect).collect();
    let span = connects.first().map_or(first, |route| route.span);
    Some(Route { when: missing_when(api, &connects)?, ..open_route(CONNECT.to_owned(), None, span) })
}

/// When an API is there without any of these routes, in words; empty for always, and `None` for never.
fn missing_when(api: &Resource<'_>, routes: &[&Resource<'_>]) -> Option<Vec<String>> {
    let with_api = made_when::formula(api);
    let made: Vec<Formula> = routes.iter().map(|route| made_when::formula(route)).collect();
    let [first, others @ ..] = made.as_slice() else { return Some(Vec::new()) };
    // What decides about the whole API decides about its route; of several that nobody can tell, one may be there whenever another is not.
    if made.iter().any(|made| *made == Formula::Always || *made == with_api) || !others.is_empty() && !made.iter().all(Formula::is_told) {
        return None;
    }
    let mut values = made_when::values_asked(api);
    routes.iter().for_each(|route| values.extend(made_when::values_asked(route)));
    let missing: Vec<Formula> = made.iter().cloned().map(|made| Formula::Not(Box::new(made))).collect();
    if !Formula::All(missing.iter().cloned().chain([with_api]).collect()).may_hold(&values) {
        return None;
    }
    if !first.is_told() {
        return Some(routes.iter().map(|route| format!("{} is not made", route.called.in_template)).collect());
    }
    Some(vec![Formula::All(missing).words()])
}

/// Says of an open connection in which case it is open, where it is not in all of them.
fn name_the_case(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let mut open = routes.iter().filter(|route| !route.preflight && route.credential == Credential::Known(Word::None));
    let (Some(only), None) = (open.next(), open.next()) else { return };
    let Some(reading) = draft.element_at(api).facts.get(Fact::Authn).map(|reading| Reading::clone(reading)) else { return };
    if !only.when.is_empty() {
        let cause = Arc::new(Cause::property(draft.element_at(api).home(), ""));
        let share = Share { reach: only.when.clone(), ..draft.share(cause, Value::Word(Word::None), None, only.span) };
        draft.set_fact(api, Fact::Authn, reading.shared(vec![share]));
    }
}

/// The catch-all route of an API that is made with a target of its own.
fn quick_route<'t>(api: &Resource<'t>) -> Option<Route<'t>> {
    let target = api.properties.get("Target")?;
    let mut integration = Integration::new("AWS_PROXY", Some(*target), target.span);
    integration.credentials = api.properties.get("CredentialsArn").copied();
    let name = api.properties.get("RouteKey").and_then(Property::literal).unwrap_or("$default").to_owned();
    Some(open_route(name, Some(integration), target.span))
}

/// A route that asks nobody who they are.
fn open_route(name: String, integration: Option<Integration<'_>>, span: Span) -> Route<'_> {
    Route {
        name,
        preflight: false,
        credential: Credential::Known(Word::None),
        when: Vec::new(),
        scoped: false,
        scopes: Vec::new(),
        authorizer: None,
        validated: false,
        cors: None,
        integration,
        span,
    }
}

/// HTTP APIs know no keys: a definition that asks for one is open.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>
fn without_key(route: Route<'_>) -> Route<'_> {
    match route.credential {
        Credential::Known(Word::ApiKey) => Route { credential: Credential::Known(Word::None), ..route },
        _ => route,
    }
}

fn route<'t>(draft: &Draft<'t, '_>, route: &Resource<'t>, websocket: bool) -> Route<'t> {
    let properties = &route.properties;
    let name = properties.get("RouteKey").and_then(Property::literal).unwrap_or(route.address).to_owned();
    let scopes = properties.get("AuthorizationScopes");
    let authorization = properties.get("AuthorizationType");
    let key = websocket && properties.get("ApiKeyRequired").and_then(Property::literal) == Some("true");
    Route {
        // A connection proves itself once, when it is made: the other messages ride on it.
        preflight: name.starts_with("OPTIONS ") || websocket && name != CONNECT,
        credential: Credential::stated(authorization, key),
        when: Credential::weakest_case(authorization, key),
        scoped: scopes.is_some_and(|scopes| !scopes.items().is_empty() || scopes.unresolved().is_some()),
        scopes: scopes.map(|scopes| scopes.items().iter().filter_map(canonical).collect()).unwrap_or_default(),
        authorizer: properties.get("AuthorizerId").and_then(Property::reference).map(|stated| stated.address.to_owned()),
        validated: false,
        cors: None,
        integration: properties.get("Target").and_then(|target| integration(draft, target)),
        span: route.span,
        name,
    }
}

/// The integration that a route's target names: `integrations/${Integration}`.
fn integration<'t>(draft: &Draft<'t, '_>, target: &Property<'t>) -> Option<Integration<'t>> {
    let named = draft.targets(target).into_iter().find_map(|target| match target {
        Target::Resource(reference) => draft.resource(reference.address),
        Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
    })?;
    let stated = Some(named).filter(|resource| resource.kind == "AWS::ApiGatewayV2::Integration")?;
    let properties = &stated.properties;
    let written = properties.get("IntegrationType").and_then(Property::literal).unwrap_or_default();
    let mut integration = Integration::new(written, properties.get("IntegrationUri").copied(), stated.span);
    if let Some(subtype) = properties.get("IntegrationSubtype").and_then(Property::literal) {
        integration.kind = Word::AwsService;
        integration.action = open_api::action_of_subtype(subtype);
    }
    integration.details.extend(["RequestParameters", "RequestTemplates"].iter().filter_map(|key| properties.get(key).copied()));
    integration.credentials = properties.get("CredentialsArn").copied();
    integration.private_link = properties.get("ConnectionType").and_then(Property::literal) == Some("VPC_LINK");
    Some(integration)
}
