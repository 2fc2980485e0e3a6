//! What the stand-in knows: users, repositories, pull requests, and everything that is written on them.
//!
//! Plain values with the look-ups that all routes share. Never speaks HTTP; the shapes that go over the wire are in `wire`.

use crate::change::ObjectId;
use crate::change::Right;
use crate::change::Timestamp;
use crate::sandbox::github::access::Installation;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::access::Tokens;
use crate::sandbox::github::deliveries::Deliveries;
use crate::sandbox::github::faults::Faults;
use crate::sandbox::github::limits::Limits;
use crate::sandbox::history;
use crate::sandbox::objects::Objects;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    Person,
    Bot,
    Organization,
}

#[derive(Clone, Debug)]
pub struct User {
    pub id: u64,
    pub login: String,
    pub kind: UserKind,
}

/// The account that GitHub itself commits with, and its id on github.com.
pub const WEB_FLOW: u64 = 19_864_447;

impl User {
    /// The address by which GitHub knows whose commit it is.
    pub fn email(&self) -> String {
        if self.id == WEB_FLOW {
            return "noreply@github.com".to_owned();
        }
        format!("{}+{}@users.noreply.github.com", self.id, self.login)
    }
}

#[derive(Clone, Debug)]
pub struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub private: bool,
    pub default_branch: String,
    /// Forks share the objects of the repository that they came from.
    pub network: u64,
    pub fork_of: Option<u64>,
    /// By full name: `refs/heads/main`.
    pub refs: BTreeMap<String, ObjectId>,
    pub roles: BTreeMap<u64, Right>,
    pub pulls: BTreeMap<u64, Pull>,
    pub issues: BTreeMap<u64, Issue>,
    /// Whether issues can be opened: its administrators may switch them off.
    pub has_issues: bool,
    pub comments: BTreeMap<u64, IssueComment>,
    pub review_comments: BTreeMap<u64, ReviewComment>,
    pub reviews: BTreeMap<u64, Review>,
    pub checks: BTreeMap<u64, CheckRun>,
    /// What happened to its branches, oldest first.
    pub activity: Vec<Activity>,
    /// Rulesets, by id.
    pub rulesets: BTreeMap<u64, Ruleset>,
    pub runs: BTreeMap<u64, WorkflowRun>,
    pub artifacts: BTreeMap<u64, Artifact>,
    /// Read-only.
    pub archived: bool,
    pub created_at: Timestamp,
}

impl Repository {
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// The number of the next pull request or issue.
    pub(crate) fn next_number(&self) -> u64 {
        let last = |keys: Option<&u64>| keys.copied().unwrap_or(0);
        last(self.pulls.keys().next_back()).max(last(self.issues.keys().next_back())) + 1
    }

    pub fn branch(&self, name: &str) -> Option<ObjectId> {
        self.refs.get(&format!("refs/heads/{name}")).copied()
    }
}

/// What somebody did to a branch.
#[derive(Clone, Debug)]
pub struct Activity {
    pub id: u64,
    /// `refs/heads/main`.
    pub full_ref: String,
    pub before: Option<ObjectId>,
    pub after: Option<ObjectId>,
    /// `push`, `force_push`, `branch_creation`, `branch_deletion`, `pr_merge`, `merge_queue_merge`.
    pub kind: &'static str,
    pub actor: u64,
    pub at: Timestamp,
}

/// A run of a workflow.
#[derive(Clone, Debug)]
pub struct WorkflowRun {
    pub id: u64,
    pub number: u64,
    /// The workflow's path.
    pub workflow: String,
    pub event: String,
    pub head: ObjectId,
    /// The repository that the head is from.
    pub from: u64,
    pub by: u64,
    pub suite: u64,
    /// `None` while it runs.
    pub conclusion: Option<String>,
    pub at: Timestamp,
}

/// What a run uploaded.
#[derive(Clone, Debug)]
pub struct Artifact {
    pub id: u64,
    pub name: String,
    pub run: u64,
    /// A ZIP archive, or whatever somebody made to look like one.
    pub archive: Vec<u8>,
    pub expired: bool,
    pub at: Timestamp,
}

/// Rules for one branch.
#[derive(Clone, Debug)]
pub struct Ruleset {
    pub id: u64,
    pub branch: String,
    /// `update`, `deletion`, `non_fast_forward`, `merge_queue`.
    pub rules: Vec<&'static str>,
    /// Checks that are required, and the App that each is bound to.
    pub required: Vec<(String, Option<u64>)>,
    /// Whether our App may bypass it.
    pub lets_app_by: bool,
}

/// One end of a pull request.
#[derive(Clone, Debug)]
pub struct End {
    pub repository: u64,
    pub branch: String,
    /// For the base this is the tip as it was at the last event of the pull request: GitHub does not follow the branch.
    pub sha: ObjectId,
}

