//! Which roles that nobody named a holder may act with: by a pattern of their names, or in any account.
//!
//! Comes in: the grants of a role. Goes out: those that take on roles so, each with the pattern. What is granted on everything is another matter:
//! `role_facts` tells of it. A role that is named, in an account that is named, is none of these, nor is what hangs on a condition that can fail.
//! Of an account that is a wildcard every account counts that trusts this one, as those of an organisation trust its own for
//! `OrganizationAccountAccessRole`: <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html>.

use crate::catalog::aws::iam::{Grant, Grants};
use crate::catalog::aws::own_rights::is_pattern;
use crate::catalog::aws::policy_document::{Scope, Statement};
use crate::catalog::draft::Draft;
use crate::catalog::names::{Arn, canonical};

/// What taking on the rights of a role is called.
pub(super) const ASSUME: &str = "sts:AssumeRole";
/// What roles are called in ARNs.
const ROLE: &str = "role/";
/// The account that a unit is deployed to, and the beginnings of the names of roles that its stack makes.
const OWN_ACCOUNT: &str = "${account}";
const OWN_ROLES: [&str; 2] = ["role/${stack}-", "role/${stack}/"];
/// What a statement may cost for each of its resources.
const STEPS: usize = 1;

/// A grant of roles by a pattern, and how it is told: `sts:AssumeRole on role/*Admin* of any account`.
pub(super) struct Assumed<'a> {
    pub grant: Grant<'a>,
    pub shown: String,
}

/// What of the grants takes on roles that nobody named.
pub(super) fn of<'a, 't>(draft: &Draft<'t, '_>, grants: &'a Grants<'t>) -> Vec<Assumed<'a>> {
    let is_bounded = |statement: &Statement<'_>| statement.conditions.iter().any(|condition| condition.can_fail());
    let mut found: Vec<Assumed<'_>> = Vec::new();
    for statement in grants.statements.iter().filter(|statement| !statement.on_everything && !is_bounded(statement)) {
        let Scope::Only(resources) = &statement.resources else { continue };
        for grant in grants.of(statement).filter(|grant| grant.covers(ASSUME)) {
            if !draft.spend(resources.len() * STEPS, statement.span) {
                return found;
            }
            for roles in resources.iter().filter_map(canonical).filter_map(|text| unnamed(&text)) {
                let shown = format!("{ASSUME} on {roles}");
                if !found.iter().any(|other| other.shown == shown && other.grant.span == grant.span) {
                    found.push(Assumed { grant, shown });
                }
            }
        }
    }
    found
}

/// The roles that a text names by a pattern, as they are told; `None` where it names one, or none at all.
fn unnamed(text: &str) -> Option<String> {
    let Some(arn) = Arn::parse(text) else { return text.starts_with('*').then(|| text.to_owned()) };
    let is_of_roles = !arn.service.is_empty()
        && (arn.service == "iam" || is_pattern(&arn.service))
        && (arn.resource.starts_with(ROLE) || arn.resource.starts_with('*'));
    if !is_of_roles || !is_pattern(&arn.resource) && !is_pattern(&arn.account) {
        return None;
    }
    // Roles that go by the name of the stack are its own.
    if arn.account == OWN_ACCOUNT && OWN_ROLES.iter().any(|own| arn.resource.starts_with(own)) {
        return None;
    }
    Some(if is_pattern(&arn.account) { format!("{} of any account {}", arn.resource, arn.account) } else { arn.resource })
}

#[cfg(test)]
mod tests {
    use super::unnamed;

    #[test]
    fn roles_are_named_or_picked_by_a_pattern() {
        for (text, expected) in [
            ("arn:aws:iam::*:role/Deploy", Some("role/Deploy of any account *")),
            ("arn:aws:iam::1111????2222:role/Deploy", Some("role/Deploy of any account 1111????2222")),
            ("arn:aws:iam::111122223333:role/*Admin*", Some("role/*Admin*")),
            ("arn:aws:iam::${account}:role/cdk-hnb659fds-*", Some("role/cdk-hnb659fds-*")),
            ("arn:*:iam::111122223333:role/cdk-*", Some("role/cdk-*")),
            ("arn:aws:iam::${account}:role/${stack}-*", None),
            ("arn:aws:iam::${account}:role/${stack}*", Some("role/${stack}*")),
            ("arn:aws:iam::*:role/${stack}-*", Some("role/${stack}-* of any account *")),
            ("arn:aws:iam::111122223333:role/deploy", None),
            ("arn:aws:iam::${account}:role/${param:Role}", None),
            ("arn:aws:iam::111122223333:user/*", None),
            ("arn:aws:s3:::shop/*", None),
            ("${Role}", None),
        ] {
            assert_eq!(unnamed(text).as_deref(), expected, "{text}");
        }
    }
}
