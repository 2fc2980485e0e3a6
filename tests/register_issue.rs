//! The register's issue where something is in its way: a permission that is missing, issues that are switched off, a lost database, an answer
//! that does not come, a register that is too long. How it reads is in the stories.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod service;
mod shared;
mod story;

use astride::change::{Day, Timestamp};
use astride::decisions::ledger_text;
use astride::judge::LedgerTexts;
use astride::judge::register::{change, register};
use astride::report::register::Stock;
use astride::report::register::issue::{Edition, Places, render};
use astride::sandbox::github::access::Level;
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::state::{Github, Issue};
use astride::settings::SettingsTexts;
use astride::settings::owners::CodeOwners;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use http::StatusCode;
use service::Service;
use std::fs;
use story::{SHOP, act, open, stories};

const HOUR: i64 = 3_600;

/// The story up to the merge, with something changed before anything begins.
async fn merged(harm: impl FnOnce(&mut Github)) -> Service {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let stories = stories();
    let story = stories.iter().find(|story| story.name == "the_register_says_what_is_owed").expect("the story is told");
    open(&service.standin, story);
    service.standin.act(harm);
    service.settle().await;
    act(&service.standin, &story.acts[0]);
    service.settle().await;
    service
}

async fn sweep(service: &Service, seconds: i64) {
    service.wait(seconds);
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
}

fn issues(service: &Service) -> Vec<Issue> {
    service.standin.with(|github| github.repository_named(SHOP).unwrap().issues.values().cloned().collect())
}

fn asked(service: &Service, method: &str) -> usize {
    let requests = service.standin.requests();
    requests
        .iter()
        .filter(|request| request.method == method && request.path.contains("/issues") && !request.path.contains("comments"))
        .count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_permission_nothing_else_changes() {
    let service = merged(|github| {
        let installation = github.installations.values_mut().next().unwrap();
        installation.permissions.insert("issues".to_owned(), Level::Read);
    })
    .await;
    sweep(&service, HOUR).await;
    assert_eq!((issues(&service).len(), asked(&service, "GET"), asked(&service, "POST")), (0, 0, 0));
    let checks = service.standin.with(|github| github.repository_named(SHOP).unwrap().checks.len());
    assert!(checks > 0, "the check is there all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn issues_that_are_switched_off_are_tried_once_a_day() {
    let service = merged(|github| github.repositories.values_mut().for_each(|repository| repository.has_issues = false)).await;
    for _ in 0..3 {
        sweep(&service, 2 * HOUR).await;
    }
    assert_eq!((issues(&service).len(), asked(&service, "POST")), (0, 1));
    service.standin.with(|github| github.repositories.values_mut().for_each(|repository| repository.has_issues = true));
    sweep(&service, 24 * HOUR).await;
    assert_eq!((issues(&service).len(), asked(&service, "POST")), (1, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_makes_no_second_issue() {
    let first = merged(|_| {}).await;
    sweep(&first, HOUR).await;
    let before = issues(&first);
    let served = service::serve(&first.standin).await;
    let again =
        Service::around(first.standin.clone(), &served.api_url, "sqlite::memory:", 2 * HOUR, Judgement::new(ledger_text::append)).await;
    sweep(&again, HOUR).await;
    sweep(&again, 8 * 24 * HOUR).await;
    let after = issues(&again);
    assert_eq!(before.len(), 1);
    assert_eq!(
        (after.len(), &after[0].body, asked(&again, "POST")),
        (1, &before[0].body, 1),
        "nothing has changed, and nothing is written"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_does_not_come_makes_no_second_issue() {
    let service = merged(|_| {}).await;
    let opened = When::Matching { method: "POST", path: "/repos/*/*/issues" };
    service.standin.plan(Fault::new(opened, Then::ExecuteAndAnswer(Planned::status(StatusCode::BAD_GATEWAY))));
    sweep(&service, HOUR).await;
    sweep(&service, HOUR).await;
    assert_eq!((issues(&service).len(), asked(&service, "POST")), (1, 1));
}

#[test]
fn a_register_that_is_too_long_is_cut_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let [base, head] = ["base", "head"].map(|side| folder.path().join(side));
    for side in [&base, &head] {
        fs::create_dir(side).unwrap();
    }
    let long = "x".repeat(150);
    let function = |number: usize| {
        format!(
            "  F{number}{long}: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: ., Handler: a.b, Runtime: python3.13, FunctionUrlConfig: {{AuthType: NONE}}}}}}\n"
        )
    };
    for (count, left_out) in [(1, false), (400, true)] {
        let functions: String = (0..count).map(function).collect();
        fs::write(head.join("template.yaml"), format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{functions}")).unwrap();
        let between = shared::change(&base, &head);
        let whole = change(between.head, between.blobs);
        let mut ledger = LedgerTexts::default();
        let now = Timestamp(1_795_507_200);
        let register = loop {
            match register(&whole, &SettingsTexts::default(), &ledger, now) {
                Ok(register) => break register,
                Err(needs) => ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None))),
            }
        };
        assert!(register.threats.len() >= count);
        let stock = Stock { name: "acme/shop".to_owned(), register, said: Vec::new(), owners: CodeOwners::default() };
        let places = Places { web_url: "https://github.com/acme/shop", branch: "main", ledger: "astride-ledger", every: "weekly" };
        let today: Day = now.day();
        let edition = Edition::first(today);
        let body = render(&stock, &places, &edition, today);
        assert!(body.chars().count() <= 65_536, "{count}: {}", body.chars().count());
        assert_eq!(body.contains("lists all of them"), left_out, "{body}");
        assert_eq!(Edition::of(&body), Some(edition));
        assert!(body.ends_with("</sub>\n"), "the footer is there");
        assert_eq!(body, render(&stock, &places, &edition, today));
    }
}
