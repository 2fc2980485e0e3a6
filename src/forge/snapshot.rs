//! A pull request or merge group as it stands: everything that `judge` and `plan` may know, read afresh.
//!
//! Comes in: what is due. Goes out: a change, the page, and what settings and ledger say. Never older than the event that made it due.

use super::authors::{Commits, HeadBranch, PAGE, ends};
use super::error::{ForgeError, found};
use super::graph::Graph;
use super::hunks::hunks_of;
use super::look_up::{self, Pushers};
use super::site::Site;
use super::tree::{Place, escape};
use super::wire;
use crate::change::{Answers, Approval, Blob, Change, Input, LineRange, ObjectId, Posted, Presentation, Pull, Side, Timestamp};
use crate::judge::{LedgerTexts, Needs};
use crate::ledger::{Growth, Tip};
use crate::plan::Page;
use crate::queue::inbox::Waiting;
use crate::settings::SettingsTexts;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Files in a comparison at most; where there are as many, there may be more.
/// Source: <https://docs.github.com/en/rest/commits/commits#compare-two-commits>
const MAX_COMPARED: usize = 300;

/// Commits of the base right below the head's own that are asked for: one for each merge of the base.
const MAX_BELOW: usize = 20;

/// One look at it.
#[derive(Debug)]
pub struct Snapshot {
    pub change: Change,
    pub page: Page,
    pub settings: SettingsTexts,
    pub ledger: LedgerTexts,
    pub tip: Tip,
    /// What has become of the ledger's branch since it was last looked at.
    pub growth: Growth,
    pub waiting: Waiting,
    /// The branch that the pull request is to go into; empty for merge groups.
    pub base_branch: String,
    /// When the forge says that the pull request changed last.
    pub changed_at: Timestamp,
    /// The digest of the organisation's settings before it was looked at.
    pub organisation: String,
    pub(super) pushers: Pushers,
    pub(super) commits: Commits,
    pub(super) head_branch: HeadBranch,
}

impl Snapshot {
    /// A change alone: without a page, settings, decisions or people.
    pub(super) fn of(change: Change) -> Self {
        Self {
            change,
            page: Page::default(),
            settings: SettingsTexts::default(),
            ledger: LedgerTexts::default(),
            tip: Tip::default(),
            growth: Growth::default(),
            waiting: Waiting::default(),
            base_branch: String::new(),
            changed_at: Timestamp::default(),
            organisation: String::new(),
            pushers: Pushers::new(),
            commits: Commits::default(),
            head_branch: HeadBranch::default(),
        }
    }
}

/// The base branch's tip, and its tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct BaseTip {
    pub(super) commit: ObjectId,
    pub(super) tree: ObjectId,
}

/// A change as seen, with the files that its comparison lists.
pub(super) struct SeenChange {
    pub(super) snapshot: Snapshot,
    files: Vec<wire::ChangedFile>,
}

/// What was asked for and is not there for us to see.
#[derive(Debug)]
pub enum Seen {
    Open(Box<Snapshot>),
    /// Closed, merged or gone: nothing to say any more.
    Closed,
}

impl Place {
    /// Where a branch is; `None` where there is none of that name.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn branch_tip(&self, branch: &str) -> Result<Option<ObjectId>, ForgeError> {
        let path = self.path(&format!("/git/ref/heads/{}", escape(branch)));
        let reference: Option<wire::Reference> = found(self.client.get(&path).await)?;
        reference.map(|reference| object_id(&reference.object.sha, "the branch's tip")).transpose()
    }
}

impl Site {
    /// Looks at a pull request and its page, of which `graph` tells what it can. `tip` is where our own write has just moved the ledger, which the
    /// forge may not show yet.
    ///
    /// # Errors
    /// Of the forge; `Lagging` as in `pull`.
    pub async fn see_pull(&self, pull: &wire::Pull, graph: Graph, tip: Option<ObjectId>) -> Result<Seen, ForgeError> {
        if pull.state != "open" {
            return Ok(Seen::Closed);
        }
        let number = pull.number;
        let head = object_id(&pull.head.sha, "the head")?;
        let store = self.place.client.forge().store();
        let published = store.published(self.repository.id, number).await?;
        let organisation = self.organisation_digest().await?;
        let at_head = graph.at_head.clone();
        let (mut seen, talk, same_head) = tokio::try_join!(
            self.see_change(pull, tip),
            Box::pin(self.listen(number, head, graph)),
            self.same_head(number, head, at_head),
        )?;
        let hunks = self.hunks(number, &seen.files).await?;
        self.hold_against_check(&mut seen.snapshot, talk.page.check.as_ref()).await?;
        let mut snapshot = seen.snapshot;
        snapshot.take_talk(talk);
        snapshot.page.base.clone_from(&pull.base.branch);
        snapshot.page.refused = store.refused_requests(self.repository.id, number).await?;
        let page = &snapshot.page;
        let change = &mut snapshot.change;
        change.hunks = hunks;
        change.shown_at = look_up::shown_at(published.as_ref(), head, page.check.as_ref());
        if let Some(pull) = &mut change.pull {
            pull.same_head = same_head;
        }
        snapshot.organisation = organisation;
        Ok(Seen::Open(Box::new(snapshot)))
    }

