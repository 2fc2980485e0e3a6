//! YAML and JSON read into one spanned tree.
//!
//! Comes in: text. Goes out: nodes that borrow from the text and from one arena, so that copying a node is free.
//! Never interprets: tags, anchors' values and duplicate keys are kept or noted, what they mean is for `formats`.

pub mod digest;
pub mod hcl;
pub mod json;
mod mapping;
pub mod yaml;

use crate::source::{FileId, NoteKind, Span};
use crate::syntax::yaml::Dialect;
use bumpalo::Bump;

/// Why a text could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u16,
    /// In lower case, without a full stop.
    pub message: String,
    /// `Unreadable` where the text is not valid, `Limit` where it is too deep or too large to be read.
    pub kind: NoteKind,
}

/// Takes what was found odd while a text was read.
pub type Notes<'n> = dyn FnMut(Span, NoteKind, String) + 'n;

/// Parses JSON or YAML into the documents of the text, at least one. What looks like JSON is read as JSON first, because that is five
/// times as fast; YAML's own flow mappings begin with a brace too, so that YAML has the last word on what JSON refuses.
pub fn parse<'t>(
    text: &'t str,
    dialect: Dialect,
    file: FileId,
    arena: &'t Bump,
    notes: &mut Notes<'_>,
) -> Result<Vec<Node<'t>>, SyntaxError> {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) {
        return yaml::parse(text, dialect, file, arena, notes);
    }
    match json::parse(text, file, arena, notes) {
        Ok(root) => Ok(vec![root]),
        Err(error) if error.kind == NoteKind::Limit => Err(error),
        Err(error) => yaml::parse(text, dialect, file, arena, notes).map_err(|_| error),
    }
}

/// A column as spans hold it: what lies beyond the 65,535th character counts as there.
fn column(characters_from_1: usize) -> u16 {
    u16::try_from(characters_from_1).unwrap_or(u16::MAX)
}

fn line(from_1: usize) -> u32 {
    u32::try_from(from_1).unwrap_or(u32::MAX)
}

/// A node and where it stands. `Copy`: children are shared slices of the arena.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    pub value: Value<'t>,
    pub span: Span,
    /// The tag as written, `!Ref`; `None` where there is none.
    pub tag: Option<&'t str>,
}

#[derive(Clone, Copy, Debug)]
pub enum Value<'t> {
    /// `null`, `~` or nothing.
    Null,
    Bool(bool),
    /// A plain scalar that is a number for its reader, in decimal: as written where that is decimal.
    Number(&'t str),
    Text(&'t str),
    List(&'t [Node<'t>]),
    /// In the order of the text; keys are unique (of duplicates the last stays, with a note).
    Map(&'t [Entry<'t>]),
}

#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    pub key: &'t str,
    pub key_span: Span,
    pub value: Node<'t>,
}

impl<'t> Node<'t> {
    pub fn entries(&self) -> &'t [Entry<'t>] {
        match self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => &[],
        }
    }

    pub fn items(&self) -> &'t [Self] {
        match self.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => &[],
        }
    }

    pub fn get(&self, key: &str) -> Option<Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| entry.value)
    }

    /// The text of any scalar but null, as written.
    pub fn scalar(&self) -> Option<&'t str> {
        match self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The same tree with all of its nodes at one place: for a text that stands in another one.
    pub fn at(&self, span: Span, arena: &'t Bump) -> Self {
        let value = match self.value {
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => self.value,
            Value::List(items) => Value::List(arena.alloc_slice_fill_iter(items.iter().map(|item| item.at(span, arena)))),
            Value::Map(entries) => Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry {
                key: entry.key,
                key_span: span,
                value: entry.value.at(span, arena),
            }))),
        };
        Self { value, span, tag: self.tag }
    }

    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }
}
