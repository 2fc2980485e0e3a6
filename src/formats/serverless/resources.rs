//! The section `resources`: a CloudFormation template of the file's own, merged with what the framework makes.
//!
//! Comes in: the section and the stack. Goes out: one template. What the section says of a resource that the framework makes counts.

use crate::formats::serverless::pen::{Fields, Pen, is_intrinsic, merged, present};
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;
use crate::source::NoteKind;
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;

/// Sections of a template that are taken over as they are.
const SECTIONS: [&str; 7] = ["AWSTemplateFormatVersion", "Description", "Metadata", "Transform", "Mappings", "Conditions", "Outputs"];

/// The template that is deployed.
pub(super) fn template<'t>(variables: &Variables<'t, '_>, stack: Stack<'t>) -> Node<'t> {
    let arena = variables.arena;
    let pen = Pen::new(arena, variables.span());
    let stated = stated(variables);
    let mut resources = Fields::new(pen);
    stack.into_resources().into_iter().for_each(|entry| resources.put_entry(entry));
    for part in &stated {
        let own = section(variables, *part, "Resources");
        for entry in own {
            let parts = [Some(entry.value), present(entry.value, "Properties")];
            if let Some(hidden) = parts.into_iter().flatten().find(|part| variables.is_outside(*part)) {
                variables.note_hidden(hidden, &format!("the resource `{}`", entry.key));
            }
        }
        let own = own.iter().filter(|entry| !variables.is_outside(entry.value));
        own.for_each(|entry| add(&mut resources, arena, *entry));
    }
    for entry in stated.iter().flat_map(|part| section(variables, *part, "extensions")) {
        match resources.get(entry.key) {
            Some(made) => {
                let key_span = made.span;
                resources.put_entry(Entry { key_span, value: extended(arena, made, entry.value), ..*entry });
            }
            None => note_unmade(variables, entry),
        }
    }
    let mut root = Fields::new(pen);
    for section in SECTIONS {
        let parts = stated.iter().filter_map(|part| present(*part, section));
        root.put_some(section, parts.reduce(|before, after| merged(arena, before, after)));
    }
    root.put("Parameters", parameters(variables, &stated, pen));
    root.put("Resources", resources.done());
    root.done()
}

/// The entries of a section of a part, unless they come from elsewhere, which is noted.
fn section<'t>(variables: &Variables<'t, '_>, part: Node<'t>, key: &str) -> &'t [Entry<'t>] {
    let Some(section) = (if variables.is_outside(part) { Some(part) } else { present(part, key) }) else { return &[] };
    if variables.is_outside(section) {
        variables.note_hidden(section, "a part of `resources`");
        return &[];
    }
    section.entries()
}

fn add<'t>(resources: &mut Fields<'t>, arena: &'t Bump, entry: Entry<'t>) {
    match resources.get(entry.key) {
        // It stays where the framework made it.
        Some(made) => resources.put_entry(Entry { key_span: made.span, value: merged(arena, made, entry.value), ..entry }),
        None => resources.put_entry(entry),
    }
}

/// A resource with what an extension says of it: each attribute, and each property, as a whole
/// (<https://github.com/serverless/serverless/blob/main/packages/serverless/lib/plugins/aws/package/lib/merge-custom-provider-resources.js>,
/// read 2026-11-28).
fn extended<'t>(arena: &'t Bump, made: Node<'t>, extension: Node<'t>) -> Node<'t> {
    let mut fields = Fields::new(Pen::new(arena, made.span));
    fields.extend(made);
    for entry in extension.entries() {
        let value = match (entry.key, made.get(entry.key).filter(Node::is_map)) {
            ("Properties" | "Metadata", Some(before)) if entry.value.is_map() && !is_intrinsic(entry.value) => {
                let mut both = Fields::new(Pen::new(arena, before.span));
                both.extend(before);
                both.extend(entry.value);
                both.done()
            }
            _ => entry.value,
        };
        fields.put_entry(Entry { value, ..*entry });
    }
    fields.done()
}

/// The framework extends only what is there; a plugin may have put it there.
fn note_unmade(variables: &Variables<'_, '_>, entry: &Entry<'_>) {
    let kind = if variables.plugins().is_empty() { NoteKind::Refused } else { NoteKind::Unresolved };
    let text = format!("the extension of `{}` is not read: nothing of that name is made here", entry.key);
    variables.sources.note(entry.key_span, kind, text);
}

/// One section, or a list of them from files.
fn stated<'t>(variables: &Variables<'t, '_>) -> Vec<Node<'t>> {
    match variables.section("resources") {
        Some(Node { value: Value::List(items), .. }) => items.to_vec(),
        Some(section) => vec![section],
        None => Vec::new(),
    }
}

fn parameters<'t>(variables: &Variables<'t, '_>, stated: &[Node<'t>], pen: Pen<'t>) -> Node<'t> {
    let mut fields = Fields::new(pen);
    stated.iter().filter_map(|part| present(*part, "Parameters")).for_each(|section| fields.extend(section));
    variables.parameters().into_iter().for_each(|entry| fields.put_entry(entry));
    fields.done()
}
