//! `AWS::Serverless::StateMachine`.
//!
//! Comes in: the state machine. Goes out: the Step Functions state machine with its definition as one property tree (`Definition`), its role
//! unless one is named, its version and alias, and what its events stand for.

use crate::formats::sam::Expansion;
use crate::formats::sam::api;
use crate::formats::sam::event;
use crate::formats::sam::function;
use crate::formats::sam::pen::{Fields, entry_span};
use crate::formats::sam::policy;
use crate::formats::sam::policy::Grants;
use crate::formats::sam::rule;
use crate::formats::sam::rule::Target;
use crate::formats::sam::sibling;
use crate::model::resource::{Property, Resource};
use crate::source::NoteKind;

const NOT_STATE_MACHINE: &[&str] = &[
    "AutoPublishAlias",
    "Definition",
    "DefinitionUri",
    "DeploymentPreference",
    "Events",
    "Logging",
    "Name",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "Role",
    "RolePath",
    "Tags",
    "Tracing",
    "Type",
    "UseAliasAsEventTarget",
];

pub fn expand<'t>(expansion: &mut Expansion<'t, '_>, machine: &Resource<'t>) {
    let properties = machine.properties;
    let pen = expansion.pen(properties.span);
    let role_address = format!("{}Role", machine.address);
    let (role, wants_role) = match properties.get("Role") {
        Some(role) => (*role, false),
        None => (pen.attribute(&role_address, "Arn"), true),
    };
    let mut fields = Fields::of(pen, properties, NOT_STATE_MACHINE);
    fields.put("RoleArn", role);
    for (from, to) in [
        ("Name", "StateMachineName"),
        ("Type", "StateMachineType"),
        ("Logging", "LoggingConfiguration"),
        ("Tracing", "TracingConfiguration"),
    ] {
        fields.rename(&properties, from, to);
    }
    fields.put_some("Tags", function::tag_list(pen, properties.get("Tags")).as_ref());
    add_definition(expansion, machine, &mut fields);
    expansion.restate(machine, "AWS::StepFunctions::StateMachine", fields.done());
    if wants_role {
        let grants = role_grants(expansion, machine, &role_address);
        policy::add_role(expansion, expansion.len(), machine, &role_address, "states.amazonaws.com", &grants);
    }
    add_alias(expansion, machine);
    add_events(expansion, machine);
}

fn add_definition<'t>(expansion: &Expansion<'t, '_>, machine: &Resource<'t>, fields: &mut Fields<'t>) {
    let properties = &machine.properties;
    let substitutions = properties.get("DefinitionSubstitutions");
    let definition = match (properties.get("Definition"), properties.get("DefinitionUri")) {
        (Some(definition), _) => Some(*definition),
        (None, Some(uri)) => match expansion.siblings.find(uri) {
            Some(definition) => Some(definition),
            None => {
                fields.put("DefinitionS3Location", *uri);
                None
            }
        },
        (None, None) => None,
    };
    if let Some(definition) = definition {
        fields.put("Definition", sibling::substituted(expansion.arena, definition, substitutions));
    }
}

fn role_grants<'t>(expansion: &Expansion<'t, '_>, machine: &Resource<'t>, role: &str) -> Grants<'t> {
    let mut grants = Grants::default();
    if let Some(policies) = machine.properties.get("Policies") {
        grants.add_policies(expansion, role, policies);
    }
    if let Some(tracing) =
        machine.properties.get("Tracing").filter(|tracing| tracing.at("Enabled").and_then(Property::literal) == Some("true"))
    {
        grants.add_managed(expansion.pen(tracing.span), "AWSXrayWriteOnlyAccess");
    }
    grants
}

fn add_alias<'t>(expansion: &mut Expansion<'t, '_>, machine: &Resource<'t>) {
    let Some(alias) = machine.properties.get("AutoPublishAlias") else { return };
    let pen = expansion.pen(entry_span(&machine.properties, "AutoPublishAlias"));
    let version = format!("{}Version", machine.address);
    let arn = pen.map(&[("StateMachineArn", pen.resource(machine.address))]);
    expansion.imply(machine, &version, "AWS::StepFunctions::StateMachineVersion", arn);
    let address = format!("{}Alias{}", machine.address, alias.literal().unwrap_or_default());
    let mut fields = Fields::new(pen);
    fields.put("Name", *alias);
    fields.put("DeploymentPreference", pen.map(&[("StateMachineVersionArn", pen.resource(&version))]));
    expansion.imply(machine, &address, "AWS::StepFunctions::StateMachineAlias", fields.done());
}

fn add_events<'t>(expansion: &mut Expansion<'t, '_>, machine: &Resource<'t>) {
    for event in event::read(expansion, machine) {
        match event.kind {
            "Api" => api::add_state_machine_event(expansion, machine, &event),
            "Schedule" => rule::add_schedule(expansion, machine, &event, Target::StateMachine),
            "ScheduleV2" => rule::add_schedule_v2(expansion, machine, &event, Target::StateMachine),
            "CloudWatchEvent" | "EventBridgeRule" => rule::add_rule(expansion, machine, &event, Target::StateMachine),
            other => {
                let text = format!("event {} of {} has the type {other}, which state machines do not have", event.name, machine.address);
                expansion.note(event.pen.span(), NoteKind::Unsupported, text);
            }
        }
    }
}
