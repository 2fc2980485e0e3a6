//! Resources in the making.

use crate::catalog::entry::{self, Role};
use crate::dialects::terraform::aws::context::{Context, argument, type_of};
use crate::dialects::terraform::aws::table::{Beside, Covers, Destroy, Makes, Part, Shape, Type};
use crate::dialects::terraform::aws::translation::security_group;
use crate::dialects::terraform::aws::tree::Tree;
use crate::dialects::terraform::aws::{cloud_control, defaults, in_cluster, modules, parts, shape};
use crate::formats::terraform::instance::{Instance, Mode, Presence};
use crate::model::resource::{Called, Entry, Property, Resource, Supplied, Value};
use crate::source::budget::Stage;
use crate::source::{NoteKind, Span};
use std::collections::BTreeSet;

/// A resource of which properties may still come.
pub(crate) struct Making<'t, 's> {
    pub address: &'t str,
    pub kind: &'t str,
    pub declared: &'t str,
    pub span: Span,
    pub tree: Tree<'t>,
    pub known: Option<&'static Type>,
    pub instance: &'s Instance,
    pub implied_by: Option<&'t str>,
    pub supplied: Vec<Supplied>,
}

/// A part that looks for its whole.
pub(crate) struct Joining<'t, 's> {
    pub part: Part,
    pub instance: &'s Instance,
    pub tree: Tree<'t>,
    /// The address of its whole, where that is known already.
    pub of: Option<&'t str>,
}

/// What has been made so far, in order of the text.
#[derive(Default)]
pub(crate) struct Made<'t, 's> {
    pub list: Vec<Making<'t, 's>>,
    pub parts: Vec<Joining<'t, 's>>,
    /// The addresses of parts whose whole is not here.
    pub apart: BTreeSet<String>,
}

impl<'t, 's> Making<'t, 's> {
    pub(crate) fn new(context: &Context<'t, 's>, instance: &'s Instance, kind: &str, tree: Tree<'t>) -> Self {
        Self {
            address: context.arena.alloc_str(&instance.address),
            kind: context.arena.alloc_str(kind),
            declared: context.arena.alloc_str(&instance.kind),
            span: instance.span,
            tree,
            known: None,
            instance,
            implied_by: None,
            supplied: Vec::new(),
        }
    }

    /// A resource that another one implies, under an address of its own.
    pub(crate) fn implied(context: &Context<'t, 's>, by: &'s Instance, name: &str, kind: &str, tree: Tree<'t>) -> Self {
        let address = context.arena.alloc_str(&format!("{}.{name}", by.address));
        Self { address, implied_by: Some(context.arena.alloc_str(&by.address)), ..Self::new(context, by, kind, tree) }
    }

    pub(crate) fn properties(&self, context: &Context<'t, '_>) -> Property<'t> {
        self.tree.done(context.arena)
    }
}

/// Makes all that an instance states.
pub(crate) fn make<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    if !context.sources.spend(Stage::Read, 1, instance.span) {
        return;
    }
    if instance.mode == Mode::Managed && !instance.provisioners.is_empty() && instance.kind.starts_with("aws") {
        let text = format!("`{}` runs a program of its own, which was not read", instance.address);
        context.note(instance.span, NoteKind::Unsupported, text);
    }
    if &*instance.kind == "aws_cloudformation_stack" {
        context.note(instance.span, NoteKind::Unsupported, format!("the template of `{}` was not read", instance.address));
    }
    context.within(instance, || match instance.mode {
        Mode::Module => modules::make(context, instance, made),
        Mode::Data | Mode::Ephemeral => {}
        Mode::Managed if instance.kind.starts_with("awscc_") => {
            let kind = cloud_control::kind(&instance.kind).unwrap_or_else(|| instance.kind.to_string());
            let tree = Tree::of(&cloud_control::properties(context, &instance.arguments));
            made.list.push(Making::new(context, instance, &kind, tree));
        }
        Mode::Managed if instance.kind.starts_with("aws_") => make_known(context, instance, made),
        // Its arguments stay as the configuration writes them: so the organisation names them.
        Mode::Managed if context.types.find(&instance.kind).is_some() => {
            let tree = Tree::of(&context.value(&instance.arguments));
            made.list.push(Making::new(context, instance, &instance.kind, tree));
        }
        Mode::Managed => in_cluster::make(context, instance, made),
    });
}

fn make_known<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let Some(known) = type_of(instance) else {
        // The catalogue says of it that it is not known.
        let tree = Tree::of(&cloud_control::properties(context, &instance.arguments));
        made.list.push(Making::new(context, instance, &instance.kind, tree));
        return;
    };
    match known.makes {
        Makes::Nothing => {}
        Makes::Resource(kind) => {
            let tree = shape::tree(context, known, &instance.arguments, instance.span);
            let making = Making { known: Some(known), ..Making::new(context, instance, kind, tree) };
            made.list.push(making);
            for beside in known.beside {
                make_beside(context, instance, beside, made);
            }
        }
        Makes::Part(part) => {
            let tree = shape::tree(context, known, &instance.arguments, instance.span);
            made.parts.push(Joining { part, instance, tree, of: None });
        }
    }
    if let Some(translation) = known.by {
        translation.apply(context, instance, made);
    }
}

/// An argument that is a resource of its own; an empty text is none.
fn make_beside<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, beside: &Beside, made: &mut Made<'t, 's>) {
    let Some(value) = argument(&instance.arguments, beside.argument).map(|value| context.document_or_value(value)) else { return };
    if !value.is_present() || value.literal() == Some("") {
        return;
    }
    let mut tree = Tree::new(value.span);
    tree.put(beside.names, context.refer(instance, None, value.span), value.span, context.arena);
    tree.put(beside.under, value, value.span, context.arena);
    made.list.push(Making { span: value.span, ..Making::implied(context, instance, beside.argument, beside.kind, tree) });
}

