//! Registers with the words of their ledgers: of one repository, or of each clone in a folder.
//!
//! Comes in: where they lie. Goes out: what the page is made of. Git alone is read, and nothing is fetched.

use crate::cli::git::Repository;
use crate::cli::judging::{self, Judging};
use crate::cli::ledger_at::LedgerAt;
use crate::cli::threats::Tree;
use crate::decisions::trail::{self, Entry};
use crate::report::register::{Register, Stock, Wanted};
use crate::settings::owners::{self, CodeOwners};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The register of a tree, under the name of the folder that it lies in.
pub(super) fn of(tree: &Tree, register: Register) -> Result<Stock> {
    let folder = Repository::worktree_root(&tree.repo)?.unwrap_or_else(|| tree.repo.clone());
    let folder = fs::canonicalize(&folder).unwrap_or(folder);
    let name = folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok(Stock { name, register, said: said(&tree.repo, &tree.at)?, owners: owners(tree)? })
}

/// The register of files that lie in no repository.
pub(super) fn of_files(register: Register) -> Stock {
    Stock { name: "the files given".to_owned(), register, said: Vec::new(), owners: CodeOwners::default() }
}

/// What is wanted of each clone in a folder, in order of their names.
pub(super) fn of_clones(folder: &Path, tree: &Tree, wanted: &Wanted<'_>) -> Result<Vec<Stock>> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut clones: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.join(".git").exists()).collect();
    clones.sort();
    if clones.is_empty() {
        bail!("{} has no clone in it: each folder that has a `.git` is one", folder.display());
    }
    let stock = |clone: &PathBuf| {
        // Each is another repository, whatever number is that of the one that this runs in.
        let at = LedgerAt { repository_id: None, ..tree.at.clone() };
        let tree = Tree { repo: clone.clone(), at, ..tree.clone() };
        let mut judging = Judging::open(&tree.repo, &tree.at)?;
        let register = tree.register(&mut judging)?.narrowed(wanted);
        of(&tree, register).with_context(|| clone.display().to_string())
    };
    clones.iter().map(stock).collect()
}

/// Whose code the files of the tree are: by the file in the working tree, or by that of the revision.
fn owners(tree: &Tree) -> Result<CodeOwners> {
    let root = if tree.rev.is_some() { None } else { Repository::worktree_root(&tree.repo)? };
    let text = match root {
        Some(root) => owners::PATHS.iter().find_map(|path| fs::read_to_string(root.join(path)).ok()),
        None => {
            let mut repository = Repository::open(&tree.repo)?;
            let commit = repository.commit(tree.rev.as_deref().unwrap_or("HEAD"))?;
            let mut found = None;
            for path in owners::PATHS {
                if found.is_none() {
                    found = repository.text_at(commit, path)?;
                }
            }
            found
        }
    };
    let text = text.filter(|text| text.len() <= owners::MAX_BYTES).unwrap_or_default();
    Ok(CodeOwners::read(&text))
}

/// All that the ledger branch has of the repository; nothing where there is none.
fn said(folder: &Path, at: &LedgerAt) -> Result<Vec<Entry>> {
    let mut repository = Repository::open(folder)?;
    let stand = repository.ledger_stand(folder, &at.ledger)?;
    let own = at.own(&stand.folders())?;
    let Some(side) = stand.side else { return Ok(Vec::new()) };
    let history = repository.ledger_history(folder, &side)?;
    let entries = trail::read(&history.files, judging::now()).entries;
    Ok(entries.into_iter().filter(|entry| LedgerAt::counts(entry.repository, own)).collect())
}
