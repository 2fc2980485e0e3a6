//! Carries out one effect. Creations first look whether they have landed before: a marker tells, or the commit that they stand on.

use super::error::{ForgeError, found};
use super::page::{CHECK, find_check};
use super::tree::Place;
use super::wire;
use crate::change::{ObjectId, Surface, Timestamp};
use crate::plan::{Effect, StandingCheck};
use crate::report::check::RECHECK;
use crate::report::check::annotations::Key;
use crate::report::comment;
use crate::report::marker;
use crate::report::{Check, CheckAnnotation, Thread};
use crate::settings::owners::Owner;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const RESOLVE: &str = "mutation($threadId: ID!) { resolveReviewThread(input: {threadId: $threadId}) { thread { id isResolved } } }";

/// The effect's name in logs and metrics.
pub fn word(effect: &Effect) -> &'static str {
    match effect {
        Effect::CreateCheck { .. } => "create-check",
        Effect::UpdateCheck { .. } => "update-check",
        Effect::AnnotateCheck { .. } => "annotate-check",
        Effect::AppendLedger { .. } => "append-ledger",
        Effect::CreateComment { .. } => "create-comment",
        Effect::UpdateComment { .. } => "update-comment",
        Effect::DeleteComment { .. } => "delete-comment",
        Effect::CutComment { .. } => "cut-comment",
        Effect::CreateThread { .. } => "create-thread",
        Effect::ReplyInThread { .. } => "reply-in-thread",
        Effect::ResolveThread { .. } => "resolve-thread",
        Effect::React { .. } => "react",
        Effect::Reply { .. } => "reply",
        Effect::RequestReview { .. } => "request-review",
    }
}

/// Carries out an effect on a pull request's page. `AppendLedger` is not one of them: it goes to the ledger's branch.
///
/// # Errors
/// Of the forge.
pub async fn apply(place: &Place, pull: u64, effect: &Effect) -> Result<(), ForgeError> {
    match effect {
        Effect::CreateCheck { head, check } => create_check(place, *head, check).await,
        Effect::UpdateCheck { id, annotated, check } => update_check(place, *id, *annotated, check).await,
        Effect::AnnotateCheck { head, check } => annotate_check(place, *head, check).await,
        Effect::AppendLedger { .. } => Ok(()),
        Effect::CreateComment { body } => create_comment(place, pull, body).await,
        Effect::UpdateComment { id, body } => {
            done(place.client.write(Method::PATCH, &place.path(&format!("/issues/comments/{id}")), &json!({"body": body})).await)
        }
        Effect::DeleteComment { id } => {
            let deleted = place.client.write::<Value>(Method::DELETE, &place.path(&format!("/issues/comments/{id}")), &Value::Null).await;
            found(deleted).map(|_| ())
        }
        Effect::CutComment { id, successor } => cut_comment(place, pull, *id, successor).await,
        Effect::CreateThread { head, thread } => create_thread(place, pull, *head, thread).await,
        Effect::ReplyInThread { id, body } => reply_in_thread(place, pull, *id, body).await,
        Effect::ResolveThread { node } => done(place.client.graphql(RESOLVE, &json!({"threadId": node})).await),
        Effect::React { to, surface, reaction } => react(place, *to, *surface, reaction).await,
        Effect::Reply { surface: Surface::Thread(first), body, .. } => reply_in_thread(place, pull, *first, body).await,
        Effect::Reply { surface: Surface::Comment | Surface::Review, body, .. } => create_comment(place, pull, body).await,
        Effect::RequestReview { whom } => request_review(place, pull, whom).await,
    }
}

fn done(answer: Result<Value, ForgeError>) -> Result<(), ForgeError> {
    answer.map(|_| ())
}

async fn create_check(place: &Place, head: ObjectId, check: &Check) -> Result<(), ForgeError> {
    if let Some(standing) = find_check(place, head).await? {
        return update_check(place, standing.id, standing.annotated, check).await;
    }
    let mut body = check_body(check);
    body["name"] = json!(CHECK);
    body["head_sha"] = json!(head.to_string());
    write_check(place, Method::POST, "/check-runs", body).await
}

