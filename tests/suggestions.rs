//! Fixes that are one word of a line: the thread offers the line as it would be, and with that line the threat is answered, and nothing else.
//!
//! `tests/cases/suggestions/<rule>` has a file for each notation in which the rule is raised so.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::decisions::Reviewed;
use astride::report::{Report, Thread};
use astride::settings::SettingsTexts;
use astride::source::RepoPath;
use astride::stride::ThreatKey;
use astride::stride::rule::{RULES, RuleKind, Severity};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The report on a change that brings this file, each of whose lines is one of the change.
fn judge(name: &str, text: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let (base, head) = (folder.path().join("base"), folder.path().join("head"));
    [&base, &head].into_iter().for_each(|side| fs::create_dir_all(side).unwrap());
    fs::write(base.join("readme.txt"), "shop").unwrap();
    fs::write(head.join(name), text).unwrap();
    let mut change = shared::change(&base, &head);
    change.hunks.insert(RepoPath::new(name), vec![(1, u32::try_from(text.lines().count()).unwrap())]);
    shared::judge(&change, &SettingsTexts::default())
}

/// The line that a thread offers in the place of its own.
fn offered(thread: &Thread) -> Option<(u32, &str)> {
    let (_, rest) = thread.body.split_once("\n\n```suggestion\n")?;
    let (line, _) = rest.split_once("\n```\n")?;
    Some((thread.line?, line))
}

/// What is asked, but for generic questions and what is of low weight.
fn open(report: &Report) -> BTreeSet<&ThreatKey> {
    let is_asked = |reviewed: &&Reviewed| {
        let rule = reviewed.threat.rule;
        reviewed.needs_answer() && rule.kind != RuleKind::Baseline && reviewed.threat.severity >= Severity::Medium
    };
    report.reviewed.iter().filter(is_asked).map(Reviewed::key).collect()
}

#[test]
fn what_is_offered_answers_the_threat_and_nothing_else() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/suggestions");
    for rule in RULES.iter().filter(|rule| rule.suggestion.is_some()) {
        let folder = cases.join(rule.id);
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for file in files.map(|entry| entry.unwrap().path()) {
            let name = file.file_name().unwrap().to_str().unwrap();
            let before = fs::read_to_string(&file).unwrap();
            let report = judge(name, &before);
            let of_rule = report.reviewed.iter().find(|reviewed| reviewed.threat.rule.id == rule.id && reviewed.needs_answer());
            let asked = of_rule.unwrap_or_else(|| panic!("{}: not raised", file.display())).key().clone();
            let thread = report.threads.iter().find(|thread| offered(thread).is_some());
            let (line, fixed) = thread.and_then(offered).unwrap_or_else(|| panic!("{}: {:#?}", file.display(), report.threads));
            let mut lines: Vec<&str> = before.lines().collect();
            lines[line as usize - 1] = fixed;
            let after = judge(name, &(lines.join("\n") + "\n"));
            let (were, are) = (open(&report), open(&after));
            assert!(!are.contains(&asked), "{}: still asked", file.display());
            let new: Vec<_> = are.difference(&were).collect();
            assert!(new.is_empty(), "{}: brings {new:#?}", file.display());
            let held: BTreeSet<&ThreatKey> = report.blocking().map(|reviewed| reviewed.key()).filter(|key| **key != asked).collect();
            let holds: BTreeSet<&ThreatKey> = after.blocking().map(|reviewed| reviewed.key()).collect();
            assert_eq!(held, holds, "{}", file.display());
            assert!(after.threads.iter().all(|thread| offered(thread).is_none()), "{}", file.display());
        }
    }
}
