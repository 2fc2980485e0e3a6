//! Outputs of a stack that show a secret: everybody who may look at the stack reads them, and they are kept with it.
//!
//! Comes in: the outputs that a format has read. Goes out: for each that shows a secret an external entity with the fact that says which.
//! An output of an ARN, an id or a name of a secret is none. What is exported for other stacks to import and means everybody, as a range or a
//! principal, is told here: whoever imports it need not change to be open.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html>, read 2026-11-28.

use crate::catalog::draft::Draft;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::names::{Arn, canonical, is_account_number};
use crate::catalog::{governed, ranges, secrets};
use crate::model::decision::Decision;
use crate::model::fact::{Fact, Reading, Value as Answer};
use crate::model::resource::{Alternatives, External, ExternalKind, Output, Property, Reference, Value};

pub(crate) fn lower<'t>(draft: &mut Draft<'t, '_>, outputs: &[Output<'t>]) {
    for output in outputs {
        if !draft.spend(1, output.span) {
            return;
        }
        if let Some(range) = output.export.as_ref().and_then(|name| Some((name, everybody(&output.value)?))) {
            let (name, text) = range;
            let element = draft.external(Outsider::Output(output.name), output.span);
            let witness = format!("{} as {}", text, canonical(name).unwrap_or_else(|| output.name.to_owned()));
            let origin = draft.stated(output.value.span);
            draft.set_fact(element, Fact::OpenExport, Reading::known(Answer::Flag(true), origin).witnessed(vec![witness]));
        }
        if output.export.is_some()
            && let Some(text) = identity(&output.value)
        {
            let decision = Decision { name: output.name, what: "whom or what stacks that import it name", text, span: output.value.span };
            governed::lower(draft, &[decision]);
        }
        let Some(shown) = shown(draft, output.name, &output.value) else { continue };
        let element = draft.external(Outsider::Output(output.name), output.span);
        let origin = draft.stated(output.value.span);
        draft.set_fact(element, Fact::SecretOutput, Reading::known(Answer::Flag(true), origin).witnessed(vec![shown]));
    }
}

/// What of a value means everybody, in any branch of a condition: a good part of the internet, or every principal.
fn everybody<'t>(value: &Property<'t>) -> Option<&'t str> {
    match value.value {
        Value::Text(text) if text == "*" || ranges::lists_wide_range(text) => Some(text),
        Value::Either(Alternatives { branches, .. }) => branches.iter().find_map(everybody),
        _ => None,
    }
}

/// The account, identity or policy that a value names by its number or ARN.
fn identity<'t>(value: &Property<'t>) -> Option<&'t str> {
    let Value::Text(text) = value.value else { return None };
    let is_identity = |arn: Arn| arn.service == "iam" && (arn.literal_account().is_some() || arn.is_of_provider());
    (is_account_number(text) || Arn::parse(text).is_some_and(is_identity)).then_some(text)
}

/// The secret that a value shows, in any branch of a condition or in a piece of its text.
fn shown(draft: &Draft<'_, '_>, name: &str, value: &Property<'_>) -> Option<String> {
    match value.value {
        Value::Text(text) => secrets::is_shown(name, text).then(|| "a literal".to_owned()),
        Value::Reference(Reference { address, attribute: Some(attribute) }) => {
            let entry = draft.entry(address).filter(|entry| entry.credentials.contains(&attribute));
            entry.map(|_| format!("{address}.{attribute}"))
        }
        Value::External(external) => is_secret(external).then(|| format!("{} {}", external.kind.words(), external.name)),
        Value::Joined(parts) | Value::Either(Alternatives { branches: parts, .. }) | Value::List(parts) => {
            parts.iter().find_map(|part| shown(draft, name, part))
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Map(_)
        | Value::Reference(_)
        | Value::Ambient(_)
        | Value::Removed
        | Value::Unknown(_) => None,
    }
}

fn is_secret(external: External<'_>) -> bool {
    match external.kind {
        ExternalKind::HiddenParameter
        | ExternalKind::StandInParameter
        | ExternalKind::WrittenParameter
        | ExternalKind::Secret
        | ExternalKind::SecureParameter => true,
        ExternalKind::DecryptedParameter => secrets::names_secret(external.name),
        // Whoever may look at the stack sees a parameter that is not hidden anyway.
        ExternalKind::Parameter
        | ExternalKind::Variable
        | ExternalKind::Import
        | ExternalKind::StoredParameter
        | ExternalKind::SecretDetail
        | ExternalKind::NestedOutput => false,
    }
}
