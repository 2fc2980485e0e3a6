//! What happens becomes a webhook: payloads close to GitHub's, for what people do and for what the App does itself.
//!
//! An event is sent only where the App is installed, not suspended, and may read what the event is about. Moving a ref sends the `push` and brings the open pull requests
//! of that branch to their new head.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::difference::Status;
use crate::sandbox::github::git::signature_json;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::wire::extend;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::history;
use serde_json::Value;
use serde_json::json;

const ZERO: ObjectId = ObjectId([0; 20]);

/// What an App must be allowed to read to hear of an event; see the availability notes on
/// <https://docs.github.com/webhooks/webhook-events-and-payloads>.
fn permission_for(event: &str) -> &'static str {
    match event {
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => "pull_requests",
        // Also for comments on pull requests.
        "issue_comment" => "issues",
        "check_run" | "check_suite" => "checks",
        "merge_group" => "merge_queues",
        "workflow_run" => "actions",
        "push" => "contents",
        _ => "metadata",
    }
}

impl Github {
    /// Sends an event about a repository, with what all of them bear.
    pub(crate) fn event(&mut self, name: &str, repository: u64, sender: u64, particular: Value) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(installation) = self.installation_on(found).filter(|installation| !installation.suspended) else { return };
        if !installation.permissions.contains_key(permission_for(name)) {
            return;
        }
        let mut payload = particular;
        extend(
            &mut payload,
            json!({
                "repository": self.repository_json(found),
                "sender": self.user_json(sender),
                "installation": {"id": installation.id, "node_id": node_id("MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u", installation.id)},
            }),
        );
        self.deliveries.send(name, &payload, self.now);
    }

    pub(crate) fn pull_event(&mut self, repository: u64, number: u64, sender: u64, action: &str, more: Value) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(pull) = found.pulls.get(&number) else { return };
        let mut payload = json!({"action": action, "number": number, "pull_request": self.full_pull_json(found, pull)});
        extend(&mut payload, more);
        self.event("pull_request", repository, sender, payload);
    }

    pub(crate) fn comment_event(&mut self, repository: u64, id: u64, sender: u64, action: &str, more: Value) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(comment) = found.comments.get(&id) else { return };
        let mut payload = json!({
            "action": action,
            "issue": self.issue_json(repository, comment.issue),
            "comment": self.comment_json(found, comment),
        });
        extend(&mut payload, more);
        self.event("issue_comment", repository, sender, payload);
    }

    pub(crate) fn review_comment_event(&mut self, repository: u64, id: u64, sender: u64, action: &str, more: Value) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(comment) = found.review_comments.get(&id) else { return };
        let Some(pull) = found.pulls.get(&comment.pull) else { return };
        let mut payload = json!({
            "action": action,
            "comment": self.review_comment_json(found, comment),
            "pull_request": self.pull_json(found, pull),
        });
        extend(&mut payload, more);
        self.event("pull_request_review_comment", repository, sender, payload);
    }

    pub(crate) fn review_event(&mut self, repository: u64, id: u64, sender: u64, action: &str) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(review) = found.reviews.get(&id) else { return };
        let Some(pull) = found.pulls.get(&review.pull) else { return };
        let mut shown = self.review_json(found, review);
        // The API shouts the state, the event does not; and it says null for an empty body.
        shown["state"] = json!(review.state.to_lowercase());
        shown["body"] = if review.body.is_empty() { Value::Null } else { json!(review.body) };
        let payload = json!({"action": action, "review": shown, "pull_request": self.pull_json(found, pull)});
        self.event("pull_request_review", repository, sender, payload);
    }

    pub(crate) fn check_event(&mut self, repository: u64, id: u64, sender: u64, action: &str, more: Value) {
        let Some(found) = self.repositories.get(&repository) else { return };
        let Some(run) = found.checks.get(&id) else { return };
        let mut shown = self.check_json(found, run);
        shown["check_suite"] = self.suite_json(found, run.app, run.head, run.suite);
        if let Value::Object(suite) = &mut shown["check_suite"] {
            // The suite within a run is the short one.
            for name in ["head_commit", "latest_check_runs_count", "check_runs_url"] {
                suite.remove(name);
            }
        }
        let mut payload = json!({"action": action, "check_run": shown});
        extend(&mut payload, more);
        self.event("check_run", repository, sender, payload);
    }

    pub(crate) fn suite_event(&mut self, repository: u64, app: u64, head: ObjectId, sender: u64, action: &str) {
        let id = self.suite(repository, app, head);
        let Some(found) = self.repositories.get(&repository) else { return };
        let payload = json!({"action": action, "check_suite": self.suite_json(found, app, head, id)});
        self.event("check_suite", repository, sender, payload);
    }

    /// `check_suite` and `merge_group` show the head's commit thus.
    pub(crate) fn head_commit_json(&self, repository: u64, head: ObjectId) -> Value {
        let Some(commit) = self.objects(repository).and_then(|objects| objects.commit(head)) else { return Value::Null };
        json!({
            "id": head.to_string(),
            "tree_id": commit.tree.to_string(),
            "message": commit.message,
            "timestamp": Timestamp(commit.committer.at).to_string(),
            "author": {"name": commit.author.name, "email": commit.author.email},
            "committer": {"name": commit.committer.name, "email": commit.committer.email},
        })
    }

    /// Moves, makes or (`None`) deletes a ref, and sends what follows from it.
    pub(crate) fn move_ref(&mut self, repository: u64, full: &str, to: Option<ObjectId>, by: u64) {
        let Some(found) = self.repositories.get_mut(&repository) else { return };
        let before = match to {
            Some(id) => found.refs.insert(full.to_owned(), id),
            None => found.refs.remove(full),
        };
        // Hidden refs move in silence.
        if !full.starts_with("refs/heads/") && !full.starts_with("refs/tags/") || before == to {
            return;
        }
        self.note_activity(repository, full, before, to, by);
        self.push_event(repository, full, before, to, by);
        if let Some(branch) = full.strip_prefix("refs/heads/") {
            // GitHub opens a suite on every push for every App that may write checks.
            if let Some(head) = to {
                self.suite_event(repository, self.app.id, head, by, "requested");
            }
            self.follow_branch(repository, branch, to, by);
        }
    }

    fn push_event(&mut self, repository: u64, full: &str, before: Option<ObjectId>, after: Option<ObjectId>, by: u64) {
        let (Some(found), Some(objects)) = (self.repositories.get(&repository), self.objects(repository)) else { return };
        let page = self.repository_page(found);
        let commits: Vec<ObjectId> = match (before, after) {
            (Some(before), Some(after)) => history::commits_between(objects, before, after),
            (None, Some(after)) => vec![after],
            (_, None) => Vec::new(),
        };
        let shown: Vec<Value> = commits.iter().filter_map(|id| self.pushed_commit_json(repository, *id)).collect();
        let forced = before.zip(after).is_some_and(|(before, after)| !history::is_ancestor(objects, before, after));
        let (before, created, deleted) = (before.unwrap_or(ZERO), before.is_none(), after.is_none());
        let after = after.unwrap_or(ZERO);
        let pusher = self.users.get(&by).map_or(json!({"name": "nobody"}), |user| json!({"name": user.login, "email": user.email()}));
        let payload = json!({
            "ref": full,
            "before": before.to_string(),
            "after": after.to_string(),
            "base_ref": null,
            "created": created,
            "deleted": deleted,
            "forced": forced,
            "compare": format!("{page}/compare/{}...{}", before.short(), after.short()),
            "commits": shown,
            "head_commit": if deleted { Value::Null } else { self.pushed_commit_json(repository, after).unwrap_or_default() },
            "pusher": pusher,
        });
        self.event("push", repository, by, payload);
    }

    fn pushed_commit_json(&self, repository: u64, id: ObjectId) -> Option<Value> {
        let found = self.repositories.get(&repository)?;
        let commit = self.objects(repository)?.commit(id)?;
        let files = self.files_between(repository, commit.parents.first().copied(), id);
        let paths =
            |status: Status| -> Vec<&str> { files.iter().filter(|file| file.status == status).map(|file| file.path.as_str()).collect() };
        Some(json!({
            "id": id.to_string(),
            "tree_id": commit.tree.to_string(),
            "distinct": true,
            "message": commit.message,
            "timestamp": Timestamp(commit.committer.at).to_string(),
            "url": format!("{}/commit/{id}", self.repository_page(found)),
            "author": signature_json(&commit.author),
            "committer": signature_json(&commit.committer),
            "added": paths(Status::Added),
            "removed": paths(Status::Removed),
            "modified": paths(Status::Modified),
        }))
    }

    /// Open pull requests whose head is that branch: `synchronize` each, or close them where the branch is gone.
    fn follow_branch(&mut self, repository: u64, branch: &str, to: Option<ObjectId>, by: u64) {
        let mut following = Vec::new();
        for found in self.repositories.values() {
            for pull in found.pulls.values() {
                if pull.open && pull.head.repository == repository && pull.head.branch == branch {
                    following.push((found.id, pull.number, pull.head.sha));
                }
            }
        }
        for (base, number, old) in following {
            match to {
                None => self.close_silently(base, number, by),
                Some(new) => self.synchronize(base, number, old, new, by),
            }
        }
    }

    fn synchronize(&mut self, repository: u64, number: u64, old: ObjectId, new: ObjectId, by: u64) {
        let now = self.now;
        let Some(found) = self.repositories.get_mut(&repository) else { return };
        let tip = found.pulls.get(&number).and_then(|pull| found.branch(&pull.base.branch));
        let Some(pull) = found.pulls.get_mut(&number) else { return };
        pull.head.sha = new;
        pull.base.sha = tip.unwrap_or(pull.base.sha);
        pull.updated_at = now;
        if let Some((_, shown)) = &mut pull.lag.stale {
            *shown = old;
        }
        found.refs.insert(format!("refs/pull/{number}/head"), new);
        self.carry_comments(repository, number, old, new);
        self.pull_event(repository, number, by, "synchronize", json!({"before": old.to_string(), "after": new.to_string()}));
    }

    fn close_silently(&mut self, repository: u64, number: u64, by: u64) {
        let now = self.now;
        if let Some(pull) = self.repositories.get_mut(&repository).and_then(|found| found.pulls.get_mut(&number)) {
            pull.open = false;
            pull.closed_at = Some(now);
        }
        self.pull_event(repository, number, by, "closed", json!({}));
    }
}
