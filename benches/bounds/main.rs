//! Hostile inputs, timed: seconds and memory of one whole judgement of each kind, `cargo bench --bench bounds`; `docs/limits.md` keeps them.
//!
//! Each kind is judged in a process of its own, so that the peak of its memory is its own. Nothing here is asserted: `tests/bounds.rs`
//! asserts work units and bytes, which are the same on every machine.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[expect(dead_code, reason = "the twins are what the test asks for")]
#[path = "../../tests/bounds/inputs.rs"]
mod inputs;
#[path = "../../tests/bounds/run.rs"]
mod run;

use inputs::KINDS;
use std::process::Command;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, and there it has nothing to say.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if let [flag, kind, size] = arguments.as_slice()
        && flag == "--kind"
    {
        return one(kind, size.parse().expect("a number"));
    }
    println!("{:52} {:>8} {:>7} {:>9} {:>10} {:>7}  verdict", "kind", "size", "kB", "seconds", "peak MB", "flows");
    let filter = arguments.iter().find(|argument| !argument.starts_with("--"));
    for kind in KINDS.iter().filter(|kind| filter.is_none_or(|filter| kind.name.contains(filter.as_str()))) {
        let own = std::env::current_exe().expect("this program has a path");
        let size = kind.hostile.to_string();
        let status = Command::new("timeout").arg("60").arg(own).args(["--kind", kind.name, &size]).status().expect("it can be run");
        if !status.success() {
            println!("{:52} {:>8} ended with {status}", kind.name, kind.hostile);
        }
    }
}

fn one(name: &str, size: usize) {
    let kind = KINDS.iter().find(|kind| kind.name == name).expect("the kind is known");
    let files = (kind.make)(size);
    let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
    let change = run::change(&files);
    let before = peak();
    let begun = Instant::now();
    let report = run::judge(&change);
    let elapsed = begun.elapsed().as_secs_f64();
    let repair = report.repairs.first().map(|repair| format!("{}:{} {}", repair.place.path, repair.place.line, repair.what));
    println!(
        "{name:52} {size:>8} {:>7} {elapsed:>9.2} {:>10} {:>7}  {}, {}",
        bytes / 1000,
        peak().saturating_sub(before) / 1000,
        report.after.flows.len(),
        report.verdict.word(),
        repair.unwrap_or_default().chars().take(120).collect::<String>(),
    );
}

/// The most memory that the process has held, in kB; 0 where the system does not say.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}
