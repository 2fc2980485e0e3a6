//! Mappings that write themselves: `Fn::ForEach` loops and included files.
//!
//! Comes in: a mapping as written. Goes out: its entries, each with the loop variables that hold in it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>, read 2026-11-24.

use crate::formats::cloudformation::scope::{Scope, unknown};
use crate::model::resource::{Property, Value};
use crate::source::{NoteKind, Span};
use crate::syntax;
use crate::syntax::{Entry, Node};

/// Loop variables and their values, innermost last.
pub(super) type Loops<'t> = &'t [(&'t str, &'t str)];

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
        let collection = match entry.value.items() {
            [variable, collection, body] => variable.scalar().zip(self.collection(*collection)).map(|found| (found, *body)),
            _ => None,
        };
        let Some(((variable, values), body)) = collection else {
            self.note(entry.key_span, NoteKind::Unsupported, format!("loop `{}` is over values that are not known here", entry.key));
            return;
        };
        for value in values {
            if !self.unit.spend(entry.key_span) {
                return;
            }
            let mut inner = loops.to_vec();
            inner.push((variable, value));
            self.expand_into(body, self.arena().alloc_slice_copy(&inner), entries);
        }
    }

    fn collection(&self, node: Node<'t>) -> Option<Vec<&'t str>> {
        match self.value(node).value {
            Value::List(items) => items.iter().map(Property::literal).collect(),
            _ => None,
        }
    }

    fn include_into(&self, node: Node<'t>, loops: Loops<'t>, entries: &mut Vec<(Entry<'t>, Loops<'t>)>) {
        match self.included(node) {
            Ok(included) => entries.extend(included.entries().iter().map(|entry| (*entry, loops))),
            Err(reason) => self.note(node.span, NoteKind::Unsupported, reason),
        }
    }

    /// `Fn::Transform` that stands for a whole value.
    pub(super) fn transform(&self, argument: Node<'t>, span: Span) -> Property<'t> {
        match self.included(argument) {
            Ok(included) => self.value(included),
            Err(reason) => {
                self.note(span, NoteKind::Unsupported, reason);
                unknown("a transform makes it at deployment", span)
            }
        }
    }

    /// The tree of a file that `AWS::Include` names by a path in the repository, else why not.
    fn included(&self, node: Node<'t>) -> Result<Node<'t>, String> {
        let name = node.get("Name").and_then(|name| name.scalar()).unwrap_or("?");
        if name != "AWS::Include" {
            return Err(format!("transform `{name}` is not carried out"));
        }
        let location = node.get("Parameters").and_then(|parameters| parameters.get("Location"));
        let location = location.ok_or_else(|| "`AWS::Include` has no location".to_owned())?;
        let written =
            self.value(location).literal().ok_or_else(|| "the location of `AWS::Include` is known only at deployment".to_owned())?;
        let path = self.frame.path.sibling(written).ok_or_else(|| format!("`{written}` lies outside the repository"))?;
        let sources = self.unit.sources;
        let (file, text) = sources.open(&path, Some(location.span)).ok_or_else(|| format!("`{path}` is not included"))?;
        let mut notes = |span, kind, text| sources.note(span, kind, text);
        let documents = syntax::parse(text, file, self.arena(), &mut notes).map_err(|error| format!("`{path}` cannot be read: {error}"))?;
        documents.first().copied().ok_or_else(|| format!("`{path}` is empty"))
    }

    /// A text with loop variables replaced, `${Name}` and `&{Name}`; outside loops as it is.
    pub(super) fn looped(&self, text: &'t str) -> &'t str {
        let loops = self.loops.get();
        if loops.is_empty() || !text.contains('{') {
            return text;
        }
        let mut replaced = text.to_owned();
        for (variable, value) in loops {
            for form in [format!("${{{variable}}}"), format!("&{{{variable}}}")] {
                if replaced.contains(&form) {
                    replaced = replaced.replace(&form, value);
                }
            }
        }
        if replaced == text { text } else { self.arena().alloc_str(&replaced) }
    }
}
