//! What settings say of rules: which threats weigh more or less than the product says, which of them the gate waits for, and which are not
//! asked at all.
//!
//! Comes in: entries with their reasons, threats as they were found. Goes out: the same threats, each with the severity that counts and the
//! entries that made it so. Keys, IDs and fingerprints stay what they are. Who may write such entries is the settings' business.

mod ruled;

pub use ruled::Ruled;
pub(crate) use ruled::{join, may_answer_for, may_stand_for, take_over};

use crate::model::category::Category;
use crate::source::{Place, RepoPath};
use crate::stride::paths::Found;
use crate::stride::rule::{Rule, RuleKind, Severity};
use globset::{GlobMatcher, GlobSet};
use std::sync::Arc;

/// Which threats an entry is about: those that all of it fits.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// An id, or a pattern of ids, with its matcher.
    pub rule: Option<(String, GlobMatcher)>,
    pub category: Option<Category>,
    pub kind: Option<RuleKind>,
    /// Patterns of paths as written; empty for everywhere.
    pub paths: Vec<String>,
    pub matcher: GlobSet,
    /// A threat fits by the files of a root too in which its lines stand, and not by the root alone. What asks for less does not: a line of a
    /// file that is left out may be about an element of another.
    pub by_file: bool,
}

/// What an entry makes of them. At least one is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    pub severity: Option<Severity>,
    /// Whether the gate waits for them.
    pub blocks: Option<bool>,
    /// They are not asked. Nothing else is said then.
    pub off: bool,
}

/// One entry of the settings.
#[derive(Clone, Debug)]
pub struct PolicyEntry {
    pub selection: Selection,
    pub effect: Effect,
    /// Foreign text.
    pub why: String,
    pub place: Place,
    /// Whether it stands in the organisation's settings, and so not in this repository.
    pub of_organisation: bool,
    /// The organisation locks what asks for less: the severity counts where it is higher than without the entry.
    pub only_raises: bool,
}

/// The entries in force. Of each list the first that fits a threat counts, alone.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Of the file that is in force.
    pub own: Vec<Arc<PolicyEntry>>,
    /// Of the organisation's, where that is another file. They count where the own ones say nothing, and what they raise stays raised.
    pub organisation: Vec<Arc<PolicyEntry>>,
}

/// What is asked of a model: rules, and what settings say of them.
#[derive(Debug)]
pub struct RuleSet<'p> {
    pub rules: Vec<&'static Rule>,
    pub policy: &'p Policy,
    /// Units that the change moves, from where to where. All of them bear the new path.
    pub moved: &'p [(RepoPath, RepoPath)],
    pub side: Side,
    /// What the gate waits for where no entry says otherwise.
    pub thresholds: Thresholds,
}

/// From which severity on the gate waits; `None` where it never does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thresholds {
    pub findings: Option<Severity>,
    pub questions: Option<Severity>,
}

/// Which side of a change a model is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Base,
    Head,
}

impl Thresholds {
    pub fn blocks(self, kind: RuleKind, severity: Severity) -> bool {
        let least = match kind {
            RuleKind::Finding => self.findings,
            RuleKind::Question => self.questions,
            RuleKind::Baseline => None,
        };
        least.is_some_and(|least| severity >= least)
    }
}

impl RuleSet<'_> {
    /// The same for the other side of the change.
    #[must_use]
    pub fn of_base(&self) -> Self {
        Self { rules: self.rules.clone(), side: Side::Base, ..*self }
    }

    /// Says of each threat what counts of it. What one property raises by several causes is ruled alike. On the base, what the change
    /// moves is where it was; at the head it is ruled by the stricter of both paths, so that nothing goes where less is asked in the very
    /// change that opens it.
    pub(crate) fn rule_on(&self, found: &mut [Found]) {
        if self.policy.is_empty() {
            return;
        }
        for Found { threat, by_cause, .. } in found {
            let places: Vec<RepoPath> = std::iter::once(&*threat).chain(&*by_cause).map(|threat| threat.place.path.clone()).collect();
            let there = self.policy.fitting(threat.rule, &|selection| selection.has_places(&threat.unit, &places));
            let old = self.moved.iter().find(|(_, new)| *new == threat.unit).map(|(old, _)| old);
            let before = old.map(|old| {
                let places: Vec<RepoPath> = places.iter().map(|path| path.moved(&threat.unit, old)).collect();
                self.policy.fitting(threat.rule, &|selection| selection.has_places(old, &places))
            });
            for threat in std::iter::once(threat).chain(by_cause) {
                match (before, self.side) {
                    (None, _) => threat.take_ruling(there, self.thresholds),
                    (Some(before), Side::Base) => threat.take_ruling(before, self.thresholds),
                    (Some(before), Side::Head) => {
                        let mut where_it_was = threat.clone();
                        where_it_was.take_ruling(before, self.thresholds);
                        threat.take_ruling(there, self.thresholds);
                        join(threat, &where_it_was);
                    }
                }
            }
        }
    }
}

impl Selection {
    pub fn has_rule(&self, rule: &Rule) -> bool {
        self.rule.as_ref().is_none_or(|(_, ids)| ids.is_match(rule.id))
            && self.category.is_none_or(|category| category == rule.category)
            && self.kind.is_none_or(|kind| kind == rule.kind)
    }

