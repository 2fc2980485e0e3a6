//! Events that other services push: devices, log groups, user pools, Alexa.
//!
//! Comes in: `iot`, `cloudwatchLog`, `cognitoUserPool`, `alexaSkill` and `alexaSmartHome` events. Goes out: resources of the stack, and what
//! lets each service call the function.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, is_on, word};
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};
use std::collections::BTreeMap;

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    service.triggers("iot").for_each(|trigger| add_devices(stack, &trigger));
    service.triggers("iotFleetProvisioning").for_each(|trigger| {
        let address = trigger.function.named("LambdaPermissionIotProvisioningTemplate");
        add_permission(stack, &trigger, &address, "iot.amazonaws.com", None);
    });
    service.triggers("cloudwatchLog").for_each(|trigger| add_log_subscription(stack, &trigger));
    service.triggers("alexaSkill").for_each(|trigger| add_alexa(stack, &trigger, "AlexaSkill", "alexa-appkit.amazon.com"));
    service.triggers("alexaSmartHome").for_each(|trigger| add_alexa(stack, &trigger, "AlexaSmartHome", "alexa-connectedhome.amazon.com"));
    add_pools(service, stack);
}

fn add_permission<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, address: &str, principal: &str, source: Option<Node<'t>>) {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    fields.put("FunctionName", trigger.target());
    fields.put("Action", pen.text("lambda:InvokeFunction"));
    fields.put("Principal", pen.text(principal));
    fields.put_some("SourceArn", source);
    stack.add(address, "AWS::Lambda::Permission", fields.done());
}

fn add_devices<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let pen = trigger.pen;
    let lambda = pen.map(&[("Lambda", pen.map(&[("FunctionArn", trigger.target())]))]);
    let mut payload = Fields::new(pen);
    let disabled = trigger.get("enabled").is_some() && !is_on(trigger.event.value, "enabled");
    payload.put("RuleDisabled", pen.flag(disabled));
    payload.rename(trigger.event.value, &[("sql", "Sql"), ("sqlVersion", "AwsIotSqlVersion"), ("description", "Description")]);
    payload.put("Actions", pen.list(&[lambda]));
    let mut fields = Fields::new(pen);
    fields.rename(trigger.event.value, &[("name", "RuleName")]);
    fields.put("TopicRulePayload", payload.done());
    let address = trigger.function.named(&format!("IotTopicRule{}", trigger.number));
    let source = pen.arn("iot", &[pen.text("rule/"), pen.reference(&address)]);
    stack.add(&address, "AWS::IoT::TopicRule", fields.done());
    let permission = trigger.function.named(&format!("LambdaPermissionIotTopicRule{}", trigger.number));
    add_permission(stack, trigger, &permission, "iot.amazonaws.com", Some(source));
}

fn add_log_subscription<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let pen = trigger.pen;
    let value = trigger.event.value;
    let Some(group) = trigger.get("logGroup").or(Some(value).filter(|value| !matches!(value.value, Value::Null))) else { return };
    let filter = trigger.get("filter").unwrap_or_else(|| pen.text(""));
    let properties = [("DestinationArn", trigger.target()), ("FilterPattern", filter), ("LogGroupName", group)];
    let address = trigger.function.named(&format!("LogsSubscriptionFilterCloudWatchLog{}", trigger.number));
    stack.add(&address, "AWS::Logs::SubscriptionFilter", pen.map(&properties));
    let permission = trigger.function.named("LambdaPermissionLogsSubscriptionFilterCloudWatchLog");
    let permission = if trigger.number == 1 { permission } else { format!("{permission}{}", trigger.number) };
    // By its name, as above, so that a group of others is one and the same in both.
    add_permission(stack, trigger, &permission, "logs.amazonaws.com", Some(group));
}

fn add_alexa<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>, kind: &str, principal: &str) {
    let pen = trigger.pen;
    let token = trigger.get("appId").or(Some(trigger.event.value)).filter(|token| token.scalar().is_some());
    let mut fields = Fields::new(pen);
    fields.put("FunctionName", trigger.target());
    fields.put("Action", pen.text("lambda:InvokeFunction"));
    fields.put("Principal", pen.text(principal));
    fields.put_some("EventSourceToken", token);
    let address = trigger.function.named(&format!("LambdaPermission{kind}{}", trigger.number));
    stack.add(&address, "AWS::Lambda::Permission", fields.done());
}

/// User pools, each with the functions that it calls. A pool that exists elsewhere is known by its name.
fn add_pools<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let mut pools: BTreeMap<&'t str, Fields<'t>> = BTreeMap::new();
    for trigger in service.triggers("cognitoUserPool") {
        let (Some(pool), Some(source)) = (word(trigger.event.value, "pool"), word(trigger.event.value, "trigger")) else { continue };
        let pen = trigger.pen;
        let permission = ["LambdaPermissionCognitoUserPool", &naming::alphanumeric(pool), "TriggerSource", &naming::alphanumeric(source)];
        let permission = trigger.function.named(&permission.concat());
        if is_on(trigger.event.value, "existing") {
            let custom = pen.map(&[("FunctionName", trigger.function.full_name), ("UserPoolName", pen.text(pool))]);
            stack.add(&trigger.function.named("CustomCognitoUserPool1"), "Custom::CognitoUserPool", custom);
            // The ARN has the pool's id, which only the account knows; its name stands for it.
            let arn = pen.arn("cognito-idp", &[pen.text("userpool/"), pen.text(pool)]);
            add_permission(stack, &trigger, &permission, "cognito-idp.amazonaws.com", Some(arn));
            continue;
        }
        let address = ["CognitoUserPool", &naming::alphanumeric(pool)].concat();
        let triggers = pools.entry(pool).or_insert_with(|| Fields::new(pen));
        if matches!(source, "CustomSMSSender" | "CustomEmailSender") {
            triggers.put(source, pen.map(&[("LambdaArn", trigger.target()), ("LambdaVersion", pen.text("V1_0"))]));
            triggers.put_some("KMSKeyID", trigger.get("kmsKeyId"));
        } else {
            triggers.put(source, trigger.target());
        }
        add_permission(stack, &trigger, &permission, "cognito-idp.amazonaws.com", Some(pen.attribute(&address, "Arn")));
    }
    for (pool, triggers) in pools {
        let triggers = triggers.done();
        let pen = stack.pen(triggers.span);
        let address = ["CognitoUserPool", &naming::alphanumeric(pool)].concat();
        stack.add(&address, "AWS::Cognito::UserPool", pen.map(&[("UserPoolName", pen.text(pool)), ("LambdaConfig", triggers)]));
    }
}
