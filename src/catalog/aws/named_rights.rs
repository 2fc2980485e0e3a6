//! Rights on what a statement names by which more is done than work on its data: who reaches it is decided, what runs there with other rights is
//! written, or it is deleted.
//!
//! Comes in: the grants of a role. Goes out: the actions of either kind, each with what its statement names. What is granted on everything is another
//! matter, and so is whose rights are written by a part of their names: `role_facts` and `own_rights` tell of these. An action counts by its own name:
//! what is given all that a service does is one's own. A statement under a condition is left out, as there.

use crate::catalog::aws::action_weight;
use crate::catalog::aws::iam::{Grant, Grants};
use crate::catalog::aws::own_rights;
use crate::catalog::aws::policy_document::{Scope, Statement};
use crate::catalog::draft::Draft;
use crate::catalog::names::{Arn, canonical};
use crate::model::resource::Property;

/// Most of a statement's resources that are told; the others are counted.
const TOLD: usize = 2;
/// What a statement may cost for each of its resources.
const STEPS: usize = 1;

/// What rights do to what they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// Lets somebody reach it, or take what it holds, or puts a program there that has its rights.
    Opens,
    /// Deletes it, or ends that it records.
    Ends,
}

/// A grant of one of these actions, and how it is told: `kms:PutKeyPolicy on key/orders`.
pub(super) struct Named<'a> {
    pub grant: Grant<'a>,
    pub shown: String,
}

/// What the grants let a holder do so with what they name.
pub(super) fn of<'a, 't>(draft: &Draft<'t, '_>, grants: &'a Grants<'t>, does: Does) -> Vec<Named<'a>> {
    let mut found = Vec::new();
    let is_bounded = |statement: &Statement<'_>| statement.conditions.iter().any(|condition| condition.can_fail());
    for statement in grants.statements.iter().filter(|statement| !statement.on_everything && !is_bounded(statement)) {
        let Scope::Only(resources) = &statement.resources else { continue };
        for grant in grants.of(statement).filter(|grant| is_meant(grant.action, does)) {
            if !draft.spend(resources.len() * STEPS, statement.span) {
                return found;
            }
            let names = names(grant.action, resources);
            if !names.is_empty() {
                found.push(Named { grant, shown: format!("{} on {}", grant.action, shown(&names)) });
            }
        }
    }
    found
}

fn is_meant(action: &str, does: Does) -> bool {
    match does {
        Does::Opens => action_weight::opens_named(action),
        Does::Ends => action_weight::ends_named(action) && !action_weight::opens_named(action),
    }
}

/// What a statement names that an action is for, in its order.
fn names(action: &str, resources: &[Property<'_>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in resources.iter().map(name).filter(|name| own_rights::may_be_for(action, name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn shown(names: &[String]) -> String {
    match names.get(TOLD..) {
        Some(rest) if !rest.is_empty() => format!("{} and {} more", names[..TOLD].join(", "), rest.len()),
        _ => names.join(", "),
    }
}

fn name(resource: &Property<'_>) -> String {
    let text = canonical(resource);
    let arn = text.as_deref().and_then(Arn::parse).map(|arn| arn.resource);
    arn.or_else(|| resource.reference().map(|reference| reference.address.to_owned()))
        .or(text)
        .unwrap_or_else(|| "what only the deployment names".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Does, is_meant};

    #[test]
    fn actions_open_end_or_work() {
        for (action, opens, ends) in [
            ("kms:PutKeyPolicy", true, false),
            ("kms:CreateGrant", true, false),
            ("kms:ScheduleKeyDeletion", false, true),
            ("kms:Decrypt", false, false),
            ("iam:CreateAccessKey", true, false),
            ("iam:PassRole", false, false),
            ("iam:CreateServiceLinkedRole", false, false),
            ("sts:AssumeRole", false, false),
            ("s3:PutBucketPolicy", true, false),
            ("s3:PutObjectAcl", false, false),
            ("s3:GetObjectAcl", false, false),
            ("ec2:GetPasswordData", true, false),
            ("s3:PutReplicationConfiguration", true, false),
            ("s3:PutObject", false, false),
            ("s3:DeleteObject", false, false),
            ("s3:DeleteBucket", false, true),
            ("s3:*", false, false),
            ("dynamodb:DeleteTable", false, true),
            ("dynamodb:DeleteItem", false, false),
            ("dynamodb:UpdateItem", false, false),
            ("dynamodb:ExportTableToPointInTime", true, false),
            ("dynamodb:PutResourcePolicy", true, false),
            ("lambda:UpdateFunctionCode", true, false),
            ("lambda:AddPermission", true, false),
            ("lambda:InvokeFunction", false, false),
            ("ec2:AuthorizeSecurityGroupIngress", true, false),
            ("ecr:PutImage", false, false),
            ("ecr:SetRepositoryPolicy", true, false),
            ("ecs:UpdateService", false, false),
            ("states:UpdateStateMachine", true, false),
            ("sqs:SetQueueAttributes", true, false),
            ("sqs:DeleteMessage", false, false),
            ("sns:Subscribe", false, false),
            ("logs:PutSubscriptionFilter", true, false),
            ("logs:DeleteLogGroup", false, true),
            ("secretsmanager:DeleteSecret", false, true),
            ("apigateway:GET", false, false),
            ("cognito-idp:AdminSetUserPassword", false, false),
        ] {
            assert_eq!((is_meant(action, Does::Opens), is_meant(action, Does::Ends)), (opens, ends), "{action}");
        }
    }
}
