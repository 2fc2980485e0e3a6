//! The changes that a branch has taken in: what a survey looks back at.
//!
//! Comes in: the branch's tip. Goes out: its first parents, newest first, and of two neighbours among them both sides, as `judge` takes them.
//! Each change is one commit of the first-parent history, as in `astride survey`, whether it was merged, squashed or pushed.
//!
//! Source: <https://docs.github.com/en/rest/commits/commits#list-commits>, read 2026-11-28.

use super::error::ForgeError;
use super::site::Site;
use super::snapshot::Snapshot;
use super::wire;
use crate::change::{Blob, Change, Mode, ObjectId, Side, Timestamp};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};
use tokio::try_join;

/// Pages of a history that are looked through for first parents: between two of them lie the commits that a merge brought.
const MAX_PAGES: usize = 3;
const PAGE: usize = 100;

/// A commit of a branch, with its tree.
#[derive(Clone, Debug)]
pub struct Past {
    pub commit: ObjectId,
    tree: ObjectId,
    pub at: Timestamp,
    /// The first line of its message, as it was written.
    pub subject: String,
}

impl Site {
    /// The tip and its first parents, newest first: at most so many, and fewer where they lie further apart than is looked.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn first_parents(&self, tip: ObjectId, most: usize) -> Result<Vec<Past>, ForgeError> {
        let mut listed: BTreeMap<String, wire::Commit> = BTreeMap::new();
        let mut pages: Vec<usize> = (1..=MAX_PAGES).rev().collect();
        let mut line = Vec::new();
        let mut next = Some(tip);
        while let Some(id) = next.filter(|_| line.len() < most) {
            let Some(shown) = listed.get(&id.to_string()) else {
                let Some(number) = pages.pop() else { break };
                let path = self.place.path(&format!("/commits?sha={tip}&per_page={PAGE}&page={number}"));
                // The tip is there, if perhaps not yet for the machine that answers.
                let page: Vec<wire::Commit> = self.place.client.get_fresh(&path).await?;
                if page.len() < PAGE {
                    pages.clear();
                }
                listed.extend(page.into_iter().map(|commit| (commit.sha.clone(), commit)));
                continue;
            };
            let commit = self.place.believe(shown).await?;
            let subject = shown.commit.message.lines().next().unwrap_or_default().to_owned();
            line.push(Past { commit: id, tree: commit.tree, at: wire::timestamp(&shown.commit.committer.date), subject });
            next = commit.parents.first().copied();
        }
        Ok(line)
    }

    /// Everything that a commit has.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn side_at(&self, commit: ObjectId) -> Result<Side, ForgeError> {
        self.place.side(commit, self.place.commit(commit).await?.tree).await
    }

    /// The text of a file; `None` where it is none, or where there is no such file.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn text_of(&self, side: &Side, path: &RepoPath) -> Result<Option<String>, ForgeError> {
        let Some(listed) = side.listing.get(path).filter(|listed| listed.mode == Mode::File) else { return Ok(None) };
        let blobs = self.place.blobs(BTreeSet::from([listed.id])).await?;
        Ok(blobs.into_values().next().and_then(|bytes| Blob::from_bytes(bytes).text().map(str::to_owned)))
    }

    /// What a commit of the branch changed.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn see_past(&self, base: &Past, head: &Past) -> Result<Snapshot, ForgeError> {
        let (base, head) = try_join!(self.place.side(base.commit, base.tree), self.place.side(head.commit, head.tree))?;
        Ok(Snapshot::of(Change { repository: self.repository.clone(), ..Change::between(base, head, BTreeMap::new()) }))
    }
}
