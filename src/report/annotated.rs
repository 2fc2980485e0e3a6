//! What is said of a change at a line of a file, in plain text, for every place that shows annotations.
//!
//! Comes in: a report. Goes out: what the gate waits for first, then other open threats, then remarks on the head's own settings. How loud each
//! is, and in which form it is written, is the business of whoever shows it.

use crate::decisions::{Reviewed, Standing};
use crate::report::text::plain;
use crate::report::{Report, ruled, taken};
use crate::source::Place;
use crate::stride::Outcome;
use crate::stride::rule::{RuleKind, Severity};

/// Why it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The gate waits for it: a blocking threat, a repair, weakened settings.
    Waited,
    Finding,
    /// Also a finding of which nobody can tell.
    Question,
    /// Something of the head's own settings counts for nothing.
    Remark,
}

/// One annotation.
pub(super) struct Annotated<'r> {
    pub(super) reason: Reason,
    /// `None` for what is gone and has no line to stand on.
    pub(super) place: Option<&'r Place>,
    /// One line, which names the ID where there is one.
    pub(super) title: String,
    /// Lines, without control characters and marks of direction.
    pub(super) message: String,
    /// The threats that it is about.
    pub(super) threats: Vec<&'r Reviewed>,
}

impl<'r> Annotated<'r> {
    fn new(reason: Reason, place: Option<&'r Place>, title: &str, lines: &[String]) -> Self {
        let message = lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n");
        Self { reason, place, title: plain(title), message, threats: Vec::new() }
    }
}

/// All of them. Of threats that do not block only those of at least this severity.
pub(super) fn annotated(report: &Report, least: Severity) -> Vec<Annotated<'_>> {
    let repairs = report.open_repairs().map(|repair| {
        let words = format!("{}. Way out: {}", sentence_end(&repair.what), repair.way_out);
        Annotated::new(Reason::Waited, repair.in_tree(), &format!("{}: needs repair", repair.id), &[words])
    });
    let weakened = report.open_weakened().into_iter().flat_map(|weakened| {
        let title = format!("{}: the gate is weakened", weakened.id());
        let words = |words: String| [format!("This change weakens the gate: {words}")];
        let places = weakened.by_place().into_iter();
        places.map(|(place, said)| Annotated::new(Reason::Waited, Some(place), &title, &words(said))).collect::<Vec<_>>()
    });
    let taken = taken::lines(report).into_iter().map(|words| Annotated::new(Reason::Finding, None, "taken away", &[words]));
    let threats = report.open_by_cause(least).into_iter().filter_map(threat);
    let remarks = report
        .remarks
        .iter()
        .map(|note| Annotated::new(Reason::Remark, Some(&note.place), "counts for nothing", std::slice::from_ref(&note.text)));
    repairs.chain(weakened).chain(taken).chain(threats).chain(remarks).collect()
}

/// What is said of one cause, under the ID of the worst.
fn threat(group: Vec<&Reviewed>) -> Option<Annotated<'_>> {
    let (first, others) = group.split_first()?;
    let threat = &first.threat;
    let mut lines = vec![format!("{}. {}", sentence_end(&threat.title()), threat.question())];
    let mut titles: Vec<String> = Vec::new();
    for title in others.iter().map(|other| sentence_end(&other.threat.title()).to_owned()) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    if !titles.is_empty() {
        lines.push(format!("Of the same cause: {}.", titles.join("; ")));
    }
    lines.extend(ruled::all(threat, str::to_owned).into_iter().map(|said| format!("Settings: {said}.")));
    let fixes = threat.fixes();
    if !fixes.is_empty() {
        lines.push(format!("Fix: {}.", fixes.join("; ")));
    }
    if matches!(first.standing, Standing::Claimed | Standing::Proposed(_)) {
        lines.push("An answer is proposed, and somebody else has to confirm it.".to_owned());
    }
    let title = format!("{}: {}, {}", threat.id(), threat.rule.category.words().to_lowercase(), threat.severity.word());
    let annotated = Annotated::new(reason(&group, threat.rule.kind, &threat.outcome), Some(&threat.place), &title, &lines);
    Some(Annotated { threats: group, ..annotated })
}

fn reason(group: &[&Reviewed], kind: RuleKind, outcome: &Outcome) -> Reason {
    if group.iter().any(|reviewed| reviewed.blocks) {
        return Reason::Waited;
    }
    match (kind, outcome) {
        // What cannot be told is asked.
        (RuleKind::Question | RuleKind::Baseline, _) | (_, Outcome::Unclear { .. }) => Reason::Question,
        (RuleKind::Finding, Outcome::Open | Outcome::Covered { .. }) => Reason::Finding,
    }
}

fn sentence_end(text: &str) -> &str {
    text.trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::{Annotated, Reason};

    #[test]
    fn nothing_foreign_moves_a_line_or_a_cursor() {
        let lines = ["a\nFix: none.\u{1b}[2K".to_owned(), "b\u{202e}c\r".to_owned()];
        let annotated = Annotated::new(Reason::Waited, None, "Fn\n/S-1\u{2066}", &lines);
        assert_eq!((annotated.title.as_str(), annotated.message.as_str()), ("Fn /S-1 ", "a Fix: none. [2K\nb c "));
    }
}
