//! Over every file of the corpora: nothing panics, nothing takes long, nothing is skipped without a note; and the totals are looked at.

mod shared;

use astride::formats::{self, Claim, Format};
use astride::model::ElementKind;
use astride::source::{FileState, Files, RepoPath};
use astride::stride::rule::RULES;
use astride::stride::threats::find_threats;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// One repository of the corpora, held in memory.
struct Folder(BTreeMap<RepoPath, String>);

impl Folder {
    fn read(root: &Path) -> Self {
        let text = |path: &Path| fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let entry = |path: &std::path::PathBuf| Some((RepoPath::new(&path.strip_prefix(root).ok()?.to_string_lossy()), text(path)?));
        Self(shared::files(root).iter().filter_map(entry).collect())
    }
}

impl Files for Folder {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.0.get(path).map_or(FileState::Absent, |text| FileState::Text(text))
    }
}

#[derive(Default)]
struct Totals {
    files: usize,
    unreadable: usize,
    processes: usize,
    stores: usize,
    externals: usize,
    flows: usize,
    boundaries: usize,
    recorded: usize,
    threats: usize,
    notes: BTreeMap<&'static str, usize>,
}

#[test]
fn every_file_is_read() {
    let Some(shared) = shared::shared() else { return };
    let rules: Vec<_> = RULES.iter().collect();
    let mut totals: BTreeMap<String, Totals> = BTreeMap::new();
    let mut slow = Vec::new();
    let mut unreadable = Vec::new();
    for repository in fs::read_dir(shared.join("corpora/files")).unwrap() {
        let root = repository.unwrap().path();
        let folder = Folder::read(&root);
        for (path, text) in folder.0.iter().filter(|(path, _)| formats::may_be_unit(path)) {
            let format = match formats::claim(path, text) {
                Claim::Unit(format) => format,
                Claim::NotJudged(name) => {
                    totals.entry(format!("not judged: {name}")).or_default().files += 1;
                    continue;
                }
                Claim::Nothing => continue,
            };
            let started = Instant::now();
            let reading = formats::read(path, format, &folder);
            let threats = find_threats(&reading.model, &rules).len();
            let elapsed = started.elapsed();
            // A bound against hangs, a hundred times above what the slowest takes; speed itself is the benchmark's.
            if elapsed > Duration::from_secs(10) {
                slow.push(format!("{}/{path}: {elapsed:?}", root.display()));
            }
            if reading.unreadable {
                unreadable.push(format!("{}/{path}", root.file_name().unwrap().to_string_lossy()));
            }
            let words = match format {
                Format::CloudFormation => "CloudFormation and SAM",
                Format::ThreatDragon => "Threat Dragon",
                Format::ThreatComposer => "Threat Composer",
            };
            let total = totals.entry(words.to_owned()).or_default();
            total.files += 1;
            total.unreadable += usize::from(reading.unreadable);
            for element in &reading.model.elements {
                match element.kind {
                    ElementKind::Process => total.processes += 1,
                    ElementKind::DataStore => total.stores += 1,
                    ElementKind::ExternalEntity => total.externals += 1,
                }
            }
            total.flows += reading.model.flows.len();
            total.boundaries += reading.model.boundaries.len();
            total.recorded += reading.model.recorded.len();
            total.threats += threats;
            for note in &reading.model.notes {
                *total.notes.entry(note.kind.word()).or_default() += 1;
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
    let expectation = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/totals.txt");
    shared::expect(&expectation, &table(&totals, &unreadable)).unwrap_or_else(|error| panic!("{error}"));
}

fn table(totals: &BTreeMap<String, Totals>, unreadable: &[String]) -> String {
    let mut out = String::from("Totals over shared/corpora/files; `BLESS=1 cargo test --test corpora` rewrites them.\n");
    for (format, total) in totals {
        let _ = writeln!(out, "\n{format}\n  files {}", total.files);
        if format.starts_with("not judged") {
            continue;
        }
        let _ = writeln!(out, "  unreadable {}", total.unreadable);
        let _ = writeln!(out, "  processes {}, data stores {}, external entities {}", total.processes, total.stores, total.externals);
        let _ = writeln!(out, "  flows {}, boundaries {}, recorded threats {}", total.flows, total.boundaries, total.recorded);
        let _ = writeln!(out, "  threats, as if all were new: {}", total.threats);
        for (note, count) in &total.notes {
            let _ = writeln!(out, "  notes: {note} {count}");
        }
    }
    let mut unreadable = unreadable.to_vec();
    unreadable.sort();
    out.push_str("\nUnreadable, each refused by libyaml or no template at all:\n");
    unreadable.iter().for_each(|path| out.push_str(&format!("  {path}\n")));
    out
}
