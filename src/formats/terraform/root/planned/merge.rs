//! What is written with what a plan knows of it.
//!
//! What is written and known holds, and so does a reference; in place of anything else stands what the plan says. A value that is written and is
//! not the plan's is an error: the plan is of something else.

use crate::formats::terraform::root::planned::fits::{fits, is_same, is_same_set, may_be_collection};
use crate::formats::terraform::root::planned::{keys, value};
use crate::formats::terraform::value::{Items, Kind, Value};
use crate::source::plan::Planned;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most pairs of a written and a planned item of one list that are compared.
const MAX_PAIRS: usize = 1_000_000;

/// The plan says something else than what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Differs;

/// The value of an argument of which what is deployed rules and not the text: the plan's, where it has one that may be seen.
pub(super) fn deployed(stated: &Value, planned: &Planned) -> Result<Value, Differs> {
    Ok(match planned {
        Planned::Later | Planned::Hidden => stated.clone(),
        Planned::Null | Planned::Bool(_) | Planned::Number(_) | Planned::Text(_) | Planned::List(_) | Planned::Map(_) => {
            if stated.is_whole() && is_same(stated, planned) { stated.clone() } else { value(planned, stated.span) }
        }
    })
}

/// The value that is written under a name, with what the plan knows.
pub(super) fn merged(name: &str, stated: &Value, planned: &Planned) -> Result<Value, Differs> {
    if matches!(planned, Planned::Later | Planned::Hidden) {
        return Ok(stated.clone());
    }
    let kind = match (&stated.kind, planned) {
        (Kind::Reference { address, path }, _) if is_each_answer(address, path) => return Ok(value(planned, stated.span)),
        (Kind::Null | Kind::Reference { .. }, _) => return Ok(stated.clone()),
        (Kind::Bool(_) | Kind::Number(_) | Kind::Text(_), _) => {
            return if fits(name, &stated.kind, planned) { Ok(stated.clone()) } else { Err(Differs) };
        }
        (Kind::Joined(pieces), _) if has_reference(pieces) => return Ok(stated.clone()),
        (Kind::Unknown(..) | Kind::External(..) | Kind::Error(_) | Kind::Joined(_), _) => return Ok(value(planned, stated.span)),
        (Kind::Either(branches), _) => return Ok(one_of(name, branches, planned, stated)),
        // Blocks that a `dynamic` makes none of: the provider may have its own.
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), _) if items.is_empty() => return Ok(stated.clone()),
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), Planned::List(others)) => {
            Kind::tuple(list(name, stated, items, others)?)
        }
        (Kind::Tuple(items) | Kind::List(items), Planned::Map(_)) => match &items[..] {
            // A block that may stand once.
            [only] => Kind::tuple(vec![merged(name, only, planned)?]),
            _ => return Ok(stated.clone()),
        },
        (Kind::Object(entries) | Kind::Map(entries), Planned::Map(others)) => {
            let mut known: BTreeMap<Rc<str>, Value> = BTreeMap::new();
            for (key, entry) in entries.iter() {
                let entry = others.get(&**key).map_or_else(|| Ok(entry.clone()), |other| merged(key, entry, other))?;
                known.insert(key.clone(), entry);
            }
            Kind::object(known)
        }
        (Kind::Object(_) | Kind::Map(_), Planned::List(others)) => match others.as_slice() {
            [only] => return merged(name, stated, only),
            _ => return Ok(stated.clone()),
        },
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), Planned::Null) if stated.is_whole() => {
            return Err(Differs);
        }
        (Kind::Tuple(_) | Kind::List(_) | Kind::Set(_) | Kind::Object(_) | Kind::Map(_), _) => {
            return if may_be_collection(planned) { Ok(stated.clone()) } else { Err(Differs) };
        }
    };
    Ok(Value { kind, ..stated.clone() })
}

/// Whether a reference is to each of any number of things that a data source answers: which of them, the plan says.
fn is_each_answer(address: &str, path: &str) -> bool {
    let plain = keys::without(address);
    path.contains("[*]") && (plain.starts_with("data.") || plain.contains(".data."))
}

fn has_reference(pieces: &Items) -> bool {
    pieces.iter().any(|piece| matches!(piece.kind, Kind::Reference { .. }))
}

