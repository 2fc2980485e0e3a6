//! What a repository's settings state of elements: a pattern of ids, and facts with their answers.
//!
//! Comes in: the text of the settings. Goes out: statements with the lines that they stand in.

use crate::model::claim::{self, About, Statement, weight};
use crate::model::fact::{Fact, Value};
use crate::settings::SettingsError;
use crate::source::{FileId, Place, RepoPath, Span};
use crate::syntax::yaml::{self, Dialect};
use crate::syntax::{Entry, Node};
use bumpalo::Bump;
use globset::Glob;
use std::collections::BTreeSet;

/// Most patterns of elements; each is held against every element that is read.
const MAX_PATTERNS: usize = 200;

/// The section `facts` of settings that parse otherwise.
///
/// # Errors
/// The first statement that says nothing, with its line and, where one is near, the word that was meant.
pub(super) fn parse(path: &RepoPath, text: &str) -> Result<Vec<Statement>, SettingsError> {
    let arena = Bump::new();
    let at = |span: Span, message: String| SettingsError { place: place(path, span), message };
    let mut twice = None;
    let mut notes = |span: Span, _, note: String| {
        twice.get_or_insert((span, note));
    };
    let documents = yaml::parse(text, Dialect::Js, FileId::default(), &arena, &mut notes).map_err(|error| {
        let span = Span { line: error.line, end_line: error.line, column: error.column, file: FileId::default() };
        at(span, error.message)
    })?;
    let Some(section) = documents.first().and_then(|root| root.get("facts")) else { return Ok(Vec::new()) };
    if let Some((span, note)) = twice {
        return Err(at(span, note));
    }
    let mut statements = Vec::new();
    let entries = mapping(section).map_err(|message| at(section.span, message))?;
    if entries.len() > MAX_PATTERNS {
        return Err(at(section.span, format!("facts: {} patterns, at most {MAX_PATTERNS} are possible", entries.len())));
    }
    for entry in entries {
        let about = about(entry.key).map_err(|message| at(entry.key_span, message))?;
        for stated in mapping(entry.value).map_err(|message| at(entry.value.span, message))? {
            let answer = stated.value.scalar().ok_or_else(|| at(stated.value.span, format!("facts: `{}` wants a word", stated.key)))?;
            let (fact, value) = claim::parse(stated.key, answer).map_err(|message| at(stated.key_span, format!("facts: {message}")))?;
            statements.push(Statement { about: about.clone(), fact, value, place: place(path, stated.key_span) });
        }
    }
    Ok(statements)
}

fn place(path: &RepoPath, span: Span) -> Place {
    Place { path: path.clone(), line: span.line.max(1), end_line: span.end_line.max(span.line).max(1) }
}

fn mapping<'t>(node: Node<'t>) -> Result<&'t [Entry<'t>], String> {
    if node.is_map() { Ok(node.entries()) } else { Err("facts: wants a mapping of elements to facts and their answers".to_owned()) }
}

fn about(pattern: &str) -> Result<About, String> {
    if !pattern.contains('#') {
        return Err(format!("facts: `{pattern}` names no element: write `path/of/template.yaml#Element`, or `**#Element`"));
    }
    let glob = Glob::new(pattern).map_err(|error| format!("facts: {error}"))?;
    Ok(About::Matching(glob.compile_matcher()))
}

/// The statements that `head` makes and that ask for less, and those that it leaves out and that ask for more; in words.
pub(super) fn asking_less(base: &[Statement], head: &[Statement]) -> (Vec<String>, Vec<String>) {
    let key = |statement: &Statement| (pattern(&statement.about), statement.fact, statement.value.clone());
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (base.iter().map(key).collect(), head.iter().map(key).collect());
    let words = |(about, fact, value): &(String, Fact, Value)| format!("{about}: {}: {}", fact.as_str(), value.words());
    let gained = after.difference(&before).filter(|(_, fact, value)| weight(*fact, Some(value)) > 0).map(words);
    let lost = before.difference(&after).filter(|(_, fact, value)| weight(*fact, Some(value)) < 0).map(words);
    (gained.collect(), lost.collect())
}

fn pattern(about: &About) -> String {
    match about {
        About::Element(id) => id.as_str().to_owned(),
        About::Matching(pattern) => pattern.glob().glob().to_owned(),
    }
}
