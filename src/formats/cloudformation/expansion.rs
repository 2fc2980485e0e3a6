//! Mappings that write themselves: `Fn::ForEach` loops and included files.
//!
//! Comes in: a mapping as written. Goes out: its entries, each with the loop variables that hold in it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>, read 2026-11-24.

use crate::formats::cloudformation::body;
use crate::formats::cloudformation::scope::{Scope, unknown};
use crate::model::resource::{Property, Value};
use crate::source::budget::MAX_VALUES;
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax;
use crate::syntax::{Entry, Node};
use std::collections::BTreeSet;

/// Loop variables and their values, innermost last.
pub(super) type Loops<'t> = &'t [(&'t str, &'t str)];

/// Longest value of a loop, in bytes: logical ids are no longer.
const MAX_LOOP_VALUE: usize = 255;
/// What a loop variable stands for where the values are not known.
const ANY_VALUE: &str = "*";

impl<'t> Scope<'t, '_> {
    /// The entries of a mapping with loops unrolled and includes read.
    pub(super) fn expanded(&self, node: Node<'t>) -> Vec<(Entry<'t>, Loops<'t>)> {
        let mut entries = Vec::with_capacity(node.entries().len());
        self.expand_into(node, self.loops.get(), &mut entries);
        entries
    }

    fn expand_into(&self, node: Node<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        let before = self.loops.replace(loops);
        for entry in node.entries() {
            if !self.unit.spend(entry.key_span) {
                break;
            }
            if entry.key.starts_with("Fn::ForEach::") {
                self.unroll(entry, loops, entries);
            } else if entry.key == "Fn::Transform" {
                self.include_into(entry.value, loops, entries);
            } else {
                entries.push((Entry { key: self.looped(entry.key), ..*entry }, loops));
            }
        }
        self.loops.set(before);
    }

    /// `[Identifier, Collection, {OutputKey: OutputValue}]`.
    fn unroll(&self, entry: &Entry<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        // Within a loop whose values are known the product has been looked at.
        let is_outermost = loops.iter().all(|(_, value)| *value == ANY_VALUE);
        if is_outermost && self.weight_of_entry(entry) > self.unit.values_left() {
            let why = format!("`{}` grows past {MAX_VALUES} values (loops in loops), the rest is not read", entry.key);
            self.unit.sources.cut(entry.key_span, why);
            return self.make_once(entry, loops, entries);
        }
        let collection = match entry.value.items() {
            [variable, collection, body] => variable.scalar().zip(self.collection(*collection)).map(|found| (found, *body)),
            _ => None,
        };
        let Some(((variable, values), body)) = collection else {
            return self.unroll_once(entry, loops, entries);
        };
        for value in values {
            if !self.unit.spend(entry.key_span) {
                return;
            }
            self.turn(variable, value, body, loops, entries);
        }
    }

    /// One turn of a loop.
    fn turn(&self, variable: &'t str, value: &'t str, body: Node<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        let mut inner = loops.to_vec();
        inner.push((variable, value));
        self.expand_into(body, self.arena().alloc_slice_copy(&inner), entries);
    }

    /// A loop over values that nobody can tell here.
    fn unroll_once(&self, entry: &Entry<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        if entry.value.items().len() == 3 {
            let text = format!("loop `{}` is over values that are not known here: it is read as if there were one", entry.key);
            self.note(entry.key_span, NoteKind::Unresolved, text);
        }
        self.make_once(entry, loops, entries);
    }

    /// What a loop makes once stands for what it makes each time; so do the loops in it.
    fn make_once(&self, entry: &Entry<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        let [variable, _, body] = entry.value.items() else {
            return self.note(entry.key_span, NoteKind::Refused, format!("`{}` is no list of a name, values and a mapping", entry.key));
        };
        self.turn(variable.scalar().unwrap_or("?"), ANY_VALUE, *body, loops, entries);
    }

    /// How many values a node has when all loops in it are unrolled, told before any of them is. What a loop runs over that depends on the
    /// variable of another one counts once here, and as often as it is made there.
    fn weight(&self, node: Node<'t>) -> usize {
        let items = node.items().iter().map(|item| self.weight(*item));
        let entries = node.entries().iter().map(|entry| self.weight_of_entry(entry));
        items.chain(entries).fold(1, usize::saturating_add)
    }

    fn weight_of_entry(&self, entry: &Entry<'t>) -> usize {
        match entry.value.items() {
            [_, collection, body] if entry.key.starts_with("Fn::ForEach::") => {
                let times = match collection.value {
                    syntax::Value::List(items) => items.len(),
                    _ => self.collection(*collection).map_or(1, |values| values.len()),
                };
                times.saturating_mul(self.weight(*body))
            }
            _ => self.weight(entry.value),
        }
    }

    fn collection(&self, node: Node<'t>) -> Option<Vec<&'t str>> {
        match self.value(node).value {
            Value::List(items) => items.iter().map(|item| item.literal().filter(|text| is_loop_value(text))).collect(),
            _ => None,
        }
    }

    /// An included mapping is as it is written: what it includes or loops over itself is not followed.
    fn include_into(&self, node: Node<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        if let Some((_, included)) = self.included(node) {
            entries.extend(included.entries().iter().map(|entry| (*entry, loops)));
        }
    }

    /// `Fn::Transform` that stands for a whole value.
    pub(super) fn transform(&self, argument: Node<'t>, span: Span) -> Property<'t> {
        let Some((path, included)) = self.included(argument) else { return unknown("a transform makes it at deployment", span) };
        self.unit.including.borrow_mut().push(path);
        let value = self.value(included);
        self.unit.including.borrow_mut().pop();
        value
    }

    /// The tree of a file that `AWS::Include` names by a path in the repository. Anything else is a body that lies elsewhere.
    pub(super) fn included(&self, node: Node<'t>) -> Option<(RepoPath, Node<'t>)> {
        let location = node.get("Parameters").and_then(|parameters| parameters.get("Location")).map(|location| self.value(location));
        let local = location.filter(|_| body::is_include(&node)).and_then(|location| {
            let path = self.frame.path.sibling(location.literal()?)?;
            Some((path, location.span))
        });
        let Some((path, span)) = local.filter(|(path, _)| !self.unit.sources.lacks(path)) else {
            self.add_transform(node);
            return None;
        };
        if self.unit.including.borrow().contains(&path) {
            self.note(node.span, NoteKind::Refused, format!("`{path}` includes itself"));
            return None;
        }
        let included = self.unit.documents(&path, span)?.first().copied()?;
        Some((path, included))
    }

    /// The root of a template with what `AWS::Include` brings in at the top: under `Transform`, or under `Fn::Transform` beside the
    /// sections. Sections that both have become one.
    pub(super) fn with_included_sections(&self, root: Node<'t>) -> Node<'t> {
        let named =
            root.get("Transform").map(|transform| if transform.items().is_empty() { vec![transform] } else { transform.items().to_vec() });
        let includes = |node: &Node<'t>| node.get("Name").and_then(|name| name.scalar()) == Some("AWS::Include");
        let transforms = named.unwrap_or_default().into_iter().filter(includes).chain(root.get("Fn::Transform"));
        let mut sections = root.entries().to_vec();
        for section in transforms.filter_map(|node| self.included(node)).flat_map(|(_, included)| included.entries()) {
            match sections.iter_mut().find(|known| known.key == section.key) {
                Some(known) => known.value = self.both(known.value, section.value),
                None => sections.push(*section),
            }
        }
        Node { value: syntax::Value::Map(self.arena().alloc_slice_copy(&sections)), ..root }
    }

    /// The entries of two mappings; of one name twice the template's own stands.
    fn both(&self, own: Node<'t>, included: Node<'t>) -> Node<'t> {
        let keys: BTreeSet<&str> = own.entries().iter().map(|entry| entry.key).collect();
        let added = included.entries().iter().filter(|entry| !keys.contains(entry.key));
        let entries: Vec<Entry<'t>> = own.entries().iter().chain(added).copied().collect();
        Node { value: syntax::Value::Map(self.arena().alloc_slice_copy(&entries)), ..own }
    }

    /// Mappings with those that are included from files.
    pub(super) fn with_included_mappings(&self, mappings: Node<'t>) -> Node<'t> {
        let includes = |node: &Node<'t>| node.get("Fn::Transform").is_some();
        if !includes(&mappings) && !mappings.entries().iter().any(|map| includes(&map.value)) {
            return mappings;
        }
        let flat = |node: Node<'t>| {
            let entries: Vec<Entry<'t>> = self.expanded(node).into_iter().map(|(entry, _)| entry).collect();
            Node { value: syntax::Value::Map(self.arena().alloc_slice_copy(&entries)), ..node }
        };
        let maps: Vec<Entry<'t>> = flat(mappings).entries().iter().map(|map| Entry { value: flat(map.value), ..*map }).collect();
        Node { value: syntax::Value::Map(self.arena().alloc_slice_copy(&maps)), ..mappings }
    }

    /// A text with loop variables replaced, `${Name}` and `&{Name}`; outside loops as it is. The second form stands in logical ids, and
    /// leaves out what may not stand there.
    pub(super) fn looped(&self, text: &'t str) -> &'t str {
        let loops = self.loops.get();
        if loops.is_empty() || !text.contains('{') {
            return text;
        }
        let mut replaced = text.to_owned();
        for (variable, value) in loops {
            let form = format!("${{{variable}}}");
            if replaced.contains(&form) {
                replaced = replaced.replace(&form, value);
            }
            let form = format!("&{{{variable}}}");
            if replaced.contains(&form) {
                let bare: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
                replaced = replaced.replace(&form, &bare);
            }
        }
        let spent = self.unit.spend_work(replaced.len(), Span::default());
        if replaced == text || !spent { text } else { self.arena().alloc_str(&replaced) }
    }
}

/// What a loop can run over: parts of names. Longer texts, and those with variables of their own, would grow without bound.
fn is_loop_value(text: &str) -> bool {
    text.len() <= MAX_LOOP_VALUE && !text.contains('{')
}
