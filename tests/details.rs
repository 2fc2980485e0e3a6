//! The page that a check links to, and the service's own: what they say, to whom, and for how long.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod contract;
mod service;

use astride::change::{Change, Timestamp};
use astride::decisions::ledger_text;
use astride::judge::{LedgerTexts, Step};
use astride::queue::Store;
use astride::sandbox::github::people::{Opening, Push};
use astride::sandbox::github::state::CheckRun;
use astride::sandbox::objects::Content;
use astride::settings::SettingsTexts;
use astride::worker::drain;
use astride::worker::judgement::Judgement;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use service::{PUBLIC, SHOP, Service};
use std::time::Duration;
use tower::ServiceExt;

/// The template of the service's pull request, without what opens it.
const CLOSED: &str = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  OrdersFn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: index.handler\n      Runtime: nodejs22.x\n      CodeUri: src/\n";

async fn begin() -> Service {
    let service = Service::with_pages(Judgement::new(ledger_text::append)).await;
    service.open_pull();
    service.settle().await;
    // What is done once in a repository is behind us.
    service.wait(60);
    service.settle().await;
    service
}

/// Our check on the head of the first pull request.
fn check(service: &Service) -> CheckRun {
    service.standin.with(|github| {
        let repository = github.repository_named(SHOP).unwrap();
        let head = repository.pulls[&1].head.sha;
        repository.checks.values().rfind(|check| check.head == head && check.app == github.app.id).unwrap().clone()
    })
}

/// The path of the link that the check bears.
fn link(service: &Service) -> String {
    let url = check(service).details_url.unwrap();
    url.strip_prefix(PUBLIC).unwrap().to_owned()
}

async fn get(service: &Service, path: &str) -> Response {
    service.router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
}

async fn text(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

async fn page(service: &Service, path: &str) -> String {
    let response = get(service, path).await;
    assert_eq!(response.status(), StatusCode::OK);
    text(response).await
}

#[tokio::test]
async fn a_check_links_to_what_was_judged_then() {
    let service = begin().await;
    let first = link(&service);
    let parts: Vec<&str> = first.split('/').collect();
    let head = check(&service).head.to_string();
    assert_eq!((parts[1], parts[3], parts[4].len()), ("checks", head.as_str(), 43), "{first}");
    let judged = page(&service, &first).await;
    assert!(judged.contains("<a href=\"https://github.com/acme/shop/pull/1\">acme/shop#1</a>"), "{judged}");
    assert!(!judged.contains(" style="), "an attribute has no hash: {judged}");
    assert!(judged.contains("OrdersFn") && judged.contains("needs an answer") && judged.contains("Judged at 2026-"), "{judged}");
    service.push("orders", CLOSED);
    service.settle().await;
    let second = link(&service);
    assert_ne!(first, second);
    assert!(!page(&service, &second).await.contains("needs an answer"));
    assert_eq!(page(&service, &first).await, judged, "what was judged then stays what it was");
}

#[tokio::test]
async fn a_warm_run_writes_nothing_and_keeps_the_link() {
    let service = begin().await;
    let (writes, before) = (service.writes(), check(&service));
    for _ in 0..2 {
        service.standin.act(|github| github.rerequest_check(SHOP, before.id, "rita")).unwrap();
        service.settle().await;
    }
    assert_eq!((service.writes(), check(&service).details_url), (writes, before.details_url));
    contract::assert_requests(&service.standin.requests());
}

#[tokio::test]
async fn a_decision_is_on_the_page_of_its_head() {
    let service = begin().await;
    let path = link(&service);
    let id = page(&service, &path).await.split("OrdersFn/S-").nth(1).unwrap()[..8].to_owned();
    let command = format!("/stride accept OrdersFn/S-{id} the form is public on purpose");
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &command)).unwrap();
    service.settle().await;
    assert_eq!(link(&service), path, "one head, one address");
    let decided = page(&service, &path).await;
    assert!(decided.contains("the form is public on purpose") && decided.contains("rita"), "{decided}");
}

