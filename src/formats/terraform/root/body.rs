//! The arguments and nested blocks of a block as one object, `dynamic` blocks written out.

use crate::formats::terraform::expression::{Bound, all_items, evaluate_in};
use crate::formats::terraform::loops;
use crate::formats::terraform::root::expansion::{MAX_INSTANCES, one_of};
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Kind, Reason, Value};
use crate::source::NoteKind;
use crate::syntax::hcl::tree::{Block, Body, ExprKind, Item};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Blocks that say how an object is made, and nothing of what it is.
const META_BLOCKS: [&str; 3] = ["lifecycle", "connection", "provisioner"];

/// What a block states, without the arguments that are named here and without blocks on how it is made.
pub(super) fn object(frame: &Frame<'_, '_, '_>, block: &Block<'_>, without: &[&str]) -> Value {
    let is_wanted = |item: &Item<'_>| match item {
        Item::Attribute(attribute) => !without.contains(&attribute.name.text),
        Item::Block(block) => !META_BLOCKS.contains(&block.kind.text),
    };
    Value::new(entries(frame, &block.body, None, &is_wanted), block.span)
}

type Loops<'b> = Option<&'b Bound<'b>>;

fn entries(frame: &Frame<'_, '_, '_>, body: &Body<'_>, bound: Loops<'_>, is_wanted: &dyn Fn(&Item<'_>) -> bool) -> Kind {
    let mut entries: BTreeMap<Rc<str>, Value> = BTreeMap::new();
    let mut blocks: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for item in body.items.iter().filter(|item| is_wanted(item)) {
        match item {
            Item::Attribute(attribute) => {
                let value = evaluate_in(&attribute.value, bound, frame);
                frame.note_error(&value);
                if !value.is_null() {
                    entries.insert(attribute.name.text.into(), value);
                }
            }
            Item::Block(block) if block.kind.text == "dynamic" && block.labels.len() == 1 => {
                let kind = block.label(0).unwrap_or_default();
                blocks.entry(kind).or_default().extend(dynamic(frame, block, bound));
            }
            Item::Block(block) => blocks.entry(block.kind.text).or_default().push(nested(frame, block, bound)),
        }
    }
    for (kind, mut made) in blocks {
        if let Some(attribute) = entries.get(kind) {
            let note = format!("`{kind}` is both an argument and a block");
            frame.context.note(attribute.span, NoteKind::Inconsistent, note);
            match &attribute.kind {
                Kind::Tuple(items) => made.splice(0..0, items.iter().cloned()).for_each(drop),
                _ => made.insert(0, attribute.clone()),
            }
        }
        let span = made.first().map(|first| first.span).unwrap_or_default();
        entries.insert(kind.into(), Value::new(Kind::tuple(made), span));
    }
    Kind::object(entries)
}

fn nested(frame: &Frame<'_, '_, '_>, block: &Block<'_>, bound: Loops<'_>) -> Value {
    if !frame.context.spend(1, block.span) {
        return Value::new(Kind::unknown("the limit on values is reached"), block.span);
    }
    let mut kind = entries(frame, &block.body, bound, &|_| true);
    if let (Kind::Object(entries), [label, ..]) = (&kind, block.labels) {
        // No provider has blocks with labels today; the label is kept under the name that the language has for it.
        let mut entries = (**entries).clone();
        entries.insert("labels".into(), Value::new(Kind::text(label.text), label.span));
        kind = Kind::object(entries);
    }
    Value::new(kind, block.span)
}

/// One round of a dynamic block.
struct Round {
    key: Value,
    value: Value,
    /// It is there in each case that may be.
    is_certain: bool,
}

/// The blocks that a dynamic block makes. One that may be there or not is either null or an object.
fn dynamic(frame: &Frame<'_, '_, '_>, block: &Block<'_>, bound: Loops<'_>) -> Vec<Value> {
    let unknown = |reason: Reason| vec![Value::new(Kind::Unknown(reason, None), block.span)];
    let (Some(for_each), Some(content)) = (block.body.attribute("for_each"), block.body.blocks_of("content").next()) else {
        if block.body.is_whole {
            frame.context.note(block.span, NoteKind::Refused, "a dynamic block needs for_each and content".to_owned());
        }
        return unknown("the block could not be read".into());
    };
    let iterator = match block.body.attribute("iterator").map(|iterator| iterator.value.kind) {
        Some(ExprKind::Variable(name) | ExprKind::Text(name)) => name,
        _ => block.label(0).unwrap_or_default(),
    };
    let collection = evaluate_in(&for_each.value, bound, frame);
    let rounds = match rounds(&collection) {
        Ok(rounds) => rounds,
        Err(kind) => {
            frame.note_error(&Value { kind: kind.clone(), ..collection.clone() });
            let reason = Value::new(kind, collection.span).reason();
            let any = all_items(&collection).unwrap_or_else(|| Value::new(Kind::Unknown(reason, None), collection.span));
            vec![Round { key: any.clone(), value: any, is_certain: false }]
        }
    };
    if rounds.len() > MAX_INSTANCES {
        frame.context.cut(block.span, format!("more than {MAX_INSTANCES} blocks of one dynamic block, they are not read"));
        return unknown("more blocks than are read".into());
    }
    let made = rounds.into_iter().map(|round| {
        let pair = BTreeMap::from([(Rc::from("key"), round.key), (Rc::from("value"), round.value)]);
        let variable = Bound { name: iterator, value: Value::new(Kind::object(pair), collection.span), outer: bound };
        let object = Value { span: block.span, ..nested(frame, content, Some(&variable)) };
        if round.is_certain { object } else { Value::new(Kind::either(vec![Value::new(Kind::Null, block.span), object]), block.span) }
    });
    made.collect()
}

/// The rounds through a collection. Of one that may be one of several, those with the same key are one round.
fn rounds(collection: &Value) -> Result<Vec<Round>, Kind> {
    let Kind::Either(branches) = &collection.kind else {
        let pairs = loops::pairs(collection)?.into_iter();
        return Ok(pairs.map(|(key, value)| Round { key, value: value.marked(collection.marks), is_certain: true }).collect());
    };
    let mut hidden = None;
    let mut all: Vec<(Value, usize, Vec<Value>)> = Vec::new();
    let mut places: BTreeMap<Rc<str>, usize> = BTreeMap::new();
    for branch in branches.iter() {
        let pairs = match loops::pairs(branch) {
            Err(Kind::Unknown(reason, _)) => {
                hidden = hidden.or(Some(reason));
                continue;
            }
            pairs => pairs?,
        };
        for (key, value) in pairs {
            let Kind::Text(name) = convert(&key, &Type::Text)?.kind else { return Err(Kind::unknown(key.reason())) };
            let place = *places.entry(name).or_insert(all.len());
            match all.get_mut(place) {
                Some((_, count, values)) => {
                    *count += 1;
                    values.push(value);
                }
                None => all.push((key, 1, vec![value])),
            }
        }
    }
    let round =
        |(key, count, values): (Value, usize, Vec<Value>)| Round { key, value: one_of(values), is_certain: count == branches.len() };
    let others = hidden.clone().map(|reason| {
        let any = Value::new(Kind::Unknown(reason, None), collection.span);
        Round { key: any.clone(), value: any, is_certain: false }
    });
    Ok(all.into_iter().map(round).chain(others).collect())
}
