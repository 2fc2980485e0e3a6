//! Reading a local repository through the `git` command.
//!
//! Comes in: a folder and two revisions. Goes out: the two sides of a change, and blobs on demand. One `git cat-file --batch` process
//! serves every object; nothing of the repository is executed (no hooks, filters, text conversions or external diffs).

use crate::change::{Blob, Blobs, Listed, Mode, ObjectId, Side};
use crate::source::{MAX_FILE_BYTES, RepoPath};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Deepest folder that is listed.
const MAX_TREE_DEPTH: usize = 128;
/// Commits that are looked through, along the first parents, for a text that is valid.
const MAX_COMMITS_BACK: usize = 100;

/// A repository, with its object reader running.
pub(super) struct Repository {
    objects: ObjectReader,
}

/// The two sides of `base...head`.
pub(super) struct Sides {
    pub base_tip: ObjectId,
    pub base: Side,
    pub head: Side,
}

impl Repository {
    /// Opens the repository that the folder lies in.
    ///
    /// # Errors
    /// `git` is not there, or the folder is in no repository.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        Ok(Self { objects: ObjectReader::start(folder)? })
    }

    /// The merge base's tree and the head's.
    ///
    /// # Errors
    /// A revision that does not exist, or two without a common ancestor.
    pub(super) fn sides(&mut self, folder: &Path, base: &str, head: &str) -> Result<Sides> {
        let base_tip = self.commit(base)?;
        let head_tip = self.commit(head)?;
        let merge_base = if base_tip == head_tip { base_tip } else { merge_base(folder, base_tip, head_tip)? };
        let mut trees = BTreeMap::new();
        Ok(Sides { base_tip, base: self.side(merge_base, &mut trees)?, head: self.side(head_tip, &mut trees)? })
    }

    /// One revision's tree.
    ///
    /// # Errors
    /// A revision that does not exist.
    pub(super) fn side_of(&mut self, revision: &str) -> Result<Side> {
        let commit = self.commit(revision)?;
        self.side(commit, &mut BTreeMap::new())
    }

    /// Fetches the blobs of these paths, as far as they are files of the side and not there yet.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn fetch(&mut self, side: &Side, paths: &BTreeSet<RepoPath>, blobs: &mut Blobs) -> Result<()> {
        for listed in paths.iter().filter_map(|path| side.listing.get(path)).filter(|listed| listed.mode == Mode::File) {
            if let std::collections::btree_map::Entry::Vacant(e) = blobs.entry(listed.id) {
                let blob = self.objects.blob(listed.id)?;
                e.insert(blob);
            }
        }
        Ok(())
    }

    /// The text of a path at a commit; `None` where there is no such file, or none that is text.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn text_at(&mut self, commit: ObjectId, path: &str) -> Result<Option<String>> {
        let object = self.objects.read(&format!("{commit}:{path}"), MAX_FILE_BYTES)?;
        Ok(object.and_then(|object| String::from_utf8(object.bytes).ok()))
    }

    /// The last text of a file before `commit` on its branch that `is_valid` takes; `None` where there is none within reach.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn last_valid(&mut self, commit: ObjectId, path: &str, is_valid: impl Fn(&str) -> bool) -> Result<Option<String>> {
        for back in 1..=MAX_COMMITS_BACK {
            let object = self.objects.read(&format!("{commit}~{back}:{path}"), MAX_FILE_BYTES)?;
            let Some(text) = object.and_then(|object| String::from_utf8(object.bytes).ok()) else { return Ok(None) };
            if is_valid(&text) {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The ledger branch, local or of `origin`: its tip, and its files by name without the folder of the repository's id.
    /// `None` where the repository has no such branch.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn ledger(&mut self, branch: &str) -> Result<Option<(ObjectId, BTreeMap<String, String>)>> {
        for name in [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")] {
            let Some(tip) = self.objects.read(&format!("{name}^{{commit}}"), usize::MAX)?.map(|object| object.id) else { continue };
            let side = self.side(tip, &mut BTreeMap::new())?;
            let paths: BTreeSet<RepoPath> = side.listing.keys().cloned().collect();
            let mut blobs = Blobs::new();
            self.fetch(&side, &paths, &mut blobs)?;
            let files = side.listing.iter().filter_map(|(path, listed)| match blobs.get(&listed.id) {
                Some(Blob::Text(text)) => Some((path.file_name().to_owned(), text.to_string())),
                _ => None,
            });
            return Ok(Some((tip, files.collect())));
        }
        Ok(None)
    }

    fn commit(&mut self, revision: &str) -> Result<ObjectId> {
        // The revision is one line of the protocol, never an argument.
        if revision.contains(['\n', '\r']) || revision.is_empty() {
            bail!("`{revision}` is no revision");
        }
        match self.objects.read(&format!("{revision}^{{commit}}"), usize::MAX)? {
            Some(object) => Ok(object.id),
            None => bail!("revision `{revision}` does not exist in this repository"),
        }
    }

    fn side(&mut self, commit: ObjectId, trees: &mut BTreeMap<ObjectId, Vec<(String, Listed, bool)>>) -> Result<Side> {
        let mut listing = BTreeMap::new();
        let root = self.objects.read(&format!("{commit}^{{tree}}"), usize::MAX)?.with_context(|| format!("commit {commit} has no tree"))?;
        self.list(root.id, "", 0, trees, &mut listing)?;
        Ok(Side { commit, listing, truncated: false })
    }

    fn list(
        &mut self,
        tree: ObjectId,
        folder: &str,
        depth: usize,
        trees: &mut BTreeMap<ObjectId, Vec<(String, Listed, bool)>>,
        listing: &mut BTreeMap<RepoPath, Listed>,
    ) -> Result<()> {
        if depth > MAX_TREE_DEPTH {
            bail!("folder `{folder}` lies deeper than {MAX_TREE_DEPTH} levels");
        }
        if let std::collections::btree_map::Entry::Vacant(e) = trees.entry(tree) {
            let object = self.objects.read(&tree.to_string(), usize::MAX)?.with_context(|| format!("tree {tree} is missing"))?;
            e.insert(parse_tree(&object.bytes).with_context(|| format!("tree {tree} is damaged"))?);
        }
        for (name, listed, is_folder) in trees[&tree].clone() {
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if is_folder {
                self.list(listed.id, &path, depth + 1, trees, listing)?;
            } else {
                listing.insert(RepoPath::new(&path), listed);
            }
        }
        Ok(())
    }
}

