//! Queues: whether a message stays hidden for as long as whoever took it may work on it.
//!
//! Comes in: a queue, once its consumers are known. Goes out: `visibility`, with the functions that may take longer. The provider refuses a
//! mapping whose queue hides messages for less than the function may run, and advises six times as long.
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>, read 2026-11-24.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::witnesses::bounded;
use crate::model::Means;
use crate::model::fact::{Answer, Fact, Reading, Value, Word};
use crate::model::resource::Resource;

/// How many times as long as a function may run its messages should stay hidden.
const ADVISED: i64 = 6;

/// The resolver of `AWS::SQS::Queue`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, queue: &Resource<'t>) {
    let Some(element) = draft.element(queue.address) else { return };
    let is_consumer = |(to, means): &(ElementIndex, Means)| *means == Means::Event && draft.element_at(*to).service == "lambda_function";
    let consumers: Vec<ElementIndex> = draft.leaving(element).filter(is_consumer).map(|(to, _)| to).collect();
    if consumers.is_empty() {
        return;
    }
    let Some(hidden) = draft.element_at(element).facts.get(Fact::VisibilityS).cloned() else { return };
    let mut word = Word::Enough;
    let mut shown = Vec::new();
    let mut reading = None;
    for consumer in consumers {
        let function = draft.element_at(consumer);
        let Some(timeout) = function.facts.get(Fact::TimeoutS) else { continue };
        let (Some(hidden), Some(timeout)) = (seconds(&hidden), seconds(timeout)) else {
            reading = Some(Reading::unresolved("a timeout is not stated here", hidden.origin.clone()));
            continue;
        };
        let found = if hidden < timeout {
            Word::TooShort
        } else if hidden < timeout.saturating_mul(ADVISED) {
            Word::Tight
        } else {
            continue;
        };
        shown.push(function.name.clone());
        word = if word == Word::TooShort { word } else { found };
    }
    let known = || Reading::word(word, hidden.origin.clone()).witnessed(bounded(shown));
    let reading = if word == Word::Enough { reading.unwrap_or_else(known) } else { known() };
    draft.set_fact(element, Fact::Visibility, reading);
}

/// In thousandths, as facts keep numbers.
fn seconds(reading: &Reading) -> Option<i64> {
    match reading.answer {
        Answer::Known(Value::Number(number)) => Some(number),
        Answer::Known(_) | Answer::Unresolved(_) => None,
    }
}
