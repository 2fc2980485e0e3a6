//! What the SAM transform makes of a template: `AWS::Serverless::*` resources become the CloudFormation resources that they stand for.
//!
//! Comes in: the resources of a template as stated, its `Globals` and the files that it names. Goes out: resources in CloudFormation's own
//! types, the stated ones first named (`declared` keeps the SAM type), each followed by what the transform adds (`implied_by`).
//! Never fails: what it does not know stays as it is, with a note.
//!
//! Logical ids are those of the translator, without its hash suffixes:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>

pub mod api;
pub mod api_auth;
pub mod capacity;
pub mod connector;
pub mod deployment;
pub mod destination;
pub mod event;
pub mod function;
pub mod globals;
pub mod grant;
pub mod graphql;
pub mod http_api;
pub mod pen;
pub mod policy;
pub mod rule;
pub mod sibling;
pub mod state_machine;
pub mod stream;
pub mod table;
pub mod websocket;

use crate::formats::cloudformation::Template;
use crate::formats::sam::pen::{Fields, Pen};
use crate::formats::sam::sibling::Siblings;
use crate::model::resource::{Entry, Property, Reference, Resource, Resources, Value};
use crate::source::{MAX_DEPTH, NoteKind, Sources, Span};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "AWS::Serverless::";

/// The resources of a template as the provider will see them. Without the transform, SAM's types are kept and noted; definitions in files
/// of the repository are read either way.
pub fn expand<'t>(template: &Template<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Resources<'t> {
    let list = if template.is_sam() {
        expand_all(&template.resources.list, template.scope, template.globals, sources, arena)
    } else {
        note_unexpanded(&template.resources.list, sources);
        let siblings = Siblings::new(sources, arena);
        let with_definition = |resource: &Resource<'t>| Resource { properties: sibling::with_definition(&siblings, resource), ..*resource };
        template.resources.list.iter().map(with_definition).collect()
    };
    Resources { list }
}

/// Expands resources whose addresses begin with `scope`, whether or not a transform is named.
pub fn expand_all<'t>(
    stated: &[Resource<'t>],
    scope: &'t str,
    globals: Property<'t>,
    sources: &Sources<'t>,
    arena: &'t Bump,
) -> Vec<Resource<'t>> {
    let stated: Vec<_> = stated.iter().map(|resource| with_globals(resource, &globals, arena)).collect();
    let mut expansion = Expansion::new(&stated, scope, globals, sources, arena);
    stated.iter().for_each(|resource| expand_resource(&mut expansion, resource));
    api::add_implicit(&mut expansion);
    http_api::add_implicit(&mut expansion);
    expansion.apply_patches();
    expansion.resolve_destinations();
    connector::expand_all(&mut expansion, &stated);
    expansion.made
}

/// Says of a template without the transform that its SAM types mean nothing.
fn note_unexpanded(stated: &[Resource<'_>], sources: &Sources<'_>) {
    for resource in stated.iter().filter(|resource| resource.kind.starts_with(PREFIX)) {
        let text = format!("{} is not expanded: the template does not name the transform AWS::Serverless-2016-10-31", resource.kind);
        sources.note(resource.span, NoteKind::Unsupported, text);
    }
}

fn with_globals<'t>(resource: &Resource<'t>, globals: &Property<'t>, arena: &'t Bump) -> Resource<'t> {
    match resource.kind.strip_prefix(PREFIX) {
        Some(section) => Resource { properties: globals::merged(Some(globals), section, resource.properties, arena), ..*resource },
        None => *resource,
    }
}

fn expand_resource<'t>(expansion: &mut Expansion<'t, '_>, resource: &Resource<'t>) {
    match resource.kind.strip_prefix(PREFIX) {
        Some("Function") => function::expand(expansion, resource),
        Some("StateMachine") => state_machine::expand(expansion, resource),
        Some("Api") => api::expand(expansion, resource),
        Some("HttpApi") => http_api::expand(expansion, resource),
        Some("SimpleTable") => table::expand(expansion, resource),
        Some("LayerVersion") => function::expand_layer(expansion, resource),
        Some("GraphQLApi") => graphql::expand(expansion, resource),
        Some("WebSocketApi") => websocket::expand(expansion, resource),
        Some("CapacityProvider") => capacity::expand(expansion, resource),
        Some("Connector") => {}
        Some("Application") => {
            let mut fields = Fields::of(expansion.pen(resource.span), resource.properties, &["Location"]);
            fields.rename(&resource.properties, "Location", "TemplateURL");
            expansion.restate(resource, "AWS::CloudFormation::Stack", fields.done());
        }
        Some(_) => {
            expansion.note(resource.span, NoteKind::UnknownType, format!("{} is not expanded", resource.kind));
            expansion.keep(resource);
        }
        None => {
            let properties = sibling::with_definition(&expansion.siblings, resource);
            expansion.keep(&Resource { properties, ..*resource });
        }
    }
}

