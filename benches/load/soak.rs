//! A steady rate for a long time: whether memory, threads, open files or the store grow.

use crate::arguments::Arguments;
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
const SAMPLE: Duration = Duration::from_secs(60);

pub(crate) async fn measure(arguments: &Arguments) {
    let pulls = arguments.count.unwrap_or(PULLS);
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    lay_out(&fleet, pulls).await;
    keep_time(&fleet);
    fleet.balance();
    let process = fleet.start().await;
    let numbers: Vec<u64> = (0..pulls).map(|number| open_pull(&standin, number)).collect();
    settle(&process).await;
    println!("{pulls} pull requests, one push or comment every {} ms", PACE.as_millis());
    println!(
        "{:>7} {:>9} {:>9} {:>8} {:>6} {:>9} {:>7} {:>7} {:>7}",
        "minute", "RSS MiB", "peak MiB", "threads", "files", "store MiB", "CPU s", "queued", "runs"
    );
    let (began, mut next, mut done) = (Instant::now(), Instant::now(), 0_usize);
    let mut residents = Vec::new();
    while began.elapsed() < arguments.duration {
        let number = done % pulls;
        if done.is_multiple_of(TALK) {
            let (repository, text) = (repository_of(number), format!("talk {done}"));
            standin.act(|github| github.comment(&repository, numbers[number], AUTHOR, &text)).expect("the pull request is there");
        } else {
            push(&standin, number, &format!("{}{OPEN}      MemorySize: {}\n", template(number), 128 + done));
        }
        done += 1;
        if began.elapsed() + PACE >= SAMPLE * (residents.len() as u32 + 1) {
            let (id, metrics) = (process.id(), metrics(&process).await);
            residents.push(resident(id));
            println!(
                "{:>7.1} {:>9.1} {:>9.1} {:>8} {:>6} {:>9.1} {:>7.1} {:>7} {:>7}",
                began.elapsed().as_secs_f64() / 60.0,
                resident(id),
                peak(id),
                threads(id),
                descriptors(id),
                size(folder.path()),
                f64::from(ticks(id)) / 100.0,
                sum(&metrics, "astride_jobs", "\"queued\""),
                sum(&metrics, "astride_runs_total", ""),
            );
        }
        next += PACE;
        tokio::time::sleep_until(next.into()).await;
    }
    settle(&process).await;
    let all = written(&standin);
    assert_eq!((all.judged, all.checks), (pulls, pulls), "nothing is lost, and nothing is there twice");
    println!("{done} things done; {}", asked(&standin).each(done));
    let quarter = residents.len() / 4;
    if quarter > 0 {
        let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
        let (second, last) = (mean(&residents[quarter..2 * quarter]), mean(&residents[residents.len() - quarter..]));
        println!("mean of the second quarter {second:.1} MiB, of the last {last:.1} MiB");
    }
}

/// Of all files that begin as the store's, in MiB; 0 where it is elsewhere.
fn size(folder: &Path) -> f64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum::<u64>() as f64 / 1024.0 / 1024.0
}
