//! One template of the templates of all stages.
//!
//! Comes in: the template of the usual stage and those of others. Goes out: one, in which each value that differs depends on a condition that
//! nobody can decide here, so that every stage's value is judged. A resource that only some stages have is there under such a condition.

use crate::formats::serverless::pen::{Fields, Pen, is_intrinsic};
use crate::formats::serverless::variables::STAGE;
use crate::source::MAX_DEPTH;
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;

/// The section in which differing values are put together; of the others, what the usual stage lacks is taken over.
const MERGED: [&str; 2] = ["Outputs", "Resources"];

/// The template of one stage.
pub(super) struct OfStage<'t> {
    pub(super) stage: &'t str,
    pub(super) template: Node<'t>,
}

/// How many nodes a template has.
pub(super) fn size(node: Node<'_>) -> usize {
    let items = node.items().iter().map(|item| size(*item));
    let entries = node.entries().iter().map(|entry| size(entry.value));
    items.chain(entries).fold(1, usize::saturating_add)
}

/// The names of the conditions that it is one stage, and that it is not.
#[derive(Clone, Copy)]
struct Condition<'t> {
    holds: &'t str,
    fails: &'t str,
}

/// All templates in one.
pub(super) fn combined<'t>(usual: Node<'t>, others: &[OfStage<'t>], arena: &'t Bump) -> Node<'t> {
    let differing: Vec<_> = others.iter().filter(|other| !same(usual, other.template)).collect();
    differing.iter().fold(usual, |before, other| both(before, other, arena))
}

fn both<'t>(before: Node<'t>, other: &OfStage<'t>, arena: &'t Bump) -> Node<'t> {
    let condition = Condition {
        holds: arena.alloc_str(&format!("the stage is {}", other.stage)),
        fails: arena.alloc_str(&format!("the stage is not {}", other.stage)),
    };
    let pen = Pen::new(arena, before.span);
    let mut root = Fields::new(pen);
    root.extend(before);
    for section in other.template.entries() {
        let value = match before.get(section.key) {
            None => section.value,
            Some(known) if MERGED.contains(&section.key) => resources(known, section.value, condition, arena),
            Some(known) if section.key == "Conditions" => conditions(known, section.value, condition, arena),
            Some(known) if section.key == "Mappings" => values(section.value, known, condition, arena, MAX_DEPTH),
            Some(known) if section.key == "Parameters" => parameters(known, section.value, arena),
            Some(known) if known.is_map() && section.value.is_map() => {
                let mut entries = Fields::new(pen.at(known.span));
                entries.extend(section.value);
                entries.extend(known);
                entries.done()
            }
            Some(known) => known,
        };
        root.put_entry(Entry { value, ..*section });
    }
    let mut conditions = Fields::new(pen);
    root.get("Conditions").into_iter().for_each(|section| conditions.extend(section));
    let is_it = pen.map(&[("Fn::Equals", pen.list(&[pen.reference(STAGE), pen.text(other.stage)]))]);
    conditions.put(condition.holds, is_it);
    conditions.put(condition.fails, pen.map(&[("Fn::Not", pen.list(&[is_it]))]));
    let mut parameters = Fields::new(pen);
    root.get("Parameters").into_iter().for_each(|section| parameters.extend(section));
    parameters.put(STAGE, pen.map(&[("Type", pen.text("String"))]));
    let (conditions, parameters) = (conditions.done(), parameters.done());
    root.put("Conditions", conditions);
    root.put("Parameters", parameters);
    root.done()
}

/// The conditions of both; one that differs is that of the stage.
fn conditions<'t>(before: Node<'t>, other: Node<'t>, condition: Condition<'t>, arena: &'t Bump) -> Node<'t> {
    let pen = Pen::new(arena, before.span);
    let mut all = Fields::new(pen);
    all.extend(other);
    all.extend(before);
    for entry in other.entries() {
        let Some(known) = before.get(entry.key).filter(|known| !same(*known, entry.value)) else { continue };
        let pen = pen.at(entry.value.span);
        let under = |name: &str, answer: Node<'t>| pen.map(&[("Fn::And", pen.list(&[pen.map(&[("Condition", pen.text(name))]), answer]))]);
        let value = pen.map(&[("Fn::Or", pen.list(&[under(condition.fails, known), under(condition.holds, entry.value)]))]);
        all.put_entry(Entry { value, ..*entry });
    }
    all.done()
}

/// The rows of both mappings; a cell that differs is that of the stage. What only one of them has is there for both.
fn values<'t>(other: Node<'t>, before: Node<'t>, condition: Condition<'t>, arena: &'t Bump, depth: usize) -> Node<'t> {
    if same(other, before) {
        return before;
    }
    let Some(depth) = depth.checked_sub(1).filter(|_| other.is_map() && before.is_map() && !is_intrinsic(other) && !is_intrinsic(before))
    else {
        return either(other, before, condition, arena, 1);
    };
    let mut all = Fields::new(Pen::new(arena, before.span));
    all.extend(other);
    for entry in before.entries() {
        let value = other.get(entry.key).map_or(entry.value, |other| values(other, entry.value, condition, arena, depth));
        all.put_entry(Entry { value, ..*entry });
    }
    all.done()
}

