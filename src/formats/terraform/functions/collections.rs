//! Functions over lists and maps.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{
    ANY, Arguments, BOOLS, Function, NULLABLE, NUMBER, Needs, TEXT, TEXT_LISTS, TEXTS, entries, items, picks, row, text,
};
use crate::formats::terraform::operators::{equal, one_of};
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Items, Kind, MAX_WEIGHT, Reason, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use unicode_segmentation::UnicodeSegmentation as _;

pub(super) const FUNCTIONS: &[Function] = &[
    row("alltrue", &[BOOLS], |given| holds(given, false)).needs(Needs::Shape),
    row("anytrue", &[BOOLS], |given| holds(given, true)).needs(Needs::Shape),
    row("chunklist", &[ANY, NUMBER], chunklist).needs(Needs::Shape),
    picks("coalescelist", &[ANY], coalescelist).rest(ANY).needs(Needs::Shape).gathers_from(0),
    row("compact", &[TEXTS], compact).needs(Needs::Shape),
    row("concat", &[ANY], concat).rest(ANY).needs(Needs::Shape).gathers_from(0),
    row("contains", &[ANY, ANY], contains).needs(Needs::Parts),
    picks("element", &[ANY, NUMBER], element).needs(Needs::Parts),
    row("flatten", &[ANY], flatten).needs(Needs::Shape),
    row("index", &[ANY, ANY], index).needs(Needs::Shape),
    row("keys", &[ANY], keys).needs(Needs::Shape),
    row("length", &[ANY], length).needs(Needs::Shape),
    picks("lookup", &[ANY, TEXT, NULLABLE], lookup).optional(1).needs(Needs::Parts),
    row("merge", &[], merge).rest(NULLABLE).needs(Needs::Parts).gathers_from(0),
    picks("one", &[ANY], one).needs(Needs::Shape),
    row("reverse", &[ANY], reverse).needs(Needs::Shape),
    row("slice", &[ANY, NUMBER, NUMBER], slice).needs(Needs::Shape),
    row("sort", &[TEXTS], sort).needs(Needs::Shape),
    row("transpose", &[TEXT_LISTS], transpose),
    row("values", &[ANY], values).needs(Needs::Shape),
    row("zipmap", &[TEXTS, ANY], zipmap).needs(Needs::Shape),
];

impl<'v> Arguments<'v> {
    fn sequence_or_set(&self, index: usize) -> Result<&'v Items, Kind> {
        items(self.get(index)?)
    }

    fn list_or_tuple(&self, index: usize, values: Vec<Value>) -> Result<Kind, Kind> {
        Ok(if matches!(self.get(index)?.kind, Kind::Tuple(_)) { Kind::tuple(values) } else { Kind::list(values) })
    }
}

fn holds(given: &Arguments<'_>, decisive: bool) -> Outcome {
    let mut open = None;
    for item in given.items(0)?.iter() {
        match item.kind {
            Kind::Bool(flag) if flag == decisive => return Ok(Kind::Bool(decisive)),
            Kind::Null if !decisive => return Ok(Kind::Bool(false)),
            Kind::Bool(_) | Kind::Null => {}
            _ => open = open.or(Some(item.reason())),
        }
    }
    open.map_or(Ok(Kind::Bool(!decisive)), |reason| Err(Kind::Unknown(reason, Some(Type::Bool))))
}

fn chunklist(given: &Arguments<'_>) -> Outcome {
    let list = given.sequence(0)?;
    let size = usize::try_from(given.integer(1)?).map_err(|_| Kind::error("a size must not be negative"))?;
    let chunks = list.chunks(if size == 0 { list.len().max(1) } else { size });
    Ok(Kind::list(chunks.map(|chunk| given.make(Kind::list(chunk.to_vec()))).collect()))
}

fn coalescelist(given: &Arguments<'_>) -> Result<Value, Kind> {
    let mut lists = given.values.iter();
    let found = lists.find(|list| items(list).is_ok_and(|items| !items.is_empty()));
    found.cloned().ok_or_else(|| Kind::error("no list has an item"))
}

fn compact(given: &Arguments<'_>) -> Outcome {
    let mut kept = Vec::new();
    let mut hidden = None;
    for item in given.items(0)?.iter() {
        match has_text(item) {
            Ok(true) => kept.push(item.clone()),
            Ok(false) => {}
            Err(kind @ Kind::Error(_)) => return Err(kind),
            Err(_) => hidden = hidden.or(Some(item.reason())),
        }
    }
    partly(given, Kind::list(kept), hidden)
}

/// Whether a text is neither null nor empty. What an object of the configuration has is neither.
fn has_text(item: &Value) -> Result<bool, Kind> {
    match &item.kind {
        Kind::Reference { .. } => Ok(true),
        Kind::Joined(pieces) if pieces.iter().any(|piece| text(piece).is_ok_and(|text| !text.is_empty())) => Ok(true),
        _ if !item.is_known() => Err(Kind::unknown(item.reason())),
        _ => Ok(text(item).is_ok_and(|text| !text.is_empty())),
    }
}

