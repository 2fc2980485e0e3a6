//! What SAM's `Globals` section adds to the resources of one type.
//!
//! Comes in: the section, a type, the properties that a resource states and its `IgnoreGlobals`. Goes out: the properties that count.
//! Never looks at what a property means.
//!
//! Maps are merged, lists concatenated with the globals first, and of anything else the resource's own value counts:
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use crate::formats::sam::pen::{Fields, Pen};
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::source::{MAX_DEPTH, Span};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// Which globals a resource does without: its attribute `IgnoreGlobals`, `*` or a list of property names
/// (<https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>,
/// read 2026-11-28).
pub enum Ignored<'t> {
    None,
    All,
    Named(Vec<&'t str>),
}

/// Why the transform refuses an `IgnoreGlobals`.
pub struct Refused {
    pub span: Span,
    pub why: String,
}

impl<'t> Ignored<'t> {
    /// # Errors
    /// What the transform refuses: a text other than `*`, a value that is no text, a name that the globals do not have.
    pub fn of(stated: Option<&Property<'t>>, general: Option<&Property<'t>>) -> Result<Self, Refused> {
        let Some(stated) = stated else { return Ok(Self::None) };
        let refused = |span, why: &str| Refused { span, why: why.to_owned() };
        match stated.value {
            Value::Text("") | Value::List([]) => Ok(Self::None),
            Value::Text("*") => Ok(Self::All),
            Value::List(items) => items
                .iter()
                .map(|item| {
                    let name = item.literal().ok_or_else(|| refused(item.span, "has a name that is no text"))?;
                    let is_known = general.is_none_or(|general| general.entries().iter().any(|entry| entry.key == name));
                    if is_known { Ok(name) } else { Err(refused(item.span, &format!("names `{name}`, which the globals do not have"))) }
                })
                .collect::<Result<_, _>>()
                .map(Self::Named),
            _ => Err(refused(stated.span, "is neither `*` nor a list of names")),
        }
    }
}

/// The properties of a resource of the type `AWS::Serverless::<section>`. Where its `IgnoreGlobals` is refused, any global may count or not.
pub fn merged<'t>(
    globals: &Property<'t>,
    section: &str,
    ignored: &Result<Ignored<'t>, Refused>,
    own: Property<'t>,
    arena: &'t Bump,
) -> Property<'t> {
    let Some(general) = globals.get(section) else { return own };
    let pen = Pen::new(arena, own.span);
    match ignored {
        Ok(Ignored::None) => merge(*general, own, pen, MAX_DEPTH),
        Ok(Ignored::All) => own,
        Ok(Ignored::Named(names)) => merge(Fields::of(pen, *general, names).done(), own, pen, MAX_DEPTH),
        Err(_) => pen.either(&[merge(*general, own, pen, MAX_DEPTH), own]),
    }
}

/// How many values each resource takes over.
pub fn size(general: &Property<'_>) -> usize {
    match general.value {
        Value::Map(entries) => entries.iter().map(|entry| 1 + size(&entry.value)).sum(),
        Value::List(items) => items.len(),
        _ => 1,
    }
}

fn merge<'t>(general: Property<'t>, own: Property<'t>, pen: Pen<'t>, depth: usize) -> Property<'t> {
    match (general.value, own.value) {
        (Value::Map(_), Value::Null) => general,
        (Value::Map(general_entries), Value::Map(own_entries)) if depth > 0 => {
            let known: BTreeMap<_, _> = general_entries.iter().map(|entry| (entry.key, entry.value)).collect();
            let mut fields = Fields::of(pen, general, &[]);
            for entry in own_entries {
                let value = match known.get(entry.key) {
                    Some(general) => merge(*general, entry.value, pen, depth - 1),
                    None => entry.value,
                };
                fields.put_entry(Entry { value, ..*entry });
            }
            Property { span: own.span, ..fields.done() }
        }
        (Value::Map(_), Value::Either(Alternatives { branches, .. })) if depth > 0 => {
            let branches: Vec<_> = branches.iter().map(|branch| merge(general, *branch, pen, depth - 1)).collect();
            Property { span: own.span, ..pen.either(&branches) }
        }
        (Value::List(before), Value::List(after)) => {
            let items = [before, after].concat();
            Property { span: own.span, ..pen.list(&items) }
        }
        _ => own,
    }
}