    /// Whether a threat lies where it is about: its template or root does, or each of its lines in a file of that root itself.
    fn has_places(&self, unit: &RepoPath, places: &[RepoPath]) -> bool {
        let folder = if unit.as_str() == "." { "" } else { unit.as_str() };
        let is_of_root = |path: &&RepoPath| path.folder() == folder;
        self.paths.is_empty()
            || self.matcher.is_match(unit.as_str())
            || self.matcher.is_match(format!("{unit}/"))
            || self.by_file && !places.is_empty() && places.iter().all(|path| is_of_root(&path) && self.matcher.is_match(path.as_str()))
    }

    /// `STR-LAMBDA-D-*, denial of service, in examples/**`.
    pub fn words(&self) -> String {
        let rule = self.rule.iter().map(|(pattern, _)| pattern.clone());
        let category = self.category.iter().map(|category| category.words().to_lowercase());
        let kind = self.kind.iter().map(|kind| format!("{}s", kind.word()));
        let paths = (!self.paths.is_empty()).then(|| format!("in {}", self.paths.join(" ")));
        rule.chain(category).chain(kind).chain(paths).collect::<Vec<_>>().join(", ")
    }
}

impl Effect {
    /// `severity low, blocks no`.
    pub fn words(self) -> String {
        let severity = self.severity.map(|severity| format!("severity {}", severity.word()));
        let blocks = self.blocks.map(|blocks| format!("blocks {}", if blocks { "yes" } else { "no" }));
        let off = self.off.then(|| "off".to_owned());
        severity.into_iter().chain(blocks).chain(off).collect::<Vec<_>>().join(", ")
    }
}

impl PolicyEntry {
    /// What it is about and what it says, without its reason: `STR-LAMBDA-D-*, in examples/**: off`.
    pub fn words(&self) -> String {
        format!("{}: {}", self.selection.words(), self.effect.words())
    }

    /// `.github/astride.yml, line 14`, of the organisation's file whose it is.
    pub fn cited(&self) -> String {
        format!("{}, line {}", self.file(), self.place.line)
    }

    /// `.github/astride.yml`, of the organisation's file whose it is.
    pub fn file(&self) -> String {
        let whose = if self.of_organisation { " of the organisation" } else { "" };
        format!("{}{whose}", self.place.path)
    }
}

/// Two entries are one where they stand in the same line and say the same.
impl PartialEq for PolicyEntry {
    fn eq(&self, other: &Self) -> bool {
        let key = |entry: &Self| (entry.words(), entry.why.clone(), entry.place.clone(), entry.of_organisation, entry.only_raises);
        key(self) == key(other)
    }
}

impl Eq for PolicyEntry {}

/// The entries that are about a threat: the first of either list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fitting<'p> {
    pub own: Option<&'p Arc<PolicyEntry>>,
    pub organisation: Option<&'p Arc<PolicyEntry>>,
}

impl Policy {
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.organisation.is_empty()
    }

    /// The entries that are about a rule, where `is_there` says of their paths whether they have the threat.
    pub fn fitting(&self, rule: &Rule, is_there: &dyn Fn(&Selection) -> bool) -> Fitting<'_> {
        let fits = |entry: &&Arc<PolicyEntry>| entry.selection.has_rule(rule) && is_there(&entry.selection);
        Fitting { own: self.own.iter().find(fits), organisation: self.organisation.iter().find(fits) }
    }
}

impl<'p> Fitting<'p> {
    /// What they make of a threat that was found with this severity; `None` where none is about it.
    ///
    /// The own entry counts before the organisation's, point by point. What the organisation raises, or has the gate wait for, no own entry
    /// lowers, unblocks or switches off; what the organisation switches off is asked where an own entry says how.
    pub fn ruled(self, found: Severity) -> Option<Ruled> {
        let severity_of = |entry: Option<&'p Arc<PolicyEntry>>| entry.and_then(|entry| Some((entry.effect.severity?, entry)));
        let blocks_of = |entry: Option<&'p Arc<PolicyEntry>>| entry.and_then(|entry| Some((entry.effect.blocks?, entry)));
        let off_of = |entry: Option<&'p Arc<PolicyEntry>>| entry.filter(|entry| entry.effect.off);
        let by_organisation = severity_of(self.organisation);
        let without = by_organisation.map_or(found, |(severity, _)| severity);
        let by_own = severity_of(self.own).filter(|(severity, entry)| !entry.only_raises || *severity > without);
        let raised = by_organisation.filter(|(severity, _)| *severity > found);
        let waits = blocks_of(self.organisation).filter(|(blocks, _)| *blocks);
        let says_own = by_own.is_some() || blocks_of(self.own).is_some() || off_of(self.own).is_some();
        let is_held = raised.is_some() || waits.is_some();
        let off = if says_own { off_of(self.own).filter(|_| !is_held) } else { off_of(self.organisation) };
        let by = [self.own.cloned(), self.organisation.cloned()];
        if by.iter().all(Option::is_none) {
            return None;
        }
        if let Some(off) = off {
            return Some(Ruled { off: Some(Arc::clone(off)), by, ..Ruled::default() });
        }
        let severity = by_own.filter(|(own, _)| raised.is_none_or(|(raised, _)| *own >= raised)).or(by_organisation);
        let blocks = waits.or_else(|| blocks_of(self.own)).or_else(|| blocks_of(self.organisation));
        let severity = severity.filter(|(severity, _)| *severity != found);
        Some(Ruled {
            severity: severity.map(|(severity, entry)| (found, severity, Arc::clone(entry))),
            blocks: blocks.map(|(blocks, entry)| (blocks, Arc::clone(entry))),
            off: None,
            by,
        })
    }
}
