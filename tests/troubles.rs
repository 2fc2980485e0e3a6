//! What goes wrong between the service and GitHub: one line that says what to do, readiness accordingly, and nothing lost once it is mended. What goes
//! wrong with the store is in `store_troubles`.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod logged;
mod service;

use astride::change::ObjectId;
use astride::clock::Clock;
use astride::forge::permissions::Variant;
use astride::queue::Store;
use astride::queue::due::Due;
use astride::queue::job::{RepositoryKey, Subject};
use astride::sandbox::github::access::permissions_of;
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::people::{Suspension, Visibility};
use astride::sandbox::github::state::UserKind;
use astride::worker::sweep;
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use logged::Log;
use serde_json::{Value, json};
use service::{SHOP, Service};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tower::ServiceExt;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

const DAY: i64 = 86_400;

struct Troubled {
    service: Service,
    log: Log,
    _logging: DefaultGuard,
}

impl Troubled {
    async fn start() -> Self {
        let (log, logging) = Log::start(Level::WARN);
        Self { service: Service::new().await, log, _logging: logging }
    }

    /// The lines since the last look.
    fn lines(&self) -> Vec<String> {
        let text = self.log.text();
        self.log.clear();
        text.lines().map(str::to_owned).collect()
    }

    /// One line, with these words in it.
    fn says(&self, words: &[&str]) {
        let lines = self.lines();
        assert!(lines.len() == 1 && words.iter().all(|word| lines[0].contains(word)), "not one line with {words:?}: {lines:#?}");
    }

    async fn ready(&self) -> (u16, String) {
        self.service.pulse.beat();
        let response = self.service.router.clone().oneshot(Request::get("/readyz").body(Body::empty()).unwrap()).await.unwrap();
        (response.status().as_u16(), String::from_utf8(to_bytes(response.into_body(), 1 << 16).await.unwrap().to_vec()).unwrap())
    }

    async fn sweep(&self) {
        sweep::begin(&self.service.bench).await.unwrap();
        self.service.settle().await;
    }

    /// Runs what is due, and what becomes due within two hours.
    async fn persist(&self) {
        for _ in 0..12 {
            self.service.settle().await;
            self.service.wait(600);
        }
    }

    fn is_judged(&self) -> bool {
        self.service.standin.with(|github| {
            let mut checks = github.repositories.values().flat_map(|found| found.checks.values());
            checks.any(|check| check.conclusion.as_deref() == Some("action_required"))
        })
    }
}

#[tokio::test]
async fn an_installation_that_is_revoked_is_said_once_and_comes_back() {
    for suspended in [false, true] {
        let troubled = Troubled::start().await;
        troubled.service.open_pull();
        // The events are there, and the App is gone.
        troubled.service.deliver().await;
        troubled.service.standin.act(|github| match suspended {
            true => github.set_suspended("acme", Suspension::Suspended).unwrap(),
            false => github.uninstall("acme").unwrap(),
        });
        troubled.persist().await;
        let lines = troubled.lines();
        assert!(
            !lines.is_empty()
                && lines.iter().all(|line| line.contains("not installed there any more") && line.contains("install the App again"))
        );
        let once = |subject: &str| lines.iter().filter(|line| line.contains(&format!("subject=\"{subject}\""))).count();
        assert_eq!(once("pull/1"), 1, "{lines:#?}");
        assert_eq!(troubled.ready().await.0, 200, "others are served");
        troubled.service.standin.act(|github| {
            if suspended {
                github.set_suspended("acme", Suspension::Lifted).unwrap();
            } else {
                github.install("acme", None);
            }
        });
        troubled.persist().await;
        // GitHub does not say which repositories are back; the sweep sees them.
        troubled.sweep().await;
        assert!(troubled.is_judged(), "nothing is lost");
    }
}

#[tokio::test]
async fn a_repository_that_is_renamed_is_followed() {
    let troubled = Troubled::start().await;
    troubled.service.open_pull();
    troubled.service.deliver().await;
    troubled.service.standin.act(|github| github.rename_repository(SHOP, "store").unwrap());
    troubled.service.settle().await;
    assert!(troubled.is_judged());
    assert_eq!(troubled.lines(), Vec::<String>::new());
}

