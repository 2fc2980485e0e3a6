//! `for` expressions and the rounds of a loop.

use crate::formats::terraform::expression::{Bound, Evaluator, Loops, all_items, key};
use crate::formats::terraform::functions;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{For, Variables};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most results that are kept apart where it is not known which items a loop leaves out.
const MAX_RESULTS: usize = 16;

/// What a loop has gathered.
#[derive(Clone, Default)]
struct Gathered {
    list: Vec<Value>,
    groups: BTreeMap<Rc<str>, Vec<Value>>,
}

/// The value of a `for` expression.
///
/// # Errors
/// An error, or a value that is not known, on the way out.
pub(super) fn result(evaluator: Evaluator<'_>, made: &For<'_>, span: Span, bound: Loops<'_>) -> Result<Kind, Kind> {
    let collection = evaluator.value(&made.collection, bound);
    if let Kind::Either(branches) = &collection.kind {
        let of_branch = |branch: &Value| Value::new(over(evaluator, made, branch, span, bound).unwrap_or_else(|kind| kind), span);
        return Ok(Kind::either(branches.iter().map(of_branch).collect()));
    }
    over(evaluator, made, &collection, span, bound)
}

fn over(evaluator: Evaluator<'_>, made: &For<'_>, collection: &Value, span: Span, bound: Loops<'_>) -> Result<Kind, Kind> {
    if let (Some(all), None, None) = (all_items(collection), made.key, made.condition) {
        return of_all(evaluator, made, all, bound);
    }
    // More than one where it is not known whether an item is in it.
    let mut results = vec![Gathered::default()];
    let mut stopped = None;
    each_round(evaluator, made.variables, collection, bound, |bound| {
        if stopped.is_none() {
            stopped = gather(evaluator, made, bound, &mut results).err();
        }
    })?;
    if let Some(kind) = stopped {
        return Err(kind);
    }
    let finished = results.into_iter().map(|gathered| Value::new(finish(made, gathered, span).unwrap_or_else(|kind| kind), span));
    Ok(Kind::either(finished.collect()))
}

/// Over a list that a reference names: what is made of each item, if that is a reference too.
fn of_all(evaluator: Evaluator<'_>, made: &For<'_>, item: Value, bound: Loops<'_>) -> Result<Kind, Kind> {
    let reason = item.reason();
    let index =
        made.variables.key.map(|name| Bound { name: name.text, value: Value::new(Kind::unknown(reason.clone()), item.span), outer: bound });
    let variable = Bound { name: made.variables.value.text, value: item, outer: index.as_ref().or(bound) };
    match evaluator.value(&made.value, Some(&variable)).kind {
        reference @ Kind::Reference { .. } => Ok(reference),
        _ => Err(Kind::unknown(reason)),
    }
}

fn gather(evaluator: Evaluator<'_>, made: &For<'_>, bound: &Bound<'_>, results: &mut Vec<Gathered>) -> Result<(), Kind> {
    let is_in = match made.condition {
        None => Some(true),
        Some(condition) => kept(evaluator.value(&condition, Some(bound)))?,
    };
    if is_in == Some(false) {
        return Ok(());
    }
    let value = evaluator.value(&made.value, Some(bound));
    if matches!(value.kind, Kind::Error(_)) {
        return Err(value.kind);
    }
    let key = made.key.map(|key| self::key(&evaluator.value(&key, Some(bound)))).transpose()?;
    if is_in.is_none() {
        if results.len() * 2 > MAX_RESULTS {
            return Err(Kind::unknown("it is not known which items a loop leaves out"));
        }
        results.extend(results.clone());
    }
    let with = if is_in.is_none() { results.len() / 2 } else { results.len() };
    for gathered in results.iter_mut().take(with) {
        match &key {
            None => gathered.list.push(value.clone()),
            Some(key) => gathered.groups.entry(key.clone()).or_default().push(value.clone()),
        }
    }
    Ok(())
}

/// What the condition of a loop says; `None` where that is not known.
fn kept(condition: Value) -> Result<Option<bool>, Kind> {
    let span = condition.span;
    match functions::call("tobool", &[condition], span).kind {
        Kind::Bool(flag) => Ok(Some(flag)),
        Kind::Null => Err(Kind::error("the condition of a loop must not be null")),
        Kind::Error(reason) => Err(Kind::Error(reason)),
        _ => Ok(None),
    }
}

fn finish(made: &For<'_>, gathered: Gathered, span: Span) -> Result<Kind, Kind> {
    if made.key.is_none() {
        return Ok(Kind::tuple(gathered.list));
    }
    let groups = gathered.groups.into_iter();
    if made.groups {
        return Ok(Kind::object(groups.map(|(key, group)| (key, Value::new(Kind::tuple(group), span))).collect()));
    }
    let mut entries = BTreeMap::new();
    for (key, mut group) in groups {
        match (group.pop(), group.is_empty()) {
            (Some(value), true) => entries.insert(key, value),
            _ => return Err(Kind::error("two items have the same key")),
        };
    }
    Ok(Kind::object(entries))
}

/// Runs a round for each item of a collection.
///
/// # Errors
/// What the loop comes to where there are no rounds to run: an error, or not known where the collection is not.
pub(super) fn each_round(
    evaluator: Evaluator<'_>,
    variables: Variables<'_>,
    collection: &Value,
    bound: Loops<'_>,
    mut round: impl FnMut(&Bound<'_>),
) -> Result<(), Kind> {
    let marks = collection.marks;
    for (key, value) in pairs(collection)? {
        if !evaluator.names.spend(1, collection.span) {
            return Err(Kind::unknown("the limit on values is reached"));
        }
        let outer = variables.key.map(|name| Bound { name: name.text, value: key, outer: bound });
        let variable = Bound { name: variables.value.text, value: value.marked(marks), outer: outer.as_ref().or(bound) };
        round(&variable);
    }
    Ok(())
}

/// Keys and values of a collection, in the order in which Terraform goes through it. Of a set, each is its own key.
///
/// # Errors
/// An error, or a value that is not known where the collection is not.
pub(super) fn pairs(collection: &Value) -> Result<Vec<(Value, Value)>, Kind> {
    let at = |kind| Value::new(kind, collection.span);
    match &collection.kind {
        Kind::Object(entries) | Kind::Map(entries) => {
            Ok(entries.iter().map(|(key, value)| (at(Kind::text(key.clone())), value.clone())).collect())
        }
        Kind::Tuple(items) | Kind::List(items) => {
            Ok(items.iter().enumerate().map(|(index, value)| (at(Kind::Number(index.into())), value.clone())).collect())
        }
        Kind::Set(items) => Ok(items.iter().map(|value| (value.clone(), value.clone())).collect()),
        Kind::Error(_) => Err(collection.kind.clone()),
        _ if collection.is_known() => Err(Kind::error("there is nothing to go through")),
        _ => Err(Kind::unknown(collection.reason())),
    }
}