/// Writes a check. Whether annotations can be taken must not keep it from being said: where they are refused, it goes without.
async fn write_check(place: &Place, method: Method, path: &str, mut body: Value) -> Result<(), ForgeError> {
    let path = place.path(path);
    match place.client.write::<Value>(method.clone(), &path, &body).await {
        Err(ForgeError::Unprocessable { .. }) if body["output"]["annotations"].is_array() => {
            tracing::warn!("a check's annotations were refused");
            body["output"].as_object_mut().and_then(|output| output.remove("annotations"));
            done(place.client.write(method, &path, &body).await)
        }
        other => done(other),
    }
}

/// Puts a check that is in progress in the place of the one that stands on a commit: a new one, because the forge does not say that what was
/// completed can be opened again. It has stood since the other one has: who wrote meanwhile has seen what stands there. It is a second younger, since
/// some sort checks by that time.
///
/// # Errors
/// Of the forge.
pub async fn reopen_check(place: &Place, standing: &StandingCheck, head: ObjectId, title: &str, summary: &str) -> Result<(), ForgeError> {
    let output = json!({"title": title, "summary": summary});
    let mut body = json!({"name": CHECK, "head_sha": head.to_string(), "status": "in_progress", "output": output});
    if let Some(started) = standing.started_at {
        body["started_at"] = json!(Timestamp(started.0.saturating_add(1)).to_string());
    }
    done(place.client.write(Method::POST, &place.path("/check-runs"), &body).await)
}

async fn update_check(place: &Place, id: u64, annotated: usize, check: &Check) -> Result<(), ForgeError> {
    let check = Check { annotations: missing(place, id, annotated, check).await?, ..check.clone() };
    write_check(place, Method::PATCH, &format!("/check-runs/{id}"), check_body(&check)).await
}

async fn annotate_check(place: &Place, head: ObjectId, check: &Check) -> Result<(), ForgeError> {
    let Some(standing) = find_check(place, head).await? else { return Ok(()) };
    let annotations = missing(place, standing.id, standing.annotated, check).await?;
    if annotations.is_empty() {
        return Ok(());
    }
    let check = Check { annotations, ..check.clone() };
    write_check(place, Method::PATCH, &format!("/check-runs/{}", standing.id), check_body(&check)).await
}

/// The annotations that do not stand on a check run yet.
async fn missing(place: &Place, id: u64, annotated: usize, check: &Check) -> Result<Vec<CheckAnnotation>, ForgeError> {
    if annotated == 0 || check.annotations.is_empty() {
        return Ok(check.annotations.clone());
    }
    let path = place.path(&format!("/check-runs/{id}/annotations"));
    let (standing, _) = place.client.pages::<wire::CheckAnnotation>(&path).await?;
    let standing: BTreeSet<Key> =
        standing.into_iter().map(|standing| (standing.path, standing.start_line, standing.title.unwrap_or_default())).collect();
    Ok(check.annotations.iter().filter(|annotation| !standing.contains(&annotation.key())).cloned().collect())
}

fn check_body(check: &Check) -> Value {
    let mut output = json!({"title": check.title, "summary": check.summary});
    if !check.text.is_empty() {
        output["text"] = json!(check.text);
    }
    if !check.annotations.is_empty() {
        output["annotations"] = check.annotations.iter().map(annotation_body).collect();
    }
    let (identifier, label, description) = RECHECK;
    let actions = json!([{"identifier": identifier, "label": label, "description": description}]);
    let mut body = json!({"status": "completed", "conclusion": check.conclusion.word(), "output": output, "actions": actions});
    if let Some(details) = &check.details {
        body["details_url"] = json!(details);
    }
    body
}

fn annotation_body(annotation: &CheckAnnotation) -> Value {
    json!({
        "path": annotation.path.as_str(),
        "start_line": annotation.start_line,
        "end_line": annotation.end_line,
        "annotation_level": annotation.level.word(),
        "title": annotation.title,
        "message": annotation.message,
    })
}

async fn create_comment(place: &Place, pull: u64, body: &str) -> Result<(), ForgeError> {
    let path = place.path(&format!("/issues/{pull}/comments"));
    let (comments, _) = place.client.pages::<wire::IssueComment>(&path).await?;
    if stands(place, &comments, body).await? {
        return Ok(());
    }
    done(place.client.write(Method::POST, &path, &json!({"body": body})).await)
}

