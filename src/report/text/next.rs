//! What to type next.

use crate::decisions::Standing;
use crate::report::text::page::{Page, Paint};
use crate::report::text::{Style, plain};
use crate::report::{Arranged, Line, Report};
use crate::stride::rule::RuleKind;

/// Commands for whatever waits; nothing where nothing does.
pub(super) fn commands(report: &Report, arranged: &Arranged<'_>, style: &Style<'_>, page: &mut Page) {
    let foremost = arranged.alone.first();
    let mut lines: Vec<(&str, String)> = Vec::new();
    if let Some(line) = foremost {
        let rule = line.first.threat.rule;
        let whose = if rule.is_own() { " --organisation DIR" } else { "" };
        lines.push(("what it rests on:", format!("astride rules show {}{whose}", rule.id)));
    }
    if foremost.is_some() || report.waits() {
        lines.push(("the whole report:", format!("{} --format html -o astride.html", style.command)));
    }
    let named = arranged.alone.iter().find(|line| line.blocks()).map(answer).or_else(|| {
        let repair = report.open_repairs().find(|repair| repair.acceptable);
        let id = repair.map(|repair| repair.id.clone()).or_else(|| report.open_weakened().map(|weakened| weakened.id()));
        id.map(|id| format!("/stride accept {} <why>", plain(&id)))
    });
    lines.extend(named.map(|command| ("to answer, comment on the pull request:", command)));
    if lines.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(Paint::Strong, "next")], 2);
    for (what, command) in lines {
        // To be copied whole, it stands in a line of its own.
        page.line(&[(Paint::Soft, &format!("  {what}"))], 2);
        page.raw(&format!("    {}", page.painted(Paint::Id, &command)));
    }
}

/// The verdict that fits, with what the person has to say in its place.
fn answer(line: &Line<'_>) -> String {
    let is_claimed = line.members().all(|reviewed| matches!(reviewed.standing, Standing::Claimed | Standing::Proposed(_)));
    let (verb, placeholder) = match line.first.threat.rule.kind {
        _ if is_claimed => ("confirm", ""),
        RuleKind::Question => ("mitigate", " <how>"),
        RuleKind::Finding | RuleKind::Baseline => ("accept", " <why>"),
    };
    format!("/stride {verb} {}{placeholder}", plain(&line.id))
}
