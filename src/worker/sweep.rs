//! Finding what is due when no event said so, or when an event named more than one pull request.
//!
//! At start and every quarter of an hour all installations are looked through: webhooks get lost, and the forge does not send them again.

use super::Bench;
use super::first_contact;
use super::merged;
use super::neighbours;
use super::register;
use super::run::{Outcome, RunError, holds};
use super::shared_ledger;
use super::site_of;
use crate::change::ObjectId;
use crate::forge::error::ForgeError;
use crate::forge::site::Site;
use crate::forge::token::Scope;
use crate::forge::wire;
use crate::queue::due::Due;
use crate::queue::job::{Job, RepositoryKey, Subject};
use std::collections::BTreeMap;
use std::time::Duration;

/// Between the first checks of two pull requests that were open before the App came: an installation may bring hundreds of them at once.
const PACE: Duration = Duration::from_secs(3);
/// Between the first contacts with two repositories: each writes four times at most, and a check on what it proposes follows.
const CONTACT_PACE: Duration = Duration::from_secs(15);

/// Makes every repository of every installation due for a look.
///
/// # Errors
/// Of the forge, where not even the installations can be listed.
pub async fn begin(bench: &Bench) -> Result<(), ForgeError> {
    let (installations, _) = bench.forge.app().pages::<wire::Installation>("/app/installations").await?;
    for installation in installations.iter().filter(|installation| installation.suspended_at.is_none()) {
        let client = bench.forge.installation(installation.id, Scope::ReadAll);
        match client.pages_in("/installation/repositories", |page: wire::Repositories| page.repositories).await {
            Ok((repositories, _)) => bench.store.enqueue(&due_for_a_look(installation.id, repositories)).await?,
            // One installation that cannot be read must not hide the others.
            Err(error) if error.is_pause() => {}
            Err(ForgeError::Store(error)) => return Err(error.into()),
            Err(error) => tracing::warn!(%error, installation = installation.id, "an installation could not be swept"),
        }
    }
    Ok(())
}

fn due_for_a_look(installation: u64, repositories: Vec<wire::Repository>) -> Vec<Due> {
    let alive = repositories.into_iter().filter(|repository| !repository.archived);
    alive
        .map(|repository| Due {
            repository: RepositoryKey { id: repository.id, owner: repository.owner.login, name: repository.name, installation },
            subject: Subject::Stale,
            head: None,
            base: None,
        })
        .collect()
}

/// Makes due the pull requests that the job's subject describes.
///
/// # Errors
/// Of the forge.
pub async fn find_due(bench: &Bench, job: &Job) -> Result<Outcome, RunError> {
    let Some(site) = site_of(bench, job).await? else { return Ok(Outcome::Done) };
    find_own(bench, job, &site).await?;
    // Last: whatever goes wrong with what others keep here holds up nothing of this repository.
    shared_ledger::tell_reviewed(bench, job, &site).await?;
    Ok(Outcome::Done)
}

async fn find_own(bench: &Bench, job: &Job, site: &Site) -> Result<(), RunError> {
    if let Subject::Ledger(tip) = &job.subject
        && site.ledger.is_own(*tip).await?
    {
        return Ok(());
    }
    let branch = match &job.subject {
        Subject::Base(branch) => Some(branch.as_str()),
        Subject::Pull(_)
        | Subject::Group(_)
        | Subject::Head(_)
        | Subject::Built(_)
        | Subject::Ledger(_)
        | Subject::Open
        | Subject::Stale
        | Subject::FirstContact
        | Subject::Register => None,
    };
    let pulls = site.open_pulls(branch).await?;
    let wanted: Vec<wire::Pull> = match &job.subject {
        Subject::Head(head) => pulls.into_iter().filter(|pull| pull.head.sha == head.to_string()).collect(),
        Subject::Stale => find_stale(bench, site, pulls).await?,
        Subject::Base(_) | Subject::Ledger(_) | Subject::Open => pulls,
        Subject::Pull(_) | Subject::Group(_) | Subject::Built(_) | Subject::FirstContact | Subject::Register => Vec::new(),
    };
    let key = RepositoryKey { owner: site.place.owner.clone(), name: site.place.name.clone(), ..job.repository.clone() };
    let due = |pulls: &[wire::Pull]| -> Vec<Due> {
        pulls.iter().map(|pull| Due { repository: key.clone(), subject: Subject::Pull(pull.number), head: None, base: None }).collect()
    };
    if job.subject == Subject::Stale {
        bench.store.enqueue(&due(&merged::unrecorded(bench, site).await?)).await?;
    }
    let (first_seen, known) = split_first_seen(bench, site, wanted).await?;
    bench.store.enqueue(&due(&known)).await?;
    bench.store.enqueue_paced(key.installation, &due(&first_seen), Duration::ZERO, PACE).await?;
    if job.subject == Subject::Stale && !first_contact::steps_left(bench, site).await?.is_empty() {
        let contact = Due { repository: key.clone(), subject: Subject::FirstContact, head: None, base: None };
        bench.store.enqueue_paced(key.installation, &[contact], CONTACT_PACE, CONTACT_PACE).await?;
    }
    if matches!(job.subject, Subject::Stale | Subject::Open | Subject::Ledger(_) | Subject::Head(_)) {
        let mut groups = find_groups(site, &key).await?;
        // Where the check of a group is run again, its commit is the head that was named.
        if let Subject::Head(head) = &job.subject {
            groups.retain(|group| group.subject == Subject::Group(*head));
        }
        bench.store.enqueue(&groups).await?;
    }
    // Last: whatever goes wrong with the register holds up no gate.
    if job.subject == Subject::Stale && register::is_wanted(bench, site).await? {
        let register = Due { repository: key.clone(), subject: Subject::Register, head: None, base: None };
        bench.store.enqueue_paced(key.installation, &[register], Duration::ZERO, PACE).await?;
    }
    Ok(())
}

