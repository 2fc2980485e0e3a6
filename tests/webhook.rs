//! The webhook's edge: what is answered to whom, and what is stored of it.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use astride::clock::Clock;
use astride::metrics::Metrics;
use astride::queue::Store;
use astride::queue::job::Subject;
use astride::sandbox::github::deliveries::signature;
use astride::server::config::Edge;
use astride::server::event::Bearings;
use astride::server::signature::Secrets;
use astride::server::{Desk, MAX_BODY, Pulse, router};
use axum::Router;
use axum::body::Body;
use http::Request;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;
use tower::ServiceExt;

const HEAD: &str = "1111111111111111111111111111111111111111";

async fn service() -> (Store, Router) {
    let clock = Clock::by(|| 1_000_000);
    let store = Store::open("sqlite::memory:", clock.clone()).await.unwrap();
    let secrets = [SecretString::from("new"), SecretString::from("old")];
    let bearings = Bearings { ledger_branch: "astride-ledger".to_owned(), ledger_repository: None };
    let desk = Desk::new(Secrets::new(&secrets), bearings, store.clone(), Metrics::default(), Pulse::new(clock), &Edge::default());
    (store, router(desk))
}

async fn send(router: &Router, event: &str, secret: Option<&str>, body: Vec<u8>) -> u16 {
    let mut request = Request::post("/webhook").header("x-github-event", event).header("x-github-delivery", "guid");
    if let Some(secret) = secret {
        request = request.header("x-hub-signature-256", signature(secret.as_bytes(), &body));
    }
    let request = request.header("content-length", body.len()).body(Body::from(body)).unwrap();
    router.clone().oneshot(request).await.unwrap().status().as_u16()
}

fn payload(fields: Value) -> Value {
    let mut payload = json!({
        "repository": {"id": 9, "full_name": "acme/shop"},
        "installation": {"id": 7},
        "sender": {"id": 5, "login": "mona", "type": "User"},
    });
    payload.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    payload
}

fn comment(kind: &str, body: &str) -> Value {
    let user = json!({"id": 5, "login": "mona", "type": kind});
    json!({"id": 3, "html_url": "u", "user": user, "body": body, "created_at": "2026-11-24T08:00:00Z"})
}

/// What another bot, or we ourselves, have written.
fn by_bot(login: &str, body: &str) -> Value {
    let bot = json!({"id": 6, "login": login, "type": "Bot"});
    let comment = json!({"id": 3, "html_url": "u", "user": bot, "body": body, "created_at": "2026-11-24T08:00:00Z", "performed_via_github_app": {"id": 8}});
    json!({"action": "created", "issue": {"number": 1, "pull_request": {"url": "u"}}, "comment": comment, "sender": bot})
}

#[tokio::test]
async fn statuses() {
    let (store, router) = service().await;
    let good = payload(json!({"action": "opened", "pull_request": {"number": 1, "head": {"sha": HEAD}}})).to_string().into_bytes();
    let mut large = good.clone();
    large.resize(3 * 1024 * 1024, b' ');
    for (what, event, secret, body, expected) in [
        ("signed", "pull_request", Some("new"), good.clone(), 202),
        ("signed with the older secret", "pull_request", Some("old"), good.clone(), 202),
        ("larger than axum's own limit", "pull_request", Some("new"), large, 202),
        ("unsigned", "pull_request", None, good.clone(), 401),
        ("signed by somebody else", "pull_request", Some("other"), good.clone(), 401),
        ("unsigned and no JSON", "pull_request", None, b"{".to_vec(), 401),
        ("no JSON", "pull_request", Some("new"), b"{".to_vec(), 400),
        ("no JSON of an unknown event", "star", Some("new"), b"{".to_vec(), 400),
        ("lacks the repository", "pull_request", Some("new"), b"{}".to_vec(), 400),
        ("an unknown event", "star", Some("new"), b"{}".to_vec(), 202),
        ("a ping", "ping", Some("new"), b"{\"zen\": \"\"}".to_vec(), 200),
        ("an unsigned ping", "ping", None, b"{\"zen\": \"\"}".to_vec(), 401),
        ("no event", "", Some("new"), good.clone(), 400),
        ("too large", "pull_request", Some("new"), vec![b' '; MAX_BODY + 1], 413),
    ] {
        assert_eq!(send(&router, event, secret, body).await, expected, "{what}");
    }
    assert_eq!(store.depth().await.unwrap(), [1, 0, 0, 0]);
    for (path, expected) in [("/livez", 200), ("/readyz", 200), ("/metrics", 200), ("/", 200), ("/nothing", 404), ("/checks/1/x/y", 404)] {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{path}");
    }
}

/// A hook whose content type is a form sends the same payload in another dress; the signature is over the bytes as sent.
#[tokio::test]
async fn forms_are_read() {
    let (store, router) = service().await;
    let json = payload(json!({"action": "opened", "pull_request": {"number": 1, "head": {"sha": HEAD}}})).to_string();
    let encoded: String = json.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for (body, secret, expected) in [
        (format!("payload={encoded}"), "new", 202),
        (format!("payload={encoded}"), "other", 401),
        (format!("body={encoded}"), "new", 400),
        ("payload=%7B".to_owned(), "new", 400),
    ] {
        let request = Request::post("/webhook")
            .header("x-github-event", "pull_request")
            .header("x-github-delivery", "guid")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-hub-signature-256", signature(secret.as_bytes(), body.as_bytes()))
            .body(Body::from(body.clone()))
            .unwrap();
        assert_eq!(router.clone().oneshot(request).await.unwrap().status().as_u16(), expected, "{body}");
    }
    assert_eq!(store.depth().await.unwrap(), [1, 0, 0, 0]);
}

