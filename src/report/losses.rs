//! What a change destroys or makes unreadable, in words: what is lost, before and after, what stays.
//!
//! Comes in: a loss. Goes out: plain words, in pieces that a sentence and a row of a table are made of.

use crate::delta::{How, Loss, Replacement};
use crate::model::holding::{Fate, Keeps};
use crate::report::markup::count;
use std::collections::BTreeMap;

/// Most letters of a value.
const LONGEST_VALUE: usize = 80;

/// What a loss amounts to in the first line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Store,
    Key,
    Log,
    Retention,
    Policy,
}

impl Kind {
    fn of(loss: &Loss) -> Self {
        match (&loss.how, loss.keeps) {
            (How::Shortened { .. }, _) => Self::Retention,
            (How::PolicyDropped | How::ReplacementDestroys, _) => Self::Policy,
            (_, Keeps::Key) => Self::Key,
            (_, Keeps::Audit | Keeps::Shipping) => Self::Log,
            (_, Keeps::Data | Keeps::Records | Keeps::Backups) => Self::Store,
        }
    }

    fn words(self, number: usize) -> String {
        let (one, many, what) = match self {
            Self::Store => ("store", "stores", "deleted or replaced"),
            Self::Key => ("key", "keys", "deleted or disabled"),
            Self::Log => ("log or trail", "logs or trails", "removed or switched off"),
            Self::Retention => ("retention", "retentions", "shortened"),
            Self::Policy => ("deletion policy", "deletion policies", "dropped"),
        };
        format!("{} {what}", count(number, one, many))
    }
}

/// For each kind of loss its words and whom it concerns: `1 store deleted or replaced`, `[Orders]`.
pub(super) fn by_kind(losses: &[Loss]) -> Vec<(String, Vec<&str>)> {
    let mut names: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    for loss in losses {
        let named = names.entry(Kind::of(loss)).or_default();
        if !named.contains(&loss.name.as_str()) {
            named.push(&loss.name);
        }
    }
    names.into_iter().map(|(kind, names)| (kind.words(names.len()), names)).collect()
}

/// What is lost, what was, what is now, and what comes of it.
pub(super) struct Pieces {
    pub(super) what: String,
    pub(super) before: String,
    pub(super) now: String,
    /// Empty where `now` says it all.
    pub(super) outcome: String,
}

pub(super) fn pieces(loss: &Loss) -> Pieces {
    let kept = contents(loss.keeps);
    match &loss.how {
        How::Deleted => Pieces {
            what: kept.to_owned(),
            before: "there".to_owned(),
            now: if loss.keeps.is_store() || loss.keeps == Keeps::Key { "deleted".to_owned() } else { "removed".to_owned() },
            outcome: gone(loss),
        },
        How::Readdressed(to) => Pieces {
            what: kept.to_owned(),
            before: "there".to_owned(),
            now: format!("replaced by {}", to.address()),
            outcome: outcome_of_replacement(loss),
        },
        How::Replaced(replacements) => {
            let property = |replacement: &Replacement| replacement.property.to_owned();
            let first = replacements.first();
            let more = match replacements.len() {
                0 | 1 => String::new(),
                number => format!(" and {}", count(number - 1, "other property", "other properties")),
            };
            let when = first.map(|first| first.when.as_str()).filter(|when| !when.is_empty());
            // The first thing asked says most: what conditions compare stands before their names.
            let when = when.map(|when| when.split(", ").next().unwrap_or(when));
            let when = when.map_or_else(String::new, |when| format!(" where {when}"));
            Pieces {
                what: format!("{}{more}{when}", first.map(property).unwrap_or_default()),
                before: first.map(|first| value(first.before.as_deref())).unwrap_or_default(),
                now: first.map(|first| value(first.now.as_deref())).unwrap_or_default(),
                outcome: format!("this makes another {}: {}", loss.noun, outcome_of_replacement(loss)),
            }
        }
        How::Planned(by) => Pieces {
            what: kept.to_owned(),
            before: "there".to_owned(),
            now: if by.is_empty() {
                "replaced".to_owned()
            } else {
                format!("replaced by {}", by.iter().cloned().collect::<Vec<_>>().join(", "))
            },
            outcome: format!("the plan makes another {}: {}", loss.noun, outcome_of_replacement(loss)),
        },
        How::Conditional { before, now } => Pieces {
            what: format!("when the {} is made", loss.noun),
            before: before.clone(),
            now: now.clone(),
            outcome: match gone(loss) {
                stays if loss.stays.is_some() => format!("elsewhere it is deleted, {stays}"),
                _ => format!("elsewhere it is deleted with {kept}"),
            },
        },
        How::Shortened { what, before, now } => Pieces {
            what: format!("how long {what} are kept"),
            before: before.map_or_else(|| "for ever".to_owned(), duration),
            now: duration(*now),
            outcome: String::new(),
        },
        How::PolicyDropped => Pieces {
            what: "DeletionPolicy".to_owned(),
            before: "kept when its resource goes".to_owned(),
            now: "deleted with it".to_owned(),
            outcome: String::new(),
        },
        How::ReplacementDestroys => Pieces {
            what: "UpdateReplacePolicy".to_owned(),
            before: "kept when another resource takes its place".to_owned(),
            now: "deleted then".to_owned(),
            outcome: String::new(),
        },
        How::SwitchedOff => Pieces { what: kept.to_owned(), before: "on".to_owned(), now: "switched off".to_owned(), outcome: gone(loss) },
    }
}