/// Leads from a comment to the one that took its place. Where that one is not there yet, the next run looks again.
async fn cut_comment(place: &Place, pull: u64, id: u64, successor: &str) -> Result<(), ForgeError> {
    let me = place.client.forge().login().await?;
    let (comments, _) = place.client.pages::<wire::IssueComment>(&place.path(&format!("/issues/{pull}/comments"))).await?;
    let begins = |comment: &&wire::IssueComment| comment.body.as_deref().and_then(|body| body.lines().next()) == Some(successor);
    let ours = comments.iter().filter(|comment| comment.id != id && comment.user.as_ref().is_some_and(|user| user.login == me));
    let Some(newest) = ours.filter(begins).max_by_key(|comment| comment.id) else { return Ok(()) };
    let body = json!({"body": comment::replaced(&newest.html_url)});
    done(place.client.write(Method::PATCH, &place.path(&format!("/issues/comments/{id}")), &body).await)
}

/// The forge asks nobody twice who is asked already. A team is named by its slug: it is one of the repository's own organisation.
async fn request_review(place: &Place, pull: u64, whom: &Owner) -> Result<(), ForgeError> {
    let body = match whom {
        Owner::Person(login) => json!({"reviewers": [login]}),
        Owner::Team(team) => json!({"team_reviewers": [team.rsplit_once('/').map_or(team.as_str(), |(_, slug)| slug)]}),
        Owner::Email(_) => return Ok(()),
    };
    done(place.client.write(Method::POST, &place.path(&format!("/pulls/{pull}/requested_reviewers")), &body).await)
}

/// Whether a comment of ours begins with the same marker.
async fn stands(place: &Place, comments: &[wire::IssueComment], body: &str) -> Result<bool, ForgeError> {
    let me = place.client.forge().login().await?;
    let marker = body.lines().next().unwrap_or_default();
    Ok(comments.iter().any(|comment| {
        comment.user.as_ref().is_some_and(|user| user.login == me)
            && comment.body.as_deref().and_then(|body| body.lines().next()) == Some(marker)
    }))
}

async fn create_thread(place: &Place, pull: u64, head: ObjectId, thread: &Thread) -> Result<(), ForgeError> {
    let path = place.path(&format!("/pulls/{pull}/comments"));
    let (comments, _) = place.client.pages::<wire::IssueComment>(&path).await?;
    // A thread that was closed may be opened again for the same threats.
    let open: Vec<wire::IssueComment> = comments_not_closed(comments);
    if stands(place, &open, &thread.body).await? {
        return Ok(());
    }
    let mut body = json!({"body": thread.body, "commit_id": head.to_string(), "path": thread.path.as_str()});
    if let Some(line) = thread.line {
        body["line"] = json!(line);
        body["side"] = json!("RIGHT");
        match place.client.write::<Value>(Method::POST, &path, &body).await {
            // The line is outside the diff, whatever we thought of it: the file as a whole is left.
            Err(ForgeError::Unprocessable { .. }) => {}
            other => return done(other),
        }
        for key in ["line", "side"] {
            body.as_object_mut().and_then(|body| body.remove(key));
        }
    }
    body["subject_type"] = json!("file");
    done(place.client.write(Method::POST, &path, &body).await)
}

fn comments_not_closed(comments: Vec<wire::IssueComment>) -> Vec<wire::IssueComment> {
    let closed: Vec<u64> = comments
        .iter()
        .filter(|comment| comment.body.as_deref().is_some_and(|body| body.starts_with(marker::CLOSED)))
        .filter_map(|comment| comment.in_reply_to_id)
        .collect();
    comments.into_iter().filter(|comment| !closed.contains(&comment.id)).collect()
}

async fn reply_in_thread(place: &Place, pull: u64, first: u64, body: &str) -> Result<(), ForgeError> {
    let path = place.path(&format!("/pulls/{pull}/comments"));
    let (comments, _) = place.client.pages::<wire::IssueComment>(&path).await?;
    let replies: Vec<wire::IssueComment> = comments.into_iter().filter(|comment| comment.in_reply_to_id == Some(first)).collect();
    if stands(place, &replies, body).await? {
        return Ok(());
    }
    done(place.client.write(Method::POST, &format!("{path}/{first}/replies"), &json!({"body": body})).await)
}

/// The forge keeps one reaction of a kind, however often it is sent.
async fn react(place: &Place, to: u64, surface: Surface, reaction: &str) -> Result<(), ForgeError> {
    let kind = match surface {
        Surface::Comment => "issues",
        Surface::Thread(_) => "pulls",
        Surface::Review => return Ok(()),
    };
    let path = place.path(&format!("/{kind}/comments/{to}/reactions"));
    done(place.client.write(Method::POST, &path, &json!({"content": reaction})).await)
}
