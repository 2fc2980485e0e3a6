//! Blocks of the first edition of the ledger, which kept each fact as one sentence and knew elements, not causes.
//!
//! Comes in: names of facts and the words that were kept of them. Goes out: records. The only place that takes such words apart: new
//! blocks are never written so.

use crate::model::fact::{Fact, FactType};
use crate::stride::vector::{FactRecord, Vector};
use std::collections::BTreeMap;

/// What the first edition kept under one heading: facts, and what people stated, whose names have a space in them.
pub(super) fn facts(written: BTreeMap<String, String>) -> (Vector, BTreeMap<String, String>) {
    let (claims, facts): (BTreeMap<_, _>, BTreeMap<_, _>) = written.into_iter().partition(|(name, _)| name.contains(' '));
    (facts.into_iter().map(|(name, words)| (record(&name, &words), name)).map(|(record, name)| (name, record)).collect(), claims)
}

/// `service_scoped, public (*, sns.amazonaws.com)`, `unresolved: parameter Key has no default`, `unread`.
fn record(fact: &str, words: &str) -> FactRecord {
    if words == "unread" {
        return FactRecord::Unread;
    }
    if let Some(reason) = words.strip_prefix("unresolved: ") {
        return FactRecord::Unresolved(reason.to_owned());
    }
    let (answer, witnesses) = words.strip_suffix(')').and_then(|words| words.split_once(" (")).unwrap_or((words, ""));
    let kind = Fact::ALL.iter().find(|known| known.as_str() == fact).map(|known| known.fact_type());
    let answer = match kind {
        Some(FactType::Set | FactType::List) if answer == "nothing" => Vec::new(),
        Some(FactType::Set | FactType::List) => list(answer),
        Some(FactType::Enum | FactType::Flag | FactType::Number) | None => vec![answer.to_owned()],
    };
    FactRecord::Known { answer, witnesses: if witnesses.is_empty() { Vec::new() } else { list(witnesses) }, reach: Vec::new() }
}

fn list(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}
