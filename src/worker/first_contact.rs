//! What is done once in each repository after the installation: the check on the default branch's head, so that it can be chosen as required,
//! and one pull request that proposes a settings file.
//!
//! Each step looks on the forge first whether it is done there; what the store remembers only saves asking again. A pull request that people
//! closed is their answer, and is never opened again.

use super::Bench;
use super::look_back::look_back;
use super::run::{Outcome, RunError};
use super::site_of;
use crate::catalog::own_types::OwnTypes;
use crate::change::{ObjectId, Side};
use crate::forge::apply;
use crate::forge::page::find_check;
use crate::forge::permissions::Feature;
use crate::forge::proposal::{Proposal, Proposed};
use crate::forge::site::Site;
use crate::formats;
use crate::formats::terraform::signs;
use crate::plan::Effect;
use crate::queue::first_contact::{Note, Step};
use crate::queue::job::Job;
use crate::report::{check, proposal};
use crate::settings;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// Files that are looked into for something to judge.
const MAX_CANDIDATES: usize = 40;

/// What is left to do in a repository. Nothing where nothing may be written, and no proposal where the App may not make one.
///
/// # Errors
/// Of the store.
pub(super) async fn steps_left(bench: &Bench, site: &Site) -> Result<BTreeSet<Step>, RunError> {
    if site.is_archived {
        return Ok(BTreeSet::new());
    }
    let done = bench.store.steps_done(site.repository.id).await?;
    let mut left: BTreeSet<Step> = Step::ALL.into_iter().filter(|step| !done.contains(step)).collect();
    if left.contains(&Step::Settings) && !site.lets(Feature::Proposal) {
        left.remove(&Step::Settings);
        if site.is_first_refusal(Feature::Proposal) {
            tracing::info!(
                owner = site.repository.owner,
                "no settings are proposed: the App may not write contents and pull requests here"
            );
        }
    }
    Ok(left)
}

/// Does what is left.
///
/// # Errors
/// Of the forge and of the judgement.
pub(super) async fn run(bench: &Bench, job: &Job) -> Result<Outcome, RunError> {
    let Some(site) = site_of(bench, job).await? else { return Ok(Outcome::Done) };
    // A repository without commits is met again at the next sweep.
    let Some(tip) = site.default_tip().await? else { return Ok(Outcome::Done) };
    for step in steps_left(bench, &site).await? {
        let done = match step {
            Step::Check => post_check(bench, &site, tip).await,
            Step::Settings => propose_settings(bench, &site, tip).await,
        };
        let note = match done {
            Ok(Found::Enough) => Note::Done,
            Ok(Found::NothingToJudge) => Note::NothingToJudge,
            // What is refused for good (by a ruleset, or because nobody may open pull requests) is not tried again.
            Err(RunError::Forge(error)) if !error.is_passing() => {
                let repository = format!("{}/{}", site.repository.owner, site.repository.name);
                tracing::warn!(%error, repository, step = step.word(), "a step of the first contact is left out");
                Note::Done
            }
            Err(error) => return Err(error),
        };
        bench.store.note_step(site.repository.id, step, note).await?;
    }
    Ok(Outcome::Done)
}

/// What a step found to do.
enum Found {
    Enough,
    NothingToJudge,
}

/// A commit has one check: where it is the head of a pull request too, that one's check is the one that stands there.
async fn post_check(bench: &Bench, site: &Site, tip: ObjectId) -> Result<Found, RunError> {
    let _lock = bench.store.lock_head(&tip.to_string()).await?;
    if find_check(&site.place, tip).await?.is_none() && site.pulls_at(tip).await?.is_empty() {
        let effect = Effect::CreateCheck { head: tip, check: check::of_default_branch() };
        apply::apply(&site.place, 0, &effect).await?;
        bench.metrics.effect(apply::word(&effect));
    }
    Ok(Found::Enough)
}

async fn propose_settings(bench: &Bench, site: &Site, tip: ObjectId) -> Result<Found, RunError> {
    if site.is_fork || site.has_proposed(proposal::BRANCH).await? || !site.organisation_digest().await?.is_empty() {
        return Ok(Found::Enough);
    }
    let side = site.side_at(tip).await?;
    let path = RepoPath::new(settings::PATH);
    if side.listing.contains_key(&path) {
        return Ok(Found::Enough);
    }
    if !has_units(site, &side).await? {
        return Ok(Found::NothingToJudge);
    }
    let survey = look_back(bench, site, tip).await?;
    let proposal = Proposal {
        branch: proposal::BRANCH,
        path,
        text: settings::PROPOSED,
        message: proposal::MESSAGE,
        title: proposal::TITLE.to_owned(),
        body: proposal::body(&survey, bench.forge.docs()),
    };
    match site.propose(&proposal, tip).await? {
        Proposed::Opened => tracing::info!(repository = survey.repository, "settings are proposed"),
        Proposed::BranchTaken => {
            tracing::warn!(repository = survey.repository, branch = proposal.branch, "no settings are proposed: the branch is somebody's");
        }
    }
    Ok(Found::Enough)
}

/// Whether the tree has something that is judged: files that tools deploy by default are looked into first, then what lies nearest to the root.
async fn has_units(site: &Site, side: &Side) -> Result<bool, RunError> {
    let mut candidates: Vec<&RepoPath> = side
        .listing
        .keys()
        .filter(|path| formats::is_structured(path) || formats::is_default_name(path) || signs::is_configuration(path))
        .collect();
    candidates.sort_by_key(|path| (!formats::is_default_name(path), path.as_str().matches('/').count(), path.as_str()));
    for path in candidates.into_iter().take(MAX_CANDIDATES) {
        let text = site.text_of(side, path).await?;
        // Where the organisation has types of its own, it has settings, and nothing is proposed.
        if text.is_some_and(|text| formats::has_unit(path, &text, OwnTypes::default())) {
            return Ok(true);
        }
    }
    Ok(false)
}
