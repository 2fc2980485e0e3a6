//! Functions over lists as sets: doubles, unions, products.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{ANY, Arguments, Function, LIST, Needs, SET, items, row};
use crate::formats::terraform::functions::collections::partly;
use crate::formats::terraform::functions::encoding::json;
use crate::formats::terraform::types::{Type, convert, set};
use crate::formats::terraform::value::{Items, Kind, MAX_WEIGHT, Value};
use std::collections::BTreeSet;

pub(super) const FUNCTIONS: &[Function] = &[
    row("distinct", &[LIST], distinct).needs(Needs::Shape),
    row("matchkeys", &[LIST, LIST, LIST], matchkeys),
    row("setintersection", &[SET], |given| combined(given, |all, here| all && here)).rest(SET),
    row("setproduct", &[ANY, ANY], setproduct).rest(ANY).needs(Needs::Shape),
    row("setsubtract", &[SET, SET], |given| combined(given, |all, here| all && !here)).gathers_from(1),
    row("setunion", &[SET], setunion).rest(SET).gathers_from(0),
];

/// The items of several arguments, converted to the one type that all have in common: then equal texts of JSON are equal values.
fn alike(given: &Arguments<'_>, from: usize) -> Result<Vec<Vec<Value>>, Kind> {
    let lists = given.values[from..].iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let types: Vec<Type> = lists.iter().flat_map(|list| list.iter().map(Type::of)).collect();
    let common = Type::common(&types).ok_or_else(|| Kind::error("all elements must be of one type"))?;
    let alike = |list: &&Items| list.iter().map(|item| convert(item, &common)).collect();
    lists.iter().map(alike).collect()
}

fn key(value: &Value) -> Result<Vec<u8>, Kind> {
    json(value).map(String::into_bytes)
}

fn keys(values: &[Value]) -> Result<BTreeSet<Vec<u8>>, Kind> {
    values.iter().map(key).collect()
}

fn distinct(given: &Arguments<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    let (mut kept, mut hidden) = (Vec::new(), None);
    let items = given.items(0)?;
    let are_identities = items.iter().all(|item| identity(item).is_some());
    for item in items.iter() {
        let key = match identity(item) {
            Some(identity) if are_identities => identity.into_bytes(),
            _ if !item.is_whole() => {
                hidden = hidden.or(Some(item.reason()));
                continue;
            }
            _ => key(item)?,
        };
        if seen.insert(key) {
            kept.push(item.clone());
        }
    }
    partly(given, Kind::list(kept), hidden)
}

/// A reference to what tells one object from all others.
fn identity(item: &Value) -> Option<String> {
    match &item.kind {
        Kind::Reference { address, path } if matches!(&**path, ".arn" | ".id") && !address.contains("[*]") => {
            Some(format!("{address}{path}"))
        }
        _ => None,
    }
}

fn matchkeys(given: &Arguments<'_>) -> Outcome {
    let lists = alike(given, 1)?;
    let [keys_of_values, wanted] = &lists[..] else { return Err(Kind::error("an argument is missing")) };
    let values = given.items(0)?;
    if values.len() != keys_of_values.len() {
        return Err(Kind::error("there must be as many keys as values"));
    }
    let wanted = keys(wanted)?;
    let mut kept = Vec::new();
    for (value, one) in values.iter().zip(keys_of_values) {
        if wanted.contains(&key(one)?) {
            kept.push(value.clone());
        }
    }
    Ok(Kind::list(kept))
}

fn setunion(given: &Arguments<'_>) -> Outcome {
    Ok(set(alike(given, 0)?.into_iter().flatten().collect()))
}

/// The items of the first set that stay: `stays` is asked for each other set whether an item stays that is in it, or not.
fn combined(given: &Arguments<'_>, stays: fn(bool, bool) -> bool) -> Outcome {
    let lists = alike(given, 0)?;
    let Some((first, others)) = lists.split_first() else { return Err(Kind::error("an argument is missing")) };
    let others = others.iter().map(|other| keys(other)).collect::<Result<Vec<_>, _>>()?;
    let mut kept = Vec::new();
    for item in first {
        let key = key(item)?;
        if others.iter().fold(true, |all, other| stays(all, other.contains(&key))) {
            kept.push(item.clone());
        }
    }
    Ok(set(kept))
}

fn setproduct(given: &Arguments<'_>) -> Outcome {
    let is_set = given.values.iter().any(|value| matches!(value.kind, Kind::Set(_)));
    let lists = given.values.iter().map(items).collect::<Result<Vec<_>, _>>()?;
    let is_empty = lists.iter().any(|list| list.is_empty());
    let count = lists.iter().map(|list| list.len()).fold(lists.len(), usize::saturating_mul);
    if count > MAX_WEIGHT {
        return Err(Kind::unknown(format!("a product of more than {MAX_WEIGHT} values")));
    }
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for list in lists.into_iter().filter(|_| !is_empty) {
        rows = rows.iter().flat_map(|row| list.iter().map(|item| [&row[..], std::slice::from_ref(item)].concat())).collect();
    }
    let rows = if is_empty { Vec::new() } else { rows };
    let rows = rows.into_iter().map(|row| given.make(Kind::tuple(row))).collect();
    Ok(if is_set { set(rows) } else { Kind::list(rows) })
}
