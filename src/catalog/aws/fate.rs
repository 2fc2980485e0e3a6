//! What becomes of data when their resource goes: what stands beside the properties of a CloudFormation resource.
//!
//! Comes in: a resource. Goes out: the fate of what it keeps.

use crate::catalog::draft::Draft;
use crate::model::fact::{Fact, Word};
use crate::model::holding::Fate;
use crate::model::resource::{Property, Resource, Value};

/// When it is deleted. Where nothing is said the provider keeps a snapshot of some databases, as their entries say.
pub(crate) fn when_deleted(draft: &Draft<'_, '_>, resource: &Resource<'_>) -> Fate {
    let facts = draft.element(resource.address).map(|element| &draft.element_at(element).facts);
    let snapshot = facts.is_some_and(|facts| facts.is(Fact::RemovalPolicy, Word::Snapshot));
    let default = if snapshot { Fate::Snapshot } else { Fate::Deleted };
    fate(resource.attributes.get("DeletionPolicy")).unwrap_or(default)
}

/// What becomes of them when the resource is taken out together with what protects it, where that stands in the resource itself.
pub(crate) fn behind_protection(resource: &Resource<'_>) -> Option<Fate> {
    fate(resource.attributes.get("DeletionPolicyBehind"))
}

/// When another resource takes its place; `None` where nobody says so.
pub(crate) fn when_replaced(resource: &Resource<'_>) -> Option<Fate> {
    fate(resource.attributes.get("UpdateReplacePolicy"))
}

/// Of the branches of a condition the one that keeps least counts.
fn fate(policy: Option<&Property<'_>>) -> Option<Fate> {
    let policy = policy?;
    if let Value::Either(alternatives) = policy.value {
        return alternatives.branches.iter().filter_map(|branch| fate(Some(branch))).min();
    }
    Some(match policy.literal() {
        Some("Retain" | "RetainExceptOnCreate") => Fate::Kept,
        Some("Snapshot") => Fate::Snapshot,
        Some(_) => Fate::Deleted,
        None => Fate::Unresolved,
    })
}
