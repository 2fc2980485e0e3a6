//! Writes property trees into the unit's arena: what a transform says that the template does not spell out.
//!
//! Comes in: names, texts and properties of the template. Goes out: properties that share their children with the template.
//! Never changes a property: what is written is new, and bears the span of the lines that caused it.

use crate::model::resource::{Alternatives, Entry, Property, Reference, Value};
use crate::source::Span;
use bumpalo::Bump;
use std::collections::BTreeMap;

/// Everything that one pen writes bears the same span.
#[derive(Clone, Copy)]
pub struct Pen<'t> {
    arena: &'t Bump,
    span: Span,
}

impl<'t> Pen<'t> {
    pub fn new(arena: &'t Bump, span: Span) -> Self {
        Self { arena, span }
    }

    pub fn span(self) -> Span {
        self.span
    }

    /// The same pen for other lines.
    pub fn at(self, span: Span) -> Self {
        Self { span, ..self }
    }

    pub fn name(self, text: &str) -> &'t str {
        self.arena.alloc_str(text)
    }

    pub fn value(self, value: Value<'t>) -> Property<'t> {
        Property { value, span: self.span }
    }

    pub fn text(self, text: &str) -> Property<'t> {
        self.value(Value::Text(self.name(text)))
    }

    pub fn flag(self, flag: bool) -> Property<'t> {
        self.value(Value::Bool(flag))
    }

    pub fn list(self, items: &[Property<'t>]) -> Property<'t> {
        self.value(Value::List(self.arena.alloc_slice_copy(items)))
    }

    pub fn texts(self, texts: &[&str]) -> Property<'t> {
        let items: Vec<_> = texts.iter().map(|text| self.text(text)).collect();
        self.list(&items)
    }

    pub fn map(self, entries: &[(&str, Property<'t>)]) -> Property<'t> {
        let mut fields = Fields::new(self);
        for (key, value) in entries {
            fields.put(key, *value);
        }
        fields.done()
    }

    /// The resource itself, what CloudFormation's `Ref` gives.
    pub fn resource(self, address: &str) -> Property<'t> {
        self.value(Value::Reference(Reference { address: self.name(address), attribute: None }))
    }

    pub fn attribute(self, address: &str, attribute: &str) -> Property<'t> {
        self.value(Value::Reference(Reference { address: self.name(address), attribute: Some(self.name(attribute)) }))
    }

    /// Any of these, by a condition that cannot be decided.
    pub fn either(self, arms: &[Property<'t>]) -> Property<'t> {
        self.value(Alternatives::of(arms, self.arena))
    }

    pub fn unknown(self, reason: &str) -> Property<'t> {
        self.value(Value::Unknown(self.name(reason)))
    }

    /// One string of the pieces. Joined pieces are spliced and neighbouring texts merged; one piece stands for itself. A piece that depends
    /// on a condition makes the whole string depend on it, once: a second such piece is unknown.
    pub fn joined(self, pieces: &[Property<'t>]) -> Property<'t> {
        let conditional = pieces.iter().enumerate().find_map(|(index, piece)| match piece.value {
            Value::Either(Alternatives { branches: arms, .. }) => Some((index, arms)),
            _ => None,
        });
        let Some((index, arms)) = conditional else { return self.concatenated(pieces) };
        let arms: Vec<_> = arms
            .iter()
            .map(|arm| {
                let mut pieces = pieces.to_vec();
                pieces[index] = *arm;
                self.concatenated(&pieces)
            })
            .collect();
        self.either(&arms)
    }

    fn concatenated(self, pieces: &[Property<'t>]) -> Property<'t> {
        let mut flat = Vec::new();
        pieces.iter().for_each(|piece| self.splice(*piece, &mut flat));
        match flat.as_slice() {
            [] => self.text(""),
            [single] => Property { value: single.value, span: self.span },
            _ => self.value(Value::Joined(self.arena.alloc_slice_copy(&flat))),
        }
    }

    fn splice(self, piece: Property<'t>, flat: &mut Vec<Property<'t>>) {
        match piece.value {
            Value::Joined(inner) => inner.iter().for_each(|piece| self.splice(*piece, flat)),
            Value::Null | Value::Removed => {}
            Value::Either(_) => flat.push(self.unknown("depends on a condition")),
            Value::List(_) | Value::Map(_) => flat.push(self.unknown("is not a string")),
            Value::Bool(_) | Value::Number(_) | Value::Text(_) => {
                let text = piece.literal().unwrap_or_default();
                match flat.last_mut() {
                    Some(Property { value: Value::Text(before), .. }) => *before = self.name(&[*before, text].concat()),
                    _ => flat.push(Property { value: Value::Text(text), span: piece.span }),
                }
            }
            Value::Reference(_) | Value::External(_) | Value::Ambient(_) | Value::Unknown(_) => flat.push(piece),
        }
    }

    /// A text with `${Name}` in it. `AWS::…` names are what the provider fills in; `find` answers for the others, and what it does not
    /// know stays as written.
    pub fn pattern(self, pattern: &str, find: impl Fn(&str) -> Option<Property<'t>>) -> Property<'t> {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, tail)) = after.split_once('}') else { break };
            pieces.push(self.text(before));
            pieces.push(ambient(name).map(|word| self.value(Value::Ambient(word))).or_else(|| find(name)).unwrap_or_else(|| {
                let placeholder = ["${", name, "}"].concat();
                self.text(&placeholder)
            }));
            rest = tail;
        }
        pieces.push(self.text(rest));
        pieces.retain(|piece| !matches!(piece.value, Value::Text("")));
        self.joined(&pieces)
    }

    /// `arn:<partition>:<service>:<region>:<account>:` and then the pieces.
    pub fn arn(self, service: &str, tail: &[Property<'t>]) -> Property<'t> {
        let head = self.pattern(&["arn:${AWS::Partition}:", service, ":${AWS::Region}:${AWS::AccountId}:"].concat(), |_| None);
        let mut pieces = vec![head];
        pieces.extend_from_slice(tail);
        self.joined(&pieces)
    }
}

/// The word that the neutral model has for a pseudo-parameter.
fn ambient(name: &str) -> Option<&'static str> {
    Some(match name {
        "AWS::AccountId" => "account",
        "AWS::Region" => "region",
        "AWS::Partition" => "partition",
        "AWS::StackName" => "stack",
        "AWS::StackId" => "stack-id",
        "AWS::URLSuffix" => "url-suffix",
        _ => return None,
    })
}

/// A map in the making. What is put under a key that is already there replaces it.
pub struct Fields<'t> {
    pen: Pen<'t>,
    entries: Vec<Entry<'t>>,
    /// Where each key stands: kept only while the map is too large to be searched.
    index: BTreeMap<&'t str, usize>,
}

/// Entries up to which searching is cheaper than an index.
const FEW: usize = 32;

impl<'t> Fields<'t> {
    pub fn new(pen: Pen<'t>) -> Self {
        Self { pen, entries: Vec::new(), index: BTreeMap::new() }
    }

    /// Begins with all that `map` has, except the keys of `without`.
    pub fn of(pen: Pen<'t>, map: Property<'t>, without: &[&str]) -> Self {
        let entries = map.entries().iter().filter(|entry| !without.contains(&entry.key)).copied().collect();
        Self { pen: Pen { span: map.span, ..pen }, entries, index: BTreeMap::new() }
    }

    pub fn put(&mut self, key: &str, value: Property<'t>) {
        self.put_entry(Entry { key: self.pen.name(key), key_span: value.span, value });
    }

    pub fn put_some(&mut self, key: &str, value: Option<&Property<'t>>) {
        if let Some(value) = value {
            self.put(key, *value);
        }
    }

    /// Takes over the entries of `map` with these keys.
    pub fn copy(&mut self, map: &Property<'t>, keys: &[&str]) {
        map.entries().iter().filter(|entry| keys.contains(&entry.key)).for_each(|entry| self.put_entry(*entry));
    }

    /// Takes over one entry of `map` under another key.
    pub fn rename(&mut self, map: &Property<'t>, from: &str, to: &str) {
        if let Some(entry) = map.entries().iter().find(|entry| entry.key == from) {
            self.put_entry(Entry { key: self.pen.name(to), ..*entry });
        }
    }

    pub fn put_entry(&mut self, entry: Entry<'t>) {
        match self.position(entry.key) {
            Some(position) => self.entries[position] = entry,
            None => self.entries.push(entry),
        }
    }

    fn position(&mut self, key: &str) -> Option<usize> {
        if self.entries.len() <= FEW {
            return self.entries.iter().position(|known| known.key == key);
        }
        let indexed = self.index.len();
        self.index.extend(self.entries.iter().enumerate().skip(indexed).map(|(position, entry)| (entry.key, position)));
        self.index.get(key).copied()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn done(self) -> Property<'t> {
        self.pen.value(Value::Map(self.pen.arena.alloc_slice_copy(&self.entries)))
    }
}

/// The lines of an entry of `map`, key and value; of `map` itself where there is no such entry.
pub fn entry_span(map: &Property<'_>, key: &str) -> Span {
    map.entries().iter().find(|entry| entry.key == key).map_or(map.span, lines)
}

/// From the key to the last line of the value.
pub fn lines(entry: &Entry<'_>) -> Span {
    let same_file = entry.key_span.file == entry.value.span.file;
    let end_line = if same_file { entry.value.span.end_line.max(entry.key_span.end_line) } else { entry.key_span.end_line };
    Span { end_line, ..entry.key_span }
}
