//! Addresses that are called without encryption in the place of ones that were called with it: `http://` where `https://` stood.
//!
//! Comes in: a resource. Goes out: the address at each place of its properties, by its scheme. What an API calls has a fact that says it.

use crate::catalog::unweighed::Collector;
use crate::model::limit::{Limit, Way};
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::source::Span;

/// How deep addresses lie.
const DEEPEST: u32 = 12;
/// How many values are looked through for one step of the budget.
const NODES_OF_STEP: usize = 16;
/// Where the backends of APIs stand, and texts that nothing calls.
const PASSED_OVER: &[&str] = &["Body", "Description", "IntegrationUri", "Metadata", "Tags", "Uri"];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let (mut found, mut nodes) = (Vec::new(), 0);
    walk(&resource.properties, "", 0, &mut found, &mut nodes);
    if !collector.draft.spend(nodes / NODES_OF_STEP + found.len(), resource.span) {
        return;
    }
    for (path, is_encrypted, span) in found {
        let limits = if is_encrypted { vec![Limit::new("scheme", "https")] } else { Vec::new() };
        collector.add_way(resource, &path, Way { what: String::new(), limits }, span);
    }
}

fn walk(value: &Property<'_>, path: &str, depth: u32, found: &mut Vec<(String, bool, Span)>, nodes: &mut usize) {
    *nodes += 1;
    if depth > DEEPEST {
        return;
    }
    match value.value {
        Value::Map(entries) => {
            // A variable that stands in a list of pairs is known by its name.
            let name = value.get("Name").and_then(Property::literal).filter(|_| value.get("Value").is_some());
            for entry in entries.iter().filter(|entry| !PASSED_OVER.contains(&entry.key)) {
                let key = if entry.key == "Value" { name.unwrap_or(entry.key) } else { entry.key };
                let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                walk(&entry.value, &path, depth + 1, found, nodes);
            }
        }
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| walk(item, path, depth + 1, found, nodes));
        }
        Value::Text(text) => found.extend(is_encrypted(text).map(|is| (path.to_owned(), is, value.span))),
        Value::Joined(pieces) => {
            let first = pieces.first().and_then(Property::literal).and_then(is_encrypted);
            found.extend(first.map(|is| (path.to_owned(), is, value.span)));
        }
        _ => {}
    }
}

fn is_encrypted(text: &str) -> Option<bool> {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if begins("https://") || begins("wss://") {
        return Some(true);
    }
    (begins("http://") || begins("ws://")).then_some(false)
}