/// An entry to put into a stated resource, once all are read: what an event source writes on its source.
struct Patch<'t> {
    address: &'t str,
    /// The keys down to the map or list that is added to.
    path: &'static [&'static str],
    addition: Addition<'t>,
}

enum Addition<'t> {
    Items(Vec<Property<'t>>),
    Field(&'t str, Property<'t>),
}

/// The resources of one template while they are expanded.
pub struct Expansion<'t, 's> {
    pub arena: &'t Bump,
    pub sources: &'s Sources<'t>,
    pub siblings: Siblings<'t, 's>,
    /// What stands before every address of the template.
    pub scope: &'t str,
    pub globals: Property<'t>,
    /// As stated, with their globals.
    stated: BTreeMap<&'t str, Resource<'t>>,
    made: Vec<Resource<'t>>,
    implied: BTreeSet<&'t str>,
    patches: Vec<Patch<'t>>,
    /// `Fn.DestinationQueue`: queues and topics that were made for a function, by function and attribute.
    destinations: BTreeMap<(&'t str, &'static str), &'t str>,
    /// The first resource with an `Api` event that names no API, and the event's lines.
    pub implicit_rest_api: Option<(Resource<'t>, Span)>,
    /// The same for `HttpApi` events.
    pub implicit_http_api: Option<(Resource<'t>, Span)>,
}

impl<'t, 's> Expansion<'t, 's> {
    fn new(stated: &[Resource<'t>], scope: &'t str, globals: Property<'t>, sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        Self {
            arena,
            sources,
            siblings: Siblings::new(sources, arena),
            scope,
            globals,
            stated: stated.iter().map(|resource| (resource.address, *resource)).collect(),
            made: Vec::new(),
            implied: BTreeSet::new(),
            patches: Vec::new(),
            destinations: BTreeMap::new(),
            implicit_rest_api: None,
            implicit_http_api: None,
        }
    }

    pub fn pen(&self, span: Span) -> Pen<'t> {
        Pen::new(self.arena, span)
    }

    pub fn note(&self, span: Span, kind: NoteKind, text: String) {
        self.sources.note(span, kind, text);
    }

    pub fn stated(&self, address: &str) -> Option<&Resource<'t>> {
        self.stated.get(address)
    }

    /// The stated resource that a reference or a bare logical id names.
    pub fn named(&self, id: &Property<'t>) -> Option<&Resource<'t>> {
        match id.reference() {
            Some(reference) => self.stated(reference.address),
            None => self.stated(self.scoped(id.literal()?)),
        }
    }

    /// The address of a logical id of this template.
    pub fn scoped(&self, logical_id: &str) -> &'t str {
        self.arena.alloc_str(&[self.scope, logical_id].concat())
    }

    fn by_address(&self) -> BTreeMap<&'t str, Resource<'t>> {
        self.made.iter().map(|resource| (resource.address, *resource)).collect()
    }

    /// How many resources there are by now: where the next one will stand.
    pub fn len(&self) -> usize {
        self.made.len()
    }

    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    fn keep(&mut self, resource: &Resource<'t>) {
        self.made.push(*resource);
    }

    /// The stated resource under its CloudFormation type.
    pub fn restate(&mut self, resource: &Resource<'t>, kind: &'static str, properties: Property<'t>) {
        self.made.push(Resource { kind, properties, ..*resource });
    }

    /// The same, at a position of the list that is not the end.
    pub fn restate_at(&mut self, index: usize, resource: &Resource<'t>, kind: &'static str, properties: Property<'t>) {
        self.made.insert(index.min(self.made.len()), Resource { kind, properties, ..*resource });
    }

    /// A resource that the transform adds for `parent`. Where another of that name is stated or was added, that one stays.
    pub fn imply(&mut self, parent: &Resource<'t>, address: &str, kind: &'static str, properties: Property<'t>) {
        self.imply_at(self.made.len(), parent, address, kind, properties);
    }

