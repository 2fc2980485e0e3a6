//! When a resource is made, as the reader wrote it out beside its properties.
//!
//! Comes in: a resource. Goes out: the condition as a formula, and the values that may be had by what it asks.

use crate::model::formula::Formula;
use crate::model::resource::{Property, Resource, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The attribute with the condition.
const CONDITION: &str = "Condition";
/// The attribute, which nobody writes, with the values that may be had by what the condition asks: a map of lists.
pub(crate) const VALUES_ASKED: &str = "ConditionOver";

/// When a resource is made.
pub(crate) fn formula(resource: &Resource<'_>) -> Formula {
    resource.attributes.get(CONDITION).map_or(Formula::Always, written_out)
}

/// The values that may be had by what its condition asks, as far as they are listed.
pub(crate) fn values_asked(resource: &Resource<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let entries = resource.attributes.get(VALUES_ASKED).map(Property::entries).unwrap_or_default();
    let values = |list: &Property<'_>| list.items().iter().filter_map(|value| value.literal().map(str::to_owned)).collect();
    entries.iter().map(|entry| (entry.key.to_owned(), values(&entry.value))).collect()
}

/// A condition as the reader wrote it out: `{All: […]}`, `{Any: […]}`, `{Not: …}`, `{Is: [question, answer]}`, or a text that is all that is
/// known of it.
fn written_out(condition: &Property<'_>) -> Formula {
    let parts = |list: &Property<'_>| list.items().iter().map(written_out).collect();
    match condition.value {
        Value::Map([entry]) => match (entry.key, entry.value.items()) {
            ("All", _) => Formula::All(parts(&entry.value)),
            ("Any", _) => Formula::Any(parts(&entry.value)),
            ("Not", _) => Formula::Not(Box::new(written_out(&entry.value))),
            ("Is", [question, answer]) => Formula::Is {
                question: question.literal().unwrap_or_default().to_owned(),
                answer: answer.literal().unwrap_or_default().to_owned(),
            },
            (other, _) => Formula::Opaque(other.to_owned()),
        },
        Value::Bool(true) => Formula::Always,
        _ => Formula::Opaque(condition.literal().unwrap_or("a condition").to_owned()),
    }
}
