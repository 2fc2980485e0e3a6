//! The stand-in is held to git, to GitHub's contract, and to what GitHub is known to refuse.

mod contract;
mod standin_client;

use astride::change::ObjectId;
use astride::change::Right;
use astride::sandbox::github::Options;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::access::Level;
use astride::sandbox::github::comments::Talk;
use astride::sandbox::github::deliveries::Way;
use astride::sandbox::github::deliveries::Which;
use astride::sandbox::github::deliveries::signature;
use astride::sandbox::github::faults::Fault;
use astride::sandbox::github::faults::Planned;
use astride::sandbox::github::faults::Then;
use astride::sandbox::github::faults::When;
use astride::sandbox::github::people::Opening;
use astride::sandbox::github::people::Push;
use astride::sandbox::github::people::Visibility;
use astride::sandbox::github::state::UserKind;
use astride::sandbox::github::wire::default_permissions;
use astride::sandbox::objects::Content;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use standin_client::Client;

const SHOP: &str = "acme/shop";
const PULL: &str = "/repos/acme/shop/pulls/1";

/// A private repository with one open pull request that changes a file, adds one and removes one.
fn shop() -> (StandIn, Client) {
    let standin = StandIn::new(Options::default());
    standin.act(|github| {
        let long: String = (1..=40).map(|line| format!("line{line}: {line}\n")).collect();
        let files = [
            ("README.md", "shop\n".into()),
            ("long.yaml", Content::Text(long.clone())),
            ("old.yaml", "old: true\n".into()),
            ("bin/run", Content::Executable("#!/bin/sh\n".to_owned())),
            ("link", Content::Symlink("README.md".to_owned())),
        ];
        github.add_repository(SHOP, Visibility::Private, &files).unwrap();
        github.install("acme", None);
        github.set_role(SHOP, "mona", Right::Write).unwrap();
        github.set_role(SHOP, "rita", Right::Maintain).unwrap();
        let changed = long.replace("line20: 20\n", "line20: twenty\nline20b: more\n");
        let changes = [("long.yaml", Some(Content::Text(changed))), ("new/template.yaml", Some("Resources: {}\n".into())), ("old.yaml", None)];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Orders" }).unwrap();
        let opening =
            Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "Adds orders", draft: false };
        github.open_pull(&opening).unwrap();
    });
    let client = Client::new(&standin);
    (standin, client)
}

fn head(standin: &StandIn) -> ObjectId {
    standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap())
}

