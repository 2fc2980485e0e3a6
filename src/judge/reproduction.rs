//! The least of a template that still raises a threat, for whoever said that Astride misread it and for whoever mends that.
//!
//! Comes in: the files of one side, a threat. Goes out: a text that raises the same by itself, in which every name is replaced. Nothing is sent.

mod redacted;
mod reduced;

use crate::catalog::claims::Claims;
use crate::formats;
use crate::formats::terraform::signs;
use crate::model::exports;
use crate::source::{FileState, Files, MemoryFiles, RepoPath};
use crate::stride::threats::find_threats;
use crate::stride::vector::{FactRecord, Vector};
use crate::stride::{Outcome, Threat};
use std::collections::BTreeMap;
use std::mem::discriminant;

/// Longest reproduction, in bytes: what is longer is no small one.
const LONGEST: usize = 4_000;
/// Most bytes that are read again while a text is cut down.
const MOST_READ: usize = 8 * 1024 * 1024;
/// Most values and steps that reading them all may take: as many as a large template takes once.
const MOST_WORK: usize = 300_000;

/// What raises a threat by itself, with every name in it replaced; `None` where no small text does, or where finding one takes more than is given.
pub fn find(files: &dyn Files, threat: &Threat) -> Option<String> {
    let (path, text) = text_of(files, &threat.unit)?;
    let mut trial = Trial { threat, path, read: 0, work: 0 };
    let asked = threat.vector();
    let is_it = |other: &Threat| other.key == threat.key && is_as_open(other, threat) && answers(&other.vector()) == answers(&asked);
    let reduced = reduced::reduce(&text, &mut |text| trial.raises(text, &is_it))?;
    let redacted = redacted::redact(&reduced);
    let is_like_it = |other: &Threat| other.rule.id == threat.rule.id && other.severity == threat.severity && is_as_open(other, threat);
    (redacted.len() <= LONGEST && trial.raises(&redacted, &is_like_it)).then_some(redacted)
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
