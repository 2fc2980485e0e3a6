//! The Terraform files of the corpora.

use crate::shared;
use std::fs;
use std::path::PathBuf;

/// All of them in order; none where the corpora are not at hand.
pub(crate) fn terraform_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = shared::shared().map(|folder| folder.join("corpora")).into_iter().collect();
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "tf") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
