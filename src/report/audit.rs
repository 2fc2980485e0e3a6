//! The audit trail as data; the submodules put it into words.
//!
//! Comes in: the entries of a ledger, how its branch grew. Goes out: the same, narrowed to a period or a release, with its sums.

pub mod csv;
pub mod html;
pub mod json;
pub(in crate::report) mod markdown;
pub mod text;

use crate::change::{Day, ObjectId};
use crate::decisions::merge::Gate;
use crate::decisions::trail::{Entry, State};
use crate::decisions::{Block, Signature, Verdict};
use crate::model::category::Category;
use crate::report::markup::count;
use crate::report::{Repair, Weakened};
use crate::stride::rule::{Rule, find_rule};
use std::collections::{BTreeMap, BTreeSet};

/// All of it.
#[derive(Clone, Debug)]
pub struct Audit {
    pub branch: String,
    pub tip: ObjectId,
    /// What was asked for, in words: `since 2026-01-01`; empty for everything.
    pub asked: Vec<String>,
    /// In order of time.
    pub entries: Vec<Entry>,
    /// Files that cannot be read, with the error: their decisions count for nothing, and are missing here.
    pub unreadable: Vec<(String, String)>,
    /// Entries that no release can be told of: the head is not in its history.
    pub unplaced: usize,
    pub growth: Growth,
    /// The organisation's own rules, as far as they were handed over.
    pub own_rules: Vec<&'static Rule>,
}

/// How the branch grew, commit by commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    pub commits: usize,
    /// Commits that bear no signature.
    pub unsigned: usize,
    /// The history ends before its first commit, because the clone is shallow.
    pub is_cut: bool,
    /// What commits did but to append, in words.
    pub broken: Vec<String>,
    /// Files that are no part of a ledger.
    pub strangers: BTreeSet<String>,
}

/// What of it people ask for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub since: Option<Day>,
    pub until: Option<Day>,
    /// Empty for every verdict.
    pub verdicts: BTreeSet<Verdict>,
    pub repository: Option<u64>,
    pub release: Option<Release>,
}

/// The commits between two releases.
#[derive(Clone, Debug)]
pub struct Release {
    /// `v1.4..v1.5`.
    pub name: String,
    pub commits: BTreeSet<ObjectId>,
    /// Those of the releases before.
    pub earlier: BTreeSet<ObjectId>,
}

impl Audit {
    /// What is wanted of it, and nothing else.
    #[must_use]
    pub fn narrowed(mut self, wanted: &Wanted) -> Self {
        self.asked.extend(wanted.repository.map(|number| format!("repository {number}")));
        self.asked.extend(wanted.since.map(|day| format!("since {day}")));
        self.asked.extend(wanted.until.map(|day| format!("until {day}")));
        self.asked.extend(wanted.release.as_ref().map(|release| format!("release {}", release.name)));
        if !wanted.verdicts.is_empty() {
            self.asked.push(wanted.verdicts.iter().map(|verdict| verdict.word()).collect::<Vec<_>>().join(" or "));
        }
        // What each pull request is in the history of its branch, where it was squashed or rebased.
        let mut merged_as: BTreeMap<(u64, u64), BTreeSet<ObjectId>> = BTreeMap::new();
        for (entry, merge) in self.entries.iter().filter_map(|entry| Some((entry, entry.block.merge.as_ref()?))) {
            merged_as.entry((entry.repository, entry.block.pull)).or_default().insert(merge.commit);
        }
        self.entries.retain(|entry| {
            let day = entry.block.at.day();
            wanted.since.is_none_or(|since| day >= since)
                && wanted.until.is_none_or(|until| day <= until)
                && wanted.repository.is_none_or(|number| entry.repository == number)
                && (wanted.verdicts.is_empty() || wanted.verdicts.contains(&entry.block.verdict))
        });
        if let Some(release) = &wanted.release {
            let places = |entry: &Entry| {
                let became = merged_as.get(&(entry.repository, entry.block.pull));
                std::iter::once(entry.block.head).chain(became.into_iter().flatten().copied()).collect::<Vec<ObjectId>>()
            };
            let is_in = |entry: &Entry, commits: &BTreeSet<ObjectId>| places(entry).iter().any(|place| commits.contains(place));
            let is_placed = |entry: &Entry| is_in(entry, &release.commits) || is_in(entry, &release.earlier);
            self.unplaced = self.entries.iter().filter(|entry| !is_placed(entry)).count();
            self.entries.retain(|entry| is_in(entry, &release.commits));
        }
        self
    }

