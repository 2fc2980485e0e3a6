//! The section `resources`: a CloudFormation template of the file's own, merged with what the framework makes.
//!
//! Comes in: the section and the stack. Goes out: one template. What the section says of a resource that the framework makes counts.

use crate::formats::serverless::pen::{Fields, Pen, merged, present};
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;
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
        let extensions = part.get("extensions").map(|node| node.entries()).unwrap_or_default();
        let own = part.get("Resources").map(|node| node.entries()).unwrap_or_default();
        // What stands in a file that is not here is noted already.
        let own = own.iter().filter(|entry| !variables.is_outside(entry.value));
        own.for_each(|entry| add(&mut resources, arena, *entry));
        for entry in extensions {
            if resources.get(entry.key).is_some() {
                add(&mut resources, arena, *entry);
            }
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

fn add<'t>(resources: &mut Fields<'t>, arena: &'t Bump, entry: Entry<'t>) {
    match resources.get(entry.key) {
        // It stays where the framework made it.
        Some(made) => resources.put_entry(Entry { key_span: made.span, value: merged(arena, made, entry.value), ..entry }),
        None => resources.put_entry(entry),
    }
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
