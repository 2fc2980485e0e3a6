//! What a push to a pull request costs in requests to GitHub: counted over the stand-in's real routes, and looked at when it changes.

#![expect(clippy::print_stdout, reason = "what it costs is read")]

mod service;
mod shared;
mod story;

use astride::decisions::ledger_text;
use astride::sandbox::github::faults::Recorded;
use astride::worker::judgement::Judgement;
use service::Service;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use story::{act, open, stories};

/// Reads of a push that are not answered 304, apart from blobs.
const MOST: usize = 5;

/// Asked beyond that where there is a decision: it counts by who pushed, and it was pushed.
const PUSHERS: &str = "GET /repos/acme/shop/activity";
/// Asked beyond that before the reply that closes a thread: it may have been written before.
const REPLIES: &str = "GET /repos/acme/shop/pulls/1/comments";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_costs_few_requests() {
    let mut table = String::from("Requests of one run; `BLESS=1 cargo test --test requests` rewrites them.\n");
    let (cold, fixed) = first_and_last("a_fix_is_pushed").await;
    let (_, clear) = first_and_last("tags_are_pushed").await;
    let (_, kept) = first_and_last("a_decision_outlives_a_push_that_changes_nothing").await;
    tell("the pull request is opened, with an empty database", &cold, &mut table);
    tell("a file of it is pushed again, and nothing is to be answered, as before", &clear, &mut table);
    tell("a file of it is pushed again, and the finding is gone", &fixed, &mut table);
    tell("a file of it is pushed again after a decision, with new tags", &kept, &mut table);
    println!("{table}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/requests.txt");
    shared::expect(&file, &table).unwrap_or_else(|error| panic!("{error}"));
    for (pushed, beyond) in [(&clear, &[][..]), (&fixed, &[REPLIES]), (&kept, &[PUSHERS])] {
        let asked: Vec<String> = counted(pushed);
        for more in beyond {
            assert_eq!(asked.iter().filter(|asked| asked == more).count(), 1, "{more}: {asked:#?}");
        }
        assert!(asked.len() - beyond.len() <= MOST, "{asked:#?}");
    }
}

/// The documentation says what was counted.
#[test]
fn the_figures_of_the_documentation_are_those_that_were_counted() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let number = |words: &str| words.split(' ').next().and_then(|word| word.parse::<usize>().ok());
    let (counted, told) = (read("tests/cases/requests.txt"), read("docs/benchmark.md"));
    let counted: Vec<(&str, Vec<Option<usize>>)> = counted
        .lines()
        .filter(|line| line.ends_with(" writes"))
        .filter_map(|line| line.rsplit_once(": "))
        .map(|(what, figures)| (what, figures.split(", ").map(number).collect()))
        .collect();
    let rows =
        told.split("## Requests to GitHub").nth(1).unwrap().lines().filter(|line| line.starts_with("| a ") || line.starts_with("| the "));
    let cells = rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").collect::<Vec<&str>>());
    let told: Vec<(&str, Vec<Option<usize>>)> =
        cells.map(|cells| (cells[0], cells[1..].iter().map(|figure| number(figure)).collect())).collect();
    assert_eq!(told, counted, "docs/benchmark.md, and tests/cases/requests.txt");
}

/// Each read of a push is in the table that says why it stays, and each row of the table is of a read that there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_read_of_a_push_has_its_reason() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let table = text.split("## What a push costs").nth(1).expect("there is the section");
    let told: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('`').nth(1)).collect();
    let mut used = BTreeSet::new();
    for name in ["a_fix_is_pushed", "tags_are_pushed", "a_decision_outlives_a_push_that_changes_nothing"] {
        let (_, pushed) = first_and_last(name).await;
        for request in pushed.iter().filter(|request| !request.is_write()) {
            let is_told = |shown: &&&str| {
                let (method, pattern) = shown.split_once(' ').unwrap_or_default();
                method == request.method && fits(pattern, &request.path)
            };
            let rows: Vec<&str> = told.iter().filter(is_told).copied().collect();
            assert_eq!(rows.len(), 1, "the reason of {} {} in ARCHITECTURE.md: {rows:?}", request.method, request.path);
            used.extend(rows);
        }
    }
    let unused: Vec<&str> = told.iter().copied().filter(|shown| !used.contains(shown)).collect();
    assert!(unused.is_empty(), "no push reads {unused:?}, which ARCHITECTURE.md has a reason for");
}

