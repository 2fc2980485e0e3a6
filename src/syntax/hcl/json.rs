//! JSON notation: `.tf.json`, in the same tree.
//!
//! JSON does not say which keys are blocks, so the caller does, down to the level that it knows; any other key is an attribute. What is
//! a block by a provider's schema alone is therefore an attribute here, whose value is an object or a tuple of objects.
//! <https://github.com/hashicorp/hcl/blob/main/json/spec.md>,
//! <https://developer.hashicorp.com/terraform/language/syntax/json> (2026-11-28).

use crate::source::{FileId, NoteKind, Span};
use crate::syntax::hcl::blocks::{said_twice, set_twice};
use crate::syntax::hcl::tree::{Attribute, Block, Body, Bytes, Expr, ExprKind, Item, Name, ObjectItem};
use crate::syntax::hcl::{MAX_HEIGHT, Position, parse_template};
use crate::syntax::{Entry, Node, Notes, SyntaxError, Value, json};
use bumpalo::Bump;

/// A key that is a block in JSON notation.
#[derive(Clone, Copy, Debug)]
pub struct BlockType {
    pub kind: &'static str,
    /// How many labels it has: so many levels of keys stand between it and its body.
    pub labels: usize,
    /// The blocks in its body.
    pub blocks: &'static [Self],
    /// The attributes of its body whose strings are texts as they stand, and no templates.
    pub plain: &'static [&'static str],
}

/// Reads a file in JSON notation. Strings are templates, keys `//` of bodies are comments, a block is an object or a list of objects.
/// What is not valid, or beyond a limit, is noted with a kind that `hides`.
pub fn parse_json<'t>(text: &'t str, file: FileId, blocks: &'static [BlockType], arena: &'t Bump, notes: &mut Notes<'_>) -> Body<'t> {
    match json::parse_with_doubled(text, file, arena, notes) {
        Ok(root) => Reader { arena, notes, is_plain: false, refused: 0 }.body(root, blocks, &[]),
        Err(error) => unread(&error, file, notes),
    }
}

/// Reads values of variables in JSON notation, `.tfvars.json`: all strings are texts as they stand.
pub fn parse_json_values<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Body<'t> {
    match json::parse_with_doubled(text, file, arena, notes) {
        Ok(root) => Reader { arena, notes, is_plain: true, refused: 0 }.body(root, &[], &[]),
        Err(error) => unread(&error, file, notes),
    }
}

fn unread<'t>(error: &SyntaxError, file: FileId, notes: &mut Notes<'_>) -> Body<'t> {
    let span = Span { line: error.line, end_line: error.line, column: error.column, file };
    notes(span, error.kind, error.message.clone());
    Body::UNREAD
}

struct Reader<'t, 'n, 'm> {
    arena: &'t Bump,
    notes: &'n mut Notes<'m>,
    /// Strings are texts here, and no templates.
    is_plain: bool,
    /// How many nodes were not valid.
    refused: usize,
}

