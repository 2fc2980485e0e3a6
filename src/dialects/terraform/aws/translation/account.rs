//! Switches of an account that count for everything of one kind in it.

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::{Joining, Made};
use crate::dialects::terraform::aws::table::Part;
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::formats::terraform::value::Kind;
use crate::model::resource::Property;

const FLAGS: &[(&str, &str)] = &[
    ("block_public_acls", "BlockPublicAcls"),
    ("block_public_policy", "BlockPublicPolicy"),
    ("ignore_public_acls", "IgnorePublicAcls"),
    ("restrict_public_buckets", "RestrictPublicBuckets"),
];

/// What the account blocks is blocked for each bucket; what it does not block, the bucket decides.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
pub(crate) fn block<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    made.list.pop();
    let Kind::Object(arguments) = &instance.arguments.kind else { return };
    let mut tree = Tree::new(instance.span);
    for (argument, property) in FLAGS {
        let value: Option<Property<'t>> = arguments.get(*argument).map(|value| context.value(value));
        if let Some(value) = value.filter(|value| value.literal() == Some("true")) {
            tree.put(&format!("PublicAccessBlockConfiguration.{property}"), value, value.span, context.arena);
        }
    }
    if tree.is_empty() {
        return;
    }
    // Buckets of the same provider configuration, which the parts are joined to once all are made.
    for bucket in context.root.instances.iter().filter(|bucket| &*bucket.kind == "aws_s3_bucket" && bucket.provider == instance.provider) {
        let part = Part { of: "AWS::S3::Bucket", joins: &[], alone: "" };
        made.parts.push(Joining { part, instance, tree: tree.clone(), of: Some(context.arena.alloc_str(&bucket.address)) });
    }
}
