//! Which formats there are, which of them claims a file, and how a unit is read into a model.
//!
//! Comes in: the files of one side. Goes out: the model of one unit, the files it was read from, and what must be fetched first.
//! Infrastructure formats end at neutral resources, which the catalogue lowers; threat-model files read straight into a model.

pub mod cdk;
mod claim;
pub mod cloudformation;
mod documents;
pub mod sam;
pub mod serverless;
mod stride_words;
mod threat_composer;
mod threat_dragon;

use crate::catalog;
use crate::catalog::names::canonical;
use crate::formats::cloudformation::Template;
use crate::model::claim::Claims;
use crate::model::exports::Export;
use crate::model::resource::{Property, Resources, Value};
use crate::model::{ElementId, Model};
use crate::source::{Files, RepoPath, Sources};
use crate::syntax::Node;
use bumpalo::Bump;
use std::collections::BTreeSet;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// CloudFormation, with or without the SAM transform.
    CloudFormation,
    /// `serverless.yml` of the Serverless Framework, where the provider is AWS.
    Serverless,
    ThreatDragon,
    ThreatComposer,
}

/// What a file is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The entry file of a unit.
    Unit(Format),
    /// A format that describes architecture or threats and that is not judged yet, by its name.
    NotJudged(&'static str),
    /// Nothing of ours.
    Nothing,
}

/// A unit as far as it could be read.
#[derive(Debug)]
pub struct Reading {
    pub model: Model,
    /// Every file that was opened, entry first.
    pub files: Vec<RepoPath>,
    /// Files that must be fetched before the unit can be read whole; the model is not to be used while there are any.
    pub needs: BTreeSet<RepoPath>,
    /// The entry file is not valid in its syntax: nothing of it was read, `model.notes` say why.
    pub unreadable: bool,
}

/// Whether a file of that name is worth fetching in order to ask `claim` about it.
pub fn may_be_unit(path: &RepoPath) -> bool {
    claim::may_be_unit(path)
}

/// What a file is, by its name and by the words that stand in it; cheap, because it is asked of every file that changed.
pub fn claim(path: &RepoPath, text: &str) -> Claim {
    claim::claim(path, text)
}

/// Reads a unit. Cannot fail: what could not be read is in the notes of the model, and `needs` says what to fetch before asking again.
pub fn read(unit: &RepoPath, format: Format, files: &dyn Files) -> Reading {
    read_with(unit, format, files, &Claims::default())
}

/// Reads a unit, with what is stated elsewhere, and without those of its own statements that do not count.
pub fn read_with(unit: &RepoPath, format: Format, files: &dyn Files, claims: &Claims) -> Reading {
    let arena = Bump::new();
    let sources = Sources::new(files);
    let parsed = documents::open(unit, None, &sources, &arena);
    let mut model = parsed.as_deref().map(|documents| model(unit, format, documents, &sources, &arena, claims)).unwrap_or_default();
    let opened = sources.opened();
    let (needs, notes) = sources.into_parts();
    let unreadable = parsed.is_none() && needs.is_empty();
    model.notes.extend(notes);
    model.sort();
    Reading { model, files: opened, needs, unreadable }
}

fn model<'t>(unit: &RepoPath, format: Format, documents: &[Node<'t>], sources: &Sources<'t>, arena: &'t Bump, claims: &Claims) -> Model {
    match format {
        Format::CloudFormation => lowered(unit, &cloudformation::read(documents, unit, sources, arena), sources, arena, claims),
        Format::Serverless => {
            let mut model = lowered(unit, &serverless::read(documents, unit, sources, arena), sources, arena, claims);
            serverless::rank(&mut model);
            model
        }
        Format::ThreatDragon => documents.first().map(|root| threat_dragon::read(sources, unit, *root)).unwrap_or_default(),
        Format::ThreatComposer => documents.first().map(|root| threat_composer::read(sources, unit, *root)).unwrap_or_default(),
    }
}

fn lowered<'t>(unit: &RepoPath, templates: &[Template<'t>], sources: &Sources<'t>, arena: &'t Bump, claims: &Claims) -> Model {
    let list: Vec<_> = templates.iter().flat_map(|template| sam::expand(template, sources, arena).list).collect();
    let remarks = cloudformation::remarks::read(&list, sources);
    let mut model = catalog::lower(unit, &Resources { list, remarks }, sources, claims);
    model.exports = templates.iter().flat_map(|template| exports(unit, template, &model, arena)).collect();
    model
}

/// What the outputs of a template give away: the elements that they refer to, under the names that other stacks import them by. What the
/// CDK synthesises is called after its stack, by whose name outputs can be had that are not exported.
fn exports(unit: &RepoPath, template: &Template<'_>, model: &Model, arena: &Bump) -> Vec<Export> {
    let stack = unit.file_name().strip_suffix(".template.json").filter(|_| template.scope.is_empty());
    let mut exports = Vec::new();
    for output in &template.outputs {
        let reference = match output.value.value {
            Value::Joined(pieces) => pieces.iter().find_map(Property::reference),
            _ => output.value.reference(),
        };
        let Some(element) = reference.and_then(|reference| model.element(&ElementId::new(unit, reference.address))) else { continue };
        let exported = output.export.as_ref().and_then(canonical);
        let of_stack = stack.map(|stack| cloudformation::name_of_output(stack, output.name, arena).to_owned());
        let names: BTreeSet<String> = exported.into_iter().chain(of_stack).collect();
        exports.extend(names.into_iter().map(|name| Export {
            name,
            of: element.id.clone(),
            declared: element.declared.clone(),
            shown: element.name.clone(),
        }));
    }
    exports
}
