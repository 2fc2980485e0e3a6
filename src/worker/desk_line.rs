//! What to type where the App may not commit a decision itself.
//!
//! Comes in: the blocks that a command would have written. Goes out: the `astride decide` line for each, which says the same from a clone.

use crate::command::help::COMMANDS;
use crate::decisions::{Block, Verdict};
use crate::report::escape;
use std::fmt::Write;

/// Markdown with a line for each block; `None` where none of them can be made at the desk.
pub(super) fn markdown<'b>(blocks: impl Iterator<Item = &'b Block>, repository: u64, branch: &str) -> Option<String> {
    let lines: Vec<String> = blocks.filter_map(|block| line(block, repository, branch)).collect();
    let push = format!("git push origin {}", escape::shell(branch));
    (!lines.is_empty()).then(|| {
        format!(
            "\n\nTo decide this, in a clone of this repository with its ledger branch fetched:\n```sh\n{}\n{push}\n```",
            lines.join("\n")
        )
    })
}

fn line(block: &Block, repository: u64, branch: &str) -> Option<String> {
    // What has no cause is decided by its own ID, and no threat of a tree.
    block.cause.as_ref()?;
    let mut words = format!("{} {}", verb(block.verdict)?, block.threat);
    let see = block.see.as_ref().map(|pin| {
        let pattern = pin.pattern.as_ref().map_or_else(String::new, |pattern| format!("#{pattern}"));
        format!("{}{pattern}", pin.path)
    });
    let (asked, to) = if block.verdict == Verdict::Assigned {
        (block.to.as_ref().map(|name| format!("@{name}")), None)
    } else {
        (None, block.to.clone())
    };
    let reason = Some(block.reason.clone()).filter(|reason| !reason.is_empty());
    let until = block.until.map(|day| day.to_string());
    let options = [("until", until), ("see", see), ("ticket", block.ticket.clone()), ("to", to)];
    let options = options.into_iter().filter_map(|(option, word)| Some(format!("{option}={}", word?)));
    for word in asked.into_iter().chain(reason).chain(options) {
        // Writing to a string cannot fail.
        let _ = write!(words, " {word}");
    }
    let ledger = if branch == "astride-ledger" { String::new() } else { format!("--ledger {} ", escape::shell(branch)) };
    let signed = format!("--user-id {} --repository-id {repository}", block.by.id.0);
    Some(format!("astride decide {ledger}--rev {} {signed} {}", block.head, escape::shell(&words)))
}

fn verb(verdict: Verdict) -> Option<&'static str> {
    let answer = COMMANDS.iter().find(|entry| entry.verb.verdict() == Some(verdict)).map(|entry| entry.word);
    match verdict {
        Verdict::Confirmed => Some("confirm"),
        Verdict::Reopened => Some("reopen"),
        Verdict::Assigned => Some("assign"),
        _ => answer,
    }
}
