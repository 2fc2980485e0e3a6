//! The register of a tree's threats as data; the submodules put it into words.
//!
//! Comes in: every threat with its standing, what model files record, what was not read. Goes out: the same, narrowed to what people ask for.

pub mod counted;
pub mod csv;
pub mod document;
pub mod due;
pub mod html;
pub mod issue;
pub mod json;
pub mod markdown;
pub mod text;

use crate::change::{Day, ObjectId};
use crate::decisions::merge::Debt;
use crate::decisions::trail::Entry;
use crate::decisions::{Decided, Reviewed, Standing, Verdict};
use crate::model::Model;
use crate::model::recorded::RecordedThreat;
use crate::report::register::due::Group;
use crate::report::text::open::why;
use crate::report::{NotJudged, Repair, ruled};
use crate::settings::ReviewAfter;
use crate::settings::owners::CodeOwners;
use crate::source::{Note, Place, RepoPath};
use crate::stride::rule::{RuleKind, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// All of it.
#[derive(Clone, Debug)]
pub struct Register {
    /// The zero id where it is no commit.
    pub commit: ObjectId,
    /// Elements, flows and boundaries; its recorded threats and its notes stand below.
    pub model: Model,
    /// The severest first.
    pub threats: Vec<Reviewed>,
    /// What model files record themselves.
    pub recorded: Vec<RecordedThreat>,
    pub repairs: Vec<Repair>,
    pub not_judged: Vec<NotJudged>,
    pub notes: Vec<Note>,
    /// After how many days a decision without an end is looked at again.
    pub review_after: ReviewAfter,
    /// Tickets that were looked up and are closed, as decisions name them, with the day.
    pub closed: BTreeMap<String, Day>,
    /// About the settings.
    pub warnings: Vec<String>,
    /// Nothing was read at all.
    pub is_empty: bool,
}

impl Default for Register {
    fn default() -> Self {
        Self {
            commit: ObjectId([0; 20]),
            model: Model::default(),
            threats: Vec::new(),
            recorded: Vec::new(),
            repairs: Vec::new(),
            not_judged: Vec::new(),
            notes: Vec::new(),
            review_after: ReviewAfter::default(),
            closed: BTreeMap::new(),
            warnings: Vec::new(),
            is_empty: true,
        }
    }
}

/// A repository with its register, and what its ledger has.
pub struct Stock {
    pub name: String,
    pub register: Register,
    /// In order of time.
    pub said: Vec<Entry>,
    /// Whose code its files are, as far as that was looked up.
    pub owners: CodeOwners,
}

/// Where a threat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The facts raise it, and nobody has answered.
    Open,
    /// It cannot be told.
    Unclear,
    /// An answer waits for somebody else's confirmation.
    Proposed,
    /// A person has answered.
    Decided,
    /// The settings have it not asked.
    SwitchedOff,
    /// The template shows the control.
    Covered,
    /// A model file lists it itself.
    Recorded,
}

impl State {
    pub const ALL: [Self; 7] = [Self::Open, Self::Unclear, Self::Proposed, Self::Decided, Self::SwitchedOff, Self::Covered, Self::Recorded];

    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unclear => "unclear",
            Self::Proposed => "proposed",
            Self::Decided => "decided",
            Self::SwitchedOff => "switched-off",
            Self::Covered => "covered",
            Self::Recorded => "recorded",
        }
    }

    pub fn of(standing: &Standing) -> Self {
        match standing {
            Standing::Open | Standing::Reopened { .. } => Self::Open,
            Standing::Unclear => Self::Unclear,
            Standing::Claimed | Standing::Proposed(_) => Self::Proposed,
            Standing::Decided(_) => Self::Decided,
            Standing::SwitchedOff => Self::SwitchedOff,
            Standing::Covered => Self::Covered,
        }
    }
}

/// What of a register people ask for.
pub struct Wanted<'w> {
    /// Empty for every state.
    pub states: BTreeSet<State>,
    pub least: Severity,
    /// Also the generic question of each cell.
    pub generic: bool,
    pub unit: &'w dyn Fn(&RepoPath) -> bool,
}

impl Register {
    /// What is wanted of it, and nothing else.
    #[must_use]
    pub fn narrowed(mut self, wanted: &Wanted<'_>) -> Self {
        let has_state = |state: State| wanted.states.is_empty() || wanted.states.contains(&state);
        self.threats.retain(|reviewed| {
            let threat = &reviewed.threat;
            has_state(State::of(&reviewed.standing))
                && threat.severity >= wanted.least
                && (wanted.generic || threat.rule.kind != RuleKind::Baseline)
                && (wanted.unit)(&threat.unit)
        });
        // What a file records has no severity of ours.
        self.recorded.retain(|recorded| has_state(State::Recorded) && (wanted.unit)(&recorded.unit));
        self
    }

    /// How many there are of each state; states without any are left out.
    pub fn sums(&self) -> Vec<(State, usize)> {
        let mut sums: BTreeMap<State, usize> = BTreeMap::new();
        for reviewed in &self.threats {
            *sums.entry(State::of(&reviewed.standing)).or_default() += 1;
        }
        if !self.recorded.is_empty() {
            sums.insert(State::Recorded, self.recorded.len());
        }
        sums.into_iter().collect()
    }

