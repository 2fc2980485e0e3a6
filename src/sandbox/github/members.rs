//! Who may do what: collaborators' permissions and team memberships.

use crate::change::Right;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::state::Github;
use serde_json::json;

/// 404 for a login that is nobody; `none` for somebody without access to a private repository.
pub(crate) fn permission(github: &Github, call: &Call, owner: &str, name: &str, login: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::read(&["metadata"]))?;
    let user = github.user_named(login).ok_or_else(not_found)?.id;
    let right = github.right(repository, user);
    let mut shown = github.user_json(user);
    shown["role_name"] = json!(right.word());
    shown["permissions"] = json!({
        "pull": right >= Right::Read,
        "triage": right >= Right::Triage,
        "push": right >= Right::Write,
        "maintain": right >= Right::Maintain,
        "admin": right >= Right::Admin,
    });
    Answer::ok(json!({"permission": legacy(right), "role_name": right.word(), "user": shown}))
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
