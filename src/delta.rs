//! What changed between two models: elements, flows and facts that are new, gone, changed or renamed.
//!
//! Comes in: the models of the units whose inputs differ, on both sides. Goes out: ids and facts.
//! Layout, order and wording are no change: models do not hold them.

use crate::model::fact::Fact;
use crate::model::{ElementId, FlowId};

/// What changed. Ordered by id throughout, ids unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    pub elements_added: Vec<ElementId>,
    pub elements_removed: Vec<ElementId>,
    pub elements_changed: Vec<(ElementId, Vec<FactChange>)>,
    /// Old id, new id: the same element under another address. Neither added nor removed.
    pub elements_renamed: Vec<(ElementId, ElementId)>,
    pub flows_added: Vec<FlowId>,
    pub flows_removed: Vec<FlowId>,
    pub flows_changed: Vec<(FlowId, Vec<FactChange>)>,
}

/// One fact that reads otherwise than before; `None` where nobody stated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    pub fact: Fact,
    /// Label of the part, empty for the element itself.
    pub part: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

impl Delta {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
