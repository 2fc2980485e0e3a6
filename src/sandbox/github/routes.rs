//! Which route answers which path: one table, in the order of GitHub's own documentation.

use crate::sandbox::github::actions;
use crate::sandbox::github::activity;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::app;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::checks;
use crate::sandbox::github::comments;
use crate::sandbox::github::contents;
use crate::sandbox::github::git;
use crate::sandbox::github::graphql;
use crate::sandbox::github::issues;
use crate::sandbox::github::members;
use crate::sandbox::github::proposals;
use crate::sandbox::github::pulls;
use crate::sandbox::github::registration;
use crate::sandbox::github::review_comments;
use crate::sandbox::github::review_requests;
use crate::sandbox::github::reviews;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Talk;

pub(crate) fn answer(github: &mut Github, call: &Call) -> Answered {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["rate_limit"]) => Answer::ok(github.limits.overview(github.now)),
        ("POST", ["graphql"]) => graphql::answer(github, call),
        ("POST", ["app-manifests", code, "conversions"]) => registration::convert(github, code),
        ("GET", ["app"]) => app::get(github, call),
        ("GET", ["app", "installations"]) => app::installations(github, call),
        ("GET", ["app", "installations", id]) => app::installation(github, call, id),
        ("POST", ["app", "installations", id, "access_tokens"]) => app::create_token(github, call, id),
        ("GET", ["app", "hook", "config"]) => app::hook_config(github, call),
        ("GET", ["app", "hook", "deliveries"]) => app::deliveries(github, call),
        ("GET", ["app", "hook", "deliveries", id]) => app::delivery(github, call, id),
        ("POST", ["app", "hook", "deliveries", id, "attempts"]) => app::redeliver(github, call, id),
        ("GET", ["installation", "repositories"]) => app::repositories(github, call),
        ("GET", ["user", id]) => members::account(github, call, id),
        ("GET", ["orgs", organisation, "teams", team, "members"]) => members::members(github, call, organisation, team),
        ("GET", ["orgs", organisation, "teams", team, "memberships", login]) => {
            members::membership(github, call, organisation, team, login)
        }
        (_, ["repos", owner, name, rest @ ..]) => repository(github, call, owner, name, rest),
        (_, ["repositories", id, rest @ ..]) => {
            let found = github.repository(id_of(id)?).ok_or_else(not_found)?;
            let (owner, name) = (found.owner.clone(), found.name.clone());
            repository(github, call, &owner, &name, rest)
        }
        _ => Err(not_found()),
    }
}

fn repository(github: &mut Github, call: &Call, owner: &str, name: &str, rest: &[&str]) -> Answered {
    match (call.method.as_str(), rest) {
        ("GET", []) => app::repository(github, call, owner, name),
        ("GET", ["installation"]) => app::installation_of_repository(github, call, owner, name),
        ("GET", ["actions", "workflows", workflow, "runs"]) => actions::runs(github, call, owner, name, workflow),
        ("GET", ["actions", "runs", run, "artifacts"]) => actions::artifacts(github, call, owner, name, run),
        ("GET", ["actions", "artifacts", id, "zip"]) => actions::download(github, call, owner, name, id),
        ("GET", ["activity"]) => activity::list(github, call, owner, name),
        ("GET", ["rules", "branches", branch @ ..]) => activity::rules(github, call, owner, name, &branch.join("/")),
        ("GET", ["rulesets", id]) => activity::ruleset(github, call, owner, name, id),
        ("GET", ["collaborators"]) => members::collaborators(github, call, owner, name),
        ("GET", ["collaborators", login, "permission"]) => members::permission(github, call, owner, name, login),
        (_, ["pulls", rest @ ..]) => pull(github, call, owner, name, rest),
        ("GET", ["issues"]) => issues::list(github, call, owner, name),
        ("POST", ["issues"]) => issues::create(github, call, owner, name),
        ("GET" | "PATCH", ["issues", number]) => issues::one(github, call, owner, name, number),
        ("GET", ["issues", number, "comments"]) => comments::list(github, call, owner, name, number),
        ("POST", ["issues", number, "comments"]) => comments::create(github, call, owner, name, number),
        ("GET" | "PATCH" | "DELETE", ["issues", "comments", id]) => comments::one(github, call, owner, name, id),
        ("GET" | "POST", ["issues", "comments", id, "reactions"]) => comments::reactions(github, call, owner, name, id, Talk::Issue),
        ("POST", ["check-runs"]) => checks::create(github, call, owner, name),
        ("PATCH", ["check-runs", id]) => checks::update(github, call, owner, name, id),
        ("GET", ["check-runs", id]) => checks::get(github, call, owner, name, id),
        ("GET", ["check-runs", id, "annotations"]) => checks::annotations(github, call, owner, name, id),
        ("GET", ["commits", revision @ .., "check-runs"]) => checks::of_ref(github, call, owner, name, &revision.join("/")),
        ("GET", ["commits", revision @ .., "check-suites"]) => checks::suites_of_ref(github, call, owner, name, &revision.join("/")),
        ("GET", ["commits"]) => contents::commits(github, call, owner, name),
        ("GET", ["commits", sha, "pulls"]) => pulls::of_commit(github, call, owner, name, sha),
        ("GET", ["commits", revision @ ..]) => contents::commit(github, call, owner, name, &revision.join("/")),
        ("GET", ["compare", basehead @ ..]) => contents::compare(github, call, owner, name, &basehead.join("/")),
        ("GET", ["contents", path @ ..]) => contents::get(github, call, owner, name, &path.join("/")),
        ("PUT", ["contents", path @ ..]) => proposals::put_file(github, call, owner, name, &path.join("/")),
        (_, ["git", rest @ ..]) => git_data(github, call, owner, name, rest),
        _ => Err(not_found()),
    }
}

