//! The sections of a settings file whose lines are kept, because what they say is shown with its place.
//!
//! Comes in: the text of settings that parse otherwise. Goes out: what people state of elements, whom they trust, what they say of rules,
//! and the lines of what is left out.

use crate::settings::bots::{self, NamedBot};
use crate::settings::facts::{self, Stated};
use crate::settings::rules;
use crate::settings::trust::{self, Trusted};
use crate::settings::{PATH, SettingsError};
use crate::source::{FileId, Place, RepoPath, Span};
use crate::stride::policy::PolicyEntry;
use crate::syntax::yaml::{self, Dialect};
use crate::syntax::{Entry, Node};
use bumpalo::Bump;
use std::sync::Arc;

/// What is wrong in a section, and where.
pub(super) type Wrong = (Span, String);

/// What of a settings file has its lines.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) stated: Stated,
    pub(super) trust: Vec<Trusted>,
    pub(super) rules: Vec<Arc<PolicyEntry>>,
    pub(super) bots: Vec<NamedBot>,
    /// Where the patterns under `exclude` stand, in their order.
    pub(super) excluded: Vec<Place>,
    /// Where `lock` stands.
    pub(super) lock: Option<Place>,
}

/// Reads the sections `facts`, `trust` and `rules`, and where those stand of which nothing but the line is asked here.
///
/// # Errors
/// The first entry that says nothing, with its line and, where one is near, the word that was meant.
pub(super) fn parse(path: &RepoPath, text: &str) -> Result<Kept, SettingsError> {
    let arena = Bump::new();
    let at = |(span, message): Wrong| SettingsError { place: place(path, span), message };
    let mut twice = None;
    let mut notes = |span: Span, _, note: String| {
        twice.get_or_insert((span, note));
    };
    let documents = yaml::parse(text, Dialect::Js, FileId::default(), &arena, &mut notes).map_err(|error| {
        let span = Span { line: error.line, end_line: error.line, column: error.column, file: FileId::default() };
        at((span, error.message))
    })?;
    let section = |name| documents.first().and_then(|root| root.get(name));
    let (facts, trust, rules) = (section("facts"), section("trust"), section("rules"));
    // Of two entries with one key nobody can say which one was meant.
    if let Some(twice) = twice.filter(|_| facts.is_some() || trust.is_some() || rules.is_some()) {
        return Err(at(twice));
    }
    let facts = facts.map(|section| facts::read(section, path)).transpose().map_err(at)?;
    let trust = trust.map(|section| trust::read(section, path)).transpose().map_err(at)?;
    let of_organisation = !path.as_str().ends_with(PATH);
    let rules = rules.map(|section| rules::read(section, path, of_organisation)).transpose().map_err(at)?;
    let bots = section("decide").and_then(|decide| decide.get("bots"));
    let bots = bots.map(|list| bots::read(list, path)).transpose().map_err(at)?;
    let excluded = section("exclude").map(|section| section.items().iter().map(|item| place(path, item.span)).collect());
    Ok(Kept {
        stated: facts.unwrap_or_default(),
        trust: trust.unwrap_or_default(),
        rules: rules.unwrap_or_default(),
        bots: bots.unwrap_or_default(),
        excluded: excluded.unwrap_or_default(),
        lock: section("lock").map(|section| place(path, section.span)),
    })
}

pub(super) fn place(path: &RepoPath, span: Span) -> Place {
    Place { path: path.clone(), line: span.line.max(1), end_line: span.end_line.max(span.line).max(1) }
}

/// The entries of a mapping.
///
/// # Errors
/// The node is none: the message says what was `wanted`.
pub(super) fn mapping<'t>(node: Node<'t>, wanted: &str) -> Result<&'t [Entry<'t>], Wrong> {
    if node.is_map() { Ok(node.entries()) } else { Err((node.span, wanted.to_owned())) }
}
