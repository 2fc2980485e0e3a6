//! What people do: here accounts, repositories, who may what, and the App's installations.
//!
//! Comes in: names, as a test or the sandbox writes them. Goes out: changed state, and the events that GitHub would send. Nothing here
//! goes through the API, so nothing is limited, recorded or planned to fail. Pushes and pull requests are in `contributions`, what is
//! said about them in `talk`; all are methods of [`Github`].

use crate::change::ObjectId;
use crate::change::Right;
use crate::change::Timestamp;
use crate::sandbox::github::access::Installation;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::Ruleset;
use crate::sandbox::github::state::User;
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::wire::node_id;
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspension {
    Suspended,
    Lifted,
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
        let owner = full_name.split('/').next().unwrap_or_default();
        let owner = self.add_user(owner, UserKind::Organization);
        let mut objects = Objects::default();
        let tree = objects.add_contents(files.iter().map(|(path, content)| (*path, content)));
        let signature = self.signature(owner);
        let message = "Initial commit\n".to_owned();
        let first = objects.add_commit(Commit {
            tree,
            parents: Vec::new(),
            author: signature.clone(),
            committer: signature,
            headers: String::new(),
            message,
        });
        self.adopt_repository(full_name, visibility, objects, &[("main", first)])
    }

    /// Makes a repository of objects that were imported, with these branches; the first is the default one.
    pub fn adopt_repository(
        &mut self,
        full_name: &str,
        visibility: Visibility,
        objects: Objects,
        branches: &[(&str, ObjectId)],
    ) -> Result<u64, ActError> {
        let (owner, name) = full_name.split_once('/').ok_or_else(|| ActError::NoRepository(full_name.to_owned()))?;
        let (default, _) = branches.first().ok_or_else(|| ActError::NoBranch(String::new()))?;
        self.add_user(owner, UserKind::Organization);
        let id = self.ids.next("repository");
        self.networks.insert(id, objects);
        let refs = branches.iter().map(|(branch, tip)| (format!("refs/heads/{branch}"), *tip)).collect();
        let private = visibility == Visibility::Private;
        let mut repository = new_repository(id, owner, name, private, id, None, refs, self.now);
        repository.default_branch = (*default).to_owned();
        self.repositories.insert(id, repository);
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
        let permissions = permissions.unwrap_or_else(|| self.app.permissions.clone());
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

    /// Suspends the App, or lets it work again: no events while it lasts, and its tokens are refused.
    pub fn set_suspended(&mut self, account: &str, suspension: Suspension) -> Result<(), ActError> {
        let account = self.user_id(account)?;
        let found = self.installations.values_mut().find(|installation| installation.account == account);
        let installation = found.ok_or(ActError::Nothing("installation", account))?;
        installation.suspended = suspension == Suspension::Suspended;
        let installation = installation.clone();
        let action = if installation.suspended { "suspend" } else { "unsuspend" };
        let payload = json!({
            "action": action, "installation": self.installation_json(&installation), "repositories": [], "sender": self.user_json(account),
        });
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

    /// Reading goes on, writing is refused.
    pub fn archive_repository(&mut self, full_name: &str) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.archived = true;
        }
        let sender = self.repositories.get(&repository).and_then(|found| self.user_named(&found.owner)).map_or(0, |owner| owner.id);
        self.event("repository", repository, sender, json!({"action": "archived"}));
        Ok(())
    }

    /// Removes it; pull requests from it stay, with a head that has no repository any more.
    pub fn delete_repository(&mut self, full_name: &str) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        let sender = self.repositories.get(&repository).and_then(|found| self.user_named(&found.owner)).map_or(0, |owner| owner.id);
        self.event("repository", repository, sender, json!({"action": "deleted"}));
        self.repositories.remove(&repository);
        Ok(())
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

    /// Moves a repository to another owner, whose installation of the App hears of it, if there is one. The old name leads to it.
    pub fn transfer_repository(&mut self, full_name: &str, to: &str) -> Result<(), ActError> {
        let (repository, new) = (self.act_on(full_name)?, self.user_id(to)?);
        let Some(found) = self.repositories.get_mut(&repository) else { return Ok(()) };
        let old = std::mem::replace(&mut found.owner, to.to_owned());
        self.renamed.insert(full_name.to_lowercase(), repository);
        let from = self.user_id(&old)?;
        let kind = if self.users.get(&from).is_some_and(|user| user.kind == UserKind::Organization) { "organization" } else { "user" };
        let changes = json!({"owner": {"from": {kind: self.user_json(from)}}});
        self.event("repository", repository, new, json!({"action": "transferred", "changes": changes}));
        Ok(())
    }

    /// Restricts what may be done to a branch. `lets_app_by` makes our App the one that the rules do not hold for.
    pub fn protect_branch(&mut self, full_name: &str, branch: &str, rules: &[&'static str], lets_app_by: bool) -> Result<u64, ActError> {
        let repository = self.act_on(full_name)?;
        let id = self.ids.next("ruleset");
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.rulesets.insert(id, Ruleset { id, branch: branch.to_owned(), rules: rules.to_vec(), required: Vec::new(), lets_app_by });
        }
        Ok(id)
    }

    /// Requires a check on a branch by a ruleset, of one App or of anybody.
    pub fn require_check(&mut self, full_name: &str, branch: &str, check: &str, of: Option<u64>) -> Result<u64, ActError> {
        let id = self.protect_branch(full_name, branch, &[], false)?;
        let repository = self.act_on(full_name)?;
        if let Some(ruleset) = self.repositories.get_mut(&repository).and_then(|found| found.rulesets.get_mut(&id)) {
            ruleset.required.push((check.to_owned(), of));
        }
        Ok(id)
    }

    /// Commits of a user bear this.
    pub(crate) fn signature(&self, user: u64) -> Signature {
        let (name, email) = self.users.get(&user).map(|user| (user.login.clone(), user.email())).unwrap_or_default();
        Signature { name, email, at: self.now.0, zone: "+0000".to_owned() }
    }

    pub(crate) fn act_on(&self, full_name: &str) -> Result<u64, ActError> {
        self.repository_named(full_name).map(|found| found.id).ok_or_else(|| ActError::NoRepository(full_name.to_owned()))
    }

    pub(crate) fn user_id(&self, login: &str) -> Result<u64, ActError> {
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
    created_at: Timestamp,
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
        issues: BTreeMap::new(),
        has_issues: true,
        comments: BTreeMap::new(),
        review_comments: BTreeMap::new(),
        reviews: BTreeMap::new(),
        checks: BTreeMap::new(),
        activity: Vec::new(),
        rulesets: BTreeMap::new(),
        runs: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        archived: false,
        created_at,
    }
}

fn short_repository(found: &Repository) -> Value {
    json!({
        "id": found.id,
        "node_id": node_id("R", found.id),
        "name": found.name,
        "full_name": found.full_name(),
        "private": found.private,
    })
}
