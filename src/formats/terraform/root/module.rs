//! What a module declares, override files merged.

use crate::formats::terraform::root::folder::Read;
use crate::formats::terraform::root::merge::{identity, merged};
use crate::source::{NoteKind, RepoPath, Sources};
use crate::syntax::hcl::tree::{Attribute, Block, Body, Item};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// What kind of object a block declares that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    Managed,
    Data,
    Ephemeral,
    Module,
}

/// A resource, a data source or a call of a module.
pub(super) struct Object<'t> {
    pub(super) class: Class,
    /// Empty for a module.
    pub(super) kind: &'t str,
    pub(super) name: &'t str,
    pub(super) block: Block<'t>,
}

/// The blocks of a folder by what they declare.
pub(super) struct Module<'t> {
    pub(super) folder: RepoPath,
    /// It is written for OpenTofu.
    pub(super) is_tofu: bool,
    pub(super) is_whole: bool,
    /// Whether the folder has any file of a module.
    pub(super) is_there: bool,
    pub(super) variables: BTreeMap<&'t str, Block<'t>>,
    pub(super) locals: BTreeMap<&'t str, Attribute<'t>>,
    /// In the order of their names.
    pub(super) outputs: BTreeMap<&'t str, Block<'t>>,
    /// In the order of the text.
    pub(super) objects: Vec<Object<'t>>,
    index: BTreeMap<(Class, &'t str, &'t str), usize>,
    pub(super) providers: Vec<Block<'t>>,
    /// Of `required_providers`, by local name.
    pub(super) required: BTreeMap<&'t str, Attribute<'t>>,
    pub(super) backend: Option<Block<'t>>,
    /// Blocks of `terraform` that say who applies it and how its state is kept: `cloud`, OpenTofu's `encryption`.
    pub(super) deploying: Vec<Block<'t>>,
    pub(super) moved: Vec<Block<'t>>,
    pub(super) removed: Vec<Block<'t>>,
    pub(super) imports: Vec<Block<'t>>,
}

impl Object<'_> {
    /// Its address within its module, without a key.
    pub(super) fn address(&self) -> String {
        match self.class {
            Class::Managed => format!("{}.{}", self.kind, self.name),
            Class::Data => format!("data.{}.{}", self.kind, self.name),
            Class::Ephemeral => format!("ephemeral.{}.{}", self.kind, self.name),
            Class::Module => format!("module.{}", self.name),
        }
    }
}

impl<'t> Module<'t> {
    pub(super) fn new(folder: &RepoPath, read: &Read<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Self {
        let mut module = Self {
            folder: folder.clone(),
            is_tofu: read.is_tofu,
            is_whole: read.is_whole,
            is_there: read.is_there,
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            outputs: BTreeMap::new(),
            objects: Vec::new(),
            index: BTreeMap::new(),
            providers: Vec::new(),
            required: BTreeMap::new(),
            backend: None,
            deploying: Vec::new(),
            moved: Vec::new(),
            removed: Vec::new(),
            imports: Vec::new(),
        };
        for block in blocks(read, sources, arena) {
            module.declare(&block, sources);
        }
        module
    }

    pub(super) fn find(&self, class: Class, kind: &str, name: &str) -> Option<usize> {
        self.index.get(&(class, kind, name)).copied()
    }

    fn declare(&mut self, block: &Block<'t>, sources: &Sources<'t>) {
        let label = |index| block.label(index).unwrap_or_default();
        let is_first = match block.kind.text {
            "resource" => self.object(Class::Managed, label(0), label(1), block),
            "data" => self.object(Class::Data, label(0), label(1), block),
            "ephemeral" => self.object(Class::Ephemeral, label(0), label(1), block),
            "module" => self.object(Class::Module, "", label(0), block),
            "variable" => self.variables.insert(label(0), *block).is_none(),
            "output" => self.outputs.insert(label(0), *block).is_none(),
            "provider" => push(&mut self.providers, block),
            "moved" => push(&mut self.moved, block),
            "removed" => push(&mut self.removed, block),
            "import" => push(&mut self.imports, block),
            "locals" | "terraform" | "check" => {
                self.declare_inner(block, sources);
                true
            }
            kind => {
                sources.note(block.span, NoteKind::Unsupported, format!("what a block `{kind}` does is not read"));
                true
            }
        };
        note_double(is_first, block, sources);
    }

    /// What stands in blocks that declare nothing themselves.
    fn declare_inner(&mut self, block: &Block<'t>, sources: &Sources<'t>) {
        for local in block.body.attributes().filter(|_| block.kind.text == "locals") {
            if self.locals.insert(local.name.text, *local).is_some() {
                sources.note(local.span, NoteKind::Refused, format!("the local value \"{}\" is declared twice", local.name.text));
            }
        }
        for provider in block.body.blocks_of("required_providers").flat_map(|required| required.body.attributes()) {
            if self.required.insert(provider.name.text, *provider).is_some() {
                sources.note(provider.span, NoteKind::Refused, format!("the provider \"{}\" is required twice", provider.name.text));
            }
        }
        self.backend = block.body.blocks_of("backend").next().copied().or(self.backend);
        let is_terraform = block.kind.text == "terraform";
        self.deploying.extend(block.body.blocks().filter(|inner| is_terraform && matches!(inner.kind.text, "cloud" | "encryption")));
        for data in block.body.blocks_of("data").filter(|_| block.kind.text == "check") {
            let is_first = self.object(Class::Data, data.label(0).unwrap_or_default(), data.label(1).unwrap_or_default(), data);
            note_double(is_first, data, sources);
        }
    }

    fn object(&mut self, class: Class, kind: &'t str, name: &'t str, block: &Block<'t>) -> bool {
        if self.index.contains_key(&(class, kind, name)) {
            return false;
        }
        self.index.insert((class, kind, name), self.objects.len());
        self.objects.push(Object { class, kind, name, block: *block });
        true
    }
}

fn note_double(is_first: bool, block: &Block<'_>, sources: &Sources<'_>) {
    if !is_first {
        sources.note(block.span, NoteKind::Refused, format!("{} is declared twice", name(block)));
    }
}

fn push<'t>(list: &mut Vec<Block<'t>>, block: &Block<'t>) -> bool {
    list.push(*block);
    true
}

