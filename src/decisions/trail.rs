//! The audit trail: every block of a ledger in order of time, and what became of it.
//!
//! Comes in: the files of a ledger branch as texts, the time. Goes out: entries, and what cannot be read. What became of a word is told from
//! the ledger alone: whether somebody had the right to say it is the judgement's to tell, which knows who had which right on which day.

use crate::change::{Day, ObjectId, Timestamp};
use crate::decisions::{Block, Signature, Verdict, emergency, ledger_text, undone};
use std::collections::{BTreeMap, BTreeSet};

/// All that a ledger has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trail {
    /// In order of time; of one time in the order of the files.
    pub entries: Vec<Entry>,
    /// Files that do not parse, with the error.
    pub unreadable: Vec<(String, String)>,
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the repository that it is about.
    pub repository: u64,
    /// The ledger file, from the root of the branch.
    pub file: String,
    /// Its place in the file, from 0.
    pub index: usize,
    /// The commit that brought it, where the history is at hand.
    pub commit: Option<ObjectId>,
    pub block: Block,
    /// Whoever confirmed it, if it is a proposal.
    pub confirmed: Vec<(Signature, Timestamp)>,
    pub state: State,
}

/// What has become of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// An answer, and the last word on its threat.
    Stands,
    /// A proposal that nobody has confirmed.
    Waits,
    /// It held until that day.
    Ended(Day),
    /// A later answer took its place.
    Replaced(Signature, Timestamp),
    /// It is repeated under the name that its element has since.
    Carried,
    /// Somebody reopened the threat, or took the own word back.
    TakenBack(Signature, Timestamp),
    /// An emergency that holds still.
    Holds,
    /// An emergency that is over.
    Over,
    /// A threat that went in unanswered, of which nobody has said anything since. Whether it was mended the ledger does not know.
    Owed,
    /// A threat that went in unanswered and was answered later.
    Answered(Signature, Timestamp),
    /// A word about another word: a confirmation, a reopening, an undoing; or a merge.
    Said,
}

impl State {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Waits => "proposed",
            Self::Ended(_) => "ended",
            Self::Replaced(..) => "replaced",
            Self::Carried => "carried",
            Self::TakenBack(..) => "taken back",
            Self::Holds => "holds",
            Self::Over => "over",
            Self::Owed => "owed",
            Self::Answered(..) => "answered",
            Self::Said => "said",
        }
    }
}

/// Reads the files of a ledger branch, by their path from its root. What does not lie in the folder of a repository is no part of a ledger.
pub fn read<'f>(files: impl IntoIterator<Item = (&'f String, &'f String)>, now: Timestamp) -> Trail {
    let (mut parsed, mut unreadable) = (Vec::new(), Vec::new());
    for (path, text) in files {
        let Some(repository) = folder(path) else { continue };
        match ledger_text::parse(text) {
            Ok(blocks) => parsed.push((repository, path.clone(), blocks)),
            Err(error) => unreadable.push((path.clone(), error.to_string())),
        }
    }
    Trail { entries: of(parsed, now), unreadable }
}

/// The entries of files whose blocks are at hand: the number of the repository, the path, and the blocks in the order of the file.
pub fn of(files: impl IntoIterator<Item = (u64, String, Vec<Block>)>, now: Timestamp) -> Vec<Entry> {
    let numbered = files.into_iter().flat_map(|(repository, path, blocks)| {
        blocks.into_iter().enumerate().map(move |(index, block)| (repository, path.clone(), index, block))
    });
    let mut blocks: Vec<(u64, String, usize, Block)> = numbered.collect();
    blocks.sort_by(|a, b| (a.3.at, a.0, &a.1, a.2).cmp(&(b.3.at, b.0, &b.1, b.2)));
    let mut said: BTreeMap<u64, Vec<&Block>> = BTreeMap::new();
    for (repository, _, _, block) in &blocks {
        said.entry(*repository).or_default().push(block);
    }
    let mut passed: BTreeMap<u64, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for (repository, path, index, block) in &blocks {
        let passed = passed.entry(*repository).or_default();
        *passed += 1;
        let all = &said[repository];
        let (confirmed, state) = if is_carried(block, all) { (Vec::new(), State::Carried) } else { became(block, &all[*passed..], now) };
        let (file, block) = (path.clone(), block.clone());
        entries.push(Entry { repository: *repository, file, index: *index, commit: None, block, confirmed, state });
    }
    entries
}

