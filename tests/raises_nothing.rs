//! What changed and raises nothing is named, and what somebody has looked at already, or what decides nothing, is not:
//! `tests/cases/raises_nothing/<case>/{base,head}`. `expected.txt` has a line for each such change behind the first line of the comment; `BLESS=1`
//! rewrites it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use astride::report::{Report, headline, unasked};
use std::fmt::Write;

#[test]
fn what_changed_and_raises_nothing_is_named() {
    let cases = shared::folders("raises_nothing");
    let failed: Vec<String> =
        cases.iter().filter_map(|case| shared::expect(&case.join("expected.txt"), &summary(&shared::gate_report(case))).err()).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn summary(report: &Report) -> String {
    let mut out = headline::headline(report) + "\n";
    for other in unasked::told(report) {
        let place = format!("{}:{}", other.place.path, other.place.line);
        writeln!(out, "{} {} ({}) {} {place}", other.what.word(), other.id.address(), other.declared, other.path).unwrap();
    }
    out
}
