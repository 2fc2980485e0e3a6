//! Which secrets a role reads that somebody acts with whom no flow tells: of a role that nothing here holds, whoever stands elsewhere, and of one that
//! an identity pool hands out, everybody who signs in.
//!
//! Comes in: a role, or a policy that is attached elsewhere, with its grants. Goes out: the fact `secrets_reached` on its part or on the pool, with the
//! secrets that statements name. What reaches all secrets is said of the role's scope.

use crate::catalog::aws::iam::Grants;
use crate::catalog::aws::policy_document::Statement;
use crate::catalog::draft::{Draft, ElementIndex, PartIndex};
use crate::catalog::names::Arn;
use crate::catalog::witnesses::bounded;
use crate::model::cause::CauseKind;
use crate::model::fact::{Fact, Reading, Share, Value};
use crate::model::resource::Resource;

/// Actions that read a secret.
const READS: [&str; 2] = ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"];
/// What stands in the name of what is one user's own.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html>
const OWN: &str = "cognito-identity.amazonaws.com:sub";

pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, bearer: &Resource<'t>, grants: &Grants<'t>, part: PartIndex) {
    if let Some(reading) = reached(draft, bearer, grants, &|statement| !statement.on_everything, &|_| true) {
        draft.set_part_fact(part, Fact::SecretsReached, reading);
    }
}

/// The same of a role that an identity pool hands out to whoever signs in, or to guests: what is a user's own is told by the user's id in its name.
pub(super) fn state_handed_out<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>, grants: &Grants<'t>, holder: ElementIndex) {
    if draft.element_at(holder).service != "identity_pool" {
        return;
    }
    if let Some(reading) = reached(draft, role, grants, &|statement| !statement.is_at_large(), &|name| !name.contains(OWN)) {
        draft.set_fact(holder, Fact::SecretsReached, reading);
    }
}

/// The secrets that statements name.
fn reached<'t>(
    draft: &Draft<'t, '_>,
    bearer: &Resource<'t>,
    grants: &Grants<'t>,
    counts: &dyn Fn(&Statement<'t>) -> bool,
    is_meant: &dyn Fn(&str) -> bool,
) -> Option<Reading> {
    let mut names = Vec::new();
    let mut shares = Vec::new();
    let mut first = None;
    for statement in grants.statements.iter().filter(|statement| counts(statement)) {
        if !grants.of(statement).any(|grant| READS.iter().any(|action| grant.covers(action))) {
            continue;
        }
        // A statement may name other things beside secrets; of a symbol nobody knows that it is none.
        let is_secret = |text: &String| Arn::parse(text).is_none_or(|arn| arn.service == "secretsmanager" || arn.service == "*");
        let named = statement.reached_resources().into_iter().filter(is_secret);
        let reached: Vec<String> = named.filter(|name| is_meant(name)).collect();
        if reached.is_empty() {
            continue;
        }
        first.get_or_insert(statement.span);
        let cause = draft.cause(CauseKind::Statement, statement.span, bearer, statement.meaning());
        let share = draft.share(cause, Value::List(bounded(reached.clone())), None, statement.span);
        shares.push(Share { reach: reached.clone(), ..share });
        names.extend(reached);
    }
    Some(Reading::known(Value::List(bounded(names)), draft.stated(first?)).shared(shares))
}
