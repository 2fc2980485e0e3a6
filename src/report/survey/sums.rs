//! The sums over a survey: what its changes come to, and how often each rule speaks.
//!
//! Comes in: a survey. Goes out: numbers, with the changes that are examples of them.

use crate::report::survey::{Outcome, Survey, Surveyed, Told};
use crate::stride::rule::Rule;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// How many changes came to what.
pub type Outcomes = BTreeMap<Outcome, usize>;

const SECONDS_PER_WEEK: i64 = 7 * 86_400;

/// One rule over all changes.
#[derive(Clone, Debug)]
pub struct RuleUse<'s> {
    pub rule: &'static Rule,
    /// Each time that people would have read it, newest change first.
    pub uses: Vec<Use<'s>>,
    /// How often it is only counted.
    pub counted: usize,
}

/// What is switched off of one rule, over all changes.
#[derive(Clone, Debug)]
pub struct Silence<'s> {
    pub rule: &'static Rule,
    /// How many changes bring such threats.
    pub changes: usize,
    /// How many threats.
    pub times: usize,
    /// Each reason with its file: foreign text.
    pub reasons: BTreeSet<&'s str>,
}

/// A threat of a change.
#[derive(Clone, Copy, Debug)]
pub struct Use<'s> {
    pub change: &'s Surveyed,
    pub told: &'s Told,
}

impl<'s> RuleUse<'s> {
    /// What the rule says, whatever it is about: `No authorisation on … of …: anyone on the internet can call that`.
    pub fn outline(&self) -> String {
        let mut pieces = self.rule.title.split('{');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
            // What stands behind a point is said in brackets, of one element alone.
            out.push_str(if name.contains('.') { "" } else { "…" });
            out.push_str(rest);
        }
        out
    }

    /// On how many changes people would have read it.
    pub fn changes(&self) -> usize {
        self.uses.iter().map(|one| one.change.commit).collect::<BTreeSet<_>>().len()
    }

    /// How many changes it would have held.
    pub fn held(&self) -> usize {
        self.uses.iter().filter(|one| one.told.blocks).map(|one| one.change.commit).collect::<BTreeSet<_>>().len()
    }

    /// One for each of the newest changes.
    pub fn examples(&self, most: usize) -> Vec<Use<'s>> {
        let mut seen = BTreeSet::new();
        self.uses.iter().filter(|one| seen.insert(one.change.commit)).take(most).copied().collect()
    }
}

impl Survey {
    /// All changes of the period.
    pub fn total(&self) -> usize {
        self.changes.len() + self.untouched
    }

    pub fn outcomes(&self) -> Outcomes {
        let mut outcomes: Outcomes = Outcome::ALL.into_iter().map(|outcome| (outcome, 0)).collect();
        for change in &self.changes {
            *outcomes.entry(change.outcome()).or_default() += 1;
        }
        outcomes
    }

    /// The changes that came to something, newest first.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Surveyed> {
        self.changes.iter().filter(move |change| change.outcome() == outcome)
    }

    /// Whether anything would have waited for somebody.
    pub fn holds(&self) -> bool {
        self.changes.iter().any(|change| matches!(change.outcome(), Outcome::Held | Outcome::Repair))
    }

    /// `, 12.5 a week`; nothing for less than a week.
    pub fn per_week(&self) -> String {
        let changes = i64::try_from(self.total()).unwrap_or(i64::MAX);
        let seconds = self.period.map_or(0, |(oldest, newest)| newest.0.saturating_sub(oldest.0));
        if seconds < SECONDS_PER_WEEK {
            return String::new();
        }
        let tenths = changes.saturating_mul(10).saturating_mul(SECONDS_PER_WEEK) / seconds;
        format!(", {}.{} a week", tenths / 10, tenths % 10)
    }

    /// `4 %` of all changes, and `<1 %` where it is less than one in a hundred.
    pub fn share(&self, changes: usize) -> String {
        match (changes * 100).checked_div(self.total()) {
            Some(0) if changes > 0 => "<1 %".to_owned(),
            Some(hundredths) => format!("{hundredths} %"),
            None => "-".to_owned(),
        }
    }

    /// The rules, noisiest first: by the changes on which they are read, then by how often.
    pub fn rules(&self) -> Vec<RuleUse<'_>> {
        let mut rules: BTreeMap<&'static str, RuleUse<'_>> = BTreeMap::new();
        for change in &self.changes {
            for told in change.threats() {
                let entry = rules.entry(told.rule.id).or_insert(RuleUse { rule: told.rule, uses: Vec::new(), counted: 0 });
                if told.is_read() {
                    entry.uses.push(Use { change, told });
                } else {
                    entry.counted += 1;
                }
            }
        }
        let mut rules: Vec<RuleUse<'_>> = rules.into_values().collect();
        rules.sort_by_key(|rule| (Reverse(rule.changes()), Reverse(rule.uses.len()), Reverse(rule.counted), rule.rule.id));
        rules
    }

    /// What nobody would have been asked, by rule, most changes first.
    pub fn switched_off(&self) -> Vec<Silence<'_>> {
        let mut rules: BTreeMap<&'static str, Silence<'_>> = BTreeMap::new();
        for said in self.changes.iter().filter_map(|change| change.said.as_ref().ok()) {
            let mut counted = BTreeSet::new();
            for off in &said.switched_off {
                let silence = Silence { rule: off.rule, changes: 0, times: 0, reasons: BTreeSet::new() };
                let silence = rules.entry(off.rule.id).or_insert(silence);
                silence.changes += usize::from(counted.insert(off.rule.id));
                silence.times += off.times;
                silence.reasons.insert(&off.why);
            }
        }
        let mut rules: Vec<Silence<'_>> = rules.into_values().collect();
        rules.sort_by_key(|silence| (Reverse(silence.changes), Reverse(silence.times), silence.rule.id));
        rules
    }
}
