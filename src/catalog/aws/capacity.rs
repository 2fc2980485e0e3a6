//! Whether something grows with its load: services and tables with a scaling target, machines that stand in a group or beside others.
//!
//! Comes in: a scaling target, a container service, a machine or a group of machines. Goes out: `limits` of what computes, `capacity` of tables.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::catalog::targets::Target;
use crate::model::Means;
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// The resolver of `AWS::ApplicationAutoScaling::ScalableTarget`: what it is about grows.
pub(crate) fn resolve_target<'t>(draft: &mut Draft<'t, '_>, target: &Resource<'t>) {
    let Some(element) = scaled(draft, target) else { return };
    match draft.element_at(element).service {
        "container_service" => set(draft, element, Word::On, target.span),
        "table" if draft.element_at(element).facts.value(Fact::Capacity) == Some(&Value::Word(Word::Fixed)) => {
            let reading = Reading::word(Word::Bounded, draft.stated(target.span));
            draft.set_fact(element, Fact::Capacity, reading);
        }
        _ => {}
    }
}

/// What a scaling target is about: by reference, or by the name at the end of `service/cluster/name`.
fn scaled<'t>(draft: &Draft<'t, '_>, target: &Resource<'t>) -> Option<ElementIndex> {
    let id = target.properties.get("ResourceId")?;
    if let Some(Target::Resource(reference)) = draft.targets(id).into_iter().next() {
        return draft.element(reference.address);
    }
    let text = canonical(id)?;
    let namespace = target.properties.get("ServiceNamespace").and_then(Property::literal);
    draft.find_named(text.rsplit('/').next()?, namespace).and_then(|reference| draft.element(reference.address))
}

/// The resolver of `AWS::ECS::Service`: what no scaling target is about does not grow.
pub(crate) fn resolve_service<'t>(draft: &mut Draft<'t, '_>, service: &Resource<'t>) {
    let Some(element) = draft.element(service.address) else { return };
    if draft.element_at(element).facts.get(Fact::Limits).is_some() {
        return;
    }
    let target = draft.of_kind("AWS::ApplicationAutoScaling::ScalableTarget").find(|target| is_untold(draft, target));
    if let Some(target) = target {
        let reading = Reading::unresolved("what a scaling target is about is not told here", draft.stated(target.span));
        draft.set_fact(element, Fact::Limits, reading);
        return;
    }
    let span = service.properties.get("DesiredCount").map_or(service.span, |count| count.span);
    set(draft, element, Word::Off, span);
}

/// Whether a scaling target may be about any service: nothing here has its name, of which a part comes from outside.
fn is_untold<'t>(draft: &Draft<'t, '_>, target: &Resource<'t>) -> bool {
    let of_services = target.properties.get("ServiceNamespace").and_then(Property::literal).is_none_or(|service| service == "ecs");
    let id = target.properties.get("ResourceId");
    of_services && id.is_some_and(|id| id.unresolved().is_some()) && scaled(draft, target).is_none()
}

fn set(draft: &mut Draft<'_, '_>, element: ElementIndex, word: Word, span: Span) {
    let reading = Reading::word(word, draft.stated(span));
    draft.set_fact(element, Fact::Limits, reading);
}

/// The resolver of `AWS::EC2::Instance`: one of several behind the same load balancer is not alone.
pub(crate) fn resolve_machine<'t>(draft: &mut Draft<'t, '_>, machine: &Resource<'t>) {
    let Some(element) = draft.element(machine.address) else { return };
    let callers: Vec<ElementIndex> = draft.reaching(element).filter(|from| draft.element_at(*from).service == "load_balancer").collect();
    let beside = callers.iter().any(|caller| {
        let mut others = draft.leaving(*caller).filter(|(to, means)| *means == Means::Invoke && *to != element);
        others.any(|(to, _)| draft.element_at(to).service == "vm")
    });
    set(draft, element, if beside { Word::On } else { Word::Off }, machine.span);
}

/// The resolver of `AWS::AutoScaling::AutoScalingGroup`: a group of one only replaces what is lost, which is enough.
pub(crate) fn resolve_group<'t>(draft: &mut Draft<'t, '_>, group: &Resource<'t>) {
    let Some(element) = draft.element(group.address) else { return };
    let span = group.properties.get("MaxSize").map_or(group.span, |size: &Property<'_>| size.span);
    set(draft, element, Word::On, span);
}
