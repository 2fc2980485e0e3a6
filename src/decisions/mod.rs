//! Decisions: what people said of a threat, at which facts, and whether it still holds.
//!
//! Comes in: ledger blocks, parsed commands, threats. Goes out: a review of each threat and the blocks to append.
//! Never writes to git and never asks the forge.

pub mod assigned;
pub mod authority;
mod decided;
pub mod emergency;
mod first_edition;
pub mod ledger_text;
pub mod merge;
pub mod organisation;
pub mod pin;
pub mod reconcile;
pub mod terms;
pub mod ticket;
pub mod trail;
pub mod undone;

pub use decided::{Because, Decided, Ruling, matter_key};

use crate::change::{Change, Day, ObjectId, Posted, Timestamp, UserId};
use crate::decisions::merge::{Debt, Merge};
use crate::decisions::pin::Pin;
use crate::decisions::terms::terms;
use crate::model::category::Category;
use crate::model::cause::Cause;
use crate::source::RepoPath;
use crate::stride::vector::Vector;
use crate::stride::{Fingerprint, Threat, ThreatKey, Worst};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Mitigated,
    Accepted,
    /// Mended later: counts until its date, and is debt.
    Deferred,
    /// Somebody else bears the risk.
    Transferred,
    NotApplicable,
    /// The tool misread: counts as an answer, and is reported.
    Wrong,
    /// Makes a proposal count.
    Confirmed,
    /// Takes the last verdict back.
    Reopened,
    /// Lets a head pass for a while, and answers nothing.
    Emergency,
    /// Takes back the own last command: all that one comment did.
    Undone,
    /// Asks somebody for an answer, and is none.
    Assigned,
    /// A pull request went in: what was judged of it then.
    Merged,
    /// The threat went in with it while it waited for an answer: it is owed since.
    MergedOpen,
}

impl Verdict {
    pub const ALL: [Self; 13] = [
        Self::Mitigated,
        Self::Accepted,
        Self::Deferred,
        Self::Transferred,
        Self::NotApplicable,
        Self::Wrong,
        Self::Confirmed,
        Self::Reopened,
        Self::Emergency,
        Self::Undone,
        Self::Assigned,
        Self::Merged,
        Self::MergedOpen,
    ];

    /// Whether it answers a threat by itself, and is no word on somebody's answer.
    pub fn is_answer(self) -> bool {
        match self {
            Self::Mitigated | Self::Accepted | Self::Deferred | Self::Transferred | Self::NotApplicable | Self::Wrong => true,
            Self::Confirmed | Self::Reopened | Self::Emergency | Self::Undone | Self::Assigned | Self::Merged | Self::MergedOpen => false,
        }
    }

    /// As kept in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mitigated => "mitigated",
            Self::Accepted => "accepted",
            Self::Deferred => "deferred",
            Self::Transferred => "transferred",
            Self::NotApplicable => "not-applicable",
            Self::Wrong => "wrong",
            Self::Confirmed => "confirmed",
            Self::Reopened => "reopened",
            Self::Emergency => "emergency",
            Self::Undone => "undone",
            Self::Assigned => "assigned",
            Self::Merged => "merged",
            Self::MergedOpen => "merged-open",
        }
    }
}

/// One entry of the ledger: append-only, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `IntakeFn/S-7f3a9c21`.
    pub threat: String,
    pub fingerprint: Fingerprint,
    pub rule: String,
    /// What must be changed to end it; `None` in blocks of the first edition, which knew elements alone.
    pub cause: Option<Cause>,
    /// Id of the element or flow.
    pub on: String,
    pub part: String,
    /// Ids of the others that shared the cause.
    pub sharers: Vec<String>,
    pub worst: Worst,
    pub category: Category,
    pub verdict: Verdict,
    /// An author's verdict on the own pull request, until somebody else confirms it.
    pub proposal: bool,
    /// How many had to agree when it was said: 1 unless the settings asked for more.
    pub needed: usize,
    pub reason: String,
    /// Of what Astride misread: the least of the template that raises it, with every name replaced. Empty where there is none.
    pub reproduction: String,
    /// The facts at the time of the verdict.
    pub facts: Vector,
    /// What people stated that the verdict rests on: name of the claim → answer.
    pub claims: BTreeMap<String, String>,
    pub by: Signature,
    pub at: Timestamp,
    /// The command's comment; 0 and empty for a decision from the desk.
    pub comment: u64,
    pub url: String,
    pub pull: u64,
    pub base: ObjectId,
    pub head: ObjectId,
    pub until: Option<Day>,
    /// The file that it rests on.
    pub see: Option<Pin>,
    /// Where it is followed up.
    pub ticket: Option<String>,
    /// Who bears a risk that was transferred, or is asked for an answer.
    pub to: Option<String>,
    /// Of an undoing: the address of the comment whose words are taken back.
    pub undoes: Option<String>,
    /// Of a confirmation: the address of the comment that proposed what it confirms; `None` where it has none, and in blocks of earlier releases,
    /// which confirm what was proposed last.
    pub confirms: Option<String>,
    /// The branch that the pull request was to go into; empty where it is not known.
    pub branch: String,
    /// Threats that the decided one superseded: the decision covers them at these fingerprints.
    pub covers: Vec<Fingerprint>,
    /// The element's id before a rename or move: the decision was carried over, by nobody's new word.
    pub carried_from: Option<String>,
    /// Of a merge: what was judged then.
    pub merge: Option<Merge>,
    /// Somebody else than the App put it on the branch. Not written down: the branch's history says so.
    pub pushed: bool,
    /// It lies in the organisation's files, and is about all of its repositories. Not written down: the place says so.
    pub for_organisation: bool,
}

