//! The queue's promises: the newest event wins, one run at a time, a dead worker's job is taken over, a crash loop ends.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod shared;
mod stores;

use astride::change::{Actor, ObjectId, Posted, Surface, Timestamp, UserId};
use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::details::Details;
use astride::queue::due::Due;
use astride::queue::first_contact::{Note, Step};
use astride::queue::inbox::{Arrival, Command};
use astride::queue::job::{Beat, End, MAX_ATTEMPTS, RepositoryKey, Subject};
use astride::queue::published::Published;
use astride::report::Reply;
use proptest::prelude::{Strategy, prop, proptest};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use stores::due;

const LEASE: Duration = Duration::from_secs(10);

struct Fixture {
    store: Store,
    now: Arc<AtomicI64>,
}

/// An empty store of each kind.
async fn fixtures() -> Vec<Fixture> {
    let urls = [Some("sqlite::memory:".to_owned()), stores::postgres("the queue")];
    let mut fixtures = Vec::new();
    for url in urls.into_iter().flatten() {
        fixtures.push(Fixture::open(url, Arc::new(AtomicI64::new(1_000_000))).await);
    }
    fixtures
}

impl Fixture {
    async fn open(url: String, now: Arc<AtomicI64>) -> Self {
        let told = Arc::clone(&now);
        let store = Store::open(&url, Clock::by(move || told.load(Ordering::Relaxed))).await.unwrap();
        Self { store, now }
    }

    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn a_page_of_a_check_is_kept_by_head_until_it_is_old() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let page = |capability: &str, page: &str| Details { capability: capability.to_owned(), page: page.to_owned() };
        let (one, other) = (ObjectId([1; 20]), ObjectId([2; 20]));
        store.keep_details(7, one, &page("a", "<p>then</p>")).await.unwrap();
        fixture.pass(1_000);
        store.keep_details(7, other, &page("b", "<p>now</p>")).await.unwrap();
        store.keep_details(7, other, &page("b", "<p>and again</p>")).await.unwrap();
        assert_eq!(store.details(7, one).await.unwrap(), Some(page("a", "<p>then</p>")));
        assert_eq!(store.details(7, other).await.unwrap(), Some(page("b", "<p>and again</p>")));
        assert_eq!(store.details(8, one).await.unwrap(), None, "of another repository");
        assert_eq!(store.details_capability(7, other).await.unwrap().as_deref(), Some("b"));
        store.forget_details(Duration::from_millis(500)).await.unwrap();
        assert_eq!((store.details(7, one).await.unwrap(), store.details(7, other).await.unwrap().is_some()), (None, true));
        store.drop_details(7, other).await.unwrap();
        assert_eq!(store.details_capability(7, other).await.unwrap(), None);
        // All of them together are bounded: the oldest go.
        let large = "x".repeat(100 * 1024 * 1024);
        for number in 1..=3 {
            fixture.pass(1);
            store.keep_details(9, ObjectId([number; 20]), &page("c", &large)).await.unwrap();
        }
        store.forget_details(Duration::from_secs(60)).await.unwrap();
        let mut kept = Vec::new();
        for number in 1..=3 {
            kept.push(store.details_capability(9, ObjectId([number; 20])).await.unwrap().is_some());
        }
        assert_eq!(kept, [false, true, true]);
    }
}

/// What is left of an hour's requests is spent on heads whose check somebody waits for, whatever became due before them.
#[tokio::test]
async fn heads_that_wait_come_before_what_has_waited_longer() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let id = ObjectId([9; 20]);
        let slow = [
            Subject::Stale,
            Subject::Register,
            Subject::FirstContact,
            Subject::Open,
            Subject::Base("main".to_owned()),
            Subject::Ledger(id),
        ];
        let waited_for = [Subject::Pull(1), Subject::Head(id), Subject::Built(id), Subject::Group(id)];
        for subject in slow.iter().chain(&waited_for) {
            store.enqueue(&[Due { subject: subject.clone(), head: None, ..due(1, 1, 1) }]).await.unwrap();
            fixture.pass(1_000);
        }
        let mut taken = Vec::new();
        while let Some(job) = store.claim(LEASE).await.unwrap() {
            taken.push(job.subject);
        }
        assert_eq!(taken[0], Subject::Group(id), "a merge queue waits with all that is in it");
        assert_eq!(taken[1..4], waited_for[..3], "then heads, the longest first");
        assert_eq!(taken[4..7], slow[3..], "then what may have changed for many");
        assert_eq!(taken[7..], slow[..3], "and sweeps last");
        assert_eq!(taken.iter().take_while(|subject| subject.is_waited_for()).count(), 4);
    }
}

