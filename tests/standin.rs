//! The stand-in is held to what GitHub is known to do and to refuse.

mod standin_client;

use astride::change::Right;
use astride::forge::permissions::Variant;
use astride::sandbox::github::Options;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::access::Level;
use astride::sandbox::github::access::permissions_of;
use astride::sandbox::github::deliveries::Way;
use astride::sandbox::github::deliveries::Which;
use astride::sandbox::github::deliveries::signature;
use astride::sandbox::github::faults::Fault;
use astride::sandbox::github::faults::Planned;
use astride::sandbox::github::faults::Then;
use astride::sandbox::github::faults::When;
use astride::sandbox::github::people::ActError;
use astride::sandbox::github::people::Opening;
use astride::sandbox::github::people::Push;
use astride::sandbox::github::people::Suspension;
use astride::sandbox::github::people::Visibility;
use astride::sandbox::github::state::Talk;
use astride::sandbox::github::state::UserKind;
use astride::sandbox::objects::Content;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use standin_client::Client;
use standin_client::PULL;
use standin_client::SHOP;
use standin_client::head;
use standin_client::shop;
use std::collections::BTreeSet;

#[tokio::test]
async fn pages_are_linked_by_absolute_addresses() {
    let (standin, client) = shop();
    standin.act(|github| {
        for number in 1..=5 {
            github.comment(SHOP, 1, "mona", &format!("comment {number}")).unwrap();
        }
    });
    let first = client.get("/repos/acme/shop/issues/1/comments?per_page=2").await;
    let base = "http://api.standin.test/repos/acme/shop/issues/1/comments?per_page=2";
    assert_eq!(first.header("link"), Some(format!("<{base}&page=2>; rel=\"next\", <{base}&page=3>; rel=\"last\"").as_str()));
    let last = client.get("/repos/acme/shop/issues/1/comments?per_page=2&page=3").await;
    assert_eq!(last.header("link"), Some(format!("<{base}&page=2>; rel=\"prev\", <{base}&page=1>; rel=\"first\"").as_str()));
    assert_eq!(last.body[0]["body"], "comment 5");
    assert_eq!(client.get("/repos/acme/shop/issues/1/comments").await.header("link"), None);
}

