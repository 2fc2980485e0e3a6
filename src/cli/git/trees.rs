//! A commit's tree as a listing: which files it has, without what is in them.
//!
//! Comes in: the id of a tree. Goes out: the listing of all that is below it. Trees are read level by level, each level in one go. Of two trees
//! one after the other only what differs is gone through: the second listing is made of the first.

use super::{Repository, add_readable};
use crate::change::{Listed, Listing, Mode, ObjectId};
use crate::source::RepoPath;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// Deepest folder that is listed.
const MAX_TREE_DEPTH: usize = 128;

/// Bytes that an entry of a tree takes at least, but for very short names.
const USUAL_ENTRY: usize = 30;

/// Trees that were read, by their ids, and the last that was listed.
#[derive(Default)]
pub(in crate::cli) struct Trees {
    read: BTreeMap<ObjectId, Tree>,
    last: Option<(ObjectId, Listing)>,
}

/// One tree as it was met first.
struct Tree {
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

/// What differs between two trees, by path; `None` where nothing stands any more.
type Differing = BTreeMap<RepoPath, Option<Listed>>;

impl Trees {
    pub(in crate::cli) fn len(&self) -> usize {
        self.read.len()
    }

    pub(in crate::cli) fn clear(&mut self) {
        *self = Self::default();
    }

    fn of(&self, id: ObjectId) -> Result<&Tree> {
        self.read.get(&id).with_context(|| format!("tree {id} is missing"))
    }

    /// All files below a tree, in git's order.
    fn list(&self, id: ObjectId, folder: &str, depth: usize, files: &mut Vec<(RepoPath, Listed)>) -> Result<()> {
        check_depth(folder, depth)?;
        let tree = self.of(id)?;
        let stands_here = tree.folder == folder;
        for entry in &tree.entries {
            let path = if stands_here { entry.path.clone() } else { entry.path_below(folder) };
            if entry.is_folder {
                self.list(entry.listed.id, path.as_str(), depth + 1, files)?;
            } else {
                files.push((path, entry.listed));
            }
        }
        Ok(())
    }

    fn whole(&self, root: ObjectId) -> Result<Listing> {
        let mut files = Vec::with_capacity(self.last.as_ref().map_or(0, |(_, listing)| listing.len()));
        self.list(root, "", 0, &mut files)?;
        let count = files.len();
        let listing: Listing = files.into_iter().collect();
        // Names that are no UTF-8 are escaped, and two that then read alike could hide one another.
        if listing.len() < count {
            let mut files = Vec::with_capacity(count);
            self.list(root, "", 0, &mut files)?;
            files.sort_by(|(left, _), (right, _)| left.cmp(right));
            let alike = files.array_windows().find_map(|[(left, _), (right, _)]| (left == right).then_some(left));
            bail!("two paths of this tree read alike: {}", alike.map_or("", RepoPath::as_str));
        }
        Ok(listing)
    }

    /// What differs between two trees that stand at one folder. False where two names of one folder read alike, so that all has to be looked at.
    fn compare(&self, [old, new]: [ObjectId; 2], folder: &str, depth: usize, differing: &mut Differing) -> Result<bool> {
        check_depth(folder, depth)?;
        let (old, new) = (self.of(old)?, self.of(new)?);
        let by_name = |tree: &'_ Tree| -> BTreeMap<String, usize> {
            tree.entries.iter().enumerate().map(|(index, entry)| (entry.path.file_name().to_owned(), index)).collect()
        };
        let (before, now) = (by_name(old), by_name(new));
        if before.len() < old.entries.len() || now.len() < new.entries.len() {
            return Ok(false);
        }
        for (name, entry) in before.iter().map(|(name, index)| (name, &old.entries[*index])) {
            let kept = now.get(name).map(|index| &new.entries[*index]);
            match kept {
                Some(kept) if kept.is_as(entry) => {}
                Some(kept) if kept.is_folder && entry.is_folder => {
                    let path = entry.path_in(old, folder);
                    if !self.compare([entry.listed.id, kept.listed.id], path.as_str(), depth + 1, differing)? {
                        return Ok(false);
                    }
                }
                _ => self.put(entry, old, folder, depth, &|_| None, differing)?,
            }
        }
        for (name, entry) in now.iter().map(|(name, index)| (name, &new.entries[*index])) {
            let before = before.get(name).map(|index| &old.entries[*index]);
            if !before.is_some_and(|before| entry.is_as(before) || entry.is_folder && before.is_folder) {
                self.put(entry, new, folder, depth, &Some, differing)?;
            }
        }
        Ok(true)
    }

    /// Puts down what becomes of all files of an entry.
    fn put(
        &self,
        entry: &Entry,
        tree: &Tree,
        folder: &str,
        depth: usize,
        becomes: &dyn Fn(Listed) -> Option<Listed>,
        differing: &mut Differing,
    ) -> Result<()> {
        let path = entry.path_in(tree, folder);
        let mut files = Vec::new();
        if entry.is_folder {
            self.list(entry.listed.id, path.as_str(), depth + 1, &mut files)?;
        } else {
            files.push((path, entry.listed));
        }
        differing.extend(files.into_iter().map(|(path, listed)| (path, becomes(listed))));
        Ok(())
    }
}

