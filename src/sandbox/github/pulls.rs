//! Pull requests: lists, one, its files and commits; and the pull requests of a commit.

use crate::change::ObjectId;
use crate::sandbox::difference;
use crate::sandbox::difference::ChangedFile;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::encode;
use crate::sandbox::github::call::pull_of;
use crate::sandbox::github::state::End;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Lag;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::wire::extend;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::time;
use crate::sandbox::history;
use serde_json::Value;
use serde_json::json;

const READ: Need = Need::read(&["pull_requests"]);
/// More files than this are not listed.
const MAX_FILES: usize = 3_000;
/// More commits than this are not listed.
const MAX_COMMITS: usize = 250;

pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let state = call.parameter("state").unwrap_or("open");
    let wanted = |pull: &&Pull| {
        let state_fits = state == "all" || (state == "open") == pull.open;
        let base_fits = call.parameter("base").is_none_or(|base| base == pull.base.branch);
        let head_fits = call.parameter("head").is_none_or(|head| head.eq_ignore_ascii_case(&github.head_label(&pull.head)));
        state_fits && base_fits && head_fits
    };
    let found = github.repository(repository).ok_or_else(not_found)?;
    let mut pulls: Vec<&Pull> = found.pulls.values().filter(wanted).collect();
    if call.parameter("sort") == Some("updated") {
        pulls.sort_by_key(|pull| (pull.updated_at, pull.number));
    }
    // GitHub lists the newest first unless it is asked otherwise.
    if call.parameter("direction") != Some("asc") {
        pulls.reverse();
    }
    call.page(github, pulls.iter().map(|pull| github.pull_json(found, pull)).collect())
}

/// One pull request; late where a lag is planned.
pub(crate) fn get(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let number = pull_of(github, repository, number)?.number;
    let found = github.repositories.get_mut(&repository).and_then(|found| found.pulls.get_mut(&number)).ok_or_else(not_found)?;
    if found.lag.missing > 0 {
        found.lag.missing -= 1;
        return Err(not_found());
    }
    let mut shown = found.clone();
    if let Some((left, old)) = found.lag.stale {
        found.lag = Lag { stale: (left > 1).then_some((left - 1, old)), ..found.lag };
        shown.head.sha = old;
    }
    let found = github.repository(repository).ok_or_else(not_found)?;
    Answer::ok(github.full_pull_json(found, &shown))
}

pub(crate) fn files(github: &Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let pull = pull_of(github, repository, number)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let files = github.pull_files(repository, pull);
    call.page(github, files.iter().take(MAX_FILES).map(|file| github.file_json(found, file, pull.head.sha)).collect())
}

pub(crate) fn commits(github: &Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let pull = pull_of(github, repository, number)?;
    let commits = github.pull_commits(repository, pull);
    call.page(github, commits.iter().take(MAX_COMMITS).map(|commit| github.commit_json(repository, *commit)).collect())
}

/// The pull requests that hold a commit.
pub(crate) fn of_commit(github: &Github, call: &Call, owner: &str, name: &str, commit: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::read(&["pull_requests", "contents"]))?;
    let commit = github.resolve(repository, commit).ok_or_else(not_found)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    call.page(github, github.pulls_with(found, commit).into_iter().map(|pull| github.pull_json(found, pull)).collect())
}

