//! `yamldecode`.
//!
//! Terraform reads YAML 1.2 with the booleans of 1.1, in which it is between the two readers here: where they agree, that is the value, and
//! where they do not, its rule decides (Terraform 1.11.4, `terraform console`, 2026-11-29). Of few scalars neither can be told: dates, `y`
//! and `n`, numbers to base 2.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, TEXT, row};
use crate::formats::terraform::functions::encoding::number;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::FileId;
use crate::syntax::yaml::{self, Dialect};
use crate::syntax::{Node, Value as NodeValue};
use bumpalo::Bump;
use std::collections::BTreeMap;

pub(super) const FUNCTIONS: &[Function] = &[row("yamldecode", &[TEXT], yamldecode)];

fn yamldecode(given: &Arguments<'_>) -> Outcome {
    let arena = Bump::new();
    let read =
        |dialect| yaml::parse(given.text(0)?, dialect, FileId(0), &arena, &mut |_, _, _| {}).map_err(|error| Kind::error(error.message));
    let newer = read(Dialect::Js);
    match (newer.as_deref(), read(Dialect::Yaml11)?.as_slice()) {
        (Ok([newer]), [older]) => decoded(newer, older, given),
        (Err(_), [older]) => decoded(older, older, given),
        _ => Err(Kind::error("there is more than one document")),
    }
}

fn decoded(newer: &Node<'_>, older: &Node<'_>, given: &Arguments<'_>) -> Outcome {
    match (&newer.value, &older.value) {
        (NodeValue::List(newer), NodeValue::List(older)) if newer.len() == older.len() => {
            let items = newer.iter().zip(older.iter()).map(|(newer, older)| part(newer, older, given));
            Ok(Kind::tuple(items.collect::<Result<_, Kind>>()?))
        }
        (NodeValue::Map(newer), NodeValue::Map(older)) if newer.iter().map(|entry| entry.key).eq(older.iter().map(|entry| entry.key)) => {
            let entries = newer.iter().zip(older.iter());
            let entries = entries.map(|(newer, older)| Ok((newer.key.into(), part(&newer.value, &older.value, given)?)));
            Ok(Kind::object(entries.collect::<Result<BTreeMap<_, _>, Kind>>()?))
        }
        (NodeValue::Null, NodeValue::Null) => Ok(Kind::Null),
        (_, NodeValue::Bool(flag)) => Ok(Kind::Bool(*flag)),
        (NodeValue::Number(text), NodeValue::Number(_) | NodeValue::Text(_)) => number(text),
        (NodeValue::Text(text), NodeValue::Text(_) | NodeValue::Number(_)) if !is_open(text) => Ok(Kind::text(*text)),
        _ => Ok(Kind::unknown("YAML that is not read in one way only")),
    }
}

fn part(newer: &Node<'_>, older: &Node<'_>, given: &Arguments<'_>) -> Result<Value, Kind> {
    decoded(newer, older, given).map(|kind| given.make(kind))
}

/// Whether a text could be something else to Terraform: a bool, or a date, which is written out.
fn is_open(text: &str) -> bool {
    let is_date = text.len() >= 8 && text.bytes().take(4).all(|byte| byte.is_ascii_digit()) && text.as_bytes().get(4) == Some(&b'-');
    is_date || matches!(text, "y" | "Y" | "n" | "N")
}
