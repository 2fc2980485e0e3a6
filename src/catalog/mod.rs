//! What a resource type is: kind of element, facts with their defaults and sources, and what makes flows.
//!
//! Comes in: neutral resources. Goes out: elements, flows, boundaries and facts. Never names a notation.

use crate::model::Model;
use crate::model::resource::Resources;
use crate::source::{RepoPath, Sources};

/// Lowers the resources of one unit.
pub fn lower<'t>(_unit: &RepoPath, _resources: &Resources<'t>, _sources: &Sources<'t>) -> Model {
    Model::default()
}
