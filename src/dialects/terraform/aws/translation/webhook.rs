//! A webhook that starts builds: in CloudFormation a trigger of the project.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/codebuild_webhook>

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::Made;
use crate::formats::terraform::instance::Instance;

pub(crate) fn add<'t>(context: &Context<'t, '_>, instance: &Instance, made: &mut Made<'t, '_>) {
    if let Some(part) = made.parts.last_mut() {
        part.tree.put("Triggers.Webhook", context.pen(instance.span).flag(true), instance.span, context.arena);
    }
}