/// Runs `git merge-base`; the ids are hex, so nothing of the arguments is foreign.
fn merge_base(folder: &Path, base: ObjectId, head: ObjectId) -> Result<ObjectId> {
    let output = git(folder).args(["merge-base", &base.to_string(), &head.to_string()]).output().context("git could not be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next().and_then(ObjectId::from_hex) {
        Some(id) => Ok(id),
        None => bail!("{} and {} have no common ancestor", base.short(), head.short()),
    }
}

/// A `git` command that runs nothing of the repository's own and asks nobody anything.
pub(super) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .env("LC_ALL", "C")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .stdin(Stdio::null());
    command
}

/// Entries of a tree object: `<mode> <name>\0<20 bytes>`, <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>.
fn parse_tree(bytes: &[u8]) -> Option<Vec<(String, Listed, bool)>> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let end = space + rest[space..].iter().position(|byte| *byte == 0)?;
        let id = ObjectId(rest.get(end + 1..end + 21)?.try_into().ok()?);
        let name = String::from_utf8_lossy(&rest[space + 1..end]).into_owned();
        let (mode, is_folder) = match &rest[..space] {
            b"40000" => (Mode::File, true),
            b"120000" => (Mode::Symlink, false),
            b"160000" => (Mode::Submodule, false),
            _ => (Mode::File, false),
        };
        entries.push((name, Listed { mode, id }, is_folder));
        rest = &rest[end + 21..];
    }
    Some(entries)
}

struct ObjectReader {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

struct Object {
    id: ObjectId,
    /// Empty where the object is larger than was asked for.
    bytes: Vec<u8>,
    size: u64,
}

impl ObjectReader {
    fn start(folder: &Path) -> Result<Self> {
        let mut child = git(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("git could not be run")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { bail!("git gave no pipes") };
        Ok(Self { child, input: Some(input), output: BufReader::new(output) })
    }

    fn blob(&mut self, id: ObjectId) -> Result<Blob> {
        let object = self.read(&id.to_string(), MAX_FILE_BYTES)?.with_context(|| format!("blob {id} is missing"))?;
        Ok(if object.size > MAX_FILE_BYTES as u64 { Blob::TooLarge(object.size) } else { Blob::from_bytes(object.bytes) })
    }

    /// One object by name; `None` where there is none.
    fn read(&mut self, name: &str, limit: usize) -> Result<Option<Object>> {
        let gone = "git stopped answering; is this folder in a git repository?";
        let input = self.input.as_mut().context(gone)?;
        writeln!(input, "{name}").and_then(|()| input.flush()).context(gone)?;
        let mut header = String::new();
        self.output.read_line(&mut header).context(gone)?;
        let words: Vec<&str> = header.trim_end().rsplitn(3, ' ').collect();
        if header.is_empty() {
            bail!(gone);
        }
        let [size, _kind, id] = words.as_slice() else { return Ok(None) };
        let (Ok(size), Some(id)) = (size.parse::<u64>(), ObjectId::from_hex(id)) else { return Ok(None) };
        let mut bytes = Vec::new();
        if usize::try_from(size).is_ok_and(|size| size <= limit) {
            (&mut self.output).take(size).read_to_end(&mut bytes)?;
        } else {
            std::io::copy(&mut (&mut self.output).take(size), &mut std::io::sink())?;
        }
        let mut line_end = [0];
        self.output.read_exact(&mut line_end)?;
        Ok(Some(Object { id, bytes, size }))
    }
}

impl Drop for ObjectReader {
    fn drop(&mut self) {
        // Closing its input ends it.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
