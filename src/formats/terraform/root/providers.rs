//! Configurations of providers, and which of them an object uses.

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::instance::Provider;
use crate::formats::terraform::root::body;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Each, Key, of_body};
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::root::scope::Scope;
use crate::formats::terraform::value::Kind;
use crate::source::NoteKind;
use crate::syntax::hcl::tree::{Body, Expr, ExprKind, Step};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A name with dots as it is written, keys evaluated: `aws.eu`, `aws.by_region["eu"]`. `None` where it is something else.
pub(super) fn dotted(expr: &Expr<'_>, frame: &Frame<'_, '_, '_>) -> Option<String> {
    match expr.kind {
        ExprKind::Text(text) => Some(text.to_owned()),
        ExprKind::Variable(name) => Some(name.to_owned()),
        ExprKind::Traversal(traversal) => {
            let mut dotted = dotted(&traversal.source, frame)?;
            for step in traversal.steps {
                match step {
                    Step::Attribute(name) => dotted.extend([".", name.text]),
                    Step::Index(key) => dotted.push_str(&index(key, frame).shown()),
                    Step::Splat(_) | Step::AttributeSplat { .. } => return None,
                }
            }
            Some(dotted)
        }
        _ => None,
    }
}

fn index(key: &Expr<'_>, frame: &Frame<'_, '_, '_>) -> Key {
    match evaluate(key, frame).kind {
        Kind::Text(name) => Key::Name(name),
        Kind::Number(number) => number.to_index().map_or(Key::Any, Key::Index),
        _ => Key::Any,
    }
}

/// What a call of a module hands over: addresses of configurations by their names in the module.
pub(super) fn handed_over(frame: &Frame<'_, '_, '_>, call: &Body<'_>) -> BTreeMap<String, Rc<str>> {
    let Some(providers) = call.attribute("providers") else { return BTreeMap::new() };
    let ExprKind::Object(items) = providers.value.kind else { return BTreeMap::new() };
    let pair =
        |(name, value): (&Expr<'_>, &Expr<'_>)| Some((dotted(name, frame)?, address(frame.scope, frame.context, &dotted(value, frame)?)));
    items.iter().filter_map(|item| pair((&item.key, &item.value))).collect()
}

/// The address of the configuration that goes by a name in a module instance.
pub(super) fn address<'t>(scope: &Scope<'t>, context: &Context<'_, 't>, name: &str) -> Rc<str> {
    let Some(caller) = &scope.caller else { return name.into() };
    if let Some(handed) = caller.providers.get(name) {
        return handed.clone();
    }
    let is_own = scope.module.providers.iter().any(|provider| {
        let alias = provider.body.attribute("alias").and_then(|alias| alias.value.text());
        own_name(provider.label(0).unwrap_or_default(), alias) == name
    });
    // Without an alias, a module uses what its caller uses.
    match context.scope(caller.scope).filter(|_| !is_own && !name.contains('.')) {
        Some(caller) => address(&caller, context, name),
        None => format!("{}{name}", scope.prefix).into(),
    }
}

fn own_name(kind: &str, alias: Option<&str>) -> String {
    alias.map_or_else(|| kind.to_owned(), |alias| format!("{kind}.{alias}"))
}

/// The configuration that an object uses: the one that it names, or that of its type's first word.
pub(super) fn of_object(frame: &Frame<'_, '_, '_>, kind: &str, body: &Body<'_>) -> Rc<str> {
    let named = body.attribute("provider").and_then(|provider| {
        let name = dotted(&provider.value, frame);
        if name.is_none() {
            frame.context.note(provider.span, NoteKind::Unresolved, "it is not known which provider is meant".to_owned());
        }
        name
    });
    let name = named.unwrap_or_else(|| kind.split('_').next().unwrap_or(kind).to_owned());
    address(frame.scope, frame.context, &name)
}

/// The configurations that a module instance has of its own, by their addresses.
pub(super) fn of_scope<'t>(scope: &Scope<'t>, context: &Context<'_, 't>, found: &mut BTreeMap<Rc<str>, Provider>) {
    for block in &scope.module.providers {
        let kind = block.label(0).unwrap_or_default();
        let alias = block.body.attribute("alias").and_then(|alias| alias.value.text());
        let name = format!("{}{}", scope.prefix, own_name(kind, alias));
        let expansion = of_body(&Frame { context, scope, each: &Each::NONE }, &block.body);
        for member in &expansion.members {
            let frame = Frame { context, scope, each: &member.each };
            let arguments = body::object(&frame, block, &["alias", "for_each", "version"]);
            context.keep(&arguments);
            let address: Rc<str> = format!("{name}{}", member.key.shown()).into();
            if found.insert(address, Provider { kind: kind.into(), arguments, span: block.span }).is_some() {
                context.note(block.span, NoteKind::Refused, format!("the provider configuration `{name}` is declared twice"));
            }
        }
    }
}
