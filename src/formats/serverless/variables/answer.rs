//! Where each kind of variable takes its value from.
//!
//! Comes in: a call (`self:custom.x`, `file(a.yml):b`). Goes out: its value as far as the repository says it.
//!
//! What is looked up in the account (`ssm`, `cf`, `s3`, `aws`) always has a value at deployment, so that no alternative behind it counts.

use crate::formats::serverless::lift;
use crate::formats::serverless::pen::{Pen, present, word};
use crate::formats::serverless::variables::grammar::Call;
use crate::formats::serverless::variables::stage::{MARK, PARAMETER, Reading};
use crate::formats::serverless::variables::{Answer, Variables, dotenv, file};
use crate::source::{NoteKind, Span};
use crate::syntax::{Node, Value};

/// The stage that is deployed where nobody names one.
pub(super) const DEFAULT_STAGE: &str = "dev";
/// The region where nobody names one.
const DEFAULT_REGION: &str = "us-east-1";

pub(super) fn find<'t>(variables: &Variables<'t, '_>, call: Call<'t>, span: Span) -> Answer<'t> {
    let pen = Pen::new(variables.arena, span);
    let is_lookup = matches!(call.kind, "self" | "file");
    // Of what lies in the account only names are known.
    let named = |part: &'t str| if is_lookup || !part.contains(MARK) { part } else { pen.name(&part.replace(MARK, variables.pass.usual)) };
    let call = Call { argument: call.argument.map(named), address: call.address.map(named), ..call };
    let address = call.address.unwrap_or_default();
    // An older way of naming another region: `cf.eu-west-1:stack.Output`.
    let kind = call.kind.split('.').next().unwrap_or(call.kind);
    let outside = || Answer::Outside(pen.name(&written(call)));
    match kind {
        "self" => from_file(variables, address, span),
        "file" => file::find(variables, call.argument.unwrap_or_default(), address, span),
        "opt" if address == "stage" => stage(variables, pen),
        "opt" if address == "region" => setting(variables, "region", DEFAULT_REGION, pen),
        "sls" if address == "stage" => stage(variables, pen),
        "param" => match parameter(variables, address, span) {
            Some(answer) => answer,
            None if variables.pass.is_another() => Answer::Missing,
            None => outside(),
        },
        "env" => dotenv::secret(variables, address, span).unwrap_or_else(outside),
        "opt" | "sls" => outside(),
        "aws" => match address {
            "accountId" => Answer::Known(pen.reference("AWS::AccountId")),
            "region" => Answer::Known(pen.reference("AWS::Region")),
            "partition" => Answer::Known(pen.reference("AWS::Partition")),
            _ => provided(variables, call, span).unwrap_or_else(outside),
        },
        "ssm" => Answer::Known(stored_parameter(variables, pen, (call.argument, address))),
        "cf" => Answer::Known(pen.map(&[("Fn::ImportValue", pen.text(address))])),
        "construct" => construct(variables, address, pen).map_or_else(outside, Answer::Known),
        "strToBool" => match call.argument {
            Some(word) => Answer::Known(pen.flag(matches!(word.trim_matches(['\'', '"']), "true" | "1" | "yes"))),
            None => Answer::Missing,
        },
        "s3" => outside(),
        _ if is_resolver(variables, kind) => provided(variables, call, span).unwrap_or_else(outside),
        _ => {
            variables.note_once(span, NoteKind::Unsupported, format!("variables of the kind `{kind}` are not known"));
            outside()
        }
    }
}

/// Whether `stages` declare a place of that name to take values from: another account, a vault, the state of Terraform.
/// <https://www.serverless.com/framework/docs/guides/variables/resolvers>, read 2026-11-24.
fn is_resolver(variables: &Variables<'_, '_>, kind: &str) -> bool {
    let stages = variables.section("stages").map(|stages| stages.entries()).unwrap_or_default();
    stages.iter().any(|stage| present(stage.value, "resolvers").is_some_and(|resolvers| resolvers.get(kind).is_some()))
}

/// What a resolver of the provider's gives: `account:ssm:/shop/key` is `ssm:/shop/key` in that account.
fn provided<'t>(variables: &Variables<'t, '_>, call: Call<'t>, span: Span) -> Option<Answer<'t>> {
    let (kind, address) = call.address?.split_once(':')?;
    matches!(kind, "ssm" | "cf" | "s3").then(|| find(variables, Call { kind, argument: None, address: Some(address) }, span))
}

/// As people wrote it.
fn written(call: Call<'_>) -> String {
    let argument = call.argument.map(|argument| format!("({argument})")).unwrap_or_default();
    let address = call.address.map(|address| format!(":{address}")).unwrap_or_default();
    [call.kind, &argument, &address].concat()
}

fn from_file<'t>(variables: &Variables<'t, '_>, address: &str, span: Span) -> Answer<'t> {
    // The framework writes the stage of the command line there before anything is resolved.
    if address == "provider.stage" && variables.pass.reading.get() != Reading::Usual {
        return stage(variables, Pen::new(variables.arena, span));
    }
    // The service may be a map, of which `self:service` is the name.
    let named = if address == "service" { path(variables, variables.root, "service.name", span) } else { None };
    match named.or_else(|| path(variables, variables.root, address, span)) {
        Some(answer) => answer,
        None if address == "provider.stage" => stage(variables, Pen::new(variables.arena, span)),
        None if address == "provider.region" => setting(variables, "region", DEFAULT_REGION, Pen::new(variables.arena, span)),
        None => Answer::Missing,
    }
}