impl Block {
    /// What somebody has posted, as far as it is the same whatever it is about.
    pub fn posted(posted: &Posted, change: &Change, pull: u64, right: String, verdict: Verdict) -> Self {
        let by = Signature { id: posted.author.id, login: posted.author.login.clone(), right };
        let sides = [change.base.commit, change.head.commit];
        let branch = change.pull.as_ref().map(|pull| pull.base.clone()).unwrap_or_default();
        Self { comment: posted.id, url: posted.url.clone(), pull, branch, ..Self::said(by, posted.at, sides, verdict) }
    }

    /// What somebody has said of a base and a head, about nothing yet.
    pub fn said(by: Signature, at: Timestamp, [base, head]: [ObjectId; 2], verdict: Verdict) -> Self {
        Self {
            threat: String::new(),
            fingerprint: Fingerprint([0; 32]),
            rule: String::new(),
            cause: None,
            on: String::new(),
            part: String::new(),
            sharers: Vec::new(),
            worst: Worst::default(),
            // What belongs to no threat may be anything: the worst is taken.
            category: Category::ElevationOfPrivilege,
            verdict,
            proposal: false,
            needed: 1,
            reason: String::new(),
            reproduction: String::new(),
            facts: Vector::default(),
            claims: BTreeMap::new(),
            by,
            at,
            comment: 0,
            url: String::new(),
            pull: 0,
            base,
            head,
            until: None,
            see: None,
            ticket: None,
            to: None,
            undoes: None,
            confirms: None,
            branch: String::new(),
            covers: Vec::new(),
            carried_from: None,
            merge: None,
            pushed: false,
            for_organisation: false,
        }
    }

    /// Whether it waits for more people than have confirmed it. The own word of an author or a bot is none of those that are needed.
    pub fn waits(&self, confirmers: usize) -> bool {
        let own = usize::from(!authority::only_proposes(&self.by));
        self.proposal && (confirmers == 0 || own + confirmers < self.needed)
    }

    /// Whether somebody has typed it, or approved by a review: not what was carried to another name, nor the record of a merge.
    pub fn is_typed(&self) -> bool {
        self.comment != 0 && self.carried_from.is_none()
    }

    /// Whether it is somebody else's word that confirms this very answer.
    pub fn is_confirmed_by(&self, other: &Self) -> bool {
        let is_meant = other.confirms.as_ref().is_none_or(|url| *url == self.url);
        other.verdict == Verdict::Confirmed && other.by.id != self.by.id && is_meant
    }

    /// As `Decided::terms`.
    pub fn terms(&self) -> String {
        terms(self.to.as_deref(), self.until, self.ticket.as_deref())
    }

    /// The same about what another block is about.
    #[must_use]
    pub fn about(self, other: &Self) -> Self {
        let other = other.clone();
        Self {
            threat: other.threat,
            fingerprint: other.fingerprint,
            rule: other.rule,
            cause: other.cause,
            on: other.on,
            part: other.part,
            sharers: other.sharers,
            worst: other.worst,
            category: other.category,
            facts: other.facts,
            ..self
        }
    }

