//! Two processes of the service on one PostgreSQL database, and one of them killed: what people see is what one process writes.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod program;
mod shared;
mod stores;
mod story;

use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::first_contact::{Note, Step};
use astride::sandbox::github::deliveries::Delivery;
use astride::sandbox::github::faults::{Fault, Then, When};
use astride::sandbox::github::{Options, StandIn};
use program::{Played, Running, play, program, send};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use story::{SHOP, act, open, stories};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Until what a killed process had in hand is taken over.
const A_MINUTE: Duration = Duration::from_secs(60);

/// Where the processes listen that the balancer knows.
type Addresses = Arc<Mutex<Vec<String>>>;

struct Fleet {
    played: Played,
    store: Store,
    store_url: String,
    folder: tempfile::TempDir,
    addresses: Addresses,
}

impl Fleet {
    async fn new(store_url: String) -> Self {
        let played = play(StandIn::new(Options::default())).await;
        let store = Store::open(&store_url, Clock::system()).await.unwrap();
        let (sender, deliveries) = unbounded_channel();
        played.standin.deliver_to(sender);
        let addresses = Addresses::default();
        tokio::spawn(balance(played.standin.clone(), addresses.clone(), deliveries));
        Self { played, store, store_url, folder: tempfile::tempdir().unwrap(), addresses }
    }

    /// One more process, as its operator starts it.
    async fn start(&self) -> (Running, String) {
        let key = self.folder.path().join("key.pem");
        fs::write(&key, self.played.standin.private_key()).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut command = program(&["serve"]);
        command
            .env("ASTRIDE_SERVER_LISTEN", &free)
            .env("ASTRIDE_GITHUB_API_URL", &self.played.api)
            .env("ASTRIDE_GITHUB_APP_ID", "4242")
            .env("ASTRIDE_GITHUB_PRIVATE_KEY_FILE", &key)
            .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", Options::default().webhook_secret)
            .env("ASTRIDE_STORE_URL", &self.store_url)
            .env("ASTRIDE_WORKER_WRITE_GAP_MS", "0")
            .stderr(std::process::Stdio::null());
        let mut running = Running::start(command);
        let running = tokio::task::spawn_blocking(move || {
            running.line_with("astride serves");
            running
        });
        let running = running.await.unwrap();
        self.addresses.lock().unwrap().push(free.clone());
        (running, free)
    }

    fn leave_out(&self, address: &str) {
        self.addresses.lock().unwrap().retain(|known| known != address);
    }

    /// Waits until every delivery is answered and nothing is due.
    async fn settle(&self) {
        let began = Instant::now();
        loop {
            let [queued, running, ..] = self.store.depth().await.unwrap();
            if queued + running == 0 && self.played.standin.deliveries().iter().all(|delivery| delivery.answered.is_some()) {
                return;
            }
            assert!(began.elapsed() < 2 * A_MINUTE, "it never settles: {queued} queued, {running} running");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Hands each delivery to the next of the processes, as a load balancer does, and to another one where that is gone.
async fn balance(standin: StandIn, addresses: Addresses, mut deliveries: UnboundedReceiver<Delivery>) {
    while let Some(delivery) = deliveries.recv().await {
        let mut turns = addresses.lock().unwrap().clone();
        let first = delivery.id as usize % turns.len().max(1);
        turns.rotate_left(first);
        for address in turns {
            if tokio::net::TcpStream::connect(&address).await.is_err() {
                continue;
            }
            let headers: String = delivery.headers(4242).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            let length = delivery.body.len();
            let request = format!(
                "POST /webhook HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{}",
                delivery.body
            );
            let answer = send(&address, &request).await;
            standin.answered(delivery.id, answer.split(' ').nth(1).unwrap().parse().unwrap());
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_is_killed_is_taken_over_within_a_minute() {
    let Some(url) = stores::postgres("replicas") else { return };
    let fleet = Fleet::new(url).await;
    let standin = fleet.played.standin.clone();
    let story = stories().into_iter().find(|story| story.name == "an_author_proposes_and_a_reviewer_confirms").unwrap();
    // What is written to people first hangs, and the whole process with it.
    standin.plan(Fault::new(When::Matching { method: "POST", path: "/repos/*/*/check-runs" }, Then::ExecuteAndHang));
    let (first, first_address) = fleet.start().await;
    open(&standin, &story);
    // The day of installation is another story.
    let id = standin.with(|github| github.repository_named(SHOP).map(|found| found.id)).unwrap();
    for step in Step::ALL {
        fleet.store.note_step(id, step, Note::Done).await.unwrap();
    }
    standin.on_hang().notified().await;
    let (second, _) = fleet.start().await;
    first.kill();
    fleet.leave_out(&first_address);
    let killed = Instant::now();
    fleet.settle().await;
    assert!(killed.elapsed() < A_MINUTE, "taken over after {:?}", killed.elapsed());
    let (third, _) = fleet.start().await;
    for step in &story.acts {
        act(&standin, step);
        fleet.settle().await;
    }
    drop((second, third));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/stories/{}.txt", story.name));
    assert_eq!(standin.dump(), fs::read_to_string(file).unwrap(), "what one process writes");
}
