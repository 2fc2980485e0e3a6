//! What a change takes away: a control that was there and is not, or is weaker; a store that is deleted, or made anew under another name.
//!
//! Comes in: readings of a fact before and after, models of both sides. Goes out: whether that is a loss. What goes together with its element is
//! not taken away.

use crate::delta::{Delta, FactChange};
use crate::model::fact::{Answer, Fact, Reading, Value, Word};
use crate::model::strength::is_weaker;
use crate::model::{Element, ElementId, Model};

/// A store that a change deletes or replaces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LostStore<'m> {
    pub before: &'m Element,
    /// What it is called now, where the provider makes a new one in its place.
    pub after: Option<&'m ElementId>,
}

/// Whether a control is gone or weaker. Where nobody can tell what it is now, nothing is said here; where nobody could tell what it was, it is
/// gone where it is off.
pub(super) fn takes_away(fact: Fact, before: Option<&Reading>, after: Option<&Reading>) -> bool {
    let (Some(before), Some(after), Some(_)) = (before, after, fact.control()) else { return false };
    match (&before.answer, &after.answer) {
        (_, Answer::Unresolved(_)) => false,
        (Answer::Known(before), Answer::Known(after)) if let (Some(before), Some(after)) = (number(before), number(after)) => {
            if fact.weakest_first() == ["low", "high"] { after < before } else { after > before }
        }
        _ => is_weaker(fact, after, before),
    }
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Never => Some(i64::MAX),
        _ => None,
    }
}

impl Delta {
    /// The controls that the change takes away or weakens, with the element or flow that had them.
    pub fn controls_taken(&self) -> impl Iterator<Item = (&str, &FactChange)> {
        let elements = self.elements_changed.iter().map(|(id, changes)| (id.as_str(), changes));
        let flows = self.flows_changed.iter().map(|(id, changes)| (id.as_str(), changes));
        elements.chain(flows).flat_map(|(id, changes)| changes.iter().filter(|change| change.takes_away).map(move |change| (id, change)))
    }

    /// The stores that are deleted or replaced, unless they are kept when their resource goes.
    pub fn stores_lost<'m>(&'m self, before: &'m Model) -> impl Iterator<Item = LostStore<'m>> {
        let gone = self.elements_removed.iter().map(|id| (id, None));
        let renamed = self.elements_renamed.iter().map(|rename| (&rename.from, Some(&rename.to)));
        gone.chain(renamed).filter_map(|(id, after)| Some(LostStore { before: before.element(id).filter(|store| is_lost(store))?, after }))
    }
}

/// What keeps data for long says whether it has versions or backups.
fn is_lost(store: &Element) -> bool {
    let keeps = [Fact::Backup, Fact::Versioning].iter().any(|fact| store.facts.get(*fact).is_some());
    keeps && store.outside.is_none() && !store.facts.is(Fact::RemovalPolicy, Word::Retain)
}
