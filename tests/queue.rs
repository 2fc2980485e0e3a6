//! The queue's promises: the newest event wins, one run at a time, a dead worker's job is taken over, a crash loop ends.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use astride::change::{Actor, ObjectId, Posted, Surface, Timestamp, UserId};
use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::inbox::{Arrival, Command};
use astride::queue::job::{Beat, Due, End, MAX_ATTEMPTS, RepositoryKey, Subject};
use astride::report::Reply;
use proptest::prelude::{Strategy, prop, proptest};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(10);

struct Fixture {
    store: Store,
    now: Arc<AtomicI64>,
}

async fn fixture() -> Fixture {
    let now = Arc::new(AtomicI64::new(1_000_000));
    let told = Arc::clone(&now);
    let store = Store::open("sqlite::memory:", Clock::by(move || told.load(Ordering::Relaxed))).await.unwrap();
    Fixture { store, now }
}

impl Fixture {
    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

fn due(pull: u64, head: u8, at: i64) -> Due {
    let repository = RepositoryKey { id: 1, owner: "acme".to_owned(), name: "shop".to_owned(), installation: 7 };
    Due { repository, subject: Subject::Pull(pull), head: Some((ObjectId([head; 20]), at)), base: None }
}

#[tokio::test]
async fn the_newest_event_wins_in_whatever_order_they_come() {
    let Fixture { store, .. } = fixture().await;
    store.enqueue(&[due(1, 2, 20), due(1, 3, 30), due(1, 1, 10)]).await.unwrap();
    let job = store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!(job.head, Some((ObjectId([3; 20]), 30)));
    assert_eq!(store.claim(LEASE).await.unwrap(), None, "one run at a time");
    assert_eq!(store.beat(&job, LEASE).await.unwrap(), Beat::Current);
    store.enqueue(&[due(1, 4, 40)]).await.unwrap();
    assert_eq!(store.beat(&job, LEASE).await.unwrap(), Beat::Superseded);
    assert_eq!(store.claim(LEASE).await.unwrap(), None, "still one at a time");
    store.end(&job, End::Superseded).await.unwrap();
    let next = store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!(next.head, Some((ObjectId([4; 20]), 40)));
    store.end(&next, End::Done).await.unwrap();
    assert_eq!(store.depth().await.unwrap(), [0, 0, 1, 0]);
}

#[tokio::test]
async fn a_dead_workers_job_is_taken_over_and_its_writes_do_not_count() {
    let fixture = fixture().await;
    let store = &fixture.store;
    store.enqueue(&[due(1, 1, 10)]).await.unwrap();
    let lost = store.claim(LEASE).await.unwrap().unwrap();
    fixture.pass(9_999);
    assert_eq!(store.claim(LEASE).await.unwrap(), None);
    fixture.pass(1);
    let taken = store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!(taken.attempts, 2);
    assert_eq!(store.beat(&lost, LEASE).await.unwrap(), Beat::Lost);
    store.end(&lost, End::Done).await.unwrap();
    assert_eq!(store.depth().await.unwrap(), [0, 1, 0, 0]);
    assert_eq!(store.beat(&taken, LEASE).await.unwrap(), Beat::Current);
}

#[tokio::test]
async fn a_crash_loop_ends_and_a_new_event_begins_anew() {
    let fixture = fixture().await;
    let store = &fixture.store;
    store.enqueue(&[due(1, 1, 10)]).await.unwrap();
    let mut runs = 0;
    while let Some(job) = store.claim(LEASE).await.unwrap() {
        runs += 1;
        assert_eq!(job.is_last(), runs == MAX_ATTEMPTS);
        fixture.pass(10_000);
    }
    assert_eq!(runs, MAX_ATTEMPTS);
    assert_eq!(store.depth().await.unwrap(), [0, 0, 0, 1]);
    store.enqueue(&[due(1, 2, 20)]).await.unwrap();
    assert_eq!(store.claim(LEASE).await.unwrap().unwrap().attempts, 1);
}

#[tokio::test]
async fn a_busy_pull_request_is_let_finish_in_the_end() {
    let Fixture { store, .. } = fixture().await;
    store.enqueue(&[due(1, 0, 0)]).await.unwrap();
    for round in 1..=3 {
        let job = store.claim(LEASE).await.unwrap().unwrap();
        store.enqueue(&[due(1, round, i64::from(round))]).await.unwrap();
        assert_eq!(store.beat(&job, LEASE).await.unwrap(), Beat::Superseded);
        store.end(&job, End::Superseded).await.unwrap();
    }
    let job = store.claim(LEASE).await.unwrap().unwrap();
    store.enqueue(&[due(1, 9, 9)]).await.unwrap();
    assert_eq!(store.beat(&job, LEASE).await.unwrap(), Beat::Current);
}

#[tokio::test]
async fn waiting_is_no_attempt_and_failing_is() {
    let fixture = fixture().await;
    let store = &fixture.store;
    store.enqueue(&[due(1, 1, 10)]).await.unwrap();
    let job = store.claim(LEASE).await.unwrap().unwrap();
    store.end(&job, End::Wait { at: 1_060_000, error: "limit".to_owned() }).await.unwrap();
    assert_eq!(store.claim(LEASE).await.unwrap(), None, "not before its time");
    fixture.pass(60_000);
    let job = store.claim(LEASE).await.unwrap().unwrap();
    assert_eq!(job.attempts, 1);
    store.end(&job, End::Again { at: 0, error: "failed".to_owned() }).await.unwrap();
    assert_eq!(store.claim(LEASE).await.unwrap().unwrap().attempts, 2);
}

#[tokio::test]
async fn a_command_keeps_its_first_body_and_its_first_outcome() {
    let Fixture { store, .. } = fixture().await;
    let arrival = |guid: &str, body: &str| {
        let author = Actor { id: UserId(5), login: "mona".to_owned(), bot: false };
        let at = Timestamp(100);
        let (url, body) = (String::new(), body.to_owned());
        let posted = Posted { id: 12, surface: Surface::Thread(11), url, author, at, body, right: None };
        Arrival { guid: guid.to_owned(), due: vec![due(1, 1, 10)], command: Some(Command { repository: 1, pull: 1, posted }) }
    };
    assert_eq!(store.record(&[arrival("a", "/stride help"), arrival("a", "/stride help")]).await.unwrap(), 1);
    assert_eq!(store.record(&[arrival("b", "/stride accept all")]).await.unwrap(), 0);
    let waiting = store.waiting(1, 1).await.unwrap();
    assert_eq!(waiting.open.len(), 1);
    assert_eq!((waiting.open[0].body.as_str(), waiting.open[0].surface), ("/stride help", Surface::Thread(11)));
    let outcome = |done| Reply { to: 12, surface: Surface::Thread(11), done, text: "why".to_owned() };
    store.settle(1, &[outcome(false)]).await.unwrap();
    store.settle(1, &[outcome(true)]).await.unwrap();
    let waiting = store.waiting(1, 1).await.unwrap();
    assert!(waiting.open.is_empty());
    assert_eq!(waiting.unanswered, [outcome(false)], "a refused command never becomes valid later");
    store.answered(1, &[outcome(false)]).await.unwrap();
    assert_eq!(store.waiting(1, 1).await.unwrap(), Default::default());
}

#[tokio::test]
async fn another_backend_is_refused_in_words() {
    let clock = Clock::by(|| 0);
    let error = Store::open("postgres://user:secret@db/astride", clock).await.unwrap_err().to_string();
    assert!(error.starts_with("store.url `postgres` is not supported") && !error.contains("secret"), "{error}");
}

#[derive(Clone, Debug)]
enum Action {
    Event { pull: u64, head: u8 },
    Claim,
    End(usize),
    Pass(i64),
}

fn action() -> impl Strategy<Value = Action> {
    let event = (1..4_u64, 0..50_u8).prop_map(|(pull, head)| Action::Event { pull, head });
    prop::strategy::Union::new([
        event.boxed(),
        prop::strategy::Just(Action::Claim).boxed(),
        (0..3_usize).prop_map(Action::End).boxed(),
        (0..12_000_i64).prop_map(Action::Pass).boxed(),
    ])
}

proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    /// Whatever happens, no two live leases are on one pull request, and what is done has seen the newest head.
    #[test]
    fn no_order_of_events_breaks_the_promises(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let fixture = fixture().await;
            let mut held: Vec<(astride::queue::job::Job, i64)> = Vec::new();
            let mut newest = std::collections::BTreeMap::new();
            for action in actions {
                let now = fixture.now.load(Ordering::Relaxed);
                match action {
                    Action::Event { pull, head } => {
                        let known: &mut u8 = newest.entry(Subject::Pull(pull)).or_insert(head);
                        *known = head.max(*known);
                        fixture.store.enqueue(&[due(pull, head, i64::from(head))]).await.unwrap();
                    }
                    Action::Claim => if let Some(job) = fixture.store.claim(LEASE).await.unwrap() {
                        let alive = held.iter().any(|(other, until)| other.subject == job.subject && *until > now);
                        assert!(!alive, "two at a time");
                        assert_eq!(job.head.map(|(head, _)| head.0[0]), newest.get(&job.subject).copied());
                        held.push((job, now + 10_000));
                    },
                    Action::End(index) if index < held.len() => {
                        let (job, _) = held.remove(index);
                        fixture.store.end(&job, End::Done).await.unwrap();
                    }
                    Action::End(_) => {}
                    Action::Pass(millis) => fixture.pass(millis),
                }
            }
        });
    }
}