/// Makes due what is judged with input of a commit. Mostly that is nothing, and then nothing is asked for.
///
/// # Errors
/// Of the store.
pub async fn find_built(bench: &Bench, job: &Job, commit: ObjectId) -> Result<Outcome, RunError> {
    let waiting = bench.store.judged_with_input_of(job.repository.id, commit).await?;
    let due = waiting.into_iter().map(|subject| Due { repository: job.repository.clone(), subject, head: None, base: None });
    bench.store.enqueue(&due.collect::<Vec<_>>()).await?;
    Ok(Outcome::Done)
}

/// Of pull requests those that were open before the App came and have not been judged yet, newest first; and the others.
async fn split_first_seen(bench: &Bench, site: &Site, pulls: Vec<wire::Pull>) -> Result<(Vec<wire::Pull>, Vec<wire::Pull>), RunError> {
    let (mut first_seen, mut known) = (Vec::new(), Vec::new());
    for pull in pulls {
        let is_new = site.is_older_than_we(&pull) && bench.store.published(site.repository.id, pull.number).await?.is_none();
        if is_new { first_seen.push(pull) } else { known.push(pull) }
    }
    first_seen.sort_by_key(|pull| std::cmp::Reverse(pull.number));
    Ok((first_seen, known))
}

/// The merge groups: without our check the queue stands still until it gives up, and one that waits for others' checks must hear of what was
/// taken back or has ended meanwhile. There are few of them, and not for long.
async fn find_groups(site: &Site, key: &RepositoryKey) -> Result<Vec<Due>, RunError> {
    let groups = site.merge_groups().await?.into_iter();
    let due =
        groups.map(|(head, base)| Due { repository: key.clone(), subject: Subject::Group(head), head: Some((head, 0)), base: Some(base) });
    Ok(due.collect())
}

/// Those whose last good run was about another head, base, ledger, engine or company at their head, or that never had one, on which
/// something was said since, or of which something has ended on which they rested.
async fn find_stale(bench: &Bench, site: &Site, pulls: Vec<wire::Pull>) -> Result<Vec<wire::Pull>, RunError> {
    if pulls.is_empty() {
        return Ok(pulls);
    }
    let ledger_tip = site.ledger.tip().await?;
    let organisation = site.organisation_digest().await?;
    let mut bases: BTreeMap<String, Option<ObjectId>> = BTreeMap::new();
    // By the tip that was judged with, whether its decisions are still those of the branch.
    let mut standing: BTreeMap<Option<ObjectId>, bool> = BTreeMap::new();
    let mut stale = Vec::new();
    let mut at_head: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    for pull in &pulls {
        at_head.entry(pull.head.sha.clone()).or_default().push((pull.number, pull.base.branch.clone()));
    }
    for pull in pulls {
        let others = at_head.get(&pull.head.sha).into_iter().flatten().filter(|(number, _)| *number != pull.number);
        let neighbours = neighbours::words(others.map(|(number, base)| (*number, base.as_str())));
        let base = match bases.get(&pull.base.branch) {
            Some(known) => *known,
            None => {
                let tip = site.branch_tip(&pull.base.branch).await?;
                bases.insert(pull.base.branch.clone(), tip);
                tip
            }
        };
        let published = bench.store.published(site.repository.id, pull.number).await?;
        let published = published.filter(|published| {
            holds(published, &pull, base, bench.clock.timestamp())
                && published.neighbours == neighbours
                && published.organisation == organisation
        });
        let decisions_stand = match published.map(|published| published.ledger_tip) {
            None => false,
            Some(judged_with) => match standing.get(&judged_with) {
                Some(known) => *known,
                None => {
                    let stands = site.ledger.stands_as_at(ledger_tip, judged_with).await?;
                    standing.insert(judged_with, stands);
                    stands
                }
            },
        };
        if !decisions_stand {
            stale.push(pull);
        }
    }
    Ok(stale)
}
