//! Rules of an event bus: how far the role behind one reaches, and whether one feeds itself.
//!
//! Comes in: a rule, once all flows are known. Goes out: `iam_scope` and `self_loop` of the bus that it is on. Of several rules the weakest
//! counts. The bus that every account has is no element, and gets nothing.

use crate::catalog::aws::{iam, role_facts};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::catalog::strength::is_weaker;
use crate::catalog::targets::Target;
use crate::model::Means;
use crate::model::fact::{Fact, Reading, Value};
use crate::model::resource::{Property, Resource};
use std::collections::BTreeSet;

/// The resolver of `AWS::Events::Rule`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>) {
    let Some(bus) = draft.element(rule.address).filter(|bus| draft.element_at(*bus).service == "event_bus") else { return };
    for path in ["RoleArn", "Targets[].RoleArn"] {
        for role in paths::find(&rule.properties, path) {
            let reading = scope(draft, &role);
            let known = draft.element_at(bus).facts.get(Fact::IamScope);
            if known.is_none_or(|known| is_weaker(Fact::IamScope, &reading, known)) {
                draft.set_fact(bus, Fact::IamScope, reading);
            }
        }
    }
    if takes_every_event(rule) && comes_back(draft, rule, bus) {
        let reading = Reading::known(Value::Flag(true), draft.stated(rule.span)).witnessed(vec![rule.address.to_owned()]);
        draft.set_fact(bus, Fact::SelfLoop, reading);
    }
}

/// How wide the role is that a property names.
pub(crate) fn scope<'t>(draft: &Draft<'t, '_>, named: &Property<'t>) -> Reading {
    let role = match draft.targets(named).into_iter().next() {
        Some(Target::Resource(reference)) => draft.resource(reference.address).filter(|resource| resource.kind == "AWS::IAM::Role"),
        Some(Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_)) | None => None,
    };
    let Some(role) = role else { return Reading::unresolved("the role is not defined in this template", draft.stated(named.span)) };
    let readings = role_facts::readings(draft, role, &iam::grants(draft, role));
    let scope = readings.into_iter().find(|(fact, _)| *fact == Fact::IamScope);
    scope.map_or_else(|| Reading::unresolved("the role cannot be read", draft.stated(named.span)), |(_, reading)| reading)
}

/// Whether the pattern says neither who sends nor what: an event that a target puts on the bus matches it again.
fn takes_every_event(rule: &Resource<'_>) -> bool {
    let pattern = rule.properties.get("EventPattern").map_or(&[][..], Property::entries);
    !pattern.is_empty() && !pattern.iter().any(|entry| matches!(entry.key, "source" | "detail-type" | "detail" | "resources" | "$or"))
}

/// Whether a target puts events on the bus, or is the bus.
fn comes_back<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>, bus: ElementIndex) -> bool {
    let mut targets = BTreeSet::new();
    for value in paths::find(&rule.properties, "Targets[].Arn") {
        for target in draft.targets(&value) {
            targets.extend(draft.ends(&target, value.span));
        }
    }
    targets.iter().any(|target| {
        let puts = [Means::Publish, Means::Write, Means::Event].iter().any(|means| draft.find_flow(*target, bus, *means).is_some());
        *target == bus || puts
    })
}
