//! `AWS::Serverless::Function` and `AWS::Serverless::LayerVersion`.
//!
//! Comes in: the function with its globals. Goes out: the Lambda function, its role unless one is named, its version and alias, its URL with
//! the permissions that make it public, what asynchronous invocations are sent on to, and all that its events stand for.
//! Never tells a function from its alias: what invokes the alias is shown to invoke the function.

use crate::formats::sam::Expansion;
use crate::formats::sam::deployment;
use crate::formats::sam::destination;
use crate::formats::sam::event;
use crate::formats::sam::pen::{Fields, Pen, entry_span};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::source::NoteKind;

/// What is written in the template for the transform alone, or under another name in CloudFormation.
const NOT_LAMBDA: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CapacityProviderConfig",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "Role",
    "RolePath",
    "SourceKMSKeyArn",
    "Tags",
    "Tracing",
    "VersionDeletionPolicy",
    "VersionDescription",
];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>) {
    let properties = function.properties;
    let mut grants = Grants::default();
    add_execution_policies(expansion, function, &mut grants);
    let index = expansion.len();
    add_alias(expansion, function);
    deployment::add_group(expansion, function);
    add_url(expansion, function);
    destination::add_invoke_config(expansion, function, &mut grants);
    event::expand_all(expansion, function, &mut grants);
    let role_address = format!("{}Role", function.address);
    let (role, wants_role) = role_of(expansion.pen(properties.span), properties.get("Role"), &role_address);
    if wants_role {
        policy::add_role(expansion, index, function, &role_address, "lambda.amazonaws.com", &grants);
    } else if properties.get("Policies").is_some() {
        let span = entry_span(&properties, "Policies");
        expansion.note(span, NoteKind::Inconsistent, format!("Policies of {} have no effect, since it names a Role", function.address));
    }
    let lambda = lambda_properties(expansion.pen(properties.span), properties, role);
    expansion.restate_at(index, function, "AWS::Lambda::Function", lambda);
}

pub fn expand_layer<'t>(expansion: &mut Expansion<'t, '_>, layer: &Resource<'t>) {
    let pen = expansion.pen(layer.properties.span);
    let mut fields = Fields::of(pen, layer.properties, &["ContentUri", "RetentionPolicy", "PublishLambdaVersion"]);
    fields.put_some("Content", layer.properties.get("ContentUri").map(|uri| package(pen, uri)).as_ref());
    expansion.restate(layer, "AWS::Lambda::LayerVersion", fields.done());
}

/// The role's value, and whether a role must be made: where none is named, or perhaps none.
pub fn role_of<'t>(pen: Pen<'t>, stated: Option<&Property<'t>>, address: &str) -> (Property<'t>, bool) {
    let made = pen.attribute(address, "Arn");
    match stated {
        None => (made, true),
        Some(Property { value: Value::Either(Alternatives { branches: arms, .. }), .. }) if arms.iter().any(|arm| !arm.is_present()) => {
            let arms: Vec<_> = arms.iter().map(|arm| if arm.is_present() { *arm } else { made }).collect();
            (pen.either(&arms), true)
        }
        Some(role) => (*role, false),
    }
}

fn lambda_properties<'t>(pen: Pen<'t>, properties: Property<'t>, role: Property<'t>) -> Property<'t> {
    let mut fields = Fields::of(pen, properties, NOT_LAMBDA);
    fields.put("Role", role);
    if let Some(code) = code_of(pen, &properties) {
        fields.put("Code", code);
    }
    if let Some(tracing) = traced(&properties) {
        fields.put("TracingConfig", pen.at(tracing.span).map(&[("Mode", *tracing)]));
    }
    if let Some(target) = properties.at("DeadLetterQueue.TargetArn") {
        fields.put("DeadLetterConfig", pen.at(target.span).map(&[("TargetArn", *target)]));
    }
    if let Some(provider) = properties.get("CapacityProviderConfig") {
        let mut config = Fields::of(pen, *provider, &["Arn"]);
        config.rename(provider, "Arn", "CapacityProviderArn");
        fields.put("CapacityProviderConfig", pen.map(&[("LambdaManagedInstancesCapacityProviderConfig", config.done())]));
    }
    fields.put_some("Tags", tag_list(pen, properties.get("Tags")).as_ref());
    fields.done()
}

fn code_of<'t>(pen: Pen<'t>, properties: &Property<'t>) -> Option<Property<'t>> {
    let (key, value) = ["InlineCode", "ImageUri", "CodeUri"].iter().find_map(|key| properties.get(key).map(|value| (*key, value)))?;
    Some(match key {
        "InlineCode" => pen.at(value.span).map(&[("ZipFile", *value)]),
        "ImageUri" => pen.at(value.span).map(&[("ImageUri", *value)]),
        _ => package(pen, value),
    })
}

/// Code in a bucket. A local path stays as it is, which is how CloudFormation's own packaging writes it.
fn package<'t>(pen: Pen<'t>, uri: &Property<'t>) -> Property<'t> {
    let pen = pen.at(uri.span);
    match uri.value {
        Value::Map(_) => {
            let mut fields = Fields::new(pen);
            fields.rename(uri, "Bucket", "S3Bucket");
            fields.rename(uri, "Key", "S3Key");
            fields.rename(uri, "Version", "S3ObjectVersion");
            fields.done()
        }
        Value::Text(text) => match text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
            Some((bucket, key)) => pen.map(&[("S3Bucket", pen.text(bucket)), ("S3Key", pen.text(key))]),
            None => *uri,
        },
        _ => *uri,
    }
}

