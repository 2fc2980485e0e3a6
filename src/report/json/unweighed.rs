//! What changed and nothing weighs.

use crate::model::unweighed::{Kind, Unweighed};
use serde::Serialize;

/// A property that changed; without one, a resource of an unknown type.
#[derive(Serialize)]
pub(super) struct UnweighedEntry<'a> {
    file: &'a str,
    line: u32,
    resource: &'a str,
    r#type: &'a str,
    /// `null` where it is the whole resource.
    property: Option<&'a str>,
    what: &'static str,
}

impl<'a> UnweighedEntry<'a> {
    pub(super) fn of(other: &'a Unweighed) -> Self {
        Self {
            file: other.place.path.as_str(),
            line: other.place.line,
            resource: other.id.address(),
            r#type: &other.declared,
            property: Some(other.path.as_str()).filter(|path| !path.is_empty()),
            what: match other.kind {
                Kind::Property | Kind::Opening | Kind::Value | Kind::Way | Kind::Arrival => "property",
                Kind::UnknownType => "unknown_type",
                Kind::Silent => "silent_type",
                Kind::Deployment => "deployment",
                Kind::Trigger => "trigger_removed",
                // What guards by a part of it is told as a guard.
                Kind::Guard | Kind::Part => "guard_removed",
            },
        }
    }
}