#[tokio::test]
async fn an_unchanged_answer_is_304_and_free() {
    let (standin, client) = shop();
    let token = client.token(Value::Null).await;
    let authorization = format!("token {token}");
    let first = client.call("GET", PULL, Value::Null, &[("authorization", &authorization)]).await;
    let tag = first.header("etag").unwrap().to_owned();
    let again = client.call("GET", PULL, Value::Null, &[("authorization", &authorization), ("if-none-match", &tag)]).await;
    assert_eq!((again.status, again.body), (304, Value::Null));
    let remaining = |reply: &standin_client::Reply| reply.headers["x-ratelimit-remaining"].to_str().unwrap().to_owned();
    let after = client.call("GET", PULL, Value::Null, &[("authorization", &authorization)]).await;
    assert_eq!((remaining(&first).as_str(), remaining(&after).as_str()), ("4999", "4998"));
    standin.act(|github| github.comment(SHOP, 1, "mona", "news").unwrap());
    let changed = client.call("GET", PULL, Value::Null, &[("authorization", &authorization), ("if-none-match", &tag)]).await;
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn comments_outside_the_diff_are_refused() {
    let (standin, client) = shop();
    let sha = head(&standin).to_string();
    let at = |path: &str, line: Value| json!({"body": "b", "commit_id": sha, "path": path, "line": line, "side": "RIGHT"});
    let comments = format!("{PULL}/comments");
    let cases = [
        ("a line of context", at("long.yaml", json!(17)), 201),
        ("the line before the hunk", at("long.yaml", json!(16)), 422),
        ("the last line of the hunk", at("long.yaml", json!(24)), 201),
        ("the line after the hunk", at("long.yaml", json!(25)), 422),
        ("a file that did not change", at("README.md", json!(1)), 422),
        ("a file that is not there", at("nothing.yaml", json!(1)), 422),
        ("a line that does not exist", at("new/template.yaml", json!(2)), 422),
        ("no line", at("long.yaml", Value::Null), 422),
        ("a blank body", json!({"body": " ", "commit_id": sha, "path": "long.yaml", "line": 20}), 422),
        ("a foreign commit", json!({"body": "b", "commit_id": "0".repeat(40), "path": "long.yaml", "line": 20}), 422),
        ("a removed line on the left", json!({"body": "b", "commit_id": sha, "path": "old.yaml", "line": 1, "side": "LEFT"}), 201),
        ("a removed line on the right", at("old.yaml", json!(1)), 422),
    ];
    for (case, body, status) in cases {
        assert_eq!(client.post(&comments, body).await.status, status, "{case}");
    }
    let before = standin.dump();
    let mixed = json!({"commit_id": sha, "event": "COMMENT", "comments": [
        {"path": "long.yaml", "line": 20, "body": "inside"}, {"path": "long.yaml", "line": 1, "body": "outside"},
    ]});
    assert_eq!(client.post(&format!("{PULL}/reviews"), mixed).await.status, 422);
    assert_eq!(standin.dump(), before, "one line outside refuses the whole review");
}

#[tokio::test]
async fn what_is_too_long_is_refused() {
    let (standin, client) = shop();
    let sha = head(&standin).to_string();
    for (length, status) in [(65_536, 201), (65_537, 422)] {
        let answer = client.post("/repos/acme/shop/issues/1/comments", json!({"body": "é".repeat(length)})).await;
        assert_eq!(answer.status, status, "a comment of {length} characters");
    }
    for (length, status) in [(65_535, 201), (65_536, 422)] {
        let output = json!({"title": "t", "summary": "s".repeat(length)});
        let body = json!({"name": "astride", "head_sha": sha, "status": "in_progress", "output": output});
        assert_eq!(client.post("/repos/acme/shop/check-runs", body).await.status, status, "a summary of {length} characters");
    }
    let unknown = json!({"name": "astride", "head_sha": "1".repeat(40)});
    assert_eq!(client.post("/repos/acme/shop/check-runs", unknown).await.status, 422, "a check on a commit that is not there");
    let annotations = |many: usize, title: usize| {
        let one = json!({"path": "a.yaml", "start_line": 1, "end_line": 2, "annotation_level": "failure", "title": "t".repeat(title), "message": "m"});
        let output = json!({"title": "t", "summary": "s", "annotations": vec![one; many]});
        json!({"name": "astride", "head_sha": sha, "output": output})
    };
    for (many, title, status) in [(51, 1, 422), (1, 256, 422), (50, 255, 201)] {
        let answer = client.post("/repos/acme/shop/check-runs", annotations(many, title)).await;
        assert_eq!(answer.status, status, "{many} annotations with titles of {title} characters");
    }
    let mut wrong = annotations(1, 1);
    wrong["output"]["annotations"][0]["end_line"] = json!(0);
    assert_eq!(client.post("/repos/acme/shop/check-runs", wrong).await.status, 422, "an annotation that ends before it begins");
}

#[tokio::test]
async fn annotations_are_added_to_those_that_stand_there() {
    let (standin, client) = shop();
    let sha = head(&standin).to_string();
    let output = |lines: &[u32]| {
        let of_line =
            |line: &u32| json!({"path": "a.yaml", "start_line": line, "end_line": line, "annotation_level": "notice", "message": "m"});
        json!({"title": "t", "summary": "s", "annotations": lines.iter().map(of_line).collect::<Vec<_>>()})
    };
    let created = client.post("/repos/acme/shop/check-runs", json!({"name": "astride", "head_sha": sha, "output": output(&[1, 2])})).await;
    let path = format!("/repos/acme/shop/check-runs/{}", created.body["id"]);
    let updated = client.patch(&path, json!({"output": output(&[2, 3])})).await;
    assert_eq!(updated.body["output"]["annotations_count"], 4);
    let listed = client.get(&format!("{path}/annotations")).await;
    let lines: Vec<u64> = listed.body.as_array().unwrap().iter().map(|shown| shown["start_line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 2, 2, 3]);
}

#[tokio::test]
async fn a_ref_moves_only_forward() {
    let (standin, client) = shop();
    let git = "/repos/acme/shop/git";
    let commit = async |parents: Value, content: &str| {
        let blob = client.post(&format!("{git}/blobs"), json!({"content": content, "encoding": "utf-8"})).await.body["sha"].clone();
        let entries = json!([{"path": "70001/template.yaml.yml", "mode": "100644", "type": "blob", "sha": blob}]);
        let tree = client.post(&format!("{git}/trees"), json!({"tree": entries})).await.body["sha"].clone();
        let commit = client.post(&format!("{git}/commits"), json!({"message": "decide", "tree": tree, "parents": parents})).await;
        assert_eq!(commit.body["verification"]["verified"], true);
        assert_eq!(commit.body["author"]["name"], "astride[bot]");
        commit.body["sha"].clone()
    };
    let first = commit(json!([]), "one\n").await;
    let create = json!({"ref": "refs/heads/astride-ledger", "sha": first});
    assert_eq!(client.post(&format!("{git}/refs"), create.clone()).await.status, 201);
    assert_eq!(client.post(&format!("{git}/refs"), create).await.status, 422, "it exists");
    let (second, rival) = (commit(json!([first]), "two\n").await, commit(json!([first]), "rival\n").await);
    let ledger = format!("{git}/refs/heads/astride-ledger");
    assert_eq!(client.patch(&ledger, json!({"sha": second, "force": false})).await.status, 200);
    let refused = client.patch(&ledger, json!({"sha": rival, "force": false})).await;
    assert_eq!((refused.status, refused.body["message"].as_str()), (422, Some("Update is not a fast forward")));
    assert_eq!(client.get(&format!("{git}/ref/heads/astride-ledger")).await.body["object"]["sha"], second);
    assert!(standin.dump().contains("### 100644 70001/template.yaml.yml\n    two\n"), "{}", standin.dump());
    let (tip, tree) = (
        client.get(&format!("{git}/commits/{}", second.as_str().unwrap())).await,
        json!([{"path": "x", "mode": "100644", "sha": "2".repeat(40)}]),
    );
    let missing = client.post(&format!("{git}/trees"), json!({"base_tree": tip.body["tree"]["sha"], "tree": tree})).await;
    assert_eq!(missing.status, 422, "a blob that is not there");
    let absent = client.get(&format!("{git}/ref/heads/absent")).await;
    assert_eq!(absent.status, 404);
}

#[tokio::test]
async fn a_token_reaches_what_it_was_asked_for() {
    let (standin, client) = shop();
    let (shop_id, other) = standin.act(|github| {
        let other = github.add_repository("acme/other", Visibility::Private, &[]).unwrap();
        github.add_repository("else/public", Visibility::Public, &[]).unwrap();
        (github.repository_named(SHOP).unwrap().id, other)
    });
    let token = client.token(json!({"repository_ids": [shop_id], "permissions": {"contents": "read", "checks": "write"}})).await;
    let authorization = format!("Bearer {token}");
    let sha = head(&standin).to_string();
    let cases = [
        ("GET", "/repos/acme/shop/git/ref/heads/main", Value::Null, 200),
        ("POST", "/repos/acme/shop/git/blobs", json!({"content": "x"}), 403),
        ("POST", "/repos/acme/shop/check-runs", json!({"name": "a", "head_sha": sha}), 201),
        ("GET", PULL, Value::Null, 403),
        ("GET", "/repos/acme/other", Value::Null, 404),
        ("GET", "/repos/else/public", Value::Null, 200),
        ("POST", "/repos/else/public/git/blobs", json!({"content": "x"}), 403),
        ("GET", "/app", Value::Null, 401),
    ];
    for (method, path, body, status) in cases {
        let answer = client.call(method, path, body, &[("authorization", &authorization)]).await;
        assert_eq!(answer.status, status, "{method} {path}");
        if status == 403 {
            assert_eq!(answer.body["message"], "Resource not accessible by integration");
        }
    }
    let refused = [
        json!({"permissions": {"administration": "read"}}),
        json!({"permissions": {"deployments": "write"}}),
        json!({"repository_ids": [other + 1]}),
        json!({"repositories": ["public"]}),
    ];
    for asked in refused {
        assert_eq!(client.as_app("POST", "/app/installations/5001/access_tokens", asked.clone()).await.status, 422, "{asked}");
    }
    standin.with(|github| github.advance(3_601));
    let late = client.call("GET", "/repos/acme/shop", Value::Null, &[("authorization", &authorization)]).await;
    assert_eq!(late.status, 401, "an hour later the token is dead");
}

#[tokio::test]
async fn a_jwt_must_be_signed_by_the_app_and_short() {
    let (_, client) = shop();
    let good = client.jwt(4242, 1_000, 1_600);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let cases = [
        ("good", good.clone(), 200),
        ("too long", client.jwt(4242, 1_000, 1_661), 401),
        ("backwards", client.jwt(4242, 1_000, 1_000), 401),
        ("another App", client.jwt(1, 1_000, 1_600), 404),
        ("unsigned", format!("{signed}."), 401),
        ("forged", format!("{signed}.AAAA"), 401),
    ];
    for (case, token, status) in cases {
        let answer = client.call("GET", "/app", Value::Null, &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!(answer.status, status, "{case}");
    }
}

#[tokio::test]
async fn permissions_are_those_of_the_role() {
    let (standin, client) = shop();
    standin.act(|github| {
        github.set_role(SHOP, "tom", Right::Triage).unwrap();
        github.add_user("stranger", UserKind::Person);
        github.add_repository("acme/open", Visibility::Public, &[]).unwrap();
    });
    let permission = async |repository: &str, login: &str| {
        let answer = client.get(&format!("/repos/acme/{repository}/collaborators/{login}/permission")).await;
        (answer.status, answer.body["permission"].clone(), answer.body["role_name"].clone())
    };
    assert_eq!(permission("shop", "rita").await, (200, json!("write"), json!("maintain")));
    assert_eq!(permission("shop", "tom").await, (200, json!("read"), json!("triage")));
    assert_eq!(permission("shop", "stranger").await, (200, json!("none"), json!("none")));
    assert_eq!(permission("open", "stranger").await, (200, json!("read"), json!("read")));
    assert_eq!(permission("shop", "nobody").await, (404, Value::Null, Value::Null));
}

#[tokio::test]
async fn a_renamed_repository_redirects() {
    let (standin, client) = shop();
    let id = standin.act(|github| {
        github.rename_repository(SHOP, "store").unwrap();
        github.repository_named("acme/store").unwrap().id
    });
    let moved = client.get("/repos/acme/shop/pulls/1?x=a%20b").await;
    assert_eq!(moved.status, 301);
    assert_eq!(moved.header("location"), Some(format!("http://api.standin.test/repositories/{id}/pulls/1?x=a%20b").as_str()));
    assert_eq!(client.get(&format!("/repositories/{id}/pulls/1")).await.status, 200);
    assert_eq!(client.post("/repos/acme/shop/issues/1/comments", json!({"body": "x"})).await.status, 307);
}

#[tokio::test]
async fn reads_lag_behind_events() {
    let (standin, client) = shop();
    let old = head(&standin);
    let new = standin.act(|github| {
        github.set_lag(SHOP, 1, 1, 2).unwrap();
        let changes = [("more.yaml", Some("more: true\n".into()))];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "More" }).unwrap()
    });
    assert_eq!(client.get(PULL).await.status, 404);
    for expected in [old, old, new, new] {
        assert_eq!(client.get(PULL).await.body["head"]["sha"], expected.to_string());
    }
    let delivery = standin.deliveries().pop().unwrap();
    let payload: Value = serde_json::from_str(&delivery.body).unwrap();
    assert_eq!(delivery.name(), "pull_request.synchronize");
    assert_eq!((&payload["before"], &payload["after"]), (&json!(old.to_string()), &json!(new.to_string())));
}

#[tokio::test]
async fn comments_follow_their_lines_or_are_outdated() {
    let (standin, client) = shop();
    let (kept, lost) = standin.act(|github| {
        let kept = github.comment_on_line(SHOP, 1, "rita", ("long.yaml", 21), "kept").unwrap();
        let lost = github.comment_on_line(SHOP, 1, "rita", ("long.yaml", 20), "lost").unwrap();
        let text: String = (1..=40).map(|line| format!("line{line}: {line}\n")).collect();
        let text = format!("first: 0\n{}", text.replace("line20: 20\n", "line20: zwanzig\nline20b: more\n"));
        let changes = [("long.yaml", Some(Content::Text(text)))];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Move" }).unwrap();
        (kept, lost)
    });
    let comment = async |id: u64| client.get(&format!("/repos/acme/shop/pulls/comments/{id}")).await.body;
    let (kept, lost) = (comment(kept).await, comment(lost).await);
    assert_eq!((&kept["line"], &kept["original_line"], &kept["commit_id"]), (&json!(22), &json!(21), &json!(head(&standin).to_string())));
    assert_eq!((&lost["line"], &lost["position"], &lost["original_line"]), (&Value::Null, &Value::Null, &json!(20)));
    assert!(standin.dump().contains("thread at long.yaml:20 (outdated)"));
}

#[tokio::test]
async fn threads_are_read_and_resolved_through_graphql() {
    let (standin, client) = shop();
    let first = standin.act(|github| github.comment_on_line(SHOP, 1, "rita", ("long.yaml", 20), "why?").unwrap());
    let query = "query($owner: String!, $name: String!, $number: Int!, $after: String) { repository(owner: $owner, name: $name) {
        pullRequest(number: $number) { reviewThreads(first: 100, after: $after) { nodes { id isResolved comments(first: 1) { nodes { fullDatabaseId } } } } } } }";
    let read = json!({"query": query, "variables": {"owner": "acme", "name": "shop", "number": 1, "after": null}});
    let threads =
        async || client.post("/graphql", read.clone()).await.body["data"]["repository"]["pullRequest"]["reviewThreads"]["nodes"].clone();
    let thread = threads().await[0].clone();
    assert_eq!((&thread["isResolved"], &thread["comments"]["nodes"][0]["fullDatabaseId"]), (&json!(false), &json!(first.to_string())));
    let mutation = "mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }";
    let resolve = json!({"query": mutation, "variables": {"id": thread["id"]}});
    let mut permissions = permissions_of(Variant::Standard);
    permissions.insert("contents".to_owned(), Level::Read);
    standin.with(|github| github.grant("acme", permissions).unwrap());
    let refused = client.post("/graphql", resolve.clone()).await;
    assert_eq!((refused.status, &refused.body["errors"][0]["type"]), (200, &json!("FORBIDDEN")), "resolving takes contents: write");
    standin.with(|github| github.grant("acme", permissions_of(Variant::Standard)).unwrap());
    assert_eq!(client.post("/graphql", resolve).await.body["data"]["resolveReviewThread"]["thread"]["isResolved"], true);
    assert_eq!(threads().await[0]["isResolved"], true);
    let other = client.post("/graphql", json!({"query": "{ viewer { login } }"})).await;
    assert!(other.body["errors"].is_array());
}