/// The branch that the plan is of; what the plan says where it is none of them for certain.
fn one_of(name: &str, branches: &Items, planned: &Planned, stated: &Value) -> Value {
    if let Some(exact) = branches.iter().find(|branch| branch.is_whole() && is_same(branch, planned)) {
        return exact.clone();
    }
    let open = branches.iter().filter(|branch| !branch.is_whole());
    let mut fitting = open.filter_map(|branch| merged(name, branch, planned).ok());
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => only,
        _ => value(planned, stated.span),
    }
}

/// The items of a list, which the plan may have in another order.
fn list(name: &str, stated: &Value, items: &Items, planned: &[Planned]) -> Result<Vec<Value>, Differs> {
    if items.iter().any(is_open) {
        return Ok(opened(name, stated, items, planned));
    }
    if is_same_set(items, planned) {
        return Ok(items.to_vec());
    }
    if items.len().saturating_mul(planned.len()) > MAX_PAIRS {
        return Err(Differs);
    }
    if items.len() != planned.len() {
        // A set holds equal ones once.
        let is_set = || {
            items.iter().all(|item| planned.iter().any(|other| merged(name, item, other).is_ok()))
                && planned.iter().all(|other| items.iter().any(|item| merged(name, item, other).is_ok()))
        };
        return if !stated.is_whole() || is_set() { Ok(items.to_vec()) } else { Err(Differs) };
    }
    let mut is_taken = vec![false; planned.len()];
    let mut found = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let places = std::iter::once(at).chain(0..planned.len()).filter(|place| !is_taken[*place]);
        let known = places.filter_map(|place| Some((place, merged(name, item, &planned[place]).ok()?))).next();
        match known {
            Some((place, known)) => {
                is_taken[place] = true;
                found.push(known);
            }
            None => return Err(Differs),
        }
    }
    Ok(found)
}

/// Whether an item may be none, or several.
fn is_open(item: &Value) -> bool {
    match &item.kind {
        Kind::Either(branches) => branches.iter().any(Value::is_null),
        Kind::Unknown(..) => true,
        Kind::Reference { address, path } => address.ends_with("[*]") || path.contains("[*]"),
        _ => false,
    }
}

/// As many items as the plan has, each with what is written of it.
fn opened(name: &str, stated: &Value, items: &Items, planned: &[Planned]) -> Vec<Value> {
    let mut written: Vec<&Value> = Vec::new();
    for item in items.iter() {
        match &item.kind {
            Kind::Either(branches) => written.extend(branches.iter().filter(|branch| !branch.is_null())),
            _ => written.push(item),
        }
    }
    if written.len().saturating_mul(planned.len()) > MAX_PAIRS {
        return items.to_vec();
    }
    let item = |other: &Planned| {
        let known = written.iter().find_map(|item| merged(name, item, other).ok());
        known.unwrap_or_else(|| value(other, stated.span))
    };
    planned.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::{Differs, merged};
    use crate::formats::terraform::value::{Kind, Value};
    use crate::source::Span;
    use crate::source::plan::Planned;

    #[test]
    fn what_is_written_is_of_the_plan_or_is_not() {
        let known = |kind| Value::new(kind, Span::default());
        let text = |text: &str| Planned::Text(text.into());
        let list = |first: &str| {
            known(Kind::tuple(vec![known(Kind::text(first)), known(Kind::object([("k".into(), known(Kind::unknown("?")))].into()))]))
        };
        let map = || Planned::Map([("k".into(), text("v"))].into());
        for (stated, planned, fits) in [
            (list("x"), Planned::List(vec![text("x"), map()]), true),
            (list("x"), Planned::List(vec![map(), text("x")]), true),
            (list("y"), Planned::List(vec![text("x"), map()]), false),
            (known(Kind::text("{\"a\": 1}")), map(), true),
            (known(Kind::text("East US")), text("eastus"), true),
            (known(Kind::text("10.0.1.7/16")), text("10.0.0.0/16"), true),
            (known(Kind::text("10.0.1.7/16")), text("10.1.0.0/16"), false),
            (known(Kind::text("15")), text("15.4"), true),
            (known(Kind::text("15")), text("16"), false),
            (known(Kind::Bool(true)), text("true"), true),
            (known(Kind::Bool(true)), Planned::Null, false),
            (known(Kind::Bool(false)), Planned::Null, true),
            (known(Kind::tuple(Vec::new())), Planned::List(vec![map()]), true),
        ] {
            assert_eq!(
                merged("a", &stated, &planned).map(|_| ()).map_err(|Differs| ()),
                fits.then_some(()).ok_or(()),
                "{stated:?} {planned:?}"
            );
        }
    }
}
