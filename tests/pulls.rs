//! Stories of pull requests: what the comment and the check say of `base` and `head`.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod shared;

use astride::report::text::Style;
use astride::report::{check, comment, json, text};
use astride::settings::SettingsTexts;
use astride::source::RepoPath;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

#[test]
fn stories_read_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/pulls");
    let mut stories: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    stories.sort();
    let wrong: Vec<String> = stories.iter().filter_map(|story| tell(story).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stories.len() > 5);
}

fn tell(story: &Path) -> Result<(), String> {
    let settings = fs::read_to_string(story.join("base").join(astride::settings::PATH)).ok();
    let settings =
        SettingsTexts { in_force: settings.map(|text| (RepoPath::new(astride::settings::PATH), text)), ..SettingsTexts::default() };
    let report = shared::judge(&shared::change(&story.join("base"), &story.join("head")), &settings);
    let check = check::render(&report);
    let body = comment::render(&report).unwrap_or_else(|| "(no comment)\n".to_owned());
    // The commits of folders have no ids worth reading.
    let body = body.replace(&report.head.to_string(), "HEAD").replace(&report.head.short(), "HEAD").replace(&report.base.short(), "BASE");
    shared::expect(&story.join("expected.md"), &format!("check: {}, {}\n\n{body}", check.conclusion.word(), check.title))?;
    // Where the other forms say more than the comment does.
    let whole: Value = serde_json::from_str(&json::report(&report)).unwrap();
    let threats = whole["threats"].as_array().unwrap().iter().filter(|threat| is_stated(threat)).cloned().collect();
    for (name, rendered) in
        [("expected.txt", text::render(&report, &Style::default())), ("expected.json", format!("{:#}\n", Value::Array(threats)))]
    {
        let file = story.join(name);
        if file.exists() {
            shared::expect(&file, &rendered)?;
        }
    }
    Ok(())
}

/// Whether people have a part in it.
fn is_stated(threat: &Value) -> bool {
    let by = |origin: &Value| origin["by"].as_str().is_some_and(|by| by == "people" || by.starts_with("change"));
    threat["origins"].as_object().unwrap().values().any(by) || threat["stated"] != json!([]) || threat["suppressed"] != json!([])
}

/// A pull request that changes nothing says nothing, whatever the tree holds.
#[test]
fn base_against_itself_is_silent() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/pulls");
    for story in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let report = shared::judge(&shared::change(&story.join("head"), &story.join("head")), &SettingsTexts::default());
        assert!(report.delta.is_empty() && report.reviewed.is_empty() && report.repairs.is_empty(), "{}", story.display());
        assert_eq!(comment::render(&report), None, "{}", story.display());
    }
}
