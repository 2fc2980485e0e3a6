//! What a push to a pull request costs in requests to GitHub: counted over the stand-in's real routes, and looked at when it changes.

mod service;
mod shared;
mod story;

use astride::decisions::ledger_text;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::faults::Recorded;
use astride::worker::judgement::Judgement;
use service::Service;
use std::fmt::Write;
use std::path::Path;
use story::{Act, act, open, stories};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_costs_few_requests() {
    let stories = stories();
    let story = stories.iter().find(|story| story.name == "a_fix_is_pushed").expect("the story is told");
    let pushes: Vec<&Act> = story.acts.iter().collect();
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    open(&service.standin, story);
    service.settle().await;
    let cold = service.standin.requests();
    act(&service.standin, pushes[0]);
    service.settle().await;
    let warm = since(&service.standin, cold.len());
    let mut table = String::from("Requests of one run; `BLESS=1 cargo test --test requests` rewrites them.\n");
    tell("the pull request is opened, with an empty database", &cold, &mut table);
    tell("a file of it is pushed again", &warm, &mut table);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/requests.txt");
    shared::expect(&file, &table).unwrap_or_else(|error| panic!("{error}"));
}

fn since(standin: &StandIn, from: usize) -> Vec<Recorded> {
    standin.requests().split_off(from)
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