/// Joins parts to their wholes, fills in defaults, and gives the resources, and the addresses of parts whose whole is not here.
pub(crate) fn finish<'t, 's>(context: &Context<'t, 's>, mut made: Made<'t, 's>) -> (Vec<Resource<'t>>, BTreeSet<String>) {
    parts::join(context, &mut made);
    security_group::note_both(context, &made);
    made.list.iter_mut().for_each(|making| defaults::supply(context, making));
    let counts = |making: &&Making<'t, 's>| {
        let is_control = making.known.is_some_and(|known| known.covers == Covers::All);
        !is_control || making.instance.presence == Presence::Certain
    };
    let list = made.list.iter().filter(counts).map(|making| resource(context, making)).collect();
    (list, made.apart)
}

fn resource<'t>(context: &Context<'t, '_>, making: &Making<'t, '_>) -> Resource<'t> {
    let mut supplied = making.supplied.clone();
    let attributes = attributes(context, making, &mut supplied);
    Resource {
        address: making.address,
        called: Called::by(making.address),
        kind: making.kind,
        declared: making.declared,
        span: making.span,
        properties: certain_only(context, making),
        attributes,
        implied_by: making.implied_by,
        supplied: context.arena.alloc_slice_copy(&supplied),
    }
}

/// The properties; of a control that may be there they may be others.
fn certain_only<'t>(context: &Context<'t, '_>, making: &Making<'t, '_>) -> Property<'t> {
    let properties = making.properties(context);
    match (making.known.map(|known| known.covers), &making.instance.presence) {
        (Some(Covers::Facts), Presence::Maybe(reason)) => {
            let hidden = context.pen(making.span).unknown(&format!("whether it is there {reason}"));
            context.either(&[properties, hidden], properties.span)
        }
        (Some(_), Presence::Maybe(_)) if entry::find(making.kind).is_some_and(|entry| entry.role == Role::Config) => {
            with_documents_that_may_be_there(context, making, properties)
        }
        _ => properties,
    }
}

/// What a policy that may be there allows is allowed, and what it denies is not denied for certain.
fn with_documents_that_may_be_there<'t>(context: &Context<'t, '_>, making: &Making<'t, '_>, properties: Property<'t>) -> Property<'t> {
    let fields = making.known.map_or(&[][..], |known| known.fields);
    let is_document = |key: &str| fields.iter().any(|field| field.shape == Shape::Document && field.to == key);
    let maybe = |entry: &Entry<'t>| match is_document(entry.key) {
        true => Entry { value: context.maybe(entry.value), ..*entry },
        false => *entry,
    };
    let entries: Vec<Entry<'t>> = properties.entries().iter().map(maybe).collect();
    Property { value: Value::Map(context.arena.alloc_slice_copy(&entries)), span: properties.span }
}

/// What stands beside the properties: the condition under which it is there, what becomes of it, and its tags, of which a policy may speak.
fn attributes<'t>(context: &Context<'t, '_>, making: &Making<'t, '_>, supplied: &mut Vec<Supplied>) -> Property<'t> {
    let instance = making.instance;
    let pen = context.pen(making.span);
    let mut entries = Vec::new();
    if let Presence::Maybe(reason) = &instance.presence {
        entries.push(("Condition", pen.text(reason)));
    }
    if let Some(tags) = argument(&instance.arguments, "tags") {
        entries.push(("Tags", context.value(tags)));
    }
    let fate_of = |known| fate(context, known, instance);
    if instance.lifecycle.prevent_destroy || instance.lifecycle.keeps {
        entries.push(("DeletionPolicy", pen.text("Retain")));
        if !instance.lifecycle.keeps {
            // It holds only for as long as it is written: whoever takes out the resource takes out the protection with it.
            let behind = making.known.and_then(fate_of).map_or_else(|| pen.text("Delete"), |(policy, _)| policy);
            entries.push(("DeletionPolicyBehind", behind));
        }
    } else if let Some((policy, page)) = making.known.and_then(fate_of) {
        entries.push(("DeletionPolicy", policy));
        supplied.extend(page.map(|page| Supplied { path: "@DeletionPolicy", page }));
    }
    pen.map(&entries)
}

/// What becomes of its data when it is destroyed, and the page that says so where nothing does here.
fn fate<'t>(context: &Context<'t, '_>, known: &Type, instance: &Instance) -> Option<(Property<'t>, Option<&'static str>)> {
    let (name, when_true, when_false, page) = match known.destroy {
        Destroy::Plain => return None,
        Destroy::FinalSnapshot { argument, page } => (argument, "Delete", "Snapshot", page),
        Destroy::Force { argument, page } => (argument, "Delete", "Retain", page),
        Destroy::Skip { argument, page } => (argument, "Retain", "Delete", page),
    };
    let pen = context.pen(instance.span);
    let Some(stated) = argument(&instance.arguments, name) else { return Some((pen.text(when_false), Some(page))) };
    let stated = context.value(stated);
    let policy = match stated.literal() {
        Some("true") => Value::Text(when_true),
        Some(_) => Value::Text(when_false),
        None => Value::Unknown(context.arena.alloc_str(&stated.unresolved().unwrap_or_default())),
    };
    Some((Property { value: policy, span: stated.span }, None))
}

/// Says that something is not joined to anything.
pub(crate) fn note_alone(context: &Context<'_, '_>, instance: &Instance, of: &str) {
    let noun = entry::find(of).map(|entry| entry.noun).filter(|noun| !noun.is_empty()).unwrap_or(of);
    let text = format!("`{}` belongs to a {noun} that is not here", instance.address);
    context.note(instance.span, NoteKind::Dangling, text);
}
