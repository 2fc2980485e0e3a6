//! Functions: what Lambda is told about each, its log group, its version, its URL and where asynchronous invocations go on to.
//!
//! Comes in: a function of the service. Goes out: resources of the stack, and what its role must be granted for them.

use crate::formats::serverless::invocation;
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, at, present, word};
use crate::formats::serverless::service::{Function, Role, Service, is_silent};
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::url;
use crate::syntax::{Node, Value};

/// Settings of a function and what CloudFormation calls them.
const SAME: &[(&str, &str)] = &[
    ("description", "Description"),
    ("handler", "Handler"),
    ("reservedConcurrency", "ReservedConcurrentExecutions"),
    ("kmsKeyArn", "KmsKeyArn"),
    ("layers", "Layers"),
    ("runtime", "Runtime"),
    ("memorySize", "MemorySize"),
    ("timeout", "Timeout"),
];
/// Those that hold for every function that states none of its own.
const OF_PROVIDER: &[(&str, &str)] =
    &[("kmsKeyArn", "KmsKeyArn"), ("layers", "Layers"), ("runtime", "Runtime"), ("memorySize", "MemorySize"), ("timeout", "Timeout")];
/// Megabytes and seconds where neither the function nor the provider says any:
/// <https://www.serverless.com/framework/docs/providers/aws/guide/functions>, read 2026-11-24.
const DEFAULTS: [(&str, u32); 2] = [("MemorySize", 1024), ("Timeout", 6)];

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    for function in &service.functions {
        add_log_group(service, stack, function);
        add_function(service, stack, function);
        add_version(service, stack, function);
        url::add(service, stack, function);
        invocation::add(service, stack, function);
    }
}

fn add_log_group<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    if is_silent(function) || log_group_of_others(service, function).is_some() {
        return;
    }
    let pen = stack.pen(function.span);
    let mut fields = Fields::new(pen);
    fields.put("LogGroupName", pen.joined(&[pen.text("/aws/lambda/"), function.full_name]));
    for (setting, property) in
        [("logRetentionInDays", "RetentionInDays"), ("logKmsKeyArn", "KmsKeyId"), ("logDataProtectionPolicy", "DataProtectionPolicy")]
    {
        fields.put_some(property, present(function.settings, setting).or_else(|| service.setting(setting)));
    }
    stack.add(&function.named("LogGroup"), "AWS::Logs::LogGroup", fields.done());
}

/// A log group that is not the function's own.
pub(super) fn log_group_of_others<'t>(service: &Service<'t>, function: &Function<'t>) -> Option<Node<'t>> {
    at(function.settings, "logs.logGroup").or_else(|| service.setting("logs.lambda.logGroup"))
}

fn add_function<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let pen = stack.pen(function.span);
    let mut fields = Fields::new(pen);
    DEFAULTS.iter().for_each(|(property, number)| fields.put(property, pen.number(*number)));
    fields.put("FunctionName", function.full_name);
    fields.rename(service.provider, OF_PROVIDER);
    fields.rename(function.settings, SAME);
    put_code(&mut fields, function, pen);
    put_environment(&mut fields, service, function, pen);
    put_placement(&mut fields, service, function, pen);
    put_tracing(&mut fields, service, function, stack);
    put_dead_letters(&mut fields, function, stack);
    put_logging(&mut fields, service, function, pen);
    let architecture = present(function.settings, "architecture").or_else(|| service.setting("architecture"));
    fields.put_some("Architectures", architecture.map(|name| pen.list(&[name])));
    fields.put_some("EphemeralStorage", present(function.settings, "ephemeralStorageSize").map(|size| pen.map(&[("Size", size)])));
    fields.put_some("RecursiveLoop", word(function.settings, "recursiveLoop").map(|word| pen.text(&naming::upper_first(word))));
    fields.put_some("Tags", tags(service, function, pen));
    fields.put("Role", role(function, pen));
    let beside = match present(function.settings, "condition") {
        Some(condition) => vec![("Condition", condition)],
        None => Vec::new(),
    };
    stack.add_with(&function.id, "AWS::Lambda::Function", fields.done(), &beside);
}

fn put_code<'t>(fields: &mut Fields<'t>, function: &Function<'t>, pen: Pen<'t>) {
    let Some(image) = present(function.settings, "image") else { return };
    let uri = if image.is_map() { present(image, "uri").or_else(|| present(image, "name")) } else { Some(image) };
    fields.put("PackageType", pen.text("Image"));
    fields.put_some("Code", uri.map(|uri| pen.map(&[("ImageUri", uri)])));
}

/// The provider's variables are everybody's, the function's own count.
fn put_environment<'t>(fields: &mut Fields<'t>, service: &Service<'t>, function: &Function<'t>, pen: Pen<'t>) {
    let own = present(function.settings, "environment");
    let variables = match (service.setting("environment"), own) {
        (Some(general), Some(own)) => Some(service.merged(general, own)),
        (general, own) => own.or(general),
    };
    fields.put_some("Environment", variables.map(|variables| pen.map(&[("Variables", variables)])));
}

