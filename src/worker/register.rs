//! The register's issue: one in each repository whose settings ask for it, edited in place.
//!
//! Comes in: a repository whose settings name a cadence. Goes out: the issue, or nothing where the last edition is young, nothing has changed, or
//! people closed it. Which edition stands is read on the forge, so that a lost database makes no second issue; what the store remembers only
//! spares reading the tree again.

use super::Bench;
use super::run::{Outcome, RunError};
use super::site_of;
use crate::change::{Day, ObjectId, Timestamp};
use crate::decisions::ticket;
use crate::forge::error::ForgeError;
use crate::forge::issue::StandingIssue;
use crate::forge::permissions::Feature;
use crate::forge::site::Site;
use crate::judge::register;
use crate::queue::job::Job;
use crate::report::notice;
use crate::report::register::due;
use crate::report::register::issue::{Edition, Places, render};
use crate::report::register::{Register, Stock};
use crate::settings::owners::CodeOwners;
use crate::settings::{Cadence, Settings};
use std::collections::BTreeMap;
use std::time::Duration;

/// Between two looks at a repository's settings.
const LOOK: Duration = Duration::from_secs(3_600);
/// Between two readings of a tree for an edition that may turn out to say what the last one does.
const READ: Duration = Duration::from_secs(20 * 3_600);
/// Most tickets that are looked up for one edition.
const MOST_TICKETS: usize = 20;

/// Whether a repository's settings ask for the issue. Looked up once an hour.
///
/// # Errors
/// Those that may pass.
pub(super) async fn is_wanted(bench: &Bench, site: &Site) -> Result<bool, RunError> {
    let look = format!("register-look/{}", site.repository.id);
    if site.is_archived || bench.store.is_within(&look, LOOK).await? {
        return Ok(false);
    }
    let settings = match settings(site).await {
        Ok(settings) => settings,
        Err(error) if error.is_passing() => return Err(error.into()),
        Err(error) => {
            tracing::info!(%error, repository = name(site), "whether a register is wanted cannot be told");
            None
        }
    };
    // Without any commit, or where it cannot be told, it is looked again at the next sweep.
    let Some((_, settings)) = settings else { return Ok(false) };
    bench.store.take_turn(&look, Duration::ZERO).await?;
    Ok(settings.issue != Cadence::Never)
}

/// The default branch's tip and the settings there; `None` for a repository without any commit.
async fn settings(site: &Site) -> Result<Option<(ObjectId, Settings)>, ForgeError> {
    let Some(tip) = site.default_tip().await? else { return Ok(None) };
    Ok(Some((tip, site.settings_at(tip).await?.read().0)))
}

/// Brings the issue up to date, if it is time.
///
/// # Errors
/// Of the forge, where it may pass; and of the judgement, where it is tried again.
pub(super) async fn run(bench: &Bench, job: &Job) -> Result<Outcome, RunError> {
    let Some(site) = site_of(bench, job).await? else { return Ok(Outcome::Done) };
    if site.is_archived {
        return Ok(Outcome::Done);
    }
    if !site.lets(Feature::RegisterIssue) {
        if site.is_first_refusal(Feature::RegisterIssue) {
            tracing::info!(repository = name(&site), "the register's issue is not written: the App may not write issues here");
        }
        return Ok(Outcome::Done);
    }
    let issue = match next_issue(bench, &site).await {
        Ok(issue) => issue,
        // Tomorrow the tree may be another one; until then nothing is held up by it.
        Err(error @ (RunError::TooMuch(_) | RunError::Forge(ForgeError::TooLarge { .. }))) => {
            return left_out(bench, &site, error.to_string()).await;
        }
        Err(error) => return Err(error),
    };
    if let Some((standing, body)) = issue {
        match site.write_register_issue(standing.as_ref(), &body).await {
            Ok(()) => bench.metrics.effect("write-register-issue"),
            // The repository has no issues, or somebody has deleted this one since.
            Err(error) if !error.is_passing() => return left_out(bench, &site, error.to_string()).await,
            Err(error) => return Err(error.into()),
        }
        note_read(bench, &site).await?;
    }
    Ok(Outcome::Done)
}

