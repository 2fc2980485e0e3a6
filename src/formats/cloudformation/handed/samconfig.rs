//! `samconfig.toml` and `samconfig.yaml` beside a template: what `sam deploy` gives to its parameters, by environment.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>, read 2026-11-29. What an
//! environment says of `deploy` comes before what it says of all commands (`global`). SAM drops a value whose parameter the template has not.

use crate::formats::documents;
use crate::model::resource::{Property, Value};
use crate::source::given::Values;
use crate::source::{FileId, NoteKind, RepoPath, Sources, Span};
use crate::syntax::Node;
use crate::syntax::yaml::Dialect;
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What such a file is called.
pub(super) const NAMES: [&str; 3] = ["samconfig.toml", "samconfig.yaml", "samconfig.yml"];
/// What SAM deploys where nothing else is said, without its ending.
const DEFAULT_TEMPLATE: &str = "template";
/// The commands whose values are asked, the nearest first.
const COMMANDS: [&str; 2] = ["deploy", "global"];
/// The commands that may name the template.
const NAMING: [&str; 3] = ["build", "deploy", "global"];
/// Most environments of a file.
const MAX_ENVIRONMENTS: usize = 32;

/// What one environment says.
struct Environment<'t> {
    name: &'t str,
    /// The template that it names.
    template: Option<&'t str>,
    /// `Name=value`, several in a text, with where that stands.
    overrides: Vec<(&'t str, Span)>,
}

/// The values of each environment that deploys the template.
pub(super) fn read<'t>(
    template: &RepoPath,
    declared: &BTreeSet<&str>,
    sources: &Sources<'t>,
    arena: &'t Bump,
) -> Vec<(Values, BTreeMap<&'t str, Property<'t>>)> {
    let mut found = Vec::new();
    for path in NAMES.iter().filter_map(|name| template.sibling(name)).filter(|path| !sources.lacks(path)) {
        let environments = match path.file_name().ends_with(".toml") {
            true => of_toml(&path, sources, arena),
            false => of_yaml(&path, sources, arena),
        };
        let deploying = environments.iter().filter(|environment| deploys(environment, template));
        if let Some(left_out) = deploying.clone().nth(MAX_ENVIRONMENTS) {
            let at = left_out.overrides.first().map_or_else(Span::default, |(_, span)| *span);
            sources.note(at, NoteKind::Limit, format!("of more than {MAX_ENVIRONMENTS} environments the rest is not looked at"));
        }
        for environment in deploying.take(MAX_ENVIRONMENTS) {
            let pairs = environment
                .overrides
                .iter()
                .flat_map(|(text, span)| pairs(text).into_iter().map(move |(name, value)| (name, value, *span)));
            let given: BTreeMap<&str, Property<'t>> = pairs
                .filter(|(name, _, _)| declared.contains(name))
                .map(|(name, value, span)| (name, Property { value: Value::Text(arena.alloc_str(&value)), span }))
                .collect();
            let of = Values { file: path.as_str().to_owned(), environment: Some(environment.name.to_owned()) };
            found.extend((!given.is_empty()).then_some((of, given)));
        }
    }
    found
}

/// Whether an environment deploys a template that lies beside its file.
fn deploys(environment: &Environment<'_>, template: &RepoPath) -> bool {
    let name = template.file_name();
    match environment.template {
        Some(named) => named.strip_prefix("./").unwrap_or(named) == name,
        None => name.rsplit_once('.').is_some_and(|(stem, _)| stem == DEFAULT_TEMPLATE),
    }
}

