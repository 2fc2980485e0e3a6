//! The JSON shapes that several routes and events share: users, repositories, the App, reactions.
//!
//! Comes in: the state. Goes out: JSON with the fields of GitHub's published schemas. Changes nothing.

use crate::change::Timestamp;
use crate::sandbox::github::access::Installation;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::state::App;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Reaction;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::User;
use crate::sandbox::github::state::UserKind;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The contents of reactions that GitHub knows.
pub(crate) const REACTIONS: [&str; 8] = ["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"];

/// An opaque id for GraphQL, such as `IC_…`.
pub(crate) fn node_id(prefix: &str, id: impl std::fmt::Display) -> String {
    format!("{prefix}_{}", URL_SAFE_NO_PAD.encode(id.to_string()))
}

/// The number in a node id of that prefix.
pub(crate) fn read_node_id(prefix: &str, node: &str) -> Option<u64> {
    let encoded = node.strip_prefix(prefix)?.strip_prefix('_')?;
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?.parse().ok()
}

pub(crate) fn time(at: Timestamp) -> Value {
    Value::String(at.to_string())
}

impl Github {
    pub(crate) fn user_json(&self, id: u64) -> Value {
        let Some(user) = self.users.get(&id) else { return Value::Null };
        let api = format!("{}/users/{}", self.api_url, user.login.replace('[', "%5B").replace(']', "%5D"));
        let (prefix, kind) = match user.kind {
            UserKind::Person => ("U", "User"),
            UserKind::Bot => ("BOT", "Bot"),
            UserKind::Organization => ("O", "Organization"),
        };
        json!({
            "login": user.login,
            "id": id,
            "node_id": node_id(prefix, id),
            "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
            "gravatar_id": "",
            "url": api,
            "html_url": self.user_page(user),
            "followers_url": format!("{api}/followers"),
            "following_url": format!("{api}/following{{/other_user}}"),
            "gists_url": format!("{api}/gists{{/gist_id}}"),
            "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
            "subscriptions_url": format!("{api}/subscriptions"),
            "organizations_url": format!("{api}/orgs"),
            "repos_url": format!("{api}/repos"),
            "events_url": format!("{api}/events{{/privacy}}"),
            "received_events_url": format!("{api}/received_events"),
            "type": kind,
            "site_admin": false,
        })
    }

    fn user_page(&self, user: &User) -> String {
        match (user.kind, user.login.strip_suffix("[bot]")) {
            (UserKind::Bot, Some(slug)) => format!("{}/apps/{slug}", self.web_url),
            _ => format!("{}/{}", self.web_url, user.login),
        }
    }

    pub(crate) fn repository_api(&self, repository: &Repository) -> String {
        format!("{}/repos/{}", self.api_url, repository.full_name())
    }

    pub(crate) fn repository_page(&self, repository: &Repository) -> String {
        format!("{}/{}", self.web_url, repository.full_name())
    }

    /// The short form, as it stands in other objects and in lists.
    pub(crate) fn repository_json(&self, repository: &Repository) -> Value {
        let (api, page) = (self.repository_api(repository), self.repository_page(repository));
        let mut shown = json!({
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": repository.full_name(),
            "owner": self.user_named(&repository.owner).map(|owner| self.user_json(owner.id)),
            "private": repository.private,
            "html_url": page,
            "description": null,
            "fork": repository.fork_of.is_some(),
            "url": api,
        });
        self.add_urls(&mut shown, &api);
        let more = json!({
            "git_url": format!("git://github.com/{}.git", repository.full_name()),
            "ssh_url": format!("git@github.com:{}.git", repository.full_name()),
            "clone_url": format!("{page}.git"),
            "svn_url": page,
            "mirror_url": null,
            "homepage": null,
            "language": null,
            "license": null,
            "default_branch": repository.default_branch,
            "visibility": if repository.private { "private" } else { "public" },
            "created_at": time(repository.created_at),
            "updated_at": time(repository.created_at),
            "pushed_at": time(repository.created_at),
            "topics": [],
        });
        extend(&mut shown, more);
        for name in ["forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size"] {
            shown[name] = json!(0);
        }
        let issues = repository.issues.values().filter(|issue| issue.open).count();
        let open = repository.pulls.values().filter(|pull| pull.open).count() + issues;
        shown["open_issues"] = json!(open);
        shown["open_issues_count"] = json!(open);
        shown["archived"] = json!(repository.archived);
        for (name, value) in [
            ("has_issues", repository.has_issues),
            ("has_projects", true),
            ("has_wiki", true),
            ("has_pages", false),
            ("has_downloads", true),
            ("has_discussions", false),
            ("disabled", false),
            ("is_template", false),
            ("allow_forking", true),
            ("web_commit_signoff_required", false),
        ] {
            shown[name] = json!(value);
        }
        shown
    }

