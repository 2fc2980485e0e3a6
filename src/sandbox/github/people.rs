//! What people do: make repositories, push, open, merge, comment, review, decide who may.
//!
//! Comes in: names, as a test or the sandbox writes them. Goes out: changed state, and the events that GitHub would send. Nothing here
//! goes through the API, so nothing is limited, recorded or planned to fail.

use crate::change::ObjectId;
use crate::change::Right;
use crate::sandbox::github::access::Installation;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::comments::Talk;
use crate::sandbox::github::reviews::Draft;
use crate::sandbox::github::state::CheckRun;
use crate::sandbox::github::state::DiffSide;
use crate::sandbox::github::state::End;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Lag;
use crate::sandbox::github::state::Merged;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::User;
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::wire::default_permissions;
use crate::sandbox::objects::Commit;
use crate::sandbox::objects::Content;
use crate::sandbox::objects::Objects;
use crate::sandbox::objects::Signature;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// What somebody wanted to do and could not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    #[error("there is no repository {0:?}")]
    NoRepository(String),
    #[error("there is no user {0:?}")]
    NoUser(String),
    #[error("there is no pull request {0}")]
    NoPull(u64),
    #[error("there is no branch {0:?}")]
    NoBranch(String),
    #[error("there is no {0} {1}")]
    Nothing(&'static str, u64),
    #[error("GitHub refuses: {0}")]
    Refused(String),
}

/// How the world at large looks upon a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    Public,
    Private,
}

/// One push of one commit.
#[derive(Clone, Debug)]
pub struct Push<'p> {
    pub repository: &'p str,
    /// Made from the default branch where it is not there.
    pub branch: &'p str,
    pub by: &'p str,
    /// `None` removes the path.
    pub changes: &'p [(&'p str, Option<Content>)],
    pub message: &'p str,
}

/// One pull request to open.
#[derive(Clone, Debug)]
pub struct Opening<'p> {
    pub repository: &'p str,
    pub by: &'p str,
    /// A branch, or `owner:branch` of a fork.
    pub head: &'p str,
    pub base: &'p str,
    pub title: &'p str,
    pub body: &'p str,
    pub draft: bool,
}

impl Github {
    pub fn add_user(&mut self, login: &str, kind: UserKind) -> u64 {
        if let Some(user) = self.user_named(login) {
            return user.id;
        }
        let id = self.ids.next("user");
        self.users.insert(id, User { id, login: login.to_owned(), kind });
        id
    }

    /// Makes a repository with its first commit on `main`, and its owner where there is none of that name.
    pub fn add_repository(&mut self, full_name: &str, visibility: Visibility, files: &[(&str, Content)]) -> Result<u64, ActError> {
        let (owner, name) = full_name.split_once('/').ok_or_else(|| ActError::NoRepository(full_name.to_owned()))?;
        let owner_id = self.add_user(owner, UserKind::Organization);
        let id = self.ids.next("repository");
        let mut objects = Objects::default();
        let tree = objects.add_contents(files.iter().map(|(path, content)| (*path, content)));
        let signature = self.signature(owner_id);
        let message = "Initial commit\n".to_owned();
        let first = objects.add_commit(Commit { tree, parents: Vec::new(), author: signature.clone(), committer: signature, message });
        self.networks.insert(id, objects);
        let refs = BTreeMap::from([("refs/heads/main".to_owned(), first)]);
        let private = visibility == Visibility::Private;
        self.repositories.insert(id, new_repository(id, owner, name, private, id, None, refs, self.now));
        Ok(id)
    }

    pub fn fork(&mut self, full_name: &str, owner: &str) -> Result<u64, ActError> {
        let source = self.act_on(full_name)?;
        let source = self.repositories.get(&source).ok_or_else(|| ActError::NoRepository(full_name.to_owned()))?.clone();
        self.add_user(owner, UserKind::Person);
        let id = self.ids.next("repository");
        let branches = source.refs.iter().filter(|(name, _)| name.starts_with("refs/heads/"));
        let refs = branches.map(|(name, tip)| (name.clone(), *tip)).collect();
        let fork = new_repository(id, owner, &source.name, source.private, source.network, Some(source.id), refs, self.now);
        self.repositories.insert(id, fork);
        Ok(id)
    }

