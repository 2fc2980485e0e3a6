//! One node, as js-yaml composes it.
//!
//! Comes in: a reader before a node, and where the node stands. Goes out: the state with the node in it, and whether there was one.

use crate::source::{MAX_DEPTH, NoteKind, Span};
use crate::syntax::yaml::error_of;
use crate::syntax::yaml::js::cursor::Position;
use crate::syntax::yaml::js::resolve;
use crate::syntax::yaml::js::{Anchor, Content, Context, Kind, Reader, State};
use crate::syntax::yaml::tag::Tag;
use crate::syntax::yaml::tree::{Built, Role, too_deep};
use crate::syntax::{Node, SyntaxError, Value};
use std::cmp::Ordering;

/// Nodes that may stand around a node: the deepest collections, a key, and a value that was taken for a key.
const MAX_NESTING: usize = MAX_DEPTH + 4;
/// The tag of a plain scalar whose type is not known yet.
const UNTYPED: &str = "?";

/// What stands before the content of a node.
struct Before {
    /// How the line of the content is indented, compared with the parent.
    indentation: Ordering,
    is_on_new_line: bool,
    allows_collections: bool,
    /// Where the first property begins.
    properties: Option<Position>,
    tag: Option<Position>,
}

impl<'t> Reader<'t, '_, '_> {
    /// `parent`: the column of the collection around it. `seeks`: it may stand on a later line. `allows_compact`: a block collection may
    /// begin on the line of the sign before it.
    pub(super) fn node(&mut self, parent: isize, context: Context, seeks: bool, allows_compact: bool) -> Result<bool, SyntaxError> {
        if self.depth >= MAX_NESTING {
            let span = self.span(self.cursor.at);
            return Err(too_deep(span));
        }
        self.depth += 1;
        self.state = State::default();
        let allows_block = matches!(context, Context::BlockIn | Context::BlockOut);
        let mut before = self.before(parent, allows_block, seeks)?;
        before.allows_collections &= before.is_on_new_line || allows_compact;
        let start = self.cursor.at;
        let mut end_line = None;
        let mut has_content = false;
        let block_indent = if allows_block || before.allows_collections { self.cursor.indent_at(start) } else { 0 };
        let flow_indent = if allows_block { parent + 1 } else { parent };
        if before.indentation == Ordering::Greater {
            has_content = before.allows_collections
                && (self.block_sequence(block_indent)? || self.block_mapping(block_indent, flow_indent)?)
                || self.flow_collection(flow_indent)?
                || self.mapping_from_properties(&before, allows_block, flow_indent)?;
            if !has_content {
                end_line = self.scalar_or_alias(allows_block, flow_indent, context)?;
                has_content = end_line.is_some();
            }
        } else if context == Context::BlockOut && before.indentation == Ordering::Equal {
            has_content = before.allows_collections && self.block_sequence(block_indent)?;
        }
        let was_looked_for = has_content || before.indentation == Ordering::Greater;
        self.finish(start, before.tag, end_line.unwrap_or(start.line))?;
        if was_looked_for || self.state.tag != Some("!") {
            self.store_anchor(self.state.anchor, Anchor::Finished(self.state.result));
        }
        self.depth -= 1;
        Ok(self.state.tag.is_some() || self.state.anchor.is_some() || has_content)
    }

    /// Passes the properties.
    fn before(&mut self, parent: isize, allows_block: bool, seeks: bool) -> Result<Before, SyntaxError> {
        let mut before =
            Before { indentation: Ordering::Greater, is_on_new_line: false, allows_collections: allows_block, properties: None, tag: None };
        if seeks && self.cursor.pass_space(true)? > 0 {
            before.is_on_new_line = true;
            before.indentation = self.cursor.at.line_indent.cmp(&parent);
        }
        while before.indentation == Ordering::Greater || before.properties.is_some() {
            let start = self.cursor.at;
            let is_second = self.is_at(b'!') && self.state.tag.is_some() || self.is_at(b'&') && self.state.anchor.is_some();
            // It belongs to the first key of a mapping that begins here.
            if before.is_on_new_line && is_second {
                break;
            }
            if self.tag()? {
                before.tag = Some(start);
            } else if !self.anchor()? {
                break;
            }
            before.properties.get_or_insert(start);
            if self.cursor.pass_space(true)? > 0 {
                before.is_on_new_line = true;
                before.allows_collections = allows_block;
                before.indentation = self.cursor.at.line_indent.cmp(&parent);
            } else {
                before.allows_collections = false;
            }
        }
        Ok(before)
    }

    /// Properties and a key on one line: they belong to the key, and the node is a mapping that begins with them.
    fn mapping_from_properties(&mut self, before: &Before, allows_block: bool, flow_indent: isize) -> Result<bool, SyntaxError> {
        let Some(start) = before.properties.filter(|_| allows_block && !before.allows_collections) else { return Ok(false) };
        if matches!(self.cursor.byte(), b'|' | b'>') {
            return Ok(false);
        }
        let (at, state, weight, changes) = (self.cursor.at, self.state, self.tree.weight, self.changes.len());
        self.attempts += 1;
        self.cursor.at = start;
        self.state = State::default();
        let indent = self.cursor.indent_at(start);
        let is_mapping = self.block_mapping(indent, flow_indent)? && self.state.kind == Some(Kind::Mapping);
        self.attempts -= 1;
        if !is_mapping {
            self.cursor.at = at;
            self.state = state;
            self.tree.weight = weight;
            self.forget(changes);
        } else if self.attempts == 0 {
            self.changes.clear();
        }
        Ok(is_mapping)
    }

