//! Schedules that call an operation of a service by its name: on what the operation acts.
//!
//! Comes in: the target of a schedule, `arn:aws:scheduler:::aws-sdk:<service>:<operation>` with the input of the call. Goes out: the
//! elements that the input names where the operation sends, starts or writes something, and the service as a whole otherwise.
//! Source: <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html>, read 2026-11-28.

use crate::catalog::aws::{actions, asl, state_machine};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::embedded;
use crate::catalog::names::{Arn, canonical};
use crate::model::resource::{Property, Value};
use bumpalo::Bump;

/// The elements that a call acts on; `None` where the target is a resource and no operation.
pub(crate) fn ends<'t>(draft: &mut Draft<'t, '_>, target: &Property<'t>) -> Option<Vec<ElementIndex>> {
    let arn = Arn::parse(&canonical(target.get("Arn")?)?).filter(|arn| arn.service == "scheduler")?;
    let (service, operation) = arn.resource.strip_prefix("aws-sdk:")?.split_once(':')?;
    let service = asl::iam_prefix(service);
    let arena = Bump::new();
    let input = target.get("Input").filter(|input| spend(draft, input)).and_then(|input| embedded::tree(input, &arena).ok());
    let named = match input {
        Some(input) if actions::is_data_action(&state_machine::action_of(service, operation)) => {
            asl::targets_in(&[], service, operation, &input)
        }
        Some(_) | None => Vec::new(),
    };
    let mut ends: Vec<ElementIndex> = named.iter().flat_map(|named| state_machine::ends_of(draft, named, service, target.span)).collect();
    if ends.is_empty() {
        ends.push(draft.external(state_machine::unnamed(service, named.first()), target.span));
    }
    Some(ends)
}

/// Whether the text of an input may be read.
fn spend(draft: &Draft<'_, '_>, input: &Property<'_>) -> bool {
    match input.value {
        Value::Text(text) => draft.spend_text(text.len(), input.span),
        Value::Joined(pieces) => pieces.iter().filter_map(Property::literal).all(|text| draft.spend_text(text.len(), input.span)),
        _ => true,
    }
}
