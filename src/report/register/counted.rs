//! How many threats of a register there are: by age, by whose they are, and over time; and how often rules misread.
//!
//! Comes in: a register, the words of its ledger, the day. Goes out: numbers. What was at the end of a month is told from the ledger alone: a
//! threat that was mended without a word is counted on there, and one that nobody has spoken of is not.

use crate::change::Day;
use crate::decisions::trail::{Entry, State};
use crate::decisions::{Reviewed, Verdict};
use crate::report::register::due::{self, Group};
use crate::report::register::{Stock, asked, decision};
use std::collections::{BTreeMap, BTreeSet};

/// The groups that are counted: what the files themselves cover is nobody's, and has no age.
pub const GROUPS: [Group; 6] = [Group::Debt, Group::Open, Group::Unclear, Group::Accepted, Group::Transferred, Group::Settled];
/// By group, in the order of `GROUPS`.
pub type ByGroup = [usize; GROUPS.len()];

/// Up to how many days, in words.
const AGES: [(i64, &str); 5] =
    [(30, "up to 30 days"), (90, "31 to 90 days"), (180, "91 to 180 days"), (365, "181 days to a year"), (i64::MAX, "over a year")];
/// What nobody has spoken of has no day of its own.
const UNSPOKEN: &str = "nobody has said anything yet";
/// Whose those are that nobody is asked about, and whose path no code owner has.
const NOBODY: &str = "nobody";
/// Most months that are told.
pub const MONTHS: usize = 24;

