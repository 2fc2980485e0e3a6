//! What changed and was read, and raises nothing.

use crate::delta::{Unasked, What};
use serde::Serialize;

/// A property or a thing of a list of things; without one, a whole resource.
#[derive(Serialize)]
pub(super) struct UnaskedEntry<'a> {
    file: &'a str,
    /// Of the base where it is gone.
    line: u32,
    resource: &'a str,
    r#type: &'a str,
    property: Option<&'a str>,
    /// `not_compared` stands for all that follows, too.
    what: &'static str,
}

impl<'a> UnaskedEntry<'a> {
    pub(super) fn of(other: &'a Unasked) -> Self {
        Self {
            file: other.place.path.as_str(),
            line: other.place.line,
            resource: other.id.address(),
            r#type: &other.declared,
            property: Some(other.path.as_str()).filter(|path| !path.is_empty()),
            what: match other.what {
                What::New => "new",
                What::Changed => "changed",
                What::Gone => "gone",
                What::Beyond => "not_compared",
            },
        }
    }
}
