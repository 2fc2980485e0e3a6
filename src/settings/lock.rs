//! Keys that an organisation locks: a repository's own entries under them may not ask for less than the organisation's do.
//!
//! Comes in: a repository's settings and its organisation's. Goes out: the repository's without what is locked, and each entry that was taken out,
//! with file and line.

use super::facts::{asks_for_less, key, words};
use super::written::globs;
use super::{Settings, SettingsError, rules};
use crate::source::Place;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

/// A key that can be locked: one of those of which the stricter value does not count in any case.
#[derive(Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lock {
    /// No bot proposes but those that the organisation names.
    Bots,
    /// Only what the organisation leaves out is left out.
    Exclude,
    /// What people state in settings and what would answer something counts only where the organisation states it too.
    Facts,
    /// What a repository says of rules counts only where it asks for more.
    Rules,
    /// Nobody is trusted but whom the organisation trusts.
    Trust,
}

impl Lock {
    /// The key.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bots => "bots",
            Self::Exclude => "exclude",
            Self::Facts => "facts",
            Self::Rules => "rules",
            Self::Trust => "trust",
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
        if organisation.lock.contains(&Lock::Bots) {
            let refused = self.bots.extract_if(.., |own| organisation.bots.iter().all(|bot| bot.id != own.id));
            self.refused.extend(refused.map(|own| Lock::Bots.refusal(&own.id.0.to_string(), &own.place)));
        }
        if organisation.lock.contains(&Lock::Rules) {
            rules::hold_to_lock(&mut self.rules.own, &mut self.refused);
        }
        if organisation.lock.contains(&Lock::Trust) {
            let refused = self.trust.extract_if(.., |own| organisation.trust.iter().all(|trusted| trusted.id != own.id));
            self.refused.extend(refused.map(|own| Lock::Trust.refusal(&format!("{} ({})", own.id, own.who), &own.place)));
        }
        self.lock.extend(&organisation.lock);
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{ORGANISATION, PATH, parse};
    use crate::source::RepoPath;

    #[test]
    fn whom_an_organisation_trusts_is_its_own_to_say() {
        const OWN: &str = "trust:\n  111122223333: ours\n  444455556666: a vendor\n";
        const REFUSED: &str = "trust: the organisation locks this key, and does not have `444455556666 (a vendor)`";
        for (organisation, trusted, refused) in [
            ("mode: enforce\n", &["111122223333 ours", "444455556666 a vendor"][..], &[][..]),
            // Of whom both name, the organisation says who it is.
            ("trust: {111122223333: log archive}\n", &["444455556666 a vendor", "111122223333 log archive"], &[]),
            ("lock: [trust]\ntrust: {111122223333: log archive}\n", &["111122223333 log archive"], &[(3, REFUSED)]),
        ] {
            let mut settings = parse(&RepoPath::new(PATH), OWN).unwrap();
            settings.tighten(&parse(&RepoPath::new(ORGANISATION.1), organisation).unwrap());
            let found: Vec<String> = settings.trust.iter().map(|trusted| format!("{} {}", trusted.id, trusted.who)).collect();
            assert_eq!(found, trusted, "{organisation}");
            let found: Vec<(u32, &str)> = settings.refused.iter().map(|error| (error.place.line, error.message.as_str())).collect();
            assert_eq!(found, refused, "{organisation}");
        }
    }
}
