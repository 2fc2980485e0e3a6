//! Callers whom a policy knows by where they come from and by nothing else: address ranges, endpoints of networks.
//!
//! Comes in: the statements of a resource policy. Goes out: a part of what the policy is about for each network, and who is to have a flow to it.
//! Whoever is there needs no credential, so that such a statement admits nobody of the account, and is not open to everybody either.
//! Private ranges admit nobody: requests that reach the provider's endpoints come from public addresses, or through an endpoint of a network.
//! What the template makes itself, as its own endpoint, is nobody from outside.
//!
//! Sources: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html>.

use crate::catalog::aws::conditions::{Condition, ConditionKey};
use crate::catalog::aws::policy_document::{Effect, Principal, Statement};
use crate::catalog::aws::resource_policy;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::model::fact::{Fact, Reading, Value as Answer, Word};
use crate::model::resource::{Property, Value};
use core::net::IpAddr;

/// So many ranges of a statement are named; of more the number.
const MOST_NAMED: usize = 3;

/// The networks that a statement lets in, made where they are named for the first time, and says so of what it is about. Addresses are no
/// news of an API that the internet reaches: its routes say who calls.
pub(crate) fn admit<'t>(draft: &mut Draft<'t, '_>, statement: &Statement<'t>, target: ElementIndex) -> Vec<ElementIndex> {
    if statement.effect != Effect::Allow || !knows_networks_alone(statement) || draft.element_at(target).outside.is_some() {
        return Vec::new();
    }
    let of = |key| statement.conditions.iter().filter(move |condition| condition.key == key && condition.narrows());
    let endpoints: Vec<Property<'t>> = of(ConditionKey::VpcEndpoint).flat_map(|condition| condition.values.iter().copied()).collect();
    let mut networks = Vec::new();
    if endpoints.is_empty() {
        if !resource_policy::is_api(draft, target)
            && let Some(ranges) = of(ConditionKey::SourceAddress).find_map(ranges)
        {
            networks.push((draft.external(Outsider::Host(&shown(&ranges)), statement.span), shown(&ranges)));
        }
    } else {
        networks.extend(endpoints.iter().filter_map(|endpoint| outside(draft, endpoint)));
    }
    if !asks_for_more(draft, target) {
        for (_, name) in &networks {
            let part = draft.part(target, "network_caller", name, statement.span);
            draft.set_part_fact(part, Fact::Anonymous, Reading::known(Answer::Flag(true), draft.stated(statement.span)));
        }
    }
    networks.into_iter().map(|(network, _)| network).collect()
}

/// Whether callers prove who they are whatever the policy says: every route of an API asks for it, or a search domain for a password.
fn asks_for_more(draft: &Draft<'_, '_>, target: ElementIndex) -> bool {
    match draft.element_at(target).facts.value(Fact::Authn) {
        Some(Answer::Word(Word::None | Word::ApiKey | Word::Unknown)) | None => false,
        Some(Answer::Word(Word::Password)) => true,
        Some(_) => resource_policy::is_api(draft, target),
    }
}

/// Whether a statement is for everybody, and holds them to networks alone.
fn knows_networks_alone(statement: &Statement<'_>) -> bool {
    statement.principals.iter().any(|principal| matches!(principal, Principal::Everyone))
        && resource_policy::everyone(statement) == Word::Account
        && !statement.is_pinned_by(ConditionKey::Caller)
        && !statement.is_pinned_by(ConditionKey::SourceAccount)
}

/// The public ranges of a condition; `None` where there are none.
fn ranges(condition: &Condition<'_>) -> Option<Vec<String>> {
    let mut ranges: Vec<String> = condition.values.iter().filter_map(name).filter(|range| !is_private(range)).collect();
    ranges.sort_unstable();
    ranges.dedup();
    (!ranges.is_empty()).then_some(ranges)
}

fn name(value: &Property<'_>) -> Option<String> {
    match value.value {
        Value::External(external) => Some(external.name.to_owned()),
        _ => canonical(value),
    }
}

fn is_private(range: &str) -> bool {
    let address = range.split('/').next().unwrap_or(range);
    match address.parse() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_loopback() || address.is_unicast_link_local(),
        Err(_) => false,
    }
}

fn shown(ranges: &[String]) -> String {
    let named = ranges.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match ranges.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// The endpoint or network of somebody else; `None` for what the template makes itself.
fn outside<'t>(draft: &mut Draft<'t, '_>, endpoint: &Property<'t>) -> Option<(ElementIndex, String)> {
    let name = name(endpoint)?;
    match endpoint.value {
        Value::External(external) => Some((draft.external(Outsider::Carried(external), endpoint.span), name)),
        Value::Text(_) => Some((draft.external(Outsider::Named(&name), endpoint.span), name)),
        _ => None,
    }
}
