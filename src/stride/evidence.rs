//! What a threat rests on, and the fingerprint that names it.
//!
//! Comes in: a rule and the facts that it looks at. Goes out: each fact as it was read, and a hash over their words and the key.
//! Places are no part of the hash: lines move.

use crate::model::fact::{Fact, Origin};
use crate::stride::evaluate::Layers;
use crate::stride::rule::Rule;
use crate::stride::{Claimed, Evidence, Fingerprint, ThreatKey};
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

/// SHA-256 over key and evidence, a line each. Lines of names and free texts are counted, so that no name can pass for another line.
pub(crate) fn fingerprint(key: &ThreatKey, evidence: &[Evidence]) -> Fingerprint {
    let mut text = String::with_capacity(256);
    for part in [key.rule, &key.on, &key.part] {
        writeln!(text, "{}:{part}", part.len()).expect("writing to a string cannot fail");
    }
    for fact in evidence {
        let words = fact.words();
        writeln!(text, "{}={}:{words}", fact.fact.as_str(), words.len()).expect("writing to a string cannot fail");
    }
    Fingerprint(Sha256::digest(text.as_bytes()).into())
}
