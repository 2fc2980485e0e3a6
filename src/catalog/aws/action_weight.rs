//! How much an IAM action weighs where it is granted on everything, or with all others of its service.
//!
//! Comes in: an action as written (`s3:Put*`). Goes out: whether a change that grants it is worth holding. What it does decides, not the `*`.

use crate::catalog::aws::actions::Access::{self, Configure, Describe, Invoke, Publish, Write};
use crate::catalog::aws::actions::{access, is_none, split};
use crate::model::pattern::matches;

/// What changes who may do something, by the ends of its name: `PutBucketPolicy`, `AddPermission`, `AuthorizeSecurityGroupIngress`.
const ON_RIGHTS: &[&str] = &["Policy", "Policies", "Permission", "Permissions", "Acl", "Ingress", "PermissionsBoundary", "AccessEntry"];

/// What else opens or takes data, code, names or identities at large, whatever its verb.
const ON_OTHERS: &[&str] = &[
    "acm-pca:IssueCertificate",
    "acm:ExportCertificate",
    "appsync:CreateApiKey",
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:ExecuteChangeSet",
    "codecommit:GitPull",
    "codecommit:GitPush",
    "cognito-idp:AdminAddUserToGroup",
    "cognito-idp:AdminInitiateAuth",
    "cognito-idp:AdminSetUserPassword",
    "dynamodb:ExportTableToPointInTime",
    "ec2:GetPasswordData",
    "ecr:PutImage",
    "events:PutPermission",
    "kms:CreateGrant",
    "lambda:CreateFunctionUrlConfig",
    "lambda:PublishLayerVersion",
    "logs:PutAccountPolicy",
    "logs:PutDestination",
    "logs:PutDestinationPolicy",
    "logs:PutSubscriptionFilter",
    "organizations:LeaveOrganization",
    "ram:AssociateResourceShare",
    "ram:CreateResourceShare",
    "rds:DownloadCompleteDBLogFile",
    "rds:StartExportTask",
    "redshift:GetClusterCredentials",
    "redshift:GetClusterCredentialsWithIAM",
    "rolesanywhere:CreateProfile",
    "rolesanywhere:CreateTrustAnchor",
    "route53:ChangeResourceRecordSets",
    "s3:GetObjectVersion",
    "s3:PutAccountPublicAccessBlock",
    "sns:Subscribe",
    "ssm:SendCommand",
    "ssm:StartSession",
    "sts:AssumeRole",
];

/// Changes that scale, announce or report, and open nothing: at worst something does not run for a while.
const LIGHT: &[&str] = &[
    // Lets a build or a service attach an interface in the networks that its settings name, and reads nothing.
    "ec2:CreateNetworkInterfacePermission",
    "autoscaling:AttachInstances",
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:DetachInstances",
    "autoscaling:EnterStandby",
    "autoscaling:ExitStandby",
    "autoscaling:PutLifecycleHook",
    "autoscaling:PutScalingPolicy",
    "autoscaling:PutScheduledUpdateGroupAction",
    "autoscaling:RecordLifecycleActionHeartbeat",
    "autoscaling:SetDesiredCapacity",
    "autoscaling:SetInstanceHealth",
    "autoscaling:SetInstanceProtection",
    // The group starts another in its place.
    "autoscaling:TerminateInstanceInAutoScalingGroup",
    // Which machines a group starts is for its template to say: whoever may write that too has rights of the machines (`role_facts`).
    "autoscaling:UpdateAutoScalingGroup",
    // Work that is cancelled or has nowhere to run, and nothing that was kept. What a job runs as is written by `RegisterJobDefinition`.
    "batch:DeleteComputeEnvironment",
    "batch:DeleteJobQueue",
    "batch:DeleteSchedulingPolicy",
    "batch:DeregisterJobDefinition",
    "batch:TerminateJob",
    "batch:UpdateComputeEnvironment",
    "batch:UpdateJobQueue",
    "batch:UpdateSchedulingPolicy",
    // What is scaled by an alarm has it deleted by what scales it: the provider's own policies have it.
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DeleteDashboards",
    // A disk grows, and never shrinks.
    "ec2:ModifyVolume",
    "ec2:ModifyVolumeAttribute",
    "ecs:DeleteService",
    "ecs:DeregisterContainerInstance",
    "ecs:DeregisterTaskDefinition",
    "ecs:UpdateService",
    "ecs:UpdateTaskProtection",
    "elasticache:DecreaseReplicaCount",
    "elasticache:IncreaseReplicaCount",
    "elasticache:ModifyReplicationGroup",
    "elasticache:ModifyReplicationGroupShardConfiguration",
    // Where the parts of a table lie: what is there stays, and is found again by a crawler.
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:DeletePartition",
    "glue:UpdatePartition",
    "s3:PutBucketNotification",
    "ssm:PutComplianceItems",
    "ssm:PutInventory",
    "ssm:UpdateInstanceAssociationStatus",
    "ssm:UpdateInstanceInformation",
];

