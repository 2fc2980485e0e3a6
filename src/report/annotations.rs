//! The report as workflow commands of GitHub Actions, which show as annotations on the lines of a pull request.
//!
//! Comes in: a report. Goes out: lines for the log of a step, the worst first: what blocks and what must be repaired as errors, other
//! findings as warnings, questions and what of the settings counts for nothing as notices. GitHub keeps ten of each level of a step and drops
//! the others without a word, so that no more than ten are written and the others are counted.
//! Sources, read 2026-11-28:
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands> (form),
//! <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts> (escapes),
//! <https://docs.github.com/rest/checks/runs> and the runner's documentation (ten of a level for each step).

use crate::report::Report;
use crate::report::annotated::{Annotated, Reason, annotated};
use crate::report::headline::headline;
use crate::report::markup::count;
use crate::report::text::plain;
use crate::stride::rule::Severity;

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

/// The lines, the verdict first. Of threats that do not block only those of at least this severity.
pub fn render(report: &Report, least: Severity) -> String {
    let annotations = annotated(report, least);
    let mut out = format!("Astride: {}\n", plain(&headline(report)));
    let mut more = Vec::new();
    for level in Level::ALL {
        let of_level: Vec<&Annotated<'_>> = annotations.iter().filter(|annotated| self::level(annotated.reason) == level).collect();
        of_level.iter().take(KEPT).for_each(|annotated| out.push_str(&command(annotated)));
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

fn level(reason: Reason) -> Level {
    match reason {
        Reason::Waited => Level::Error,
        Reason::Finding => Level::Warning,
        Reason::Question | Reason::Remark => Level::Notice,
    }
}

/// `::error file=template.yaml,line=12,endLine=14,title=…::…`.
fn command(annotated: &Annotated<'_>) -> String {
    let [command, ..] = level(annotated.reason).words();
    let place = annotated.place.map_or_else(String::new, |place| {
        let line = place.line.max(1);
        format!("file={},line={line},endLine={},", property(place.path.as_str()), place.end_line.max(line))
    });
    format!("::{command} {place}title={}::{}\n", property(&annotated.title), data(&annotated.message))
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