#[tokio::test]
async fn faults_come_as_planned() {
    let (standin, client) = shop();
    let token = client.token(Value::Null).await;
    let authorization = format!("Bearer {token}");
    let call = async |method: &str, path: &str, body: Value| client.call(method, path, body, &[("authorization", &authorization)]).await;
    let comments = "/repos/acme/shop/issues/1/comments";
    let count = || standin.with(|github| github.repository_named(SHOP).unwrap().comments.len());
    let pulls = When::Matching { method: "GET", path: "/repos/*/*/pulls/*" };
    standin.plan(Fault::new(pulls, Then::Answer(Planned::status(StatusCode::NOT_FOUND))));
    assert_eq!((call("GET", PULL, Value::Null).await.status, call("GET", PULL, Value::Null).await.status), (404, 200));
    let writes = standin.requests().iter().filter(|request| request.is_write()).count() as u64;
    standin.plan(Fault::new(When::Write(writes + 1), Then::ExecuteAndAnswer(Planned::status(StatusCode::BAD_GATEWAY))));
    assert_eq!((call("POST", comments, json!({"body": "x"})).await.status, count()), (502, 1));
    standin.plan(Fault::new(When::Write(writes + 2), Then::Answer(Planned::secondary_limit(60))));
    let limited = call("POST", comments, json!({"body": "y"})).await;
    assert_eq!((limited.status, limited.header("retry-after"), count()), (403, Some("60"), 1));
    let posts = || When::Matching { method: "POST", path: comments };
    standin.plan(Fault::new(posts(), Then::ExecuteAndHang).after(1));
    assert_eq!(call("POST", comments, json!({"body": "z"})).await.status, 201);
    tokio::select! {
        _ = call("POST", comments, json!({"body": "lost"})) => panic!("it shall hang"),
        () = standin.on_hang().notified() => {}
    }
    assert_eq!((count(), standin.requests().last().unwrap().status), (3, None));
    standin.plan(Fault::new(posts(), Then::Hang).times(9));
    standin.recover();
    assert_eq!(call("POST", comments, json!({"body": "z"})).await.status, 201);
}

