//! References to what the transform made under a name of the function: `Fn.DestinationQueue`, `Fn.DestinationTopic`.
//!
//! Comes in: the names, and resources that refer to them. Goes out: the same resources, which refer to the queue or topic itself.

use crate::model::resource::{Alternatives, Entry, Property, Reference, Resource, Value};
use crate::source::MAX_DEPTH;
use bumpalo::Bump;
use std::collections::BTreeMap;

/// By the function's address and the attribute.
#[derive(Default)]
pub struct Redirections<'t>(BTreeMap<(&'t str, &'t str), &'t str>);

impl<'t> Redirections<'t> {
    pub fn add(&mut self, function: &'t str, attribute: &'static str, address: &'t str) {
        self.0.insert((function, attribute), address);
    }

    pub fn apply(&self, resources: &mut [Resource<'t>], arena: &'t Bump) {
        if self.0.is_empty() {
            return;
        }
        for resource in resources {
            resource.properties = self.redirected(resource.properties, arena, MAX_DEPTH);
        }
    }

    fn redirected(&self, property: Property<'t>, arena: &'t Bump, depth: usize) -> Property<'t> {
        let Some(depth) = depth.checked_sub(1) else { return property };
        let deeper = |property: &Property<'t>| self.redirected(*property, arena, depth);
        let all = |items: &[Property<'t>]| -> &'t [Property<'t>] { arena.alloc_slice_fill_iter(items.iter().map(deeper)) };
        let value = match property.value {
            Value::Reference(Reference { address, attribute: Some(attribute) }) => match self.0.get(&(address, attribute)) {
                Some(address) => Value::Reference(Reference { address, attribute: None }),
                None => property.value,
            },
            Value::List(items) => Value::List(all(items)),
            Value::Joined(items) => Value::Joined(all(items)),
            Value::Either(Alternatives { branches, .. }) => Alternatives::of(all(branches), arena),
            Value::Map(entries) => {
                Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| Entry { value: deeper(&entry.value), ..*entry })))
            }
            other => other,
        };
        Property { value, ..property }
    }
}
