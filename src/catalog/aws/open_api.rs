//! OpenAPI definitions of APIs, with the extensions of API Gateway.
//!
//! Comes in: the `Body` of an API, of version 2.0 or 3.0. Goes out: routes and authorizers.
//! Extensions: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>.

use crate::catalog::aws::api_integration::Integration;
use crate::catalog::aws::api_routes::{Credential, Route};
use crate::catalog::aws::authorizer;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::model::fact::Word;
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::source::Span;

const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "head", "options", "trace", "x-amazon-apigateway-any-method"];

/// What a definition asks for at its root, which HTTP APIs take for every route. REST APIs take no notice of it, as a maintainer at AWS says in
/// <https://github.com/amazon-archives/aws-apigateway-importer/issues/204> (2017, read 2026-11-28); no page of the provider was found that does.
pub(crate) fn at_root<'t>(body: &Property<'t>) -> Option<&'t Property<'t>> {
    body.get("security")
}

/// The routes of a definition, in order of the text; `inherited` is what those ask for that say nothing of it.
pub(crate) fn routes<'t>(body: &Property<'t>, inherited: Option<&Property<'t>>) -> Vec<Route<'t>> {
    let mut routes = Vec::new();
    for path in body.get("paths").map_or(&[][..], Property::entries) {
        for method in
            referred(body, &path.value).entries().iter().filter(|method| METHODS.contains(&method.key.to_ascii_lowercase().as_str()))
        {
            routes.push(route(body, inherited, path.key, method));
        }
    }
    routes
}

/// Puts the flows of a definition's authorizers into the draft; gives back whose tokens each of them takes, by its name.
pub(crate) fn authorizers<'t>(draft: &mut Draft<'t, '_>, api: ElementIndex, body: &Property<'t>) -> Vec<(String, Vec<ElementIndex>)> {
    let stated = schemes(body).filter_map(|scheme| Some((scheme.key, scheme.value.get(AUTHORIZER)?)));
    stated.map(|(name, stated)| (name.to_owned(), authorizer::state(draft, api, name, stated, authorizer::OPEN_API))).collect()
}

/// By which a scheme is one that the gateway checks itself.
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";

/// Ways of asking who calls that a definition has, by name.
pub(crate) fn schemes<'t>(body: &Property<'t>) -> impl Iterator<Item = &'t Entry<'t>> {
    let old = body.get("securityDefinitions").map_or(&[][..], Property::entries);
    let new = body.at("components.securitySchemes").map_or(&[][..], Property::entries);
    old.iter().chain(new)
}

fn route<'t>(body: &Property<'t>, inherited: Option<&Property<'t>>, path: &str, method: &Entry<'t>) -> Route<'t> {
    let operation = referred(body, &method.value);
    let verb = match method.key {
        "x-amazon-apigateway-any-method" => "ANY".to_owned(),
        verb => verb.to_ascii_uppercase(),
    };
    let integration = operation.get("x-amazon-apigateway-integration").map(|stated| referred(body, stated));
    let (credential, scopes) = credential(body, inherited, operation);
    Route {
        name: if path == "$default" || path.starts_with("/$default") { "$default".to_owned() } else { format!("{verb} {path}") },
        preflight: verb == "OPTIONS",
        credential,
        when: Vec::new(),
        scoped: !scopes.is_empty(),
        scopes,
        authorizer: authorizer(body, inherited, operation),
        validated: is_validated(body, operation),
        cors: integration.and_then(|integration| integration.get("responses")).and_then(allowed_origins),
        integration: integration.map(read_integration),
        span: Span { end_line: operation.span.end_line.max(method.key_span.end_line), ..method.key_span },
    }
}

