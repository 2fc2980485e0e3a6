//! What a webhook payload means for us: which pull requests are due, and whether it bears a command.
//!
//! Comes in: the event's name and the verified body. Goes out: an arrival to store. Reads only the fields that it needs, borrowed from
//! the body; fields and values that we do not know are no error, since the forge adds them at will.

use crate::change::{Actor, ObjectId, Posted, Surface, Timestamp, UserId};
use crate::command::grammar;
use crate::queue::due::Due;
use crate::queue::inbox::{Arrival, Command};
use crate::queue::job::{RepositoryKey, Subject};
use crate::report::check;
use serde::Deserialize;
use std::borrow::Cow;

/// What the deployment knows of itself, as far as events are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearings {
    pub ledger_branch: String,
    /// Owner and name in lower case, where decisions are kept in a repository of their own.
    pub ledger_repository: Option<String>,
}

/// Reads one event. `Ok(None)` for an event that is none of ours; an arrival without anything due for one that asks for nothing.
///
/// # Errors
/// The body is not JSON, or lacks what every event of its kind has.
pub fn parse(event: &str, guid: &str, body: &[u8], bearings: &Bearings) -> Result<Option<Arrival>, serde_json::Error> {
    let read: fn(&Payload<'_>, &Bearings) -> Wanted = match event {
        "pull_request" => read_pull_request,
        "issue_comment" => read_issue_comment,
        "pull_request_review_comment" => read_review_comment,
        "pull_request_review" => read_review,
        "check_run" | "check_suite" => read_check,
        "merge_group" => read_merge_group,
        "push" => read_push,
        "workflow_run" => read_workflow_run,
        "installation" | "installation_repositories" => return read_installation(guid, body).map(Some),
        "repository" => read_repository,
        _ => {
            // Even what we do not know must be JSON: a body that is not was damaged on its way.
            serde_json::from_slice::<serde::de::IgnoredAny>(body)?;
            return Ok(None);
        }
    };
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    if payload.repository.is_none() {
        return Err(serde::de::Error::missing_field("repository"));
    }
    let wanted = read(&payload, bearings);
    Ok(Some(Arrival { guid: guid.to_owned(), due: wanted.due, command: wanted.command }))
}

#[derive(Default)]
struct Wanted {
    due: Vec<Due>,
    command: Option<Command>,
}

type Text<'b> = Cow<'b, str>;

/// The fields of all events in one: each event has some of them.
#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'b"))]
struct Payload<'b> {
    #[serde(borrow, default)]
    action: Text<'b>,
    #[serde(borrow)]
    repository: Option<Repository<'b>>,
    installation: Option<Id>,
    #[serde(borrow)]
    sender: Option<User<'b>>,
    #[serde(borrow)]
    pull_request: Option<Pull<'b>>,
    #[serde(borrow)]
    issue: Option<Issue<'b>>,
    #[serde(borrow)]
    comment: Option<Comment<'b>>,
    #[serde(borrow)]
    review: Option<Comment<'b>>,
    #[serde(borrow)]
    check_run: Option<Checked<'b>>,
    #[serde(borrow)]
    requested_action: Option<Button<'b>>,
    #[serde(borrow)]
    check_suite: Option<Checked<'b>>,
    #[serde(borrow)]
    workflow_run: Option<Checked<'b>>,
    #[serde(borrow)]
    merge_group: Option<MergeGroup<'b>>,
    #[serde(borrow)]
    changes: Option<Changes<'b>>,
    #[serde(rename = "ref", borrow)]
    branch: Option<Text<'b>>,
    #[serde(borrow)]
    before: Option<Text<'b>>,
    #[serde(borrow)]
    after: Option<Text<'b>>,
}

#[derive(Deserialize)]
struct Id {
    id: u64,
}

#[derive(Deserialize)]
struct Button<'b> {
    #[serde(borrow)]
    identifier: Text<'b>,
}

#[derive(Deserialize)]
struct Repository<'b> {
    id: u64,
    #[serde(borrow)]
    full_name: Text<'b>,
}