/// Services that hand out rights: whatever is changed there changes who may do what.
const RIGHTS: &[&str] = &["iam", "identitystore", "organizations", "sso", "sso-directory"];

/// Services that pass on what they are given and keep nothing for long.
const PASSING_ON: &[&str] = &[
    "appsync",
    "bedrock",
    "cloudwatch",
    "events",
    "execute-api",
    "firehose",
    "kinesis",
    "logs",
    "pipes",
    "scheduler",
    "ses",
    "sns",
    "sqs",
    "states",
    "xray",
];

/// Whether whatever is changed at a service changes who may do something.
pub(super) fn hands_out_rights(service: &str) -> bool {
    service == "kms" || RIGHTS.contains(&service)
}

/// Whether what a service keeps is lost or opened by any of its actions; of one that passes on, only what it holds at that moment is.
fn keeps(service: &str) -> bool {
    !PASSING_ON.contains(&service)
}

/// Whether an action opens or takes something at large, also where it takes no resource that could be named.
pub(super) fn opens(action: &str) -> bool {
    ON_OTHERS.contains(&action)
}

/// Services that tell what an account costs, how well it is and what it could save, and that hold nothing else.
const ON_BILLS: &[&str] = &[
    "bcm-data-exports",
    "bcm-pricing-calculator",
    "budgets",
    "ce",
    "compute-optimizer",
    "cost-optimization-hub",
    "cur",
    "freetier",
    "health",
    "pricing",
    "servicequotas",
    "trustedadvisor",
];

/// Whether what an action does at large is worth holding a change for: it writes, opens or deletes data, code or rights. What only makes something
/// new, starts or stops it, or labels it, is not. Reading of data is told from a list of its own.
pub(super) fn weighs(action: &str) -> bool {
    let (service, name) = split(action);
    let changes = |access: &Access| matches!(access, Write | Configure | Invoke | Publish);
    let classes = access(action);
    let starts = |verbs: &[&str]| verbs.iter().any(|verb| name.starts_with(verb));
    let reads = starts(&["BatchGet", "Describe", "Get", "List"]);
    let is_on_rights = ON_RIGHTS.iter().any(|end| name.trim_end_matches('*').ends_with(end)) && classes != [Describe] && !reads;
    // What a scaling policy does is more or fewer of the same. A name that the list of actions lacks grants nothing, unless the list is older than
    // the action: where it would change rights it counts by its name.
    if is_none(action) && !is_on_rights && !hands_out_rights(service)
        || LIGHT.contains(&action)
        || service == "application-autoscaling"
        || ON_BILLS.contains(&service)
    {
        return false;
    }
    service == "*"
        || ON_OTHERS.iter().any(|other| matches(action, other))
        || is_on_rights
        || classes.contains(&Write)
        || RIGHTS.contains(&service) && classes.iter().any(changes)
        || classes.contains(&Configure)
            && (name == "*"
                || starts(&["Delete", "Terminate", "Destroy", "Purge", "Revoke"])
                || keeps(service)
                    && !starts(&[
                        "Cancel", "Create", "Reboot", "Register", "Resume", "Retry", "Start", "Stop", "Suspend", "Tag", "Test", "Untag",
                    ]))
}

