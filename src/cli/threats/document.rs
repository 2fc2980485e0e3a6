//! `astride threats --write`: the register as a block of the repository's own document.
//!
//! Comes in: a working tree, the register. Goes out: the file that the settings name, with the block between its markers; untouched where that
//! changes nothing. What a link leads to is never written.

use crate::cli::git::Repository;
use crate::cli::output;
use crate::cli::threats::Tree;
use crate::report::register::{Register, document};
use crate::source::RepoPath;
use anyhow::{Context, Result, anyhow, bail};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Writes it, and says what became of the file.
///
/// # Errors
/// There is no working tree, the file has no place for the block, or it cannot be read or written.
pub(super) fn write(tree: &Tree, path: &RepoPath, register: &Register) -> Result<String> {
    let root = Repository::worktree_root(&tree.repo)?.context("there is no working tree to write into: the repository is bare")?;
    let file = inside(&root, path)?;
    let existing = match fs::read_to_string(&file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("{path} cannot be read")),
    };
    let block = document::block(register, &tree.at.ledger);
    let text = document::placed(existing.as_deref(), &block).map_err(|error| anyhow!("{path}: {error}"))?;
    if existing.as_ref() == Some(&text) {
        return Ok(format!("{path}: nothing changed\n"));
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    output::write(&file, &text)?;
    Ok(format!("{path}: written\n"))
}

/// The file of that path, with no link on the way: one could lead out of the repository.
fn inside(root: &Path, path: &RepoPath) -> Result<PathBuf> {
    let mut file = root.to_owned();
    for part in path.as_str().split('/') {
        file.push(part);
        if file.is_symlink() {
            bail!("{path}: {} is a link, and what links lead to is not written", file.display());
        }
    }
    Ok(file)
}
