//! Reading a local repository through the `git` command.
//!
//! Comes in: a folder and two revisions. Goes out: the two sides of a change, and blobs on demand. One `git cat-file --batch` process
//! serves every object; nothing of the repository is executed (no hooks, filters, text conversions or external diffs).

mod command;
mod default_branch;
mod history;
mod ledger_branch;
mod ledger_history;
mod objects;
mod trees;
mod worktree;

use self::command::{failure, git, run};
pub(super) use self::history::{Commit, Selection};
pub(super) use self::ledger_branch::LedgerBranch;
use self::objects::Objects;
pub(super) use self::trees::Trees;
pub(super) use self::worktree::{joined, paths};
use crate::change::{Blob, Blobs, Listed, Listing, MAX_VERSIONS, Mode, ObjectId, Side};
use crate::cli::ledger_at::LedgerAt;
use crate::source::{MAX_FILE_BYTES, RepoPath};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Most bytes of blobs that are kept to be used again.
const MAX_BYTES_KEPT: usize = 256 * 1024 * 1024;
/// Commits that are looked through, along the first parents, for a text that is valid.
const MAX_COMMITS_BACK: usize = 100;

/// A repository, with its object reader running.
pub(super) struct Repository {
    objects: Objects,
    /// Blobs that were read, for those who ask for them again.
    blobs: Blobs,
    bytes: usize,
}

