//! What was decided on something that the change takes away, beside the open threat that may stand in its place.
//!
//! Comes in: a report, the ID of an open threat. Goes out: a sentence in which each name is shown as the page shows names, and the command that says
//! the same of the threat.

use crate::change::Answers;
use crate::report::Report;
use std::collections::BTreeSet;

/// The sentence and the command; nothing where nothing was decided, or where no command is read.
pub(super) fn hint(report: &Report, id: &str, text: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> Option<[String; 2]> {
    let earlier = report.carriable.get(id).filter(|_| report.presentation.answers == Answers::Commands)?;
    let (old, verdict, by) = (code(&earlier.id), earlier.verdict, text(&earlier.by));
    let sentence = format!("On {old}, which is gone, {by} said {verdict}. If this is the same under another name");
    Some([sentence, code(&format!("/stride carry {} {id}", earlier.id))])
}

/// The same of open threats that the change does not bring, so that no line speaks of them.
pub(super) fn aside(report: &Report, text: impl Fn(&str) -> String, code: impl Fn(&str) -> String) -> BTreeSet<[String; 2]> {
    let aside = report.reviewed.iter().filter(|reviewed| !reviewed.introduced);
    aside.filter_map(|reviewed| hint(report, &reviewed.threat.id(), &text, &code)).collect()
}
