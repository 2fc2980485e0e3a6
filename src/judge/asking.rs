//! Who should decide on what the gate waits for.
//!
//! Comes in: the report, the settings with their code owners, who opened the pull request. Goes out: the people and teams to ask, the owners of the
//! heaviest threat first. Nobody is asked while nothing blocks, in a draft, where the gate advises, or of an own pull request.

use crate::change::Change;
use crate::judge::ownership::{self, Moved};
use crate::report::Report;
use crate::report::asking::Asking;
use crate::settings::Settings;
use crate::settings::owners::Owner;
use crate::settings::talk::Ask;
use crate::source::RepoPath;

/// By which means people are spoken with.
pub(super) fn means(settings: &Settings) -> Asking {
    let talk = &settings.talk;
    Asking { mode: talk.mode(), by: talk.ask(), approvals: talk.approves(), whom: Vec::new() }
}

/// Whom to ask.
pub(super) fn whom(change: &Change, settings: &Settings, report: &Report, moved: &Moved) -> Vec<Owner> {
    let pull = change.pull.as_ref().filter(|pull| !pull.draft && report.asking.by != Ask::None);
    let Some(pull) = pull.filter(|_| report.waits() && !report.advise && report.awaited.is_empty()) else { return Vec::new() };
    let author = &pull.author.login;
    let mut whom: Vec<Owner> = Vec::new();
    for owner in deciders(change, settings, report, moved) {
        let is_asked = match &owner {
            Owner::Person(login) => !login.eq_ignore_ascii_case(author),
            Owner::Team(_) => true,
            Owner::Email(_) => false,
        };
        if is_asked && !whom.iter().any(|known| known.name().eq_ignore_ascii_case(owner.name())) {
            whom.push(owner);
        }
    }
    whom
}

/// Those whom the settings name, or else the code owners of what waits; of what has none that decide, the teams that do.
fn deciders(change: &Change, settings: &Settings, report: &Report, moved: &Moved) -> Vec<Owner> {
    if let Some(whom) = &settings.talk.whom {
        return whom.clone();
    }
    let teams = settings.deciding_teams(&change.repository.owner);
    if !settings.owners && !teams.is_empty() {
        return teams;
    }
    let Some(Ok(owners)) = &settings.code_owners else { return teams };
    let threats = report.blocking().map(|reviewed| &reviewed.threat.place.path);
    let others = report.open_repairs().map(|repair| &repair.place.path).chain(report.open_weakened().map(|weakened| &weakened.place.path));
    let paths: Vec<&RepoPath> = threats.chain(others).collect();
    let of_path = |path: &RepoPath| {
        let owned = ownership::owned(owners, path, moved);
        if owned.is_empty() { teams.clone() } else { owned.into_iter().flat_map(|(_, owners)| owners).cloned().collect() }
    };
    paths.into_iter().flat_map(of_path).collect()
}
