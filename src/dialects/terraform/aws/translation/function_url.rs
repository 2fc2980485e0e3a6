//! A function URL that asks for no signature: the provider lets everybody call it, by a permission that nobody writes.
//!
//! It adds the statement `FunctionURLAllowPublicAccess` when it makes such a URL: `resourceFunctionURLCreate` in
//! <https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/lambda/function_url.go> (2026-11-29).

use crate::dialects::terraform::aws::context::{Context, argument};
use crate::dialects::terraform::aws::making::{Made, Making};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::model::resource::{Alternatives, Property, Value};

pub(crate) fn permit<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let stated = |name: &str| argument(&instance.arguments, name).map(|value| context.value(value));
    let (Some(auth), Some(function)) = (stated("authorization_type").filter(may_be_none), stated("function_name")) else { return };
    let pen = context.pen(auth.span);
    let permission = pen.map(&[
        ("Action", pen.text("lambda:InvokeFunctionUrl")),
        ("FunctionName", function),
        ("Principal", pen.text("*")),
        ("FunctionUrlAuthType", auth),
    ]);
    made.list.push(Making::implied(context, instance, "permission", "AWS::Lambda::Permission", Tree::of(&permission)));
}

fn may_be_none(auth: &Property<'_>) -> bool {
    match auth.value {
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(may_be_none),
        _ => auth.literal().is_none_or(|word| word == "NONE"),
    }
}
