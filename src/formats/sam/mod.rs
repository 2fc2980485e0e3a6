//! What the SAM transform makes of a template: `AWS::Serverless::*` resources become the CloudFormation resources that they stand for.
//!
//! Comes in: the resources of a template as stated, its `Globals` and the files that it names. Goes out: resources in CloudFormation's own
//! types, the stated ones first named (`declared` keeps the SAM type), each followed by what the transform adds (`implied_by`).
//! Never fails: what it does not know stays as it is, with a note.
//!
//! Logical ids are those of the translator, without its hash suffixes:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>

pub mod addition;
pub mod api;
pub mod api_auth;
pub mod capacity;
pub mod connector;
pub mod deployment;
pub mod destination;
pub mod domain;
pub mod event;
pub mod function;
pub mod globals;
pub mod grant;
pub mod graphql;
pub mod http_api;
pub mod pen;
pub mod policy;
pub mod redirection;
pub mod rule;
pub mod shape;
pub mod sibling;
pub mod state_machine;
pub mod stream;
pub mod table;
pub mod websocket;

use crate::catalog::made_when::VALUES_ASKED;
use crate::formats::cloudformation::{Template, is_sam_type};
use crate::formats::sam::addition::Additions;
use crate::formats::sam::pen::{Fields, Pen};
use crate::formats::sam::redirection::Redirections;
use crate::formats::sam::sibling::Siblings;
use crate::model::resource::{Called, Property, Resource, Resources};
use crate::source::budget::Stage;
use crate::source::{NoteKind, Sources, Span};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "AWS::Serverless::";

/// The resources of a template as the provider will see them. SAM's types are expanded also where the transform has been forgotten, with
/// a note; definitions in files of the repository are read either way.
pub fn expand<'t>(template: &Template<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Resources<'t> {
    let forgotten = template.resources.list.iter().find(|resource| is_sam_type(resource.kind)).filter(|_| !template.names_sam());
    if let Some(first) = forgotten {
        note_forgotten(first, sources);
    }
    let list = if template.names_sam() || forgotten.is_some() {
        expand_all(&template.resources.list, template.scope, template.globals, sources, arena)
    } else {
        let siblings = Siblings::new(sources, arena);
        let with_definition = |resource: &Resource<'t>| Resource { properties: sibling::with_definition(&siblings, resource), ..*resource };
        template.resources.list.iter().map(with_definition).collect()
    };
    Resources { list, ..Resources::default() }
}

/// Expands resources whose addresses begin with `scope`, whether or not a transform is named.
pub fn expand_all<'t>(
    stated: &[Resource<'t>],
    scope: &'t str,
    globals: Property<'t>,
    sources: &Sources<'t>,
    arena: &'t Bump,
) -> Vec<Resource<'t>> {
    let stated: Vec<_> = stated
        .iter()
        .map(|resource| with_globals(resource, &globals, sources, arena))
        .map(|resource| Resource { properties: shape::checked(&resource, sources, arena), ..resource })
        .collect();
    let mut expansion = Expansion::new(&stated, scope, globals, sources, arena);
    stated.iter().for_each(|resource| expand_resource(&mut expansion, resource));
    api::add_implicit(&mut expansion);
    http_api::add_implicit(&mut expansion);
    std::mem::take(&mut expansion.additions).apply(&mut expansion.made, arena);
    std::mem::take(&mut expansion.destinations).apply(&mut expansion.made, arena);
    connector::expand_all(&mut expansion, &stated);
    expansion.made
}

/// Says once of a template that the provider would refuse it as it stands.
fn note_forgotten(first: &Resource<'_>, sources: &Sources<'_>) {
    let text = format!(
        "`{}` is of the type {}, but the template does not name the transform AWS::Serverless-2016-10-31",
        first.address, first.kind
    );
    sources.note(first.span, NoteKind::Inconsistent, text);
}

fn with_globals<'t>(resource: &Resource<'t>, globals: &Property<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Resource<'t> {
    let Some(section) = resource.kind.strip_prefix(PREFIX) else { return *resource };
    if !sources.spend(Stage::Read, globals.get(section).map_or(0, globals::size), resource.span) {
        return *resource;
    }
    let ignored = globals::Ignored::of(resource.attributes.get("IgnoreGlobals"), globals.get(section));
    if let Err(refused) = &ignored {
        sources.note(refused.span, NoteKind::Refused, format!("IgnoreGlobals of `{}` {}", resource.address, refused.why));
    }
    Resource { properties: globals::merged(globals, section, &ignored, resource.properties, arena), ..*resource }
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
        Some("Application") if resource.properties.at("Location.ApplicationId").is_some() => {
            expansion.restate(resource, "AWS::ServerlessRepo::Application", resource.properties);
        }
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

/// The API that the events belong to which name none.
#[derive(Clone, Copy)]
pub struct ImplicitApi<'t> {
    /// The globals.
    pub properties: Property<'t>,
    /// The first such event's resource and lines; `None` as long as there is no such event.
    pub cause: Option<(Resource<'t>, Span)>,
}

impl<'t> ImplicitApi<'t> {
    fn of(section: &str, globals: &Property<'t>, arena: &'t Bump) -> Self {
        let properties = globals.get(section).copied().unwrap_or_else(|| Pen::new(arena, globals.span).map(&[]));
        Self { properties, cause: None }
    }

    /// Other events may be there under other conditions: the API is under none.
    pub fn is_caused_by(&mut self, parent: &Resource<'t>, pen: Pen<'t>) {
        self.cause.get_or_insert((Resource { attributes: pen.map(&[]), ..*parent }, pen.span()));
    }
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
    /// What event sources write on the resources that they read from, once all are known.
    pub additions: Additions<'t>,
    /// `Fn.DestinationQueue`: queues and topics that were made for a function.
    pub destinations: Redirections<'t>,
    pub implicit_rest_api: ImplicitApi<'t>,
    pub implicit_http_api: ImplicitApi<'t>,
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
            additions: Additions::default(),
            destinations: Redirections::default(),
            implicit_rest_api: ImplicitApi::of("Api", &globals, arena),
            implicit_http_api: ImplicitApi::of("HttpApi", &globals, arena),
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
        let called = self.called_after(parent, address);
        let resource = Resource {
            address,
            called,
            kind,
            declared: kind,
            span,
            properties,
            attributes,
            implied_by: Some(parent.address),
            supplied: &[],
        };
        self.made.insert(index.min(self.made.len()), resource);
    }

    /// What is named after its parent is so in every respect.
    fn called_after(&self, parent: &Resource<'t>, address: &'t str) -> Called<'t> {
        match address.strip_prefix(parent.address) {
            Some(own) if parent.called.in_template != parent.address => {
                let after = |name: &str| &*self.arena.alloc_str(&[name, own].concat());
                Called { in_template: after(parent.called.in_template), by_people: after(parent.called.by_people), ..parent.called }
            }
            _ => Called::by(address),
        }
    }

    /// What the transform passes on to the resources that it adds.
    fn inherited(&self, parent: &Resource<'t>, span: Span) -> Property<'t> {
        let mut fields = Fields::new(self.pen(span));
        fields.copy(&parent.attributes, &["Condition", VALUES_ASKED, "DeletionPolicy", "UpdateReplacePolicy"]);
        fields.done()
    }
}
