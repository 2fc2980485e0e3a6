//! Who may call a route: authorizers of an API and what a route makes of them.
//!
//! Comes in: `Auth` of a REST or HTTP API and of an event. Goes out: authorizer resources, the properties of a route that say how callers are
//! told apart, and the policy of the API. Never decides whether that is enough.

use crate::formats::sam::Expansion;
use crate::formats::sam::event::Event;
use crate::formats::sam::pen::{Fields, Pen, lines};
use crate::formats::sam::policy;
use crate::model::resource::{Alternatives, Entry, Property, Resource, Value};

/// The scheme by which the transform asks for the key of a usage plan.
const KEY: &str = "api_key";

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ApiKind {
    Rest,
    Http,
}

/// The properties of a route that say who may call it.
pub fn add_route_auth<'t>(fields: &mut Fields<'t>, event: &Event<'t>, kind: ApiKind, api: &str, api_auth: Option<&Property<'t>>) {
    let event_auth = event.properties.get("Auth");
    let own = event_auth.and_then(|auth| auth.get("Authorizer"));
    let name = own.or_else(|| api_auth.filter(|auth| is_asked(auth, event)).and_then(|auth| auth.get("DefaultAuthorizer")));
    let pen = name.map_or(event.pen, |name| event.pen.at(name.span));
    let (authorization, authorizer) = match name.map(|name| (name, name.literal())) {
        None | Some((_, Some("NONE"))) => (pen.text("NONE"), None),
        Some((_, Some("AWS_IAM"))) => (pen.text("AWS_IAM"), None),
        Some((_, Some(name))) => match authorizers(api_auth).iter().find(|entry| entry.key == name) {
            Some(entry) => (pen.text(route_word(kind, &entry.value)), Some(pen.resource(&authorizer_address(api, name)))),
            None => (pen.unknown(&format!("the authorizer {name} is not defined with the API")), None),
        },
        Some((name, None)) => (pen.unknown(&name.unresolved().unwrap_or_else(|| "the authorizer's name is not a text".to_owned())), None),
    };
    fields.put("AuthorizationType", authorization);
    fields.put_some("AuthorizerId", authorizer.as_ref());
    fields.put_some("AuthorizationScopes", event_auth.and_then(|auth| auth.get("AuthorizationScopes")));
    if kind == ApiKind::Rest {
        let required = event_auth.and_then(|auth| auth.get("ApiKeyRequired"));
        fields.put_some("ApiKeyRequired", required.or_else(|| api_auth.and_then(|auth| auth.get("ApiKeyRequired"))));
    }
}

/// Whether the default authorizer stands before this route: preflight requests can be spared.
fn is_asked(auth: &Property<'_>, event: &Event<'_>) -> bool {
    let is_preflight =
        event.properties.get("Method").and_then(Property::literal).is_some_and(|method| method.eq_ignore_ascii_case("options"));
    !is_preflight || auth.get("AddDefaultAuthorizerToCorsPreflight").and_then(Property::literal) != Some("false")
}

fn authorizers<'t>(auth: Option<&Property<'t>>) -> &'t [Entry<'t>] {
    auth.and_then(|auth| auth.get("Authorizers")).map_or(&[], Property::entries)
}

fn authorizer_address(api: &str, name: &str) -> String {
    format!("{api}{name}Authorizer")
}

fn route_word(kind: ApiKind, authorizer: &Property<'_>) -> &'static str {
    match kind {
        ApiKind::Rest if authorizer.get("UserPoolArn").is_some() => "COGNITO_USER_POOLS",
        ApiKind::Http if authorizer.get("FunctionArn").is_none() => "JWT",
        ApiKind::Rest | ApiKind::Http => "CUSTOM",
    }
}

/// The authorizers of an API, and the permissions that let it call their functions.
pub fn add_authorizers<'t>(
    expansion: &mut Expansion<'t, '_>,
    api: &Resource<'t>,
    address: &str,
    kind: ApiKind,
    auth: Option<&Property<'t>>,
) {
    for entry in authorizers(auth) {
        let pen = expansion.pen(lines(entry));
        let (type_name, properties) = match kind {
            ApiKind::Rest => ("AWS::ApiGateway::Authorizer", rest_authorizer(pen, address, entry)),
            ApiKind::Http => ("AWS::ApiGatewayV2::Authorizer", http_authorizer(pen, address, entry)),
        };
        expansion.imply(api, &authorizer_address(address, entry.key), type_name, properties);
        if let Some(function) = entry.value.get("FunctionArn").filter(|_| is_permitted(kind, &entry.value)) {
            let source = pen.arn("execute-api", &[pen.resource(address), pen.text("/authorizers/*")]);
            let properties = pen.map(&[
                ("Action", pen.text("lambda:InvokeFunction")),
                ("FunctionName", *function),
                ("Principal", pen.text("apigateway.amazonaws.com")),
                ("SourceArn", source),
            ]);
            expansion.imply(api, &format!("{address}{}AuthorizerPermission", entry.key), "AWS::Lambda::Permission", properties);
        }
    }
}