    /// Takes back what an attempt has done to the anchors.
    fn forget(&mut self, changes: usize) {
        while self.changes.len() > changes {
            match self.changes.pop() {
                Some((name, Some(anchor))) => self.anchors.insert(name, anchor),
                Some((name, None)) => self.anchors.remove(name),
                None => None,
            };
        }
    }

    /// Gives the last line of what it has read.
    fn scalar_or_alias(&mut self, allows_block: bool, flow_indent: isize, context: Context) -> Result<Option<usize>, SyntaxError> {
        let block = if allows_block { self.block_scalar(flow_indent)? } else { None };
        if block.is_some() {
            return Ok(block);
        }
        if self.quoted(b'\'')? || self.quoted(b'"')? {
            return Ok(Some(self.cursor.at.line));
        }
        let line = self.cursor.at.line;
        if self.alias()? {
            if self.state.tag.is_some() || self.state.anchor.is_some() {
                return Err(self.error("an alias has no tag and no anchor"));
            }
            return Ok(Some(line));
        }
        let plain = self.plain(flow_indent, context == Context::FlowIn)?;
        if plain.is_some() && self.state.tag.is_none() {
            self.state.tag = Some(UNTYPED);
        }
        Ok(plain)
    }

    /// Gives what was read the type that its tag or its text says.
    fn finish(&mut self, start: Position, tag_start: Option<Position>, end_line: usize) -> Result<(), SyntaxError> {
        let tag = self.state.tag.filter(|tag| *tag != UNTYPED).map(Tag::of);
        let from = tag_start.filter(|_| tag.is_some()).unwrap_or(start);
        match (tag, self.state.result) {
            (None | Some(Tag::NonSpecific), Content::Node(_) | Content::Nothing) => Ok(()),
            (None, Content::Text(text)) => {
                let is_plain = self.state.tag == Some(UNTYPED);
                let value = if is_plain { resolve::implicit(text, self.tree.arena) } else { Value::Text(text) };
                if is_plain && resolve::is_merge(text) {
                    self.state.tag = Some(resolve::MERGE);
                }
                self.typed(value, from, end_line, None)
            }
            (Some(Tag::NonSpecific), Content::Text(text)) => self.typed(Value::Text(text), from, end_line, None),
            (Some(Tag::Local(local)), Content::Text(text)) => self.typed(Value::Text(text), from, end_line, Some(local)),
            (Some(Tag::Local(local)), Content::Nothing) => self.typed(Value::Null, from, end_line, Some(local)),
            (Some(Tag::Local(local)), Content::Node(built)) => self.retagged(built, from, Some(local)),
            (Some(tag @ Tag::Core(name)), content) => match self.of_core(name, content) {
                Some(Content::Node(built)) => self.retagged(built, from, None),
                Some(Content::Text(text)) => self.typed(Value::Text(text), from, end_line, None),
                Some(Content::Nothing) | None => match resolve::explicit(name, content, self.tree.arena) {
                    Some(value) => self.typed(value, from, end_line, None),
                    None => Err(self.refused(tag, from)),
                },
            },
            (Some(tag @ Tag::Other(_)), _) => Err(self.refused(tag, from)),
        }
    }

    /// What a tag of YAML's own leaves as it is.
    fn of_core(&self, name: &str, content: Content<'t>) -> Option<Content<'t>> {
        let Content::Node(built) = content else { return None };
        let fits = match self.state.kind {
            Some(Kind::Sequence) => matches!(name, "seq" | "omap" | "pairs"),
            Some(Kind::Mapping) => matches!(name, "map" | "set"),
            Some(Kind::Scalar) => name == "str" && !matches!(built.node.value, Value::Null),
            None => false,
        };
        fits.then_some(content)
    }

    fn refused(&mut self, tag: Tag<'_>, from: Position) -> SyntaxError {
        let span = self.span(from);
        error_of(span, NoteKind::Unreadable, tag.unknown())
    }

    fn typed(&mut self, value: Value<'t>, from: Position, end_line: usize, tag: Option<&'t str>) -> Result<(), SyntaxError> {
        let span = self.cursor.span(from, end_line, self.tree.file);
        self.state.result = Content::Node(self.tree.scalar(value, Role::Plain, span, tag)?);
        Ok(())
    }

    fn retagged(&mut self, built: Built<'t>, from: Position, tag: Option<&'t str>) -> Result<(), SyntaxError> {
        let start = self.cursor.span(from, from.line, self.tree.file);
        if built.node.tag.is_some() {
            return Err(error_of(start, NoteKind::Unreadable, "a value has two tags".to_owned()));
        }
        let span = Span { end_line: built.node.span.end_line, ..start };
        self.state.result = Content::Node(Built { node: Node { span, tag, ..built.node }, ..built });
        Ok(())
    }
}
