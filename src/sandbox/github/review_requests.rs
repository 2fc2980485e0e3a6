//! Review requests: people and teams who are asked to look at a pull request.
//!
//! Source: <https://docs.github.com/en/rest/pulls/review-requests>, read 2026-11-30. Whoever is asked already is not asked again, and the author never.

use crate::change::Right;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::pull_of;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::ReviewRequest;
use crate::sandbox::github::state::Reviewer;
use crate::sandbox::github::wire::node_id;
use serde_json::Value;
use serde_json::json;

const WRITE: Need = Need::write(&["pull_requests"]);

/// All of them are asked, or none.
pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str, number: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let pull = pull_of(github, repository, number)?.clone();
    let found = github.repository(repository).ok_or_else(not_found)?;
    let names =
        |key: &str| call.body[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let no_collaborator = || {
        unprocessable(&format!(
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the {} repository.",
            found.full_name()
        ))
    };
    let mut wanted = Vec::new();
    for login in names("reviewers") {
        let user = github.user_named(&login).ok_or_else(no_collaborator)?.id;
        if user == pull.author {
            return Err(unprocessable("Review cannot be requested from pull request author."));
        }
        if github.right(repository, user) < Right::Read {
            return Err(no_collaborator());
        }
        wanted.push(Reviewer::Person(user));
    }
    for slug in names("team_reviewers") {
        let key = (found.owner.to_lowercase(), slug.to_lowercase());
        let (_, slug) = github.teams.get_key_value(&key).map(|(key, _)| key.clone()).ok_or_else(no_collaborator)?;
        wanted.push(Reviewer::Team(slug));
    }
    let bot = github.bot;
    wanted.into_iter().for_each(|whom| github.request_review(repository, pull.number, whom, bot));
    let found = github.repository(repository).ok_or_else(not_found)?;
    Answer::created(github.pull_json(found, found.pulls.get(&pull.number).ok_or_else(not_found)?))
}

impl Github {
    pub(crate) fn request_review(&mut self, repository: u64, number: u64, whom: Reviewer, by: u64) {
        let Some(found) = self.repositories.get_mut(&repository) else { return };
        let Some(pull) = found.pulls.get_mut(&number) else { return };
        if pull.requests.iter().any(|request| request.pending && request.whom == whom) {
            return;
        }
        pull.requests.push(ReviewRequest { whom: whom.clone(), by, pending: true });
        self.touch_pull(repository, number);
        let Some(found) = self.repositories.get(&repository) else { return };
        let more = match &whom {
            Reviewer::Person(user) => json!({"requested_reviewer": self.user_json(*user)}),
            Reviewer::Team(slug) => json!({"requested_team": self.team_json(found, slug)}),
        };
        self.pull_event(repository, number, by, "review_requested", more);
    }

    pub(crate) fn requested_people(&self, pull: &Pull) -> Vec<Value> {
        let people = pull.requests.iter().filter(|request| request.pending).filter_map(|request| match request.whom {
            Reviewer::Person(user) => Some(self.user_json(user)),
            Reviewer::Team(_) => None,
        });
        people.collect()
    }

    pub(crate) fn requested_teams(&self, found: &Repository, pull: &Pull) -> Vec<Value> {
        let teams = pull.requests.iter().filter(|request| request.pending).filter_map(|request| match &request.whom {
            Reviewer::Team(slug) => Some(self.team_json(found, slug)),
            Reviewer::Person(_) => None,
        });
        teams.collect()
    }

    /// A login, or `organisation/team`.
    pub(crate) fn reviewer_name(&self, found: &Repository, whom: &Reviewer) -> String {
        match whom {
            Reviewer::Person(user) => self.users.get(user).map(|user| user.login.clone()).unwrap_or_default(),
            Reviewer::Team(slug) => format!("{}/{slug}", found.owner),
        }
    }

    /// Each request as an event of the pull request's timeline.
    pub(crate) fn requests_nodes(&self, found: &Repository, pull: &Pull) -> Vec<Value> {
        let node = |request: &ReviewRequest| {
            let whom = match &request.whom {
                Reviewer::Person(user) => self.account_node(*user),
                Reviewer::Team(_) => json!({"__typename": "Team", "combinedSlug": self.reviewer_name(found, &request.whom)}),
            };
            json!({"actor": self.account_node(request.by), "requestedReviewer": whom})
        };
        pull.requests.iter().map(node).collect()
    }

    fn team_json(&self, found: &Repository, slug: &str) -> Value {
        let position = self.teams.keys().position(|(_, known)| known == slug).unwrap_or_default() as u64;
        let id = 30_000 + position;
        let api = format!("{}/organizations/{}/team/{id}", self.api_url, found.owner);
        json!({
            "id": id,
            "node_id": node_id("T", id),
            "name": slug,
            "slug": slug,
            "description": null,
            "privacy": "closed",
            "notification_setting": "notifications_enabled",
            "permission": "pull",
            "url": api,
            "html_url": format!("{}/orgs/{}/teams/{slug}", self.web_url, found.owner),
            "members_url": format!("{api}/members{{/member}}"),
            "repositories_url": format!("{api}/repos"),
            "type": "organization",
            "parent": null,
        })
    }
}
