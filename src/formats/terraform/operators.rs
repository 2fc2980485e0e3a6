//! Operators, conditionals, templates and steps into values.
//!
//! An error on one side of `&&` or `||` does not matter where the other side decides, which is the reading of Terraform 1.12 and later.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Entries, External, Items, Kind, MAX_BRANCHES, Marks, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{BinaryOperator, UnaryOperator};
use std::cmp::Ordering;
use std::rc::Rc;

pub fn unary(operator: UnaryOperator, operand: &Value, span: Span) -> Value {
    let compute = |operand: &Value| match operator {
        UnaryOperator::Negate => Ok(Kind::Number(number(operand)?.negated())),
        UnaryOperator::Not => Ok(Kind::Bool(!flag(operand)?)),
    };
    of_each([operand], span, &|[operand]| compute(operand))
}

pub fn binary(operator: BinaryOperator, left: &Value, right: &Value, span: Span) -> Value {
    of_each([left, right], span, &|[left, right]| match operator {
        BinaryOperator::Or => decided(left, right, true),
        BinaryOperator::And => decided(left, right, false),
        BinaryOperator::Equal => compared(left, right, true),
        BinaryOperator::NotEqual => compared(left, right, false),
        BinaryOperator::Greater => ordered(left, right, Ordering::is_gt),
        BinaryOperator::GreaterOrEqual => ordered(left, right, Ordering::is_ge),
        BinaryOperator::Less => ordered(left, right, Ordering::is_lt),
        BinaryOperator::LessOrEqual => ordered(left, right, Ordering::is_le),
        BinaryOperator::Add => arithmetic(left, right, Decimal::plus),
        BinaryOperator::Subtract => arithmetic(left, right, Decimal::minus),
        BinaryOperator::Multiply => arithmetic(left, right, Decimal::times),
        BinaryOperator::Divide if divides_by_zero(left, right)? => Err(Kind::error("division by zero")),
        BinaryOperator::Modulo if divides_by_zero(left, right)? => Err(Kind::error("division by zero")),
        BinaryOperator::Divide => arithmetic(left, right, Decimal::divided_by),
        BinaryOperator::Modulo => arithmetic(left, right, Decimal::modulo),
    })
}

type Outcome = Result<Kind, Kind>;

/// Computes with each branch of operands that may be one of several values.
fn of_each<const N: usize>(operands: [&Value; N], span: Span, compute: &dyn Fn([&Value; N]) -> Outcome) -> Value {
    let marks = operands.iter().fold(Marks::default(), |marks, operand| marks.and(operand.all_marks()));
    let open = operands.iter().position(|operand| matches!(operand.kind, Kind::Either(_)));
    let kind = match open.map(|index| (index, &operands[index].kind)) {
        Some((index, Kind::Either(branches))) => {
            let with = |branch| {
                let mut operands = operands;
                operands[index] = branch;
                of_each(operands, span, compute)
            };
            Kind::either(branches.iter().map(with).collect())
        }
        _ => compute(operands).unwrap_or_else(|kind| kind),
    };
    Value { kind, marks, span }
}

fn known(operand: &Value, wanted: &Type) -> Result<Value, Kind> {
    let converted = convert(operand, wanted)?;
    match converted.kind {
        Kind::Null => Err(Kind::error("an operand must not be null")),
        _ if !converted.is_known() => Err(Kind::Unknown(converted.reason(), Some(wanted.clone()))),
        _ => Ok(converted),
    }
}

fn number(operand: &Value) -> Result<Decimal, Kind> {
    match known(operand, &Type::Number)?.kind {
        Kind::Number(number) => Ok(number),
        _ => Err(Kind::error("a number is required")),
    }
}

fn flag(operand: &Value) -> Result<bool, Kind> {
    match known(operand, &Type::Bool)?.kind {
        Kind::Bool(flag) => Ok(flag),
        _ => Err(Kind::error("a bool is required")),
    }
}