fn of_toml<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Vec<Environment<'t>> {
    let Some((file, text)) = sources.open(path, None) else { return Vec::new() };
    let root = match DeTable::parse(text) {
        Ok(root) => root,
        Err(error) => {
            let at = span(text, error.span().map_or(0, |span| span.start), file);
            sources.note(at, NoteKind::Unreadable, format!("line {}: {}", at.line, error.message()));
            return Vec::new();
        }
    };
    let environment = |(name, sections): (&Spanned<_>, &Spanned<DeValue<'t>>)| {
        let name: &std::borrow::Cow<'t, str> = name.get_ref();
        let parameters = |command: &str| sections.get_ref().get(command)?.get_ref().get("parameters").map(Spanned::get_ref);
        let named = |value: &Spanned<DeValue<'t>>| Some(&*arena.alloc_str(value.get_ref().as_str()?));
        let template = NAMING.iter().find_map(|command| named(parameters(command)?.get("template_file")?));
        let overrides = COMMANDS.iter().find_map(|command| parameters(command)?.get("parameter_overrides"));
        let texts: Vec<&Spanned<DeValue<'t>>> = match overrides.map(|value| (value, value.get_ref())) {
            Some((_, DeValue::Array(items))) => items.iter().collect(),
            Some((value, _)) => vec![value],
            None => Vec::new(),
        };
        let text_of = |value: &Spanned<DeValue<'t>>| {
            let written = value.get_ref().as_str()?;
            Some((&*arena.alloc_str(written), span(text, value.span().start, file)))
        };
        Environment { name: arena.alloc_str(name), template, overrides: texts.into_iter().filter_map(text_of).collect() }
    };
    root.get_ref().iter().map(environment).collect()
}

fn of_yaml<'t>(path: &RepoPath, sources: &Sources<'t>, arena: &'t Bump) -> Vec<Environment<'t>> {
    let Some(documents) = documents::open(path, Dialect::Yaml11, None, sources, arena) else { return Vec::new() };
    let environments = documents.first().map(|root| root.entries()).unwrap_or_default();
    let environment = |entry: &crate::syntax::Entry<'t>| {
        let parameters = |command: &str| entry.value.get(command)?.get("parameters");
        let template = NAMING.iter().find_map(|command| parameters(command)?.get("template_file")?.scalar());
        let overrides = COMMANDS.iter().find_map(|command| parameters(command)?.get("parameter_overrides"));
        let texts: Vec<Node<'t>> =
            overrides.map(|value| if value.items().is_empty() { vec![value] } else { value.items().to_vec() }).unwrap_or_default();
        let mut found: Vec<(&str, Span)> = texts.iter().filter_map(|node| Some((node.scalar()?, node.span))).collect();
        for pair in overrides.map(|value| value.entries()).unwrap_or_default() {
            let quoted = pair.value.scalar().map(|value| value.replace('\\', "\\\\").replace('"', "\\\""));
            found.extend(quoted.map(|value| (&*arena.alloc_str(&format!("{}=\"{value}\"", pair.key)), pair.value.span)));
        }
        Environment { name: entry.key, template, overrides: found }
    };
    environments.iter().map(environment).collect()
}

/// Where an offset of a text is.
fn span(text: &str, offset: usize, file: FileId) -> Span {
    let before = text.get(..offset).unwrap_or_default();
    let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
    Span { line, end_line: line, column: 1, file }
}

/// The pairs of a text: `Name=value` or `ParameterKey=Name,ParameterValue=value`, with white space between them; in double quotes a value may
/// have any, and a backslash takes the next character as it is.
fn pairs(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.trim_start().split_once('=') {
        let (name, after) = match name {
            "ParameterKey" => match after.split_once(",ParameterValue=") {
                Some(pair) => pair,
                None => return found,
            },
            _ => (name, after),
        };
        let (value, left) = value(after);
        found.push((name.trim_matches('"'), value));
        rest = left;
    }
    found
}

/// A value, and what follows on it.
fn value(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut is_quoted = false;
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, next)| next)),
            '"' => is_quoted = !is_quoted,
            letter if letter.is_whitespace() && !is_quoted => return (value, text.get(at..).unwrap_or_default()),
            letter => value.push(letter),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn pairs_are_told_apart_as_sam_does() {
        for (text, expected) in [
            ("Stage=prod Range=0.0.0.0/0", vec![("Stage", "prod"), ("Range", "0.0.0.0/0")]),
            ("Stage=\"prod\" Note=\"two words\"", vec![("Stage", "prod"), ("Note", "two words")]),
            ("Say=\"a \\\"b\\\" c\"", vec![("Say", "a \"b\" c")]),
            (
                "ParameterKey=Stage,ParameterValue=prod ParameterKey=Range,ParameterValue=\"::/0\"",
                vec![("Stage", "prod"), ("Range", "::/0")],
            ),
            ("\n  Stage=prod\n  Empty=\"\"\n", vec![("Stage", "prod"), ("Empty", "")]),
            ("Text=a=b", vec![("Text", "a=b")]),
            ("nothing", vec![]),
        ] {
            let found = pairs(text);
            let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (*name, &**value)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
