//! What a user pool stands in front of: the routes that ask for its tokens and for no scope, so that whoever registers there may call them.
//!
//! Comes in: the routes of an API, and whose tokens its authorizers take. Goes out: `few_routes` of each pool, by whose names they are meant for
//! those who run a system, and `member_routes`, the others. A pool whose trigger looks at who registers has neither.

use crate::catalog::aws::api_routes::{Credential, Route};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::spelling;
use crate::source::Span;

/// Words in the path of a route or in the name of a pool that is not meant for everybody who has an account.
const FOR_FEW: &[&str] = &["admin", "administration", "administrator", "administrators", "admins", "backoffice", "staff", "superuser"];

/// Puts what the pools behind an API's authorizers guard into the draft; `issuers` are those of each authorizer, by its address or name.
pub(crate) fn state(draft: &mut Draft<'_, '_>, issuers: &[(String, Vec<ElementIndex>)], routes: &[Route<'_>]) {
    let takes_tokens = |route: &&Route<'_>| matches!(route.credential, Credential::Known(Word::Cognito | Word::Jwt));
    for route in routes.iter().filter(|route| !route.preflight && !route.scoped).filter(takes_tokens) {
        let own = match (&route.authorizer, issuers) {
            (Some(name), _) => issuers.iter().find(|(known, _)| known == name),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        for pool in own.map(|(_, pools)| pools.as_slice()).unwrap_or_default() {
            guard(draft, *pool, route);
        }
    }
}

fn guard(draft: &mut Draft<'_, '_>, pool: ElementIndex, route: &Route<'_>) {
    let element = draft.element_at(pool);
    if element.service != "user_pool" || looks_at_who_registers(draft, &element.address) {
        return;
    }
    let path = route.name.split_once(' ').map_or("", |(_, path)| path);
    let own_name = element.address.rsplit('.').next().unwrap_or_default();
    let is_for_few = [path, own_name].into_iter().flat_map(spelling::words).any(|word| FOR_FEW.contains(&word.as_str()));
    let [few, members] = if is_for_few { [Some(&route.name), None] } else { [None, Some(&route.name)] };
    for (fact, added) in [(Fact::FewRoutes, few), (Fact::MemberRoutes, members)] {
        add(draft, pool, (fact, added), route.span);
    }
}

/// Adds a route to a list, which is there from the first of either kind on.
fn add(draft: &mut Draft<'_, '_>, pool: ElementIndex, (fact, added): (Fact, Option<&String>), span: Span) {
    let known = match draft.element_at(pool).facts.value(fact) {
        Some(Value::List(known)) => Some(known.clone()),
        _ => None,
    };
    if known.is_some() && added.is_none() {
        return;
    }
    let mut names = known.unwrap_or_default();
    names.extend(added.cloned());
    names.sort_unstable();
    names.dedup();
    let reading = Reading::known(Value::List(bounded(names)), draft.stated(span));
    draft.set_fact(pool, fact, reading);
}

/// Whether a function of the pool's own is asked before anybody has an account.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html>
fn looks_at_who_registers(draft: &Draft<'_, '_>, address: &str) -> bool {
    draft.resource(address).is_some_and(|pool| pool.properties.at("LambdaConfig.PreSignUp").is_some())
}
