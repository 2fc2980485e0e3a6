//! The nodes of one text, counted and joined.
//!
//! Comes in: finished children. Goes out: lists, mappings and aliases, with merges done. Limits and duplicate keys are noticed here.

use crate::source::{FileId, MAX_DEPTH, MAX_NODES, NoteKind, Span};
use crate::syntax::mapping;
use crate::syntax::yaml::error_of;
use crate::syntax::{Entry, Node, Notes, SyntaxError, Value};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// A finished node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Built<'t> {
    pub(super) node: Node<'t>,
    pub(super) role: Role,
    /// Nodes in it, aliases counted as often as they are used.
    pub(super) weight: usize,
    /// Levels of collections in it.
    pub(super) height: usize,
}

/// What a scalar is where it is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// `<<`: the mapping under it is merged.
    Merge,
    /// `=` of YAML 1.1, which is a key and never a value.
    DefaultValue,
}

/// A key and its value.
pub(super) type Pair<'t> = (Built<'t>, Built<'t>);

pub(super) struct Tree<'t, 'n, 'm> {
    pub(super) file: FileId,
    pub(super) arena: &'t Bump,
    notes: &'n mut Notes<'m>,
    /// Nodes so far, aliases counted as often as they are used.
    pub(super) weight: usize,
    /// Entries of the mapping that is being finished; kept to spare an allocation for each.
    entries: Vec<Entry<'t>>,
}

impl<'t, 'n, 'm> Tree<'t, 'n, 'm> {
    pub(super) fn new(file: FileId, arena: &'t Bump, notes: &'n mut Notes<'m>) -> Self {
        Self { file, arena, notes, weight: 0, entries: Vec::new() }
    }

    pub(super) fn note(&mut self, span: Span, kind: NoteKind, text: String) {
        (self.notes)(span, kind, text);
    }

    pub(super) fn scalar(&mut self, value: Value<'t>, role: Role, span: Span, tag: Option<&'t str>) -> Result<Built<'t>, SyntaxError> {
        self.weigh(1, span)?;
        Ok(Built { node: Node { value, span, tag }, role, weight: 1, height: 0 })
    }

    /// The node that an alias names, at the place of the alias. `depth`: collections around it.
    pub(super) fn alias(&mut self, named: Built<'t>, span: Span, depth: usize) -> Result<Built<'t>, SyntaxError> {
        if depth + named.height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.weigh(named.weight, span)?;
        Ok(Built { node: Node { span, ..named.node }, ..named })
    }

    /// Refuses a collection at that depth, the root being at 0.
    pub(super) fn enter(&mut self, depth: usize, span: Span) -> Result<(), SyntaxError> {
        if depth >= MAX_DEPTH {
            return Err(too_deep(span));
        }
        self.weigh(1, span)
    }

    pub(super) fn list(&mut self, items: &[Built<'t>], span: Span, tag: Option<&'t str>) -> Built<'t> {
        let value = Value::List(self.arena.alloc_slice_fill_iter(items.iter().map(|item| item.node)));
        joined(value, span, tag, items.iter())
    }

    /// A mapping of PyYAML: of equal keys the last counts, and of merged mappings the one that is written last, in one list the first.
    pub(super) fn mapping_of_yaml11(&mut self, pairs: &[Pair<'t>], span: Span, tag: Option<&'t str>) -> Result<Built<'t>, SyntaxError> {
        let mut entries = std::mem::take(&mut self.entries);
        let mut merged = Vec::new();
        for (key, value) in pairs {
            if key.role == Role::Merge {
                merge_into(&mut merged, value.node)?;
            } else {
                entries.push(entry(key_of_yaml11(key.node)?, key.node.span, value.node));
            }
        }
        let own = mapping::unique(&entries, self.arena, self.notes);
        entries.clear();
        self.entries = entries;
        let all = if merged.is_empty() { own } else { self.arena.alloc_slice_copy(&beside(own, merged.into_iter().rev())) };
        Ok(joined(Value::Map(all), span, tag, pairs.iter().flat_map(|(key, value)| [key, value])))
    }

    /// A mapping of js-yaml: equal keys are refused, and of merged mappings the first counts.
    pub(super) fn mapping_of_js(&mut self, pairs: &[Pair<'t>], span: Span, tag: Option<&'t str>) -> Result<Built<'t>, SyntaxError> {
        let mut entries = std::mem::take(&mut self.entries);
        let mut merged = Vec::new();
        for (key, value) in pairs {
            if key.role == Role::Merge {
                for source in merged_by_js(value.node)? {
                    merged.extend_from_slice(source.entries());
                }
            } else {
                let text = self.key_of_js(key.node)?;
                entries.push(entry(text, key.node.span, value.node));
            }
        }
        if let Some(second) = mapping::first_duplicate(&entries) {
            return Err(error_of(
                second.key_span,
                NoteKind::Unreadable,
                format!("key `{}` stands twice in one mapping", shown(second.key)),
            ));
        }
        let own = self.arena.alloc_slice_copy(&entries);
        entries.clear();
        self.entries = entries;
        let all = if merged.is_empty() { own } else { self.arena.alloc_slice_copy(&beside(own, merged.into_iter())) };
        Ok(joined(Value::Map(all), span, tag, pairs.iter().flat_map(|(key, value)| [key, value])))
    }

    /// `String(key)`: JavaScript has no other keys.
    fn key_of_js(&mut self, key: Node<'t>) -> Result<&'t str, SyntaxError> {
        const OBJECT: &str = "[object Object]";
        let is_collection = matches!(key.value, Value::List(_) | Value::Map(_));
        if is_collection || key.tag.is_some() {
            self.note(key.span, NoteKind::Unsupported, "a key that is a collection or bears a tag is one text for js-yaml".to_owned());
        }
        if key.tag.is_some() {
            return Ok(OBJECT);
        }
        let Value::List(items) = key.value else { return Ok(key_text(key).unwrap_or(OBJECT)) };
        let mut parts = Vec::new();
        for item in items {
            if matches!(item.value, Value::List(_)) && item.tag.is_none() {
                return Err(error_of(item.span, NoteKind::Unreadable, "a list stands within a list that is a key".to_owned()));
            }
            parts.push(match item.value {
                Value::Null => "",
                _ if item.tag.is_some() => OBJECT,
                _ => key_text(*item).unwrap_or(OBJECT),
            });
        }
        Ok(self.arena.alloc_str(&parts.join(",")))
    }

    fn weigh(&mut self, nodes: usize, span: Span) -> Result<(), SyntaxError> {
        self.weight = self.weight.saturating_add(nodes);
        if self.weight > MAX_NODES {
            let message = format!("more than {MAX_NODES} nodes, aliases counted as often as they are used");
            return Err(error_of(span, NoteKind::Limit, message));
        }
        Ok(())
    }
}

fn joined<'a, 't: 'a>(value: Value<'t>, span: Span, tag: Option<&'t str>, children: impl Iterator<Item = &'a Built<'t>>) -> Built<'t> {
    let (weight, height) = children.fold((1, 0), |(weight, height), child| (weight + child.weight, height.max(child.height)));
    Built { node: Node { value, span, tag }, role: Role::Plain, weight, height: height + 1 }
}

pub(super) fn too_deep(span: Span) -> SyntaxError {
    error_of(span, NoteKind::Limit, format!("nested deeper than {MAX_DEPTH}"))
}

/// An absent value stands on the line of its key.
fn entry<'t>(key: &'t str, key_span: Span, value: Node<'t>) -> Entry<'t> {
    let is_below = matches!(value.value, Value::Null) && value.span.line > key_span.end_line;
    let span = if is_below { Span { line: key_span.end_line, end_line: key_span.end_line, ..value.span } } else { value.span };
    Entry { key, key_span, value: Node { span, ..value } }
}

/// Keys are text, as CloudFormation has them in JSON: `true`, `null` and numbers in decimal.
fn key_text<'t>(key: Node<'t>) -> Option<&'t str> {
    match key.value {
        Value::Null => Some("null"),
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => key.scalar(),
        Value::List(_) | Value::Map(_) => None,
    }
}

