//! CloudFormation templates, with or without the SAM transform, read into neutral resources.
//!
//! Comes in: the tree of a template and the files it includes. Goes out: resources whose intrinsics have become literals, references,
//! externals and unknowns. Never says what a resource type means, and never expands SAM's types: that is for those above.

mod binding;
mod body;
mod cases;
mod choices;
mod condition;
mod construct;
mod expansion;
pub mod handed;
mod intrinsic;
mod lookup;
mod names;
mod nested;
mod parameter;
mod policy;
pub mod remarks;
mod scope;
mod text;
mod unit;

use crate::formats::cloudformation::handed::Handed;
use crate::model::resource::{Property, Resources};
use crate::source::given::Choices;
use crate::source::{NoteKind, RepoPath, Sources, Span};
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;

/// A template as far as its own text says. Everything in it is resolved; addresses and references already bear the scope.
#[derive(Clone, Debug)]
pub struct Template<'t> {
    /// What stands before every address of this template: empty for the entry file, `Outer/` for the nested stack `Outer`.
    pub scope: &'t str,
    /// The file that this template stands in.
    pub path: RepoPath,
    /// In order of the template; those that a condition surely leaves out are not there.
    pub resources: Resources<'t>,
    /// SAM's `Globals`, a map; `Null` where there is none.
    pub globals: Property<'t>,
    /// Names of the transforms, in order.
    pub transforms: Vec<&'t str>,
    /// In order of the template.
    pub parameters: Vec<Parameter<'t>>,
    /// In order of the template.
    pub outputs: Vec<Output<'t>>,
    /// `Null` where there is none.
    pub metadata: Property<'t>,
}

impl Template<'_> {
    /// Whether the template names the SAM transform.
    pub fn names_sam(&self) -> bool {
        self.transforms.iter().any(|name| is_sam_transform(name))
    }
}

/// A parameter with what a reference to it resolves to.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'t> {
    pub name: &'t str,
    pub value: Property<'t>,
    /// From the name to the last line of the declaration.
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub struct Output<'t> {
    pub name: &'t str,
    pub value: Property<'t>,
    /// The name under which other stacks import it.
    pub export: Option<Property<'t>>,
    pub span: Span,
}

/// Reads the documents of an entry file. The first template is the entry's own, the nested stacks that were found follow, each before
/// those within it. Cannot fail: what is not understood is noted in `sources`.
pub fn read<'t>(documents: &[Node<'t>], path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Vec<Template<'t>> {
    let Some(root) = template_of(documents, sources).map(|root| whole(root, arena)) else { return Vec::new() };
    let handed = Handed::find(path, root, sources, arena);
    sources.offer(Choices { handed: handed.sets().cloned().collect(), ..choices::of(root) });
    let unit = unit::Unit::new(handed, sources, arena);
    nested::read(&unit, root, scope::Frame::entry(path));
    unit.into_templates()
}

/// Whether a mapping is the inside of `Resources` alone, as what a build step or a service puts together has it: each entry is a resource by its
/// type and its attributes, and one at least of the provider's.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html> and its neighbours have the attributes.
pub fn is_inside_of_resources(root: &Node<'_>) -> bool {
    const ATTRIBUTES: [&str; 10] = [
        "Condition",
        "Connectors",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    ];
    fn kind<'t>(entry: &Entry<'t>) -> Option<&'t str> {
        entry.value.get("Type")?.scalar().filter(|kind| kind.contains("::"))
    }
    let is_resource =
        |entry: &Entry<'_>| kind(entry).is_some() && entry.value.entries().iter().all(|attribute| ATTRIBUTES.contains(&attribute.key));
    let is_of_provider = |entry: &Entry<'_>| kind(entry).is_some_and(|kind| kind.starts_with("AWS::"));
    root.entries().iter().all(is_resource) && root.entries().iter().any(is_of_provider)
}

/// A template of which a file may have the resources alone, written without their section.
fn whole<'t>(root: Node<'t>, arena: &'t Bump) -> Node<'t> {
    if !is_inside_of_resources(&root) {
        return root;
    }
    let section = Entry { key: "Resources", key_span: root.span, value: root };
    Node { value: Value::Map(arena.alloc_slice_copy(&[section])), ..root }
}

/// The first document that looks like a template. Providers take a file of one document alone, so that any other is refused.
fn template_of<'t>(documents: &[Node<'t>], sources: &Sources<'t>) -> Option<Node<'t>> {
    let looks = |node: &&Node<'t>| node.get("Resources").is_some() || node.get("AWSTemplateFormatVersion").is_some();
    let template = documents.iter().find(looks).or_else(|| documents.first())?;
    if let Some(other) = documents.iter().find(|other| other.span != template.span) {
        sources.note(other.span, NoteKind::Refused, "a template is one document, and this file has several".to_owned());
    }
    Some(*template)
}

/// The name under which an output of a stack is known to others, `Stack:Output`, without the hashes that the CDK writes.
pub fn name_of_output<'t>(stack: &str, output: &str, arena: &'t Bump) -> &'t str {
    construct::export_name(arena.alloc_str(&format!("{stack}:{output}")), arena)
}

/// Whether a type means something only under the SAM transform.
pub fn is_sam_type(kind: &str) -> bool {
    kind.starts_with("AWS::Serverless::")
}

/// `AWS::Serverless-2016-10-31` and its like.
fn is_sam_transform(name: &str) -> bool {
    name.starts_with("AWS::Serverless-")
}
