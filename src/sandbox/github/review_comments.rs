//! Review comments on lines and files of the diff, and their threads.
//!
//! A line outside the diff is a 422. A push carries comments to their lines' new places, or outdates them.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::difference;
use crate::sandbox::difference::Status;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::call::pull_of;
use crate::sandbox::github::state::Anchor;
use crate::sandbox::github::state::DiffSide;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::ReviewComment;
use crate::sandbox::github::wire::extend;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::reaction_rollup;
use crate::sandbox::github::wire::time;
use http::Method;
use serde_json::Value;
use serde_json::json;
use std::fmt::Write;

const READ: Need = Need::read(&["pull_requests"]);
const WRITE: Need = Need::write(&["pull_requests"]);

pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let number = pull_of(github, repository, number)?.number;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let since = call.parameter("since").and_then(Timestamp::parse);
    let wanted = |comment: &&ReviewComment| comment.pull == number && since.is_none_or(|since| comment.updated_at >= since);
    let mut comments: Vec<&ReviewComment> = found.review_comments.values().filter(wanted).collect();
    if call.parameter("sort") == Some("updated") {
        comments.sort_by_key(|comment| (comment.updated_at, comment.id));
    }
    // Without `sort` GitHub ignores the direction.
    if call.parameter("sort").is_some() && call.parameter("direction") == Some("desc") {
        comments.reverse();
    }
    call.page(github, comments.iter().map(|comment| github.review_comment_json(found, comment)).collect())
}

pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let number = pull_of(github, repository, number)?.number;
    if let Some(first) = call.body["in_reply_to"].as_u64() {
        return create_reply(github, call, repository, number, first);
    }
    let body = call.comment_body("PullRequestReviewComment")?;
    let commit = call.sha("PullRequestReviewComment", "commit_id")?;
    let draft = draft_of(&call.body)?;
    let id = github.add_review_comment(repository, number, github.bot, commit, body, draft)?;
    Answer::created(github.shown_review_comment(repository, id).ok_or_else(not_found)?)
}

pub(crate) fn reply(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str, first: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let number = pull_of(github, repository, number)?.number;
    create_reply(github, call, repository, number, id_of(first)?)
}

fn create_reply(github: &mut Github, call: &Call, repository: u64, number: u64, first: u64) -> Answered {
    let body = call.comment_body("PullRequestReviewComment")?;
    let there = github.repository(repository).and_then(|found| found.review_comments.get(&first)).filter(|comment| comment.pull == number);
    there.ok_or_else(not_found)?;
    let id = github.add_reply(repository, first, github.bot, body).ok_or_else(not_found)?;
    Answer::created(github.shown_review_comment(repository, id).ok_or_else(not_found)?)
}

/// `GET`, `PATCH` and `DELETE` of one review comment.
pub(crate) fn one(github: &mut Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let read = call.method == Method::GET;
    let repository = call.repository(github, owner, name, if read { READ } else { WRITE })?;
    let id = id_of(id)?;
    let comment = github.repository(repository).and_then(|found| found.review_comments.get(&id)).ok_or_else(not_found)?;
    if !read && comment.author != github.bot {
        return Err(not_accessible());
    }
    match call.method {
        Method::PATCH => github.edit_review_comment(repository, id, github.bot, call.comment_body("PullRequestReviewComment")?),
        Method::DELETE => {
            github.remove_review_comment(repository, id, github.bot);
            return Answer::no_content();
        }
        _ => {}
    }
    Answer::ok(github.shown_review_comment(repository, id).ok_or_else(not_found)?)
}

/// Where a comment shall stand.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) path: String,
    /// `None` for the file as a whole.
    pub(crate) line: Option<(DiffSide, u64)>,
    pub(crate) start: Option<u64>,
}

