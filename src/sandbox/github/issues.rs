//! Issues, and pull requests as the issues that they also are.

use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::MAX_BODY;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Issue;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::reaction_rollup;
use crate::sandbox::github::wire::time;
use http::Method;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use std::cmp::Reverse;

const READ: Need = Need::read(&["issues"]);
const WRITE: Need = Need::write(&["issues"]);

/// Pull requests are listed too; the newest first, unless the caller asks for another order.
pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let creator = match call.parameter("creator") {
        Some(login) => Some(github.user_named(login).ok_or_else(|| invalid("Issue", "creator", "does not exist"))?.id),
        None => None,
    };
    let state = call.parameter("state").unwrap_or("open");
    let is_wanted =
        |author: u64, open: bool| creator.is_none_or(|creator| creator == author) && (state == "all" || (state == "open") == open);
    let issues = found.issues.values().filter(|issue| is_wanted(issue.author, issue.open)).map(|issue| issue.number);
    let pulls = found.pulls.values().filter(|pull| is_wanted(pull.author, pull.open)).map(|pull| pull.number);
    let mut numbers: Vec<u64> = issues.chain(pulls).collect();
    match call.parameter("direction") {
        Some("asc") => numbers.sort_unstable(),
        _ => numbers.sort_unstable_by_key(|number| Reverse(*number)),
    }
    call.page(github, numbers.into_iter().map(|number| github.issue_json(repository, number)).collect())
}

pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let title = call.needed("Issue", "title")?;
    let body = body(call)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    if !found.has_issues {
        return Err(refusal(StatusCode::GONE, "Issues has been disabled in this repository."));
    }
    let full_name = found.full_name();
    let bot = github.user(github.bot).ok_or_else(not_found)?.login.clone();
    let number = github.open_issue(&full_name, &bot, &title, &body.unwrap_or_default()).map_err(|_| not_found())?;
    Answer::created(github.issue_json(repository, number))
}

/// `GET` and `PATCH` of one issue.
pub(crate) fn one(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let write = call.method == Method::PATCH;
    let repository = call.repository(github, owner, name, if write { WRITE } else { READ })?;
    let number: u64 = number.parse().map_err(|_| not_found())?;
    if write {
        let (title, body) = (call.text("title"), body(call)?);
        let now = github.now;
        let found = github.repositories.get_mut(&repository).and_then(|found| found.issues.get_mut(&number));
        let issue = found.ok_or_else(not_found)?;
        issue.title = title.unwrap_or_else(|| issue.title.clone());
        issue.body = body.unwrap_or_else(|| issue.body.clone());
        issue.updated_at = now;
    }
    match github.issue_json(repository, number) {
        Value::Null => Err(not_found()),
        shown => Answer::ok(shown),
    }
}

fn body(call: &Call) -> Result<Option<String>, Box<Answer>> {
    let body = call.text("body");
    if body.as_ref().is_some_and(|body| body.chars().count() > MAX_BODY) {
        return Err(invalid("Issue", "body", "body is too long (maximum is 65536 characters)"));
    }
    Ok(body)
}

impl Github {
    /// Opens an issue; gives its number. Issues and pull requests are counted together.
    ///
    /// # Errors
    /// There is no such repository or user.
    pub fn open_issue(&mut self, full_name: &str, by: &str, title: &str, body: &str) -> Result<u64, ActError> {
        let (repository, author) = (self.act_on(full_name)?, self.user_id(by)?);
        let (id, now) = (self.ids.next("issue"), self.now);
        let found = self.repositories.get_mut(&repository).ok_or_else(|| ActError::NoRepository(full_name.to_owned()))?;
        let number = found.next_number();
        let (title, body) = (title.to_owned(), body.to_owned());
        found.issues.insert(number, Issue { id, number, title, body, author, open: true, created_at: now, updated_at: now });
        Ok(number)
    }

    /// Somebody edits an issue, as whoever may write can do with any.
    ///
    /// # Errors
    /// There is no such issue.
    pub fn edit_issue(&mut self, full_name: &str, number: u64, change: impl FnOnce(&mut Issue)) -> Result<(), ActError> {
        let (repository, now) = (self.act_on(full_name)?, self.now);
        let issue = self.repositories.get_mut(&repository).and_then(|found| found.issues.get_mut(&number));
        let issue = issue.ok_or(ActError::Nothing("issue", number))?;
        change(issue);
        issue.updated_at = now;
        Ok(())
    }

    /// An issue, or a pull request as the issue that it also is; null where there is none.
    pub(crate) fn issue_json(&self, repository: u64, number: u64) -> Value {
        let Some(found) = self.repositories.get(&repository) else { return Value::Null };
        match (found.issues.get(&number), found.pulls.get(&number)) {
            (Some(issue), _) => self.own_issue_json(found, issue),
            (None, Some(pull)) => self.pull_as_issue_json(found, pull),
            (None, None) => Value::Null,
        }
    }

    fn own_issue_json(&self, repository: &Repository, issue: &Issue) -> Value {
        let mut shown = self.bare_issue_json(repository, issue.number, issue.author, issue.open);
        let page = format!("{}/issues/{}", self.repository_page(repository), issue.number);
        for (name, value) in [
            ("html_url", json!(page)),
            ("id", json!(issue.id)),
            ("node_id", json!(node_id("I", issue.id))),
            ("title", json!(issue.title)),
            ("body", json!(issue.body)),
            ("created_at", json!(time(issue.created_at))),
            ("updated_at", json!(time(issue.updated_at))),
            ("closed_at", if issue.open { Value::Null } else { json!(time(issue.updated_at)) }),
            ("performed_via_github_app", self.via_app_json(issue.author)),
        ] {
            shown[name] = value;
        }
        shown
    }

    fn pull_as_issue_json(&self, repository: &Repository, pull: &Pull) -> Value {
        let number = pull.number;
        let (api, page) = (self.repository_api(repository), format!("{}/pull/{number}", self.repository_page(repository)));
        let mut shown = self.bare_issue_json(repository, number, pull.author, pull.open);
        for (name, value) in [
            ("html_url", json!(page)),
            ("id", json!(pull.id)),
            ("node_id", json!(node_id("PR", pull.id))),
            ("title", json!(pull.title)),
            ("body", json!(pull.body)),
            ("created_at", json!(time(pull.created_at))),
            ("updated_at", json!(time(pull.updated_at))),
            ("closed_at", json!(pull.closed_at.map(time))),
            ("draft", json!(pull.draft)),
        ] {
            shown[name] = value;
        }
        shown["pull_request"] = json!({
            "url": format!("{api}/pulls/{number}"),
            "html_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "merged_at": pull.merged.as_ref().map(|merged| time(merged.at)),
        });
        shown
    }

    /// What both have in common.
    fn bare_issue_json(&self, repository: &Repository, number: u64, author: u64, open: bool) -> Value {
        let api = self.repository_api(repository);
        let url = format!("{api}/issues/{number}");
        json!({
            "url": url,
            "repository_url": api,
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"),
            "events_url": format!("{url}/events"),
            "timeline_url": format!("{url}/timeline"),
            "number": number,
            "user": self.user_json(author),
            "labels": [],
            "state": if open { "open" } else { "closed" },
            "locked": false,
            "assignee": null,
            "assignees": [],
            "milestone": null,
            "comments": repository.comments.values().filter(|comment| comment.issue == number).count(),
            "author_association": self.association(repository, author),
            "active_lock_reason": null,
            "reactions": reaction_rollup(&[], &url),
            "performed_via_github_app": null,
            "state_reason": null,
        })
    }
}
