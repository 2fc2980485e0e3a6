//! Properties in the making: values are put at targets, and what is put where something stands already is merged with it.
//!
//! Maps are put together, lists are appended to, and of two single values the later one counts.

use crate::model::resource::{Entry, Property, Value};
use crate::source::Span;
use bumpalo::Bump;

/// A map that grows.
#[derive(Clone, Debug)]
pub(crate) struct Tree<'t> {
    span: Span,
    entries: Vec<Branch<'t>>,
}

#[derive(Clone, Debug)]
struct Branch<'t> {
    key: &'t str,
    key_span: Span,
    node: Node<'t>,
}

#[derive(Clone, Debug)]
enum Node<'t> {
    Leaf(Property<'t>),
    Map(Tree<'t>),
    List(Vec<Self>, Span),
}

impl<'t> Tree<'t> {
    pub(crate) fn new(span: Span) -> Self {
        Self { span, entries: Vec::new() }
    }

    /// What a map holds; of anything else nothing.
    pub(crate) fn of(map: &Property<'t>) -> Self {
        let entries = match map.value {
            Value::Map(entries) => entries,
            _ => &[],
        };
        let branches = entries.iter().map(|entry| Branch { key: entry.key, key_span: entry.key_span, node: Node::of(&entry.value) });
        Self { span: map.span, entries: branches.collect() }
    }

    /// Puts a value at a target: `A.B`, `A[]` adds an item, `A[].B` adds an item that holds it, `A[Key=x]` adds a pair.
    pub(crate) fn put(&mut self, target: &str, value: Property<'t>, at: Span, arena: &'t Bump) {
        let (step, rest) = first_step(target);
        if step.is_empty() {
            let other = Self::of(&value);
            return self.merge(other);
        }
        let Some((name, within)) = step.split_once('[') else {
            match rest {
                "" => self.put_node(arena.alloc_str(step), at, Node::of(&value)),
                rest => {
                    let mut inner = Self::new(at);
                    inner.put(rest, value, at, arena);
                    self.put_node(arena.alloc_str(step), at, Node::Map(inner));
                }
            }
            return;
        };
        let name = arena.alloc_str(name);
        let within = within.trim_end_matches(']');
        let items = match (within.split_once('='), rest) {
            (Some((key, text)), _) => {
                let mut pair = Self::new(at);
                pair.put(key, Property { value: Value::Text(arena.alloc_str(text)), span: at }, at, arena);
                pair.put("Value", value, at, arena);
                vec![Node::Map(pair)]
            }
            (None, "") => match value.value {
                Value::List(items) => items.iter().map(Node::of).collect(),
                _ => vec![Node::of(&value)],
            },
            (None, rest) => {
                let values = match value.value {
                    Value::List(items) => items.to_vec(),
                    _ => vec![value],
                };
                let item = |value: Property<'t>| {
                    let mut item = Self::new(value.span);
                    item.put(rest, value, value.span, arena);
                    Node::Map(item)
                };
                values.into_iter().map(item).collect()
            }
        };
        self.put_node(name, at, Node::List(items, value.span));
    }

    /// Puts all that another map holds.
    pub(crate) fn merge(&mut self, other: Self) {
        for branch in other.entries {
            self.put_node(branch.key, branch.key_span, branch.node);
        }
    }

    /// The value at the end of a dotted path, if it is a single one.
    pub(crate) fn leaf(&self, path: &str) -> Option<Property<'t>> {
        let (step, rest) = path.split_once('.').unwrap_or((path, ""));
        match &self.entries.iter().find(|branch| branch.key == step)?.node {
            Node::Leaf(property) if rest.is_empty() => Some(*property),
            Node::Leaf(property) => property.at(rest).copied(),
            Node::Map(tree) => tree.leaf(rest),
            Node::List(..) => None,
        }
    }

    /// Takes away what stands under a name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.entries.retain(|branch| branch.key != name);
    }

    /// Puts all that another map holds, of which it cannot be told whether it is there. `either` makes one value of two that may be it.
    pub(crate) fn merge_maybe(&mut self, other: Self, arena: &'t Bump, either: impl Fn(Property<'t>, Property<'t>) -> Property<'t>) {
        let nothing = |span| Property { value: Value::Removed, span };
        for branch in other.entries {
            let known = self.entries.iter_mut().find(|known| known.key == branch.key);
            let with = |node: &Node<'t>| {
                let value = node.done(arena);
                Node::Leaf(either(value, nothing(value.span)))
            };
            match (known.map(|known| &mut known.node), branch.node) {
                (Some(Node::List(own, _)), Node::List(items, _)) => own.extend(items.iter().map(with)),
                (None, Node::List(items, span)) => {
                    let node = Node::List(items.iter().map(with).collect(), span);
                    self.entries.push(Branch { key: branch.key, key_span: branch.key_span, node });
                }
                (Some(own), node) => {
                    let before = own.done(arena);
                    own.merge(node);
                    *own = Node::Leaf(either(own.done(arena), before));
                }
                (None, node) => self.entries.push(Branch { key: branch.key, key_span: branch.key_span, node: with(&node) }),
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn put_node(&mut self, key: &'t str, key_span: Span, node: Node<'t>) {
        match self.entries.iter_mut().find(|branch| branch.key == key) {
            Some(known) => known.node.merge(node),
            None => self.entries.push(Branch { key, key_span, node }),
        }
    }

    pub(crate) fn done(&self, arena: &'t Bump) -> Property<'t> {
        let entries =
            self.entries.iter().map(|branch| Entry { key: branch.key, key_span: branch.key_span, value: branch.node.done(arena) });
        let entries: Vec<Entry<'t>> = entries.collect();
        Property { value: Value::Map(arena.alloc_slice_copy(&entries)), span: self.span }
    }
}

impl<'t> Node<'t> {
    fn of(value: &Property<'t>) -> Self {
        match value.value {
            Value::Map(_) => Self::Map(Tree::of(value)),
            Value::List(items) => Self::List(items.iter().map(Self::of).collect(), value.span),
            _ => Self::Leaf(*value),
        }
    }

    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Map(own), Self::Map(other)) => own.merge(other),
            (Self::List(own, _), Self::List(other, _)) => own.extend(other),
            // What is left out does not take away what another states.
            (_, Self::Leaf(Property { value: Value::Removed | Value::Null, .. })) => {}
            (own, other) => *own = other,
        }
    }

    fn done(&self, arena: &'t Bump) -> Property<'t> {
        match self {
            Self::Leaf(property) => *property,
            Self::Map(tree) => tree.done(arena),
            Self::List(items, span) => {
                let items: Vec<Property<'t>> = items.iter().map(|item| item.done(arena)).collect();
                Property { value: Value::List(arena.alloc_slice_copy(&items)), span: *span }
            }
        }
    }
}

/// The first step of a target and what follows; a dot within brackets is none between steps.
fn first_step(target: &str) -> (&str, &str) {
    let mut depth = 0_u32;
    for (at, letter) in target.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => return (&target[..at], &target[at + 1..]),
            _ => {}
        }
    }
    (target, "")
}
