//! Which formats there are, which of them claims a file, and how a unit is read into a model.
//!
//! Comes in: the files of one side. Goes out: the model of one unit, the files it was read from, and what must be fetched first.
//! Infrastructure formats end at neutral resources, which the catalogue lowers; threat-model files read straight into a model.

pub mod cdk;
mod claim;
pub mod cloudformation;
mod deciding;
mod documents;
mod elsewhere;
pub(crate) mod program;
pub mod sam;
pub mod serverless;
mod stride_words;
pub mod terraform;
mod threat_composer;
mod threat_dragon;
mod told;

use crate::catalog;
use crate::catalog::claims::Claims;
use crate::catalog::names::canonical;
use crate::catalog::own_account;
use crate::catalog::own_types::OwnTypes;
use crate::dialects::{self, terraform::Translated};
use crate::formats::cloudformation::Template;
use crate::formats::terraform::instance::{Misfit, Root};
use crate::formats::terraform::root::Handed;
use crate::formats::terraform::signs;
use crate::model::exports::Export;
use crate::model::holding::Destroyed;
use crate::model::resource::{Alternatives, External, ExternalKind, Output, Property, Reference, Resources, Value};
use crate::model::{ElementId, Model};
use crate::source::budget::Spent;
use crate::source::given::{Choices, Given, Values};
use crate::source::{FileState, Files, MemoryFiles, Note, NoteKind, RepoPath, Sources};
use crate::syntax::Node;
use bumpalo::Bump;
use std::collections::BTreeSet;
use std::rc::Rc;

/// What a file with configuration is called that no root is made of.
pub const TERRAFORM: &str = "Terraform";

/// What a file with values for variables is called that no root takes.
pub const TERRAFORM_VALUES: &str = "Terraform values";

/// What `terraform show -json` writes of a plan or a state: it is of a state and not of a commit, and is no word on what is deployed.
pub const TERRAFORM_PLAN: &str = "Terraform plan";
/// The state of what Terraform made, which holds the secrets of it in clear text.
pub const TERRAFORM_STATE: &str = "Terraform state";

/// What a file is called that gives values to the parameters of a template at its deployment.
pub const PARAMETERS: &str = "CloudFormation parameter";

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// CloudFormation, with or without the SAM transform.
    CloudFormation,
    /// `serverless.yml` of the Serverless Framework, where the provider is AWS.
    Serverless,
    /// A root module of Terraform or OpenTofu: a folder.
    Terraform,
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
    /// Its content looks like a unit and is no tree of keys and values: nobody can tell what it is.
    Unreadable,
    /// Nothing of ours.
    Nothing,
}

/// A unit as far as it could be read.
#[derive(Clone, Debug)]
pub struct Reading {
    pub claim: Claim,
    pub model: Model,
    /// Every path that was asked for, the entry and what lies behind symbolic links included, whether or not there is such a file.
    pub files: BTreeSet<RepoPath>,
    /// Every folder of which it was asked what stands in it.
    pub listed: BTreeSet<RepoPath>,
    /// Files that must be fetched before the unit can be read whole; the model is not to be used while there are any.
    pub needs: BTreeSet<RepoPath>,
    /// The entry file is not valid in its syntax: nothing of it was read, `model.notes` say why.
    pub unreadable: bool,
    /// What it took.
    pub spent: Spent,
    /// Which values of its parameters it tells apart.
    pub choices: Choices,
}

/// Whether a file of that name is worth reading where a whole folder is searched for units. What changed is read whatever its name.
pub fn may_be_unit(path: &RepoPath) -> bool {
    claim::may_be_unit(path)
}

/// Whether the ending says that the file holds a tree of keys and values.
pub fn is_structured(path: &RepoPath) -> bool {
    claim::is_structured(path)
}

/// Whether a tool would deploy or open the file by its name alone.
pub fn is_default_name(path: &RepoPath) -> bool {
    claim::is_default_name(path)
}

/// Whether a file is a program, text to read, or the JSON of an editor or compiler, and has nothing of a unit.
pub fn is_program_or_page(path: &RepoPath, text: &str) -> bool {
    program::is_program_or_page(path, text)
}

