//! Stories through the real router with signed webhooks: how each ends on the page, in the threads, in the check and in the ledger.
//!
//! `STORY=name` acts out those alone whose names hold it.

#![expect(clippy::print_stdout, reason = "what no story asks for is read")]

mod contract;
mod service;
mod shared;
mod story;

use astride::decisions::ledger_text;
use astride::forge::permissions::Caller;
use astride::forge::permissions::endpoints::{ENDPOINTS, Endpoint};
use astride::sandbox::github::faults::Recorded;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use service::Service;
use std::collections::BTreeSet;
use std::path::Path;
use story::{Act, Story, act, open, stories};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stories_end_as_they_should() {
    let only = std::env::var("STORY").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut requests = Vec::new();
    let mut deliveries = Vec::new();
    for story in stories().iter().filter(|story| story.name.contains(&only)) {
        let service = acted(story).await;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/stories/{}.txt", story.name));
        wrong.extend(shared::expect(&file, &service.standin.dump()).err());
        // Whatever is run again writes nothing.
        let writes = service.writes();
        sweep::begin(&service.bench).await.unwrap();
        service.settle().await;
        if service.writes() != writes {
            wrong.push(format!("{}: running again wrote {} times", story.name, service.writes() - writes));
        }
        requests.extend(service.standin.requests());
        deliveries.extend(service.standin.deliveries());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    contract::assert_requests(&requests);
    contract::assert_standin(&requests, &deliveries);
    assert_in_the_table(&requests);
}

/// Every request is of an endpoint that the table of permissions knows, in the name that it says.
fn assert_in_the_table(requests: &[Recorded]) {
    let unknown: BTreeSet<String> =
        requests.iter().filter(|request| !is_in_the_table(request)).map(|request| format!("  {request:?}")).collect();
    assert!(unknown.is_empty(), "not in src/forge/permissions.rs:\n{}", unknown.into_iter().collect::<Vec<_>>().join("\n"));
    let asked = |endpoint: &&Endpoint| requests.iter().any(|request| answers(endpoint, request));
    let unasked: Vec<&str> = ENDPOINTS.iter().filter(|endpoint| !asked(endpoint)).map(|endpoint| endpoint.path).collect();
    println!("in the table, and asked by no story: {unasked:#?}");
}

fn is_in_the_table(request: &Recorded) -> bool {
    let caller = |endpoint: &Endpoint| match endpoint.caller {
        Caller::Nobody => "nobody",
        Caller::App => "app",
        Caller::Installation(..) => "installation",
    };
    ENDPOINTS.iter().any(|endpoint| answers(endpoint, request) && caller(endpoint) == request.caller)
}

fn answers(endpoint: &Endpoint, request: &Recorded) -> bool {
    // A repository may also be asked for by its number.
    let path = match request.path.strip_prefix("/repositories/") {
        Some(rest) => format!("/repos/{{owner}}/{{repo}}/{}", rest.split_once('/').map_or("", |(_, rest)| rest)),
        None => request.path.clone(),
    };
    endpoint.answers(&request.method, path.trim_end_matches('/'), request.body["query"].as_str().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_nothing_of_ours_gets_its_check_and_no_word() {
    for name in ["tags_are_pushed", "another_repository_has_no_template", "nothing_of_ours_changes"] {
        let stories = stories();
        let service = acted(stories.iter().find(|story| story.name == name).expect("the story is told")).await;
        let written: Vec<Recorded> = service.standin.requests().into_iter().filter(Recorded::is_write).collect();
        assert!(!written.is_empty(), "{name}: no check");
        let words: Vec<&str> = written.iter().map(|write| write.path.as_str()).filter(|path| !path.ends_with("/check-runs")).collect();
        assert!(words.is_empty(), "{name}: {words:?}");
    }
}

async fn acted(story: &Story) -> Service {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    open(&service.standin, story);
    service.settle().await;
    for step in &story.acts {
        act(&service.standin, step);
        if let Act::Waits(_) = step {
            sweep::begin(&service.bench).await.expect("the sweep begins");
        }
        service.settle().await;
    }
    service
}
