//! The address that the provider gives every API, where it is switched off.
//!
//! Comes in: an API whose own properties and domain names are read. Goes out: what can still be said of who reaches it. A domain name of this
//! template that leads to the API opens it again; one of another template may, so that nobody can tell.

use crate::catalog::draft::{Draft, DraftedFlow, ElementIndex};
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::{Element, FlowKind};

/// Says of an API that is reached by no address of this template that it cannot be told who reaches it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html>
pub(super) fn state(draft: &mut Draft<'_, '_>, api: ElementIndex) {
    let element = draft.element_at(api);
    if !is_shut(element) || !element.facts.is(Fact::Exposure, Word::Internet) {
        return;
    }
    let Some(origin) = element.facts.get(Fact::DefaultEndpoint).map(|reading| reading.origin.clone()) else { return };
    let reason = format!("its default endpoint is switched off, and no domain name of this {} leads here", draft.words().text);
    draft.set_fact(api, Fact::Exposure, Reading::unresolved(reason, origin));
}

/// Drops the callers of an endpoint that is switched off.
pub(super) fn drop_callers(elements: &[Element], flows: &mut Vec<DraftedFlow>) {
    flows.retain(|(from, to, flow)| {
        let called = elements[from.position()].service == "human_actor" && flow.kind == FlowKind::SyncRequest;
        !(called && is_shut(&elements[to.position()]))
    });
}

fn is_shut(api: &Element) -> bool {
    let has_domain = api.facts.value(Fact::FrontDoor).is_some_and(|door| *door != Value::Word(Word::None));
    api.facts.is(Fact::DefaultEndpoint, Word::Disabled) && !has_domain
}
