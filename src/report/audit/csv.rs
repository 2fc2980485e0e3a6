//! The audit trail as CSV, a line for each block: for spreadsheets.

use crate::decisions::merge::Merge;
use crate::report::audit::{Audit, became, references};
use crate::report::csv::{head, line};

const HEAD: [&str; 34] = [
    "at",
    "verdict",
    "proposal",
    "state",
    "became",
    "threat",
    "rule",
    "category",
    "element",
    "reason",
    "until",
    "ticket",
    "to",
    "see",
    "by",
    "by_id",
    "right",
    "pull",
    "url",
    "branch",
    "base",
    "head",
    "carried_from",
    "repository",
    "file",
    "commit",
    "fingerprint",
    "facts",
    "merged_as",
    "gate",
    "verdict_then",
    "unanswered",
    "references",
    "confirms",
];

/// The table, its head first.
pub fn render(audit: &Audit) -> String {
    let mut out = head(&HEAD);
    for entry in &audit.entries {
        let block = &entry.block;
        let facts: Vec<String> = block.facts.iter().map(|(fact, record)| format!("{fact}: {}", record.words())).collect();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let see = block
            .see
            .as_ref()
            .map(|pin| pin.pattern.as_ref().map_or_else(|| pin.path.to_string(), |wanted| format!("{}#{wanted}", pin.path)));
        let merge = |cell: fn(&Merge) -> String| block.merge.as_ref().map(cell).unwrap_or_default();
        let cells: [String; 34] = [
            block.at.to_string(),
            block.verdict.word().to_owned(),
            block.proposal.to_string(),
            entry.state.word().to_owned(),
            became(entry),
            block.threat.clone(),
            block.rule.clone(),
            block.category.letter().to_string(),
            block.on.clone(),
            block.reason.clone(),
            block.until.map(|day| day.to_string()).unwrap_or_default(),
            text(&block.ticket),
            text(&block.to),
            see.unwrap_or_default(),
            block.by.login.clone(),
            block.by.id.0.to_string(),
            block.by.right.clone(),
            if block.pull == 0 { String::new() } else { block.pull.to_string() },
            block.url.clone(),
            block.branch.clone(),
            block.base.to_string(),
            block.head.to_string(),
            text(&block.carried_from),
            entry.repository.to_string(),
            entry.file.clone(),
            entry.commit.map(|commit| commit.to_string()).unwrap_or_default(),
            block.fingerprint.to_string(),
            facts.join("; "),
            merge(|merge| merge.commit.to_string()),
            merge(|merge| merge.gate.word().to_owned()),
            merge(|merge| merge.verdict.clone()),
            merge(|merge| merge.open.iter().chain(&merge.matters).cloned().collect::<Vec<_>>().join("; ")),
            references(block, &audit.own_rules).join("; "),
            text(&block.confirms),
        ];
        line(&cells.each_ref().map(String::as_str), &mut out);
    }
    out
}
