//! The least of a template that still raises a threat, for whoever said that Astride misread it and for whoever mends that.
//!
//! Comes in: the files of one side, threats of one command. Goes out: of each a text that raises the same by itself, in which every name is replaced.
//! Nothing is sent. What a command takes is bounded as a whole, and what was made once for the same text is made once.

mod redacted;
mod reduced;

use crate::catalog::claims::Claims;
use crate::change::{Made, Of, Reproductions};
use crate::formats;
use crate::formats::terraform::signs;
use crate::model::exports;
use crate::source::{FileState, Files, MemoryFiles, RepoPath};
use crate::stride::threats::find_threats;
use crate::stride::vector::{FactRecord, Vector};
use crate::stride::{Outcome, Threat};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::mem::discriminant;

/// Longest reproduction, in bytes: what is longer is no small one.
const LONGEST: usize = 4_000;
/// Most bytes that are read again while a text is cut down.
const MOST_READ: usize = 8 * 1024 * 1024;
/// Most values and steps that reading them all may take: as many as a large template takes once.
const MOST_WORK: usize = 300_000;
/// How many times as much all threats of one command may take together.
const OF_A_COMMAND: usize = 2;

/// What is left for one command, on however many threats it is.
#[derive(Debug)]
pub struct Budget {
    read: usize,
    work: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(MOST_READ * OF_A_COMMAND, MOST_WORK * OF_A_COMMAND)
    }
}

impl Budget {
    /// So many bytes that are read, and values and steps that reading them takes.
    pub fn of(read: usize, work: usize) -> Self {
        Self { read, work }
    }

    /// What raises a threat by itself, with every name in it replaced; `None` where no small text does, or where finding one takes more than is
    /// given for it, or than is left.
    pub fn find(&mut self, files: &dyn Files, threat: &Threat, known: &Reproductions) -> Option<String> {
        if self.read == 0 || self.work == 0 {
            return None;
        }
        let (path, text) = text_of(files, &threat.unit)?;
        let of = Of {
            text: Sha256::digest(&text).into(),
            rule: threat.rule.id,
            threat: threat.fingerprint(),
            open: threat.outcome == Outcome::Open,
        };
        let made = known.get(of, || make(&path, &text, threat));
        let is_within = made.read <= self.read && made.work <= self.work;
        self.read = self.read.saturating_sub(made.read);
        self.work = self.work.saturating_sub(made.work);
        made.text.filter(|_| is_within)
    }
}

fn make(path: &RepoPath, text: &str, threat: &Threat) -> Made {
    let mut trial = Trial { threat, path: path.clone(), read: 0, work: 0 };
    let found = trial.cut_down(text);
    Made { text: found, read: trial.read, work: trial.work }
}

fn is_as_open(a: &Threat, b: &Threat) -> bool {
    discriminant::<Outcome>(&a.outcome) == discriminant(&b.outcome)
}

/// How each fact reads that somebody states, whatever made it so.
fn answers(facts: &Vector) -> BTreeMap<&str, &[String]> {
    let known = facts.iter().filter_map(|(fact, record)| match record {
        FactRecord::Known { answer, .. } => Some((fact.as_str(), answer.as_slice())),
        FactRecord::Unread | FactRecord::Unresolved(_) => None,
    });
    known.collect()
}

/// The unit as one text, and the file that it may stand in: its entry file, or the files of its folder one behind the other.
fn text_of(files: &dyn Files, unit: &RepoPath) -> Option<(RepoPath, String)> {
    if let FileState::Text(text) = files.state(unit) {
        return Some((unit.clone(), text.to_owned()));
    }
    let entries = files.list(&formats::folder(unit))?;
    let parts = entries.into_iter().filter(|entry| !entry.is_folder && signs::is_configuration(&entry.path));
    let texts: Vec<(RepoPath, &str)> = parts
        .filter_map(|entry| match files.state(&entry.path) {
            FileState::Text(text) => Some((entry.path, text.trim_end())),
            _ => None,
        })
        .collect();
    let path = texts.first()?.0.clone();
    Some((path, texts.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n")))
}

/// Reads texts in the place of the unit, as far as that may take.
struct Trial<'r> {
    threat: &'r Threat,
    path: RepoPath,
    read: usize,
    work: usize,
}

impl Trial<'_> {
    fn cut_down(&mut self, text: &str) -> Option<String> {
        let threat = self.threat;
        let asked = threat.vector();
        let is_it = |other: &Threat| other.key == threat.key && is_as_open(other, threat) && answers(&other.vector()) == answers(&asked);
        let reduced = reduced::reduce(text, &mut |text| self.raises(text, &is_it))?;
        let redacted = redacted::redact(&reduced);
        // Settings may have made it weigh something else: what it was found with counts.
        let weight = |threat: &Threat| threat.found_with.0;
        let is_like_it = |other: &Threat| other.rule.id == threat.rule.id && weight(other) == weight(threat) && is_as_open(other, threat);
        (redacted.len() <= LONGEST && self.raises(&redacted, &is_like_it)).then_some(redacted)
    }

    /// Whether a text raises a threat by itself.
    fn raises(&mut self, text: &str, is_it: &dyn Fn(&Threat) -> bool) -> bool {
        self.read += text.len();
        if self.read > MOST_READ || self.work > MOST_WORK {
            return false;
        }
        let files = MemoryFiles(BTreeMap::from([(self.path.clone(), text.to_owned())]));
        let mut reading = formats::read(&self.threat.unit, &files, &Claims::default());
        self.work += reading.spent.values + reading.spent.steps;
        exports::connect(&mut reading.model);
        !reading.unreadable && find_threats(&reading.model, &[self.threat.rule]).iter().any(is_it)
    }
}