#[tokio::test]
async fn a_dropped_connection_is_no_answer() {
    let (standin, client) = shop();
    let token = client.token(Value::Null).await;
    standin.plan(Fault::new(When::Matching { method: "GET", path: "/repos/*/*" }, Then::Drop));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = standin.clone();
    let server = tokio::spawn(async move { served.serve(listener).await });
    let ask = async || {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET /repos/acme/shop HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let _ = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await;
        answer
    };
    let broken = ask().await;
    let complete = broken.contains("content-length") || broken.ends_with("0\r\n\r\n");
    assert!(!complete, "the connection breaks before the end of an answer: {broken:?}");
    let answer = ask().await;
    assert!(answer.contains(&format!("\"url\":\"http://{address}/repos/acme/shop\"")), "addresses are those of the listener: {answer}");
    server.abort();
}

#[tokio::test]
async fn deliveries_are_signed_logged_and_redelivered_under_their_guid() {
    let (standin, client) = shop();
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    standin.deliver_to(sender);
    standin.plan_delivery(Which::Named("issue_comment"), Way::Late(2));
    standin.plan_delivery(Which::Named("pull_request.closed"), Way::Lost);
    standin.plan_delivery(Which::Named("pull_request.reopened"), Way::Twice);
    standin.act(|github| {
        github.comment(SHOP, 1, "mona", "late").unwrap();
        github.close(SHOP, 1, "mona").unwrap();
        github.reopen(SHOP, 1, "mona").unwrap();
        github.convert_to_draft(SHOP, 1, "mona").unwrap();
    });
    let mut came = Vec::new();
    while let Ok(delivery) = receiver.try_recv() {
        assert_eq!(delivery.signature, signature(Options::default().webhook_secret.as_bytes(), delivery.body.as_bytes()));
        standin.answered(delivery.id, 202);
        came.push(delivery.name());
    }
    let expected = ["pull_request.reopened", "pull_request.reopened", "issue_comment.created", "pull_request.converted_to_draft"];
    assert_eq!(came, expected);
    let failed = client.as_app("GET", "/app/hook/deliveries?status=failure&per_page=1", Value::Null).await;
    let (id, guid) = (failed.body[0]["id"].clone(), failed.body[0]["guid"].clone());
    assert_eq!((&failed.body[0]["event"], &failed.body[0]["action"]), (&json!("pull_request"), &json!("closed")));
    assert!(failed.header("link").unwrap().contains("cursor="));
    assert_eq!(client.as_app("POST", &format!("/app/hook/deliveries/{id}/attempts"), Value::Null).await.status, 202);
    let again = receiver.try_recv().unwrap();
    assert_eq!((json!(again.guid), again.name(), again.redelivery), (guid, "pull_request.closed".to_owned(), true));
}