/// A value as people read it: what is symbolic by its name alone, and no more than fits into a line.
fn value(value: Option<&str>) -> String {
    let Some(value) = value else { return "not set".to_owned() };
    let mut words = value.replace("${param:", "${");
    if let Some((cut, _)) = words.char_indices().nth(LONGEST_VALUE) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// What it is that somebody loses.
fn contents(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Data => "what it keeps",
        Keeps::Records => "the records in it",
        Keeps::Backups => "the backups in it",
        Keeps::Key => "the key",
        Keeps::Audit => "the record of who does what",
        Keeps::Shipping => "what is passed on",
    }
}

/// What follows from it that is not said already.
fn gone(loss: &Loss) -> String {
    match (loss.keeps, loss.stays) {
        (_, Some(Fate::Snapshot)) => "a snapshot stays".to_owned(),
        (_, Some(Fate::Kept)) => "what it keeps stays".to_owned(),
        (Keeps::Data | Keeps::Records | Keeps::Backups, _) => String::new(),
        (Keeps::Key, _) => "what is encrypted with it cannot be read".to_owned(),
        (Keeps::Audit, _) => "it records nothing any more".to_owned(),
        (Keeps::Shipping, _) => "it passes nothing on any more".to_owned(),
    }
}

fn outcome_of_replacement(loss: &Loss) -> String {
    match loss.stays {
        Some(Fate::Kept) => "the old one is kept, but the new one is empty".to_owned(),
        Some(Fate::Snapshot) => "a snapshot of the old one stays, the new one is empty".to_owned(),
        Some(Fate::Deleted | Fate::Unresolved) | None => match loss.keeps {
            Keeps::Records | Keeps::Backups => format!("{} are not moved", contents(loss.keeps)),
            Keeps::Data | Keeps::Key | Keeps::Audit | Keeps::Shipping => format!("{} is not moved", contents(loss.keeps)),
        },
    }
}

/// `1 day`, `36 hours`: in the largest unit that leaves no rest.
fn duration(seconds: i64) -> String {
    for (unit, one, many) in [(86_400, "day", "days"), (3_600, "hour", "hours"), (60, "minute", "minutes")] {
        if seconds % unit == 0 {
            return count(usize::try_from(seconds / unit).unwrap_or(usize::MAX), one, many);
        }
    }
    count(usize::try_from(seconds).unwrap_or(usize::MAX), "second", "seconds")
}
