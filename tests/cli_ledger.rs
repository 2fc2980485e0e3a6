//! `astride ledger`: the audit trail of a branch, whether it only grew, and what an auditor is handed.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;
mod shared;

use astride::change::{Day, ObjectId, Timestamp};
use astride::decisions::Verdict;
use astride::decisions::trail::{self, Entry};
use astride::report::audit::{Audit, Growth, Release, Wanted, csv, html, json, text};
use astride::report::text::Style;
use local::{Local, OPEN_QUEUE, QUEUE};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn case() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ledger")
}

/// The ledger of the case, read as on 2026-11-24.
fn quarter() -> Audit {
    let folder = case().join("quarter");
    let path = |file: &Path| file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
    let files: BTreeMap<String, String> =
        shared::files(&folder).iter().map(|file| (path(file), fs::read_to_string(file).unwrap())).collect();
    let trail = trail::read(&files, Timestamp::parse("2026-11-24T12:00:00Z").unwrap());
    Audit {
        branch: "astride-ledger".to_owned(),
        tip: ObjectId([0xab; 20]),
        asked: Vec::new(),
        entries: trail.entries,
        unreadable: trail.unreadable,
        unplaced: 0,
        growth: Growth { commits: 14, unsigned: 1, strangers: BTreeSet::from(["README.md".to_owned()]), ..Growth::default() },
        own_rules: Vec::new(),
    }
}

