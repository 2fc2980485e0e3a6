//! Who may do what: collaborators' permissions and team memberships.

use crate::change::{Right, Timestamp};
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::wire::time;
use serde_json::Value;
use serde_json::json;

/// 404 for a login that is nobody; `none` for somebody without access to a private repository.
pub(crate) fn permission(github: &Github, call: &Call, owner: &str, name: &str, login: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::read(&["metadata"]))?;
    let user = github.user_named(login).ok_or_else(not_found)?.id;
    let right = github.right(repository, user);
    let mut shown = github.user_json(user);
    shown["role_name"] = json!(right.word());
    shown["permissions"] = permissions(right);
    Answer::ok(json!({"permission": legacy(right), "role_name": right.word(), "user": shown}))
}

/// An account by its id, whatever its login is by now, with a profile in which nobody has written anything.
pub(crate) fn account(github: &Github, call: &Call, id: &str) -> Answered {
    call.grant()?;
    let mut shown = github.user_json(id_of(id)?);
    let Value::Object(user) = &mut shown else { return Err(not_found()) };
    for word in ["name", "company", "blog", "location", "email", "hireable", "bio"] {
        user.insert(word.to_owned(), Value::Null);
    }
    for count in ["public_repos", "public_gists", "followers", "following"] {
        user.insert(count.to_owned(), json!(0));
    }
    for at in ["created_at", "updated_at"] {
        user.insert(at.to_owned(), time(Timestamp(0)));
    }
    Answer::ok(shown)
}

/// The older field knows four words.
fn legacy(right: Right) -> &'static str {
    match right {
        Right::Admin => "admin",
        Right::Maintain | Right::Write => "write",
        Right::Triage | Right::Read => "read",
        Right::None => "none",
    }
}

/// Everybody who has been given access. GitHub's documentation leaves open whether the filter by permission means that one or more; here it
/// means that one alone, which tells whoever relies on more the least.
pub(crate) fn collaborators(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::read(&["metadata"]))?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let owning = github.user_named(&found.owner).filter(|owner| owner.kind == UserKind::Person).map(|owner| (owner.id, Right::Admin));
    let given = found.roles.iter().map(|(user, right)| (*user, *right)).filter(|(_, right)| *right > Right::None);
    let exactly = call.parameter("permission").map(|word| match word {
        "pull" => Right::Read,
        "push" => Right::Write,
        word => Right::from_word(word).unwrap_or(Right::None),
    });
    let wanted = owning.into_iter().chain(given).filter(|(_, right)| exactly.is_none_or(|exactly| exactly == *right));
    let shown = wanted.map(|(user, right)| {
        let mut shown = github.user_json(user);
        shown["role_name"] = json!(right.word());
        shown["permissions"] = permissions(right);
        shown
    });
    call.page(github, shown.collect())
}

fn permissions(right: Right) -> Value {
    json!({
        "pull": right >= Right::Read,
        "triage": right >= Right::Triage,
        "push": right >= Right::Write,
        "maintain": right >= Right::Maintain,
        "admin": right >= Right::Admin,
    })
}

pub(crate) fn membership(github: &Github, call: &Call, organisation: &str, team: &str, login: &str) -> Answered {
    need_members(call)?;
    let user = github.user_named(login).ok_or_else(not_found)?;
    let members = github.teams.get(&(organisation.to_lowercase(), team.to_lowercase())).ok_or_else(not_found)?;
    if !members.contains(&user.id) {
        return Err(not_found());
    }
    let url = format!("{}/organizations/{organisation}/team/{team}/memberships/{}", github.api_url, user.login);
    Answer::ok(json!({"url": url, "role": "member", "state": "active"}))
}

pub(crate) fn members(github: &Github, call: &Call, organisation: &str, team: &str) -> Answered {
    need_members(call)?;
    let members = github.teams.get(&(organisation.to_lowercase(), team.to_lowercase())).ok_or_else(not_found)?;
    call.page(github, members.iter().map(|user| github.user_json(*user)).collect())
}

fn need_members(call: &Call) -> Result<(), Box<Answer>> {
    if Need::read(&["members"]).met_by(call.grant()?) { Ok(()) } else { Err(not_accessible()) }
}
