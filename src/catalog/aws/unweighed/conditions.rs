//! Whom of the unit statements let in, and under which conditions, by their values: another value lets in somebody else, from elsewhere or for longer.
//!
//! Comes in: a resource. Goes out: of each statement that allows something its principals that are of the unit, whether it has conditions, and each value of each key with its operator.
//! What only narrows is nothing to tell: a value fewer, or conditions where there were none. Of an operator that excludes, all values of a key
//! are one, because one fewer excludes less.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>, read 2026-11-30.

use crate::catalog::paths;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Property, Resource, Value};
use crate::model::unweighed::{BARE, CONDITION, CONDITIONS, Kind, OF};

/// Of so many statements of a resource without conditions it is kept that they have none.
const MAX_BARE: usize = 16;
/// How deep statements lie.
const DEEPEST: u32 = 8;
/// What a principal is told as.
const PRINCIPAL: &str = "principal of ";
/// The policy that says who may assume a role.
const TRUST: &str = "AssumeRolePolicyDocument";
/// What has facts of its own, by the ends of keys in small letters: whose workloads may come, and by what name a partner is known.
const WEIGHED: &[&str] = &[":sub", "sts:externalid"];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let mut bare = 0;
    for entry in resource.properties.entries() {
        // That a trust policy loses a condition is a fact of the role.
        let counts_bare = if entry.key == TRUST { None } else { Some(&mut bare) };
        statements(collector, resource, &entry.value, (0, counts_bare));
    }
}

fn statements<'t>(
    collector: &mut Collector<'_, 't, '_>,
    resource: &Resource<'t>,
    value: &Property<'t>,
    (depth, mut bare): (u32, Option<&mut usize>),
) {
    if depth > DEEPEST || !collector.draft.spend(1, value.span) {
        return;
    }
    match value.value {
        Value::List(items) => {
            items.iter().for_each(|item| statements(collector, resource, item, (depth + 1, bare.as_deref_mut())));
        }
        Value::Map(entries) if entries.iter().any(|entry| entry.key == "Effect") => {
            if value.get("Effect").and_then(Property::literal) == Some("Allow") {
                statement(collector, resource, value, bare);
            }
        }
        Value::Map(entries) => {
            entries.iter().for_each(|entry| statements(collector, resource, &entry.value, (depth + 1, bare.as_deref_mut())));
        }
        _ => {}
    }
}

fn statement<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, statement: &Property<'t>, bare: Option<&mut usize>) {
    let name = named(statement);
    principals(collector, resource, statement, &name);
    let conditions = statement.get("Condition").map_or(&[][..], Property::entries);
    for operator in conditions {
        for condition in operator.value.entries() {
            if !collector.draft.spend(1, condition.key_span) {
                return;
            }
            let small = condition.key.to_ascii_lowercase();
            if WEIGHED.iter().any(|end| small.ends_with(end)) {
                continue;
            }
            let path = format!("{CONDITION}{}{OF}{name}", condition.key);
            let values = condition.value.items();
            let whole = [condition.value];
            let values = if values.is_empty() || excludes(operator.key) { &whole[..] } else { values };
            for value in values {
                let mut text = format!("{} ", operator.key);
                spell(collector.draft, value, &mut text);
                collector.add_text(resource, (Kind::Value, &path), &text, value.span);
            }
        }
    }
    let Some(bare) = bare else { return };
    let path = format!("{CONDITIONS}{name}");
    if !conditions.is_empty() {
        collector.add_text(resource, (Kind::Value, &path), "", statement.span);
    } else if *bare < MAX_BARE {
        *bare += 1;
        collector.add_digest(resource, (Kind::Value, &path), BARE.to_owned(), statement.span);
    }
}

/// Who of the same unit is let in: whoever is named by an id or an account is a party of the model.
fn principals<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, statement: &Property<'t>, name: &str) {
    for principal in paths::find(statement, "Principal.AWS[]") {
        let Some(reference) = principal.reference() else { continue };
        if !collector.draft.spend(1, principal.span) {
            return;
        }
        collector.add_text(resource, (Kind::Newcomer, &format!("{PRINCIPAL}{name}")), reference.address, principal.span);
    }
}

/// Whether an operator holds where none of its values fits.
fn excludes(operator: &str) -> bool {
    operator.contains("Not")
}

/// How a statement is told from those beside it: by its id, else by the first action that it allows.
fn named(statement: &Property<'_>) -> String {
    if let Some(id) = statement.get("Sid").and_then(Property::literal).filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    let actions = ["Action", "NotAction"].iter().find_map(|key| statement.get(key));
    let mut names: Vec<&str> =
        actions.into_iter().flat_map(|actions| actions.items().iter().chain([actions])).filter_map(Property::literal).collect();
    names.sort_unstable();
    names.first().map_or_else(|| "a statement".to_owned(), |first| (*first).to_owned())
}