/// The parameters of both; where the defaults differ, each is a value that is allowed.
fn parameters<'t>(before: Node<'t>, other: Node<'t>, arena: &'t Bump) -> Node<'t> {
    let mut all = Fields::new(Pen::new(arena, before.span));
    all.extend(other);
    all.extend(before);
    for entry in other.entries() {
        let Some(known) = before.get(entry.key) else { continue };
        let (Some(default), Some(others)) = (known.get("Default"), entry.value.get("Default")) else { continue };
        if same(default, others) {
            continue;
        }
        let pen = Pen::new(arena, others.span);
        let allowed = known.get("AllowedValues").map(|values| values.items()).unwrap_or_default();
        let mut declared = Fields::new(pen.at(known.span));
        declared.extend(known);
        declared.put("AllowedValues", pen.list(&[allowed, &[default, others]].concat()));
        all.put_entry(Entry { value: declared.done(), ..*entry });
    }
    all.done()
}

/// The resources of both; those that differ in their type stand beside one another.
fn resources<'t>(before: Node<'t>, other: Node<'t>, condition: Condition<'t>, arena: &'t Bump) -> Node<'t> {
    let pen = Pen::new(arena, before.span);
    let mut all = Fields::new(pen);
    all.extend(before);
    for entry in other.entries() {
        let known = before.get(entry.key);
        match known {
            Some(known) if same(known, entry.value) => {}
            Some(known) if kind(known) == kind(entry.value) => {
                let value = either(entry.value, known, condition, arena, MAX_DEPTH);
                all.put_entry(Entry { key: entry.key, key_span: known.span, value });
            }
            Some(_) => all.put(&[entry.key, " where ", condition.holds].concat(), conditional(entry.value, condition.holds, pen)),
            None => all.put_entry(Entry { value: conditional(entry.value, condition.holds, pen), ..*entry }),
        }
    }
    for entry in before.entries().iter().filter(|entry| other.get(entry.key).is_none()) {
        all.put_entry(Entry { value: conditional(entry.value, condition.fails, pen), ..*entry });
    }
    all.done()
}

fn kind(resource: Node<'_>) -> Option<&str> {
    resource.get("Type")?.scalar()
}

/// A resource that may be there or not.
fn conditional<'t>(resource: Node<'t>, condition: &'t str, pen: Pen<'t>) -> Node<'t> {
    if !resource.is_map() || resource.get("Condition").is_some() {
        return resource;
    }
    let mut fields = Fields::new(pen.at(resource.span));
    fields.extend(resource);
    fields.put("Condition", pen.text(condition));
    fields.done()
}

/// The value so far, or that of the other stage: maps by key, lists of one length by position.
fn either<'t>(other: Node<'t>, before: Node<'t>, condition: Condition<'t>, arena: &'t Bump, depth: usize) -> Node<'t> {
    if same(other, before) {
        return before;
    }
    let pen = Pen::new(arena, other.span);
    // What the usual stage has stands first.
    let choose = |other: Node<'t>, before: Node<'t>| pen.map(&[("Fn::If", pen.list(&[pen.text(condition.fails), before, other]))]);
    let Some(depth) = depth.checked_sub(1).filter(|_| !is_intrinsic(other) && !is_intrinsic(before)) else {
        return choose(other, before);
    };
    let nothing = || pen.reference("AWS::NoValue");
    match (other.value, before.value) {
        (Value::Map(entries), Value::Map(known)) => {
            let mut fields = Fields::new(pen.at(before.span));
            for entry in known {
                let value = match other.get(entry.key) {
                    Some(other) => either(other, entry.value, condition, arena, depth),
                    None => choose(nothing(), entry.value),
                };
                fields.put_entry(Entry { value, ..*entry });
            }
            for entry in entries.iter().filter(|entry| before.get(entry.key).is_none()) {
                fields.put_entry(Entry { value: choose(entry.value, nothing()), ..*entry });
            }
            fields.done()
        }
        (Value::List(items), Value::List(known)) if items.len() == known.len() => {
            let items: Vec<_> = items.iter().zip(known).map(|(other, before)| either(*other, *before, condition, arena, depth)).collect();
            pen.list(&items)
        }
        _ => choose(other, before),
    }
}

/// Equal but for where they stand.
fn same(a: Node<'_>, b: Node<'_>) -> bool {
    a.tag == b.tag
        && match (a.value, b.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Number(a), Value::Number(b)) | (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b)),
            (Value::Map(a), Value::Map(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && same(a.value, b.value)),
            _ => false,
        }
}
