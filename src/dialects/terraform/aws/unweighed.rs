//! Types that make nothing in the model and may decide something all the same: guards of an account, halves of what lies elsewhere.
//!
//! Comes in: a type. Goes out: whether a change of such a resource is told. What the table calls silent is told unless it is named here.

use crate::dialects::terraform::aws::table::{self, Makes};

/// Silent types, or what they begin with, that decide nothing about who gets in, what may be done and what is kept.
const NEUTRAL: [&str; 31] = [
    "aws_alb_listener_certificate",
    "aws_appautoscaling_scheduled_action",
    "aws_athena_database",
    "aws_ce_",
    "aws_cur_",
    "aws_default_vpc_dhcp_options",
    "aws_devopsguru_",
    "aws_dynamodb_contributor_insights",
    "aws_dynamodb_table_item",
    "aws_ebs_snapshot",
    "aws_ec2_tag",
    "aws_ecr_lifecycle_policy",
    "aws_ecs_account_setting_default",
    "aws_ecs_tag",
    "aws_fis_",
    "aws_iam_account_alias",
    "aws_kms_ciphertext",
    "aws_lambda_provisioned_concurrency_config",
    "aws_lambda_runtime_management_config",
    "aws_lb_cookie_stickiness_policy",
    "aws_lb_listener_certificate",
    "aws_rds_cluster_endpoint",
    "aws_resourceexplorer2_",
    "aws_resourcegroups_",
    "aws_s3_bucket_analytics_configuration",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_metric",
    "aws_servicequotas_",
    "aws_ssm_maintenance_window",
    "aws_vpc_dhcp_options_association",
    "aws_xray_",
];

/// Data sources of which another question finds another group, image, role or place.
const FINDING: [&str; 10] = [
    "aws_ami",
    "aws_ecr_image",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_security_group",
    "aws_security_groups",
    "aws_subnet",
    "aws_subnets",
    "aws_vpc",
    "aws_vpc_endpoint",
];

pub(crate) fn finds_what_decides(kind: &str) -> bool {
    FINDING.contains(&kind)
}

pub(crate) fn is_told(kind: &str) -> bool {
    let makes_nothing = table::find(kind).is_some_and(|known| matches!(known.makes, Makes::Nothing));
    // A snapshot that is given away is another matter than one that is taken.
    let is_neutral = |name: &&&str| kind == **name || name.ends_with('_') && kind.starts_with(**name);
    makes_nothing && !NEUTRAL.iter().any(|name| is_neutral(&name))
}
