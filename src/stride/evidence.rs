//! What a threat rests on, and the fingerprint that names it.
//!
//! Comes in: a rule and the facts that it looks at. Goes out: each fact as it was read, and a hash over their words and the key.
//! Places are no part of the hash: lines move.

use crate::model::fact::{Fact, Origin};
use crate::stride::evaluate::Layers;
use crate::stride::rule::Rule;
use crate::stride::{Claimed, Evidence, Fingerprint, ThreatKey, Worst};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Every fact that the rule reads, as it stands; ordered by fact.
pub(crate) fn evidence(rule: &Rule, layers: Layers<'_>) -> Vec<Evidence> {
    let read = |fact: &Fact| {
        let reading = layers.get(*fact).cloned();
        let claimed = match reading.as_ref().map(|reading| &reading.origin) {
            Some(Origin::Claimed(_)) => Some(Claimed::Given),
            Some(Origin::Stated(_) | Origin::Default(_) | Origin::Derived(_)) | None => None,
        };
        Evidence { fact: *fact, reading, claimed }
    };
    rule.reads.iter().map(read).collect()
}

/// SHA-256 over rule, cause, how badly off the sharers are, and the evidence, a line each. Lines of names and free texts are counted, so
/// that no name can pass for another line.
pub(crate) fn fingerprint(key: &ThreatKey, worst: Worst, evidence: &[Evidence]) -> Fingerprint {
    let mut text = String::with_capacity(256);
    for part in ["2", key.rule, key.cause.kind.word(), &key.cause.holder, &key.cause.name] {
        line(&mut text, "", part);
    }
    line(&mut text, "exposed", if worst.exposed { "yes" } else { "no" });
    line(&mut text, "data_class", &worst.data_class.to_string());
    facts(&mut text, evidence);
    for fact in evidence {
        fact.record().reach().iter().for_each(|pattern| line(&mut text, "reach", pattern));
    }
    Fingerprint(Sha256::digest(text.as_bytes()).into())
}

/// As the first edition of the ledger has it: over rule, element or flow, part, and evidence.
pub(crate) fn first_edition(rule: &str, on: &str, part: &str, evidence: &[Evidence]) -> Fingerprint {
    let mut text = String::with_capacity(256);
    for part in [rule, on, part] {
        line(&mut text, "", part);
    }
    facts(&mut text, evidence);
    Fingerprint(Sha256::digest(text.as_bytes()).into())
}

fn facts(text: &mut String, evidence: &[Evidence]) {
    for fact in evidence {
        line(text, fact.fact.as_str(), &fact.words());
    }
}

fn line(text: &mut String, name: &str, words: &str) {
    let separator = if name.is_empty() { "" } else { "=" };
    writeln!(text, "{name}{separator}{}:{words}", words.len()).expect("writing to a string cannot fail");
}