/// How many threats are as old as that, by the day of the merge that they are owed since, or of the word on them. Without empty lines.
pub fn by_age(stock: &Stock, today: Day) -> Vec<(&'static str, ByGroup)> {
    let words = AGES.iter().map(|(_, words)| *words).chain([UNSPOKEN]);
    let mut rows: Vec<(&'static str, ByGroup)> = words.map(|words| (words, ByGroup::default())).collect();
    for (reviewed, group) in counted(stock) {
        let since = reviewed.debt().map(|debt| debt.at).or(decision(&reviewed.standing).map(|decided| decided.at));
        let age = since.map(|since| today.0 - since.day().0);
        let row = age.map_or(AGES.len(), |age| AGES.iter().position(|(most, _)| age <= *most).unwrap_or(AGES.len() - 1));
        rows[row].1[group] += 1;
    }
    rows.retain(|(_, numbers)| numbers.iter().any(|number| *number > 0));
    rows
}

/// Of whom it is to answer, or who answered: whoever is asked or bears it, else of an answer who gave it, else the owners of the code. With how many
/// of them are due; most first.
pub fn by_owner(stock: &Stock, today: Day) -> Vec<(String, ByGroup, usize)> {
    let due: BTreeSet<String> = due::due(&stock.register, today).iter().map(|due| due.reviewed.threat.id()).collect();
    let mut rows: BTreeMap<String, (ByGroup, usize)> = BTreeMap::new();
    for (reviewed, group) in counted(stock) {
        let row = rows.entry(owner(reviewed, stock)).or_default();
        row.0[group] += 1;
        row.1 += usize::from(due.contains(&reviewed.threat.id()));
    }
    let mut rows: Vec<(String, ByGroup, usize)> = rows.into_iter().map(|(name, (numbers, due))| (name, numbers, due)).collect();
    rows.sort_by_key(|(name, numbers, _)| (std::cmp::Reverse(numbers.iter().sum::<usize>()), name.clone()));
    rows
}

fn owner(reviewed: &Reviewed, stock: &Stock) -> String {
    let decided = decision(&reviewed.standing).filter(|_| !reviewed.standing.is_asked());
    let named = asked(reviewed).or_else(|| decided.and_then(|decided| decided.to.as_deref()));
    let by = || decided.map(|decided| decided.confirmed_by.as_ref().unwrap_or(&decided.by).login.clone());
    let owners = || {
        let names: Vec<&str> = stock.owners.of(&reviewed.threat.place.path).iter().map(|owner| owner.name()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    named.map(str::to_owned).or_else(by).or_else(owners).unwrap_or_else(|| NOBODY.to_owned())
}

fn counted(stock: &Stock) -> impl Iterator<Item = (&Reviewed, usize)> {
    let place = |reviewed: &Reviewed| Group::of(reviewed).and_then(|group| GROUPS.iter().position(|known| *known == group));
    stock.register.threats.iter().filter_map(move |reviewed| Some((reviewed, place(reviewed)?)))
}

/// What stood at the end of a month, or stands today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`.
    pub name: String,
    /// Merged while they waited, or put off.
    pub owed: usize,
    pub accepted: usize,
    pub transferred: usize,
    /// Mitigated, not applicable, misread.
    pub settled: usize,
    /// Answers that were taken back, or ended, in it.
    pub reopened: usize,
}

/// By month since the first word, the last of them up to today.
pub fn over_time(said: &[&Entry], today: Day) -> Vec<Month> {
    let Some(first) = said.iter().map(|entry| entry.block.at.day()).min() else { return Vec::new() };
    let mut months = Vec::new();
    let mut begins = month_of(first);
    while begins <= today {
        let next = month_of(Day(begins.0 + 31));
        months.push(month(said, begins, Day((next.0 - 1).min(today.0))));
        begins = next;
    }
    months.split_off(months.len().saturating_sub(MONTHS))
}

/// The first day of a month.
fn month_of(day: Day) -> Day {
    let name = day.to_string();
    let first = name.rsplit_once('-').and_then(|(month, _)| Day::parse(&format!("{month}-01")));
    first.unwrap_or(day)
}

fn month(said: &[&Entry], begins: Day, ends: Day) -> Month {
    let mut stood: BTreeMap<&'static str, BTreeSet<(u64, String)>> = BTreeMap::new();
    let mut reopened = 0;
    for entry in said {
        let Some((from, until)) = held(entry) else { continue };
        let is_over = until.filter(|until| *until <= ends);
        let is_answer = entry.block.verdict != Verdict::MergedOpen;
        let is_replaced = matches!(entry.state, State::Replaced(..));
        reopened += usize::from(is_answer && !is_replaced && is_over.is_some_and(|until| until >= begins));
        if from <= ends && is_over.is_none() {
            let group = match entry.block.verdict {
                Verdict::MergedOpen | Verdict::Deferred => "owed",
                Verdict::Accepted => "accepted",
                Verdict::Transferred => "transferred",
                _ => "settled",
            };
            stood.entry(group).or_default().insert((entry.repository, entry.block.fingerprint.to_string()));
        }
    }
    let number = |group: &str| stood.get(group).map_or(0, BTreeSet::len);
    let name = begins.to_string().chars().take(7).collect();
    Month {
        name,
        owed: number("owed"),
        accepted: number("accepted"),
        transferred: number("transferred"),
        settled: number("settled"),
        reopened,
    }
}

/// From which day on an answer held, or a threat was owed, and from which on it did no more; `None` for what answers nothing.
fn held(entry: &Entry) -> Option<(Day, Option<Day>)> {
    let confirmed = entry.confirmed.iter().map(|(_, at)| at.day()).max();
    let from = confirmed.unwrap_or_else(|| entry.block.at.day());
    let until = match &entry.state {
        State::Stands | State::Owed => None,
        State::Ended(day) => Some(Day(day.0 + 1)),
        State::Replaced(_, at) | State::TakenBack(_, at) | State::Answered(_, at) => Some(at.day()),
        State::Waits | State::Carried | State::Holds | State::Over | State::Said => return None,
    };
    // One that was taken back before anybody confirmed it never held.
    let never_held = entry.block.proposal && entry.confirmed.is_empty();
    let counts = entry.block.verdict.is_answer() && !never_held || entry.block.verdict == Verdict::MergedOpen;
    counts.then_some((from, until))
}

/// Which rules people found to have misread, and how often of how many answers that nobody has taken back; without those that never did.
pub fn misread<'e>(said: &[&'e Entry]) -> Vec<(&'e str, usize, usize)> {
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let stands = |entry: &&&Entry| held(entry).is_some() && !matches!(entry.state, State::TakenBack(..) | State::Replaced(..));
    for block in said.iter().filter(stands).map(|entry| &entry.block).filter(|block| block.verdict.is_answer()) {
        let (wrong, all) = rules.entry(&block.rule).or_default();
        *wrong += usize::from(block.verdict == Verdict::Wrong);
        *all += 1;
    }
    let mut rules: Vec<(&str, usize, usize)> = rules.into_iter().map(|(rule, (wrong, all))| (rule, wrong, all)).collect();
    rules.retain(|(_, wrong, _)| *wrong > 0);
    rules.sort_by_key(|(rule, wrong, _)| (std::cmp::Reverse(*wrong), *rule));
    rules
}
