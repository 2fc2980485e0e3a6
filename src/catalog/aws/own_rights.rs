//! Which of its own rights a role can write, and of whom else it writes them by a part of their names.
//!
//! Comes in: the grants of a role. Goes out: what of them writes the rights of identities or policies that a pattern or a name picks out; whether
//! the role itself, or a policy that it holds, is among them. What is granted on everything is another matter: `role_facts` tells of it.
//! A statement under a condition is left out: `iam:PermissionsBoundary` and `iam:PolicyARN` are how such rights are bounded.

use crate::catalog::aws::iam::{Grant, Grants};
use crate::catalog::aws::policy_document::{Scope, Statement};
use crate::catalog::draft::Draft;
use crate::catalog::names::{Arn, canonical};
use crate::catalog::paths;
use crate::model::pattern;
use crate::model::resource::{Property, Resource};

/// Actions that write what a role or user may do, or what a policy allows, with what ARNs call that: of anything else they grant nothing.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>
const WRITES: &[(&str, &str)] = &[
    ("iam:AddUserToGroup", "group/"),
    ("iam:AttachGroupPolicy", "group/"),
    ("iam:AttachRolePolicy", "role/"),
    ("iam:AttachUserPolicy", "user/"),
    ("iam:CreatePolicyVersion", "policy/"),
    ("iam:DeleteRolePermissionsBoundary", "role/"),
    ("iam:DeleteUserPermissionsBoundary", "user/"),
    ("iam:PutGroupPolicy", "group/"),
    ("iam:PutRolePolicy", "role/"),
    ("iam:PutUserPolicy", "user/"),
    ("iam:SetDefaultPolicyVersion", "policy/"),
    ("iam:UpdateAssumeRolePolicy", "role/"),
];
/// What identities and policies are called in ARNs.
const KINDS: [&str; 4] = ["group/", "policy/", "role/", "user/"];

/// A grant that writes rights, and what it writes them of.
pub(super) struct Written<'a> {
    pub grant: Grant<'a>,
    /// The one action of the list that it grants, or the first of several.
    pub action: &'static str,
    /// As an ARN names it, without its account: `policy/orders-*`.
    pub pattern: String,
    /// Whether the holder itself, or a policy that it holds, is among what the pattern covers.
    pub is_own: bool,
}

/// What of the grants writes rights by a name or a pattern of names; of a name only where it is its own.
pub(super) fn written<'a, 't>(draft: &Draft<'t, '_>, role: &Resource<'t>, grants: &'a Grants<'t>) -> Vec<Written<'a>> {
    let own = own_names(draft, role);
    let bounded = |statement: &Statement<'_>| statement.conditions.iter().any(|condition| condition.can_fail());
    let statements = grants.statements.iter().filter(|statement| !statement.on_everything && !bounded(statement));
    let mut found = Vec::new();
    for statement in statements {
        let Scope::Only(resources) = &statement.resources else { continue };
        for grant in grants.of(statement) {
            for pattern in resources.iter().filter_map(named) {
                let fits = |kind: &str| pattern.starts_with(kind) || pattern.starts_with("${");
                let written = WRITES.iter().find(|(action, kind)| fits(kind) && grant.covers(action));
                let Some((action, _)) = written else { continue };
                let is_own = own.iter().any(|name| pattern::matches(&pattern, name));
                if is_own || is_pattern(&pattern) {
                    found.push(Written { grant, action, pattern, is_own });
                }
            }
        }
    }
    found
}

impl Written<'_> {
    /// As it is told: the action as written, and on what.
    pub(super) fn shown(&self) -> String {
        format!("{} on {}", self.grant.action, self.pattern)
    }
}

/// Whether an action may be for what a statement names, and no other rule tells of it: of those that write rights neither what they are not for, nor
/// what is named by a pattern.
pub(super) fn may_be_for(action: &str, name: &str) -> bool {
    let kind = WRITES.iter().find(|(known, _)| *known == action).map(|(_, kind)| *kind);
    kind.is_none_or(|kind| !is_pattern(name) && !KINDS.iter().any(|other| *other != kind && name.starts_with(other)))
}

/// What a resource of a statement names: the part of its ARN behind the account, or the address of what is of this template.
fn named(resource: &Property<'_>) -> Option<String> {
    let text = canonical(resource)?;
    match Arn::parse(&text) {
        Some(arn) if arn.service == "iam" && !arn.is_of_provider() => {
            KINDS.iter().any(|kind| arn.resource.starts_with(kind)).then_some(arn.resource)
        }
        Some(_) => None,
        None => resource.reference().map(|reference| format!("${{{}}}", reference.address)),
    }
}

/// Whether a wildcard stands in it, outside of what is filled in. A variable of policies names whoever calls.
pub(super) fn is_pattern(text: &str) -> bool {
    let mut depth = 0_u32;
    let has_wildcard = text.chars().any(|letter| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(letter, '*' | '?')
    });
    has_wildcard && !text.contains("${aws:")
}

/// The names of a role and of the policies that it holds, as ARNs and as references give them. What has no name of its own is called after the stack.
fn own_names<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>) -> Vec<String> {
    let attached = paths::find(&role.properties, "ManagedPolicyArns[]");
    let listed = attached.iter().filter_map(|policy| draft.resource(policy.reference()?.address));
    let beside = draft.attached(role.address).filter(|policy| policy.kind == "AWS::IAM::ManagedPolicy");
    let policies = listed.chain(beside).map(|policy| (policy, "policy", "ManagedPolicyName"));
    let itself = match role.kind {
        "AWS::IAM::User" => (role, "user", "UserName"),
        "AWS::IAM::Group" => (role, "group", "GroupName"),
        "AWS::IAM::ManagedPolicy" => (role, "policy", "ManagedPolicyName"),
        _ => (role, "role", "RoleName"),
    };
    let mut names = Vec::new();
    for (resource, kind, property) in policies.chain([itself]) {
        let path = resource.properties.get("Path").and_then(canonical).unwrap_or_else(|| "/".to_owned());
        let name = match resource.properties.get(property) {
            Some(name) => canonical(name),
            None => Some(format!("${{stack}}-{}-", resource.address)),
        };
        names.extend(name.map(|name| format!("{kind}{path}{name}")));
        names.push(format!("${{{}}}", resource.address));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::is_pattern;

    #[test]
    fn wildcards_count_outside_of_what_is_filled_in() {
        for (text, expected) in [
            ("policy/orders-*", true),
            ("role/${param:Service}-*", true),
            ("role/${?}", false),
            ("role/orders", false),
            ("user/${aws:username}", false),
            ("user/${aws:username}*", false),
        ] {
            assert_eq!(is_pattern(text), expected, "{text}");
        }
    }
}
