//! What all templates of a unit share: the files, the arena, and how much work there may be.
//!
//! Comes in: paths of other files, amounts of work. Goes out: their documents, parsed once, and whether to go on.

use crate::formats::cloudformation::Template;
use crate::formats::cloudformation::handed::Handed;
use crate::formats::documents;
use crate::model::resource::Body;
use crate::source::budget::Stage;
use crate::source::{RepoPath, Sources, Span};
use crate::syntax::Node;
use crate::syntax::yaml::Dialect;
use bumpalo::Bump;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Most bodies from elsewhere that are named one by one.
const MAX_BODIES: usize = 1_000;
/// How many bytes of text, or entries that are looked through, cost as much as one value.
const PER_VALUE: usize = 32;

/// What all templates of a unit share.
pub(super) struct Unit<'t, 's> {
    pub(super) sources: &'s Sources<'t>,
    pub(super) arena: &'t Bump,
    /// What may be handed over with the entry.
    pub(super) handed: Handed<'t>,
    templates: RefCell<Vec<Template<'t>>>,
    /// Files other than the entry, each parsed once; `None` for those that could not be.
    documents: RefCell<BTreeMap<RepoPath, Option<&'t [Node<'t>]>>>,
    /// The files whose content is being resolved in the place of an include, outermost first.
    pub(super) including: RefCell<Vec<RepoPath>>,
    /// What lies elsewhere, in the order in which it was met.
    bodies: RefCell<Vec<Body<'t>>>,
    /// A macro may rewrite any resource.
    pub(super) rewritten: Cell<bool>,
    /// How many values around the one that is being resolved are not finished.
    pub(super) calls: Cell<usize>,
}

impl<'t, 's> Unit<'t, 's> {
    pub(super) fn new(handed: Handed<'t>, sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        Self {
            sources,
            arena,
            handed,
            templates: RefCell::default(),
            documents: RefCell::default(),
            including: RefCell::default(),
            bodies: RefCell::default(),
            rewritten: Cell::new(false),
            calls: Cell::new(0),
        }
    }

    /// Puts a template at its place before those within it are read.
    pub(super) fn place(&self, template: Template<'t>) -> usize {
        self.templates.borrow_mut().push(template);
        self.templates.borrow().len() - 1
    }

    pub(super) fn fill(&self, index: usize, template: Template<'t>) {
        self.templates.borrow_mut()[index] = template;
    }

    pub(super) fn template_count(&self) -> usize {
        self.templates.borrow().len()
    }

    /// The templates; the first one has all the bodies of the unit.
    pub(super) fn into_templates(self) -> Vec<Template<'t>> {
        let mut templates = self.templates.into_inner();
        if let Some(first) = templates.first_mut() {
            first.resources.bodies = self.bodies.into_inner();
            first.resources.rewritten = self.rewritten.get();
        }
        templates
    }

    /// Names a body that lies elsewhere; one that is met again is the same.
    pub(super) fn add_body(&self, body: Body<'t>) {
        let mut bodies = self.bodies.borrow_mut();
        let is_known = bodies.iter().any(|known| (known.kind, known.source) == (body.kind, body.source));
        if is_known {
            return;
        }
        match bodies.len() {
            MAX_BODIES.. => {
                let why = format!("the unit deploys more than {MAX_BODIES} bodies from elsewhere, the rest is not named");
                self.sources.cut(body.span, why);
            }
            _ => bodies.push(body),
        }
    }

    /// How many values there may still be.
    pub(super) fn values_left(&self) -> usize {
        self.sources.budget().left(Stage::Read)
    }

    /// Counts one value; `false` once there are too many, which is noted once.
    pub(super) fn spend(&self, span: Span) -> bool {
        self.spend_values(1, span)
    }

    /// Counts the items of a list that whoever meets it will walk through.
    pub(super) fn spend_items(&self, items: usize, span: Span) -> bool {
        self.spend_values(items, span)
    }

    /// Counts work that grows with a text or a list, so that no template can make more than so much of itself.
    pub(super) fn spend_work(&self, amount: usize, span: Span) -> bool {
        self.spend_values(amount / PER_VALUE, span)
    }

    fn spend_values(&self, values: usize, span: Span) -> bool {
        self.sources.spend(Stage::Read, values, span)
    }

    /// The documents of another file of the unit. What is wrong with them is noted when they are first asked for.
    pub(super) fn documents(&self, path: &RepoPath, from: Span) -> Option<&'t [Node<'t>]> {
        if let Some(known) = self.documents.borrow().get(path) {
            return *known;
        }
        let documents = documents::open(path, Dialect::Yaml11, Some(from), self.sources, self.arena)
            .map(|documents| &*self.arena.alloc_slice_copy(&documents));
        self.documents.borrow_mut().insert(path.clone(), documents);
        documents
    }
}