/// A function may be left out of the provider's VPC by `vpc: false` or `vpc: ~`.
fn put_placement<'t>(fields: &mut Fields<'t>, service: &Service<'t>, function: &Function<'t>, pen: Pen<'t>) {
    let own = function.settings.get("vpc");
    if own.is_some_and(|own| matches!(own.value, Value::Null | Value::Bool(false))) {
        return;
    }
    let setting = |key: &str| own.and_then(|own| present(own, key)).or_else(|| service.setting("vpc").and_then(|vpc| present(vpc, key)));
    let (groups, subnets) = (setting("securityGroupIds"), setting("subnetIds"));
    if let (Some(groups), Some(subnets)) = (groups, subnets) {
        fields.put("VpcConfig", pen.map(&[("SecurityGroupIds", groups), ("SubnetIds", subnets)]));
    }
    if let Some(mount) = present(function.settings, "fileSystemConfig") {
        let mut config = Fields::new(pen.at(mount.span));
        config.rename(mount, &[("arn", "Arn"), ("localMountPath", "LocalMountPath")]);
        fields.put("FileSystemConfigs", pen.list(&[config.done()]));
    }
}

fn put_tracing<'t>(fields: &mut Fields<'t>, service: &Service<'t>, function: &Function<'t>, stack: &mut Stack<'t>) {
    let Some(tracing) = present(function.settings, "tracing").or_else(|| service.setting("tracing.lambda")) else { return };
    let pen = stack.pen(tracing.span);
    let mode = match tracing.value {
        Value::Bool(false) => return,
        Value::Bool(true) => pen.text("Active"),
        _ => tracing,
    };
    fields.put("TracingConfig", pen.map(&[("Mode", mode)]));
    stack.grant(function.name, pen.allow(&["xray:PutTraceSegments", "xray:PutTelemetryRecords"], &[pen.text("*")]));
}

fn put_dead_letters<'t>(fields: &mut Fields<'t>, function: &Function<'t>, stack: &mut Stack<'t>) {
    if let Some(target) = present(function.settings, "onError") {
        let pen = stack.pen(target.span);
        fields.put("DeadLetterConfig", pen.map(&[("TargetArn", target)]));
        if target.scalar().is_some() {
            stack.imply(function.name, pen.allow(&["sns:Publish"], &[target]));
        }
    }
    if let Some(mount) = at(function.settings, "fileSystemConfig.arn") {
        let pen = stack.pen(mount.span);
        stack.imply(function.name, pen.allow(&["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"], &[mount]));
    }
}

fn put_logging<'t>(fields: &mut Fields<'t>, service: &Service<'t>, function: &Function<'t>, pen: Pen<'t>) {
    let mut config = Fields::new(pen);
    let names = [("logFormat", "LogFormat"), ("logGroup", "LogGroup"), ("applicationLogLevel", "ApplicationLogLevel")];
    for source in [service.setting("logs.lambda"), present(function.settings, "logs")].into_iter().flatten() {
        config.rename(source, &names);
    }
    if !config.is_empty() {
        fields.put("LoggingConfig", config.done());
    }
}

/// CloudFormation's list of the tags of the provider and of the function.
fn tags<'t>(service: &Service<'t>, function: &Function<'t>, pen: Pen<'t>) -> Option<Node<'t>> {
    let own = present(function.settings, "tags");
    let tags = match (service.setting("tags"), own) {
        (Some(general), Some(own)) => service.merged(general, own),
        (general, own) => own.or(general)?,
    };
    let items: Vec<_> = tags.entries().iter().map(|tag| pen.map(&[("Key", pen.text(tag.key)), ("Value", tag.value)])).collect();
    Some(pen.list(&items))
}

/// The role that a function acts with.
pub(super) fn role<'t>(function: &Function<'t>, pen: Pen<'t>) -> Node<'t> {
    match function.role {
        Role::Shared => pen.attribute("IamRoleLambdaExecution", "Arn"),
        Role::Own => pen.attribute(&function.named("IamRoleLambdaExecution"), "Arn"),
        // A bare name is a logical id.
        Role::Named(role) => match role.scalar().filter(|name| role.tag.is_none() && is_logical_id(name)) {
            Some(id) => pen.at(role.span).attribute(id, "Arn"),
            None => role,
        },
    }
}

fn is_logical_id(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn add_version<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let alias = [("provisionedConcurrency", "ProvConcLambdaAlias"), ("snapStart", "SnapStartLambdaAlias")];
    let alias = alias
        .iter()
        .find(|(setting, _)| present(function.settings, setting).is_some_and(|value| !matches!(value.value, Value::Bool(false))));
    let wanted = present(function.settings, "versionFunction").or_else(|| service.setting("versionFunctions"));
    if alias.is_none() && wanted.is_some_and(|wanted| matches!(wanted.value, Value::Bool(false))) {
        return;
    }
    let pen = stack.pen(function.span);
    let of_function = ("FunctionName", pen.reference(&function.id));
    let version = function.named("LambdaVersion");
    stack.add_with(&version, "AWS::Lambda::Version", pen.map(&[of_function]), &[("DeletionPolicy", pen.text("Retain"))]);
    if let Some((setting, rest)) = alias {
        let name = if *setting == "snapStart" { "snapstart" } else { "provisioned" };
        let properties = [of_function, ("FunctionVersion", pen.attribute(&version, "Version")), ("Name", pen.text(name))];
        stack.add(&function.named(rest), "AWS::Lambda::Alias", pen.map(&properties));
    }
}
