//! What denials leave of what a policy allows.
//!
//! Comes in: the statements of a policy. Goes out: the same, where what a denial holds everybody to stands as a condition on what it narrows:
//! `Allow *` beside `Deny * unless the address is 10.0.0.0/8` is open to 10.0.0.0/8, not to everybody.
//!
//! Never takes more off than is denied for certain: a denial under several conditions holds only where all of them do, and is passed over.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use crate::catalog::aws::actions;
use crate::catalog::aws::policy_document::{Condition, ConditionKey, Effect, Principal, Scope, Statement};
use crate::catalog::names::canonical;
use crate::model::resource::Property;

/// Most denials that are put on what a policy allows. What others take away is left to stand: more is said, and never less.
const MAX_FENCES: usize = 32;

/// Puts the conditions of denials on what they narrow.
pub(crate) fn narrow(statements: &mut [Statement<'_>]) {
    let fences: Vec<Statement<'_>> = statements.iter().filter(|statement| is_fence(statement)).take(MAX_FENCES).cloned().collect();
    for fence in &fences {
        let Some(held_to) = fence.conditions.iter().find(|condition| !is_of_services(condition)).and_then(opposite) else { continue };
        for statement in statements.iter_mut().filter(|statement| statement.effect == Effect::Allow && covers(fence, statement)) {
            statement.conditions.push(held_to.clone());
        }
    }
}

/// Denies everybody who is not this or that.
fn is_fence(statement: &Statement<'_>) -> bool {
    let mut held = statement.conditions.iter().filter(|condition| !is_of_services(condition));
    statement.effect == Effect::Deny
        && statement.is_certain
        && statement.unresolved.is_none()
        && statement.principals.iter().any(|principal| matches!(principal, Principal::Everyone))
        && held.next().is_some_and(|only| only.key.narrows_callers())
        && held.next().is_none()
}

/// What spares the provider's own services of a denial: whoever else comes is denied all the same.
fn is_of_services(condition: &Condition<'_>) -> bool {
    condition.key == ConditionKey::ByService && condition.texts().all(|text| text == "false")
}

/// The condition under which a denial does not hold.
fn opposite<'t>(condition: &Condition<'t>) -> Option<Condition<'t>> {
    let operator = match condition.operator.trim_end_matches("IfExists") {
        "NotIpAddress" => "IpAddress",
        "StringNotEquals" | "StringNotEqualsIgnoreCase" => "StringEquals",
        "StringNotLike" => "StringLike",
        "ArnNotEquals" => "ArnEquals",
        "ArnNotLike" => "ArnLike",
        _ => return None,
    };
    Some(Condition { operator, ..condition.clone() })
}

/// Whether whatever a statement allows falls under the denial.
fn covers(denial: &Statement<'_>, allowed: &Statement<'_>) -> bool {
    let (Scope::Only(denied), Scope::Only(actions)) = (&denial.actions, &allowed.actions) else { return false };
    let (Scope::Only(held), Scope::Only(resources)) = (&denial.resources, &allowed.resources) else { return false };
    let held: Vec<String> = held.iter().filter_map(canonical).collect();
    let is_held = |resource: &Property<'_>| {
        canonical(resource).is_some_and(|named| {
            held.iter().any(|pattern| *pattern == named || pattern.strip_suffix('*').is_some_and(|prefix| named.starts_with(prefix)))
        })
    };
    // The policy of a role is about the role alone. What else names nothing is not known to be covered.
    let is_of_role = resources.is_empty() && denial.resources.named().is_empty();
    !actions.is_empty()
        && (!resources.is_empty() || is_of_role)
        && actions.iter().all(|action| denied.iter().any(|written| *written == "*" || actions::covers(written, action)))
        && resources.iter().all(is_held)
}
