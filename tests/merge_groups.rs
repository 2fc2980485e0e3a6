//! Runs that something overtakes while they judge: a newer event, a decision. What they have seen is written by nobody.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::change::{Change, ObjectId, Timestamp};
use astride::decisions::ledger_text;
use astride::judge::{LedgerTexts, Step, judge};
use astride::queue::due::Due;
use astride::queue::job::{RepositoryKey, Subject};
use astride::sandbox::github::people::Push;
use astride::sandbox::github::state::{Github, UserKind};
use astride::sandbox::objects::Content;
use astride::settings::SettingsTexts;
use astride::worker::judgement::Judgement;
use service::{SHOP, Service, TEMPLATE};
use std::sync::{Arc, Mutex};

type Hook = Box<dyn FnOnce() + Send>;

/// A judgement, after the next of which something happens before anybody acts on it. Each has a place of its own for it.
macro_rules! overtaken {
    ($name:ident) => {
        mod $name {
            use super::*;

            static NEXT: Mutex<Option<Hook>> = Mutex::new(None);

            pub(super) fn then(hook: impl FnOnce() + Send + 'static) {
                *NEXT.lock().unwrap() = Some(Box::new(hook));
            }

            pub(super) fn has_happened() -> bool {
                NEXT.lock().unwrap().is_none()
            }

            pub(super) fn judgement() -> Judgement {
                Judgement { judge: judged, ..Judgement::new(ledger_text::append) }
            }

            fn judged(change: &Change, settings: &SettingsTexts, ledger: &LedgerTexts, now: Timestamp) -> Step {
                let step = judge(change, settings, ledger, now);
                let is_wanted = change.pull.is_none() == stringify!($name).ends_with("group");
                if is_wanted && matches!(step, Step::Done(_)) {
                    let hook = NEXT.lock().unwrap().take();
                    if let Some(hook) = hook {
                        hook();
                    }
                }
                step
            }
        }
    };
}

overtaken!(newer_event_group);
overtaken!(moved_ledger_group);
overtaken!(moved_ledger_pull);
overtaken!(own_decisions_group);
overtaken!(own_decisions_pull);
overtaken!(others_decisions_group);
overtaken!(others_decisions_pull);

/// A pull request that nothing is to be said of, in the queue; and the head of its group, of which no event was delivered yet.
async fn queued(service: &Service) -> ObjectId {
    service.open_pull();
    service.push("orders", &format!("{TEMPLATE}      Tags: {{team: orders}}\n"));
    service.settle().await;
    service.standin.act(|github| github.queue(SHOP, 1, "rita").unwrap())
}

fn conclusions(github: &mut Github, head: ObjectId) -> Vec<String> {
    let checks = github.repository_named(SHOP).unwrap().checks.values().filter(|check| check.head == head);
    checks.filter_map(|check| check.conclusion.clone()).collect()
}

/// Somebody begins the ledger's branch.
fn push_to_ledger(github: &mut Github) {
    push_words(github, "7/template.yaml.yml", "# notes\n");
}

/// Somebody pushes to the ledger's branch, into this repository's folder.
fn push_own(github: &mut Github) {
    let shop = github.repository_named(SHOP).unwrap().id;
    push_words(github, &format!("{shop}/template.yaml.yml"), "# notes\n");
}

/// Somebody pushes to the ledger's branch, into the folder of another repository.
fn push_others(github: &mut Github) {
    push_words(github, "8/template.yaml.yml", "# notes\n");
}

