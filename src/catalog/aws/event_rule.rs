//! Rules of an event bus: whether one feeds itself.
//!
//! Comes in: a rule, once all flows are known. Goes out: `self_loop` of the bus that it is on, with the rule. The bus that every account has
//! is no element, and gets nothing.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::model::Means;
use crate::model::fact::{Fact, Reading, Value};
use crate::model::resource::{Property, Resource};

/// The resolver of `AWS::Events::Rule`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>) {
    let Some(bus) = draft.element(rule.address).filter(|bus| draft.element_at(*bus).service == "event_bus") else { return };
    if takes_every_event(rule) && comes_back(draft, rule, bus) {
        let reading = Reading::known(Value::Flag(true), draft.stated(rule.span)).witnessed(vec![rule.address.to_owned()]);
        draft.set_fact(bus, Fact::SelfLoop, reading);
    }
}

/// Whether the pattern says neither who sends nor what: an event that a target puts on the bus matches it again.
fn takes_every_event(rule: &Resource<'_>) -> bool {
    let pattern = rule.properties.get("EventPattern").map_or(&[][..], Property::entries);
    !pattern.is_empty() && !pattern.iter().any(|entry| matches!(entry.key, "source" | "detail-type" | "detail" | "resources" | "$or"))
}

/// Whether a target puts events on the bus, or is the bus.
fn comes_back<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>, bus: ElementIndex) -> bool {
    draft.ends_under(&rule.properties, "Targets[].Arn").iter().any(|target| {
        let puts = [Means::Publish, Means::Write, Means::Event].iter().any(|means| draft.find_flow(*target, bus, *means).is_some());
        *target == bus || puts
    })
}
