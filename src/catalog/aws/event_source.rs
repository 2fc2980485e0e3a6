//! What the targets of an element's events let in, seen from the element.
//!
//! Comes in: a bucket that notifies others. Goes out: what their policies say, as a fact of the bucket.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::model::Means;
use crate::model::fact::{Answer, Fact, Origin, Reading, Value, Word};
use crate::model::resource::Resource;

/// The resolver of `AWS::S3::Bucket`: what the policies of those whom it notifies let in, seen from here.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, source: &Resource<'t>) {
    let Some(element) = draft.element(source.address) else { return };
    let notified: Vec<ElementIndex> = draft.leaving(element).filter(|(_, means)| *means == Means::Event).map(|(to, _)| to).collect();
    let mut words = Vec::new();
    let mut origin = None;
    for target in notified {
        let Some(reading) = draft.element_at(target).facts.get(Fact::Policy) else { continue };
        if let Answer::Known(Value::Set(set)) = &reading.answer {
            words.extend(
                set.iter().filter(|word| matches!(word, Word::Public | Word::ServiceUnscoped | Word::ServiceScoped | Word::S3NameOnly)),
            );
            origin = origin.or_else(|| reading.place().cloned());
        }
    }
    words.sort_unstable();
    words.dedup();
    if !words.is_empty() {
        draft.set_fact(element, Fact::TargetPolicy, Reading::known(Value::Set(words), Origin::Derived(origin)));
    }
}