#[derive(Deserialize)]
struct User<'b> {
    id: u64,
    #[serde(borrow)]
    login: Text<'b>,
    #[serde(rename = "type", borrow, default)]
    kind: Text<'b>,
}

#[derive(Deserialize)]
struct Pull<'b> {
    number: u64,
    #[serde(borrow)]
    head: Option<Commit<'b>>,
    #[serde(borrow, default)]
    updated_at: Text<'b>,
}

#[derive(Deserialize)]
struct Commit<'b> {
    #[serde(borrow)]
    sha: Text<'b>,
}

#[derive(Deserialize)]
struct Issue<'b> {
    number: u64,
    /// Present on pull requests only.
    #[serde(borrow)]
    pull_request: Option<Present<'b>>,
}

#[derive(Deserialize)]
struct Present<'b> {
    #[serde(borrow, default, rename = "url")]
    _url: Option<Text<'b>>,
}

#[derive(Deserialize)]
struct Comment<'b> {
    id: u64,
    #[serde(borrow, default)]
    html_url: Text<'b>,
    /// `null` where the account is gone.
    #[serde(borrow)]
    user: Option<User<'b>>,
    /// `null` in a review without a text.
    #[serde(borrow)]
    body: Option<Text<'b>>,
    #[serde(borrow)]
    created_at: Option<Text<'b>>,
    #[serde(borrow)]
    submitted_at: Option<Text<'b>>,
    in_reply_to_id: Option<u64>,
    /// Of a review.
    #[serde(borrow)]
    state: Option<Text<'b>>,
    performed_via_github_app: Option<Id>,
}

#[derive(Deserialize)]
struct Checked<'b> {
    #[serde(borrow)]
    head_sha: Text<'b>,
}

#[derive(Deserialize)]
struct MergeGroup<'b> {
    #[serde(borrow)]
    head_sha: Text<'b>,
    #[serde(borrow)]
    base_sha: Text<'b>,
}

#[derive(Deserialize)]
struct Changes<'b> {
    #[serde(borrow)]
    base: Option<Present<'b>>,
}

fn read_pull_request(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    let retargeted = payload.changes.as_ref().is_some_and(|changes| changes.base.is_some());
    let due = match &*payload.action {
        // `edited` is also sent for titles and descriptions, which we do not read.
        "edited" => retargeted,
        "opened" | "synchronize" | "reopened" | "closed" | "ready_for_review" | "converted_to_draft" => true,
        _ => false,
    };
    let Some(pull) = payload.pull_request.as_ref().filter(|_| due) else { return Wanted::default() };
    let mut wanted = pull_due(payload, pull.number);
    for due in &mut wanted.due {
        due.head = pull.head.as_ref().and_then(|head| {
            let at = Timestamp::parse(&pull.updated_at).map_or(0, |at| at.0);
            Some((ObjectId::from_hex(&head.sha)?, at))
        });
    }
    wanted
}

fn read_issue_comment(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    match (&payload.issue, &payload.comment) {
        (Some(issue), Some(comment)) if issue.pull_request.is_some() && payload.action == "created" => {
            read_command(payload, issue.number, comment, Surface::Comment)
        }
        (Some(issue), Some(comment)) if issue.pull_request.is_some() && is_meddled_with(payload, comment) => {
            pull_due(payload, issue.number)
        }
        _ => Wanted::default(),
    }
}

fn read_review_comment(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    match (&payload.pull_request, &payload.comment) {
        (Some(pull), Some(comment)) if payload.action == "created" => {
            read_command(payload, pull.number, comment, Surface::Thread(comment.in_reply_to_id.unwrap_or(comment.id)))
        }
        (Some(pull), Some(comment)) if is_meddled_with(payload, comment) => pull_due(payload, pull.number),
        _ => Wanted::default(),
    }
}

