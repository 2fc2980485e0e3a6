//! The client's discipline: what is repeated and what is not, tokens, ETags, pages, limits.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::change::ObjectId;
use astride::forge::error::ForgeError;
use astride::forge::token::Scope;
use astride::forge::tree::Place;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::people::Push;
use astride::sandbox::objects::Content;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use service::{SHOP, Service};
use std::collections::{BTreeMap, BTreeSet};

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

/// Files of which GraphQL tells most: 120 texts, and one each that is binary, is in another encoding, has a byte order mark, or is large.
async fn many_files() -> (Service, Place, BTreeMap<ObjectId, Vec<u8>>) {
    let (service, client) = shop().await;
    let mut files: Vec<(String, Vec<u8>)> =
        (0..120).map(|number| (format!("{number}.yml"), format!("# {number} \u{e9}\r\n").into_bytes())).collect();
    let odd = [b"\0\x01".to_vec(), b"caf\xe9".to_vec(), b"\xef\xbb\xbfResources: {}\n".to_vec(), "a line\n".repeat(100_000).into_bytes()];
    files.extend(odd.into_iter().enumerate().map(|(number, bytes)| (format!("odd-{number}.yml"), bytes)));
    let changes: Vec<(&str, Option<Content>)> =
        files.iter().map(|(path, bytes)| (path.as_str(), Some(Content::Bytes(bytes.clone())))).collect();
    let known = service.standin.act(|github| {
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Many" }).unwrap();
        let shop = github.repository_named(SHOP).unwrap();
        let (id, tip) = (shop.id, shop.branch("orders").unwrap());
        let objects = github.objects(id).unwrap();
        let listing = objects.listing(objects.commit(tip).unwrap().tree);
        listing.iter().filter_map(|entry| Some((entry.id, objects.blob(entry.id)?.to_vec()))).collect::<BTreeMap<_, _>>()
    });
    assert!(known.len() > 124, "{}", known.len());
    let id = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let place = Place { client, id, owner: "acme".to_owned(), name: "shop".to_owned() };
    (service, place, known)
}

/// Queries, and blobs that were asked for one by one.
fn asked_for(service: &Service) -> (usize, usize) {
    let requests = service.standin.requests();
    let of_blobs = requests.iter().filter(|request| request.path == "/graphql" && request.body.to_string().contains("on Blob"));
    (of_blobs.count(), requests.iter().filter(|request| request.path.contains("/git/blobs/")).count())
}

#[tokio::test]
async fn many_blobs_come_with_few_queries() {
    let (service, place, known) = many_files().await;
    let ids: BTreeSet<ObjectId> = known.keys().copied().collect();
    assert_eq!(place.blobs(ids.clone()).await.unwrap(), known);
    assert_eq!(asked_for(&service), (known.len().div_ceil(50), 4), "what GraphQL does not tell whole is asked for one by one");
    assert_eq!(place.blobs(ids).await.unwrap(), known);
    assert_eq!(asked_for(&service), (known.len().div_ceil(50), 4), "nothing is asked for twice");
}

#[tokio::test]
async fn what_a_query_tells_of_a_blob_is_not_believed() {
    let (service, place, known) = many_files().await;
    let other: Value = (0..50).map(|index| (format!("b{index}"), json!({"isTruncated": false, "text": "Resources: {}\n"}))).collect();
    let odd = json!({"data": {"repository": []}});
    let refused = json!({"data": null, "errors": [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]});
    let graphql = || When::Matching { method: "POST", path: "/graphql" };
    for body in [json!({"data": {"repository": other}}), odd, refused] {
        service.standin.plan(Fault::new(graphql(), Then::Answer(Planned { status: StatusCode::OK, headers: Vec::new(), body })).times(1));
    }
    assert_eq!(place.blobs(known.keys().copied().collect()).await.unwrap(), known);
}

/// A pull request with more files than the installation has requests for goes on where it ended.
#[tokio::test]
async fn what_came_before_the_limit_is_kept() {
    let (service, place, known) = many_files().await;
    let ids: BTreeSet<ObjectId> = known.keys().copied().collect();
    let graphql = When::Matching { method: "POST", path: "/graphql" };
    service.standin.plan(Fault::new(graphql, Then::Answer(Planned::status(StatusCode::INTERNAL_SERVER_ERROR))).times(3));
    let ended = When::Number(service.standin.requests().len() as u64 + 120);
    service.standin.plan(Fault::new(ended, Then::Answer(Planned::secondary_limit(60))).times(1));
    assert!(matches!(place.blobs(ids.clone()).await, Err(ForgeError::RateLimited { .. })));
    let (_, before) = asked_for(&service);
    service.wait(120);
    assert_eq!(place.blobs(ids).await.unwrap(), known);
    let (_, after) = asked_for(&service);
    assert!(before > 100 && after - before < 20, "{before}, then {after}: the rest is asked for alone");
}
