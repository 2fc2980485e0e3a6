//! `${file(…)}`: what other files of the repository say.
//!
//! Comes in: a path and what to take of the file. Goes out: the value. Programs are never run.

use crate::formats::documents;
use crate::formats::program::IS_A_PROGRAM;
use crate::formats::serverless::variables::stage::MARK;
use crate::formats::serverless::variables::{Answer, Variables, answer};
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax::yaml::Dialect;
use crate::syntax::{Node, Value};

/// Files that would have to be run.
const PROGRAMS: [&str; 6] = ["js", "cjs", "mjs", "ts", "cts", "mts"];
/// Files with a structure.
const STRUCTURED: [&str; 4] = ["yml", "yaml", "json", "tfstate"];

pub(super) fn find<'t>(variables: &Variables<'t, '_>, named: &'t str, address: &str, span: Span) -> Answer<'t> {
    let marked = named.trim_matches(['\'', '"']);
    let is_of_stage = marked.contains(MARK);
    if is_of_stage {
        variables.find_stages_of_files(marked);
    }
    let named = &*variables.staged(marked);
    let shown = if address.is_empty() { format!("file({named})") } else { format!("file({named}):{}", variables.staged(address)) };
    let outside = || Answer::Outside(variables.arena.alloc_str(&shown));
    let Some(path) = variables.unit.sibling(named) else {
        variables.note_once(span, NoteKind::OutsideFile, format!("{named} lies outside the repository"));
        return outside();
    };
    if is_of_stage && variables.pass.is_another() && !variables.sources.has(&path) {
        return Answer::Missing;
    }
    let extension = path.file_name().rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    if PROGRAMS.contains(&extension.as_str()) {
        // Asked for, so that a change of it is one of what is deployed.
        variables.sources.has(&path);
        variables.note_once(span, NoteKind::Unsupported, format!("{path} {IS_A_PROGRAM}"));
        return outside();
    }
    match content(variables, &path, STRUCTURED.contains(&extension.as_str()), span) {
        Some(root) => answer::path(variables, root, address, span).unwrap_or(Answer::Missing),
        None => outside(),
    }
}

/// What the file says, read once.
fn content<'t>(variables: &Variables<'t, '_>, path: &RepoPath, structured: bool, span: Span) -> Option<Node<'t>> {
    if let Some(known) = variables.files.borrow().get(path) {
        return *known;
    }
    let content = read(variables, path, structured, span);
    variables.files.borrow_mut().insert(path.clone(), content);
    content
}

fn read<'t>(variables: &Variables<'t, '_>, path: &RepoPath, structured: bool, span: Span) -> Option<Node<'t>> {
    if structured {
        return documents::open(path, Dialect::Js, Some(span), variables.sources, variables.arena)?.first().copied();
    }
    let (file, text) = variables.sources.open(path, Some(span))?;
    Some(Node { value: Value::Text(text), span: Span { line: 1, end_line: 1, column: 1, file }, tag: None })
}
