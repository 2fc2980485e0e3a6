//! Functions that write and read other notations.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NULLABLE, Needs, TEXT, row};
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Entries, Kind, MAX_TEXT, MAX_WEIGHT, Value};
use crate::source::FileId;
use crate::syntax::{Node, Value as NodeValue, json as json_syntax};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub(super) const FUNCTIONS: &[Function] = &[
    row("base64decode", &[TEXT], |given| {
        let bytes = STANDARD.decode(given.text(0)?).map_err(|_| Kind::error("it is no base64"))?;
        String::from_utf8(bytes).map(Kind::text).map_err(|_| Kind::error("it is no UTF-8"))
    }),
    row("base64encode", &[TEXT], base64encode).needs(Needs::Pieces),
    row("csvdecode", &[TEXT], csvdecode),
    row("jsondecode", &[TEXT], jsondecode),
    row("jsonencode", &[NULLABLE], |given| encoded(given.get(0)?)).needs(Needs::Pieces),
    row("urlencode", &[TEXT], |given| Ok(Kind::text(url(given.text(0)?)))),
];

/// What is not known as a whole stays as it is written: who reads it wants to know what is in it, and nobody can tell its code.
fn base64encode(given: &Arguments<'_>) -> Outcome {
    let value = given.get(0)?;
    match &value.kind {
        Kind::Text(text) => Ok(Kind::text(STANDARD.encode(text.as_bytes()))),
        other => Ok(other.clone()),
    }
}

/// The JSON of a value of which all is known.
pub(super) fn json(value: &Value) -> Result<String, Kind> {
    match encoded(value)? {
        Kind::Text(text) => Ok(text.to_string()),
        other => Err(Kind::unknown(Value::new(other, value.span).reason())),
    }
}

/// JSON with holes: what is not known stands as a piece of its own, in quotes where it is a text.
fn encoded(value: &Value) -> Outcome {
    let mut writer = Writer::of(value);
    writer.value(value)?;
    Ok(writer.end())
}

pub(super) struct Writer<'v> {
    pieces: Vec<Value>,
    /// What stands behind the last piece.
    pub(super) text: String,
    of: &'v Value,
}

impl<'v> Writer<'v> {
    pub(super) fn of(of: &'v Value) -> Self {
        Self { pieces: Vec::new(), text: String::new(), of }
    }

    pub(super) fn end(mut self) -> Kind {
        self.end_text();
        Kind::joined(self.pieces)
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.pieces.push(Value::new(Kind::text(text), self.of.span));
    }

    pub(super) fn hole(&mut self, value: &Value) {
        self.end_text();
        self.pieces.push(value.clone());
    }

    pub(super) fn value(&mut self, value: &Value) -> Result<(), Kind> {
        if self.text.len() > MAX_TEXT {
            return Err(Kind::Unknown("a text that is too long".into(), Some(Type::Text)));
        }
        match &value.kind {
            Kind::Null => self.text.push_str("null"),
            Kind::Bool(flag) => self.text.push_str(if *flag { "true" } else { "false" }),
            Kind::Number(_) => match convert(value, &Type::Text)?.kind {
                Kind::Text(digits) => self.text.push_str(&digits),
                other => return Err(other),
            },
            Kind::Text(text) => quote(text, &mut self.text),
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => self.list(items)?,
            Kind::Object(entries) | Kind::Map(entries) => self.object(entries)?,
            Kind::Joined(pieces) => {
                self.text.push('"');
                for piece in &**pieces {
                    if let Kind::Text(text) = &piece.kind { escape(text, &mut self.text) } else { self.hole(piece) }
                }
                self.text.push('"');
            }
            Kind::Reference { .. } | Kind::Unknown(_, Some(Type::Text)) => {
                self.text.push('"');
                self.hole(value);
                self.text.push('"');
            }
            Kind::Either(branches) => {
                let each = |branch: &Value| Value { kind: encoded(branch).unwrap_or_else(|kind| kind), ..branch.clone() };
                let either = Kind::either(branches.iter().map(each).collect());
                self.hole(&Value { kind: either, ..value.clone() });
            }
            Kind::Unknown(..) | Kind::External(..) => self.hole(value),
            Kind::Error(_) => return Err(value.kind.clone()),
        }
        Ok(())
    }