impl Entry {
    /// The path where the tree stands at a folder.
    fn path_in(&self, tree: &Tree, folder: &str) -> RepoPath {
        if tree.folder == folder { self.path.clone() } else { self.path_below(folder) }
    }

    fn path_below(&self, folder: &str) -> RepoPath {
        RepoPath::new(&format!("{}{}", prefix(folder), self.path.file_name()))
    }

    fn is_as(&self, other: &Self) -> bool {
        (self.listed, self.is_folder) == (other.listed, other.is_folder)
    }
}

impl Repository {
    /// All files below a tree. What `trees` has already is not read again.
    ///
    /// # Errors
    /// An object is missing or damaged, the object reader died, two paths read alike, or a folder lies too deep.
    pub(super) fn files_below(&mut self, root: ObjectId, trees: &mut Trees) -> Result<Listing> {
        self.read_trees(root, trees)?;
        let mut differing = Differing::new();
        let listing = match &trees.last {
            Some((last, listing)) if trees.read.contains_key(last) && trees.compare([*last, root], "", 0, &mut differing)? => {
                listing.with(differing)
            }
            _ => trees.whole(root)?,
        };
        trees.last = Some((root, listing.clone()));
        Ok(listing)
    }

    fn read_trees(&mut self, root: ObjectId, trees: &mut Trees) -> Result<()> {
        let mut level = vec![(root, String::new())];
        // What lies deeper is refused where it is listed.
        for _ in 0..=MAX_TREE_DEPTH {
            level.retain(|(id, _)| !trees.read.contains_key(id));
            level.sort_by_key(|(id, _)| *id);
            level.dedup_by_key(|(id, _)| *id);
            let ids: Vec<ObjectId> = level.iter().map(|(id, _)| *id).collect();
            let mut next = Vec::new();
            let mut folders = level.into_iter().map(|(_, folder)| folder);
            self.objects.each(&ids, usize::MAX, &mut |id, object| {
                let bytes = object.with_context(|| format!("tree {id} is missing"))?.bytes;
                let folder = folders.next().unwrap_or_default();
                let entries = parse(&bytes, &folder).with_context(|| format!("tree {id} is damaged"))?;
                let below = entries.iter().filter(|entry| entry.is_folder);
                next.extend(below.map(|entry| (entry.listed.id, entry.path.as_str().to_owned())));
                trees.read.insert(id, Tree { folder, entries });
                Ok(())
            })?;
            if next.is_empty() {
                break;
            }
            level = next;
        }
        Ok(())
    }
}

fn check_depth(folder: &str, depth: usize) -> Result<()> {
    if depth > MAX_TREE_DEPTH {
        bail!("folder `{folder}` lies deeper than {MAX_TREE_DEPTH} levels");
    }
    Ok(())
}

/// What stands before the names of what lies in a folder.
fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { [folder, "/"].concat() }
}

/// Entries of a tree object: `<mode> <name>\0<20 bytes>`, <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.
fn parse(bytes: &[u8], folder: &str) -> Option<Vec<Entry>> {
    let mut entries = Vec::with_capacity(bytes.len() / USUAL_ENTRY);
    let mut path = prefix(folder);
    let start = path.len();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let end = space + rest[space..].iter().position(|byte| *byte == 0)?;
        let id = ObjectId(rest.get(end + 1..end + 21)?.try_into().ok()?);
        path.truncate(start);
        add_readable(&rest[space + 1..end], &mut path);
        let (mode, is_folder) = match &rest[..space] {
            b"40000" => (Mode::File, true),
            b"120000" => (Mode::Symlink, false),
            b"160000" => (Mode::Submodule, false),
            _ => (Mode::File, false),
        };
        entries.push(Entry { path: RepoPath::new(&path), listed: Listed { mode, id }, is_folder });
        rest = &rest[end + 21..];
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::{Tree, Trees, parse};
    use crate::change::ObjectId;

    fn whole(names: &[&[u8]]) -> Result<Vec<String>, String> {
        let root = ObjectId([9; 20]);
        let entry = |name: &&[u8]| [b"100644 ", *name, b"\0", &[1; 20]].concat();
        let entries = parse(&names.iter().flat_map(entry).collect::<Vec<u8>>(), "").unwrap();
        let trees = Trees { read: [(root, Tree { folder: String::new(), entries })].into(), last: None };
        let listing = trees.whole(root).map_err(|error| error.to_string())?;
        Ok(listing.keys().map(|path| path.as_str().to_owned()).collect())
    }

    #[test]
    fn names_are_told_apart_whatever_bytes_they_have() {
        // Git's order is that of the bytes; what is no UTF-8 stands elsewhere once it is escaped.
        assert_eq!(whole(&[b"a", "\u{e4}".as_bytes(), b"\xff"]).unwrap(), ["\\xFF", "a", "\u{e4}"]);
        assert_eq!(whole(&[b"\\xFF", b"a", b"\xff"]).unwrap_err(), "two paths of this tree read alike: \\xFF");
    }
}