/// Whether a file that cannot be read is no template by what stands in it, though it is called one.
pub fn is_no_template(path: &RepoPath, text: &str) -> bool {
    claim::is_no_template(path, text)
}

/// What a file is, by its content.
pub fn claim(path: &RepoPath, text: &str) -> Claim {
    let files = MemoryFiles([(path.clone(), text.to_owned())].into());
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let opened = open(path, &sources, &arena);
    opened.map_or(Claim::Nothing, |opened| opened.claim)
}

/// Reads a file as what its content says it is. Cannot fail: what could not be read is in the notes of the model, and `needs` says what
/// to fetch before asking again. `claims` are what is stated elsewhere, and which of its own statements do not count.
pub fn read(path: &RepoPath, files: &dyn Files, claims: &Claims) -> Reading {
    read_with(path, files, claims, &Given::Anything)
}

/// As `read`, with something taken for given of the parameters of the entry file.
pub fn read_with(path: &RepoPath, files: &dyn Files, claims: &Claims, given: &Given) -> Reading {
    let arena = Bump::new();
    let sources = Sources::new(files).in_arena(&arena).with_given(given);
    if is_module(path, files) {
        let model = of_root(path, &sources, &arena, claims);
        return finished(path, model, Claim::Unit(Format::Terraform), false, sources);
    }
    let opened = open(path, &sources, &arena);
    let claim = opened.as_ref().map_or(Claim::Nothing, |opened| opened.claim);
    let documents = opened.as_ref().and_then(|opened| opened.documents.as_deref());
    let model = match (claim, documents) {
        (Claim::Unit(format), Some(documents)) => model(path, format, documents, &sources, &arena, claims),
        (Claim::Unit(_) | Claim::NotJudged(_) | Claim::Unreadable | Claim::Nothing, _) => Model::default(),
    };
    let unreadable = documents.is_none() && claim == Claim::Unreadable;
    finished(path, model, claim, unreadable, sources)
}

fn finished(path: &RepoPath, mut model: Model, claim: Claim, unreadable: bool, sources: Sources<'_>) -> Reading {
    let (files, listed) = (sources.asked(), sources.listed());
    let spent = sources.budget().spent();
    let choices = sources.choices();
    if sources.budget().is_cut() {
        model.cut.push(path.clone());
    }
    let (needs, notes) = sources.into_parts();
    model.notes.extend(notes);
    model.sort();
    Reading { claim, model, files, listed, needs, spent, choices, unreadable }
}

/// Whether there is something to judge in a file: a unit, or a part of one, in which `types` are the organisation's own.
pub fn has_unit(path: &RepoPath, text: &str, types: OwnTypes) -> bool {
    let is_read = |provider: &String| dialects::terraform::judges(provider) || types.has_provider(provider);
    let makes = |providers: BTreeSet<String>| providers.iter().any(is_read);
    match signs::is_configuration(path) {
        true => makes(signs::signs(path, text).providers),
        false => matches!(claim(path, text), Claim::Unit(_)),
    }
}

/// How the unit of a folder is called.
pub fn unit_of(folder: &RepoPath) -> RepoPath {
    if folder.as_str().is_empty() { RepoPath::new(".") } else { folder.clone() }
}

/// The folder that a unit's path names: `.` is that of the repository itself.
pub fn folder(path: &RepoPath) -> RepoPath {
    if path.as_str() == "." { RepoPath::new("") } else { path.clone() }
}

/// Whether a path is a folder with configuration.
fn is_module(path: &RepoPath, files: &dyn Files) -> bool {
    let folder = folder(path);
    let has_configuration = |folder| {
        files.list(folder).is_some_and(|entries| entries.iter().any(|entry| !entry.is_folder && signs::is_configuration(&entry.path)))
    };
    files.state(path) == FileState::Absent && has_configuration(&folder)
}