/// What `{"$ref": "#/components/…"}` stands for: integrations that several routes share stand among the components.
fn referred<'p, 't>(body: &Property<'t>, value: &'p Property<'t>) -> &'p Property<'t>
where
    't: 'p,
{
    let Some(path) = value.get("$ref").and_then(Property::literal).and_then(|path| path.strip_prefix("#/")) else { return value };
    let mut found = None;
    for key in path.split('/') {
        let key = key.replace("~1", "/").replace("~0", "~");
        found = found.map_or_else(|| body.get(&key), |inner: &'t Property<'t>| inner.get(&key));
        if found.is_none() {
            break;
        }
    }
    found.unwrap_or(value)
}

/// What a route asks for, and the scopes of which a token needs one: the strongest of the schemes it lists, because API Gateway asks for a key
/// besides an authorizer.
fn credential(body: &Property<'_>, inherited: Option<&Property<'_>>, operation: &Property<'_>) -> (Credential, Vec<String>) {
    if let Some(auth) = operation.at("x-amazon-apigateway-auth.type") {
        return match auth.literal() {
            Some("NONE") => (Credential::Known(Word::None), Vec::new()),
            Some("AWS_IAM") => (Credential::Known(Word::Iam), Vec::new()),
            _ => (
                Credential::Unresolved(auth.unresolved().unwrap_or_else(|| "the route's authorization is not known here".to_owned())),
                Vec::new(),
            ),
        };
    }
    let Some(security) = operation.get("security").or(inherited) else {
        return (Credential::Known(Word::None), Vec::new());
    };
    if let Some(reason) = security.unresolved() {
        return (Credential::Unresolved(reason), Vec::new());
    }
    let mut strongest = Word::None;
    let mut scopes = Vec::new();
    for entry in security.items().iter().flat_map(Property::entries) {
        let asked = match schemes(body).find(|scheme| scheme.key == entry.key) {
            Some(scheme) => scheme_word(body, &scheme.value),
            None => Err(format!("the scheme `{}` is not defined", entry.key)),
        };
        let word = match asked {
            Ok(word) => word,
            Err(reason) => return (Credential::Unresolved(reason), Vec::new()),
        };
        if strongest == Word::None || strongest == Word::ApiKey {
            strongest = word;
        }
        if word != Word::None {
            scopes.extend(entry.value.items().iter().map(|scope| canonical(scope).unwrap_or_default()));
        }
    }
    (Credential::Known(strongest), scopes)
}

/// The first of the schemes that a route lists which names an authorizer.
fn authorizer(body: &Property<'_>, inherited: Option<&Property<'_>>, operation: &Property<'_>) -> Option<String> {
    let listed = operation.get("security").or(inherited)?.items().iter().flat_map(Property::entries);
    let is_one = |name: &str| schemes(body).any(|scheme| scheme.key == name && scheme.value.get(AUTHORIZER).is_some());
    listed.map(|entry| entry.key).find(|name| is_one(name)).map(str::to_owned)
}

/// What the gateway itself checks where a scheme is asked for; the error says why that is not known. A scheme that names no authorizer is
/// documentation, and the gateway ignores it, whatever it says of tokens, passwords or certificates: the exception is the key of a usage plan.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>
fn scheme_word(body: &Property<'_>, scheme: &Property<'_>) -> Result<Word, String> {
    let scheme = referred(body, scheme);
    if let Some(reason) = scheme.unresolved() {
        return Err(reason);
    }
    let text = |path: &str| scheme.at(path).and_then(Property::literal).unwrap_or_default().to_ascii_lowercase();
    let authorizer = scheme.get(AUTHORIZER);
    let unknown = |stated: Option<&Property<'_>>| {
        let reason = stated.or(authorizer).and_then(Property::unresolved);
        Err(reason.unwrap_or_else(|| "the type of the authorizer is not known here".to_owned()))
    };
    match (authorizer, text("x-amazon-apigateway-authtype").as_str()) {
        (_, "awssigv4") => Ok(Word::Iam),
        (Some(_), "cognito_user_pools") => Ok(Word::Cognito),
        (Some(_), "custom") => Ok(Word::Lambda),
        (Some(authorizer), _) => match (text("x-amazon-apigateway-authorizer.type").as_str(), text("type").as_str()) {
            ("cognito_user_pools", _) => Ok(Word::Cognito),
            ("jwt", _) | ("", "oauth2" | "openidconnect") => Ok(Word::Jwt),
            ("token" | "request", _) => Ok(Word::Lambda),
            _ => unknown(authorizer.get("type")),
        },
        (None, "cognito_user_pools" | "custom") => unknown(None),
        (None, "") if scheme.get("x-amazon-apigateway-authtype").is_some_and(|stated| stated.unresolved().is_some()) => {
            unknown(scheme.get("x-amazon-apigateway-authtype"))
        }
        (None, _) => match (text("type").as_str(), scheme.get("name")) {
            ("apikey", Some(name)) if name.unresolved().is_some() => unknown(Some(name)),
            ("apikey", _) if text("name") == "x-api-key" => Ok(Word::ApiKey),
            ("", _) if scheme.get("type").is_some() => unknown(scheme.get("type")),
            _ => Ok(Word::None),
        },
    }
}

