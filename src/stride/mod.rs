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

use crate::model::fact::{Fact, Origin, Reading};
use crate::source::{Place, RepoPath};
use crate::stride::rule::{Rule, Severity};
use crate::stride::wording::Named;
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What a decision is bound to besides the facts: the rule, the element or flow, and the part of it where there are several.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreatKey {
    /// Id of the element or flow.
    pub on: Arc<str>,
    pub rule: &'static str,
    /// Label of the part, empty where there is one only.
    pub part: Arc<str>,
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
    /// `None` where nothing states the fact.
    pub reading: Option<Arc<Reading>>,
}

impl Evidence {
    /// Answer and witnesses in words (`Reading::words`); `unread` where nothing states the fact.
    pub fn words(&self) -> Cow<'static, str> {
        self.reading.as_ref().map_or(Cow::Borrowed("unread"), |reading| reading.words())
    }

    /// Where it is stated, for the link.
    pub fn place(&self) -> Option<&Place> {
        self.reading.as_ref()?.place()
    }

    /// The provider's page, where the answer is its default.
    pub fn default_page(&self) -> Option<&'static str> {
        match self.reading.as_ref()?.origin {
            Origin::Default(page) => Some(page),
            Origin::Stated(_) | Origin::Derived(_) | Origin::Claimed(_) => None,
        }
    }
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

/// A rule raised on one element, part or flow. Most threats of a model are covered or never shown, so its words and its fingerprint are
/// made when somebody asks.
#[derive(Clone, Debug, PartialEq)]
pub struct Threat {
    pub key: ThreatKey,
    pub rule: &'static Rule,
    pub unit: RepoPath,
    /// The element as shown, `IntakeFn` or `client → IntakeFn`.
    pub shown: Arc<str>,
    /// The two ends of a flow as shown, empty for an element.
    pub ends: [Arc<str>; 2],
    pub outcome: Outcome,
    /// Where a person says what covers this, in an annotation or as a status in a model file; `None` where the template itself shows the
    /// control. What a pull request introduces of these is proposed until somebody who may has confirmed it.
    pub claimed: Option<Place>,
    /// Every fact that the rule reads, in order of the fact.
    pub evidence: Vec<Evidence>,
    fingerprint: OnceLock<Fingerprint>,
    /// Where to look: the line that settles it, else the element.
    pub place: Place,
    /// The rule's severity, or the higher one of a rule that it superseded.
    pub severity: Severity,
    /// For ranking, in hundredths.
    pub score: u32,
    /// Keys that this one stands for: superseded on the same entry path. A decision on this covers them.
    pub supersedes: Vec<(ThreatKey, Fingerprint)>,
}

impl Threat {
    /// The rule's title with its placeholders filled; plain text.
    pub fn title(&self) -> String {
        let title = self.fill(self.rule.title);
        match self.outcome {
            Outcome::Open | Outcome::Covered { .. } => title,
            Outcome::Unclear { .. } => format!("It cannot be told whether this holds: {title}"),
        }
    }

    /// The rule's question with its placeholders filled; plain text.
    pub fn question(&self) -> String {
        self.fill(self.rule.question)
    }

    fn fill(&self, template: &str) -> String {
        let [from, to] = &self.ends;
        wording::fill(template, Named { element: &self.shown, ends: [from, to], part: &self.key.part }, &self.evidence)
    }

    /// Of key and evidence, hashed once.
    pub fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| evidence::fingerprint(&self.key, &self.evidence))
    }

    /// What people type: `IntakeFn/S-7f3a9c21`, `client>IntakeFn/T-c04e11aa`. Whatever could be something else in a comment or a command
    /// becomes `_`: the digits alone tell.
    pub fn id(&self) -> String {
        let plain = |c: char| if c.is_alphanumeric() || "_-.>:/".contains(c) { c } else { '_' };
        let element: String = self.shown.replace(" → ", ">").chars().map(plain).collect();
        format!("{element}/{}-{}", self.rule.category.letter(), self.fingerprint().short())
    }
}
