//! The working tree as one side of a change: what would be committed if everything were, ignored files left out.
//!
//! Comes in: a repository that has a working tree. Goes out: a side. A tracked file that git's index takes for unchanged is the blob that
//! the index names; every other one is read from the disk. No filter is run: where Git LFS would commit a pointer, the pointer is made here.

use super::command::{feed, git, run_bytes};
use super::{Repository, Trees, readable};
use crate::change::{Blob, Blobs, Listed, Listing, Mode, ObjectId, Side};
use crate::cli::disk;
use crate::source::RepoPath;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, ScopedJoinHandle};

/// The id of what is no object of git's: a commit that is not made yet, what is checked out of a submodule.
const NO_ID: ObjectId = ObjectId([0; 20]);
/// What every text of Git LFS's pointers begins with (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>, read 2026-11-28).
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\n";

impl Repository {
    /// The folder of the working tree; `None` where the repository is bare.
    ///
    /// # Errors
    /// `git` failed.
    pub(in crate::cli) fn worktree_root(folder: &Path) -> Result<Option<PathBuf>> {
        if run_bytes(folder, &["rev-parse", "--is-inside-work-tree"])?.trim_ascii() != b"true" {
            return Ok(None);
        }
        let root = run_bytes(folder, &["rev-parse", "--show-toplevel"])?;
        let root = root.strip_suffix(b"\n").unwrap_or(&root);
        Ok(Some(PathBuf::from(OsStr::from_bytes(root))))
    }

    /// The working tree below this root. Where it is what `HEAD` has, it is that commit.
    ///
    /// # Errors
    /// `git` failed, or a file that was listed cannot be read.
    pub(in crate::cli) fn worktree(&mut self, root: &Path, blobs: &mut Blobs, trees: &mut Trees) -> Result<Side> {
        // Git looks at the disk while the trees of `HEAD` are read.
        let (looked_up, head) = thread::scope(|scope| {
            let looked_up = scope.spawn(|| look_up(root));
            let head = self.find_commit("HEAD").and_then(|head| head.map(|head| self.side(head, trees)).transpose());
            (joined(looked_up), head)
        });
        let (looked_up, head) = (looked_up?, head?);
        let none = || Side { commit: NO_ID, listing: Listing::default(), truncated: false, plans: BTreeMap::new() };
        let side = head.unwrap_or_else(none);
        let listing = listing(root, &looked_up, &side.listing, blobs)?;
        Ok(if listing == side.listing { side } else { Side { commit: NO_ID, listing, ..side } })
    }
}

