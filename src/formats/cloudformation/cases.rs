//! When the alternatives of a value hold: what must be so of parameters and conditions.
//!
//! Comes in: the cases of two alternatives. Goes out: those of both together, or of either. What is not known rules nothing out.

use crate::model::resource::Case;
use bumpalo::Bump;

/// Most answers to one question that are kept: with more of them a case rules out little.
const MAX_ANSWERS: usize = 32;

/// What must be so for both to hold; `None` where they cannot hold together.
pub(super) fn both<'t>(some: &[Case<'t>], others: &[Case<'t>], arena: &'t Bump) -> Option<Vec<Case<'t>>> {
    let mut all = some.to_vec();
    for other in others {
        let Some(known) = all.iter_mut().find(|known| known.question == other.question) else {
            all.push(*other);
            continue;
        };
        let answers: Vec<&'t str> = known.answers.iter().copied().filter(|answer| other.answers.contains(answer)).collect();
        if answers.is_empty() {
            return None;
        }
        known.answers = arena.alloc_slice_copy(&answers);
    }
    Some(all)
}

/// What must be so for one of them to hold, as far as one list can say it.
pub(super) fn any<'t>(some: &[Case<'t>], others: &[Case<'t>], arena: &'t Bump) -> Vec<Case<'t>> {
    let in_both = some.iter().filter_map(|known| Some((known, others.iter().find(|other| other.question == known.question)?)));
    let joined = in_both.map(|(known, other)| {
        let mut answers = known.answers.to_vec();
        answers.extend(other.answers.iter().filter(|answer| !known.answers.contains(answer)));
        Case { question: known.question, answers: &*arena.alloc_slice_copy(&answers) }
    });
    joined.filter(|case| case.answers.len() <= MAX_ANSWERS).collect()
}
