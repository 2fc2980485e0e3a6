//! Which values of its parameters a template tells apart.
//!
//! Comes in: the root of an entry template. Goes out: by parameter the values that conditions compare it with, that mappings have rows for where
//! something is looked up by it, and that it is allowed to have, and its default. A parameter that nothing depends on has no values.

use crate::formats::cloudformation::intrinsic::{Intrinsic, find};
use crate::source::given::{ANY_OTHER, Choices};
use crate::syntax::digest::digest;
use crate::syntax::{Entry, Node};
use std::collections::{BTreeMap, BTreeSet};

/// Most values of one parameter.
const MAX_VALUES: usize = 64;
/// Most rows of a mapping that are looked at for one look-up.
const MAX_ROWS: usize = 1_000;
/// Most nodes that are looked at. What has more, by aliases that repeat one another, is cut where it is read, too.
const MAX_NODES: usize = 300_000;

pub(super) fn of(root: Node<'_>) -> Choices {
    let mut left = MAX_NODES;
    let found = choices(root, &mut left);
    if left == 0 { Choices { declared: found.declared, ..Choices::default() } } else { found }
}

fn choices(root: Node<'_>, left: &mut usize) -> Choices {
    let mut found = Choices::default();
    let Some(parameters) = root.get("Parameters") else { return found };
    let default = |declared: &Entry<'_>| Some((declared.key.to_owned(), declared.value.get("Default")?.scalar()?.to_owned()));
    found.declared = parameters.entries().iter().map(|declared| declared.key.to_owned()).collect();
    found.defaults = parameters.entries().iter().filter_map(default).collect();
    let mut add = |parameter: &str, values: &mut dyn Iterator<Item = String>| {
        let known = found.values.entry(parameter.to_owned()).or_default();
        for value in values.take(MAX_ROWS) {
            if known.len() >= MAX_VALUES {
                break;
            }
            if !known.contains(&value) {
                known.push(value);
            }
        }
    };
    let (compared, looked_up) = (root.get("Conditions"), root.get("Resources"));
    let mappings = root.get("Mappings");
    for section in [compared, looked_up, root.get("Rules"), root.get("Outputs")].into_iter().flatten() {
        each(section, left, &mut |node| match find(node) {
            Some((Intrinsic::Equals, argument)) => {
                if let [one, other] = argument.items() {
                    for (reference, literal) in [(one, other), (other, one)] {
                        if let (Some(parameter), Some(value)) = (parameter(reference), literal.scalar().filter(|_| literal.tag.is_none())) {
                            add(parameter, &mut std::iter::once(value.to_owned()));
                        }
                    }
                }
            }
            Some((Intrinsic::FindInMap, argument)) => {
                let [map, first, second, ..] = argument.items() else { return };
                let rows = mappings.and_then(|mappings| mappings.get(map.scalar()?)).map(|map| map.entries()).unwrap_or_default();
                if let Some(parameter) = parameter(first) {
                    add(parameter, &mut rows.iter().map(|row| row.key.to_owned()));
                }
                if let Some(parameter) = parameter(second) {
                    add(parameter, &mut rows.iter().flat_map(|row| row.value.entries()).map(|cell| cell.key.to_owned()));
                }
            }
            _ => {}
        });
    }
    found.values.retain(|parameter, _| parameters.get(parameter).is_some());
    for (parameter, values) in &mut found.values {
        let allowed = parameters.get(parameter).and_then(|declared| declared.get("AllowedValues")).map(|allowed| allowed.items());
        match allowed {
            Some(allowed) => values.extend(allowed.iter().filter_map(|value| value.scalar().map(str::to_owned))),
            None => values.push(ANY_OTHER.to_owned()),
        }
        let all: BTreeSet<String> = std::mem::take(values).into_iter().collect();
        values.extend(all.into_iter().take(MAX_VALUES));
    }
    found.dependent = dependent(root, &found, left);
    found
}

/// What depends on the choices, by name: whole sections, and the resources that a condition, a mapping or such a parameter has a part in.
fn dependent(root: Node<'_>, choices: &Choices, left: &mut usize) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for section in root.entries().iter().filter(|section| !matches!(section.key, "Resources" | "Parameters" | "Metadata" | "Description")) {
        found.insert(section.key.to_owned(), digest(section.value, left));
    }
    for parameter in root.get("Parameters").map(|section| section.entries()).unwrap_or_default() {
        if choices.values.contains_key(parameter.key) {
            found.insert(format!("parameter {}", parameter.key), digest(parameter.value, left));
        }
    }
    for resource in root.get("Resources").map(|section| section.entries()).unwrap_or_default() {
        let mut depends = resource.value.get("Condition").is_some();
        each(resource.value, left, &mut |node| {
            depends = depends
                || match find(node) {
                    Some((Intrinsic::If | Intrinsic::FindInMap, _)) => true,
                    Some((Intrinsic::Ref, name)) => name.scalar().is_some_and(|name| choices.values.contains_key(name)),
                    Some((Intrinsic::Sub, text)) => {
                        let text = text.scalar().or_else(|| text.items().first().and_then(|text| text.scalar())).unwrap_or_default();
                        choices.values.keys().any(|parameter| text.contains(&format!("${{{parameter}}}")))
                    }
                    // A loop, a transform or what is not known here may have anything in it.
                    Some((Intrinsic::Transform | Intrinsic::Other(_), _)) => true,
                    _ => node.entries().iter().any(|entry| entry.key.starts_with("Fn::ForEach")),
                };
        });
        if depends || resource.key.starts_with("Fn::") {
            found.insert(format!("resource {}", resource.key), digest(resource.value, left));
        }
    }
    found
}

/// The parameter that a node refers to.
fn parameter<'t>(node: &Node<'t>) -> Option<&'t str> {
    match find(node) {
        Some((Intrinsic::Ref, name)) => name.scalar(),
        _ => None,
    }
}

fn each<'t>(node: Node<'t>, left: &mut usize, visit: &mut dyn FnMut(&Node<'t>)) {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return;
    }
    visit(&node);
    node.items().iter().for_each(|item| each(*item, left, visit));
    node.entries().iter().for_each(|entry| each(entry.value, left, visit));
}
