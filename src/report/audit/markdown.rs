//! Entries of the audit trail as a table of Markdown: who said what when, and what became of it.
//!
//! Comes in: entries. Goes out: rows in which every foreign word has gone through `escape`.

use crate::decisions::trail::Entry;
use crate::report::audit::{became, verdict, what};
use crate::report::escape;
use crate::report::markup::{TOGETHER, together};
use std::fmt::Write;

/// The table. `pulls` is where the pull requests of the repository are: `https://github.com/acme/shop/pull`; reasons and terms are cut after
/// `words` characters.
pub(in crate::report) fn table(entries: &[&Entry], pulls: &str, words: usize) -> String {
    let mut out = String::from("| when | who (by which right) | what | on |\n|---|---|---|---|\n");
    // What somebody said in one comment, or at once from the desk.
    let once = |entry: &Entry| (entry.block.by.id, entry.block.at, entry.block.url.clone());
    let cells: Vec<(&Entry, _)> = entries.iter().map(|entry| (*entry, (once(entry), said(entry, words)))).collect();
    for ((_, said), of) in together(&cells) {
        let Some(block) = of.first().map(|entry| &entry.block) else { continue };
        let place = if block.pull == 0 { "from the desk".to_owned() } else { format!("[#{0}]({pulls}/{0})", block.pull) };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {said} | {}, {place} |",
            block.at.day(),
            escape::text(&format!("{} ({})", block.by.login, block.by.right)),
            on(&of),
        );
    }
    out
}

/// What was said, why, and what became of it.
fn said(entry: &Entry, words: usize) -> String {
    let block = &entry.block;
    let reason = if block.reason.is_empty() { String::new() } else { format!(": “{}”", escape::clipped(&block.reason, words)) };
    let became = Some(became(entry)).filter(|words| !words.is_empty()).map_or_else(String::new, |words| format!("; {words}"));
    format!("{}{reason}{}", escape::clipped(&verdict(block), words), escape::text(&became))
}

/// What it was said on: of many threats some, and how many more.
fn on(entries: &[&Entry]) -> String {
    let named: Vec<String> = entries.iter().take(TOGETHER).map(|entry| escape::code(&what(&entry.block))).collect();
    let more = entries.len() - named.len();
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}
