//! Comments on a pull request's conversation (issue comments), and reactions to them and to review comments.

use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::call::pull_of;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::IssueComment;
use crate::sandbox::github::state::Reaction;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::Talk;
use crate::sandbox::github::wire::REACTIONS;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::reaction_rollup;
use crate::sandbox::github::wire::time;
use http::Method;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

/// Comments on a pull request take either permission.
const READ: Need = Need::read(&["issues", "pull_requests"]);
const WRITE: Need = Need::write(&["issues", "pull_requests"]);

pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let number = pull_of(github, repository, number)?.number;
    let since = call.parameter("since").and_then(Timestamp::parse);
    let found = github.repository(repository).ok_or_else(not_found)?;
    let comments =
        found.comments.values().filter(|comment| comment.issue == number && since.is_none_or(|since| comment.updated_at >= since));
    call.page(github, comments.map(|comment| github.comment_json(found, comment)).collect())
}

pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let number = pull_of(github, repository, number)?.number;
    let body = call.comment_body("IssueComment")?;
    let id = github.add_comment(repository, number, github.bot, body).ok_or_else(not_found)?;
    Answer::created(github.shown_comment(repository, id).ok_or_else(not_found)?)
}

/// `GET`, `PATCH` and `DELETE` of one comment.
pub(crate) fn one(github: &mut Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let read = call.method == Method::GET;
    let repository = call.repository(github, owner, name, if read { READ } else { WRITE })?;
    let id = id_of(id)?;
    let comment = github.repository(repository).and_then(|found| found.comments.get(&id)).ok_or_else(not_found)?;
    if !read && comment.author != github.bot {
        return Err(not_accessible());
    }
    match call.method {
        Method::PATCH => github.edit_comment(repository, id, github.bot, call.comment_body("IssueComment")?),
        Method::DELETE => {
            github.remove_comment(repository, id, github.bot);
            return Answer::no_content();
        }
        _ => {}
    }
    Answer::ok(github.shown_comment(repository, id).ok_or_else(not_found)?)
}

pub(crate) fn reactions(github: &mut Github, call: &Call, owner: &str, name: &str, id: &str, talk: Talk) -> Answered {
    let write = call.method == Method::POST;
    let need = match (talk, write) {
        (Talk::Issue, false) => READ,
        (Talk::Issue, true) => WRITE,
        (Talk::Review, false) => Need::read(&["pull_requests"]),
        (Talk::Review, true) => Need::write(&["pull_requests"]),
    };
    let repository = call.repository(github, owner, name, need)?;
    let id = id_of(id)?;
    if write {
        let content = call.needed("Reaction", "content")?;
        if !REACTIONS.contains(&content.as_str()) {
            return Err(invalid("Reaction", "content", "is not a known reaction"));
        }
        let (fresh, reaction) = github.add_reaction(repository, talk, id, github.bot, &content).ok_or_else(not_found)?;
        let status = if fresh { StatusCode::CREATED } else { StatusCode::OK };
        return Ok(Answer::new(status, github.reaction_json(&reaction)));
    }
    let wanted = call.parameter("content");
    let reactions = github.reactions_mut(repository, talk, id).ok_or_else(not_found)?.clone();
    let shown = reactions.iter().filter(|reaction| wanted.is_none_or(|wanted| wanted == reaction.content));
    call.page(github, shown.map(|reaction| github.reaction_json(reaction)).collect())
}

impl Github {
    pub(crate) fn comment_json(&self, repository: &Repository, comment: &IssueComment) -> Value {
        let api = self.repository_api(repository);
        let url = format!("{api}/issues/comments/{}", comment.id);
        json!({
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "url": url,
            "html_url": format!("{}/pull/{}#issuecomment-{}", self.repository_page(repository), comment.issue, comment.id),
            "issue_url": format!("{api}/issues/{}", comment.issue),
            "user": self.user_json(comment.author),
            "created_at": time(comment.created_at),
            "updated_at": time(comment.updated_at),
            "author_association": self.association(repository, comment.author),
            "body": comment.body,
            "reactions": reaction_rollup(&comment.reactions, &url),
            "performed_via_github_app": self.via_app_json(comment.author),
        })
    }

    pub(crate) fn shown_comment(&self, repository: u64, id: u64) -> Option<Value> {
        let found = self.repositories.get(&repository)?;
        Some(self.comment_json(found, found.comments.get(&id)?))
    }

    pub(crate) fn add_comment(&mut self, repository: u64, issue: u64, author: u64, body: String) -> Option<u64> {
        let id = self.ids.next("issue_comment");
        let now = self.now;
        let comment = IssueComment { id, issue, author, body, created_at: now, updated_at: now, editor: None, reactions: Vec::new() };
        self.repositories.get_mut(&repository)?.comments.insert(id, comment);
        self.touch_pull(repository, issue);
        self.comment_event(repository, id, author, "created", json!({}));
        Some(id)
    }

    /// What is said on a pull request counts as a change of it.
    pub(crate) fn touch_pull(&mut self, repository: u64, number: u64) {
        let now = self.now;
        if let Some(pull) = self.repositories.get_mut(&repository).and_then(|found| found.pulls.get_mut(&number)) {
            pull.updated_at = now;
        }
    }

    pub(crate) fn edit_comment(&mut self, repository: u64, id: u64, by: u64, body: String) {
        let now = self.now;
        let Some(comment) = self.repositories.get_mut(&repository).and_then(|found| found.comments.get_mut(&id)) else { return };
        let old = std::mem::replace(&mut comment.body, body);
        (comment.updated_at, comment.editor) = (now, Some(by));
        self.comment_event(repository, id, by, "edited", json!({"changes": {"body": {"from": old}}}));
    }

    pub(crate) fn remove_comment(&mut self, repository: u64, id: u64, by: u64) {
        self.comment_event(repository, id, by, "deleted", json!({}));
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.comments.remove(&id);
        }
    }

    /// Adds a reaction, or gives the one that is there: `true` where it is new. Reactions cause no events.
    pub(crate) fn add_reaction(&mut self, repository: u64, talk: Talk, comment: u64, user: u64, content: &str) -> Option<(bool, Reaction)> {
        let at = self.now;
        let there =
            self.reactions_mut(repository, talk, comment)?.iter().find(|reaction| reaction.user == user && reaction.content == content);
        if let Some(reaction) = there {
            return Some((false, reaction.clone()));
        }
        let reaction = Reaction { id: self.ids.next("reaction"), user, content: content.to_owned(), at };
        self.reactions_mut(repository, talk, comment)?.push(reaction.clone());
        Some((true, reaction))
    }

    fn reactions_mut(&mut self, repository: u64, talk: Talk, comment: u64) -> Option<&mut Vec<Reaction>> {
        let found = self.repositories.get_mut(&repository)?;
        match talk {
            Talk::Issue => found.comments.get_mut(&comment).map(|comment| &mut comment.reactions),
            Talk::Review => found.review_comments.get_mut(&comment).map(|comment| &mut comment.reactions),
        }
    }
}
