//! Merge groups as the forge shows them.
//!
//! Comes in: a group's head and base. Goes out: what it is judged from, and which pull requests it holds.

use super::error::{ForgeError, found};
use super::page;
use super::snapshot::{Site, Snapshot};
use super::tree::escape;
use super::wire;
use crate::change::{ObjectId, Pull};
use crate::plan::Page;
use std::collections::BTreeSet;

/// Merges of a group whose pull request is looked for by its head.
const MAX_MERGES: usize = 20;
/// Where the branches of merge groups are.
const QUEUE: &str = "refs/heads/gh-readonly-queue/";
impl Site {
    /// Looks at a merge group: only its check is of interest.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn see_group(&self, head: ObjectId, base: ObjectId) -> Result<Snapshot, ForgeError> {
        let basehead = format!("{base}...{head}");
        let (compared, check, tip) = tokio::try_join!(self.compare(&basehead), page::find_check(&self.place, head), self.ledger_tip(None))?;
        let mut snapshot = self.snapshot(compared, head, tip).await?.snapshot;
        snapshot.page = Page { check, ledger_tip: snapshot.tip.commit, ..Page::default() };
        Ok(snapshot)
    }

    /// The numbers of the pull requests that a merge group holds, as far as the forge tells: by the branches of the queue whose tips are
    /// in the group, and by the heads that it merges.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn pulls_of_group(&self, group: &Snapshot) -> Result<BTreeSet<u64>, ForgeError> {
        let head = group.change.head.commit.to_string();
        let within = |sha: &str| sha == head || group.commits.listed.iter().any(|commit| commit.sha == sha);
        let queued = self.queue().await?;
        let mut numbers: BTreeSet<u64> =
            queued.iter().filter(|found| within(&found.object.sha)).filter_map(|found| queued_pull(&found.name)).collect();
        let merged = group.commits.listed.iter().filter_map(|commit| commit.parents.get(1));
        for parent in merged.take(MAX_MERGES) {
            let path = self.place.path(&format!("/commits/{}/pulls", escape(&parent.sha)));
            let pulls = found(self.place.client.pages::<wire::Pull>(&path).await)?.map(|(pulls, _)| pulls).unwrap_or_default();
            numbers.extend(pulls.iter().filter(|pull| pull.state == "open" && pull.head.sha == parent.sha).map(|pull| pull.number));
        }
        Ok(numbers)
    }

    /// A merge group's own commits as if they were a pull request: what no pull request of the group introduces is theirs.
    ///
    /// # Errors
    /// Those that may pass.
    pub async fn as_pull(&self, group: &Snapshot) -> Result<Pull, ForgeError> {
        let (authors, sole) = tokio::try_join!(self.authors(&group.commits, &group.head_branch), self.sole_maintainer())?;
        let author = wire::actor(None);
        Ok(Pull { number: 0, base: String::new(), author, authors: Some(authors), sole_maintainer: Some(sole), draft: false, same_head: Vec::new() })
    }

    /// Head and base of the groups in the merge queue. Their branches are named `gh-readonly-queue/<branch>/pr-<number>-<onto>`; one that
    /// is named otherwise is left to its event. A group is judged against the branch that it is to go into, as its event has it, and not
    /// against the group that is ahead of it: what that one brings comes along.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn merge_groups(&self) -> Result<Vec<(ObjectId, ObjectId)>, ForgeError> {
        let mut groups = Vec::new();
        for found in self.queue().await? {
            let Some((branch, entry)) = found.name.strip_prefix(QUEUE).and_then(|name| name.rsplit_once("/pr-")) else { continue };
            let onto = entry.rsplit_once('-').and_then(|(_, onto)| ObjectId::from_hex(onto));
            let (Some(head), Some(onto)) = (ObjectId::from_hex(&found.object.sha), onto) else { continue };
            groups.push((head, self.branch_tip(branch).await?.unwrap_or(onto)));
        }
        Ok(groups)
    }

    async fn queue(&self) -> Result<Vec<wire::Reference>, ForgeError> {
        self.place.client.get(&self.place.path("/git/matching-refs/heads/gh-readonly-queue/")).await
    }
}

/// The number in the name of a queue's branch.
fn queued_pull(name: &str) -> Option<u64> {
    let (_, entry) = name.rsplit_once("/pr-")?;
    entry.split_once('-')?.0.parse().ok()
}
