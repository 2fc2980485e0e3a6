//! The audit trail for a terminal: a few lines for each block, or all that one block says.

use crate::decisions::trail::Entry;
use crate::report::audit::{Audit, are_several, became, signature, verdict, what, where_said};
use crate::report::markup::count;
use crate::report::text::page::{Page, Paint};
use crate::report::text::{Style, plain};

/// Blanks before what belongs to an entry.
const INDENT: &str = "  ";

/// The log: newest first, as git prints its own.
pub fn log(audit: &Audit, style: &Style<'_>) -> String {
    let mut page = Page::new(style.colour, style.width);
    head(audit, &mut page);
    let several = are_several(audit.entries.iter());
    for entry in audit.entries.iter().rev() {
        page.blank();
        title(entry, several, &mut page);
        if !entry.block.reason.is_empty() {
            page.paragraph(INDENT, "", &plain(&entry.block.reason));
        }
    }
    page.into_text()
}

/// All that these entries say, oldest first: the history of what they are about.
pub fn show(entries: &[&Entry], style: &Style<'_>) -> String {
    let mut page = Page::new(style.colour, style.width);
    let several = are_several(entries.iter().copied());
    for (number, entry) in entries.iter().enumerate() {
        if number > 0 {
            page.blank();
        }
        title(entry, several, &mut page);
        details(entry).iter().for_each(|(label, words)| page.paragraph(INDENT, &format!("{label:<12}"), &plain(words)));
    }
    page.into_text()
}

/// What was found out about the branch itself.
pub fn verified(audit: &Audit, style: &Style<'_>) -> String {
    let mut page = Page::new(style.colour, style.width);
    let paint = if audit.is_sound() { Paint::Good } else { Paint::Alarm };
    let verdict = match (audit.growth.broken.is_empty(), audit.growth.is_cut) {
        (false, _) => "the branch was changed",
        (true, true) => "it cannot be told whether the branch only grew",
        (true, false) => "the branch only grew",
    };
    let unread = match audit.unreadable.len() {
        0 => String::new(),
        number => format!(", and {} cannot be read", count(number, "file", "files")),
    };
    page.line(&[(paint, &format!("{verdict}{unread}")), (Paint::Soft, &stand(audit))], 2);
    for line in audit.growth.in_words() {
        page.paragraph(INDENT, "", &plain(&line));
    }
    unreadable(audit, &mut page);
    page.into_text()
}

fn stand(audit: &Audit) -> String {
    format!("{} at {}", plain(&audit.branch), audit.tip.short())
}

fn head(audit: &Audit, page: &mut Page) {
    page.line(&[(Paint::Strong, &audit.sums_in_words()), (Paint::Soft, &stand(audit))], 2);
    for words in audit.unplaced_in_words().iter().chain(&audit.growth.broken) {
        page.painted_paragraph("", (Paint::Alarm, "note  "), &plain(words));
    }
    unreadable(audit, page);
}

fn unreadable(audit: &Audit, page: &mut Page) {
    for (file, error) in &audit.unreadable {
        page.painted_paragraph("", (Paint::Alarm, "not read  "), &plain(&format!("{file}: {error}")));
    }
}

fn title(entry: &Entry, several: bool, page: &mut Page) {
    let block = &entry.block;
    let pull = where_said(entry, several);
    page.line(
        &[
            (Paint::Soft, &block.at.to_string()),
            (Paint::Strong, &plain(&verdict(block))),
            (Paint::Id, &plain(&what(block))),
            (Paint::Plain, &plain(&format!("by {}", signature(&block.by)))),
            (Paint::Soft, &pull),
        ],
        2,
    );
    let became = became(entry);
    if !became.is_empty() {
        page.paragraph(INDENT, "", &plain(&became));
    }
}

/// Labels and what stands behind them.
fn details(entry: &Entry) -> Vec<(&'static str, String)> {
    let block = &entry.block;
    let mut details = vec![("reason", block.reason.clone()), ("rule", block.rule.clone()), ("element", block.on.clone())];
    details.extend(block.cause.as_ref().map(|cause| ("cause", format!("{} {} of {}", cause.kind.word(), cause.name, cause.holder))));
    details.push(("shared by", block.sharers.join(", ")));
    details.extend(block.facts.iter().map(|(fact, record)| ("fact", format!("{fact}: {}", record.words()))));
    details.extend(block.claims.iter().map(|(name, answer)| ("stated", format!("{name}: {answer}"))));
    details.push(("comment", block.url.clone()));
    details.extend(block.confirms.as_ref().map(|url| ("confirms", url.clone())));
    details.push(("into", block.branch.clone()));
    details.push(("base", block.base.to_string()));
    details.push(("head", block.head.to_string()));
    details.push(("fingerprint", block.fingerprint.to_string()));
    details.push(("file", entry.file.clone()));
    details.extend(entry.commit.map(|commit| ("commit", commit.to_string())));
    details.retain(|(_, words)| !words.is_empty());
    details
}