/// A list of what is known, where some of it is hidden: this and no more, or nobody can tell.
pub(super) fn partly(given: &Arguments<'_>, known: Kind, hidden: Option<Reason>) -> Outcome {
    let Some(reason) = hidden else { return Ok(known) };
    let is_empty = matches!(&known, Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) if items.is_empty());
    if is_empty {
        return Err(Kind::Unknown(reason, None));
    }
    Ok(Kind::either(vec![given.make(known), given.make(Kind::Unknown(reason, None))]))
}

fn concat(given: &Arguments<'_>) -> Outcome {
    let lists = (0..given.values.len()).map(|index| given.sequence(index)).collect::<Result<Vec<_>, _>>()?;
    let all = joined(&lists)?;
    if given.values.iter().all(|value| matches!(value.kind, Kind::List(_))) {
        let types: Vec<Type> = given.values.iter().map(Type::of).collect();
        if let Some(common) = Type::common(&types) {
            return Ok(convert(&given.make(Kind::list(all)), &common)?.kind);
        }
    }
    Ok(Kind::tuple(all))
}

fn joined(lists: &[&Items]) -> Result<Vec<Value>, Kind> {
    if lists.iter().map(|list| list.len()).sum::<usize>() > MAX_WEIGHT {
        return Err(Kind::unknown("a list that is too long"));
    }
    Ok(lists.iter().flat_map(|list| list.iter().cloned()).collect())
}

fn contains(given: &Arguments<'_>) -> Outcome {
    let (list, value) = (given.get(0)?, given.get(1)?);
    if !list.is_known() {
        return Err(Kind::Unknown(list.reason(), Some(Type::Bool)));
    }
    let mut is_open = false;
    for item in given.items(0)?.iter() {
        match equal(item, value) {
            Some(true) => return Ok(Kind::Bool(true)),
            Some(false) => {}
            None => is_open = true,
        }
    }
    let reason = || if value.is_whole() { list.reason() } else { value.reason() };
    if is_open { Err(Kind::Unknown(reason(), Some(Type::Bool))) } else { Ok(Kind::Bool(false)) }
}

fn element(given: &Arguments<'_>) -> Result<Value, Kind> {
    let list = given.sequence(0)?;
    if !given.get(1)?.is_known() && !list.is_empty() {
        return one_of(list.iter(), given.get(1)?);
    }
    let index = given.number(1)?.to_index().ok_or_else(|| Kind::error("an index must be a whole number from 0"))?;
    let wrapped = index.checked_rem(list.len()).ok_or_else(|| Kind::error("the list has no item"))?;
    Ok(list[wrapped].clone())
}

fn flatten(given: &Arguments<'_>) -> Outcome {
    let mut flat = Vec::new();
    let mut hidden = None;
    spread(given.sequence_or_set(0)?, &mut flat, &mut hidden);
    partly(given, Kind::tuple(flat), hidden)
}

/// What may be a list is left out, and why is told.
fn spread(list: &Items, flat: &mut Vec<Value>, hidden: &mut Option<Reason>) {
    for item in &**list {
        match &item.kind {
            Kind::Tuple(inner) | Kind::List(inner) | Kind::Set(inner) => {
                let before = flat.len();
                spread(inner, flat, hidden);
                flat[before..].iter_mut().for_each(|value| value.marks = value.marks.and(item.marks));
            }
            // It may be a list.
            Kind::Unknown(reason, known) if !matches!(known, Some(Type::Text | Type::Number | Type::Bool)) => {
                hidden.get_or_insert_with(|| reason.clone());
            }
            Kind::Reference { .. } if item.kind.is_one_thing() => flat.push(item.clone()),
            Kind::Either(branches) => {
                // Of several lists each may be there, or not.
                hidden.get_or_insert_with(|| item.reason());
                spread(branches, flat, hidden);
            }
            Kind::Reference { .. } | Kind::External(..) => {
                hidden.get_or_insert_with(|| item.reason());
            }
            _ => flat.push(item.clone()),
        }
    }
}

fn index(given: &Arguments<'_>) -> Outcome {
    let value = given.get(1)?;
    for (index, item) in given.sequence(0)?.iter().enumerate() {
        match equal(item, value) {
            Some(true) => return Ok(Kind::Number(index.into())),
            Some(false) => {}
            None => return Err(Kind::unknown(if item.is_whole() { value.reason() } else { item.reason() })),
        }
    }
    Err(Kind::error("no item is that value"))
}

fn keys(given: &Arguments<'_>) -> Outcome {
    let keys = given.entries(0)?.keys().map(|key| given.make(Kind::text(key.clone()))).collect();
    Ok(if matches!(given.get(0)?.kind, Kind::Object(_)) { Kind::tuple(keys) } else { Kind::list(keys) })
}