/// The event told of a head that is left by now, and that of the next push is lost: what stands there is judged, and nothing is written on what was left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_late_proves_no_head() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let pull = service.open_pull();
    service.settle().await;
    let head = || service.standin.with(|github| github.pull(github.repository_named(story::SHOP).unwrap().id, pull).unwrap().head.sha);
    service.push("orders", "Resources: {}\n# once more\n");
    let left = head();
    assert!(service.deliver().await.contains(&202));
    service.push("orders", "Resources: {}\n# and again\n");
    service.lose().await;
    service.settle().await;
    let checked: Vec<_> =
        service.standin.with(|github| github.repository_named(story::SHOP).unwrap().checks.values().map(|check| check.head).collect());
    assert!(checked.contains(&head()) && !checked.contains(&left), "{checked:?}, and {left} was left");
}

/// `…` stands for `/repos/owner/name`, a word in capitals for any segment; the names of branches may have several.
fn fits(pattern: &str, path: &str) -> bool {
    let pattern = pattern.replace('…', "/repos/acme/shop");
    let is_any = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_uppercase());
    let (wanted, found): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let may_go_on = wanted.last().is_some_and(|last| ["BRANCH", "BASEHEAD"].contains(last));
    wanted.iter().zip(&found).all(|(wanted, found)| wanted == found || is_any(wanted))
        && (wanted.len() == found.len() || may_go_on && wanted.len() < found.len())
}

#[test]
fn a_row_of_the_table_is_of_one_read() {
    for (pattern, path, is_of_it) in [
        ("…/pulls/NUMBER", "/repos/acme/shop/pulls/1", true),
        ("…/pulls/NUMBER", "/repos/acme/shop/pulls/1/files", false),
        ("…/pulls", "/repos/acme/shop/pulls/1", false),
        ("…/git/ref/heads/BRANCH", "/repos/acme/shop/git/ref/heads/releases/2", true),
        ("…/git/ref/heads/BRANCH", "/repos/acme/shop/git/ref/heads", false),
        ("…", "/repos/acme/shop", true),
        ("…", "/repos/acme/other", false),
    ] {
        assert_eq!(fits(pattern, path), is_of_it, "{pattern} {path}");
    }
}

/// The reads that are not answered 304, apart from blobs.
fn counted(requests: &[Recorded]) -> Vec<String> {
    let changed =
        requests.iter().filter(|request| !request.is_write() && request.status != Some(304) && !request.path.contains("/git/blobs/"));
    changed.map(|request| format!("{} {}", request.method, shape(&request.path))).collect()
}

/// The requests until the pull request of a story is judged, and those of its last act.
async fn first_and_last(name: &str) -> (Vec<Recorded>, Vec<Recorded>) {
    let stories = stories();
    let story = stories.iter().find(|story| story.name == name).expect("the story is told");
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    open(&service.standin, story);
    service.settle().await;
    let first = service.standin.requests();
    // What is done once in a repository is no cost of a push.
    service.wait(60);
    service.settle().await;
    let mut last = 0;
    for step in &story.acts {
        last = service.standin.requests().len();
        act(&service.standin, step);
        service.settle().await;
    }
    (first, service.standin.requests().split_off(last))
}

fn tell(what: &str, requests: &[Recorded], table: &mut String) {
    let (writes, reads): (Vec<&Recorded>, Vec<&Recorded>) = requests.iter().partition(|request| request.is_write());
    let (unchanged, changed): (Vec<&Recorded>, Vec<&Recorded>) = reads.into_iter().partition(|request| request.status == Some(304));
    let _ = write!(table, "\n{what}: {} reads, {} answered 304, {} writes\n", changed.len(), unchanged.len(), writes.len());
    for (word, list) in [("read", &changed), ("304", &unchanged), ("write", &writes)] {
        let mut lines: Vec<String> =
            list.iter().map(|request| format!("  {word:<5} {} {}", request.method, shape(&request.path))).collect();
        lines.sort();
        lines.iter().for_each(|line| *table += &format!("{line}\n"));
    }
}

/// The path without what differs from run to run.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.len() >= 12 && part.chars().all(|c| c.is_ascii_hexdigit() || c == '.') { "SHA" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}
