//! A steady rate for a long time: whether memory, threads, open files or the store grow; with --kill, after processes have ended without a word.

use crate::arguments::Arguments;
use crate::fleet::{Fleet, Process};
use crate::page::{asked, written};
use crate::process::{descriptors, peak, resident, threads, ticks};
use crate::scene::{AUTHOR, OPEN, fleet, keep_time, lay_out, metrics, open_pull, push, repository_of, settle, sum, template};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const PULLS: usize = 50;
/// Between two things that people do.
const PACE: Duration = Duration::from_millis(500);
/// Of so many things one is a comment and no push.
const TALK: usize = 4;
/// Samples of the whole run: one a minute in half an hour.
const SAMPLES: u32 = 30;
/// Of the samples so many belong to warming up: what is read for the first time stays.
const WARMING: usize = 5;
/// By what share of its mean after warming up memory may have grown in the end, and by how many MiB where that is little.
const GROWTH: f64 = 0.15;
const LEAST_GROWTH: f64 = 8.0;
/// How many threads and open files more there may be.
const MORE: f64 = 8.0;
/// With --kill a process ends this many times, all of them within the first part of the run: the last one then has time to show whether it grows.
const KILLS: u32 = 3;
const PART_OF_KILLS: u32 = 4;

/// What a process took at a time.
#[derive(Clone, Copy, Debug)]
struct Sample {
    resident: f64,
    threads: f64,
    files: f64,
}

pub(crate) async fn measure(arguments: &Arguments) {
    let pulls = arguments.count.unwrap_or(PULLS);
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    lay_out(&fleet, pulls).await;
    keep_time(&fleet);
    fleet.balance();
    let mut process = fleet.start().await;
    let numbers: Vec<u64> = (0..pulls).map(|number| open_pull(&standin, number)).collect();
    settle(&process).await;
    let store = if arguments.postgres { "PostgreSQL" } else { "SQLite" };
    println!("{pulls} pull requests, one push or comment every {} ms, on {store}", PACE.as_millis());
    println!(
        "{:>7} {:>9} {:>9} {:>8} {:>6} {:>9} {:>7} {:>7} {:>7}",
        "minute", "RSS MiB", "peak MiB", "threads", "files", "store MiB", "CPU s", "queued", "runs"
    );
    let (began, mut next, mut done, mut killed) = (Instant::now(), Instant::now(), 0_usize, 0);
    let (each, each_kill) = (arguments.duration / SAMPLES, arguments.duration / PART_OF_KILLS / KILLS);
    // Of the process that is there: each begins anew.
    let (mut samples, mut taken) = (Vec::new(), 0_u32);
    while began.elapsed() < arguments.duration {
        let number = done % pulls;
        if done.is_multiple_of(TALK) {
            let (repository, text) = (repository_of(number), format!("talk {done}"));
            standin.act(|github| github.comment(&repository, numbers[number], AUTHOR, &text)).expect("the pull request is there");
        } else {
            push(&standin, number, &format!("{}{OPEN}      MemorySize: {}\n", template(number), 128 + done));
        }
        done += 1;
        if arguments.kill && killed < KILLS && began.elapsed() >= each_kill * (killed + 1) {
            process = replace(&fleet, process).await;
            killed += 1;
            samples.clear();
            println!("{:>7.1} killed, and another one started", began.elapsed().as_secs_f64() / 60.0);
        }
        if began.elapsed() + PACE >= each * (taken + 1) {
            samples.push(sample(&process, began, folder.path()).await);
            taken += 1;
        }
        next += PACE;
        tokio::time::sleep_until(next.into()).await;
    }
    settle(&process).await;
    let all = written(&standin);
    assert_eq!((all.judged, all.checks), (pulls, pulls), "nothing is lost, and nothing is there twice");
    assert_eq!(all.comments, pulls, "nothing is said twice");
    println!("{done} things done, {killed} processes killed; {}", asked(&standin).each(done));
    assert_flat(&samples);
}

/// A process ends as the kernel ends one, and another one takes its place on the same store.
async fn replace(fleet: &Fleet, process: Process) -> Process {
    fleet.leave_out(&process.address);
    process.kill();
    fleet.start().await
}

async fn sample(process: &Process, began: Instant, folder: &Path) -> Sample {
    let (id, metrics) = (process.id(), metrics(process).await);
    let sample = Sample { resident: resident(id), threads: threads(id), files: descriptors(id) as f64 };
    println!(
        "{:>7.1} {:>9.1} {:>9.1} {:>8} {:>6} {:>9.1} {:>7.1} {:>7} {:>7}",
        began.elapsed().as_secs_f64() / 60.0,
        sample.resident,
        peak(id),
        sample.threads,
        sample.files,
        size(folder),
        f64::from(ticks(id)) / 100.0,
        sum(&metrics, "astride_jobs", "\"queued\""),
        sum(&metrics, "astride_runs_total", ""),
    );
    sample
}

/// Fails where the last fifth of the samples takes more than the fifth after warming up, beyond what is let pass.
fn assert_flat(samples: &[Sample]) {
    let part = (samples.len().saturating_sub(WARMING) / 5).max(1);
    if samples.len() < WARMING + 2 * part {
        println!("too few samples to tell whether memory is flat: {}", samples.len());
        return;
    }
    let (early, late) = (&samples[WARMING..WARMING + part], &samples[samples.len() - part..]);
    let mean = |of: &[Sample], take: fn(&Sample) -> f64| of.iter().map(take).sum::<f64>() / of.len() as f64;
    let (before, after) = (mean(early, |sample| sample.resident), mean(late, |sample| sample.resident));
    println!("after warming up {before:.1} MiB, in the end {after:.1} MiB");
    assert!(after <= before + (before * GROWTH).max(LEAST_GROWTH), "memory grows: {before:.1} MiB, then {after:.1} MiB");
    for (what, take) in [("threads", (|sample| sample.threads) as fn(&Sample) -> f64), ("open files", |sample| sample.files)] {
        let (before, after) = (mean(early, take), mean(late, take));
        assert!(after <= before + MORE, "{what} grow: {before:.0}, then {after:.0}");
    }
}

/// Of all files that begin as the store's, in MiB; 0 where it is elsewhere.
fn size(folder: &Path) -> f64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum::<u64>() as f64 / 1024.0 / 1024.0
}
