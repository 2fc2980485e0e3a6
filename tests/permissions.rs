//! The table of endpoints and permissions: what SECURITY.md says is what it says, each row is documented by GitHub, and the webhook's edge
//! knows the events that it subscribes to.

mod contract;
mod shared;

use astride::forge::permissions::endpoints::{ALWAYS_SENT, ENDPOINTS, EVENTS};
use astride::forge::permissions::{Feature, Level, Permission, Variant, features_of};
use astride::server;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Around the generated part of SECURITY.md.
const MARKS: (&str, &str) = ("<!-- permissions -->\n", "<!-- /permissions -->\n");

#[test]
fn security_md_says_what_the_table_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let page = fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once(MARKS.0).expect("the mark is there");
    let (_, after) = rest.split_once(MARKS.1).expect("the mark is there");
    let expected = format!("{before}{}{}{}{after}", MARKS.0, render(), MARKS.1);
    shared::expect(&file, &expected).unwrap_or_else(|error| panic!("{error}"));
}

fn render() -> String {
    let mut page = String::from("| permission | standard | read-only | for | without it |\n|---|---|---|---|---|\n");
    let level = |variant: Variant, permission| variant.permissions().get(&permission).map_or("–", |level| level.word());
    for permission in Permission::ALL {
        let features: BTreeSet<Feature> =
            [Level::Read, Level::Write].into_iter().flat_map(|level| features_of(permission, level)).collect();
        let without: Vec<&str> = features.iter().filter_map(|feature| feature.without()).collect();
        let is_needed = features.iter().any(|feature| feature.without().is_none());
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} |",
            permission.title(),
            level(Variant::Standard, permission),
            level(Variant::ReadOnly, permission),
            features.iter().map(|feature| feature.words()).collect::<Vec<_>>().join("; "),
            if is_needed { "nothing works".to_owned() } else { without.join("; ") },
        );
    }
    let events: Vec<String> = EVENTS.iter().map(|event| format!("`{}`", event.name)).collect();
    let _ = writeln!(page, "\nEvents: {}; those of installations come by themselves.", events.join(", "));
    page
}

#[test]
fn every_endpoint_is_described_or_names_its_page() {
    let Some(contract) = contract::load() else { return };
    let undocumented: Vec<String> = ENDPOINTS
        .iter()
        .filter(|endpoint| !contract.describes(endpoint.method, endpoint.path) && !endpoint.page.starts_with("https://docs.github.com/en/"))
        .map(|endpoint| format!("{} {} {}", endpoint.method, endpoint.path, endpoint.field))
        .collect();
    assert!(undocumented.is_empty(), "{undocumented:#?}");
}

#[test]
fn the_edge_knows_every_event_that_comes() {
    let subscribed: BTreeSet<&str> = EVENTS.iter().map(|event| event.name).chain(ALWAYS_SENT).collect();
    assert_eq!(BTreeSet::from(server::EVENTS), subscribed);
}
