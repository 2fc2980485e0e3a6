//! What the provider does where nothing is said, as far as that is not what CloudFormation does.
//!
//! What is filled in counts as the provider's and not as the author's: `Resource::supplied` names the page.

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::Making;
use crate::dialects::terraform::aws::table::{Default, Literal};
use crate::dialects::terraform::aws::tree::Tree;
use crate::model::resource::{Property, Supplied, Value};
use crate::source::Span;

/// Fills in what nobody wrote.
pub(crate) fn supply<'t>(context: &Context<'t, '_>, making: &mut Making<'t, '_>) {
    let defaults = making.known.map_or(&[][..], |known| known.defaults);
    let mut done: Vec<&str> = Vec::new();
    for default in defaults {
        if done.contains(&default.at) {
            continue;
        }
        done.push(default.at);
        let alike: Vec<&Default> = defaults.iter().filter(|other| other.at == default.at).collect();
        supply_one(context, making, &alike);
    }
}

/// One property, for all the versions of the provider that may be in use.
fn supply_one<'t>(context: &Context<'t, '_>, making: &mut Making<'t, '_>, alike: &[&Default]) {
    let properties = making.properties(context);
    let Some(first) = alike.first() else { return };
    if !is_open(&properties, first.at) {
        return;
    }
    let mut values: Vec<Property<'t>> = Vec::new();
    let page = alike.iter().find(|default| is_in_use(context, default)).map_or(first.page, |default| default.page);
    for default in alike.iter().filter(|default| is_in_use(context, default)) {
        match default.when.map(|(at, is)| holds(&properties, at, is)) {
            None | Some(Holds::Yes) => values.push(literal(default.is, making.span)),
            Some(Holds::Unknown) => {
                values.push(literal(default.is, making.span));
                values.push(Property { value: Value::Removed, span: making.span });
            }
            Some(Holds::No) => {}
        }
    }
    if values.is_empty() {
        return;
    }
    let value = context.either(&values, making.span);
    let mut tree = Tree::new(making.span);
    tree.put(first.at, value, making.span, context.arena);
    making.tree.merge(tree);
    making.supplied.push(Supplied { path: first.at, page });
}

fn is_in_use(context: &Context<'_, '_>, default: &Default) -> bool {
    // Where nothing says which version it is, each may be.
    context.majors().is_none_or(|majors| majors.iter().any(|major| (default.from..=default.to).contains(major)))
}

enum Holds {
    Yes,
    No,
    Unknown,
}

fn holds(properties: &Property<'_>, at: &str, is: &str) -> Holds {
    match properties.at(at) {
        None => Holds::No,
        Some(_) if is.is_empty() => Holds::Yes,
        Some(value) => match value.literal() {
            Some(text) if text.eq_ignore_ascii_case(is) => Holds::Yes,
            Some(_) => Holds::No,
            None => Holds::Unknown,
        },
    }
}

/// Whether nothing stands at a path, and nothing above it that is no map.
fn is_open(properties: &Property<'_>, at: &str) -> bool {
    let mut value = *properties;
    for step in at.split('.') {
        let Value::Map(entries) = value.value else { return false };
        match entries.iter().find(|entry| entry.key == step).filter(|entry| entry.value.is_present()) {
            Some(entry) => value = entry.value,
            None => return true,
        }
    }
    false
}

pub(crate) fn literal<'t>(literal: Literal, span: Span) -> Property<'t> {
    let value = match literal {
        Literal::Flag(flag) => Value::Bool(flag),
        Literal::Number(number) => Value::Number(number),
        Literal::Text(text) => Value::Text(text),
        Literal::Nothing => Value::List(&[]),
    };
    Property { value, span }
}
