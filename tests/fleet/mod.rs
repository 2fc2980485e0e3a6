//! Processes of the service around one stand-in, and a load balancer before them: what the test of replicas and the load generator both need.
//!
//! What a process logs goes to a file. A pipe that nobody reads would be full after some hundred lines, and stop the process in the middle of one.

#![allow(dead_code, unreachable_pub, reason = "each of them uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

pub mod connection;

use crate::program::{Played, play, program};
use astride::sandbox::github::deliveries::Delivery;
use astride::sandbox::github::{Options, StandIn};
use connection::Connection;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Deliveries that are under way at the same time.
const UNDER_WAY: usize = 8;
/// Longest until a process listens: another one's tables may be made first.
const START: Duration = Duration::from_secs(30);

/// Where the processes listen that the balancer knows.
type Addresses = Arc<Mutex<Vec<String>>>;

pub struct Fleet {
    pub played: Played,
    pub store_url: String,
    pub folder: tempfile::TempDir,
    addresses: Addresses,
    /// Settings of each process, by the name of the environment variable.
    settings: Vec<(&'static str, String)>,
}

/// A process of the service; it is ended when this is dropped.
pub struct Process {
    child: Child,
    pub address: String,
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as the kernel does where memory runs out: it is told nothing.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Fleet {
    /// Nothing runs yet but the stand-in.
    pub async fn new(store_url: String, options: Options, settings: Vec<(&'static str, String)>) -> Self {
        let played = play(StandIn::new(options)).await;
        Self { played, store_url, folder: tempfile::tempdir().unwrap(), addresses: Addresses::default(), settings }
    }

    /// From now on whatever the stand-in delivers is handed to the processes.
    pub fn balance(&self) {
        let (sender, deliveries) = unbounded_channel();
        self.played.standin.deliver_to(sender);
        tokio::spawn(hand_out(self.played.standin.clone(), self.addresses.clone(), deliveries));
    }

    /// One more process, as its operator starts it; returns when it listens.
    pub async fn start(&self) -> Process {
        let key = self.folder.path().join("key.pem");
        fs::write(&key, self.played.standin.private_key()).unwrap();
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let log = File::create(self.log(&address)).unwrap();
        let mut command = program(&["serve"]);
        command
            .env("ASTRIDE_SERVER_LISTEN", &address)
            .env("ASTRIDE_GITHUB_API_URL", &self.played.api)
            .env("ASTRIDE_GITHUB_APP_ID", "4242")
            .env("ASTRIDE_GITHUB_PRIVATE_KEY_FILE", &key)
            .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", Options::default().webhook_secret)
            .env("ASTRIDE_STORE_URL", &self.store_url)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdout(log.try_clone().unwrap())
            .stderr(Stdio::from(log));
        let process = Process { child: command.spawn().unwrap(), address };
        let began = Instant::now();
        while !self.is_ready(&process.address).await {
            assert!(began.elapsed() < START, "it does not start: {}", fs::read_to_string(self.log(&process.address)).unwrap());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.addresses.lock().unwrap().push(process.address.clone());
        process
    }

    async fn is_ready(&self, address: &str) -> bool {
        match Connection::open(address).await {
            Ok(mut connection) => connection.get("/readyz").await.is_ok_and(|(status, _)| status == 200),
            Err(_) => false,
        }
    }

    /// The file that a process logs to.
    pub fn log(&self, address: &str) -> PathBuf {
        self.folder.path().join(format!("{}.log", address.replace(':', "-")))
    }

    /// No delivery goes there any more.
    pub fn leave_out(&self, address: &str) {
        self.addresses.lock().unwrap().retain(|known| known != address);
    }
}

/// Hands each delivery to the next of the processes, as a load balancer does, and to another one where that does not answer. What none of them
/// answers has failed, and is in the log that the App can read.
async fn hand_out(standin: StandIn, addresses: Addresses, mut deliveries: UnboundedReceiver<Delivery>) {
    let room = Arc::new(Semaphore::new(UNDER_WAY));
    while let Some(delivery) = deliveries.recv().await {
        let turn = Arc::clone(&room).acquire_owned().await;
        let (standin, mut turns) = (standin.clone(), addresses.lock().unwrap().clone());
        let first = delivery.id as usize % turns.len().max(1);
        turns.rotate_left(first);
        tokio::spawn(async move {
            let _turn = turn;
            let mut status = 502;
            for address in turns {
                if let Ok(answered) = post(&address, &delivery).await {
                    status = answered;
                    break;
                }
            }
            standin.answered(delivery.id, status);
        });
    }
}

async fn post(address: &str, delivery: &Delivery) -> std::io::Result<u16> {
    Connection::open(address).await?.send(&request(delivery)).await.map(|(status, _)| status)
}

/// A delivery as it goes over the wire.
pub fn request(delivery: &Delivery) -> Vec<u8> {
    connection::post("/webhook", &delivery.headers(4242), &delivery.body)
}
