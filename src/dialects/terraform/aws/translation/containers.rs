//! Documents of containers spell their names in camel case, CloudFormation begins them with a capital.
//! <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html>

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::Made;
use crate::dialects::terraform::aws::tree::Tree;
use crate::model::resource::{Alternatives, Entry, Property, Value};

/// Where such documents stand.
const DOCUMENTS: &[&str] = &["ContainerDefinitions", "ContainerProperties", "EcsProperties", "EksProperties", "NodeProperties"];
/// What these hold are keys of people.
const OF_PEOPLE: &[&str] = &["options", "dockerLabels", "Options", "DockerLabels", "parameters"];

pub(crate) fn spell<'t>(context: &Context<'t, '_>, made: &mut Made<'t, '_>) {
    let Some(making) = made.list.last_mut() else { return };
    let properties = making.properties(context);
    let spelt = |entry: &Entry<'t>| match DOCUMENTS.contains(&entry.key) {
        true => Entry { value: capitals(context, entry.value), ..*entry },
        false => *entry,
    };
    let entries: Vec<Entry<'t>> = properties.entries().iter().map(spelt).collect();
    let value = Value::Map(context.arena.alloc_slice_copy(&entries));
    making.tree = Tree::of(&Property { value, span: properties.span });
}

fn capitals<'t>(context: &Context<'t, '_>, value: Property<'t>) -> Property<'t> {
    let arena = context.arena;
    let each = |items: &[Property<'t>]| -> Vec<Property<'t>> { items.iter().map(|item| capitals(context, *item)).collect() };
    let neutral = match value.value {
        Value::List(items) => Value::List(arena.alloc_slice_copy(&each(items))),
        Value::Either(Alternatives { branches, .. }) => Alternatives::of(&each(branches), arena),
        Value::Map(entries) => Value::Map(arena.alloc_slice_fill_iter(entries.iter().map(|entry| {
            let inner = if OF_PEOPLE.contains(&entry.key) { entry.value } else { capitals(context, entry.value) };
            Entry { key: capital(context, entry.key), value: inner, ..*entry }
        }))),
        other => other,
    };
    Property { value: neutral, ..value }
}

fn capital<'t>(context: &Context<'t, '_>, key: &'t str) -> &'t str {
    let mut letters = key.chars();
    match (key, letters.next()) {
        ("efsVolumeConfiguration", _) => "EfsVolumeConfiguration",
        (_, Some(first)) if first.is_lowercase() => context.arena.alloc_str(&first.to_uppercase().chain(letters).collect::<String>()),
        _ => key,
    }
}
