//! What the gate says of what it cannot read, and of what somebody would hide from it: `tests/cases/gate/<case>/{base,head}`.
//!
//! A case has the two trees as they lie in git, symbolic links and stray bytes included; `submodules` lists paths of the head that are
//! submodules, `submodules_before` those of the base (behind a tab the number of another commit), `history/<n>` holds earlier trees, the newest first, and `settings.yml` the settings in force where the base does not hold them; `_gitattributes` stands for
//! `.gitattributes`. `expected.txt` has the row of
//! the table of verdicts, what must be repaired, what is not judged, and what blocks; `BLESS=1` rewrites it. A case that demands red has a
//! twin of the same beginning that must stay green.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::report::{Report, check, headline};
use std::fmt::Write;
use std::path::Path;

/// Most letters of a first line.
const LETTERS: usize = 120;

#[test]
fn the_gate_says_what_it_could_not_read() {
    let cases = shared::gate_cases();
    let failed: Vec<String> = cases.iter().filter_map(|case| check_case(case).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn check_case(case: &Path) -> Result<(), String> {
    let report = shared::gate_report(case);
    let line = headline::headline(&report);
    if line.chars().count() > LETTERS {
        return Err(format!("{}: too long for a phone: {line}", case.display()));
    }
    shared::expect(&case.join("expected.txt"), &summary(&report))
}

fn summary(report: &Report) -> String {
    let exit = report.verdict.exit();
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
