//! The roles that functions act with: the one that they share, and those of plugins that give each its own.
//!
//! Comes in: what the provider and the functions state, and what was granted on the way. Goes out: roles of the stack.

use crate::formats::serverless::function::log_group_of_others;
use crate::formats::serverless::pen::{Fields, Pen, at, is_on, one_or_many, present};
use crate::formats::serverless::service::{Function, Role, Service, is_silent};
use crate::formats::serverless::stack::Stack;
use crate::source::Span;
use crate::syntax::{Node, Value};
use std::collections::BTreeSet;

const SHARED: &str = "IamRoleLambdaExecution";

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let shared: Vec<&Function<'t>> = service.functions.iter().filter(|function| matches!(function.role, Role::Shared)).collect();
    if !shared.is_empty() {
        let span = service.setting("iam").or_else(|| service.setting("iamRoleStatements")).map_or(service.span, |stated| stated.span);
        let pen = stack.pen(span);
        let mut statements = log_statements(service, pen, &shared);
        statements.extend(stated_statements(service));
        statements.extend(stack.granted_to_all());
        statements.extend(stack.granted(&shared.iter().map(|function| function.name).collect()));
        add_shared(service, stack, pen, &statements, &shared);
    }
    for function in service.functions.iter().filter(|function| matches!(function.role, Role::Own)) {
        add_own(service, stack, function);
    }
}

fn add_shared<'t>(service: &Service<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, statements: &[Node<'t>], functions: &[&Function<'t>]) {
    let role = service.setting("iam.role").unwrap_or_else(|| pen.map(&[]));
    let schedules = service.triggers("schedule").any(|trigger| trigger.get("method").and_then(|node| node.scalar()) == Some("scheduler"));
    let services: &[&str] = if schedules { &["lambda.amazonaws.com", "scheduler.amazonaws.com"] } else { &["lambda.amazonaws.com"] };
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", pen.trust(services));
    let name = service.name_with(pen, &[pen.text("-lambda")]);
    fields.put("Policies", pen.list(&[pen.map(&[("PolicyName", name), ("PolicyDocument", pen.document(statements))])]));
    fields.put("Path", present(role, "path").unwrap_or_else(|| pen.text("/")));
    let own_name = || service.name_with(pen, &[pen.text("-"), pen.reference("AWS::Region"), pen.text("-lambdaRole")]);
    fields.put("RoleName", present(role, "name").unwrap_or_else(own_name));
    put_limits(&mut fields, service, pen, functions);
    stack.add(SHARED, "AWS::IAM::Role", fields.done());
}

/// Managed policies, those that a VPC needs among them, and the boundary.
fn put_limits<'t>(fields: &mut Fields<'t>, service: &Service<'t>, pen: Pen<'t>, functions: &[&Function<'t>]) {
    let boundary = ["iam.role.permissionsBoundary", "iam.role.permissionBoundary", "rolePermissionsBoundary"];
    fields.put_some("PermissionsBoundary", boundary.iter().find_map(|path| service.setting(path)));
    let stated = service.setting("iam.role.managedPolicies").or_else(|| service.setting("iamManagedPolicies"));
    let mut policies = one_or_many(stated);
    if functions.iter().any(|function| is_placed(service, function)) {
        policies.push(pen.pattern("arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"));
    }
    if !policies.is_empty() {
        fields.put("ManagedPolicyArns", pen.list(&policies));
    }
}

fn is_placed(service: &Service<'_>, function: &Function<'_>) -> bool {
    match function.settings.get("vpc") {
        Some(own) => !matches!(own.value, Value::Null | Value::Bool(false)),
        None => service.setting("vpc").is_some(),
    }
}

fn stated_statements<'t>(service: &Service<'t>) -> Vec<Node<'t>> {
    let stated = service.setting("iam.role.statements").or_else(|| service.setting("iamRoleStatements"));
    flat(one_or_many(stated))
}

/// Statements may come in lists from files.
fn flat(statements: Vec<Node<'_>>) -> Vec<Node<'_>> {
    statements.into_iter().flat_map(|statement| one_or_many(Some(statement))).collect()
}

/// A role of the function's own: by serverless-iam-roles-per-function, or by the framework's mode of that name.
fn add_own<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let own = ["iamRoleStatements", "iam.role.statements"].iter().find_map(|path| at(function.settings, path));
    let span: Span = own.map_or(function.span, |own| own.span);
    let pen = stack.pen(span);
    let mut statements = log_statements(service, pen, &[function]);
    let inherits = is_on(function.settings, "iamRoleStatementsInherit")
        || at(function.settings, "iam.role").is_some_and(|role| is_on(role, "inheritStatements"))
        || service.own_roles_inherit;
    if inherits {
        statements.extend(stated_statements(service));
        statements.extend(stack.granted_to_all());
    }
    statements.extend(flat(one_or_many(own)));
    statements.extend(stack.granted(&BTreeSet::from([function.name])));
    let name = service.name_with(pen, &[pen.text("-"), pen.text(function.name), pen.text("-policy")]);
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", pen.trust(&["lambda.amazonaws.com"]));
    fields.put("Policies", pen.list(&[pen.map(&[("PolicyName", name), ("PolicyDocument", pen.document(&statements))])]));
    put_limits(&mut fields, service, pen, &[function]);
    let own_name = at(function.settings, "iamRoleStatementsName").or_else(|| at(function.settings, "iam.role.name"));
    fields.put_some("RoleName", own_name);
    stack.add(&function.named(SHARED), "AWS::IAM::Role", fields.done());
}

/// What lets functions write their logs: of those that bear the service's name all at once, of others each.
fn log_statements<'t>(service: &Service<'t>, pen: Pen<'t>, functions: &[&Function<'t>]) -> Vec<Node<'t>> {
    let mut groups = Vec::new();
    let mut common = false;
    for function in functions.iter().filter(|function| !is_silent(function)) {
        let own_name = present(function.settings, "name").is_some() || matches!(function.role, Role::Own);
        match log_group_of_others(service, function) {
            Some(group) => groups.push(pen.joined(&[group, pen.text(":*")])),
            None if own_name => groups.push(pen.joined(&[pen.text("/aws/lambda/"), function.full_name, pen.text(":*")])),
            None => common = true,
        }
    }
    if common {
        groups.push(pen.joined(&[&[pen.text("/aws/lambda/")], &service.prefix[..], &[pen.text("*:*")]].concat()));
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let arns: Vec<_> = groups.iter().map(|group| pen.arn("logs", &[pen.text("log-group:"), *group])).collect();
    let streams: Vec<_> = groups.iter().map(|group| pen.arn("logs", &[pen.text("log-group:"), *group, pen.text(":*")])).collect();
    vec![
        pen.allow(&["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"], &arns),
        pen.allow(&["logs:PutLogEvents"], &streams),
    ]
}
