//! What resources state, part by part, as digests: what changed is found by them where nothing else shows it.
//!
//! Comes in: resources as the catalogue reads them. Goes out: parts that are equal where what they state is, in whatever order.

use crate::model::ElementId;
use crate::source::Place;

/// A resource that somebody wrote, with its parts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    /// Unit and address.
    pub id: ElementId,
    /// The type as the template states it.
    pub declared: String,
    /// The whole block.
    pub place: Place,
    /// Whether its parts are here; where the unit states too much, the last of its resources stands for all that follow.
    pub is_compared: bool,
    /// In the order of the text.
    pub parts: Vec<Part>,
}

/// A property, or one thing of a list of things: a statement, a rule, a listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Names joined by dots, those of lists without positions.
    pub path: String,
    /// Of what it states outside of the parts within it.
    pub digest: [u8; 16],
    pub place: Place,
}
