//! What SAM's `Globals` section adds to the resources of one type.
//!
//! Comes in: the section, a type and the properties that a resource states. Goes out: the properties that count.
//! Never looks at what a property means.
//!
//! Maps are merged, lists concatenated with the globals first, and of anything else the resource's own value counts:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::source::MAX_DEPTH;
use bumpalo::Bump;
use std::collections::BTreeMap;

/// The properties of a resource of the type `AWS::Serverless::<section>`.
pub fn merged<'t>(globals: &Property<'t>, section: &str, own: Property<'t>, arena: &'t Bump) -> Property<'t> {
    match globals.get(section) {
        Some(general) => merge(*general, own, Pen::new(arena, own.span), MAX_DEPTH),
        None => own,
    }
}

/// How many values each resource takes over.
pub fn size(general: &Property<'_>) -> usize {
    match general.value {
        Value::Map(entries) => entries.iter().map(|entry| 1 + size(&entry.value)).sum(),
        Value::List(items) => items.len(),
        _ => 1,
    }
}

fn merge<'t>(general: Property<'t>, own: Property<'t>, pen: Pen<'t>, depth: usize) -> Property<'t> {
    match (general.value, own.value) {
        (Value::Map(_), Value::Null) => general,
        (Value::Map(general_entries), Value::Map(own_entries)) if depth > 0 => {
            let known: BTreeMap<_, _> = general_entries.iter().map(|entry| (entry.key, entry.value)).collect();
            let mut fields = Fields::of(pen, general, &[]);
            for entry in own_entries {
                let value = match known.get(entry.key) {
                    Some(general) => merge(*general, entry.value, pen, depth - 1),
                    None => entry.value,
                };
                fields.put_entry(Entry { value, ..*entry });
            }
            Property { span: own.span, ..fields.done() }
        }
        (Value::Map(_), Value::Either(Alternatives { branches, .. })) if depth > 0 => {
            let branches: Vec<_> = branches.iter().map(|branch| merge(general, *branch, pen, depth - 1)).collect();
            Property { span: own.span, ..pen.either(&branches) }
        }
        (Value::List(before), Value::List(after)) => {
            let items = [before, after].concat();
            Property { span: own.span, ..pen.list(&items) }
        }
        _ => own,
    }
}
