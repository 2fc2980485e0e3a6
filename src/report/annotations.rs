//! The report as workflow commands of GitHub Actions, which show as annotations on the lines of a pull request.
//!
//! Comes in: a report. Goes out: lines for the log of a step, the worst first: what blocks and what must be repaired as errors, other
//! findings as warnings, questions as notices. GitHub keeps ten of each level of a step and drops the others without a word, so that no
//! more than ten are written and the others are counted.
//! Sources, read 2026-11-28:
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands> (form),
//! <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts> (escapes),
//! <https://docs.github.com/rest/checks/runs> and the runner's documentation (ten of a level for each step).

use crate::decisions::{Reviewed, Standing};
use crate::report::headline::headline;
use crate::report::markup::count;
use crate::report::text::plain;
use crate::report::{Report, taken};
use crate::source::Place;
use crate::stride::Outcome;
use crate::stride::rule::{RuleKind, Severity};

/// Most annotations of one level that GitHub keeps of a step.
const KEPT: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    /// The command, and what people call one of these and several.
    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Error => ["error", "error", "errors"],
            Self::Warning => ["warning", "warning", "warnings"],
            Self::Notice => ["notice", "notice", "notices"],
        }
    }
}

struct Annotation<'r> {
    level: Level,
    place: Option<&'r Place>,
    title: String,
    message: String,
}

/// The lines, the verdict first. Of threats that do not block only those of at least this severity.
pub fn render(report: &Report, least: Severity) -> String {
    let annotations = annotations(report, least);
    let mut out = format!("Astride: {}\n", plain(&headline(report)));
    let mut more = Vec::new();
    for level in Level::ALL {
        let of_level: Vec<&Annotation<'_>> = annotations.iter().filter(|annotation| annotation.level == level).collect();
        of_level.iter().take(KEPT).for_each(|annotation| out.push_str(&command(annotation)));
        let dropped = of_level.len().saturating_sub(KEPT);
        if dropped > 0 {
            let [_, one, many] = level.words();
            more.push(count(dropped, &format!("more {one}"), &format!("more {many}")));
        }
    }
    let left_out = report.left_out(least);
    if left_out > 0 {
        more.push(format!("{left_out} below {} left out", least.word()));
    }
    if !more.is_empty() {
        out.push_str(&format!("Astride: {}; the other formats of `astride review` have them all\n", more.join(", ")));
    }
    out
}

fn annotations(report: &Report, least: Severity) -> Vec<Annotation<'_>> {
    let repairs = report.open_repairs().map(|repair| Annotation {
        level: Level::Error,
        place: Some(&repair.place),
        title: format!("{}: needs repair", repair.id),
        message: format!("{}. Way out: {}", sentence_end(&repair.what), repair.way_out),
    });
    let weakened = report.open_weakened().map(|weakened| Annotation {
        level: Level::Error,
        place: Some(&weakened.place),
        title: format!("{}: the gate is weakened", weakened.id()),
        message: format!("This change weakens the gate: {}", weakened.plain_words()),
    });
    // What is gone has no line to stand on.
    let taken = taken::lines(report).into_iter().map(|words| Annotation {
        level: Level::Warning,
        place: None,
        title: "taken away".to_owned(),
        message: words,
    });
    let threats = report.open_by_cause(least).into_iter().filter_map(|group| threat(&group));
    repairs.chain(weakened).chain(taken).chain(threats).collect()
}

/// What is said of one cause, under the ID of the worst.
fn threat<'r>(group: &[&'r Reviewed]) -> Option<Annotation<'r>> {
    let (first, others) = group.split_first()?;
    let threat = &first.threat;
    let mut message = format!("{}. {}", sentence_end(&threat.title()), threat.question());
    let mut titles: Vec<String> = Vec::new();
    for title in others.iter().map(|other| sentence_end(&other.threat.title()).to_owned()) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    if !titles.is_empty() {
        message.push_str(&format!("\nOf the same cause: {}.", titles.join("; ")));
    }
    let fixes = threat.fixes();
    if !fixes.is_empty() {
        message.push_str(&format!("\nFix: {}.", fixes.join("; ")));
    }
    if matches!(first.standing, Standing::Claimed | Standing::Proposed(_)) {
        message.push_str("\nAn answer is proposed, and somebody else has to confirm it.");
    }
    let title = format!("{}: {}, {}", threat.id(), threat.rule.category.words().to_lowercase(), threat.severity.word());
    Some(Annotation { level: level(group, threat.rule.kind, &threat.outcome), place: Some(&threat.place), title, message })
}

fn level(group: &[&Reviewed], kind: RuleKind, outcome: &Outcome) -> Level {
    if group.iter().any(|reviewed| reviewed.blocks) {
        return Level::Error;
    }
    match (kind, outcome) {
        // What cannot be told is asked.
        (RuleKind::Question | RuleKind::Baseline, _) | (_, Outcome::Unclear { .. }) => Level::Notice,
        (RuleKind::Finding, Outcome::Open | Outcome::Covered { .. }) => Level::Warning,
    }
}

fn sentence_end(text: &str) -> &str {
    text.trim_end_matches('.')
}

/// `::error file=template.yaml,line=12,endLine=14,title=…::…`.
fn command(annotation: &Annotation<'_>) -> String {
    let [command, ..] = annotation.level.words();
    let place = annotation.place.map_or_else(String::new, |place| {
        let line = place.line.max(1);
        format!("file={},line={line},endLine={},", property(place.path.as_str()), place.end_line.max(line))
    });
    format!("::{command} {place}title={}::{}\n", property(&annotation.title), data(&annotation.message))
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    // Line ends are the message's own; other control characters are foreign, and mean nothing in a log.
    let shown: String = text.chars().map(|c| if c.is_control() && !matches!(c, '\n' | '\r') { ' ' } else { c }).collect();
    shown.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_foreign_ends_a_command_or_begins_one() {
        for (text, expected) in
            [("50% off", "50%25 off"), ("a\r\n::error::b", "a%0D%0A::error::b"), ("a\u{1b}[31mb", "a [31mb"), ("%0A", "%250A")]
        {
            assert_eq!(data(text), expected);
        }
        assert_eq!(property("a:b,c::d\n"), "a%3Ab%2Cc%3A%3Ad%0A");
    }
}
