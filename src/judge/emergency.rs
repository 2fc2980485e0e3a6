//! Whether a change may pass by an emergency, and the block of somebody who calls one.
//!
//! Comes in: the ledger, a command, the report as far as it is made. Goes out: the emergency that lets this head or merge group pass; a block
//! for the repository's scope. Whoever may call one is looked up like any right, and an author is said to be one.

use crate::change::{Change, Constituent, ObjectId, Posted, Pull, Right, Timestamp};
use crate::command::Command;
use crate::decisions::authority::{self, Authority};
use crate::decisions::emergency::{self, Emergency};
use crate::decisions::{Block, Ledger, Verdict, ledger_text};
use crate::report::{Report, escape};
use crate::settings::Settings;
use crate::source::RepoPath;
use crate::stride::ThreatKey;
use std::collections::BTreeSet;

/// The emergency by which the change passes. A merge group passes by those of its pull requests as far as what is open is theirs.
pub(super) fn find(change: &Change, report: &Report, ledger: &Ledger, now: Timestamp) -> Option<Emergency> {
    let blocks = ledger.blocks.get(&ledger_text::repository_scope())?;
    let holding = emergency::holding(blocks, now);
    let of = |head: ObjectId, base: &str| holding.iter().rev().find(|emergency| emergency.head == head && is_for(emergency, base));
    if change.group.is_empty() {
        return of(change.head.commit, change.pull.as_ref().map_or("", |pull| &pull.base)).cloned();
    }
    let of_member = |member: &Constituent| of(member.head, &member.pull.base);
    let (theirs, others): (Vec<_>, Vec<_>) = change.group.iter().partition(|member| of_member(member).is_some());
    let found = of_member(theirs.first()?)?;
    let brought_by_others: BTreeSet<&ThreatKey> = others.iter().flat_map(|member| &member.introduces).collect();
    let is_theirs = |key: &ThreatKey| theirs.iter().any(|member| member.introduces.contains(key)) && !brought_by_others.contains(key);
    // Where every pull request of the group is under an emergency, what comes of their meeting is too.
    let all = others.iter().all(|member| member.pull.number == 0);
    (all || report.outstanding().iter().all(is_theirs)).then(|| found.clone())
}

/// Into another branch the same head brings other things. One that an earlier release has written is for any, as long as it lasts.
fn is_for(emergency: &Emergency, base: &str) -> bool {
    emergency.base == base || emergency.base == emergency.head.to_string()
}

/// The team that may call an emergency, as `organisation/slug`, for a comment's author; `None` where it is administrators.
pub(super) fn question(change: &Change, settings: &Settings, posted: &Posted) -> Option<(String, String)> {
    let team = settings.emergency_team.as_ref()?;
    let team = if team.contains('/') { team.clone() } else { format!("{}/{team}", change.repository.owner) };
    Some((team, posted.author.login.clone()))
}

/// The block of an emergency.
///
/// # Errors
/// Why it is none, in words for the person.
pub(super) fn block(
    change: &Change,
    pull: &Pull,
    settings: &Settings,
    posted: &Posted,
    command: &Command,
) -> Result<(RepoPath, Block), String> {
    let right = right(change, pull, settings, posted)?;
    if let Some(why) = unseen(change, posted) {
        return Err(why);
    }
    let ticket = command.ticket.clone().unwrap_or_default();
    let block = Block {
        threat: format!("emergency/{ticket}"),
        fingerprint: emergency::fingerprint(change.head.commit, &ticket),
        rule: emergency::RULE.to_owned(),
        on: pull.base.clone(),
        part: ticket,
        reason: command.reason.clone(),
        until: Some(Timestamp(posted.at.0.saturating_add(emergency::LASTS)).day()),
        ..Block::posted(posted, change, pull.number, right, Verdict::Emergency)
    };
    Ok((ledger_text::repository_scope(), block))
}

/// Why whoever wrote cannot have seen what stands at this head; `None` where our check stood there before. Within one second nobody can tell.
pub(super) fn unseen(change: &Change, posted: &Posted) -> Option<String> {
    let head = change.head.commit.short();
    let is_shown = change.shown_at.is_some_and(|shown_at| shown_at < posted.at);
    (!is_shown).then(|| format!("Not done: {head} came after you wrote, or was not looked at yet; see what stands on it and write again."))
}

/// By which right somebody calls an emergency, as the ledger keeps it.
fn right(change: &Change, pull: &Pull, settings: &Settings, posted: &Posted) -> Result<String, String> {
    let unknown = || "Not done: your right could not be looked up, and without it nobody calls an emergency; write again later.".to_owned();
    let permission = posted.right.as_ref().and_then(|right| right.as_ref().ok()).ok_or_else(unknown)?;
    let right = match question(change, settings, posted) {
        None if *permission == Right::Admin => Right::Admin.word().to_owned(),
        None => {
            return Err(format!("Not done: an administrator of the repository calls an emergency, and you have `{}`.", permission.word()));
        }
        Some(question) => match change.members.get(&question) {
            Some(Ok(true)) => format!("team {}", question.0),
            Some(Ok(false)) => return Err(format!("Not done: the team {} calls an emergency here.", escape::code(&question.0))),
            Some(Err(_)) | None => return Err(unknown()),
        },
    };
    // Whoever may not even propose is no author, and whoever wrote a part is said to have.
    match authority::check(posted, pull, settings) {
        _ if pull.authors.as_ref().is_none_or(Result::is_err) => Err(unknown()),
        Authority::Proposes(_, authority::Lacking::IsAuthor) => Ok(format!("{}{right}", authority::AUTHOR)),
        Authority::Unknown => Err(unknown()),
        Authority::Proposes(..) | Authority::Decides(_) | Authority::Refused(_) => Ok(right),
    }
}
