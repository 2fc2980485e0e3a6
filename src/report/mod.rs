//! What is to be said about a pull request, as data; the submodules put it into words.
//!
//! Comes in: delta, reviewed threats, notes. Goes out: one value that comment, threads, check and command line are rendered from.
//! Only this module and its submodules write markup, and foreign text passes through `escape` alone.

mod annotated;
pub mod annotations;
pub mod asking;
pub mod audit;
mod beside;
mod carry;
pub mod check;
pub mod comment;
mod csv;
pub mod dot;
pub mod escape;
pub mod headline;
pub mod html;
pub mod json;
pub mod junit;
pub mod layout;
mod listed;
mod losses;
pub mod marker;
pub mod markup;
pub mod matrix;
pub mod mermaid;
pub mod notice;
pub mod otm;
pub mod proposal;
pub mod register;
mod repair;
pub mod reply;
pub mod reproduction;
pub(crate) mod ruled;
pub mod sarif;
mod shown;
pub(crate) mod suggestion;
pub mod survey;
pub mod svg;
mod taken;
pub mod text;
pub mod thread;
pub mod threat_dragon;
pub mod unasked;
mod unweighed;
mod waiting;
pub mod way;
mod weakened;

pub use check::annotations::CheckAnnotation;
pub use repair::{Repair, Whose};
pub use weakened::Weakened;

use crate::change::{ObjectId, Presentation, Surface};
use crate::decisions::emergency::Emergency;
use crate::decisions::{Block, Reviewed, Ruling};
use crate::delta::Delta;
use crate::model::cause::CauseKind;
use crate::model::{Model, Suppression};
use crate::report::asking::Asking;
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::numbers::Numbers;
use crate::stride::rank;
use crate::stride::{Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Report {
    pub verdict: Verdict,
    pub advise: bool,
    /// Whether the comment ends with its open threats as JSON, for coding agents.
    pub agents: bool,
    pub base: ObjectId,
    pub head: ObjectId,
    pub delta: Delta,
    /// The touched units at the merge base, put together.
    pub before: Model,
    /// The touched units at the head, put together.
    pub after: Model,
    /// Threats of new or changed elements and flows, highest score first.
    pub reviewed: Vec<Reviewed>,
    /// The units that these threats are in: where there are several, a line number alone says nothing.
    pub units: BTreeSet<RepoPath>,
    /// Raised on the touched units before this pull request, highest score first: counted, never judged.
    pub older: Vec<Threat>,
    /// Merged before this pull request while it waited for an answer, and without one still, highest score first: no part of `older`.
    pub owed: Vec<Reviewed>,
    /// What was not read, on the head side.
    pub notes: Vec<Note>,
    /// Changed files that must be repaired before the gate can open, or be accepted as they are.
    pub repairs: Vec<Repair>,
    /// Input that is not in git and not there yet: as long as there is any, nothing of what is said here is all that there is.
    pub awaited: Vec<Awaited>,
    /// Lets the change pass for a while, whatever is open.
    pub emergency: Option<Emergency>,
    /// The edition of the organisation's own rules that it was judged by; empty where there are none.
    pub own: String,
    /// In what the change weakens the gate, which somebody must answer for.
    pub weakened: Option<Weakened>,
    /// What people said of what is decided by its ID alone, by that ID.
    pub rulings: BTreeMap<String, Ruling>,
    /// Files of formats that are not judged yet, ordered by path.
    pub not_judged: Vec<NotJudged>,
    /// How many files of the change were judged, alone or as part of a unit.
    pub judged_files: usize,
    /// Ledger blocks to append, by unit.
    pub blocks: Vec<(RepoPath, Block)>,
    /// The review threads that should be open.
    pub threads: Vec<Thread>,
    /// The numbers of the lines, those of earlier lines included.
    pub numbers: Numbers,
    /// What to tell the people whose commands were read.
    pub replies: Vec<Reply>,
    /// Warnings about settings, shown above the fold.
    pub warnings: Vec<String>,
    /// What the head's own settings state and that counts for nothing.
    pub remarks: Vec<Note>,
    /// Decisions on what the change took away, by the ID of the open threat that may stand in its place.
    pub carriable: BTreeMap<String, Earlier>,
    /// Who may decide, in words: `anyone with write access`.
    pub deciders: String,
    /// How many of them must agree, behind that they decide: `; critical needs 2 of them`. Empty where one is enough.
    pub agreement: String,
    /// `https://github.com/owner/name`, for links; empty on the command line.
    pub web_url: String,
    pub presentation: Presentation,
    /// The pull request's number, where there is one.
    pub pull: Option<u64>,
    /// Whether accepted risks would be public.
    pub public: bool,
    pub ledger: LedgerWords,
    pub asking: Asking,
    pub same_head: Vec<u64>,
}

/// A decision that `carry` can say of another threat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// `HookFn/S-61738c93`.
    pub id: String,
    /// `accepted`.
    pub verdict: &'static str,
    /// Foreign text.
    pub by: String,
}