#[tokio::test]
async fn what_each_event_makes_due() {
    let head = astride::change::ObjectId([0x11; 20]);
    let pull = json!({"number": 1, "head": {"sha": HEAD}, "updated_at": "2026-11-24T08:00:00Z", "mergeable_state": "never heard of"});
    let issue = json!({"number": 1, "pull_request": {"url": "u"}});
    let cases = [
        ("pull_request", json!({"action": "opened", "pull_request": pull}), Some(Subject::Pull(1))),
        ("pull_request", json!({"action": "edited", "pull_request": pull, "changes": {"title": {"from": "x"}}}), None),
        ("pull_request", json!({"action": "edited", "pull_request": pull, "changes": {"base": {}}}), Some(Subject::Pull(1))),
        ("pull_request", json!({"action": "labeled", "pull_request": pull}), None),
        ("issue_comment", json!({"action": "created", "issue": issue, "comment": comment("User", "/stride help")}), Some(Subject::Pull(1))),
        ("issue_comment", json!({"action": "created", "issue": issue, "comment": comment("User", "hello")}), None),
        ("issue_comment", json!({"action": "created", "issue": issue, "comment": comment("Bot", "/stride help")}), None),
        ("issue_comment", by_bot("renovate[bot]", "/stride accept 1 why"), Some(Subject::Pull(1))),
        ("issue_comment", by_bot("renovate[bot]", "Bumps x."), None),
        ("issue_comment", by_bot("astride[bot]", "<!-- astride:reply comment/3 -->\n/stride accept 1 why"), None),
        ("issue_comment", json!({"action": "edited", "issue": issue, "comment": comment("User", "/stride help")}), None),
        ("issue_comment", json!({"action": "edited", "issue": issue, "comment": comment("Bot", "clear")}), Some(Subject::Pull(1))),
        ("issue_comment", json!({"action": "deleted", "issue": issue, "comment": comment("Bot", "clear")}), Some(Subject::Pull(1))),
        ("issue_comment", json!({"action": "created", "issue": {"number": 1}, "comment": comment("User", "/stride help")}), None),
        (
            "pull_request_review_comment",
            json!({"action": "created", "pull_request": pull, "comment": comment("User", "  /astride help")}),
            Some(Subject::Pull(1)),
        ),
        (
            "pull_request_review",
            json!({"action": "submitted", "pull_request": pull, "review": comment("User", "x\n/stride na A/S")}),
            Some(Subject::Pull(1)),
        ),
        (
            "pull_request_review",
            json!({"action": "submitted", "pull_request": pull, "review": {"id": 3, "user": null, "body": null}}),
            None,
        ),
        ("check_run", json!({"action": "rerequested", "check_run": {"head_sha": HEAD, "pull_requests": []}}), Some(Subject::Head(head))),
        ("check_suite", json!({"action": "rerequested", "check_suite": {"head_sha": HEAD}}), Some(Subject::Head(head))),
        ("check_run", json!({"action": "completed", "check_run": {"head_sha": HEAD}}), None),
        (
            "merge_group",
            json!({"action": "checks_requested", "merge_group": {"head_sha": HEAD, "base_sha": HEAD}}),
            Some(Subject::Group(head)),
        ),
        ("push", json!({"ref": "refs/heads/main", "after": HEAD}), Some(Subject::Base("main".to_owned()))),
        ("push", json!({"ref": "refs/tags/v1", "after": HEAD}), None),
        ("push", json!({"ref": "refs/heads/astride-ledger", "after": HEAD}), Some(Subject::Open)),
        (
            "push",
            json!({"ref": "refs/heads/astride-ledger", "after": HEAD, "sender": {"id": 1, "login": "astride[bot]", "type": "Bot"}}),
            Some(Subject::Ledger(head)),
        ),
        (
            "installation_repositories",
            json!({"action": "added", "repositories_added": [{"id": 9, "full_name": "acme/shop"}]}),
            Some(Subject::Stale),
        ),
        ("installation", json!({"action": "deleted", "repositories": [{"id": 9, "full_name": "acme/shop"}]}), None),
        ("repository", json!({"action": "renamed"}), Some(Subject::Stale)),
    ];
    for (event, fields, expected) in cases {
        let (store, router) = service().await;
        let body = payload(fields.clone()).to_string().into_bytes();
        assert_eq!(send(&router, event, Some("new"), body).await, 202);
        let job = store.claim(Duration::from_secs(1)).await.unwrap();
        assert_eq!(job.map(|job| job.subject), expected, "{event} {fields}");
    }
}

/// Where the ledger was before a push says what the push has changed.
#[tokio::test]
async fn a_push_to_the_ledger_brings_where_it_was_before() {
    let bot = json!({"id": 1, "login": "astride[bot]", "type": "Bot"});
    for (sender, before) in [(json!(null), HEAD), (bot, HEAD), (json!(null), "0000000000000000000000000000000000000000")] {
        let (store, router) = service().await;
        let fields = json!({"ref": "refs/heads/astride-ledger", "before": before, "after": HEAD, "sender": sender});
        assert_eq!(send(&router, "push", Some("new"), payload(fields).to_string().into_bytes()).await, 202);
        assert_eq!(store.claim(Duration::from_secs(1)).await.unwrap().unwrap().base, astride::change::ObjectId::from_hex(before));
    }
}
