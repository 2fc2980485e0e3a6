//! What is to be said about a pull request, as data; the submodules put it into words.
//!
//! Comes in: delta, reviewed threats, notes. Goes out: one value that comment, threads, check and command line are rendered from.
//! Only this module and its submodules write markup, and foreign text passes through `escape` alone.

pub mod check;
pub mod comment;
pub mod dot;
pub mod escape;
pub mod headline;
pub mod html;
pub mod json;
pub mod layout;
pub mod marker;
pub mod markup;
pub mod matrix;
pub mod mermaid;
pub mod otm;
pub mod reply;
pub mod sarif;
pub mod svg;
pub mod text;
pub mod thread;
pub mod threat_dragon;
mod weakened;

pub use weakened::Weakened;

use crate::change::{Day, ObjectId, Surface, Timestamp};
use crate::decisions::emergency::Emergency;
use crate::decisions::{Block, Decided, Reviewed, Ruling, Standing, matter_key};
use crate::delta::Delta;
use crate::model::{Model, Suppression};
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::rank;
use crate::stride::{Fingerprint, Threat, ThreatKey};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The whole of it.
#[derive(Clone, Debug)]
pub struct Report {
    pub verdict: Verdict,
    pub advise: bool,
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
    /// Raised on the touched units before this pull request: counted, never judged.
    pub older: usize,
    /// What was not read, on the head side.
    pub notes: Vec<Note>,
    /// Changed files that must be repaired before the gate can open, or be accepted as they are.
    pub repairs: Vec<Repair>,
    /// Lets the change pass for a while, whatever is open.
    pub emergency: Option<Emergency>,
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
    /// What to tell the people whose commands were read.
    pub replies: Vec<Reply>,
    /// Warnings about settings, shown above the fold.
    pub warnings: Vec<String>,
    /// Who may decide, in words: `anyone with write access`.
    pub deciders: String,
    /// `https://github.com/owner/name`, for links; empty on the command line.
    pub web_url: String,
    /// The pull request's number, where there is one.
    pub pull: Option<u64>,
    /// Whether accepted risks would be public.
    pub public: bool,
    pub ledger: LedgerWords,
    pub same_head: Vec<u64>,
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
}

impl Verdict {
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

/// Something that must be repaired, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repair {
    pub place: Place,
    pub what: String,
    pub way_out: String,
    /// What people type to accept it: bound to the file's path and content, so that another version of the file asks again.
    pub id: String,
    /// Whether anybody may accept it: not what the record of acceptances itself needs.
    pub acceptable: bool,
}

/// What is to be said of the ledger's branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerWords {
    pub tip: Option<ObjectId>,
    /// Who may push to it, as far as that can be read; Markdown.
    pub protection: Option<String>,
    /// Blocks that do not count, and why; Markdown.
    pub uncounted: Vec<String>,
}

impl Repair {
    /// What the ledger keeps in the place of a threat's rule.
    pub const RULE: &'static str = "repair";

