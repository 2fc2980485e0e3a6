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
}

#[derive(Debug, Deserialize)]
pub struct Installation {
    pub id: u64,
    #[serde(default)]
    pub permissions: BTreeMap<String, String>,
    pub suspended_at: Option<String>,
}

#[derive(Deserialize)]
pub struct Token {
    pub token: String,
    #[serde(default)]
    pub expires_at: String,
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
    pub updated_at: String,
}

#[derive(Debug, Deserialize)]
pub struct End {
    #[serde(rename = "ref")]
    pub branch: String,
    pub sha: String,
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

#[derive(Debug, Deserialize)]
pub struct Commit {
    pub sha: String,
    pub commit: CommitBody,
    pub author: Option<MaybeUser>,
    pub committer: Option<MaybeUser>,
}

#[derive(Debug, Deserialize)]
pub struct CommitBody {
    pub tree: Sha,
}

#[derive(Debug, Deserialize)]
pub struct Sha {
    pub sha: String,
}

#[derive(Debug, Deserialize)]
pub struct GitCommit {
    pub tree: Sha,
    pub parents: Vec<Sha>,
}

/// GitHub answers with an empty object where it knows no account.
#[derive(Debug, Deserialize)]
pub struct MaybeUser {
    pub id: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub struct ChangedFile {
    pub filename: String,
    pub status: String,
    pub patch: Option<String>,
}

#[derive(Debug, Deserialize)]
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
    pub app: Option<Id>,
    pub output: Output,
}

#[derive(Debug, Deserialize)]
pub struct Output {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Permission {
    #[serde(default)]
    pub permission: String,
    #[serde(default)]
    pub role_name: String,
    pub user: Option<User>,
}
