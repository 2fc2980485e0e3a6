//! The documents of a file of the unit.
//!
//! Comes in: a path, and the place that names it. Goes out: its documents; `None` where the file is not at hand or not valid, which is noted.

use crate::source::{RepoPath, Sources, Span};
use crate::syntax;
use crate::syntax::Node;
use bumpalo::Bump;

pub(super) fn open<'t>(path: &RepoPath, from: Option<Span>, sources: &Sources<'t>, arena: &'t Bump) -> Option<Vec<Node<'t>>> {
    let (file, text) = sources.open(path, from)?;
    let mut notes = |span, kind, text| sources.note(span, kind, text);
    match syntax::parse(text, file, arena, &mut notes) {
        Ok(documents) => Some(documents),
        Err(error) => {
            let span = Span { line: error.line, end_line: error.line, column: error.column, file };
            sources.note(span, error.kind, error.to_string());
            None
        }
    }
}
