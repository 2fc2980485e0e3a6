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
    // <https://docs.aws.amazon.com/ram/latest/APIReference/API_CreateResourceShare.html>: nobody outside of the organisation can be added then.
    let is_within = share.properties.get("AllowExternalPrincipals").and_then(Property::literal) == Some("false");
    let mut found = Found::default();
    for principal in named {
        let text = canonical(&principal);
        let word = match text.as_deref() {
            _ if is_within => Ok(Word::Org),
            Some("*") => Ok(Word::Public),
            Some(text) if text.contains(":organizations:") => Ok(Word::Org),
            _ => trust::foreign(&principal).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account }),
        };
        // A share names accounts, organisations and identities one by one, and never everybody.
        let word = if share.kind == "AWS::RAM::ResourceShare" { word.or(Ok(Word::CrossAccount)) } else { word };
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
    // The policies of an endpoint and of an organisation let nobody in, but hold back who is in already.
    if matches!(resource.kind, "AWS::EC2::VPCEndpoint" | "AWS::Organizations::Policy")
        || draft.entry(resource.address).is_some_and(|entry| entry.resolvers.iter().any(reads_policy))
    {
        return;
    }
    let mut documents = Vec::new();
    find_documents(draft, &resource.properties, 0, &mut documents);
    for document in documents {
        let mut statements = policy_document::read(&document);
        denial::narrow(&mut statements);
        let bearer = draft.element(resource.address).unwrap_or_else(|| draft.alone(resource));
        admit(draft, resource, bearer, &statements);
    }
}

/// How deep a policy is looked for.
const MAX_DEPTH: u32 = 12;

/// The policies within a value, in whatever branch of a condition.
fn find_documents<'t>(draft: &Draft<'t, '_>, value: &Property<'t>, depth: u32, found: &mut Vec<Property<'t>>) {
    if depth > MAX_DEPTH || !draft.spend(1, value.span) {
        return;
    }
    match value.value {
        Value::Map(_) if names_principals(value) => found.push(*value),
        Value::Map(entries) => entries.iter().for_each(|entry| find_documents(draft, &entry.value, depth + 1, found)),
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| find_documents(draft, item, depth + 1, found));
        }
        _ => {}
    }
}

fn reads_policy(resolver: &Resolver) -> bool {
    matches!(resolver, Resolver::DevicePolicy | Resolver::Iam | Resolver::IamPolicy | Resolver::KeyPolicy | Resolver::ResourcePolicy)
}

/// Whether a value is a policy document with a statement that names principals.
fn names_principals(value: &Property<'_>) -> bool {
    value.get("Statement").is_some_and(has_principal)
}

fn has_principal(statement: &Property<'_>) -> bool {
    match statement.value {
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => items.iter().any(has_principal),
        Value::Map(_) => statement.get("Principal").is_some() || statement.get("NotPrincipal").is_some(),
        _ => false,
    }
}
