//! What the variables of a `serverless.yml` stand for.
//!
//! Comes in: nodes with `${…}` in their texts. Goes out: nodes without: what the repository says, and for the rest references to
//! parameters, imports and dynamic references, which the reader of CloudFormation takes for what comes from outside. Never runs anything,
//! and never drops a value that it does not know. What is looked up by the stage is read for one stage at a time; which there are is
//! remembered. Work is bounded for the whole unit.

mod answer;
mod dotenv;
mod file;
mod grammar;
mod stage;

use crate::formats::serverless::pen::{Fields, Pen, is_intrinsic, present};
use crate::formats::serverless::variables::grammar::{Call, Piece, Source};
use crate::formats::serverless::variables::stage::{Pass, Reading};
use crate::source::budget::Stage;
use crate::source::{MAX_DEPTH, NoteKind, Place, RepoPath, Sources, Span};
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The parameter that stands for the stage where a condition compares it.
pub(super) const STAGE: &str = stage::PARAMETER;
/// Deepest chain of variables that need each other.
const MAX_CHAIN: usize = 64;
/// How many bytes of a text that is put together cost as much as one value.
const PER_VALUE: usize = 32;

pub(super) struct Variables<'t, 's> {
    pub(super) sources: &'s Sources<'t>,
    pub(super) arena: &'t Bump,
    unit: RepoPath,
    /// The file as written.
    root: Node<'t>,
    /// By what stands between the braces, and by how the stage is read there.
    known: RefCell<BTreeMap<(&'t str, Reading), Node<'t>>>,
    /// The variables that are being resolved, outermost first.
    asking: RefCell<Vec<&'t str>>,
    files: RefCell<BTreeMap<RepoPath, Option<Node<'t>>>>,
    /// Names that nobody here gives a value, with the lines that ask for them.
    outside: RefCell<BTreeMap<&'t str, Span>>,
    noted: RefCell<BTreeSet<String>>,
    /// `#{…}` is a substitution of CloudFormation's, by a plugin.
    hash_is_substitution: bool,
    pass: Pass<'t>,
}

/// What a variable was found to be.
enum Answer<'t> {
    Known(Node<'t>),
    /// Nothing here gives it a value; whoever deploys may. Under the name that it is shown by.
    Outside(&'t str),
    /// Surely nothing.
    Missing,
}

impl<'t, 's> Variables<'t, 's> {
    /// For the stage that is deployed where nobody names one.
    pub(super) fn new(root: Node<'t>, unit: &RepoPath, sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        let mut variables = Self {
            sources,
            arena,
            unit: unit.clone(),
            root,
            known: RefCell::default(),
            asking: RefCell::default(),
            files: RefCell::default(),
            outside: RefCell::default(),
            noted: RefCell::default(),
            hash_is_substitution: false,
            pass: Pass::of(None, ""),
        };
        variables.hash_is_substitution = variables.plugins().contains(&"serverless-pseudo-parameters");
        let usual = variables.value(Pen::new(arena, root.span).text("${sls:stage}"));
        variables.pass.usual = usual.scalar().unwrap_or(answer::DEFAULT_STAGE);
        variables
    }

    /// For lookups of another stage. What was read and noted is not read and noted again.
    pub(super) fn for_stage(&self, stage: &'t str) -> Self {
        Self {
            sources: self.sources,
            arena: self.arena,
            unit: self.unit.clone(),
            root: self.root,
            known: RefCell::default(),
            asking: RefCell::default(),
            files: self.files.clone(),
            outside: RefCell::default(),
            noted: self.noted.clone(),
            hash_is_substitution: self.hash_is_substitution,
            pass: Pass::of(Some(stage), self.pass.usual),
        }
    }

    /// The names of the plugins, in order.
    pub(super) fn plugins(&self) -> Vec<&'t str> {
        let Some(plugins) = self.section("plugins") else { return Vec::new() };
        let modules = present(plugins, "modules").unwrap_or(plugins);
        modules.items().iter().filter_map(|plugin| plugin.scalar()).collect()
    }

