//! The spelling of a policy's elements.
//!
//! Comes in: a policy document. Goes out: the same with `effect` as `Effect`. Whether a service takes another spelling or refuses it is
//! not documented for each of them: what may be a grant is read as one.

use crate::model::resource::{Alternatives, Entry, Property, Value};
use bumpalo::Bump;

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>, read 2026-11-28.
const ELEMENTS: [&str; 12] = [
    "Action",
    "Condition",
    "Effect",
    "Id",
    "NotAction",
    "NotPrincipal",
    "NotResource",
    "Principal",
    "Resource",
    "Sid",
    "Statement",
    "Version",
];

/// A document with its elements and those of its statements as IAM spells them; any other mapping as it is.
pub(super) fn spelled<'t>(document: Property<'t>, arena: &'t Bump) -> Property<'t> {
    let statement = document.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case("Statement"));
    let Some(statement) = statement.filter(|entry| entry.key != "Statement" || entry.value.one_or_many().iter().any(is_odd)) else {
        return document;
    };
    let span = statement.key_span;
    let document = renamed(document, arena);
    let Value::Map(entries) = document.value else { return document };
    let entries = arena.alloc_slice_fill_iter(entries.iter().map(|entry| match entry.key {
        "Statement" if entry.key_span == span => Entry { value: statements(entry.value, arena), ..*entry },
        _ => *entry,
    }));
    Property { value: Value::Map(entries), ..document }
}

fn statements<'t>(statements: Property<'t>, arena: &'t Bump) -> Property<'t> {
    match statements.value {
        Value::List(items) => {
            let items = arena.alloc_slice_fill_iter(items.iter().map(|item| renamed(*item, arena)));
            Property { value: Value::List(items), ..statements }
        }
        _ => renamed(statements, arena),
    }
}

fn is_odd(statement: &Property<'_>) -> bool {
    statement.entries().iter().any(|entry| canonical(entry.key).is_some_and(|element| element != entry.key))
}

fn renamed<'t>(map: Property<'t>, arena: &'t Bump) -> Property<'t> {
    if !is_odd(&map) {
        return map;
    }
    match map.value {
        Value::Map(entries) => {
            let entries = arena.alloc_slice_fill_iter(entries.iter().map(|entry| {
                let is_taken = |name: &&str| entries.iter().any(|other| other.key == *name);
                Entry { key: canonical(entry.key).filter(|name| !is_taken(name)).unwrap_or(entry.key), ..*entry }
            }));
            Property { value: Value::Map(entries), ..map }
        }
        Value::Either(Alternatives { branches, .. }) => {
            let branches: Vec<Property<'t>> = branches.iter().map(|branch| renamed(*branch, arena)).collect();
            Property { value: Alternatives::of(&branches, arena), ..map }
        }
        _ => map,
    }
}

fn canonical(key: &str) -> Option<&'static str> {
    ELEMENTS.into_iter().find(|element| element.eq_ignore_ascii_case(key))
}
