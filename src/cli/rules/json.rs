//! Rules as JSON, for other programs.

use super::subject;
use crate::stride::rule::Rule;
use serde::Serialize;

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    kind: &'static str,
    category: char,
    severity: &'static str,
    /// Where the element faces the internet, or the flow crosses a boundary.
    exposed_severity: &'static str,
    subject: String,
    title: &'static str,
    question: &'static str,
    reads: Vec<&'static str>,
    covered_by: Vec<AnswerEntry>,
    fixes: &'static [&'static str],
    supersedes: &'static [&'static str],
    references: &'static [&'static str],
}

#[derive(Serialize)]
struct AnswerEntry {
    note: &'static str,
    partial: bool,
}

/// An array of them.
pub(super) fn list(rules: &[&'static Rule]) -> String {
    written(&rules.iter().map(|rule| Entry::of(rule)).collect::<Vec<_>>())
}

/// One object.
pub(super) fn show(rule: &'static Rule) -> String {
    written(&Entry::of(rule))
}

fn written(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).expect("every key is a text, and no entry refuses to be written") + "\n"
}

impl Entry {
    fn of(rule: &'static Rule) -> Self {
        Self {
            id: rule.id,
            kind: rule.kind.word(),
            category: rule.category.letter(),
            severity: rule.severity.word(),
            exposed_severity: rule.exposed_severity.word(),
            subject: subject(rule),
            title: rule.title,
            question: rule.question,
            reads: rule.reads.iter().map(|fact| fact.as_str()).collect(),
            covered_by: rule.answers.iter().map(|answer| AnswerEntry { note: answer.note, partial: answer.partial }).collect(),
            fixes: rule.fixes,
            supersedes: rule.supersedes,
            references: rule.references,
        }
    }
}
