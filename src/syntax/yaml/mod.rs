//! YAML read into the spanned tree, as the provider of a template reads it.
//!
//! Comes in: text of any number of documents, and whose reading is wanted. Goes out: the root of each document. Anchors are shared, merge
//! keys (`<<`) are merged, scalars have the type that the reader gives them; tags of the application are kept, not interpreted.
//! Never guesses: what the reader in question refuses is refused, with its line.

mod characters;
mod js;
mod number;
mod tag;
mod text;
mod timestamp;
mod tree;
mod yaml11;

use crate::source::{FileId, NoteKind, Span};
use crate::syntax::{Node, Notes, SyntaxError, Value, column, line};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// Whose reading of YAML a text gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// YAML 1.1 as PyYAML's `SafeLoader` reads it, with CloudFormation's tags: `yes` is true, `0123` is 83. The tools around
    /// CloudFormation and SAM stand on it (PyYAML 6.0.3, read 2026-11-28).
    Yaml11,
    /// js-yaml 4 with its default schema, as the Serverless Framework reads its services: `yes` is text, a key that stands twice is
    /// refused (js-yaml 4.3.2, read 2026-11-28).
    Js,
}

/// Parses all documents of a text; an empty text is one `Null`. Errors carry the place; the caller notes them.
pub fn parse<'t>(
    text: &'t str,
    dialect: Dialect,
    file: FileId,
    arena: &'t Bump,
    notes: &mut Notes<'_>,
) -> Result<Vec<Node<'t>>, SyntaxError> {
    let text = without_mark(text);
    let mut documents = match dialect {
        Dialect::Yaml11 => yaml11::read(text, file, arena, notes)?.documents,
        Dialect::Js => js::read(text, file, arena, notes)?.documents,
    };
    if documents.is_empty() {
        documents.push(Node { value: Value::Null, span: Span { line: 1, end_line: 1, column: 1, file }, tag: None });
    }
    Ok(documents)
}

/// The comments of a text, in its order: what stands behind `#`, and where. Where both readers can read the text, only what is a comment
/// for both of them: nobody can state by a comment what the provider takes for content.
///
/// # Errors
/// The text is valid for neither of them.
pub fn comments(text: &str, file: FileId) -> Result<Vec<(Span, &str)>, SyntaxError> {
    let text = without_mark(text);
    let arena = Bump::new();
    let of_yaml11 = yaml11::read(text, file, &arena, &mut |_, _, _| {}).map(comments_of);
    let of_js = js::read(text, file, &arena, &mut |_, _, _| {}).map(comments_of);
    let ranges = match (of_yaml11, of_js) {
        (Ok(one), Ok(other)) => one.intersection(&other).copied().collect(),
        (Ok(comments), Err(_)) | (Err(_), Ok(comments)) => comments,
        (Err(error), Err(_)) => return Err(error),
    };
    Ok(placed(text, file, &ranges))
}

/// The text with line breaks where readers of YAML 1.1 see them and others see characters; `None` where there are none such. A text that
/// is refused for them is looked through so, for a unit that hides behind one.
pub fn with_breaks_of_yaml11(text: &str) -> Option<String> {
    let is_break = |character| characters::escape_of_break(character).is_some();
    text.contains(is_break).then(|| text.replace(is_break, "\n"))
}

/// What one reader makes of a text.
struct Read<'t> {
    documents: Vec<Node<'t>>,
    /// From the byte of each `#` to its end.
    comments: Vec<(usize, usize)>,
}

fn comments_of(read: Read<'_>) -> BTreeSet<(usize, usize)> {
    read.comments.into_iter().collect()
}

fn placed<'t>(text: &'t str, file: FileId, comments: &BTreeSet<(usize, usize)>) -> Vec<(Span, &'t str)> {
    let mut at = Place { line: 1, column: 1 };
    let mut passed = 0;
    let mut found = Vec::new();
    for (start, end) in comments {
        at = at.after(text.get(passed..*start).unwrap_or_default());
        passed = *start;
        let said = text.get(start + 1..*end).unwrap_or_default();
        found.push((Span { line: line(at.line), end_line: line(at.line), column: column(at.column), file }, said));
    }
    found
}

/// A byte order mark is none of the text.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Line and column, from 1.
#[derive(Clone, Copy, Debug)]
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// The place behind a text that begins here. A lone carriage return ends a line too.
    fn after(self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let is_break = |index: usize| match bytes[index] {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        };
        let breaks = (0..bytes.len()).filter(|index| is_break(*index));
        let (count, last) = breaks.fold((0, None), |(count, _), index| (count + 1, Some(index)));
        let line_text = last.map_or(text, |last| text.get(last + 1..).unwrap_or_default());
        let characters = line_text.chars().count();
        Self { line: self.line + count, column: if last.is_some() { characters + 1 } else { self.column + characters } }
    }
}

fn line_and_column(text: &str, offset: usize) -> Place {
    Place { line: 1, column: 1 }.after(text.get(..offset).unwrap_or(text))
}

fn error(at: Place, message: String) -> SyntaxError {
    SyntaxError { line: line(at.line), column: column(at.column), message, kind: NoteKind::Unreadable }
}

fn error_of(span: Span, kind: NoteKind, message: String) -> SyntaxError {
    SyntaxError { line: span.line, column: span.column, message, kind }
}
