//! What is a threat: rules, their three-valued evaluation over facts, and what comes of it.
//!
//! Comes in: a model. Goes out: threats with evidence and fingerprint. Reads facts only, never a template.

pub mod chart;
pub mod evaluate;
pub mod evidence;
pub mod freshness;
mod gather;
pub mod numbers;
mod paths;
pub mod policy;
pub mod predicate;
pub mod rank;
mod recorded;
pub mod reference;
pub mod rule;
pub mod rule_file;
mod suppressed;
pub mod threats;
pub mod vector;
pub(crate) mod weight;
mod wording;

pub use crate::stride::gather::gather;
pub use crate::stride::paths::drives;

use crate::model::Suppression;
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Fact, Origin, Reading};
use crate::model::recorded::RecordedStatus;
use crate::model::words::Words;
use crate::source::{Place, RepoPath};
use crate::stride::policy::Ruled;
use crate::stride::rule::{Rule, Severity};
use crate::stride::vector::{FactRecord, Vector};
use crate::stride::wording::Named;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// What a decision is bound to besides the facts: the rule, and what must be changed to end what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreatKey {
    pub rule: &'static str,
    pub cause: Arc<Cause>,
}

/// A threat that another one stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Superseded {
    pub key: ThreatKey,
    /// Id of the element or flow.
    pub on: Arc<str>,
    pub fingerprint: Fingerprint,
    /// The fingerprint by which the first edition of the ledger knows it.
    pub first_edition: Fingerprint,
}

/// How badly off those are that share a cause: a decision holds for a new sharer unless this gets worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Worst {
    /// Somebody from outside gets there.
    pub exposed: bool,
    /// The class of the data, higher is more sensitive; 0 where nobody says.
    pub data_class: u8,
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
    /// How far it counts, where a person states it and no template shows it.
    pub claimed: Option<Claimed>,
}

impl Evidence {
    /// Answer and witnesses in words (`Reading::words`); `unread` where nothing states the fact.
    pub fn words(&self) -> Cow<'static, str> {
        self.reading.as_ref().map_or(Cow::Borrowed("unread"), |reading| reading.words())
    }

    /// As the ledger keeps it.
    pub fn record(&self) -> FactRecord {
        FactRecord::of(self.reading.as_deref())
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

/// How far a person's statement counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It stood before, or the settings say so: taken as given.
    Given,
    /// The change brings it, and it asks for more than silence would: nobody has to confirm that.
    New,
    /// The change brings it, and it would answer something: it counts when somebody else has confirmed it.
    Proposed,
}

/// What the change itself states, and what it would answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// `stated signature_check`, `taken back data_class`, `recorded 3f2a`: what the ledger binds a confirmation to.
    pub name: String,
    /// `on`; of a recorded threat its status.
    pub answer: String,
    /// For people: `signature_check: on`.
    pub words: String,
    /// What the status of a model file makes of it; an annotation mitigates.
    pub status: RecordedStatus,
    pub place: Place,
}

