//! What the App asks for and what its installations granted, held against the table of permissions.

use crate::doctor::{Diagnosis, State};
use crate::forge::permissions::endpoints::EVENTS;
use crate::forge::permissions::{Feature, Level, Permission, Variant, features_of};
use crate::forge::shared::Forge;
use crate::forge::wire;
use std::collections::{BTreeMap, BTreeSet};

const PERMISSIONS: &str = "permissions";
const EVENTS_OF_APP: &str = "events";
const INSTALLATIONS: &str = "installations";

/// Permissions as the forge words them.
type Granted = BTreeMap<String, String>;

pub(super) async fn look(forge: &Forge, app: &wire::App, diagnosis: &mut Diagnosis) {
    let settings = format!("{}/permissions", settings_page(forge, app));
    permissions(&app.permissions, &settings, diagnosis);
    events(app, &settings, diagnosis);
    match forge.app().pages::<wire::Installation>("/app/installations").await {
        Ok((installations, _)) => of_installations(app, &installations, forge, diagnosis),
        Err(error) => diagnosis.failed(INSTALLATIONS, &error),
    }
}

/// Where the App's settings are changed; the owner's kind is not told, so that the page which leads to them is named.
fn settings_page(forge: &Forge, app: &wire::App) -> String {
    format!("{}/settings/apps/{}", forge.web_url(), app.slug)
}

/// What a grant lacks of the standard App, as permission and level.
fn lacking(granted: &Granted) -> Vec<(Permission, Level)> {
    let level = |permission: Permission| granted.get(permission.key()).and_then(|word| Level::from_word(word));
    Variant::Standard.permissions().into_iter().filter(|(permission, wanted)| level(*permission) < Some(*wanted)).collect()
}

/// The features that go with what is lacking. Whoever has no right to write may still read.
fn lost(granted: &Granted, lacking: &[(Permission, Level)]) -> BTreeSet<Feature> {
    let of = |(permission, level): &(Permission, Level)| {
        let reads = granted.contains_key(permission.key());
        let mut features = features_of(*permission, *level);
        if !reads {
            features.extend(features_of(*permission, Level::Read));
        }
        features
    };
    lacking.iter().flat_map(of).collect()
}

fn permissions(granted: &Granted, settings: &str, diagnosis: &mut Diagnosis) {
    let lacking = lacking(granted);
    if lacking.is_empty() {
        diagnosis.good(PERMISSIONS, "the App asks for all that the features need");
    }
    for (permission, level) in lacking {
        let name = format!("the App does not ask for {}: {}", permission.title(), level.word());
        say_lost(PERMISSIONS, &name, &lost(granted, &[(permission, level)]), settings, diagnosis);
    }
    for (key, word) in unused(granted) {
        diagnosis.add(
            PERMISSIONS,
            State::LeftOut,
            format!("the App asks for {key}: {word}, which nothing here uses"),
            format!("take it away: {settings}"),
        );
    }
}

/// What is granted beyond the table.
fn unused(granted: &Granted) -> Vec<(&String, &String)> {
    let standard = Variant::Standard.permissions();
    let wanted = |key: &str| standard.iter().find(|(permission, _)| permission.key() == key).map(|(_, level)| *level);
    granted.iter().filter(|(key, word)| Level::from_word(word) > wanted(key)).collect()
}

/// Wrong where nothing works without it, and left out where something else still does.
fn say_lost(area: &'static str, what: &str, lost: &BTreeSet<Feature>, settings: &str, diagnosis: &mut Diagnosis) {
    let needed: Vec<&str> = lost.iter().filter(|feature| feature.without().is_none()).map(|feature| feature.words()).collect();
    if !needed.is_empty() {
        diagnosis.wrong(area, format!("{what}, which is needed for {}", needed.join(", ")), format!("change it: {settings}"));
        return;
    }
    let without: Vec<&str> = lost.iter().filter_map(|feature| feature.without()).collect();
    diagnosis.add(area, State::LeftOut, format!("{what}; {}", without.join("; ")), format!("if you want it: {settings}"));
}

fn events(app: &wire::App, settings: &str, diagnosis: &mut Diagnosis) {
    let missing: Vec<_> = EVENTS.iter().filter(|event| !app.events.iter().any(|known| known == event.name)).collect();
    if missing.is_empty() {
        diagnosis.good(EVENTS_OF_APP, "the App subscribes to all that it needs");
    }
    for event in missing {
        let what = format!("the App does not subscribe to `{}`", event.name);
        say_lost(EVENTS_OF_APP, &what, &BTreeSet::from([event.feature]), settings, diagnosis);
    }
}

fn of_installations(app: &wire::App, installations: &[wire::Installation], forge: &Forge, diagnosis: &mut Diagnosis) {
    if installations.is_empty() {
        let page = if app.html_url.is_empty() { format!("{}/apps/{}", forge.web_url(), app.slug) } else { app.html_url.clone() };
        diagnosis.wrong(INSTALLATIONS, "the App is installed nowhere", format!("install it: {page}/installations/new"));
    }
    for installation in installations {
        let account = installation.account.as_ref().map_or("an enterprise", |account| account.login.as_str());
        if installation.suspended_at.is_some() {
            diagnosis.wrong(INSTALLATIONS, format!("{account} has suspended the App"), format!("lift it: {}", installation.html_url));
            continue;
        }
        let level = |granted: &Granted, key: &str| granted.get(key).and_then(|word| Level::from_word(word));
        let refused: Vec<String> = app
            .permissions
            .iter()
            .filter(|(key, word)| level(&installation.permissions, key) < Level::from_word(word))
            .map(|(key, word)| format!("{key}: {word}"))
            .collect();
        if refused.is_empty() {
            diagnosis.good(INSTALLATIONS, format!("{account} granted what the App asks for"));
        } else {
            let what = format!("{account} has not accepted what the App asks for since: {}", refused.join(", "));
            diagnosis.wrong(INSTALLATIONS, what, format!("an owner of {account} accepts it: {}", installation.html_url));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Granted, lacking, lost, unused};
    use crate::forge::permissions::{Feature, Level, Permission, Variant};

    fn granted(variant: Variant) -> Granted {
        variant.permissions().into_iter().map(|(permission, level)| (permission.key().to_owned(), level.word().to_owned())).collect()
    }

    #[test]
    fn what_is_lacking_is_named_with_its_features() {
        assert!(lacking(&granted(Variant::Standard)).is_empty());
        let read_only = granted(Variant::ReadOnly);
        let lacking_there = lacking(&read_only);
        assert_eq!(lacking_there, [(Permission::Contents, Level::Write), (Permission::Issues, Level::Write)]);
        let lost_there = lost(&read_only, &lacking_there);
        assert!(lost_there.contains(&Feature::Ledger) && !lost_there.contains(&Feature::Change), "{lost_there:?}");
        let nothing = Granted::new();
        assert!(lost(&nothing, &lacking(&nothing)).contains(&Feature::Change));
    }

    #[test]
    fn what_nothing_uses_is_named() {
        let mut much = granted(Variant::Standard);
        much.insert("administration".to_owned(), "write".to_owned());
        much.insert("members".to_owned(), "write".to_owned());
        assert_eq!(unused(&much).len(), 2);
    }
}
