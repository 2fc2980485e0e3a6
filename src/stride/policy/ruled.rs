//! What settings made of one threat, and which threats may stand for which because of it.
//!
//! Comes in: threats with what was ruled on them. Goes out: what counts where two of them are one. An entry takes away only what it is
//! about: nothing that it does not name goes with it.

use crate::stride::policy::{Fitting, PolicyEntry, Thresholds};
use crate::stride::rule::Severity;
use crate::stride::weight::scored_as;
use crate::stride::{Outcome, Threat};
use std::cmp::Ordering;
use std::sync::Arc;

/// What counts of a threat by the settings, and by which entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruled {
    /// The severity that it was found with, and the one that counts.
    pub severity: Option<(Severity, Severity, Arc<PolicyEntry>)>,
    /// Whether the gate waits for it, whatever its kind and severity.
    pub blocks: Option<(bool, Arc<PolicyEntry>)>,
    /// It is not asked.
    pub off: Option<Arc<PolicyEntry>>,
    /// The entries that are about it, whether they change anything or not: the own one and the organisation's. Of what was put together
    /// under several, none.
    pub by: [Option<Arc<PolicyEntry>>; 2],
}

impl Ruled {
    /// Whether less is asked than without it.
    fn is_less(&self) -> bool {
        self.off.is_some()
            || self.severity.as_ref().is_some_and(|(found, counts, _)| counts < found)
            || self.blocks.as_ref().is_some_and(|(blocks, _)| !blocks)
    }
}

impl Threat {
    /// Whether the settings have it not asked.
    pub fn is_off(&self) -> bool {
        self.ruled.as_ref().is_some_and(|ruled| ruled.off.is_some())
    }

    /// Whether less is asked of it by the settings than by the product.
    pub fn is_asked_less(&self) -> bool {
        self.ruled.as_ref().is_some_and(|ruled| ruled.is_less())
    }

    /// Whether the same entries are about both, or none.
    pub fn is_ruled_as(&self, other: &Self) -> bool {
        let by = |threat: &Self| threat.ruled.as_ref().map_or_else(Default::default, |ruled| ruled.by.clone());
        by(self) == by(other)
    }

    /// Whether the gate waits for it, where the settings say so of just this.
    pub fn waits(&self) -> Option<bool> {
        self.ruled.as_ref()?.blocks.as_ref().map(|(blocks, _)| *blocks)
    }

    /// That the gate does not wait for what it would not wait for anyway is no news, and keeps nothing from standing for anything.
    pub(super) fn take_ruling(&mut self, fitting: Fitting<'_>, thresholds: Thresholds) {
        let mut ruled = fitting.ruled(self.severity);
        if let Some(of) = &mut ruled {
            let counts = of.severity.as_ref().map_or(self.severity, |(_, counts, _)| *counts);
            of.blocks = of.blocks.take().filter(|(blocks, _)| *blocks || thresholds.blocks(self.rule.kind, counts));
        }
        if let Some((_, counts, _)) = ruled.as_ref().and_then(|ruled| ruled.severity.as_ref()) {
            self.score = scored_as(self.rule, self.score, *counts);
            self.severity = *counts;
        }
        self.ruled = ruled.map(Box::new);
    }
}

/// Whether a threat may stand for another one, by what is known of them and by what the settings say: what weighs less by an entry stands
/// for nothing that the entry is not about, and nothing stands for what the gate is to wait for, unless it is waited for too.
pub(crate) fn may_stand_for(threat: &Threat, other: &Threat) -> bool {
    let is_told = match (&threat.outcome, &other.outcome) {
        (Outcome::Open, Outcome::Open | Outcome::Unclear { .. }) | (Outcome::Unclear { .. }, Outcome::Unclear { .. }) => true,
        (Outcome::Unclear { .. }, Outcome::Open) | (Outcome::Covered { .. }, _) | (_, Outcome::Covered { .. }) => false,
    };
    is_told && may_answer_for(threat, other)
}

/// The part of it that the settings have a say in.
pub(crate) fn may_answer_for(threat: &Threat, other: &Threat) -> bool {
    (!weighs_less(threat, other) || threat.is_ruled_as(other))
        && (other.waits() != Some(true) || threat.waits() == Some(true) || other.is_off())
}

/// Whether the settings have less asked of a threat than of another one: what still weighs as much speaks for it as before.
fn weighs_less(threat: &Threat, other: &Threat) -> bool {
    let is_lighter = || threat.severity < other.severity || threat.rule.kind > other.rule.kind;
    threat.is_off() || threat.waits() == Some(false) || (threat.is_asked_less() && is_lighter())
}

/// Lets a threat stand for one that is dropped, with its severity where that is the higher one and the gate would wait for it.
pub(crate) fn take_over(threat: &mut Threat, dropped: &Threat) {
    let is_alike = threat.is_ruled_as(dropped);
    // Findings block and questions do not: what a finding takes over from a question makes it no graver.
    if dropped.rule.kind <= threat.rule.kind {
        threat.found_with.0 = threat.found_with.0.max(dropped.found_with.0);
        if dropped.severity > threat.severity && (is_alike || silence(dropped) == 0) {
            threat.severity = dropped.severity;
            let blocks = dropped.ruled.as_ref().filter(|_| is_alike).and_then(|ruled| ruled.blocks.clone());
            if let Some(ruled) = &mut threat.ruled {
                ruled.severity = None;
                ruled.blocks = ruled.blocks.take().or(blocks);
            }
        }
    }
    threat.supersedes.push(dropped.standing_for());
}

/// How far the settings have silenced a threat: not at all, so that the gate does not wait for it, or so that nobody is asked.
fn silence(threat: &Threat) -> u8 {
    if threat.is_off() {
        return 2;
    }
    u8::from(threat.waits() == Some(false))
}

/// What counts of two that share a cause: the more that is asked of either.
pub(crate) fn join(first: &mut Threat, other: &Threat) {
    let is_alike = first.is_ruled_as(other);
    let (severity, score) = first.found_with;
    first.found_with = (severity.max(other.found_with.0), score.max(other.found_with.1));
    match silence(first).cmp(&silence(other)) {
        Ordering::Less if !is_alike => return,
        Ordering::Greater if !is_alike => {
            (first.severity, first.score) = (other.severity, other.score);
            first.ruled.clone_from(&other.ruled);
            return;
        }
        Ordering::Less | Ordering::Equal | Ordering::Greater => {}
    }
    let ruled_on = |threat: &Threat| threat.ruled.as_deref().cloned().unwrap_or_default();
    let (mut ruled, others) = (ruled_on(first), ruled_on(other));
    if other.severity > first.severity || (other.severity == first.severity && others.severity.is_none()) {
        first.severity = other.severity;
        ruled.severity = others.severity;
    }
    first.score = first.score.max(other.score);
    ruled.blocks = match (ruled.blocks, others.blocks) {
        (Some(one @ (true, _)), _) | (_, Some(one @ (true, _))) => Some(one),
        (Some(one), Some(_)) => Some(one),
        // Of an entry that is about both, one of which the gate would not have waited for anyway.
        (Some(one), None) | (None, Some(one)) if is_alike => Some(one),
        (None, _) | (_, None) => None,
    };
    if !is_alike {
        ruled.by = Default::default();
    }
    first.ruled = (ruled != Ruled::default()).then(|| Box::new(ruled));
}
