//! Roles that an API takes on to call a service.
//!
//! Comes in: the credentials of integrations. Goes out: facts of the API; the flows are those of the integrations alone.

use crate::catalog::aws::api_routes::Route;
use crate::catalog::aws::{iam, role_facts, trust};
use crate::catalog::draft::{Draft, ElementIndex};
use std::sync::Arc;

pub(crate) fn state<'t>(draft: &mut Draft<'t, '_>, api: ElementIndex, routes: &[Route<'t>]) {
    let credentials = routes.iter().filter_map(|route| route.integration.as_ref()?.credentials?.reference());
    let mut roles: Vec<&'t str> = credentials.map(|reference| reference.address).collect();
    roles.sort_unstable();
    roles.dedup();
    for role in roles {
        let Some(resource) = draft.resource(role) else { continue };
        let grants = iam::grants(draft, resource);
        let part = draft.part(api, "iam_role", role, resource.span);
        trust::state(draft, resource, part);
        let readings = role_facts::readings(draft, resource, &grants).into_iter();
        let readings: Vec<_> = readings.map(|(fact, reading)| (fact, Arc::new(reading))).collect();
        role_facts::state(draft, &readings, api, part);
    }
}