fn pull(github: &mut Github, call: &Call, owner: &str, name: &str, rest: &[&str]) -> Answered {
    match (call.method.as_str(), rest) {
        ("GET", []) => pulls::list(github, call, owner, name),
        ("POST", []) => proposals::open_pull(github, call, owner, name),
        ("GET" | "PATCH" | "DELETE", ["comments", id]) => review_comments::one(github, call, owner, name, id),
        ("GET" | "POST", ["comments", id, "reactions"]) => comments::reactions(github, call, owner, name, id, Talk::Review),
        ("GET", [number]) => pulls::get(github, call, owner, name, number),
        ("GET", [number, "files"]) => pulls::files(github, call, owner, name, number),
        ("GET", [number, "commits"]) => pulls::commits(github, call, owner, name, number),
        ("GET", [number, "comments"]) => review_comments::list(github, call, owner, name, number),
        ("POST", [number, "comments"]) => review_comments::create(github, call, owner, name, number),
        ("POST", [number, "comments", first, "replies"]) => review_comments::reply(github, call, owner, name, number, first),
        ("GET", [number, "reviews"]) => reviews::list(github, call, owner, name, number),
        ("POST", [number, "reviews"]) => reviews::create(github, call, owner, name, number),
        ("POST", [number, "requested_reviewers"]) => review_requests::create(github, call, owner, name, number),
        _ => Err(not_found()),
    }
}

fn git_data(github: &mut Github, call: &Call, owner: &str, name: &str, rest: &[&str]) -> Answered {
    match (call.method.as_str(), rest) {
        ("GET", ["trees", revision @ ..]) => git::tree(github, call, owner, name, &revision.join("/")),
        ("POST", ["trees"]) => git::create_tree(github, call, owner, name),
        ("GET", ["blobs", sha]) => git::blob(github, call, owner, name, sha),
        ("POST", ["blobs"]) => git::create_blob(github, call, owner, name),
        ("GET", ["commits", sha]) => git::commit(github, call, owner, name, sha),
        ("POST", ["commits"]) => git::create_commit(github, call, owner, name),
        ("GET", ["ref", short @ ..]) => git::get_ref(github, call, owner, name, &short.join("/")),
        ("GET", ["matching-refs", short @ ..]) => git::matching_refs(github, call, owner, name, &short.join("/")),
        ("POST", ["refs"]) => git::create_ref(github, call, owner, name),
        ("PATCH", ["refs", short @ ..]) => git::update_ref(github, call, owner, name, &short.join("/")),
        ("DELETE", ["refs", short @ ..]) => git::delete_ref(github, call, owner, name, &short.join("/")),
        _ => Err(not_found()),
    }
}