/// What lets somebody reach a thing that is named, take what it holds, or have a program run there with its rights, beside what `ON_RIGHTS` tells
/// by its name.
const ON_NAMED: &[&str] = &[
    "acm-pca:IssueCertificate",
    "acm:ExportCertificate",
    "appsync:CreateApiKey",
    "batch:RegisterJobDefinition",
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack",
    "cloudfront:UpdateDistribution",
    "codebuild:UpdateProject",
    "dynamodb:ExportTableToPointInTime",
    "ec2-instance-connect:SendSSHPublicKey",
    "ec2:GetPasswordData",
    "ec2:ModifyImageAttribute",
    "ec2:ModifyInstanceAttribute",
    "ec2:ModifySnapshotAttribute",
    "ecs:ExecuteCommand",
    "glue:UpdateDevEndpoint",
    "glue:UpdateJob",
    "iam:AddUserToGroup",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateLoginProfile",
    "iam:UpdateSAMLProvider",
    "kms:CreateGrant",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionUrlConfig",
    "logs:PutSubscriptionFilter",
    "ram:AssociateResourceShare",
    "ram:CreateResourceShare",
    "rds:DownloadCompleteDBLogFile",
    "rds:ModifyDBCluster",
    "rds:ModifyDBClusterSnapshotAttribute",
    "rds:ModifyDBInstance",
    "rds:ModifyDBSnapshotAttribute",
    "rds:StartExportTask",
    "route53:ChangeResourceRecordSets",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutReplicationConfiguration",
    "sns:SetTopicAttributes",
    "sqs:SetQueueAttributes",
    "ssm:SendCommand",
    "ssm:StartSession",
    "states:UpdateStateMachine",
];

/// Whether an action does more with a thing that is named than work with what it holds: it decides who reaches it, hands out what it holds, or what
/// runs there. Of patterns none: who is given all of a kind is given a thing of his own.
pub(super) fn opens_named(action: &str) -> bool {
    let (_, name) = split(action);
    let is_exact = !action.contains(['*', '?']);
    // Whether an object's list opens anything is for its bucket to say, and what uploads files sets it.
    is_exact
        && !name.starts_with("PutObject")
        && (ON_NAMED.binary_search(&action).is_ok() || ON_RIGHTS.iter().any(|end| name.ends_with(end)) && access(action) != [Describe])
        && !["BatchGet", "Delete", "Describe", "Get", "List", "Revoke"]
            .iter()
            .any(|verb| name.starts_with(verb) && name != "GetPasswordData")
}

/// Whether an action deletes a thing that is named and holds data, or ends what records: what merely works on its data does not.
pub(super) fn ends_named(action: &str) -> bool {
    let (service, name) = split(action);
    let ends =
        || name.starts_with("Delete") || name.starts_with("Terminate") || name.starts_with("Disable") || name.starts_with("Schedule");
    let is_exact = !action.contains(['*', '?']);
    is_exact
        && (SILENCING.contains(&action)
            || keeps(service) && ends() && weighs(action) && access(action) == [Configure]
            || action == "logs:DeleteLogGroup")
}

/// What ends records and alarms, beside what deletes them.
const SILENCING: &[&str] =
    &["cloudtrail:StopLogging", "cloudwatch:DisableAlarmActions", "config:StopConfigurationRecorder", "events:DisableRule"];

/// Whether a single call of an action does something to the account, beyond the data that a workload is there for: it writes rights, opens or
/// deletes what keeps something, or ends what records.
pub(super) fn acts_on_the_account(action: &str) -> bool {
    SILENCING.contains(&action)
        || action == "cloudwatch:DeleteAlarms"
        || opens(action)
        || weighs(action) && access(action).contains(&Configure)
}

