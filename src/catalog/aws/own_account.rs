//! The account that a unit is deployed to, by the roles of what it runs.
//!
//! Comes in: the resources of a unit, and the accounts of which the base says so elsewhere too. Goes out: the same resources, in which the number
//! stands as the one of whoever deploys. A function takes a role of its own account and no other's
//! (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>), so that a number there is the own one. Whoever changes a
//! template could write anybody's there: only what the base has counts.

use crate::catalog::aws::default_policy;
use crate::catalog::made_when;
use crate::catalog::names::{Arn, canonical, is_account_number};
use crate::model::formula::Formula;
use crate::model::resource::{Alternatives, Entry, Property, Resource, Resources, Value};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// Where a type has the role that its code runs with: the provider takes none of another account there.
const ROLES: &[(&str, &[&str])] =
    &[("AWS::Lambda::Function", &["Role"]), ("AWS::ECS::TaskDefinition", &["TaskRoleArn", "ExecutionRoleArn"])];

/// The number of a unit's own account, where all roles that tell it tell the same one. What may never be made tells nothing.
pub(crate) fn of_roles(resources: &[Resource<'_>]) -> Option<String> {
    let paths = |resource: &Resource<'_>| ROLES.iter().find(|(kind, _)| *kind == resource.kind).map(|(_, paths)| *paths);
    let mut told: BTreeSet<String> = BTreeSet::new();
    for resource in resources.iter().filter(|resource| made_when::formula(resource) == Formula::Always) {
        // A role that is taken in one branch of a condition may never be.
        for role in paths(resource).unwrap_or_default().iter().filter_map(|path| resource.properties.get(path)) {
            let account = canonical(role).and_then(|text| Arn::parse(&text)).filter(|arn| arn.service == "iam");
            told.extend(account.map(|arn| arn.account).filter(|account| is_account_number(account)));
        }
    }
    let mut told = told.into_iter();
    told.next().filter(|_| told.next().is_none())
}

/// Writes the number of the own account as the one of whoever deploys, wherever it stands, if it is one of `known`, and that of the owner in the policies
/// that topics and queues have by themselves.
pub(crate) fn put_in<'t>(resources: &mut Resources<'t>, known: &BTreeSet<String>, arena: &'t Bump) {
    default_policy::put_in(resources, arena);
    let Some(own) = of_roles(&resources.list).filter(|own| known.contains(own)) else { return };
    for resource in &mut resources.list {
        if let Some(properties) = written(&resource.properties, &own, arena) {
            resource.properties = properties;
        }
    }
}

/// The pieces of a text around the number of an account, which are `None`: where it stands between colons or quotes, or by itself.
pub(crate) fn pieces<'t>(text: &'t str, own: &str) -> Vec<Option<&'t str>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(own) {
        let (before, after) = (&text[..at], &text[at + own.len()..]);
        let stands_apart = (before.is_empty() || before.ends_with([':', '"'])) && (after.is_empty() || after.starts_with([':', '"']));
        if stands_apart {
            pieces.extend([Some(&text[from..at]), None]);
            from = at + own.len();
        }
    }
    pieces.push(Some(&text[from..]));
    pieces.retain(|piece| *piece != Some(""));
    pieces
}

/// A value with the number written otherwise; `None` where it does not stand there.
pub(super) fn written<'t>(value: &Property<'t>, own: &str, arena: &'t Bump) -> Option<Property<'t>> {
    let span = value.span;
    let all = |items: &[Property<'t>]| -> Option<Vec<Property<'t>>> {
        let changed: Vec<_> = items.iter().map(|item| written(item, own, arena)).collect();
        let is_changed = changed.iter().any(Option::is_some);
        is_changed.then(|| changed.into_iter().zip(items).map(|(changed, item)| changed.unwrap_or(*item)).collect())
    };
    let value = match value.value {
        Value::Text("") if own.is_empty() => Value::Ambient("account"),
        Value::Text(text) | Value::Number(text) if !own.is_empty() && text.contains(own) => {
            let pieces = pieces(text, own);
            if !pieces.contains(&None) {
                return None;
            }
            let piece = |piece: Option<&'t str>| Property { value: piece.map_or(Value::Ambient("account"), Value::Text), span };
            let pieces: Vec<Property<'t>> = pieces.into_iter().map(piece).collect();
            match pieces.as_slice() {
                [only] => only.value,
                several => Value::Joined(arena.alloc_slice_copy(several)),
            }
        }
        // A variable that stands for it, by its name.
        Value::External(external) if external.name == own => Value::Ambient("account"),
        Value::List(items) => Value::List(arena.alloc_slice_copy(&all(items)?)),
        // Pieces of a text are never texts of pieces.
        Value::Joined(items) => {
            let flat = |item: Property<'t>| match item.value {
                Value::Joined(inner) => inner.to_vec(),
                _ => vec![item],
            };
            Value::Joined(arena.alloc_slice_copy(&all(items)?.into_iter().flat_map(flat).collect::<Vec<_>>()))
        }
        Value::Either(alternatives) => {
            let cases: Vec<_> = alternatives.with_cases().map(|(_, cases)| cases).collect();
            Alternatives::by_case(&all(alternatives.branches)?, &cases, arena)
        }
        Value::Map(entries) => {
            let values: Vec<Property<'t>> = entries.iter().map(|entry| entry.value).collect();
            let changed = all(&values)?;
            Value::Map(arena.alloc_slice_fill_iter(entries.iter().zip(changed).map(|(entry, value)| Entry { value, ..*entry })))
        }
        _ => return None,
    };
    Some(Property { value, span })
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn a_number_counts_where_it_stands_apart() {
        const OWN: &str = "123456789012";
        for (text, expected) in [
            ("arn:aws:sns:eu-west-1:123456789012:done", vec![Some("arn:aws:sns:eu-west-1:"), None, Some(":done")]),
            ("123456789012", vec![None]),
            ("orders-123456789012", vec![Some("orders-123456789012")]),
            ("1123456789012", vec![Some("1123456789012")]),
        ] {
            assert_eq!(pieces(text, OWN), expected, "{text}");
        }
    }
}
