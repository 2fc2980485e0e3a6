//! What event sources and APIs write on other resources: notifications of a bucket, triggers of a user pool, stages of a shared plan.
//!
//! Comes in: additions while resources are expanded. Goes out: the same resources with the additions in their properties, each once.

use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Property, Resource, Value};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// The keys down to the list or map that is added to.
pub type Path = &'static [&'static str];

/// By resource and place.
#[derive(Default)]
pub struct Additions<'t> {
    items: BTreeMap<(&'t str, Path), Vec<Property<'t>>>,
    fields: BTreeMap<(&'t str, Path), Vec<(&'t str, Property<'t>)>>,
}

impl<'t> Additions<'t> {
    pub fn add_items(&mut self, address: &'t str, path: Path, items: impl IntoIterator<Item = Property<'t>>) {
        self.items.entry((address, path)).or_default().extend(items);
    }

    pub fn add_field(&mut self, address: &'t str, path: Path, key: &'t str, value: Property<'t>) {
        self.fields.entry((address, path)).or_default().push((key, value));
    }

    /// What is added to a resource that is not there is lost: the reader has noted the reference.
    pub fn apply(self, resources: &mut [Resource<'t>], arena: &'t Bump) {
        let places: BTreeMap<&str, usize> = resources.iter().enumerate().map(|(index, resource)| (resource.address, index)).collect();
        let mut change = |address: &str, path: Path, addition: &dyn Fn(Pen<'t>, Property<'t>) -> Property<'t>| {
            if let Some(resource) = places.get(address).and_then(|index| resources.get_mut(*index)) {
                let pen = Pen::new(arena, resource.properties.span);
                resource.properties = changed(pen, resource.properties, path, addition);
            }
        };
        for ((address, path), items) in &self.items {
            change(address, path, &|pen, list| pen.list(&[list.items(), items].concat()));
        }
        for ((address, path), added) in &self.fields {
            change(address, path, &|pen, map| {
                let mut fields = Fields::of(pen, map, &[]);
                added.iter().for_each(|(key, value)| fields.put(key, *value));
                fields.done()
            });
        }
    }
}

fn changed<'t>(pen: Pen<'t>, place: Property<'t>, path: &[&str], addition: &dyn Fn(Pen<'t>, Property<'t>) -> Property<'t>) -> Property<'t> {
    let Some((key, rest)) = path.split_first() else { return addition(pen, place) };
    let inner = place.get(key).copied().unwrap_or_else(|| pen.value(Value::Null));
    let mut fields = Fields::of(pen, place, &[]);
    fields.put(key, changed(pen, inner, rest, addition));
    fields.done()
}
