//! `samconfig.toml` and `samconfig.yaml`: what `sam deploy` gives to the parameters of a template, by environment.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html>, read 2026-11-29. The file lies
//! beside the template or above it. What an environment says of `deploy` comes before what it says of all commands (`global`); SAM drops a value
//! whose parameter the template has not.

use crate::formats::documents;
use crate::model::resource::{Property, Value};
use crate::source::given::Values;
use crate::source::{FileId, NoteKind, RepoPath, Sources, Span};
use crate::syntax::yaml::Dialect;
use crate::syntax::{self, Entry, Node, SyntaxError};
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
/// The commands that may name the template: what is deployed may be what was built of it.
const NAMING: [&str; 3] = ["build", "deploy", "global"];
/// What a word begins with that names a file of overrides.
const FILE: &str = "file://";
/// Most environments of a file.
const MAX_ENVIRONMENTS: usize = 32;
/// Most folders above a template in which such a file is looked for.
const MAX_ABOVE: usize = 8;

/// What one environment says.
struct Environment {
    name: String,
    /// The templates that it names, the nearest first.
    templates: Vec<String>,
    /// Name and value of each parameter, and where they stand.
    overrides: Vec<(String, String, Span)>,
    /// Files that have overrides, as they are named, and where: `file://prod.yaml`. What they say comes before what stands here.
    files: Vec<(String, Span)>,
    /// Where overrides stand in a form that is not read.
    unread: Vec<Span>,
}

/// The values of each environment that deploys the template.
pub(super) fn read<'t>(
    template: &RepoPath,
    declared: &BTreeSet<&str>,
    sources: &Sources<'t>,
    arena: &'t Bump,
) -> Vec<(Values, BTreeMap<&'t str, Property<'t>>)> {
    let mut found = Vec::new();
    for path in above(template).into_iter().filter(|path| !sources.lacks(path)) {
        let is_own = |environment: &Environment| deploys(environment, &path, template, sources);
        // A file that deploys something else is none of this unit.
        let may_be_own = sources.glance(&path).is_none_or(|text| match environments(&path, text, FileId::default()) {
            Ok(environments) => environments.iter().any(is_own),
            Err(_) => is_beside(&path, template),
        });
        if !may_be_own {
            continue;
        }
        let Some((file, text)) = sources.open(&path, None) else { continue };
        let environments = match environments(&path, text, file) {
            Ok(environments) => environments,
            Err(error) => {
                documents::note(&error, file, sources);
                continue;
            }
        };
        let mut deploying: Vec<Environment> = environments.into_iter().filter(is_own).collect();
        if deploying.len() > MAX_ENVIRONMENTS {
            deploying.truncate(MAX_ENVIRONMENTS);
            let at = Span { line: 1, end_line: 1, column: 1, file };
            sources.note(at, NoteKind::Limit, format!("of more than {MAX_ENVIRONMENTS} environments the rest is not looked at"));
        }
        for mut environment in deploying {
            for (named, span) in std::mem::take(&mut environment.files) {
                match path.sibling(&named).and_then(|path| of_file(&path, span, sources, arena)) {
                    Some(values) => environment.overrides.extend(values),
                    None => environment.unread.push(span),
                }
            }
            for span in environment.unread {
                let text = "these values for parameters are written in a form that is not read".to_owned();
                sources.note(span, NoteKind::Unsupported, text);
            }
            let of_template = environment.overrides.into_iter().filter(|(name, ..)| declared.contains(name.as_str()));
            let given: BTreeMap<&str, Property<'t>> = of_template
                .map(|(name, value, span)| (&*arena.alloc_str(&name), Property { value: Value::Text(arena.alloc_str(&value)), span }))
                .collect();
            let of = Values { file: path.as_str().to_owned(), environment: Some(environment.name) };
            found.extend((!given.is_empty()).then_some((of, given)));
        }
    }
    found
}

/// What a file of overrides says: names with their values, or what the command line takes.
fn of_file(path: &RepoPath, span: Span, sources: &Sources<'_>, arena: &Bump) -> Option<Vec<(String, String, Span)>> {
    let (file, text) = sources.open(path, Some(span))?;
    let documents = syntax::parse(text, Dialect::Yaml11, file, arena, &mut |_, _, _| {}).ok()?;
    let root = documents.first()?;
    let owned = |(name, value, span): (&str, &str, Span)| (name.to_owned(), value.to_owned(), span);
    if let Some(values) = super::values(root).filter(|values| !values.is_empty()) {
        return Some(values.into_iter().map(owned).collect());
    }
    let value = |entry: &Entry<'_>| Some(owned((entry.key, entry.value.scalar()?, entry.value.span)));
    Some(root.entries().iter().filter_map(value).collect()).filter(|values: &Vec<_>| !values.is_empty())
}