/// A root module with the plan that was handed over of it, where that is of this configuration.
fn root<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Root {
    let folder = folder(path);
    if let Given::Handed(values) = sources.given() {
        return terraform::root::read(&folder, Handed::File(&RepoPath::new(&values.file)), sources, arena);
    }
    if *sources.given() == Given::Defaults {
        return terraform::root::read(&folder, Handed::Nothing, sources, arena);
    }
    if let Some(plan) = sources.plan(path) {
        let root = terraform::root::read(&folder, Handed::Plan(plan), sources, arena);
        let Some(Misfit { span, why }) = root.misfit else { return root };
        let place = span.map_or_else(|| Note::on_file(path, NoteKind::Misfit, String::new()).place, |span| sources.place(span));
        sources.note_at(place, NoteKind::Misfit, why);
    }
    terraform::root::read(&folder, Handed::Any, sources, arena)
}

/// The model of a root module.
fn of_root<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump, claims: &Claims) -> Model {
    let files = terraform::root::candidates(&folder(path), sources, arena);
    if sources.plan(path).is_some() {
        // A plan is of one stage; what the others are is asked file by file.
        files.iter().for_each(|file| _ = sources.open(file, None));
    }
    let handed = files.iter().map(|file| Values::of_file(file.as_str())).collect();
    sources.offer(Choices { handed, has_all: true, ..Choices::default() });
    let root = root(path, sources, arena);
    let Translated { mut resources, not_judged, apart } = dialects::terraform::translate(&root, claims.types, sources, arena);
    for (provider, count) in &not_judged {
        let noun = if *count == 1 { "resource" } else { "resources" };
        let text = format!("{count} {noun} of {provider}: not judged");
        sources.note_at(Note::on_file(path, NoteKind::NotJudged, String::new()).place, NoteKind::NotJudged, text);
    }
    let is_of_others = resources.list.is_empty() && !not_judged.is_empty();
    // The own account is told by other means there; what is left are the policies that topics and queues have by themselves.
    own_account::put_in(&mut resources, &BTreeSet::new(), arena);
    let mut model = catalog::lower(path, &resources, sources, claims);
    if is_of_others {
        model.unknown.push(path.clone());
    }
    model.own_account = resources.own_account.map(str::to_owned);
    let id = |address: &str| ElementId::new(path, address);
    if let Some(state) = &root.state {
        let name = |output: &Output<'_>| terraform::state::output(state, output.name);
        model.exports = resources
            .outputs
            .iter()
            .filter_map(|output| given_away(path, &model, &output.value, [name(output)].into()))
            .flatten()
            .collect();
    }
    model.unweighed.extend(deciding::of_root(path, &root, claims.types, sources));
    model.unweighed.extend(told::of_root(path, &root, &apart, sources));
    // What makes no resource says that the root is still there, too.
    model.resources.extend(root.instances.iter().map(|instance| id(&instance.address)));
    model.resources.extend(root.providers.keys().map(|address| id(address)));
    model.unweighed.sort_unstable();
    model.moved = root.moved.iter().map(|(from, to)| (id(from), id(to))).collect();
    let names = |names: &BTreeSet<Rc<str>>| names.iter().map(|name| name.to_string()).collect();
    model.replaced = root.replaced.iter().map(|(address, by)| (id(address), names(by))).collect();
    let destroyed = |(address, kind): (&Rc<str>, &Rc<str>)| {
        let (noun, keeps) = dialects::terraform::keeps(kind, claims.types)?;
        Some(Destroyed { id: id(address), noun, keeps })
    };
    model.destroyed = root.destroyed.iter().filter_map(destroyed).collect();
    model
}

/// Whether reading a file with this text could open another one, by the words that it takes. A key that is written with escapes has a
/// backslash.
pub fn may_open_others(text: &str) -> bool {
    const WORDS: [&str; 7] = ["TemplateURL", "Location", "Uri", "aws:asset:path", "file(", "useDotenv", "plugins"];
    text.contains('\\') || WORDS.iter().any(|word| text.contains(word))
}

/// Whether a file of that path may give values to the parameters of a template.
pub fn may_give_values(path: &RepoPath) -> bool {
    cloudformation::handed::may_give_values(path)
}