#[tokio::test]
async fn the_apps_own_writes_come_back_as_events() {
    let (standin, client) = shop();
    let before = standin.deliveries().len();
    let sha = head(&standin).to_string();
    client.post("/repos/acme/shop/issues/1/comments", json!({"body": "mine"})).await;
    client.post("/repos/acme/shop/check-runs", json!({"name": "astride", "head_sha": sha})).await;
    let deliveries = standin.deliveries();
    let names: Vec<String> = deliveries[before..].iter().map(|delivery| delivery.name()).collect();
    assert_eq!(names, ["issue_comment.created", "check_run.created"]);
    let payload: Value = serde_json::from_str(&deliveries[before].body).unwrap();
    assert_eq!((&payload["sender"]["login"], &payload["sender"]["type"]), (&json!("astride[bot]"), &json!("Bot")));
    assert_eq!(payload["comment"]["performed_via_github_app"]["id"], 4242);
}

#[tokio::test]
async fn contents_answer_a_link_with_its_target() {
    let (_, client) = shop();
    let link = client.get("/repos/acme/shop/contents/link").await;
    assert_eq!((&link.body["type"], &link.body["content"]), (&json!("file"), &json!("c2hvcAo=\n")));
    let tree = client.get("/repos/acme/shop/git/trees/main").await.body;
    let entry = tree["tree"].as_array().unwrap().iter().find(|entry| entry["path"] == "link").unwrap().clone();
    assert_eq!(entry["mode"], "120000", "the tree tells");
}

