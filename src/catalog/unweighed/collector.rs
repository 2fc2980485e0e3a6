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
use crate::source::{FileId, Span};
use std::collections::BTreeMap;

/// How deep what cannot be told is looked for.
const DEEPEST_VALUE: u32 = 12;

/// A draft that is read, and what was found of it.
pub(in crate::catalog) struct Collector<'d, 't, 's> {
    pub draft: &'d Draft<'t, 's>,
    pub found: Vec<Unweighed>,
    /// The lines of the files that were looked into; none of one that would take too much.
    lines: BTreeMap<FileId, Vec<&'t str>>,
}

impl<'d, 't, 's> Collector<'d, 't, 's> {
    pub(in crate::catalog) fn of(draft: &'d Draft<'t, 's>) -> Self {
        Self { draft, found: Vec::new(), lines: BTreeMap::new() }
    }

    /// Adds something by its value.
    pub(in crate::catalog) fn add(&mut self, resource: &Resource<'t>, (kind, path): (Kind, &str), value: &Property<'t>, span: Span) {
        let mut text = String::new();
        spell(self.draft, value, &mut text);
        self.write_unknown(value, 0, &mut text);
        self.add_digest(resource, (kind, path), fingerprint(&text), span);
    }

    /// Adds of a value what nobody can tell as it is written: one such value is not another.
    fn write_unknown(&mut self, value: &Property<'t>, depth: u32, text: &mut String) {
        if depth > DEEPEST_VALUE || !self.draft.spend(1, value.span) {
            return;
        }
        match value.value {
            Value::List(items) | Value::Joined(items) | Value::Either(Alternatives { branches: items, .. }) => {
                items.iter().for_each(|item| self.write_unknown(item, depth + 1, text));
            }
            Value::Map(entries) => entries.iter().for_each(|entry| self.write_unknown(&entry.value, depth + 1, text)),
            Value::Unknown(_) if value.span.line > 0 => self.write_lines(value.span, text),
            _ => {}
        }
    }

    /// Adds the words of some lines. A file is taken apart once.
    fn write_lines(&mut self, span: Span, text: &mut String) {
        let draft = self.draft;
        let lines = self.lines.entry(span.file).or_insert_with(|| {
            let file = draft.sources.glance(&draft.sources.path(span.file)).unwrap_or_default();
            if draft.spend_text(file.len(), span) { file.lines().collect() } else { Vec::new() }
        });
        let (first, last) = (span.line as usize, span.end_line.max(span.line) as usize);
        let Some(written) = lines.get(first - 1..last.min(lines.len()).max(first - 1)) else { return };
        if draft.spend_text(written.iter().map(|line| line.len()).sum(), span) {
            for word in written.iter().flat_map(|line| line.split_whitespace()) {
                text.push(' ');
                text.push_str(word);
            }
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
