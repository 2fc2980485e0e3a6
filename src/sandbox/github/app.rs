//! The App itself: who it is, its installations, their tokens, their repositories, and the log of its deliveries.

use crate::change::Timestamp;
use crate::sandbox::github::access::Grant;
use crate::sandbox::github::access::Installation;
use crate::sandbox::github::access::Level;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::access::token_expiry;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::covers;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::deliveries::Delivery;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::wire::permissions_json;
use crate::sandbox::github::wire::time;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

/// A token may name no more.
const MAX_REPOSITORIES: usize = 500;

pub(crate) fn get(github: &Github, call: &Call) -> Answered {
    call.app()?;
    let mut shown = github.app_json(&github.app);
    shown["installations_count"] = json!(github.installations.len());
    Answer::ok(shown)
}

pub(crate) fn installations(github: &Github, call: &Call) -> Answered {
    call.app()?;
    call.page(github, github.installations.values().map(|installation| github.installation_json(installation)).collect())
}

pub(crate) fn installation(github: &Github, call: &Call, id: &str) -> Answered {
    call.app()?;
    Answer::ok(github.installation_json(github.installations.get(&id_of(id)?).ok_or_else(not_found)?))
}

pub(crate) fn installation_of_repository(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    call.app()?;
    let found = github.repository_named(&format!("{owner}/{name}")).ok_or_else(not_found)?;
    Answer::ok(github.installation_json(github.installation_on(found).ok_or_else(not_found)?))
}

/// Mints a token; asking for more than was granted is refused and not trimmed.
pub(crate) fn create_token(github: &mut Github, call: &Call, id: &str) -> Answered {
    let issued_at = call.app()?;
    let installation = github.installations.get(&id_of(id)?).ok_or_else(not_found)?.clone();
    if installation.suspended {
        return Err(refusal(StatusCode::FORBIDDEN, "This installation has been suspended"));
    }
    let permissions = asked_permissions(&installation, &call.body["permissions"])?;
    let repositories = asked_repositories(github, &installation, call)?;
    let grant =
        Grant { installation: installation.id, permissions, repositories: repositories.clone(), expires_at: token_expiry(github.now) };
    let mut shown = json!({
        // In the caller's own time, which need not be that of the stand-in's clock.
        "expires_at": time(token_expiry(Timestamp(issued_at))),
        "permissions": permissions_json(&grant.permissions),
        "repository_selection": if installation.repositories.is_some() || repositories.is_some() { "selected" } else { "all" },
    });
    if let Some(ids) = repositories {
        shown["repositories"] =
            ids.iter().filter_map(|id| github.repository(*id)).map(|found| github.full_repository_json(found)).collect();
    }
    shown["token"] = json!(github.tokens.mint(grant));
    Answer::created(shown)
}

fn asked_permissions(installation: &Installation, asked: &Value) -> Result<Permissions, Box<Answer>> {
    let Some(asked) = asked.as_object() else { return Ok(installation.permissions.clone()) };
    let refused = || unprocessable("The permissions requested are not granted to this installation.");
    let mut permissions = Permissions::new();
    for (name, level) in asked {
        let level = level.as_str().and_then(Level::from_word).ok_or_else(refused)?;
        if installation.permissions.get(name).is_none_or(|granted| *granted < level) {
            return Err(refused());
        }
        permissions.insert(name.clone(), level);
    }
    // Metadata comes with every token.
    permissions.insert("metadata".to_owned(), Level::Read);
    Ok(permissions)
}

fn asked_repositories(github: &Github, installation: &Installation, call: &Call) -> Result<Option<BTreeSet<u64>>, Box<Answer>> {
    let refused = || unprocessable("There is at least one repository that does not exist or is not accessible to the parent installation.");
    let everything = Grant { installation: installation.id, permissions: Permissions::new(), repositories: None, expires_at: github.now };
    let reached = |found: &&Repository| covers(github, &everything, found);
    let mut ids = BTreeSet::new();
    for id in call.body["repository_ids"].as_array().into_iter().flatten() {
        let found = id.as_u64().and_then(|id| github.repository(id)).filter(reached).ok_or_else(refused)?;
        ids.insert(found.id);
    }
    for name in call.body["repositories"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let found = github.repositories.values().filter(reached).find(|found| found.name.eq_ignore_ascii_case(name)).ok_or_else(refused)?;
        ids.insert(found.id);
    }
    if ids.len() > MAX_REPOSITORIES {
        return Err(unprocessable("You can only specify up to 500 repositories."));
    }
    Ok((!ids.is_empty()).then_some(ids))
}

