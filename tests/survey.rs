//! `astride survey` on the story of a small repository: squashed commits and a merge, what is held, noted, asked and cannot be read.
//!
//! What the survey says of a change must be what `astride review` says of it: the survey keeps what it reads from one change to the next,
//! and nothing may come of that.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const QUEUE: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n";
const OPEN_QUEUE: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n  JobsPolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Jobs]\n      PolicyDocument:\n        Statement: [{Effect: Allow, Principal: \"*\", Action: \"sqs:*\", Resource: \"*\"}]\n";
const TABLE: &str = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      DeletionProtectionEnabled: true\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}\n";
const TABLE_WITHOUT_BACKUPS: &str =
    "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      DeletionProtectionEnabled: true\n";
const API: &str = "Transform: AWS::Serverless-2016-10-31\nResources:\n  OrdersApi:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: live, DefinitionUri: routes.yaml}\n  OrdersFn:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: src/}\n";
const ROUTE: &str = "openapi: 3.0.1\ninfo: {title: orders, version: '1'}\ncomponents:\n  securitySchemes:\n    sigv4: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}\npaths:\n  /orders:\n    get:\n      SECURITY\n      x-amazon-apigateway-integration:\n        type: aws_proxy\n        httpMethod: POST\n        uri: {Fn::Sub: 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${OrdersFn.Arn}/invocations'}\n";
const BROKEN: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n   Properties: [\n";
const SUBJECT: &str = "Let partners write <b>jobs</b> \u{1b}[31m(#2)";

struct Story {
    folder: TempDir,
    /// Days since 2026-09-01.
    day: u32,
}

impl Story {
    fn begin() -> Self {
        let story = Self { folder: tempfile::tempdir().unwrap(), day: 0 };
        story.git(&["init", "-q", "-b", "main"]);
        story
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        let day = format!("2026-09-{:02}T12:00:00Z", self.day + 1);
        let output = Command::new("git")
            .arg("-C")
            .arg(self.path())
            .args(["-c", "user.name=mona", "-c", "user.email=mona@example.test", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_AUTHOR_DATE", &day)
            .env("GIT_COMMITTER_DATE", &day)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes the files, commits them a day later, and gives the commit.
    fn commit(&mut self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.day += 1;
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// The commits of the story by what they are.
struct Told {
    story: Story,
    opened: String,
    merged: String,
    broken: String,
    renamed: String,
    without_backups: String,
    route_opened: String,
}

fn told() -> Told {
    let mut story = Story::begin();
    let closed_route = ROUTE.replace("SECURITY", "security: [{sigv4: []}]");
    let open_route = ROUTE.replace("SECURITY", "security: []");
    story.commit("First", &[("template.yaml", QUEUE), ("orders/template.yaml", TABLE), ("src/app.js", "1")]);
    let opened = story.commit(SUBJECT, &[("template.yaml", OPEN_QUEUE)]);
    story.commit("Close the queue again (#3)", &[("template.yaml", QUEUE)]);
    story.commit("Only code (#4)", &[("src/app.js", "2")]);
    // What happens on the branch is judged once, as the merge brings it.
    story.git(&["checkout", "-q", "-b", "api"]);
    story.commit("An API", &[("api/template.yaml", API), ("api/routes.yaml", &open_route)]);
    story.commit("with signatures", &[("api/routes.yaml", &closed_route)]);
    story.git(&["checkout", "-q", "main"]);
    story.day += 1;
    story.git(&["merge", "-q", "--no-ff", "-m", "Merge pull request #5 from api", "api"]);
    let merged = story.git(&["rev-parse", "HEAD"]);
    let broken = story.commit("Break the template (#6)", &[("template.yaml", BROKEN)]);
    story.commit("Mend it (#7)", &[("template.yaml", QUEUE)]);
    story.git(&["mv", "template.yaml", "jobs.yaml"]);
    let renamed = story.commit("Rename it (#8)", &[]);
    let without_backups = story.commit("No backups (#9)", &[("orders/template.yaml", TABLE_WITHOUT_BACKUPS)]);
    let route_opened = story.commit("Open the route (#10)", &[("api/routes.yaml", &open_route)]);
    story.commit("More code (#11)", &[("src/app.js", "3")]);
    Told { story, opened, merged, broken, renamed, without_backups, route_opened }
}

fn astride(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_astride")).current_dir(folder).args(arguments).output().unwrap()
}

/// What a survey prints, which must succeed.
fn survey(folder: &Path, arguments: &[&str]) -> String {
    let output = astride(folder, &[&["survey"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&survey(folder, &[&["--format", "json"], arguments].concat())).unwrap()
}

fn change<'v>(survey: &'v Value, commit: &str) -> &'v Value {
    survey["changes"].as_array().unwrap().iter().find(|change| change["commit"] == commit).unwrap()
}

fn commits(survey: &Value) -> Vec<&str> {
    survey["changes"].as_array().unwrap().iter().map(|change| change["commit"].as_str().unwrap()).collect()
}

#[test]
fn each_change_comes_to_what_it_should() {
    let told = told();
    let survey = json(told.story.path(), &[]);
    // Ten changes follow on the first commit; two of them are of code alone.
    assert_eq!((&survey["total"], &survey["untouched"]), (&Value::from(10), &Value::from(2)), "{survey:#}");
    assert_eq!(survey["branch"], "main");
    assert_eq!((survey["from"].as_str(), survey["to"].as_str()), (Some("2026-09-03T12:00:00Z"), Some("2026-09-14T12:00:00Z")));
    for (commit, outcome) in [
        (&told.opened, "held"),
        (&told.broken, "repair"),
        (&told.renamed, "silent"),
        (&told.without_backups, "noted"),
        (&told.route_opened, "held"),
    ] {
        assert_eq!(change(&survey, commit)["outcome"], outcome, "{:#}", change(&survey, commit));
    }
    assert_ne!(change(&survey, &told.merged)["outcome"], "held", "{:#}", change(&survey, &told.merged));
    let opened = change(&survey, &told.opened);
    let blocking: Vec<&Value> = opened["threats"].as_array().unwrap().iter().filter(|threat| threat["blocks"] == true).collect();
    assert_eq!(blocking[0]["file"], "template.yaml");
    assert_eq!(opened["subject"], SUBJECT);
    assert_eq!(commits(&survey)[0], told.route_opened, "the newest is the first");
    let rule = survey["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == blocking[0]["rule"]).unwrap();
    assert_eq!((&rule["held"], &rule["examples"][0]["commit"]), (&Value::from(1), &Value::from(told.opened.as_str())), "{rule:#}");
    let sums = survey["outcomes"].as_object().unwrap().values().map(|number| number.as_u64().unwrap()).sum::<u64>();
    assert_eq!(sums, 8);
}

#[test]
fn a_survey_says_of_each_change_what_a_review_says() {
    let mut told = told();
    // Statements of the settings are a part of what is kept, and what a template opens need not be in its folder.
    let settings = "version: 1\nfacts:\n  \"jobs.yaml#Jobs\": {data_class: restricted}\n";
    told.story.commit("State a class (#12)", &[(".github/astride.yml", settings)]);
    told.story.commit("Open it again (#13)", &[("jobs.yaml", OPEN_QUEUE)]);
    fs::remove_file(told.story.path().join("api/routes.yaml")).unwrap();
    told.story.commit("Lose the routes (#14)", &[]);
    let excluding = settings.replace("facts:", "exclude: [\"api/**\"]\nfacts:");
    let weakened = told.story.commit("Leave the API out (#15)", &[(".github/astride.yml", &excluding)]);
    let survey = json(told.story.path(), &[]);
    assert_eq!(survey["changes"].as_array().unwrap().len(), 11, "{survey:#}");
    assert!(change(&survey, &weakened)["weakened"]["what"].as_str().unwrap().contains("exclude"), "{survey:#}");
    for change in survey["changes"].as_array().unwrap() {
        let (base, head) = (change["base"].as_str().unwrap(), change["commit"].as_str().unwrap());
        let review = astride(told.story.path(), &["review", "--base", base, "--head", head, "--format", "json"]);
        let review: Value = serde_json::from_slice(&review.stdout).unwrap();
        let ids = |threats: &Value| -> BTreeSet<String> {
            let blocking = threats.as_array().unwrap().iter().filter(|threat| threat["blocks"] == true);
            blocking.map(|threat| format!("{} {} {}", threat["id"], threat["rule"], threat["line"])).collect()
        };
        assert_eq!(change["verdict"], review["verdict"], "{change:#}");
        assert_eq!(change["headline"], review["headline"], "{change:#}");
        assert_eq!(ids(&change["threats"]), ids(&review["threats"]), "{change:#}");
        assert_eq!(change["repairs"].as_array().unwrap().len(), review["repairs"].as_array().unwrap().len(), "{change:#}");
    }
}

#[test]
fn the_terminal_is_told_what_would_have_been_held() {
    let told = told();
    let text = survey(told.story.path(), &[]);
    assert!(text.contains("10 changes"), "{text}");
    assert!(text.contains("2  touch nothing that is read"), "{text}");
    assert!(text.contains("rules, noisiest first"), "{text}");
    assert!(text.contains(&format!("{}  2026-09-03  Let partners write <b>jobs</b>  [31m(#2)", &told.opened[..7])), "{text}");
    let held = text.split_once("\nheld, newest first\n").unwrap().1;
    assert!(held.find(&told.route_opened[..7]).unwrap() < held.find(&told.opened[..7]).unwrap(), "{text}");
    assert!(held.contains("template.yaml:"), "{text}");
    assert!(!text.contains('{'), "placeholders are left out: {text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn the_page_links_to_lines_and_runs_nothing() {
    let told = told();
    told.story.git(&["remote", "add", "origin", "git@github.com:acme/shop.git"]);
    let file = told.story.path().join("survey.html");
    assert_eq!(survey(told.story.path(), &["--format", "html", "-o", "survey.html"]), "");
    let page = fs::read_to_string(file).unwrap();
    assert!(page.starts_with("<!doctype html>"), "{page}");
    assert!(page.contains("<title>Astride survey: acme/shop</title>"), "{page}");
    assert!(page.contains("default-src 'none'") && !page.contains("<script"), "{page}");
    assert!(page.contains(&format!("<a href=\"https://github.com/acme/shop/blob/{}/template.yaml#L", told.opened)), "{page}");
    assert!(page.contains(&format!("<a href=\"https://github.com/acme/shop/commit/{}\"", told.opened)), "{page}");
    assert!(page.contains("Let partners write &lt;b&gt;jobs&lt;/b&gt; [31m(#2)"), "{page}");
    let other = survey(told.story.path(), &["--format", "html", "--link", "https://git.example/shop/"]);
    assert!(other.contains(&format!("<a href=\"https://git.example/shop/blob/{}/template.yaml#L", told.opened)), "{other}");
    for link in ["javascript:alert(1)", "https://a b"] {
        assert_eq!(astride(told.story.path(), &["survey", "--link", link]).status.code(), Some(2), "{link}");
    }
}

#[test]
fn part_of_a_history_can_be_surveyed() {
    let told = told();
    let total = |arguments: &[&str]| json(told.story.path(), arguments)["total"].as_u64().unwrap();
    assert_eq!(total(&["--last", "3"]), 3);
    assert_eq!(total(&["--since", "2026-09-12T00:00:00Z"]), 3);
    assert_eq!(total(&["--merges"]), 1);
    assert_eq!(total(&["--branch", "api"]), 5);
    let only = json(told.story.path(), &["--only", &format!("{},{}", told.opened, told.merged)]);
    assert_eq!(commits(&only), [told.opened.as_str(), told.merged.as_str()]);
    let first = told.story.git(&["rev-list", "--max-parents=0", "main"]);
    let absent = "00000000000000000000000000000000000000aa";
    let ends = json(told.story.path(), &["--only", &format!("{first},{absent},{}", told.opened)]);
    for (commit, outcome) in [(first.as_str(), "failed"), (absent, "failed"), (&told.opened, "held")] {
        assert_eq!(change(&ends, commit)["outcome"], outcome, "{ends:#}");
    }
    assert_eq!(astride(told.story.path(), &["survey", "--branch", "nothing"]).status.code(), Some(2));
    let nowhere = tempfile::tempdir().unwrap();
    assert_eq!(astride(nowhere.path(), &["survey"]).status.code(), Some(2));
}

/// Clones the repository of the story, and gives the clone's folder.
fn clone(told: &Told, name: &str, arguments: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join(name);
    let from = format!("file://{}", told.story.path().display());
    let output = Command::new("git").arg("clone").arg("-q").args(arguments).arg(from).arg(&into).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (folder, into)
}

#[test]
fn a_bare_clone_is_surveyed_like_any_other() {
    let told = told();
    let (_folder, bare) = clone(&told, "shop.git", &["--bare"]);
    let (ours, theirs) = (json(told.story.path(), &[]), json(told.story.path(), &[bare.to_str().unwrap()]));
    assert_eq!(theirs["repository"], "shop");
    assert_eq!((&ours["changes"], &ours["rules"], &ours["branch"]), (&theirs["changes"], &theirs["rules"], &theirs["branch"]));
}

#[test]
fn a_shallow_clone_says_where_it_ends() {
    let told = told();
    let (_folder, shallow) = clone(&told, "shop", &["--depth", "3"]);
    let survey_json = json(&shallow, &[]);
    assert_eq!((&survey_json["total"], &survey_json["branch"]), (&Value::from(2), &Value::from("origin/main")), "{survey_json:#}");
    assert_eq!(survey_json["shallow_at"], told.without_backups.as_str());
    let text = survey(&shallow, &[]);
    assert!(text.contains(&format!("the clone is shallow: it ends at {}", &told.without_backups[..7])), "{text}");
    assert!(text.contains("git fetch --unshallow"), "{text}");
    // The whole history ends at its first commit, which is no change.
    assert_eq!(json(told.story.path(), &[])["shallow_at"], Value::Null);
}

#[test]
fn what_cannot_be_read_stops_nothing() {
    let told = told();
    let blob = told.story.git(&["rev-parse", &format!("{}:template.yaml", told.opened)]);
    fs::remove_file(told.story.path().join(".git/objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let survey = json(told.story.path(), &[]);
    assert_eq!(survey["total"], 10);
    let failed = change(&survey, &told.opened);
    assert_eq!((&failed["outcome"], &failed["verdict"]), (&Value::from("failed"), &Value::Null));
    assert!(failed["failed"].as_str().unwrap().contains(&blob), "{failed:#}");
    assert_eq!(change(&survey, &told.route_opened)["outcome"], "held");
}

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/survey.schema.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn the_json_is_what_its_schema_says() {
    let told = told();
    told.story.git(&["remote", "add", "origin", "https://github.com/acme/shop"]);
    let schema = schema();
    let validator: Validator = jsonschema::validator_for(&schema).unwrap();
    let survey = json(told.story.path(), &[]);
    let wrong: Vec<String> = validator.iter_errors(&survey).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What is printed is described.
    for (described, printed) in [
        (&schema, &survey),
        (&schema["properties"]["changes"]["items"], &survey["changes"][0]),
        (&schema["properties"]["changes"]["items"]["properties"]["threats"]["items"], &survey["changes"][0]["threats"][0]),
        (&schema["properties"]["rules"]["items"], &survey["rules"][0]),
    ] {
        let described: BTreeSet<&String> = described["properties"].as_object().unwrap().keys().collect();
        let printed: BTreeSet<&String> = printed.as_object().unwrap().keys().collect();
        assert_eq!(printed, described);
    }
    // A schema that takes everything would prove nothing.
    for (pointer, value) in [
        ("/schema_version", Value::from(2)),
        ("/changes/0/outcome", Value::from("fine")),
        ("/changes/0/commit", Value::from("main")),
        ("/changes/0/threats/0/blocks", Value::from("yes")),
        ("/rules/0/id", Value::from("orders")),
    ] {
        let mut output = survey.clone();
        *output.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&output), "{pointer}");
    }
}

#[test]
fn what_the_settings_switch_off_is_counted_by_rule_with_its_reason() {
    let mut told = told();
    let settings = "rules:\n- {category: information-disclosure, paths: [jobs.yaml], off: true, why: 'only <b>sandboxes</b>, SEC-12'}\n";
    told.story.commit("Leave it out (#12)", &[(".github/astride.yml", settings)]);
    let opened = told.story.commit("Open it again (#13)", &[("jobs.yaml", OPEN_QUEUE)]);
    let with_remark = format!("# Of sandboxes.\n{settings}");
    told.story.commit("Say of what (#14)", &[(".github/astride.yml", &with_remark), ("jobs.yaml", QUEUE)]);
    let again = told.story.commit("Open it once more (#15)", &[("jobs.yaml", OPEN_QUEUE)]);
    let survey_json = json(told.story.path(), &[]);
    let off = survey_json["switched_off"].as_array().unwrap();
    let [first, ..] = off.as_slice() else { panic!("{survey_json:#}") };
    assert_eq!(first["changes"], 2, "{survey_json:#}");
    assert_eq!(first["reasons"], serde_json::json!(["only <b>sandboxes</b>, SEC-12 (.github/astride.yml)"]), "{first:#}");
    let times: u64 = off.iter().map(|rule| rule["times"].as_u64().unwrap()).sum();
    let of_changes: u64 = [&opened, &again].iter().map(|commit| change(&survey_json, commit)["switched_off"].as_u64().unwrap()).sum();
    assert_eq!(times, of_changes);
    assert_eq!(change(&survey_json, &told.opened)["switched_off"], 0);
    let validator: Validator = jsonschema::validator_for(&schema()).unwrap();
    assert!(validator.is_valid(&survey_json));
    let described: BTreeSet<String> =
        schema()["properties"]["switched_off"]["items"]["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(first.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>(), described);
    let rule = first["rule"].as_str().unwrap();
    let text = survey(told.story.path(), &[]);
    let section = text.split_once("\nswitched off by the settings: not asked\n").unwrap().1;
    assert!(section.contains(rule) && section.contains("only <b>sandboxes</b>, SEC-12 (.github/astride.yml)"), "{text}");
    let page = survey(told.story.path(), &["--format", "html"]);
    let section = page.split_once("Switched off by the settings: not asked").unwrap().1;
    assert!(section.contains(rule) && section.contains("only &lt;b&gt;sandboxes&lt;/b&gt;, SEC-12 (.github/astride.yml)"), "{page}");
}
