//! Keys that an organisation locks: a repository's own entries under them may not ask for less than the organisation's do.
//!
//! Comes in: a repository's settings and its organisation's. Goes out: the repository's without what is locked, and each entry that was taken out,
//! with file and line.

use super::facts::{asks_for_less, key, words};
use super::written::globs;
use super::{Settings, SettingsError, rules};
use crate::source::Place;
use std::collections::BTreeSet;

/// What can be locked beyond the keys of which the stricter value counts in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// Only what the organisation leaves out is left out.
    Exclude,
    /// What people state in settings and what would answer something counts only where the organisation states it too.
    Facts,
    /// What a repository says of rules counts only where it asks for more.
    Rules,
}

impl Lock {
    /// The key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Facts => "facts",
            Self::Rules => "rules",
        }
    }

    /// Why an entry counts for nothing.
    pub(super) fn refusal(self, entry: &str, place: &Place) -> SettingsError {
        let message = format!("{}: the organisation locks this key, and does not have `{entry}`", self.word());
        SettingsError { place: place.clone(), message }
    }
}

/// A pattern of paths that are not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    pub pattern: String,
    pub place: Place,
}

impl Settings {
    /// Takes out what the organisation locks and does not have itself. What asks for more stays.
    pub(super) fn hold_to_locks(&mut self, organisation: &Self) {
        if organisation.lock.contains(&Lock::Exclude) {
            let known: BTreeSet<&str> = organisation.excluded.iter().map(|entry| entry.pattern.as_str()).collect();
            let refused = self.excluded.extract_if(.., |entry| !known.contains(entry.pattern.as_str()));
            self.refused.extend(refused.map(|entry| Lock::Exclude.refusal(&entry.pattern, &entry.place)));
            // Patterns that were taken once are taken again.
            self.exclude = globs("exclude", self.excluded.iter().map(|entry| entry.pattern.as_str())).unwrap_or_default();
        }
        if organisation.lock.contains(&Lock::Facts) {
            let known: BTreeSet<_> = organisation.facts.iter().map(key).collect();
            let refused = self.facts.extract_if(.., |statement| asks_for_less(statement) && !known.contains(&key(statement)));
            self.refused.extend(refused.map(|statement| Lock::Facts.refusal(&words(&statement), &statement.place)));
            // Of the organisation's own facts nobody knows here which statements ask for less.
            self.own_stated.iter_mut().for_each(|statement| statement.lock_unless_in(&organisation.own_stated));
        }
        if organisation.lock.contains(&Lock::Rules) {
            rules::hold_to_lock(&mut self.rules.own, &mut self.refused);
        }
        self.lock.extend(&organisation.lock);
    }
}
