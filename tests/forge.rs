//! The client's discipline: what is repeated and what is not, tokens, ETags, pages, limits.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::forge::error::ForgeError;
use astride::forge::token::Scope;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use service::{SHOP, Service};

const COMMENTS: &str = "/repos/acme/shop/issues/1/comments";

async fn shop() -> (Service, astride::forge::client::Client) {
    let service = Service::new().await;
    service.open_pull();
    let id = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let installation = service.standin.deliveries().iter().find_map(|delivery| delivery.installation).unwrap();
    let client = service.bench.forge.installation(installation, Scope::Repository(id));
    (service, client)
}

fn bad(times: u32, method: &'static str) -> Fault {
    Fault::new(When::Matching { method, path: COMMENTS }, Then::Answer(Planned::status(StatusCode::BAD_GATEWAY))).times(times)
}

fn sent(service: &Service, method: &str, path: &str) -> Vec<Recorded> {
    let requests = service.standin.requests().into_iter();
    requests.filter(|request| request.method == method && request.path.ends_with(path)).collect()
}

#[tokio::test]
async fn reads_are_repeated_and_writes_are_not() {
    let (service, client) = shop().await;
    service.standin.plan(bad(3, "GET"));
    client.get::<Value>(COMMENTS).await.unwrap();
    assert_eq!(sent(&service, "GET", COMMENTS).len(), 4);
    service.standin.plan(bad(4, "GET"));
    assert!(matches!(client.get::<Value>(COMMENTS).await, Err(ForgeError::Failed { status: 502, .. })));
    service.standin.plan(bad(1, "POST"));
    let written = client.write::<Value>(Method::POST, COMMENTS, &json!({"body": "x"})).await;
    assert!(matches!(written, Err(ForgeError::Failed { status: 502, .. })));
    assert_eq!(sent(&service, "POST", COMMENTS).len(), 1);
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_again_when_it_is_withdrawn() {
    let (service, client) = shop().await;
    let get = || client.get::<Value>(COMMENTS);
    let (a, b, c, d, e) = tokio::join!(get(), get(), get(), get(), get());
    assert!([a, b, c, d, e].iter().all(Result::is_ok));
    let tokens = sent(&service, "POST", "/access_tokens");
    assert_eq!(tokens.len(), 1);
    assert_eq!(tokens[0].body["repository_ids"].as_array().map(Vec::len), Some(1));
    assert!(tokens[0].body["permissions"]["checks"] == "write", "{}", tokens[0].body);
    service.standin.with(|github| github.revoke_tokens());
    client.write::<Value>(Method::POST, COMMENTS, &json!({"body": "x"})).await.unwrap();
    assert_eq!(sent(&service, "POST", "/access_tokens").len(), 2);
}

#[tokio::test]
async fn what_has_not_changed_costs_nothing() {
    let (service, client) = shop().await;
    let first: Value = client.get(COMMENTS).await.unwrap();
    assert_eq!(client.get::<Value>(COMMENTS).await.unwrap(), first);
    assert_eq!(sent(&service, "GET", COMMENTS).last().and_then(|request| request.status), Some(304));
    client.write::<Value>(Method::POST, COMMENTS, &json!({"body": "x"})).await.unwrap();
    assert_ne!(client.get::<Value>(COMMENTS).await.unwrap(), first);
}

#[tokio::test]
async fn every_page_is_asked_for_with_credentials() {
    let (service, client) = shop().await;
    service.standin.act(|github| (0..205).for_each(|number| drop(github.comment(SHOP, 1, "mona", &number.to_string()))));
    let (comments, cut) = client.pages::<Value>(COMMENTS).await.unwrap();
    assert_eq!((comments.len(), cut), (205, false));
    let pages = sent(&service, "GET", COMMENTS);
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.caller == "installation"));
}

#[tokio::test]
async fn a_limit_is_not_waited_for_and_holds_for_the_whole_installation() {
    let (service, client) = shop().await;
    let limit = Then::Answer(Planned::secondary_limit(90));
    service.standin.plan(Fault::new(When::Matching { method: "GET", path: COMMENTS }, limit));
    let now = service.bench.clock.now();
    let refused = client.get::<Value>(COMMENTS).await.unwrap_err();
    assert_eq!(refused.retry_at(), Some(now + 90_000));
    let before = service.standin.requests().len();
    assert!(matches!(client.get::<Value>("/repos/acme/shop").await, Err(ForgeError::RateLimited { .. })));
    assert_eq!(service.standin.requests().len(), before, "nothing is sent while the limit lasts");
    service.standin.with(|github| github.advance(91));
    client.get::<Value>(COMMENTS).await.unwrap();
}

#[tokio::test]
async fn a_renamed_repository_is_found_under_its_new_name() {
    let (service, client) = shop().await;
    service.standin.act(|github| github.rename_repository(SHOP, "store").unwrap());
    let found: Value = client.get("/repos/acme/shop").await.unwrap();
    assert_eq!(found["name"], "store");
}
