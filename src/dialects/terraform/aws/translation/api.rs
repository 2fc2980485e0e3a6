//! Short forms of APIs that stand for several resources.

use crate::dialects::terraform::aws::context::{Context, argument};
use crate::dialects::terraform::aws::making::{Made, Making};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::model::resource::Property;

/// `stage_name` of a deployment makes a stage, up to version 5 of the provider.
/// <https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/api_gateway_deployment>
pub(crate) fn deployment<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let Some(name) = argument(&instance.arguments, "stage_name").map(|name| context.value(name)) else { return };
    let api = argument(&instance.arguments, "rest_api_id").map(|api| context.value(api));
    if name.literal() == Some("") {
        return;
    }
    let mut tree = Tree::new(instance.span);
    tree.put("StageName", name, name.span, context.arena);
    if let Some(api) = api {
        tree.put("RestApiId", api, api.span, context.arena);
    }
    tree.put("DeploymentId", context.refer(instance, None, instance.span), instance.span, context.arena);
    made.list.push(Making::implied(context, instance, "stage", "AWS::ApiGateway::Stage", tree));
}

/// `target` of an HTTP API makes a route, an integration and the stage `$default`.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html#http-api-quick-create>
pub(crate) fn quick<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let Some(target) = argument(&instance.arguments, "target").map(|target| context.value(target)) else { return };
    let pen = context.pen(target.span);
    let api = context.refer(instance, None, target.span);
    let stated = |name: &str| argument(&instance.arguments, name).map(|value| context.value(value));
    let is_http = target.literal().is_some_and(|text| text.starts_with("http"));
    let integration_address = format!("{}.integration", instance.address);
    let integration = pen.map(&[
        ("ApiId", api),
        ("IntegrationType", pen.text(if is_http { "HTTP_PROXY" } else { "AWS_PROXY" })),
        ("IntegrationUri", target),
    ]);
    let mut integration = Tree::of(&integration);
    if let Some(credentials) = stated("credentials_arn") {
        integration.put("CredentialsArn", credentials, credentials.span, context.arena);
    }
    let route: Property<'t> = pen.map(&[
        ("ApiId", api),
        ("RouteKey", stated("route_key").unwrap_or_else(|| pen.text("$default"))),
        ("Target", pen.joined(&[pen.text("integrations/"), pen.resource(&integration_address)])),
    ]);
    let stage = pen.map(&[("ApiId", api), ("StageName", pen.text("$default")), ("AutoDeploy", pen.flag(true))]);
    let mut add = |name: &str, kind: &str, tree: Tree<'t>| made.list.push(Making::implied(context, instance, name, kind, tree));
    add("integration", "AWS::ApiGatewayV2::Integration", integration);
    add("route", "AWS::ApiGatewayV2::Route", Tree::of(&route));
    add("stage", "AWS::ApiGatewayV2::Stage", Tree::of(&stage));
}
