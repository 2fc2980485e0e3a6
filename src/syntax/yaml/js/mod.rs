//! YAML as js-yaml 4 reads it with its default schema and the tags of CloudFormation.
//!
//! Comes in: a text. Goes out: its documents. This mirrors js-yaml's `loader.js`, function by function, because what it accepts is what
//! its code does: `node` is `composeNode`, and the current tag, anchor and result are state that the readers of collections restore.

mod block;
mod cursor;
mod documents;
mod flow;
mod literal;
mod node;
mod properties;
mod resolve;
mod scalars;

use crate::source::{FileId, Span};
use crate::syntax::yaml::Read;
use crate::syntax::yaml::js::cursor::{Cursor, Position};
use crate::syntax::yaml::tree::{Built, Role, Tree};
use crate::syntax::{Notes, SyntaxError, Value};
use bumpalo::Bump;
use std::collections::BTreeMap;

pub(super) fn read<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Result<Read<'t>, SyntaxError> {
    let mut reader = Reader {
        cursor: Cursor::new(text),
        tree: Tree::new(file, arena, notes),
        state: State::default(),
        depth: 0,
        open: 0,
        tags: BTreeMap::new(),
        anchors: BTreeMap::new(),
        changes: Vec::new(),
        attempts: 0,
    };
    let documents = reader.documents()?;
    Ok(Read { documents, comments: reader.cursor.comments })
}

struct Reader<'t, 'n, 'm> {
    cursor: Cursor<'t>,
    tree: Tree<'t, 'n, 'm>,
    state: State<'t>,
    /// Nodes around the current one, keys included.
    depth: usize,
    /// Collections around the current node.
    open: usize,
    /// Prefixes of tags by their handles.
    tags: BTreeMap<&'t str, &'t str>,
    anchors: BTreeMap<&'t str, Anchor<'t>>,
    /// What the anchors were before the attempts under way.
    changes: Vec<(&'t str, Option<Anchor<'t>>)>,
    attempts: usize,
}

/// What was read last, and the properties that go with it.
#[derive(Clone, Copy, Default)]
struct State<'t> {
    /// In full; `?` for a plain scalar whose type is not known yet.
    tag: Option<&'t str>,
    anchor: Option<&'t str>,
    kind: Option<Kind>,
    result: Content<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Scalar,
    Sequence,
    Mapping,
}

#[derive(Clone, Copy, Default)]
enum Content<'t> {
    #[default]
    Nothing,
    /// The text of a scalar without a type.
    Text(&'t str),
    Node(Built<'t>),
}

#[derive(Clone, Copy)]
enum Anchor<'t> {
    /// The node is not finished.
    Open,
    Finished(Content<'t>),
}

/// Where a node stands, which decides how it may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    FlowIn,
    FlowOut,
    BlockIn,
    BlockOut,
}

impl<'t> Reader<'t, '_, '_> {
    fn error(&self, message: impl Into<String>) -> SyntaxError {
        self.cursor.error(message)
    }

    fn span(&mut self, from: Position) -> Span {
        let end_line = self.cursor.at.line;
        self.cursor.span(from, end_line, self.tree.file)
    }

    /// What was read last as a child of a collection; what is absent is `Null` at the place given.
    fn child(&mut self, from: Position) -> Result<Built<'t>, SyntaxError> {
        let result = self.state.result;
        self.built(result, from)
    }

    fn built(&mut self, content: Content<'t>, from: Position) -> Result<Built<'t>, SyntaxError> {
        let span = self.cursor.span(from, from.line, self.tree.file);
        match content {
            Content::Node(built) => Ok(built),
            Content::Text(text) => self.tree.scalar(Value::Text(text), Role::Plain, span, None),
            Content::Nothing => self.tree.scalar(Value::Null, Role::Plain, span, None),
        }
    }

    fn is_at(&self, byte: u8) -> bool {
        self.cursor.byte() == byte
    }
}
