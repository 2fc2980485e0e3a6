//! What `astride review` compares: revisions, folders, the working tree, nothing at all.
//!
//! Comes in: the words of the command line. Goes out: the two sides, where the settings in force are, and what to say of a choice that
//! nobody made.

use crate::change::{Blobs, Change, Listing, ObjectId, Side};
use crate::cli::disk;
use crate::cli::git::{Repository, Trees, joined};
use crate::cli::judging::Judging;
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::thread;

/// The word for the working tree, and the one for a base that has nothing.
pub(super) const WORKTREE: &str = "worktree";
pub(super) const EMPTY: &str = "empty";
/// Git's id of a tree without entries.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
/// Least digits by which that id is known.
const LEAST_DIGITS: usize = 7;
const NO_COMMIT: ObjectId = ObjectId([0; 20]);

/// One side as a person named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Empty,
    Worktree,
    Folder(PathBuf),
    Revision(ObjectId),
}

/// What is compared.
pub(super) struct Compared {
    pub(super) change: Change,
    /// The folder that the settings in force lie in, where the base is no revision.
    pub(super) settings_in: Option<PathBuf>,
    /// What was chosen where nobody said: for standard error.
    pub(super) chosen: Option<String>,
    /// The working tree, where that is the head.
    pub(super) worktree: Option<PathBuf>,
}

/// Whether two words are two folders: then no repository has a part in it.
pub(super) fn are_folders(base: Option<&str>, head: Option<&str>) -> Option<(PathBuf, PathBuf)> {
    let folder = |word: &str| Some(PathBuf::from(word)).filter(|path| path.is_dir());
    Some((folder(base?)?, folder(head?)?))
}

/// Two folders side by side.
///
/// # Errors
/// One of them cannot be read.
pub(super) fn folders(base: &Path, head: &Path) -> Result<Change> {
    let mut blobs = Blobs::new();
    let base = disk::side(base, &mut blobs)?;
    let head = disk::side(head, &mut blobs)?;
    Ok(Change::between(base, head, blobs))
}

/// The two sides of what is to be compared in a repository.
///
/// # Errors
/// A word names nothing or two things, a revision has nothing in common with the head, or something cannot be read.
pub(super) fn find(judging: &mut Judging<'_>, base: Option<&str>, head: Option<&str>) -> Result<Compared> {
    let folder = judging.folder();
    let asks_for_worktree = head.is_none() || [base, head].contains(&Some(WORKTREE));
    let root = if asks_for_worktree { Repository::worktree_root(folder)? } else { None };
    let repository = &mut judging.repository;
    let head = match (head, &root) {
        (Some(word), _) => named(repository, word)?,
        (None, Some(_)) => Named::Worktree,
        (None, None) => Named::Revision(repository.commit("HEAD")?),
    };
    let head_commit = match head {
        Named::Worktree => repository.find_commit("HEAD")?,
        Named::Revision(commit) => Some(commit),
        Named::Empty | Named::Folder(_) => None,
    };
    let (base, chosen) = match base {
        Some(word) => (named(repository, word)?, None),
        None => {
            let (base, words) = default_base(repository, folder)?;
            (base, Some(words))
        }
    };
    // Thousands of trees are given back when the process ends.
    let (mut blobs, mut trees) = (Blobs::new(), ManuallyDrop::new(Trees::default()));
    // Git looks for what both have in common while it lists the head.
    let (head_side, in_common) = thread::scope(|scope| {
        let in_common = match (&base, head_commit) {
            (Named::Revision(tip), Some(head)) => Some(scope.spawn(move || Repository::merge_base(folder, *tip, head))),
            _ => None,
        };
        let head_side = side(repository, &head, root.as_deref(), (&mut blobs, &mut *trees));
        (head_side, in_common.map(joined))
    });
    let head_side = head_side?;
    let worktree = root.clone().filter(|_| head == Named::Worktree);
    let compared = |change, settings_in| Compared { change, settings_in, chosen: chosen.map(|base| words(&head, &base)), worktree };
    match base {
        Named::Revision(tip) => {
            let commit = in_common.unwrap_or(Ok(tip))?;
            let base_side = repository.side(commit, &mut trees)?;
            Ok(compared(Change { base_tip: tip, ..Change::between(base_side, head_side, blobs) }, None))
        }
        other => {
            let base_side = side(repository, &other, root.as_deref(), (&mut blobs, &mut *trees))?;
            let settings_in = match other {
                Named::Folder(folder) => Some(folder),
                Named::Worktree => root,
                Named::Empty | Named::Revision(_) => None,
            };
            Ok(compared(Change::between(base_side, head_side, blobs), settings_in))
        }
    }
}