/// REST APIs get the permission unless it is refused, HTTP APIs only where it is asked for.
fn is_permitted(kind: ApiKind, authorizer: &Property<'_>) -> bool {
    let flag = |key: &str| authorizer.get(key).and_then(Property::literal) == Some("true");
    match kind {
        ApiKind::Rest => !flag("DisableFunctionDefaultPermissions"),
        ApiKind::Http => flag("EnableFunctionDefaultPermissions"),
    }
}

fn rest_authorizer<'t>(pen: Pen<'t>, api: &str, entry: &Entry<'t>) -> Property<'t> {
    let authorizer = &entry.value;
    let mut fields = Fields::new(pen);
    fields.put("RestApiId", pen.resource(api));
    fields.put("Name", pen.text(entry.key));
    if let Some(pool) = authorizer.get("UserPoolArn") {
        fields.put("Type", pen.text("COGNITO_USER_POOLS"));
        fields.put("ProviderARNs", if pool.items().is_empty() { pen.list(&[*pool]) } else { *pool });
    } else {
        let kind = authorizer.get("FunctionPayloadType").and_then(Property::literal).unwrap_or("TOKEN");
        fields.put("Type", pen.text(kind));
        fields.put_some("AuthorizerUri", authorizer.get("FunctionArn").map(|arn| invocation_uri(pen, *arn)).as_ref());
        fields.rename(authorizer, "FunctionInvokeRole", "AuthorizerCredentials");
    }
    if let Some(identity) = authorizer.get("Identity") {
        fields.rename(identity, "ValidationExpression", "IdentityValidationExpression");
        fields.rename(identity, "ReauthorizeEvery", "AuthorizerResultTtlInSeconds");
        let header = identity.get("Header").and_then(Property::literal).unwrap_or("Authorization");
        fields.put("IdentitySource", pen.text(&format!("method.request.header.{header}")));
    }
    fields.copy(authorizer, &["AuthorizationScopes"]);
    fields.done()
}

fn http_authorizer<'t>(pen: Pen<'t>, api: &str, entry: &Entry<'t>) -> Property<'t> {
    let authorizer = &entry.value;
    let mut fields = Fields::new(pen);
    fields.put("ApiId", pen.resource(api));
    fields.put("Name", pen.text(entry.key));
    match authorizer.get("FunctionArn") {
        Some(function) => {
            fields.put("AuthorizerType", pen.text("REQUEST"));
            fields.put("AuthorizerUri", invocation_uri(pen, *function));
            fields.copy(authorizer, &["AuthorizerPayloadFormatVersion", "EnableSimpleResponses"]);
            fields.rename(authorizer, "FunctionInvokeRole", "AuthorizerCredentialsArn");
            fields.put_some("AuthorizerResultTtlInSeconds", authorizer.at("Identity.ReauthorizeEvery"));
        }
        None => {
            fields.put("AuthorizerType", pen.text("JWT"));
            fields.put_some("JwtConfiguration", authorizer.get("JwtConfiguration").map(|config| jwt(pen, config)).as_ref());
            fields.put_some("IdentitySource", authorizer.get("IdentitySource").map(|source| pen.list(&[*source])).as_ref());
            fields.copy(authorizer, &["AuthorizationScopes"]);
        }
    }
    fields.done()
}

/// SAM passes the configuration on to OpenAPI, which writes its keys small.
fn jwt<'t>(pen: Pen<'t>, config: &Property<'t>) -> Property<'t> {
    let mut fields = Fields::new(pen.at(config.span));
    for (from, to) in [("issuer", "Issuer"), ("audience", "Audience"), ("Issuer", "Issuer"), ("Audience", "Audience")] {
        fields.rename(config, from, to);
    }
    fields.done()
}

/// What API Gateway calls to invoke a function.
pub fn invocation_uri<'t>(pen: Pen<'t>, function: Property<'t>) -> Property<'t> {
    let head = pen.pattern("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/", |_| None);
    pen.joined(&[head, function, pen.text("/invocations")])
}

/// A map with another value for each of its entries, whichever branch of a condition it is; anything else as it is.
fn in_entries<'t>(pen: Pen<'t>, map: Property<'t>, change: &dyn Fn(Property<'t>) -> Property<'t>) -> Property<'t> {
    match map.value {
        Value::Either(Alternatives { branches, .. }) => {
            let branches: Vec<_> = branches.iter().map(|branch| in_entries(pen, *branch, change)).collect();
            pen.at(map.span).either(&branches)
        }
        Value::Map(entries) => {
            let mut fields = Fields::new(pen.at(map.span));
            entries.iter().for_each(|entry| fields.put_entry(Entry { value: change(entry.value), ..*entry }));
            fields.done()
        }
        _ => map,
    }
}