/// The verdict on a change: DESIGN's table has a row for each, and one for a failure of the tool, which gives no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing that the pull request introduced and that blocks is without an answer.
    Clear,
    /// Nothing blocks, and a control or data was taken away.
    Noted,
    NeedsAnswer,
    /// The change touches only what is not judged.
    NotJudged,
    /// Something could not be read: nobody can tell.
    Undetermined,
}

impl Verdict {
    /// The word of the command line's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Noted => "noted",
            Self::NeedsAnswer => "needs-answer",
            Self::NotJudged => "not-judged",
            Self::Undetermined => "undetermined",
        }
    }

    /// What `astride review` exits with.
    pub fn exit(self) -> u8 {
        match self {
            Self::Clear | Self::Noted | Self::NotJudged => 0,
            Self::NeedsAnswer => 1,
            Self::Undetermined => 2,
        }
    }
}

/// How much of the change was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judged {
    All,
    /// Some of it is of formats that are not judged.
    Part,
    /// All of it is.
    Nothing,
    /// There is nothing in it that could be judged.
    Irrelevant,
}

impl Judged {
    /// The word of the command line's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Part => "part",
            Self::Nothing => "nothing",
            Self::Irrelevant => "irrelevant",
        }
    }
}

/// A file that is not judged, and what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotJudged {
    pub path: RepoPath,
    /// `Terraform`.
    pub format: String,
    /// It bears a name that a tool deploys by default, so that the headline names it.
    pub by_default_name: bool,
}

/// Input that is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Of which side and commit, and what is so; foreign text may be in it.
    pub what: String,
    pub way_out: String,
    /// Whether it comes by itself, if all goes well.
    pub is_pending: bool,
}

impl Awaited {
    /// What stands for it in the place of a threat's rule.
    pub const RULE: &'static str = "input";
}

/// What is to be said of the ledger's branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerWords {
    pub tip: Option<ObjectId>,
    /// Who may push to it, as far as that can be read; Markdown.
    pub protection: Option<String>,
    /// The branch begins with what was said on this pull request, so that its protection is news there.
    pub is_new: bool,
    /// Blocks that do not count, and why; Markdown.
    pub uncounted: Vec<String>,
}

/// The outcome of one posted comment with commands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub to: u64,
    pub surface: Surface,
    pub done: bool,
    /// Markdown, already escaped; empty where a reaction is enough.
    pub text: String,
}

/// The open threats in the order and the company in which they are told.
pub struct Arranged<'r> {
    /// What blocks and what is severe: a rule's threats on one unit.
    pub alone: Vec<Line<'r>>,
    /// The rest by group. None of it blocks.
    pub rollups: Vec<Line<'r>>,
    /// Of low weight, or beyond the most lines.
    pub low: Vec<&'r Reviewed>,
    /// The generic questions, for the full report alone.
    pub baselines: Vec<&'r Reviewed>,
}

/// Threats that are said in one line and have one answer.
pub struct Line<'r> {
    /// Within the pull request.
    pub number: usize,
    pub group: &'static str,
    /// What people type: the threat's ID where there is one only, else `rollup/recovery-1f00ac3d`.
    pub id: String,
    /// What the ID shows the first digits of: by this a line is known again.
    pub hash: String,
    /// The one that weighs most.
    pub first: &'r Reviewed,
    /// The others, highest score first.
    pub others: Vec<&'r Reviewed>,
}