    /// The same on a threat, at the facts that stand now.
    #[must_use]
    pub fn on(self, threat: &Threat) -> Self {
        Self {
            threat: threat.id(),
            fingerprint: threat.fingerprint(),
            rule: threat.rule.id.to_owned(),
            cause: Some(Cause::clone(&threat.key.cause)),
            on: threat.on.to_string(),
            part: threat.part.to_string(),
            sharers: threat.others.iter().map(|other| other.on.to_string()).collect(),
            worst: threat.worst,
            category: threat.rule.category,
            facts: threat.vector(),
            covers: threat.supersedes.iter().map(|other| other.fingerprint).collect(),
            ..self
        }
    }
}

/// Who, and by what right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub id: UserId,
    pub login: String,
    /// `write`, `admin`, `author`, …
    pub right: String,
}

impl Signature {
    /// By whom it was said, and for whom where that is more than one repository: `olga for the organisation`.
    pub fn words(&self) -> Cow<'_, str> {
        if self.right == organisation::RIGHT { format!("{} for the organisation", self.login).into() } else { self.login.as_str().into() }
    }
}

/// The ledger as read: the blocks of the units at hand, in order of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By unit, at the unit's path of the head.
    pub blocks: BTreeMap<RepoPath, Vec<Block>>,
    /// Ledger files that do not parse, with the error: nothing of them counts, and they are never written to.
    pub unreadable: BTreeMap<RepoPath, String>,
    /// What is wrong with the branch as a whole: then nothing is written to it.
    pub broken: Option<String>,
    /// Blocks that do not count, because of who pushed them, each with the reason in Markdown.
    pub uncounted: Vec<(Block, String)>,
    /// What the organisation has decided for all of its repositories, in order of time.
    pub of_organisation: Vec<Block>,
}

impl Ledger {
    /// The blocks that may be about a threat, in order of time: of its scope, of the organisation's, and of the units of all that share its cause,
    /// where blocks of the first edition lie. What was taken back is not among them.
    pub fn about(&self, threat: &Threat) -> Vec<&Block> {
        undone::left(self.all_about(threat))
    }

    /// As that, with what was taken back.
    pub fn all_about(&self, threat: &Threat) -> Vec<&Block> {
        let scope = scope(threat);
        let files: BTreeSet<&RepoPath> = threat.sharers().map(|sharer| &sharer.unit).chain([&scope]).collect();
        let everywhere = self.of_organisation.iter().filter(|block| block.rule == threat.rule.id);
        // What a repository says at the same time is said of what the organisation says.
        let mut blocks: Vec<&Block> = everywhere.chain(files.into_iter().filter_map(|file| self.blocks.get(file)).flatten()).collect();
        blocks.sort_by_key(|block| block.at);
        blocks
    }
}

/// Which ledger file the decisions on a threat belong to: its unit's, or the repository's for what units may share, a layer or a template
/// that others are made of.
pub fn scope(threat: &Threat) -> RepoPath {
    let cause = &threat.key.cause;
    let is_of_unit = cause.holder.split_once('#').is_some_and(|(path, _)| path == threat.unit.as_str());
    if is_of_unit { threat.unit.clone() } else { ledger_text::repository_scope() }
}

/// What has become of a threat at the head.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// The settings have it not asked.
    SwitchedOff,
    /// Raised, nobody has answered.
    Open,
    /// It cannot be told from the template.
    Unclear,
    /// The template shows the control.
    Covered,
    /// The change itself states what would answer it, and nobody has confirmed it yet.
    Claimed,
    /// Answered by somebody whose word needs another's.
    Proposed(Decided),
    Decided(Decided),
    /// Answered once; the facts the answer rested on have changed, it has expired, or somebody took it back.
    Reopened {
        was: Decided,
        because: Because,
    },
}

/// A threat together with what has become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reviewed {
    pub threat: Threat,
    pub standing: Standing,
    /// Of those that share the cause, whom no decision is about yet, as shown; empty where that is all of them, or none.
    pub undecided: Vec<Arc<str>>,
    /// New or changed by this pull request: whether it counts at all.
    pub introduced: bool,
    /// Whether the gate waits for it.
    pub blocks: bool,
    /// Since which merge an answer is owed, if nobody has given one since.
    pub owed: Option<Debt>,
    /// Who was asked for an answer last: a login, or `organisation/team`. Foreign text.
    pub assigned: Option<String>,
}

impl Reviewed {
    /// Introduced, raised, and nobody's word stands.
    pub fn needs_answer(&self) -> bool {
        self.introduced
            && match self.standing {
                Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => true,
                Standing::SwitchedOff | Standing::Covered | Standing::Decided(_) => false,
            }
    }

    pub fn key(&self) -> &ThreatKey {
        &self.threat.key
    }
}
