//! What waits for nobody: decided, covered, older; and what was not read.

use crate::decisions::merge::Debt;
use crate::decisions::{Reviewed, Standing};
use crate::delta::What;
use crate::report::markup::{claimed_by, count, texts};
use crate::report::text::open::{in_short, said};
use crate::report::text::page::{Page, Paint};
use crate::report::text::{Detail, Style, at, plain};
use crate::report::{Report, ruled, unasked, unweighed};
use crate::stride::Outcome;

/// Most lines of what nothing weighs.
const UNWEIGHED: usize = 8;

pub(super) fn decided(report: &Report, page: &mut Page) {
    let mut is_first = true;
    for Reviewed { threat, standing, .. } in &report.reviewed {
        let Standing::Decided(decided) = standing else { continue };
        if is_first {
            page.blank();
            page.line(&[(Paint::Strong, "decided")], 2);
            is_first = false;
        }
        page.painted_paragraph("  ", (Paint::Id, &format!("{}  ", plain(&threat.id()))), &said(decided));
    }
}

pub(super) fn covered(report: &Report, style: &Style<'_>, page: &mut Page) {
    let is_covered = |reviewed: &&Reviewed| matches!(reviewed.standing, Standing::Covered);
    let covered: Vec<&Reviewed> = report.reviewed.iter().filter(is_covered).collect();
    if covered.is_empty() {
        return;
    }
    let listed = if style.detail == Detail::Verbose { "" } else { "; -v lists them" };
    page.blank();
    page.paragraph("", "", &format!("covered by the {}: {}{listed}", texts(report), count(covered.len(), "threat", "threats")));
    for Reviewed { threat, .. } in covered.into_iter().filter(|_| style.detail == Detail::Verbose) {
        let Outcome::Covered { note, place } = &threat.outcome else { continue };
        let by = claimed_by(threat).map_or_else(String::new, |by| format!(", {by}"));
        let place = place.as_ref().map_or_else(String::new, |place| format!("{by}  {}", at(place)));
        let words = format!("{} {}: {}{place}", threat.rule.category.letter(), plain(&threat.shown), plain(note));
        page.painted_paragraph("  ", (Paint::Good, "✓ "), &words);
    }
}

/// What the settings have not asked, by the entry that says so.
pub(super) fn switched_off(report: &Report, style: &Style<'_>, page: &mut Page) {
    let switched_off = ruled::switched_off(&report.reviewed);
    if switched_off.is_empty() {
        return;
    }
    let number = switched_off.iter().map(|off| off.threats.len()).sum();
    let listed = if style.detail == Detail::Verbose { "" } else { "; -v lists them" };
    page.blank();
    page.paragraph("", "", &format!("switched off by the settings: {}{listed}", count(number, "threat", "threats")));
    for off in switched_off {
        page.paragraph("  ", "", &format!("{}: {}", off.rules(plain), off.why(plain)));
        for Reviewed { threat, .. } in off.threats.iter().filter(|_| style.detail == Detail::Verbose) {
            page.line(&[(Paint::Id, &format!("    {}", plain(&threat.id()))), (Paint::Soft, &at(&threat.place))], 6);
            page.paragraph("      ", "", &plain(&threat.title()));
        }
    }
}

/// What others were told, what is not judged, and what was not understood.
pub(super) fn remarks(report: &Report, page: &mut Page) {
    for other in report.other_suppressions() {
        let (on, id, reason) = (plain(other.on.address()), plain(&other.id), plain(&other.reason));
        page.blank();
        page.paragraph("", "", &format!("stated for {} on {on}: {id} {reason}  {}", other.tool, at(&other.place)));
    }
    not_weighed(report, page);
    for other in &report.not_judged {
        page.blank();
        page.paragraph("", "not judged  ", &format!("{} ({})", plain(other.path.as_str()), plain(&other.format)));
    }
    raises_nothing(report, page);
    if !report.notes.is_empty() {
        page.blank();
        page.line(&[(Paint::Strong, "notes")], 2);
    }
    for note in &report.notes {
        page.paragraph("  ", "", &format!("{}: {} ({})", at(&note.place), plain(&note.text), note.kind.word()));
    }
}

/// What changed and nothing weighs.
fn not_weighed(report: &Report, page: &mut Page) {
    for other in unweighed::told(report).take(UNWEIGHED) {
        let [resource, kind, property] = unweighed::pieces(report, other).map(plain);
        page.blank();
        let property = if property.is_empty() { property } else { format!(" {property}") };
        page.paragraph("", "not weighed  ", &format!("{resource} ({kind}){property}  {}", at(&other.place)));
    }
    let more = unweighed::told(report).count().saturating_sub(UNWEIGHED);
    if more > 0 {
        page.paragraph("", "", &format!("{more} more are not weighed; --format json lists them"));
    }
}

/// What changed and was read, of which nothing else here speaks.
fn raises_nothing(report: &Report, page: &mut Page) {
    let told = unasked::told(report);
    if told.is_empty() {
        return;
    }
    page.blank();
    for other in told.iter().take(UNWEIGHED) {
        let [resource, kind, property] = unasked::pieces(report, other).map(plain);
        let property = if property.is_empty() { property } else { format!(" {property}") };
        let before = if other.what == What::Gone { ", before" } else { "" };
        let words = format!("{}: {resource} ({kind}){property}  {}{before}", other.what.word(), at(&other.place));
        page.paragraph("", "raises nothing  ", &words);
    }
    let more = told.len().saturating_sub(UNWEIGHED);
    if more > 0 {
        page.paragraph("", "", &format!("{more} more raise nothing; --format json lists them"));
    }
}

/// What went in unanswered with an earlier pull request.
pub(super) fn owed(report: &Report, page: &mut Page) {
    for reviewed in &report.owed {
        let words = reviewed.owed.as_ref().map(Debt::words).unwrap_or_default();
        page.blank();
        page.paragraph("", "debt  ", &plain(&format!("{}, {words}: {}", reviewed.threat.id(), reviewed.threat.title())));
    }
}

/// What was there before.
pub(super) fn older(report: &Report, style: &Style<'_>, page: &mut Page) {
    if report.older.is_empty() {
        return;
    }
    page.blank();
    let number = count(report.older.len(), "threat is", "threats are");
    if style.detail == Detail::Verbose {
        page.line(&[(Paint::Strong, &format!("{number} older, not judged here"))], 2);
        report.older.iter().for_each(|threat| in_short(threat, page));
    } else {
        page.paragraph("", "", &format!("{number} older, not judged here; -v lists them"));
    }
}
