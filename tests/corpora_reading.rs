//! Real files are read: nothing that PyYAML accepts is refused, nothing takes long, nothing panics. Needs `shared/corpora`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::formats;
use astride::formats::cloudformation;
use astride::formats::{Claim, Format};
use astride::model::resource::{Property, Value};
use astride::source::{FileState, Files, RepoPath, Sources};
use astride::syntax;
use astride::syntax::yaml::Dialect;
use bumpalo::Bump;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Files of the corpora that are claimed as templates and that PyYAML refuses too, each seen with its `SafeLoader`.
const REFUSED_BY_PYYAML: [&str; 3] =
    ["rds-sns-event-notification/template.yaml", "event-sourcing/template.yaml", "parallelized-embedding-pipeline/template.yaml"];

#[test]
fn real_templates_are_read() {
    let Some(corpora) = corpora() else { return };
    let mut totals = BTreeMap::<String, usize>::new();
    let mut refused = Vec::new();
    let mut slowest = (Duration::ZERO, String::new());
    for repository in folders(&corpora.join("files")) {
        let tree = Tree::read(&repository);
        for (path, text) in &tree.files {
            let path = RepoPath::new(path);
            let claim = if formats::may_be_unit(&path) { formats::claim(&path, text) } else { Claim::Nothing };
            *totals.entry(format!("{claim:?}")).or_default() += 1;
            if claim != Claim::Unit(Format::CloudFormation) {
                continue;
            }
            let start = Instant::now();
            let unreadable = read(&path, &tree, &mut totals);
            if start.elapsed() > slowest.0 {
                slowest = (start.elapsed(), format!("{}/{path}", repository.display()));
            }
            if unreadable && !REFUSED_BY_PYYAML.iter().any(|known| path.as_str().ends_with(known)) {
                refused.push(format!("{}/{path}", repository.display()));
            }
        }
    }
    say(&format!("{totals:#?}\nslowest: {slowest:?}"));
    assert!(refused.is_empty(), "refused:\n{}", refused.join("\n"));
    assert!(slowest.0 < Duration::from_secs(5), "{slowest:?}");
}

/// Reads one template and counts what it was resolved to; gives whether it could not be read.
fn read(path: &RepoPath, tree: &Tree, totals: &mut BTreeMap<String, usize>) -> bool {
    let arena = Bump::new();
    let sources = Sources::new(tree);
    let Some((file, text)) = sources.open(path, None) else { return true };
    let mut notes = |span, kind, text| sources.note(span, kind, text);
    let Ok(documents) = syntax::parse(text, Dialect::Yaml11, file, &arena, &mut notes) else { return true };
    for template in cloudformation::read(&documents, path, &sources, &arena) {
        *totals.entry("resources".to_owned()).or_default() += template.resources.list.len();
        for resource in &template.resources.list {
            count(&resource.properties, totals);
        }
    }
    for note in sources.into_parts().1 {
        *totals.entry(format!("note {}", note.kind.word())).or_default() += 1;
        if std::env::var_os("NOTES").is_some() {
            say(&format!("{}:{} {} {}", note.place.path, note.place.line, note.kind.word(), note.text));
        }
    }
    false
}

fn count(property: &Property<'_>, totals: &mut BTreeMap<String, usize>) {
    let mut add = |word: &str| *totals.entry(format!("value {word}")).or_default() += 1;
    match property.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => add("literal"),
        Value::Reference(_) => add("reference"),
        Value::External(external) => add(external.kind.prefix()),
        Value::Ambient(_) => add("ambient"),
        Value::Removed => add("removed"),
        Value::Unknown(reason) => add(&format!("unknown: {reason}")),
        Value::Joined(items) | Value::List(items) => items.iter().for_each(|item| count(item, totals)),
        Value::Either(either) => either.branches.iter().for_each(|item| count(item, totals)),
        Value::Map(entries) => entries.iter().for_each(|entry| count(&entry.value, totals)),
    }
}

#[test]
fn yaml_is_read_fast() {
    let Some(corpora) = corpora() else { return };
    let mut texts = Vec::new();
    for repository in folders(&corpora.join("files")) {
        texts.extend(Tree::read(&repository).files.into_iter().filter(|(path, _)| path.ends_with(".yaml") || path.ends_with(".yml")));
    }
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    let start = Instant::now();
    for (_, text) in &texts {
        let arena = Bump::new();
        let _ = syntax::parse(text, Dialect::Yaml11, Default::default(), &arena, &mut |_, _, _| ());
    }
    let seconds = start.elapsed().as_secs_f64();
    say(&format!("{} YAML files, {bytes} bytes: {:.1} MB/s in this build", texts.len(), bytes as f64 / 1e6 / seconds));
}

/// One repository's files, held in memory.
struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else if let Ok(text) = std::fs::read_to_string(&path) {
                    files.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), text);
                }
            }
        }
        Self { files }
    }
}

impl Files for Tree {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.files.get(path.as_str()).map_or(FileState::Absent, |text| FileState::Text(text))
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn corpora() -> Option<PathBuf> {
    shared::shared().map(|shared| shared.join("corpora"))
}

#[expect(clippy::print_stderr, reason = "the totals are for people who run the tests")]
fn say(text: &str) {
    eprintln!("{text}");
}
