//! Functions that API Gateway may invoke for any API: their permissions name none.
//!
//! Comes in: a permission of a function. Goes out: the fact `unpinned_api`. Where one API of the unit calls the function, that API is what the
//! permission should name, so that all functions behind it have one cause.

use crate::catalog::aws::resource_policy::is_api;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::{self, canonical};
use crate::model::Basis;
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Fact, Reading, Value};
use crate::model::resource::Resource;
use std::sync::Arc;

/// Whether a name of a service is that of API Gateway.
pub(super) fn is_gateway(service: &str) -> bool {
    names::without_suffix(service) == Some("apigateway")
}

/// Says of a function that a permission lets in every API.
pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, function: ElementIndex, permission: &Resource<'t>) {
    let Some(service) = permission.properties.get("Principal").and_then(canonical) else { return };
    let by_itself = |from: ElementIndex| draft.flows_between(from, function).any(|flow| flow.basis != Basis::Permission);
    let apis: Vec<ElementIndex> = draft.reaching(function).filter(|from| is_api(draft, *from) && by_itself(*from)).collect();
    let only = match apis.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let holder = draft.element_at(only.unwrap_or(function)).home();
    let cause = Arc::new(Cause { kind: CauseKind::Principal, holder, name: format!("{service} for any API") });
    let share = draft.share(cause, Value::Flag(true), Some(&service), permission.span);
    let reading = Reading::known(Value::Flag(true), draft.stated(permission.span)).witnessed(vec![service]).shared(vec![share]);
    draft.set_fact(function, Fact::UnpinnedApi, reading);
}
