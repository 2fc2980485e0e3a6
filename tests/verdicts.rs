//! Every row of the table of verdicts, said alike by whatever renders a report; and the JSON, held to its published schema.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::report::text::Style;
use astride::report::{Report, Verdict, check, comment, headline, html, json, sarif, text};
use astride::stride::rule::Severity;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A row: the case it comes of, its verdict, how the first line begins, the check, the exit code, the class of the page.
type Row = (&'static str, Verdict, &'static str, &'static str, u8, &'static str);

const ROWS: [Row; 10] = [
    ("nothing_to_judge", Verdict::Clear, "nothing to judge", "success", 0, "clear"),
    ("name_changed_and_content_is_the_same", Verdict::Clear, "clear", "success", 0, "clear"),
    ("taken_away_a_control", Verdict::Noted, "noted: 1 control removed or weakened (Orders: deletion protection)", "success", 0, "noted"),
    ("taken_away_a_store", Verdict::Noted, "noted: 1 store deleted or replaced (Orders)", "success", 0, "noted"),
    ("not_judged_alone", Verdict::NotJudged, "nothing judged: ", "success", 0, "unjudged"),
    ("not_judged_beside_what_is", Verdict::Clear, "clear", "success", 0, "clear"),
    ("unknown_in_a_new_url_parameter", Verdict::NeedsAnswer, "1 threat needs an answer", "action_required", 1, "needs"),
    ("settings_mode_weakened", Verdict::NeedsAnswer, "1 threat needs an answer", "action_required", 1, "needs"),
    ("link_that_leads_nowhere", Verdict::Undetermined, "1 file needs repair", "failure", 2, "repair"),
    ("settings_broken_on_the_base", Verdict::Undetermined, "1 file needs repair", "failure", 2, "repair"),
];

fn report(case: &str) -> Report {
    shared::gate_report(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/gate").join(case))
}

/// What each renderer says must be what the row says.
fn check_row(report: &Report, (case, verdict, first, conclusion, exit, class): Row) {
    assert_eq!(report.verdict, verdict, "{case}");
    let line = headline::headline(report);
    assert!(line.starts_with(first), "{case}: {line}");
    assert_eq!(check::render(report).conclusion.word(), conclusion, "{case}");
    assert!(check::render(report).title.contains(first), "{case}");
    assert_eq!(verdict.exit(), exit, "{case}");
    let comment = comment::render_edit(report);
    assert!(
        comment.lines().find(|line| !line.starts_with("<!-- ")).unwrap().starts_with(&format!("### Astride: {first}")),
        "{case}: {comment}"
    );
    assert!(text::render(report, &Style::default()).starts_with(&format!("Astride: {first}")), "{case}");
    let page = html::render(report);
    assert!(page.contains(&format!("<header class=\"{class}\">")), "{case}");
    assert!(page.contains(&format!("<title>Astride: {first}")), "{case}");
    let json: Value = serde_json::from_str(&json::report(report)).unwrap();
    assert_eq!((json["verdict"].as_str(), json["headline"].as_str()), (Some(verdict.word()), Some(line.as_str())), "{case}");
    let run = &sarif::render(report, Severity::Low)["runs"][0];
    let errors = |list: &Value| list.as_array().unwrap().iter().filter(|entry| entry["level"] == "error").count();
    let blocking = run["results"].as_array().unwrap().iter().filter(|result| result["properties"]["blocks"] == true).count();
    let configuration = errors(&run["invocations"][0]["toolConfigurationNotifications"]);
    assert_eq!(run["invocations"][0]["executionSuccessful"] == false, verdict == Verdict::Undetermined, "{case}");
    assert_eq!(errors(&run["invocations"][0]["toolExecutionNotifications"]) > 0, verdict == Verdict::Undetermined, "{case}");
    assert!(verdict != Verdict::NeedsAnswer || blocking + configuration > 0, "{case}");
}

#[test]
fn every_row_is_said_alike() {
    for row in ROWS {
        check_row(&report(row.0), row);
    }
}

/// The mode concerns the App's check alone.
#[test]
fn whoever_only_advises_is_green_and_says_so() {
    for row in ROWS {
        let (case, _, first, _, exit, _) = row;
        let advised = Report { advise: true, ..report(case) };
        let check = check::render(&advised);
        assert_eq!(check.conclusion.word(), "success", "{case}");
        assert_eq!(check.title.starts_with("advise: "), exit > 0, "{case}: {}", check.title);
        assert_eq!(advised.verdict.exit(), exit, "{case}");
        let json: Value = serde_json::from_str(&json::report(&advised)).unwrap();
        let enforced: Value = serde_json::from_str(&json::report(&report(case))).unwrap();
        assert_eq!(json["threats"], enforced["threats"], "{case}: `blocks` is as it were enforced");
        assert!(exit > 0 || check.title.starts_with(first), "{case}");
    }
}

fn schema() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/review.schema.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Real outputs: all cases of the gate, and all pull requests.
fn outputs() -> Vec<(String, Value)> {
    let pulls = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/pulls");
    let pulls = fs::read_dir(pulls).unwrap().map(|entry| entry.unwrap().path());
    shared::gate_cases()
        .into_iter()
        .chain(pulls)
        .map(|case| (case.display().to_string(), serde_json::from_str(&json::report(&shared::gate_report(&case))).unwrap()))
        .collect()
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema = schema();
    let validator: Validator = jsonschema::validator_for(&schema).unwrap();
    let known: BTreeSet<&String> = schema["properties"].as_object().unwrap().keys().collect();
    let mut wrong = Vec::new();
    for (case, output) in outputs() {
        wrong.extend(validator.iter_errors(&output).map(|error| format!("{case}: {}: {error}", error.instance_path())));
        let undescribed = output.as_object().unwrap().keys().filter(|key| !known.contains(key)).cloned();
        wrong.extend(undescribed.map(|key| format!("{case}: `{key}` is not described")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A schema that takes everything would prove nothing.
#[test]
fn the_schema_refuses_what_is_wrong() {
    let validator: Validator = jsonschema::validator_for(&schema()).unwrap();
    let (_, right) = outputs().into_iter().find(|(_, output)| output["threats"][0]["id"].is_string()).unwrap();
    for (pointer, value) in [
        ("/verdict", Value::from("fine")),
        ("/schema_version", Value::from(2)),
        ("/threats/0/id", Value::from("OrdersFn")),
        ("/threats/0/blocks", Value::from("yes")),
        ("/base", Value::from("main")),
        ("/repairs", Value::Null),
    ] {
        let mut output = right.clone();
        *output.pointer_mut(pointer).unwrap() = value;
        assert!(!validator.is_valid(&output), "{pointer}");
    }
    let mut more = right;
    more["threats"][0]["cause"] = Value::from("a later property");
    assert!(validator.is_valid(&more));
}