pub(crate) fn draft_of(body: &Value) -> Result<Draft, Box<Answer>> {
    const RESOURCE: &str = "PullRequestReviewComment";
    let path = body["path"].as_str().ok_or_else(|| invalid(RESOURCE, "path", "is missing"))?.to_owned();
    if body["subject_type"] == "file" {
        return Ok(Draft { path, line: None, start: None });
    }
    let line = body["line"].as_u64().ok_or_else(|| invalid(RESOURCE, "line", "is missing"))?;
    let side = match body["side"].as_str() {
        Some("LEFT") => DiffSide::Left,
        None | Some("RIGHT") => DiffSide::Right,
        Some(_) => return Err(invalid(RESOURCE, "side", "is not included in the list")),
    };
    Ok(Draft { path, line: Some((side, line)), start: body["start_line"].as_u64() })
}

impl Github {
    /// Whether a comment may stand there; the `diff_hunk` that it would show.
    pub(crate) fn check_draft(&self, repository: u64, pull: &Pull, commit: ObjectId, draft: &Draft) -> Result<String, Box<Answer>> {
        const RESOURCE: &str = "PullRequestReviewComment";
        if !self.pull_commits(repository, pull).contains(&commit) {
            return Err(invalid(RESOURCE, "commit_id", "commit_id is not part of the pull request"));
        }
        let files = self.files_between(repository, self.pull_base(repository, pull), commit);
        let file = files.into_iter().find(|file| file.path == draft.path);
        let file = file.ok_or_else(|| invalid(RESOURCE, "path", "pull_request_review_thread.path is invalid"))?;
        let Some((side, line)) = draft.line else { return Ok(String::new()) };
        let patch = file.patch.unwrap_or_default();
        let shown = |line: u64| {
            difference::hunk_lines(&patch).iter().any(|(left, right)| match side {
                DiffSide::Left => left.contains(&line),
                DiffSide::Right => right.contains(&line) && file.status != Status::Removed,
            })
        };
        let outside = |field: &str| invalid(RESOURCE, field, &format!("pull_request_review_thread.{field} must be part of the diff"));
        if !shown(line) {
            return Err(outside("line"));
        }
        if draft.start.is_some_and(|start| start > line || !shown(start)) {
            return Err(outside("start_line"));
        }
        Ok(difference::diff_hunk(&patch, line).unwrap_or_default())
    }

    /// One comment by itself: GitHub makes a review around it.
    pub(crate) fn add_review_comment(
        &mut self,
        repository: u64,
        number: u64,
        author: u64,
        commit: ObjectId,
        body: String,
        draft: Draft,
    ) -> Result<u64, Box<Answer>> {
        let pull = self.pull(repository, number).ok_or_else(not_found)?.clone();
        self.check_draft(repository, &pull, commit, &draft)?;
        let review = self.add_review(repository, number, author, "COMMENTED", String::new(), commit).ok_or_else(not_found)?;
        let id = self.place_comment(repository, &pull, author, commit, body, draft, review)?;
        self.review_event(repository, review, author, "submitted");
        Ok(id)
    }

    #[expect(clippy::too_many_arguments, reason = "a review comment is made of as many things")]
    pub(crate) fn place_comment(
        &mut self,
        repository: u64,
        pull: &Pull,
        author: u64,
        commit: ObjectId,
        body: String,
        draft: Draft,
        review: u64,
    ) -> Result<u64, Box<Answer>> {
        let diff_hunk = self.check_draft(repository, pull, commit, &draft)?;
        let anchor = match draft.line {
            None => Anchor::File,
            Some((side, line)) => Anchor::Line { side, original: line, start: draft.start, current: Some(line) },
        };
        let (id, now) = (self.ids.next("review_comment"), self.now);
        let comment = ReviewComment {
            id,
            pull: pull.number,
            review,
            author,
            body,
            path: draft.path,
            anchor,
            diff_hunk,
            commit,
            original_commit: commit,
            reply_to: None,
            created_at: now,
            updated_at: now,
            editor: None,
            reactions: Vec::new(),
            resolved_by: None,
        };
        self.insert_review_comment(repository, comment);
        if commit != pull.head.sha {
            self.carry_comments(repository, pull.number, commit, pull.head.sha);
        }
        Ok(id)
    }