pub(crate) fn repositories(github: &Github, call: &Call) -> Answered {
    let grant = call.grant()?;
    let reached = github.repositories.values().filter(|found| covers(github, grant, found));
    let mut answer = call.counted_page(github, "repositories", reached.map(|found| github.repository_json(found)).collect())?;
    answer.body["repository_selection"] = json!(if grant.repositories.is_some() { "selected" } else { "all" });
    Ok(answer)
}

pub(crate) fn repository(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::read(&["metadata"]))?;
    Answer::ok(github.full_repository_json(github.repository(repository).ok_or_else(not_found)?))
}

pub(crate) fn hook_config(github: &Github, call: &Call) -> Answered {
    call.app()?;
    let mut shown = json!({"content_type": "json", "insecure_ssl": "0", "url": github.hook_url});
    if github.hook_secret_is_set {
        shown["secret"] = json!("********");
    }
    Answer::ok(shown)
}

/// Newest first; `cursor` is the id of the first that shall not be shown any more.
pub(crate) fn deliveries(github: &Github, call: &Call) -> Answered {
    call.app()?;
    let size = call.parameter("per_page").and_then(|text| text.parse().ok()).unwrap_or(30_usize).clamp(1, 100);
    let below = call.parameter("cursor").and_then(|text| text.parse::<u64>().ok()).unwrap_or(u64::MAX);
    let succeeded = |delivery: &Delivery| delivery.answered.is_some_and(|status| status < 400);
    let status = call.parameter("status");
    let wanted = |delivery: &&Delivery| {
        delivery.id < below
            && match status {
                Some("success") => succeeded(delivery),
                Some("failure") => !succeeded(delivery),
                _ => true,
            }
    };
    let mut found: Vec<&Delivery> = github.deliveries.log().iter().rev().filter(wanted).take(size + 1).collect();
    let more = found.len() > size;
    found.truncate(size);
    let answer = Answer::new(StatusCode::OK, found.iter().map(|delivery| delivery_json(delivery)).collect());
    let next = found.last().filter(|_| more).map(|last| {
        let query: String =
            call.query.iter().filter(|(name, _)| name != "cursor").map(|(name, value)| format!("&{name}={value}")).collect();
        format!("<{}/app/hook/deliveries?cursor={}{query}>; rel=\"next\"", github.api_url, last.id)
    });
    Ok(match next {
        Some(link) => answer.with("link", link),
        None => answer,
    })
}

pub(crate) fn delivery(github: &Github, call: &Call, id: &str) -> Answered {
    call.app()?;
    let id = id_of(id)?;
    let delivery = github.deliveries.log().iter().find(|delivery| delivery.id == id).ok_or_else(not_found)?;
    let mut shown = delivery_json(delivery);
    let headers = delivery.headers(github.app.id).into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
    shown["request"] = json!({
        "headers": headers.collect::<serde_json::Map<String, Value>>(),
        "payload": serde_json::from_str::<Value>(&delivery.body).unwrap_or_default(),
    });
    shown["response"] = json!({"headers": {}, "payload": ""});
    shown["url"] = json!(github.hook_url);
    Answer::ok(shown)
}

pub(crate) fn redeliver(github: &mut Github, call: &Call, id: &str) -> Answered {
    call.app()?;
    let now = github.now;
    if !github.deliveries.redeliver(id_of(id)?, now) {
        return Err(not_found());
    }
    Ok(Answer::new(StatusCode::ACCEPTED, json!({})))
}

fn delivery_json(delivery: &Delivery) -> Value {
    let (status, code) = match delivery.answered {
        None => ("failed to connect to host".to_owned(), 502),
        Some(code) if code < 400 => ("OK".to_owned(), code),
        Some(code) => (format!("Invalid HTTP Response: {code}"), code),
    };
    json!({
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": time(delivery.at),
        "redelivery": delivery.redelivery,
        "duration": 0.1,
        "status": status,
        "status_code": code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation,
        "repository_id": delivery.repository,
        "throttled_at": null,
    })
}

impl Github {
    /// The installation that reaches a repository.
    pub(crate) fn installation_on(&self, repository: &Repository) -> Option<&Installation> {
        let owner = self.user_named(&repository.owner)?.id;
        let listed = |installation: &&Installation| installation.repositories.as_ref().is_none_or(|list| list.contains(&repository.id));
        self.installations.values().filter(|installation| installation.account == owner).find(listed)
    }
}
