//! What a webhook costs: `astride serve` as a process of its own, 32 connections that keep sending signed bodies of 25 kB.

use crate::connection::{self, Connection};
use crate::process::{peak, ticks};
use astride::sandbox::github::deliveries::signature;
use astride::sandbox::github::{Options, StandIn};
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::TcpStream;

const SECRET: &str = "a secret of the benchmark";
const ADDRESS: &str = "127.0.0.1:18097";
const CONNECTIONS: usize = 32;
const REQUESTS: usize = 8_000;
const BODY: usize = 25_000;

/// A comment that is no command makes nothing due; a push makes its pull request due.
#[derive(Clone, Copy)]
enum Kind {
    Talk,
    Push,
}

pub(crate) fn measure() {
    let folder = std::env::temp_dir().join(format!("astride-bench-serve-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("scratch can be written");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let service = start(&folder);
    runtime.block_on(wait_until_it_listens());
    for (kind, name) in [(Kind::Talk, "that makes nothing due"), (Kind::Push, "that makes a pull request due")] {
        let requests: Vec<Vec<u8>> = (0..REQUESTS).map(|number| request(kind, number)).collect();
        let before = ticks(service.0.id());
        runtime.block_on(send(requests));
        let ticks = ticks(service.0.id()) - before;
        println!("webhook {name:<30} {:8.1} µs of CPU  (aim: at most 100 µs)", f64::from(ticks) * 10_000.0 / REQUESTS as f64);
    }
    println!("the service's largest memory          {:8.1} MiB  (aim: at most 25 MiB)", peak(service.0.id()));
    drop(service);
    let _ = fs::remove_dir_all(folder);
}

/// Ends with the measurement, however that ends.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The service, with a GitHub that nobody answers for: its workers' vain tries are in the figure.
fn start(folder: &std::path::Path) -> Service {
    drop(std::net::TcpListener::bind(ADDRESS).expect("nobody else listens there"));
    let service = Command::new(env!("CARGO_BIN_EXE_astride"))
        .arg("serve")
        .env("ASTRIDE_SERVER_LISTEN", ADDRESS)
        .env("ASTRIDE_GITHUB_API_URL", "http://127.0.0.1:9")
        .env("ASTRIDE_GITHUB_APP_ID", "1")
        .env("ASTRIDE_GITHUB_PRIVATE_KEY", StandIn::new(Options::default()).private_key())
        .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", SECRET)
        .env("ASTRIDE_STORE_URL", format!("sqlite://{}/astride.db", folder.display()))
        .env("RUST_LOG", "off")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    Service(service)
}

async fn wait_until_it_listens() {
    for _ in 0..500 {
        if TcpStream::connect(ADDRESS).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the service does not listen on {ADDRESS}");
}

fn request(kind: Kind, number: usize) -> Vec<u8> {
    let pull = number % 50 + 1;
    let event = match kind {
        Kind::Talk => "issue_comment",
        Kind::Push => "pull_request",
    };
    let user = r#"{"id":5,"login":"mona","type":"User"}"#;
    let subject = match kind {
        Kind::Talk => format!(
            r#""action":"created","issue":{{"number":{pull},"pull_request":{{}},"user":{user}}},"comment":{{"id":{number},"body":"talk","html_url":"u","created_at":"2026-11-24T08:00:00Z","updated_at":"2026-11-24T08:00:00Z","user":{user}}}"#
        ),
        Kind::Push => format!(
            r#""action":"synchronize","number":{pull},"pull_request":{{"number":{pull},"state":"open","draft":false,"updated_at":"2026-11-24T08:00:00Z","user":{user},"head":{{"sha":"{number:040x}","ref":"c","repo":{{"id":7}}}},"base":{{"sha":"{:040x}","ref":"main","repo":{{"id":7}}}}}}"#,
            0
        ),
    };
    let mut body = format!(
        r#"{{{subject},"installation":{{"id":1}},"sender":{user},"repository":{{"id":7,"name":"shop","full_name":"acme/shop","private":false,"default_branch":"main","owner":{{"id":2,"login":"acme"}}}},"filler":""#
    );
    body.push_str(&"x".repeat(BODY.saturating_sub(body.len() + 2)));
    body.push_str("\"}");
    let signature = signature(SECRET.as_bytes(), body.as_bytes());
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("x-github-event", event.to_owned()),
        ("x-github-delivery", format!("{event}-{number}")),
        ("x-hub-signature-256", signature),
    ];
    connection::post("/webhook", &headers, &body)
}

async fn send(mut requests: Vec<Vec<u8>>) {
    let mut lanes = Vec::new();
    let share = requests.len().div_ceil(CONNECTIONS);
    while !requests.is_empty() {
        let lane = requests.split_off(requests.len().saturating_sub(share));
        lanes.push(tokio::spawn(send_over_one(lane)));
    }
    for lane in lanes {
        lane.await.expect("the service answers");
    }
}

async fn send_over_one(requests: Vec<Vec<u8>>) {
    let mut connection = Connection::open(ADDRESS).await.expect("the service listens");
    for request in requests {
        let (status, _) = connection.send(&request).await.expect("the service answers");
        assert_eq!(status, 202);
    }
}
