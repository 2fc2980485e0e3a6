//! What a plan knows beyond the text: which instances there are, and the values of what the text leaves to whoever runs the tool.
//!
//! Comes in: a root as its text has it, and the plan of it. Goes out: the root with what the plan knows. References, and the lines, are those
//! of the text; what the text says for certain holds, and a plan that says something else is of another text: nothing of it may be used.

mod fits;
mod keys;
mod merge;

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::instance::{Ignored, Instance, Misfit, Mode, Presence, Root};
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::expansion::{Expansion, Key, MAX_INSTANCES};
use crate::formats::terraform::root::module::{Class, Module, Object};
use crate::formats::terraform::root::scope::{Scope, marks};
use crate::formats::terraform::value::{External, Kind, MAX_TEXT, Marks, Value};
use crate::source::Span;
use crate::source::plan::{Plan, Planned};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What is secret, and stays so.
const SECRET: Marks = Marks { sensitive: true, ephemeral: false };

/// What the plan says of the root's variables. Of one that is borrowed what nothing else gives a value, as the names in `given` have one.
pub(super) fn variables(
    module: &Module<'_>,
    plan: &Plan,
    given: &BTreeMap<String, Value>,
    context: &Context<'_, '_>,
) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (name, block) in &module.variables {
        let has_value = given.contains_key(*name) || block.body.attribute("default").is_some();
        if plan.is_borrowed && has_value {
            continue;
        }
        match plan.variables.get(*name) {
            Some(Planned::Hidden) => found.insert((*name).to_owned(), hidden(name, block.span)),
            Some(_) if marks(block).sensitive => found.insert((*name).to_owned(), hidden(name, block.span)),
            Some(planned) => found.insert((*name).to_owned(), value(planned, block.span)),
            None if has_value || plan.is_borrowed || marks(block).ephemeral => None,
            None => {
                context.misfit(Some(block.span), format!("it has no value for the variable \"{name}\""));
                None
            }
        };
    }
    let is_declared = |name: &str| module.variables.contains_key(name) || !module.is_whole;
    if let Some(name) = plan.variables.keys().find(|name| !is_declared(name) && !plan.is_borrowed) {
        context.misfit(None, format!("it has a value for the variable \"{name}\", which is declared nowhere"));
    }
    found
}

/// A variable whose value stays behind: whether the tool shows it is for the text to say, whatever the plan marks.
fn hidden(name: &str, span: Span) -> Value {
    Value::new(Kind::External(External::Variable, format!("var.{name}").into()), span)
}

/// A value of the plan, as if it were written at a place.
fn value(planned: &Planned, span: Span) -> Value {
    let kind = match planned {
        Planned::Null => Kind::Null,
        Planned::Bool(flag) => Kind::Bool(*flag),
        Planned::Number(number) => Decimal::parse(number).map_or_else(|_| Kind::unknown("is a number that is not read"), Kind::Number),
        Planned::Text(text) if text.len() > MAX_TEXT => Kind::unknown(format!("a text of more than {MAX_TEXT} bytes")),
        Planned::Text(text) => Kind::text(&**text),
        Planned::List(items) => Kind::tuple(items.iter().map(|item| value(item, span)).collect()),
        Planned::Map(entries) => Kind::object(entries.iter().map(|(key, entry)| (Rc::from(&**key), value(entry, span))).collect()),
        Planned::Later => Kind::unknown("is known when it is made"),
        Planned::Hidden => return Value::new(Kind::unknown("is a secret that the plan has"), span).marked(SECRET),
    };
    Value::new(kind, span)
}

/// The instances of an object, where the text alone cannot tell which there are.
pub(super) fn settled(expansion: Expansion, scope: &Scope<'_>, object: &Object<'_>, context: &Context<'_, '_>) -> Expansion {
    let Some(plan) = context.plan.filter(|plan| !plan.is_borrowed && !expansion.is_settled()) else { return expansion };
    let address = format!("{}{}", scope.prefix, object.address());
    if address.contains("[*]") {
        return expansion;
    }
    let found = match object.class {
        Class::Managed => keys::of_object(&plan.made, &address),
        Class::Data | Class::Ephemeral => keys::of_object(&plan.answers, &address),
        Class::Module => &keys::of_module(&plan.made, &address) | &keys::of_module(&plan.answers, &address),
    };
    // What makes nothing, and what was not asked, is in no plan.
    if found.is_empty() && object.class != Class::Managed {
        return expansion;
    }
    if found.len() > MAX_INSTANCES {
        context.cut(object.block.span, format!("more than {MAX_INSTANCES} instances of one block, they are read as one"));
        return expansion;
    }
    expansion.with_keys(found, object.block.span)
}