fn read_review(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    match (&payload.pull_request, &payload.review) {
        (Some(pull), Some(review)) if payload.action == "submitted" => {
            let wanted = read_command(payload, pull.number, review, Surface::Review);
            // What it approves may have waited for that; whether it counts is not known here.
            let approves = review.state.as_deref() == Some("approved") && review.user.as_ref().is_some_and(|user| !user.is_bot());
            if wanted.due.is_empty() && approves { pull_due(payload, pull.number) } else { wanted }
        }
        _ => Wanted::default(),
    }
}

/// Whether somebody changes or deletes what a bot has written, which may be ours: whoever may write may do so, and it is put right.
fn is_meddled_with(payload: &Payload<'_>, comment: &Comment<'_>) -> bool {
    let by_person = payload.sender.as_ref().is_some_and(|sender| !sender.is_bot());
    matches!(&*payload.action, "edited" | "deleted") && by_person && comment.user.as_ref().is_some_and(User::is_bot)
}

/// A comment of a person that may bear a command makes its pull request due, and one of another bot, which the settings may name; every other comment
/// asks for nothing.
fn read_command(payload: &Payload<'_>, pull: u64, comment: &Comment<'_>, surface: Surface) -> Wanted {
    let sent_by_bot = payload.sender.as_ref().is_some_and(User::is_bot);
    let (Some(author), Some(body)) = (&comment.user, &comment.body) else { return Wanted::default() };
    let is_spoken = if author.is_bot() {
        // Reviews of bots are not told by GraphQL.
        sent_by_bot && surface != Surface::Review && may_be_named(&author.login, body)
    } else {
        !sent_by_bot && comment.performed_via_github_app.is_none()
    };
    if !is_spoken || !may_bear_command(body) {
        return Wanted::default();
    }
    let mut wanted = pull_due(payload, pull);
    let at = comment.submitted_at.as_deref().or(comment.created_at.as_deref()).and_then(Timestamp::parse);
    wanted.command = payload.repository.as_ref().map(|repository| Command {
        repository: repository.id,
        pull,
        posted: Posted {
            id: comment.id,
            surface,
            url: comment.html_url.clone().into_owned(),
            author: Actor { id: UserId(author.id), login: author.login.clone().into_owned(), bot: author.is_bot() },
            at: at.unwrap_or_default(),
            body: body.clone().into_owned(),
            right: None,
        },
    });
    wanted
}

/// Whether what a bot wrote may be a command of another one: what we write begins with a mark of ours, and the store knows a bot by its login.
pub fn may_be_named(login: &str, body: &str) -> bool {
    login.ends_with("[bot]") && !body.trim_start().starts_with("<!-- astride:")
}

/// Whether some line begins as a command does. Says yes too often rather than too seldom: the command's own reader decides.
pub fn may_bear_command(body: &str) -> bool {
    body.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('`').trim_start();
        grammar::begins_command(line)
    })
}

/// Re-run asked for by a person, or the check's own button pressed. A fork's pull requests are not listed in the payload, so the head is all there is.
fn read_check(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    let pressed = payload.requested_action.as_ref().is_some_and(|button| &*button.identifier == check::RECHECK.0);
    let is_asked = payload.action == "rerequested" || payload.action == "requested_action" && pressed;
    let checked = payload.check_run.as_ref().or(payload.check_suite.as_ref()).filter(|_| is_asked);
    let head = checked.and_then(|checked| ObjectId::from_hex(&checked.head_sha));
    head.map_or_else(Wanted::default, |head| due(payload, Subject::Head(head)))
}

fn read_merge_group(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    let group = payload.merge_group.as_ref().filter(|_| payload.action == "checks_requested");
    let Some((head, base)) = group.and_then(|group| Some((ObjectId::from_hex(&group.head_sha)?, ObjectId::from_hex(&group.base_sha)?)))
    else {
        return Wanted::default();
    };
    let mut wanted = due(payload, Subject::Group(head));
    for due in &mut wanted.due {
        // Of a group that the sweep finds by its branch the time is 0: nobody but whoever named the branch says that it is one.
        due.head = Some((head, 1));
        due.base = Some(base);
    }
    wanted
}

