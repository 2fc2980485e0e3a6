//! Files that give values to the parameters of an entry template at its deployment: what the command line, a pipeline, `rain` or SAM takes.
//!
//! Comes in: the path of a template and its parameters. Goes out: the files that could be handed over with it, and what each says. Nothing in
//! such a file names the template, so that it is known by where it lies, by what it is called, and by giving values to what the template
//! declares: half of its names or more are parameters there. What is left over is another template's, or nobody's: the command line drops it.

mod samconfig;

use crate::formats::documents;
use crate::model::resource::{Property, Value};
use crate::source::budget::Stage;
use crate::source::given::{Given, Values};
use crate::source::{FileId, RepoPath, Sources, Span};
use crate::syntax::yaml::Dialect;
use crate::syntax::{self, Node};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};

/// Most files that are read for one template, and most that are asked whether they are its.
const MAX_FILES: usize = 32;
const MAX_CANDIDATES: usize = 512;
/// How many bytes of a text cost as much as one value.
const BYTES_PER_VALUE: usize = 32;
/// Deepest folders below the template, or beside it, in which they are looked for.
const DEEPEST: usize = 2;
/// Words of which one stands in the name of such a file, or of a folder that it lies in.
const WORDS: [&str; 14] = [
    "conf",
    "config",
    "configs",
    "configuration",
    "configurations",
    "deploy",
    "deployment",
    "env",
    "environment",
    "environments",
    "envs",
    "stage",
    "stages",
    "values",
];
/// Parts of words of which one stands there.
const PARTS: [&str; 2] = ["param", "override"];

/// Values that are handed over together.
struct Set<'t> {
    of: Values,
    values: BTreeMap<&'t str, Property<'t>>,
}

/// What may be handed over with a template.
#[derive(Default)]
pub(super) struct Handed<'t> {
    /// Ordered, unique.
    sets: Vec<Set<'t>>,
}

impl<'t> Handed<'t> {
    /// Finds what may be handed over with a template.
    pub(super) fn find(template: &RepoPath, root: Node<'t>, sources: &Sources<'t>, arena: &'t Bump) -> Self {
        let parameters = root.get("Parameters").map(|section| section.entries()).unwrap_or_default();
        let declared: BTreeSet<&str> = parameters.iter().map(|parameter| parameter.key).collect();
        if declared.is_empty() {
            return Self::default();
        }
        let mut candidates = around(template, sources);
        candidates.retain(|path| path != template);
        sources.leave_out(candidates.iter().skip(MAX_CANDIDATES));
        let is_own = |path: &RepoPath| sources.glance(path).is_some_and(|text| fits(text, &declared, root.span, sources));
        let mut paths: Vec<RepoPath> = candidates.into_iter().take(MAX_CANDIDATES).filter(is_own).collect();
        sources.leave_out(paths.split_off(paths.len().min(MAX_FILES)).iter());
        let read = |path: RepoPath| {
            let documents = documents::open(&path, Dialect::Yaml11, None, sources, arena)?;
            let values = documents.first().and_then(values)?;
            // The others count: whoever deploys may say another value beside the file.
            let is_refused =
                |(name, value, _): &(&str, &str, Span)| parameters.iter().any(|known| known.key == *name && refuses(&known.value, value));
            let property = |(name, value, span)| (name, Property { value: Value::Text(value), span });
            Some(Set {
                of: Values::of_file(path.as_str()),
                values: values.into_iter().filter(|given| !is_refused(given)).map(property).collect(),
            })
        };
        let mut sets: Vec<Set<'t>> = paths.into_iter().filter_map(read).collect();
        sets.extend(samconfig::read(template, &declared, sources, arena).into_iter().map(|(of, values)| Set { of, values }));
        sets.sort_by(|a, b| a.of.cmp(&b.of));
        Self { sets }
    }

    /// What may be handed over, ordered.
    pub(super) fn sets(&self) -> impl Iterator<Item = &Values> {
        self.sets.iter().map(|set| &set.of)
    }

    /// What that which is taken for handed over says of a parameter.
    pub(super) fn given(&self, given: &Given, parameter: &str) -> Option<Property<'t>> {
        let Given::Handed(of) = given else { return None };
        self.sets.iter().find(|set| set.of == *of)?.values.get(parameter).copied()
    }
}

/// Whether a file may name others that give values, by its path alone.
pub fn names_values(path: &RepoPath) -> bool {
    samconfig::NAMES.contains(&path.file_name())
}

/// The files that give values and that such a file names.
pub fn named_values(path: &RepoPath, text: &str) -> Vec<RepoPath> {
    samconfig::named(path, text)
}