impl Repository {
    /// Opens the repository that the folder lies in.
    ///
    /// # Errors
    /// `git` is not there, or refuses the folder; or the repository is one whose objects are not read.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        // The reader starts while git tells the format.
        let objects = Objects::start(folder)?;
        let format = run(folder, &["rev-parse", "--show-object-format"])?;
        if format.trim() != "sha1" {
            bail!(
                "the repository names its objects by {}, and only SHA-1 is read\nhint: compare two folders with --base DIR --head DIR",
                format.trim()
            );
        }
        Ok(Self { objects, blobs: Blobs::new(), bytes: 0 })
    }

    /// The commit that two have in common: what a head is compared with.
    ///
    /// # Errors
    /// They have none in common.
    pub(super) fn merge_base(folder: &Path, base: ObjectId, head: ObjectId) -> Result<ObjectId> {
        if base == head { Ok(base) } else { merge_base(folder, base, head) }
    }

    /// One revision's tree.
    ///
    /// # Errors
    /// A revision that does not exist.
    pub(super) fn side_of(&mut self, revision: &str) -> Result<Side> {
        let commit = self.commit(revision)?;
        self.side(commit, &mut Trees::default())
    }

    /// Fetches the blobs of these paths, as far as they are files of the side and not there yet.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn fetch(&mut self, side: &Side, paths: &BTreeSet<RepoPath>, blobs: &mut Blobs) -> Result<()> {
        let listed = paths.iter().filter_map(|path| side.listing.get(path)).filter(|listed| listed.mode != Mode::Submodule);
        let wanted: BTreeSet<ObjectId> = listed.map(|listed| listed.id).filter(|id| !blobs.contains_key(id)).collect();
        let (known, unread): (Vec<ObjectId>, Vec<ObjectId>) = wanted.into_iter().partition(|id| self.blobs.contains_key(id));
        blobs.extend(known.into_iter().filter_map(|id| Some((id, self.blobs.get(&id)?.clone()))));
        for (id, blob) in unread.iter().zip(self.objects.blobs(&unread)?) {
            self.keep(*id, &blob);
            blobs.insert(*id, blob);
        }
        Ok(())
    }

    fn blob(&mut self, id: ObjectId) -> Result<Blob> {
        if let Some(blob) = self.blobs.get(&id) {
            return Ok(blob.clone());
        }
        let blob = self.objects.blobs(&[id])?.pop().with_context(|| format!("blob {id} is missing"))?;
        self.keep(id, &blob);
        Ok(blob)
    }

    /// Keeps a blob for those who ask for it again.
    fn keep(&mut self, id: ObjectId, blob: &Blob) {
        if self.bytes > MAX_BYTES_KEPT {
            self.blobs.clear();
            self.bytes = 0;
        }
        self.bytes += blob.text().map_or(0, str::len);
        self.blobs.insert(id, blob.clone());
    }

    /// Earlier versions of a file among the ancestors of a commit, newest first, that differ from one another.
    ///
    /// # Errors
    /// `git` failed.
    pub(super) fn versions(&mut self, folder: &Path, commit: ObjectId, path: &RepoPath, blobs: &mut Blobs) -> Result<Vec<Side>> {
        let count = format!("--max-count={}", MAX_VERSIONS + 1);
        let log = run(folder, &["log", &count, "--format=%H", &commit.to_string(), "--", path.as_str()])?;
        let mut versions = Vec::new();
        for commit in log.lines().filter_map(ObjectId::from_hex) {
            let Some(object) = self.objects.read(&format!("{commit}:{path}"), 0)? else { continue };
            let listed = Listed { mode: Mode::File, id: object.id };
            let side = Side { commit, listing: Listing::from_iter([(path.clone(), listed)]), truncated: false, plans: BTreeMap::new() };
            self.fetch(&side, &BTreeSet::from([path.clone()]), blobs)?;
            versions.push(side);
        }
        Ok(versions)
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
            // A history that ends within reach has no more versions.
            let object = self.objects.read(&format!("{commit}~{back}:{path}"), MAX_FILE_BYTES)?;
            let Some(text) = object.and_then(|object| String::from_utf8(object.bytes).ok()) else { return Ok(None) };
            if is_valid(&text) {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The ledger branch, local or of `origin`: its tip, and the repository's files by name. What a file of the same name has that was decided
    /// before anybody named the repository's number stands before the rest.
    /// `None` where the repository has no such branch.
    ///
    /// # Errors
    /// The object reader died; or nobody can tell which folder is the repository's.
    pub(super) fn ledger(&mut self, at: &LedgerAt) -> Result<Option<(ObjectId, BTreeMap<String, String>)>> {
        for name in [format!("refs/heads/{}", at.ledger), format!("refs/remotes/origin/{}", at.ledger)] {
            let Some(tip) = self.objects.read(&format!("{name}^{{commit}}"), usize::MAX)?.map(|object| object.id) else { continue };
            let side = self.side(tip, &mut Trees::default())?;
            let own = at.own(&ledger_branch::folders(&side))?;
            let is_own = |path: &&RepoPath| ledger_branch::folder(path).is_some_and(|folder| LedgerAt::counts(folder, own));
            let paths: BTreeSet<RepoPath> = side.listing.keys().filter(is_own).cloned().collect();
            let mut blobs = Blobs::new();
            self.fetch(&side, &paths, &mut blobs)?;
            let mut files: BTreeMap<String, String> = BTreeMap::new();
            for path in &paths {
                let Some(Blob::Text(text)) = side.listing.get(path).and_then(|listed| blobs.get(&listed.id)) else { continue };
                let file = files.entry(path.file_name().to_owned()).or_default();
                if !file.is_empty() && !file.ends_with('\n') {
                    file.push('\n');
                }
                file.push_str(text);
            }
            return Ok(Some((tip, files)));
        }
        Ok(None)
    }

    /// The commit that a revision names, if there is one.
    ///
    /// # Errors
    /// The object reader died.
    pub(super) fn find_commit(&mut self, revision: &str) -> Result<Option<ObjectId>> {
        // The revision is one line of the protocol, never an argument.
        if revision.contains(['\n', '\r']) || revision.is_empty() {
            return Ok(None);
        }
        Ok(self.objects.read(&format!("{revision}^{{commit}}"), usize::MAX)?.map(|object| object.id))
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn commit(&mut self, revision: &str) -> Result<ObjectId> {
        self.refuse_ambiguous(revision)?;
        match self.find_commit(revision)? {
            Some(id) => Ok(id),
            None => {
                let branch = revision.strip_prefix("origin/").unwrap_or(revision);
                bail!(
                    "revision `{revision}` does not exist in this repository\nhint: is it fetched? `git fetch origin {branch}` brings a branch"
                )
            }
        }
    }

    /// Whoever pushes a tag named `origin/main` must not choose what others compare with: git takes the tag, and warns at most.
    fn refuse_ambiguous(&mut self, revision: &str) -> Result<()> {
        // Where a short name is looked for, <https://git-scm.com/docs/gitrevisions>.
        const PLACES: [&str; 3] = ["refs/tags/", "refs/heads/", "refs/remotes/"];
        let name = revision.split(['^', '~', ':', '@']).next().unwrap_or_default();
        if name.is_empty() || ObjectId::from_hex(name).is_some() {
            return Ok(());
        }
        let mut found: Vec<(String, ObjectId)> = Vec::new();
        for place in PLACES {
            let full = format!("{place}{name}");
            if let Some(object) = self.objects.read(&format!("{full}^{{commit}}"), usize::MAX)?
                && found.iter().all(|(_, other)| *other != object.id)
            {
                found.push((full, object.id));
            }
        }
        match found.as_slice() {
            [(one, _), (other, _), ..] => {
                bail!("`{name}` names more than one thing in this repository: {one} and {other}\nhint: write out which of them is meant")
            }
            _ => Ok(()),
        }
    }

    /// A commit's tree. What `trees` has already is not read again.
    ///
    /// # Errors
    /// An object is missing or damaged, or the object reader died.
    pub(super) fn side(&mut self, commit: ObjectId, trees: &mut Trees) -> Result<Side> {
        let root = self.objects.read(&format!("{commit}^{{tree}}"), usize::MAX)?.with_context(|| format!("commit {commit} has no tree"))?;
        let listing = self.files_below(root.id, trees)?;
        Ok(Side { commit, listing, truncated: false, plans: BTreeMap::new() })
    }
}

/// The best common ancestor. Where histories cross there are several, and what one of them has may be gone in another and come back with the
/// head: then the base's tip stands for them, as all that it has not is new. The ids are hex, so nothing of the arguments is foreign.
fn merge_base(folder: &Path, base: ObjectId, head: ObjectId) -> Result<ObjectId> {
    let output =
        git(folder).args(["merge-base", "--all", &base.to_string(), &head.to_string()]).output().context("git could not be run")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found = text.lines().filter_map(ObjectId::from_hex);
    match (found.next(), output.status.code()) {
        (Some(_), _) if found.next().is_some() => Ok(base),
        (Some(id), _) => Ok(id),
        (None, Some(1)) => Err(no_common_ancestor(folder, base, head)),
        (None, _) => Err(failure("merge-base", Some(output.status), &String::from_utf8_lossy(&output.stderr))),
    }
}

fn no_common_ancestor(folder: &Path, base: ObjectId, head: ObjectId) -> anyhow::Error {
    let plain = format!("{} and {} have no common ancestor", base.short(), head.short());
    match run(folder, &["rev-parse", "--is-shallow-repository"]) {
        Ok(answer) if answer.trim() == "true" => anyhow!(
            "{plain} in this clone, which is shallow\nhint: fetch more of the history, with `git fetch --unshallow` or `git fetch --deepen=1000`"
        ),
        Ok(_) => anyhow!("{plain}"),
        Err(error) => error,
    }
}

/// A name of git's as text; bytes that are no UTF-8 are escaped.
fn readable(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02X}")));
    }
    text
}
