//! How a block is written into a ledger file.
//!
//! Comes in: a block. Goes out: YAML in which every foreign string is a quoted scalar, in which nothing but itself can stand.

use super::EDITION;
use crate::decisions::Block;
use crate::decisions::merge::Merge;
use crate::decisions::pin::Pin;
use crate::stride::vector::FactRecord;
use std::fmt::Write;

/// Appends a block.
pub(super) fn write_block(out: &mut String, block: &Block) {
    let mut line = |indent: &str, key: &str, value: String| {
        let gap = if value.is_empty() { "" } else { " " };
        let _ = writeln!(out, "{indent}{key}:{gap}{value}");
    };
    line("- ", "version", EDITION.to_string());
    line("  ", "threat", quoted(&block.threat));
    line("  ", "fingerprint", quoted(&block.fingerprint.to_string()));
    line("  ", "rule", quoted(&block.rule));
    if let Some(cause) = &block.cause {
        let words = [cause.kind.word(), &cause.holder, &cause.name].map(quoted);
        let [kind, holder, name] = words;
        line("  ", "cause", format!("{{kind: {kind}, holder: {holder}, name: {name}}}"));
    }
    line("  ", "on", quoted(&block.on));
    if !block.part.is_empty() {
        line("  ", "part", quoted(&block.part));
    }
    if !block.sharers.is_empty() {
        line("  ", "sharers", list(&block.sharers));
    }
    line("  ", "worst", format!("{{exposed: {}, data_class: {}}}", block.worst.exposed, block.worst.data_class));
    line("  ", "category", quoted(&block.category.letter().to_string()));
    line("  ", "verdict", block.verdict.word().to_owned());
    if block.proposal {
        line("  ", "proposal", "true".to_owned());
    }
    if block.needed > 1 {
        line("  ", "needed", block.needed.to_string());
    }
    line("  ", "reason", quoted(&block.reason));
    if !block.reproduction.is_empty() {
        line("  ", "reproduction", quoted(&block.reproduction));
    }
    if let Some(until) = block.until {
        line("  ", "until", quoted(&until.to_string()));
    }
    if let Some(Pin { path, blob, pattern }) = &block.see {
        let pattern = pattern.as_ref().map_or_else(String::new, |pattern| format!(", pattern: {}", quoted(pattern)));
        line("  ", "see", format!("{{path: {}, blob: {}{pattern}}}", quoted(path.as_str()), quoted(&blob.to_string())));
    }
    for (key, word) in [("ticket", &block.ticket), ("to", &block.to), ("undoes", &block.undoes), ("confirms", &block.confirms)] {
        if let Some(word) = word {
            line("  ", key, quoted(word));
        }
    }
    line("  ", "by", format!("{{id: {}, login: {}, right: {}}}", block.by.id.0, quoted(&block.by.login), quoted(&block.by.right)));
    line("  ", "at", quoted(&block.at.to_string()));
    line("  ", "comment", block.comment.to_string());
    line("  ", "url", quoted(&block.url));
    line("  ", "pull", block.pull.to_string());
    if !block.branch.is_empty() {
        line("  ", "branch", quoted(&block.branch));
    }
    line("  ", "base", quoted(&block.base.to_string()));
    line("  ", "head", quoted(&block.head.to_string()));
    if block.facts.is_empty() {
        line("  ", "facts", "{}".to_owned());
    } else {
        line("  ", "facts", String::new());
    }
    for (fact, record) in &block.facts {
        let record = match record {
            FactRecord::Unread => "{}".to_owned(),
            FactRecord::Unresolved(reason) => format!("{{unresolved: {}}}", quoted(reason)),
            FactRecord::Known { answer, witnesses, reach } => {
                let others = [("witnesses", witnesses), ("reach", reach)].into_iter().filter(|(_, texts)| !texts.is_empty());
                let others: String = others.map(|(key, texts)| format!(", {key}: {}", list(texts))).collect();
                format!("{{answer: {}{others}}}", list(answer))
            }
        };
        line("    ", &quoted(fact), record);
    }
    if !block.claims.is_empty() {
        line("  ", "claims", String::new());
    }
    for (name, answer) in &block.claims {
        line("    ", &quoted(name), quoted(answer));
    }
    if !block.covers.is_empty() {
        let covers: Vec<String> = block.covers.iter().map(ToString::to_string).collect();
        line("  ", "covers", list(&covers));
    }
    if let Some(from) = &block.carried_from {
        line("  ", "carried_from", quoted(from));
    }
    if let Some(merge) = &block.merge {
        line("  ", "merge", written_merge(merge));
    }
}

fn written_merge(merge: &Merge) -> String {
    let [commit, verdict, gate, engine] =
        [merge.commit.to_string(), merge.verdict.clone(), merge.gate.word().to_owned(), merge.engine.clone()].map(|word| quoted(&word));
    let (open, matters) = (list(&merge.open), list(&merge.matters));
    format!("{{commit: {commit}, verdict: {verdict}, gate: {gate}, open: {open}, matters: {matters}, engine: {engine}}}")
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A double-quoted YAML scalar: <https://yaml.org/spec/1.2.2/#57-escaped-characters>.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if hides(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What does not show, or would make the line read otherwise than it is: controls, spaces of no width, marks of direction, no characters.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{A0}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFE}'..='\u{FFFF}')
}

/// Foreign text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.chars().map(|c| if hides(c) { ' ' } else { c }).collect()
}