/// To an owner on whom the App is installed, and to one on whom it is not yet.
#[tokio::test]
async fn a_repository_that_is_transferred_is_followed() {
    for is_installed in [true, false] {
        let troubled = Troubled::start().await;
        troubled.service.open_pull();
        troubled.service.deliver().await;
        troubled.service.standin.act(|github| {
            github.add_user("initech", UserKind::Organization);
            if is_installed {
                github.install("initech", None);
            }
            github.transfer_repository(SHOP, "initech").unwrap();
        });
        troubled.persist().await;
        let lines = troubled.lines();
        let pull: Vec<&String> = lines.iter().filter(|line| line.contains("subject=\"pull/1\"")).collect();
        assert!(
            pull.len() <= 1 && pull.iter().all(|line| line.contains("not there any more") && line.contains("the next event or sweep")),
            "{lines:#?}"
        );
        assert_eq!(troubled.ready().await.0, 200, "others are served");
        if !is_installed {
            assert!(pull.len() == 1 && !troubled.is_judged(), "{lines:#?}");
            troubled.service.standin.act(|github| github.install("initech", None));
            troubled.persist().await;
        }
        assert!(troubled.is_judged(), "nothing is lost: {lines:#?}");
    }
}

#[tokio::test]
async fn a_name_that_is_anothers_by_now_is_never_written_to() {
    let troubled = Troubled::start().await;
    troubled.service.open_pull();
    troubled.service.deliver().await;
    let other = troubled.service.standin.act(|github| {
        github.rename_repository(SHOP, "store").unwrap();
        github.add_repository(SHOP, Visibility::Private, &[("README.md", "another\n".into())]).unwrap()
    });
    // The event of the renaming is lost, too.
    troubled.service.lose().await;
    troubled.persist().await;
    let lines = troubled.lines();
    let pull: Vec<&String> = lines.iter().filter(|line| line.contains("pull/1")).collect();
    assert!(
        pull.len() == 1 && pull[0].contains("acme/shop is not there any more") && pull[0].contains("the next event or sweep"),
        "{lines:#?}"
    );
    troubled.sweep().await;
    assert!(troubled.is_judged(), "the sweep knows the new name");
    let checks = troubled.service.standin.with(|github| {
        github.repository(other).unwrap().checks.values().filter(|check| check.conclusion.as_deref() != Some("success")).count()
    });
    assert_eq!(checks, 0);
}

#[tokio::test]
async fn a_permission_that_is_missing_is_said_once() {
    let troubled = Troubled::start().await;
    let mut less = permissions_of(Variant::Standard);
    less.insert("checks".to_owned(), astride::sandbox::github::access::Level::Read);
    troubled.service.open_pull();
    troubled.service.standin.act(|github| github.grant("acme", less).unwrap());
    troubled.persist().await;
    let lines = troubled.lines();
    let of_pull: Vec<&String> = lines.iter().filter(|line| line.contains("pull/1")).collect();
    assert!(of_pull.len() == 1 && of_pull[0].contains("check-runs") && of_pull[0].contains("accept the App's permissions"), "{lines:#?}");
    assert_eq!(troubled.ready().await.0, 200);
    troubled.service.standin.act(|github| {
        github.grant("acme", permissions_of(Variant::Standard)).unwrap();
        github.revoke_tokens();
    });
    troubled.sweep().await;
    assert!(troubled.is_judged(), "nothing is lost");
}

/// Each right that the manifest asks for, and that an owner has not granted: without those that everything needs one line says so and nothing is lost,
/// without the others the change is judged all the same.
#[tokio::test]
async fn each_right_that_is_missing_is_said_or_done_without() {
    use astride::forge::permissions::{Level, Permission};
    for (permission, level) in Variant::Standard.permissions() {
        // Nobody can take the right to read metadata away.
        if permission == Permission::Metadata {
            continue;
        }
        let lesser = if level == Level::Write { vec![None, Some(Level::Read)] } else { vec![None] };
        for granted in lesser {
            let (troubled, name) = (Troubled::start().await, permission.key().to_owned());
            let mut less = permissions_of(Variant::Standard);
            match granted {
                None => drop(less.remove(&name)),
                Some(_) => drop(less.insert(name.clone(), astride::sandbox::github::access::Level::Read)),
            }
            troubled.service.open_pull();
            troubled.service.standin.act(|github| github.grant("acme", less).unwrap());
            troubled.persist().await;
            let lines = troubled.lines();
            let what = format!("{name}, granted {granted:?}: {lines:#?}");
            let of_pull = lines.iter().filter(|line| line.contains("pull/1")).count();
            let is_needed =
                matches!((permission, granted), (Permission::Checks, _) | (Permission::Contents, None) | (Permission::PullRequests, None));
            if is_needed {
                assert!(!troubled.is_judged() && of_pull == 1, "{what}");
                assert!(lines.iter().any(|line| line.contains("pull/1") && line.contains("accept the App's permissions")), "{what}");
            } else {
                assert!(troubled.is_judged() && of_pull == 0, "{what}");
            }
            assert_eq!(troubled.ready().await.0, 200, "{what}");
            // Once it is granted nothing is lost.
            troubled.service.standin.act(|github| {
                github.grant("acme", permissions_of(Variant::Standard)).unwrap();
                github.revoke_tokens();
            });
            troubled.sweep().await;
            troubled.persist().await;
            assert!(troubled.is_judged(), "{what}");
        }
    }
}

