//! What a resource type is: kind of element, facts with their defaults and sources, and what makes flows.
//!
//! Comes in: neutral resources. Goes out: elements, flows, boundaries and facts. Never names a notation.

pub mod aws;
pub mod draft;
pub mod entry;
pub mod names;
pub mod paths;
pub mod targets;

use crate::catalog::draft::Draft;
use crate::model::Model;
use crate::model::resource::Resources;
use crate::source::{RepoPath, Sources};

/// The model of one unit. Notes go to `sources`, as those of the reader do; the model's own list is empty.
pub fn lower<'t>(unit: &RepoPath, resources: &Resources<'t>, sources: &Sources<'t>) -> Model {
    let _draft = Draft::new(unit, resources, sources);
    Model::default()
}
