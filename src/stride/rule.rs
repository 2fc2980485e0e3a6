//! What a rule is. The built-in ones are generated from `config/rules/*.yml` by `build.rs` as constants: nothing is parsed at start.

use crate::model::ElementKind;
use crate::model::category::Category;
use crate::model::fact::{Fact, Word};
use crate::stride::predicate::{self, Comparison};

pub use crate::stride::rule_file::{Likelihood, RuleKind, Severity};

/// What ids of an organisation's own rules begin with: no built-in one does.
pub const OWN: &str = "OWN-";

/// A predicate over the vocabulary.
pub type Predicate = &'static [Op];
/// One step of a predicate.
pub type Op = predicate::Op<Fact, Word>;
/// What a predicate compares a fact with.
pub type Literal = predicate::Literal<Word>;

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// Which elements, parts or flows a rule speaks on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    External,
    Process,
    Store,
    /// A flow of this kind (`sync_request`, `async_event`, `poll`, `data_access`, `egress`, `cross_account`), or `any`.
    Flow(&'static str),
    /// A role: no element of the diagram; its rules are reported on the processes that hold it.
    Identity,
    /// No element of the diagram; its rules are reported on the flows that cross.
    Boundary,
}

impl Subject {
    /// The subject that an element of this kind is.
    pub fn of(kind: ElementKind) -> Self {
        match kind {
            ElementKind::ExternalEntity => Self::External,
            ElementKind::Process => Self::Process,
            ElementKind::DataStore => Self::Store,
        }
    }
}

/// What answers a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuleAnswer {
    pub when: Predicate,
    /// The control in words, for the list of what the template covers.
    pub note: &'static str,
    /// A partial answer does not answer, it halves the rank.
    pub partial: bool,
}

/// A fix that is one word of the line that states a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub fact: Fact,
    pub from: &'static str,
    pub to: &'static str,
}

/// A threat that may apply to an element. Ids are permanent: a changed meaning is a new id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// `STR-<service>-<category>-<number>`.
    pub id: &'static str,
    pub subject: Subject,
    /// The catalogue's word for the service, or `any`.
    pub service: &'static str,
    pub category: Category,
    pub kind: RuleKind,
    pub severity: Severity,
    /// The severity where the element faces the internet or the flow crosses a boundary; the same, or higher.
    pub exposed_severity: Severity,
    pub likelihood: Likelihood,
    /// Group for one-line summaries.
    pub rollup: &'static str,
    /// Says the fact, then the consequence. Placeholders: `{element}`, `{part}`, `{role}` and `{fault}` (the role of
    /// an element and what makes it dangerous, or the element by itself), for flows `{from}` and `{to}`, `{fact}` for the answer of a
    /// fact that the rule reads and `{fact.witnesses}` for what makes it so, in brackets.
    pub title: &'static str,
    /// What the author of the pull request must answer.
    pub question: &'static str,
    /// The title with `{words.text}` and its like for what a notation calls a thing (`model/words`); above, they are the usual ones.
    pub title_pattern: &'static str,
    pub question_pattern: &'static str,
    pub fix_patterns: &'static [&'static str],
    pub raised: Predicate,
    /// Where this is false the rule does not apply, and so cannot be covered either; `Always` where nothing narrows it.
    pub context: Predicate,
    pub answers: &'static [RuleAnswer],
    /// Rules that say the same from further behind; dropped where this one is open on the same entry path.
    pub supersedes: &'static [&'static str],
    /// Every fact that `raised`, `context` and `answers` read: the evidence. Ordered, unique.
    pub reads: &'static [Fact],
    /// Short imperatives.
    pub fixes: &'static [&'static str],
    /// A fix that is one word of one line; `None` where none is.
    pub suggestion: Option<Suggestion>,
    /// `CWE-306`, `CKV_AWS_258`, …
    pub references: &'static [&'static str],
}

impl Rule {
    /// Whether it is an organisation's own.
    pub fn is_own(&self) -> bool {
        self.id.starts_with(OWN)
    }
}

/// The built-in rule of an id.
pub fn find_rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}