    /// How many blocks have each verdict; verdicts without any are left out.
    pub fn verdicts(&self) -> Vec<(Verdict, usize)> {
        sums(self.entries.iter().map(|entry| entry.block.verdict))
    }

    /// How many answers are about each STRIDE category; categories without any are left out.
    pub fn categories(&self) -> Vec<(Category, usize)> {
        // What is no threat (a file that cannot be read, settings) has no category, and its block says any.
        let is_threat = |entry: &&Entry| entry.block.verdict.is_answer() && ![Repair::RULE, Weakened::RULE].contains(&&*entry.block.rule);
        sums(self.entries.iter().filter(is_threat).map(|entry| entry.block.category))
    }

    /// Emergencies, and merges that went past a gate that was shut, in order of time.
    pub fn exceptions(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| is_exception(&entry.block))
    }

    /// What went in unanswered, and of which nobody has said anything since.
    pub fn owed(&self) -> usize {
        self.entries.iter().filter(|entry| entry.state == State::Owed).count()
    }

    /// Proposals that nobody has confirmed.
    pub fn waiting(&self) -> usize {
        self.entries.iter().filter(|entry| entry.state == State::Waits).count()
    }

    /// Everything in it can be vouched for.
    pub fn is_sound(&self) -> bool {
        self.growth.is_sound() && self.unreadable.is_empty()
    }

    /// How much there is, in words: `12 entries: 8 accepted, 4 confirmed`.
    pub fn sums_in_words(&self) -> String {
        let parts: Vec<String> = self.verdicts().iter().map(|(verdict, number)| format!("{number} {}", verdict.word())).collect();
        let all = count(self.entries.len(), "entry", "entries");
        if parts.is_empty() { all } else { format!("{all}: {}", parts.join(", ")) }
    }

    /// What a narrowing by release leaves out without knowing, in words.
    pub fn unplaced_in_words(&self) -> Option<String> {
        (self.unplaced > 0).then(|| {
            format!(
                "{} left out, because the head that they are about is in the history of no release, and no merge of it is recorded",
                count(self.unplaced, "entry is", "entries are")
            )
        })
    }
}

impl Growth {
    pub fn is_sound(&self) -> bool {
        self.broken.is_empty() && !self.is_cut
    }

    /// What the history shows, a sentence a line; what is wrong comes first.
    pub fn in_words(&self) -> Vec<String> {
        let commits = count(self.commits, "commit", "commits");
        let mut lines = self.broken.clone();
        if self.is_cut {
            lines.push(format!("the history ends after {commits}, because the clone is shallow: nothing can be said of what is older"));
        } else if self.broken.is_empty() {
            lines.push(format!("{commits}, each of which only appended to what stood there"));
        }
        if self.unsigned > 0 {
            lines.push(format!("{} without a signature", count(self.unsigned, "commit", "commits")));
        } else {
            lines.push("every commit bears a signature, which is not checked here: `git verify-commit` does".to_owned());
        }
        lines.extend(self.strangers.iter().map(|path| format!("{path} is no part of a ledger, and was not read")));
        lines
    }
}

fn sums<T: Ord>(of: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut sums: BTreeMap<T, usize> = BTreeMap::new();
    of.for_each(|one| *sums.entry(one).or_default() += 1);
    sums.into_iter().collect()
}

/// Who and by what right: `rita (id 1004, maintain)`. Foreign text.
fn signature(by: &Signature) -> String {
    let id = if by.id.0 == 0 { "no account".to_owned() } else { format!("id {}", by.id.0) };
    format!("{} ({id}, {})", by.login, by.right)
}

/// Whether entries are of more than one repository, whose pull requests then have the same numbers.
fn are_several<'e>(entries: impl Iterator<Item = &'e Entry>) -> bool {
    entries.map(|entry| entry.repository).collect::<BTreeSet<_>>().len() > 1
}