fn push_words(github: &mut Github, path: &str, words: &str) {
    let changes = [(path, Some(Content::Text(words.to_owned())))];
    github.push(&Push { repository: SHOP, branch: "astride-ledger", by: "rita", changes: &changes, message: "Notes" }).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_on_a_group_that_a_newer_event_overtakes_writes_nothing() {
    let service = Service::with(newer_event_group::judgement()).await;
    let head = queued(&service).await;
    let (store, standin) = (service.bench.store.clone(), service.standin.clone());
    let shop = standin.with(|github| github.repository_named(SHOP).unwrap().id);
    newer_event_group::then(move || {
        let repository = RepositoryKey { id: shop, owner: "acme".to_owned(), name: "shop".to_owned(), installation: 5001 };
        let due = Due { repository, subject: Subject::Group(head), head: None, base: None };
        tokio::runtime::Handle::current().block_on(store.enqueue(&[due])).unwrap();
        newer_event_group::then(move || assert!(standin.act(|github| conclusions(github, head)).is_empty(), "the first run wrote"));
    });
    service.settle().await;
    assert!(newer_event_group::has_happened(), "it was judged again");
    assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_is_judged_again_where_the_ledger_has_moved_before_it_is_green() {
    let service = Service::with(moved_ledger_group::judgement()).await;
    let head = queued(&service).await;
    let standin = service.standin.clone();
    moved_ledger_group::then(move || {
        standin.act(push_to_ledger);
        moved_ledger_group::then(move || assert!(standin.act(|github| conclusions(github, head)).is_empty(), "it was green before"));
    });
    service.settle().await;
    assert!(moved_ledger_group::has_happened(), "it was judged again");
    assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_is_judged_again_where_the_ledger_has_moved_before_it_is_green() {
    let service = Service::with(moved_ledger_pull::judgement()).await;
    service.open_pull();
    service.settle().await;
    service.push("orders", &format!("{TEMPLATE}      Tags: {{team: orders}}\n"));
    let head = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
    let standin = service.standin.clone();
    moved_ledger_pull::then(move || {
        standin.act(push_to_ledger);
        moved_ledger_pull::then(move || assert!(standin.act(|github| conclusions(github, head)).is_empty(), "it was green before"));
    });
    service.settle().await;
    assert!(moved_ledger_pull::has_happened(), "it was judged again");
    assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
}

/// Whether a group is green before it is judged once more, when this is pushed to a ledger that is there already.
macro_rules! group_is_green_at_once {
    ($name:ident, $push:ident) => {{
        let service = Service::with($name::judgement()).await;
        service.standin.act(|github| github.add_user("rita", UserKind::Person));
        let head = {
            service.open_pull();
            service.standin.act(push_to_ledger);
            service.push("orders", &format!("{TEMPLATE}      Tags: {{team: orders}}\n"));
            service.settle().await;
            service.standin.act(|github| github.queue(SHOP, 1, "rita").unwrap())
        };
        let standin = service.standin.clone();
        let seen = Arc::new(Mutex::new(None));
        let keep = seen.clone();
        $name::then(move || {
            standin.act($push);
            $name::then(move || *keep.lock().unwrap() = Some(standin.act(|github| conclusions(github, head))));
        });
        service.settle().await;
        assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
        // Whoever pushed has all judged again.
        assert!($name::has_happened());
        seen.lock().unwrap().clone().unwrap() == ["success"]
    }};
}

/// As that, of a pull request.
macro_rules! pull_is_green_at_once {
    ($name:ident, $push:ident) => {{
        let service = Service::with($name::judgement()).await;
        service.open_pull();
        service.standin.act(push_to_ledger);
        service.settle().await;
        service.push("orders", &format!("{TEMPLATE}      Tags: {{team: orders}}\n"));
        let head = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
        let standin = service.standin.clone();
        let seen = Arc::new(Mutex::new(None));
        let keep = seen.clone();
        $name::then(move || {
            standin.act($push);
            $name::then(move || *keep.lock().unwrap() = Some(standin.act(|github| conclusions(github, head))));
        });
        service.settle().await;
        assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
        assert!($name::has_happened());
        seen.lock().unwrap().clone().unwrap() == ["success"]
    }};
}

/// Green waits for the decisions of its own repository to stand still, and for no others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn green_waits_for_nobody_elses_decisions() {
    assert!(!group_is_green_at_once!(own_decisions_group, push_own));
    assert!(group_is_green_at_once!(others_decisions_group, push_others));
    assert!(!pull_is_green_at_once!(own_decisions_pull, push_own));
    assert!(pull_is_green_at_once!(others_decisions_pull, push_others));
}

/// The check of a group is run again by whoever waits for it, and not only by the sweep.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_check_of_a_group_is_run_again() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let head = queued(&service).await;
    // The group's own event is lost.
    service.lose().await;
    assert!(service.standin.act(|github| conclusions(github, head)).is_empty());
    service.standin.act(|github| github.rerequest_suite(SHOP, head, "mona").unwrap());
    service.settle().await;
    assert_eq!(service.standin.act(|github| conclusions(github, head)), ["success"]);
}