/// What stands under a dotted path of keys and positions, with the variables on the way resolved.
pub(super) fn path<'t>(variables: &Variables<'t, '_>, root: Node<'t>, path: &str, span: Span) -> Option<Answer<'t>> {
    let mut at = root;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        variables.find_stages_in(at, step);
        at = step_into(at, &variables.staged(step))?;
        if matches!(at.value, Value::Text(text) if text.contains("${")) {
            at = variables.value(at);
        }
    }
    let value = variables.value(at);
    let value = if value.scalar().is_some() { Node { span, ..value } } else { value };
    let is_null = matches!(value.value, Value::Null);
    // Versions of the framework before 3 take a null for the value.
    variables.pass.is_null.set(is_null && path.contains(MARK) && variables.pass.is_another());
    (!is_null).then_some(Answer::Known(value))
}

fn step_into<'t>(node: Node<'t>, step: &str) -> Option<Node<'t>> {
    match node.value {
        Value::Map(_) => node.get(step),
        Value::List(items) => items.get(step.parse::<usize>().ok()?).copied(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => None,
    }
}

/// A setting of the provider that the command line may override, where it does not: the stage or the region.
fn setting<'t>(variables: &Variables<'t, '_>, key: &str, default: &str, pen: Pen<'t>) -> Answer<'t> {
    let stated = present(variables.root, "provider").and_then(|provider| {
        let provider = if provider.is_map() { provider } else { variables.value(provider) };
        present(provider, key)
    });
    let options = [["opt:", key].concat(), ["sls:", key].concat()];
    match stated {
        // It asks for the option itself, which is not given.
        Some(stated) if is_asked_for(variables, stated) => match variables.asking.borrow().last() {
            Some(only) if options.iter().any(|option| only.trim() == option) => Answer::Known(pen.text(default)),
            _ => Answer::Missing,
        },
        Some(stated) => Answer::Known(variables.value(stated)),
        None => Answer::Known(pen.text(default)),
    }
}

fn stage<'t>(variables: &Variables<'t, '_>, pen: Pen<'t>) -> Answer<'t> {
    match variables.pass.reading.get() {
        Reading::Usual => setting(variables, "stage", DEFAULT_STAGE, pen),
        Reading::Address => Answer::Known(pen.text(MARK)),
        Reading::Parameter => {
            variables.pass.is_parameter.set(true);
            Answer::Known(pen.reference(PARAMETER))
        }
    }
}

/// Whether a setting is being resolved already, so that it cannot be the answer.
fn is_asked_for(variables: &Variables<'_, '_>, setting: Node<'_>) -> bool {
    let Value::Text(text) = setting.value else { return false };
    let asking = variables.asking.borrow();
    asking.iter().any(|content| text.contains(*content))
}

/// `${param:x}`: of the stage, else of all stages.
fn parameter<'t>(variables: &Variables<'t, '_>, name: &str, span: Span) -> Option<Answer<'t>> {
    variables.find_stages_of_parameters();
    let stage = variables.pass.stage();
    let sections = [("stages", stage), ("params", stage), ("stages", "default"), ("params", "default")];
    sections.iter().find_map(|(section, stage)| {
        let under = if *section == "stages" { "params." } else { "" };
        let found = path(variables, variables.root, &format!("{section}.{stage}.{under}{name}"), span)?;
        match found {
            Answer::Known(node) => Some(Answer::Known(present(node, "value").unwrap_or(node))),
            Answer::Outside(_) | Answer::Missing => Some(found),
        }
    })
}

/// The reader of CloudFormation knows its own way of looking up parameters and secrets. What is stored encrypted is decrypted from the third
/// version on unless the call says `noDecrypt`, and where an address ends in `~true` before.
/// <https://www.serverless.com/framework/docs/providers/aws/guide/variables>, read 2026-11-28.
fn stored_parameter<'t>(variables: &Variables<'t, '_>, pen: Pen<'t>, (argument, address): (Option<&str>, &str)) -> Node<'t> {
    let (name, ending) = address.split_once('~').unwrap_or((address, ""));
    let keeps = |argument: &str| argument.split(',').any(|word| word.trim() == "noDecrypt");
    let is_old = variables.raw("frameworkVersion").and_then(|version| version.scalar()).is_some_and(is_before_third);
    let is_decrypted = if is_old || ending == "false" { ending == "true" } else { !argument.is_some_and(keeps) };
    match name.strip_prefix("/aws/reference/secretsmanager/") {
        Some(secret) => pen.text(&format!("{{{{resolve:secretsmanager:{}}}}}", secret.split('.').next().unwrap_or(secret))),
        None if is_decrypted => pen.text(&format!("{{{{resolve:ssm-decrypted:{name}}}}}")),
        None => pen.text(&format!("{{{{resolve:ssm:{name}}}}}")),
    }
}

/// Whether a range of versions of the framework names the first or the second one: `2`, `^2.72.0`, `>=1.0.0 <3.0.0`.
fn is_before_third(version: &str) -> bool {
    version.trim_start_matches(['^', '~', '>', '=', '<', 'v', ' ']).starts_with(['1', '2'])
}

/// What a construct of the lift plugin gives to others.
fn construct<'t>(variables: &Variables<'t, '_>, address: &str, pen: Pen<'t>) -> Option<Node<'t>> {
    let (id, name) = address.split_once('.')?;
    let constructs = variables.raw("constructs").map(|section| if section.is_map() { section } else { variables.value(section) })?;
    let construct = present(constructs, id)?;
    lift::variable(id, word(construct, "type")?, name, pen)
}