#[tokio::test]
async fn a_listing_above_the_limit_is_truncated() {
    let standin = StandIn::new(Options { tree_limit: 3, ..Options::default() });
    standin.act(|github| {
        let files = ["a/1", "a/2", "b/1", "c"].map(|path| (path, Content::Text(path.to_owned())));
        github.add_repository(SHOP, Visibility::Private, &files).unwrap();
        github.install("acme", None);
    });
    let client = Client::new(&standin);
    let tree = client.get("/repos/acme/shop/git/trees/main?recursive=1").await.body;
    let paths: Vec<&str> = tree["tree"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect();
    assert_eq!((&tree["truncated"], paths), (&json!(true), vec!["a", "a/1", "a/2"]));
}

#[tokio::test]
async fn checks_of_a_forks_head_name_no_pull_requests() {
    let (standin, client) = shop();
    let sha = standin.act(|github| {
        github.fork(SHOP, "frank").unwrap();
        let changes = [("fork.yaml", Some("fork: true\n".into()))];
        let sha = github.push(&Push { repository: "frank/shop", branch: "idea", by: "frank", changes: &changes, message: "Idea" }).unwrap();
        let opening = Opening { repository: SHOP, by: "frank", head: "frank:idea", base: "main", title: "Idea", body: "", draft: false };
        assert_eq!(github.open_pull(&opening), Ok(2));
        sha.to_string()
    });
    let check = client.post("/repos/acme/shop/check-runs", json!({"name": "astride", "head_sha": sha})).await;
    assert_eq!((check.status, &check.body["pull_requests"]), (201, &json!([])));
    let delivery: Value = serde_json::from_str(&standin.deliveries().last().unwrap().body).unwrap();
    assert_eq!(delivery["check_run"]["check_suite"]["head_branch"], Value::Null);
    let found = client.get("/repos/acme/shop/pulls?head=frank:idea").await;
    assert_eq!((found.body[0]["number"].clone(), found.body.as_array().unwrap().len()), (json!(2), 1));
}

#[test]
fn reactions_show_in_the_dump_and_ids_do_not() {
    let run = |lost: usize| {
        let (standin, _) = shop();
        standin.act(|github| {
            for _ in 0..lost {
                let id = github.comment(SHOP, 1, "mona", "lost").unwrap();
                github.delete_comment(SHOP, Talk::Issue, id, "mona").unwrap();
            }
            let id = github.comment(SHOP, 1, "mona", "kept").unwrap();
            github.react(SHOP, Talk::Issue, id, "rita", "+1").unwrap();
        });
        standin.dump()
    };
    assert_eq!(run(0), run(3));
    assert!(run(0).contains("### comment by mona [rita +1]\n    kept\n"), "{}", run(0));
}

#[tokio::test]
async fn a_suspended_or_removed_installation_has_no_tokens() {
    let (standin, client) = shop();
    let token = client.token(Value::Null).await;
    let authorization = format!("Bearer {token}");
    let status = async || client.call("GET", PULL, Value::Null, &[("authorization", &authorization)]).await.status;
    standin.act(|github| github.set_suspended("acme", Suspension::Suspended).unwrap());
    assert_eq!(status().await, 403);
    let deliveries = standin.deliveries().len();
    standin.act(|github| github.comment(SHOP, 1, "mona", "unheard").unwrap());
    assert_eq!(standin.deliveries().len(), deliveries, "no events meanwhile");
    standin.act(|github| github.set_suspended("acme", Suspension::Lifted).unwrap());
    assert_eq!(status().await, 200);
    standin.act(|github| github.uninstall("acme").unwrap());
    assert_eq!(status().await, 401);
    assert_eq!(client.as_app("GET", "/repos/acme/shop/installation", Value::Null).await.status, 404);
}

#[tokio::test]
async fn an_archived_repository_is_read_only() {
    let (standin, client) = shop();
    standin.act(|github| github.archive_repository(SHOP).unwrap());
    assert_eq!(client.get(PULL).await.status, 200);
    let refused = client.post("/repos/acme/shop/issues/1/comments", json!({"body": "x"})).await;
    assert_eq!((refused.status, refused.body["message"].as_str()), (403, Some("Repository was archived so is read-only.")));
}

#[tokio::test]
async fn a_pull_request_outlives_its_fork() {
    let (standin, client) = shop();
    standin.act(|github| {
        github.fork(SHOP, "frank").unwrap();
        let changes = [("fork.yaml", Some("fork: true\n".into()))];
        github.push(&Push { repository: "frank/shop", branch: "idea", by: "frank", changes: &changes, message: "Idea" }).unwrap();
        let opening = Opening { repository: SHOP, by: "frank", head: "frank:idea", base: "main", title: "Idea", body: "", draft: false };
        github.open_pull(&opening).unwrap();
        github.delete_repository("frank/shop").unwrap();
    });
    let pull = client.get("/repos/acme/shop/pulls/2").await;
    assert_eq!((pull.status, &pull.body["head"]["repo"], &pull.body["changed_files"]), (200, &Value::Null, &json!(1)));
}

#[tokio::test]
async fn the_base_of_a_pull_request_does_not_follow_its_branch() {
    let (standin, client) = shop();
    let old = client.get(PULL).await.body["base"]["sha"].clone();
    standin.act(|github| {
        let changes = [("base.yaml", Some("base: true\n".into()))];
        github.push(&Push { repository: SHOP, branch: "main", by: "rita", changes: &changes, message: "Base" }).unwrap();
    });
    assert_eq!(client.get(PULL).await.body["base"]["sha"], old);
    let compared = client.get("/repos/acme/shop/compare/main...orders").await.body;
    assert_eq!((&compared["status"], &compared["behind_by"], &compared["merge_base_commit"]["sha"]), (&json!("diverged"), &json!(1), &old));
    assert_eq!(compared["files"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_rate_limit_ends_in_403_until_the_hour_is_over() {
    let standin = StandIn::new(Options { rate_limit: 2, ..Options::default() });
    standin.act(|github| {
        github.add_repository(SHOP, Visibility::Private, &[]).unwrap();
        github.install("acme", None);
    });
    let client = Client::new(&standin);
    let get = async || client.get("/repos/acme/shop").await;
    assert_eq!((get().await.status, get().await.status), (200, 200));
    let refused = get().await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, Some("0")));
    let reset: i64 = refused.header("x-ratelimit-reset").unwrap().parse().unwrap();
    standin.with(|github| github.set_now(astride::change::Timestamp(reset)));
    assert_eq!(get().await.status, 200);
}

#[tokio::test]
async fn events_come_only_with_their_permission() {
    let (standin, _) = shop();
    let events = |permission: &str| {
        let mut permissions = permissions_of(Variant::Standard);
        permissions.remove(permission);
        standin.with(|github| github.grant("acme", permissions).unwrap());
        let before = standin.deliveries().len();
        standin.act(|github| {
            github.comment(SHOP, 1, "mona", "hello").unwrap();
            github.close(SHOP, 1, "mona").unwrap();
            github.reopen(SHOP, 1, "mona").unwrap();
            github.queue(SHOP, 1, "rita").unwrap();
        });
        standin.deliveries()[before..].iter().map(|delivery| delivery.event.clone()).collect::<BTreeSet<_>>()
    };
    let all: BTreeSet<String> = events("members");
    assert_eq!(all.iter().map(String::as_str).collect::<Vec<_>>(), ["check_suite", "issue_comment", "merge_group", "pull_request", "push"]);
    for (permission, event) in
        [("issues", "issue_comment"), ("pull_requests", "pull_request"), ("contents", "push"), ("merge_queues", "merge_group")]
    {
        // The clock has moved on: the queue's commit is another one each time.
        let missing: Vec<String> = all.difference(&events(permission)).cloned().collect();
        assert_eq!(missing, [event], "without {permission}");
    }
}

#[tokio::test]
async fn a_head_that_went_another_way_is_not_reopened() {
    let (standin, client) = shop();
    let refused = standin.act(|github| {
        github.close(SHOP, 1, "mona").unwrap();
        let main = github.repository_named(SHOP).unwrap().branch("main").unwrap();
        github.force_push(SHOP, "orders", "mona", main).unwrap();
        github.reopen(SHOP, 1, "mona")
    });
    assert!(matches!(refused, Err(ActError::Refused(_))), "{refused:?}");
    assert_eq!(client.get(PULL).await.body["state"], "closed");
}

#[tokio::test]
async fn a_comparison_is_paged_when_asked() {
    let (standin, client) = shop();
    standin.act(|github| {
        for number in 0..3 {
            let text = Content::Text(format!("number: {number}\n"));
            let changes = [("number.yaml", Some(text))];
            github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Count" }).unwrap();
        }
    });
    let page = async |query: &str| client.get(&format!("/repos/acme/shop/compare/main...orders{query}")).await;
    let count = |reply: &standin_client::Reply| reply.body["commits"].as_array().unwrap().len();
    let whole = page("").await;
    assert_eq!((count(&whole), whole.header("link"), &whole.body["total_commits"]), (4, None, &json!(4)));
    let (first, second) = (page("?per_page=3").await, page("?per_page=3&page=2").await);
    assert_eq!((count(&first), count(&second)), (3, 1));
    assert!(first.header("link").unwrap().contains("page=2>; rel=\"next\""));
    assert!(first.body["files"].is_array() && second.body.get("files").is_none(), "the files stand on the first page");
}

#[tokio::test]
async fn authors_are_known_by_address_only() {
    let (standin, client) = shop();
    standin.act(|github| {
        let changes = [("spoof.yaml", Some("spoof: true\n".into()))];
        let push = Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Spoof" };
        let rita = github.user_named("rita").unwrap().email();
        github.push_as(&push, "anybody", &rita).unwrap();
        let changes = [("ghost.yaml", Some("ghost: true\n".into()))];
        github.push_as(&Push { changes: &changes, ..push }, "Rita", "rita@example.org").unwrap();
    });
    let commits = client.get(&format!("{PULL}/commits")).await.body;
    let authors: Vec<&Value> = commits.as_array().unwrap().iter().map(|commit| &commit["author"]["login"]).collect();
    assert_eq!(authors, [&json!("mona"), &json!("rita"), &Value::Null]);
}