/// The paths of all files that the working tree below a root would commit, without reading any.
///
/// # Errors
/// `git` failed, or is not there.
pub(in crate::cli) fn paths(root: &Path) -> Result<BTreeSet<RepoPath>> {
    let listed = run_bytes(root, &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
    let there = names(&listed).filter(|name| root.join(OsStr::from_bytes(name)).symlink_metadata().is_ok());
    Ok(there.map(|name| RepoPath::new(&readable(name))).collect())
}

/// What git says of a working tree.
struct LookedUp {
    filters: Filters,
    /// As `git ls-files --stage` prints it.
    index: Vec<u8>,
    changed: Vec<(Vec<u8>, Change)>,
    /// Names, each with a zero byte behind it.
    untracked: Vec<u8>,
}

fn look_up(root: &Path) -> Result<LookedUp> {
    let filters = Filters::configured(root)?;
    let (index, changed, untracked) = thread::scope(|scope| {
        let index = scope.spawn(|| run_bytes(root, &["ls-files", "-z", "--stage"]));
        let untracked = scope.spawn(|| run_bytes(root, &["ls-files", "-z", "--others", "--exclude-standard"]));
        let changed = changed(root, &filters);
        (joined(index), changed, joined(untracked))
    });
    Ok(LookedUp { index: index?, changed: changed?, untracked: untracked?, filters })
}

/// The files of the working tree, as a listing that is made of `HEAD`'s.
fn listing(root: &Path, looked_up: &LookedUp, head: &Listing, blobs: &mut Blobs) -> Result<Listing> {
    let index = index(&looked_up.index)?;
    let untracked = names(&looked_up.untracked).map(|name| (name.to_vec(), Change::Content));
    let on_disk: BTreeMap<Vec<u8>, Change> = looked_up.changed.iter().cloned().chain(untracked).collect();
    let pointers = looked_up.filters.lfs_paths(root, on_disk.keys())?;
    let mut now: BTreeMap<Vec<u8>, Option<Listed>> = BTreeMap::new();
    for (name, change) in on_disk {
        let before = index.binary_search_by(|(known, _)| (*known).cmp(&name)).ok().map(|at| index[at].1);
        let is_pointer = pointers.contains(&name);
        let listed = on_disk_now(root, &name, change, before, is_pointer, blobs)?;
        now.insert(name, listed);
    }
    let kept = index.into_iter().filter(|(name, _)| !now.contains_key(*name));
    let written = now.iter().filter_map(|(name, listed)| Some((name.as_slice(), (*listed)?)));
    let mut files: Vec<(Cow<'_, str>, Listed)> = kept.chain(written).map(|(name, listed)| (readable_name(name), listed)).collect();
    // They are in order, but for what was written, and for names that are no UTF-8.
    files.sort_by(|(left, _), (right, _)| left.cmp(right));
    if let Some([(path, _), _]) = files.array_windows().find(|[(left, _), (right, _)]| left == right) {
        bail!("two paths of the working tree read alike: {path}");
    }
    Ok(head.turned_into(files.iter().map(|(path, listed)| (&**path, *listed))))
}

fn readable_name(name: &[u8]) -> Cow<'_, str> {
    str::from_utf8(name).map_or_else(|_| Cow::Owned(readable(name)), Cow::Borrowed)
}

/// What a thread came to.
pub(in crate::cli) fn joined<T>(thread: ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// How a file differs from the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Content,
    Deleted,
    /// Of a merge that is not settled; it may be gone or not.
    Unmerged,
}

/// What the index has, by name and in order; of a merge that is not settled any of its sides.
fn index(text: &[u8]) -> Result<Vec<(&[u8], Listed)>> {
    let mut entries: Vec<(&[u8], Listed)> = Vec::new();
    for line in names(text) {
        // `<mode> <id> <stage>\t<path>`: <https://git-scm.com/docs/git-ls-files#_output>.
        let parsed = line.iter().position(|byte| *byte == b'\t').and_then(|tab| {
            let words = str::from_utf8(&line[..tab]).ok()?;
            let mut words = words.split(' ');
            let (mode, id, Some(_stage), None) = (words.next()?, words.next()?, words.next(), words.next()) else { return None };
            let mode = match mode {
                "120000" => Mode::Symlink,
                "160000" => Mode::Submodule,
                _ => Mode::File,
            };
            Some((&line[tab + 1..], Listed { mode, id: ObjectId::from_hex(id)? }))
        });
        let (name, listed) = parsed.with_context(|| format!("git ls-files gave a line that is not understood: {}", readable(line)))?;
        entries.pop_if(|(before, _)| *before == name);
        entries.push((name, listed));
    }
    Ok(entries)
}

/// The tracked files that differ from the index, or may.
fn changed(root: &Path, filters: &Filters) -> Result<Vec<(Vec<u8>, Change)>> {
    let arguments = ["diff-files", "-z", "--raw", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty"];
    let text = feed(filters.off(git(root)), &arguments, Vec::new())?;
    let mut fields = names(&text);
    let mut found = Vec::new();
    // `:<mode> <mode> <id> <id> <status>`, then the path: <https://git-scm.com/docs/diff-format#_raw_output_format>.
    while let (Some(words), Some(name)) = (fields.next(), fields.next()) {
        let change = match words.last() {
            Some(b'D') => Change::Deleted,
            Some(b'U') => Change::Unmerged,
            _ => Change::Content,
        };
        // Of a merge that is not settled there are two lines, and the first says so.
        if !found.iter().any(|(other, _)| other == name) {
            found.push((name.to_vec(), change));
        }
    }
    Ok(found)
}

fn on_disk_now(
    root: &Path,
    name: &[u8],
    change: Change,
    before: Option<Listed>,
    is_pointer: bool,
    blobs: &mut Blobs,
) -> Result<Option<Listed>> {
    if change == Change::Deleted {
        return Ok(None);
    }
    let full = root.join(OsStr::from_bytes(name));
    // Another repository within this one, which git would add as a submodule, ends in a slash.
    let is_repository = name.ends_with(b"/");
    let metadata = match full.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound && change == Change::Unmerged => return Ok(None),
        metadata => metadata.with_context(|| format!("{} was listed and cannot be read", full.display()))?,
    };
    if metadata.is_dir() {
        let is_submodule = is_repository || before.is_some_and(|before| before.mode == Mode::Submodule);
        return Ok(is_submodule.then_some(Listed { mode: Mode::Submodule, id: NO_ID }));
    }
    if is_pointer && metadata.is_file() {
        let text = pointer(&full).with_context(|| format!("{} was listed and cannot be read", full.display()))?;
        if let Some(text) = text {
            return Ok(Some(Listed { mode: Mode::File, id: disk::keep(text.into_bytes(), blobs) }));
        }
    }
    let listed = disk::list(&RepoPath::new(&readable(name)), &full, blobs)?;
    // Git may have written other line ends than it keeps, and takes a file for changed that was only touched.
    let kept = before.filter(|before| {
        let text = blobs.get(&listed.id).and_then(Blob::text).filter(|text| text.contains("\r\n"));
        before.mode == Mode::File && text.is_some_and(|text| disk::blob_id(text.replace("\r\n", "\n").as_bytes()) == before.id)
    });
    Ok(Some(kept.unwrap_or(listed)))
}

/// The pointer that Git LFS would commit for a file; `None` where it would commit the file as it is.
fn pointer(file: &Path) -> io::Result<Option<String>> {
    let mut file = File::open(file)?;
    let mut start = Vec::new();
    (&mut file).take(POINTER.len() as u64).read_to_end(&mut start)?;
    if start.is_empty() || start == POINTER.as_bytes() {
        return Ok(None);
    }
    let mut hash = Sha256::new();
    let mut size = start.len();
    hash.update(&start);
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => {
                hash.update(&chunk[..read]);
                size += read;
            }
        }
    }
    let id: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some(format!("{POINTER}oid sha256:{id}\nsize {size}\n")))
}

