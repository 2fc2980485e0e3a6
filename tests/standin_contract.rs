//! The stand-in is held to GitHub's published contract, and the check of the contract to requests that break it.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod contract;
mod standin_client;

use astride::change::ObjectId;
use astride::sandbox::github::faults::Recorded;
use astride::sandbox::github::people::Suspension;
use astride::sandbox::github::state::Github;
use astride::sandbox::github::state::Talk;
use serde_json::Value;
use serde_json::json;
use standin_client::PULL;
use standin_client::SHOP;
use standin_client::head;
use standin_client::shop;

#[tokio::test]
async fn answers_and_payloads_conform_to_the_contract() {
    let (standin, client) = shop();
    let sha = head(&standin).to_string();
    let repository = standin.with(|github| github.repository_named(SHOP).unwrap().id);
    for path in [
        "/app",
        "/app/installations",
        "/app/installations/5001",
        "/repos/acme/shop/installation",
        "/app/hook/config",
        "/app/hook/deliveries",
        "/app/hook/deliveries/1",
    ] {
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
    for (path, status) in [
        (format!("/repos/acme/shop/issues/comments/{comment}/reactions"), 201),
        (format!("/repos/acme/shop/pulls/comments/{thread}/reactions"), 201),
    ] {
        assert_eq!(client.post(&path, json!({"content": "eyes"})).await.status, status);
        assert_eq!(client.post(&path, json!({"content": "eyes"})).await.status, 200);
        assert_eq!(client.get(&path).await.body.as_array().unwrap().len(), 1);
    }
    let output = json!({"title": "1 open", "summary": "s", "text": "t"});
    let check = json!({"name": "astride", "head_sha": sha, "status": "completed", "conclusion": "action_required", "output": output,
        "actions": [{"label": "Recheck", "description": "Judges this commit again", "identifier": "recheck"}]});
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
        let group = github.queue(SHOP, 1, "rita").unwrap();
        github.unqueue(SHOP, group, "rita", "dequeued").unwrap();
        github.press_button(SHOP, check, "mona", "recheck").unwrap();
        let said = github.comment(SHOP, 1, "mona", "said").unwrap();
        github.change_comment(SHOP, Talk::Issue, said, "mona", "unsaid").unwrap();
        github.change_comment(SHOP, Talk::Review, thread.as_u64().unwrap(), "mona", "changed").unwrap();
        github.delete_comment(SHOP, Talk::Issue, said, "mona").unwrap();
        let release = github.repository_named(SHOP).unwrap().branch("main").unwrap();
        github.force_push(SHOP, "release", "mona", release).unwrap();
        github.retarget(SHOP, 1, "mona", "release").unwrap();
        github.retarget(SHOP, 1, "mona", "main").unwrap();
        github.set_team("acme", "security", &["rita"]);
    });
    let ruleset = standin.act(|github| github.protect_branch(SHOP, "astride-ledger", &["update", "non_fast_forward"], true).unwrap());
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
        "/repos/acme/shop/collaborators?affiliation=all&permission=push".to_owned(),
        "/repos/acme/shop/activity?ref=refs/heads/orders&per_page=2".to_owned(),
        format!("/repos/acme/shop/commits?sha={sha}&per_page=100"),
        "/repos/acme/shop/rules/branches/astride-ledger".to_owned(),
        format!("/repos/acme/shop/rulesets/{ruleset}"),
        "/orgs/acme/teams/security/memberships/rita".to_owned(),
        "/orgs/acme/teams/security/members".to_owned(),
    ] {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
    let main = client.get("/repos/acme/shop/git/ref/heads/main").await.body["object"]["sha"].clone();
    assert_eq!(client.post("/repos/acme/shop/git/refs", json!({"ref": "refs/heads/ours", "sha": main})).await.status, 201);
    let pull = json!({"title": "Settings", "head": "ours", "base": "main", "body": "why"});
    assert_eq!(client.post("/repos/acme/shop/pulls", pull.clone()).await.status, 422, "there is nothing on it");
    let file = json!({"message": "Add", "content": "bW9kZTogYWR2aXNlCg==", "branch": "ours"});
    for status in [201, 422] {
        let answer = client.as_installation("PUT", "/repos/acme/shop/contents/.github/astride.yml", file.clone()).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    for status in [201, 422] {
        assert_eq!(client.post("/repos/acme/shop/pulls", pull.clone()).await.status, status);
    }
    client.delete(&format!("/repos/acme/shop/issues/comments/{comment}")).await;
    standin.act(|github| github.merge(SHOP, 1, "rita").unwrap());
    standin.act(|github| github.set_suspended("acme", Suspension::Suspended).unwrap());
    standin.act(|github| github.set_suspended("acme", Suspension::Lifted).unwrap());
    standin.act(|github| github.uninstall("acme").unwrap());
    contract::assert_requests(&standin.requests());
    contract::assert_standin(&standin.requests(), &standin.deliveries());
}

fn head_of(github: &Github) -> ObjectId {
    github.repository_named(SHOP).unwrap().branch("orders").unwrap()
}

#[test]
fn a_request_that_breaks_the_contract_is_found() {
    let Some(contract) = contract::load() else { return };
    let check = json!({"name": "astride", "head_sha": "x", "status": "completed", "conclusion": "success"});
    let with = |name: &str, value: Value| {
        let mut body = check.clone();
        body[name] = value;
        body
    };
    let runs = "/repos/acme/shop/check-runs";
    let cases = [
        ("POST", runs, "", check.clone(), None),
        ("POST", runs, "", with("output", json!({"title": "t", "summary": "s"})), None),
        (
            "POST",
            runs,
            "",
            with("output", json!({"title": "t", "summary": "s", "colour": "red"})),
            Some("/output/colour : undocumented property"),
        ),
        ("POST", runs, "", with("headsha", json!("x")), Some("/headsha : undocumented property")),
        ("POST", runs, "", with("conclusion", json!("fine")), Some("conclusion")),
        ("POST", runs, "", json!({"head_sha": "x"}), Some("\"name\" is a required property")),
        ("POST", runs, "", Value::Null, Some("has no body")),
        ("GET", "/repos/acme/shop/pulls", "state=open", Value::Null, None),
        ("GET", "/repos/acme/shop/pulls", "state=ajar", Value::Null, Some("ajar")),
        ("GET", "/repos/acme/shop/pulls", "status=open", Value::Null, Some("unknown query parameter status")),
        ("GET", "/repos/acme/shop/pulls", "per_page=many", Value::Null, Some("many")),
        ("GET", "/repos/acme/shop/pulls/one", "", Value::Null, Some("one")),
        ("GET", "/repositories/7/pulls/1/files", "page=2", Value::Null, None),
        ("GET", "/repos/acme/shop/git/ref/heads/a/b", "", Value::Null, None),
        ("GET", "/repos/acme/shop/pull/1", "", Value::Null, Some("unknown route")),
        ("PUT", "/repos/acme/shop/pulls/1", "", Value::Null, Some("unknown route")),
        ("POST", "/graphql", "", json!({"query": ""}), None),
    ];
    for (method, path, query, body, expected) in cases {
        let findings = contract.check_request(&recorded(method, path, query, body.clone())).join("; ");
        match expected {
            None => assert_eq!(findings, "", "{method} {path} {body}"),
            Some(text) => assert!(findings.contains(text), "{method} {path}?{query} {body}: {findings:?} lacks {text:?}"),
        }
    }
}

fn recorded(method: &str, path: &str, query: &str, body: Value) -> Recorded {
    Recorded {
        number: 1,
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body,
        if_none_match: None,
        caller: "installation",
        status: None,
        response: Value::Null,
    }
}
