//! What people say: comments, reviews, replies, reactions, resolved threads, and the buttons on checks.

use crate::change::ObjectId;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::review_comments::Draft;
use crate::sandbox::github::state::App;
use crate::sandbox::github::state::CheckRun;
use crate::sandbox::github::state::DiffSide;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Talk;
use crate::sandbox::github::state::UserKind;
use serde_json::json;

impl Github {
    pub fn comment(&mut self, full_name: &str, number: u64, by: &str, body: &str) -> Result<u64, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.pull(repository, number).ok_or(ActError::NoPull(number))?;
        self.add_comment(repository, number, by, body.to_owned()).ok_or(ActError::NoPull(number))
    }

    pub fn change_comment(&mut self, full_name: &str, talk: Talk, id: u64, by: &str, body: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        match talk {
            Talk::Issue => self.edit_comment(repository, id, by, body.to_owned()),
            Talk::Review => self.edit_review_comment(repository, id, by, body.to_owned()),
        }
        Ok(())
    }

    pub fn delete_comment(&mut self, full_name: &str, talk: Talk, id: u64, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        match talk {
            Talk::Issue => self.remove_comment(repository, id, by),
            Talk::Review => self.remove_review_comment(repository, id, by),
        }
        Ok(())
    }

    /// A comment on a line of the head's side; gives its id, which is also that of its thread.
    pub fn comment_on_line(&mut self, full_name: &str, number: u64, by: &str, at: (&str, u64), body: &str) -> Result<u64, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let head = self.pull(repository, number).ok_or(ActError::NoPull(number))?.head.sha;
        let draft = Draft { path: at.0.to_owned(), line: Some((DiffSide::Right, at.1)), start: None };
        let added = self.add_review_comment(repository, number, by, head, body.to_owned(), draft);
        added.map_err(|answer| ActError::Refused(answer.body.to_string()))
    }

    pub fn reply(&mut self, full_name: &str, to: u64, by: &str, body: &str) -> Result<u64, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.add_reply(repository, to, by, body.to_owned()).ok_or(ActError::Nothing("review comment", to))
    }

    /// A review without line comments; `state` is `COMMENTED`, `APPROVED` or `CHANGES_REQUESTED`.
    pub fn review(&mut self, full_name: &str, number: u64, by: &str, state: &str, body: &str) -> Result<u64, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let head = self.pull(repository, number).ok_or(ActError::NoPull(number))?.head.sha;
        let id = self.add_review(repository, number, by, state, body.to_owned(), head).ok_or(ActError::NoPull(number))?;
        self.review_event(repository, id, by, "submitted");
        Ok(id)
    }

    /// Takes a review's verdict back, as whoever may write can.
    pub fn dismiss_review(&mut self, full_name: &str, id: u64, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let review = self.repositories.get_mut(&repository).and_then(|found| found.reviews.get_mut(&id));
        review.ok_or(ActError::Nothing("review", id))?.state = "DISMISSED".to_owned();
        self.review_event(repository, id, by, "dismissed");
        Ok(())
    }

    pub fn react(&mut self, full_name: &str, talk: Talk, comment: u64, by: &str, content: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.add_reaction(repository, talk, comment, by, content).ok_or(ActError::Nothing("comment", comment))?;
        Ok(())
    }

    /// Resolves (`by`) or unresolves (`None`) the thread that begins with this comment. No event is subscribed to that tells of it.
    pub fn set_resolved(&mut self, full_name: &str, first: u64, by: Option<&str>) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        let by = by.map(|login| self.user_id(login)).transpose()?;
        let comment = self.repositories.get_mut(&repository).and_then(|found| found.review_comments.get_mut(&first));
        comment.ok_or(ActError::Nothing("review comment", first))?.resolved_by = by;
        Ok(())
    }

    /// "Re-run" on a check run.
    pub fn rerequest_check(&mut self, full_name: &str, check: u64, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.own_check(repository, check)?;
        self.check_event(repository, check, by, "rerequested", json!({}));
        Ok(())
    }

    /// One of the check run's own buttons, by its identifier; they show once the run is completed.
    pub fn press_button(&mut self, full_name: &str, check: u64, by: &str, identifier: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.own_check(repository, check)?;
        let run = self.repository(repository).and_then(|found| found.checks.get(&check));
        let is_shown = |run: &&CheckRun| run.status == "completed" && run.buttons.iter().any(|button| button == identifier);
        run.filter(is_shown).ok_or(ActError::Nothing("button of a check run", check))?;
        self.check_event(repository, check, by, "requested_action", json!({"requested_action": {"identifier": identifier}}));
        Ok(())
    }

    /// Buttons on another App's runs are heard by that App alone.
    fn own_check(&self, repository: u64, check: u64) -> Result<(), ActError> {
        let run = self.repository(repository).and_then(|found| found.checks.get(&check));
        run.filter(|run| run.app == self.app.id).map(|_| ()).ok_or(ActError::Nothing("check run of ours", check))
    }

    /// "Re-run all checks" of our App on a commit.
    pub fn rerequest_suite(&mut self, full_name: &str, head: ObjectId, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.suite_event(repository, self.app.id, head, by, "rerequested");
        Ok(())
    }

    /// Another App posts a check, maybe under our name.
    pub fn foreign_check(&mut self, full_name: &str, slug: &str, head: ObjectId, name: &str, conclusion: &str) -> Result<u64, ActError> {
        let repository = self.act_on(full_name)?;
        let app = self.foreign_app(slug);
        let run = CheckRun {
            id: 0,
            suite: 0,
            app,
            name: name.to_owned(),
            head,
            status: "completed".to_owned(),
            conclusion: Some(conclusion.to_owned()),
            external_id: None,
            details_url: None,
            title: None,
            summary: None,
            text: None,
            annotations: Vec::new(),
            buttons: Vec::new(),
            started_at: self.now,
            completed_at: Some(self.now),
        };
        self.add_check(repository, run).ok_or_else(|| ActError::NoRepository(full_name.to_owned()))
    }

    fn foreign_app(&mut self, slug: &str) -> u64 {
        if let Some(app) = self.apps.values().find(|app| app.slug == slug) {
            return app.id;
        }
        let id = self.app.id + self.apps.len() as u64;
        self.apps.insert(id, App { id, slug: slug.to_owned(), name: slug.to_owned(), permissions: Permissions::new(), events: Vec::new() });
        self.add_user(&format!("{slug}[bot]"), UserKind::Bot);
        id
    }
}