/// The paths of such files beside a template and above it.
fn above(template: &RepoPath) -> Vec<RepoPath> {
    let mut paths = Vec::new();
    let mut folder = template.folder();
    for _ in 0..=MAX_ABOVE {
        let within = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        paths.extend(NAMES.iter().map(|name| RepoPath::new(&format!("{within}{name}"))));
        if folder.is_empty() {
            break;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    paths
}

fn is_beside(path: &RepoPath, template: &RepoPath) -> bool {
    path.folder() == template.folder()
}

/// Whether an environment deploys a template. A name that no file of the tree has is of something that was built of the template beside.
fn deploys(environment: &Environment, path: &RepoPath, template: &RepoPath, sources: &Sources<'_>) -> bool {
    let named = environment.templates.iter().filter_map(|named| path.sibling(named)).find(|named| !sources.lacks(named));
    match named {
        Some(named) => named == *template,
        None => {
            let is_default = template.file_name().rsplit_once('.').is_some_and(|(stem, _)| stem == DEFAULT_TEMPLATE);
            is_default && is_beside(path, template)
        }
    }
}

fn environments(path: &RepoPath, text: &str, file: FileId) -> Result<Vec<Environment>, SyntaxError> {
    if path.file_name().ends_with(".toml") { of_toml(text, file) } else { of_yaml(text, file) }
}

fn of_toml(text: &str, file: FileId) -> Result<Vec<Environment>, SyntaxError> {
    let root = DeTable::parse(text).map_err(|error| {
        let at = span(text, error.span().map_or(0, |span| span.start), file);
        SyntaxError { line: at.line, column: at.column, message: error.message().to_owned(), kind: NoteKind::Unreadable }
    })?;
    let environment = |name: &str, sections: &DeValue<'_>| {
        let parameter = |command: &str, key: &str| sections.get(command)?.get_ref().get("parameters")?.get_ref().get(key).cloned();
        let named = |command: &&str| Some(parameter(command, "template_file")?.get_ref().as_str()?.to_owned());
        let mut environment = Environment::new(name, NAMING.iter().filter_map(named).collect());
        if let Some(overrides) = COMMANDS.iter().find_map(|command| parameter(command, "parameter_overrides")) {
            take_toml(&overrides, text, file, &mut environment);
        }
        environment
    };
    Ok(root.get_ref().iter().map(|(name, sections)| environment(name.get_ref(), sections.get_ref())).collect())
}

/// Takes overrides: a text of pairs, a table, or a list of both.
fn take_toml(overrides: &Spanned<DeValue<'_>>, text: &str, file: FileId, environment: &mut Environment) {
    let at = |value: &Spanned<DeValue<'_>>| span(text, value.span().start, file);
    match overrides.get_ref() {
        DeValue::String(pairs) => environment.take(pairs, at(overrides)),
        DeValue::Array(items) => items.iter().for_each(|item| take_toml(item, text, file, environment)),
        DeValue::Table(entries) => {
            for (name, value) in entries {
                let scalar = match value.get_ref() {
                    DeValue::String(text) => Some(text.to_string()),
                    DeValue::Boolean(flag) => Some(flag.to_string()),
                    DeValue::Integer(number) => Some(number.to_string()),
                    _ => None,
                };
                environment.take_pair(name.get_ref(), scalar, at(value));
            }
        }
        _ => environment.unread.push(at(overrides)),
    }
}

fn of_yaml(text: &str, file: FileId) -> Result<Vec<Environment>, SyntaxError> {
    let arena = Bump::new();
    let documents = syntax::parse(text, Dialect::Yaml11, file, &arena, &mut |_, _, _| {})?;
    let environment = |entry: &Entry<'_>| {
        let parameter = |command: &str, key: &str| entry.value.get(command)?.get("parameters")?.get(key);
        let named = |command: &&str| Some(parameter(command, "template_file")?.scalar()?.to_owned());
        let mut environment = Environment::new(entry.key, NAMING.iter().filter_map(named).collect());
        if let Some(overrides) = COMMANDS.iter().find_map(|command| parameter(command, "parameter_overrides")) {
            take_yaml(overrides, &mut environment);
        }
        environment
    };
    Ok(documents.first().map(|root| root.entries()).unwrap_or_default().iter().map(environment).collect())
}

/// As `take_toml`.
fn take_yaml(overrides: Node<'_>, environment: &mut Environment) {
    match (overrides.scalar(), overrides.items(), overrides.entries()) {
        (Some(pairs), ..) => environment.take(pairs, overrides.span),
        (None, [], []) => environment.unread.push(overrides.span),
        (None, items, entries) => {
            items.iter().for_each(|item| take_yaml(*item, environment));
            for entry in entries {
                environment.take_pair(entry.key, entry.value.scalar().map(str::to_owned), entry.value.span);
            }
        }
    }
}

impl Environment {
    fn new(name: &str, templates: Vec<String>) -> Self {
        Self { name: name.to_owned(), templates, overrides: Vec::new(), files: Vec::new(), unread: Vec::new() }
    }

    fn take(&mut self, text: &str, span: Span) {
        let (files, others): (Vec<&str>, Vec<&str>) = text.split_whitespace().partition(|word| file(word).is_some());
        self.files.extend(files.into_iter().filter_map(file).map(|named| (named.to_owned(), span)));
        self.overrides.extend(pairs(&others.join(" ")).into_iter().map(|(name, value)| (name.to_owned(), value, span)));
    }

    fn take_pair(&mut self, name: &str, value: Option<String>, span: Span) {
        match value {
            Some(value) => self.overrides.push((name.to_owned(), value, span)),
            None => self.unread.push(span),
        }
    }
}

/// The file of overrides that a word names.
fn file(word: &str) -> Option<&str> {
    word.trim_matches(['"', '\'']).strip_prefix(FILE)
}

/// The files of overrides that such a file names.
pub(super) fn named(path: &RepoPath, text: &str) -> Vec<RepoPath> {
    let Ok(environments) = environments(path, text, FileId::default()) else { return Vec::new() };
    environments.iter().flat_map(|environment| &environment.files).filter_map(|(named, _)| path.sibling(named)).collect()
}

/// Where an offset of a text is.
fn span(text: &str, offset: usize, file: FileId) -> Span {
    let before = text.get(..offset).unwrap_or_default();
    let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
    let column = before.rsplit('\n').next().map_or(1, |line| u16::try_from(line.chars().count() + 1).unwrap_or(u16::MAX));
    Span { line, end_line: line, column, file }
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
