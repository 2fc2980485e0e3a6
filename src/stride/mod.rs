//! What is a threat: rules, their three-valued evaluation over facts, and what comes of it.
//!
//! Comes in: a model. Goes out: threats with evidence and fingerprint. Reads facts only, never a template.

pub mod chart;
pub mod evaluate;
mod evidence;
pub mod freshness;
mod paths;
pub mod predicate;
pub mod rank;
mod recorded;
pub mod rule;
pub mod threats;
mod weight;
mod wording;

use crate::model::fact::Fact;
use crate::source::{Place, RepoPath};
use crate::stride::rule::{Rule, Severity};
use std::fmt;

/// What a decision is bound to besides the facts: the rule, the element or flow, and the part of it where there are several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreatKey {
    /// Id of the element or flow.
    pub on: String,
    pub rule: &'static str,
    /// Label of the part, empty where there is one only.
    pub part: String,
}

/// SHA-256 of key and evidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// The first eight hex digits: what people type.
    pub fn short(self) -> String {
        self.to_string()[..8].to_owned()
    }

    /// Parses 64 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One fact that a rule read, as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub fact: Fact,
    /// Answer and witnesses in words (`Reading::words`); `unread` where nothing states the fact.
    pub words: String,
    pub known: bool,
    /// Where it is stated, for the link.
    pub place: Option<Place>,
    /// The provider's page, where the answer is its default.
    pub default: Option<&'static str>,
}

/// What a rule says of an element. Not applicable yields no threat at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The facts raise it.
    Open,
    /// The template itself, or a recorded answer in a model file, shows the control.
    Covered { note: String, place: Option<Place> },
    /// It cannot be told; the facts that could not be resolved, with their reasons.
    Unclear { reasons: Vec<(Fact, String)> },
}

/// A rule raised on one element, part or flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Threat {
    pub key: ThreatKey,
    pub rule: &'static Rule,
    pub unit: RepoPath,
    /// The element as shown, `IntakeFn` or `client → IntakeFn`.
    pub shown: String,
    pub outcome: Outcome,
    /// Where a person says what covers this, in an annotation or as a status in a model file; `None` where the template itself shows the
    /// control. What a pull request introduces of these is proposed until somebody who may has confirmed it.
    pub claimed: Option<Place>,
    /// Every fact that the rule reads, in order of the fact.
    pub evidence: Vec<Evidence>,
    pub fingerprint: Fingerprint,
    /// Where to look: the line that settles it, else the element.
    pub place: Place,
    /// The rule's severity, or the higher one of a rule that it superseded.
    pub severity: Severity,
    /// For ranking, in hundredths.
    pub score: u32,
    /// Placeholders filled; plain text.
    pub title: String,
    pub question: String,
    /// Keys that this one stands for: superseded on the same entry path. A decision on this covers them.
    pub supersedes: Vec<(ThreatKey, Fingerprint)>,
}

impl Threat {
    /// What people type: `IntakeFn/S-7f3a9c21`, `client>IntakeFn/T-c04e11aa`. Whatever could be something else in a comment or a command
    /// becomes `_`: the digits alone tell.
    pub fn id(&self) -> String {
        let plain = |c: char| if c.is_alphanumeric() || "_-.>:/".contains(c) { c } else { '_' };
        let element: String = self.shown.replace(" → ", ">").chars().map(plain).collect();
        format!("{element}/{}-{}", self.rule.category.letter(), self.fingerprint.short())
    }
}