/// Whether a template with that text may take the values of a file, by a word that it takes.
pub fn may_take_values(text: &str) -> bool {
    text.contains('\\') || text.contains("Parameters")
}

/// Whether a text that is no unit looks like a part of one: a definition, a schema, what a template includes.
pub fn may_be_part(text: &str) -> bool {
    const WORDS: [&str; 8] = ["StartAt", "openapi", "swagger", "x-amazon-", "AWS::", "Fn::", "type Query", "type Mutation"];
    WORDS.iter().any(|word| text.contains(word))
}

/// Where and why a text is no tree of keys and values; `None` where it is one, or where there is no text.
pub fn syntax_error(path: &RepoPath, files: &dyn Files) -> Option<Note> {
    let arena = Bump::new();
    let sources = Sources::new(files);
    if let Some((file, text)) = sources.open(path, None)
        && let Err(refused) = documents::claimed(path, (file, text), &sources, &arena, |documents| claim::claim(path, text, documents))
    {
        documents::note(&refused.error, file, &sources);
    }
    sources.into_parts().1.into_iter().find(|note| note.kind.hides())
}

/// An entry file, parsed where it can be.
struct Opened<'t> {
    claim: Claim,
    documents: Option<Vec<Node<'t>>>,
}

/// Opens an entry file and says what it is; `None` where its content is hidden or not at hand.
fn open<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Option<Opened<'t>> {
    let (file, text) = sources.open(path, None)?;
    if !(claim::is_structured(path) || claim::is_default_name(path) || claim::must_be_parsed(text)) {
        let claim = claim::not_judged(path, text, &[]).unwrap_or(Claim::Nothing);
        return Some(Opened { claim, documents: None });
    }
    match documents::claimed(path, (file, text), sources, arena, |documents| claim::claim(path, text, documents)) {
        Ok(claimed) => Some(Opened { claim: claimed.claim, documents: Some(claimed.documents) }),
        Err(refused) => {
            let looks = refused.is_unit_elsewhere || claim::is_structured(path) && claim::looks_like_unit(text);
            let other = claim::not_judged(path, text, &[]);
            let claim = if looks { Claim::Unreadable } else { other.unwrap_or(Claim::Nothing) };
            documents::note(&refused.error, file, sources);
            Some(Opened { claim, documents: None })
        }
    }
}

fn model<'t>(unit: &RepoPath, format: Format, documents: &[Node<'t>], sources: &Sources<'t>, arena: &'t Bump, claims: &Claims) -> Model {
    match format {
        Format::CloudFormation => lowered(unit, &cloudformation::read(documents, unit, sources, arena), sources, arena, claims),
        Format::Serverless => {
            let service = serverless::read(documents, unit, sources, arena);
            let mut model = lowered(unit, &service.templates, sources, arena, claims);
            serverless::rank(&mut model);
            model.unweighed.extend(deciding::of_service(unit, &service, sources));
            model.unweighed.sort_unstable();
            model
        }
        // A folder has no documents.
        Format::Terraform => Model::default(),
        Format::ThreatDragon => documents.first().map(|root| threat_dragon::read(sources, unit, *root)).unwrap_or_default(),
        Format::ThreatComposer => documents.first().map(|root| threat_composer::read(sources, unit, *root)).unwrap_or_default(),
    }
}

fn lowered<'t>(unit: &RepoPath, templates: &[Template<'t>], sources: &Sources<'t>, arena: &'t Bump, claims: &Claims) -> Model {
    let list: Vec<_> = templates.iter().flat_map(|template| sam::expand(template, sources, arena).list).collect();
    let remarks = cloudformation::remarks::read(&list, sources);
    let mut bodies: Vec<_> = templates.iter().flat_map(|template| &template.resources.bodies).copied().collect();
    bodies.extend(elsewhere::bodies(&list, arena));
    let decisions = templates.iter().flat_map(|template| &template.resources.decisions).copied().collect();
    let rewritten = templates.iter().any(|template| template.resources.rewritten);
    let words = templates.first().map(|template| template.resources.words).unwrap_or_default();
    let outputs = templates.iter().flat_map(|template| outputs(template, arena)).collect();
    let asides = templates.iter().filter_map(|template| metadata(template, arena)).collect();
    let mut resources = Resources { list, remarks, bodies, outputs, asides, decisions, rewritten, words, ..Resources::default() };
    own_account::put_in(&mut resources, &claims.own_accounts, arena);
    let mut model = catalog::lower(unit, &resources, sources, claims);
    model.exports = templates.iter().flat_map(|template| exports(unit, template, &model, arena)).collect();
    model
}

