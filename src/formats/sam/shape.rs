//! What the transform refuses for its shape.
//!
//! Comes in: a resource of SAM with its globals. Goes out: the same, in which a property that must be a mapping and is none is unknown, with
//! a note: what was meant is not the default.
//!
//! <https://github.com/aws/serverless-application-model/blob/develop/samtranslator/model/sam_resources.py> (`IS_DICT`), read 2026-11-28.

use crate::formats::sam::PREFIX;
use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Entry, Property, Resource, Value};
use crate::source::{NoteKind, Sources};
use bumpalo::Bump;

/// The properties of each type that are mappings.
const MAPPINGS: [(&str, &[&str]); 7] = [
    (
        "Function",
        &[
            "AssumeRolePolicyDocument",
            "CapacityProviderConfig",
            "DeadLetterQueue",
            "DeploymentPreference",
            "Environment",
            "EventInvokeConfig",
            "Events",
            "FunctionUrlConfig",
            "Tags",
            "VpcConfig",
        ],
    ),
    ("Api", &["AccessLogSetting", "Auth", "DefinitionBody", "Domain", "GatewayResponses", "Models", "Tags", "Variables"]),
    (
        "HttpApi",
        &["AccessLogSettings", "Auth", "DefaultRouteSettings", "DefinitionBody", "Domain", "RouteSettings", "StageVariables", "Tags"],
    ),
    ("WebSocketApi", &["AccessLogSettings", "Auth", "DefaultRouteSettings", "Domain", "Routes", "RouteSettings", "Tags"]),
    ("SimpleTable", &["PrimaryKey", "SSESpecification", "Tags"]),
    ("StateMachine", &["Definition", "DefinitionSubstitutions", "Events", "Logging", "Tags", "Tracing"]),
    ("GraphQLApi", &["ApiKeys", "Auth", "DataSources", "Functions", "Resolvers", "Tags"]),
];

/// The properties that can be read.
pub fn checked<'t>(resource: &Resource<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Property<'t> {
    let properties = resource.properties;
    let section = resource.kind.strip_prefix(PREFIX).unwrap_or_default();
    let mappings = MAPPINGS.iter().find(|(kind, _)| *kind == section).map_or(&[][..], |(_, mappings)| mappings);
    let refused: Vec<_> = properties.entries().iter().filter(|entry| mappings.contains(&entry.key) && is_refused(&entry.value)).collect();
    if refused.is_empty() || !matches!(properties.value, Value::Map(_)) {
        return properties;
    }
    let pen = Pen::new(arena, properties.span);
    let mut fields = Fields::of(pen, properties, &[]);
    for entry in refused {
        let text = format!("{} of `{}` is a mapping for the transform, and this is none", entry.key, resource.address);
        sources.note(entry.value.span, NoteKind::Refused, text);
        fields.put_entry(Entry { value: pen.at(entry.value.span).unknown("has a shape that SAM refuses"), ..*entry });
    }
    fields.done()
}

fn is_refused(property: &Property<'_>) -> bool {
    matches!(property.value, Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Joined(_))
}