#[cfg(test)]
mod tests {
    use super::{ON_NAMED, acts_on_the_account, weighs};

    #[test]
    fn names_are_in_order() {
        assert!(ON_NAMED.is_sorted());
    }

    #[test]
    fn what_does_something_to_the_account_is_told_from_work_on_data() {
        for (action, expected) in [
            ("iam:AttachRolePolicy", true),
            ("iam:CreateAccessKey", true),
            ("iam:ListRoles", false),
            ("s3:DeleteBucket", true),
            ("s3:PutBucketPolicy", true),
            ("s3:PutObject", false),
            ("s3:ListBuckets", false),
            ("kms:ScheduleKeyDeletion", true),
            ("kms:Decrypt", false),
            ("cloudtrail:StopLogging", true),
            ("cloudwatch:DeleteAlarms", true),
            ("dynamodb:DeleteTable", true),
            ("dynamodb:DeleteItem", false),
            ("ec2:AuthorizeSecurityGroupIngress", true),
            ("ec2:DescribeInstances", false),
            ("ec2:StartInstances", false),
            ("ecs:RunTask", false),
            ("ecs:UpdateService", false),
            ("sts:AssumeRole", true),
            ("lambda:InvokeFunction", false),
            ("rds:StopDBInstance", false),
        ] {
            assert_eq!(acts_on_the_account(action), expected, "{action}");
        }
    }

    #[test]
    fn what_is_worth_holding_a_change_for_writes_or_deletes_data_code_or_rights() {
        for (action, expected) in [
            ("*", true),
            ("s3:*", true),
            ("s3:PutObject", true),
            ("s3:PutBucketPolicy", true),
            ("cloudfront:GetCachePolicy", false),
            ("dynamodb:Delete*", true),
            ("iam:CreateUser", true),
            ("sts:AssumeRole", true),
            ("lambda:UpdateFunctionCode", true),
            ("lambda:Update*", true),
            ("unheard:*", true),
            ("unheard:DeleteThing", true),
            ("lambda:InvokeFunction", false),
            ("events:PutEvents", false),
            ("sns:Publish", false),
            ("sqs:SendMessage", false),
            ("ec2:StartInstances", false),
            ("ec2:CreateTags", false),
            ("ec2:CreateNetworkInterfacePermission", false),
            ("ec2:AttachVolume", true),
            ("ec2:DeleteSnapshot", true),
            ("ec2:DeleteVolume", true),
            ("ec2:ModifyVolume", false),
            ("ec2:ModifyLaunchTemplate", true),
            ("autoscaling:CompleteLifecycleAction", false),
            ("autoscaling:UpdateAutoScalingGroup", false),
            ("autoscaling:*", true),
            ("elasticache:ModifyReplicationGroup", false),
            ("glue:BatchCreatePartition", false),
            ("glue:CreateTable", true),
            ("ecs:UpdateService", false),
            ("logs:PutSubscriptionFilter", true),
            ("logs:PutAccountPolicy", true),
            ("logs:PutMetricFilter", false),
            ("batch:TerminateJob", false),
            ("ecs:UpdateServices", false),
            ("health:*", false),
            ("ce:*", false),
            ("ecs:PutClusterPolicy", true),
            ("iam:PutAnybodyPolicy", true),
            ("kms:DeleteEverything", true),
            ("ecs:DeleteCluster", true),
            ("cloudwatch:DeleteAlarms", false),
            ("cloudtrail:DeleteTrail", true),
            ("s3:PutBucketNotification", false),
            ("s3:PutBucketPublicAccessBlock", true),
            ("rds:ModifyDBInstance", true),
            ("events:PutPermission", true),
            ("events:PutTargets", false),
            ("cloudformation:CreateStack", true),
            ("cloudformation:UpdateStack", true),
            ("unheard:ModifyThing", true),
            ("kms:DescribeKey", false),
            ("execute-api:Invoke", false),
        ] {
            assert_eq!(weighs(action), expected, "{action}");
        }
    }
}
