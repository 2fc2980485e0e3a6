//! Limits of the forge: how long nothing is asked, who comes first when it may be asked again, and that nobody comes back at the same moment.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;
mod shared;
mod stores;

use astride::forge::client::Client;
use astride::forge::error::ForgeError;
use astride::forge::token::Scope;
use astride::queue::due::Due;
use astride::queue::job::{RepositoryKey, Subject};
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::{Options, StandIn};
use astride::worker::Seed;
use astride::worker::judgement::Judgement;
use http::StatusCode;
use serde_json::{Value, json};
use service::{SHOP, Service, append, serve};

const COMMENTS: &str = "/repos/acme/shop/issues/1/comments";
const PULLS: u64 = 20;

fn client(service: &Service) -> Client {
    let id = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let installation = service.standin.deliveries().iter().find_map(|delivery| delivery.installation).unwrap();
    service.bench.forge.installation(installation, Scope::Repository(id))
}

/// GitHub's secondary limit as it comes without `Retry-After`.
fn unnamed(status: StatusCode) -> Planned {
    let message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    Planned { status, headers: Vec::new(), body: json!({"message": message}) }
}

/// When each job is due again after all of them have met a limit, by subject: pull requests and looks at branches.
async fn due_after_a_limit(limit: Planned, seed: &str) -> (i64, Vec<(Subject, i64)>) {
    let (folder, standin) = (tempfile::tempdir().unwrap(), StandIn::new(Options::default()));
    let (served, url) = (serve(&standin).await, format!("sqlite://{}", folder.path().join("astride.db").display()));
    let mut service = Service::around(standin, &served.api_url, &url, 0, Judgement::new(append)).await;
    service.bench = service.bench.seeded(Seed::of(seed));
    service.open_pull();
    service.lose().await;
    let id = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
    let installation = service.standin.deliveries().iter().find_map(|delivery| delivery.installation).unwrap();
    let repository = RepositoryKey { id, owner: "acme".to_owned(), name: "shop".to_owned(), installation };
    let due = |subject| Due { repository: repository.clone(), subject, head: None, base: None };
    let subjects: Vec<Subject> =
        (1..=PULLS).map(Subject::Pull).chain((1..=PULLS).map(|number| Subject::Base(format!("release-{number}")))).collect();
    service.bench.store.enqueue(&subjects.iter().cloned().map(due).collect::<Vec<_>>()).await.unwrap();
    let everything = When::Matching { method: "GET", path: "/repos/**" };
    service.standin.plan(Fault::new(everything, Then::Answer(limit)).times(10_000));
    let now = service.bench.clock.now();
    service.settle().await;
    let at = |subject: &Subject| {
        stores::count(&url, &format!("SELECT run_at FROM job WHERE subject = '{subject}' AND state = 0 AND attempts = 0"))
    };
    let due = subjects.iter().map(|subject| (subject.clone(), at(subject) - now)).collect();
    service.bench.store.close().await;
    (now, due)
}

#[tokio::test]
async fn after_a_limit_no_two_come_back_together_and_heads_that_wait_come_first() {
    for (limit, wait, spread) in [
        (Planned::secondary_limit(600), 600_000, 60_000),
        (unnamed(StatusCode::FORBIDDEN), 60_000, 15_000),
        (unnamed(StatusCode::TOO_MANY_REQUESTS), 60_000, 15_000),
    ] {
        let (_, due) = due_after_a_limit(limit.clone(), "one").await;
        let (heads, branches) = due.split_at(PULLS as usize);
        assert!(heads.iter().all(|(_, at)| (wait..=wait + spread / 2).contains(at)), "{heads:?}");
        assert!(branches.iter().all(|(_, at)| (wait + spread / 2..=wait + spread).contains(at)), "{branches:?}");
        let mut times: Vec<i64> = due.iter().map(|(_, at)| *at).collect();
        times.sort_unstable();
        times.dedup();
        assert!(times.len() >= due.len() - 2, "they are spread: {times:?}");
        assert_eq!(due_after_a_limit(limit.clone(), "one").await.1, due, "the same seed gives the same times");
        assert_ne!(due_after_a_limit(limit, "other").await.1, due, "another replica has others");
    }
}

#[tokio::test]
async fn a_limit_without_a_time_is_waited_for_longer_each_time() {
    let service = Service::new().await;
    service.open_pull();
    let client = client(&service);
    let limited = Fault::new(When::Matching { method: "GET", path: COMMENTS }, Then::Answer(unnamed(StatusCode::FORBIDDEN)));
    for seconds in [60, 120, 240, 480] {
        service.standin.plan(limited.clone());
        let (now, refused) = (service.bench.clock.now(), client.get::<Value>(COMMENTS).await.unwrap_err());
        assert_eq!(refused.retry_at(), Some(now + seconds * 1_000));
        let asked = service.standin.requests().len();
        service.wait(seconds - 1);
        client.get::<Value>(COMMENTS).await.unwrap_err();
        assert_eq!(service.standin.requests().len(), asked, "nothing is sent until then");
        service.wait(2);
    }
    // Something is answered: what comes later has nothing to do with it.
    client.get::<Value>(COMMENTS).await.unwrap();
    service.standin.plan(limited);
    let now = service.bench.clock.now();
    assert_eq!(client.get::<Value>(COMMENTS).await.unwrap_err().retry_at(), Some(now + 60_000));
}

