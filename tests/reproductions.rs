//! What is kept of a template that Astride misread: `tests/cases/reproductions`, of each finding the least that raises it, with other names.
//! `BLESS=1` rewrites what is expected.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::catalog::claims::Claims;
use astride::catalog::public_words::is_public;
use astride::change::Reproductions;
use astride::formats;
use astride::judge::reproduction::Budget;
use astride::source::{MemoryFiles, RepoPath};
use astride::stride::Outcome;
use astride::stride::rule::{RULES, Rule, RuleKind};
use astride::stride::threats::find_threats;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

fn files_of(folder: &Path) -> MemoryFiles {
    let mut files = BTreeMap::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                open.push(entry);
            } else if let Ok(text) = fs::read_to_string(&entry) {
                files.insert(RepoPath::new(entry.strip_prefix(folder).unwrap().to_str().unwrap()), text);
            }
        }
    }
    files.remove(&RepoPath::new("expected.txt"));
    MemoryFiles(files)
}

/// The unit of a case: its one file, or the folder of its files.
fn unit_of(files: &MemoryFiles) -> RepoPath {
    let first = files.0.keys().next().unwrap();
    if first.file_name().ends_with(".tf") { RepoPath::new(first.folder()) } else { first.clone() }
}

#[test]
fn of_what_was_misread_the_least_is_kept_without_a_name() {
    let rules: Vec<&'static Rule> = RULES.iter().collect();
    let mut failures = Vec::new();
    for case in shared::folders("reproductions") {
        let files = files_of(&case);
        let unit = unit_of(&files);
        let reading = formats::read(&unit, &files, &Claims::default());
        let threats = find_threats(&reading.model, &rules);
        let mut out = String::new();
        for threat in threats.iter().filter(|threat| threat.rule.kind == RuleKind::Finding && threat.outcome == Outcome::Open) {
            let found = Budget::default().find(&files, threat, &Reproductions::default());
            let shown = found.as_deref().unwrap_or("nothing small raises it\n");
            writeln!(out, "== {} on {}\n{shown}", threat.rule.id, threat.shown).unwrap();
            let words = shown.split(|c: char| !(c.is_alphanumeric() || c == '_'));
            let named: Vec<&str> = words.filter(|word| word.to_ascii_lowercase().contains("acme") || *word == "429876123450").collect();
            assert!(named.is_empty() || named.iter().all(|word| is_public(word)), "{}: {named:?}", case.display());
        }
        failures.extend(shared::expect(&case.join("expected.txt"), &out).err());
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// However many threats a command is on, what is done for it is bounded as a whole, and comes to the same whether or not some of it is at hand.
#[test]
fn one_command_is_bounded_as_a_whole() {
    let function = |number: usize| {
        let properties = "{Handler: index.handler, Runtime: nodejs22.x, CodeUri: src/, FunctionUrlConfig: {AuthType: NONE}}";
        format!("  Form{number}:\n    Type: AWS::Serverless::Function\n    Properties: {properties}\n")
    };
    let text = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{}", (0..12).map(function).collect::<String>());
    let unit = RepoPath::new("template.yaml");
    let files = MemoryFiles(BTreeMap::from([(unit.clone(), text)]));
    let rules: Vec<&'static Rule> = RULES.iter().filter(|rule| rule.id == "STR-FURL-S-01").collect();
    let threats = find_threats(&formats::read(&unit, &files, &Claims::default()).model, &rules);
    assert_eq!(threats.len(), 12);
    let known = Reproductions::default();
    let found = |budget: &mut Budget| -> Vec<bool> { threats.iter().map(|threat| budget.find(&files, threat, &known).is_some()).collect() };
    let all = found(&mut Budget::default());
    assert!(all.iter().all(|found| *found));
    // The least that is enough for the first one is not enough for all.
    let enough = |budget: &usize| Budget::of(usize::MAX, *budget).find(&files, &threats[0], &known).is_some();
    let least = std::iter::successors(Some(1_000_usize), |budget| Some(budget * 2)).find(enough).unwrap();
    let few = found(&mut Budget::of(usize::MAX, least));
    assert!(few[0] && !few[11], "{few:?}");
    // What is at hand by now spends as much as what is made anew.
    assert_eq!(few, found(&mut Budget::of(usize::MAX, least)));
    let anew: Vec<bool> = {
        let (mut budget, nothing) = (Budget::of(usize::MAX, least), Reproductions::default());
        threats.iter().map(|threat| budget.find(&files, threat, &nothing).is_some()).collect()
    };
    assert_eq!(few, anew);
}
