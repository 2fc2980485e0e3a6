//! A commit's tree as a side: which files it has, without what is in them.
//!
//! Comes in: the id of a tree. Goes out: the listing of all that is below it. Trees are read level by level, each level in one go, and a tree that
//! was read for one side is not read again for the other: then the paths are the same in memory too.

use super::{Repository, readable};
use crate::change::{Listed, Mode, ObjectId};
use crate::source::RepoPath;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// Deepest folder that is listed.
const MAX_TREE_DEPTH: usize = 128;

/// Trees that were read, by their ids.
pub(in crate::cli) type Trees = BTreeMap<ObjectId, Tree>;

/// One tree as it was met first.
pub(in crate::cli) struct Tree {
    /// The folder that it was met at.
    folder: String,
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    /// Below the repository's root, as it was met.
    path: RepoPath,
    listed: Listed,
    is_folder: bool,
}

impl Repository {
    /// All files below a tree. What `trees` has already is not read again.
    ///
    /// # Errors
    /// An object is missing or damaged, the object reader died, two paths read alike, or a folder lies too deep.
    pub(super) fn files_below(&mut self, root: ObjectId, trees: &mut Trees) -> Result<BTreeMap<RepoPath, Listed>> {
        self.read_trees(root, trees)?;
        let mut files = Vec::new();
        list(root, "", 0, trees, &mut files)?;
        // Git's order is that of the paths, but for names that are no UTF-8: those are escaped, and two that then read alike could hide one another.
        files.sort_by(|(left, _), (right, _)| left.cmp(right));
        if let Some([(path, _), _]) = files.array_windows().find(|[(left, _), (right, _)]| left == right) {
            bail!("two paths of this tree read alike: {path}");
        }
        Ok(files.into_iter().collect())
    }

    fn read_trees(&mut self, root: ObjectId, trees: &mut Trees) -> Result<()> {
        let mut level = BTreeMap::from([(root, String::new())]);
        // What lies deeper is refused where it is listed.
        for _ in 0..=MAX_TREE_DEPTH {
            level.retain(|id, _| !trees.contains_key(id));
            let ids: Vec<ObjectId> = level.keys().copied().collect();
            let mut next = BTreeMap::new();
            for ((id, folder), bytes) in level.into_iter().zip(self.objects.read_all(&ids)?) {
                let bytes = bytes.with_context(|| format!("tree {id} is missing"))?;
                let entries = parse(&bytes, &folder).with_context(|| format!("tree {id} is damaged"))?;
                let folders = entries.iter().filter(|entry| entry.is_folder);
                next.extend(folders.map(|entry| (entry.listed.id, entry.path.as_str().to_owned())));
                trees.insert(id, Tree { folder, entries });
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(())
    }
}

fn list(id: ObjectId, folder: &str, depth: usize, trees: &Trees, files: &mut Vec<(RepoPath, Listed)>) -> Result<()> {
    if depth > MAX_TREE_DEPTH {
        bail!("folder `{folder}` lies deeper than {MAX_TREE_DEPTH} levels");
    }
    let tree = trees.get(&id).with_context(|| format!("tree {id} is missing"))?;
    let is_here = tree.folder == folder;
    for Entry { path, listed, is_folder } in &tree.entries {
        let path = if is_here { path.clone() } else { RepoPath::new(&below(folder, path.file_name())) };
        if *is_folder {
            list(listed.id, path.as_str(), depth + 1, trees, files)?;
        } else {
            files.push((path, *listed));
        }
    }
    Ok(())
}

fn below(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Entries of a tree object: `<mode> <name>\0<20 bytes>`, <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.
fn parse(bytes: &[u8], folder: &str) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let end = space + rest[space..].iter().position(|byte| *byte == 0)?;
        let id = ObjectId(rest.get(end + 1..end + 21)?.try_into().ok()?);
        let path = RepoPath::new(&below(folder, &readable(&rest[space + 1..end])));
        let (mode, is_folder) = match &rest[..space] {
            b"40000" => (Mode::File, true),
            b"120000" => (Mode::Symlink, false),
            b"160000" => (Mode::Submodule, false),
            _ => (Mode::File, false),
        };
        entries.push(Entry { path, listed: Listed { mode, id }, is_folder });
        rest = &rest[end + 21..];
    }
    Some(entries)
}
