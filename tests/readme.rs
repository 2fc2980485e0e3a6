//! The README shows what the program writes, and lists what it takes.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::command::help::COMMANDS;
use astride::report::comment;
use astride::settings::{self, SettingsTexts};
use astride::source::RepoPath;
use std::fs;
use std::path::Path;

#[test]
fn the_example_comments_are_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (folder, mark) in [("example", "example"), ("terraform", "example in Terraform")] {
        let (before, rest) = readme.split_once(&format!("<!-- {mark} -->\n")).unwrap();
        let (_, after) = rest.split_once(&format!("<!-- /{mark} -->")).unwrap();
        let quoted = quoted_comment(&root.join("src/sandbox").join(folder));
        readme = format!("{before}<!-- {mark} -->\n{quoted}<!-- /{mark} -->{after}");
    }
    shared::expect(&root.join("README.md"), &readme).unwrap_or_else(|error| panic!("{error}"));
}

/// The comment on an example, in lines of a quote, so that the README can hold headings and tables of its own beside it.
fn quoted_comment(example: &Path) -> String {
    let mut change = shared::change(&example.join("base"), &example.join("head"));
    // Links would lead nowhere.
    change.repository.web_url.clear();
    let report = shared::judge(&change, &SettingsTexts::default());
    let body = comment::render(&report).unwrap();
    let body = body.split_once('\n').unwrap().1;
    body.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect()
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