fn read_push(payload: &Payload<'_>, bearings: &Bearings) -> Wanted {
    let Some(branch) = payload.branch.as_deref().and_then(|name| name.strip_prefix("refs/heads/")) else { return Wanted::default() };
    let deleted = payload.after.as_deref().is_some_and(|after| after.bytes().all(|byte| byte == b'0'));
    let full_name = payload.repository.as_ref().map(|repository| repository.full_name.to_lowercase());
    let is_ledger = branch == bearings.ledger_branch && (bearings.ledger_repository.is_none() || bearings.ledger_repository == full_name);
    if is_ledger {
        // Our own decisions come from a run that judges again by itself; whether a bot is we, only the store can tell.
        let by_bot = payload.sender.as_ref().is_some_and(User::is_bot);
        let tip = payload.after.as_deref().filter(|_| by_bot && !deleted).and_then(ObjectId::from_hex);
        let before = payload.before.as_deref().and_then(ObjectId::from_hex);
        let mut wanted = due(payload, tip.map_or(Subject::Open, Subject::Ledger));
        wanted.due.iter_mut().for_each(|due| due.base = before);
        return wanted;
    }
    if deleted { Wanted::default() } else { due(payload, Subject::Base(branch.to_owned())) }
}

/// A run that ended may have made what somebody waits for. Which workflows do so, the settings say: here it is only known that one has.
fn read_workflow_run(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    let run = payload.workflow_run.as_ref().filter(|_| payload.action == "completed");
    let head = run.and_then(|run| ObjectId::from_hex(&run.head_sha));
    head.map_or_else(Wanted::default, |head| due(payload, Subject::Built(head)))
}

fn read_repository(payload: &Payload<'_>, _: &Bearings) -> Wanted {
    match &*payload.action {
        "renamed" | "transferred" | "unarchived" => due(payload, Subject::Stale),
        _ => Wanted::default(),
    }
}

fn pull_due(payload: &Payload<'_>, number: u64) -> Wanted {
    due(payload, Subject::Pull(number))
}

fn due(payload: &Payload<'_>, subject: Subject) -> Wanted {
    let key = payload
        .repository
        .as_ref()
        .zip(payload.installation.as_ref())
        .and_then(|(repository, installation)| repository.key(installation.id));
    let due = key.map(|repository| Due { repository, subject, head: None, base: None });
    Wanted { due: due.into_iter().collect(), command: None }
}

impl Repository<'_> {
    fn key(&self, installation: u64) -> Option<RepositoryKey> {
        let (owner, name) = self.full_name.split_once('/')?;
        Some(RepositoryKey { id: self.id, owner: owner.to_owned(), name: name.to_owned(), installation })
    }
}

impl User<'_> {
    fn is_bot(&self) -> bool {
        self.kind == "Bot" || self.login.ends_with("[bot]")
    }
}

/// Repositories that an installation begins with or gains.
#[derive(Deserialize)]
struct Installed<'b> {
    #[serde(borrow, default)]
    action: Text<'b>,
    installation: Id,
    #[serde(borrow, default)]
    repositories: Vec<Repository<'b>>,
    #[serde(borrow, default)]
    repositories_added: Vec<Repository<'b>>,
}

fn read_installation(guid: &str, body: &[u8]) -> Result<Arrival, serde_json::Error> {
    let installed: Installed<'_> = serde_json::from_slice(body)?;
    let repositories = match &*installed.action {
        "created" | "unsuspend" | "new_permissions_accepted" => &installed.repositories,
        "added" => &installed.repositories_added,
        _ => &Vec::new(),
    };
    let keys = repositories.iter().filter_map(|repository| repository.key(installed.installation.id));
    let due = keys.map(|repository| Due { repository, subject: Subject::Stale, head: None, base: None }).collect();
    Ok(Arrival { guid: guid.to_owned(), due, command: None })
}