/// A method that asks for this, unless it says itself what it asks for.
fn with_security<'t>(pen: Pen<'t>, method: Property<'t>, security: Property<'t>) -> Property<'t> {
    match method.value {
        Value::Either(Alternatives { branches, .. }) => {
            let branches: Vec<_> = branches.iter().map(|branch| with_security(pen, *branch, security)).collect();
            pen.at(method.span).either(&branches)
        }
        Value::Map(_) if method.get("security").is_none() => {
            let mut fields = Fields::of(pen.at(method.span), method, &[]);
            fields.put("security", security);
            fields.done()
        }
        _ => method,
    }
}

/// A method that asks for this scheme besides whatever else it asks for; what cannot be told stays so.
fn with_scheme<'t>(pen: Pen<'t>, method: Property<'t>, name: &'static str) -> Property<'t> {
    let scheme = || pen.map(&[(name, pen.list(&[]))]);
    match (method.value, method.get("security").map(|security| (security, security.value))) {
        (Value::Either(Alternatives { branches, .. }), _) => {
            let branches: Vec<_> = branches.iter().map(|branch| with_scheme(pen, *branch, name)).collect();
            pen.at(method.span).either(&branches)
        }
        (Value::Map(_), asked @ (None | Some((_, Value::List(_))))) => {
            let asked = asked.map_or(&[][..], |(security, _)| security.items());
            let all: Vec<Property<'t>> = asked.iter().copied().chain([scheme()]).collect();
            let mut fields = Fields::of(pen.at(method.span), method, &[]);
            fields.put("security", pen.list(&all));
            fields.done()
        }
        _ => method,
    }
}

/// A definition with the API's authorizers in it, its default authorizer for every route that names none, and its key for every route.
pub fn secured<'t>(pen: Pen<'t>, kind: ApiKind, body: Property<'t>, auth: Option<&Property<'t>>) -> Property<'t> {
    let entries = authorizers(auth);
    let default = auth.and_then(|auth| auth.get("DefaultAuthorizer"));
    let key = auth.and_then(|auth| auth.get("ApiKeyRequired")).filter(|key| kind == ApiKind::Rest && key.literal() != Some("false"));
    if !matches!(body.value, Value::Map(_)) || (entries.is_empty() && default.is_none() && key.is_none()) {
        return body;
    }
    let mut paths = body.get("paths").copied();
    let mut fields = Fields::of(pen, body, &[]);
    let mut schemes = Fields::new(pen);
    for entry in entries {
        schemes.put(entry.key, scheme(pen.at(lines(entry)), kind, &entry.value));
    }
    if let Some(name) = default.and_then(Property::literal).filter(|name| *name != "NONE") {
        let pen = default.map_or(pen, |default| pen.at(default.span));
        if name == "AWS_IAM" {
            schemes.put(name, pen.map(&[("type", pen.text("apiKey")), ("x-amazon-apigateway-authtype", pen.text("awsSigv4"))]));
        }
        let security = pen.list(&[pen.map(&[(name, pen.list(&[]))])]);
        // As the transform does: at each method, because REST APIs take no notice of what stands at the root.
        paths = paths.map(|paths| in_entries(pen, paths, &|path| in_entries(pen, path, &|method| with_security(pen, method, security))));
    }
    if let Some(key) = key {
        let pen = pen.at(key.span);
        if key.literal() == Some("true") {
            schemes.put(KEY, pen.map(&[("type", pen.text("apiKey")), ("name", pen.text("x-api-key")), ("in", pen.text("header"))]));
        } else {
            schemes.put(KEY, pen.unknown("it is not known here whether a key is asked for"));
        }
        paths = paths.map(|paths| in_entries(pen, paths, &|path| in_entries(pen, path, &|method| with_scheme(pen, method, KEY))));
    }
    fields.put_some("paths", paths.as_ref());
    let old_style = body.get("swagger").is_some();
    let outer = if old_style { None } else { body.get("components") };
    let known = if old_style { body.get("securityDefinitions") } else { outer.and_then(|outer| outer.get("securitySchemes")) };
    known.map_or(&[][..], Property::entries).iter().for_each(|entry| schemes.put_entry(*entry));
    if old_style {
        fields.put("securityDefinitions", schemes.done());
    } else {
        let mut components = outer.map_or_else(|| Fields::new(pen), |outer| Fields::of(pen, *outer, &[]));
        components.put("securitySchemes", schemes.done());
        fields.put("components", components.done());
    }
    fields.done()
}