    fn list(&mut self, items: &[Value]) -> Result<(), Kind> {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            self.comma_before(index);
            self.value(item)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn object(&mut self, entries: &Entries) -> Result<(), Kind> {
        self.text.push('{');
        for (index, (key, value)) in entries.iter().enumerate() {
            self.comma_before(index);
            quote(key, &mut self.text);
            self.text.push(':');
            self.value(value)?;
        }
        self.text.push('}');
        Ok(())
    }

    fn comma_before(&mut self, index: usize) {
        if index > 0 {
            self.text.push(',');
        }
    }
}

pub(super) fn quote(text: &str, into: &mut String) {
    into.push('"');
    escape(text, into);
    into.push('"');
}

/// The escapes of Go's encoder, which thinks of HTML.
fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            '\u{8}' => into.push_str("\\b"),
            '\u{c}' => into.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _infallible = write!(into, "\\u{:04x}", u32::from(character));
            }
            _ => into.push(character),
        }
    }
}

fn jsondecode(given: &Arguments<'_>) -> Outcome {
    let arena = Bump::new();
    let root = json_syntax::parse(given.text(0)?, FileId(0), &arena, &mut |_, _, _| {});
    decoded(&root.map_err(|error| Kind::error(error.message))?, given)
}

pub(super) fn number(text: &str) -> Outcome {
    let too_long = |_| Kind::unknown("a number of more digits than are computed with");
    Ok(Kind::Number(Decimal::parse(text).map_err(too_long)?))
}

fn decoded(node: &Node<'_>, given: &Arguments<'_>) -> Outcome {
    Ok(match &node.value {
        NodeValue::Null => Kind::Null,
        NodeValue::Bool(flag) => Kind::Bool(*flag),
        NodeValue::Number(text) => number(text)?,
        NodeValue::Text(text) => Kind::text(*text),
        NodeValue::List(items) => {
            let items = items.iter().map(|item| Ok(given.make(decoded(item, given)?)));
            Kind::tuple(items.collect::<Result<_, Kind>>()?)
        }
        NodeValue::Map(entries) => {
            let entries = entries.iter().map(|entry| Ok((entry.key.into(), given.make(decoded(&entry.value, given)?))));
            Kind::object(entries.collect::<Result<BTreeMap<_, _>, Kind>>()?)
        }
    })
}

fn csvdecode(given: &Arguments<'_>) -> Outcome {
    let mut records = records(given.text(0)?)?.into_iter();
    let header = records.next().ok_or_else(|| Kind::error("there is no header"))?;
    if header.iter().collect::<BTreeSet<_>>().len() < header.len() {
        return Err(Kind::error("a column stands twice"));
    }
    let mut rows = Vec::new();
    for record in records {
        if record.len() != header.len() {
            return Err(Kind::error("a line has another number of fields than the header"));
        }
        if rows.len().saturating_mul(header.len()) > MAX_WEIGHT {
            return Err(Kind::unknown("a table that is too long"));
        }
        let fields = record.into_iter().map(|field| given.make(Kind::text(field)));
        rows.push(given.make(Kind::object(header.iter().map(|name| name.as_str().into()).zip(fields).collect())));
    }
    Ok(Kind::list(rows))
}

/// The lines of a table by RFC 4180; empty lines are none.
fn records(text: &str) -> Result<Vec<Vec<String>>, Kind> {
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (field, behind) = field(rest)?;
        let is_blank = record.is_empty() && field.is_empty() && behind.starts_with(['\n', '\r']);
        if !is_blank {
            record.push(field);
        }
        let next = behind.strip_prefix(',');
        rest = next.unwrap_or_else(|| behind.strip_prefix("\r\n").or(behind.strip_prefix('\n')).unwrap_or(""));
        match next {
            Some("") => record.push(String::new()),
            Some(_) => continue,
            None => {}
        }
        if !record.is_empty() {
            records.push(std::mem::take(&mut record));
        }
    }
    Ok(records)
}

/// A field, and what stands behind it.
fn field(text: &str) -> Result<(String, &str), Kind> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([',', '\n']).unwrap_or(text.len());
        let (field, behind) = text.split_at(end);
        return match field.strip_suffix('\r') {
            _ if field.contains('"') => Err(Kind::error("a quote stands within a field")),
            Some(field) => Ok((field.to_owned(), behind)),
            None => Ok((field.to_owned(), behind)),
        };
    };
    let mut field = String::new();
    while let Some((inner, behind)) = rest.split_once('"') {
        field.push_str(inner);
        match behind.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None if behind.is_empty() || behind.starts_with([',', '\n']) || behind.starts_with("\r\n") => return Ok((field, behind)),
            None => return Err(Kind::error("something stands behind a quoted field")),
        }
    }
    Err(Kind::error("a quoted field has no end"))
}

fn url(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => {
                let _infallible = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
