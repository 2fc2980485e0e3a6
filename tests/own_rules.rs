//! What an organisation has of its own: whether it is taken, what is said of it where it is not, and what the command line does with it.
//!
//! `tests/cases/own/<what>` is a clone of a `.github` repository each, and `expected.txt` what `astride config check` says of it.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot set itself up fails, and a figure is read")]

mod local;
mod shared;

use astride::model::Model;
use astride::settings::own::{self, MAX_BYTES, MAX_FILE_BYTES, MAX_FILES, Own, OwnTexts};
use astride::source::RepoPath;
use astride::stride::threats::find_threats;
use local::{Local, QUEUE};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const RULES: &str = "astride/rules/data.yml";

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/own")
}

/// The clone in which a rule asks that queues have a key of the platform team.
fn organisation() -> String {
    cases().join("a_rule_is_taken").display().to_string()
}

fn rule() -> String {
    fs::read_to_string(cases().join("a_rule_is_taken").join(RULES)).unwrap()
}

fn texts(files: &[(&str, String)]) -> OwnTexts {
    files.iter().map(|(path, text)| (RepoPath::new(path), text.clone())).collect()
}

#[test]
fn each_mistake_is_named_with_its_line() {
    let local = Local::begin();
    let mut wrong = Vec::new();
    let mut folders: Vec<PathBuf> = fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let mut said = BTreeSet::new();
    for folder in &folders {
        let ran = local.astride(&["config", "check", &folder.display().to_string()]);
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(ran.code, if name.ends_with("_is_taken") { 0 } else { 2 }, "{name}: {}{}", ran.out, ran.err);
        assert_eq!(ran.err, "", "{name}");
        assert!(said.insert(ran.out.clone()), "{name} says the same as another case: {}", ran.out);
        wrong.extend(shared::expect(&folder.join("expected.txt"), &ran.out).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_read_is_bounded() {
    let many: Vec<(String, String)> = (0..=MAX_FILES).map(|number| (format!("astride/rules/{number}.yml"), "[]".to_owned())).collect();
    let many: Vec<(&str, String)> = many.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let comment = |bytes: usize| format!("#{}\n[]\n", "x".repeat(bytes));
    let large: Vec<(String, String)> =
        (0..=MAX_BYTES / MAX_FILE_BYTES).map(|number| (format!("astride/rules/{number}.yml"), comment(MAX_FILE_BYTES - 10))).collect();
    let large: Vec<(&str, String)> = large.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let rules: String =
        (0..201).map(|number| rule().replace("OWN-DATA-I-01", &format!("OWN-D{}-I-{:02}", number / 100, number % 100))).collect();
    let (first, others) = rules.split_at(rules.match_indices("- id:").nth(70).unwrap().0);
    let (second, third) = others.split_at(others.match_indices("- id:").nth(70).unwrap().0);
    let anchors = "- &a [x, x, x, x, x, x, x, x, x]\n".to_owned()
        + &(0..9).map(|_| "- &a [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n").collect::<String>();
    let long = rule().replace("[none, provider_default, provider_kms]", &format!("[{}none]", "none, ".repeat(200)));
    for (files, part) in [
        (many, "51 files"),
        (vec![(RULES, comment(MAX_FILE_BYTES))], "at most 65536"),
        (large, "together"),
        (
            vec![
                ("astride/rules/1.yml", first.to_owned()),
                ("astride/rules/2.yml", second.to_owned()),
                ("astride/rules/3.yml", third.to_owned()),
            ],
            "201 rules",
        ),
        (vec![(RULES, long)], "at most 200"),
        (vec![(RULES, anchors)], "astride/rules/data.yml"),
        (vec![(RULES, "[".repeat(10_000))], "astride/rules/data.yml"),
    ] {
        let errors = own::check(&texts(&files)).err().unwrap_or_else(|| panic!("{part}"));
        assert!(errors[0].to_string().contains(part), "{part}: {}", errors[0]);
    }
}

#[test]
fn a_review_asks_what_the_organisation_asks() {
    let local = Local::with(&[("README.md", "shop\n")]);
    local.commit("a queue", &[("template.yaml", QUEUE)]);
    let folder = organisation();
    let json = |out: &str| serde_json::from_str::<Json>(out).unwrap();
    assert_eq!(json(&local.astride(&["review", "--format", "json"]).ending(0))["verdict"], "clear");
    let told = ["review", "--organisation", &folder, "--format"];
    let review = json(&local.astride(&[&told[..], &["json"]].concat()).ending(1));
    let blocking: Vec<&Json> = review["threats"].as_array().unwrap().iter().filter(|threat| threat["blocks"] == true).collect();
    let [threat] = blocking.as_slice() else { panic!("{blocking:#?}") };
    assert_eq!((&threat["rule"], &threat["facts"]["at_rest"]), (&Json::from("OWN-DATA-I-01"), &Json::from("provider_default")));
    assert_eq!(threat["title"], "Jobs is not encrypted by a key of the platform team: provider_default");
    for format in ["text", "markdown", "html", "sarif"] {
        let out = local.astride(&[&told[..], &[format, "--docs-url", "https://docs.acme.example"]].concat()).ending(1);
        let said = if format == "markdown" { "the platform team" } else { "OWN-DATA-I-01" };
        assert!(out.contains(said) && !out.contains("rules/OWN-"), "{format}: {out}");
    }
    let register = json(&local.astride(&["threats", "--organisation", &folder, "--state", "open", "--format", "json"]).ending(0));
    assert!(register["threats"].as_array().unwrap().iter().any(|threat| threat["rule"] == "OWN-DATA-I-01"), "{register}");
    // What the template shows answers it.
    local.commit(
        "a key",
        &[("template.yaml", &format!("{QUEUE}    Properties: {{KmsMasterKeyId: 'arn:aws:kms:eu-west-1:111122223333:key/1'}}\n"))],
    );
    local.astride(&[&told[..], &["json"]].concat()).ending(0);
}

/// What people state of an own fact is read from annotations and settings, and by whom the rule reads it is asked.
#[test]
fn an_own_fact_is_stated() {
    let folder = cases().join("a_fact_is_taken").display().to_string();
    let review = |local: &Local, code: i32| {
        let out = local.astride(&["review", "--organisation", &folder, "--format", "json"]).ending(code);
        serde_json::from_str::<Json>(&out).unwrap()
    };
    let threat =
        |review: &Json| review["threats"].as_array().unwrap().iter().find(|threat| threat["rule"] == "OWN-REG-R-01").cloned().unwrap();
    let local = Local::with(&[("README.md", "shop\n")]);
    local.commit("a queue", &[("template.yaml", QUEUE)]);
    let asked = threat(&review(&local, 1));
    assert_eq!(
        (&asked["title"], &asked["blocks"]),
        (&Json::from("Nobody says that the register of the platform team lists Jobs: unknown"), &Json::from(true))
    );
    // What the change states itself is proposed.
    local.commit("stated", &[("template.yaml", &QUEUE.replace("SQS::Queue", "SQS::Queue # astride: own_registry=listed"))]);
    let proposed = threat(&review(&local, 1));
    assert_eq!((&proposed["state"], &proposed["stated"][0]["words"]), (&Json::from("proposed"), &Json::from("own_registry: listed")));
    // A word that it does not have is named.
    local.commit("mistyped", &[("template.yaml", &QUEUE.replace("SQS::Queue", "SQS::Queue # astride: own_registry=listet"))]);
    let notes = review(&local, 1)["notes"].to_string();
    assert!(notes.contains("did you mean `listed`"), "{notes}");
    // What the base's settings state is given, and there it is known too what nobody can state.
    let local = Local::with(&[(".github/astride.yml", "facts: {'**#Jobs': {own_registry: listed}, '**#Other': {own_registri: listed}}\n")]);
    local.commit("a queue", &[("template.yaml", QUEUE)]);
    assert_eq!(threat(&review(&local, 0))["state"], "covered");
    local.astride(&["config", "check"]).ending(0);
    let error = local.astride(&["config", "check", "--organisation", &folder]).ending(2);
    assert!(error.contains("astride.yml:1: facts: `own_registri` is no fact; did you mean `own_registry`?"), "{error}");
    let markdown = local.astride(&["review", "--organisation", &folder, "--format", "markdown"]).ending(0);
    assert!(markdown.contains("line 1 counts for nothing"), "{markdown}");
    let facts = local.astride(&["rules", "facts", "--organisation", &folder]).ending(0);
    assert!(facts.contains("own_registry         missing, listed"), "{facts}");
}

#[test]
fn what_the_organisation_locks_is_named_before_it_is_merged() {
    let organisation = Local::with(&[("astride.yml", "lock: [exclude, facts]\nexclude: ['docs/**']\n")]);
    let folder = organisation.path().display().to_string();
    let own = "lock: [exclude]\nexclude: ['docs/**', '**']\nfacts:\n  '**#Jobs': {signature_check: on}\n";
    let local = Local::with(&[(".github/astride.yml", own), ("template.yaml", QUEUE)]);
    let error = local.astride(&["config", "check", "--organisation", &folder]).ending(2);
    for part in [
        "astride.yml:2: exclude: the organisation locks",
        "does not have `**`",
        "astride.yml:4: facts: the organisation locks",
        "astride.yml:1: lock: counts",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("docs/**"), "{error}");
}

#[test]
fn a_broken_rule_ends_the_review() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    let folder = cases().join("a_fact_is_mistyped").display().to_string();
    let error = local.astride(&["review", "--organisation", &folder]).refused();
    assert!(error.contains("astride/rules/data.yml:9: OWN-DATA-I-01: unknown fact `at_rst`; did you mean `at_rest`?"), "{error}");
}

#[test]
fn rules_are_listed_and_shown() {
    let local = Local::begin();
    let folder = organisation();
    let listed = local.astride(&["rules", "list", "platform", "--organisation", &folder]).ending(0);
    assert!(listed.starts_with("OWN-DATA-I-01") && listed.lines().count() == 1, "{listed}");
    let shown = local.astride(&["rules", "show", "own-data-i-01", "--organisation", &folder]).ending(0);
    for part in ["Information disclosure, high finding", "of          the organisation", "ACME-SEC-12", "covered by  a key of its own"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let error = local.astride(&["rules", "show", "OWN-DATA-I-01"]).refused();
    assert!(error.contains("--organisation DIR"), "{error}");
}

/// The examples of the documentation are taken as they stand there.
#[test]
fn what_is_documented_is_taken() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/organisation.md")).unwrap();
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let [rules, facts] = ["- id: OWN-", "own_registry:"].map(|start| blocks.iter().find(|block| block.starts_with(start)).unwrap());
    let files = texts(&[(RULES, (*rules).to_owned()), ("astride/facts.yml", (*facts).to_owned())]);
    let own = Own::read(files, "").unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!((own.rules().len(), own.facts().len()), (1, 1));
}

/// A hundred own rules on five hundred elements add at most 5 ms to a judgement, in a build as it is shipped; what a debug build takes is no
/// figure, so that it is only bounded here.
#[test]
fn a_hundred_rules_cost_little() {
    // One in twenty is raised: who writes rules that are all raised everywhere has other troubles.
    let when = |number: usize| {
        if number.is_multiple_of(20) { "at_rest in [none, provider_default]" } else { "at_rest == none and not dlq == off" }
    };
    let one = |number: usize| {
        let rule = rule().replace("OWN-DATA-I-01", &format!("OWN-DATA-I-{number:02}"));
        rule.replace("at_rest in [none, provider_default, provider_kms]", when(number))
    };
    let rules = |from: usize| (from..from + 50).map(one).collect();
    let files = texts(&[("astride/rules/a.yml", rules(0)), ("astride/rules/b.yml", rules(50))]);
    let begun = Instant::now();
    let own = Own::read(files, "").unwrap();
    let read = begun.elapsed();
    assert_eq!(own.rules().len(), 100);
    let model = queues(500);
    let built_in = timed(&model, &Own::default());
    let with_own = timed(&model, &own);
    let more = with_own.saturating_sub(built_in);
    println!("reading 100 rules: {read:?}; on 500 elements: {built_in:?} without, {with_own:?} with them");
    let most = if cfg!(debug_assertions) { 400 } else { 5 };
    assert!(more < Duration::from_millis(most), "{more:?}");
}

fn queues(number: usize) -> Model {
    let folder = tempfile::tempdir().unwrap();
    let queues: String = (0..number).map(|number| format!("  Jobs{number}:\n    Type: AWS::SQS::Queue\n")).collect();
    fs::create_dir(folder.path().join("shop")).unwrap();
    fs::write(folder.path().join("shop/template.yaml"), format!("Resources:\n{queues}")).unwrap();
    let model = shared::model(folder.path(), "shop/template.yaml");
    assert_eq!(model.elements.len(), number);
    model
}

fn timed(model: &Model, own: &Own) -> Duration {
    let rules = own.all_rules();
    let times = (0..5).map(|_| {
        let begun = Instant::now();
        assert!(!find_threats(model, &rules).is_empty());
        begun.elapsed()
    });
    times.min().unwrap()
}
