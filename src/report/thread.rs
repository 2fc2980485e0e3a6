//! Review threads for what blocks, on the line that introduced it: one for each line of the comment and each cause that it has, so that a reply
//! decides what the thread asks and nothing else. Two rules that speak of one property are two threads on one line of the file.
//!
//! Comes in: a report, and the lines that may be commented on. Goes out: threads with a marker that names the fingerprints they ask about,
//! so that a command in a thread can leave out what it is about, and can never answer what the thread did not show.

use crate::change::{Change, LineRange, TreeView};
use crate::decisions::{Reviewed, Standing};
use crate::model::cause::Cause;
use crate::report::comment::history::{and_confirmed, verdict_and_by};
use crate::report::marker;
use crate::report::markup::{line_and_rule, question, rank, ruled as by_settings, sentence, stated, suppressed, title};
use crate::report::suggestion::suggestion;
use crate::report::{Report, Thread, escape, ruled, way};
use crate::source::{FileState, Files};
use crate::stride::Fingerprint;
use std::collections::BTreeMap;

/// The threads that should be open, at most `limit`; none in advise mode.
pub fn render(report: &Report, change: &Change, limit: usize) -> Vec<Thread> {
    if report.advise {
        return Vec::new();
    }
    let numbers = report.arranged().numbers();
    let mut asked: BTreeMap<(Asked, &Cause), Vec<&Reviewed>> = BTreeMap::new();
    let mut order: Vec<(Asked, &Cause)> = Vec::new();
    for reviewed in report.blocking() {
        let key = reviewed.key();
        let asks = (numbers.get(key).map_or(Asked::Rule(reviewed.threat.rule.id), |number| Asked::Line(*number)), &*key.cause);
        let threats = asked.entry(asks).or_default();
        if threats.is_empty() {
            order.push(asks);
        }
        threats.push(reviewed);
    }
    order.iter().filter_map(|asks| thread(report, &asked[asks], change)).take(limit).collect()
}

/// What a thread asks about of a cause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// What stands in the line of the comment with this number.
    Line(usize),
    /// What this rule says, where the comment has no room for it.
    Rule(&'static str),
}

/// `None` where the pull request does not touch the file at all: the comment says it then.
fn thread(report: &Report, threats: &[&Reviewed], change: &Change) -> Option<Thread> {
    let place = &threats.first()?.threat.place;
    let ranges: &[LineRange] = change.hunks.get(&place.path)?;
    let line_on_page =
        (place.line..=place.end_line.max(place.line)).find(|line| ranges.iter().any(|(from, to)| from <= line && line <= to));
    let fix = line_on_page.and_then(|line| suggested(threats, line, change)).map_or_else(String::new, |fix| format!("\n\n{fix}"));
    let marker = marker::thread(threats.iter().map(|reviewed| reviewed.threat.fingerprint()));
    let paragraphs: Vec<String> = threats.iter().map(|reviewed| paragraph(report, reviewed)).collect();
    let body = format!(
        "{marker}\n{}{fix}\n\nReply `/stride accept <why>` or `/stride mitigate <how>` (also `na`, `wrong`), or push a fix. {} decides{}.",
        paragraphs.join("\n\n"),
        sentence(&report.deciders),
        report.agreement,
    );
    Some(Thread { marker, path: place.path.clone(), line: line_on_page, body })
}

/// The first fix that is one word of that line of the head.
fn suggested(threats: &[&Reviewed], line: u32, change: &Change) -> Option<String> {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let path = &threats.first()?.threat.place.path;
    let FileState::Text(text) = view.state(path) else { return None };
    threats.iter().find_map(|reviewed| suggestion(&reviewed.threat, line, text))
}

fn paragraph(report: &Report, reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let said = [by_settings(threat), stated(report, reviewed), suppressed(report, threat)].into_iter().flatten();
    let said: String = said.map(|said| format!("\n{said}")).collect();
    format!(
        "**{}.** {} ({}).{} {} `{}`{said}",
        rank(reviewed),
        title(threat).trim_end_matches('.'),
        line_and_rule(report, threat),
        way::in_markdown(report, [threat]),
        question(threat),
        threat.id().replace('`', "'")
    )
}

/// What to say in a thread that somebody has resolved by hand, and that still asks.
pub const BY_HAND: &str = "Resolving this conversation decides nothing: the check still waits. Reply `/stride accept <why>` or `/stride mitigate <how>` \
                           here, or push a fix.";

/// What to say in a thread when its last threat is answered or gone.
pub fn closing_words(report: &Report, fingerprints: &[Fingerprint]) -> Option<String> {
    let asked: Vec<&Reviewed> = report.reviewed.iter().filter(|reviewed| fingerprints.contains(&reviewed.threat.fingerprint())).collect();
    // A file that cannot be read has answered nothing.
    if asked.is_empty() && !report.repairs.is_empty() {
        return None;
    }
    if asked.iter().any(|reviewed| reviewed.needs_answer() && reviewed.blocks) {
        return None;
    }
    let decided = asked.iter().find_map(|reviewed| match &reviewed.standing {
        Standing::Decided(decided) => Some(format!("Answered: {}{}.", verdict_and_by(decided), and_confirmed(decided))),
        Standing::SwitchedOff => Some(format!("Not asked any more: {}.", ruled::off(&reviewed.threat, escape::text)?)),
        Standing::Open | Standing::Unclear | Standing::Covered | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => {
            None
        }
    });
    let is_raised = asked.iter().any(|reviewed| reviewed.standing.is_asked());
    let words = if is_raised {
        "This is still raised at the head, and the check does not wait for it any more."
    } else {
        "This is no longer raised at the head."
    };
    Some(decided.unwrap_or_else(|| words.to_owned()))
}
