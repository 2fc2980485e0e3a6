//! Which of two readings of one fact is the weaker: where several resources speak for one element, the weakest counts.

use crate::model::fact::{Answer, Fact, Reading};

/// Whether `other` says something weaker than `known`. What cannot be told is weaker than all but the weakest answer.
pub(crate) fn is_weaker(fact: Fact, other: &Reading, known: &Reading) -> bool {
    match (position(fact, other), position(fact, known)) {
        (Some(other), Some(known)) => other < known,
        _ => false,
    }
}

/// Twice the place in the order, so that the unresolved lies between the first and the second; `None` where the fact has no order.
fn position(fact: Fact, reading: &Reading) -> Option<usize> {
    let order = fact.weakest_first();
    match &reading.answer {
        Answer::Unresolved(_) => (!order.is_empty()).then_some(1),
        Answer::Known(value) => {
            let words = value.words();
            order.iter().position(|word| *word == words).map(|place| 2 * place)
        }
    }
}
