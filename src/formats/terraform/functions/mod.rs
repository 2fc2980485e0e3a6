//! The functions that are built in, over values.
//!
//! Comes in: a name and its arguments. Goes out: a value. Nothing is run, opened or asked: functions that need a file, the time, the
//! network or randomness give an unknown value that says so. Names, arity and traps are those of Terraform 1.11.4
//! (`terraform metadata functions`, `terraform console`, 2026-11-28); `tests/cases/formats/terraform/functions.json` has its answers.

mod arguments;
mod collections;
mod conversion;
mod encoding;
mod format;
pub mod networks;
mod numbers;
mod opaque;
mod patterns;
mod sets;
mod text;
mod yaml;

use crate::formats::terraform::functions::arguments::{Arguments, Function, Needs, Param, Run};
use crate::formats::terraform::types::convert;
use crate::formats::terraform::value::{Kind, MAX_BRANCHES, Marks, Reason, Value};
use crate::source::Span;

/// What a function answers; `Err` is the same, on the way out: an error, or a value that is not known.
type Outcome = Result<Kind, Kind>;

static TABLES: [&[Function]; 10] = [
    text::FUNCTIONS,
    collections::FUNCTIONS,
    sets::FUNCTIONS,
    numbers::FUNCTIONS,
    encoding::FUNCTIONS,
    format::FUNCTIONS,
    networks::FUNCTIONS,
    patterns::FUNCTIONS,
    conversion::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// What a call comes to.
pub fn call(name: &str, arguments: &[Value], span: Span) -> Value {
    let name = name.strip_prefix("core::").unwrap_or(name);
    let Some(function) = TABLES.iter().copied().flatten().find(|function| function.name == name) else {
        let marks = arguments.iter().fold(Marks::default(), |marks, argument| marks.and(argument.all_marks()));
        return Value { kind: opaque::answer(name), marks, span };
    };
    if !function.takes_count(arguments.len()) {
        return Value::new(Kind::error(format!("{name}() does not take {} arguments", arguments.len())), span);
    }
    answer(function, arguments, span)
}

/// Units of work that a call is, besides those of its arguments' size: what a short text can make long.
pub fn cost(name: &str, arguments: &[Value]) -> usize {
    let text = |index: usize| match arguments.get(index).map(|argument| &argument.kind) {
        Some(Kind::Text(text)) => &**text,
        _ => "",
    };
    match name.strip_prefix("core::").unwrap_or(name) {
        "regex" | "regexall" => cost_of_pattern(text(0)),
        "replace" if text(1).len() > 1 && text(1).starts_with('/') => cost_of_pattern(text(1)),
        // Aliases count as often as they are used.
        "yamldecode" if text(0).contains('&') && text(0).contains('*') => 20_000,
        "jsondecode" | "yamldecode" => text(0).len() / 8,
        _ => 0,
    }
}

/// A pattern is compiled for each call, with what it repeats written out.
fn cost_of_pattern(pattern: &str) -> usize {
    200 + 4 * pattern.len() + if pattern.contains('{') { 4_000 } else { 0 }
}

/// The arguments of a call whose last one is a list of arguments, `f(a, b...)`.
///
/// # Errors
/// What the call comes to: the last argument is no list, or not known.
pub fn expanded(mut arguments: Vec<Value>) -> Result<Vec<Value>, Kind> {
    match arguments.pop() {
        Some(Value { kind: Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), marks, .. }) => {
            arguments.extend(items.iter().map(|item| item.clone().marked(marks)));
            Ok(arguments)
        }
        Some(error @ Value { kind: Kind::Error(_), .. }) => Err(error.kind),
        Some(last) if !last.is_known() => Err(Kind::unknown(last.reason())),
        _ => Err(Kind::error("the last argument must be a list or a tuple")),
    }
}

/// The one place for what errors, alternatives, nulls and values that are not known do to a call.
fn answer(function: &Function, given: &[Value], span: Span) -> Value {
    let marks = given.iter().fold(Marks::default(), |marks, argument| marks.and(marks_of(function, argument)));
    let found = match function.needs {
        Needs::Raw => run(function, given, span),
        Needs::Whole | Needs::Shape | Needs::Pieces | Needs::Parts => prepared(function, given, span),
    };
    // What `sensitive` and its kin do to marks is their answer, not a mark of their arguments.
    let marks = (function.marks)(marks);
    let found = found.unwrap_or_else(|kind| Value::new(kind, span));
    Value { span, ..found.marked(marks) }
}

