//! What the change does to the model, and to the list of threats that a model file keeps itself.

use crate::report::Report;
use crate::report::text::page::{Page, Paint};
use crate::report::text::{Detail, Style, at, plain};
use std::collections::BTreeSet;

/// Most lines where nobody asked for all.
const MOST: usize = 12;

/// New, gone, renamed and changed elements and flows.
pub(super) fn elements(report: &Report, style: &Style<'_>, page: &mut Page) {
    let delta = &report.delta;
    let mut lines: Vec<(&str, String)> = Vec::new();
    lines.extend(delta.elements_added.iter().map(|id| ("  + ", plain(id.as_str()))));
    lines.extend(delta.elements_removed.iter().map(|id| ("  - ", plain(id.as_str()))));
    let renamed = delta.elements_renamed.iter().map(|rename| format!("{} was {}", plain(rename.to.as_str()), plain(rename.from.as_str())));
    lines.extend(renamed.map(|words| ("  ~ ", words)));
    lines.extend(delta.elements_changed.iter().map(|(id, changes)| {
        let facts: BTreeSet<&str> = changes.iter().map(|change| change.fact.as_str()).collect();
        ("  * ", format!("{} ({})", plain(id.as_str()), facts.into_iter().collect::<Vec<_>>().join(", ")))
    }));
    lines.extend(delta.flows_added.iter().map(|id| ("  + ", plain(id.as_str()))));
    lines.extend(delta.flows_removed.iter().map(|id| ("  - ", plain(id.as_str()))));
    if lines.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(Paint::Strong, "changed in the model")], 2);
    let most = if style.detail == Detail::Verbose { lines.len() } else { MOST };
    lines.iter().take(most).for_each(|(mark, words)| page.paragraph("", mark, words));
    let more = lines.len().saturating_sub(most);
    if more > 0 {
        page.paragraph("  ", "", &format!("and {more} more; -v lists them"));
    }
}

/// What a model file's own list of threats gained, lost and changed.
pub(super) fn recorded(report: &Report, page: &mut Page) {
    if report.delta.recorded.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(Paint::Strong, "recorded in the model file")], 2);
    for change in &report.delta.recorded {
        let title = if change.threat.title.is_empty() { &change.threat.id } else { &change.threat.title };
        page.paragraph("  ", "", &format!("“{}” {}  {}", plain(title), change.words(), at(&change.threat.place)));
    }
}
