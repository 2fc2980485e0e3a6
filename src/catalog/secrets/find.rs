//! The places of a value where a secret is written out, of whatever shape the value is.
//!
//! Comes in: a property. Goes out: a name for each place and where it stands, in order of the text.

use crate::catalog::secrets::{form, is_secret, text, words};
use crate::model::resource::{Alternatives, Entry, External, ExternalKind, Property, Value};
use crate::source::Span;

/// How deep a secret is looked for.
const MAX_DEPTH: u32 = 24;
/// Pairs of a name and a value, as lists of variables, options and tags spell them.
const PAIRS: [(&str, &str); 8] = [
    ("Name", "Value"),
    ("name", "value"),
    ("Key", "Value"),
    ("key", "value"),
    ("OptionName", "Value"),
    ("ParameterKey", "ParameterValue"),
    ("ParameterName", "ParameterValue"),
    ("HeaderName", "HeaderValue"),
];
/// Parts of a path below which variables of programs stand.
const OF_PROGRAMS: [&str; 4] = ["Environment", "Variables", "OptionSettings", "Arguments"];

/// Where a secret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The path to it, and its own name where it is a part of a text: `NPM_TOKEN in Source.BuildSpec`.
    pub name: String,
    pub span: Span,
}

/// A search through one value.
pub(crate) struct Search<'f> {
    /// Whether somebody else judges what stands under a path.
    is_judged: &'f dyn Fn(&str) -> bool,
    /// Whether so many more bytes at a place may be read.
    spend: &'f dyn Fn(usize, Span) -> bool,
    of_programs: bool,
    found: Vec<Place>,
}

impl<'f> Search<'f> {
    /// Variables of a program, each of which is used as it is written.
    pub(crate) fn variables(value: &Property<'_>, spend: &'f dyn Fn(usize, Span) -> bool) -> Vec<Place> {
        let mut search = Self { is_judged: &|_| false, spend, of_programs: true, found: Vec::new() };
        search.look("", "", value, 0);
        search.found
    }

    /// Anything else: what stands under a telling name there may be a name, a type or an expression as well.
    pub(crate) fn anywhere(
        value: &Property<'_>,
        is_judged: &'f dyn Fn(&str) -> bool,
        spend: &'f dyn Fn(usize, Span) -> bool,
    ) -> Vec<Place> {
        let mut search = Self { is_judged, spend, of_programs: false, found: Vec::new() };
        search.look("", "", value, 0);
        search.found
    }

    fn look(&mut self, path: &str, name: &str, value: &Property<'_>, depth: u32) {
        if depth > MAX_DEPTH || (self.is_judged)(path) {
            return;
        }
        match value.value {
            Value::Text(text) => self.read(path, name, text, value.span),
            Value::Joined(pieces) => self.read(path, name, &flat(pieces), value.span),
            Value::External(External { kind: ExternalKind::WrittenParameter, .. }) if words::names_secret(name) => {
                self.push(path.to_owned(), value.span);
            }
            Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| self.look(path, name, branch, depth + 1)),
            Value::List(items) => match command(items) {
                Some(command) => self.read(path, name, &command, value.span),
                None => items.iter().for_each(|item| self.look(path, name, item, depth + 1)),
            },
            Value::Map(entries) => self.look_into(path, value, entries, depth),
            // As a password of a program a number is a text.
            Value::Number(digits) if digits.len() >= 6 && self.is_of_programs(path) => self.read(path, name, digits, value.span),
            Value::Number(_)
            | Value::Null
            | Value::Bool(_)
            | Value::Reference(_)
            | Value::External(_)
            | Value::Ambient(_)
            | Value::Removed
            | Value::Unknown(_) => {}
        }
    }

    fn look_into(&mut self, path: &str, map: &Property<'_>, entries: &[Entry<'_>], depth: u32) {
        let under = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        let pair = PAIRS.iter().find_map(|(name, value)| Some((map.get(name)?.literal()?, *map.get(value)?, *value)));
        if let Some((name, value, _)) = pair.filter(|_| !is_looked_up(map)) {
            self.look(&under(name), name, &value, depth + 1);
        }
        for entry in entries.iter().filter(|entry| pair.is_none_or(|(_, _, value)| entry.key != value)) {
            self.look(&under(entry.key), entry.key, &entry.value, depth + 1);
        }
    }

    /// Reads one text, in which what is symbolic reads `${}`.
    fn read(&mut self, path: &str, name: &str, text: &str, span: Span) {
        if !(self.spend)(text.len(), span) {
            return;
        }
        let of_programs = self.is_of_programs(path);
        let kind = if of_programs { form::find_for_programs(text) } else { form::find(text) };
        if words::names_secret(name) && is_written(name, text, of_programs) {
            self.push(path.to_owned(), span);
        } else if let Some(part) = kind.map(str::to_owned).or_else(|| text::assigned(text)).or_else(|| text::listed(text)) {
            self.push(if path.is_empty() { part } else { format!("{part} in {path}") }, span);
        }
    }

    fn is_of_programs(&self, path: &str) -> bool {
        self.of_programs || OF_PROGRAMS.iter().any(|part| path.contains(part))
    }

    fn push(&mut self, name: String, span: Span) {
        self.found.push(Place { name, span });
    }
}

/// Whether a text under a telling name is a secret. Of a text with something symbolic in it a piece that can be nothing else.
fn is_written(name: &str, text: &str, of_programs: bool) -> bool {
    match text.contains(HOLE) {
        true => text.split(HOLE).any(words::is_mixed) && !text.contains("://"),
        false if of_programs => is_secret(name, text),
        false => is_secret(name, text) && words::is_likely(text),
    }
}

/// What a build takes from elsewhere is only named.
fn is_looked_up(pair: &Property<'_>) -> bool {
    pair.get("Type").and_then(Property::literal).is_some_and(|kind| matches!(kind, "PARAMETER_STORE" | "SECRETS_MANAGER"))
}

/// What stands for a symbolic piece of a text.
const HOLE: &str = "${}";

fn flat(pieces: &[Property<'_>]) -> String {
    pieces.iter().map(|piece| piece.literal().unwrap_or(HOLE)).collect()
}

/// The words of a list that is a command, in one text: an option of it and what follows belong together.
fn command(items: &[Property<'_>]) -> Option<String> {
    let words: Vec<String> = items
        .iter()
        .filter_map(|item| match item.value {
            Value::Joined(pieces) => Some(flat(pieces)),
            _ => item.literal().map(str::to_owned),
        })
        .collect();
    (words.len() > 1 && words.iter().any(|word| word.starts_with("--"))).then(|| words.join(" "))
}