/// What the change states on a threat and nobody has confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Ordered, unique; empty where it changes nothing about the threat.
    pub claims: Vec<Claim>,
    /// Whether the claims would answer it whole, and not only make less of it.
    pub answers: bool,
    /// The evidence that counts until then: that of the threat without the claims.
    pub counted: Vec<Evidence>,
    pub fingerprint: Fingerprint,
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
    /// Id of the element or flow; of several that share the cause, the one that is worst off.
    pub on: Arc<str>,
    /// Label of the part, empty where there is one only.
    pub part: Arc<str>,
    /// The others that share the cause, each as it was found.
    pub others: Vec<Self>,
    /// Whether the change brought it here; what nobody has compared is taken for new.
    pub is_new: bool,
    /// What of its witnesses the change brings beside older ones; empty where all of them are new, or none.
    pub news: Vec<String>,
    /// In which branch of the template it is new, in words that follow `where `; `None` where it is as new or old in all of them.
    pub branch: Option<String>,
    pub worst: Worst,
    pub unit: RepoPath,
    /// What the notation of the unit calls things.
    pub words: &'static Words,
    /// The element as shown, `IntakeFn` or `client → IntakeFn`.
    pub shown: Arc<str>,
    /// The two ends of a flow as shown, empty for an element.
    pub ends: [Arc<str>; 2],
    /// On what goes by the name of a toolkit's helper. A name proves nothing, so the gate asks as of anything else; what it does not wait
    /// for is only counted.
    pub of_helper: bool,
    /// It stands on a new element, and its rule was open in the unit before and weighed as much there: whoever answers for the unit knows it.
    pub is_usual: bool,
    /// How many other instances of the module had the same before, where the module's own text brings it about and this one is new.
    pub instances: usize,
    pub outcome: Outcome,
    /// Where a person says what covers this, in an annotation or as a status in a model file; `None` where the template itself shows the
    /// control.
    pub claimed: Option<Place>,
    /// What the change itself states, where that changes the evidence: proposed until somebody who may has confirmed it.
    pub stated: Option<Stated>,
    /// What other tools were told to pass over and speaks of the same: evidence, never an answer. Ordered, unique.
    pub suppressed: Vec<Suppression>,
    /// Every fact that the rule reads, in order of the fact.
    pub evidence: Vec<Evidence>,
    /// The evidence before it was narrowed to the cause; `None` where that is the same.
    pub whole: Option<Vec<Evidence>>,
    fingerprint: OnceLock<Fingerprint>,
    /// Where to look: the line that settles it, else the element.
    pub place: Place,
    /// The one that counts: the rule's severity, the higher one of a rule that it superseded, or what the settings say.
    pub severity: Severity,
    /// For ranking, in hundredths; of the severity that counts.
    pub score: u32,
    /// Severity and score as they were found, whatever the settings say: which of several leads, and so its ID, rests on them.
    pub found_with: (Severity, u32),
    /// What the settings made of it; `None` where no entry is about it.
    pub ruled: Option<Box<Ruled>>,
    /// Keys that this one stands for: superseded on the same entry path. A decision on this covers them.
    pub supersedes: Vec<Superseded>,
}

impl Claim {
    /// The name of a claim that states a fact.
    pub fn name_of(fact: Fact) -> String {
        format!("stated {}", fact.as_str())
    }
}

impl Threat {
    /// What tells it from another one that is said first: its route, principal or layer where the element is the same.
    pub(crate) fn named_beside(&self, first: &Self) -> &str {
        let cause = &*self.key.cause;
        match cause.kind {
            CauseKind::Route | CauseKind::Principal | CauseKind::Layer if self.on == first.on => &cause.name,
            _ => &self.shown,
        }
    }

    /// What stays of it where another one stands for it.
    #[must_use]
    pub(crate) fn standing_for(&self) -> Superseded {
        Superseded { key: self.key.clone(), on: self.on.clone(), fingerprint: self.fingerprint(), first_edition: self.first_edition() }
    }

    /// The evidence and the fingerprint that count: without what the change itself states and nobody has confirmed.
    pub fn counted(&self) -> (&[Evidence], Fingerprint) {
        self.stated.as_ref().map_or((&self.evidence, self.fingerprint()), |stated| (&stated.counted, stated.fingerprint))
    }

    /// With the evidence that the change states, and what counts until it is confirmed.
    #[must_use]
    pub fn with_stated(mut self, evidence: Vec<Evidence>, stated: Stated) -> Self {
        self.evidence = evidence;
        self.fingerprint = OnceLock::new();
        self.stated = Some(stated);
        self
    }

    /// What the change states that would answer it, once confirmed; empty where nothing would.
    pub fn proposals(&self) -> &[Claim] {
        self.stated.as_ref().filter(|stated| stated.answers).map_or(&[], |stated| &stated.claims)
    }

