//! Which value a parameter has where its template is read.
//!
//! Comes in: the declaration, how the template came to be read, and what is taken for given. Goes out: what the outer template gives, else what is
//! taken for given, else what is declared.

use crate::formats::cloudformation::construct;
use crate::formats::cloudformation::nested::span_of;
use crate::formats::cloudformation::parameter::{self, Changeable, Declared};
use crate::formats::cloudformation::scope::Frame;
use crate::formats::cloudformation::unit::Unit;
use crate::model::resource::{Property, Value};
use crate::syntax;

/// What a reference to a parameter of a template comes to.
pub(super) fn declared<'t>(unit: &Unit<'t, '_>, entry: &syntax::Entry<'t>, frame: &Frame<'t>) -> Declared<'t> {
    let name = construct::parameter_name(entry.key, unit.arena);
    let declared = parameter::declared(name, span_of(entry), entry.value, unit.arena);
    if frame.ancestors.len() == 1 {
        return of_entry(unit, entry, declared);
    }
    match frame.given.get(entry.key) {
        Some(given) => parameter::bound(declared, entry.value, *given, unit.arena),
        // Nobody but the outer template could give a nested one another value.
        None => Declared { changeable: Changeable::No, ..declared },
    }
}

/// A parameter of the entry template with what is taken for given of it.
fn of_entry<'t>(unit: &Unit<'t, '_>, entry: &syntax::Entry<'t>, declared: Declared<'t>) -> Declared<'t> {
    if let Some(value) = given_to_entry(unit, entry) {
        return parameter::bound(declared, entry.value, (value, Changeable::No), unit.arena);
    }
    match unit.handed.given(unit.sources.given(), entry.key) {
        Some(value) => parameter::handed(declared, entry.value, value, unit.arena),
        None => declared,
    }
}

/// What is taken for given of a parameter of the entry template.
fn given_to_entry<'t>(unit: &Unit<'t, '_>, entry: &syntax::Entry<'t>) -> Option<Property<'t>> {
    let default = entry.value.get("Default");
    let value = unit.sources.given().value(entry.key, default.and_then(|default| default.scalar()))?;
    let is_plain = !parameter::is_secret(&entry.value);
    let span = default.map_or(entry.value.span, |default| default.span);
    is_plain.then(|| Property { value: Value::Text(unit.arena.alloc_str(value)), span })
}
