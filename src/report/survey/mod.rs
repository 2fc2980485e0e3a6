//! What would have been said of the changes of a branch: the data of `astride survey`; the submodules put it into words.
//!
//! Comes in: one report for each change. Goes out: what of it is worth keeping, and the sums over all of them. Models and deltas are not
//! kept, so that a survey of thousands of changes stays small.

pub mod html;
pub mod json;
mod sums;
pub mod text;

pub use self::sums::{Outcomes, RuleUse, Silence, Use};

use crate::change::{ObjectId, Timestamp};
use crate::decisions::{Reviewed, Standing};
use crate::model::category::Category;
use crate::report::comment;
use crate::report::headline::headline;
use crate::report::{Judged, NotJudged, Report, Verdict, ruled, taken};
use crate::source::Place;
use crate::stride::ThreatKey;
use crate::stride::rule::{Rule, RuleKind, Severity};
use std::collections::BTreeMap;

/// Most examples of a rule.
const EXAMPLES: usize = 3;

/// A survey of one branch.
#[derive(Clone, Debug)]
pub struct Survey {
    /// What people call the repository.
    pub repository: String,
    /// `https://github.com/owner/name`, for links; empty where there is none.
    pub web_url: String,
    pub branch: String,
    /// When the oldest and the newest of all changes were committed; `None` where there are none.
    pub period: Option<(Timestamp, Timestamp)>,
    /// The changes that touch something that is read, and those that could not be judged, newest first.
    pub changes: Vec<Surveyed>,
    /// How many changes touch nothing that is read.
    pub untouched: usize,
    /// The commit at which the clone ends though the history goes on: it could not be compared with anything.
    pub shallow_at: Option<ObjectId>,
}

/// A change before anything is known of it.
#[derive(Clone, Debug)]
pub struct LookedAt {
    pub commit: ObjectId,
    pub base: ObjectId,
    pub at: Timestamp,
    pub subject: String,
}

/// One change: a merge or a commit of the branch, compared with its first parent.
#[derive(Clone, Debug)]
pub struct Surveyed {
    pub commit: ObjectId,
    pub base: ObjectId,
    pub at: Timestamp,
    /// The first line of its message, as it was written.
    pub subject: String,
    /// What would have been said, or why nobody can tell.
    pub said: Result<Said, String>,
}

/// What would have been said of a change.
#[derive(Clone, Debug)]
pub struct Said {
    pub verdict: Verdict,
    pub headline: String,
    /// Whether a comment would have been written.
    pub comments: bool,
    /// What the change brings and the template does not cover: what blocks first, then by weight. The generic questions of the chart are
    /// left out.
    pub threats: Vec<Told>,
    /// What the change brings and the settings of its base switch off, by rule and reason.
    pub switched_off: Vec<Silenced>,
    pub repairs: Vec<Repaired>,
    /// In what the change weakens the gate, in words.
    pub weakened: Option<(Place, String)>,
    /// Controls and stores that are gone, with before and after.
    pub taken_away: Vec<String>,
    pub not_judged: Vec<NotJudged>,
}

/// A threat as it would have been told.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: String,
    pub rule: &'static Rule,
    pub severity: Severity,
    pub state: State,
    /// Whether the gate would have waited for it.
    pub blocks: bool,
    pub manner: Manner,
    /// Id of the element or flow.
    pub element: String,
    /// The element as people see it.
    pub shown: String,
    pub place: Place,
    pub title: String,
}

/// What had become of a threat when the change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    /// It cannot be told.
    Unclear,
    Proposed,
    Decided,
}

/// In which part of a comment a threat is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manner {
    /// In a line of its own, in full.
    Alone,
    /// Among the optional lines.
    Optional,
    /// Only counted.
    Counted,
}

/// Threats of a change that would not have been asked.
#[derive(Clone, Debug)]
pub struct Silenced {
    pub rule: &'static Rule,
    pub times: usize,
    /// The reason, and the file in which it stands: foreign text.
    pub why: String,
}

/// A file that would have had to be repaired.
#[derive(Clone, Debug)]
pub struct Repaired {
    pub id: String,
    pub place: Place,
    pub what: String,
    pub way_out: String,
}

/// What a change comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Something waits for an answer.
    Held,
    /// A file cannot be read, and nobody can tell.
    Repair,
    /// Nothing waits, and a control or data was taken away.
    Noted,
    /// A comment asks or tells something, and nothing waits for it.
    Asked,
    /// No word.
    Silent,
    /// Only formats that are not read.
    NotJudged,
    /// It could not be judged.
    Failed,
}

impl Outcome {
    pub const ALL: [Self; 7] = [Self::Held, Self::Repair, Self::Noted, Self::Asked, Self::Silent, Self::NotJudged, Self::Failed];

    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Repair => "repair",
            Self::Noted => "noted",
            Self::Asked => "asked",
            Self::Silent => "silent",
            Self::NotJudged => "not-judged",
            Self::Failed => "failed",
        }
    }

    /// In words, behind the number of such changes.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Held => "held until a threat is answered",
            Self::Repair => "held until a file can be read",
            Self::Noted => "noted: a control or data was taken away",
            Self::Asked => "asked, without holding anything",
            Self::Silent => "silent",
            Self::NotJudged => "not judged: only formats that are not read",
            Self::Failed => "could not be surveyed",
        }
    }
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unclear => "unclear",
            Self::Proposed => "proposed",
            Self::Decided => "decided",
        }
    }

    fn of(standing: &Standing) -> Option<Self> {
        match standing {
            Standing::Open | Standing::Reopened { .. } => Some(Self::Open),
            Standing::Unclear => Some(Self::Unclear),
            Standing::Claimed | Standing::Proposed(_) => Some(Self::Proposed),
            Standing::Decided(_) => Some(Self::Decided),
            Standing::Covered | Standing::SwitchedOff => None,
        }
    }
}

