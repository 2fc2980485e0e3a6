//! The report as JUnit XML, which most CI servers show as tests.
//!
//! Comes in: a report. Goes out: a test suite for each unit with a test case for each threat of what is new or changed: what blocks
//! fails, what must be repaired is an error, what is open and does not block, and what the settings switch off, is skipped, what is
//! covered or decided has passed. Source: <https://github.com/testmoapp/junitxml>, read 2026-11-28; there is no standard.

use crate::decisions::{Reviewed, Standing};
use crate::report::escape::xml;
use crate::report::headline::headline;
use crate::report::shown::is_shown;
use crate::report::{Repair, Report, Weakened, ruled};
use crate::source::{Place, RepoPath};
use crate::stride::rule::{RuleKind, Severity};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What became of a test case.
enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
}

struct Case<'r> {
    name: String,
    /// Where it is in the tree.
    place: Option<&'r Place>,
    outcome: Outcome,
    /// The rule, or what stands in its place.
    kind: &'r str,
    /// One line.
    message: String,
    /// Line by line.
    body: Vec<String>,
}

/// The document. Of threats that do not block only those of at least this severity.
pub fn render(report: &Report, least: Severity) -> String {
    let mut suites: BTreeMap<&RepoPath, Vec<Case<'_>>> = BTreeMap::new();
    for repair in &report.repairs {
        suites.entry(&repair.place.path).or_default().push(of_repair(report, repair));
    }
    if let Some(weakened) = &report.weakened {
        suites.entry(&weakened.place.path).or_default().push(of_weakened(report, weakened));
    }
    for reviewed in report.reviewed.iter().filter(|reviewed| is_shown(reviewed, least) && is_said(reviewed)) {
        suites.entry(&reviewed.threat.unit).or_default().push(of_threat(reviewed));
    }
    let all: Vec<&Case<'_>> = suites.values().flatten().collect();
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"Astride: {}\"{}>\n", xml(&headline(report)), sums(&all));
    for (unit, cases) in &suites {
        let cases: Vec<&Case<'_>> = cases.iter().collect();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  <testsuite name=\"{}\"{}>", xml(unit.as_str()), sums(&cases));
        cases.iter().for_each(|case| write(unit, case, &mut out));
        out.push_str("  </testsuite>\n");
    }
    let left_out = report.left_out(least);
    if left_out > 0 {
        let _ = writeln!(out, "  <!-- {left_out} open below {} left out -->", least.word());
    }
    out.push_str("</testsuites>\n");
    out
}

/// The generic questions are for the full report.
fn is_said(reviewed: &Reviewed) -> bool {
    reviewed.blocks
        || reviewed.threat.rule.kind != RuleKind::Baseline
        || matches!(reviewed.standing, Standing::Covered | Standing::Decided(_))
}

fn of_repair<'r>(report: &Report, repair: &'r Repair) -> Case<'r> {
    let accepted = report.accepted(&repair.id).is_some();
    Case {
        name: repair.id.clone(),
        place: repair.in_tree(),
        outcome: if accepted { Outcome::Passed } else { Outcome::Error },
        kind: Repair::RULE,
        message: repair.what.clone(),
        body: vec![at(&repair.place), repair.what.clone(), format!("way out: {}", repair.way_out)],
    }
}

fn of_weakened<'r>(report: &Report, weakened: &'r Weakened) -> Case<'r> {
    let id = weakened.id();
    let message = format!("this change weakens the gate: {}", weakened.plain_words());
    Case {
        outcome: if report.accepted(&id).is_some() { Outcome::Passed } else { Outcome::Failed },
        name: id,
        place: Some(&weakened.place),
        kind: Weakened::RULE,
        body: vec![at(&weakened.place), message.clone()],
        message,
    }
}

fn of_threat(reviewed: &Reviewed) -> Case<'_> {
    let threat = &reviewed.threat;
    let outcome = match &reviewed.standing {
        Standing::Covered | Standing::Decided(_) => Outcome::Passed,
        Standing::SwitchedOff => Outcome::Skipped,
        Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => {
            if reviewed.blocks && reviewed.needs_answer() { Outcome::Failed } else { Outcome::Skipped }
        }
    };
    let stands = match outcome {
        Outcome::Skipped if !threat.is_off() => "open, does not block: ",
        Outcome::Skipped | Outcome::Passed | Outcome::Failed | Outcome::Error => "",
    };
    let by_settings: String = ruled::all(threat, str::to_owned).iter().map(|said| format!("{said}; ")).collect();
    let mut body = vec![at(&threat.place), threat.question()];
    body.extend(threat.fixes().iter().map(|fix| format!("fix: {fix}")));
    Case {
        // The title says what is wrong, which is not so where it has passed.
        name: format!("{} {}", threat.rule.id, threat.id()),
        place: Some(&threat.place),
        outcome,
        kind: threat.rule.id,
        message: format!(
            "{stands}{by_settings}{}, {}: {}",
            threat.severity.word(),
            threat.rule.category.words().to_lowercase(),
            threat.title()
        ),
        body,
    }
}

fn at(place: &Place) -> String {
    format!("{}:{}", place.path, place.line)
}

/// ` tests="3" failures="1" errors="0" skipped="1"`.
fn sums(cases: &[&Case<'_>]) -> String {
    let (mut failures, mut errors, mut skipped) = (0, 0, 0);
    for case in cases {
        match case.outcome {
            Outcome::Passed => {}
            Outcome::Failed => failures += 1,
            Outcome::Error => errors += 1,
            Outcome::Skipped => skipped += 1,
        }
    }
    format!(" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"", cases.len())
}

fn write(unit: &RepoPath, case: &Case<'_>, out: &mut String) {
    let [unit, name, kind, message] = [unit.as_str(), &case.name, case.kind, &case.message].map(xml);
    let place = case.place.map(|place| format!(" file=\"{}\" line=\"{}\"", xml(place.path.as_str()), place.line));
    let _ = write!(out, "    <testcase classname=\"{unit}\" name=\"{name}\"{}", place.unwrap_or_default());
    let body = || case.body.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n");
    let _ = match case.outcome {
        Outcome::Passed => writeln!(out, "/>"),
        Outcome::Failed => writeln!(out, ">\n      <failure type=\"{kind}\" message=\"{message}\">{}</failure>\n    </testcase>", body()),
        Outcome::Error => writeln!(out, ">\n      <error type=\"{kind}\" message=\"{message}\">{}</error>\n    </testcase>", body()),
        Outcome::Skipped => writeln!(out, ">\n      <skipped message=\"{message}\"/>\n    </testcase>"),
    };
}
