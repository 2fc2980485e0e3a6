//! Who may decide, where the forge tells much, little or nothing of who wrote a pull request.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::change::Right;
use astride::decisions::ledger_text;
use astride::forge::token::Scope;
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::people::Push;
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use http::StatusCode;
use serde_json::{Value, json};
use service::{SHOP, Service};

async fn service() -> Service {
    Service::with(Judgement::new(ledger_text::append)).await
}

fn forbidden(method: &'static str, path: &'static str) -> Fault {
    Fault::new(When::Matching { method, path }, Then::Answer(Planned::status(StatusCode::FORBIDDEN))).times(10_000)
}

/// Somebody accepts what our first thread names; the reply and the conclusion that follow.
async fn accept(service: &Service, by: &str) -> (String, String) {
    service.settle().await;
    let id = service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let thread = shop.review_comments.values().find(|comment| comment.author == github.bot).unwrap();
        thread.body.split('`').find(|word| word.contains('/') && !word.contains(' ')).unwrap().to_owned()
    });
    let body = format!("/stride accept {id} the form is public on purpose");
    service.standin.act(|github| github.comment(SHOP, 1, by, &body).unwrap());
    service.settle().await;
    service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let reply = shop.comments.values().rfind(|comment| comment.author == github.bot).unwrap().body.clone();
        let head = shop.pulls[&1].head.sha;
        let check = shop.checks.values().find(|check| check.head == head).unwrap();
        (reply, check.conclusion.clone().unwrap())
    })
}

fn push(service: &Service, by: &str, text: &str, message: &str) {
    service.standin.act(|github| {
        let changes = [("notes.md", Some(Content::Text(text.to_owned())))];
        github.push(&Push { repository: SHOP, branch: "orders", by, changes: &changes, message }).unwrap();
    });
}

/// A list of more commits than a page of `pulls/1/commits` may ever show is read to its end.
#[tokio::test]
async fn long_lists_of_commits_are_read_to_the_end() {
    for (last, expected) in [("rita", "action_required"), ("mona", "success")] {
        let service = service().await;
        service.open_pull();
        for number in 0..320 {
            push(&service, if number == 310 { last } else { "mona" }, &number.to_string(), "Notes");
        }
        let (_, conclusion) = accept(&service, "rita").await;
        assert_eq!(conclusion, expected, "rita decides, and commit 310 is by {last}");
    }
}

#[tokio::test]
async fn a_list_that_is_cut_leaves_it_to_administrators() {
    for (right, expected, words) in [(Right::Maintain, "action_required", "an administrator decides"), (Right::Admin, "success", "")] {
        let service = service().await;
        service.open_pull();
        service.standin.act(|github| github.set_role(SHOP, "rita", right).unwrap());
        let head = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
        let (id, installation) = service.standin.with(|github| (github.repository_named(SHOP).unwrap().id, 5001));
        let client = service.bench.forge.installation(installation, Scope::Repository(id));
        let mut compared: Value = client.get_object(&format!("/repos/acme/shop/compare/main...{head}?per_page=100")).await.unwrap();
        compared["total_commits"] = json!(9_999);
        let planned = Planned { status: StatusCode::OK, headers: Vec::new(), body: compared };
        let compare = When::Matching { method: "GET", path: "/repos/*/*/compare/**" };
        service.standin.plan(Fault::new(compare, Then::Answer(planned)).times(10_000));
        let (reply, conclusion) = accept(&service, "rita").await;
        assert_eq!(conclusion, expected, "{right:?}");
        assert!(reply.contains(words), "{reply}");
    }
}

#[tokio::test]
async fn authors_that_cannot_be_looked_up_refuse_everybody() {
    let service = service().await;
    service.open_pull();
    push(&service, "mona", "notes", "Notes\n\nCo-authored-by: Rita <rita@nowhere.test>");
    service.settle().await;
    service.standin.plan(forbidden("POST", "/graphql"));
    let (reply, conclusion) = accept(&service, "rita").await;
    assert_eq!(conclusion, "action_required");
    assert!(reply.contains("could not be looked up who wrote this pull request"), "{reply}");
}

