//! The README shows what the program writes, and lists what it takes.

mod shared;

use astride::command::help::COMMANDS;
use astride::report::comment;
use astride::settings::{self, SettingsTexts};
use astride::source::RepoPath;
use std::fs;
use std::path::Path;

#[test]
fn the_example_comment_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = root.join("src/sandbox/example");
    let mut change = shared::change(&example.join("base"), &example.join("head"));
    // Links would lead nowhere.
    change.repository.web_url.clear();
    let report = shared::judge(&change, &SettingsTexts::default());
    let body = comment::render(&report).unwrap();
    // Lines of a quote, so that the README can hold headings and tables of its own beside it.
    let body = body.split_once('\n').unwrap().1;
    let quoted: String = body.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let (before, rest) = readme.split_once("<!-- example -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /example -->").unwrap();
    let expected = format!("{before}<!-- example -->\n{quoted}<!-- /example -->{after}");
    shared::expect(&root.join("README.md"), &expected).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_command_is_listed() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for entry in COMMANDS.iter() {
        assert!(
            readme.contains(&format!("/stride {}", entry.word))
                || readme.contains(&format!("`{}`", entry.word))
                || readme.contains(&format!("`{} <id>`", entry.word)),
            "{}",
            entry.word
        );
    }
}

#[test]
fn the_settings_shown_are_the_defaults() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let yaml = readme.split_once("```yaml\n").unwrap().1.split_once("```").unwrap().0;
    let shown = settings::parse(&RepoPath::new(settings::PATH), yaml).unwrap();
    let defaults = settings::Settings::default();
    assert_eq!(
        (shown.mode, shown.findings, shown.questions, shown.decide, shown.threads),
        (defaults.mode, defaults.findings, defaults.questions, defaults.decide, defaults.threads)
    );
}
