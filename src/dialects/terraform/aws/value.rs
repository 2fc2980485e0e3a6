//! Values of Terraform as neutral values, one for one.
//!
//! What is null counts as left out. References lead to resources where they lead anywhere (`reference`).

use crate::dialects::terraform::aws::context::Context;
use crate::formats::sam::pen::Pen;
use crate::formats::terraform::value::{External as Decider, Kind, Value as Evaluated};
use crate::model::resource::{Alternatives, Entry, External, ExternalKind, Property, Value};
use crate::source::Span;
use std::rc::Rc;

impl<'t> Context<'t, '_> {
    /// A value with everything in it.
    pub(crate) fn value(&self, value: &Evaluated) -> Property<'t> {
        let neutral = match &value.kind {
            Kind::Null => Value::Removed,
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Number(number) => Value::Number(self.arena.alloc_str(&number.text().unwrap_or_default())),
            Kind::Text(text) => self.with_own_account(self.arena.alloc_str(text), value),
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => {
                let items: Vec<Property<'t>> = items.iter().map(|item| self.value(item)).collect();
                Value::List(self.arena.alloc_slice_copy(&items))
            }
            Kind::Object(entries) | Kind::Map(entries) => {
                let entries: Vec<Entry<'t>> = entries.iter().map(|(key, value)| self.entry(key, value)).collect();
                Value::Map(self.arena.alloc_slice_copy(&entries))
            }
            Kind::Unknown(reason, _) | Kind::Error(reason) => Value::Unknown(self.arena.alloc_str(reason)),
            Kind::Reference { address, path } => return self.reference(address, path, value.span),
            Kind::External(by, name) => self.external(*by, name, value),
            Kind::Either(branches) => {
                let branches: Vec<Property<'t>> = branches.iter().map(|branch| self.value(branch)).collect();
                return self.either(&branches, value.span);
            }
            Kind::Joined(pieces) => {
                let pieces: Vec<Property<'t>> = pieces.iter().map(|piece| self.piece(piece)).collect();
                return Pen::new(self.arena, value.span).joined(&pieces);
            }
        };
        Property { value: neutral, span: value.span }
    }

    fn entry(&self, key: &str, value: &Evaluated) -> Entry<'t> {
        Entry { key: self.arena.alloc_str(key), key_span: value.span, value: self.value(value) }
    }

    /// A piece of a text; a document in the middle of one has no text.
    fn piece(&self, piece: &Evaluated) -> Property<'t> {
        let property = self.value(piece);
        match property.value {
            Value::Map(_) | Value::List(_) => Property { value: Value::Unknown("is a document within a text"), ..property },
            _ => property,
        }
    }

    fn external(&self, by: Decider, name: &Rc<str>, value: &Evaluated) -> Value<'t> {
        let kind = match by {
            Decider::Variable if value.all_marks().sensitive => ExternalKind::HiddenParameter,
            Decider::Variable | Decider::Workspace => ExternalKind::Variable,
            Decider::Data | Decider::RemoteState => ExternalKind::Import,
        };
        let name = name.strip_prefix("var.").unwrap_or(name);
        Value::External(External { kind, name: self.arena.alloc_str(name) })
    }

    /// One of several values; equal ones count once.
    pub(crate) fn either(&self, branches: &[Property<'t>], span: Span) -> Property<'t> {
        let mut different: Vec<Property<'t>> = Vec::new();
        let mut shown: Vec<String> = Vec::new();
        let flat = branches.iter().flat_map(|branch| match branch.value {
            Value::Either(Alternatives { branches, .. }) => branches,
            _ => std::slice::from_ref(branch),
        });
        for branch in flat {
            // Spans tell apart what is written twice; that does not make it another value.
            let text = spelt(branch);
            if !shown.contains(&text) {
                shown.push(text);
                different.push(*branch);
            }
        }
        match different.as_slice() {
            [] => Property { value: Value::Removed, span },
            [only] => Property { value: only.value, span },
            several => Property { value: Alternatives::of(several, self.arena), span },
        }
    }

    /// What may be there.
    pub(crate) fn maybe(&self, value: Property<'t>) -> Property<'t> {
        self.either(&[value, Property { value: Value::Removed, span: value.span }], value.span)
    }
}

/// A value without its lines, for comparison.
fn spelt(value: &Property<'_>) -> String {
    match value.value {
        Value::List(items) => format!("[{}]", items.iter().map(spelt).collect::<Vec<_>>().join(",")),
        Value::Joined(pieces) => format!("<{}>", pieces.iter().map(spelt).collect::<Vec<_>>().join(",")),
        Value::Map(entries) => {
            format!("{{{}}}", entries.iter().map(|entry| format!("{:?}:{}", entry.key, spelt(&entry.value))).collect::<Vec<_>>().join(","))
        }
        Value::Either(Alternatives { branches, .. }) => branches.iter().map(spelt).collect::<Vec<_>>().join("|"),
        other => format!("{other:?}"),
    }
}
