//! The documents of a file of the unit.
//!
//! Comes in: a path, and the place that names it. Goes out: its documents; `None` where the file is not at hand or not valid, which is noted.

use crate::source::{FileId, RepoPath, Sources, Span};
use crate::syntax;
use crate::syntax::{Node, SyntaxError};
use bumpalo::Bump;

/// Opens and parses a file that the unit names.
pub(super) fn open<'t>(path: &RepoPath, from: Option<Span>, sources: &Sources<'t>, arena: &'t Bump) -> Option<Vec<Node<'t>>> {
    let (file, text) = sources.open(path, from)?;
    parse(file, text, sources, arena).inspect_err(|error| note(error, file, sources)).ok()
}

/// Parses a text of an opened file. What is odd in it is noted, and why it cannot be parsed is given back.
pub(super) fn parse<'t>(file: FileId, text: &'t str, sources: &Sources<'t>, arena: &'t Bump) -> Result<Vec<Node<'t>>, SyntaxError> {
    let mut notes = |span, kind, text| sources.note(span, kind, text);
    syntax::parse(text, file, arena, &mut notes)
}

/// Notes why a file cannot be parsed, where it says so.
pub(super) fn note(error: &SyntaxError, file: FileId, sources: &Sources<'_>) {
    let span = Span { line: error.line, end_line: error.line, column: error.column, file };
    sources.note(span, error.kind, error.to_string());
}
