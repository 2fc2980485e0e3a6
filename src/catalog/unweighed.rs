//! What resources state that nothing weighs: unread is never clear, so a change of it is told.
//!
//! Comes in: the draft, once everything is read. Goes out: each property that no entry, resolver or rule reads and that may decide something,
//! with a digest of its value. What decides nothing is named in `config/weighed.yml`.

mod collector;
pub(in crate::catalog) mod programs;
mod schemes;
mod switches;

pub(in crate::catalog) use crate::catalog::unweighed::collector::Collector;

use crate::catalog::draft::Draft;
use crate::catalog::{aws, governed, made_when, paths};
use crate::model::fact::Fact;
use crate::model::formula::Formula;
use crate::model::resource::{Alternatives, Entry, Maker, Property, Resource, Value};
use crate::model::unweighed::{HERE, IN_EVERY_CASE, IN_SOME_CASES, Kind, Unweighed};
use std::collections::BTreeSet;

include!(concat!(env!("OUT_DIR"), "/weighed.rs"));

/// How deep the references of a guard are looked for.
const DEEPEST_REFERENCE: u32 = 8;
/// What is everything below a path.
const ALL: &str = "*";

/// Of all resources that somebody wrote.
pub(super) fn read(draft: &Draft<'_, '_>) -> Vec<Unweighed> {
    let mut collector = Collector::of(draft);
    let surroundings = aws::unweighed::Surroundings::of(draft);
    for resource in draft.resources() {
        if resource.called.maker == Maker::Toolkit {
            continue;
        }
        if !draft.spend(1, resource.span) {
            break;
        }
        aws::unweighed::collect(&mut collector, resource, &surroundings);
        if resource.implied_by.is_some() {
            continue;
        }
        let before = collector.found.len();
        guard(&mut collector, resource);
        for path in governed::properties(resource.kind) {
            if let Some(value) = paths::find(&resource.properties, path).first() {
                collector.add_digest(resource, (Kind::Guard, path), String::new(), value.span);
            }
        }
        let in_every_case = guards_in_every_case(draft, resource);
        aws::unweighed::denials(&mut collector, resource, in_every_case);
        if collector.found[before..].iter().any(|other| other.kind == Kind::Guard) {
            let when = if in_every_case { IN_EVERY_CASE } else { IN_SOME_CASES };
            collector.add_text(resource, (Kind::Part, when), "", resource.span);
        }
        acting(&mut collector, resource);
        for path in of_type(VALUES, resource.kind) {
            for value in paths::find(&resource.properties, path) {
                add_value(&mut collector, resource, path, &value);
            }
        }
        changes(&mut collector, resource);
        switches::collect(&mut collector, resource);
        programs::collect(&mut collector, resource);
        schemes::collect(&mut collector, resource);
        unread(&mut collector, resource);
    }
    collector.found
}

/// A type that guards others as a whole, unless what carries it falls back to having no control without it, which is told as that element's.
fn guard<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let draft = collector.draft;
    if !is_in(GUARDS, resource.kind) || aws::unweighed::only_scales(draft, resource) {
        return;
    }
    let carrier = draft.element(resource.address).map(|element| draft.element_at(element));
    let carrier = carrier.filter(|carrier| carrier.address != resource.address);
    let own = draft.entry(resource.address).map_or(&[][..], |entry| entry.facts);
    let of_carrier = carrier.and_then(|carrier| draft.entry(&carrier.address)).map_or(&[][..], |entry| entry.facts);
    let falls_back = |fact: Fact| of_carrier.iter().any(|known| known.fact == fact && known.default.is_some());
    if own.iter().any(|fact| fact.fact.control().is_some() && falls_back(fact.fact)) {
        return;
    }
    collector.add(resource, (Kind::Guard, ""), &resource.properties, resource.span);
    collector.works_for(carrier.map(|carrier| carrier.id.clone()).into_iter().collect());
    for path in of_type(SWITCHES, resource.kind) {
        if paths::find(&resource.properties, path).iter().all(|switch| switch.literal() != Some("false")) {
            collector.add_text(resource, (Kind::Part, path), "", resource.span);
        }
    }
    for path in of_type(PARTS, resource.kind) {
        for value in paths::find(&resource.properties, path) {
            collector.add(resource, (Kind::Part, path), &value, value.span);
        }
    }
}

/// Whether a guard is made whenever what it guards is: under no condition, or under that of all that it is attached to.
fn guards_in_every_case(draft: &Draft<'_, '_>, guard: &Resource<'_>) -> bool {
    let condition = made_when::formula(guard);
    if condition == Formula::Always {
        return true;
    }
    let mut guarded: BTreeSet<&str> = draft.owners(guard.address).chain(draft.attached(guard.address)).map(|other| other.address).collect();
    if guarded.is_empty() {
        named(draft, &guard.properties, 0, &mut guarded);
    }
    let is_made_then = |address: &&str| draft.resource(address).is_some_and(|other| made_when::formula(other) == condition);
    !guarded.is_empty() && guarded.iter().all(is_made_then)
}

/// The resources that a guard names, but for those of which only its statements speak.
fn named<'t>(draft: &Draft<'t, '_>, value: &Property<'t>, depth: u32, found: &mut BTreeSet<&'t str>) {
    if depth > DEEPEST_REFERENCE || !draft.spend(1, value.span) {
        return;
    }
    match value.value {
        Value::Reference(reference) => found.extend(draft.resource(reference.address).map(|other| other.address)),
        Value::List(items) | Value::Joined(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| named(draft, item, depth + 1, found));
        }
        Value::Map(entries) if entries.iter().all(|entry| entry.key != "Statement") => {
            entries.iter().for_each(|entry| named(draft, &entry.value, depth + 1, found));
        }
        _ => {}
    }
}

