//! Who uses something because its own policy lets them in: everybody, organisations, other accounts, roles of the template, services of the provider.
//!
//! Comes in: a resource policy, once all other flows are known. Goes out: a flow from each principal to what the policy is about. A service
//! that something of the template already stands for adds nothing; one that the template does not use is of the second rank.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::iam;
use crate::catalog::aws::policy_document::{ConditionKey, Effect, Principal, Statement};
use crate::catalog::aws::{network_callers, resource_policy, trust};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::names::{self, Arn, canonical};
use crate::catalog::targets::Target;
use crate::model::fact::{Fact, Word};
use crate::model::resource::{Property, Resource, Value};
use crate::model::{Basis, FlowKind, Means, Rank};
use std::collections::BTreeSet;

/// Services that put logs and nothing else where they are let in, as they sign themselves.
const LOGGING: &[&str] =
    &["cloudtrail", "config", "delivery.logs", "elasticloadbalancing", "logdelivery.elasticloadbalancing", "logging.s3"];

/// The resolver that follows `resource_policy` on every type with a policy. Who calls an API is told by its routes, but for the networks
/// that a private one lets in.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    for (targets, statements) in resource_policy::documents(draft, resource) {
        for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            let uses = uses(statement);
            for target in &targets {
                for network in network_callers::admit(draft, statement, *target) {
                    add(draft, network, *target, &uses, statement, Rank::First);
                }
                if resource_policy::is_api(draft, *target) {
                    continue;
                }
                for principal in &statement.principals {
                    admit(draft, statement, principal, *target, &uses);
                }
            }
        }
    }
}

/// The means by which the principals of a statement use its target; in order, unique.
fn uses(statement: &Statement<'_>) -> BTreeSet<Access> {
    iam::actions(statement)
        .flat_map(|grant| match grant.action {
            "*" => vec![Access::Read, Access::Write],
            action => actions::access(&resource_policy::lower_service(action)),
        })
        .filter(|access| matches!(access, Access::Read | Access::Write | Access::Invoke | Access::Publish | Access::Receive))
        .collect()
}

fn admit<'t>(
    draft: &mut Draft<'t, '_>,
    statement: &Statement<'t>,
    principal: &Principal<'t>,
    target: ElementIndex,
    uses: &BTreeSet<Access>,
) {
    match principal {
        Principal::Everyone if resource_policy::everyone(statement) == Word::Public && !is_guarded(draft, target) => {
            let client = draft.external(Outsider::Client, statement.span);
            add(draft, client, target, uses, statement, Rank::First);
        }
        Principal::Everyone if statement.is_pinned_by(ConditionKey::Organization) => {
            for organization in organizations(draft, statement) {
                add(draft, organization, target, uses, statement, Rank::First);
            }
        }
        Principal::Service(name) => admit_service(draft, statement, name, target, uses),
        Principal::Identity(identity) => {
            for who in identities(draft, identity) {
                add(draft, who, target, uses, statement, Rank::First);
            }
        }
        // What signs in through a provider does it with a role; a distribution's identity is told by its origins.
        Principal::Everyone | Principal::Federated(_) | Principal::CanonicalUser(_) | Principal::Unknown(_) => {}
    }
}

/// The organisations that a statement for everybody is held to: each stands for the accounts in it.
fn organizations<'t>(draft: &mut Draft<'t, '_>, statement: &Statement<'t>) -> Vec<ElementIndex> {
    let held = statement.conditions.iter().filter(|condition| condition.key == ConditionKey::Organization);
    let values = held.flat_map(|condition| &condition.values);
    let targets: Vec<_> = values.flat_map(|value| draft.targets(value).into_iter().map(|target| (target, value.span))).collect();
    let end = |(target, span)| match target {
        Target::External(external) => Some(draft.external(Outsider::Carried(external), span)),
        // Of a path within an organisation, `o-1/r-1/ou-1/*`, the organisation.
        Target::Name(path) => path.split('/').next().map(|id| draft.external(Outsider::Account(id), span)),
        Target::Resource(_) | Target::Arn(_) | Target::Wildcard | Target::Unknown(_) => None,
    };
    targets.into_iter().filter_map(end).collect()
}

/// Whether a guard refuses what the policy would let in, or no way leads there.
fn is_guarded(draft: &Draft<'_, '_>, target: ElementIndex) -> bool {
    let facts = &draft.element_at(target).facts;
    facts.is(Fact::PublicBlock, Word::On) || facts.is(Fact::Exposure, Word::Vpc)
}

/// The elements that an identity stands for: the holders of a role of the template, another account, what a parameter carries.
pub(crate) fn identities(draft: &mut Draft<'_, '_>, identity: &Property<'_>) -> Vec<ElementIndex> {
    if let Some(reference) = identity.reference() {
        let mut holders = draft.holders(reference.address);
        holders.extend(draft.element(reference.address));
        return holders;
    }
    if let Value::External(external) = identity.value {
        return vec![draft.external(Outsider::Carried(external), identity.span)];
    }
    if trust::foreign(identity) != Ok(true) {
        return Vec::new();
    }
    let text = canonical(identity).unwrap_or_default();
    let account = Arn::parse(&text).map_or(text, |arn| arn.account);
    if names::is_account_number(&account) { vec![draft.external(Outsider::Account(&account), identity.span)] } else { Vec::new() }
}

fn admit_service(draft: &mut Draft<'_, '_>, statement: &Statement<'_>, name: &str, target: ElementIndex, uses: &BTreeSet<Access>) {
    let name = name.strip_suffix(".amazonaws.com").unwrap_or(name);
    let is_of = |draft: &Draft<'_, '_>, end| resource_policy::is_of_service(draft, end, name.split('.').next().unwrap_or(name));
    let known = draft.reaching(target).any(|from| is_of(draft, from)) || draft.leaving(target).any(|(to, _)| is_of(draft, to));
    if known {
        return;
    }
    let service = draft.external(Outsider::Service(name), statement.span);
    let used = draft.reaching(service).next().is_some();
    let logs = BTreeSet::from([Access::Log]);
    let uses = if LOGGING.contains(&name) && uses.contains(&Access::Write) { &logs } else { uses };
    add(draft, service, target, uses, statement, if used { Rank::First } else { Rank::Second });
}

fn add(draft: &mut Draft<'_, '_>, from: ElementIndex, to: ElementIndex, uses: &BTreeSet<Access>, statement: &Statement<'_>, rank: Rank) {
    for access in uses {
        let means = match access {
            Access::Read | Access::Receive => Means::Read,
            Access::Write => Means::Write,
            Access::Invoke => Means::Invoke,
            Access::Publish => Means::Publish,
            Access::Log => Means::Log,
            Access::Configure | Access::Describe => continue,
        };
        // What a source delivers, or a function is already known to do, is the flow that is there.
        let is_there = draft.has_event(to, from) || means == Means::Publish && draft.has_event(from, to);
        if from == to || is_there {
            continue;
        }
        let mut flow = FlowDraft::new(from, to, means, Basis::Policy, statement.span).via("resource policy");
        flow.rank = flow.rank.max(rank);
        if *access == Access::Receive {
            flow.kind = FlowKind::Poll;
        }
        draft.flow(flow);
    }
}
