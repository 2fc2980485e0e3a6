//! Where what nothing weighs is put together.
//!
//! Comes in: resources with what is to be told of them. Goes out: a list in order of the text, with a digest of each value.

use crate::catalog::draft::Draft;
use crate::catalog::spelled::spell;
use crate::catalog::witnesses::fingerprint;
use crate::model::ElementId;
use crate::model::limit::Way;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::model::unweighed::{Kind, Unweighed};
use crate::source::Span;

/// How deep what cannot be told is looked for.
const DEEPEST_VALUE: u32 = 12;

/// A draft that is read, and what was found of it.
pub(in crate::catalog) struct Collector<'d, 't, 's> {
    pub draft: &'d Draft<'t, 's>,
    pub found: Vec<Unweighed>,
}

impl<'t> Collector<'_, 't, '_> {
    /// Adds something by its value.
    pub(in crate::catalog) fn add(&mut self, resource: &Resource<'t>, (kind, path): (Kind, &str), value: &Property<'t>, span: Span) {
        let mut text = String::new();
        spell(self.draft, value, &mut text);
        self.write_unknown(value, 0, &mut text);
        self.add_digest(resource, (kind, path), fingerprint(&text), span);
    }

    /// Adds of a value what nobody can tell as it is written: one such value is not another.
    fn write_unknown(&self, value: &Property<'t>, depth: u32, text: &mut String) {
        if depth > DEEPEST_VALUE || !self.draft.spend(1, value.span) {
            return;
        }
        let mut go_on = |items: &[Property<'t>]| items.iter().for_each(|item| self.write_unknown(item, depth + 1, text));
        match value.value {
            Value::List(items) | Value::Joined(items) | Value::Either(Alternatives { branches: items, .. }) => go_on(items),
            Value::Map(entries) => entries.iter().for_each(|entry| go_on(&[entry.value])),
            Value::Unknown(_) if value.span.line > 0 => self.write_lines(value.span, text),
            _ => {}
        }
    }

    /// Adds the words of some lines.
    fn write_lines(&self, span: Span, text: &mut String) {
        let Some(file) = self.draft.sources.glance(&self.draft.sources.path(span.file)) else { return };
        if !self.draft.spend_text(file.len(), span) {
            return;
        }
        let (first, last) = (span.line as usize, span.end_line.max(span.line) as usize);
        for word in file.lines().skip(first - 1).take(last + 1 - first).flat_map(str::split_whitespace) {
            text.push(' ');
            text.push_str(word);
        }
    }

    /// Adds something by a text that is equal where it is.
    pub(in crate::catalog) fn add_text(&mut self, resource: &Resource<'t>, (kind, path): (Kind, &str), text: &str, span: Span) {
        self.add_digest(resource, (kind, path), fingerprint(text), span);
    }

    /// Adds something by its digest.
    pub(in crate::catalog) fn add_digest(&mut self, resource: &Resource<'t>, (kind, path): (Kind, &str), digest: String, span: Span) {
        self.found.push(Unweighed {
            id: ElementId::new(self.draft.unit, resource.address),
            unit: self.draft.unit.clone(),
            kind,
            path: path.replace("[]", ""),
            declared: resource.declared.to_owned(),
            digest,
            works_for: Vec::new(),
            way: None,
            place: self.draft.sources.place(span),
        });
    }

    /// Adds one of several ways by which something is let through.
    pub(in crate::catalog) fn add_way(&mut self, resource: &Resource<'t>, path: &str, way: Way, span: Span) {
        let limits: Vec<String> = way.limits.iter().map(|limit| format!("{}: {}", limit.of, limit.to)).collect();
        self.add_text(resource, (Kind::Way, path), &format!("{} if {}", way.what, limits.join(" and ")), span);
        self.closes(way);
    }

    /// Says of what was added last, a guard, which way it closes.
    pub(in crate::catalog) fn closes(&mut self, way: Way) {
        if let Some(last) = self.found.last_mut() {
            last.way = Some(way);
        }
    }

    /// Says of what was added last that it belongs to another resource.
    pub(in crate::catalog) fn is_of(&mut self, address: &str) {
        if let Some(last) = self.found.last_mut() {
            last.id = ElementId::new(self.draft.unit, address);
        }
    }

    /// Says of what was added last for which elements it works.
    pub(in crate::catalog) fn works_for(&mut self, elements: Vec<ElementId>) {
        if let Some(last) = self.found.last_mut() {
            last.works_for = elements;
        }
    }
}