impl<'t> Reader<'t, '_, '_> {
    fn body(&mut self, node: Node<'t>, blocks: &'static [BlockType], plain: &'static [&'static str]) -> Body<'t> {
        let refused = self.refused;
        let mut items = Vec::new();
        for entry in self.entries(node) {
            match blocks.iter().find(|block| block.kind == entry.key) {
                _ if entry.key == "//" => {}
                Some(block) => self.blocks(block, entry, &mut Vec::new(), &mut items),
                None => {
                    let name = Name { text: entry.key, span: entry.key_span };
                    let span = joined(entry.key_span, entry.value.span);
                    let before = self.is_plain;
                    self.is_plain |= plain.contains(&entry.key);
                    let value = self.expr(entry.value);
                    self.is_plain = before;
                    items.push(Item::Attribute(Attribute { name, value, span, bytes: Bytes::default() }));
                }
            }
        }
        for (first, last) in set_twice(&items) {
            self.refuse(last.span, said_twice(first, last));
        }
        Body { items: self.arena.alloc_slice_copy(&items), is_whole: self.refused == refused }
    }

    /// The entries of an object, or of all objects of a list.
    fn entries(&mut self, node: Node<'t>) -> Vec<Entry<'t>> {
        match node.value {
            Value::Map(entries) => entries.to_vec(),
            Value::List(items) if items.iter().all(Node::is_map) => items.iter().flat_map(|item| item.entries().to_vec()).collect(),
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                self.refuse(node.span, "an object or a list of objects is expected".to_owned());
                Vec::new()
            }
        }
    }

    /// The blocks under a key: labels first, then one body, or a list of them.
    fn blocks(&mut self, block: &'static BlockType, under: Entry<'t>, labels: &mut Vec<Name<'t>>, items: &mut Vec<Item<'t>>) {
        if labels.len() < block.labels {
            for entry in self.entries(under.value) {
                labels.push(Name { text: entry.key, span: entry.key_span });
                // The key of the block is the one that is known already.
                self.blocks(block, Entry { value: entry.value, ..under }, labels, items);
                labels.pop();
            }
            return;
        }
        let begin = labels.last().map_or(under.key_span, |label| label.span);
        let bodies: &[Node<'t>] = match &under.value.value {
            Value::List(bodies) => bodies,
            Value::Null => &[],
            Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => std::slice::from_ref(&under.value),
        };
        let is_list = matches!(under.value.value, Value::List(_));
        for node in bodies {
            let body = self.body(*node, block.blocks, block.plain);
            items.push(Item::Block(Block {
                kind: Name { text: under.key, span: under.key_span },
                labels: self.arena.alloc_slice_copy(labels),
                body,
                span: if is_list { node.span } else { joined(begin, node.span) },
                bytes: Bytes::default(),
            }));
        }
    }

    fn expr(&mut self, node: Node<'t>) -> Expr<'t> {
        let (kind, below) = match node.value {
            Value::Null => (ExprKind::Null, 0),
            Value::Bool(flag) => (ExprKind::Bool(flag), 0),
            Value::Number(number) => (ExprKind::Number(number), 0),
            Value::Text(text) => return self.text(text, node.span),
            Value::List(items) => {
                let items: Vec<Expr<'t>> = items.iter().map(|item| self.expr(*item)).collect();
                (ExprKind::Tuple(self.arena.alloc_slice_copy(&items)), highest(items.iter().map(|item| item.height)))
            }
            Value::Map(entries) => {
                let item = |entry: &Entry<'t>| ObjectItem { key: self.text(entry.key, entry.key_span), value: self.expr(entry.value) };
                let items: Vec<ObjectItem<'t>> = entries.iter().map(item).collect();
                let heights = items.iter().map(|item| item.key.height.max(item.value.height));
                (ExprKind::Object(self.arena.alloc_slice_copy(&items)), highest(heights))
            }
        };
        if below >= MAX_HEIGHT {
            self.refused += 1;
            (self.notes)(node.span, NoteKind::Limit, format!("more than {MAX_HEIGHT} operators or levels in one expression"));
            return Expr { kind: ExprKind::Unreadable, span: node.span, bytes: Bytes::default(), height: 1 };
        }
        Expr { kind, span: node.span, bytes: Bytes::default(), height: below + 1 }
    }

    /// A string or a key, which is a template. All of it stands at the place of the string.
    fn text(&mut self, text: &'t str, span: Span) -> Expr<'t> {
        if self.is_plain || !text.contains("${") && !text.contains("%{") {
            return Expr { kind: ExprKind::Text(text), span, bytes: Bytes::default(), height: 1 };
        }
        let mut refused = 0;
        let notes = &mut *self.notes;
        let expr = parse_template(text, Position::Within(span), self.arena, &mut |span, kind, text| {
            refused += 1;
            notes(span, kind, text);
        });
        self.refused += refused;
        expr
    }

    fn refuse(&mut self, span: Span, message: String) {
        self.refused += 1;
        (self.notes)(span, NoteKind::Unreadable, message);
    }
}

fn joined(first: Span, last: Span) -> Span {
    Span { end_line: last.end_line, ..first }
}

fn highest(heights: impl Iterator<Item = u16>) -> u16 {
    heights.max().unwrap_or(0)
}