    /// The ID of the repairs of one file: `repair/template.yaml-7f3a9c21`.
    pub fn id_of(path: &RepoPath, blob: Option<ObjectId>) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
        let name: String = path.file_name().chars().map(plain).collect();
        format!("repair/{name}-{}", Self::fingerprint_of(path, blob).short())
    }

    /// What the ID is the beginning of.
    pub fn fingerprint_of(path: &RepoPath, blob: Option<ObjectId>) -> Fingerprint {
        let blob = blob.map(|id| id.to_string()).unwrap_or_default();
        Fingerprint(Sha256::digest(format!("repair {}:{path} {blob}", path.as_str().len())).into())
    }
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
    pub group: &'static str,
    /// What people type: the threat's ID where there is one only, else `rollup/recovery-1f00ac3d`.
    pub id: String,
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
    /// The lines in the order of their numbers, from 1: those that stand alone first.
    pub fn lines(&self) -> impl Iterator<Item = &Line<'r>> {
        self.alone.iter().chain(&self.rollups)
    }

    /// The number that each open threat bears.
    pub fn numbers(&self) -> BTreeMap<&'r ThreatKey, usize> {
        (1..).zip(self.lines()).flat_map(|(number, line)| line.members().map(move |reviewed| (reviewed.key(), number))).collect()
    }
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

    /// Who accepted what bears this ID, and why.
    pub fn accepted(&self, id: &str) -> Option<&Decided> {
        match self.rulings.get(id)? {
            Ruling::Decided(decided) => Some(decided),
            Ruling::Proposed(_) => None,
        }
    }

    /// The repairs that nobody has accepted.
    pub fn open_repairs(&self) -> impl Iterator<Item = &Repair> {
        self.repairs.iter().filter(|repair| self.accepted(&repair.id).is_none())
    }

    /// What weakens the gate and nobody has answered.
    pub fn open_weakened(&self) -> Option<&Weakened> {
        self.weakened.as_ref().filter(|weakened| self.accepted(&weakened.id()).is_none())
    }

    /// How many files must be repaired.
    pub fn files_to_repair(&self) -> usize {
        self.open_repairs().map(|repair| &repair.place.path).collect::<BTreeSet<_>>().len()
    }

    /// The threats that the gate waits for, highest score first.
    pub fn blocking(&self) -> impl Iterator<Item = &Reviewed> {
        self.reviewed.iter().filter(|reviewed| reviewed.blocks && reviewed.needs_answer())
    }

    /// What the change brings that may need somebody's word.
    pub fn introduces(&self) -> BTreeSet<ThreatKey> {
        let threats = self.reviewed.iter().filter(|reviewed| reviewed.introduced).map(|reviewed| reviewed.threat.key.clone());
        let repairs = self.repairs.iter().map(|repair| matter_key(Repair::RULE, &repair.id));
        let weakened = self.weakened.iter().map(|weakened| matter_key(Weakened::RULE, &weakened.id()));
        threats.chain(repairs).chain(weakened).collect()
    }

    /// What the gate waits for.
    pub fn outstanding(&self) -> BTreeSet<ThreatKey> {
        let repairs = self.open_repairs().map(|repair| matter_key(Repair::RULE, &repair.id));
        let weakened = self.open_weakened().map(|weakened| matter_key(Weakened::RULE, &weakened.id()));
        self.blocking().map(|reviewed| reviewed.threat.key.clone()).chain(repairs).chain(weakened).collect()
    }

    /// Whether the gate waits for something.
    pub fn waits(&self) -> bool {
        matches!(self.verdict, Verdict::NeedsAnswer | Verdict::Undetermined)
    }

    /// The emergency by which the change passes though the gate waits for something.
    pub fn passes_by(&self) -> Option<&Emergency> {
        self.emergency.as_ref().filter(|_| self.waits())
    }

    /// When the first thing ends that the report rests on: an emergency, or a decision with a last day.
    pub fn stands_until(&self) -> Option<Timestamp> {
        let standing = self.reviewed.iter().filter_map(|reviewed| match &reviewed.standing {
            Standing::Decided(decided) | Standing::Proposed(decided) => decided.until,
            Standing::Open | Standing::Unclear | Standing::Covered | Standing::Claimed | Standing::Reopened { .. } => None,
        });
        let ruled = self.rulings.values().filter_map(|ruling| match ruling {
            Ruling::Proposed(decided) | Ruling::Decided(decided) => decided.until,
        });
        let days = standing.chain(ruled).map(Day::end);
        days.chain(self.emergency.as_ref().map(|emergency| emergency.until)).min()
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
        self.notes.iter().filter(|note| matches!(note.kind, NoteKind::Limit | NoteKind::MissingFile | NoteKind::OutsideFile))
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
        arrange(&self.reviewed)
    }
}

/// The lines that the comment shows, and that a command can therefore name.
pub fn lines(reviewed: &[Reviewed]) -> Vec<Line<'_>> {
    let arranged = arrange(reviewed);
    arranged.alone.into_iter().chain(arranged.rollups).collect()
}

fn arrange(reviewed: &[Reviewed]) -> Arranged<'_> {
    let open: BTreeMap<&ThreatKey, &Reviewed> =
        reviewed.iter().filter(|reviewed| reviewed.needs_answer()).map(|reviewed| (reviewed.key(), reviewed)).collect();
    let blocking = open.iter().filter(|(_, reviewed)| reviewed.blocks).map(|(key, _)| *key).collect();
    let arrangement = rank::arrange(open.values().map(|reviewed| &reviewed.threat), &blocking);
    let find = |threats: &[&Threat]| -> Vec<&Reviewed> { threats.iter().filter_map(|threat| open.get(&threat.key).copied()).collect() };
    let line = |line: &rank::Line<'_>| {
        let mut members = find(&line.members).into_iter();
        Some(Line { group: line.group, id: line.id.clone(), first: members.next()?, others: members.collect() })
    };
    Arranged {
        alone: arrangement.alone.iter().filter_map(line).collect(),
        rollups: arrangement.rollups.iter().filter_map(line).collect(),
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

fn percent(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    }
}
