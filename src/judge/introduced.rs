//! Which threats a change brings: raised at the head, and not so before.
//!
//! Comes in: the threats of both sides and the delta. Goes out: for each threat at the head whether the change introduced it.
//! What was there before is counted and never judged, or every gate would be red for ever.

use crate::delta::Delta;
use crate::model::fact::{Fact, Facts};
use crate::model::{ElementId, FlowId, Model};
use crate::stride::freshness::{self, Freshness};
use crate::stride::{Evidence, Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The threats of the base, by key, under the addresses that their elements have at the head.
pub(super) struct Before<'m> {
    model: &'m Model,
    threats: BTreeMap<ThreatKey, Threat>,
    /// Keys that a nearer rule stood for.
    superseded: BTreeSet<ThreatKey>,
    /// Id at the base by id at the head, of elements that were renamed.
    old_id: BTreeMap<String, ElementId>,
}

impl<'m> Before<'m> {
    pub(super) fn new(threats: Vec<Threat>, model: &'m Model, delta: &Delta) -> Self {
        let renamed: BTreeMap<&str, &str> =
            delta.elements_renamed.iter().map(|rename| (rename.from.as_str(), rename.to.as_str())).collect();
        let at_head =
            |key: &ThreatKey| ThreatKey { on: renamed.get(&*key.on).map_or_else(|| key.on.clone(), |on| Arc::from(*on)), ..key.clone() };
        let superseded = threats.iter().flat_map(|threat| &threat.supersedes).map(|(key, _)| at_head(key)).collect();
        let old_id = delta.elements_renamed.iter().map(|rename| (rename.to.as_str().to_owned(), rename.from.clone())).collect();
        Self { model, threats: threats.into_iter().map(|threat| (at_head(&threat.key), threat)).collect(), superseded, old_id }
    }

    /// Whether it stands, for the first time, for a threat further behind: a new function behind an API that was open before.
    fn stands_for_more(&self, threat: &Threat) -> bool {
        threat.supersedes.iter().any(|(key, _)| !self.threats.contains_key(key) && !self.superseded.contains(key))
    }

    /// Whether a fact that the rule can no longer tell was known before: hiding a value counts as much as stating it.
    pub(super) fn knew(&self, threat: &Threat) -> bool {
        let Outcome::Unclear { reasons } = &threat.outcome else { return false };
        let id = ElementId(threat.key.on.to_string());
        let id = self.old_id.get(&*threat.key.on).unwrap_or(&id);
        let known = |facts: &Facts, fact: Fact| facts.value(fact).is_some();
        reasons.iter().any(|(fact, _)| match (self.model.element(id), self.model.flow(&FlowId(threat.key.on.to_string()))) {
            (Some(element), _) => known(&element.facts, *fact) || element.parts.iter().any(|part| known(&part.facts, *fact)),
            (None, Some(flow)) => known(&flow.facts, *fact),
            (None, None) => false,
        })
    }

    /// Whether the change brought this threat, made it worse, or states itself what would answer it.
    pub(super) fn lacks(&self, threat: &Threat) -> bool {
        if !threat.proposals().is_empty() {
            return true;
        }
        if matches!(threat.outcome, Outcome::Covered { .. }) {
            return !self.threats.contains_key(&threat.key);
        }
        match self.threats.get(&threat.key) {
            None => !self.superseded.contains(&threat.key),
            Some(before) => match (&before.outcome, &threat.outcome) {
                (Outcome::Covered { .. }, _) => true,
                // Hiding a value in a parameter must not pass for an answer.
                (Outcome::Open, Outcome::Unclear { .. }) => true,
                (Outcome::Unclear { .. }, Outcome::Open) => true,
                (Outcome::Open | Outcome::Unclear { .. }, Outcome::Open | Outcome::Unclear { .. } | Outcome::Covered { .. }) => {
                    match freshness::compare(threat.rule, &vector(&before.evidence), threat.counted().0) {
                        Freshness::Same | Freshness::Strengthened => self.stands_for_more(threat),
                        Freshness::Weakened(_) | Freshness::Sideways(_) | Freshness::BecameUnresolvable(_) => true,
                    }
                }
            },
        }
    }
}

/// The evidence as the ledger keeps it: name of fact → words.
fn vector(evidence: &[Evidence]) -> BTreeMap<String, String> {
    evidence.iter().map(|evidence| (evidence.fact.as_str().to_owned(), evidence.words().into_owned())).collect()
}