/// The number of the repository that a file of the branch belongs to: `7/template.yaml.yml`.
pub fn folder(path: &str) -> Option<u64> {
    let (folder, name) = path.split_once('/')?;
    let is_ledger = name.strip_suffix(".yml").is_some_and(|name| !name.is_empty()) && !name.contains('/');
    let is_plain = !folder.starts_with('0') || folder == "0";
    folder.parse().ok().filter(|_| is_ledger && is_plain && folder.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether two blocks are about one thing: of one rule and cause, or of one fingerprint. The first edition knew elements alone.
pub fn same_threat(a: &Block, b: &Block) -> bool {
    let same_cause = match (&a.cause, &b.cause) {
        (Some(a), Some(b)) => a == b,
        (None, None) => (&a.on, &a.part) == (&b.on, &b.part),
        (Some(_), None) | (None, Some(_)) => false,
    };
    a.fingerprint == b.fingerprint || (a.rule == b.rule && same_cause)
}

/// Whether another block repeats this one under a new name; it bears the same time, so that it may stand before this one.
fn is_carried(block: &Block, all: &[&Block]) -> bool {
    let repeats = |other: &&Block| {
        let name = |block: &Block| (block.rule.clone(), block.verdict, block.by.id, block.at, block.comment);
        other.carried_from.as_deref() == Some(&*block.on) && name(other) == name(block)
    };
    block.carried_from.is_none() && all.iter().any(repeats)
}

/// Who confirmed a block, and what became of it, by what was said later.
fn became(block: &Block, later: &[&Block], now: Timestamp) -> (Vec<(Signature, Timestamp)>, State) {
    let taken_back = || later.iter().find(|other| undone::undoes(other, block)).map(|other| (other.by.clone(), other.at));
    if let Some((by, at)) = taken_back() {
        return (Vec::new(), State::TakenBack(by, at));
    }
    if block.verdict == Verdict::Emergency {
        let is_over = now.0.saturating_sub(block.at.0) >= emergency::LASTS;
        return (Vec::new(), if is_over { State::Over } else { State::Holds });
    }
    if block.verdict == Verdict::MergedOpen {
        return (Vec::new(), answered(block, later).map_or(State::Owed, |(by, at)| State::Answered(by, at)));
    }
    if !block.verdict.is_answer() {
        return (Vec::new(), State::Said);
    }
    let mut confirmed = Vec::new();
    // A proposal displaces nothing that holds: it waits beside it until somebody confirms it.
    let mut beside: Option<&Block> = None;
    for other in later.iter().copied().filter(|other| same_threat(block, other) && !is_undone(other, later)) {
        match (other.verdict, beside) {
            (Verdict::Reopened, _) => return (confirmed, State::TakenBack(other.by.clone(), other.at)),
            (Verdict::Confirmed, Some(proposal)) if proposal.is_confirmed_by(other) && !proposal.waits(1) => {
                return (confirmed, State::Replaced(proposal.by.clone(), other.at));
            }
            (Verdict::Confirmed, None) if block.proposal && block.is_confirmed_by(other) => confirmed.push((other.by.clone(), other.at)),
            (verdict, _) if verdict.is_answer() && other.proposal && !block.waits(people(&confirmed)) => beside = Some(other),
            (verdict, _) if verdict.is_answer() => return (confirmed, State::Replaced(other.by.clone(), other.at)),
            _ => {}
        }
    }
    let state = match block.until.filter(|until| *until < now.day()) {
        Some(until) => State::Ended(until),
        None if block.waits(people(&confirmed)) => State::Waits,
        None => State::Stands,
    };
    (confirmed, state)
}

/// The first answer after it that needed no confirmation, or was confirmed.
fn answered(block: &Block, later: &[&Block]) -> Option<(Signature, Timestamp)> {
    let mut proposed: Option<&Block> = None;
    for other in later.iter().copied().filter(|other| same_threat(block, other) && !is_undone(other, later)) {
        match (other.verdict, proposed) {
            (Verdict::Confirmed, Some(proposal)) if proposal.is_confirmed_by(other) && !proposal.waits(1) => {
                return Some((proposal.by.clone(), other.at));
            }
            (verdict, _) if verdict.is_answer() && other.proposal => proposed = Some(other),
            (verdict, _) if verdict.is_answer() => return Some((other.by.clone(), other.at)),
            _ => {}
        }
    }
    None
}

/// How many different people have confirmed.
fn people(confirmed: &[(Signature, Timestamp)]) -> usize {
    confirmed.iter().map(|(by, _)| by.id).collect::<BTreeSet<_>>().len()
}

fn is_undone(block: &Block, later: &[&Block]) -> bool {
    later.iter().any(|other| undone::undoes(other, block))
}
