//! What the gate says of what it cannot read, and of what somebody would hide from it: `tests/cases/gate/<case>/{base,head}`.
//!
//! A case has the two trees as they lie in git, symbolic links and stray bytes included; `submodules` lists paths of the head that are
//! submodules, `history/<n>` holds earlier trees, the newest first, and `settings.yml` the settings in force where the base does not hold them. `expected.txt` has the row of
//! the table of verdicts, what must be repaired, what is not judged, and what blocks; `BLESS=1` rewrites it. A case that demands red has a
//! twin of the same beginning that must stay green.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::change::{Change, Listed, Mode, ObjectId};
use astride::report::{Report, Verdict, check, headline};
use astride::settings::{self, SettingsTexts};
use astride::source::RepoPath;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn the_gate_says_what_it_could_not_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/gate");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|case| check_case(case).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check_case(case: &Path) -> Result<(), String> {
    let mut change = shared::change(&case.join("base"), &case.join("head"));
    add_submodules(&mut change, &fs::read_to_string(case.join("submodules")).unwrap_or_default());
    add_history(&mut change, &case.join("history"));
    let own = case.join("base").join(settings::PATH);
    let text = fs::read_to_string(case.join("settings.yml")).ok().or_else(|| fs::read_to_string(own).ok());
    let in_force = text.map(|text| (RepoPath::new(settings::PATH), text));
    let report = shared::judge(&change, &SettingsTexts { in_force, last_valid: None });
    shared::expect(&case.join("expected.txt"), &summary(&report))
}

fn add_submodules(change: &mut Change, list: &str) {
    for path in list.lines() {
        let listed = Listed { mode: Mode::Submodule, id: ObjectId([7; 20]) };
        change.head.listing.insert(RepoPath::new(path), listed);
    }
}

fn add_history(change: &mut Change, folder: &Path) {
    let mut versions: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    for version in versions {
        let side = shared::side(&version, &mut change.blobs);
        for path in side.listing.keys() {
            change.history.entry(path.clone()).or_default().push(side.clone());
        }
    }
}

fn summary(report: &Report) -> String {
    let exit = match report.verdict {
        Verdict::Clear | Verdict::Noted | Verdict::NotJudged => 0,
        Verdict::NeedsAnswer => 1,
        Verdict::Undetermined => 2,
    };
    let check = check::render(report);
    let (verdict, judged) = (report.verdict.word(), report.judged().word());
    let mut out = format!("{verdict}, {judged}, exit {exit}\n{}\n", headline::headline(report));
    writeln!(out, "check: {}, {}", check.conclusion.word(), check.title).unwrap();
    for repair in &report.repairs {
        let place = format!("{}:{}", repair.place.path, repair.place.line);
        writeln!(out, "repair {} {place}: {}; {}", repair.id, repair.what, repair.way_out).unwrap();
    }
    if let Some(weakened) = &report.weakened {
        writeln!(out, "weakens {}: {}", weakened.id(), weakened.plain_words()).unwrap();
    }
    for other in &report.not_judged {
        writeln!(out, "not judged {}: {}", other.path, other.format).unwrap();
    }
    for reviewed in report.blocking() {
        let place = format!("{}:{}", reviewed.threat.place.path, reviewed.threat.place.line);
        writeln!(out, "blocks {} {}: {}", reviewed.threat.rule.id, place, reviewed.threat.title()).unwrap();
    }
    for note in report.notes.iter().filter(|note| note.kind.hides()) {
        writeln!(out, "note {}:{}: {}", note.place.path, note.place.line, note.text).unwrap();
    }
    out
}
