//! In what settings ask for less than others do, or trust more people.
//!
//! Comes in: two settings. Goes out: what goes from which value to which, one entry a setting, in a fixed order. What asks for more is no
//! entry. Which words are used for it is the report's business.

use super::{Excluded, Generated, Settings, bots, facts, rules, trust};
use crate::stride::rule::Severity;

/// One setting that asks for less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weakening {
    /// `gate.findings`.
    pub setting: &'static str,
    /// What is asked now, empty where there was nothing: a pattern that is added, say.
    pub from: String,
    /// What would be asked, empty where it is taken out.
    pub to: String,
}

impl Settings {
    /// In what `head` asks for less than these settings do; empty where it asks for as much or more.
    pub fn weakened_by(&self, head: &Self) -> Vec<Weakening> {
        let severity = |least: Option<Severity>| least.map_or("none", Severity::word).to_owned();
        // A missing threshold blocks nothing, so it is weaker than any.
        let weaker = |base: Option<Severity>, head: Option<Severity>| match (base, head) {
            (Some(base), Some(head)) => head > base,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let mut weakened = Vec::new();
        let mut note = |setting: &'static str, from: String, to: String| weakened.push(Weakening { setting, from, to });
        if head.mode < self.mode {
            note("mode", "enforce".to_owned(), "advise".to_owned());
        }
        if weaker(self.findings, head.findings) {
            note("gate.findings", severity(self.findings), severity(head.findings));
        }
        if weaker(self.questions, head.questions) {
            note("gate.questions", severity(self.questions), severity(head.questions));
        }
        if head.unread < self.unread {
            note("gate.unread", "fail".to_owned(), "note".to_owned());
        }
        if head.decide < self.decide {
            note("decide.right", self.decide.word().to_owned(), head.decide.word().to_owned());
        }
        if let Some((teams, other)) = self.other_teams_in(head) {
            note("decide.teams", teams, other);
        }
        bots::gained(&self.bots, &head.bots).into_iter().for_each(|bot| note("decide.bots", String::new(), bot));
        if self.owners && !head.owners {
            note("decide.owners", "true".to_owned(), "false".to_owned());
        }
        if self.puts_owners_in_place_of_teams(head) {
            note("decide.owners", "false".to_owned(), "true".to_owned());
        }
        if head.talk.approves() && !self.talk.approves() {
            note("decide.approvals", "false".to_owned(), "true".to_owned());
        }
        for severity in [Severity::Critical, Severity::High, Severity::Medium, Severity::Low] {
            let (from, to) = (self.needed_for(severity), head.needed_for(severity));
            if to < from {
                note("decide.needed", format!("{} {from}", severity.word()), format!("{} {to}", severity.word()));
            }
        }
        self.review_after.longer_in(&head.review_after).into_iter().for_each(|(from, to)| note("decide.review_after", from, to));
        // Nobody here can tell which of two groups is the smaller one.
        if head.emergency_team != self.emergency_team {
            let team = |team: &Option<String>| team.clone().unwrap_or_else(|| "administrators".to_owned());
            note("gate.emergency_team", team(&self.emergency_team), team(&head.emergency_team));
        }
        // What another workflow makes is another input, and none at all is less.
        if let Some(generated) = self.generated.as_ref().filter(|_| head.generated != self.generated) {
            note("generated", generated.words(), head.generated.as_ref().map(Generated::words).unwrap_or_default());
        }
        for lock in self.lock.difference(&head.lock) {
            note("lock", lock.word().to_owned(), String::new());
        }
        let is_known = |pattern: &str| self.excluded.iter().any(|known| known.pattern == pattern);
        for Excluded { pattern, .. } in head.excluded.iter().filter(|entry| !is_known(&entry.pattern)) {
            note("exclude", String::new(), pattern.clone());
        }
        let (gained, lost) = facts::asking_less(&self.facts, &head.facts);
        gained.into_iter().for_each(|statement| note("facts", String::new(), statement));
        lost.into_iter().for_each(|statement| note("facts", statement, String::new()));
        rules::asking_less(self, head).into_iter().for_each(|(from, to)| note("rules", from, to));
        trust::gained(&self.trust, &head.trust).into_iter().for_each(|trusted| note("trust", String::new(), trusted));
        weakened
    }
}
