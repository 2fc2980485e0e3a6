//! Entries of the audit trail as a table of Markdown: who said what when, and what became of it.
//!
//! Comes in: entries. Goes out: rows in which every foreign word has gone through `escape`.

use crate::decisions::trail::Entry;
use crate::report::audit::{became, verdict, what};
use crate::report::escape;
use std::fmt::Write;

/// The table. `pulls` is where the pull requests of the repository are: `https://github.com/acme/shop/pull`; reasons and terms are cut after
/// `words` characters.
pub(in crate::report) fn table(entries: &[&Entry], pulls: &str, words: usize) -> String {
    let mut out = String::from("| when | who | what | on |\n|---|---|---|---|\n");
    for entry in entries {
        let block = &entry.block;
        let place = if block.pull == 0 { "from the desk".to_owned() } else { format!("[#{0}]({pulls}/{0})", block.pull) };
        let reason = if block.reason.is_empty() { String::new() } else { format!(": “{}”", escape::clipped(&block.reason, words)) };
        let became = Some(became(entry)).filter(|words| !words.is_empty()).map_or_else(String::new, |words| format!("; {words}"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "| {} | {} | {}{reason}{} | {}, {place} |",
            block.at.day(),
            escape::text(&format!("{} ({})", block.by.login, block.by.right)),
            escape::clipped(&verdict(block), words),
            escape::text(&became),
            escape::code(&what(block)),
        );
    }
    out
}
