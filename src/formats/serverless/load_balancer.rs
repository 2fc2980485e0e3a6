//! `alb` events: a target group with the function, a rule of the listener, and what lets the load balancer call.
//!
//! Comes in: the events and `provider.alb`. Goes out: resources of the stack. The load balancer and its listener stand elsewhere.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, one_or_many, present, word};
use crate::formats::serverless::reference;
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    for trigger in service.triggers("alb") {
        let Some(listener) = trigger.get("listenerArn") else { continue };
        let group = add_target_group(stack, &trigger, listener);
        let priority = word(trigger.event.value, "priority").unwrap_or_default();
        let mut fields = Fields::new(trigger.pen);
        fields.put("ListenerArn", listener);
        fields.rename(trigger.event.value, &[("priority", "Priority")]);
        fields.put("Conditions", conditions(&trigger));
        fields.put("Actions", actions(service, &trigger, &group));
        let address = trigger.function.named(&["AlbListenerRule", priority].concat());
        stack.add(&address, "AWS::ElasticLoadBalancingV2::ListenerRule", fields.done());
    }
}

fn add_target_group<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, listener: Node<'t>) -> String {
    let pen = trigger.pen;
    // `arn:…:listener/app/<name>/<load balancer>/<listener>`: the group is named after the load balancer.
    let balancer = listener.scalar().filter(|_| listener.tag.is_none()).and_then(|arn| arn.rsplit('/').nth(1)).map(str::to_owned);
    let balancer = balancer.unwrap_or_else(|| reference::name(listener));
    let many = if is_on(trigger.event.value, "multiValueHeaders") { "MultiValue" } else { "" };
    let address = trigger.function.named(&["Alb", many, "TargetGroup", &balancer].concat());
    let permission = trigger.function.named("LambdaPermissionRegisterTarget");
    let properties = [("TargetType", pen.text("lambda")), ("Targets", pen.list(&[pen.map(&[("Id", trigger.target())])]))];
    stack.add_with(&address, "AWS::ElasticLoadBalancingV2::TargetGroup", pen.map(&properties), &[("DependsOn", pen.texts(&[&permission]))]);
    let allowed = |source: Option<Node<'t>>| {
        let mut fields = Fields::new(pen);
        fields.put("FunctionName", trigger.target());
        fields.put("Action", pen.text("lambda:InvokeFunction"));
        fields.put("Principal", pen.text("elasticloadbalancing.amazonaws.com"));
        fields.put_some("SourceArn", source);
        fields.done()
    };
    stack.add(&permission, "AWS::Lambda::Permission", allowed(None));
    stack.add(&trigger.function.named("LambdaPermissionAlb"), "AWS::Lambda::Permission", allowed(Some(pen.reference(&address))));
    address
}

fn conditions<'t>(trigger: &Trigger<'_, 't>) -> Node<'t> {
    let pen = trigger.pen;
    let stated = trigger.get("conditions").map(|conditions| conditions.entries()).unwrap_or_default();
    let condition = |field: &str, config: &str, values: Node<'t>| {
        pen.at(values.span).map(&[("Field", pen.text(field)), (config, pen.map(&[("Values", pen.list(&one_or_many(Some(values))))]))])
    };
    let conditions: Vec<_> = stated
        .iter()
        .filter_map(|entry| {
            Some(match entry.key {
                "path" => condition("path-pattern", "PathPatternConfig", entry.value),
                "host" => condition("host-header", "HostHeaderConfig", entry.value),
                "method" => condition("http-request-method", "HttpRequestMethodConfig", entry.value),
                "ip" => condition("source-ip", "SourceIpConfig", entry.value),
                "header" => condition("http-header", "HttpHeaderConfig", present(entry.value, "values")?),
                _ => return None,
            })
        })
        .collect();
    pen.list(&conditions)
}

/// First the authorizers, in their order, then the function.
fn actions<'t>(service: &Service<'t>, trigger: &Trigger<'_, 't>, group: &str) -> Node<'t> {
    let pen = trigger.pen;
    let configured = service.setting("alb.authorizers");
    let named = one_or_many(trigger.get("authorizer"));
    let authorizers = named.iter().filter_map(|name| present(configured?, name.scalar()?));
    let mut actions: Vec<Node<'t>> = authorizers.map(|authorizer| authentication(pen.at(authorizer.span), authorizer)).collect();
    actions.push(pen.map(&[("Type", pen.text("forward")), ("TargetGroupArn", pen.reference(group))]));
    pen.list(&actions)
}

fn authentication<'t>(pen: Pen<'t>, authorizer: Node<'t>) -> Node<'t> {
    let (kind, config) = match word(authorizer, "type") {
        Some("cognito") => ("authenticate-cognito", "AuthenticateCognitoConfig"),
        _ => ("authenticate-oidc", "AuthenticateOidcConfig"),
    };
    let mut fields = Fields::new(pen);
    for entry in authorizer.entries().iter().filter(|entry| !matches!(entry.key, "type" | "allowUnauthenticated")) {
        fields.put(&naming::upper_first(entry.key), entry.value);
    }
    let open = present(authorizer, "allowUnauthenticated").is_some_and(|open| matches!(open.value, Value::Bool(true)));
    fields.put("OnUnauthenticatedRequest", pen.text(if open { "allow" } else { "deny" }));
    pen.map(&[("Type", pen.text(kind)), (config, fields.done())])
}
