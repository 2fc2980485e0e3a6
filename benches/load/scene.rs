//! The organisation that all scenarios play in, and the processes around it.

use crate::arguments::Arguments;
use crate::fleet::connection::Connection;
use crate::fleet::{Fleet, Process};
use crate::stores;
use astride::change::Right;
use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::first_contact::{Note, Step};
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::{Options, StandIn};
use astride::sandbox::objects::Content;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub(crate) const AUTHOR: &str = "mona";
pub(crate) const REVIEWER: &str = "rita";
/// Pull requests of one repository.
const IN_ONE: usize = 20;
const LOOK: Duration = Duration::from_millis(100);
/// Longest that anything may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(40 * 60);

/// A function that nobody reaches from outside; whoever opens it gives it a URL.
pub(crate) fn template(number: usize) -> String {
    format!(
        "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders{number}Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
"
    )
}

/// What a pull request adds to it.
pub(crate) const OPEN: &str = "      FunctionUrlConfig:
        AuthType: NONE
";

/// A stand-in whose hour holds whatever is asked of it.
pub(crate) async fn fleet(arguments: &Arguments, folder: &tempfile::TempDir) -> Fleet {
    let store_url = if arguments.postgres {
        stores::postgres("the load").expect("PostgreSQL is installed")
    } else {
        format!("sqlite://{}/astride.db", folder.path().display())
    };
    let options =
        Options { start: Clock::system().timestamp(), step: 0, rate_limit: 100_000_000, graphql_limit: 100_000_000, ..Options::default() };
    let settings = vec![("ASTRIDE_WORKER_WRITE_GAP_MS", arguments.write_gap.to_string())];
    Fleet::new(store_url, options, settings).await
}

/// From now on the stand-in's clock is the machine's.
pub(crate) fn keep_time(fleet: &Fleet) {
    let standin = fleet.played.standin.clone();
    tokio::spawn(async move {
        loop {
            standin.with(|github| github.set_now(Clock::system().timestamp()));
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
}

/// The repositories for so many pull requests, each with a template for each of them. What is done once in a repository is done.
pub(crate) async fn lay_out(fleet: &Fleet, pulls: usize) {
    let standin = &fleet.played.standin;
    let names: Vec<String> = (0..pulls.div_ceil(IN_ONE)).map(|repository| format!("acme/shop-{repository}")).collect();
    let ids = standin.act(|github| {
        let mut ids = Vec::new();
        for (repository, name) in names.iter().enumerate() {
            let mut files: Vec<(String, Content)> = vec![(".github/astride.yml".to_owned(), "mode: enforce\n".into())];
            let numbers = repository * IN_ONE..((repository + 1) * IN_ONE).min(pulls);
            files.extend(numbers.map(|number| (path(number), Content::Text(template(number)))));
            let files: Vec<(&str, Content)> = files.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
            ids.push(github.add_repository(name, Visibility::Private, &files).expect("a new name"));
            for (person, right) in [(AUTHOR, Right::Write), (REVIEWER, Right::Maintain)] {
                github.set_role(name, person, right).expect("the repository is there");
            }
        }
        github.install("acme", None);
        ids
    });
    note_first_contact(fleet, &ids).await;
}

/// The day of installation is another story.
pub(crate) async fn note_first_contact(fleet: &Fleet, repositories: &[u64]) {
    let store = Store::open(&fleet.store_url, Clock::system()).await.expect("a new store");
    for id in repositories {
        for step in Step::ALL {
            store.note_step(*id, step, Note::Done).await.expect("a new store takes writes");
        }
    }
    store.close().await;
}

fn path(number: usize) -> String {
    format!("services/s{number}/template.yaml")
}

/// The repository that has a pull request.
pub(crate) fn repository_of(number: usize) -> String {
    format!("acme/shop-{}", number / IN_ONE)
}

/// Pushes a template to the branch of a pull request that is there or will be.
pub(crate) fn push(standin: &StandIn, number: usize, text: &str) {
    let (repository, branch, path) = (repository_of(number), format!("change-{number}"), path(number));
    let changes = [(path.as_str(), Some(Content::Text(text.to_owned())))];
    let push = Push { repository: &repository, branch: &branch, by: AUTHOR, changes: &changes, message: "Orders" };
    standin.act(|github| github.push(&push)).expect("the repository is there");
}

/// Opens a pull request that makes its function public.
pub(crate) fn open_pull(standin: &StandIn, number: usize) -> u64 {
    push(standin, number, &format!("{}{OPEN}", template(number)));
    let (repository, head) = (repository_of(number), format!("change-{number}"));
    let opening = Opening { repository: &repository, by: AUTHOR, head: &head, base: "main", title: "Orders", body: "", draft: false };
    standin.act(|github| github.open_pull(&opening)).expect("the branch is there")
}

/// What the service says of itself: the values of its metrics, by name and labels.
pub(crate) async fn metrics(process: &Process) -> BTreeMap<String, f64> {
    let mut connection = Connection::open(&process.address).await.expect("the service listens");
    let (_, text) = connection.get("/metrics").await.expect("the service answers");
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(' '));
    lines.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect()
}

/// The sum of those that begin so.
pub(crate) fn sum(metrics: &BTreeMap<String, f64>, name: &str, label: &str) -> f64 {
    metrics.iter().filter(|(known, _)| known.starts_with(name) && known.contains(label)).map(|(_, value)| value).sum()
}

/// Waits until nothing is due and nothing runs.
pub(crate) async fn settle(process: &Process) {
    let began = Instant::now();
    // Once is no proof: what was written is just being delivered.
    let mut quiet = 0;
    while quiet < 5 {
        let metrics = metrics(process).await;
        let open = sum(&metrics, "astride_jobs", "\"queued\"") + sum(&metrics, "astride_jobs", "\"running\"");
        quiet = if open == 0.0 { quiet + 1 } else { 0 };
        assert!(began.elapsed() < PATIENCE, "it never settles: {open} jobs are open");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until something holds, and says how long that took since `began`.
pub(crate) async fn wait_until(began: Instant, holds: impl Fn() -> bool) -> Duration {
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "it is stuck");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}