    /// What `GET /repos/…` adds.
    pub(crate) fn full_repository_json(&self, repository: &Repository) -> Value {
        let mut shown = self.repository_json(repository);
        shown["subscribers_count"] = json!(0);
        shown["network_count"] = json!(0);
        shown
    }

    fn add_urls(&self, shown: &mut Value, api: &str) {
        for (name, path) in URLS {
            shown[*name] = json!(format!("{api}/{path}"));
        }
    }

    pub(crate) fn app_json(&self, app: &App) -> Value {
        let anybody = || self.users.values().find(|user| user.kind == UserKind::Organization).map(|user| user.id);
        let owner = self.app_owner.or_else(anybody);
        json!({
            "id": app.id,
            "client_id": format!("Iv1.{:016x}", app.id),
            "slug": app.slug,
            "node_id": node_id("A", app.id),
            "owner": self.user_json(owner.unwrap_or(self.bot)),
            "name": app.name,
            "description": null,
            "external_url": "https://example.org",
            "html_url": format!("{}/apps/{}", self.web_url, app.slug),
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
            "permissions": permissions_json(&app.permissions),
            "events": app.events,
        })
    }

    pub(crate) fn installation_json(&self, installation: &Installation) -> Value {
        let account = self.users.get(&installation.account);
        let login = account.map_or("", |account| account.login.as_str());
        let kind = if account.is_some_and(|account| account.kind == UserKind::Organization) { "Organization" } else { "User" };
        json!({
            "id": installation.id,
            "client_id": format!("Iv1.{:016x}", self.app.id),
            "account": self.user_json(installation.account),
            "repository_selection": if installation.repositories.is_some() { "selected" } else { "all" },
            "access_tokens_url": format!("{}/app/installations/{}/access_tokens", self.api_url, installation.id),
            "repositories_url": format!("{}/installation/repositories", self.api_url),
            "html_url": format!("{}/organizations/{login}/settings/installations/{}", self.web_url, installation.id),
            "app_id": self.app.id,
            "app_slug": self.app.slug,
            "target_id": installation.account,
            "target_type": kind,
            "permissions": permissions_json(&installation.permissions),
            "events": self.app.events,
            "created_at": time(installation.created_at),
            "updated_at": time(installation.created_at),
            "single_file_name": null,
            "has_multiple_single_files": false,
            "single_file_paths": [],
            "suspended_by": if installation.suspended { self.user_json(installation.account) } else { Value::Null },
            "suspended_at": if installation.suspended { time(self.now) } else { Value::Null },
        })
    }

    /// `performed_via_github_app` of what a user wrote.
    pub(crate) fn via_app_json(&self, author: u64) -> Value {
        if author == self.bot { self.app_json(&self.app) } else { Value::Null }
    }

    /// Unreliable in life; here what the role suggests.
    pub(crate) fn association(&self, repository: &Repository, user: u64) -> &'static str {
        let owner = self.users.get(&user).is_some_and(|user| user.login == repository.owner);
        match (owner, repository.roles.contains_key(&user)) {
            (true, _) => "OWNER",
            (false, true) => "COLLABORATOR",
            (false, false) => "NONE",
        }
    }

    pub(crate) fn reaction_json(&self, reaction: &Reaction) -> Value {
        json!({
            "id": reaction.id,
            "node_id": node_id("REA", reaction.id),
            "user": self.user_json(reaction.user),
            "content": reaction.content,
            "created_at": time(reaction.at),
        })
    }
}

/// Counts by content.
pub(crate) fn reaction_rollup(reactions: &[Reaction], url: &str) -> Value {
    let mut rollup = json!({"url": format!("{url}/reactions"), "total_count": reactions.len()});
    for content in REACTIONS {
        rollup[content] = json!(reactions.iter().filter(|reaction| reaction.content == content).count());
    }
    rollup
}

pub(crate) fn permissions_json(permissions: &Permissions) -> Value {
    let words = permissions.iter().map(|(name, level)| (name.clone(), Value::from(level.word())));
    Value::Object(words.collect::<Map<String, Value>>())
}

/// Adds the members of one object to another.
pub(crate) fn extend(shown: &mut Value, more: Value) {
    if let (Value::Object(shown), Value::Object(more)) = (shown, more) {
        shown.extend(more);
    }
}

const URLS: &[(&str, &str)] = &[
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    ("notifications_url", "notifications{?since,all,participating}"),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
];
