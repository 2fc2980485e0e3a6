//! A commit's tree as a listing: which files it has, without what is in them.
//!
//! Comes in: the id of a tree. Goes out: the listing of all that is below it. The first is listed by git in one go; of the next ones only the
//! folders that differ from the one before are read, level by level, and the listing is made of that one's.

use super::command::each_record;
use super::{Repository, readable};
use crate::change::{Listed, Listing, Mode, ObjectId};
use crate::source::RepoPath;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

/// Deepest folder that is listed.
const MAX_TREE_DEPTH: usize = 128;

/// Trees that were read, by their ids, and the last that was listed.
#[derive(Default)]
pub(in crate::cli) struct Trees {
    read: BTreeMap<ObjectId, Tree>,
    last: Option<(ObjectId, Listing)>,
}

/// What stands in one folder, by name; `None` where two names read alike.
type Tree = Option<BTreeMap<String, Entry>>;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Entry {
    listed: Listed,
    is_folder: bool,
}

impl Entry {
    fn folder(&self) -> Option<ObjectId> {
        self.is_folder.then_some(self.listed.id)
    }

    fn file(&self) -> Option<Listed> {
        (!self.is_folder).then_some(self.listed)
    }
}

/// What differs between two trees, by path; `None` where nothing stands any more.
type Differing = BTreeMap<RepoPath, Option<Listed>>;

/// A folder that is not the same in two trees: what stands there in each.
struct Pair {
    path: String,
    trees: [Option<ObjectId>; 2],
}

impl Trees {
    pub(in crate::cli) fn len(&self) -> usize {
        self.read.len()
    }

    pub(in crate::cli) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Repository {
    /// All files below a tree. What `trees` has already is not read again.
    ///
    /// # Errors
    /// An object is missing or damaged, the object reader died, two paths read alike, or a folder lies too deep.
    pub(super) fn files_below(&mut self, root: ObjectId, trees: &mut Trees) -> Result<Listing> {
        let before = trees.last.take();
        let differing = before.as_ref().map(|(last, _)| self.differing([*last, root], trees)).transpose()?.flatten();
        let listing = match (before, differing) {
            (Some((_, listing)), Some(differing)) => listing.with(differing),
            _ => self.whole(root)?,
        };
        trees.last = Some((root, listing.clone()));
        Ok(listing)
    }

    /// Lists a tree as git does.
    fn whole(&self, root: ObjectId) -> Result<Listing> {
        let mut files = Vec::new();
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", &root.to_string()];
        each_record(self.objects.folder(), &arguments, &mut |record| {
            let Some((path, listed)) = listed(record) else {
                bail!("git ls-tree gave an answer that is not understood: {}", readable(record))
            };
            check_depth(path.as_str())?;
            files.push((path, listed));
            Ok(())
        })?;
        listing(files)
    }

    /// What differs between two trees; `None` where two names of one folder read alike, so that all has to be looked at.
    fn differing(&mut self, [old, new]: [ObjectId; 2], trees: &mut Trees) -> Result<Option<Differing>> {
        let mut differing = Differing::new();
        let mut level = Vec::new();
        if old != new {
            level.push(Pair { path: String::new(), trees: [Some(old), Some(new)] });
        }
        while !level.is_empty() {
            self.read_trees(&level, &mut trees.read)?;
            let mut next = Vec::new();
            for pair in &level {
                if pair.trees.iter().flatten().any(|id| trees.read[id].is_none()) {
                    return Ok(None);
                }
                let entries = |side: usize| pair.trees[side].and_then(|id| trees.read[&id].as_ref()).into_iter().flatten();
                let mut names: BTreeMap<&str, [Option<&Entry>; 2]> = BTreeMap::new();
                for side in [0, 1] {
                    entries(side).for_each(|(name, entry)| names.entry(name).or_default()[side] = Some(entry));
                }
                for (name, sides) in names.into_iter().filter(|(_, [before, now])| before != now) {
                    let path = format!("{}{name}", prefix(&pair.path));
                    let [before, now] = sides.map(|entry| entry.and_then(Entry::file));
                    if before != now {
                        check_depth(&path)?;
                        differing.insert(RepoPath::new(&path), now);
                    }
                    let below = sides.map(|entry| entry.and_then(Entry::folder));
                    if below != [None, None] {
                        check_depth(&format!("{path}/"))?;
                        next.push(Pair { path, trees: below });
                    }
                }
            }
            level = next;
        }
        Ok(Some(differing))
    }

    fn read_trees(&mut self, level: &[Pair], read: &mut BTreeMap<ObjectId, Tree>) -> Result<()> {
        let mut ids: Vec<ObjectId> = level.iter().flat_map(|pair| pair.trees).flatten().filter(|id| !read.contains_key(id)).collect();
        ids.sort_unstable();
        ids.dedup();
        self.objects.each(&ids, usize::MAX, &mut |id, object| {
            let bytes = object.with_context(|| format!("tree {id} is missing"))?.bytes;
            read.insert(id, parse(&bytes).with_context(|| format!("tree {id} is damaged"))?);
            Ok(())
        })
    }
}

/// Names that are no UTF-8 are escaped, and two that then read alike could hide one another.
fn listing(files: Vec<(RepoPath, Listed)>) -> Result<Listing> {
    let count = files.len();
    let listing: Listing = files.iter().cloned().collect();
    if listing.len() < count {
        let mut paths: Vec<&RepoPath> = files.iter().map(|(path, _)| path).collect();
        paths.sort_unstable();
        let alike = paths.array_windows().find_map(|[left, right]| (left == right).then_some(left.as_str()));
        bail!("two paths of this tree read alike: {}", alike.unwrap_or_default());
    }
    Ok(listing)
}

fn check_depth(path: &str) -> Result<()> {
    // A shorter one has no room for so many names.
    if path.len() > 2 * MAX_TREE_DEPTH
        && let Some((end, _)) = path.match_indices('/').nth(MAX_TREE_DEPTH)
    {
        bail!("folder `{}` lies deeper than {MAX_TREE_DEPTH} levels", &path[..end]);
    }
    Ok(())
}

/// What stands before the names of what lies in a folder.
fn prefix(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { [folder, "/"].concat() }
}

/// `<mode> SP <type> SP <object> TAB <path>`, <https://git-scm.com/docs/git-ls-tree#_output_format>.
fn listed(record: &[u8]) -> Option<(RepoPath, Listed)> {
    // Six digits, `blob` or `commit`, forty digits.
    let tab = [52, 54].into_iter().find(|at| record.get(*at) == Some(&b'\t'))?;
    let (octal, id, path) = (&record[..6], &record[tab - 40..tab], &record[tab + 1..]);
    let listed = Listed { mode: kind(octal)??, id: ObjectId::from_hex(str::from_utf8(id).ok()?)? };
    let path = match str::from_utf8(path) {
        Ok(path) => RepoPath::new(path),
        Err(_) => RepoPath::new(&readable(path)),
    };
    Some((path, listed))
}

/// What an entry is by its digits, whatever its permissions are: a folder is `None`. Old writers pad with zeros, and give folders permissions.
fn kind(octal: &[u8]) -> Option<Option<Mode>> {
    let digits = str::from_utf8(octal).ok()?;
    Some(match u32::from_str_radix(digits, 8).ok()? & 0o170_000 {
        0o040_000 => None,
        0o120_000 => Some(Mode::Symlink),
        0o160_000 => Some(Mode::Submodule),
        _ => Some(Mode::File),
    })
}

/// Entries of a tree object: `<mode> <name>\0<20 bytes>`, <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.
/// `None` where it is damaged.
fn parse(bytes: &[u8]) -> Option<Tree> {
    let mut tree = Some(BTreeMap::new());
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let end = space + rest[space..].iter().position(|byte| *byte == 0)?;
        let id = ObjectId(rest.get(end + 1..end + 21)?.try_into().ok()?);
        let name = readable(&rest[space + 1..end]);
        let kind = kind(&rest[..space])?;
        let entry = Entry { listed: Listed { mode: kind.unwrap_or(Mode::File), id }, is_folder: kind.is_none() };
        tree = tree.and_then(|mut entries: BTreeMap<String, Entry>| match entries.entry(name) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
                Some(entries)
            }
            Slot::Occupied(_) => None,
        });
        rest = &rest[end + 21..];
    }
    Some(tree)
}

