//! Definitions that a template keeps in files of the repository: state machines and OpenAPI bodies.
//!
//! Comes in: a property that names a local path. Goes out: what the file says, as a property tree with spans in that file, and with
//! `DefinitionSubstitutions` applied. Never reads intrinsics in such a file: the provider does not either.

use crate::formats::documents;
use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Alternatives, Entry, Property, Resource, Value};
use crate::source::{MAX_DEPTH, NoteKind, RepoPath, Sources};
use crate::syntax;
use crate::syntax::Node;
use crate::syntax::yaml::Dialect;
use bumpalo::Bump;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The files of one unit that were read, each once.
pub struct Siblings<'t, 's> {
    sources: &'s Sources<'t>,
    arena: &'t Bump,
    read: RefCell<BTreeMap<RepoPath, Option<Property<'t>>>>,
}

impl<'t, 's> Siblings<'t, 's> {
    pub fn new(sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        Self { sources, arena, read: RefCell::default() }
    }

    /// What the file says that `uri` names. `None` where it names no file of the repository or the file cannot be read; a note says so.
    pub fn find(&self, uri: &Property<'t>) -> Option<Property<'t>> {
        let relative = uri.literal()?;
        let Some(path) = self.sources.path(uri.span.file).sibling(relative) else {
            let known = RepoPath::new(relative);
            if self.read.borrow_mut().insert(known, None).is_none() {
                self.sources.note(uri.span, NoteKind::OutsideFile, format!("{relative} lies outside the repository"));
            }
            return None;
        };
        if let Some(known) = self.read.borrow().get(&path) {
            return *known;
        }
        let documents = documents::open(&path, Dialect::Yaml11, Some(uri.span), self.sources, self.arena);
        let definition = documents.as_deref().and_then(|documents| documents.first()).map(|node| plain(self.arena, node));
        self.read.borrow_mut().insert(path, definition);
        definition
    }
}

/// A tree without intrinsics. Its depth is bounded by the parser.
fn plain<'t>(arena: &'t Bump, node: &Node<'t>) -> Property<'t> {
    let value = match node.value {
        syntax::Value::Null => Value::Null,
        syntax::Value::Bool(flag) => Value::Bool(flag),
        syntax::Value::Number(number) => Value::Number(number),
        syntax::Value::Text(text) => Value::Text(text),
        syntax::Value::List(items) => Value::List(arena.alloc_slice_fill_iter(items.iter().map(|item| plain(arena, item)))),
        syntax::Value::Map(entries) => Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry {
            key: entry.key,
            key_span: entry.key_span,
            value: plain(arena, &entry.value),
        }))),
    };
    Property { value, span: node.span }
}

/// The definition with `${Name}` in its strings replaced by what `DefinitionSubstitutions` says of `Name`. Spans stay those of the strings.
pub fn substituted<'t>(arena: &'t Bump, definition: Property<'t>, substitutions: Option<&Property<'t>>) -> Property<'t> {
    match substitutions {
        Some(substitutions) if !substitutions.entries().is_empty() => substitute(arena, definition, substitutions, MAX_DEPTH * 2),
        _ => definition,
    }
}

fn substitute<'t>(arena: &'t Bump, property: Property<'t>, substitutions: &Property<'t>, depth: usize) -> Property<'t> {
    let Some(depth) = depth.checked_sub(1) else { return property };
    let deeper = |property: Property<'t>| substitute(arena, property, substitutions, depth);
    let value = match property.value {
        Value::Text(text) if text.contains("${") => {
            let pen = Pen::new(arena, property.span);
            pen.pattern(text, |name| substitutions.get(name).copied()).value
        }
        Value::Joined(pieces) => {
            let pieces: Vec<_> = pieces.iter().map(|piece| deeper(*piece)).collect();
            Pen::new(arena, property.span).joined(&pieces).value
        }
        Value::List(items) => Value::List(arena.alloc_slice_fill_iter(items.iter().map(|item| deeper(*item)))),
        Value::Either(Alternatives { branches, .. }) => {
            let branches: Vec<_> = branches.iter().map(|branch| deeper(*branch)).collect();
            Alternatives::of(&branches, arena)
        }
        Value::Map(entries) => {
            Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry { value: deeper(entry.value), ..*entry })))
        }
        other => other,
    };
    Property { value, ..property }
}

/// The properties of a resource that is CloudFormation's own, with the definitions in it that lie in files of the repository.
pub fn with_definition<'t>(siblings: &Siblings<'t, '_>, resource: &Resource<'t>) -> Property<'t> {
    let properties = resource.properties;
    let (inline, location) = match resource.kind {
        "AWS::StepFunctions::StateMachine" => ("Definition", "DefinitionS3Location"),
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => ("Body", "BodyS3Location"),
        _ => return properties,
    };
    let mut fields = Fields::of(Pen::new(siblings.arena, properties.span), properties, &[]);
    let local = properties.get(location).filter(|uri| matches!(uri.value, Value::Text(_)));
    if let Some(definition) = local.and_then(|uri| siblings.find(uri)) {
        fields.put(inline, definition);
    }
    let properties = fields.done();
    if resource.kind != "AWS::StepFunctions::StateMachine" {
        return properties;
    }
    let substitutions = properties.get("DefinitionSubstitutions");
    let mut fields = Fields::of(Pen::new(siblings.arena, properties.span), properties, &[]);
    for key in ["Definition", "DefinitionString"] {
        if let Some(definition) = properties.get(key) {
            fields.put(key, substituted(siblings.arena, *definition, substitutions));
        }
    }
    fields.done()
}