    /// A section of the file, resolved.
    pub(super) fn section(&self, key: &str) -> Option<Node<'t>> {
        present(self.root, key).map(|node| self.value(node))
    }

    /// The key and the value of a section as written.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'t>> {
        self.root.entries().iter().find(|entry| entry.key == key).copied()
    }

    /// The entries of a section, resolved; it may be a map or a list of maps, of which each may be in a file.
    pub(super) fn entries(&self, key: &str) -> Vec<Entry<'t>> {
        let Some(section) = self.section(key) else { return Vec::new() };
        let parts = match &section.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(&section),
        };
        parts.iter().filter(|part| is_intrinsic(**part)).for_each(|part| self.note_hidden(*part, &format!("a part of `{key}`")));
        parts.iter().filter(|part| !is_intrinsic(**part)).flat_map(|part| part.entries()).copied().collect()
    }

    /// Notes that a value which holds what is deployed cannot be read: at the program that gives it, so that another text of the program is
    /// another one, else where it stands.
    pub(super) fn note_hidden(&self, node: Node<'t>, what: &str) {
        let named = self.outsider(node).and_then(|name| name.strip_prefix("file(")?.split(')').next());
        self.note_hidden_program(&[named.unwrap_or_default()], node.span, what);
    }

    /// Notes that a program is not read, at the first of these paths that there is, else where it is named.
    pub(super) fn note_hidden_program(&self, named: &[&str], span: Span, what: &str) {
        let paths = named.iter().filter(|named| !named.is_empty()).filter_map(|named| self.unit.sibling(named));
        match paths.into_iter().find(|path| self.sources.has(path)) {
            Some(path) => {
                let text = format!("`{}` takes {what} from `{path}`, which is not read: nobody can tell here what is deployed", self.unit);
                if self.noted.borrow_mut().insert(text.clone()) {
                    self.sources.note_at(Place { path, line: 1, end_line: 1 }, NoteKind::Hidden, text);
                }
            }
            None => self.note_once(span, NoteKind::Refused, format!("{what} comes from elsewhere, and is not read")),
        }
    }

    /// Whether a value is nothing but a name that nobody here gives a value.
    pub(super) fn is_outside(&self, node: Node<'t>) -> bool {
        self.outsider(node).is_some()
    }

    /// A section of the file as written.
    pub(super) fn raw(&self, key: &str) -> Option<Node<'t>> {
        present(self.root, key)
    }

    /// The file's lines.
    pub(super) fn span(&self) -> Span {
        self.root.span
    }

    /// Parameters for what comes from outside, as a template declares them.
    pub(super) fn parameters(&self) -> Vec<Entry<'t>> {
        let declared = |(name, span): (&&'t str, &Span)| {
            let value = Pen::new(self.arena, *span).map(&[("Type", Pen::new(self.arena, *span).text("String"))]);
            Entry { key: name, key_span: *span, value }
        };
        let of_stage = self.pass.is_parameter.get().then_some((&stage::PARAMETER, &self.root.span));
        self.outside.borrow().iter().map(declared).chain(of_stage.map(declared)).collect()
    }

    /// The node with everything in it resolved.
    pub(super) fn value(&self, node: Node<'t>) -> Node<'t> {
        self.deep(node, MAX_DEPTH)
    }

    fn deep(&self, node: Node<'t>, depth: usize) -> Node<'t> {
        let Some(depth) = depth.checked_sub(1) else { return self.too_much(node.span) };
        if !self.spend(1, node.span) {
            return self.too_much(node.span);
        }
        if node.tag == Some("!Sub") {
            return Node { tag: node.tag, ..self.substitution(node, depth) };
        }
        if matches!(node.tag, Some("!Equals" | "!FindInMap")) && self.pass.reading.get() == Reading::Usual {
            return self.reading_as(Reading::Parameter, || self.deep(node, depth));
        }
        match node.value {
            Value::Text(text) if text.contains("${") || (self.hash_is_substitution && text.contains("#{")) => self.text(node, text),
            Value::Text(_) | Value::Null | Value::Bool(_) | Value::Number(_) => node,
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.deep(*item, depth)).collect();
                Node { value: Value::List(self.arena.alloc_slice_copy(&items)), ..node }
            }
            Value::Map(entries) => {
                let resolved = |entry: &Entry<'t>| match entry.key {
                    "Fn::Sub" => Entry { value: self.substitution(entry.value, depth), ..*entry },
                    "Fn::Equals" | "Fn::FindInMap" => {
                        Entry { value: self.reading_as(Reading::Parameter, || self.deep(entry.value, depth)), ..*entry }
                    }
                    _ => Entry { value: self.deep(entry.value, depth), ..*entry },
                };
                let entries: Vec<_> = entries.iter().map(resolved).collect();
                Node { value: Value::Map(self.arena.alloc_slice_copy(&entries)), ..node }
            }
        }
    }

    /// A text: the value of its only variable, or one string of its pieces.
    fn text(&self, node: Node<'t>, text: &'t str) -> Node<'t> {
        let pen = Pen::new(self.arena, node.span);
        let resolved = match grammar::pieces(text).as_slice() {
            [Piece::Variable(content)] => self.variable(content, node.span),
            pieces => {
                let nodes: Vec<_> = pieces.iter().map(|piece| self.piece(*piece, pen)).collect();
                let length: usize = nodes.iter().filter_map(Node::scalar).map(str::len).sum();
                if self.spend(1 + length / PER_VALUE, node.span) { pen.joined(&nodes) } else { self.too_much(node.span) }
            }
        };
        let resolved = if resolved.scalar().is_some() { Node { span: node.span, ..resolved } } else { resolved };
        let resolved = Node { tag: node.tag.or(resolved.tag), ..resolved };
        match resolved.value {
            Value::Text(text) if self.hash_is_substitution && text.contains("#{") && resolved.tag.is_none() => {
                pen.pattern(&text.replace("#{", "${"))
            }
            _ => resolved,
        }
    }

    fn piece(&self, piece: Piece<'t>, pen: Pen<'t>) -> Node<'t> {
        match piece {
            Piece::Text(text) => pen.node(Value::Text(text)),
            Piece::Variable(content) => self.variable(content, pen.span()),
        }
    }

    /// The argument of `Fn::Sub`: scalars are written into its text, anything else becomes one of its own variables.
    fn substitution(&self, argument: Node<'t>, depth: usize) -> Node<'t> {
        let (template, given) = match argument.value {
            Value::List([template, given]) => (*template, Some(self.deep(*given, depth))),
            Value::List([template]) => (*template, None),
            _ => (argument, None),
        };
        let Value::Text(text) = template.value else { return argument };
        let pen = Pen::new(self.arena, template.span);
        let mut own = Fields::new(pen);
        given.into_iter().for_each(|given| own.extend(given));
        let mut written = String::with_capacity(text.len());
        for piece in grammar::pieces(text) {
            let before = written.len();
            match piece {
                Piece::Text(text) => written.push_str(text),
                Piece::Variable(content) => {
                    let value = self.variable(content, template.span);
                    match value.scalar() {
                        Some(text) => written.push_str(text),
                        None => {
                            let name = content.replace(['{', '}', '$'], "").trim().to_owned();
                            written.extend(["${", &name, "}"]);
                            own.put(&name, value);
                        }
                    }
                }
            }
            if !self.spend(1 + (written.len() - before) / PER_VALUE, template.span) {
                return self.too_much(template.span);
            }
        }
        if self.hash_is_substitution {
            written = written.replace("#{", "${");
        }
        let template = pen.text(&written);
        if own.is_empty() { template } else { pen.list(&[template, own.done()]) }
    }

    /// What stands between the braces, with its alternatives.
    fn variable(&self, content: &'t str, span: Span) -> Node<'t> {
        let key = (content, self.pass.reading.get());
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        if self.asking.borrow().contains(&content) || self.asking.borrow().len() >= MAX_CHAIN {
            self.note_once(span, NoteKind::Inconsistent, format!("`${{{content}}}` needs itself, or too many others"));
            return self.outside_of_the_file(content, span);
        }
        self.asking.borrow_mut().push(content);
        self.pass.is_null.set(false);
        let answer = self.first_of(content, span);
        let is_null = self.pass.is_null.take();
        self.asking.borrow_mut().pop();
        let node = match answer {
            Answer::Known(node) => node,
            Answer::Outside(name) => self.outside_of_the_file(name, span),
            Answer::Missing if is_null => Pen::new(self.arena, span).node(Value::Null),
            // The framework does not deploy that stage: what the usual one has says enough.
            Answer::Missing if self.pass.is_another() => self.for_usual_stage(content, span),
            Answer::Missing => {
                self.note_once(span, NoteKind::Unresolved, format!("`${{{content}}}` has no value here"));
                self.outside_of_the_file(content, span)
            }
        };
        self.known.borrow_mut().insert(key, node);
        node
    }

    /// The first source that says something; else the first that somebody outside may give.
    fn first_of(&self, content: &'t str, span: Span) -> Answer<'t> {
        let mut outside = None;
        for source in grammar::sources(content) {
            match self.source(source, span) {
                Answer::Known(node) => match self.outsider(node) {
                    Some(name) => outside = outside.or(Some(name)),
                    None => return Answer::Known(node),
                },
                Answer::Outside(name) => outside = outside.or(Some(name)),
                Answer::Missing => {}
            }
        }
        outside.map_or(Answer::Missing, Answer::Outside)
    }

    /// The name of the parameter that nobody here gives a value, where the node is nothing else.
    fn outsider(&self, node: Node<'t>) -> Option<&'t str> {
        match node.value {
            Value::Map([only]) if only.key == "Ref" => only.value.scalar().filter(|name| self.outside.borrow().contains_key(name)),
            _ => None,
        }
    }

    fn source(&self, text: &'t str, span: Span) -> Answer<'t> {
        let pen = Pen::new(self.arena, span);
        match grammar::source(text) {
            Source::Nested(content) => self.nested(content, span),
            Source::Quoted(inner) => Answer::Known(self.text(pen.node(Value::Text(inner)), inner)),
            Source::Plain("null" | "") => Answer::Known(pen.node(Value::Null)),
            Source::Plain(word @ ("true" | "false")) => Answer::Known(pen.flag(word == "true")),
            Source::Plain(word) if word.parse::<f64>().is_ok() => Answer::Known(pen.node(Value::Number(word))),
            Source::Plain(_) => Answer::Missing,
            Source::Call(_) if text.contains("${") => match self.written_out(text, span) {
                Some(text) => match grammar::source(text) {
                    Source::Call(call) => self.call(call, span),
                    Source::Nested(_) | Source::Quoted(_) | Source::Plain(_) => Answer::Missing,
                },
                None => Answer::Outside(text),
            },
            Source::Call(call) => self.call(call, span),
        }
    }

    /// A variable as one of the alternatives: what it lacks may be had from the next.
    fn nested(&self, content: &'t str, span: Span) -> Answer<'t> {
        if self.asking.borrow().contains(&content) || self.asking.borrow().len() >= MAX_CHAIN {
            return Answer::Missing;
        }
        self.asking.borrow_mut().push(content);
        let answer = self.first_of(content, span);
        self.asking.borrow_mut().pop();
        answer
    }

    /// A text with the variables in it written out, with a mark where the stage stands; `None` where one of them is no scalar.
    fn written_out(&self, text: &'t str, span: Span) -> Option<&'t str> {
        let mut written = String::with_capacity(text.len());
        for piece in grammar::pieces(text) {
            match piece {
                Piece::Text(text) => written.push_str(text),
                Piece::Variable(content) => {
                    written.push_str(self.reading_as(Reading::Address, || self.variable(content, span)).scalar()?);
                }
            }
        }
        self.spend(written.len(), span).then(|| &*self.arena.alloc_str(&written))
    }

    fn call(&self, call: Call<'t>, span: Span) -> Answer<'t> {
        answer::find(self, call, span)
    }

    /// A parameter that nobody here gives a value.
    fn outside_of_the_file(&self, name: &'t str, span: Span) -> Node<'t> {
        self.outside.borrow_mut().entry(name).or_insert(span);
        Pen::new(self.arena, span).reference(name)
    }

    fn note_once(&self, span: Span, kind: NoteKind, text: String) {
        if self.noted.borrow_mut().insert(text.clone()) {
            self.sources.note(span, kind, text);
        }
    }

    fn spend(&self, amount: usize, span: Span) -> bool {
        self.sources.spend(Stage::Read, amount, span)
    }

    fn too_much(&self, span: Span) -> Node<'t> {
        self.outside_of_the_file("variables beyond the limit", span)
    }
}