#[test]
fn each_format_says_all_of_it() {
    let audit = quarter();
    let threat: Vec<&Entry> = audit.entries.iter().filter(|entry| entry.block.threat == "OrdersFn/S-02c2e798").collect();
    let mut wrong = Vec::new();
    for (file, actual) in [
        ("log.txt", text::log(&audit, &Style::default())),
        ("show.txt", text::show(&threat, &Style::default())),
        ("verify.txt", text::verified(&audit, &Style::default())),
        ("export.csv", csv::render(&audit)),
        ("export.json", json::render(&audit)),
        ("export.html", html::render(&audit).replace(astride::CATALOGUE_VERSION, "VERSION")),
    ] {
        wrong.extend(shared::expect(&case().join(file), &actual).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_became_of_each_word_is_told() {
    let audit = quarter();
    let states: Vec<(u64, &str)> = audit.entries.iter().map(|entry| (entry.block.comment, entry.state.word())).collect();
    assert_eq!(
        states,
        [
            (21, "stands"),
            (1, "stands"),
            (2, "said"),
            (0, "said"),
            (3, "ended"),
            (4, "replaced"),
            (11, "over"),
            (0, "said"),
            // A proposal displaces nothing.
            (5, "stands"),
            (6, "proposed"),
            // Two threats went in unanswered with a merge, and one of them was answered later.
            (0, "said"),
            (0, "owed"),
            (0, "answered"),
            (7, "taken back"),
            (8, "said"),
            (9, "taken back"),
            (10, "said"),
            (13, "stands"),
            (14, "stands"),
            (12, "holds"),
        ]
    );
    let confirmed = audit.entries.iter().find(|entry| entry.block.comment == 1).unwrap();
    assert_eq!(confirmed.confirmed[0].0.login, "rita");
}

#[test]
fn a_proposal_takes_its_place_when_it_is_confirmed() {
    let file = "7/template.yaml.yml".to_owned();
    let text = fs::read_to_string(case().join("quarter").join(&file)).unwrap();
    let confirmation = text.split("- version: 2\n").find(|block| block.contains("verdict: confirmed")).unwrap();
    // What was said last.
    let confirmation = confirmation.replace("  confirms: \"https://github.com/acme/shop/pull/1#issuecomment-1\"\n", "");
    let of = |id: &str, by: &str| {
        let confirmation = confirmation.replace("STR-FURL-S-01", "STR-SQS-S-01").replace("2026-10-02T09:30:00Z", "2026-10-30T09:30:00Z");
        let confirmation = confirmation.replace("02c2e798af53b20f763eada74c669cd9b60ceadf040b42398b753e65c9ec3df7", &"c3".repeat(32));
        format!("- version: 2\n{}", confirmation.replace("1004", id).replace("rita", by))
    };
    let states = |more: String| {
        let files = BTreeMap::from([(file.clone(), format!("{text}{more}"))]);
        let trail = trail::read(&files, Timestamp::parse("2026-11-24T12:00:00Z").unwrap());
        let state = |comment| trail.entries.iter().find(|entry| entry.block.comment == comment).unwrap().state.word();
        (state(5), state(6))
    };
    assert_eq!(states(of("1004", "rita")), ("replaced", "stands"));
    assert_eq!(states(of("1003", "mona")), ("stands", "proposed"), "nobody confirms an own word");
}

/// A word that was carried over is counted once, whichever of the two files comes first.
#[test]
fn what_was_carried_over_is_told_of_under_its_new_name() {
    let text = fs::read_to_string(case().join("quarter/7/template.yaml.yml")).unwrap();
    let owed = text.split("- version: 2\n").find(|block| block.contains("Topic/I-e5e5e5e5")).unwrap();
    for name in ["7/a.yml", "7/z.yml"] {
        let moved = owed.replace("template.yaml#Topic", "other.yaml#Topic").replace(&"e5".repeat(32), &"e6".repeat(32));
        let moved = format!("- version: 2\n{moved}  carried_from: \"template.yaml#Topic\"\n");
        let files = BTreeMap::from([(name.to_owned(), moved), ("7/template.yaml.yml".to_owned(), text.clone())]);
        let trail = trail::read(&files, Timestamp::parse("2026-11-24T12:00:00Z").unwrap());
        let states: BTreeSet<(&str, &str)> = trail
            .entries
            .iter()
            .filter(|entry| entry.block.threat == "Topic/I-e5e5e5e5")
            .map(|entry| (entry.file.as_str(), entry.state.word()))
            .collect();
        assert_eq!(states, BTreeSet::from([(name, "owed"), ("7/template.yaml.yml", "carried")]));
    }
}

#[test]
fn a_period_and_verdicts_narrow_it() {
    let comments = |wanted: &Wanted| quarter().narrowed(wanted).entries.iter().map(|entry| entry.block.comment).collect::<Vec<_>>();
    let october = Wanted { since: Day::parse("2026-10-20"), until: Day::parse("2026-10-22"), ..Wanted::default() };
    assert_eq!(comments(&october), [5, 6, 0, 0, 0, 7, 8], "both days count");
    let emergencies = Wanted { verdicts: BTreeSet::from([Verdict::Emergency]), ..Wanted::default() };
    assert_eq!(comments(&emergencies), [11, 12]);
    assert_eq!(comments(&Wanted { repository: Some(8), ..Wanted::default() }), [21]);
    // What became of a word is told by the whole ledger, and not by what is listed of it.
    let first = quarter().narrowed(&Wanted { until: Day::parse("2026-10-06"), ..Wanted::default() });
    assert_eq!(first.entries.last().unwrap().state.word(), "replaced");
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ledger-export.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let right: Value = serde_json::from_str(&json::render(&quarter())).unwrap();
    let errors: Vec<String> = validator.iter_errors(&right).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    for (described, printed) in [(&schema["properties"], &right), (&schema["$defs"]["entry"]["properties"], &right["entries"][0])] {
        let described: BTreeSet<&String> = described.as_object().unwrap().keys().collect();
        assert_eq!(described, printed.as_object().unwrap().keys().collect(), "every property is described");
    }
    for (pointer, value) in [("/entries/0/verdict", Value::from("fine")), ("/tip", Value::from("main")), ("/sums/closed", Value::from(1))] {
        let mut wrong = right.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
}

/// A pull request that was squashed is told of by the record of its merge.
#[test]
fn a_release_has_what_went_in_with_its_merges() {
    let of = |digit: u8| Release {
        name: "v2".to_owned(),
        commits: BTreeSet::from([ObjectId([digit; 20])]),
        earlier: BTreeSet::from([ObjectId([0x73; 20])]),
    };
    let narrowed = quarter().narrowed(&Wanted { release: Some(of(0x71)), ..Wanted::default() });
    let pulls: BTreeSet<u64> = narrowed.entries.iter().map(|entry| entry.block.pull).collect();
    assert_eq!((narrowed.entries.len(), pulls), (3, BTreeSet::from([1])));
    let all = quarter().entries.len();
    let of_merged = quarter().entries.iter().filter(|entry| entry.repository == 7 && [1, 3].contains(&entry.block.pull)).count();
    assert_eq!(narrowed.unplaced, all - of_merged, "what is in an earlier release is not unknown");
}

#[test]
fn what_went_past_the_gate_is_told_apart() {
    let audit = quarter();
    let past: Vec<(&str, Option<&str>)> =
        audit.exceptions().map(|entry| (entry.block.threat.as_str(), entry.block.merge.as_ref().map(|merge| merge.gate.word()))).collect();
    assert_eq!(past, [("emergency/OPS-7", None), ("merge/6", Some("emergency")), ("merge/3", Some("bypassed")), ("emergency/OPS-8", None)]);
    assert_eq!(audit.owed(), 1);
}

/// A clone in which two things were decided.
fn decided() -> (Local, String) {
    let local = Local::with(&[("template.yaml", OPEN_QUEUE)]);
    let register = local.astride(&["threats", "--format", "json", "--state", "open"]).ending(0);
    let register: Value = serde_json::from_str(&register).unwrap();
    let id = register["threats"][0]["id"].as_str().unwrap().to_owned();
    local.astride(&["decide", "--user-id", "42", "--repository-id", "7", "accept", &id, "a toy"]).ending(0);
    local.git(&["tag", "v1"]);
    local.commit("a second queue", &[("more.yaml", QUEUE)]);
    local.astride(&["decide", "--user-id", "42", "--repository-id", "7", "reopen", &id, "no toy any more"]).ending(0);
    local.git(&["tag", "v2"]);
    (local, id)
}

/// What an own rule refers to stands where it stands of a built-in one, as soon as the organisation is handed over.
#[test]
fn references_of_own_rules_are_exported() {
    let local = Local::with(&[("template.yaml", OPEN_QUEUE)]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/own/a_rule_is_taken");
    let organisation = ["--organisation", folder.to_str().unwrap()];
    let register = local.astride(&[&["threats", "--format", "json", "--state", "open"], &organisation[..]].concat()).ending(0);
    let register: Value = serde_json::from_str(&register).unwrap();
    let own = register["threats"].as_array().unwrap().iter().find(|threat| threat["rule"] == "OWN-DATA-I-01").expect("the rule speaks");
    let decision = ["--user-id", "42", "--repository-id", "7", "accept", own["id"].as_str().unwrap(), "a toy"];
    local.astride(&[&["decide"], &organisation[..], &decision].concat()).ending(0);
    let exported = |arguments: &[&str]| export(&local, arguments)["entries"][0]["references"].clone();
    assert_eq!(exported(&[]), serde_json::json!([]));
    let named = serde_json::json!([{"id": "CWE-311", "name": "Missing Encryption of Sensitive Data"}, {"id": "ACME-SEC-12", "name": null}]);
    assert_eq!(exported(&organisation), named);
    for (format, shown) in [("csv", "CWE-311; ACME-SEC-12"), ("html", " · CWE-311 · ACME-SEC-12")] {
        let printed = local.astride(&[&["ledger", "export", "--format", format], &organisation[..]].concat()).ending(0);
        assert!(printed.contains(shown), "{printed}");
    }
}

fn export(local: &Local, arguments: &[&str]) -> Value {
    let printed = local.astride(&[&["ledger", "export"], arguments].concat()).ending(0);
    serde_json::from_str(&printed).unwrap()
}

#[test]
fn the_branch_of_a_clone_is_read() {
    let (local, id) = decided();
    let log = local.astride(&["ledger", "log"]).ending(0);
    let (reopened, accepted) = (log.find("reopened").unwrap(), log.find("accepted  ").unwrap());
    assert!(log.starts_with("2 entries: 1 accepted, 1 reopened") && reopened < accepted, "{log}");
    assert!(log.contains("taken back by mona"), "{log}");
    let shown = local.astride(&["ledger", "show", &id]).ending(0);
    let commit = local.git(&["rev-parse", "astride-ledger"]);
    assert!(shown.find("a toy").unwrap() < shown.find("no toy any more").unwrap() && shown.contains(&commit), "{shown}");
    let of_commit = local.astride(&["ledger", "show", &commit[..8]]).ending(0);
    assert!(of_commit.contains("no toy any more") && !of_commit.contains("a toy"), "{of_commit}");
    let error = local.astride(&["ledger", "show", "#4"]).refused();
    assert!(error.contains("nothing in the ledger is named #4"), "{error}");
    let verified = local.astride(&["ledger", "verify", "--from", "astride-ledger~1"]).ending(0);
    assert!(verified.contains("the branch only grew") && verified.contains("2 commits without a signature"), "{verified}");
    let error = local.astride(&["ledger", "log", "--ledger", "none"]).refused();
    assert!(error.contains("there is no branch none here\nhint: `git fetch"), "{error}");
}

#[test]
fn a_release_has_what_was_said_of_its_commits() {
    let (local, _) = decided();
    let verdicts = |release: &str| {
        let exported = export(&local, &["--release", release]);
        exported["entries"].as_array().unwrap().iter().map(|entry| entry["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(verdicts("v1"), ["accepted"]);
    assert_eq!(verdicts("v1..v2"), ["reopened"]);
    assert_eq!(verdicts("v2"), ["accepted", "reopened"]);
    // A head that was squashed is in no history.
    local.git(&["switch", "-q", "--orphan", "squashed"]);
    local.commit("all of it", &[("template.yaml", OPEN_QUEUE)]);
    let ran = local.astride(&["ledger", "export", "--release", "squashed"]);
    assert!(ran.err.contains("2 entries are left out, because the head"), "{}", ran.err);
    let exported: Value = serde_json::from_str(&ran.ending(0)).unwrap();
    assert_eq!((&exported["unplaced"], exported["entries"].as_array().unwrap().len()), (&Value::from(2), 0));
}

/// What an App writes when something is merged unanswered.
#[test]
fn the_register_shows_debt_with_its_sum() {
    let (local, id) = decided();
    local.git(&["switch", "-q", "astride-ledger"]);
    let text = local.read("7/template.yaml.yml");
    let block = text.split("- version: 2\n").find(|block| block.contains("verdict: accepted")).unwrap();
    let merged = block.replace("verdict: accepted", "verdict: merged-open").replace("pull: 0", "pull: 12");
    let merged = merged.replace("url: \"\"", "url: \"https://github.com/acme/shop/pull/12\"");
    local.write("7/template.yaml.yml", &format!("# Decisions\n- version: 2\n{merged}"));
    local.commit("merged", &[]);
    local.git(&["switch", "-q", "work"]);
    let register = || serde_json::from_str::<Value>(&local.astride(&["threats", "--format", "json"]).ending(0)).unwrap();
    let of = |register: &Value| register["threats"].as_array().unwrap().iter().find(|threat| threat["id"] == id.as_str()).unwrap().clone();
    let owed = register();
    assert_eq!(owed["debt"], serde_json::json!({"merged_open": 1, "deferred": 0}));
    assert_eq!(of(&owed)["owed"]["pull"], 12);
    assert_eq!(owed["threats"].as_array().unwrap().iter().filter(|threat| !threat["owed"].is_null()).count(), 1);
    for (format, words) in [
        ("text", "; debt: 1 merged unanswered"),
        ("text", "debt: merged unanswered in #12 by mona on "),
        ("markdown", "| open, debt: merged unanswered in "),
        ("csv", ",merged unanswered in #12 by mona on "),
    ] {
        let shown = local.astride(&["threats", "--format", format]).ending(0);
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let said = local.astride(&["ledger", "log"]).ending(0);
    assert!(said.contains("nobody has answered it since"), "{said}");

    local.astride(&["decide", "--user-id", "42", &format!("defer {id} with the new account until=2099-01-01")]).refused();
    local.astride(&["decide", "--user-id", "42", &format!("defer {id} with the new account ticket=OPS-12")]).ending(0);
    let deferred = register();
    assert_eq!(deferred["debt"], serde_json::json!({"merged_open": 0, "deferred": 1}));
    assert_eq!(of(&deferred)["owed"], Value::Null);
}

/// Commits a file of the ledger branch as somebody would by hand, and says what `verify` says then.
fn tampered(change: impl Fn(&str) -> Option<String>) -> (i32, String) {
    let (local, _) = decided();
    local.git(&["switch", "-q", "astride-ledger"]);
    let old = local.read("7/template.yaml.yml");
    match change(&old) {
        Some(text) => local.write("7/template.yaml.yml", &text),
        None => fs::remove_file(local.file("7/template.yaml.yml")).unwrap(),
    }
    local.commit("by hand", &[]);
    local.git(&["switch", "-q", "work"]);
    let ran = local.astride(&["ledger", "verify"]);
    (ran.code, ran.out)
}

#[test]
fn whoever_changes_what_stood_there_is_found() {
    for (change, code, said) in [
        (
            (|old: &str| Some(old.replace("a toy", "no threat"))) as fn(&str) -> Option<String>,
            1,
            "changes what stood in 7/template.yaml.yml",
        ),
        (|_| None, 1, "deletes 7/template.yaml.yml"),
        (|old| Some(format!("{old}  until: \"2099-01-01\"\n")), 1, "in 7/template.yaml.yml"),
        (|old| Some(format!("{old}- verdict: [\n")), 1, "cannot be read"),
        (|old| Some(format!("{old}# nothing\n")), 0, "the branch only grew"),
    ] {
        let (ended, out) = tampered(change);
        assert!(ended == code && out.contains(said), "{said}: {ended} {out}");
    }
}

#[test]
fn a_branch_that_was_rewritten_does_not_descend_from_where_it_was() {
    let (local, _) = decided();
    let before = local.git(&["rev-parse", "astride-ledger"]);
    local.git(&["branch", "-f", "astride-ledger", "astride-ledger~1"]);
    local.astride(&["ledger", "verify"]).ending(0);
    let said = local.astride(&["ledger", "verify", "--from", &before]).ending(1);
    assert!(said.contains(&format!("the branch does not descend from {before}")), "{said}");
    let exported = local.astride(&["ledger", "export", "--format", "html", "-o", "ledger.html"]);
    assert_eq!(exported.code, 0, "{}", exported.err);
    assert!(local.read("ledger.html").contains("a toy"));
}

#[test]
fn a_shallow_clone_cannot_tell() {
    let (local, _) = decided();
    let clone = Local::begin();
    let from = format!("file://{}", local.path().display());
    clone.git(&["fetch", "-q", "--depth", "1", &from, "astride-ledger:astride-ledger"]);
    let said = clone.astride(&["ledger", "verify"]).ending(2);
    assert!(said.contains("it cannot be told") && said.contains("the clone is shallow"), "{said}");
    assert!(clone.astride(&["ledger", "log"]).ending(0).contains("2 entries"));
}