/// REST tells of comments in its place, and not of reviews and threads: the change is judged, and what is missing is no secret. Where it is too much
/// that is asked for, less is asked for first.
#[tokio::test]
async fn a_query_that_is_refused_is_asked_once_and_said_once() {
    for (kind, times) in [("FORBIDDEN", 1), ("undefinedField", 1), ("RESOURCE_LIMITS_EXCEEDED", 3)] {
        let troubled = Troubled::start().await;
        troubled.service.open_pull();
        let body = json!({"data": null, "errors": [{"type": kind, "message": "no such field here"}]});
        let answer = Planned { status: StatusCode::OK, headers: Vec::new(), body };
        let queries = When::Matching { method: "POST", path: "/graphql" };
        troubled.service.standin.plan(Fault::new(queries, Then::Answer(answer)).times(1_000));
        troubled.service.settle().await;
        assert!(troubled.is_judged(), "{kind}");
        let asked = || troubled.service.standin.requests().iter().filter(|request| request.path == "/graphql").count();
        assert_eq!(asked(), times, "{kind}");
        troubled.says(&["no such field here", "commands in reviews are not heard", "threads stay open"]);
        troubled.service.push("orders", "Resources: {}\n");
        troubled.service.settle().await;
        assert!(asked() > times, "{kind}");
        assert_eq!(troubled.lines(), Vec::<String>::new(), "{kind}");
    }
}

