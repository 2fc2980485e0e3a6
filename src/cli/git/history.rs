//! The first-parent history of a branch: one change after the other, as they came in.
//!
//! Comes in: a branch and how far back to look. Goes out: commits with what they say of themselves, newest first. What a commit says is
//! read from the object and not from git's log, which hides the parents that a shallow clone does not have.

use super::Repository;
use super::command::run;
use crate::change::{ObjectId, Timestamp};
use crate::source::MAX_FILE_BYTES;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Which commits of the first-parent history are taken.
pub(in crate::cli) struct Selection<'a> {
    /// As `git log --since` takes it.
    pub since: Option<&'a str>,
    pub last: Option<usize>,
    pub merges_only: bool,
}

/// What a commit says of itself.
pub(in crate::cli) struct Commit {
    pub id: ObjectId,
    pub parents: Vec<ObjectId>,
    /// When it was committed.
    pub at: Timestamp,
    /// The first line of its message.
    pub subject: String,
    /// Whether it bears a signature, by whomever.
    pub is_signed: bool,
}

impl Repository {
    /// The commits of the first-parent history, newest first.
    ///
    /// # Errors
    /// `git` failed.
    pub(in crate::cli) fn first_parents(&mut self, folder: &Path, tip: ObjectId, selection: &Selection<'_>) -> Result<Vec<ObjectId>> {
        let mut arguments = vec!["rev-list".to_owned(), "--first-parent".to_owned()];
        arguments.extend(selection.since.map(|since| format!("--since={since}")));
        arguments.extend(selection.last.map(|last| format!("--max-count={last}")));
        arguments.extend(selection.merges_only.then(|| "--merges".to_owned()));
        arguments.push(tip.to_string());
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Ok(run(folder, &arguments)?.lines().filter_map(ObjectId::from_hex).collect())
    }

    /// A commit and all that its history has, along every parent.
    ///
    /// # Errors
    /// `git` failed.
    pub(in crate::cli) fn ancestors(&self, folder: &Path, tip: ObjectId) -> Result<Vec<ObjectId>> {
        Ok(run(folder, &["rev-list", &tip.to_string()])?.lines().filter_map(ObjectId::from_hex).collect())
    }

    /// What a commit says of itself.
    ///
    /// # Errors
    /// It is missing or damaged, or the object reader died.
    pub(in crate::cli) fn describe(&mut self, id: ObjectId) -> Result<Commit> {
        let object = self.objects.read(&id.to_string(), MAX_FILE_BYTES)?.with_context(|| format!("commit {id} is missing"))?;
        parse(id, &String::from_utf8_lossy(&object.bytes)).with_context(|| format!("commit {id} is damaged"))
    }

    /// Whether the repository has a commit.
    ///
    /// # Errors
    /// The object reader died.
    pub(in crate::cli) fn has_commit(&mut self, id: ObjectId) -> Result<bool> {
        Ok(self.objects.read(&format!("{id}^{{commit}}"), MAX_FILE_BYTES)?.is_some())
    }

    /// The branch that changes come in on: the one that is named, else the default branch of `origin`, else the one that is checked out.
    /// With the commit that it stands at.
    ///
    /// # Errors
    /// It does not exist, or has no commit yet.
    pub(in crate::cli) fn branch(&mut self, folder: &Path, named: Option<&str>) -> Result<(String, ObjectId)> {
        if let Some(name) = named {
            return Ok((name.to_owned(), self.commit(name)?));
        }
        for name in ["refs/remotes/origin/HEAD", "HEAD"] {
            let Some(tip) = self.objects.read(&format!("{name}^{{commit}}"), MAX_FILE_BYTES)?.map(|object| object.id) else { continue };
            // A checked-out commit has no branch to name.
            let short = run(folder, &["rev-parse", "--abbrev-ref", name])?;
            return Ok((short.trim().to_owned(), tip));
        }
        bail!("the repository has no commit yet\nhint: name a branch with --branch")
    }

    /// Where `origin` is, if the repository has one.
    pub(in crate::cli) fn origin(folder: &Path) -> Option<String> {
        run(folder, &["config", "--get", "remote.origin.url"]).ok().map(|url| url.trim().to_owned()).filter(|url| !url.is_empty())
    }
}

/// Headers, an empty line, the message (<https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>, read 2026-11-28).
fn parse(id: ObjectId, text: &str) -> Option<Commit> {
    let (headers, message) = text.split_once("\n\n").unwrap_or((text, ""));
    let parents = headers.lines().filter_map(|line| line.strip_prefix("parent ")).map(ObjectId::from_hex);
    // `committer A U Thor <a@example.com> 1700000000 +0100`.
    let committer = headers.lines().find_map(|line| line.strip_prefix("committer "))?;
    let seconds = committer.rsplit(' ').nth(1)?.parse().ok()?;
    let subject = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
    let is_signed = headers.lines().any(|line| line.starts_with("gpgsig"));
    Some(Commit { id, parents: parents.collect::<Option<_>>()?, at: Timestamp(seconds), subject, is_signed })
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::change::{ObjectId, Timestamp};

    #[test]
    fn a_commit_is_read_with_all_its_parents() {
        let text = "tree 1111111111111111111111111111111111111111\nparent 2222222222222222222222222222222222222222\n\
                    parent 3333333333333333333333333333333333333333\nauthor A <a@x> 1 +0000\ncommitter B C <b@x> 1700000000 +0100\n\
                    gpgsig -----BEGIN\n parent of nobody\n\nMerge pull request #4\n\nparent 5\n";
        let commit = parse(ObjectId([9; 20]), text).expect("it is read");
        assert_eq!(commit.parents, [ObjectId([0x22; 20]), ObjectId([0x33; 20])]);
        assert_eq!((commit.at, commit.subject.as_str(), commit.is_signed), (Timestamp(1_700_000_000), "Merge pull request #4", true));
        assert!(parse(ObjectId([9; 20]), "tree 1\nparent abc\n\nx").is_none());
    }
}
