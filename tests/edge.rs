//! The webhook's edge on real sockets: clients that are slow, huge or many keep no signed delivery waiting, and cost a bounded memory.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use astride::clock::Clock;
use astride::metrics::Metrics;
use astride::queue::Store;
use astride::sandbox::github::deliveries::signature;
use astride::server::config::Edge;
use astride::server::event::Bearings;
use astride::server::listener::listen;
use astride::server::signature::Secrets;
use astride::server::{Desk, Pulse, router};
use secrecy::SecretString;
use serde_json::json;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

const MIB: usize = 1024 * 1024;
/// Longer than any answer may take, and shorter than the time-outs that a test does not want to meet.
const SOON: Duration = Duration::from_secs(5);
const NEVER: Duration = Duration::from_secs(600);

struct Served {
    address: SocketAddr,
    store: Store,
    _stop: DropGuard,
}

async fn serve(edge: Edge) -> Served {
    let clock = Clock::by(|| 1_000_000);
    let store = Store::open("sqlite::memory:", clock.clone()).await.unwrap();
    let bearings = Bearings { ledger_branch: "astride-ledger".to_owned(), ledger_repository: None };
    let desk =
        Desk::new(Secrets::new(&[SecretString::from("secret")]), bearings, store.clone(), Metrics::default(), Pulse::new(clock), &edge);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    tokio::spawn(async move { listen(listener, router(desk), &edge, stopped).await });
    Served { address, store, _stop: stop.drop_guard() }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends the beginning of a request and leaves it at that.
    async fn begin(&self, text: &str) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    /// A signed delivery on a connection of its own, and the status that it is answered with.
    async fn deliver(&self, guid: &str) -> String {
        let mut stream = self.connect().await;
        let body = payload();
        let signed = signature(b"secret", body.as_bytes());
        let request = head(&format!("x-github-event: push\r\nx-github-delivery: {guid}\r\nx-hub-signature-256: {signed}\r\n"), body.len());
        stream.write_all(format!("{request}{body}").as_bytes()).await.unwrap();
        status(&mut stream).await
    }
}

fn payload() -> String {
    let head = "1111111111111111111111111111111111111111";
    json!({"ref": "refs/heads/main", "after": head, "repository": {"id": 9, "full_name": "acme/shop"}, "installation": {"id": 7}})
        .to_string()
}

fn head(headers: &str, length: usize) -> String {
    format!("POST /webhook HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n")
}

/// The status of the answer; empty where the connection is closed without one.
async fn status(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 1024];
    let read = tokio::time::timeout(SOON, stream.read(&mut answer)).await.expect("an answer, or the end, in time");
    let text = String::from_utf8_lossy(&answer[..read.unwrap_or(0)]).into_owned();
    text.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Whether the other side has hung up, or does so soon.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    tokio::time::timeout(SOON, stream.read_to_end(&mut rest)).await.is_ok()
}

fn patient() -> Edge {
    Edge { header_timeout: NEVER, body_timeout: NEVER, ..Edge::default() }
}

#[tokio::test]
async fn whoever_does_not_send_its_headers_is_hung_up_on() {
    let served = serve(Edge { header_timeout: Duration::from_millis(50), ..patient() }).await;
    let mut silent = served.connect().await;
    let mut half = served.begin("POST /webhook HTTP/1.1\r\nhost: x\r\nx-github-ev").await;
    assert!(is_closed(&mut silent).await && is_closed(&mut half).await);
    assert_eq!(served.deliver("a").await, "202");
}

#[tokio::test]
async fn whoever_does_not_send_its_body_is_told_so() {
    let served = serve(Edge { body_timeout: Duration::from_millis(50), ..patient() }).await;
    let mut slow = served.begin(&format!("{}{{", head("", 100))).await;
    assert_eq!(status(&mut slow).await, "408");
    assert_eq!(served.deliver("a").await, "202");
}

#[tokio::test]
async fn connections_are_bounded_and_the_oldest_makes_way() {
    let served = serve(Edge { max_connections: 8, ..patient() }).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(served.begin("POST /webhook HTTP/1.1\r\n").await);
    }
    let began = Instant::now();
    assert_eq!(served.deliver("a").await, "202");
    assert!(began.elapsed() < SOON, "slow clients keep a signed delivery waiting");
    for stream in &mut silent[..12] {
        assert!(is_closed(stream).await);
    }
}

/// Six clients announce 25 MiB each, send 20 and stop: what is held at once stays below the bound, and whoever is signed passes.
#[tokio::test]
async fn huge_bodies_of_nobody_are_bounded_together() {
    let served = serve(Edge { unsigned_bytes: 64 * MIB, ..patient() }).await;
    let mut huge = Vec::new();
    for _ in 0..6 {
        let mut stream = served.begin(&head("", 25 * MIB)).await;
        // A connection that had to make way breaks while it sends.
        let _ = tokio::time::timeout(SOON, stream.write_all(&vec![b' '; 20 * MIB])).await;
        huge.push(stream);
        assert_eq!(served.deliver(&format!("beside {}", huge.len())).await, "202");
    }
    let mut answers = Vec::new();
    for stream in &mut huge[..3] {
        answers.push(status(stream).await);
    }
    assert!(answers.iter().all(|answer| answer == "503" || answer.is_empty()), "the oldest make way: {answers:?}");
    assert_eq!(served.store.depth().await.unwrap()[0], 1, "all deliveries are about one branch");
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let served = serve(patient()).await;
    let mut stream = served.begin("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(status(&mut stream).await, "200");
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    assert_eq!(status(&mut stream).await, "200");
}

#[tokio::test]
async fn requests_in_progress_end_when_the_service_stops() {
    let served = serve(patient()).await;
    let body = payload();
    let signed = signature(b"secret", body.as_bytes());
    let request = head(&format!("x-github-event: push\r\nx-github-delivery: a\r\nx-hub-signature-256: {signed}\r\n"), body.len());
    let mut stream = served.begin(&format!("{request}{}", &body[..10])).await;
    // The service has begun with it once it has answered somebody else.
    assert_eq!(served.deliver("b").await, "202");
    let (address, store) = (served.address, served.store.clone());
    drop(served);
    stream.write_all(&body.as_bytes()[10..]).await.unwrap();
    assert_eq!(status(&mut stream).await, "202");
    assert!(TcpStream::connect(address).await.is_err() || store.depth().await.unwrap()[0] == 1);
}
