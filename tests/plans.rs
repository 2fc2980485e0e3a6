//! Plans of Terraform that are handed over: `--base-plan` and `--head-plan`, and plans within an input.
//!
//! `tests/cases/plans/*` are two trees, `base` and `head`, with `base-plan.json` and `head-plan.json` as `terraform show -json` writes them, and what
//! `astride review` says in `expected.txt`, its exit code first.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;
mod shared;

use astride::formats::terraform::plan::{self, Refused};
use astride::source::plan::Planned;
use local::Local;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plans")
}

/// What a review of a case says: exit code, output, complaints.
fn said(case: &Path, more: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_astride"));
    command.current_dir(case).args(["review", "--base", "base", "--head", "head"]).args(more).env("TERM", "dumb").env("NO_COLOR", "1");
    for (flag, file) in [("--base-plan", "base-plan.json"), ("--head-plan", "head-plan.json")] {
        if case.join(file).exists() {
            command.args([flag, file]);
        }
    }
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, err)
}

#[test]
fn plans_count_where_they_belong() {
    let mut wrong = Vec::new();
    let mut all: Vec<_> = fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    for case in all {
        let (code, out, err) = said(&case, &["--verbose"]);
        wrong.extend(shared::expect(&case.join("expected.txt"), &format!("exit code {code}\n{err}{out}")).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Neither what is marked, nor what is used where it is marked, nor what goes by the name of a secret.
#[test]
fn no_secret_of_a_plan_is_in_any_report() {
    let case = cases().join("secrets_stay_behind_the_door");
    for format in ["text", "markdown", "json", "sarif", "html", "github", "junit"] {
        let (code, out, err) = said(&case, &["--format", format]);
        assert!(code < 2, "{format}: {err}");
        for secret in ["correct-horse", "battery-staple"] {
            assert!(!out.contains(secret) && !err.contains(secret), "{format}: {out}{err}");
        }
    }
}

/// A plan of one queue.
fn queue() -> Value {
    let values = json!({"name": "jobs", "tags": {"Owner": "shop"}});
    json!({
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"stage": {"value": "live"}},
        "planned_values": {"root_module": {"resources": [
            {"address": "aws_sqs_queue.jobs", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs", "values": values}
        ]}},
        "resource_changes": [{
            "address": "aws_sqs_queue.jobs", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs",
            "change": {"actions": ["create"], "before": null, "after": values, "after_unknown": {"arn": true, "tags": {}}, "after_sensitive": {}}
        }],
        "configuration": {"root_module": {"variables": {"stage": {}}}},
        "complete": true,
        "errored": false
    })
}

fn read(written: &Value) -> Result<astride::source::plan::Plan, Refused> {
    plan::read(written.to_string().as_bytes())
}

#[test]
fn a_plan_that_cannot_be_relied_on_is_refused() {
    assert!(read(&queue()).is_ok());
    let refused = |at: &str, value: Value| {
        let mut written = queue();
        match written.pointer_mut(at) {
            Some(place) => *place = value,
            None => written[at.trim_start_matches('/')] = value,
        }
        read(&written).unwrap_err()
    };
    let change = "/resource_changes/0";
    for (at, value, expected) in [
        ("/format_version", json!("0.2"), Refused::Version),
        ("/format_version", json!("2.0"), Refused::Version),
        ("/format_version", Value::Null, Refused::NoVersion),
        ("/errored", json!(true), Refused::Errored),
        ("/complete", json!(false), Refused::Incomplete),
        ("/planned_values/root_module/resources/0/values/name", json!("other"), Refused::Values(1)),
        ("/planned_values/root_module/resources", json!([]), Refused::Values(1)),
        ("/planned_values", Value::Null, Refused::Values(1)),
        ("/resource_changes", json!([]), Refused::Unmade),
        ("/resource_changes/0/change/actions", json!(["delete"]), Refused::Values(1)),
        ("/resource_changes/0/address", json!("aws_sqs_queue.mail"), Refused::Address(1)),
        ("/resource_changes/0/type", json!("aws_sns_topic"), Refused::Address(1)),
        ("/resource_changes", json!([queue().pointer(change), queue().pointer(change)]), Refused::Doubled(2)),
    ] {
        assert_eq!(refused(at, value.clone()), expected, "{at} {value}");
    }
    assert!(matches!(refused("/resource_changes/0/change", json!("hunter2")), Refused::NoPlan(1, _)));
    assert!(!refused("/resource_changes/0/change", json!("hunter2")).to_string().contains("hunter2"));
    let state = json!({"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {}}});
    assert_eq!(read(&state).unwrap_err(), Refused::State);
    for (text, expected) in [
        (&b"{\"format_version\": \"1.2\""[..], "it is no JSON from line 1, column 24 on"),
        (
            b"{\"@level\":\"info\"}\n{\"@level\":\"info\"}",
            "it is the log of a run: `terraform show -json` of the file that `terraform plan -out` wrote gives the plan",
        ),
        (b"{\"format_version\": \"\xff\"}", "it is no UTF-8 text"),
        (b"", "it is no JSON from line 1, column 0 on"),
        (b"{\"format_version\": \"1.2\", \"format_version\": \"1.2\"}", "at line 1, column 42 stands what no plan has there"),
    ] {
        assert_eq!(plan::read(text).unwrap_err().to_string(), expected);
    }
    let deep = format!("{{\"format_version\": \"1.2\", \"variables\": {{\"a\": {{\"value\": {}", "[".repeat(100_000));
    assert!(matches!(plan::read(deep.as_bytes()).unwrap_err(), Refused::NoJson(..)));
    let many = json!({"format_version": "1.2", "variables": {"a": {"value": vec![0; 1_000_001]}}});
    assert_eq!(read(&many).unwrap_err(), Refused::TooManyValues);
}

#[test]
fn what_nobody_knows_and_what_is_secret_is_apart() {
    let mut written = queue();
    let values = json!({"name": "jobs", "list": [null, "b", {}], "kept": {"open": 1}, "plain": "x pass-1234 y", "api_token": "z", "short": "z",
        "tasks": "[{\"environment\": [{\"name\": \"DB_PASSWORD\", \"value\": \"w\"}]}]", "env": [{"name": "DB_PASSWORD", "value": "w"}]});
    written["planned_values"]["root_module"]["resources"][0]["values"] = values.clone();
    let change = &mut written["resource_changes"][0]["change"];
    change["after"] = values;
    change["after_unknown"] = json!({"arn": true, "list": [true, false, {"k": true}], "kept": {"later": true}, "blocks": [{"id": true}]});
    change["after_sensitive"] = json!({"short": true});
    let login = "{\"user\": \"shop\", \"password\": \"q7\"}";
    written["planned_values"]["outputs"] = json!({"login": {"sensitive": true, "value": login}});
    written["variables"] = json!({"again": {"value": "q7"}, "whose": {"value": "shop"}, "pin": {"value": "pass-1234"}, "stage": {"value": "live"}, "db_password": {"value": "q"}});
    written["configuration"]["root_module"]["variables"]["pin"] = json!({"sensitive": true});
    let plan = read(&written).unwrap();
    let text = |text: &str| Planned::Text(text.into());
    assert_eq!(plan.variables.get("stage"), Some(&text("live")));
    assert_eq!((plan.variables.get("pin"), plan.variables.get("db_password")), (Some(&Planned::Hidden), Some(&Planned::Hidden)));
    assert_eq!((plan.variables.get("again"), plan.variables.get("whose")), (Some(&Planned::Hidden), Some(&text("shop"))));
    let queue = plan.made.get("aws_sqs_queue.jobs").unwrap();
    let later = || Planned::Map([("k".into(), Planned::Later)].into());
    assert_eq!(queue.get("list"), Some(&Planned::List(vec![Planned::Later, text("b"), later()])));
    let kept = Planned::Map([("later".into(), Planned::Later), ("open".into(), Planned::Number("1".into()))].into());
    assert_eq!(queue.get("kept"), Some(&kept));
    for (name, expected) in
        [("arn", Planned::Later), ("blocks", Planned::Later), ("plain", Planned::Hidden), ("api_token", Planned::Hidden)]
    {
        assert_eq!(queue.get(name), Some(&expected), "{name}");
    }
    assert_eq!((queue.get("short"), queue.get("name")), (Some(&Planned::Hidden), Some(&text("jobs"))));
    let pair = Planned::Map([("name".into(), text("DB_PASSWORD")), ("value".into(), Planned::Hidden)].into());
    assert_eq!((queue.get("tasks"), queue.get("env")), (Some(&Planned::Hidden), Some(&Planned::List(vec![pair]))));
    assert!(!format!("{plan:?}").contains("live"), "what a plan says is in no log");
}

const CONFIGURATION: &str =
    "variable \"stage\" {}\n\nresource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n  tags = { Owner = \"shop\" }\n}\n";

/// A repository with a root in `infra`, and a change of a comment in it.
fn root() -> Local {
    let local = Local::with(&[("infra/main.tf", CONFIGURATION)]);
    local.commit("say it", &[("infra/main.tf", &format!("# jobs\n{CONFIGURATION}"))]);
    local
}

#[test]
fn a_plan_says_of_which_root_it_is_or_leaves_no_doubt() {
    let local = root();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plan.json");
    fs::write(&file, queue().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let review = |plan: &str| local.astride(&["review", "--head", "HEAD", "--base-plan", plan, "--head-plan", plan]);
    for plan in [file.to_owned(), format!("infra={file}"), format!("./infra/={file}")] {
        assert!(review(&plan).ending(0).starts_with("Astride: clear\n"), "{plan}");
    }
    assert!(review(&format!("other={file}")).refused().contains("the folder other has no Terraform configuration"));
    local.commit("another", &[("jobs/main.tf", "resource \"aws_sqs_queue\" \"mail\" {}\n")]);
    let said = local.astride(&["review", "--head", "HEAD", "--head-plan", file]).refused();
    assert!(said.contains("of which folder it is: infra, jobs") && said.contains("hint: say so, infra="), "{said}");
    let said = local.astride(&["review", "--head", "HEAD", "--head-plan", &format!("jobs={file}")]).ending(2);
    assert!(said.contains("the plan for the head is not of this configuration"), "{said}");
    let said = local.astride(&["review", "--head", "HEAD", "--base-plan", file]).refused();
    assert!(said.contains("--head-plan"), "{said}");
}

#[test]
fn a_plan_in_an_input_is_of_the_root_that_it_lies_in() {
    let local = root();
    let input = tempfile::tempdir().unwrap();
    let plan = input.path().join("infra/out/plan.json");
    fs::create_dir_all(plan.parent().unwrap()).unwrap();
    let review = || {
        let input = input.path().to_str().unwrap();
        local.astride(&["review", "--head", "HEAD", "--base-input", input, "--head-input", input, "--format", "json"])
    };
    fs::write(&plan, queue().to_string()).unwrap();
    let said = review().ending(0);
    assert!(!said.contains("plan.json") && said.contains("\"judged\": \"all\""), "{said}");
    let mut other = queue();
    for values in ["/planned_values/root_module/resources/0/values", "/resource_changes/0/change/after"] {
        other.pointer_mut(values).unwrap()["name"] = json!("mails");
    }
    fs::write(&plan, other.to_string()).unwrap();
    assert!(review().ending(2).contains("the plan for the base is not of this configuration"));
    fs::write(&plan, "{\"format_version\": \"1.0\", \"terraform_version\": \"1.11.4\", \"values\": {}}").unwrap();
    let said = review().refused();
    assert!(said.contains("infra/out/plan.json") && said.contains("it is a state"), "{said}");
    File::create(&plan).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let said = local.astride(&["review", "--head", "HEAD", "--head-plan", plan.to_str().unwrap()]).refused();
    assert!(said.contains("more than the 67108864 bytes"), "{said}");
}

/// Whoever commits a plan says what they like.
#[test]
fn a_plan_in_git_is_handed_over_by_nobody() {
    let local = root();
    let plan = local.file("infra/plan.json");
    fs::write(&plan, queue().to_string()).unwrap();
    let plan = plan.to_str().unwrap();
    // It lies there, and is not in git.
    assert!(local.astride(&["review", "--base-plan", plan, "--head-plan", plan]).ending(0).starts_with("Astride: clear\n"));
    local.commit("plan it", &[]);
    let said = local.astride(&["review", "--head", "HEAD"]).ending(0);
    assert!(said.contains("Terraform plan"), "{said}");
    let said = local.astride(&["review", "--head", "HEAD", "--head-plan", plan]).refused();
    assert!(said.contains("it is infra/plan.json of what is judged"), "{said}");
}
