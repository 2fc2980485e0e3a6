//! The forge's answers, as far as they are read. What is not read here may change without harm.
//!
//! Source: GitHub's OpenAPI description, `@octokit/openapi` 23.0.2.

use crate::change::{Actor, Timestamp, UserId};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub struct Refusal {
    #[serde(default)]
    pub message: String,
}

#[derive(Debug, Deserialize)]
pub struct App {
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub html_url: String,
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    #[serde(default)]
    pub events: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Installation {
    pub id: u64,
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    pub suspended_at: Option<String>,
    /// `None` where it is an enterprise.
    pub account: Option<MaybeUser>,
    #[serde(default)]
    pub html_url: String,
    /// A time, and in payloads of webhooks a number of seconds.
    #[serde(default)]
    created_at: serde_json::Value,
}

impl Installation {
    /// Since when it is there; the beginning of time where that is not said.
    pub fn created_at(&self) -> Timestamp {
        let seconds = || self.created_at.as_i64().map(Timestamp);
        self.created_at.as_str().and_then(Timestamp::parse).or_else(seconds).unwrap_or_default()
    }
}

/// Where the App's webhooks go.
#[derive(Debug, Deserialize)]
pub struct HookConfig {
    pub url: Option<String>,
    /// GitHub shows that there is one, and not which.
    pub secret: Option<String>,
    /// `"0"` or `0`: the receiver's certificate is checked.
    #[serde(default)]
    pub insecure_ssl: serde_json::Value,
}

/// One delivery of a webhook, as the App's log lists it, newest first.
#[derive(Debug, Deserialize)]
pub struct HookDelivery {
    /// Of the attempt.
    pub id: u64,
    /// Of the event, which all attempts share.
    pub guid: String,
    #[serde(default)]
    pub redelivery: bool,
    pub delivered_at: String,
    pub event: String,
    pub status: String,
    pub status_code: u16,
}

/// Whether we may get by a ruleset.
#[derive(Debug, Deserialize)]
pub struct Ruleset {
    #[serde(default)]
    pub current_user_can_bypass: String,
}

#[derive(Deserialize)]
pub struct Token {
    pub token: String,
    #[serde(default)]
    pub expires_at: String,
}

/// An issue, or a pull request as the issue that it also is.
#[derive(Debug, Deserialize)]
pub struct Issue {
    pub number: u64,
    pub title: String,
    pub body: Option<String>,
    pub state: String,
    pub closed_at: Option<String>,
    pub user: Option<MaybeUser>,
    pub pull_request: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
pub struct Repositories {
    pub repositories: Vec<Repository>,
}

#[derive(Debug, Deserialize)]
pub struct Repository {
    pub id: u64,
    pub name: String,
    pub owner: User,
    pub private: bool,
    #[serde(default)]
    pub archived: bool,
    #[serde(default)]
    pub fork: bool,
    #[serde(default)]
    pub default_branch: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct User {
    pub id: u64,
    pub login: String,
    #[serde(rename = "type", default)]
    pub kind: String,
}

impl User {
    pub fn actor(&self) -> Actor {
        let bot = self.kind == "Bot" || self.login.ends_with("[bot]");
        Actor { id: UserId(self.id), login: self.login.clone(), bot }
    }
}

/// Where an account is gone, GitHub shows nobody or its `ghost`.
pub fn actor(user: Option<&User>) -> Actor {
    user.map_or_else(|| Actor { id: UserId(0), login: "ghost".to_owned(), bot: false }, User::actor)
}

/// What is no time is before all times.
pub fn timestamp(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_default()
}

#[derive(Debug, Deserialize)]
pub struct Pull {
    pub number: u64,
    pub state: String,
    #[serde(default)]
    pub draft: bool,
    pub user: Option<User>,
    pub head: End,
    pub base: End,
    #[serde(default)]
    pub created_at: String,
    #[serde(default)]
    pub updated_at: String,
    /// `None` where it was not merged.
    pub merged_at: Option<String>,
    /// Of a merged pull request, the commit that it is on its base branch.
    pub merge_commit_sha: Option<String>,
    /// `None` in lists, and where the account is gone.
    pub merged_by: Option<User>,
}

#[derive(Debug, Deserialize)]
pub struct End {
    #[serde(rename = "ref")]
    pub branch: String,
    pub sha: String,
    /// `None` where the fork is gone.
    pub repo: Option<HeadRepository>,
}

#[derive(Debug, Deserialize)]
pub struct HeadRepository {
    pub full_name: String,
}

#[derive(Debug, Deserialize)]
pub struct Comparison {
    pub base_commit: Commit,
    pub merge_base_commit: Commit,
    /// However many are on this page.
    pub total_commits: usize,
    /// Of the head and not of the base, oldest first, a page of them.
    pub commits: Vec<Commit>,
    /// At most 300, on the first page alone.
    #[serde(default)]
    pub files: Vec<ChangedFile>,
}

/// A commit as it stands in comparisons and lists.
#[derive(Clone, Debug, Deserialize)]
pub struct Commit {
    pub sha: String,
    pub commit: CommitBody,
    pub author: Option<MaybeUser>,
    pub committer: Option<MaybeUser>,
    #[serde(default)]
    pub parents: Vec<Sha>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct CommitBody {
    pub tree: Sha,
    #[serde(default)]
    pub author: Person,
    #[serde(default)]
    pub committer: Person,
    #[serde(default)]
    pub message: String,
    pub verification: Option<Verification>,
}

/// Who a commit says that wrote it. Anybody can write any name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Person {
    pub name: String,
    pub email: String,
    pub date: String,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Verification {
    pub verified: bool,
    /// The bytes that were signed.
    pub payload: Option<String>,
    pub signature: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Sha {
    pub sha: String,
}

/// A commit as git has it.
#[derive(Debug, Deserialize)]
pub struct GitCommit {
    pub sha: String,
    pub tree: Sha,
    #[serde(default)]
    pub author: Person,
    #[serde(default)]
    pub committer: Person,
    #[serde(default)]
    pub message: String,
    pub parents: Vec<Sha>,
    pub verification: Option<Verification>,
}

/// The fields of a commit, wherever they stand.
#[derive(Clone, Copy, Debug)]
pub struct CommitFields<'c> {
    pub tree: &'c str,
    pub parents: &'c [Sha],
    pub author: &'c Person,
    pub committer: &'c Person,
    pub message: &'c str,
    pub verification: Option<&'c Verification>,
}

impl MaybeUser {
    pub fn is_bot(&self) -> bool {
        self.kind == "Bot" || self.login.ends_with("[bot]")
    }
}

/// What happened to a ref.
#[derive(Clone, Debug, Deserialize)]
pub struct Activity {
    pub before: String,
    pub after: String,
    pub activity_type: String,
    pub actor: Option<MaybeUser>,
}

/// Somebody who has access to a repository.
#[derive(Debug, Deserialize)]
pub struct Collaborator {
    #[serde(flatten)]
    pub user: User,
    #[serde(default)]
    pub permissions: Permissions,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Permissions {
    pub push: bool,
}

impl Commit {
    pub fn fields(&self) -> CommitFields<'_> {
        CommitFields {
            tree: &self.commit.tree.sha,
            parents: &self.parents,
            author: &self.commit.author,
            committer: &self.commit.committer,
            message: &self.commit.message,
            verification: self.commit.verification.as_ref(),
        }
    }
}

impl GitCommit {
    pub fn fields(&self) -> CommitFields<'_> {
        CommitFields {
            tree: &self.tree.sha,
            parents: &self.parents,
            author: &self.author,
            committer: &self.committer,
            message: &self.message,
            verification: self.verification.as_ref(),
        }
    }
}

/// GitHub answers with an empty object where it knows no account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MaybeUser {
    pub id: Option<u64>,
    pub login: String,
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct ChangedFile {
    pub filename: String,
    pub status: String,
    pub patch: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Tree {
    pub tree: Vec<TreeEntry>,
    #[serde(default)]
    pub truncated: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct TreeEntry {
    pub path: String,
    pub mode: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub sha: String,
    pub size: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct Blob {
    pub content: String,
    pub encoding: String,
}

#[derive(Debug, Deserialize)]
pub struct Contents {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default)]
    pub content: String,
    pub sha: String,
}

#[derive(Debug, Deserialize)]
pub struct Reference {
    #[serde(rename = "ref")]
    pub name: String,
    pub object: Sha,
}

#[derive(Debug, Deserialize)]
pub struct IssueComment {
    pub id: u64,
    pub node_id: String,
    pub user: Option<User>,
    #[serde(default)]
    pub body: Option<String>,
    #[serde(default)]
    pub html_url: String,
    pub created_at: String,
    pub updated_at: String,
    pub performed_via_github_app: Option<Id>,
    /// Of review comments: the first of the thread, absent in it.
    pub in_reply_to_id: Option<u64>,
    #[serde(default)]
    pub reactions: Reactions,
}

impl IssueComment {
    /// Whether it was edited since it was posted. The forge gives whole seconds; of what gives more, they count.
    pub fn is_edited(&self) -> bool {
        match (Timestamp::parse(&self.created_at), Timestamp::parse(&self.updated_at)) {
            (Some(created), Some(updated)) => created != updated,
            _ => true,
        }
    }
}

/// How many people and Apps left which reaction; those that we leave are enough.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reactions {
    #[serde(rename = "+1")]
    pub plus_one: u64,
    pub confused: u64,
}

#[derive(Debug, Deserialize)]
pub struct Id {
    pub id: u64,
}

#[derive(Debug, Deserialize)]
pub struct Reaction {
    pub content: String,
    pub user: Option<User>,
}

#[derive(Debug, Deserialize)]
pub struct CheckRuns {
    pub check_runs: Vec<CheckRun>,
}

#[derive(Debug, Deserialize)]
pub struct CheckRun {
    pub id: u64,
    pub name: String,
    pub head_sha: String,
    pub conclusion: Option<String>,
    pub started_at: Option<String>,
    pub details_url: Option<String>,
    pub app: Option<Id>,
    pub output: Output,
}

#[derive(Debug, Deserialize)]
pub struct Output {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
    #[serde(default)]
    pub annotations_count: usize,
}

/// An annotation of a check run, as far as it tells which it is.
#[derive(Debug, Deserialize)]
pub struct CheckAnnotation {
    pub path: String,
    pub start_line: u32,
    pub title: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Permission {
    #[serde(default)]
    pub permission: String,
    #[serde(default)]
    pub role_name: String,
    pub user: Option<User>,
}

/// Of an account in a team.
#[derive(Debug, Deserialize)]
pub struct Membership {
    #[serde(default)]
    pub state: String,
}

/// A rule that holds for a branch.
#[derive(Debug, Deserialize)]
pub struct Rule {
    #[serde(rename = "type")]
    pub kind: String,
    pub ruleset_id: Option<u64>,
    #[serde(default)]
    pub parameters: RuleParameters,
}

/// What a rule asks for; of the kinds that are read here, required checks alone have something.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RuleParameters {
    pub required_status_checks: Vec<RequiredCheck>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct RequiredCheck {
    pub context: String,
    /// The App that alone may report it.
    pub integration_id: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::IssueComment;

    #[test]
    fn what_was_written_within_a_second_is_not_edited() {
        for (created, updated, edited) in [
            ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z", false),
            ("2026-11-24T08:00:00.104Z", "2026-11-24T08:00:00.105Z", false),
            ("2026-11-24T08:00:00Z", "2026-11-24T08:00:01Z", true),
            ("", "", true),
        ] {
            let comment = serde_json::json!({"id": 1, "node_id": "", "created_at": created, "updated_at": updated});
            let comment: IssueComment = serde_json::from_value(comment).unwrap();
            assert_eq!(comment.is_edited(), edited, "{created} {updated}");
        }
    }
}
