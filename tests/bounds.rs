//! Nothing that an author writes makes more work than the bounds allow, and what is not read is said.
//!
//! Work units and bytes are asserted, and never time: they are the same on every machine. `cargo bench --bench bounds` has the seconds.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

#[path = "bounds/inputs.rs"]
mod inputs;
#[path = "bounds/run.rs"]
mod run;

use astride::catalog::claims::Claims;
use astride::formats;
use astride::report::{Report, Verdict};
use astride::source::budget::{MAX_BYTES, MAX_STEPS, MAX_VALUES, Spent};
use astride::source::{MemoryFiles, NoteKind, RepoPath};
use inputs::{Growth, KINDS, Kind};
use std::fmt::Write;

/// Twice the text may be so many hundredths of the work.
const MOST_GROWTH: usize = 220;
/// What is counted after the bound was passed, in hundredths of it: a step that was begun is ended.
const MOST_BEYOND: usize = 150;

#[test]
fn an_innocent_text_is_read_whole() {
    each(|kind| {
        for size in [kind.innocent, 2 * kind.innocent] {
            let report = run::judge(&run::change(&(kind.make)(size)));
            let limits = limits(&report);
            if !(limits.is_empty() && report.after.cut.is_empty() && report.repairs.is_empty()) {
                return Err(format!("{size}: {limits:?} {:?}", report.repairs));
            }
        }
        Ok(())
    });
}

#[test]
fn work_grows_with_the_text() {
    each(|kind| {
        let [one, two] = [kind.innocent, 2 * kind.innocent].map(|size| spent(kind, size));
        let grows = |one: usize, two: usize| two * 100 > one * MOST_GROWTH + 100 * 1_000;
        match kind.growth {
            Growth::Linear if grows(one.values, two.values) || grows(one.steps, two.steps) => Err(format!("{one:?}, then {two:?}")),
            Growth::Linear | Growth::Product => Ok(()),
        }
    });
}

#[test]
fn a_hostile_text_ends_in_a_reading_or_a_repair() {
    each(|kind| {
        let report = run::judge(&run::change(&(kind.make)(kind.hostile)));
        let limits = limits(&report);
        let is_cut = !limits.is_empty() || !report.after.cut.is_empty();
        if is_cut && report.verdict != Verdict::Undetermined {
            return Err(format!("cut, and {}: {limits:?}", report.verdict.word()));
        }
        if report.repairs.iter().any(|repair| repair.place.path.as_str().is_empty() || repair.place.line == 0) {
            return Err(format!("a repair without a place: {:?}", report.repairs));
        }
        if kind.growth == Growth::Product && !is_cut && report.repairs.is_empty() {
            return Err("was to be too much, and was read".to_owned());
        }
        Ok(())
    });
}

#[test]
fn a_hostile_text_spends_no_more_than_there_is() {
    each(|kind| {
        let spent = spent(kind, kind.hostile);
        let beyond = |spent: usize, most: usize| spent > most / 100 * MOST_BEYOND;
        // The arena takes twice as much each time, and is asked after it has.
        let is_beyond = beyond(spent.values, MAX_VALUES) || beyond(spent.steps, MAX_STEPS) || beyond(spent.bytes, 2 * MAX_BYTES);
        if is_beyond { Err(format!("{spent:?}")) } else { Ok(()) }
    });
}

/// A template with more files of values than are read for one says which are not.
#[test]
fn files_of_values_beyond_the_limit_are_named() {
    let template = "AWSTemplateFormatVersion: \"2010-09-09\"\nParameters:\n  Range: {Type: String}\nResources:\n  G:\n    Type: AWS::EC2::SecurityGroup\n    \
                    Properties: {GroupDescription: g, SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Range}]}\n";
    let files = |count: usize| -> Vec<(String, String)> {
        let values = (0..count).map(|number| (format!("params/{number:02}.json"), format!("[\"Range=10.{number}.0.0/16\"]\n")));
        std::iter::once(("network.yml".to_owned(), template.to_owned())).chain(values).collect()
    };
    let report = run::judge(&run::change(&files(32)));
    assert_eq!(limits(&report), Vec::<String>::new());
    let report = run::judge(&run::change(&files(35)));
    let named = |number: usize| format!("params/{number}.json:1: the values of this file are not looked at: too many others are");
    assert_eq!(limits(&report), [32, 33, 34].map(named));
    assert_eq!(report.verdict, Verdict::Undetermined, "what is not looked at needs repair");
}

/// Asks of every kind, on as many threads as there are processors; what fails is said of all.
fn each(ask: impl Fn(&Kind) -> Result<(), String> + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let ask = &ask;
                let of_thread = move || -> Vec<String> {
                    let kinds = KINDS.iter().skip(first).step_by(threads);
                    kinds.filter_map(|kind| ask(kind).err().map(|why| format!("{}: {why}", kind.name))).collect()
                };
                scope.spawn(of_thread)
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(
        failed.is_empty(),
        "{}",
        failed.iter().fold(String::new(), |mut all, why| {
            writeln!(all, "{why}").unwrap();
            all
        })
    );
}

fn spent(kind: &Kind, size: usize) -> Spent {
    let files = (kind.make)(size);
    let entry = RepoPath::new(&files[0].0);
    let files = MemoryFiles(files.into_iter().map(|(path, text)| (RepoPath::new(&path), text)).collect());
    formats::read(&entry, &files, &Claims::default()).spent
}

fn limits(report: &Report) -> Vec<String> {
    let limits = report.notes.iter().filter(|note| matches!(note.kind, NoteKind::Limit | NoteKind::LeftOut));
    limits.map(|note| format!("{}:{}: {}", note.place.path, note.place.line, note.text)).collect()
}