#[derive(Clone, Debug)]
pub struct Merged {
    pub by: u64,
    pub sha: ObjectId,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Pull {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub body: Option<String>,
    pub author: u64,
    pub draft: bool,
    pub open: bool,
    pub merged: Option<Merged>,
    pub head: End,
    pub base: End,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    /// Who was asked for a review, oldest first.
    pub requests: Vec<ReviewRequest>,
    pub lag: Lag,
}

/// Somebody who was asked for a review.
#[derive(Clone, Debug)]
pub struct ReviewRequest {
    pub whom: Reviewer,
    pub by: u64,
    /// Whether the review is still to come.
    pub pending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reviewer {
    Person(u64),
    /// Of the repository's organisation, by its slug.
    Team(String),
}

/// An issue that is no pull request.
#[derive(Clone, Debug)]
pub struct Issue {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub body: String,
    pub author: u64,
    pub open: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// How long the API lags behind the events of a pull request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lag {
    /// So many more reads answer 404.
    pub missing: u32,
    /// So many more reads show this older head.
    pub stale: Option<(u32, ObjectId)>,
}

#[derive(Clone, Debug)]
pub struct Reaction {
    pub id: u64,
    pub user: u64,
    pub content: String,
    pub at: Timestamp,
}

/// The two kinds of comments, which have ids of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// On the conversation.
    Issue,
    /// On a line or a file of the diff, and replies to such.
    Review,
}

#[derive(Clone, Debug)]
pub struct IssueComment {
    pub id: u64,
    /// The number of the pull request that it stands on.
    pub issue: u64,
    pub author: u64,
    pub body: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Who edited it last.
    pub editor: Option<u64>,
    pub reactions: Vec<Reaction>,
}

#[derive(Clone, Debug)]
pub struct ReviewComment {
    pub id: u64,
    pub pull: u64,
    pub review: u64,
    pub author: u64,
    pub body: String,
    pub path: String,
    pub anchor: Anchor,
    pub diff_hunk: String,
    /// The head that it is shown on, and the one that it was written on.
    pub commit: ObjectId,
    pub original_commit: ObjectId,
    /// The first comment of the thread, for a reply.
    pub reply_to: Option<u64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Who edited it last.
    pub editor: Option<u64>,
    pub reactions: Vec<Reaction>,
    /// Of a first comment: who resolved its thread.
    pub resolved_by: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffSide {
    Left,
    Right,
}

/// What of the diff a review comment stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    File,
    Line {
        side: DiffSide,
        original: u64,
        start: Option<u64>,
        /// `None` once the comment is outdated.
        current: Option<u64>,
    },
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: u64,
    pub pull: u64,
    pub author: u64,
    pub body: String,
    /// `COMMENTED`, `APPROVED`, `CHANGES_REQUESTED`, `DISMISSED`.
    pub state: String,
    pub commit: ObjectId,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct CheckRun {
    pub id: u64,
    pub suite: u64,
    pub app: u64,
    pub name: String,
    pub head: ObjectId,
    pub status: String,
    pub conclusion: Option<String>,
    pub external_id: Option<String>,
    pub details_url: Option<String>,
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
    pub annotations: Vec<serde_json::Value>,
    /// The identifiers of its buttons.
    pub buttons: Vec<String>,
    pub started_at: Timestamp,
    pub completed_at: Option<Timestamp>,
}

/// A GitHub App; ours, and others that post checks.
#[derive(Clone, Debug)]
pub struct App {
    pub id: u64,
    pub slug: String,
    pub name: String,
    /// What it asks for, and the events that it subscribes to.
    pub permissions: Permissions,
    pub events: Vec<String>,
}

/// The counters that ids come from: one per kind, so that a creation that is tried again moves no id of another kind.
#[derive(Clone, Debug, Default)]
pub struct Ids(BTreeMap<&'static str, u64>);

impl Ids {
    pub fn next(&mut self, kind: &'static str) -> u64 {
        let first = match kind {
            "user" => 1_000,
            "repository" => 70_000,
            "pull" => 900_000,
            "issue" => 1_000_000,
            "installation" => 5_000,
            "issue_comment" => 2_000_000,
            "review_comment" => 3_000_000,
            "review" => 4_000_000,
            "check_run" => 6_000_000,
            "check_suite" => 8_000_000,
            "activity" => 9_000_000,
            "ruleset" => 700,
            "workflow_run" => 11_000_000,
            "artifact" => 12_000_000,
            _ => 1,
        };
        let next = self.0.entry(kind).or_insert(first);
        *next += 1;
        *next
    }
}

/// All of GitHub, as far as it is played here.
pub struct Github {
    pub app: App,
    /// Where the App's webhooks go.
    pub hook_url: String,
    pub hook_active: bool,
    pub hook_secret_is_set: bool,
    /// The App's private keys in PEM: several while they are being changed.
    pub app_keys: Vec<String>,
    /// Whether tokens of another hour are refused, and answers bear the hour: the stand-in's clock need not be the caller's.
    pub hour_counts: bool,
    /// Who owns the App, where it was registered here.
    pub(crate) app_owner: Option<u64>,
    /// What stands for an App's credentials, and since when.
    pub(crate) codes: BTreeMap<String, Timestamp>,
    pub apps: BTreeMap<u64, App>,
    /// The App's own user, `astride[bot]`.
    pub bot: u64,
    pub(crate) now: Timestamp,
    pub(crate) ids: Ids,
    pub users: BTreeMap<u64, User>,
    pub(crate) networks: BTreeMap<u64, Objects>,
    pub repositories: BTreeMap<u64, Repository>,
    /// Former full names, in lower case.
    pub(crate) renamed: BTreeMap<String, u64>,
    /// By organisation and slug, in lower case.
    pub(crate) teams: BTreeMap<(String, String), Vec<u64>>,
    pub(crate) suites: BTreeMap<(u64, u64, ObjectId), u64>,
    pub installations: BTreeMap<u64, Installation>,
    pub(crate) tokens: Tokens,
    pub(crate) deliveries: Deliveries,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    /// Where the API answers, without a slash at the end.
    pub(crate) api_url: String,
    pub web_url: String,
    /// Entries of a recursive listing before it is cut.
    pub(crate) tree_limit: usize,
    pub(crate) signs: bool,
}

impl Github {
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Sets the clock: tokens age by it, and whatever is written next bears its time.
    pub fn set_now(&mut self, now: Timestamp) {
        self.now = now;
    }

    pub fn advance(&mut self, seconds: i64) {
        self.now.0 += seconds;
    }

    pub fn user(&self, id: u64) -> Option<&User> {
        self.users.get(&id)
    }

    /// Logins are compared without regard to case.
    pub fn user_named(&self, login: &str) -> Option<&User> {
        self.users.values().find(|user| user.login.eq_ignore_ascii_case(login))
    }

    pub fn user_with_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| user.email() == email)
    }

