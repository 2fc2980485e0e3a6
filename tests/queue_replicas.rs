//! The queue between processes: each job is one's, nobody waits in a circle, a head has one writer, and a file one process.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod shared;
mod stores;

use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::due::Due;
use astride::queue::inbox::Arrival;
use astride::queue::job::{End, Subject};
use std::time::Duration;
use stores::due;

const LEASE: Duration = Duration::from_secs(10);

/// Two processes on one database.
async fn replicas() -> Option<(Store, Store)> {
    let url = stores::postgres("replicas")?;
    let open = async || Store::open(&url, Clock::by(|| 1_000_000)).await.unwrap();
    Some((open().await, open().await))
}

#[tokio::test]
async fn replicas_never_run_one_pull_request_at_the_same_time() {
    let Some((first, second)) = replicas().await else { return };
    let pulls: Vec<Due> = (1..=200).map(|pull| due(pull, 1, 1)).collect();
    first.enqueue(&pulls).await.unwrap();
    let mut working = tokio::task::JoinSet::new();
    for store in [&first, &second, &first, &second] {
        let store = store.clone();
        working.spawn(async move {
            let mut taken = Vec::new();
            while let Some(job) = store.claim(LEASE).await.unwrap() {
                store.end(&job, End::Done).await.unwrap();
                taken.push(job.subject);
            }
            taken
        });
    }
    let mut taken: Vec<Subject> = working.join_all().await.into_iter().flatten().collect();
    taken.sort();
    assert_eq!(taken, (1..=200).map(Subject::Pull).collect::<Vec<_>>(), "each of them once");
}

#[tokio::test]
async fn groups_that_overlap_do_not_wait_for_each_other_in_a_circle() {
    let Some((first, second)) = replicas().await else { return };
    let mut writing = tokio::task::JoinSet::new();
    for (round, store) in [first, second].into_iter().cycle().take(40).enumerate() {
        writing.spawn(async move {
            let mut due: Vec<Due> = (1..=50).map(|pull| due(pull, 1, 1)).collect();
            let mut objects: Vec<(String, Vec<u8>)> = (0..50).map(|number| (format!("{number}"), vec![1])).collect();
            if round % 2 == 0 {
                due.reverse();
                objects.reverse();
            }
            let arrivals = due.into_iter().map(|due| Arrival { guid: format!("{}", due.subject), due: vec![due], command: None });
            store.record(&arrivals.collect::<Vec<_>>()).await.unwrap();
            store.keep_objects(&objects).await.unwrap();
        });
    }
    writing.join_all().await;
}

#[tokio::test]
async fn a_head_is_one_replicas_until_it_lets_go_or_is_gone() {
    let Some((first, second)) = replicas().await else { return };
    let (head, other) = ("aa".repeat(20), "bb".repeat(20));
    let held = first.lock_head(&head).await.unwrap();
    let elsewhere = second.lock_head(&other).await.unwrap();
    let waits = tokio::time::timeout(Duration::from_millis(400), second.lock_head(&head)).await;
    assert!(waits.is_err(), "two at a time");
    // Whoever gave up waiting took nothing with it.
    let waits = tokio::time::timeout(Duration::from_millis(400), first.lock_head(&other)).await;
    assert!(waits.is_err(), "the lock of another was lost");
    drop((held, elsewhere));
    let held = second.lock_head(&head).await.unwrap();
    // A process that dies closes its sessions, and nothing more.
    second.close().await;
    let taken = tokio::time::timeout(Duration::from_secs(10), first.lock_head(&head)).await;
    taken.expect("what a dead process held is free").unwrap();
    drop(held);
}

#[tokio::test]
async fn one_file_is_one_processes() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("astride.db").display());
    let store = Store::open(&url, Clock::by(|| 0)).await.unwrap();
    let refused = Store::open(&url, Clock::by(|| 0)).await.unwrap_err().to_string();
    assert!(refused.contains("astride.db is in use by another process") && refused.contains("use PostgreSQL"), "{refused}");
    // By a link it is the same file.
    let link = folder.path().join("link.db");
    std::os::unix::fs::symlink(folder.path().join("astride.db"), &link).unwrap();
    let linked = format!("sqlite://{}", link.display());
    let refused = Store::open(&linked, Clock::by(|| 0)).await.unwrap_err().to_string();
    assert!(refused.contains("astride.db is in use by another process"), "{refused}");
    store.close().await;
    Store::open(&url, Clock::by(|| 0)).await.unwrap().close().await;
    let dangling = folder.path().join("dangling.db");
    std::os::unix::fs::symlink(folder.path().join("not-yet.db"), &dangling).unwrap();
    let refused = Store::open(&format!("sqlite://{}", dangling.display()), Clock::by(|| 0)).await.unwrap_err().to_string();
    assert!(refused.contains("link to a file that is not there"), "{refused}");
    std::fs::hard_link(folder.path().join("astride.db"), folder.path().join("second.db")).unwrap();
    let refused = Store::open(&url, Clock::by(|| 0)).await.unwrap_err().to_string();
    assert!(refused.contains("second name"), "{refused}");
}
