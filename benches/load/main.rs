//! The load generator: `astride serve` as a process of its own, or several, around a stand-in for GitHub. `docs/benchmark.md` keeps the figures.
//!
//! `cargo bench --bench load -- SCENARIO [--store sqlite|postgres] [FLAGS]`, one scenario at a time, since some take half an hour. What must hold
//! whatever the machine does (nothing is lost, nothing is there twice, the pages are the same) ends it with a failure; figures are compared by people.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures, and how it is called")]

#[path = "../../tests/fleet/mod.rs"]
mod fleet;
#[path = "../process/mod.rs"]
mod process;
#[path = "../../tests/program/mod.rs"]
mod program;
#[path = "../../tests/shared/mod.rs"]
mod shared;
#[path = "../../tests/stores/mod.rs"]
mod stores;

mod arguments;
mod decisions;
mod deliveries;
mod files;
mod page;
mod pulls;
mod scene;
mod soak;

use arguments::Arguments;

const USAGE: &str = "cargo bench --bench load -- SCENARIO [FLAGS]

  deliveries  signed webhooks over 32 connections to --replicas processes, some of them twice: answers a second, and how long each took
  pulls       pull requests that become due at once, on --replicas processes, one of them killed in between with --kill
  decisions   decisions that come at once: on one pull request, or on one each with --apart
  files       one pull request that changes very many files
  soak        a steady rate of pushes and comments: memory, threads and open files stay flat over --minutes; with --kill three processes are killed first

  --store sqlite|postgres   [sqlite]
  --count N                 deliveries [5000], pull requests [200], decisions [100], files [3500]
  --write-gap MS            between two writes to GitHub [0]; what comes without settings is 1000
  --replicas N              [1]
  --kill                    SIGKILL in the middle
  --apart
  --minutes N               [30]
";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    // `cargo test --benches` runs this too, and `cargo bench` without a scenario: there it has nothing to say.
    if words.iter().any(|word| word == "--test") {
        return;
    }
    let Some(arguments) = Arguments::parse(&words) else {
        eprint!("{USAGE}");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match arguments.scenario.as_str() {
            "deliveries" => deliveries::measure(&arguments).await,
            "pulls" => pulls::measure(&arguments).await,
            "decisions" => decisions::measure(&arguments).await,
            "files" => files::measure(&arguments).await,
            "soak" => soak::measure(&arguments).await,
            _ => eprint!("{USAGE}"),
        }
    });
}