/// The filters that git's settings name.
struct Filters(BTreeSet<String>);

impl Filters {
    fn configured(root: &Path) -> Result<Self> {
        let output = git(root)
            .args(["config", "-z", "--name-only", "--get-regexp", r"^filter\..*\.(clean|process)$"])
            .output()
            .context("git could not be run")?;
        // It ends with 1 where there is none.
        let keys = names(&output.stdout).map(readable);
        let name = |key: String| Some(key.strip_prefix("filter.")?.rsplit_once('.')?.0.to_owned());
        Ok(Self(keys.filter_map(name).collect()))
    }

    /// The command without any of them.
    fn off(&self, mut command: Command) -> Command {
        let settings = self.0.iter().flat_map(|name| {
            [("clean", ""), ("process", ""), ("required", "false")].map(|(key, value)| (format!("filter.{name}.{key}"), value))
        });
        let mut count = 0;
        for (key, value) in settings {
            command.env(format!("GIT_CONFIG_KEY_{count}"), key).env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        command
    }

    /// Which of these files Git LFS keeps.
    fn lfs_paths<'n>(&self, root: &Path, all: impl Iterator<Item = &'n Vec<u8>>) -> Result<BTreeSet<Vec<u8>>> {
        if !self.0.contains("lfs") {
            return Ok(BTreeSet::new());
        }
        let input: Vec<u8> = all.flat_map(|name| name.iter().copied().chain([0])).collect();
        let text = feed(git(root), &["check-attr", "-z", "--stdin", "filter"], input)?;
        let mut fields = names(&text);
        let mut found = BTreeSet::new();
        while let (Some(name), Some(_attribute), Some(value)) = (fields.next(), fields.next(), fields.next()) {
            if value == b"lfs" {
                found.insert(name.to_vec());
            }
        }
        Ok(found)
    }
}

/// What stands between null bytes.
fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == 0).filter(|name| !name.is_empty())
}