    /// Looks at a pull request without its page: at what would be said of it, if nobody spoke now.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn see_aside(&self, pull: &wire::Pull) -> Result<Snapshot, ForgeError> {
        Ok(self.see_change(pull, None).await?.snapshot)
    }

    /// Looks at a pull request that was merged as it was before: against the base that it was last judged with, or else the one that the
    /// forge says that it had.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn see_merged(&self, pull: &wire::Pull) -> Result<Snapshot, ForgeError> {
        let store = self.place.client.forge().store();
        let published = store.published(self.repository.id, pull.number).await?;
        let base = match published.filter(|published| published.head.to_string() == pull.head.sha) {
            Some(published) => published.base_tip,
            None => object_id(&pull.base.sha, "the base")?,
        };
        Ok(self.see_against(&base.to_string(), pull, None).await?.snapshot)
    }

    /// The pull requests that were merged since a time, as far as they are among the hundred that changed last.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn merged_since(&self, since: Timestamp) -> Result<Vec<wire::Pull>, ForgeError> {
        let path = self.place.path(&format!("/pulls?state=closed&sort=updated&direction=desc&per_page={PAGE}"));
        let closed: Vec<wire::Pull> = self.place.client.get(&path).await?;
        let is_since = |at: Timestamp| at >= since && !self.is_before_us(at);
        let is_wanted = |pull: &wire::Pull| pull.merged_at.as_deref().is_some_and(|at| is_since(wire::timestamp(at)));
        Ok(closed.into_iter().filter(is_wanted).collect())
    }

    async fn see_change(&self, pull: &wire::Pull, tip: Option<ObjectId>) -> Result<SeenChange, ForgeError> {
        self.see_against(&escape(&pull.base.branch), pull, tip).await
    }

    async fn see_against(&self, base: &str, pull: &wire::Pull, tip: Option<ObjectId>) -> Result<SeenChange, ForgeError> {
        let head = object_id(&pull.head.sha, "the head")?;
        let basehead = format!("{base}...{head}");
        let (compared, tip) = tokio::try_join!(self.compare(&basehead), self.ledger_tip(tip))?;
        let known = Pull {
            number: pull.number,
            base: pull.base.branch.clone(),
            author: wire::actor(pull.user.as_ref()),
            authors: None,
            sole_maintainer: None,
            draft: pull.draft,
            same_head: Vec::new(),
        };
        let mut seen = self.snapshot(compared, head, tip).await?;
        seen.snapshot.change.pull = Some(known);
        seen.snapshot.base_branch.clone_from(&pull.base.branch);
        seen.snapshot.changed_at = wire::timestamp(&pull.updated_at);
        seen.snapshot.head_branch = HeadBranch {
            repository: pull.head.repo.as_ref().map(|repository| repository.full_name.clone()),
            branch: pull.head.branch.clone(),
        };
        Ok(seen)
    }

    /// Both sides of a comparison, and the settings and the ledger that it is judged by.
    pub(super) async fn snapshot(&self, compared: wire::Comparison, head: ObjectId, tip: Tip) -> Result<SeenChange, ForgeError> {
        let (base, head_side, base_tip) = self.sides(&compared, head).await?;
        let settings = self.settings(base_tip, &base).await?;
        let growth = match self.hold_against_checks(&tip, &compared.commits).await? {
            Some(shrunk) => shrunk,
            None => self.ledger.growth(&tip).await?,
        };
        let presentation = Presentation { details: None, docs: self.place.client.forge().docs().clone(), answers: Answers::Commands };
        let change = Change {
            repository: self.repository.clone(),
            base_tip: base_tip.commit,
            presentation,
            reproductions: self.place.client.forge().reproductions(),
            input: Input::Unasked,
            ..Change::between(base, head_side, BTreeMap::new())
        };
        let commits = Commits {
            // By the commit: the branch may move on between two pages.
            basehead: format!("{}...{head}", base_tip.commit),
            merge_base: compared.merge_base_commit.sha.clone(),
            listed: compared.commits,
            total: compared.total_commits,
        };
        let snapshot = Snapshot { settings, ledger: self.ledger_texts(&tip, &growth).await?, tip, growth, commits, ..Snapshot::of(change) };
        Ok(SeenChange { snapshot, files: compared.files })
    }

    /// What is known of the ledger's branch before any file of it is read.
    pub(super) async fn ledger_texts(&self, tip: &Tip, growth: &Growth) -> Result<LedgerTexts, ForgeError> {
        let protection = match tip.commit {
            Some(_) => Some(self.ledger.place.protection(&self.ledger.name).await?),
            None => None,
        };
        let broken = growth.broken.as_ref().map(|what| self.broken(what, growth.should_be));
        let (branch, should_be) = (self.ledger.name.clone(), growth.should_be);
        let beginning = if broken.is_none() { self.ledger.beginning(tip).await? } else { None };
        Ok(LedgerTexts { tip: tip.commit, branch, broken, should_be, protection, beginning, ..LedgerTexts::default() })
    }

    /// Looks up of a pull request whose words count on it, whoever has spoken.
    ///
    /// # Errors
    /// Those that may pass.
    pub async fn look_up_people(&self, snapshot: &mut Snapshot) -> Result<(), ForgeError> {
        let (commits, head_branch) = (&snapshot.commits, &snapshot.head_branch);
        let (authors, sole) = tokio::try_join!(self.authors(commits, head_branch), self.sole_maintainer())?;
        if let Some(pull) = &mut snapshot.change.pull {
            (pull.authors, pull.sole_maintainer) = (Some(authors), Some(sole));
        }
        Ok(())
    }

    /// Fetches what `judge` asked for, and gives the number of bytes.
    ///
    /// # Errors
    /// Of the forge. A right that cannot be looked up for good is a refusal, not an error.
    pub async fn fetch(&self, snapshot: &mut Snapshot, needs: &Needs) -> Result<usize, ForgeError> {
        if let Some(wanted) = &needs.input {
            return self.take_input(snapshot, wanted).await;
        }
        let change = &mut snapshot.change;
        let ids = |side: &Side, paths: &BTreeSet<RepoPath>| -> Vec<ObjectId> {
            paths.iter().filter_map(|path| side.listing.get(path)).map(|listed| listed.id).collect()
        };
        let mut wanted: BTreeSet<ObjectId> = ids(&change.base, &needs.base).into_iter().collect();
        wanted.extend(ids(&change.head, &needs.head));
        let mut bytes = 0;
        for (id, content) in self.place.blobs(wanted).await? {
            bytes += content.len();
            change.blobs.insert(id, Blob::from_bytes(content));
        }
        let approving = change.approvals.reviews.iter_mut().map(|Approval { posted, .. }| posted);
        let mut unweighed: Vec<&mut Posted> = change.posted.iter_mut().chain(approving).collect();
        unweighed.retain(|posted| needs.rights.contains(&(posted.surface, posted.id)));
        for posted in unweighed {
            let (author, right) = self.right(&posted.author).await?;
            // Owners are known by their names: by the one that the account has now.
            (posted.author, posted.right) = (author, Some(right));
        }
        for (team, login) in &needs.members {
            let member = self.member(team, login).await?;
            change.members.insert((team.clone(), login.clone()), member);
        }
        if let Some(pull) = &mut change.pull {
            if needs.authors {
                pull.authors = Some(self.authors(&snapshot.commits, &snapshot.head_branch).await?);
            }
            if needs.sole_maintainer {
                pull.sole_maintainer = Some(self.sole_maintainer().await?);
            }
        }
        let history = self.place.history(change.base.commit, &needs.history).await?;
        bytes += history.bytes;
        change.history.extend(history.versions);
        change.blobs.extend(history.blobs);
        bytes += self.fetch_ledger(snapshot, needs).await?;
        Ok(bytes)
    }

    /// As `Place::branch_tip`.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn branch_tip(&self, branch: &str) -> Result<Option<ObjectId>, ForgeError> {
        self.place.branch_tip(branch).await
    }

    /// What the head has and the base has not. One answer tells the merge base, the trees, who wrote the first commits, and the lines
    /// that changed.
    pub(super) async fn compare(&self, basehead: &str) -> Result<wire::Comparison, ForgeError> {
        self.place.client.get_fresh(&self.place.path(&format!("/compare/{basehead}?per_page={PAGE}"))).await
    }

    async fn sides(&self, compared: &wire::Comparison, head: ObjectId) -> Result<(Side, Side, BaseTip), ForgeError> {
        let sha = head.to_string();
        let mut commits = compared.commits.iter().rev().chain([&compared.merge_base_commit]);
        let head_tree = match commits.find(|commit| commit.sha == sha) {
            Some(commit) => self.place.believe(commit).await?.tree,
            None => self.place.commit(head).await?.tree,
        };
        let merge_base = object_id(&compared.merge_base_commit.sha, "the merge base")?;
        let base_tip = object_id(&compared.base_commit.sha, "the base")?;
        let merge_base_tree = self.place.believe(&compared.merge_base_commit).await?.tree;
        let tip_tree = if base_tip == merge_base { merge_base_tree } else { self.place.believe(&compared.base_commit).await?.tree };
        // Where histories cross there are several merge bases, and the forge names one. What that one has may be gone in another and come back
        // with the head: then all that the base's tip has not is new.
        let (base, base_tree) =
            if self.histories_cross(compared, head).await? { (base_tip, tip_tree) } else { (merge_base, merge_base_tree) };
        let (base, head) = tokio::try_join!(self.place.side(base, base_tree), self.place.side(head, head_tree))?;
        Ok((base, head, BaseTip { commit: base_tip, tree: tip_tree }))
    }

    /// Whether the base has commits right below the head's own that are not below the merge base: then it is not the only one. Where too many
    /// lie there to ask for each, they may.
    async fn histories_cross(&self, compared: &wire::Comparison, head: ObjectId) -> Result<bool, ForgeError> {
        let merge_base = &compared.merge_base_commit.sha;
        if *merge_base == compared.base_commit.sha || *merge_base == head.to_string() {
            return Ok(false);
        }
        let commits = Commits {
            basehead: format!("{}...{head}", compared.base_commit.sha),
            listed: compared.commits.clone(),
            total: compared.total_commits,
            merge_base: merge_base.clone(),
        };
        let own = self.all_commits(&commits).await?;
        let tip = head.to_string();
        let below = ends(&tip, merge_base, &own);
        if own.len() < compared.total_commits || below.len() > MAX_BELOW {
            return Ok(true);
        }
        for sha in below {
            let basehead = format!("{}...{}", escape(merge_base), escape(sha));
            let path = self.place.path(&format!("/compare/{basehead}?per_page=1"));
            let found: wire::Comparison = self.place.client.get_fresh(&path).await?;
            if found.total_commits > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) async fn ledger_tip(&self, known: Option<ObjectId>) -> Result<Tip, ForgeError> {
        let commit = match known {
            Some(commit) => Some(commit),
            None => self.ledger.tip().await?,
        };
        self.ledger.at(commit).await
    }

    /// The numbers of the other pull requests with a head, as far as the forge tells and as we remember them: of a commit that the default
    /// branch has, the forge tells of the one alone that brought it there.
    async fn same_head(&self, number: u64, head: ObjectId, told: Option<BTreeSet<u64>>) -> Result<Vec<u64>, ForgeError> {
        let told = match told {
            Some(told) => told,
            None => self.pulls_at(head).await?,
        };
        let known = self.place.client.forge().store().published_at(self.repository.id, head).await?;
        let all: BTreeSet<u64> = told.into_iter().chain(known).filter(|other| *other != number).collect();
        Ok(all.into_iter().collect())
    }

    /// The numbers of the open pull requests with a head, as far as the forge tells.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn pulls_at(&self, head: ObjectId) -> Result<BTreeSet<u64>, ForgeError> {
        let path = self.place.path(&format!("/commits/{head}/pulls"));
        let pulls = found(self.place.client.pages::<wire::Pull>(&path).await)?.map(|(pulls, _)| pulls).unwrap_or_default();
        let there = pulls.iter().filter(|pull| pull.state == "open" && pull.head.sha == head.to_string());
        Ok(there.map(|pull| pull.number).collect())
    }

    async fn hunks(&self, number: u64, compared: &[wire::ChangedFile]) -> Result<BTreeMap<RepoPath, Vec<LineRange>>, ForgeError> {
        if compared.len() < MAX_COMPARED {
            return Ok(hunks_of(compared));
        }
        let (files, _) = self.place.client.pages::<wire::ChangedFile>(&self.place.path(&format!("/pulls/{number}/files"))).await?;
        Ok(hunks_of(&files))
    }
}

pub(super) fn object_id(text: &str, what: &str) -> Result<ObjectId, ForgeError> {
    ObjectId::from_hex(text).ok_or_else(|| ForgeError::Malformed { what: what.to_owned(), message: format!("`{text}` is no object id") })
}