    /// Installs the App on an account, with what its manifest asks for or with less.
    pub fn install(&mut self, account: &str, permissions: Option<Permissions>) -> u64 {
        let account = self.add_user(account, UserKind::Organization);
        let id = self.ids.next("installation");
        let permissions = permissions.unwrap_or_else(default_permissions);
        let installation = Installation { id, account, permissions, repositories: None, suspended: false, created_at: self.now };
        let shown = self.installation_json(&installation);
        self.installations.insert(id, installation);
        let owner = self.users.get(&account).map_or("", |user| user.login.as_str());
        let repositories: Vec<Value> = self.repositories.values().filter(|found| found.owner == owner).map(short_repository).collect();
        let payload = json!({
            "action": "created", "installation": shown, "repositories": repositories, "requester": null, "sender": self.user_json(account),
        });
        self.deliveries.send("installation", &payload, self.now);
        id
    }

    /// Takes the App away: its tokens die at once.
    pub fn uninstall(&mut self, account: &str) -> Result<(), ActError> {
        let account = self.user_id(account)?;
        let Some(installation) = self.installations.values().find(|installation| installation.account == account).cloned() else {
            return Err(ActError::Nothing("installation", account));
        };
        let shown = self.installation_json(&installation);
        self.installations.remove(&installation.id);
        let payload = json!({"action": "deleted", "installation": shown, "repositories": [], "sender": self.user_json(account)});
        self.deliveries.send("installation", &payload, self.now);
        Ok(())
    }

    /// Grants an installation other permissions than it had.
    pub fn grant(&mut self, account: &str, permissions: Permissions) -> Result<(), ActError> {
        let account = self.user_id(account)?;
        for installation in self.installations.values_mut().filter(|installation| installation.account == account) {
            installation.permissions = permissions.clone();
        }
        Ok(())
    }