/// A validator is named by the route or for all routes, and validates something that the route declares.
fn is_validated(body: &Property<'_>, operation: &Property<'_>) -> bool {
    let key = "x-amazon-apigateway-request-validator";
    let Some(name) = operation.get(key).or_else(|| body.get(key)).and_then(Property::literal) else { return false };
    let Some(validator) = body.get("x-amazon-apigateway-request-validators").and_then(|validators| validators.get(name)) else {
        return false;
    };
    let on = |key: &str| validator.get(key).and_then(Property::literal) == Some("true");
    let parameters = operation.get("parameters").map_or(&[][..], Property::items);
    let in_body = operation.get("requestBody").is_some()
        || parameters.iter().any(|parameter| parameter.get("in").and_then(Property::literal) == Some("body"));
    on("validateRequestBody") && in_body || on("validateRequestParameters") && !parameters.is_empty()
}

fn read_integration<'t>(stated: &Property<'t>) -> Integration<'t> {
    let written = stated.get("type").and_then(Property::literal).unwrap_or_default();
    let mut integration = Integration::new(written, stated.get("uri").copied(), stated.span);
    if let Some(subtype) = stated.get("integrationSubtype").or_else(|| stated.get("subtype")).and_then(Property::literal) {
        integration.kind = Word::AwsService;
        integration.action = action_of_subtype(subtype);
    }
    integration.details.extend(["requestTemplates", "requestParameters"].iter().filter_map(|key| stated.get(key).copied()));
    integration.method = stated.get("httpMethod").copied();
    integration.passthrough = stated.get("passthroughBehavior").copied();
    integration.credentials = stated.get("credentials").copied();
    integration.private_link = stated.get("connectionType").and_then(Property::literal) == Some("VPC_LINK");
    integration.link = stated.get("connectionId").copied();
    integration
}

/// `SQS-SendMessage` of an HTTP API is `sqs:SendMessage`.
pub(crate) fn action_of_subtype(subtype: &str) -> String {
    let (service, action) = subtype.split_once('-').unwrap_or((subtype, ""));
    let service = match service {
        "EventBridge" => "events".to_owned(),
        "StepFunctions" => "states".to_owned(),
        other => other.to_ascii_lowercase(),
    };
    format!("{service}:{action}")
}

/// The origins that integration responses allow; `None` where they say nothing of it.
pub(crate) fn allowed_origins(responses: &Property<'_>) -> Option<Word> {
    let (mut origin, mut credentials) = (None, false);
    headers(responses, 0, &mut |key, value| {
        let key = key.to_ascii_lowercase();
        let text = canonical(value).unwrap_or_default();
        if key.ends_with("access-control-allow-origin") {
            origin = Some(if text.trim_matches(['\'', '"']) == "*" { Word::Any } else { Word::Restricted });
        }
        credentials |= key.ends_with("access-control-allow-credentials") && text.contains("true");
    });
    match origin {
        Some(Word::Any) if credentials => Some(Word::AnyCredentials),
        other => other,
    }
}

fn headers<'t>(value: &Property<'t>, depth: usize, found: &mut impl FnMut(&'t str, &Property<'t>)) {
    if depth > 6 {
        return;
    }
    match value.value {
        Value::Map(entries) => {
            for entry in entries {
                found(entry.key, &entry.value);
                headers(&entry.value, depth + 1, found);
            }
        }
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| headers(item, depth + 1, found))
        }
        _ => {}
    }
}