    pub fn repository(&self, id: u64) -> Option<&Repository> {
        self.repositories.get(&id)
    }

    pub fn repository_named(&self, full_name: &str) -> Option<&Repository> {
        self.repositories.values().find(|repository| repository.full_name().eq_ignore_ascii_case(full_name))
    }

    pub fn pull(&self, repository: u64, number: u64) -> Option<&Pull> {
        self.repositories.get(&repository)?.pulls.get(&number)
    }

    pub fn objects(&self, repository: u64) -> Option<&Objects> {
        self.networks.get(&self.repositories.get(&repository)?.network)
    }

    pub fn objects_mut(&mut self, repository: u64) -> Option<&mut Objects> {
        self.networks.get_mut(&self.repositories.get(&repository)?.network)
    }

    /// A commit by SHA, by branch or tag, or by full ref.
    pub fn resolve(&self, repository: u64, revision: &str) -> Option<ObjectId> {
        let found = self.repositories.get(&repository)?;
        let revision = if revision == "HEAD" { found.default_branch.as_str() } else { revision };
        let id = ObjectId::from_hex(revision).or_else(|| {
            let names = ["refs/heads/", "refs/tags/", "refs/", ""].map(|prefix| format!("{prefix}{revision}"));
            names.iter().find_map(|name| found.refs.get(name).copied())
        })?;
        self.objects(repository)?.commit(id).map(|_| id)
    }

    /// The merge base of a pull request's ends as they stand; the base branch's tip counts, not the SHA that is shown.
    pub fn pull_base(&self, repository: u64, pull: &Pull) -> Option<ObjectId> {
        let tip = self.repositories.get(&repository)?.branch(&pull.base.branch).unwrap_or(pull.base.sha);
        // A merged pull request keeps showing what it brought.
        let tip = if pull.merged.is_some() { pull.base.sha } else { tip };
        history::merge_base(self.objects(repository)?, tip, pull.head.sha)
    }

    /// What a user may do: the role given, else read for what is public.
    pub fn right(&self, repository: u64, user: u64) -> Right {
        let Some(found) = self.repositories.get(&repository) else { return Right::None };
        if self.users.get(&user).is_some_and(|user| user.login == found.owner) {
            return Right::Admin;
        }
        found.roles.get(&user).copied().unwrap_or(if found.private { Right::None } else { Right::Read })
    }

    /// The suite of an App's checks on a commit: one each, made with its first run.
    pub(crate) fn suite(&mut self, repository: u64, app: u64, head: ObjectId) -> u64 {
        let ids = &mut self.ids;
        *self.suites.entry((repository, app, head)).or_insert_with(|| ids.next("check_suite"))
    }
}
