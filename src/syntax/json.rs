//! JSON read into the spanned tree.
//!
//! Comes in: text of one strict JSON value (no comments, no trailing commas). Goes out: its root. Positions are counted in one pass,
//! as the nodes are visited in the order of the text.

use crate::source::{FileId, MAX_DEPTH, MAX_NODES, NoteKind, Span};
use crate::syntax::mapping;
use crate::syntax::{Entry, Node, Notes, SyntaxError, Value, column, line};
use bumpalo::Bump;
use jsonc_parser::ast;
use jsonc_parser::common::{Range, Ranged};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::borrow::Cow;

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// What becomes of a key that stands twice in one object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doubled {
    LastCounts,
    Kept,
}

/// Parses one JSON value. Errors carry the place; the caller notes them.
pub fn parse<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Result<Node<'t>, SyntaxError> {
    parse_with(text, file, arena, notes, Doubled::LastCounts)
}

/// The same with all entries of each object, those of equal keys too: for readers to whom each of them counts.
pub fn parse_with_doubled<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Result<Node<'t>, SyntaxError> {
    parse_with(text, file, arena, notes, Doubled::Kept)
}

fn parse_with<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>, doubled: Doubled) -> Result<Node<'t>, SyntaxError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|error| SyntaxError {
        line: line(error.line_display()),
        column: column(error.column_display()),
        message: lower_first(&error.kind().to_string()),
        kind: NoteKind::Unreadable,
    })?;
    let mut tree = Tree { cursor: Cursor { text: text.as_bytes(), offset: 0, line: 1, column: 1 }, file, arena, notes, doubled, nodes: 0 };
    match parsed.value {
        Some(value) => tree.node(&value, 0),
        None => Err(tree.error(NoteKind::Unreadable, "the text is empty")),
    }
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

struct Tree<'t, 'n, 'm> {
    cursor: Cursor<'t>,
    file: FileId,
    arena: &'t Bump,
    notes: &'n mut Notes<'m>,
    doubled: Doubled,
    nodes: usize,
}

impl<'t> Tree<'t, '_, '_> {
    fn node(&mut self, value: &ast::Value<'t>, depth: usize) -> Result<Node<'t>, SyntaxError> {
        let range = value.range();
        let start = self.start(range);
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(self.error(NoteKind::Limit, &format!("nested deeper than {MAX_DEPTH}")));
        }
        if self.nodes > MAX_NODES {
            return Err(self.error(NoteKind::Limit, &format!("more than {MAX_NODES} nodes")));
        }
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Null,
            ast::Value::BooleanLit(literal) => Value::Bool(literal.value),
            ast::Value::NumberLit(literal) => Value::Number(literal.value),
            ast::Value::StringLit(literal) => Value::Text(self.text(&literal.value)),
            ast::Value::Array(array) => {
                let items = array.elements.iter().map(|item| self.node(item, depth + 1)).collect::<Result<Vec<_>, _>>()?;
                Value::List(self.arena.alloc_slice_copy(&items))
            }
            ast::Value::Object(object) => {
                let entries = object.properties.iter().map(|property| self.entry(property, depth)).collect::<Result<Vec<_>, _>>()?;
                Value::Map(match self.doubled {
                    Doubled::LastCounts => mapping::unique(&entries, self.arena, self.notes),
                    Doubled::Kept => self.arena.alloc_slice_copy(&entries),
                })
            }
        };
        Ok(Node { value, span: self.end(start, range), tag: None })
    }

    fn entry(&mut self, property: &ast::ObjectProp<'t>, depth: usize) -> Result<Entry<'t>, SyntaxError> {
        let range = property.name.range();
        let start = self.start(range);
        let key_span = self.end(start, range);
        let key = match &property.name {
            ast::ObjectPropName::String(literal) => self.text(&literal.value),
            ast::ObjectPropName::Word(literal) => literal.value,
        };
        Ok(Entry { key, key_span, value: self.node(&property.value, depth + 1)? })
    }

    fn text(&self, text: &Cow<'t, str>) -> &'t str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.arena.alloc_str(text),
        }
    }

    fn start(&mut self, range: Range) -> Span {
        self.cursor.advance(range.start);
        Span { line: line(self.cursor.line), end_line: line(self.cursor.line), column: column(self.cursor.column), file: self.file }
    }

    fn end(&mut self, start: Span, range: Range) -> Span {
        self.cursor.advance(range.end);
        Span { end_line: line(self.cursor.line), ..start }
    }

    fn error(&self, kind: NoteKind, message: &str) -> SyntaxError {
        SyntaxError { line: line(self.cursor.line), column: column(self.cursor.column), message: message.to_owned(), kind }
    }
}

/// Line and column of a byte offset that only grows.
struct Cursor<'t> {
    text: &'t [u8],
    offset: usize,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    fn advance(&mut self, to: usize) {
        let passed = self.text.get(self.offset..to).unwrap_or_default();
        for byte in passed {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.column = 1;
                }
                // Continuation bytes of UTF-8 are no characters of their own.
                0x80..=0xbf => {}
                _ => self.column += 1,
            }
        }
        self.offset = self.offset.max(to);
    }
}