/// GraphQL has an hour of its own: it is shown, what is left of it is kept back, and REST goes on.
#[tokio::test]
async fn the_hour_of_graphql_is_seen_and_kept_back_as_that_of_rest_is() {
    const QUERY: &str = "query { viewer { login } }";
    let service = Service::beside(Options { graphql_limit: 100, ..Options::default() }, Judgement::new(append)).await;
    service.open_pull();
    let client = client(&service);
    let mut asked = 0;
    let refused = loop {
        match client.graphql(QUERY, &json!({})).await {
            Err(error @ ForgeError::RateLimited { .. }) => break error,
            _ => asked += 1,
        }
        assert!(asked < 100, "nothing was kept back");
    };
    assert_eq!(asked, 96, "one in twenty is kept back");
    let exported = service.bench.metrics.render();
    let left = |resource: &str| {
        let line = exported.lines().find(|line| {
            line.starts_with("astride_forge_requests_left{")
                && line.contains(&format!("resource=\"{resource}\""))
                && !line.contains("installation=\"0\"")
        });
        line.and_then(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
    };
    assert_eq!(left("graphql"), Some(4.0), "{exported}");
    client.get::<Value>(COMMENTS).await.unwrap();
    let before = service.standin.requests().len();
    // What must not wait has the rest.
    let _ = client.urgent().graphql(QUERY, &json!({})).await;
    assert_eq!(service.standin.requests().len(), before + 1);
    let until = refused.retry_at().unwrap();
    let seconds = (until - service.bench.clock.now()) / 1_000 + 1;
    service.standin.with(|github| github.advance(seconds));
    assert!(!matches!(client.graphql(QUERY, &json!({})).await, Err(ForgeError::RateLimited { .. })));
}

/// It is a limit whichever of its names it goes by, and whatever was asked; and each in a row is waited for longer, though its status is 200.
#[tokio::test]
async fn a_limit_of_graphql_without_a_time_is_waited_for_longer_each_time() {
    let service = Service::new().await;
    service.open_pull();
    let client = client(&service);
    let graphql = || When::Matching { method: "POST", path: "/graphql" };
    let answer = |body: Value| Then::Answer(Planned { status: StatusCode::OK, headers: Vec::new(), body });
    for (document, kind, seconds) in [
        ("query { viewer { login } }", "RATE_LIMITED", 60),
        ("query { viewer { login } }", "RATE_LIMIT", 120),
        ("mutation { resolveReviewThread { thread { id } } }", "RATE_LIMIT", 240),
    ] {
        service.standin.plan(Fault::new(graphql(), answer(json!({"errors": [{"type": kind, "message": "API rate limit exceeded"}]}))));
        let now = service.bench.clock.now();
        let refused = client.graphql(document, &json!({})).await.unwrap_err();
        assert_eq!(refused.retry_at(), Some(now + seconds * 1_000), "{kind}: {refused}");
        service.wait(seconds + 1);
    }
    // Another error is an answer.
    service.standin.plan(Fault::new(graphql(), answer(json!({"errors": [{"type": "NOT_FOUND", "message": "no such thing"}]}))));
    client.graphql("query { viewer { login } }", &json!({})).await.unwrap_err();
    service.standin.plan(Fault::new(graphql(), answer(json!({"errors": [{"type": "RATE_LIMIT", "message": "API rate limit exceeded"}]}))));
    let now = service.bench.clock.now();
    assert_eq!(client.graphql("query { viewer { login } }", &json!({})).await.unwrap_err().retry_at(), Some(now + 60_000));
}

/// GraphQL answers 200 where its limit is met, and says by its headers until when.
#[tokio::test]
async fn a_limit_that_graphql_tells_of_holds_as_long_as_it_says() {
    let service = Service::new().await;
    service.open_pull();
    let client = client(&service);
    let now = service.bench.clock.now();
    let headers = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", (now / 1_000 + 1_234).to_string())];
    for (headers, seconds) in [(headers, 1_234), (Vec::new(), 60)] {
        let body = json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]});
        let answer = Planned { status: StatusCode::OK, headers, body };
        service.standin.plan(Fault::new(When::Matching { method: "POST", path: "/graphql" }, Then::Answer(answer)));
        let now = service.bench.clock.now();
        let refused = client.graphql("query { viewer { login } }", &json!({})).await.unwrap_err();
        assert_eq!(refused.retry_at(), Some(now + seconds * 1_000), "{refused}");
        service.wait(seconds + 1);
    }
}
