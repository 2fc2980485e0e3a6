//! Functions over types, marks and errors.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{
    AS_BOOL, AS_NUMBER, AS_TEXT, Arguments, Function, NULLABLE, Needs, picks, row, text,
};
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Kind, Marks, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("can", &[NULLABLE], can).needs(Needs::Raw),
    picks("coalesce", &[NULLABLE], coalesce).rest(NULLABLE).needs(Needs::Parts),
    row("ephemeralasnull", &[NULLABLE], |given| {
        let value = given.get(0)?;
        Ok(if value.marks.ephemeral { Kind::Null } else { value.kind.clone() })
    })
    .needs(Needs::Parts)
    .marks(|marks| Marks { ephemeral: false, ..marks }),
    row("issensitive", &[NULLABLE], issensitive).needs(Needs::Parts).marks(|_| Marks::default()),
    row("nonsensitive", &[NULLABLE], same).needs(Needs::Parts).marks(|marks| Marks { sensitive: false, ..marks }),
    row("sensitive", &[NULLABLE], same).needs(Needs::Parts).marks(|marks| Marks { sensitive: true, ..marks }),
    row("tobool", &[AS_BOOL], same).needs(Needs::Parts),
    row("tolist", &[NULLABLE], |given| converted(given, &Type::List(Box::new(Type::Any)))).needs(Needs::Parts),
    row("tomap", &[NULLABLE], |given| converted(given, &Type::Map(Box::new(Type::Any)))).needs(Needs::Parts),
    row("tonumber", &[AS_NUMBER], same).needs(Needs::Parts),
    row("toset", &[NULLABLE], |given| converted(given, &Type::Set(Box::new(Type::Any)))).needs(Needs::Parts),
    row("tostring", &[AS_TEXT], same).needs(Needs::Parts),
    picks("try", &[NULLABLE], attempted).rest(NULLABLE).needs(Needs::Raw),
];

/// The argument as it came, or as the table had it converted.
fn same(given: &Arguments<'_>) -> Outcome {
    Ok(given.get(0)?.kind.clone())
}

fn converted(given: &Arguments<'_>, wanted: &Type) -> Outcome {
    Ok(convert(given.get(0)?, wanted)?.kind)
}

fn can(given: &Arguments<'_>) -> Outcome {
    let value = given.get(0)?;
    match &value.kind {
        Kind::Error(_) => Ok(Kind::Bool(false)),
        _ if value.is_whole() => Ok(Kind::Bool(true)),
        _ => Err(Kind::Unknown(value.reason(), Some(Type::Bool))),
    }
}

/// The first argument that is no error. One that is not known is taken for one that will be there.
fn attempted(given: &Arguments<'_>) -> Result<Value, Kind> {
    let mut arguments = given.values.iter();
    let found = arguments.find(|argument| !matches!(argument.kind, Kind::Error(_)));
    found.cloned().ok_or_else(|| Kind::error("each argument is an error"))
}

fn issensitive(given: &Arguments<'_>) -> Outcome {
    let value = given.get(0)?;
    match value.marks.sensitive {
        true => Ok(Kind::Bool(true)),
        false if value.is_known() => Ok(Kind::Bool(false)),
        false => Err(Kind::Unknown(value.reason(), Some(Type::Bool))),
    }
}

/// The first argument that is neither null nor an empty text. One that may be either is a branch, and the next ones are the others.
fn coalesce(given: &Arguments<'_>) -> Result<Value, Kind> {
    let types: Vec<Type> = given.values.iter().map(Type::of).collect();
    let common = Type::common(&types).ok_or_else(|| Kind::error("all arguments must be of one type"))?;
    let mut branches = Vec::new();
    for argument in given.values {
        let argument = convert(argument, &common)?;
        if argument.is_null() || matches!(&argument.kind, Kind::Text(text) if text.is_empty()) {
            continue;
        }
        let is_there = argument.is_known() || is_filled(&argument);
        branches.push(argument);
        if is_there {
            return Ok(Value::either(branches, given.span));
        }
    }
    match branches.first() {
        None => Err(Kind::error("each argument is null or empty")),
        // Whether there is anything at all is not known.
        Some(first) => Err(Kind::unknown(first.reason())),
    }
}

/// Whether a text of which parts are not known has a known part.
fn is_filled(value: &Value) -> bool {
    match &value.kind {
        Kind::Joined(pieces) => pieces.iter().any(|piece| text(piece).is_ok_and(|text| !text.is_empty())),
        _ => false,
    }
}