fn values(given: &Arguments<'_>) -> Outcome {
    let values = given.entries(0)?.values().cloned().collect();
    Ok(if matches!(given.get(0)?.kind, Kind::Object(_)) { Kind::tuple(values) } else { Kind::list(values) })
}

fn length(given: &Arguments<'_>) -> Outcome {
    let value = given.get(0)?;
    let length = match &value.kind {
        Kind::Text(text) => text.graphemes(true).count(),
        // Items that are not known may be the same.
        Kind::Set(items) if items.len() > 1 && !value.is_whole() => return Err(Kind::Unknown(value.reason(), Some(Type::Number))),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => items.len(),
        Kind::Object(entries) | Kind::Map(entries) => entries.len(),
        _ => return Err(Kind::error("a list, a map or a string is required")),
    };
    Ok(Kind::Number(Decimal::from(length)))
}

fn lookup(given: &Arguments<'_>) -> Result<Value, Kind> {
    let (map, key) = (given.get(0)?, given.get(1)?);
    if !map.is_known() {
        return Err(Kind::unknown(map.reason()));
    }
    let entries = entries(map)?;
    let default = given.values.get(2).map(|default| match &map.kind {
        Kind::Map(values) => {
            let types: Vec<Type> = values.values().map(Type::of).collect();
            convert(default, &Type::common(&types).unwrap_or(Type::Any))
        }
        _ => Ok(default.clone()),
    });
    let default = default.transpose()?;
    match &key.kind {
        Kind::Text(key) => {
            let value = entries.get(key).or(default.as_ref());
            value.cloned().ok_or_else(|| Kind::error(format!("there is no item \"{key}\"")))
        }
        _ => one_of(entries.values().chain(default.as_ref()), key),
    }
}

fn merge(given: &Arguments<'_>) -> Outcome {
    let mut merged: BTreeMap<Rc<str>, Value> = BTreeMap::new();
    let mut parts = given.values.iter().filter(|part| !part.is_null()).peekable();
    let are_maps = parts.peek().is_some() && parts.clone().all(|part| matches!(part.kind, Kind::Map(_)));
    let mut open = None;
    for part in parts {
        if part.is_known() {
            merged.extend(entries(part)?.iter().map(|(key, value)| (key.clone(), value.clone())));
        } else {
            open = open.or(Some(part.reason()));
        }
    }
    match open {
        Some(reason) => Err(Kind::unknown(reason)),
        None => Ok(if are_maps { Kind::map(merged) } else { Kind::object(merged) }),
    }
}

fn one(given: &Arguments<'_>) -> Result<Value, Kind> {
    match &**given.items(0)? {
        [] => Ok(given.make(Kind::Null)),
        [only] => Ok(only.clone()),
        _ => Err(Kind::error("at most one item is allowed")),
    }
}

fn reverse(given: &Arguments<'_>) -> Outcome {
    given.list_or_tuple(0, given.items(0)?.iter().rev().cloned().collect())
}

fn slice(given: &Arguments<'_>) -> Outcome {
    let list = given.sequence(0)?;
    let [start, end] = [given.number(1)?.to_index(), given.number(2)?.to_index()];
    let range = start.zip(end).and_then(|(start, end)| list.get(start..end));
    given.list_or_tuple(0, range.ok_or_else(|| Kind::error("the range lies outside of the list"))?.to_vec())
}

fn sort(given: &Arguments<'_>) -> Outcome {
    let (mut texts, mut hidden) = (Vec::new(), None);
    for item in given.items(0)?.iter() {
        match text(item) {
            Ok(text) => texts.push(text),
            Err(kind @ Kind::Error(_)) => return Err(kind),
            Err(_) => hidden = hidden.or(Some(item.reason())),
        }
    }
    texts.sort_unstable();
    partly(given, given.texts_made(texts), hidden)
}

fn transpose(given: &Arguments<'_>) -> Outcome {
    let mut transposed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, list) in given.entries(0)?.iter() {
        for item in items(list)?.iter() {
            transposed.entry(text(item)?).or_default().insert(key);
        }
    }
    Ok(Kind::map(transposed.into_iter().map(|(key, names)| (key.into(), given.make(given.texts_made(names)))).collect()))
}

fn zipmap(given: &Arguments<'_>) -> Outcome {
    let (keys, values) = (given.items(0)?, given.sequence(1)?);
    if keys.len() != values.len() {
        return Err(Kind::error("there must be as many keys as values"));
    }
    let mut zipped = BTreeMap::new();
    for (key, value) in keys.iter().zip(values.iter()) {
        if !key.is_known() {
            return Err(Kind::unknown(key.reason()));
        }
        zipped.insert(text(key)?.into(), value.clone());
    }
    Ok(if matches!(given.get(1)?.kind, Kind::Tuple(_)) { Kind::object(zipped) } else { Kind::map(zipped) })
}