    /// The facts that a decision made now is bound to.
    pub fn vector(&self) -> Vector {
        self.evidence.iter().map(|evidence| (evidence.fact.as_str().to_owned(), evidence.record())).collect()
    }

    /// Everything that people state on it, by the name that the ledger binds a confirmation to.
    pub fn claims(&self) -> BTreeMap<String, Cow<'_, str>> {
        let given = self.evidence.iter().filter(|evidence| evidence.claimed.is_some());
        let given = given.map(|evidence| (Claim::name_of(evidence.fact), evidence.words()));
        let stated =
            self.stated.iter().flat_map(|stated| &stated.claims).map(|claim| (claim.name.clone(), Cow::from(claim.answer.as_str())));
        given.chain(stated).collect()
    }

    /// The rule's title with its placeholders filled; plain text.
    pub fn title(&self) -> String {
        let mut title = self.fill(self.rule.title_pattern);
        if let Some(branch) = &self.branch {
            title.push_str(&format!("; this is new where {branch}"));
        }
        match self.instances {
            0 => {}
            1 => title.push_str("; one instance of the module was so before"),
            count => title.push_str(&format!("; {count} instances of the module were so before")),
        }
        match self.outcome {
            Outcome::Open | Outcome::Covered { .. } => title,
            Outcome::Unclear { .. } => format!("Cannot be ruled out: {title}"),
        }
    }

    /// The rule's question with its placeholders filled; plain text.
    pub fn question(&self) -> String {
        self.fill(self.rule.question_pattern)
    }

    /// The rule's fixes in the words of the notation; plain text, short imperatives, may be empty.
    pub fn fixes(&self) -> Vec<String> {
        self.rule.fix_patterns.iter().map(|fix| self.fill(fix)).collect()
    }

    /// Whether the part that it was found on is the element itself, as of a user who holds rights of their own.
    fn is_alone(&self) -> bool {
        self.on.rsplit_once('#').is_some_and(|(_, address)| address == &*self.part)
    }

    fn fill(&self, template: &str) -> String {
        let [from, to] = &self.ends;
        wording::fill(
            template,
            Named {
                element: &self.shown,
                ends: [from, to],
                part: if self.is_alone() { "" } else { &self.part },
                words: self.words,
                news: &self.news,
            },
            &self.evidence,
        )
    }

    /// Of key and evidence, hashed once.
    pub fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| evidence::fingerprint(&self.key, self.worst, &self.evidence))
    }

    /// The fingerprint by which the first edition of the ledger knows it, on one element.
    pub fn first_edition(&self) -> Fingerprint {
        evidence::first_edition(self.rule.id, &self.on, &self.part, self.whole.as_deref().unwrap_or(&self.evidence))
    }

    /// The same for what counts without what the change states; `None` where it states nothing.
    pub fn counted_first_edition(&self) -> Option<Fingerprint> {
        let stated = self.stated.as_ref()?;
        Some(evidence::first_edition(self.rule.id, &self.on, &self.part, &stated.counted))
    }

    /// Everything that shares the cause, as it was found; the worst off first.
    pub fn sharers(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }

    /// What tells it from any other threat as it was found.
    pub fn occurrence(&self) -> (&ThreatKey, &str, &str) {
        (&self.key, &self.on, &self.part)
    }

    /// What people type: `IntakeFn/S-7f3a9c21`, `client>IntakeFn/T-c04e11aa`. Whatever could be something else in a comment or a command
    /// becomes `_`: the digits alone tell.
    pub fn id(&self) -> String {
        self.id_with(&self.fingerprint().short())
    }

    /// The ID with other digits: those of a set that it leads.
    pub(crate) fn id_with(&self, digits: &str) -> String {
        let plain = |c: char| if c.is_alphanumeric() || "_-.>:/".contains(c) { c } else { '_' };
        let element: String = self.shown.replace(" → ", ">").chars().map(plain).collect();
        format!("{element}/{}-{digits}", self.rule.category.letter())
    }
}
