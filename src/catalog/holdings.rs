//! What keeps data, read as entries say: the values that the provider sets once, for how long things are kept, what becomes of them.
//!
//! Comes in: the draft, once every resource has its element. Goes out: holdings, in order of the template.
//! A value that cannot be told is unresolved, and never absent.

use crate::catalog::aws::fate;
use crate::catalog::draft::Draft;
use crate::catalog::entry::{Condition, End, Entry, FixedEntry, HoldingEntry, RetainedEntry, Role};
use crate::catalog::made_when;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::model::holding::{Branch, Fixed, Holding, Keeps, Retained, Setting};
use crate::model::resource::{Case, Maker, Property, Reference, Resource, Value};
use crate::model::{ElementId, Means};
use crate::source::Span;
use std::collections::BTreeSet;

/// Most branches of a value that are told apart.
const MAX_BRANCHES: usize = 32;

/// The holdings of the unit. What toolkits make for themselves is none, nor is what has its data in another resource.
pub(crate) fn read(draft: &Draft<'_, '_>) -> Vec<Holding> {
    let known = draft.known();
    let audited = audited(draft, &known);
    let mut holdings = Vec::new();
    for (resource, entry) in known {
        let Some(stated) = &entry.keeps else { continue };
        if !draft.spend(1 + stated.replaced.len() + stated.retained.len(), resource.span) {
            break;
        }
        if resource.called.maker == Maker::Author && has_data_of_its_own(draft, resource, entry) {
            let mut holding = holding(draft, resource, (entry, stated));
            if holding.keeps == Keeps::Data && audited.contains(resource.address) {
                holding.keeps = Keeps::Records;
            }
            holdings.push(holding);
        }
    }
    holdings
}

/// An instance of a cluster has its data in the cluster.
fn has_data_of_its_own(draft: &Draft<'_, '_>, resource: &Resource<'_>, entry: &Entry) -> bool {
    let own = || draft.element(resource.address).is_some_and(|element| draft.element_at(element).address == resource.address);
    entry.role != Role::Store || own()
}

/// The stores that trails, recorders and flow logs write to.
fn audited<'t>(draft: &Draft<'t, '_>, known: &[(&Resource<'t>, &'static Entry)]) -> BTreeSet<&'t str> {
    let mut audited = BTreeSet::new();
    for (resource, entry) in known.iter().filter(|(_, entry)| entry.keeps.is_some_and(|keeps| keeps.what == Keeps::Audit)) {
        for flow in entry.flows.iter().filter(|flow| flow.means == Means::Log) {
            let End::Property(path) = flow.to else { continue };
            let targets = paths::find(&resource.properties, path).into_iter().flat_map(|value| draft.targets(&value));
            audited.extend(targets.filter_map(|target| match target {
                Target::Resource(reference) => Some(reference.address),
                Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
            }));
        }
    }
    audited
}

fn holding<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, (entry, stated): (&'static Entry, &'static HoldingEntry)) -> Holding {
    let place = draft.sources.place(resource.span);
    let mut retained: Vec<Retained> = stated.retained.iter().flat_map(|entry| retained_of(draft, resource, entry)).collect();
    retained.sort_by(|a, b| (&a.what, a.seconds.unwrap_or(i64::MAX)).cmp(&(&b.what, b.seconds.unwrap_or(i64::MAX))));
    // What is said twice of one thing holds as it is shortest.
    retained.dedup_by(|later, first| later.what == first.what);
    Holding {
        id: ElementId::new(draft.unit, resource.address),
        unit: draft.unit.clone(),
        declared: resource.declared.to_owned(),
        name: resource.called.by_people.to_owned(),
        noun: entry.noun,
        keeps: stated.what,
        serves: stated.serves.iter().flat_map(|path| served(draft, resource, path)).collect(),
        fixed: stated.replaced.iter().map(|entry| fixed(draft, resource, entry)).collect(),
        retained,
        hides_retention: stated.retained.iter().any(|entry| hides(resource, entry)),
        deleted: fate::when_deleted(draft, resource),
        behind: fate::behind_protection(resource),
        replaced: fate::when_replaced(resource),
        off: stated.off.as_ref().and_then(|off| switched_off(resource, off)).map(|span| draft.sources.place(span)),
        made_when: made_when::formula(resource),
        place,
    }
}

fn switched_off(resource: &Resource<'_>, off: &Condition) -> Option<Span> {
    let values = paths::find(&resource.properties, off.property);
    values.iter().find(|value| value.literal().is_some_and(|text| text.eq_ignore_ascii_case(off.is))).map(|value| value.span)
}

fn served<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, path: &str) -> Vec<(String, Option<ElementId>)> {
    let values = paths::find(&resource.properties, path);
    let served = values.iter().map(|value| {
        let named = draft.targets(value).into_iter().find_map(|target| match target {
            Target::Resource(reference) => Some(ElementId::new(draft.unit, reference.address)),
            _ => None,
        });
        (canonical(value).unwrap_or_default(), named)
    });
    served.collect()
}

fn fixed<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, entry: &'static FixedEntry) -> Fixed {
    let mut branches = Vec::new();
    let mut span = None;
    read_branches(draft, Some(resource.properties), entry.property, "", &mut (&mut branches, &mut span));
    branches.sort();
    branches.dedup();
    let place = draft.sources.place(span.unwrap_or(resource.span));
    Fixed { property: entry.property, default: entry.default, alike: entry.alike, branches, place }
}

