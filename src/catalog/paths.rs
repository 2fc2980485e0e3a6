//! Property paths of the catalogue: `RedrivePolicy.deadLetterTargetArn`, `Targets[].Arn`, `Environment.Variables.*`.
//!
//! Comes in: a property and a path. Goes out: every value under it, in order of the text; of an undecided condition all branches.

use crate::model::resource::{Alternatives, Property, Value};

/// Every present value under a path. `name[]` steps into a list, or takes a single value for a list of one; `*` takes all values of a map.
pub fn find<'t>(property: &Property<'t>, path: &str) -> Vec<Property<'t>> {
    let mut found = Vec::new();
    descend(*property, path, &mut found);
    found
}

fn descend<'t>(value: Property<'t>, path: &str, found: &mut Vec<Property<'t>>) {
    if !value.is_present() {
        return;
    }
    if let Value::Either(Alternatives { branches, .. }) = value.value {
        branches.iter().for_each(|branch| descend(*branch, path, found));
        return;
    }
    if path.is_empty() {
        found.push(value);
        return;
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    if step == "*" {
        value.entries().iter().for_each(|entry| descend(entry.value, rest, found));
        return;
    }
    let (key, list) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
    let under = if key.is_empty() { Some(&value) } else { value.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value) };
    match under {
        Some(under) if list => items(*under, rest, found),
        Some(under) => descend(*under, rest, found),
        None => {}
    }
}

fn items<'t>(value: Property<'t>, rest: &str, found: &mut Vec<Property<'t>>) {
    match value.value {
        Value::List(items) => items.iter().for_each(|item| descend(*item, rest, found)),
        Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| self::items(*branch, rest, found)),
        _ => descend(value, rest, found),
    }
}