/// `Tracing`, unless it is switched off.
fn traced<'t>(properties: &Property<'t>) -> Option<&'t Property<'t>> {
    properties.get("Tracing").filter(|tracing| tracing.literal() != Some("Disabled"))
}

/// SAM writes tags as a map, CloudFormation as a list.
pub fn tag_list<'t>(pen: Pen<'t>, tags: Option<&Property<'t>>) -> Option<Property<'t>> {
    let tags = tags?;
    if !matches!(tags.value, Value::Map(_)) {
        return Some(*tags);
    }
    let pen = pen.at(tags.span);
    let items: Vec<_> =
        tags.entries().iter().map(|tag| pen.at(tag.value.span).map(&[("Key", pen.text(tag.key)), ("Value", tag.value)])).collect();
    Some(pen.list(&items))
}

fn add_execution_policies<'t>(expansion: &Expansion<'t, '_>, function: &Resource<'t>, grants: &mut Grants<'t>) {
    let properties = &function.properties;
    let pen = expansion.pen(function.span);
    let basic =
        if properties.get("DurableConfig").is_some() { "AWSLambdaBasicDurableExecutionRolePolicy" } else { "AWSLambdaBasicExecutionRole" };
    grants.add_managed(pen, basic);
    if let Some(tracing) = traced(properties) {
        grants.add_managed(pen.at(tracing.span), "AWSXrayWriteOnlyAccess");
    }
    if properties.get("VpcConfig").is_some() {
        grants.add_managed(pen.at(entry_span(properties, "VpcConfig")), "AWSLambdaVPCAccessExecutionRole");
    }
    if let Some(policies) = properties.get("Policies") {
        grants.add_policies(expansion, &format!("{}Role", function.address), policies);
    }
    if let Some(queue) = properties.get("DeadLetterQueue") {
        add_dead_letter_policy(pen.at(queue.span), queue, grants);
    }
}

fn add_dead_letter_policy<'t>(pen: Pen<'t>, queue: &Property<'t>, grants: &mut Grants<'t>) {
    let action = match queue.get("Type").and_then(Property::literal) {
        Some("SNS") => "sns:Publish",
        _ => "sqs:SendMessage",
    };
    if let Some(target) = queue.get("TargetArn") {
        grants.add_inline(pen, "DeadLetterQueuePolicy", &[policy::allow(pen, &[action], *target)]);
    }
}

/// The version and the alias that each deployment publishes.
fn add_alias<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>) {
    let Some(alias) = function.properties.get("AutoPublishAlias") else { return };
    let pen = expansion.pen(entry_span(&function.properties, "AutoPublishAlias"));
    let version = format!("{}Version", function.address);
    let name = alias.literal().unwrap_or_default().replace('-', "D").replace('_', "U");
    let function_name = ("FunctionName", pen.resource(function.address));
    expansion.imply(function, &version, "AWS::Lambda::Version", pen.map(&[function_name]));
    let mut fields = Fields::new(pen);
    fields.put("Name", *alias);
    fields.put("FunctionName", function_name.1);
    fields.put("FunctionVersion", pen.attribute(&version, "Version"));
    fields.copy(&function.properties, &["ProvisionedConcurrencyConfig"]);
    expansion.imply(function, &format!("{}Alias{name}", function.address), "AWS::Lambda::Alias", fields.done());
}

/// A URL without authorisation needs two permissions since October 2025: one to call the URL, one to invoke through it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>
fn add_url<'t>(expansion: &mut Expansion<'t, '_>, function: &Resource<'t>) {
    let Some(config) = function.properties.get("FunctionUrlConfig") else { return };
    let pen = expansion.pen(entry_span(&function.properties, "FunctionUrlConfig"));
    let name = pen.resource(function.address);
    let mut fields = Fields::of(pen, *config, &[]);
    fields.put("TargetFunctionArn", name);
    let auth = config.get("AuthType");
    fields.put_some("AuthType", auth);
    expansion.imply(function, &format!("{}Url", function.address), "AWS::Lambda::Url", Property { span: pen.span(), ..fields.done() });
    let Some(auth) = auth.filter(|auth| may_be_none(auth)) else { return };
    let everyone = ("Principal", pen.text("*"));
    let call =
        pen.map(&[("Action", pen.text("lambda:InvokeFunctionUrl")), ("FunctionName", name), everyone, ("FunctionUrlAuthType", *auth)]);
    expansion.imply(function, &format!("{}UrlPublicPermissions", function.address), "AWS::Lambda::Permission", call);
    let invoke = pen.map(&[
        ("Action", pen.text("lambda:InvokeFunction")),
        ("FunctionName", name),
        everyone,
        ("InvokedViaFunctionUrl", pen.flag(true)),
    ]);
    expansion.imply(function, &format!("{}URLInvokeAllowPublicAccess", function.address), "AWS::Lambda::Permission", invoke);
}

/// Whether the transform may find `NONE` there: it fills in parameters first.
fn may_be_none(auth: &Property<'_>) -> bool {
    match auth.value {
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(may_be_none),
        _ => auth.literal().is_none_or(|word| word == "NONE"),
    }
}