#[tokio::test]
async fn answers_and_payloads_conform_to_the_contract() {
    let (standin, client) = shop();
    let sha = head(&standin).to_string();
    let repository = standin.with(|github| github.repository_named(SHOP).unwrap().id);
    for path in ["/app", "/app/installations", "/app/installations/5001", "/repos/acme/shop/installation", "/app/hook/config", "/app/hook/deliveries", "/app/hook/deliveries/1"] {
        assert_eq!(client.as_app("GET", path, Value::Null).await.status, 200, "{path}");
    }
    let comment = client.post("/repos/acme/shop/issues/1/comments", json!({"body": "hello"})).await.body["id"].clone();
    let line = json!({"body": "here", "commit_id": sha, "path": "long.yaml", "line": 21, "side": "RIGHT"});
    let thread = client.post(&format!("{PULL}/comments"), line).await.body["id"].clone();
    let file = json!({"body": "all of it", "commit_id": sha, "path": "new/template.yaml", "subject_type": "file"});
    assert_eq!(client.post(&format!("{PULL}/comments"), file).await.status, 201);
    assert_eq!(client.post(&format!("{PULL}/comments/{thread}/replies"), json!({"body": "and so"})).await.status, 201);
    let review = json!({"commit_id": sha, "event": "COMMENT", "body": "see", "comments": [{"path": "long.yaml", "line": 20, "body": "x"}]});
    assert_eq!(client.post(&format!("{PULL}/reviews"), review).await.status, 200);
    for (path, status) in [(format!("/repos/acme/shop/issues/comments/{comment}/reactions"), 201), (format!("/repos/acme/shop/pulls/comments/{thread}/reactions"), 201)] {
        assert_eq!(client.post(&path, json!({"content": "eyes"})).await.status, status);
        assert_eq!(client.post(&path, json!({"content": "eyes"})).await.status, 200);
        assert_eq!(client.get(&path).await.body.as_array().unwrap().len(), 1);
    }
    let output = json!({"title": "1 open", "summary": "s", "text": "t"});
    let check = json!({"name": "astride", "head_sha": sha, "status": "completed", "conclusion": "action_required", "output": output});
    let check = client.post("/repos/acme/shop/check-runs", check).await.body["id"].clone();
    client.patch(&format!("/repos/acme/shop/check-runs/{check}"), json!({"conclusion": "success"})).await;
    client.patch(&format!("/repos/acme/shop/issues/comments/{comment}"), json!({"body": "hello again"})).await;
    client.patch(&format!("/repos/acme/shop/pulls/comments/{thread}"), json!({"body": "there"})).await;
    standin.act(|github| {
        let check = check.as_u64().unwrap();
        github.comment(SHOP, 1, "rita", "/stride help").unwrap();
        github.review(SHOP, 1, "rita", "APPROVED", "fine").unwrap();
        github.rerequest_check(SHOP, check, "mona").unwrap();
        github.rerequest_suite(SHOP, head_of(github), "mona").unwrap();
        github.foreign_check(SHOP, "other-ci", head_of(github), "astride", "success").unwrap();
        github.convert_to_draft(SHOP, 1, "mona").unwrap();
        github.ready_for_review(SHOP, 1, "mona").unwrap();
        github.close(SHOP, 1, "mona").unwrap();
        github.reopen(SHOP, 1, "mona").unwrap();
        github.queue(SHOP, 1, "rita").unwrap();
        let release = github.repository_named(SHOP).unwrap().branch("main").unwrap();
        github.force_push(SHOP, "release", "mona", release).unwrap();
        github.retarget(SHOP, 1, "mona", "release").unwrap();
        github.retarget(SHOP, 1, "mona", "main").unwrap();
        github.set_team("acme", "security", &["rita"]);
    });
    let tree = client.get(&format!("/repos/acme/shop/git/trees/{sha}")).await.body["sha"].as_str().unwrap().to_owned();
    for path in [
        "/repos/acme/shop".to_owned(),
        format!("/repositories/{repository}"),
        "/rate_limit".to_owned(),
        "/installation/repositories".to_owned(),
        "/repos/acme/shop/pulls?head=acme:orders&state=all".to_owned(),
        PULL.to_owned(),
        format!("{PULL}/files"),
        format!("{PULL}/commits"),
        format!("{PULL}/comments"),
        format!("{PULL}/reviews"),
        format!("/repos/acme/shop/pulls/comments/{thread}"),
        "/repos/acme/shop/issues/1/comments".to_owned(),
        format!("/repos/acme/shop/issues/comments/{comment}"),
        format!("/repos/acme/shop/check-runs/{check}"),
        format!("/repos/acme/shop/check-runs/{check}/annotations"),
        format!("/repos/acme/shop/commits/{sha}/check-runs?filter=latest&app_id=4242"),
        "/repos/acme/shop/commits/orders/check-suites".to_owned(),
        format!("/repos/acme/shop/commits/{sha}"),
        format!("/repos/acme/shop/commits/{sha}/pulls"),
        "/repos/acme/shop/compare/main...orders".to_owned(),
        "/repos/acme/shop/contents/README.md".to_owned(),
        "/repos/acme/shop/contents/new?ref=orders".to_owned(),
        "/repos/acme/shop/git/ref/heads/orders".to_owned(),
        "/repos/acme/shop/git/matching-refs/heads/".to_owned(),
        format!("/repos/acme/shop/git/commits/{sha}"),
        format!("/repos/acme/shop/git/trees/{tree}?recursive=1"),
        "/repos/acme/shop/collaborators/rita/permission".to_owned(),
        "/orgs/acme/teams/security/memberships/rita".to_owned(),
        "/orgs/acme/teams/security/members".to_owned(),
    ] {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    client.delete(&format!("/repos/acme/shop/issues/comments/{comment}")).await;
    standin.act(|github| github.merge(SHOP, 1, "rita").unwrap());
    contract::assert_requests(&standin.requests());
    contract::assert_standin(&standin.requests(), &standin.deliveries());
}

fn head_of(github: &astride::sandbox::github::state::Github) -> ObjectId {
    github.repository_named(SHOP).unwrap().branch("orders").unwrap()
}