    /// The same, at a position of the list that is not the end.
    pub fn imply_at(&mut self, index: usize, parent: &Resource<'t>, address: &str, kind: &'static str, properties: Property<'t>) {
        let address: &'t str = self.arena.alloc_str(address);
        if let Some(known) = self.stated.get(address) {
            let text = format!("{} stands where the transform would put a {kind} for {}", known.address, parent.address);
            self.note(known.span, NoteKind::Inconsistent, text);
            return;
        }
        if !self.implied.insert(address) {
            return;
        }
        let span = properties.span;
        let attributes = self.inherited(parent, span);
        let resource = Resource { address, kind, declared: kind, span, properties, attributes, implied_by: Some(parent.address) };
        self.made.insert(index.min(self.made.len()), resource);
    }

    /// What the transform passes on to the resources that it adds.
    fn inherited(&self, parent: &Resource<'t>, span: Span) -> Property<'t> {
        let mut fields = Fields::new(self.pen(span));
        fields.copy(&parent.attributes, &["Condition", "DeletionPolicy", "UpdateReplacePolicy"]);
        fields.done()
    }

    pub fn add_items(&mut self, address: &'t str, path: &'static [&'static str], items: Vec<Property<'t>>) {
        self.patches.push(Patch { address, path, addition: Addition::Items(items) });
    }

    pub fn add_field(&mut self, address: &'t str, path: &'static [&'static str], key: &'t str, value: Property<'t>) {
        self.patches.push(Patch { address, path, addition: Addition::Field(key, value) });
    }

    fn apply_patches(&mut self) {
        let places: BTreeMap<&str, usize> = self.made.iter().enumerate().map(|(index, resource)| (resource.address, index)).collect();
        for patch in std::mem::take(&mut self.patches) {
            if let Some(resource) = places.get(patch.address).and_then(|index| self.made.get_mut(*index)) {
                let pen = Pen::new(self.arena, resource.properties.span);
                resource.properties = patched(pen, resource.properties, patch.path, &patch.addition);
            }
        }
    }
}

impl<'t> Expansion<'t, '_> {
    /// `attribute` of the function is from now on a name for the queue or topic `address`.
    pub fn add_destination(&mut self, function: &'t str, attribute: &'static str, address: &str) {
        self.destinations.insert((function, attribute), self.arena.alloc_str(address));
    }

    fn resolve_destinations(&mut self) {
        if self.destinations.is_empty() {
            return;
        }
        for resource in &mut self.made {
            resource.properties = redirected(self.arena, resource.properties, &self.destinations, MAX_DEPTH);
        }
    }
}

fn redirected<'t>(
    arena: &'t Bump,
    property: Property<'t>,
    destinations: &BTreeMap<(&'t str, &'static str), &'t str>,
    depth: usize,
) -> Property<'t> {
    let Some(depth) = depth.checked_sub(1) else { return property };
    let deeper = |property: &Property<'t>| redirected(arena, *property, destinations, depth);
    let all = |items: &[Property<'t>]| -> &'t [Property<'t>] { arena.alloc_slice_fill_iter(items.iter().map(deeper)) };
    let value = match property.value {
        Value::Reference(Reference { address, attribute: Some(attribute) }) => {
            let found = destinations.iter().find(|((function, name), _)| *function == address && *name == attribute);
            found.map_or(property.value, |(_, address)| Value::Reference(Reference { address, attribute: None }))
        }
        Value::List(items) => Value::List(all(items)),
        Value::Joined(items) => Value::Joined(all(items)),
        Value::Either(items) => Value::Either(all(items)),
        Value::Map(entries) => {
            Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry { value: deeper(&entry.value), ..*entry })))
        }
        other => other,
    };
    Property { value, ..property }
}

fn patched<'t>(pen: Pen<'t>, place: Property<'t>, path: &[&str], addition: &Addition<'t>) -> Property<'t> {
    match (path.split_first(), addition) {
        (Some((key, rest)), _) => {
            let inner = place.get(key).copied().unwrap_or_else(|| pen.value(Value::Null));
            let mut fields = Fields::of(pen, place, &[]);
            fields.put(key, patched(pen, inner, rest, addition));
            fields.done()
        }
        (None, Addition::Items(items)) => pen.list(&[place.items(), items].concat()),
        (None, Addition::Field(key, value)) => {
            let mut fields = Fields::of(pen, place, &[]);
            fields.put(key, *value);
            fields.done()
        }
    }
}
