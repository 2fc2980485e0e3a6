//! Merge groups as the forge shows them.
//!
//! Comes in: a group's head and base. Goes out: what it is judged from, and which pull requests it holds.

use super::error::{ForgeError, found};
use super::page;
use super::site::Site;
use super::snapshot::Snapshot;
use super::tree::escape;
use super::wire;
use crate::change::{ObjectId, Pull};
use crate::plan::Page;
use crate::queue::job::Subject;
use std::collections::{BTreeMap, BTreeSet};

/// Merges of a group whose pull request is looked for by its head.
const MAX_MERGES: usize = 20;
/// Branches named like the queue's that the sweep looks at though no event has told of them: anybody may make such.
const MAX_UNTOLD: usize = 50;
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

    /// The pull requests that a merge group holds, as far as the forge tells: by the branches of the queue whose tips are in the group, and by
    /// the heads that it merges. Anybody may name a branch: one that names no open pull request into its own branch says nothing.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn pulls_of_group(&self, group: &Snapshot) -> Result<Vec<wire::Pull>, ForgeError> {
        let head = group.change.head.commit.to_string();
        let within = |sha: &str| sha == head || group.commits.listed.iter().any(|commit| commit.sha == sha);
        let mut pulls = BTreeMap::new();
        for queued in self.queue().await?.iter().filter_map(Queued::read).filter(|queued| within(&queued.head.to_string())) {
            if let Some(pull) = self.queued_pull(&queued).await? {
                pulls.insert(pull.number, pull);
            }
        }
        let merged = group.commits.listed.iter().filter_map(|commit| commit.parents.get(1));
        for parent in merged.take(MAX_MERGES) {
            let path = self.place.path(&format!("/commits/{}/pulls", escape(&parent.sha)));
            let found = found(self.place.client.pages::<wire::Pull>(&path).await)?.map(|(pulls, _)| pulls).unwrap_or_default();
            let merged = found.into_iter().filter(|pull| pull.state == "open" && pull.head.sha == parent.sha);
            pulls.extend(merged.map(|pull| (pull.number, pull)));
        }
        Ok(pulls.into_values().collect())
    }

    /// The pull request that a branch of the queue is named after, if there is one and it is to go where the name says.
    async fn queued_pull(&self, queued: &Queued) -> Result<Option<wire::Pull>, ForgeError> {
        let pull = found(self.pull(queued.number, None).await)?;
        Ok(pull.filter(|pull| pull.state == "open" && pull.base.branch == queued.branch))
    }

    /// Whether what is new in a group is of open pull requests into its branch, and of merges of them. The name of a branch proves nothing, and
    /// that the forge has made a commit neither: it makes those of its web editor too.
    async fn is_of_pulls(&self, queued: &Queued, base: ObjectId) -> Result<bool, ForgeError> {
        if self.queued_pull(queued).await?.is_none() || !self.pulls_at(queued.head).await?.is_empty() {
            return Ok(false);
        }
        let group = self.see_group(queued.head, base).await?;
        let pulls = self.pulls_of_group(&group).await?;
        let heads: BTreeSet<&str> =
            pulls.iter().filter(|pull| pull.base.branch == queued.branch).map(|pull| pull.head.sha.as_str()).collect();
        let listed = &group.commits.listed;
        let mut of_pulls: BTreeSet<&str> = heads.clone();
        // Oldest first: below a head of a pull request everything is its own.
        for commit in listed.iter().rev().filter(|_| listed.len() == group.commits.total) {
            if of_pulls.contains(commit.sha.as_str()) {
                of_pulls.extend(commit.parents.iter().map(|parent| parent.sha.as_str()));
            }
        }
        let merges = |commit: &wire::Commit| commit.parents.len() == 2 && heads.contains(commit.parents[1].sha.as_str());
        let all = listed.iter().all(|commit| of_pulls.contains(commit.sha.as_str()) || merges(commit));
        Ok(all && listed.len() == group.commits.total)
    }

    /// A merge group's own commits as if they were a pull request: what no pull request of the group introduces is theirs.
    ///
    /// # Errors
    /// Those that may pass.
    pub async fn as_pull(&self, group: &Snapshot) -> Result<Pull, ForgeError> {
        let (authors, sole) = tokio::try_join!(self.authors(&group.commits, &group.head_branch), self.sole_maintainer())?;
        let author = wire::actor(None);
        Ok(Pull {
            number: 0,
            base: String::new(),
            author,
            authors: Some(authors),
            sole_maintainer: Some(sole),
            draft: false,
            same_head: Vec::new(),
        })
    }

    /// Head and base of the groups in the merge queue. Their branches are named `gh-readonly-queue/<branch>/pr-<number>-<onto>`; one that is
    /// named otherwise, or that no event told of and that has commits of its own, is left to its event. A group is judged against the branch
    /// that it is to go into, as its event has it, and not against the group that is ahead of it: what that one brings comes along.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn merge_groups(&self) -> Result<Vec<(ObjectId, ObjectId)>, ForgeError> {
        let store = self.place.client.forge().store();
        let (mut groups, mut untold) = (Vec::new(), 0);
        for queued in self.queue().await?.iter().filter_map(Queued::read) {
            let told = store.is_known(self.repository.id, &Subject::Group(queued.head)).await?;
            untold += usize::from(!told);
            if !told && untold > MAX_UNTOLD {
                continue;
            }
            let Some(base) = self.branch_tip(&queued.branch).await? else { continue };
            if told || self.is_of_pulls(&queued, base).await? {
                groups.push((queued.head, base));
            }
        }
        if untold > MAX_UNTOLD {
            tracing::warn!(repository = self.repository.id, untold, "more branches are named like the merge queue's than are looked at");
        }
        Ok(groups)
    }

    async fn queue(&self) -> Result<Vec<wire::Reference>, ForgeError> {
        self.place.client.get(&self.place.path("/git/matching-refs/heads/gh-readonly-queue/")).await
    }
}

/// A branch that is named like those of the merge queue.
struct Queued {
    branch: String,
    number: u64,
    head: ObjectId,
}

impl Queued {
    fn read(reference: &wire::Reference) -> Option<Self> {
        let (branch, entry) = reference.name.strip_prefix(QUEUE)?.rsplit_once("/pr-")?;
        let number = entry.split_once('-')?.0.parse().ok()?;
        Some(Self { branch: branch.to_owned(), number, head: ObjectId::from_hex(&reference.object.sha)? })
    }
}