/// What a template says of itself.
fn metadata<'t>(template: &Template<'t>, arena: &'t Bump) -> Option<Output<'t>> {
    let value = template.metadata;
    let name = match template.scope {
        "" => "Metadata",
        scope => arena.alloc_str(&format!("{scope}Metadata")),
    };
    value.is_present().then_some(Output { name, value, export: None, span: value.span })
}

/// The outputs of a template, called after the stack that they are of.
fn outputs<'t>(template: &Template<'t>, arena: &'t Bump) -> impl Iterator<Item = Output<'t>> {
    let name = |output: &cloudformation::Output<'t>| match template.scope {
        "" => output.name,
        scope => &*arena.alloc_str(&format!("{scope}{}", output.name)),
    };
    template.outputs.iter().map(move |output| Output {
        name: name(output),
        value: as_written(output.value, arena),
        export: output.export,
        span: output.span,
    })
}

/// A value as an output has it: the provider looks secrets up for the properties of resources alone, and shows such a reference as it is written.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html>,
/// <https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/689>, read 2026-11-30.
fn as_written<'t>(value: Property<'t>, arena: &'t Bump) -> Property<'t> {
    const REFERENCE: Value<'_> = Value::Text("{{resolve:…}}");
    let all = |pieces: &[Property<'t>]| {
        let written: Vec<Property<'t>> = pieces.iter().map(|piece| as_written(*piece, arena)).collect();
        &*arena.alloc_slice_copy(&written)
    };
    let written = match value.value {
        Value::External(External { kind: ExternalKind::Secret | ExternalKind::SecureParameter, .. }) => REFERENCE,
        // No resource has it but by such a reference.
        Value::Reference(Reference { attribute: Some("SecretString"), .. }) => REFERENCE,
        Value::Joined(pieces) => Value::Joined(all(pieces)),
        Value::Either(Alternatives { branches, .. }) => Alternatives::of(all(branches), arena),
        other => other,
    };
    Property { value: written, ..value }
}

/// What the outputs of a template give away: the elements that they refer to, under the names that other stacks import them by. What the
/// CDK synthesises is called after its stack, by whose name outputs can be had that are not exported.
fn exports(unit: &RepoPath, template: &Template<'_>, model: &Model, arena: &Bump) -> Vec<Export> {
    let stack = unit.file_name().strip_suffix(".template.json").filter(|_| template.scope.is_empty());
    let mut exports = Vec::new();
    for output in &template.outputs {
        let exported = output.export.as_ref().and_then(canonical);
        let of_stack = stack.map(|stack| cloudformation::name_of_output(stack, output.name, arena).to_owned());
        let names: BTreeSet<String> = exported.into_iter().chain(of_stack).collect();
        exports.extend(given_away(unit, model, &output.value, names).into_iter().flatten());
    }
    exports
}

/// The element that a value of a unit refers to, under the names that others know the value by.
fn given_away(
    unit: &RepoPath,
    model: &Model,
    value: &Property<'_>,
    names: BTreeSet<String>,
) -> Option<impl Iterator<Item = Export> + use<>> {
    let reference = match value.value {
        Value::Joined(pieces) => pieces.iter().find_map(Property::reference),
        _ => value.reference(),
    };
    let element = model.element(&ElementId::new(unit, reference?.address))?;
    let (of, declared, shown) = (element.id.clone(), element.declared.clone(), element.name.clone());
    Some(names.into_iter().map(move |name| Export { name, of: of.clone(), declared: declared.clone(), shown: shown.clone() }))
}