fn words(head: &Named, base: &str) -> String {
    let head = match head {
        Named::Worktree => "the working tree",
        Named::Empty => "nothing",
        Named::Folder(_) => "the folder",
        Named::Revision(_) => "the head",
    };
    format!("{head} is compared with {base}")
}

/// What a word names. A folder that bears the name of a revision has to be told apart from it.
fn named(repository: &mut Repository, word: &str) -> Result<Named> {
    let is_empty_tree = word.len() >= LEAST_DIGITS && EMPTY_TREE.starts_with(word);
    if word == EMPTY || is_empty_tree {
        return Ok(Named::Empty);
    }
    if word == WORKTREE {
        return Ok(Named::Worktree);
    }
    let path = PathBuf::from(word);
    let is_spelled_as_path = word.starts_with(['.', '/', '~']) || word.ends_with('/');
    let is_folder = path.is_dir();
    if is_folder && is_spelled_as_path {
        return Ok(Named::Folder(path));
    }
    match (repository.find_commit(word)?, is_folder) {
        (Some(_), true) => {
            bail!("`{word}` is a revision and a folder\nhint: write `./{word}` for the folder, `refs/heads/{word}` for the branch")
        }
        (None, true) => Ok(Named::Folder(path)),
        // Says where it does not exist, or names more than one thing.
        (Some(_) | None, false) => repository.commit(word).map(Named::Revision),
    }
}

fn side(repository: &mut Repository, named: &Named, root: Option<&Path>, (blobs, trees): (&mut Blobs, &mut Trees)) -> Result<Side> {
    match (named, root) {
        (Named::Empty, _) => Ok(Side { commit: NO_COMMIT, listing: Listing::default(), truncated: false, plans: BTreeMap::new() }),
        (Named::Folder(folder), _) => disk::side(folder, blobs),
        (Named::Revision(commit), _) => repository.side(*commit, trees),
        (Named::Worktree, Some(root)) => repository.worktree(root, blobs, trees),
        (Named::Worktree, None) => bail!("a bare repository has no working tree\nhint: name two revisions with --base and --head"),
    }
}

/// What the working tree is compared with where nobody says, and that in words.
///
/// # Errors
/// Nothing is found in a checkout that a CI has made.
fn default_base(repository: &mut Repository, folder: &Path) -> Result<(Named, String)> {
    let Some(head) = repository.find_commit("HEAD")? else {
        return Ok((Named::Empty, "nothing: there is no commit yet".to_owned()));
    };
    Ok(match repository.default_branch(folder)? {
        Some(branch) if branch.is_checked_out => {
            (Named::Revision(head), format!("its last commit: `{}` itself is checked out", branch.name))
        }
        Some(branch) => (Named::Revision(branch.tip), format!("where it left `{}`", branch.name)),
        // With its own last commit a checkout that nobody works on has nothing to judge, whatever its branch brings.
        None if Repository::is_checkout_of_ci(folder)? => {
            bail!("nothing says what this checkout is compared with: no default branch was found\nhint: fetch it, and name it with --base")
        }
        None => (Named::Revision(head), "its last commit: no default branch was found, name one with --base".to_owned()),
    })
}