/// Gives a root what the plan knows of it, and notes where it does not belong to it.
pub(super) fn apply(root: &mut Root, plan: &Plan, context: &Context<'_, '_>) {
    let mut seen: BTreeSet<Rc<str>> = BTreeSet::new();
    root.instances.retain_mut(|instance| match instance.mode {
        Mode::Managed => {
            seen.insert(instance.address.clone());
            of_resource(instance, plan, context)
        }
        Mode::Data => {
            let answers = plan.answers.get(&*instance.address).map(|answers| value(answers, instance.span));
            answers.iter().for_each(|answers| context.keep(answers));
            instance.answers = answers;
            true
        }
        Mode::Ephemeral | Mode::Module => true,
    });
    let unread: Vec<String> = root.instances.iter().filter(|one| one.mode == Mode::Module).map(|one| keys::without(&one.address)).collect();
    let open: Vec<String> = seen.iter().filter(|address| address.contains("[*]")).map(|address| keys::without(address)).collect();
    let is_elsewhere = |address: &str| {
        let plain = keys::without(address);
        open.contains(&plain) || unread.iter().any(|module| plain.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    if let Some(address) = plan.made.keys().find(|address| !seen.contains(&***address) && !is_elsewhere(address)) {
        context.misfit(None, format!("it makes `{address}`, which the configuration does not"));
    }
    let shared = |names: &BTreeSet<std::sync::Arc<str>>| names.iter().map(|name| Rc::from(&**name)).collect();
    root.replaced = plan.replaced.iter().map(|(address, names)| (Rc::from(&**address), shared(names))).collect();
    root.destroyed = plan.destroyed.iter().map(|(address, kind)| (Rc::from(&**address), Rc::from(&**kind))).collect();
}

/// Whether the resource is there, which then has the values of the plan.
fn of_resource(instance: &mut Instance, plan: &Plan, context: &Context<'_, '_>) -> bool {
    if instance.address.contains("[*]") {
        return true;
    }
    let Some(planned) = plan.made.get(&*instance.address) else {
        if instance.presence == Presence::Certain {
            context.misfit(Some(instance.span), format!("it does not make `{}`", instance.address));
        }
        return instance.presence == Presence::Certain;
    };
    instance.presence = Presence::Certain;
    let Kind::Object(stated) = &instance.arguments.kind else { return true };
    let mut arguments: BTreeMap<Rc<str>, Value> = BTreeMap::new();
    for (name, stated) in stated.iter() {
        let Some(planned) = planned.get(name) else {
            arguments.insert(name.clone(), stated.clone());
            continue;
        };
        let known = if is_ignored(instance, name) { merge::deployed(stated, planned) } else { merge::merged(name, stated, planned) };
        let argument = known.unwrap_or_else(|_| {
            let other = format!("it says something else of `{name}` of `{}` than the configuration does", instance.address);
            context.misfit(Some(stated.span), other);
            stated.clone()
        });
        if !argument.is_null() {
            arguments.insert(name.clone(), argument);
        }
    }
    let arguments = Value::new(Kind::object(arguments), instance.arguments.span);
    context.keep(&arguments);
    instance.arguments = arguments;
    true
}

/// Whether what is deployed rules, and not the text.
fn is_ignored(instance: &Instance, argument: &str) -> bool {
    match &instance.lifecycle.ignores {
        Ignored::Nothing => false,
        Ignored::Everything => true,
        Ignored::Arguments(names) => names.iter().any(|name| &**name == argument),
    }
}

impl Context<'_, '_> {
    /// Keeps the first reason why the plan does not belong to the text.
    pub(super) fn misfit(&self, span: Option<Span>, why: String) {
        self.misfit.borrow_mut().get_or_insert(Misfit { span, why });
    }
}

/// The key of an instance, as it stands behind its address.
type Keys = BTreeSet<Key>;
