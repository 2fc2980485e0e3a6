//! What all module instances of one root have in common: what was opened already, limits, and notes, each said once.

use crate::formats::terraform::instance::Misfit;
use crate::formats::terraform::root::folder;
use crate::formats::terraform::root::module::Module;
use crate::formats::terraform::root::scope::Scope;
use crate::formats::terraform::root::values::Offered;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::budget::Stage;
use crate::source::plan::Plan;
use crate::source::{FileId, NoteKind, RepoPath, Sources, Span};
use crate::syntax::hcl::tree::{Expr, Step};
use bumpalo::Bump;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most levels of expressions that are evaluated within one another, through all the values that they name. A level takes up to 3 kB of the
/// stack in a debug build, of which the smallest thread that reads has 2 MB.
const MAX_LEVELS: usize = 400;
/// Bytes that a value takes that outlives the reading.
const BYTES_OF_A_VALUE: usize = 64;

pub(super) struct Context<'s, 't> {
    pub(super) sources: &'s Sources<'t>,
    pub(super) arena: &'t Bump,
    /// The folder of the root module, in which Terraform is taken to run.
    pub(super) root: RepoPath,
    /// The plan of the root, or what is borrowed of one.
    pub(super) plan: Option<&'s Plan>,
    /// Why the plan does not belong to the text.
    pub(super) misfit: RefCell<Option<Misfit>>,
    /// Values of the root's variables that files give.
    pub(super) given: RefCell<BTreeMap<String, Value>>,
    /// Values of the root's variables that files offer which somebody may hand over.
    pub(super) offered: RefCell<BTreeMap<String, Offered>>,
    /// A variable of the root is null because nobody gives it another value.
    pub(super) has_null_default: Cell<bool>,
    /// Defaults of variables of the root that nobody gives another value.
    pub(super) defaults: RefCell<BTreeSet<Rc<str>>>,
    level: Cell<usize>,
    modules: RefCell<BTreeMap<RepoPath, Rc<Module<'t>>>>,
    scopes: RefCell<Vec<Rc<Scope<'t>>>>,
    noted: RefCell<BTreeSet<(Span, NoteKind, String)>>,
    texts: RefCell<BTreeMap<RepoPath, Option<(FileId, &'t str)>>>,
    pub(super) templates: RefCell<BTreeMap<RepoPath, Expr<'t>>>,
    /// By scope and expression, what is the same for every instance that asks.
    kept: RefCell<BTreeMap<(usize, usize), Value>>,
}

impl<'s, 't> Context<'s, 't> {
    pub(super) fn new(root: &RepoPath, plan: Option<&'s Plan>, sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        Self {
            sources,
            arena,
            root: root.clone(),
            plan,
            misfit: RefCell::default(),
            given: RefCell::default(),
            offered: RefCell::default(),
            has_null_default: Cell::new(false),
            defaults: RefCell::default(),
            level: Cell::new(0),
            modules: RefCell::default(),
            scopes: RefCell::default(),
            noted: RefCell::default(),
            texts: RefCell::default(),
            templates: RefCell::default(),
            kept: RefCell::default(),
        }
    }

    /// The module in a folder, read once. `from` is the place that names it.
    pub(super) fn module(&self, folder: &RepoPath, from: Option<Span>) -> Rc<Module<'t>> {
        if let Some(known) = self.modules.borrow().get(folder) {
            return known.clone();
        }
        let read = folder::read(folder, from, self.sources, self.arena);
        let module = Rc::new(Module::new(folder, &read, self.sources, self.arena));
        self.modules.borrow_mut().insert(folder.clone(), module.clone());
        module
    }

    /// All modules that were read, in the order of their folders.
    pub(super) fn modules(&self) -> Vec<Rc<Module<'t>>> {
        self.modules.borrow().values().cloned().collect()
    }

    /// Keeps a module instance under the number that `make` is given.
    pub(super) fn add(&self, make: impl FnOnce(usize) -> Scope<'t>) -> Rc<Scope<'t>> {
        let id = self.scopes.borrow().len();
        let scope = Rc::new(make(id));
        self.scopes.borrow_mut().push(scope.clone());
        scope
    }

    pub(super) fn scope(&self, id: usize) -> Option<Rc<Scope<'t>>> {
        self.scopes.borrow().get(id).cloned()
    }

    /// Notes something that may be come past many times.
    pub(super) fn note(&self, span: Span, kind: NoteKind, text: String) {
        if self.noted.borrow_mut().insert((span, kind, text.clone())) {
            self.sources.note(span, kind, text);
        }
    }

    /// Notes something once a file, however often it is met there: at the first place.
    pub(super) fn note_once(&self, span: Span, kind: NoteKind, text: String) {
        let of_file = Span { line: 0, end_line: 0, column: 0, ..span };
        if self.noted.borrow_mut().insert((of_file, kind, text.clone())) {
            self.sources.note(span, kind, text);
        }
    }

    /// Notes that a part is left out which may be large.
    pub(super) fn cut(&self, span: Span, text: String) {
        if self.noted.borrow_mut().insert((span, NoteKind::Limit, text.clone())) {
            self.sources.cut(span, text);
        }
    }

    /// The text of a file, which is opened once.
    pub(super) fn text(&self, path: &RepoPath, from: Span) -> Option<(FileId, &'t str)> {
        if let Some(known) = self.texts.borrow().get(path) {
            return *known;
        }
        let text = self.sources.open(path, Some(from));
        self.texts.borrow_mut().insert(path.clone(), text);
        text
    }

    /// The value of an expression of a module instance, found once. One that is no list may be unknown only because of where it was asked for.
    pub(super) fn kept(&self, scope: usize, steps: &[Step<'_>], find: &mut dyn FnMut() -> Value) -> Value {
        // Expressions lie in an arena that outlives the evaluation, each at a place of its own.
        let key = (scope, steps.as_ptr().addr());
        if let Some(known) = self.kept.borrow().get(&key) {
            return known.clone();
        }
        let found = find();
        if matches!(found.kind, Kind::Tuple(_)) {
            self.kept.borrow_mut().insert(key, found.clone());
        }
        found
    }

    pub(super) fn spend(&self, units: usize, span: Span) -> bool {
        self.sources.spend(Stage::Read, units, span)
    }

    /// Counts a value that is kept.
    pub(super) fn keep(&self, value: &Value) {
        self.sources.spend_with_bytes(Stage::Read, 1, value.weight().saturating_mul(BYTES_OF_A_VALUE), value.span);
    }

    pub(super) fn enter(&self, span: Span) -> bool {
        if self.level.get() >= MAX_LEVELS {
            self.cut(span, format!("more than {MAX_LEVELS} levels of values that depend on one another"));
            return false;
        }
        self.level.set(self.level.get() + 1);
        true
    }

    pub(super) fn leave(&self) {
        self.level.set(self.level.get().saturating_sub(1));
    }
}