/// What something reads without weighing all that it decides: that another value takes the place of one, or of none, is told.
fn changes<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    if aws::unweighed::only_scales(collector.draft, resource) {
        return;
    }
    for path in of_type(CHANGES, resource.kind) {
        let values = paths::find(&resource.properties, path);
        for value in &values {
            if !collector.draft.spend(1, value.span) {
                return;
            }
            collector.add(resource, (Kind::Value, path), value, value.span);
        }
        if values.is_empty() {
            collector.add_text(resource, (Kind::Value, path), "", resource.span);
        }
    }
}

/// What no entry, resolver or rule reads: a resource of an unknown type as a whole, of a known one its properties.
fn unread<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let mut known = weighed(resource.kind);
    known.extend(collector.draft.own_type(resource).iter().flat_map(|own| own.weighed));
    if collector.draft.entry(resource.address).is_none() && known.is_empty() {
        collector.add(resource, (Kind::UnknownType, ""), &resource.properties, resource.span);
    } else if !known.contains(&ALL) {
        descend(collector, resource, &resource.properties, (&known, ""));
    }
}

/// Roles, keys, subnets and security groups that are no resources of the unit: what they allow stands elsewhere, and another one may allow more.
fn acting<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let Some(entry) = collector.draft.entry(resource.address) else { return };
    let asked = governed::elsewhere(resource.kind);
    // That something is placed in no network any more is told, too; what it loses with a role or a key is weighed.
    let held = entry.holds.iter().map(|path| (path, Kind::Value));
    let all = held.chain(entry.network.iter().map(|path| (path, Kind::Property)));
    for (path, kind) in all.filter(|(path, _)| !asked.contains(path)) {
        for value in paths::find(&resource.properties, path) {
            if !collector.draft.spend(1, value.span) {
                return;
            }
            match kind {
                Kind::Value => add_value(collector, resource, path, &value),
                _ if governed::is_here(collector.draft, &value) => {}
                kind => collector.add(resource, (kind, path), &value, value.span),
            }
        }
    }
}

/// A value of which only another one, or something elsewhere in its place, is told.
fn add_value<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, path: &str, value: &Property<'t>) {
    if governed::is_here(collector.draft, value) {
        collector.add_digest(resource, (Kind::Value, path), HERE.to_owned(), value.span);
    } else {
        collector.add(resource, (Kind::Value, path), value, value.span);
    }
}

/// The paths of a type in a table that is ordered by type.
fn of_type(table: &[(&str, &'static [&'static str])], kind: &str) -> &'static [&'static str] {
    table.binary_search_by(|(known, _)| (*known).cmp(kind)).map_or(&[], |index| table[index].1)
}

/// The paths of the type that something reads or that decide nothing.
fn weighed(kind: &str) -> Vec<&'static str> {
    let families = WEIGHED_FAMILIES.iter().filter(|(family, _)| kind.starts_with(family)).map(|(_, paths)| *paths);
    families.chain([of_type(WEIGHED, kind)]).flatten().copied().collect()
}

fn descend<'t>(
    collector: &mut Collector<'_, 't, '_>,
    resource: &Resource<'t>,
    value: &Property<'t>,
    (paths, above): (&[&'static str], &str),
) {
    match value.value {
        Value::List(items) => items.iter().for_each(|item| descend(collector, resource, item, (paths, above))),
        _ => value.entries().iter().for_each(|entry| step(collector, resource, entry, (paths, above))),
    }
}

fn step<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, entry: &Entry<'t>, (paths, above): (&[&'static str], &str)) {
    let is_supplied = above.is_empty() && resource.supplied.iter().any(|supplied| supplied.path == entry.key);
    if is_supplied || !entry.value.is_present() || is_neutral(entry) {
        return;
    }
    if !collector.draft.spend(1 + paths.len() / 16, entry.key_span) {
        return;
    }
    let below: Vec<&'static str> = paths.iter().filter_map(|path| rest(path, entry.key)).collect();
    let path = if above.is_empty() { entry.key.to_owned() } else { format!("{above}.{}", entry.key) };
    if below.is_empty() {
        let kind = if OPENING.iter().any(|word| entry.key.contains(word)) { Kind::Opening } else { Kind::Property };
        collector.add(resource, (kind, &path), &entry.value, entry.key_span);
    } else if !below.contains(&"") && !below.contains(&ALL) {
        descend(collector, resource, &entry.value, (&below, &path));
    }
}

/// What is left of a path behind a key; `None` where it begins otherwise.
fn rest(path: &'static str, key: &str) -> Option<&'static str> {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    (first == key || first == ALL).then_some(rest)
}

/// Whether another value of a property is another edition of the same.
pub(super) fn is_edition(name: &str) -> bool {
    is_in(EDITIONS, name)
}

/// Whether a property decides nothing, whatever its value is or with the value that it has.
pub(super) fn is_neutral(entry: &Entry<'_>) -> bool {
    let with_value = || entry.value.literal().is_some_and(|value| is_in(NEUTRAL, &format!("{}={value}", entry.key)));
    is_in(NEUTRAL, entry.key) || is_in(NEUTRAL_BY_VALUE, entry.key) && with_value()
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.binary_search(&name).is_ok()
}
