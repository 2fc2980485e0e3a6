//! Git objects are believed only if they hash to their ids: what the forge answers wrongly, and what a cache holds wrongly, is no "nothing
//! found".

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::forge::token::Scope;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};
use service::{SHOP, Service};

const TREES: When = When::Matching { method: "GET", path: "/repos/*/*/git/trees/**" };
const BLOBS: When = When::Matching { method: "GET", path: "/repos/*/*/git/blobs/*" };
const COMPARE: When = When::Matching { method: "GET", path: "/repos/*/*/compare/**" };

fn answer(body: Value) -> Then {
    Then::Answer(Planned { status: StatusCode::OK, headers: Vec::new(), body })
}

/// Conclusions of the check on the pull request's head, as the stand-in shows them.
fn conclusion(standin: &StandIn) -> Option<String> {
    standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let head = shop.pulls[&1].head.sha;
        shop.checks.values().find(|check| check.head == head).and_then(|check| check.conclusion.clone())
    })
}

fn asked(service: &Service, part: &str) -> Vec<Recorded> {
    service.standin.requests().into_iter().filter(|request| request.method == "GET" && request.path.contains(part)).collect()
}

/// What the forge answers when it is asked now.
async fn told(service: &Service, path: &str) -> Value {
    let id = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let installation = service.standin.deliveries().iter().find_map(|delivery| delivery.installation).unwrap();
    service.bench.forge.installation(installation, Scope::Repository(id)).get_object(path).await.unwrap()
}

/// False answers never pass, whether they stop at once or last; when they have stopped, the truth is found.
async fn ends_well(false_answers: impl Fn(u32) -> Fault) {
    for times in [1, 2, 10_000] {
        let service = Service::new().await;
        service.standin.plan(false_answers(times));
        service.open_pull();
        service.settle().await;
        assert_ne!(conclusion(&service.standin).as_deref(), Some("success"), "after {times} false answers");
        service.standin.recover();
        service.standin.act(|github| github.comment(SHOP, 1, "rita", "/stride recheck").unwrap());
        service.settle().await;
        assert_eq!(conclusion(&service.standin).as_deref(), Some("action_required"), "after {times} false answers");
    }
}

#[tokio::test]
async fn an_empty_tree_is_never_nothing_found() {
    ends_well(|times| {
        let empty = json!({"sha": "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "url": "x", "tree": [], "truncated": false});
        Fault::new(TREES, answer(empty)).times(times)
    })
    .await;
}

#[tokio::test]
async fn a_short_tree_is_never_the_whole() {
    ends_well(|times| {
        let file = json!({"path": "README.md", "mode": "100644", "type": "blob", "sha": "ce013625030ba8dba906f756967f9e9ca394464a"});
        Fault::new(TREES, answer(json!({"sha": "x", "url": "x", "tree": [file], "truncated": false}))).times(times)
    })
    .await;
}

#[tokio::test]
async fn another_blob_is_never_the_file() {
    ends_well(|times| {
        let body = json!({"sha": "x", "content": STANDARD.encode("Resources: {}\n"), "encoding": "base64", "size": 14});
        Fault::new(BLOBS, answer(body)).times(times)
    })
    .await;
}

/// A head with the tree of its base has changed nothing, and is not what its id says.
#[tokio::test]
async fn another_tree_is_never_the_commits() {
    for times in [1, 10_000] {
        let service = Service::new().await;
        service.open_pull();
        let head = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
        let mut compared = told(&service, &format!("/repos/acme/shop/compare/main...{head}?per_page=100")).await;
        let base = compared["merge_base_commit"]["commit"]["tree"].clone();
        compared["commits"][0]["commit"]["tree"] = base;
        service.standin.plan(Fault::new(COMPARE, answer(compared)).times(times));
        service.settle().await;
        assert_ne!(conclusion(&service.standin).as_deref(), Some("success"));
        service.standin.recover();
        service.standin.act(|github| github.comment(SHOP, 1, "rita", "/stride recheck").unwrap());
        service.settle().await;
        assert_eq!(conclusion(&service.standin).as_deref(), Some("action_required"));
    }
}

#[tokio::test]
async fn cached_objects_that_do_not_fit_are_dropped() {
    let service = Service::new().await;
    let store = &service.bench.store;
    service.open_pull();
    let (id, tree, blob) = service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let objects = github.objects(shop.id).unwrap();
        let tree = objects.commit(shop.branch("orders").unwrap()).unwrap().tree;
        (shop.id, tree, objects.find(tree, "template.yaml").unwrap().id)
    });
    let empty = json!({"sha": tree.to_string(), "url": "x", "tree": [], "truncated": false}).to_string().into_bytes();
    let (tree_key, blob_key) = (format!("{id}/tree/{tree}/whole"), format!("{id}/blob/{blob}"));
    store.keep_objects(&[(tree_key.clone(), empty.clone()), (blob_key.clone(), b"Resources: {}\n".to_vec())]).await.unwrap();
    service.settle().await;
    assert_eq!(conclusion(&service.standin).as_deref(), Some("action_required"));
    assert_ne!(store.object(&tree_key).await.unwrap(), Some(empty));
    assert_ne!(store.object(&blob_key).await.unwrap(), Some(b"Resources: {}\n".to_vec()));
}

/// What is right is asked for once: hashing costs no requests.
#[tokio::test]
async fn true_answers_are_asked_for_once() {
    let service = Service::new().await;
    service.open_pull();
    service.settle().await;
    // A tree as a whole and its first level are two answers.
    let trees: Vec<_> = asked(&service, "/git/trees/").into_iter().map(|request| (request.path, request.query)).collect();
    let mut different = trees.clone();
    different.sort();
    different.dedup();
    assert_eq!(trees.len(), different.len(), "{trees:?}");
    // The sweep looks once an hour whether the default branch's settings ask for the register's issue.
    assert_eq!(asked(&service, "/git/commits/").len(), 1, "the commits of a pull request prove themselves");
}