    pub(crate) fn add_reply(&mut self, repository: u64, to: u64, author: u64, body: String) -> Option<u64> {
        let to = self.repository(repository)?.review_comments.get(&to)?.clone();
        // A reply to a reply stands in the same thread.
        let first = to.reply_to.unwrap_or(to.id);
        let review = self.add_review(repository, to.pull, author, "COMMENTED", String::new(), to.commit)?;
        let (id, now) = (self.ids.next("review_comment"), self.now);
        let reply = ReviewComment {
            id,
            review,
            author,
            body,
            reply_to: Some(first),
            created_at: now,
            updated_at: now,
            editor: None,
            reactions: Vec::new(),
            resolved_by: None,
            ..to
        };
        self.insert_review_comment(repository, reply);
        self.review_event(repository, review, author, "submitted");
        Some(id)
    }

    fn insert_review_comment(&mut self, repository: u64, comment: ReviewComment) {
        let (id, author) = (comment.id, comment.author);
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.review_comments.insert(id, comment);
        }
        self.review_comment_event(repository, id, author, "created", json!({}));
    }

    pub(crate) fn edit_review_comment(&mut self, repository: u64, id: u64, by: u64, body: String) {
        let now = self.now;
        let Some(comment) = self.repositories.get_mut(&repository).and_then(|found| found.review_comments.get_mut(&id)) else { return };
        let old = std::mem::replace(&mut comment.body, body);
        (comment.updated_at, comment.editor) = (now, Some(by));
        self.review_comment_event(repository, id, by, "edited", json!({"changes": {"body": {"from": old}}}));
    }

    /// Where the first comment of a thread goes, the next becomes the first.
    pub(crate) fn remove_review_comment(&mut self, repository: u64, id: u64, by: u64) {
        self.review_comment_event(repository, id, by, "deleted", json!({}));
        let Some(found) = self.repositories.get_mut(&repository) else { return };
        let removed = found.review_comments.remove(&id);
        let replies: Vec<u64> =
            found.review_comments.values().filter(|comment| comment.reply_to == Some(id)).map(|comment| comment.id).collect();
        for reply in &replies {
            if let Some(comment) = found.review_comments.get_mut(reply) {
                comment.reply_to = replies.first().copied().filter(|first| first != reply);
                comment.resolved_by = removed.as_ref().and_then(|removed| removed.resolved_by);
            }
        }
    }

    /// After a push: comments follow their lines to the new head, or are outdated.
    pub(crate) fn carry_comments(&mut self, repository: u64, number: u64, old: ObjectId, new: ObjectId) {
        let Some(objects) = self.objects(repository) else { return };
        let text = |commit: ObjectId, path: &str| {
            let entry = objects.find(objects.commit(commit)?.tree, path)?;
            Some(String::from_utf8_lossy(objects.blob(entry.id)?).into_owned())
        };
        let Some(found) = self.repositories.get(&repository) else { return };
        let mut carried = Vec::new();
        for comment in found.review_comments.values().filter(|comment| comment.pull == number) {
            let (before, after) = (text(old, &comment.path), text(new, &comment.path));
            let anchor = carry_anchor(comment.anchor, before.as_deref(), after.as_deref());
            carried.push((comment.id, anchor));
        }
        for (id, anchor) in carried {
            let comment = self.repositories.get_mut(&repository).and_then(|found| found.review_comments.get_mut(&id));
            let Some(comment) = comment else { continue };
            let outdated = matches!(anchor, Anchor::Line { current: None, .. });
            comment.commit = if outdated { comment.commit } else { new };
            comment.anchor = anchor;
        }
    }

    pub(crate) fn shown_review_comment(&self, repository: u64, id: u64) -> Option<Value> {
        let found = self.repositories.get(&repository)?;
        Some(self.review_comment_json(found, found.review_comments.get(&id)?))
    }

    pub(crate) fn review_comment_json(&self, repository: &Repository, comment: &ReviewComment) -> Value {
        let (api, page) = (self.repository_api(repository), self.repository_page(repository));
        let url = format!("{api}/pulls/comments/{}", comment.id);
        let html = format!("{page}/pull/{}#discussion_r{}", comment.pull, comment.id);
        let pull = format!("{api}/pulls/{}", comment.pull);
        let mut shown = json!({
            "url": url,
            "pull_request_review_id": comment.review,
            "id": comment.id,
            "node_id": node_id("PRRC", comment.id),
            "diff_hunk": comment.diff_hunk,
            "path": comment.path,
            "commit_id": comment.commit.to_string(),
            "original_commit_id": comment.original_commit.to_string(),
            "user": self.user_json(comment.author),
            "body": comment.body,
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "html_url": html,
            "pull_request_url": pull,
            "author_association": self.association(repository, comment.author),
            "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": pull}},
            "reactions": reaction_rollup(&comment.reactions, &url),
        });
        if let Some(first) = comment.reply_to {
            shown["in_reply_to_id"] = json!(first);
        }
        add_anchor(&mut shown, comment.anchor);
        shown
    }
}