/// Where it was said: `#12`, or `#12 of repository 7` where there are several.
fn where_said(entry: &Entry, several: bool) -> String {
    let place = if entry.block.pull == 0 { "from the desk".to_owned() } else { format!("#{}", entry.block.pull) };
    if several { format!("{place} of repository {}", entry.repository) } else { place }
}

/// What is decided or called for, as people named it. Foreign text.
fn what(block: &Block) -> String {
    match block.verdict {
        Verdict::Emergency => format!("{} into {}", block.part, block.on),
        Verdict::Merged => format!("#{} into {}", block.pull, block.on),
        _ => block.threat.clone(),
    }
}

/// What its rule refers to, as this release or the organisation has it now; nothing where it is about no threat, or of a rule that nobody knows.
fn references(block: &Block, own_rules: &[&'static Rule]) -> &'static [&'static str] {
    let own = || own_rules.iter().copied().find(|rule| rule.id == block.rule);
    find_rule(&block.rule).or_else(own).map_or(&[], |rule| rule.references)
}

/// Whether a block tells of a way past the gate that is no answer.
fn is_exception(block: &Block) -> bool {
    let gate = block.merge.as_ref().map(|merge| merge.gate);
    block.verdict == Verdict::Emergency || matches!(gate, Some(Gate::Emergency | Gate::Bypassed | Gate::Unknown))
}

/// What was judged at a merge: `as 1111111; the gate was bypassed, the verdict needs-answer; open: …`. Foreign text.
fn merge(block: &Block) -> Option<String> {
    let merge = block.merge.as_ref()?;
    let gate = match merge.gate {
        Gate::Passed => "the gate let it through",
        Gate::Advised => "the gate only advised",
        Gate::Emergency => "an emergency had been called",
        Gate::Bypassed => "although the gate was shut",
        Gate::Unknown => "it could not be judged",
    };
    let left = merge.open.iter().chain(&merge.matters).cloned().collect::<Vec<_>>().join(", ");
    let left = if left.is_empty() { String::new() } else { format!("; unanswered: {left}") };
    Some(format!("as {}, {gate}, the verdict was {}{left}", merge.commit.short(), merge.verdict))
}

/// The verdict with its terms: `deferred until 2027-01-01 (OPS-12)`. Foreign text.
fn verdict(block: &Block) -> String {
    let proposed = if block.proposal { "proposed: " } else { "" };
    let carried = block.carried_from.as_ref().map_or_else(String::new, |from| format!(", carried over from {from}"));
    let see = block.see.as_ref().map_or_else(String::new, |pin| {
        let pattern = pin.pattern.as_ref().map_or_else(String::new, |pattern| format!("#{pattern}"));
        format!(", see {}{pattern}", pin.path)
    });
    let merge = merge(block).map_or_else(String::new, |merge| format!(" {merge}"));
    let word = if block.verdict == Verdict::MergedOpen { "merged unanswered (merged-open)" } else { block.verdict.word() };
    format!("{proposed}{word}{}{see}{carried}{merge}", block.terms())
}

/// What became of it, with who and when. Foreign text.
fn became(entry: &Entry) -> String {
    let confirmed = entry.confirmed.iter().map(|(by, at)| format!("confirmed by {} on {}", by.login, at.day()));
    let state = match &entry.state {
        State::Stands | State::Said => None,
        State::Carried => Some("carried over to the name that it has since".to_owned()),
        State::Waits => Some("no answer until somebody confirms it".to_owned()),
        State::Ended(day) => Some(format!("ended on {day}")),
        State::Replaced(by, at) => Some(format!("replaced by {} on {}", by.login, at.day())),
        State::TakenBack(by, at) => Some(format!("taken back by {} on {}", by.login, at.day())),
        State::Owed => Some("owed: nobody has answered it since".to_owned()),
        State::Answered(by, at) => Some(format!("answered by {} on {}", by.login, at.day())),
        State::Holds => Some("holds".to_owned()),
        State::Over => Some("over".to_owned()),
    };
    confirmed.chain(state).collect::<Vec<_>>().join("; ")
}