fn run(function: &Function, values: &[Value], span: Span) -> Result<Value, Kind> {
    let given = Arguments { values, span };
    match function.run {
        Run::Makes(make) => make(&given).map(|kind| given.make(kind)),
        Run::Picks(pick) => pick(&given),
    }
}

fn marks_of(function: &Function, argument: &Value) -> Marks {
    match function.needs {
        Needs::Whole | Needs::Pieces => argument.all_marks(),
        Needs::Shape | Needs::Parts | Needs::Raw => argument.marks,
    }
}

fn prepared(function: &Function, given: &[Value], span: Span) -> Result<Value, Kind> {
    if let Some(error) = given.iter().find(|argument| matches!(argument.kind, Kind::Error(_))) {
        return Err(error.kind.clone());
    }
    if let Some((index, branches)) = given.iter().enumerate().find_map(|(index, argument)| match &argument.kind {
        Kind::Either(branches) => Some((index, branches)),
        _ => None,
    }) {
        let combinations = given.iter().map(|argument| if let Kind::Either(branches) = &argument.kind { branches.len() } else { 1 });
        if combinations.fold(1, usize::saturating_mul) > MAX_BRANCHES {
            return Err(Kind::unknown(format!("one of more than {MAX_BRANCHES} values")));
        }
        let with = |branch: &Value| {
            let mut given = given.to_vec();
            given[index] = branch.clone();
            answer(function, &given, span)
        };
        return Ok(Value::either(branches.iter().map(with).collect(), span));
    }
    if let Some((known, reason)) = known_part(function, given) {
        let known = answer(function, &known, span);
        let hidden = Value::new(Kind::unknown(reason), span);
        return Ok(if matches!(known.kind, Kind::Error(_)) { hidden } else { Value::either(vec![known, hidden], span) });
    }
    let values = given.iter().enumerate().map(|(index, argument)| taken(function.param(index), argument)).collect::<Result<Vec<_>, _>>()?;
    let open = |value: &&Value| match function.needs {
        Needs::Whole => !value.is_whole(),
        Needs::Shape => !value.is_known(),
        Needs::Pieces | Needs::Parts | Needs::Raw => false,
    };
    match values.iter().find(open) {
        Some(value) => Err(Kind::unknown(value.reason())),
        None => run(function, &values, span),
    }
}

/// The arguments that hold something known, of a call that puts together what its arguments hold, and why the others are not known. Those may
/// be empty, for all that is known: what is written beside them is there whatever they are.
fn known_part(function: &Function, given: &[Value]) -> Option<(Vec<Value>, Reason)> {
    let from = function.gathers_from?;
    let may_be_empty = |(index, argument): (usize, &Value)| (index >= from && !argument.is_known()).then(|| argument.reason());
    let reason = given.iter().enumerate().find_map(may_be_empty)?;
    let known = given.iter().enumerate().filter(|(index, argument)| *index < from || argument.is_known());
    let known: Vec<Value> = known.map(|(_, argument)| argument.clone()).collect();
    let holds_something = |argument: &Value| match &argument.kind {
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => !items.is_empty(),
        Kind::Object(entries) | Kind::Map(entries) => !entries.is_empty(),
        _ => false,
    };
    (function.takes_count(known.len().max(from + 1)) && known.iter().any(holds_something)).then_some(())?;
    let mut known = known;
    if known.len() == from {
        // Nothing is taken away.
        known.push(Value::new(Kind::tuple(Vec::new()), given.first()?.span));
    }
    Some((known, reason))
}

fn taken(param: Param, argument: &Value) -> Result<Value, Kind> {
    if argument.is_null() && !param.takes_null {
        return Err(Kind::error("an argument must not be null"));
    }
    param.wanted().map_or_else(|| Ok(argument.clone()), |wanted| convert(argument, &wanted))
}