fn carry_anchor(anchor: Anchor, before: Option<&str>, after: Option<&str>) -> Anchor {
    match anchor {
        Anchor::Line { side: DiffSide::Right, original, start, current: Some(line) } => {
            let current = before.zip(after).and_then(|(before, after)| follow_line(before, after, line));
            Anchor::Line { side: DiffSide::Right, original, start, current }
        }
        Anchor::File | Anchor::Line { .. } => anchor,
    }
}

/// Where an unchanged line went.
fn follow_line(before: &str, after: &str, line: u64) -> Option<u64> {
    if before == after {
        return Some(line);
    }
    let patch = diffy::DiffOptions::new().set_context_len(0).create_patch(before, after).to_string();
    let mut moved = line;
    for (old, new) in difference::hunk_lines(&patch) {
        if old.contains(&line) {
            return None;
        }
        let length = |range: &std::ops::RangeInclusive<u64>| (range.end() + 1).saturating_sub(*range.start());
        if *old.start() <= line {
            moved = (moved + length(&new)).saturating_sub(length(&old));
        }
    }
    Some(moved)
}

fn add_anchor(shown: &mut Value, anchor: Anchor) {
    let more = match anchor {
        Anchor::File => json!({
            "subject_type": "file", "line": null, "original_line": null, "side": "RIGHT", "start_line": null, "original_start_line": null,
            "start_side": null, "position": 1, "original_position": 1,
        }),
        Anchor::Line { side, original, start, current } => {
            let side = match side {
                DiffSide::Left => "LEFT",
                DiffSide::Right => "RIGHT",
            };
            json!({
                "subject_type": "line", "line": current, "original_line": original, "side": side,
                "start_line": current.and(start), "original_start_line": start, "start_side": start.map(|_| side),
                // Positions count lines of the diff; who uses them is deprecated, so this only says whether there is one.
                "position": current, "original_position": original,
            })
        }
    };
    extend(shown, more);
}

/// A thread in one line, for messages of failed tests.
pub(crate) fn place(comment: &ReviewComment) -> String {
    let mut text = comment.path.clone();
    if let Anchor::Line { current, original, .. } = comment.anchor {
        // Writing to a string cannot fail.
        let _ = match current {
            Some(line) => write!(text, ":{line}"),
            None => write!(text, ":{original} (outdated)"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::follow_line;

    #[test]
    fn lines_are_followed_through_edits() {
        let cases = [
            ("a\nb\nc\n", "a\nb\nc\n", 2, Some(2)),
            ("a\nb\nc\n", "new\na\nb\nc\n", 1, Some(2)),
            ("a\nb\nc\n", "a\nnew\nnewer\nb\nc\n", 1, Some(1)),
            ("a\nb\nc\n", "a\nnew\nnewer\nb\nc\n", 2, Some(4)),
            ("a\nb\nc\n", "a\nB\nc\n", 2, None),
            ("a\nb\nc\n", "a\nB\nc\n", 3, Some(3)),
            ("a\nb\nc\n", "b\nc\n", 1, None),
            ("a\nb\nc\n", "b\nc\n", 3, Some(2)),
            ("a\nb\nc\n", "a\nb\nc\nd\n", 3, Some(3)),
        ];
        for (before, after, line, expected) in cases {
            assert_eq!(follow_line(before, after, line), expected, "{before:?} {after:?} {line}");
        }
    }
}
