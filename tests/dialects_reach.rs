//! Which properties the catalogue reads of a type that no Terraform type of the dialect can state: `tests/cases/dialects/unreached.txt`, a
//! recorded list that `BLESS=1` rewrites. What is in it is either not to be had in Terraform, or waits for its line in the table.

#![allow(clippy::unwrap_used, reason = "a test that fails says why")]

use astride::catalog::entry::{ENTRIES, End, Entry, FactEntry};
use astride::dialects::terraform::aws::table::{Field, Makes, Shape, TYPES};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What translations in Rust state.
const TRANSLATED: &[(&str, &str)] = &[
    ("AWS::CodeBuild::Project", "Triggers"),
    ("AWS::EC2::SecurityGroupIngress", "GroupId"),
    ("AWS::IAM::Group", "ManagedPolicyArns"),
    ("AWS::IAM::ManagedPolicy", "Groups"),
    ("AWS::IAM::ManagedPolicy", "Roles"),
    ("AWS::IAM::ManagedPolicy", "Users"),
    ("AWS::IAM::Role", "ManagedPolicyArns"),
    ("AWS::IAM::User", "ManagedPolicyArns"),
    ("AWS::IAM::UserToGroupAddition", "GroupName"),
    ("AWS::IAM::UserToGroupAddition", "Users"),
    ("AWS::Elasticsearch::Domain", "LogPublishingOptions"),
    ("AWS::OpenSearchService::Domain", "LogPublishingOptions"),
];

#[test]
fn what_cannot_be_stated_is_recorded() {
    let stated = stated();
    let mut found = String::new();
    let mut kinds = 0;
    for entry in ENTRIES {
        let Some(reached) = stated.get(entry.kind) else { continue };
        kinds += 1;
        let missing: Vec<String> = read_by(entry).into_iter().filter(|path| !is_reached(path, reached)).collect();
        if !missing.is_empty() {
            writeln!(found, "{}", entry.kind).unwrap();
            missing.iter().for_each(|path| writeln!(found, "  {path}").unwrap());
        }
    }
    assert!(kinds > 200, "{kinds} types are translated");
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/dialects/unreached.txt");
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(&recorded, &found).unwrap();
    }
    let before = fs::read_to_string(&recorded).unwrap_or_default();
    assert_eq!(before, found, "{}", diffy::create_patch(&before, &found));
}

/// Where values of each type can be put; what follows a path that ends in a `*` is anything.
fn stated() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (kind, path) in TRANSLATED {
        all.entry(kind).or_default().insert(format!("{path}.*"));
    }
    for known in TYPES {
        let kind = match known.makes {
            Makes::Nothing => continue,
            Makes::Resource(kind) => kind,
            Makes::Part(part) => part.of,
        };
        let paths = all.entry(kind).or_default();
        known.fields.iter().for_each(|field| targets(field, known.under, paths));
        for beside in known.beside {
            let paths = all.entry(beside.kind).or_default();
            paths.insert(plain(beside.names));
            paths.insert(format!("{}.*", plain(beside.under)));
        }
    }
    all
}

fn targets(field: &Field, above: &str, found: &mut BTreeSet<String>) {
    if field.to == "-" {
        return;
    }
    let path = match (field.to.strip_prefix('/'), above, field.to) {
        (Some(absolute), ..) => absolute.to_owned(),
        (None, above, "") => above.to_owned(),
        (None, "", to) => to.to_owned(),
        (None, above, to) => format!("{above}.{to}"),
    };
    found.insert(plain(&path));
    // A pair of a key and a value is a list of both.
    if let Some((list, _)) = path.split_once("[Key=") {
        found.insert(format!("{}.*", plain(list)));
    }
    if matches!(field.shape, Shape::Document | Shape::Pairs(_)) || field.fields.is_empty() {
        found.insert(format!("{}.*", plain(&path)));
    }
    field.fields.iter().for_each(|inner| targets(inner, &path, found));
}

/// Without what tells lists from single values.
fn plain(path: &str) -> String {
    path.replace("[]", "").trim_matches('.').to_owned()
}

fn is_reached(path: &str, reached: &BTreeSet<String>) -> bool {
    let path = plain(path);
    let path = path.trim_end_matches(".*");
    let begins = |known: &String| known.starts_with(path) && known[path.len()..].starts_with('.');
    let within =
        |known: &String| known.strip_suffix(".*").is_some_and(|known| path.starts_with(known) && path[known.len()..].starts_with('.'));
    reached.contains(path) || reached.iter().any(|known| begins(known) || within(known))
}

/// The properties that an entry reads.
fn read_by(entry: &Entry) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut add = |path: &str, each: &str| {
        if path.starts_with('@') || (path.is_empty() && each.is_empty()) {
            return;
        }
        let between = if path.is_empty() || each.is_empty() { "" } else { "." };
        found.insert(format!("{each}{between}{path}"));
    };
    add(entry.name, "");
    let lists = [entry.folds, entry.admits, entry.absorbs, entry.stands_for, entry.joins, entry.environment, entry.holds, entry.network];
    lists.into_iter().flatten().for_each(|path| add(path, ""));
    entry.attaches.iter().for_each(|(path, _)| add(path, ""));
    facts(entry.facts).for_each(|path| add(path, ""));
    for part in entry.parts {
        facts(part.facts).for_each(|path| add(path, part.each));
    }
    for flow in entry.flows {
        for end in [flow.from, flow.to] {
            if let End::Property(path) | End::After(path, _) | End::Bus(path) | End::Call(path) = end {
                add(path, flow.each);
            }
        }
        facts(flow.facts).for_each(|path| add(path, flow.each));
        [flow.when, flow.unless].into_iter().flatten().for_each(|condition| add(condition.property, ""));
    }
    if let Some(holding) = &entry.keeps {
        holding.serves.iter().for_each(|path| add(path, ""));
        holding.retained.iter().for_each(|retained| add(retained.property, retained.each));
        holding.off.iter().for_each(|off| add(off.property, ""));
    }
    found
}

fn facts(entries: &'static [FactEntry]) -> impl Iterator<Item = &'static str> {
    entries.iter().flat_map(|entry| entry.readings.iter().map(|reading| reading.property))
}
