//! Routes of APIs: the scopes of which a token needs one, and those that take every method or path.
//!
//! Comes in: an API. Goes out: for each route its scopes, each a way in of its own; for each thing behind it the routes that lead there at large,
//! and for each of its paths whether any method does.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use crate::catalog::aws::api_routes::{Credential, Route};
use crate::catalog::aws::{http_api, open_api, rest_api};
use crate::catalog::names::canonical;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::model::fact::Word;
use crate::model::limit::{Limit, Way};
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

/// What the ways of an API are told as.
const SCOPES: &str = "scopes of";
const MAPPING: &str = "request mapping of";
const AT_LARGE: &str = "routes that take any method or path";
/// What a route that takes one method of one path is among those that lead to the same.
const ONE_ROUTE: &str = "one route";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, api: &Resource<'t>) {
    mappings(collector, api);
    let is_websocket = http_api::is_websocket(api);
    let routes = if api.kind == "AWS::ApiGateway::RestApi" {
        rest_api::routes(collector.draft, api)
    } else {
        http_api::routes(collector.draft, api)
    };
    for route in routes.iter().filter(|route| !route.preflight) {
        if !collector.draft.spend(1 + route.scopes.len(), route.span) {
            return;
        }
        scopes(collector, api, route);
        if !is_websocket {
            at_large(collector, api, route);
        }
    }
}

/// What a body says that the gateway makes of a request before it passes it on. Where routes are resources, it is told as their property.
fn mappings<'t>(collector: &mut Collector<'_, 't, '_>, api: &Resource<'t>) {
    let Some(body) = api.properties.get("Body") else { return };
    for route in open_api::routes(body, None) {
        let Some(integration) = &route.integration else { continue };
        let mut text = String::new();
        for mapping in &integration.details {
            spell(collector.draft, mapping, &mut text);
            text.push('\n');
        }
        collector.add_text(api, (Kind::Value, &format!("{MAPPING} {}", route.name)), &text, route.span);
    }
}

/// Scopes are alternatives: a token with any of them gets in.
fn scopes<'t>(collector: &mut Collector<'_, 't, '_>, api: &Resource<'t>, route: &Route<'t>) {
    if !matches!(route.credential, Credential::Known(Word::Jwt | Word::Cognito)) {
        return;
    }
    let path = format!("{SCOPES} {}", route.name);
    let mut add = |limits: Vec<Limit>| {
        let way = Way { what: String::new(), limits };
        collector.add_way(api, &path, way, route.span);
    };
    if !route.scoped {
        add(Vec::new());
    }
    route.scopes.iter().for_each(|scope| add(vec![Limit::new("scope", scope)]));
}

fn at_large<'t>(collector: &mut Collector<'_, 't, '_>, api: &Resource<'t>, route: &Route<'t>) {
    let Some(integration) = route.integration.as_ref().filter(|integration| integration.kind != Word::Mock) else { return };
    let Some(behind) = integration.uri.as_ref().and_then(canonical) else { return };
    let mut add = |what: &str, limits: Vec<Limit>| {
        let way = Way { what: what.to_owned(), limits };
        collector.add_way(api, AT_LARGE, way, route.span);
    };
    let one = || vec![Limit::new(ONE_ROUTE, "")];
    add(&behind, one());
    let (method, path) = route.name.split_once(' ').unwrap_or(("ANY", "/{proxy+}"));
    let is_any = method == "ANY" || route.name == "$default";
    if path.contains("+}") {
        let method = (!is_any).then(|| Limit::new("method", method));
        let below = path.split("/{").next().filter(|prefix| !prefix.is_empty()).map(|prefix| Limit::new("path", format!("{prefix}/*")));
        add(&behind, method.into_iter().chain(below).collect());
    } else {
        // A path that takes any method is at large where it took one: a new path is a new route.
        let of_path = format!("{behind} {}", without_names(path));
        add(&of_path, one());
        if is_any {
            add(&of_path, Vec::new());
        }
    }
}

/// A path whatever its variables are called: `/orders/{}`.
fn without_names(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').map(|part| if part.starts_with('{') && part.ends_with('}') { "{}" } else { part }).collect();
    parts.join("/")
}
