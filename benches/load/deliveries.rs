//! Signed webhooks over many connections, each pushing to one of many pull requests, some delivered twice, while the workers work on what they make
//! due; on --replicas processes each connection belongs to one of them.

use crate::arguments::Arguments;
use crate::fleet::{Process, connection::Connection, request};
use crate::page::{asked, assert_once, written};
use crate::process::{peak, ticks};
use crate::scene::{OPEN, fleet, keep_time, lay_out, metrics, open_pull, push, settle, sum, template, wait_until};
use crate::stores::count;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;

const DELIVERIES: usize = 5_000;
const CONNECTIONS: usize = 32;
const PULLS: usize = 50;
/// One in so many is delivered once more.
const TWICE: usize = 10;

pub(crate) async fn measure(arguments: &Arguments) {
    let deliveries = arguments.count.unwrap_or(DELIVERIES);
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    // The forge's times are whole seconds: of two pushes in one it could not be told which is the newer one.
    standin.with(|github| github.advance(-2 * deliveries as i64));
    lay_out(&fleet, PULLS).await;
    let (sender, mut sent) = unbounded_channel();
    standin.deliver_to(sender);
    for number in 0..PULLS {
        open_pull(&standin, number);
    }
    for push_number in 0..deliveries - PULLS {
        let number = push_number % PULLS;
        standin.with(|github| github.advance(1));
        push(&standin, number, &format!("{}{OPEN}      MemorySize: {}\n", template(number), 128 + push_number));
    }
    let mut requests = Vec::new();
    while let Ok(delivery) = sent.try_recv() {
        if delivery.event == "pull_request" {
            let bytes = request(&delivery);
            requests.push(bytes.clone());
            if requests.len().is_multiple_of(TWICE + 1) {
                requests.push(bytes);
            }
        }
    }
    let size = requests.iter().map(Vec::len).sum::<usize>() / requests.len();
    keep_time(&fleet);
    let mut processes = Vec::new();
    for _ in 0..arguments.replicas {
        processes.push(fleet.start().await);
    }
    let process = &processes[0];
    settle(process).await;
    // From now on what the App itself causes is delivered too.
    fleet.balance();
    let total = requests.len();
    let spent = || processes.iter().map(|process| ticks(process.id())).sum::<u32>();
    let (cpu, began) = (spent(), Instant::now());
    let addresses: Vec<&str> = processes.iter().map(|process| process.address.as_str()).collect();
    let mut took = send(&addresses, requests).await;
    let (elapsed, cpu) = (began.elapsed(), spent() - cpu);
    let stored = count_all(&processes, "astride_webhook_deliveries_total", "stored").await;
    wait_until(began, || written(&standin).judged == PULLS).await;
    settle(process).await;
    let settled = began.elapsed();
    assert_once(&standin, PULLS);
    let known = count(&fleet.store_url, "SELECT count(*) FROM delivery");
    assert!(known >= deliveries as i64 && stored >= total as f64, "{known} known, {stored} stored of {total}");
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    let store = if arguments.postgres { "PostgreSQL" } else { "SQLite" };
    println!(
        "{total} deliveries of {size} bytes, {deliveries} of them different, over {CONNECTIONS} connections, {} process(es) on {store}",
        processes.len()
    );
    println!(
        "  {:.0} a second; answered after {:.1} ms (p50), {:.1} ms (p95), {:.1} ms (p99), {:.1} ms at most; every answer 202",
        total as f64 / elapsed.as_secs_f64(),
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    println!(
        "  {known} different ids are in the store; {} runs; {} pull requests settled after {:.1} s, each with one check, comment and thread",
        count_all(&processes, "astride_runs_total", "\"pull\"").await,
        PULLS,
        settled.as_secs_f64()
    );
    println!(
        "  {:.1} s of CPU while they came in; {:.1} MiB at most; {}",
        f64::from(cpu) / 100.0,
        processes.iter().map(|process| peak(process.id())).fold(0.0, f64::max),
        asked(&standin).each(PULLS)
    );
}

/// The sum over all processes, each of which counts what it did itself.
async fn count_all(processes: &[Process], name: &str, label: &str) -> f64 {
    let mut all = 0.0;
    for process in processes {
        all += sum(&metrics(process).await, name, label);
    }
    all
}

/// Sends all of them, each connection one after the other; gives how long each answer took.
async fn send(addresses: &[&str], requests: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut shares: Vec<Vec<Vec<u8>>> = vec![Vec::new(); CONNECTIONS];
    requests.into_iter().enumerate().for_each(|(number, request)| shares[number % CONNECTIONS].push(request));
    let turns = addresses.iter().cycle();
    let lanes: Vec<_> =
        shares.into_iter().zip(turns).map(|(share, address)| tokio::spawn(send_over_one((*address).to_owned(), share))).collect();
    let mut took = Vec::new();
    for lane in lanes {
        took.extend(lane.await.expect("the service answers"));
    }
    took
}

async fn send_over_one(address: String, requests: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut connection = Connection::open(&address).await.expect("the service listens");
    let mut took = Vec::new();
    for request in requests {
        let began = Instant::now();
        let (status, _) = connection.send(&request).await.expect("the service answers");
        took.push(began.elapsed());
        assert_eq!(status, 202, "it is accepted");
    }
    took
}
