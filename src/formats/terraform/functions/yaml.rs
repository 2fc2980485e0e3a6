//! `yamldecode` and `yamlencode`.
//!
//! Terraform reads YAML 1.2 with the booleans of 1.1, in which it is between the two readers here: where they agree, that is the value, and
//! where they do not, its rule decides (Terraform 1.11.4, `terraform console`, 2026-11-29). Of few scalars neither can be told: dates, `y`
//! and `n`, numbers to base 2.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NULLABLE, Needs, TEXT, row};
use crate::formats::terraform::functions::encoding::{Writer, number, quote};
use crate::formats::terraform::value::{Entries, Kind, Value};
use crate::source::FileId;
use crate::syntax::yaml::{self, Dialect};
use crate::syntax::{Node, Value as NodeValue};
use bumpalo::Bump;
use std::collections::BTreeMap;

pub(super) const FUNCTIONS: &[Function] =
    &[row("yamldecode", &[TEXT], yamldecode), row("yamlencode", &[NULLABLE], |given| encoded(given.get(0)?)).needs(Needs::Pieces)];

/// YAML with holes, laid out as Terraform does: keys and texts in double quotes, a text of several lines as a block.
fn encoded(value: &Value) -> Outcome {
    let mut writer = Writer::of(value);
    writer.item(value, 0)?;
    Ok(writer.end())
}

impl Writer<'_> {
    /// What stands behind a dash, or alone: its first line goes on where the text ends.
    fn item(&mut self, value: &Value, indent: usize) -> Result<(), Kind> {
        match collection(value) {
            Some(Collection::Map(entries)) => self.entries(entries, indent, false),
            Some(Collection::List(items)) => self.items(items, indent, false),
            None => self.scalar(value, indent),
        }
    }

    fn entries(&mut self, entries: &Entries, indent: usize, is_led: bool) -> Result<(), Kind> {
        for (index, (key, value)) in entries.iter().enumerate() {
            self.lead(indent, is_led || index > 0);
            quote(key, &mut self.text);
            self.text.push(':');
            match collection(value) {
                Some(Collection::Map(entries)) => {
                    self.text.push('\n');
                    self.entries(entries, indent + STEP, true)?;
                }
                // A list stands as far out as the key that it belongs to.
                Some(Collection::List(items)) => {
                    self.text.push('\n');
                    self.items(items, indent, true)?;
                }
                None => {
                    self.text.push(' ');
                    self.scalar(value, indent + STEP)?;
                }
            }
        }
        Ok(())
    }

    fn items(&mut self, items: &[Value], indent: usize, is_led: bool) -> Result<(), Kind> {
        for (index, item) in items.iter().enumerate() {
            self.lead(indent, is_led || index > 0);
            self.text.push_str("- ");
            self.item(item, indent + STEP)?;
        }
        Ok(())
    }

    fn scalar(&mut self, value: &Value, indent: usize) -> Result<(), Kind> {
        let text = |piece: &Value| if let Kind::Text(text) = &piece.kind { Some(text.to_string()) } else { None };
        let pieces = match &value.kind {
            Kind::Joined(pieces) => &**pieces,
            _ => std::slice::from_ref(value),
        };
        if !pieces.iter().filter_map(text).any(|text| text.contains('\n')) {
            self.value(value)?;
            self.text.push('\n');
            return Ok(());
        }
        let ends = pieces.last().and_then(text).map_or(0, |last| last.len() - last.trim_end_matches('\n').len());
        self.text.push_str(["|-", "|"].get(ends).copied().unwrap_or("|+"));
        self.text.push('\n');
        self.lead(indent, true);
        for (index, piece) in pieces.iter().enumerate() {
            let Some(text) = text(piece) else {
                self.hole(piece);
                continue;
            };
            let text = if index + 1 == pieces.len() { text.trim_end_matches('\n') } else { &text };
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    self.text.push('\n');
                    self.lead(indent, !line.is_empty());
                }
                self.text.push_str(line);
            }
        }
        (0..ends.max(1)).for_each(|_| self.text.push('\n'));
        Ok(())
    }

    fn lead(&mut self, indent: usize, is_led: bool) {
        if is_led {
            self.text.extend(std::iter::repeat_n(' ', indent));
        }
    }
}

const STEP: usize = 2;

enum Collection<'v> {
    Map(&'v Entries),
    List(&'v [Value]),
}

/// What is laid out over several lines; what is empty is not.
fn collection(value: &Value) -> Option<Collection<'_>> {
    match &value.kind {
        Kind::Object(entries) | Kind::Map(entries) if !entries.is_empty() => Some(Collection::Map(entries)),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) if !items.is_empty() => Some(Collection::List(items)),
        _ => None,
    }
}

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
