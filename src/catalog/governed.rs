//! What decides who gets in or what may be done, and has no rule that weighs its values: that a change sets it is shown to somebody.
//!
//! Comes in: a resource of a type of `config/governing.yml`. Goes out: the fact `governs` on a part of what it belongs to, or of itself, with
//! what is written. Nothing is weighed here: any other text is another answer.

use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::spelled::spell;
use crate::catalog::witnesses::{bounded, digest};
use crate::catalog::{paths, ranges};
use crate::model::cause::{Cause, CauseKind};
use crate::model::decision::Decision;
use crate::model::fact::{Fact, Origin, Reading, Value};
use crate::model::resource::{Alternatives, Property, Resource, Value as PropertyValue};
use crate::source::Span;
use std::sync::Arc;

/// What decides, of one type, or of a family of types that begin alike.
struct Governing {
    kind: &'static str,
    what: &'static str,
    by: &'static [&'static str],
    /// Only what names no resource of the unit counts.
    elsewhere: bool,
    also: Option<Also>,
    /// What the provider takes where a property is left out, and the page that says so: path, value, page.
    unstated: &'static [(&'static str, &'static str, &'static str)],
    /// What opens nothing: `PubliclyAccessible: false`.
    closed: &'static [&'static str],
}

/// What decides too where what a property names is no resource of the unit.
struct Also {
    of: &'static str,
    by: &'static [&'static str],
}

include!(concat!(env!("OUT_DIR"), "/governing.rs"));

/// The service of such a part, which rules name.
const GOVERNED: &str = "governed";
/// What bears what a unit decides beside its resources.
const DEPLOYMENT: &str = "deployment";
/// Longest text that is shown whole, in bytes.
const MAX_SHOWN: usize = 160;

pub(super) fn resolve<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    let Some(governing) = find(resource.kind) else { return };
    let is_elsewhere = |also: &&Also| paths::find(&resource.properties, also.of).iter().any(|named| !is_here(draft, named));
    let also = governing.also.as_ref().filter(is_elsewhere).map_or(&[][..], |also| also.by);
    let mut written = Vec::new();
    let mut page = None;
    for path in also.iter().chain(governing.by) {
        let values = paths::find(&resource.properties, path);
        let name = path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]");
        if let Some((_, default, source)) = governing.unstated.iter().find(|(of, ..)| of == path).filter(|_| values.is_empty()) {
            page = Some(*source);
            written.push((format!("{name} is not set, and {default} by default"), resource.span));
        }
        for value in values {
            if !draft.spend(1, value.span) {
                return;
            }
            if governing.elsewhere && is_here(draft, &value) {
                continue;
            }
            let mut text = format!("{name}: ");
            spell(draft, &value, &mut text);
            // What is empty decides by being there.
            let text = text.trim_end_matches(": ").to_owned();
            if !governing.closed.contains(&text.as_str()) {
                written.push((text, value.span));
            }
        }
    }
    let Some((_, span)) = written.first() else { return };
    let origin = page.map_or_else(|| draft.stated(*span), Origin::Default);
    let say = |text: &str| format!("{}: {}", governing.what, shown(text));
    let reading = if governing.elsewhere {
        // What stands elsewhere is one thing, however many use it.
        let share = |(text, span): &(String, Span)| {
            let cause = Arc::new(Cause { kind: CauseKind::Property, holder: String::new(), name: say(text) });
            draft.share(cause, Value::List(vec![say(text)]), None, *span)
        };
        let shares = written.iter().map(share).collect();
        Reading::known(Value::List(bounded(written.iter().map(|(text, _)| say(text)).collect())), origin).shared(shares)
    } else {
        let texts: Vec<&str> = written.iter().map(|(text, _)| text.as_str()).collect();
        Reading::known(Value::List(vec![say(&texts.join("; "))]), origin)
    };
    let bearer = draft.element(resource.address).unwrap_or_else(|| draft.alone(resource));
    let part = draft.part(bearer, GOVERNED, resource.address, resource.span);
    draft.set_part_fact(part, Fact::Governs, reading);
}