fn name(block: &Block<'_>) -> String {
    let labels = block.labels.iter().map(|label| format!(" \"{}\"", label.text));
    format!("{}{}", block.kind.text, labels.collect::<String>())
}

/// All blocks of a folder in the order of the text, those that override files change as they are then.
fn blocks<'t>(read: &Read<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Vec<Block<'t>> {
    let mut blocks: Vec<Block<'t>> = read.bodies.iter().flat_map(Body::blocks).copied().collect();
    for attribute in read.bodies.iter().chain(&read.overrides).flat_map(Body::attributes) {
        sources.note(attribute.span, NoteKind::Refused, format!("`{}` is not expected outside of a block", attribute.name.text));
    }
    let mut index: BTreeMap<Vec<&'t str>, usize> = BTreeMap::new();
    if !read.overrides.is_empty() {
        for (at, block) in blocks.iter().enumerate() {
            index.entry(identity(block)).or_insert(at);
        }
    }
    for over in read.overrides.iter().flat_map(Body::blocks) {
        if over.kind.text == "locals" {
            override_locals(&mut blocks, over, sources, arena);
        } else if let Some(base) = index.get(&identity(over)).and_then(|at| blocks.get_mut(*at)) {
            *base = merged(base, over, arena);
        } else if over.kind.text == "terraform" {
            blocks.push(*over);
        } else {
            sources.note(over.span, NoteKind::Refused, format!("{} overrides nothing", name(over)));
            blocks.push(*over);
        }
    }
    blocks
}

/// Locals are overridden one by one, whichever block they stand in.
fn override_locals<'t>(blocks: &mut [Block<'t>], over: &Block<'t>, sources: &Sources<'t>, arena: &'t Bump) {
    for local in over.body.attributes() {
        let declares = |block: &&mut Block<'t>| block.kind.text == "locals" && block.body.attribute(local.name.text).is_some();
        match blocks.iter_mut().find(declares) {
            Some(base) => base.body = merge_attribute(base.body, local, arena),
            None => sources.note(local.span, NoteKind::Refused, format!("the local value \"{}\" overrides nothing", local.name.text)),
        }
    }
}

fn merge_attribute<'t>(base: Body<'t>, over: &Attribute<'t>, arena: &'t Bump) -> Body<'t> {
    let replaced = |item: &Item<'t>| match item {
        Item::Attribute(attribute) if attribute.name.text == over.name.text => Item::Attribute(*over),
        Item::Attribute(_) | Item::Block(_) => *item,
    };
    Body { items: arena.alloc_slice_fill_iter(base.items.iter().map(replaced)), ..base }
}
