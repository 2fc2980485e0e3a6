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
    of: BTreeMap<String, Vec<String>>,
    code: BTreeMap<String, Vec<String>>,
}

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

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn what_code_is_said_to_read_stands_in_it() {
    let mut sources = Vec::new();
    files(&root().join("src/catalog"), &mut sources);
    let read: BTreeSet<String> = sources.iter().flat_map(|path| words(&fs::read_to_string(path).unwrap())).collect();
    assert!(read.contains("PolicyDocument") && read.len() > 300, "{} words", read.len());
    let stated: Weighed = serde_saphyr::from_str(&fs::read_to_string(root().join("config/weighed.yml")).unwrap()).unwrap();
    let last = |path: &str| path.rsplit('.').next().unwrap().to_owned();
    let idle: Vec<String> = stated
        .code
        .iter()
        .flat_map(|(kind, paths)| paths.iter().map(move |path| (kind, path)))
        .filter(|(_, path)| !read.contains(&last(path)))
        .map(|(kind, path)| format!("{kind} {path}"))
        .collect();
    assert!(idle.is_empty(), "read nowhere: {idle:?}");
}

#[test]
fn each_word_is_named_once() {
    let stated: Weighed = serde_saphyr::from_str(&fs::read_to_string(root().join("config/weighed.yml")).unwrap()).unwrap();
    let unique: BTreeSet<&String> = stated.anywhere.iter().collect();
    assert_eq!(unique.len(), stated.anywhere.len());
    for (kind, paths) in &stated.of {
        let spare: Vec<&String> = paths.iter().filter(|path| unique.contains(path)).collect();
        assert!(spare.is_empty(), "{kind}: {spare:?} decide nothing anywhere");
    }
}
