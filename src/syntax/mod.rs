//! YAML and JSON read into one spanned tree.
//!
//! Comes in: text. Goes out: nodes that borrow from the text and from one arena, so that copying a node is free.
//! Never interprets: tags, anchors' values and duplicate keys are kept or noted, what they mean is for `formats`.

use crate::source::Span;

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
    /// A plain scalar that reads as a number, as written.
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

    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }
}