    /// What is owed: how many went in unanswered with a merge and are open still, and how many were put off.
    pub fn debt(&self) -> [(&'static str, usize); 2] {
        let owed = self.threats.iter().filter(|reviewed| reviewed.debt().is_some()).count();
        [("merged unanswered", owed), ("deferred", self.threats.iter().filter(|reviewed| is_deferred(reviewed)).count())]
    }

    /// The sums in words: `3 open, 1 decided; debt: 1 merged unanswered, 2 deferred`.
    pub fn sums_in_words(&self) -> Option<String> {
        let sums: Vec<String> = self.sums().iter().map(|(state, number)| format!("{number} {}", state.word().replace('-', " "))).collect();
        let debt: Vec<String> =
            self.debt().iter().filter(|(_, number)| *number > 0).map(|(what, number)| format!("{number} {what}")).collect();
        let debt = if debt.is_empty() { String::new() } else { format!("; debt: {}", debt.join(", ")) };
        (!sums.is_empty()).then(|| format!("{}{debt}", sums.join(", ")))
    }

    /// Whether something could not be read, so that threats may be missing.
    pub fn is_whole(&self) -> bool {
        !self.is_empty && self.repairs.is_empty() && !self.notes.iter().any(|note| note.kind.hides())
    }
}

/// Answered for now, and still owed.
fn is_deferred(reviewed: &Reviewed) -> bool {
    matches!(&reviewed.standing, Standing::Decided(decided) if decided.verdict == Verdict::Deferred)
}

/// The word that stands on a threat, or stood before it was opened again.
pub(super) fn decision(standing: &Standing) -> Option<&Decided> {
    match standing {
        Standing::Decided(decided) | Standing::Proposed(decided) => Some(decided),
        Standing::Reopened { was, .. } => Some(was),
        Standing::SwitchedOff | Standing::Open | Standing::Unclear | Standing::Covered | Standing::Claimed => None,
    }
}

/// A decision with its terms: `accepted until 2027-01-01 by rita, confirmed by ada: “public form”`. Foreign text goes through `shown`.
fn said(decided: &Decided, shown: &dyn Fn(&str) -> String) -> String {
    let (terms, by, reason) = (shown(&decided.terms()), shown(&decided.by.words()), shown(&decided.reason));
    let confirmed = decided.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", confirmed by {}", shown(&by.login)));
    let changed = decided.see_changed.as_ref().map_or_else(String::new, |path| format!("; {} has changed since", shown(path.as_str())));
    format!("{}{terms} by {by}{confirmed}: “{reason}”{changed}", decided.verdict.word())
}

/// Why the word on a threat is no answer; `None` where it is one, or there is none. Foreign text.
fn no_answer(standing: &Standing) -> Option<String> {
    match standing {
        Standing::Proposed(_) => Some("no answer until somebody confirms it".to_owned()),
        Standing::Reopened { because, .. } => Some(format!("no answer any more: {}", why(because))),
        Standing::SwitchedOff | Standing::Decided(_) | Standing::Open | Standing::Unclear | Standing::Covered | Standing::Claimed => None,
    }
}

/// What people said of a threat, and whether it counts: a proposal is no answer yet, and what was reopened is none any more.
fn spoken(standing: &Standing, shown: &dyn Fn(&str) -> String) -> Option<String> {
    let said = said(decision(standing)?, shown);
    let proposed = if matches!(standing, Standing::Proposed(_)) { "proposed: " } else { "" };
    let but = no_answer(standing).map_or_else(String::new, |why| format!("; {}", shown(&why)));
    Some(format!("{proposed}{said}{but}"))
}

/// How many threats each group has, in the order of `Group::ALL`.
fn counts(register: &Register) -> [usize; Group::ALL.len()] {
    Group::ALL.map(|group| register.threats.iter().filter(|reviewed| Group::of(reviewed) == Some(group)).count())
}

/// Who was asked for an answer, where none stands. Foreign text.
fn asked(reviewed: &Reviewed) -> Option<&str> {
    reviewed.assigned.as_deref().filter(|_| reviewed.standing.is_asked())
}

/// One line of the register, whatever it is about.
struct Row<'r> {
    state: State,
    severity: &'static str,
    category: &'static str,
    id: String,
    rule: &'r str,
    unit: &'r RepoPath,
    element: &'r str,
    place: &'r Place,
    title: String,
    decided: Option<&'r Decided>,
    /// Why that is no answer.
    no_answer: Option<String>,
    /// Who is asked for an answer.
    assigned: Option<&'r str>,
    /// Since which merge it is owed, in words.
    debt: Option<String>,
    /// The answer that a model file records.
    recorded: &'static str,
    /// What the settings say of it.
    ruled: Vec<String>,
}

fn rows(register: &Register) -> impl Iterator<Item = Row<'_>> {
    let threats = register.threats.iter().map(|reviewed| {
        let threat = &reviewed.threat;
        Row {
            state: State::of(&reviewed.standing),
            severity: threat.severity.word(),
            category: threat.rule.category.words(),
            id: threat.id(),
            rule: threat.rule.id,
            unit: &threat.unit,
            element: &threat.on,
            place: &threat.place,
            title: threat.title(),
            decided: decision(&reviewed.standing),
            no_answer: no_answer(&reviewed.standing),
            assigned: asked(reviewed),
            debt: reviewed.debt().map(Debt::words),
            recorded: "",
            ruled: ruled::all(threat, str::to_owned),
        }
    });
    let recorded = register.recorded.iter().map(|recorded| Row {
        state: State::Recorded,
        severity: "",
        category: recorded.category.map_or("", |category| category.words()),
        id: recorded.id.clone(),
        rule: "",
        unit: &recorded.unit,
        element: recorded.on.as_deref().unwrap_or_default(),
        place: &recorded.place,
        title: recorded.title.clone(),
        decided: None,
        no_answer: None,
        assigned: None,
        debt: None,
        recorded: recorded.status.word(),
        ruled: Vec::new(),
    });
    threats.chain(recorded)
}
