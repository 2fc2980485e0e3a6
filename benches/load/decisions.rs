//! Decisions that come at once: none is lost, none is there twice, and what waits together is one commit.

use crate::arguments::Arguments;
use crate::page::{asked, written};
use crate::scene::{AUTHOR, OPEN, REVIEWER, fleet, keep_time, lay_out, metrics, note_first_contact, open_pull, settle, sum, wait_until};
use astride::change::Right;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::objects::Content;
use std::collections::BTreeMap;
use std::time::Instant;

const DECISIONS: usize = 100;
const SHOP: &str = "acme/shop";
const LEDGER: &str = "astride-ledger";

pub(crate) async fn measure(arguments: &Arguments) {
    let count = arguments.count.unwrap_or(DECISIONS);
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    if arguments.apart {
        lay_out(&fleet, count).await;
    } else {
        lay_out_one(&standin, count);
        let id = standin.with(|github| github.repository_named(SHOP).map(|found| found.id)).expect("it was made");
        note_first_contact(&fleet, &[id]).await;
    }
    keep_time(&fleet);
    fleet.balance();
    let process = fleet.start().await;
    if arguments.apart {
        for number in 0..count {
            open_pull(&standin, number);
        }
    } else {
        open_one(&standin, count);
    }
    settle(&process).await;
    let ids = asked_about(&standin, count, arguments.apart);
    assert_eq!(ids.len(), count, "each pull request asks about something");
    let before = (asked(&standin), sum(&metrics(&process).await, "astride_runs_total", "\"pull\""));
    let began = Instant::now();
    for (repository, number, line) in &ids {
        let text = format!("/stride accept {line} open on purpose");
        standin.act(|github| github.comment(repository, *number, REVIEWER, &text)).expect("the pull request is there");
    }
    let pulls = written(&standin).pulls;
    let decided = wait_until(began, || written(&standin).green == pulls).await;
    settle(&process).await;
    let settled = began.elapsed();
    let blocks = blocks(&standin);
    // What several rules say of one thing is one line, and a block for each of them.
    assert!(blocks.len() >= count && blocks.len().is_multiple_of(count), "no decision is lost: {} blocks", blocks.len());
    assert!(blocks.values().all(|times| *times == 1), "no decision is there twice: {blocks:?}");
    let (after, runs) = (asked(&standin), sum(&metrics(&process).await, "astride_runs_total", "\"pull\"") - before.1);
    let how = if arguments.apart { "on a pull request each, twenty in a repository" } else { "on one pull request" };
    let store = if arguments.postgres { "PostgreSQL" } else { "SQLite" };
    println!("{count} decisions at once, {how}, on {store}, write gap {} ms", arguments.write_gap);
    println!(
        "  all checks are green after {:.1} s, by {} commits; nothing is left to do after {:.1} s",
        decided.as_secs_f64(),
        commits(&standin),
        settled.as_secs_f64()
    );
    println!(
        "  {runs} runs, {} requests, {} of them writes, {} checks",
        after.charged - before.0.charged,
        after.writes - before.0.writes,
        checks(&standin)
    );
}

/// A repository whose only template has as many functions as there are decisions.
fn lay_out_one(standin: &StandIn, count: usize) {
    standin.act(|github| {
        let files = [("template.yaml", Content::Text(functions(count, ""))), (".github/astride.yml", "mode: enforce\n".into())];
        github.add_repository(SHOP, Visibility::Private, &files).expect("a new name");
        github.install("acme", None);
        for (person, right) in [(AUTHOR, Right::Write), (REVIEWER, Right::Maintain)] {
            github.set_role(SHOP, person, right).expect("the repository is there");
        }
    });
}

fn open_one(standin: &StandIn, count: usize) {
    let changes = [("template.yaml", Some(Content::Text(functions(count, OPEN))))];
    let push = Push { repository: SHOP, branch: "orders", by: AUTHOR, changes: &changes, message: "Orders" };
    standin.act(|github| github.push(&push)).expect("the repository is there");
    let opening = Opening { repository: SHOP, by: AUTHOR, head: "orders", base: "main", title: "Orders", body: "", draft: false };
    standin.act(|github| github.open_pull(&opening)).expect("the branch is there");
}

fn functions(count: usize, more: &str) -> String {
    let mut text = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n".to_owned();
    for number in 0..count {
        text += &format!(
            "  Orders{number}Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: index.handler\n      Runtime: nodejs22.x\n      CodeUri: src/\n{more}"
        );
    }
    text
}

/// What is to be decided: repository, pull request, and the number of the line that the command names.
fn asked_about(standin: &StandIn, count: usize, apart: bool) -> Vec<(String, u64, usize)> {
    if !apart {
        return (1..=count).map(|line| (SHOP.to_owned(), 1, line)).collect();
    }
    standin.with(|github| {
        let pulls = github.repositories.values().flat_map(|found| found.pulls.keys().map(|number| (found.full_name(), *number, 1)));
        pulls.collect()
    })
}

/// How often the ledger has each threat.
fn blocks(standin: &StandIn) -> BTreeMap<String, usize> {
    standin.with(|github| {
        let mut times = BTreeMap::new();
        for repository in github.repositories.values() {
            let Some(tip) = repository.branch(LEDGER) else { continue };
            let texts = github.objects(repository.id).map(|objects| objects.texts(tip)).unwrap_or_default();
            for (path, text) in &texts {
                for line in text.lines().filter(|line| line.trim_start_matches("- ").trim_start().starts_with("threat:")) {
                    *times.entry(format!("{} {path} {line}", repository.id)).or_default() += 1;
                }
            }
        }
        times
    })
}

/// Commits of all ledgers.
fn commits(standin: &StandIn) -> usize {
    standin.with(|github| {
        let mut count = 0;
        for repository in github.repositories.values() {
            let (mut next, objects) = (repository.branch(LEDGER), github.objects(repository.id));
            while let Some(commit) = next.and_then(|id| objects?.commit(id)) {
                count += 1;
                next = commit.parents.first().copied();
            }
        }
        count
    })
}

fn checks(standin: &StandIn) -> usize {
    standin.with(|github| github.repositories.values().map(|repository| repository.checks.len()).sum())
}