async fn left_out(bench: &Bench, site: &Site, error: String) -> Result<Outcome, RunError> {
    tracing::warn!(error, repository = name(site), "the register's issue is left out");
    note_read(bench, site).await?;
    Ok(Outcome::Done)
}

/// The issue as it stands, and what it should say; `None` where there is nothing to write.
async fn next_issue(bench: &Bench, site: &Site) -> Result<Option<(Option<StandingIssue>, String)>, RunError> {
    let (tip, settings) = settings(site).await?.ok_or(ForgeError::Lagging)?;
    let Some(days) = settings.issue.days() else { return Ok(None) };
    let standing = site.find_register_issue().await?;
    if standing.as_ref().is_some_and(|issue| !issue.is_open) {
        return Ok(None);
    }
    let now = bench.clock.timestamp();
    let edition = standing.as_ref().and_then(|issue| Edition::of(&issue.body));
    // Whoever may edit the issue may write any day into it: one that is still to come keeps nothing from being written.
    let is_current = |edition: Edition| (0..days).contains(&(now.day().0 - edition.on.0));
    if edition.is_some_and(is_current) || bench.store.is_within(&turn(site), READ).await? {
        return Ok(None);
    }
    let stock = stock(bench, site, tip, &settings, now).await?;
    if bench.notifier.is_some() {
        bench.store.add_notices(site.repository.id, &notice::expired(&stock.register.threats, &site.scene())).await?;
    }
    let places =
        Places { web_url: &site.repository.web_url, branch: &site.default_branch, ledger: &site.ledger.name, every: settings.issue.word() };
    let body = |edition: &Edition| render(&stock, &places, edition, now.day());
    let stands = standing.as_ref().map_or("", |issue| &issue.body);
    let is_idle = standing.is_none() && stock.register.is_empty && stock.said.is_empty();
    if is_idle || edition.is_some_and(|edition| body(&edition) == stands) {
        note_read(bench, site).await?;
        return Ok(None);
    }
    let next = body(&Edition::after(stands, now.day()));
    Ok(Some((standing, next)))
}

/// The register of a commit, and what was said in the repository.
async fn stock(bench: &Bench, site: &Site, tip: ObjectId, settings: &Settings, now: Timestamp) -> Result<Stock, RunError> {
    let mut snapshot = site.see_whole(tip).await?;
    if snapshot.growth.lags {
        return Err(ForgeError::Lagging.into());
    }
    let mut register = bench.judgement.register(site, &mut snapshot, now).await?;
    register.closed = closed(site, &register).await?;
    let files = site.ledger_files(&snapshot, settings).await?;
    let said = register::said(&files, &site.repository, settings, now);
    Ok(Stock { name: name(site), register, said, owners: CodeOwners::default() })
}

/// The tickets that are issues of this repository and closed: of no more than are looked up for one edition.
async fn closed(site: &Site, register: &Register) -> Result<BTreeMap<String, Day>, ForgeError> {
    let own = due::tickets(register).into_iter().filter_map(|named| Some((named, ticket::own_issue(named, &site.repository)?)));
    let own: Vec<(&str, u64)> = own.take(MOST_TICKETS).collect();
    let mut closed = BTreeMap::new();
    for (named, number) in own {
        if let Some(day) = site.issue_closed(number).await? {
            closed.insert(named.to_owned(), day);
        }
    }
    Ok(closed)
}

async fn note_read(bench: &Bench, site: &Site) -> Result<(), RunError> {
    bench.store.take_turn(&turn(site), Duration::ZERO).await?;
    Ok(())
}

/// Under which name the store remembers when a tree was last read for its register.
fn turn(site: &Site) -> String {
    format!("register/{}", site.repository.id)
}

fn name(site: &Site) -> String {
    format!("{}/{}", site.repository.owner, site.repository.name)
}