impl<'r> Line<'r> {
    pub fn members(&self) -> impl Iterator<Item = &'r Reviewed> + use<'r, '_> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    pub fn blocks(&self) -> bool {
        self.members().any(|reviewed| reviewed.blocks)
    }
}

impl<'r> Arranged<'r> {
    /// The lines in the order in which they are told: those that stand alone first.
    pub fn lines(&self) -> impl Iterator<Item = &Line<'r>> {
        self.alone.iter().chain(&self.rollups)
    }

    /// The number that each open threat bears.
    pub fn numbers(&self) -> BTreeMap<&'r ThreatKey, usize> {
        self.lines().flat_map(|line| line.members().map(|reviewed| (reviewed.key(), line.number))).collect()
    }
}

/// How many answers some threats want: what several rules say of one statement, principal, layer or route has one.
pub(crate) fn answers_wanted<'r>(reviewed: impl IntoIterator<Item = &'r Reviewed>) -> usize {
    let apart = |key: &'r ThreatKey| (key.cause.kind == CauseKind::Property).then_some(key.rule);
    reviewed.into_iter().map(|reviewed| (apart(reviewed.key()), &reviewed.key().cause)).collect::<BTreeSet<_>>().len()
}

/// The conclusion of a completed check run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    Success,
    ActionRequired,
    Failure,
}

impl Conclusion {
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ActionRequired => "action_required",
            Self::Failure => "failure",
        }
    }
}

/// The check run as it should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub conclusion: Conclusion,
    pub title: String,
    /// Markdown, at most 65,535 characters each.
    pub summary: String,
    pub text: String,
    /// Where its link leads; without one, where the forge lets it lead.
    pub details: Option<String>,
    /// Each once, what the gate waits for first.
    pub annotations: Vec<CheckAnnotation>,
}

/// A review thread of ours as it should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Identity, from the marker in its first comment: the fingerprints that it asks about.
    pub marker: String,
    pub path: RepoPath,
    /// `None` for a comment on the file as a whole.
    pub line: Option<u32>,
    pub body: String,
}

impl Report {
    /// How much of the change was judged.
    pub fn judged(&self) -> Judged {
        let is_not_judged = |repair: &Repair| self.not_judged.iter().any(|other| other.path == repair.place.path);
        let counts = |repair: &Repair| self.accepted(&repair.id).is_none() || !is_not_judged(repair);
        let read = self.judged_files > 0 || self.repairs.iter().any(counts);
        match (read, self.not_judged.is_empty()) {
            (true, true) => Judged::All,
            (true, false) => Judged::Part,
            (false, false) => Judged::Nothing,
            (false, true) => Judged::Irrelevant,
        }
    }

    /// How many files must be repaired.
    pub fn files_to_repair(&self) -> usize {
        self.open_repairs().map(|repair| &repair.place.path).collect::<BTreeSet<_>>().len()
    }

    /// The threats that the gate waits for, highest score first.
    pub fn blocking(&self) -> impl Iterator<Item = &Reviewed> {
        self.reviewed.iter().filter(|reviewed| reviewed.blocks && reviewed.needs_answer())
    }

    /// Annotations that the change brings and that count for nothing as they are written.
    pub fn idle_annotations(&self) -> impl Iterator<Item = &Note> {
        let before: BTreeSet<&str> = self.before.notes.iter().map(|note| note.text.as_str()).collect();
        self.notes.iter().filter(move |note| note.kind == NoteKind::Annotation && !before.contains(note.text.as_str()))
    }

