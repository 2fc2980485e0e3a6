//! What a resource type is: kind of element, facts with their defaults and sources, and what makes flows.
//!
//! Comes in: neutral resources. Goes out: elements, flows, boundaries and facts. Never names a notation.

mod admission;
mod attached;
pub mod aws;
mod bodies;
mod boundaries;
pub mod claims;
mod default_endpoint;
mod derive;
pub mod draft;
pub mod embedded;
pub mod entry;
mod environment;
pub mod facts;
mod governed;
mod holdings;
mod inherit;
mod lower;
pub(crate) mod made_when;
mod mentions;
pub mod names;
mod outputs;
pub mod own_types;
pub mod paths;
pub mod public_words;
mod ranges;
mod runtimes;
pub(crate) mod secrets;
mod settle;
mod spelled;
mod stated;
pub mod targets;
mod tools;
mod unweighed;
pub(crate) mod witnesses;
mod written;

/// Whether what witnesses a fact says no more than what witnessed it before, in the words of whichever provider it is.
pub(crate) use crate::catalog::aws::stood;

/// Which account a unit is deployed to, where it says so itself, whichever provider it is of.
pub(crate) use crate::catalog::aws::own_account;

use crate::catalog::claims::Claims;
use crate::catalog::draft::Draft;
use crate::model::resource::Resources;
use crate::model::words::Words;
use crate::model::{ElementId, Model};
use crate::source::{RepoPath, Sources};
use std::collections::BTreeSet;

/// The model of one unit. Notes go to `sources`, as those of the reader do; the model's own list is empty.
/// `claims` say what is stated elsewhere, what the unit states that does not count, and which types are the organisation's own.
pub fn lower<'t>(unit: &RepoPath, resources: &Resources<'t>, sources: &Sources<'t>, claims: &Claims) -> Model {
    let mut draft = Draft::new(unit, resources, sources).with_types(claims.types);
    lower::lower(&mut draft);
    bodies::lower(&mut draft, &resources.bodies);
    outputs::lower(&mut draft, &resources.outputs);
    written::lower(&mut draft, &resources.asides);
    governed::lower(&mut draft, &resources.decisions);
    claims::read(&mut draft, claims);
    settle::settle(&mut draft);
    let zones = boundaries::zones(&draft);
    derive::derive(&mut draft, &zones);
    let is_unknown = !resources.list.is_empty() && draft.known().is_empty() && draft.elements().is_empty();
    let idle = draft.idle();
    let boundaries = boundaries::boundaries(&draft, &zones, &idle);
    let holdings = holdings::read(&draft);
    let unweighed = unweighed::read(&draft);
    let stated = stated::read(&draft);
    let confined = if resources.rewritten { BTreeSet::new() } else { aws::confined::find(&draft) };
    let mut model = draft.finish(boundaries, &idle);
    model.holdings = holdings;
    model.unweighed = unweighed;
    model.stated = stated;
    model.confined = confined;
    model.resources = resources.list.iter().map(|resource| ElementId::new(unit, resource.address)).collect();
    model.sort();
    if is_unknown {
        model.unknown.push(unit.clone());
    }
    if resources.words != <&Words>::default() {
        model.words.insert(unit.clone(), resources.words);
    }
    if resources.rewritten {
        model.rewritten.push(unit.clone());
    }
    model
}