impl Github {
    /// The pull requests that hold a commit.
    pub(crate) fn pulls_with<'r>(&self, repository: &'r Repository, commit: ObjectId) -> Vec<&'r Pull> {
        repository.pulls.values().filter(|pull| self.pull_commits(repository.id, pull).contains(&commit)).collect()
    }

    /// `owner:branch`.
    pub(crate) fn head_label(&self, end: &End) -> String {
        let owner = self.repositories.get(&end.repository).map_or("", |repository| repository.owner.as_str());
        format!("{owner}:{}", end.branch)
    }

    pub(crate) fn pull_files(&self, repository: u64, pull: &Pull) -> Vec<ChangedFile> {
        self.files_between(repository, self.pull_base(repository, pull), pull.head.sha)
    }

    pub(crate) fn files_between(&self, repository: u64, base: Option<ObjectId>, head: ObjectId) -> Vec<ChangedFile> {
        let Some(objects) = self.objects(repository) else { return Vec::new() };
        // Of an imported history the trees in between are not here.
        let tree = |commit: ObjectId| objects.commit(commit).map(|commit| commit.tree).filter(|tree| objects.tree(*tree).is_some());
        match (base.and_then(tree), tree(head)) {
            (Some(base), Some(head)) => difference::changed_files(objects, base, head),
            _ => Vec::new(),
        }
    }

    pub(crate) fn pull_commits(&self, repository: u64, pull: &Pull) -> Vec<ObjectId> {
        match (self.objects(repository), self.pull_base(repository, pull)) {
            (Some(objects), Some(base)) => history::commits_between(objects, base, pull.head.sha),
            _ => Vec::new(),
        }
    }

    pub(crate) fn file_json(&self, repository: &Repository, file: &ChangedFile, head: ObjectId) -> Value {
        let (api, page, path) = (self.repository_api(repository), self.repository_page(repository), encode(&file.path));
        let mut shown = json!({
            "sha": file.id.to_string(),
            "filename": file.path,
            "status": file.status.word(),
            "additions": file.additions,
            "deletions": file.deletions,
            "changes": file.additions + file.deletions,
            "blob_url": format!("{page}/blob/{head}/{path}"),
            "raw_url": format!("{page}/raw/{head}/{path}"),
            "contents_url": format!("{api}/contents/{path}?ref={head}"),
        });
        if let Some(patch) = &file.patch {
            shown["patch"] = json!(patch);
        }
        if let Some(previous) = &file.previous {
            shown["previous_filename"] = json!(previous);
        }
        shown
    }

    /// As in lists and in the payloads of reviews.
    pub(crate) fn pull_json(&self, repository: &Repository, pull: &Pull) -> Value {
        let number = pull.number;
        let (api, page) = (self.repository_api(repository), format!("{}/pull/{number}", self.repository_page(repository)));
        let (url, issue) = (format!("{api}/pulls/{number}"), format!("{api}/issues/{number}"));
        let statuses = format!("{api}/statuses/{}", pull.head.sha);
        let mut shown = json!({
            "url": url,
            "id": pull.id,
            "node_id": node_id("PR", pull.id),
            "html_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "issue_url": issue,
            "commits_url": format!("{url}/commits"),
            "review_comments_url": format!("{url}/comments"),
            "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
            "comments_url": format!("{issue}/comments"),
            "statuses_url": statuses,
            "number": number,
            "state": if pull.open { "open" } else { "closed" },
            "locked": false,
            "active_lock_reason": null,
            "title": pull.title,
            "user": self.user_json(pull.author),
            "body": pull.body,
            "labels": [],
            "milestone": null,
            "assignee": null,
            "assignees": [],
            "requested_reviewers": self.requested_people(pull),
            "requested_teams": self.requested_teams(repository, pull),
            "draft": pull.draft,
            "created_at": time(pull.created_at),
            "updated_at": time(pull.updated_at),
            "closed_at": pull.closed_at.map(time),
            "merged_at": pull.merged.as_ref().map(|merged| time(merged.at)),
            "merge_commit_sha": pull.merged.as_ref().map(|merged| merged.sha.to_string()),
            "head": self.end_json(&pull.head),
            "base": self.end_json(&pull.base),
            "author_association": self.association(repository, pull.author),
            "auto_merge": null,
        });
        shown["_links"] = json!({
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue},
            "comments": {"href": format!("{issue}/comments")},
            "review_comments": {"href": format!("{url}/comments")},
            "review_comment": {"href": format!("{api}/pulls/comments{{/number}}")},
            "commits": {"href": format!("{url}/commits")},
            "statuses": {"href": statuses},
        });
        shown
    }

    /// As `GET` of one, and as the payload of `pull_request`.
    pub(crate) fn full_pull_json(&self, repository: &Repository, pull: &Pull) -> Value {
        let files = self.pull_files(repository.id, pull);
        let mut shown = self.pull_json(repository, pull);
        extend(
            &mut shown,
            json!({
                "merged": pull.merged.is_some(),
                // GitHub works this out later and says null until then.
                "mergeable": null,
                "rebaseable": null,
                "mergeable_state": "unknown",
                "merged_by": pull.merged.as_ref().map(|merged| self.user_json(merged.by)),
                "comments": repository.comments.values().filter(|comment| comment.issue == pull.number).count(),
                "review_comments": repository.review_comments.values().filter(|comment| comment.pull == pull.number).count(),
                "maintainer_can_modify": false,
                "commits": self.pull_commits(repository.id, pull).len(),
                "additions": files.iter().map(|file| file.additions).sum::<usize>(),
                "deletions": files.iter().map(|file| file.deletions).sum::<usize>(),
                "changed_files": files.len(),
            }),
        );
        shown
    }

    fn end_json(&self, end: &End) -> Value {
        let repository = self.repositories.get(&end.repository);
        let owner = repository.and_then(|repository| self.user_named(&repository.owner));
        json!({
            "label": self.head_label(end),
            "ref": end.branch,
            "sha": end.sha.to_string(),
            "user": owner.map(|owner| self.user_json(owner.id)),
            // A fork that was deleted leaves null here.
            "repo": repository.map(|repository| self.repository_json(repository)),
        })
    }
}