/// Shows what an element decides beside what its properties say, each text a cause of its own.
pub(in crate::catalog) fn show<'t>(
    draft: &mut Draft<'t, '_>,
    bearer: ElementIndex,
    resource: &Resource<'t>,
    what: &str,
    written: &[(String, Span)],
) {
    let Some((_, first)) = written.first() else { return };
    let say = |text: &str| format!("{what}: {}", shown(text));
    let share = |(text, span): &(String, Span)| {
        let cause = draft.cause_on(CauseKind::Property, bearer, say(text));
        draft.share(cause, Value::List(vec![say(text)]), None, *span)
    };
    let shares = written.iter().map(share).collect();
    let value = Value::List(bounded(written.iter().map(|(text, _)| say(text)).collect()));
    let reading = Reading::known(value, draft.stated(*first)).shared(shares);
    let part = draft.part(bearer, GOVERNED, resource.address, resource.span);
    draft.set_part_fact(part, Fact::Governs, reading);
}

/// Shows what else an element decides, on a part of its own. What is written in several places is one thing.
pub(in crate::catalog) fn show_beside<'t>(
    draft: &mut Draft<'t, '_>,
    resource: &Resource<'t>,
    label: &str,
    what: &str,
    written: &[(String, Span)],
) {
    let Some((_, first)) = written.first() else { return };
    let say = |text: &str| format!("{what}: {}", shown(text));
    let share = |(text, span): &(String, Span)| {
        let cause = Arc::new(Cause { kind: CauseKind::Property, holder: String::new(), name: say(text) });
        draft.share(cause, Value::List(vec![say(text)]), None, *span)
    };
    let shares = written.iter().map(share).collect();
    let value = Value::List(bounded(written.iter().map(|(text, _)| say(text)).collect()));
    let reading = Reading::known(value, draft.stated(*first)).shared(shares);
    let bearer = draft.element(resource.address).unwrap_or_else(|| draft.alone(resource));
    let part = draft.part(bearer, GOVERNED, &format!("{label} of {}", resource.address), resource.span);
    draft.set_part_fact(part, Fact::Governs, reading);
}

/// What a unit decides beside its resources, each text a cause of its own that is the same wherever it stands.
pub(super) fn lower<'t>(draft: &mut Draft<'t, '_>, decisions: &[Decision<'t>]) {
    for decision in decisions {
        if !draft.spend(1, decision.span) {
            return;
        }
        let said = format!("{}: {}", decision.what, shown(decision.text));
        let cause = Arc::new(Cause { kind: CauseKind::Property, holder: String::new(), name: said.clone() });
        let share = draft.share(cause, Value::List(vec![said.clone()]), None, decision.span);
        let reading = Reading::known(Value::List(vec![said]), draft.stated(decision.span)).shared(vec![share]);
        let bearer = draft.external(Outsider::Aside(DEPLOYMENT), decision.span);
        let part = draft.part(bearer, GOVERNED, decision.name, decision.span);
        draft.set_part_fact(part, Fact::Governs, reading);
    }
}

/// The properties of a type that decide by being there, whatever they name.
pub(super) fn properties(kind: &str) -> &'static [&'static str] {
    find(kind).filter(|governing| !governing.elsewhere).map_or(&[], |governing| governing.by)
}

/// The properties of a type that decide where they name no resource of the unit.
pub(super) fn elsewhere(kind: &str) -> &'static [&'static str] {
    find(kind).filter(|governing| governing.elsewhere).map_or(&[], |governing| governing.by)
}

fn find(kind: &str) -> Option<&'static Governing> {
    let exact = GOVERNING.binary_search_by(|governing| governing.kind.cmp(kind)).ok().map(|index| &GOVERNING[index]);
    exact.or_else(|| GOVERNING_FAMILIES.iter().find(|governing| kind.starts_with(governing.kind)))
}

/// Whether a value names a resource of the unit, which is judged itself, nothing that a reader could look up, or addresses that other rules
/// weigh: the own network and the whole internet.
pub(super) fn is_here(draft: &Draft<'_, '_>, value: &Property<'_>) -> bool {
    match value.value {
        PropertyValue::Reference(reference) => draft.resource(reference.address).is_some(),
        PropertyValue::Removed | PropertyValue::Null => true,
        PropertyValue::Either(Alternatives { branches, .. }) => branches.iter().all(|branch| is_here(draft, branch)),
        PropertyValue::Text(text) => ranges::is_private_range(text) || ranges::is_wide_range(text),
        PropertyValue::Joined(parts) => parts.iter().any(|part| matches!(part.value, PropertyValue::Reference(_)) && is_here(draft, part)),
        _ => false,
    }
}

/// Cut where it is long, with a digest of the whole: whatever changes is another text.
fn shown(text: &str) -> String {
    if text.len() <= MAX_SHOWN {
        return text.to_owned();
    }
    format!("{}… #{}", &text[..text.floor_char_boundary(MAX_SHOWN)], digest(text))
}