/// An authorizer in OpenAPI's terms.
fn scheme<'t>(pen: Pen<'t>, kind: ApiKind, authorizer: &Property<'t>) -> Property<'t> {
    let extension = match (authorizer.get("UserPoolArn"), authorizer.get("FunctionArn")) {
        (Some(pool), _) => {
            let pools = if pool.items().is_empty() { pen.list(&[*pool]) } else { *pool };
            pen.map(&[("type", pen.text("cognito_user_pools")), ("providerARNs", pools)])
        }
        (None, Some(function)) => pen.map(&[("type", pen.text("request")), ("authorizerUri", invocation_uri(pen, *function))]),
        (None, None) => {
            let mut fields = Fields::new(pen);
            fields.put("type", pen.text("jwt"));
            fields.rename(authorizer, "JwtConfiguration", "jwtConfiguration");
            fields.done()
        }
    };
    let word = match kind {
        ApiKind::Http if authorizer.get("FunctionArn").is_none() => "oauth2",
        ApiKind::Rest | ApiKind::Http => "apiKey",
    };
    pen.map(&[("type", pen.text(word)), ("x-amazon-apigateway-authorizer", extension)])
}

/// `Auth.ResourcePolicy` of an API as a policy document.
pub fn resource_policy<'t>(pen: Pen<'t>, policy: &Property<'t>) -> Property<'t> {
    policy::document(pen.at(policy.span), &policy_statements(pen, policy, pen.text("execute-api:/*")))
}

/// `Auth.ResourcePolicy` of an API or of an event, for all routes or for one.
pub fn policy_statements<'t>(pen: Pen<'t>, policy: &Property<'t>, resource: Property<'t>) -> Vec<Property<'t>> {
    let pen = pen.at(policy.span);
    let mut statements = Vec::new();
    let accounts = |effect: &str, accounts: &Property<'t>| {
        pen.map(&[
            ("Effect", pen.text(effect)),
            ("Principal", pen.map(&[("AWS", *accounts)])),
            ("Action", pen.text("execute-api:Invoke")),
            ("Resource", resource),
        ])
    };
    statements.extend(policy.get("AwsAccountWhitelist").map(|listed| accounts("Allow", listed)));
    statements.extend(policy.get("AwsAccountBlacklist").map(|listed| accounts("Deny", listed)));
    let denied = denials(pen, policy, resource);
    if !denied.is_empty() {
        statements.push(for_anyone(pen, "Allow", resource, None));
        statements.extend(denied);
    }
    statements.extend(policy.get("CustomStatements").map_or(&[][..], Property::one_or_many));
    statements
}

fn denials<'t>(pen: Pen<'t>, policy: &Property<'t>, resource: Property<'t>) -> Vec<Property<'t>> {
    let lists = [
        ("IpRangeWhitelist", "NotIpAddress", "aws:SourceIp"),
        ("IpRangeBlacklist", "IpAddress", "aws:SourceIp"),
        ("SourceVpcWhitelist", "StringNotEquals", "aws:SourceVpc"),
        ("SourceVpcBlacklist", "StringEquals", "aws:SourceVpc"),
        ("IntrinsicVpcWhitelist", "StringNotEquals", "aws:SourceVpc"),
        ("IntrinsicVpcBlacklist", "StringEquals", "aws:SourceVpc"),
        ("IntrinsicVpceWhitelist", "StringNotEquals", "aws:SourceVpce"),
        ("IntrinsicVpceBlacklist", "StringEquals", "aws:SourceVpce"),
    ];
    let listed = lists.iter().filter_map(|(key, operator, tested)| Some((*operator, *tested, policy.get(key)?)));
    let denial = |(operator, tested, values): (_, _, &Property<'t>)| {
        for_anyone(pen, "Deny", resource, Some((operator, endpoint_key(tested, values), *values)))
    };
    listed.map(denial).collect()
}

/// One list names networks and endpoints alike; an endpoint's id tells itself.
fn endpoint_key<'a>(tested: &'a str, values: &Property<'_>) -> &'a str {
    let is_endpoint = values.items().iter().any(|value| value.literal().is_some_and(|text| text.starts_with("vpce-")));
    if is_endpoint && tested == "aws:SourceVpc" { "aws:SourceVpce" } else { tested }
}

fn for_anyone<'t>(pen: Pen<'t>, effect: &str, resource: Property<'t>, condition: Option<(&str, &str, Property<'t>)>) -> Property<'t> {
    let mut fields = Fields::new(pen);
    fields.put("Effect", pen.text(effect));
    fields.put("Principal", pen.text("*"));
    fields.put("Action", pen.text("execute-api:Invoke"));
    fields.put("Resource", resource);
    if let Some((operator, key, values)) = condition {
        fields.put("Condition", pen.map(&[(operator, pen.map(&[(key, values)]))]));
    }
    fields.done()
}
