//! Whether the check of a repository binds: required on its default branch, from our App alone, and in its merge queue.

use crate::doctor::Diagnosis;
use crate::forge::error::{ForgeError, found};
use crate::forge::page::CHECK;
use crate::forge::permissions::{Feature, Permission};
use crate::forge::shared::Forge;
use crate::forge::token::Scope;
use crate::forge::tree::{Place, escape};
use crate::forge::wire;
use crate::settings::{self, Mode};
use crate::source::RepoPath;
use std::collections::BTreeSet;

const AREA: &str = "check";
const INSTALLATION: &str = "installations";

/// The repository; `None` where the App does not reach it.
pub(super) async fn look(forge: &Forge, app: &wire::App, owner: &str, name: &str, diagnosis: &mut Diagnosis) -> Option<Place> {
    let (place, branch) = match reach(forge, owner, name).await {
        Ok(Some(reached)) => reached,
        Ok(None) => {
            let page = format!("{}/apps/{}/installations/new", forge.web_url(), app.slug);
            diagnosis.wrong(INSTALLATION, format!("the App is not installed on {owner}/{name}, or there is no such repository"), page);
            return None;
        }
        Err(error) => {
            diagnosis.failed(INSTALLATION, &error);
            return None;
        }
    };
    mode(&place, &branch, diagnosis).await;
    match place.rules(&branch).await {
        Ok(rules) => {
            required(forge, &place, &branch, &rules, diagnosis);
            queued(app, &branch, &rules, diagnosis);
        }
        Err(error) => diagnosis.failed(AREA, &error),
    }
    Some(place)
}

/// The repository as its installation sees it, and its default branch.
pub(super) async fn reach(forge: &Forge, owner: &str, name: &str) -> Result<Option<(Place, String)>, ForgeError> {
    let path = format!("/repos/{}/{}", escape(owner), escape(name));
    let Some(installation) = found(forge.app().get::<wire::Installation>(&format!("{path}/installation")).await)? else { return Ok(None) };
    let seen: wire::Repository = forge.installation(installation.id, Scope::ReadAll).get(&path).await?;
    let client = forge.installation(installation.id, Scope::Repository(seen.id));
    Ok(Some((Place { client, id: seen.id, owner: seen.owner.login, name: seen.name }, seen.default_branch)))
}

/// A required check that only advises holds nobody up.
async fn mode(place: &Place, branch: &str, diagnosis: &mut Diagnosis) {
    let path = RepoPath::new(settings::PATH);
    match own_settings(place, branch, &path).await {
        Ok(None) => diagnosis.not_verifiable(
            AREA,
            format!("whether it can ever be red: {branch} has no {path}, so that it advises unless the organisation's settings say `mode: enforce`"),
            format!("commit {path} with `mode: enforce` when you are ready"),
        ),
        Ok(Some(text)) => match settings::parse(&path, &text) {
            Ok(settings) if settings.mode == Mode::Enforce => diagnosis.good(AREA, format!("{branch} says `mode: enforce`")),
            Ok(_) => diagnosis.good(AREA, format!("{branch} says `mode: advise`: the check is always green")),
            Err(error) => diagnosis.wrong(AREA, format!("the settings do not parse: {error}"), "see `astride config check`"),
        },
        Err(error) => diagnosis.failed(AREA, &error),
    }
}

async fn own_settings(place: &Place, branch: &str, path: &RepoPath) -> Result<Option<String>, ForgeError> {
    let Some(tip) = place.branch_tip(branch).await? else { return Ok(None) };
    let tree = place.commit(tip).await?.tree;
    let Some(id) = place.find_file(tree, path).await? else { return Ok(None) };
    let blobs = place.blobs(BTreeSet::from([id])).await?;
    Ok(blobs.into_values().next().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

fn required(forge: &Forge, place: &Place, branch: &str, rules: &[wire::Rule], diagnosis: &mut Diagnosis) {
    let rulesets = format!("{}/{}/{}/settings/rules", forge.web_url(), place.owner, place.name);
    let ours: Vec<&wire::RequiredCheck> =
        rules.iter().flat_map(|rule| &rule.parameters.required_status_checks).filter(|check| check.context == CHECK).collect();
    let bind = format!("choose the App as the expected source of `{CHECK}`: {rulesets}");
    match ours.as_slice() {
        [] => diagnosis.not_verifiable(
            AREA,
            format!("whether `{CHECK}` is required on {branch}: no ruleset requires it, and branch protection of the older kind is for administrators to read"),
            format!("require it by a ruleset, with the App as its expected source: {rulesets}"),
        ),
        some if some.iter().any(|check| check.integration_id == Some(forge.app_id())) => {
            diagnosis.good(AREA, format!("a ruleset requires `{CHECK}` of this App on {branch}; who may bypass it is not verifiable"));
        }
        some if some.iter().all(|check| check.integration_id.is_none()) => diagnosis.wrong(
            AREA,
            format!("a ruleset requires `{CHECK}` on {branch} from anybody: whoever can write may report a check of that name"),
            bind,
        ),
        _ => diagnosis.wrong(AREA, format!("a ruleset requires `{CHECK}` on {branch} of another App"), bind),
    }
}

fn queued(app: &wire::App, branch: &str, rules: &[wire::Rule], diagnosis: &mut Diagnosis) {
    if rules.iter().all(|rule| rule.kind != "merge_queue") {
        return;
    }
    let hears = app.events.iter().any(|event| event == "merge_group") && app.permissions.contains_key(Permission::MergeQueues.key());
    if hears {
        diagnosis.good(AREA, format!("{branch} has a merge queue, and the App hears of its groups"));
    } else {
        let what = format!("{branch} has a merge queue, and the App does not hear of its groups");
        let without = Feature::MergeQueue.without().unwrap_or_default();
        diagnosis.wrong(
            AREA,
            format!("{what}: {without}"),
            "give the App read on merge queues and the event `merge_group`, in its settings",
        );
    }
}
