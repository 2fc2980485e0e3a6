//! `astride review` for other programs: annotations, JUnit, several formats of one judgement, files, exit codes.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{BROKEN, Local, OPEN_QUEUE, QUEUE};
use serde_json::Value;
use std::fs;

const BRANCHES: [&str; 5] = ["review", "--base", "main", "--head", "work"];

fn opened() -> Local {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    local
}

fn review(more: &[&'static str]) -> Vec<&'static str> {
    BRANCHES.iter().chain(more).copied().collect()
}

#[test]
fn what_blocks_is_an_error_on_its_line() {
    let out = opened().astride(&review(&["--format", "github"])).ending(1);
    let mut lines = out.lines();
    assert_eq!(lines.next(), Some("Astride: 1 threat needs an answer"), "{out}");
    let first = lines.next().unwrap();
    assert!(first.starts_with("::error file=template.yaml,line=9,endLine=9,title=Jobs/"), "{out}");
    assert!(first.contains("%3A spoofing%2C critical::") || first.contains("%3A elevation of privilege%2C critical::"), "{out}");
}

/// Links to the documentation lead to the pages that the book has, and are there only where somebody says where it is published.
#[test]
fn rules_link_to_their_pages() {
    const DOCS: &str = "https://docs.acme.example/astride";
    let local = opened();
    let plain = local.astride(&review(&["--format", "markdown"])).ending(1);
    assert!(!plain.contains("docs.acme.example") && !plain.contains("how to review"), "{plain}");
    let linked = local.astride(&review(&["--format", "markdown", "--docs-url", DOCS])).ending(1);
    let pages: Vec<&str> = linked.split(DOCS).skip(1).filter_map(|rest| rest.split_once(')').map(|(page, _)| page)).collect();
    assert!(pages.iter().any(|page| page.starts_with("/rules/STR-")), "{linked}");
    assert_eq!(pages.iter().filter(|page| **page == "/reviewing.html").count(), 1, "{linked}");
    let known = local.astride(&["rules", "list", "--format", "json"]).ending(0);
    for page in pages.iter().filter_map(|page| page.strip_prefix("/rules/")?.strip_suffix(".html")) {
        assert!(known.contains(&format!("\"{page}\"")), "{page}");
    }
    let sarif = local.astride(&["threats", "--format", "sarif", "--docs-url", DOCS]).ending(0);
    assert!(sarif.contains(&format!("\"helpUri\": \"{DOCS}/rules/")), "{sarif}");
    let error = local.astride(&review(&["--docs-url", "docs.acme.example"])).refused();
    assert!(error.contains("no address of a site"), "{error}");
}

/// GitHub keeps ten of a level: no more are written, and the others are counted.
#[test]
fn ten_of_a_level_are_written_and_the_others_counted() {
    let local = Local::with(&[("README.md", "shop\n")]);
    let mut text = "Resources:\n".to_owned();
    for number in 0..13 {
        text.push_str(&OPEN_QUEUE.replace("Resources:\n", "").replace("Jobs", &format!("Jobs{number}")));
    }
    local.commit("open them", &[("template.yaml", &text)]);
    let out = local.astride(&review(&["--format", "github"])).ending(1);
    for level in ["::error ", "::warning ", "::notice "] {
        assert!(out.lines().filter(|line| line.starts_with(level)).count() <= 10, "{out}");
    }
    assert_eq!(out.lines().filter(|line| line.starts_with("::error ")).count(), 10, "{out}");
    assert!(out.lines().last().unwrap().starts_with("Astride: 3 more errors"), "{out}");
    let errors_first = out
        .lines()
        .filter(|line| line.starts_with("::"))
        .is_sorted_by_key(|line| ["::error ", "::warning ", "::notice "].iter().position(|level| line.starts_with(level)));
    assert!(errors_first, "{out}");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_each_format() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.commit("break it", &[("template.yaml", BROKEN)]);
    let out = local.astride(&review(&["--format", "github"])).ending(2);
    assert!(out.contains("::error file=template.yaml,line=") && out.contains("needs repair::"), "{out}");
    let out = local.astride(&review(&["--format", "junit"])).ending(2);
    assert!(out.contains("errors=\"1\"") && out.contains("<error type=\"repair\""), "{out}");
}

/// A name may hold whatever a file system takes.
#[test]
fn names_end_neither_a_command_nor_an_attribute() {
    let local = Local::with(&[("README.md", "shop\n")]);
    let name = "a,line=1::\"<b>&%\n::error::x.yaml";
    local.commit("open it", &[(name, OPEN_QUEUE)]);
    let out = local.astride(&review(&["--format", "github"])).ending(1);
    assert!(out.contains("file=a%2Cline=1%3A%3A\"<b>&%25%0A%3A%3Aerror%3A%3Ax.yaml,line=9,"), "{out}");
    assert!(!out.lines().any(|line| line.starts_with("::error::x")), "{out}");
    let out = local.astride(&review(&["--format", "junit"])).ending(1);
    assert!(out.contains("<testsuite name=\"a,line=1::&quot;&lt;b&gt;&amp;% ::error::x.yaml\""), "{out}");
}

#[test]
fn junit_has_a_suite_a_unit_and_a_case_a_threat() {
    let out = opened().astride(&review(&["--format", "junit"])).ending(1);
    assert!(out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Astride: 1 threat needs an answer\""), "{out}");
    let count = |what: &str| out.matches(what).count();
    assert_eq!(count("<testsuite "), 1, "{out}");
    let of = |key: &str| out.split(&format!(" {key}=\"")).nth(1).unwrap().split('"').next().unwrap().parse::<usize>().unwrap();
    assert_eq!(of("tests"), count("<testcase "), "{out}");
    assert_eq!(of("failures"), count("<failure "), "{out}");
    assert_eq!(of("skipped"), count("<skipped "), "{out}");
    assert!(of("failures") > 0 && of("tests") > of("failures") + of("skipped"), "what is covered has passed: {out}");
}

#[test]
fn one_judgement_is_written_in_several_formats() {
    let local = opened();
    let more =
        ["--format", "github", "-o", "log.txt", "--also", "json=report.json", "--also", "sarif=report.sarif", "--also", "markdown=c.md"];
    assert_eq!(local.astride(&review(&more)).ending(1), "", "what is written to a file is not printed");
    assert!(local.read("log.txt").contains("::error "));
    let json: Value = serde_json::from_str(&local.read("report.json")).unwrap();
    let sarif: Value = serde_json::from_str(&local.read("report.sarif")).unwrap();
    assert_eq!((json["verdict"].as_str(), sarif["version"].as_str()), (Some("needs-answer"), Some("2.1.0")));
    assert!(local.read("c.md").contains("### Astride: 1 threat needs an answer"));
    local.astride(&review(&["-o", "same", "--also", "json=same"])).refused();
    let left: Vec<_> = fs::read_dir(local.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!left.iter().any(|name| name.ends_with(".tmp")), "{left:?}");
}

#[test]
fn a_file_that_cannot_be_written_is_named_and_the_old_one_stays() {
    let local = opened();
    let error = local.astride(&review(&["-o", "missing/report.txt"])).refused();
    assert!(error.contains("missing/report.txt cannot be written: "), "{error}");
    local.write("report.txt", "the old one");
    fs::create_dir(local.file("folder")).unwrap();
    let error = local.astride(&review(&["-o", "report.txt", "--also", "json=folder"])).refused();
    assert!(error.contains("folder cannot be written: "), "{error}");
    assert_eq!(local.read("report.txt"), "the old one");
}

#[test]
fn a_pipe_is_written_to_and_a_link_stays_one() {
    let local = opened();
    assert!(local.astride(&review(&["-q", "-o", "/dev/stdout"])).ending(1).starts_with("Astride: "));
    local.write("real.txt", "old");
    std::os::unix::fs::symlink("real.txt", local.file("link.txt")).unwrap();
    local.astride(&review(&["-q", "-o", "link.txt"])).ending(1);
    assert!(local.file("link.txt").is_symlink() && local.read("real.txt").starts_with("Astride: "));
}

#[test]
fn whoever_only_wants_to_know_gets_a_zero_and_an_error_still_gets_a_two() {
    let local = opened();
    assert!(local.astride(&review(&["--exit-zero"])).ending(0).starts_with("Astride: 1 threat needs an answer"));
    local.commit("break it", &[("template.yaml", BROKEN)]);
    assert!(local.astride(&review(&["--exit-zero"])).ending(0).starts_with("Astride: 1 file needs repair"));
    local.astride(&["review", "--base", "nowhere", "--head", "work", "--exit-zero"]).refused();
}

#[test]
fn what_blocks_is_shown_whatever_is_left_out() {
    let local = opened();
    let whole = local.astride(&review(&[])).ending(1);
    let least = local.astride(&review(&["--min-severity", "critical"])).ending(1);
    assert!(whole.contains("\noptional\n") && !least.contains("\noptional\n"), "{least}");
    assert!(least.contains("\nblocks  critical ") && least.contains(" open below critical, left out\n"), "{least}");
    let annotations = local.astride(&review(&["--min-severity", "critical", "--format", "github"])).ending(1);
    assert!(annotations.contains("::error ") && annotations.contains(" below critical left out"), "{annotations}");
    let error = local.astride(&review(&["--min-severity", "severe"])).refused();
    assert!(error.contains("low, medium, high, critical"), "{error}");
    let [all, few] = ["low", "critical"].map(|least| {
        let json = local.astride(&[&review(&["--format", "json", "--min-severity"])[..], &[least]].concat()).ending(1);
        serde_json::from_str::<Value>(&json).unwrap()
    });
    assert_eq!(all, few, "JSON is whole");
}

#[test]
fn less_and_more_is_said_where_people_ask_for_it() {
    let local = opened();
    assert_eq!(local.astride(&review(&["-q"])).ending(1), "Astride: 1 threat needs an answer\n");
    let normal = local.astride(&review(&[])).ending(1);
    let verbose = local.astride(&review(&["-v"])).ending(1);
    assert!(!normal.contains('✓') && normal.contains("; -v lists them"), "{normal}");
    assert!(verbose.contains('✓') && !verbose.contains("; -v lists them"), "{verbose}");
    local.astride(&review(&["-q", "-v"])).refused();
}

#[test]
fn a_format_that_is_none_is_refused_with_those_there_are() {
    let error = opened().astride(&review(&["--also", "sarf=x"])).refused();
    assert!(error.contains("`sarf` is no format; there are text, markdown, json, sarif, html, github, junit"), "{error}");
}
