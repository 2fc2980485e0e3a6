//! Functions that take a part of something: `Select`, `Split`, `Length`, `FindInMap`.
//!
//! Comes in: their arguments. Goes out: the part where it can be told, all possible parts where they are few, else unknown.

use crate::formats::cloudformation::scope::{Scope, unknown};
use crate::formats::cloudformation::text;
use crate::formats::cloudformation::text::MAX_ALTERNATIVES;
use crate::model::resource::{Alternatives, Case, External, ExternalKind, Property, Value};
use crate::source::{NoteKind, Span};
use crate::syntax::Node;

impl<'t> Scope<'t, '_> {
    /// `Fn::Select`: `[index, list]`. A part of a single reference or external is that thing still: where it comes from is what counts.
    pub(super) fn select(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let [index, list] = argument.items() else { return None };
        let index = self.value(*index).literal().and_then(|index| index.parse::<usize>().ok());
        let list = self.value(*list);
        let (index, items) = match (index, list.value) {
            (_, Value::External(_) | Value::Unknown(_) | Value::Reference(_)) => return Some(Property { span, ..list }),
            (Some(index), Value::List(items)) => (index, items),
            _ => return Some(unknown("a part of a list that is known only at deployment", span)),
        };
        Some(match items.get(index) {
            Some(item) if items.iter().take(index).all(has_one_value) => *item,
            _ => unknown("a part of a list that is known only at deployment", span),
        })
    }

    /// `Fn::Split`: `[delimiter, text]`.
    pub(super) fn split(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let [delimiter, source] = argument.items() else { return None };
        let delimiter = delimiter.scalar().filter(|delimiter| !delimiter.is_empty())?;
        let source = self.value(*source);
        let pieces = match &source.value {
            Value::Joined(pieces) => pieces,
            _ if source.literal().is_some() => std::slice::from_ref(&source),
            _ => return Some(Property { span, ..source }),
        };
        let items: Vec<Property<'t>> = split_pieces(pieces, delimiter).iter().map(|item| self.joined(item, span)).collect();
        Some(Property { value: Value::List(self.arena().alloc_slice_copy(&items)), span })
    }

    pub(super) fn length(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        Some(match self.value(argument).value {
            Value::List(items) => Property { value: Value::Number(self.arena().alloc_str(&items.len().to_string())), span },
            _ => unknown("the length of a list that is known only at deployment", span),
        })
    }

    /// `Fn::FindInMap`: `[map, first key, second key]`, maybe with `{DefaultValue: …}`. A key that is known only at deployment may be
    /// any of those that there are.
    pub(super) fn find_in_map(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let (map, first, second, default) = match argument.items() {
            [map, first, second] => (map, first, second, None),
            [map, first, second, options] => (map, first, second, options.get("DefaultValue")),
            _ => return None,
        };
        let Some(mappings) = self.mappings else { return Some(self.nothing_there(span)) };
        let map = below(mappings, self.certain(*map).literal());
        let looked_through = mappings.entries().len() + map.iter().map(|map| map.entries().len()).sum::<usize>();
        if !self.unit.spend_work(looked_through, span) {
            return Some(unknown("the unit has too many values", span));
        }
        let [first, second] = [first, second].map(|key| self.certain(*key));
        let rows = map.into_iter().flat_map(|map| rows(map, first.literal()));
        let cells = rows.flat_map(|row| rows_of(row, second.literal())).take(MAX_ALTERNATIVES + 1);
        let cells: Vec<_> = cells.collect();
        let mut values: Vec<(Property<'t>, Vec<Case<'t>>)> = Vec::new();
        for ((row, column), cell) in cells {
            let asked = [(&first, row), (&second, column)].into_iter().filter_map(|(key, answer)| self.case_of_key(key, answer));
            values.push((self.value(cell), asked.collect()));
        }
        if let Some(default) = default.filter(|_| values.is_empty() || first.literal().is_none() || second.literal().is_none()) {
            values.push((self.value(default), Vec::new()));
        }
        if values.is_empty() {
            return Some(self.nothing_there(span));
        }
        if values.len() > MAX_ALTERNATIVES {
            return Some(unknown("looked up in a mapping under a key that is known only at deployment", span));
        }
        let values: Vec<_> = values.iter().map(|(value, cases)| (*value, cases.as_slice())).collect();
        Some(text::either_by_case(&values, span, self.arena()))
    }

    /// What must be so for a key that is known only at deployment to be this one.
    fn case_of_key(&self, key: &Property<'t>, answer: &'t str) -> Option<Case<'t>> {
        let question = self.question(key)?;
        Some(Case { question, answers: self.arena().alloc_slice_copy(&[answer]) })
    }

    /// What a value is asked as, if it is one that the deployment fills in.
    pub(super) fn question(&self, value: &Property<'t>) -> Option<&'t str> {
        let name = match value.value {
            Value::External(External {
                kind:
                    ExternalKind::Parameter | ExternalKind::HiddenParameter | ExternalKind::StandInParameter | ExternalKind::WrittenParameter,
                name,
            }) => name,
            Value::Ambient(name) => name,
            _ => return None,
        };
        Some(self.arena().alloc_str(&[self.frame.scope, name].concat()))
    }

    fn nothing_there(&self, span: Span) -> Property<'t> {
        self.note(span, NoteKind::Dangling, "names a mapping or a key that does not exist".to_owned());
        unknown("looked up under a key that the mapping does not have", span)
    }
}

/// What stands under one key, or under any.
fn below<'t>(node: Node<'t>, key: Option<&str>) -> Vec<Node<'t>> {
    match key {
        Some(key) => node.get(key).into_iter().collect(),
        None => node.entries().iter().map(|entry| entry.value).collect(),
    }
}

/// As `below`, with the keys.
fn rows<'t>(node: Node<'t>, key: Option<&str>) -> Vec<(&'t str, Node<'t>)> {
    let entries = node.entries().iter().filter(|entry| key.is_none_or(|key| key == entry.key));
    entries.map(|entry| (entry.key, entry.value)).collect()
}

/// The cells of a row under one key, or under any, with the keys of both.
fn rows_of<'t>((row, node): (&'t str, Node<'t>), key: Option<&str>) -> Vec<((&'t str, &'t str), Node<'t>)> {
    rows(node, key).into_iter().map(|(column, cell)| ((row, column), cell)).collect()
}

/// Whether it surely takes one place in a list, so that what follows can be counted.
fn has_one_value(item: &Property<'_>) -> bool {
    match item.value {
        Value::Either(Alternatives { branches: choices, .. }) => choices.iter().all(|choice| choice.is_present()),
        _ => true,
    }
}

/// The pieces of each part; delimiters are looked for in literals only.
fn split_pieces<'t>(pieces: &[Property<'t>], delimiter: &str) -> Vec<Vec<Property<'t>>> {
    let mut parts: Vec<Vec<Property<'t>>> = vec![Vec::new()];
    for piece in pieces {
        let texts: Vec<Property<'t>> = match piece.literal() {
            Some(text) => text.split(delimiter).map(|text| Property { value: Value::Text(text), span: piece.span }).collect(),
            None => vec![*piece],
        };
        for (index, text) in texts.into_iter().enumerate() {
            match parts.last_mut() {
                Some(part) if index == 0 => part.push(text),
                _ => parts.push(vec![text]),
            }
        }
    }
    parts
}