#[tokio::test]
async fn whoever_has_no_link_learns_nothing() {
    let service = begin().await;
    let path = link(&service);
    let (before, capability) = path.rsplit_once('/').unwrap();
    let head = check(&service).head.to_string();
    let missing = text(get(&service, &format!("/checks/1/{head}/{capability}")).await).await;
    for wrong in [
        format!("{before}/{}", &capability[1..]),
        format!("{before}/{}{}", &capability[..42], if capability.ends_with('A') { 'E' } else { 'A' }),
        path.replace(&head, &"0".repeat(40)),
        path.replace(&head, &head[..39]),
        path.replace("/checks/", "/checks/x"),
        format!("{before}/%00"),
    ] {
        let response = get(&service, &wrong).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(response.headers()["cache-control"], "private, no-cache");
        assert_eq!(text(response).await, missing, "{wrong}");
    }
    assert_ne!(get(&service, before).await.status(), StatusCode::OK);
    let posted = service.router.clone().oneshot(Request::post(&path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn no_browser_runs_fetches_frames_or_passes_it_on() {
    let service = begin().await;
    for path in [link(&service), "/".to_owned()] {
        let response = get(&service, &path).await;
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && policy.contains("style-src 'sha256-"), "{policy}");
        assert_eq!(policy.matches("-src ").count(), 2, "nothing but styles counts: {policy}");
        assert_eq!((header("referrer-policy"), header("x-robots-tag")), ("no-referrer".to_owned(), "noindex, nofollow".to_owned()));
        assert_eq!((header("x-content-type-options"), header("x-frame-options")), ("nosniff".to_owned(), "DENY".to_owned()));
        assert!(header("cache-control").starts_with("private"), "{path}");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn a_page_that_is_too_old_goes_and_the_next_run_gives_a_new_link() {
    let service = begin().await;
    let (old, writes) = (link(&service), service.writes());
    service.wait(91 * 24 * 60 * 60);
    service.bench.store.forget_details(Duration::from_secs(90 * 24 * 60 * 60)).await.unwrap();
    assert_eq!(get(&service, &old).await.status(), StatusCode::NOT_FOUND);
    let id = check(&service).id;
    service.standin.act(|github| github.rerequest_check(SHOP, id, "rita")).unwrap();
    service.settle().await;
    assert_eq!(service.writes(), writes + 1, "the check, and nothing else");
    let new = link(&service);
    assert_ne!(new, old);
    page(&service, &new).await;
}

/// Its own policy is the page's, whatever today's style is.
#[tokio::test]
async fn a_page_of_an_older_release_keeps_its_style() {
    let service = begin().await;
    let (path, run) = (link(&service), check(&service));
    let repository = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let capability = path.rsplit_once('/').unwrap().1.to_owned();
    let page = "<!doctype html><style>p{}</style><p>then</p>".to_owned();
    service.bench.store.keep_details(repository, run.head, &astride::queue::details::Details { capability, page }).await.unwrap();
    let response = get(&service, &path).await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("style-src 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y=';"), "{policy}");
}

/// The check of several pull requests is none of either alone.
#[tokio::test]
async fn a_head_of_two_pull_requests_has_no_page() {
    let service = begin().await;
    let path = link(&service);
    service.standin.act(|github| {
        let changes = [("README.md", Some(Content::from("release\n")))];
        github.push(&Push { repository: SHOP, branch: "release", by: "rita", changes: &changes, message: "A release" }).unwrap();
        let opening =
            Opening { repository: SHOP, by: "rita", head: "orders", base: "release", title: "Orders too", body: "", draft: false };
        github.open_pull(&opening).unwrap();
    });
    service.settle().await;
    assert!(check(&service).summary.unwrap().contains("the head of"), "it is shared");
    assert_eq!(get(&service, &path).await.status(), StatusCode::NOT_FOUND);
    service.standin.act(|github| github.close(SHOP, 2, "rita")).unwrap();
    service.settle().await;
    assert!(page(&service, &link(&service)).await.contains("needs an answer"), "it is one pull request's again");
}

/// GitHub keeps the link of a check that is written again without one.
#[tokio::test]
async fn what_could_not_be_judged_shows_no_older_page() {
    fn panic(_: &Change, _: &SettingsTexts, _: &LedgerTexts, _: Timestamp) -> Step {
        panic!("this panic is part of the test")
    }
    let mut service = begin().await;
    let path = link(&service);
    service.bench.judgement.judge = panic;
    let id = check(&service).id;
    service.standin.act(|github| github.rerequest_check(SHOP, id, "rita")).unwrap();
    service.deliver().await;
    drain(&service.bench).await;
    assert_eq!(check(&service).title.as_deref(), Some("Could not be judged"));
    assert_eq!((get(&service, &path).await.status(), link(&service)), (StatusCode::NOT_FOUND, path));
}

#[tokio::test]
async fn without_an_address_or_turned_off_there_is_no_link_and_no_page() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    service.open_pull();
    service.settle().await;
    let run = check(&service);
    assert_eq!(run.details_url, None);
    let repository = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let store: &Store = &service.bench.store;
    assert_eq!(store.details_capability(repository, run.head).await.unwrap(), None);
    // What another setting has kept is not shown either, and goes with the next sweep.
    let details = astride::queue::details::Details { capability: "A".repeat(43), page: "<p>secret</p>".to_owned() };
    store.keep_details(repository, run.head, &details).await.unwrap();
    assert_eq!(get(&service, &format!("/checks/{repository}/{}/{}", run.head, details.capability)).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_services_own_page_says_what_it_is_and_no_secret() {
    let service = begin().await;
    let home = page(&service, "/").await;
    // The tests' worker gives no sign of life by itself, and minutes have passed.
    let well = "It is not ready: no worker is alive.";
    for part in [well, env!("CARGO_PKG_VERSION"), "href=\"https://github.com/apps/astride/installations/new\""] {
        assert!(home.contains(part), "{part}: {home}");
    }
    for secret in ["acme", "shop", "rita", "sqlite", "secret", "4242", "127.0.0.1"] {
        assert!(!home.contains(secret), "{secret}: {home}");
    }
    // Nobody has asked GitHub who we are yet, and whoever looks at a page must not make us.
    let fresh = Service::new().await;
    let requests = fresh.standin.requests().len();
    let home = page(&fresh, "/").await;
    assert!(home.contains("It is ready.") && !home.contains("href=\"https://github.com"), "{home}");
    assert_eq!(fresh.standin.requests().len(), requests);
}