    /// What was judged and may be older than the code that it is made from.
    pub fn stale(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.kind == NoteKind::Stale)
    }

    /// What could not be read, old and new: architecture that nobody judges.
    pub(crate) fn unread(&self) -> impl Iterator<Item = &Note> {
        self.notes
            .iter()
            .filter(|note| matches!(note.kind, NoteKind::Limit | NoteKind::LeftOut | NoteKind::MissingFile | NoteKind::OutsideFile))
    }

    /// The same without the files that were missing before: of them nothing is new, and they are named with the other notes.
    pub(crate) fn unread_at_first(&self) -> impl Iterator<Item = &Note> {
        let before: BTreeSet<&str> = self.before.notes.iter().map(|note| note.text.as_str()).collect();
        self.unread().filter(move |note| note.kind != NoteKind::MissingFile || !before.contains(note.text.as_str()))
    }

    /// What could not be read and was not there before.
    pub(crate) fn newly_unread(&self) -> impl Iterator<Item = &Note> {
        let before: BTreeSet<&str> = self.before.notes.iter().map(|note| note.text.as_str()).collect();
        self.unread().filter(move |note| !before.contains(note.text.as_str()))
    }

    /// What other tools were told about the changed elements, and no threat that stands alone shows.
    pub fn other_suppressions(&self) -> impl Iterator<Item = &Suppression> {
        let touched: BTreeSet<&str> = self.delta.subjects().collect();
        let alone = if self.after.suppressions.is_empty() { Vec::new() } else { self.arranged().alone };
        let shown: BTreeSet<&Suppression> = alone.iter().flat_map(Line::members).flat_map(|reviewed| &reviewed.threat.suppressed).collect();
        self.after.suppressions.iter().filter(move |other| touched.contains(other.on.as_str()) && !shown.contains(other))
    }

    /// How the open threats are told: which stand alone, which are rolled up, which are only counted.
    pub fn arranged(&self) -> Arranged<'_> {
        arrange(&self.reviewed, &mut self.numbers.clone())
    }

    /// Gives each line its number: the one that it has, or the next.
    pub(crate) fn number_lines(&mut self) {
        let mut numbers = self.numbers.clone();
        let standing = arrange(&self.reviewed, &mut numbers).lines().map(|line| line.number).collect();
        numbers.forget(&standing);
        self.numbers = numbers;
    }
}

/// The lines that the comment shows, and that a command can therefore name.
pub fn lines<'r>(reviewed: &'r [Reviewed], numbers: &Numbers) -> Vec<Line<'r>> {
    let arranged = arrange(reviewed, &mut numbers.clone());
    arranged.alone.into_iter().chain(arranged.rollups).collect()
}

fn arrange<'r>(reviewed: &'r [Reviewed], numbers: &mut Numbers) -> Arranged<'r> {
    let open: BTreeMap<&ThreatKey, &Reviewed> =
        reviewed.iter().filter(|reviewed| reviewed.needs_answer()).map(|reviewed| (reviewed.key(), reviewed)).collect();
    let blocking = open.iter().filter(|(_, reviewed)| reviewed.blocks).map(|(key, _)| *key).collect();
    let arrangement = rank::arrange(open.values().map(|reviewed| &reviewed.threat), &blocking);
    let find = |threats: &[&Threat]| -> Vec<&Reviewed> { threats.iter().filter_map(|threat| open.get(&threat.key).copied()).collect() };
    let mut line = |line: &rank::Line<'_>| {
        let mut members = find(&line.members).into_iter();
        let number = numbers.give(&line.hash);
        Some(Line {
            number,
            group: line.group,
            id: line.id.clone(),
            hash: line.hash.clone(),
            first: members.next()?,
            others: members.collect(),
        })
    };
    Arranged {
        alone: arrangement.alone.iter().filter_map(&mut line).collect(),
        rollups: arrangement.rollups.iter().filter_map(&mut line).collect(),
        low: find(&arrangement.counted).into_iter().chain(find(&arrangement.unclear)).collect(),
        baselines: find(&arrangement.baselines),
    }
}

/// A link to lines of a file at the head, `None` on the command line.
pub fn link(web_url: &str, commit: ObjectId, place: &Place) -> Option<String> {
    if web_url.is_empty() {
        return None;
    }
    let path: String = place.path.as_str().bytes().map(percent).collect();
    Some(format!("{web_url}/blob/{commit}/{path}#L{}", place.line))
}

pub(in crate::report) fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
