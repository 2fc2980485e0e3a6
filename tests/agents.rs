//! The fold for coding agents: what it lists can be read by a program, is what the comment asks about, and leaves the comment its room.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::report::Report;
use astride::report::comment;
use astride::settings::{self, SettingsTexts};
use astride::source::RepoPath;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// GitHub takes 65,536 characters.
const MOST: usize = 60_000;
/// What the fold begins with.
const TITLE: &str = "<details><summary>For coding agents: ";

fn judge(head: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let (base, after) = (folder.path().join("base"), folder.path().join("head"));
    fs::create_dir_all(&base).unwrap();
    fs::create_dir_all(&after).unwrap();
    fs::write(base.join("readme.txt"), "nothing").unwrap();
    head.iter().for_each(|(path, text)| fs::write(after.join(path), text).unwrap());
    shared::judge(&shared::change(&base, &after), &SettingsTexts::default())
}

fn example(settings: &SettingsTexts) -> Report {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/example");
    shared::judge(&shared::change(&example.join("base"), &example.join("head")), settings)
}

/// What stands in the fold's fence.
fn listed(body: &str) -> Vec<Value> {
    let (_, rest) = body.split_once(TITLE).unwrap();
    let (_, rest) = rest.split_once("```json\n").unwrap();
    let (json, rest) = rest.split_once("\n```\n").unwrap();
    assert!(rest.contains("</details>"), "{rest}");
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_fold_has_what_the_comment_asks_about() {
    let report = example(&SettingsTexts::default());
    let body = comment::render(&report).unwrap();
    let listed = listed(&body);
    let ids: BTreeSet<&str> = listed.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    let arranged = report.arranged();
    let asked: BTreeSet<String> = arranged.lines().flat_map(|line| line.members()).map(|reviewed| reviewed.threat.id()).collect();
    assert_eq!(ids, asked.iter().map(String::as_str).collect());
    for entry in &listed {
        let reviewed = report.reviewed.iter().find(|reviewed| entry["id"] == reviewed.threat.id()).unwrap();
        let threat = &reviewed.threat;
        assert_eq!((&entry["file"], &entry["line"]), (&Value::from(threat.place.path.as_str()), &Value::from(threat.place.line)));
        assert_eq!((&entry["fact"], &entry["blocks"]), (&Value::from(threat.title()), &Value::from(reviewed.blocks)));
        assert_eq!(entry["fix"], Value::from(threat.fixes()));
    }
    assert!(listed.iter().any(|entry| entry["blocks"] == true) && listed.iter().any(|entry| !entry["fix"].as_array().unwrap().is_empty()));
}

#[test]
fn what_asks_nothing_has_no_fold() {
    let report = judge(&[("template.yaml", "Resources:\n  Ready:\n    Type: AWS::CloudFormation::WaitConditionHandle\n")]);
    assert!(report.arranged().lines().next().is_none(), "a handle of the stack's own");
    assert!(!comment::render_edit(&report).contains(TITLE));
}

#[test]
fn settings_switch_it_off() {
    let settings = SettingsTexts {
        in_force: Some((RepoPath::new(settings::PATH), "comment: {agents: false}\n".to_owned())),
        ..SettingsTexts::default()
    };
    let (with, without) = (example(&SettingsTexts::default()), example(&settings));
    let (with, without) = (comment::render(&with).unwrap(), comment::render(&without).unwrap());
    let (before, rest) = with.split_once(TITLE).unwrap();
    let (_, after) = rest.split_once("</details>\n\n").unwrap();
    assert_eq!(without, format!("{before}{after}"));
}

#[test]
fn foreign_text_stays_in_its_quotes() {
    let principal = "arn:aws:iam::111122223333:role/```\\n</details>\\n<!-- astride:comment -->\\n@everyone";
    let template = format!(
        "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n  Policy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Jobs]\n      PolicyDocument:\n        Statement: [{{Effect: Allow, Principal: {{AWS: \"{principal}\"}}, Action: \"sqs:*\", Resource: \"*\"}}]\n"
    );
    let report = judge(&[("template.yaml", &template)]);
    let body = comment::render(&report).unwrap();
    let listed = listed(&body);
    let has_it = |entry: &Value| entry["facts"].to_string().contains("role/```");
    assert!(listed.iter().any(has_it), "{listed:#?}");
    let (_, fold) = body.split_once(TITLE).unwrap();
    let (fold, _) = fold.split_once("</details>").unwrap();
    assert_eq!(fold.matches("```").count(), 2, "{fold}");
    assert!(!fold.contains("<!--") && !fold.contains('@'), "{fold}");
}

#[test]
fn five_hundred_elements_leave_the_comment_its_room() {
    let mut template = String::from("Transform: AWS::Serverless-2016-10-31\nResources:\n");
    for number in 0..500 {
        // Writing to a string cannot fail.
        let _ = write!(
            template,
            "  Fn{number}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: nodejs22.x\n      CodeUri: src/\n      FunctionUrlConfig:\n        AuthType: NONE\n"
        );
    }
    let report = judge(&[("template.yaml", &template)]);
    let body = comment::render(&report).unwrap();
    assert!(body.len() <= MOST, "{} bytes", body.len());
    let listed = listed(&body);
    assert!(listed.len() <= 40 && body.contains(" more: `astride review --format json` has all."), "{}", listed.len());
}
