//! What a change adds to what was said before.
//!
//! Comes in: a threat of the head, and those of the base. Goes out: which of the names that witness it are new, and where that is stated.

use super::Before;
use crate::model::Model;
use crate::model::fact::{Answer, Value};
use crate::source::Place;
use crate::stride::{Evidence, Outcome, Threat};

impl Before<'_> {
    /// Which of the names that witness a threat are new beside older ones; nothing where the threat itself is new.
    pub(in crate::judge) fn adds_to(&self, threat: &Threat) -> Vec<String> {
        let Some(before) = self.threats.get(&threat.key).filter(|before| before.outcome == Outcome::Open) else { return Vec::new() };
        let names = |threat: &Threat| -> Vec<String> {
            let all = threat.evidence.iter().filter_map(|evidence| evidence.reading.as_deref());
            let named = all.flat_map(|reading| {
                let listed = match &reading.answer {
                    Answer::Known(Value::List(texts)) => texts.as_slice(),
                    Answer::Known(_) | Answer::Unresolved(_) => &[],
                };
                reading.witnesses.iter().chain(listed).cloned()
            });
            // What only counts the rest is no name.
            named.filter(|name| !name.starts_with('…')).collect()
        };
        let old = names(before);
        let mut new: Vec<String> = names(threat).into_iter().filter(|name| !old.contains(name)).collect();
        new.sort();
        new.dedup();
        new
    }
}

/// Where what the change adds to a list of names is stated: of routes without an authorizer the new one, not the first that was there.
pub(in crate::judge) fn place_of_news<'m>(threat: &Threat, before: &Before<'_>, after: &'m Model) -> Option<&'m Place> {
    let old = &before.threats.get(&threat.key)?.evidence;
    let lists = threat.evidence.iter().filter_map(|evidence| Some((evidence.fact, listed(evidence)?)));
    let mut gained = lists.flat_map(|(fact, now)| {
        let then = old.iter().find(|evidence| evidence.fact == fact).and_then(listed).unwrap_or_default();
        now.iter().filter(move |name| !then.contains(name))
    });
    let leaving = |name: &String| after.flows.iter().find(|flow| flow.from.as_str() == &*threat.on && flow.via.contains(name));
    gained.find_map(leaving).map(|flow| &flow.place)
}

fn listed(evidence: &Evidence) -> Option<&[String]> {
    match &evidence.reading.as_ref()?.answer {
        Answer::Known(Value::List(names)) => Some(names),
        Answer::Known(_) | Answer::Unresolved(_) => None,
    }
}