/// Both numbers; an error of either before what is not known.
fn numbers(left: &Value, right: &Value) -> Result<(Decimal, Decimal), Kind> {
    match (number(left), number(right)) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(error @ Kind::Error(_)), _) | (_, Err(error @ Kind::Error(_))) | (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn divides_by_zero(left: &Value, right: &Value) -> Result<bool, Kind> {
    numbers(left, right).map(|(_, divisor)| divisor.is_zero())
}

fn arithmetic(left: &Value, right: &Value, compute: fn(Decimal, Decimal) -> Option<Decimal>) -> Outcome {
    let (left, right) = numbers(left, right)?;
    let too_long = || Kind::Unknown("a number of more digits than are computed with".into(), Some(Type::Number));
    compute(left, right).map(Kind::Number).ok_or_else(too_long)
}

fn ordered(left: &Value, right: &Value, holds: fn(Ordering) -> bool) -> Outcome {
    let (left, right) = numbers(left, right)?;
    let close = || Kind::Unknown("two numbers too close to tell apart".into(), Some(Type::Bool));
    left.compare(right).map(|order| Kind::Bool(holds(order))).ok_or_else(close)
}

fn compared(left: &Value, right: &Value, is_equal: bool) -> Outcome {
    let error = [left, right].into_iter().find(|operand| matches!(operand.kind, Kind::Error(_)));
    if let Some(error) = error {
        return Err(error.kind.clone());
    }
    let open = || Kind::Unknown(if left.is_whole() { right.reason() } else { left.reason() }, Some(Type::Bool));
    equal(left, right).map(|equal| Kind::Bool(equal == is_equal)).ok_or_else(open)
}

/// `a || b` where `decisive` is true, `a && b` where it is false.
fn decided(left: &Value, right: &Value, decisive: bool) -> Outcome {
    match (flag(left), flag(right)) {
        (Ok(left), Ok(right)) => Ok(Kind::Bool(if decisive { left || right } else { left && right })),
        (Ok(known), Err(_)) | (Err(_), Ok(known)) if known == decisive => Ok(Kind::Bool(decisive)),
        (Err(error @ Kind::Error(_)), _) | (_, Err(error @ Kind::Error(_))) | (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// Whether two values are the same, which no conversion makes them; `None` where it depends on what is not known.
pub fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (Kind::Null, Kind::Null) => Some(true),
        // What the configuration sets of an object is there.
        (Kind::Null, Kind::Reference { .. } | Kind::Joined(_)) | (Kind::Reference { .. } | Kind::Joined(_), Kind::Null) => Some(false),
        (Kind::Bool(left), Kind::Bool(right)) => Some(left == right),
        (Kind::Number(left), Kind::Number(right)) => left.compare(*right).map(Ordering::is_eq),
        (Kind::Text(left), Kind::Text(right)) => Some(left == right),
        (Kind::Joined(pieces), Kind::Text(text)) | (Kind::Text(text), Kind::Joined(pieces)) => {
            if may_be(pieces, text) {
                None
            } else {
                Some(false)
            }
        }
        (Kind::Tuple(left), Kind::Tuple(right)) | (Kind::List(left), Kind::List(right)) => {
            all(left.len() == right.len(), left.iter().zip(right.iter()).map(|(left, right)| equal(left, right)))
        }
        (Kind::Set(left), Kind::Set(right)) if left.iter().chain(right.iter()).all(Value::is_whole) => {
            all(left.len() == right.len(), left.iter().zip(right.iter()).map(|(left, right)| equal(left, right)))
        }
        (Kind::Set(_), Kind::Set(_)) => None,
        (Kind::Object(left), Kind::Object(right)) | (Kind::Map(left), Kind::Map(right)) => {
            all(left.keys().eq(right.keys()), left.values().zip(right.values()).map(|(left, right)| equal(left, right)))
        }
        _ if left.is_known() && right.is_known() => Some(false),
        _ => None,
    }
}

fn all(same_shape: bool, mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    if !same_shape {
        return Some(false);
    }
    let no_part_differs = |so_far: Option<bool>, part| match part {
        Some(false) => Err(()),
        Some(true) => Ok(so_far),
        None => Ok(None),
    };
    parts.try_fold(Some(true), no_part_differs).unwrap_or(Some(false))
}

/// Whether pieces of which some are not known could make up a text: it must begin and end as they do.
fn may_be(pieces: &Items, text: &str) -> bool {
    let fits = |piece: Option<&Value>, fits: &dyn Fn(&str) -> bool| match piece.map(|piece| &piece.kind) {
        Some(Kind::Text(piece)) => fits(piece),
        _ => true,
    };
    fits(pieces.first(), &|piece| text.starts_with(piece)) && fits(pieces.last(), &|piece| text.ends_with(piece))
}

/// `condition ? yes : no`. Both branches get the type that they have in common; an error in the branch that is not taken is none.
pub fn conditional(condition: &Value, yes: &Value, no: &Value, span: Span) -> Value {
    let types = [yes, no].map(|branch| if matches!(branch.kind, Kind::Error(_)) { Type::Any } else { Type::of(branch) });
    let Some(common) = Type::common(&types) else {
        return Value { kind: Kind::error("both branches must be of one type"), marks: condition.marks, span };
    };
    let branch = |value: &Value| convert(value, &common).unwrap_or_else(|kind| Value { kind, ..value.clone() });
    let chosen = match flag(condition) {
        Ok(true) => branch(yes),
        Ok(false) => branch(no),
        Err(error @ Kind::Error(_)) => Value::new(error, span),
        Err(_) => Value::either(vec![branch(yes), branch(no)], span).marked(yes.marks).marked(no.marks),
    };
    Value { span, ..chosen.marked(condition.all_marks()) }
}

/// A template of several pieces: always a text.
pub fn template(pieces: &[Value], span: Span) -> Value {
    let marks = pieces.iter().fold(Marks::default(), |marks, piece| marks.and(piece.all_marks()));
    let kind = pieces.iter().map(piece).collect::<Result<Vec<_>, _>>().map_or_else(|error| error, Kind::joined);
    Value { kind, marks, span }
}

/// A value as a piece of a text.
///
/// # Errors
/// It cannot be one.
pub fn piece(value: &Value) -> Result<Value, Kind> {
    match convert(value, &Type::Text)? {
        Value { kind: Kind::Null, .. } => Err(Kind::error("null cannot be a piece of a string")),
        text => Ok(text),
    }
}

/// `value[key]`. With a key that is not known, it is one of the values.
pub fn index(value: &Value, key: &Value, span: Span) -> Value {
    let in_branch = |branch: &Value| index(branch, key, span);
    let by_branch = |branch: &Value| index(value, branch, span);
    let found = match (&value.kind, &key.kind) {
        (Kind::Either(branches), _) => Ok(Value::either(branches.iter().map(in_branch).collect(), span)),
        (_, Kind::Either(branches)) => Ok(Value::either(branches.iter().map(by_branch).collect(), span)),
        _ => item(value, key, span),
    };
    part_of(value, found, span).marked(key.all_marks())
}

/// A part of a value, with the marks of both.
fn part_of(value: &Value, found: Result<Value, Kind>, span: Span) -> Value {
    Value { span, ..found.unwrap_or_else(|kind| Value::new(kind, span)).marked(value.marks) }
}

fn item(value: &Value, key: &Value, span: Span) -> Result<Value, Kind> {
    match (&value.kind, &key.kind) {
        (Kind::Error(_), _) => Err(value.kind.clone()),
        (_, Kind::Error(_)) => Err(key.kind.clone()),
        (Kind::Null, _) => Err(Kind::error("null has no items")),
        (_, Kind::Null) => Err(Kind::error("an index must not be null")),
        (Kind::Tuple(items) | Kind::List(items), _) if key.is_known() => at(items, key),
        (Kind::Tuple(items) | Kind::List(items), _) => one_of(items.iter(), key),
        (Kind::Object(entries) | Kind::Map(entries), _) => match known(key, &Type::Text) {
            Ok(Value { kind: Kind::Text(name), .. }) => entry(entries, &name, || format!("there is no item \"{name}\"")),
            Err(error @ Kind::Error(_)) => Err(error),
            Ok(_) | Err(_) => one_of(entries.values(), key),
        },
        _ if value.is_known() => Err(Kind::error("this value has no items")),
        (Kind::Reference { address, path }, _) if key.is_whole() => {
            Ok(Value::new(step_of(address, path, &format!("[{}]", shown(key))), span))
        }
        (Kind::External(who, name), _) if key.is_whole() => Ok(Value::new(within(*who, name, &format!("[{}]", shown(key))), span)),
        _ => Err(Kind::unknown(value.reason())),
    }
}

/// What an object has under a name; where it has names that are not known, what it lacks may be there.
fn entry(entries: &Entries, name: &str, missing: impl Fn() -> String) -> Result<Value, Kind> {
    let absent = || if entries.hide_names() { Kind::unknown("a name in it is not known") } else { Kind::error(missing()) };
    entries.get(name).cloned().ok_or_else(absent)
}

fn at(items: &Items, key: &Value) -> Result<Value, Kind> {
    let index = number(key)?.to_index().ok_or_else(|| Kind::error("an index must be a whole number from 0"))?;
    items.get(index).cloned().ok_or_else(|| Kind::error(format!("there is no item {index}")))
}

/// One of the values, which one depends on the key.
pub fn one_of<'v>(values: impl Iterator<Item = &'v Value>, key: &Value) -> Result<Value, Kind> {
    let values: Vec<Value> = values.take(MAX_BRANCHES + 1).cloned().collect();
    match values.len() {
        0 => Err(Kind::error("the collection is empty")),
        count if count > MAX_BRANCHES => Err(Kind::unknown(key.reason())),
        _ => Ok(Value::either(values, key.span)),
    }
}

fn step_of(address: &Rc<str>, path: &Rc<str>, step: &str) -> Kind {
    Kind::Reference { address: address.clone(), path: format!("{path}{step}").into() }
}

/// A part of what is decided outside is decided there too.
fn within(who: External, name: &Rc<str>, step: &str) -> Kind {
    Kind::External(who, format!("{name}{step}").into())
}

fn shown(key: &Value) -> String {
    match &key.kind {
        Kind::Number(number) => number.text().unwrap_or_default(),
        Kind::Text(text) => format!("{text:?}"),
        _ => "*".to_owned(),
    }
}

/// `value.name`.
pub fn attribute(value: &Value, name: &str, span: Span) -> Value {
    let missing = || format!("there is no attribute \"{name}\"");
    let found = match &value.kind {
        Kind::Error(_) => Err(value.kind.clone()),
        Kind::Object(entries) | Kind::Map(entries) => entry(entries, name, missing),
        Kind::Reference { address, path } => Ok(Value::new(step_of(address, path, &format!(".{name}")), span)),
        Kind::External(who, whole) => Ok(Value::new(within(*who, whole, &format!(".{name}")), span)),
        Kind::Either(branches) => {
            let branches = branches.iter().map(|branch| attribute(branch, name, span));
            Ok(Value::either(branches.collect(), span))
        }
        _ if value.is_known() => Err(Kind::error("this value has no attributes")),
        _ => Err(Kind::unknown(value.reason())),
    };
    part_of(value, found, span)
}

/// The items over which `[*]` goes: none of null, and a value that is no list is one item.
///
/// # Errors
/// What the whole splat is: an error or an unknown value.
pub fn splat_items(value: &Value) -> Result<Vec<Value>, Kind> {
    match &value.kind {
        Kind::Null => Ok(Vec::new()),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => Ok(items.to_vec()),
        Kind::Error(_) => Err(value.kind.clone()),
        Kind::Unknown(..) | Kind::Reference { .. } | Kind::External(..) | Kind::Either(_) => Err(Kind::unknown(value.reason())),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Joined(_) | Kind::Object(_) | Kind::Map(_) => Ok(vec![value.clone()]),
    }
}
