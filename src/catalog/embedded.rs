//! A JSON document that stands in a text, with references in it: a state machine's definition, a policy.
//!
//! Comes in: a text, or a text joined of pieces. Goes out: the tree that it spells, with the references in their places. Everything in it
//! bears the lines of the whole text, unless the caller knows in which line of the file the text begins.

use crate::model::resource::{Entry, Property, Value};
use crate::source::{FileId, Span};
use crate::syntax;
use crate::syntax::Node;
use crate::syntax::yaml::Dialect;
use bumpalo::Bump;

/// The tree of a document that is a map: the value itself where it is one, what its text says otherwise. The error says why there is none.
pub fn tree<'t>(document: &Property<'t>, arena: &'t Bump) -> Result<Property<'t>, String> {
    let root = self::document(document, arena)?;
    if matches!(root.value, Value::Map(_)) { Ok(root) } else { Err("the document is not a map".to_owned()) }
}

/// The tree of a document that is a map or a list.
pub fn document<'t>(document: &Property<'t>, arena: &'t Bump) -> Result<Property<'t>, String> {
    document_from(document, None, arena)
}

/// The same of a text whose lines are lines of the file, from `first` on: each part bears its own.
pub fn document_from<'t>(document: &Property<'t>, first: Option<u32>, arena: &'t Bump) -> Result<Property<'t>, String> {
    let place = Place { whole: document.span, first };
    match document.value {
        Value::Map(_) | Value::List(_) => Ok(*document),
        Value::Text(text) => parse_text(text, &[], place, arena),
        Value::Joined(pieces) => {
            let (text, holes) = text_with_marks(pieces);
            parse_text(arena.alloc_str(&text), &holes, place, arena)
        }
        _ => Err(document.unresolved().unwrap_or_else(|| "the document is neither a map nor a text".to_owned())),
    }
}

/// Where the text stands, and in which line it begins, if that is known.
#[derive(Clone, Copy)]
struct Place {
    whole: Span,
    first: Option<u32>,
}

impl Place {
    /// The lines of a part, of which `within` are its lines in the text.
    fn of(self, within: Span) -> Span {
        let Some(first) = self.first.filter(|_| within.line > 0) else { return self.whole };
        let line = |line: u32| first.saturating_add(line - 1).min(self.whole.end_line);
        Span { line: line(within.line), end_line: line(within.end_line.max(within.line)), ..self.whole }
    }
}

/// Marks of a hole in the text: private characters around its number.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// The JSON text, with a mark for each piece that is no text. A mark outside of a string becomes a string, so that the JSON stays valid.
fn text_with_marks<'t>(pieces: &[Property<'t>]) -> (String, Vec<Property<'t>>) {
    let (mut text, mut holes) = (String::new(), Vec::new());
    let (mut in_string, mut escaped) = (false, false);
    for piece in pieces {
        if let Some(literal) = piece.literal() {
            for letter in literal.chars().filter(|letter| !matches!(*letter, OPEN | CLOSE)) {
                in_string ^= letter == '"' && !escaped;
                escaped = letter == '\\' && in_string && !escaped;
                text.push(letter);
            }
            continue;
        }
        let mark = format!("{OPEN}{}{CLOSE}", holes.len());
        holes.push(*piece);
        text += &if in_string { mark } else { format!("\"{mark}\"") };
    }
    (text, holes)
}

fn parse_text<'t>(text: &'t str, holes: &[Property<'t>], place: Place, arena: &'t Bump) -> Result<Property<'t>, String> {
    let documents = syntax::parse(text, Dialect::Yaml11, FileId::default(), arena, &mut |_, _, _| {})
        .map_err(|error| format!("the document: {error}"))?;
    let root = documents.first().ok_or("the document is empty")?;
    Ok(with_holes(root, holes, place, arena))
}

/// The tree of the text with its holes filled.
fn with_holes<'t>(node: &Node<'t>, holes: &[Property<'t>], place: Place, arena: &'t Bump) -> Property<'t> {
    let span = place.of(node.span);
    let value = match node.value {
        syntax::Value::Null => Value::Null,
        syntax::Value::Bool(flag) => Value::Bool(flag),
        syntax::Value::Number(number) => Value::Number(number),
        syntax::Value::Text(text) => filled(text, holes, span, arena),
        syntax::Value::List(items) => {
            Value::List(arena.alloc_slice_fill_iter(items.iter().map(|item| with_holes(item, holes, place, arena))))
        }
        syntax::Value::Map(entries) => Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry {
            key: entry.key,
            key_span: place.of(entry.key_span),
            value: with_holes(&entry.value, holes, place, arena),
        }))),
    };
    Property { value, span }
}

fn filled<'t>(text: &'t str, holes: &[Property<'t>], span: Span, arena: &'t Bump) -> Value<'t> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((number, tail)) = after.split_once(CLOSE) else { break };
        if !before.is_empty() {
            pieces.push(Property { value: Value::Text(before), span });
        }
        pieces.extend(number.parse::<usize>().ok().and_then(|number| holes.get(number)).copied());
        rest = tail;
    }
    if pieces.is_empty() {
        return Value::Text(text);
    }
    if !rest.is_empty() {
        pieces.push(Property { value: Value::Text(rest), span });
    }
    match pieces.as_slice() {
        [single] => single.value,
        _ => Value::Joined(arena.alloc_slice_copy(&pieces)),
    }
}
