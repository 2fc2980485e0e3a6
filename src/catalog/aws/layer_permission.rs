//! Permissions on layers: who else may load what a function loads.
//!
//! Comes in: a layer with the permissions on it. Goes out: `policy` on the layer's part of every function of the template that has it.

use crate::catalog::aws::resource_policy::{Found, outsider};
use crate::catalog::aws::{conditions, trust};
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::Resource;

/// The service of a layer's part.
const LAYER: &str = "lambda_layer";

/// The resolver of `AWS::Lambda::LayerVersionPermission`: of a layer that is not here.
pub(crate) fn resolve_alone<'t>(draft: &mut Draft<'t, '_>, permission: &Resource<'t>) {
    if !draft.is_attached_elsewhere(permission.address, "AWS::Lambda::LayerVersion") {
        return;
    }
    let Some(reading) = shared_with(draft, permission, std::iter::once(permission)) else { return };
    let alone = draft.alone(permission);
    let part = draft.part(alone, LAYER, permission.address, permission.span);
    draft.set_part_fact(part, Fact::Policy, reading);
}

/// The resolver of `AWS::Lambda::LayerVersion`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, layer: &Resource<'t>) {
    let Some(reading) = shared_with(draft, layer, draft.attached(layer.address)) else { return };
    let functions: Vec<&Resource<'t>> = draft.mentioning(layer.address).filter(|other| other.kind == "AWS::Lambda::Function").collect();
    if functions.is_empty() {
        let alone = draft.alone(layer);
        let part = draft.part(alone, LAYER, layer.address, layer.span);
        draft.set_part_fact(part, Fact::Policy, reading.clone());
    }
    for function in functions {
        let Some(element) = draft.element(function.address) else { continue };
        for value in paths::find(&function.properties, "Layers[]") {
            if value.reference().is_some_and(|reference| reference.address == layer.address) {
                let label = canonical(&value).unwrap_or_default();
                let part = draft.part(element, LAYER, &label, value.span);
                draft.set_part_fact(part, Fact::Policy, reading.clone());
            }
        }
    }
}

/// Whom all permissions together let in; none where there are none.
fn shared_with<'a, 't: 'a>(
    draft: &Draft<'t, '_>,
    layer: &Resource<'t>,
    permissions: impl Iterator<Item = &'a Resource<'t>>,
) -> Option<Reading> {
    let mut found: Option<Found> = None;
    for permission in permissions {
        let Some(principal) = permission.properties.get("Principal") else { continue };
        let organisation = permission.properties.get("OrganizationId");
        let held = organisation.is_some_and(|value| !conditions::may_be_left_out(value));
        let outsider = organisation.and_then(outsider);
        let word = match principal.literal() {
            Some("*") if held && outsider.is_some() => Ok(Word::CrossAccount),
            Some("*") if held => Ok(Word::Org),
            Some("*") => Ok(Word::Public),
            _ => trust::foreign(principal).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account }),
        };
        let witness = outsider.or_else(|| canonical(principal)).filter(|_| word == Ok(Word::CrossAccount));
        found.get_or_insert_default().add_word(word, witness, permission.span);
    }
    found.map(|found| found.reading(draft, layer, layer.span))
}
