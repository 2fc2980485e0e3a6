//! What is weighed, and what counts for nothing: `config/weighed.yml` names each word once, and under `code` nothing that the catalogue's own code
//! does not read by name.

#![allow(clippy::unwrap_used, reason = "a test that fails says why")]

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Weighed {
    anywhere: Vec<String>,
    editions: Vec<String>,
    of: BTreeMap<String, Vec<String>>,
    code: BTreeMap<String, Vec<String>>,
}

/// Types of which the code reads whatever lies in a list or a map, without its names.
const READ_BY_WILDCARD: [&str; 2] = ["AWS::BedrockAgentCore::Memory", "AWS::IoT::TopicRule"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Words in quotation marks that are spelled like a property, also within paths: `Targets[].Arn`.
fn words(code: &str) -> BTreeSet<String> {
    let code = code.split("#[cfg(test)]").next().unwrap();
    let mut found = BTreeSet::new();
    for literal in code.split('"').skip(1).step_by(2) {
        let steps: Vec<&str> = literal.split('.').map(|step| step.trim_end_matches("[]")).collect();
        let is_path = steps.iter().all(|step| {
            *step == "*" || step.starts_with(|first: char| first.is_ascii_uppercase()) && step.chars().all(|c| c.is_ascii_alphanumeric())
        });
        if is_path {
            found.extend(steps.into_iter().filter(|step| step.chars().any(|c| c.is_ascii_lowercase())).map(str::to_owned));
        }
    }
    found
}

fn words_of(path: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(path).unwrap();
    match path.extension().is_some_and(|extension| extension == "rs") {
        true => words(&text),
        // Steps of paths in entries, which need no quotation marks.
        false => text.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_owned).collect(),
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn what_code_is_said_to_read_stands_in_it() {
    let mut sources = Vec::new();
    files(&root().join("src/catalog"), &mut sources);
    files(&root().join("config/catalog"), &mut sources);
    let read: BTreeSet<String> = sources.iter().flat_map(|path| words_of(path)).collect();
    assert!(read.contains("PolicyDocument") && read.len() > 300, "{} words", read.len());
    let stated: Weighed = serde_saphyr::from_str(&fs::read_to_string(root().join("config/weighed.yml")).unwrap()).unwrap();
    let is_read = |kind: &str, path: &str| READ_BY_WILDCARD.contains(&kind) || path.split('.').all(|step| read.contains(step));
    let paths = stated.code.iter().flat_map(|(kind, paths)| paths.iter().map(move |path| (kind, path)));
    let idle: Vec<String> = paths.filter(|(kind, path)| !is_read(kind, path)).map(|(kind, path)| format!("{kind} {path}")).collect();
    assert!(idle.is_empty(), "read nowhere: {idle:?}");
}

#[test]
fn each_word_is_named_once() {
    let stated: Weighed = serde_saphyr::from_str(&fs::read_to_string(root().join("config/weighed.yml")).unwrap()).unwrap();
    let unique: BTreeSet<&String> = stated.anywhere.iter().chain(&stated.editions).collect();
    assert_eq!(unique.len(), stated.anywhere.len() + stated.editions.len());
    let unique: BTreeSet<&String> = stated.anywhere.iter().collect();
    for (kind, paths) in &stated.of {
        let spare: Vec<&String> = paths.iter().filter(|path| unique.contains(path)).collect();
        assert!(spare.is_empty(), "{kind}: {spare:?} decide nothing anywhere");
    }
}
