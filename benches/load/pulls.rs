//! Pull requests that become due at once, on one process or several; with and without one that is killed in the middle.

use crate::arguments::Arguments;
use crate::fleet::{Fleet, Process};
use crate::page::{self, asked, assert_once, pages, written};
use crate::process::{peak, ticks};
use crate::scene::{fleet, keep_time, lay_out, open_pull, settle, wait_until};
use std::time::Instant;

const PULLS: usize = 200;

pub(crate) async fn measure(arguments: &Arguments) {
    let pulls = arguments.count.unwrap_or(PULLS);
    let plain = Arguments { scenario: String::new(), kill: false, replicas: 1, ..*arguments };
    let reference = play(&plain, pulls).await;
    if arguments.kill || arguments.replicas > 1 {
        let other = play(arguments, pulls).await;
        page::assert_same(&reference, &other);
        println!("the pages are the same, line by line: {} lines", reference.lines().count());
    }
}

/// Plays it once, and gives the pages at the end.
async fn play(arguments: &Arguments, pulls: usize) -> String {
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    lay_out(&fleet, pulls).await;
    keep_time(&fleet);
    fleet.balance();
    let mut processes = Vec::new();
    for _ in 0..arguments.replicas {
        processes.push(fleet.start().await);
    }
    settle(&processes[0]).await;
    let began = Instant::now();
    for number in 0..pulls {
        open_pull(&standin, number);
    }
    let mut killed = String::new();
    if arguments.kill {
        wait_until(began, || written(&standin).judged >= pulls / 2).await;
        let at = began.elapsed().as_secs_f64();
        kill_one(&fleet, &mut processes).await;
        killed = format!(", one killed after {at:.1} s");
    }
    let judged = wait_until(began, || written(&standin).judged == pulls).await;
    settle(&processes[0]).await;
    let settled = began.elapsed();
    assert_once(&standin, pulls);
    let store = if arguments.postgres { "PostgreSQL" } else { "SQLite" };
    println!("{pulls} pull requests at once, {} process(es) on {store}, write gap {} ms{killed}", arguments.replicas, arguments.write_gap);
    println!("  every head has its check after {:.1} s; nothing is left to do after {:.1} s", judged.as_secs_f64(), settled.as_secs_f64());
    println!("  {}", asked(&standin).each(pulls));
    for process in &processes {
        let (cpu, memory) = (f64::from(ticks(process.id())) / 100.0, peak(process.id()));
        println!("  a process took {cpu:.1} s of CPU without its judgements' trials, and {memory:.1} MiB at most");
    }
    pages(&standin)
}

/// A replica is gone for good; the only process is started again.
async fn kill_one(fleet: &Fleet, processes: &mut Vec<Process>) {
    let killed = processes.remove(0);
    fleet.leave_out(&killed.address);
    killed.kill();
    if processes.is_empty() {
        processes.push(fleet.start().await);
    }
}
