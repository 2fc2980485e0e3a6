//! Who is let in by what stands alone: a policy on something that is not here, a policy on a type without rules of its own, a share.
//!
//! Comes in: a resource that names principals. Goes out: a part of what bears it, or of itself, with the policy facts.

use crate::catalog::aws::policy_document::{self, Statement};
use crate::catalog::aws::resource_policy::Found;
use crate::catalog::aws::{Resolver, denial, trust};
use crate::catalog::draft::{Carrier, Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::fact::Word;
use crate::model::resource::{Alternatives, Property, Resource, Value};

/// The service of such a part, which rules name.
const SHARED: &str = "shared_resource";

/// The part of what bears a policy that the policy is.
pub(super) fn part<'t>(draft: &mut Draft<'t, '_>, bearer: ElementIndex, policy: &Resource<'t>) -> Carrier {
    Carrier::Part(draft.part(bearer, SHARED, policy.address, policy.span))
}

/// Whom a policy lets in, as facts of the policy.
pub(super) fn admit<'t>(draft: &mut Draft<'t, '_>, policy: &Resource<'t>, bearer: ElementIndex, statements: &[Statement<'t>]) {
    let mut found = Found::default();
    statements.iter().for_each(|statement| found.add(statement));
    let (part, holder) = (part(draft, bearer, policy), draft.home(policy));
    found.state(draft, part, &holder, policy.span);
}

/// The resolver of what is shared by naming accounts, organisations or identities, without a policy.
pub(crate) fn resolve_shared<'t>(draft: &mut Draft<'t, '_>, share: &Resource<'t>) {
    let Some(entry) = draft.entry(share.address) else { return };
    let named: Vec<Property<'t>> = entry.admits.iter().flat_map(|path| paths::find(&share.properties, path)).collect();
    if named.is_empty() {
        return;
    }
    let mut found = Found::default();
    for principal in named {
        let text = canonical(&principal);
        let word = match text.as_deref() {
            Some("*") => Ok(Word::Public),
            Some(text) if text.contains(":organizations:") => Ok(Word::Org),
            _ => trust::foreign(&principal).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account }),
        };
        let witness = text.filter(|_| word != Ok(Word::Account));
        found.add_word(word, witness, principal.span);
    }
    let bearer = draft.element(share.address).unwrap_or_else(|| draft.alone(share));
    let (part, holder) = (part(draft, bearer, share), draft.home(share));
    found.state_policy(draft, part, &holder, share.span);
}

/// What every resource may bear that no other resolver reads: a policy that names principals, of whatever type the resource is. What such a
/// policy allows counts by itself.
pub(super) fn resolve_any<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    // The policy of an endpoint lets nobody in, but holds back who is in already.
    if resource.kind == "AWS::EC2::VPCEndpoint"
        || draft.entry(resource.address).is_some_and(|entry| entry.resolvers.iter().any(reads_policy))
    {
        return;
    }
    let Value::Map(entries) = resource.properties.value else { return };
    for document in entries.iter().map(|entry| &entry.value).filter(|value| names_principals(value)) {
        let mut statements = policy_document::read(document);
        denial::narrow(&mut statements);
        let bearer = draft.element(resource.address).unwrap_or_else(|| draft.alone(resource));
        admit(draft, resource, bearer, &statements);
    }
}

fn reads_policy(resolver: &Resolver) -> bool {
    matches!(resolver, Resolver::DevicePolicy | Resolver::Iam | Resolver::IamPolicy | Resolver::KeyPolicy | Resolver::ResourcePolicy)
}

/// Whether a value is a policy document with a statement that names principals, in whatever branch of a condition.
fn names_principals(value: &Property<'_>) -> bool {
    match value.value {
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(names_principals),
        Value::Map(_) => value.get("Statement").is_some_and(has_principal),
        _ => false,
    }
}

fn has_principal(statement: &Property<'_>) -> bool {
    match statement.value {
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => items.iter().any(has_principal),
        Value::Map(_) => statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some(),
        _ => false,
    }
}