    /// Every token that is out is refused from now on.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke_all();
    }

    pub fn set_role(&mut self, full_name: &str, login: &str, right: Right) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        let user = self.add_user(login, UserKind::Person);
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.roles.insert(user, right);
        }
        Ok(())
    }

    pub fn set_team(&mut self, organisation: &str, slug: &str, logins: &[&str]) {
        let members = logins.iter().map(|login| self.add_user(login, UserKind::Person)).collect();
        self.teams.insert((organisation.to_lowercase(), slug.to_lowercase()), members);
    }

    pub fn rename_repository(&mut self, full_name: &str, name: &str) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        let Some(found) = self.repositories.get_mut(&repository) else { return Ok(()) };
        let old = std::mem::replace(&mut found.name, name.to_owned());
        let owner = found.owner.clone();
        self.renamed.insert(full_name.to_lowercase(), repository);
        let sender = self.user_id(&owner)?;
        self.event("repository", repository, sender, json!({"action": "renamed", "changes": {"repository": {"name": {"from": old}}}}));
        Ok(())
    }

    /// Commits and pushes; gives the new tip. Base branches are pushed to in the same way.
    pub fn push(&mut self, push: &Push<'_>) -> Result<ObjectId, ActError> {
        let repository = self.act_on(push.repository)?;
        let by = self.user_id(push.by)?;
        let author = self.signature(by);
        let commit = self.commit_on(repository, push, author)?;
        self.move_ref(repository, &format!("refs/heads/{}", push.branch), Some(commit), by);
        Ok(commit)
    }

    /// Commits under a name and an address that need not be the pusher's own.
    pub fn push_as(&mut self, push: &Push<'_>, name: &str, email: &str) -> Result<ObjectId, ActError> {
        let repository = self.act_on(push.repository)?;
        let by = self.user_id(push.by)?;
        let author = Signature { name: name.to_owned(), email: email.to_owned(), ..self.signature(by) };
        let commit = self.commit_on(repository, push, author)?;
        self.move_ref(repository, &format!("refs/heads/{}", push.branch), Some(commit), by);
        Ok(commit)
    }

    /// Moves a branch to any commit, forwards or not.
    pub fn force_push(&mut self, full_name: &str, branch: &str, by: &str, to: ObjectId) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.move_ref(repository, &format!("refs/heads/{branch}"), Some(to), by);
        Ok(())
    }

    pub fn delete_branch(&mut self, full_name: &str, branch: &str, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.move_ref(repository, &format!("refs/heads/{branch}"), None, by);
        Ok(())
    }

    fn commit_on(&mut self, repository: u64, push: &Push<'_>, signature: Signature) -> Result<ObjectId, ActError> {
        let no_branch = || ActError::NoBranch(push.branch.to_owned());
        let found = self.repositories.get(&repository).ok_or_else(no_branch)?;
        let parent = found.branch(push.branch).or_else(|| found.branch(&found.default_branch)).ok_or_else(no_branch)?;
        let objects = self.objects_mut(repository).ok_or_else(no_branch)?;
        let tree = objects.commit(parent).ok_or_else(no_branch)?.tree;
        let mut paths = objects.paths(tree);
        for (path, content) in push.changes {
            match content {
                Some(content) => paths.insert((*path).to_owned(), objects.add_content(content)),
                None => paths.remove(*path),
            };
        }
        let tree = objects.add_paths(&paths);
        let message = format!("{}\n", push.message);
        Ok(objects.add_commit(Commit { tree, parents: vec![parent], author: signature.clone(), committer: signature, message }))
    }

    /// Opens a pull request; gives its number.
    pub fn open_pull(&mut self, opening: &Opening<'_>) -> Result<u64, ActError> {
        let repository = self.act_on(opening.repository)?;
        let author = self.user_id(opening.by)?;
        let head = self.head_end(repository, opening.head)?;
        let base = self.repositories.get(&repository).and_then(|found| found.branch(opening.base));
        let base = base.ok_or_else(|| ActError::NoBranch(opening.base.to_owned()))?;
        let base = End { repository, branch: opening.base.to_owned(), sha: base };
        let (id, now) = (self.ids.next("pull"), self.now);
        let Some(found) = self.repositories.get_mut(&repository) else { return Err(ActError::NoRepository(opening.repository.to_owned())) };
        let number = found.pulls.keys().next_back().copied().unwrap_or(0) + 1;
        found.refs.insert(format!("refs/pull/{number}/head"), head.sha);
        let pull = Pull {
            id,
            number,
            title: opening.title.to_owned(),
            body: (!opening.body.is_empty()).then(|| opening.body.to_owned()),
            author,
            draft: opening.draft,
            open: true,
            merged: None,
            head,
            base,
            created_at: now,
            updated_at: now,
            closed_at: None,
            lag: Lag::default(),
        };
        found.pulls.insert(number, pull);
        self.pull_event(repository, number, author, "opened", json!({}));
        Ok(number)
    }

    fn head_end(&self, repository: u64, head: &str) -> Result<End, ActError> {
        let no_branch = || ActError::NoBranch(head.to_owned());
        let found = self.repositories.get(&repository).ok_or_else(no_branch)?;
        let (source, branch) = match head.split_once(':') {
            None => (found, head),
            Some((owner, branch)) => {
                let fork = |other: &&Repository| other.network == found.network && other.owner.eq_ignore_ascii_case(owner);
                (self.repositories.values().find(fork).ok_or_else(no_branch)?, branch)
            }
        };
        Ok(End { repository: source.id, branch: branch.to_owned(), sha: source.branch(branch).ok_or_else(no_branch)? })
    }

    /// Lets the next reads of a pull request lag: so many times 404, then so many times with the head before the last push.
    pub fn set_lag(&mut self, full_name: &str, number: u64, missing: u32, stale: u32) -> Result<(), ActError> {
        self.change_pull(full_name, number, |pull| {
            pull.lag = Lag { missing, stale: (stale > 0).then_some((stale, pull.head.sha)) };
        })?;
        Ok(())
    }

    pub fn close(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let (by, now) = (self.user_id(by)?, self.now);
        let repository = self.change_pull(full_name, number, |pull| {
            pull.open = false;
            pull.closed_at = Some(now);
        })?;
        self.pull_event(repository, number, by, "closed", json!({}));
        Ok(())
    }

    pub fn reopen(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let by = self.user_id(by)?;
        let repository = self.change_pull(full_name, number, |pull| {
            pull.open = true;
            pull.closed_at = None;
        })?;
        self.pull_event(repository, number, by, "reopened", json!({}));
        Ok(())
    }

    pub fn convert_to_draft(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let by = self.user_id(by)?;
        let repository = self.change_pull(full_name, number, |pull| pull.draft = true)?;
        self.pull_event(repository, number, by, "converted_to_draft", json!({}));
        Ok(())
    }

    pub fn ready_for_review(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let by = self.user_id(by)?;
        let repository = self.change_pull(full_name, number, |pull| pull.draft = false)?;
        self.pull_event(repository, number, by, "ready_for_review", json!({}));
        Ok(())
    }

    /// Changes the base branch: an `edited` event with the old base.
    pub fn retarget(&mut self, full_name: &str, number: u64, by: &str, base: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(base));
        let tip = tip.ok_or_else(|| ActError::NoBranch(base.to_owned()))?;
        let old = self.pull(repository, number).ok_or(ActError::NoPull(number))?.base.clone();
        self.change_pull(full_name, number, |pull| pull.base = End { repository, branch: base.to_owned(), sha: tip })?;
        let changes = json!({"changes": {"base": {"ref": {"from": old.branch}, "sha": {"from": old.sha.to_string()}}}});
        self.pull_event(repository, number, by, "edited", changes);
        Ok(())
    }

    /// Merges with a merge commit; gives it. A conflict is settled for the head, path by path.
    pub fn merge(&mut self, full_name: &str, number: u64, by: &str) -> Result<ObjectId, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let pull = self.pull(repository, number).ok_or(ActError::NoPull(number))?.clone();
        let no_branch = || ActError::NoBranch(pull.base.branch.clone());
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(&pull.base.branch)).ok_or_else(no_branch)?;
        let message = format!("Merge pull request #{number} from {}\n", self.head_label(&pull.head).replace(':', "/"));
        let merged = self.merge_commit(repository, &pull, tip, by, message).ok_or_else(no_branch)?;
        let at = self.now;
        self.change_pull(full_name, number, |pull| {
            pull.open = false;
            pull.closed_at = Some(at);
            pull.merged = Some(Merged { by, sha: merged, at });
            pull.base.sha = tip;
        })?;
        self.pull_event(repository, number, by, "closed", json!({}));
        self.move_ref(repository, &format!("refs/heads/{}", pull.base.branch), Some(merged), by);
        Ok(merged)
    }

    fn merge_commit(&mut self, repository: u64, pull: &Pull, onto: ObjectId, by: u64, message: String) -> Option<ObjectId> {
        let changed = self.pull_files(repository, pull);
        let author = self.signature(by);
        let committer = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..author.clone() };
        let objects = self.objects_mut(repository)?;
        let heads = objects.paths(objects.commit(pull.head.sha)?.tree);
        let mut paths = objects.paths(objects.commit(onto)?.tree);
        for file in changed {
            for path in [Some(file.path), file.previous].into_iter().flatten() {
                match heads.get(&path) {
                    Some(entry) => paths.insert(path, *entry),
                    None => paths.remove(&path),
                };
            }
        }
        let tree = objects.add_paths(&paths);
        Some(objects.add_commit(Commit { tree, parents: vec![onto, pull.head.sha], author, committer, message }))
    }

    /// Puts a pull request into the merge queue: makes the group's commit and branch, and asks for checks; gives its head.
    pub fn queue(&mut self, full_name: &str, number: u64, by: &str) -> Result<ObjectId, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let pull = self.pull(repository, number).ok_or(ActError::NoPull(number))?.clone();
        let no_branch = || ActError::NoBranch(pull.base.branch.clone());
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(&pull.base.branch)).ok_or_else(no_branch)?;
        let message = format!("Merge pull request #{number} from {}\n", self.head_label(&pull.head).replace(':', "/"));
        let head = self.merge_commit(repository, &pull, tip, by, message).ok_or_else(no_branch)?;
        let branch = format!("refs/heads/gh-readonly-queue/{}/pr-{number}-{tip}", pull.base.branch);
        self.move_ref(repository, &branch, Some(head), by);
        let group = json!({
            "head_sha": head.to_string(),
            "head_ref": branch,
            "base_sha": tip.to_string(),
            "base_ref": format!("refs/heads/{}", pull.base.branch),
            "head_commit": self.head_commit_json(repository, head),
        });
        self.event("merge_group", repository, by, json!({"action": "checks_requested", "merge_group": group}));
        Ok(head)
    }

    pub fn comment(&mut self, full_name: &str, number: u64, by: &str, body: &str) -> Result<u64, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.pull(repository, number).ok_or(ActError::NoPull(number))?;
        self.add_comment(repository, number, by, body.to_owned()).ok_or(ActError::NoPull(number))
    }

    pub fn change_comment(&mut self, full_name: &str, id: u64, by: &str, body: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.edit_comment(repository, id, by, body.to_owned());
        Ok(())
    }

    pub fn delete_comment(&mut self, full_name: &str, id: u64, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.remove_comment(repository, id, by);
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
        self.repository(repository).and_then(|found| found.checks.get(&check)).ok_or(ActError::Nothing("check run", check))?;
        self.check_event(repository, check, by, "rerequested");
        Ok(())
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
        self.apps.insert(id, crate::sandbox::github::state::App { id, slug: slug.to_owned(), name: slug.to_owned() });
        self.add_user(&format!("{slug}[bot]"), UserKind::Bot);
        id
    }

    /// Commits of a user bear this.
    pub(crate) fn signature(&self, user: u64) -> Signature {
        let (name, email) = self.users.get(&user).map(|user| (user.login.clone(), user.email())).unwrap_or_default();
        Signature { name, email, at: self.now.0, zone: "+0000".to_owned() }
    }

    fn change_pull(&mut self, full_name: &str, number: u64, change: impl FnOnce(&mut Pull)) -> Result<u64, ActError> {
        let (repository, now) = (self.act_on(full_name)?, self.now);
        let pull = self.repositories.get_mut(&repository).and_then(|found| found.pulls.get_mut(&number)).ok_or(ActError::NoPull(number))?;
        change(pull);
        pull.updated_at = now;
        Ok(repository)
    }

    fn act_on(&self, full_name: &str) -> Result<u64, ActError> {
        self.repository_named(full_name).map(|found| found.id).ok_or_else(|| ActError::NoRepository(full_name.to_owned()))
    }

    fn user_id(&self, login: &str) -> Result<u64, ActError> {
        self.user_named(login).map(|user| user.id).ok_or_else(|| ActError::NoUser(login.to_owned()))
    }
}

#[expect(clippy::too_many_arguments, reason = "a repository is made of as many things, in two places")]
fn new_repository(
    id: u64,
    owner: &str,
    name: &str,
    private: bool,
    network: u64,
    fork_of: Option<u64>,
    refs: BTreeMap<String, ObjectId>,
    created_at: crate::change::Timestamp,
) -> Repository {
    Repository {
        id,
        owner: owner.to_owned(),
        name: name.to_owned(),
        private,
        default_branch: "main".to_owned(),
        network,
        fork_of,
        refs,
        roles: BTreeMap::new(),
        pulls: BTreeMap::new(),
        comments: BTreeMap::new(),
        review_comments: BTreeMap::new(),
        reviews: BTreeMap::new(),
        checks: BTreeMap::new(),
        created_at,
    }
}

fn short_repository(found: &Repository) -> Value {
    json!({
        "id": found.id,
        "node_id": crate::sandbox::github::wire::node_id("R", found.id),
        "name": found.name,
        "full_name": found.full_name(),
        "private": found.private,
    })
}
