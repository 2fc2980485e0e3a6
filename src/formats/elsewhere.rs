//! Definitions of APIs that are deployed with a unit and are not in the repository.
//!
//! Comes in: the resources of a unit, expanded. Goes out: a body for each API whose routes nobody can read here.

use crate::model::resource::{Body, BodyKind, Property, Resource, Value};
use bumpalo::Bump;

/// The types whose routes may stand in a file.
const APIS: [&str; 2] = ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];

/// The bodies, in the order of the resources.
pub(super) fn bodies<'t>(resources: &[Resource<'t>], arena: &'t Bump) -> Vec<Body<'t>> {
    let apis = resources.iter().filter(|resource| APIS.contains(&resource.kind));
    apis.filter_map(|api| body(api, arena)).collect()
}

fn body<'t>(api: &Resource<'t>, arena: &'t Bump) -> Option<Body<'t>> {
    let location = api.properties.get("BodyS3Location").filter(|_| api.properties.get("Body").is_none())?;
    let written = written(location);
    let source = written.split_once('?').map_or(written.as_str(), |(path, _)| path);
    Some(Body { kind: BodyKind::Include, written: arena.alloc_str(&written), source: arena.alloc_str(source), span: location.span })
}

/// `s3://bucket/key`, or the path as written.
fn written(location: &Property<'_>) -> String {
    let part = |key: &str| location.get(key).and_then(Property::literal).unwrap_or("?");
    match location.value {
        Value::Map(_) => format!("s3://{}/{}", part("Bucket"), part("Key")),
        _ => location.literal().unwrap_or("?").to_owned(),
    }
}
