//! Policies of endpoints in a network: what leaves by one goes to what its policy names, whoever's credentials are used.
//!
//! Comes in: an endpoint. Goes out: its policy, where that lets nobody write to whatever there is, in any account. Where it does, or where there is no
//! policy, the endpoint holds nothing back.
//! Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html>.

use crate::catalog::aws::action_weight;
use crate::catalog::aws::actions::{Access, access};
use crate::catalog::aws::conditions::{Condition, ConditionKey};
use crate::catalog::aws::iam;
use crate::catalog::aws::policy_document::{self, Effect, Statement};
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

const POLICY: &str = "PolicyDocument";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, endpoint: &Resource<'t>) {
    let Some(policy) = endpoint.properties.get(POLICY) else { return };
    let statements = policy_document::read(policy);
    if !statements.is_empty() && !statements.iter().any(lets_out) {
        collector.add_text(endpoint, (Kind::Guard, POLICY), "", policy.span);
    }
}

/// Whether a statement lets data out to whatever takes it; also where that cannot be told.
fn lets_out(statement: &Statement<'_>) -> bool {
    let writes = |action: &str| {
        let carries = |access: &Access| matches!(access, Access::Write | Access::Publish | Access::Invoke);
        action_weight::weighs(action) || access(action).iter().any(carries)
    };
    // Whose it is that is reached, or who calls.
    let pins = |condition: &Condition<'_>| {
        let tells = condition.key.narrows_callers() || matches!(condition.key, ConditionKey::ResourceTag | ConditionKey::Other);
        tells && condition.narrows()
    };
    let is_open = statement.on_everything && iam::actions(statement).any(|grant| writes(grant.action));
    statement.effect == Effect::Allow && (statement.unresolved.is_some() || is_open && !statement.conditions.iter().any(pins))
}