/// Where GitHub does not tell who pushed, anybody may have written what bears somebody's name.
#[tokio::test]
async fn without_activity_two_must_agree() {
    for (told, named, expected) in [(true, "nobody", "success"), (false, "nobody", "action_required"), (false, "mona", "action_required")] {
        let service = service().await;
        service.open_pull();
        if !told {
            service.standin.plan(forbidden("GET", "/repos/*/*/activity"));
        }
        service.standin.act(|github| {
            let changes = [("notes.md", Some(Content::Text("notes".to_owned())))];
            let push = Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Notes" };
            if named == "nobody" { github.push_as(&push, "n", "nobody@nowhere.test") } else { github.push(&push) }.unwrap()
        });
        let (reply, conclusion) = accept(&service, "rita").await;
        assert_eq!(conclusion, expected, "{reply}");
        assert_eq!(reply.contains("two people who may decide must agree"), !told, "{reply}");
    }
}

/// Nobody is taken for the only one who may write because the others cannot be listed.
#[tokio::test]
async fn without_collaborators_an_author_proposes() {
    for (listed, expected) in [(true, "success"), (false, "action_required")] {
        let service = service().await;
        service.open_pull();
        service.standin.act(|github| github.set_role(SHOP, "rita", Right::Read).unwrap());
        if !listed {
            service.standin.plan(forbidden("GET", "/repos/*/*/collaborators"));
        }
        let (_, conclusion) = accept(&service, "mona").await;
        assert_eq!(conclusion, expected, "collaborators are listed: {listed}");
    }
}

/// What was green is taken back by a check of its own while nothing can be judged: who wrote before that has seen what stood there all the same.
#[tokio::test]
async fn who_wrote_before_a_green_check_was_taken_back_is_heard() {
    let service = service().await;
    service.open_pull();
    service.standin.act(|github| github.set_role(SHOP, "rita", Right::Admin).unwrap());
    service.push("orders", service::TEMPLATE);
    push(&service, "mona", "notes", "Notes");
    service.settle().await;
    let compare = When::Matching { method: "GET", path: "/repos/*/*/compare/*" };
    service.standin.plan(Fault::new(compare, Then::Answer(Planned::status(StatusCode::FORBIDDEN))).times(3));
    service.standin.act(|github| github.comment(SHOP, 1, "rita", "/stride emergency OPS-12 the shop is down").unwrap());
    for _ in 0..2 {
        service.settle().await;
        service.wait(30);
    }
    service.settle().await;
    let checks = |github: &mut astride::sandbox::github::state::Github| {
        let shop = github.repository_named(SHOP).unwrap();
        let head = shop.pulls[&1].head.sha;
        shop.checks.values().filter(|check| check.head == head).map(|check| check.conclusion.clone()).collect::<Vec<_>>()
    };
    assert_eq!(service.standin.with(checks), [Some("success".to_owned()), None], "it was taken back");
    service.wait(3_600);
    service.settle().await;
    let dump = service.standin.dump();
    assert!(dump.contains("/emergency") || dump.contains("emergency/OPS-12"), "it was not called: {dump}");
    assert!(!dump.contains("came after you wrote"), "{dump}");
}

/// Look-ups that fail for a moment are made again, and refuse nobody.
#[tokio::test]
async fn what_fails_for_a_moment_is_asked_again() {
    for path in ["/repos/*/*/activity", "/repos/*/*/collaborators/*/permission", "/repos/*/*/git/matching-refs/**"] {
        let service = service().await;
        service.open_pull();
        service.settle().await;
        let bad = Then::Answer(Planned::status(StatusCode::BAD_GATEWAY));
        service.standin.plan(Fault::new(When::Matching { method: "GET", path }, bad).times(6));
        let (_, conclusion) = accept(&service, "rita").await;
        if conclusion != "success" {
            service.wait(3600);
            service.settle().await;
        }
        assert!(service.standin.dump().contains("check astride of astride: success"), "{path}");
    }
}
