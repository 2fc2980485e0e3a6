//! Reviews: a verdict, a text, and comments that all stand in the diff or are refused together.

use crate::change::ObjectId;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::MAX_BODY;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::pull_of;
use crate::sandbox::github::review_comments::draft_of;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::Review;
use crate::sandbox::github::state::Reviewer;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::time;
use serde_json::Value;
use serde_json::json;

const READ: Need = Need::read(&["pull_requests"]);
const WRITE: Need = Need::write(&["pull_requests"]);

pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let number = pull_of(github, repository, number)?.number;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let reviews = found.reviews.values().filter(|review| review.pull == number);
    call.page(github, reviews.map(|review| github.review_json(found, review)).collect())
}

/// A review with its comments: all of them stand in the diff, or none is made.
pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let pull = pull_of(github, repository, number)?.clone();
    let commit = call.text("commit_id").map_or(Ok(pull.head.sha), |_| call.sha("PullRequestReview", "commit_id"))?;
    let body = call.text("body").unwrap_or_default();
    let state = match call.text("event").as_deref() {
        None => "PENDING",
        Some("COMMENT") => "COMMENTED",
        Some("APPROVE") => "APPROVED",
        Some("REQUEST_CHANGES") => "CHANGES_REQUESTED",
        Some(_) => return Err(invalid("PullRequestReview", "event", "is not included in the list")),
    };
    if body.chars().count() > MAX_BODY {
        return Err(invalid("PullRequestReview", "body", "body is too long (maximum is 65536 characters)"));
    }
    if matches!(state, "APPROVED" | "CHANGES_REQUESTED") && pull.author == github.bot {
        return Err(unprocessable("Can not approve your own pull request"));
    }
    let mut drafts = Vec::new();
    for comment in call.body["comments"].as_array().into_iter().flatten() {
        let (draft, text) = (draft_of(comment)?, comment["body"].as_str().unwrap_or_default().to_owned());
        github.check_draft(repository, &pull, commit, &draft)?;
        drafts.push((draft, text));
    }
    let id = github.add_review(repository, pull.number, github.bot, state, body, commit).ok_or_else(not_found)?;
    for (draft, text) in drafts {
        github.place_comment(repository, &pull, github.bot, commit, text, draft, id)?;
    }
    github.review_event(repository, id, github.bot, "submitted");
    let found = github.repository(repository).ok_or_else(not_found)?;
    Answer::ok(github.review_json(found, found.reviews.get(&id).ok_or_else(not_found)?))
}

impl Github {
    pub(crate) fn add_review(
        &mut self,
        repository: u64,
        pull: u64,
        author: u64,
        state: &str,
        body: String,
        commit: ObjectId,
    ) -> Option<u64> {
        let (id, at) = (self.ids.next("review"), self.now);
        let review = Review { id, pull, author, body, state: state.to_owned(), commit, at };
        let found = self.repositories.get_mut(&repository)?;
        found.reviews.insert(id, review);
        // Whoever was asked has answered.
        let requests = found.pulls.get_mut(&pull).into_iter().flat_map(|pull| &mut pull.requests);
        requests.filter(|request| request.whom == Reviewer::Person(author)).for_each(|request| request.pending = false);
        self.touch_pull(repository, pull);
        Some(id)
    }

    pub(crate) fn review_json(&self, repository: &Repository, review: &Review) -> Value {
        let html = format!("{}/pull/{}#pullrequestreview-{}", self.repository_page(repository), review.pull, review.id);
        let pull = format!("{}/pulls/{}", self.repository_api(repository), review.pull);
        json!({
            "id": review.id,
            "node_id": node_id("PRR", review.id),
            "user": self.user_json(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": html,
            "pull_request_url": pull,
            "_links": {"html": {"href": html}, "pull_request": {"href": pull}},
            "submitted_at": time(review.at),
            "commit_id": review.commit.to_string(),
            "author_association": self.association(repository, review.author),
        })
    }
}