/// Of a page that is too much for one query the smaller one tells.
#[tokio::test]
async fn a_query_for_too_much_is_asked_for_less() {
    let troubled = Troubled::start().await;
    troubled.service.open_pull();
    let body =
        json!({"data": null, "errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "Resource limits for this query exceeded."}]});
    let answer = Planned { status: StatusCode::OK, headers: Vec::new(), body };
    troubled.service.standin.plan(Fault::new(When::Matching { method: "POST", path: "/graphql" }, Then::Answer(answer)));
    troubled.service.settle().await;
    assert!(troubled.is_judged());
    let requests = troubled.service.standin.requests();
    let sizes: Vec<&Value> =
        requests.iter().filter(|request| request.path == "/graphql").map(|request| &request.body["variables"]["said"]).collect();
    assert_eq!(sizes, [&json!(50), &json!(1)]);
    assert_eq!(troubled.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_proxy_that_answers_in_githubs_place_is_said_once() {
    let page =
        Planned { status: StatusCode::OK, headers: Vec::new(), body: Value::from("<html><title>Sign in to acme-guest</title></html>") };
    for status in [StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND, StatusCode::PROXY_AUTHENTICATION_REQUIRED] {
        let troubled = Troubled::start().await;
        troubled.service.open_pull();
        let everything = |method| When::Matching { method, path: "/**" };
        for method in ["GET", "POST", "PATCH"] {
            let page = Planned { status, ..page.clone() };
            troubled.service.standin.plan(Fault::new(everything(method), Then::Answer(page)).times(100_000));
        }
        troubled.service.settle().await;
        troubled.says(&["a page of HTML came instead of GitHub's answer", "HTTPS_PROXY"]);
        assert_eq!(troubled.service.writes(), 0);
        let (ready, why) = troubled.ready().await;
        assert!(
            ready == 200 && why.starts_with("ok, but a page of HTML came instead of GitHub's last answer") && why.contains("HTTPS_PROXY"),
            "webhooks are taken all the same: {why}"
        );
        troubled.service.wait(299);
        assert_eq!(troubled.ready().await.0, 200, "nothing has come since");
        troubled.service.wait(300);
        troubled.service.settle().await;
        let (ready, why) = troubled.ready().await;
        assert!(ready == 503 && why.contains("nothing but pages of HTML has come") && why.contains("HTTPS_PROXY"), "{why}");
        let exported = troubled.service.bench.metrics.render();
        let intercepted = exported.lines().filter(|line| line.contains("outcome=\"html\"") && !line.ends_with(" 0")).count();
        assert!(intercepted > 0 && !exported.contains("outcome=\"2xx\"} 1"), "they are no answers of GitHub's: {exported}");
        troubled.service.standin.recover();
        troubled.persist().await;
        assert_eq!(troubled.ready().await.0, 200, "GitHub answers again");
        assert!(troubled.is_judged(), "{status}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_said_and_set() {
    for (ahead, direction) in [(400 * DAY, "ahead of"), (-400 * DAY, "behind")] {
        let troubled = Troubled::start().await;
        troubled.service.standin.with(|github| github.hour_counts = true);
        troubled.service.wait(ahead);
        troubled.service.open_pull();
        troubled.service.settle().await;
        let lines = troubled.lines();
        let loud: Vec<&String> = lines.iter().filter(|line| line.contains("ERROR")).collect();
        let words = format!("clock is {} seconds {direction} GitHub's", ahead.abs());
        assert!(loud.len() == 1 && loud[0].contains(&words) && loud[0].contains("time server"), "{lines:#?}");
        let (status, why) = troubled.ready().await;
        assert!(status == 503 && why.contains(&words), "{why}");
        // Set again: without a restart it goes on at once, whatever was noted by the other clock.
        troubled.service.wait(-ahead);
        troubled.sweep().await;
        troubled.persist().await;
        assert!(troubled.is_judged());
        assert_eq!(troubled.ready().await.0, 200);
    }
}

#[tokio::test]
async fn a_clock_that_jumped_ahead_and_back_stops_nothing() {
    let seconds = Arc::new(AtomicI64::new(1_000_000));
    let shown = seconds.clone();
    let store = Store::open("sqlite::memory:", Clock::by(move || shown.load(Ordering::Relaxed) * 1000)).await.unwrap();
    let (quarter, lease) = (Duration::from_secs(900), Duration::from_secs(45));
    let repository = RepositoryKey { id: 1, owner: "acme".to_owned(), name: "shop".to_owned(), installation: 7 };
    let due = Due { repository, subject: Subject::Pull(1), head: Some((ObjectId([1; 20]), 1)), base: None };
    // A year ahead: a sweep is made, a job is taken, and its worker dies.
    seconds.fetch_add(365 * DAY, Ordering::Relaxed);
    assert!(store.take_turn("sweep", quarter).await.unwrap());
    store.enqueue(std::slice::from_ref(&due)).await.unwrap();
    assert!(store.claim(lease).await.unwrap().is_some());
    // And back: the sweep is due, and the job is taken over.
    seconds.fetch_sub(365 * DAY, Ordering::Relaxed);
    assert!(store.take_turn("sweep", quarter).await.unwrap());
    assert!(!store.take_turn("sweep", quarter).await.unwrap(), "once");
    let again = store.claim(lease).await.unwrap().expect("the job is taken over");
    assert_eq!(again.attempts, 2);
    assert!(store.claim(lease).await.unwrap().is_none(), "by one alone");
    // What is queued for a time that was, an event or the sweep makes due now.
    store.end(&again, astride::queue::job::End::Done).await.unwrap();
    seconds.fetch_add(365 * DAY, Ordering::Relaxed);
    store.enqueue(std::slice::from_ref(&due)).await.unwrap();
    seconds.fetch_sub(365 * DAY, Ordering::Relaxed);
    assert!(store.claim(lease).await.unwrap().is_none());
    store.enqueue(std::slice::from_ref(&due)).await.unwrap();
    assert!(store.claim(lease).await.unwrap().is_some());
    // The clock of another replica may be half a minute ahead, and its turn counts.
    seconds.fetch_add(30, Ordering::Relaxed);
    assert!(store.take_turn("other", quarter).await.unwrap());
    seconds.fetch_sub(30, Ordering::Relaxed);
    assert!(!store.take_turn("other", quarter).await.unwrap());
}
