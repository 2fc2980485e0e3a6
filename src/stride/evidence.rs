//! What a threat rests on, and the fingerprint that names it.
//!
//! Comes in: a rule and the facts that it looks at. Goes out: each fact in words with its place, and a hash over them and the key.
//! Places are no part of the hash: lines move.

use crate::model::fact::{Answer, Fact, Origin};
use crate::stride::evaluate::Layers;
use crate::stride::rule::Rule;
use crate::stride::{Claimed, Evidence, Fingerprint, ThreatKey};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Every fact that the rule reads, as it stands; ordered by fact.
pub(crate) fn evidence(rule: &Rule, layers: Layers<'_>) -> Vec<Evidence> {
    let read = |fact: &Fact| match layers.get(*fact) {
        None => Evidence { fact: *fact, words: "unread".to_owned(), known: false, place: None, claimed: None, default: None },
        Some(reading) => Evidence {
            fact: *fact,
            words: reading.words(),
            known: matches!(reading.answer, Answer::Known(_)),
            place: reading.place().cloned(),
            claimed: match reading.origin {
                Origin::Claimed(_) => Some(Claimed::Given),
                Origin::Stated(_) | Origin::Default(_) | Origin::Derived(_) => None,
            },
            default: match reading.origin {
                Origin::Default(page) => Some(page),
                Origin::Stated(_) | Origin::Derived(_) | Origin::Claimed(_) => None,
            },
        },
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
        writeln!(text, "{}={}:{}", fact.fact.as_str(), fact.words.len(), fact.words).expect("writing to a string cannot fail");
    }
    Fingerprint(Sha256::digest(text.as_bytes()).into())
}
