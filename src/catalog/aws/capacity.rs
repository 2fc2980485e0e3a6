//! Whether something grows with its load: services and tables with a scaling target, machines that stand in a group or beside others.
//!
//! Comes in: a container service, a table, a machine or a group of machines. Goes out: `limits` of what computes, `capacity` of tables.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::model::Means;
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// The resolver of `AWS::ECS::Service` and `AWS::DynamoDB::Table`.
pub(crate) fn resolve_target<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    let Some(element) = draft.element(resource.address) else { return };
    let target = scaling_target(draft, resource);
    let table = draft.element_at(element).service == "table";
    match (target, table) {
        (Some(span), true) if draft.element_at(element).facts.value(Fact::Capacity) == Some(&Value::Word(Word::Fixed)) => {
            let reading = Reading::word(Word::Bounded, draft.stated(span));
            draft.set_fact(element, Fact::Capacity, reading);
        }
        (_, true) => {}
        (Some(span), false) => set(draft, element, Word::On, span),
        (None, false) => {
            let span = resource.properties.get("DesiredCount").map_or(resource.span, |count| count.span);
            set(draft, element, Word::Off, span);
        }
    }
}

fn set(draft: &mut Draft<'_, '_>, element: ElementIndex, word: Word, span: Span) {
    let reading = Reading::word(word, draft.stated(span));
    draft.set_fact(element, Fact::Limits, reading);
}

/// Where a scaling target stands that is about a resource: by reference, or by its name at the end of `service/cluster/name`.
fn scaling_target(draft: &Draft<'_, '_>, resource: &Resource<'_>) -> Option<Span> {
    const KIND: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
    let by_reference = draft.mentioning(resource.address).find(|other| other.kind == KIND);
    let property = draft.entry(resource.address).map_or("", |entry| entry.name);
    let name = resource.properties.get(property).and_then(canonical);
    let named = |target: &&Resource<'_>| {
        let id = target.properties.get("ResourceId").and_then(canonical);
        id.zip(name.as_deref()).is_some_and(|(id, name)| id.rsplit('/').next() == Some(name))
    };
    by_reference.or_else(|| draft.of_kind(KIND).find(named)).map(|target| target.span)
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