/// Whether a file may give values by its path alone.
pub fn may_give_values(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    if samconfig::NAMES.contains(&&*name) {
        return true;
    }
    [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending)) && path.as_str().split('/').any(is_called_after_values)
}

fn is_called_after_values(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PARTS.iter().any(|part| name.contains(part))
        || name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| WORDS.contains(&word))
}

/// The files around a template that may give values: below its folder, and in folders beside it that are called after values.
fn around(template: &RepoPath, sources: &Sources<'_>) -> Vec<RepoPath> {
    let folder = RepoPath::new(template.folder());
    let mut open = vec![(folder.clone(), 0)];
    if !folder.as_str().is_empty() {
        let beside = sources.peek(&RepoPath::new(folder.folder()));
        let is_beside = |path: &RepoPath| *path != folder && is_called_after_values(path.file_name());
        open.extend(beside.into_iter().filter(|entry| entry.is_folder && is_beside(&entry.path)).map(|entry| (entry.path, 1)));
    }
    let mut found = Vec::new();
    while let Some((at, depth)) = open.pop() {
        for entry in sources.peek(&at) {
            let is_foreign = matches!(entry.path.file_name(), "node_modules" | "vendor") || entry.path.file_name().starts_with('.');
            match entry.is_folder {
                true if depth < DEEPEST && !is_foreign => open.push((entry.path, depth + 1)),
                false if may_give_values(&entry.path) => found.push(entry.path),
                true | false => {}
            }
        }
    }
    found.sort();
    found
}

/// Whether a text gives values, half of them or more to these parameters.
fn fits(text: &str, declared: &BTreeSet<&str>, span: Span, sources: &Sources<'_>) -> bool {
    // Most files with such names are of other tools: their text is not parsed.
    if !sources.spend(Stage::Read, 1 + text.len() / BYTES_PER_VALUE, span) || !declared.iter().any(|name| text.contains(name)) {
        return false;
    }
    let arena = Bump::new();
    let Ok(documents) = syntax::parse(text, Dialect::Yaml11, FileId::default(), &arena, &mut |_, _, _| {}) else { return false };
    let Some(values) = documents.first().and_then(values) else { return false };
    let known = values.iter().filter(|(name, _, _)| declared.contains(name)).count();
    known * 2 >= values.len()
}

/// What a document gives to parameters: name, value and place of each; `None` where it is nothing of the kind. A list as
/// `aws cloudformation create-stack` takes it (`ParameterKey`, `ParameterValue`) or as `deploy` does (`Name=value`), or an object as
/// pipelines do (`Parameters`, beside `Tags` and `StackPolicy`). <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html>, read 2026-11-29.
pub fn values<'t>(root: &Node<'t>) -> Option<Vec<(&'t str, &'t str, Span)>> {
    match root.items() {
        [] => {
            let is_of_pipeline = |key: &str| matches!(key, "Parameters" | "Tags" | "StackPolicy");
            let values = root.get("Parameters").filter(|_| root.entries().iter().all(|entry| is_of_pipeline(entry.key)))?;
            // What a function of the pipeline makes is not known here.
            let value = |entry: &syntax::Entry<'t>| Some((entry.key, entry.value.scalar()?, entry.value.span));
            let values: Vec<_> = values.entries().iter().filter_map(value).collect();
            (!values.is_empty()).then_some(values)
        }
        items => {
            let given = |item: &Node<'t>| match item.scalar() {
                Some(text) => text.split_once('=').filter(|(name, _)| is_name(name)).map(|(name, value)| Some((name, value, item.span))),
                None => {
                    let name = item.get("ParameterKey")?.scalar()?;
                    let value = item.get("ParameterValue").and_then(|value| Some((name, value.scalar()?, value.span)));
                    // One that keeps the value of the stack says nothing.
                    (value.is_some() || item.get("UsePreviousValue").is_some()).then_some(value)
                }
            };
            Some(items.iter().map(given).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
    }
}

/// Whether a parameter does not take a value: it is shorter than it must be, or is none of those that are allowed. Nobody deploys a template with that value.
fn refuses(declared: &Node<'_>, value: &str) -> bool {
    let text = |key: &str| declared.get(key).and_then(|value| value.scalar());
    let least = text("MinLength").and_then(|least| least.parse::<usize>().ok()).unwrap_or_default();
    let allowed = declared.get("AllowedValues").map(|allowed| allowed.items()).unwrap_or_default();
    let is_allowed = || allowed.is_empty() || allowed.iter().any(|known| known.scalar().is_none_or(|known| known == value));
    text("Type") == Some("String") && (value.chars().count() < least || !is_allowed())
}

/// Names of parameters are letters and digits.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