/// PyYAML's keys are what Python can hash: no collection, and nothing that a tag makes an object of.
fn key_of_yaml11<'t>(key: Node<'t>) -> Result<&'t str, SyntaxError> {
    let text = key_text(key).filter(|_| key.tag.is_none());
    text.ok_or_else(|| error_of(key.span, NoteKind::Unreadable, "a key is a collection or bears a tag: write it as text".to_owned()))
}

/// Adds what `<<` brings: the entries of one mapping, or of several of which the first has precedence. Later ones override.
fn merge_into<'t>(merged: &mut Vec<Entry<'t>>, value: Node<'t>) -> Result<(), SyntaxError> {
    let refused = |span| error_of(span, NoteKind::Unreadable, "`<<` wants a mapping, or a list of mappings".to_owned());
    match value.value {
        Value::Map(entries) => merged.extend_from_slice(entries),
        Value::List(items) => {
            for item in items.iter().rev() {
                let Value::Map(entries) = item.value else { return Err(refused(item.span)) };
                merged.extend_from_slice(entries);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => return Err(refused(value.span)),
    }
    Ok(())
}

fn merged_by_js<'t>(value: Node<'t>) -> Result<Vec<Node<'t>>, SyntaxError> {
    const MOST: usize = 100;
    let sources = match value.value {
        Value::List(items) if value.tag.is_none() => items.to_vec(),
        _ => vec![value],
    };
    if sources.len() > MOST {
        return Err(error_of(value.span, NoteKind::Unreadable, format!("`<<` merges more than {MOST} mappings")));
    }
    match sources.iter().find(|source| !source.is_map() || source.tag.is_some()) {
        Some(source) => Err(error_of(source.span, NoteKind::Unreadable, "`<<` wants a mapping, or a list of mappings".to_owned())),
        None => Ok(sources),
    }
}

/// Own entries after those merged ones whose keys are not there yet, in the order given.
fn beside<'t>(own: &[Entry<'t>], merged: impl Iterator<Item = Entry<'t>>) -> Vec<Entry<'t>> {
    let mut known: BTreeSet<&str> = own.iter().map(|entry| entry.key).collect();
    let mut all: Vec<Entry<'t>> = merged.filter(|entry| known.insert(entry.key)).collect();
    all.extend_from_slice(own);
    all
}

/// Enough of a key to find it.
fn shown(key: &str) -> &str {
    mapping::shown(key)
}
