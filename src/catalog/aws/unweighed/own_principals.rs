//! Identities of the same unit that statements let in: whoever is named by an id or an account is a party of the model, and these are none.
//!
//! Comes in: a resource. Goes out: of each statement that allows something the principals that are resources of the unit.

use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Property, Resource, Value};
use crate::model::unweighed::Kind;

/// How deep statements lie.
const DEEPEST: u32 = 8;
/// What a principal is told as, before the name of the statement.
const PRINCIPAL: &str = "principal of ";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    statements(collector, resource, &resource.properties, 0);
}

fn statements<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, value: &Property<'t>, depth: u32) {
    if depth > DEEPEST || !collector.draft.spend(1, value.span) {
        return;
    }
    match value.value {
        Value::List(items) => items.iter().for_each(|item| statements(collector, resource, item, depth + 1)),
        Value::Map(_) if value.get("Effect").is_some_and(|effect| effect.literal() == Some("Allow")) => {
            principals(collector, resource, value);
        }
        Value::Map(entries) => entries.iter().for_each(|entry| statements(collector, resource, &entry.value, depth + 1)),
        _ => {}
    }
}

fn principals<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, statement: &Property<'t>) {
    let path = format!("{PRINCIPAL}{}", named(statement));
    for principal in paths::find(statement, "Principal.AWS[]") {
        let Some(reference) = principal.reference() else { continue };
        if !collector.draft.spend(1, principal.span) {
            return;
        }
        collector.add_text(resource, (Kind::Arrival, &path), reference.address, principal.span);
    }
}

/// How a statement is told from those beside it: by its id, else by the first action that it allows.
fn named(statement: &Property<'_>) -> String {
    if let Some(id) = statement.get("Sid").and_then(Property::literal).filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    let mut actions: Vec<Property<'_>> = ["Action[]", "NotAction[]"].iter().flat_map(|path| paths::find(statement, path)).collect();
    actions.sort_by_key(|action| action.literal().map(str::to_owned));
    actions.iter().find_map(Property::literal).map_or_else(|| "a statement".to_owned(), str::to_owned)
}
