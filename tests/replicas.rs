//! Two processes of the service on one PostgreSQL database, and one of them killed: what people see is what one process writes.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod fleet;
mod program;
mod shared;
mod stores;
mod story;

use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::first_contact::{Note, Step};
use astride::sandbox::github::Options;
use astride::sandbox::github::faults::{Fault, Then, When};
use fleet::Fleet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use story::{SHOP, act, open, stories};

/// Until what a killed process had in hand is taken over.
const A_MINUTE: Duration = Duration::from_secs(60);

/// Waits until every delivery is answered and nothing is due.
async fn settle(fleet: &Fleet, store: &Store) {
    let began = Instant::now();
    loop {
        let [queued, running, ..] = store.depth().await.unwrap();
        if queued + running == 0 && fleet.played.standin.deliveries().iter().all(|delivery| delivery.answered.is_some()) {
            return;
        }
        assert!(began.elapsed() < 2 * A_MINUTE, "it never settles: {queued} queued, {running} running");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_killed_is_taken_over_within_a_minute() {
    let Some(url) = stores::postgres("replicas") else { return };
    let store = Store::open(&url, Clock::system()).await.unwrap();
    let fleet = Fleet::new(url, Options::default(), vec![("ASTRIDE_WORKER_WRITE_GAP_MS", "0".to_owned())]).await;
    fleet.balance();
    let standin = fleet.played.standin.clone();
    let story = stories().into_iter().find(|story| story.name == "an_author_proposes_and_a_reviewer_confirms").unwrap();
    // What is written to people first hangs, and the whole process with it.
    standin.plan(Fault::new(When::Matching { method: "POST", path: "/repos/*/*/check-runs" }, Then::ExecuteAndHang));
    let first = fleet.start().await;
    open(&standin, &story);
    // The day of installation is another story.
    let id = standin.with(|github| github.repository_named(SHOP).map(|found| found.id)).unwrap();
    for step in Step::ALL {
        store.note_step(id, step, Note::Done).await.unwrap();
    }
    standin.on_hang().notified().await;
    let second = fleet.start().await;
    fleet.leave_out(&first.address);
    first.kill();
    let killed = Instant::now();
    settle(&fleet, &store).await;
    assert!(killed.elapsed() < A_MINUTE, "taken over after {:?}", killed.elapsed());
    let third = fleet.start().await;
    for step in &story.acts {
        act(&standin, step);
        settle(&fleet, &store).await;
    }
    drop((second, third));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/stories/{}.txt", story.name));
    assert_eq!(standin.dump(), fs::read_to_string(file).unwrap(), "what one process writes");
}
