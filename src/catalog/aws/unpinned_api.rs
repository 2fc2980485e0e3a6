//! Functions that API Gateway may invoke for any API: their permissions name none.
//!
//! Comes in: a permission of a function. Goes out: the fact `unpinned_api`, where one API of the unit calls the function and asks nobody on its
//! way there: whoever comes by another API gets no further, and that API is what the permission should name, so that all functions behind it
//! have one cause. Where the API asks who calls, another one could say that it did, and its permission is that of any other service.

use crate::catalog::aws::resource_policy::is_api;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::{self, canonical};
use crate::model::Basis;
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Answer, Fact, Reading, Value, Word};
use crate::model::resource::Resource;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a name of a service is that of API Gateway.
pub(super) fn is_gateway(service: &str) -> bool {
    names::without_suffix(service) == Some("apigateway")
}

/// Says of a function that a permission lets in every API; whether no more than that is to be said of it.
pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, function: ElementIndex, permission: &Resource<'t>) -> bool {
    let Some(service) = permission.properties.get("Principal").and_then(canonical) else { return false };
    let by_itself = |from: ElementIndex| draft.flows_between(from, function).any(|flow| flow.basis != Basis::Permission);
    let apis: Vec<ElementIndex> = draft.reaching(function).filter(|from| is_api(draft, *from) && by_itself(*from)).collect();
    let [only] = apis.as_slice() else { return false };
    if !asks_nobody(draft, *only, function) {
        return false;
    }
    let holder = draft.element_at(*only).home();
    let cause = Arc::new(Cause { kind: CauseKind::Principal, holder, name: format!("{service} for any API") });
    let share = draft.share(cause, Value::Flag(true), Some(&service), permission.span);
    let reading = Reading::known(Value::Flag(true), draft.stated(permission.span)).witnessed(vec![service]).shared(vec![share]);
    draft.set_fact(function, Fact::UnpinnedApi, reading);
    true
}

/// Whether an API asks nobody on any of its routes to a function.
fn asks_nobody(draft: &Draft<'_, '_>, api: ElementIndex, function: ElementIndex) -> bool {
    let Some(authn) = draft.element_at(api).facts.get(Fact::Authn) else { return false };
    let is_open = |value: &Value| *value == Value::Word(Word::None);
    let open: BTreeSet<&str> = authn.shares.iter().filter(|share| is_open(&share.value)).map(|share| share.cause.name.as_str()).collect();
    let is_open_throughout = authn.shares.is_empty() && matches!(&authn.answer, Answer::Known(value) if is_open(value));
    let mut routes =
        draft.flows_between(api, function).filter(|flow| flow.basis != Basis::Permission).flat_map(|flow| &flow.via).peekable();
    is_open_throughout || routes.peek().is_some() && routes.all(|route| open.contains(route.as_str()))
}
