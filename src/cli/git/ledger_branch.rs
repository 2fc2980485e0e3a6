//! Writing to the local ledger branch: one commit on top of what is there, without a working tree.
//!
//! Comes in: files with what they are to hold. Goes out: the branch with one more commit. Never pushed, never rewritten.

use super::Repository;
use super::command::{feed, git, run};
use crate::change::{ObjectId, Side};
use crate::cli::git::Trees;
use crate::source::RepoPath;
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the branch stands.
pub(in crate::cli) struct LedgerBranch {
    /// What the next commit goes on top of; `None` where there is no such branch.
    pub side: Option<Side>,
    /// Where the local branch is now.
    local: Option<ObjectId>,
}

/// Whom git makes commits by.
pub(in crate::cli) struct Identity {
    pub name: String,
    pub email: String,
}

impl LedgerBranch {
    /// The numbers of the repositories that it has decisions of.
    pub(in crate::cli) fn folders(&self) -> Vec<u64> {
        self.side.as_ref().map(folders).unwrap_or_default()
    }
}

/// The numbers of the repositories that a side of the branch has decisions of.
pub(super) fn folders(side: &Side) -> Vec<u64> {
    let numbers: BTreeSet<u64> = side.listing.keys().filter_map(folder).collect();
    numbers.into_iter().collect()
}

/// The number of the repository whose decisions a file has.
pub(super) fn folder(path: &RepoPath) -> Option<u64> {
    path.as_str().split_once('/')?.0.parse().ok()
}

impl Repository {
    /// Where the ledger branch stands, to be appended to.
    ///
    /// # Errors
    /// As `ledger_stand`, or the branch is checked out.
    pub(in crate::cli) fn ledger_branch(&mut self, folder: &Path, branch: &str) -> Result<LedgerBranch> {
        let here = format!("refs/heads/{branch}");
        if run(folder, &["symbolic-ref", "-q", "HEAD"]).is_ok_and(|head| head.trim() == here) {
            bail!("the branch {branch} is checked out\nhint: check out another one first");
        }
        self.ledger_stand(folder, branch)
    }

    /// Where the ledger branch stands, here or on `origin`, whichever is ahead.
    ///
    /// # Errors
    /// The two have gone different ways.
    pub(in crate::cli) fn ledger_stand(&mut self, folder: &Path, branch: &str) -> Result<LedgerBranch> {
        let [here, there] = [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")];
        let (local, remote) = (self.find_commit(&here)?, self.find_commit(&there)?);
        let tip = match (local, remote) {
            (Some(local), Some(remote)) => match Self::merge_base(folder, local, remote)? {
                base if base == remote => Some(local),
                base if base == local => Some(remote),
                _ => bail!(
                    "{branch} has gone different ways here and on origin\nhint: `git fetch origin {branch}`, and put the local branch on top of it"
                ),
            },
            (local, remote) => local.or(remote),
        };
        let side = tip.map(|tip| self.side(tip, &mut Trees::default())).transpose()?;
        Ok(LedgerBranch { side, local })
    }

    /// Commits files on top of where the branch stands.
    ///
    /// # Errors
    /// `git` failed, or the branch has moved meanwhile.
    pub(in crate::cli) fn append(
        &mut self,
        folder: &Path,
        branch: &str,
        stand: &LedgerBranch,
        files: &BTreeMap<String, String>,
        message: &str,
    ) -> Result<ObjectId> {
        let index = Index::beside(folder)?;
        let tip = stand.side.as_ref().map(|side| side.commit.to_string());
        if let Some(tip) = &tip {
            index.run(folder, &["read-tree", tip], Vec::new())?;
        }
        for (path, text) in files {
            let blob = object_id(&feed(git(folder), &["hash-object", "-w", "--no-filters", "--stdin"], text.clone().into_bytes())?)?;
            index.run(folder, &["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")], Vec::new())?;
        }
        let tree = object_id(&index.run(folder, &["write-tree"], Vec::new())?)?.to_string();
        let mut arguments = vec!["commit-tree", &tree];
        if let Some(tip) = &tip {
            arguments.extend(["-p", tip]);
        }
        let commit = object_id(&feed(git(folder), &arguments, message.as_bytes().to_vec())?)?;
        // The old value holds the branch to what was read.
        let old = stand.local.unwrap_or(ObjectId([0; 20])).to_string();
        run(folder, &["update-ref", "-m", "astride: decisions from the desk", &format!("refs/heads/{branch}"), &commit.to_string(), &old])?;
        Ok(commit)
    }

    /// Whom git makes commits by.
    ///
    /// # Errors
    /// Git does not know, and says how to tell it.
    pub(in crate::cli) fn identity(folder: &Path) -> Result<Identity> {
        let ident = run(folder, &["var", "GIT_AUTHOR_IDENT"])?;
        // `Name <address> seconds zone`.
        let parsed = ident.rsplit_once('>').and_then(|(who, _)| who.split_once('<'));
        let (name, email) = parsed.with_context(|| format!("git names nobody: {}", ident.trim()))?;
        Ok(Identity { name: name.trim().to_owned(), email: email.to_owned() })
    }
}

/// An index of our own, so that the person's stays as it is.
struct Index(PathBuf);

impl Index {
    fn beside(folder: &Path) -> Result<Self> {
        let name = format!("astride-index-{}", std::process::id());
        let path = run(folder, &["rev-parse", "--path-format=absolute", "--git-path", &name])?;
        Ok(Self(PathBuf::from(path.trim_end_matches('\n'))))
    }

    fn run(&self, folder: &Path, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>> {
        let mut command = git(folder);
        command.env("GIT_INDEX_FILE", &self.0);
        feed(command, arguments, input)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // It was never more than a means; git overwrites nothing by it.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn object_id(printed: &[u8]) -> Result<ObjectId> {
    let text = String::from_utf8_lossy(printed);
    ObjectId::from_hex(text.trim()).with_context(|| format!("git printed no object id: {}", text.trim()))
}
