//! Permissions on layers: who else may load what a function loads.
//!
//! Comes in: an `AWS::Lambda::LayerVersionPermission`. Goes out: `policy` on the layer's part of every function of the template that has it.

use crate::catalog::aws::trust;
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource};

/// The resolver of permissions on layers.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, permission: &Resource<'t>) {
    let Some(layer) = permission.properties.get("LayerVersionArn").and_then(Property::reference) else { return };
    let Some(principal) = permission.properties.get("Principal") else { return };
    let origin = draft.stated(permission.span);
    let shared = |word| Reading::known(Value::Set(vec![word]), origin.clone());
    let reading = match principal.literal() {
        Some("*") if permission.properties.get("OrganizationId").is_some() => shared(Word::Org),
        Some("*") => shared(Word::Public),
        _ => match trust::foreign(principal) {
            Ok(true) => shared(Word::CrossAccount).witnessed(canonical(principal).into_iter().collect()),
            Ok(false) => shared(Word::Account),
            Err(reason) => Reading::unresolved(reason, origin.clone()),
        },
    };
    let users: Vec<&Resource<'t>> = draft.mentioning(layer.address).filter(|other| other.kind == "AWS::Lambda::Function").collect();
    for function in users {
        let Some(element) = draft.element(function.address) else { continue };
        for value in paths::find(&function.properties, "Layers[]") {
            if value.reference().is_some_and(|reference| reference.address == layer.address) {
                let label = canonical(&value).unwrap_or_default();
                let part = draft.part(element, "lambda_layer", &label, value.span);
                draft.set_part_fact(part, Fact::Policy, reading.clone());
            }
        }
    }
}