#[tokio::test]
async fn the_newest_event_wins_in_whatever_order_they_come() {
    for fixture in fixtures().await {
        let store = &fixture.store;
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
}

#[tokio::test]
async fn a_dead_workers_job_is_taken_over_and_its_writes_do_not_count() {
    for fixture in fixtures().await {
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
}

#[tokio::test]
async fn a_crash_loop_ends_and_a_new_event_begins_anew() {
    for fixture in fixtures().await {
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
}

#[tokio::test]
async fn a_busy_pull_request_is_let_finish_in_the_end() {
    for fixture in fixtures().await {
        let store = &fixture.store;
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
}

#[tokio::test]
async fn waiting_is_no_attempt_and_failing_is() {
    for fixture in fixtures().await {
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
}

#[tokio::test]
async fn a_command_keeps_its_first_body_and_its_first_outcome() {
    for fixture in fixtures().await {
        let store = &fixture.store;
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
}

#[tokio::test]
async fn another_backend_is_refused_in_words() {
    let clock = Clock::by(|| 0);
    let error = Store::open("mysql://user:secret@db/astride", clock).await.unwrap_err().to_string();
    assert!(error.starts_with("store.url `mysql` is not supported") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn one_event_counts_whatever_else_a_group_says_of_the_same() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let base = Due { base: Some(ObjectId([9; 20])), head: None, ..due(1, 0, 0) };
        let renamed = RepositoryKey { name: "store".to_owned(), ..due(1, 0, 0).repository };
        let late = Due { repository: renamed.clone(), ..due(1, 2, 20) };
        store.enqueue(&[due(1, 3, 30), base, due(2, 1, 1), late]).await.unwrap();
        let job = store.claim(LEASE).await.unwrap().unwrap();
        assert_eq!((job.head, job.base), (Some((ObjectId([3; 20]), 30)), Some(ObjectId([9; 20]))));
        assert_eq!(job.repository, renamed, "the newest name");
        assert_eq!(store.depth().await.unwrap(), [1, 1, 0, 0]);
    }
}

/// Of several pushes to a ledger nothing is left out: it is looked from where the first of them began.
#[tokio::test]
async fn pushes_to_the_ledger_are_looked_at_from_the_first() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let pushed = |number| Due { subject: Subject::Open, base: Some(ObjectId([number; 20])), head: None, ..due(1, 0, 0) };
        let untold = Due { base: None, ..pushed(0) };
        store.enqueue(&[pushed(1), pushed(2)]).await.unwrap();
        store.enqueue(&[pushed(3), untold.clone()]).await.unwrap();
        let job = store.claim(LEASE).await.unwrap().unwrap();
        assert_eq!(job.base, Some(ObjectId([1; 20])));
        // While it is looked.
        store.enqueue(&[pushed(4)]).await.unwrap();
        store.end(&job, End::Done).await.unwrap();
        let job = store.claim(LEASE).await.unwrap().unwrap();
        assert_eq!(job.base, Some(ObjectId([1; 20])));
        store.end(&job, End::Done).await.unwrap();
        store.enqueue(&[pushed(5)]).await.unwrap();
        assert_eq!(store.claim(LEASE).await.unwrap().unwrap().base, Some(ObjectId([5; 20])), "what was looked at is done");
    }
}

#[tokio::test]
async fn what_comes_paced_is_due_one_after_the_other() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let gap = Duration::from_secs(3);
        store.enqueue_paced(7, &[due(9, 1, 1), due(4, 1, 1)], Duration::ZERO, gap).await.unwrap();
        store.enqueue_paced(7, &[due(5, 1, 1)], Duration::ZERO, gap).await.unwrap();
        for pull in [9, 4, 5] {
            assert_eq!(store.claim(LEASE).await.unwrap().unwrap().subject, Subject::Pull(pull));
            assert_eq!(store.claim(LEASE).await.unwrap(), None);
            fixture.pass(3_000);
        }
    }
}

/// PostgreSQL has no character of that number in its texts.
#[tokio::test]
async fn no_text_that_people_send_keeps_a_delivery_from_being_stored() {
    for fixture in fixtures().await {
        let author = Actor { id: UserId(5), login: "mona".to_owned(), bot: false };
        let body = "/stride help \0 \u{1f980} \\u0000 '; DROP TABLE job; --".to_owned();
        let posted = Posted { id: 1, surface: Surface::Comment, url: String::new(), author, at: Timestamp(1), body, right: None };
        let command = Some(Command { repository: 1, pull: 1, posted });
        let repository = RepositoryKey { name: "sh\0p".to_owned(), ..due(1, 1, 1).repository };
        let due = vec![Due { repository, ..due(1, 1, 1) }];
        fixture.store.record(&[Arrival { guid: "a".to_owned(), due, command }]).await.unwrap();
        let waiting = fixture.store.waiting(1, 1).await.unwrap();
        assert_eq!(waiting.open[0].body, "/stride help \u{fffd} \u{1f980} \\u0000 '; DROP TABLE job; --");
        let reply = Reply { to: 1, surface: Surface::Comment, done: true, text: "no \0".to_owned() };
        fixture.store.settle(1, &[reply]).await.unwrap();
        assert_eq!(fixture.store.waiting(1, 1).await.unwrap().unanswered[0].text, "no \u{fffd}");
    }
}

#[tokio::test]
async fn caches_keep_what_they_are_given_and_forget_the_oldest() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let objects = [("b".to_owned(), vec![0, 255, 1]), ("a".to_owned(), Vec::new()), ("large".to_owned(), vec![0; 3 << 20])];
        store.keep_objects(&objects).await.unwrap();
        store.keep_objects(&objects).await.unwrap();
        assert_eq!(store.object("b").await.unwrap(), Some(vec![0, 255, 1]));
        assert_eq!(store.object("large").await.unwrap(), None);
        store.keep_answer("url", "one", b"1").await.unwrap();
        store.keep_answer("url", "two", b"2").await.unwrap();
        store.keep_answer(&"long".repeat(1_000), "one", b"1").await.unwrap();
        assert_eq!(store.answer("url").await.unwrap(), Some(("two".to_owned(), b"2".to_vec())));
        let full: Vec<(String, Vec<u8>)> = (0..130).map(|number| (format!("full {number}"), vec![1; 2 << 20])).collect();
        fixture.pass(1);
        store.keep_objects(&full).await.unwrap();
        store.evict().await.unwrap();
        assert_eq!(store.object("b").await.unwrap(), None, "the oldest goes");
        assert!(store.object("full 0").await.unwrap().is_some());
        store.drop_object("full 0").await.unwrap();
        assert_eq!(store.object("full 0").await.unwrap(), None);
        fixture.pass(40 * 86_400_000);
        store.forget().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_noted_is_noted_once_and_can_be_noted_anew() {
    for fixture in fixtures().await {
        let store = &fixture.store;
        let (first, second) = (ObjectId([1; 20]), ObjectId([2; 20]));
        assert!(!store.ledger_is_known("main").await.unwrap());
        store.note_ledger_known("main").await.unwrap();
        assert!(store.ledger_is_known("main").await.unwrap());
        store.keep_ledger_seen("main", first, "[]").await.unwrap();
        assert_eq!(store.ledger_behind_since("main").await.unwrap(), 1_000_000);
        fixture.pass(5);
        assert_eq!(store.ledger_behind_since("main").await.unwrap(), 1_000_000);
        store.keep_ledger_seen("main", second, "[1]").await.unwrap();
        assert_eq!(store.ledger_seen("main").await.unwrap(), Some((second, "[1]".to_owned())));
        assert_eq!(store.ledger_behind_since("main").await.unwrap(), 1_000_005);
        store.note_merge(1, 2, Timestamp(7)).await.unwrap();
        store.note_merge(1, 2, Timestamp(9)).await.unwrap();
        assert_eq!((store.noted_merge(1, 2).await.unwrap(), store.noted_merge(1, 3).await.unwrap()), (Some(Timestamp(9)), None));
        store.note_refused_request(1, 2, "rex").await.unwrap();
        store.note_refused_request(1, 2, "rex").await.unwrap();
        assert_eq!(store.refused_requests(1, 2).await.unwrap().into_iter().collect::<Vec<_>>(), ["rex"]);
        assert!(store.refused_requests(1, 3).await.unwrap().is_empty());
        store.note_step(1, Step::Settings, Note::NothingToJudge).await.unwrap();
        store.note_step(1, Step::Check, Note::Done).await.unwrap();
        assert_eq!(store.steps_done(1).await.unwrap().len(), 2);
        store.note_something_to_judge(1).await.unwrap();
        assert_eq!(store.steps_done(1).await.unwrap(), [Step::Check].into());
        let published = |head| Published {
            head,
            base_tip: first,
            ledger_tip: None,
            engine: "1".to_owned(),
            conclusion: "success".to_owned(),
            neighbours: String::new(),
            changed_at: Timestamp(5),
            head_since: Timestamp(4),
            organisation: String::new(),
            stands_until: Some(Timestamp(9)),
        };
        store.publish(1, 2, &published(first)).await.unwrap();
        store.publish(1, 2, &published(second)).await.unwrap();
        assert_eq!(store.published(1, 2).await.unwrap(), Some(published(second)));
        assert_eq!(store.published_at(1, second).await.unwrap(), [2]);
        store.unpublish(1, 2).await.unwrap();
        assert_eq!(store.published(1, 2).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_chore_is_one_replicas_at_a_time() {
    let quarter = Duration::from_secs(900);
    for fixture in fixtures().await {
        assert!(fixture.store.take_turn("sweep", Duration::ZERO).await.unwrap());
        fixture.pass(899_999);
        assert!(!fixture.store.take_turn("sweep", quarter).await.unwrap());
        fixture.pass(1);
        assert!(fixture.store.take_turn("sweep", quarter).await.unwrap());
        assert!(!fixture.store.take_turn("sweep", quarter).await.unwrap());
        assert!(fixture.store.take_turn("sweep", Duration::ZERO).await.unwrap(), "whoever starts looks in any case");
        fixture.store.check().await.unwrap();
    }
}

/// A time that is still to come was noted by a clock that was ahead, and says nothing of how long it is ago.
#[tokio::test]
async fn a_chore_is_within_its_period_by_no_clock_that_was_ahead() {
    let (quarter, day) = (Duration::from_secs(900), 86_400_000);
    for fixture in fixtures().await {
        let is_within = || fixture.store.is_within("look", quarter);
        assert!(!is_within().await.unwrap(), "nobody has begun it yet");
        assert!(fixture.store.take_turn("look", Duration::ZERO).await.unwrap());
        fixture.pass(899_999);
        assert!(is_within().await.unwrap());
        fixture.pass(1);
        assert!(!is_within().await.unwrap());
        fixture.pass(day);
        assert!(fixture.store.take_turn("look", Duration::ZERO).await.unwrap());
        fixture.pass(-day);
        assert!(!is_within().await.unwrap(), "the clock was put back");
        // By so much the clocks of two replicas may differ.
        fixture.pass(30_000);
        assert!(fixture.store.take_turn("look", Duration::ZERO).await.unwrap());
        fixture.pass(-30_000);
        assert!(is_within().await.unwrap());
    }
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
            for fixture in fixtures().await {
            let mut held: Vec<(astride::queue::job::Job, i64)> = Vec::new();
            let mut newest = std::collections::BTreeMap::new();
            for action in actions.clone() {
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
            fixture.store.close().await;
            }
        });
    }
}
