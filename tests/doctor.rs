//! `astride doctor` beside the stand-in: what it prints, and how it ends, for an App on which all is well and for what may be wrong with one.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod contract;
mod program;
mod shared;

use astride::clock::Clock;
use astride::doctor::{State, diagnose};
use astride::sandbox::github::people::{Suspension, Visibility};
use astride::sandbox::github::state::Github;
use astride::sandbox::github::{Options, StandIn};
use astride::server::config;
use program::{Ended, Played, play, program, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use tempfile::TempDir;

const SHOP: &str = "acme/shop";
const APP: u64 = 4242;

/// An App that is set up as its documentation says, and a repository that enforces.
async fn well() -> Played {
    let played = play(StandIn::new(Options::default())).await;
    played.standin.act(|github| {
        github.add_repository(SHOP, Visibility::Private, &[(".github/astride.yml", "mode: enforce\n".into())]).unwrap();
        github.install("acme", None);
        github.hook_url = "https://127.0.0.1:1/webhook".to_owned();
        github.require_check(SHOP, "main", "astride", Some(APP)).unwrap();
        github.protect_branch(SHOP, "astride-ledger", &["update", "deletion", "non_fast_forward"], true).unwrap();
    });
    let first = played.standin.deliveries().first().unwrap().id;
    played.standin.answered(first, 202);
    played
}

fn settings(played: &Played, folder: &TempDir) -> String {
    let (key, file) = (folder.path().join("key.pem"), folder.path().join("server.yml"));
    std::fs::write(&key, played.standin.private_key()).unwrap();
    let text =
        format!("github: {{app_id: {APP}, private_key_file: '{}', webhook_secrets: [s], api_url: '{}'}}\n", key.display(), played.api);
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

async fn doctor(played: &Played, more: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let config = settings(played, &folder);
    let mut arguments = vec!["doctor", "--config", &config];
    arguments.extend(more);
    run(program(&arguments)).await
}

/// The output without what differs from run to run.
fn steady(out: &str, played: &Played) -> String {
    let steady = |line: &str| {
        line.split_once("asked from here, ").map_or_else(|| line.to_owned(), |(before, _)| format!("{before}asked from here, …"))
    };
    out.replace(&played.api, "API").lines().map(|line| format!("{}\n", steady(line))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_on_which_all_is_well() {
    let played = well().await;
    let ended = doctor(&played, &["--repo", SHOP]).await;
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/doctor/well.txt");
    shared::expect(&file, &steady(&ended.out, &played)).unwrap_or_else(|error| panic!("{error}"));
    contract::assert_requests(&played.standin.requests());
    contract::assert_standin(&played.standin.requests(), &[]);
    assert!(played.standin.requests().iter().all(|request| !request.is_write() || request.path.contains("access_tokens")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_on_which_nothing_is_well() {
    let played = play(StandIn::new(Options::default())).await;
    played.standin.act(|github| {
        github.add_repository(SHOP, Visibility::Private, &[("README.md", "shop\n".into())]).unwrap();
        let mut granted = github.app.permissions.clone();
        granted.remove("members");
        granted.remove("merge_queues");
        github.install("acme", Some(granted));
        github.install("initech", None);
        github.set_suspended("initech", Suspension::Suspended).unwrap();
        github.app.permissions.remove("merge_queues");
        github.app.permissions.remove("issues");
        github.app.permissions.insert("administration".to_owned(), astride::sandbox::github::access::Level::Write);
        github.app.events.retain(|event| event != "issue_comment" && event != "merge_group");
        github.hook_url = "http://127.0.0.1:1/hook".to_owned();
        github.require_check(SHOP, "main", "astride", None).unwrap();
        github.protect_branch(SHOP, "main", &["merge_queue"], false).unwrap();
        github.protect_branch(SHOP, "astride-ledger", &["update", "deletion", "non_fast_forward"], false).unwrap();
    });
    for delivery in played.standin.deliveries() {
        played.standin.answered(delivery.id, 401);
    }
    let ended = doctor(&played, &["--repo", SHOP]).await;
    assert_eq!(ended.code, 1, "{}{}", ended.out, ended.err);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/doctor/ill.txt");
    shared::expect(&file, &steady(&ended.out, &played)).unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_thing_that_is_wrong_is_said_with_its_way_out() {
    type Harm = fn(&mut Github);
    let cases: [(Harm, State, &str); 10] = [
        (|github| github.hook_url.clear(), State::Wrong, "no webhook address"),
        (|github| github.hook_url = "https://example.com/webhook".to_owned(), State::Wrong, "no webhook address"),
        (|github| github.hook_secret_is_set = false, State::Wrong, "no webhook secret"),
        (
            |github| assert!(github.app.permissions.remove("checks").is_some()),
            State::Wrong,
            "does not ask for Checks: write, which is needed for the required check",
        ),
        (
            |github| assert!(github.app.permissions.remove("members").is_some()),
            State::LeftOut,
            "does not ask for Members (organization): read; where the settings or CODEOWNERS name a team, nobody decides",
        ),
        (|github| github.app.events.clear(), State::Wrong, "does not subscribe to `pull_request`"),
        (|github| github.uninstall("acme").unwrap(), State::Wrong, "installed nowhere"),
        (|github| github.repositories.values_mut().for_each(|shop| shop.rulesets.clear()), State::NotVerifiable, "no ruleset requires it"),
        (
            |github| github.repositories.values_mut().for_each(|shop| shop.rulesets.clear()),
            State::NotVerifiable,
            "no ruleset forbids pushes, deletion, force pushes",
        ),
        (
            |github| {
                github.repositories.values_mut().for_each(|shop| shop.rulesets.clear());
                github.require_check(SHOP, "main", "astride", Some(1)).unwrap();
            },
            State::Wrong,
            "of another App",
        ),
    ];
    for (harm, state, text) in cases {
        let played = well().await;
        played.standin.act(harm);
        let ended = doctor(&played, &["--repo", SHOP, "--format", "json"]).await;
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        let found = report["lines"].as_array().unwrap().iter().find(|line| line["text"].as_str().unwrap().contains(text));
        let found = found.unwrap_or_else(|| panic!("{text} is not said:\n{}", ended.out));
        assert_eq!(found["state"], serde_json::to_value(state).unwrap(), "{found}");
        assert!(state != State::Wrong || !found["way_out"].as_str().unwrap().is_empty(), "{found}");
        assert_eq!(ended.code, i32::from(report["lines"].as_array().unwrap().iter().any(|line| line["state"] == "wrong")), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_and_clock_are_told_apart() {
    let played = well().await;
    let load = |id: &str| {
        let set = |name: &str, value: &str| (format!("ASTRIDE_GITHUB_{name}"), value.to_owned());
        let key = played.standin.private_key();
        let environment =
            BTreeMap::from([set("APP_ID", id), set("PRIVATE_KEY", key), set("WEBHOOK_SECRETS", "s"), set("API_URL", &played.api)]);
        config::parse("", "", &environment).unwrap()
    };
    let ahead = Clock::by(|| Clock::system().now() + 120_000);
    let diagnosis = diagnose(&load("4242"), None, ahead).await.unwrap();
    let clock = diagnosis.lines.iter().find(|line| line.area == "clock").unwrap();
    assert!(clock.state == State::Wrong && clock.text.contains("seconds ahead of GitHub's"), "{clock:?}");
    let unknown = diagnose(&load("7"), None, Clock::system()).await.unwrap();
    let credentials = unknown.lines.iter().find(|line| line.area == "credentials").unwrap();
    assert!(credentials.state == State::Wrong && credentials.text.contains("GitHub knows no App 7"), "{credentials:?}");
    assert_eq!(unknown.lines.len(), 2, "nothing more can be asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_is_neither_good_nor_wrong() {
    let played = well().await;
    let folder = tempfile::tempdir().unwrap();
    let config = settings(&played, &folder);
    // Nobody listens there any more.
    drop(played);
    tokio::task::yield_now().await;
    let ended = run(program(&["doctor", "--config", &config])).await;
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
    assert!(ended.out.starts_with("failed") && ended.out.contains("-> see whether this machine reaches GitHub"), "{}", ended.out);
    assert_eq!(ended.out.matches("Connection refused").count(), 1, "the last cause is said once: {}", ended.out);
    let wrong = run(program(&["doctor", "--config", &config, "--repo", "shop"])).await;
    assert!(wrong.code == 2 && wrong.err.contains("OWNER/NAME"), "{}", wrong.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_answers_is_found() {
    let played = well().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/astride/webhook", listener.local_addr().unwrap());
    played.standin.with(|github| github.hook_url.clone_from(&url));
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 512];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let ended = doctor(&played, &[]).await;
    assert!(ended.out.contains(&format!("good            webhook: a service answers at {url}, asked from here\n")), "{}", ended.out);
    assert!(asked.join().unwrap().starts_with("GET /astride/livez HTTP/1.1\r\n"));
    assert_eq!(ended.code, 1, "plain HTTP is wrong all the same");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_breaks_off_is_no_answer_of_another() {
    let played = well().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    played.standin.with(|github| github.hook_url.clone_from(&url));
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 16]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\no").unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // Until the other side has closed too, so that what came is not reset.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let ended = doctor(&played, &[]).await;
    asked.join().unwrap();
    assert!(ended.out.contains(&format!("whether a service answers at {url}: asked from here, the answer broke off: ")), "{}", ended.out);
    assert!(!ended.out.contains("not as Astride does"), "{}", ended.out);
}

#[tokio::test]
async fn without_the_app_it_says_who_can_edit_the_action() {
    let ended = run(program(&["doctor", "--action"])).await;
    assert!(ended.code == 0 && ended.out.contains("author of a pull request can edit"), "{}", ended.out);
}

/// Where browsers shall reach the pages of checks, as far as the address says it by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_pages_of_checks_are() {
    for (url, state, text) in [
        ("", State::LeftOut, "checks link to no page of the service"),
        ("http://astride.acme.example", State::Wrong, "is not https"),
        ("https://astride.acme.example/webhook", State::Wrong, "ends with a path of the service"),
        ("https://localhost:8443", State::Wrong, "leads each reader to their own machine"),
        ("https://astride.invalid", State::NotVerifiable, "whether browsers reach https://astride.invalid/checks/"),
    ] {
        let (played, folder) = (well().await, tempfile::tempdir().unwrap());
        let file = settings(&played, &folder);
        let text_of = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text_of}server: {{public_url: '{url}'}}\n")).unwrap();
        let ended = run(program(&["doctor", "--config", &file, "--format", "json"])).await;
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        let found = report["lines"].as_array().unwrap().iter().find(|line| line["area"] == "pages").unwrap();
        assert_eq!(found["state"], serde_json::to_value(state).unwrap(), "{found}");
        assert!(found["text"].as_str().unwrap().contains(text), "{found}");
        assert_eq!(found["way_out"], found["way_out"].as_str().filter(|way| !way.is_empty()).unwrap());
        assert_eq!(ended.code, i32::from(state == State::Wrong), "{url}: {}{}", ended.out, ended.err);
    }
}