#[cfg(test)]
mod tests {
    use super::{MAX_TREE_DEPTH, check_depth, listed, listing, parse};
    use crate::change::{Mode, ObjectId};

    fn whole(names: &[&[u8]]) -> Result<Vec<String>, String> {
        let record = |name: &&[u8]| [b"100644 blob 0101010101010101010101010101010101010101\t", *name].concat();
        let files = names.iter().map(|name| listed(&record(name)).unwrap());
        let listing = listing(files.collect()).map_err(|error| error.to_string())?;
        Ok(listing.keys().map(|path| path.as_str().to_owned()).collect())
    }

    #[test]
    fn names_are_told_apart_whatever_bytes_they_have() {
        // Git's order is that of the bytes; what is no UTF-8 stands elsewhere once it is escaped.
        assert_eq!(whole(&[b"a", "\u{e4}".as_bytes(), b"\xff"]).unwrap(), ["\\xFF", "a", "\u{e4}"]);
        assert_eq!(whole(&[b"\\xFF", b"a", b"\xff"]).unwrap_err(), "two paths of this tree read alike: \\xFF");
    }

    #[test]
    fn objects_of_trees_say_what_git_lists() {
        let entry = |mode: &[u8], name: &[u8]| [mode, b" ", name, b"\0", &[1; 20]].concat();
        let modes: [&[u8]; 6] = [b"100644", b"40000", b"120000", b"160000", b"040755", b"100664"];
        let bytes: Vec<u8> =
            modes.iter().zip([&b"a b"[..], b"c", b"d", b"e", b"f", b"g"]).flat_map(|(mode, name)| entry(mode, name)).collect();
        let entries = parse(&bytes).unwrap().unwrap();
        let read: Vec<_> = entries.iter().map(|(name, entry)| (name.as_str(), entry.listed.mode, entry.is_folder)).collect();
        let expected = [
            ("a b", Mode::File, false),
            ("c", Mode::File, true),
            ("d", Mode::Symlink, false),
            ("e", Mode::Submodule, false),
            ("f", Mode::File, true),
            ("g", Mode::File, false),
        ];
        assert_eq!(read, expected);
        assert_eq!(entries["c"].listed.id, ObjectId([1; 20]));
        assert_eq!(parse(&[entry(b"100644", b"\\xFF"), entry(b"100644", b"\xff")].concat()), Some(None));
        assert_eq!(parse(b"100644 a"), None);
    }

    #[test]
    fn folders_have_a_deepest_level() {
        let at = |levels: usize| format!("{}f", "d/".repeat(levels));
        assert!(check_depth(&at(MAX_TREE_DEPTH)).is_ok());
        assert!(check_depth(&at(MAX_TREE_DEPTH + 1)).unwrap_err().to_string().contains("lies deeper"));
    }
}
