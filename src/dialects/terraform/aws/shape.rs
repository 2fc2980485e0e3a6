//! Arguments become properties, as the table says.
//!
//! Comes in: an object of arguments. Goes out: a tree of properties under CloudFormation's names, with the lines of the arguments.
//! What the table does not know keeps its value under its own name in CloudFormation's spelling.

use crate::dialects::terraform::aws::cloud_control;
use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::table::{Field, Makes, Shape, Type};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::value::{Kind, Value as Evaluated};
use crate::model::resource::{Alternatives, Property, Value};
use crate::source::{NoteKind, Span};

/// What stands in every type and says nothing to us. A tag may bear an ARN, and is no flow.
const UNHEARD: &[&str] = &["tags", "tags_all", "timeouts", "region"];

/// The properties of a type; of a part without what it is joined by.
pub(crate) fn tree<'t>(context: &Context<'t, '_>, known: &Type, arguments: &Evaluated, span: Span) -> Tree<'t> {
    let mut root = Tree::new(span);
    let mut absolute = Vec::new();
    let mut inner = block(context, known.fields, arguments, &mut absolute);
    if let Makes::Part(part) = known.makes {
        let joins = |field: &&Field| part.joins.iter().any(|(argument, _)| *argument == field.from);
        known.fields.iter().filter(joins).for_each(|field| inner.remove(field.to));
    }
    for (target, value) in absolute {
        root.put(target, value, value.span, context.arena);
    }
    if known.under.is_empty() {
        root.merge(inner);
    } else if !inner.is_empty() {
        root.put(known.under, inner.done(context.arena), span, context.arena);
    }
    root
}

type Absolute<'t> = Vec<(&'static str, Property<'t>)>;

/// The arguments of one block.
fn block<'t>(context: &Context<'t, '_>, fields: &'static [Field], arguments: &Evaluated, absolute: &mut Absolute<'t>) -> Tree<'t> {
    let mut tree = Tree::new(arguments.span);
    let (Kind::Object(entries) | Kind::Map(entries)) = &arguments.kind else { return tree };
    for (name, argument) in entries.iter().filter(|(_, argument)| !argument.is_null()) {
        let Some(field) = fields.iter().find(|field| field.from == &**name) else {
            if !UNHEARD.contains(&&**name) {
                let value = context.value(argument);
                tree.put(&cloud_control::name(name), value, argument.span, context.arena);
            }
            continue;
        };
        if field.to == "-" || UNHEARD.contains(&field.from) {
            continue;
        }
        let Some(value) = shaped(context, field, argument, absolute) else { continue };
        match field.to.strip_prefix('/') {
            Some(target) => absolute.push((target, value)),
            None => tree.put(field.to, value, argument.span, context.arena),
        }
    }
    tree
}

/// The value of an argument; nothing where its blocks are none.
fn shaped<'t>(context: &Context<'t, '_>, field: &'static Field, argument: &Evaluated, absolute: &mut Absolute<'t>) -> Option<Property<'t>> {
    if let Kind::Either(branches) = &argument.kind
        && field.shape != Shape::Value
    {
        let removed = || Property { value: Value::Removed, span: argument.span };
        let branches: Vec<Property<'t>> =
            branches.iter().map(|branch| shaped(context, field, branch, absolute).unwrap_or_else(removed)).collect();
        return Some(context.either(&branches, argument.span));
    }
    match field.shape {
        Shape::Value => Some(spelt(context, field, context.value(argument))),
        Shape::Document => Some(context.document_or_value(argument)),
        Shape::Block => match &argument.kind {
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => {
                if items.len() > 1 {
                    let text = format!("`{}` stands {} times where it may stand once: the last one counts", field.from, items.len());
                    context.note(argument.span, NoteKind::Inconsistent, text);
                }
                items.last().map(|item| self::item(context, field, item, absolute))
            }
            _ => Some(item(context, field, argument, absolute)),
        },
        Shape::Blocks => match &argument.kind {
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) if items.is_empty() => None,
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => {
                let items: Vec<Property<'t>> = items.iter().map(|item| self::item(context, field, item, absolute)).collect();
                Some(Property { value: Value::List(context.arena.alloc_slice_copy(&items)), span: argument.span })
            }
            Kind::Object(_) | Kind::Map(_) => {
                let only = item(context, field, argument, absolute);
                Some(Property { value: Value::List(context.arena.alloc_slice_copy(&[only])), span: argument.span })
            }
            _ => Some(context.value(argument)),
        },
        Shape::Pairs(key) => Some(pairs(context, key, argument)),
    }
}

fn item<'t>(context: &Context<'t, '_>, field: &'static Field, item: &Evaluated, absolute: &mut Absolute<'t>) -> Property<'t> {
    match &item.kind {
        Kind::Object(_) | Kind::Map(_) => block(context, field.fields, item, absolute).done(context.arena),
        Kind::Either(branches) => {
            let branches: Vec<Property<'t>> = branches.iter().map(|branch| self::item(context, field, branch, absolute)).collect();
            context.either(&branches, item.span)
        }
        _ => context.value(item),
    }
}

/// A map as a list of pairs.
fn pairs<'t>(context: &Context<'t, '_>, key: &str, argument: &Evaluated) -> Property<'t> {
    let (Kind::Object(entries) | Kind::Map(entries)) = &argument.kind else { return context.value(argument) };
    let pair = |(name, value): (&std::rc::Rc<str>, &Evaluated)| {
        let pen = context.pen(value.span);
        pen.map(&[(key, pen.text(name)), ("Value", context.value(value))])
    };
    let pairs: Vec<Property<'t>> = entries.iter().map(pair).collect();
    context.pen(argument.span).list(&pairs)
}

/// A text in CloudFormation's spelling.
fn spelt<'t>(context: &Context<'t, '_>, field: &'static Field, value: Property<'t>) -> Property<'t> {
    if field.words.is_empty() {
        return value;
    }
    if let Value::Either(Alternatives { branches, .. }) = value.value {
        let branches: Vec<Property<'t>> = branches.iter().map(|branch| spelt(context, field, *branch)).collect();
        return context.either(&branches, value.span);
    }
    if let Value::List(items) = value.value {
        let items: Vec<Property<'t>> = items.iter().map(|item| spelt(context, field, *item)).collect();
        return context.pen(value.span).list(&items);
    }
    let written = value.literal().and_then(|text| field.words.iter().find(|(word, _)| *word == text));
    let neutral = match written {
        Some((_, "-")) => Value::Removed,
        Some((_, word)) => Value::Text(word),
        None => return value,
    };
    Property { value: neutral, ..value }
}
