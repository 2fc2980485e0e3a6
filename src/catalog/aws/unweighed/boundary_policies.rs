//! Policies that are the permissions boundary of somebody: what such a one leaves is weighed together with what its bearers are granted, so that
//! another text of it alone says nothing.
//!
//! Comes in: a draft, and one policy. Goes out: the text of a policy that bounds somebody of the unit.

use crate::catalog::draft::Draft;
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Property, Resource};
use crate::model::unweighed::Kind;
use std::collections::BTreeSet;

/// The policies of the unit that are somebody's boundary.
pub(super) fn of<'t>(draft: &Draft<'t, '_>) -> BTreeSet<&'t str> {
    let bounds = draft.resources().iter().flat_map(|resource| paths::find(&resource.properties, "PermissionsBoundary"));
    bounds.filter_map(|bound| Property::reference(&bound)).map(|policy| policy.address).collect()
}

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, policy: &Resource<'t>, boundaries: &BTreeSet<&'t str>) {
    if let Some(document) = policy.properties.get("PolicyDocument").filter(|_| boundaries.contains(policy.address)) {
        collector.add(policy, (Kind::Value, "PolicyDocument"), document, document.span);
    }
}