/// Appends the value under a path, in each branch of a condition, and remembers where the first stands.
fn read_branches<'t>(
    draft: &Draft<'t, '_>,
    value: Option<Property<'t>>,
    path: &str,
    when: &str,
    found: &mut (&mut Vec<Branch>, &mut Option<Span>),
) {
    let mut add = |value| found.0.push(Branch { when: when.to_owned(), value });
    let Some(value) = value.filter(Property::is_present) else { return add(Setting::Absent) };
    if let Value::Either(alternatives) = value.value {
        for (branch, cases) in alternatives.with_cases().take(MAX_BRANCHES) {
            let also: Vec<String> = cases.iter().map(|case: &Case<'_>| case.words().collect::<Vec<_>>().join(" or ")).collect();
            let when = if when.is_empty() { also.join(", ") } else { [when, &also.join(", ")].join(", ") };
            read_branches(draft, Some(*branch), path, &when, found);
        }
        return;
    }
    if path.is_empty() {
        // A part of what cannot be resolved has no place of its own.
        if value.span.line > 0 {
            found.1.get_or_insert(value.span);
        }
        let text = text_of(draft, &value);
        let setting = text.map_or(Setting::Unresolved, |text| if text.is_empty() { Setting::Absent } else { Setting::Known(text) });
        return found.0.push(Branch { when: when.to_owned(), value: setting });
    }
    if value.unresolved().is_some() {
        return add(Setting::Unresolved);
    }
    let (step, rest) = path.split_once('.').unwrap_or((path, ""));
    let under = value.entries().iter().find(|entry| entry.key == step).map(|entry| entry.value);
    read_branches(draft, under, rest, when, found);
}

/// The text of a value, whatever its shape: lists and maps in an order of their own, as the provider takes them.
fn text_of(draft: &Draft<'_, '_>, value: &Property<'_>) -> Option<String> {
    match value.value {
        Value::Bool(_) => value.literal().map(str::to_owned),
        Value::Reference(reference) if !is_resource(draft, reference) => canonical(value).map(|text| text.replacen("${", "${?", 1)),
        Value::List(items) => {
            let mut texts = items.iter().filter(|item| item.is_present()).map(|item| text_of(draft, item)).collect::<Option<Vec<_>>>()?;
            texts.sort_unstable();
            Some(texts.join(", "))
        }
        Value::Map(entries) => {
            let present = entries.iter().filter(|entry| entry.value.is_present());
            let texts = present.map(|entry| Some(format!("{} {}", entry.key, text_of(draft, &entry.value)?)));
            let mut texts = texts.collect::<Option<Vec<_>>>()?;
            texts.sort_unstable();
            Some(texts.join(" "))
        }
        _ => canonical(value).filter(|text| !text.contains("${?}")),
    }
}

/// Whether two references of this kind to different addresses are certainly two things: not where a nested template or a program of somebody's
/// gives the value.
fn is_resource(draft: &Draft<'_, '_>, reference: Reference<'_>) -> bool {
    let is_known = draft.entry(reference.address).is_some_and(|entry| !matches!(entry.role, Role::Config | Role::External));
    is_known && !draft.is_opened(reference.address) && reference.attribute.is_none_or(|attribute| !attribute.starts_with("Outputs."))
}

fn retained_of<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, entry: &'static RetainedEntry) -> Vec<Retained> {
    let items = if entry.each.is_empty() { vec![resource.properties] } else { paths::find(&resource.properties, entry.each) };
    let holds =
        |item: &Property<'t>| entry.when.as_ref().is_none_or(|when| item.at(when.property).and_then(Property::literal) == Some(when.is));
    items.iter().filter(|item| holds(item)).filter_map(|item| retained_in(draft, (resource, item), entry)).collect()
}

/// Whether nobody can tell how many items there are.
fn hides(resource: &Resource<'_>, entry: &RetainedEntry) -> bool {
    let list = resource.properties.at(entry.each.trim_end_matches("[]"));
    let is_unresolved = |value: &Property<'_>| value.unresolved().is_some();
    !entry.each.is_empty() && list.is_some_and(|list| is_unresolved(list) || list.items().iter().any(is_unresolved))
}

/// `None` where nobody can tell, or where an item says nothing of it.
fn retained_in<'t>(
    draft: &Draft<'t, '_>,
    (resource, item): (&Resource<'t>, &Property<'t>),
    entry: &'static RetainedEntry,
) -> Option<Retained> {
    let stated = paths::find(item, entry.property);
    // The worst branch counts; of one that cannot be told nothing is known.
    let numbers = stated.iter().map(|value| value.literal()?.parse::<i64>().ok()).collect::<Option<Vec<i64>>>()?;
    let number = match numbers.iter().min() {
        None if !entry.each.is_empty() => return None,
        None => entry.default,
        Some(number) => Some(*number),
    };
    let mut scope = Vec::new();
    for path in entry.scope {
        for value in paths::find(item, path) {
            scope.push(text_of(draft, &value)?);
        }
    }
    scope.retain(|text| !text.is_empty());
    let span = stated.first().map_or(resource.span, |value| value.span);
    Some(Retained {
        what: if scope.is_empty() { entry.what.to_owned() } else { format!("{} of {}", entry.what, scope.join(", ")) },
        within: if scope.is_empty() { "" } else { entry.what },
        begins: entry.begins,
        seconds: number.map(|number| number.saturating_mul(entry.unit)),
        place: draft.sources.place(span),
    })
}