impl Manner {
    pub fn word(self) -> &'static str {
        match self {
            Self::Alone => "alone",
            Self::Optional => "optional",
            Self::Counted => "counted",
        }
    }
}

impl Survey {
    /// One of nothing yet.
    pub fn of(repository: String, web_url: String, branch: String) -> Self {
        Self { repository, web_url, branch, period: None, changes: Vec::new(), untouched: 0, shallow_at: None }
    }

    /// Takes a change in, with what would have been said of it: nothing where it touches nothing that is read.
    pub fn take(&mut self, looked_at: LookedAt, said: Result<Option<Said>, String>) {
        let LookedAt { commit, base, at, subject } = looked_at;
        let (oldest, newest) = self.period.unwrap_or((at, at));
        self.period = Some((oldest.min(at), newest.max(at)));
        match said.transpose() {
            None => self.untouched += 1,
            Some(said) => self.changes.push(Surveyed { commit, base, at, subject, said }),
        }
    }
}

impl Surveyed {
    /// A commit of which nothing is known but why.
    pub fn failed(commit: ObjectId, why: String) -> Self {
        Self { commit, base: ObjectId([0; 20]), at: Timestamp::default(), subject: String::new(), said: Err(why) }
    }

    pub fn outcome(&self) -> Outcome {
        let Ok(said) = &self.said else { return Outcome::Failed };
        match said.verdict {
            Verdict::NeedsAnswer => Outcome::Held,
            Verdict::Undetermined => Outcome::Repair,
            Verdict::Noted => Outcome::Noted,
            Verdict::NotJudged => Outcome::NotJudged,
            Verdict::Clear if said.comments => Outcome::Asked,
            Verdict::Clear => Outcome::Silent,
        }
    }

    pub fn threats(&self) -> &[Told] {
        self.said.as_ref().map_or(&[], |said| &said.threats)
    }

    pub fn blocking(&self) -> impl Iterator<Item = &Told> {
        self.threats().iter().filter(|told| told.blocks)
    }
}

impl Told {
    fn of(reviewed: &Reviewed, manner: Manner, state: State) -> Self {
        let threat = &reviewed.threat;
        Self {
            id: threat.id(),
            rule: threat.rule,
            severity: threat.severity,
            state,
            blocks: reviewed.blocks && reviewed.needs_answer(),
            manner,
            element: threat.on.to_string(),
            shown: threat.shown.to_string(),
            place: threat.place.clone(),
            title: threat.title(),
        }
    }

    pub fn category(&self) -> Category {
        self.rule.category
    }

    /// Whether people would have read it, and not only a number that counts it.
    pub fn is_read(&self) -> bool {
        self.state != State::Decided && (self.blocks || self.manner != Manner::Counted)
    }
}

impl Said {
    /// What is worth keeping of a report; nothing where the change touches nothing that is read, and nothing would have been said.
    pub fn if_any(report: &Report) -> Option<Self> {
        let said = Self::of(report);
        (report.judged() != Judged::Irrelevant || said.comments).then_some(said)
    }

    /// What is worth keeping of a report.
    pub fn of(report: &Report) -> Self {
        let weakened = report.open_weakened().map(|weakened| (weakened.place.clone(), weakened.plain_words()));
        let repaired = |repair: &crate::report::Repair| Repaired {
            id: repair.id.clone(),
            place: repair.place.clone(),
            what: repair.what.clone(),
            way_out: repair.way_out.clone(),
        };
        Self {
            verdict: report.verdict,
            headline: headline(report),
            comments: comment::is_worth_saying(report),
            threats: threats(report),
            switched_off: switched_off(report),
            repairs: report.open_repairs().map(repaired).collect(),
            weakened,
            taken_away: taken::lines(report),
            not_judged: report.not_judged.clone(),
        }
    }
}

/// What the change brings and nobody is asked.
fn switched_off(report: &Report) -> Vec<Silenced> {
    let mut found: Vec<Silenced> = Vec::new();
    for by_entry in ruled::switched_off(&report.reviewed) {
        let why = format!("{} ({})", by_entry.entry.why, by_entry.entry.file());
        for reviewed in by_entry.threats.iter().filter(|reviewed| reviewed.introduced) {
            let rule = reviewed.threat.rule;
            match found.iter_mut().find(|known| known.rule.id == rule.id && known.why == why) {
                Some(known) => known.times += 1,
                None => found.push(Silenced { rule, times: 1, why: why.clone() }),
            }
        }
    }
    found
}

fn threats(report: &Report) -> Vec<Told> {
    let arranged = report.arranged();
    let mut manners: BTreeMap<&ThreatKey, Manner> = BTreeMap::new();
    manners.extend(arranged.low.iter().map(|reviewed| (reviewed.key(), Manner::Counted)));
    manners.extend(arranged.rollups.iter().flat_map(|line| line.members()).map(|reviewed| (reviewed.key(), Manner::Optional)));
    manners.extend(arranged.alone.iter().flat_map(|line| line.members()).map(|reviewed| (reviewed.key(), Manner::Alone)));
    let told = report.reviewed.iter().filter(|reviewed| reviewed.introduced).filter_map(|reviewed| {
        let is_generic = reviewed.threat.rule.kind == RuleKind::Baseline && !reviewed.blocks;
        let state = State::of(&reviewed.standing).filter(|_| !is_generic)?;
        Some(Told::of(reviewed, manners.get(reviewed.key()).copied().unwrap_or(Manner::Counted), state))
    });
    let mut told: Vec<Told> = told.collect();
    // Within a kind the order of the report stands: the highest score first.
    told.sort_by_key(|told| (!told.blocks, told.manner));
    told
}
