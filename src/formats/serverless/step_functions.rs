//! The plugin serverless-step-functions: state machines with their roles, and activities.
//!
//! Comes in: the section `stepFunctions`. Goes out: resources of the stack. Definitions may name functions of the service as the file does.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, at, lines, one_or_many, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::step_events;
use crate::formats::serverless::step_notices;
use crate::formats::serverless::step_role;
use crate::formats::serverless::variables::Variables;
use crate::source::{MAX_DEPTH, Span};
use crate::syntax::{Entry, Node, Value};

/// A state machine of the file.
pub(super) struct Machine<'t> {
    pub(super) name: &'t str,
    /// The logical id.
    pub(super) id: String,
    pub(super) settings: Node<'t>,
    span: Span,
}

pub(super) fn add_all<'t>(variables: &Variables<'t, '_>, service: &Service<'t>, stack: &mut Stack<'t>) {
    let Some(section) = variables.section("stepFunctions") else { return };
    for entry in present(section, "stateMachines").map(entries).unwrap_or_default() {
        let settings = entry.value;
        let named = word(settings, "id").or_else(|| word(settings, "name"));
        let id = named.map_or_else(|| naming::normalized(entry.key) + "StepFunctionsStateMachine", naming::normalized);
        let machine = Machine { name: entry.key, id, settings, span: lines(&entry) };
        add_machine(service, stack, &machine);
        step_events::add_all(variables, service, stack, &machine);
        step_notices::add_all(service, stack, &machine);
    }
    for activity in one_or_many(present(section, "activities")) {
        let Some(name) = activity.scalar() else { continue };
        let pen = stack.pen(activity.span);
        stack.add(&(naming::normalized(name) + "StepFunctionsActivity"), "AWS::StepFunctions::Activity", pen.map(&[("Name", activity)]));
    }
}

/// Of a map, or of a list of maps from files.
fn entries<'t>(machines: Node<'t>) -> Vec<Entry<'t>> {
    match machines.value {
        Value::List(items) => items.iter().flat_map(|item| item.entries()).copied().collect(),
        _ => machines.entries().to_vec(),
    }
}

fn add_machine<'t>(service: &Service<'t>, stack: &mut Stack<'t>, machine: &Machine<'t>) {
    let pen = stack.pen(machine.span);
    let mut fields = Fields::new(pen);
    let definition = present(machine.settings, "definition").map(|definition| local_names(service, pen, definition, MAX_DEPTH));
    match definition {
        Some(text) if text.scalar().is_some() => fields.put("DefinitionString", text),
        Some(definition) => fields.put("Definition", definition),
        None => {}
    }
    fields.rename(machine.settings, &[("name", "StateMachineName"), ("type", "StateMachineType")]);
    let role = match present(machine.settings, "role") {
        Some(role) => role,
        None => {
            let address = [&machine.id, "Role"].concat();
            let logging = present(machine.settings, "loggingConfig").map(|_| step_role::log_delivery(pen));
            let stated: Vec<_> = logging.into_iter().chain(one_or_many(present(machine.settings, "iamRoleStatements"))).collect();
            step_role::add(stack, pen, &address, definition, &stated);
            pen.attribute(&address, "Arn")
        }
    };
    fields.put("RoleArn", role);
    if let Some(logging) = present(machine.settings, "loggingConfig") {
        let pen = pen.at(logging.span);
        let destination = |arn: &Node<'t>| pen.map(&[("CloudWatchLogsLogGroup", pen.map(&[("LogGroupArn", *arn)]))]);
        let destinations: Vec<_> = one_or_many(present(logging, "destinations")).iter().map(destination).collect();
        let mut config = Fields::new(pen);
        config.rename(logging, &[("level", "Level"), ("includeExecutionData", "IncludeExecutionData")]);
        config.put("Destinations", pen.list(&destinations));
        fields.put("LoggingConfiguration", config.done());
    }
    let tracing = at(machine.settings, "tracingConfig.enabled");
    fields.put_some("TracingConfiguration", tracing.map(|enabled| pen.map(&[("Enabled", enabled)])));
    if let Some(encryption) = present(machine.settings, "encryptionConfig") {
        fields.put("EncryptionConfiguration", encryption);
    }
    stack.add(&machine.id, "AWS::StepFunctions::StateMachine", fields.done());
}

/// References to functions by their names in the file, which the plugin writes out.
pub(super) fn local_names<'t>(service: &Service<'t>, pen: Pen<'t>, node: Node<'t>, depth: usize) -> Node<'t> {
    let Some(depth) = depth.checked_sub(1) else { return node };
    let deeper = |node: Node<'t>| local_names(service, pen, node, depth);
    let translated = |text: &'t str| {
        let (name, rest) = text.split_once('.').map_or((text, ""), |(name, _)| (name, &text[name.len()..]));
        let function = service.find(name)?;
        Some(pen.at(node.span).text(&[&function.id, rest].concat()))
    };
    match node.value {
        Value::Text(text) if matches!(node.tag, Some("!Ref" | "!GetAtt")) => Node { tag: node.tag, ..translated(text).unwrap_or(node) },
        Value::List([first, rest @ ..]) if node.tag == Some("!GetAtt") => {
            let first = first.scalar().and_then(translated).unwrap_or(*first);
            Node { tag: node.tag, ..pen.at(node.span).list(&[&[first], rest].concat()) }
        }
        Value::Map([only]) if matches!(only.key, "Ref" | "Fn::GetAtt") => {
            let tag = if only.key == "Ref" { "!Ref" } else { "!GetAtt" };
            let argument = local_names(service, pen, Node { tag: Some(tag), ..only.value }, depth);
            pen.at(node.span).map(&[(only.key, Node { tag: None, ..argument })])
        }
        Value::Text(text) if text.contains("#{") => pen.at(node.span).pattern(&text.replace("#{", "${")),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| deeper(*item)).collect();
            Node { tag: node.tag, ..pen.at(node.span).list(&items) }
        }
        Value::Map(entries) => {
            let mut fields = Fields::new(pen.at(node.span));
            entries.iter().for_each(|entry| fields.put_entry(Entry { value: deeper(entry.value), ..*entry }));
            fields.done()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => node,
    }
}
