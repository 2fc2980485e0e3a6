//! `webhook`: an HTTP API that puts what it is sent on a bus, behind an authorizer.

use crate::formats::serverless::lift::Construct;
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, word};
use crate::formats::serverless::rest_api::invocation;
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

pub(super) fn add<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let (api, bus, role) = (construct.part("HttpApi"), construct.part("Bus"), construct.part("ApiGatewayRole"));
    let of_api = ("ApiId", pen.reference(&api));
    stack.add(&api, "AWS::ApiGatewayV2::Api", pen.map(&[("Name", pen.text("HttpApi")), ("ProtocolType", pen.text("HTTP"))]));
    let stage = [of_api, ("StageName", pen.text("$default")), ("AutoDeploy", pen.flag(true))];
    stack.add(&[&api, "DefaultStage"].concat(), "AWS::ApiGatewayV2::Stage", pen.map(&stage));
    stack.add(&bus, "AWS::Events::EventBus", pen.map(&[("Name", pen.text(&bus))]));
    let authorizer = pen.attribute(&naming::function(&[construct.id, "Authorizer"].concat()), "Arn");
    let insecure = is_on(construct.settings, "insecure");
    add_role(stack, pen, &role, &bus, if insecure { None } else { Some(authorizer) });
    let integration = construct.part("Integration");
    let parameters = [
        ("DetailType", pen.text(word(construct.settings, "eventType").unwrap_or("Webhook"))),
        ("Detail", pen.text("$request.body")),
        ("Source", pen.text(construct.id)),
        ("EventBusName", pen.reference(&bus)),
    ];
    let called = [
        of_api,
        ("IntegrationType", pen.text("AWS_PROXY")),
        ("IntegrationSubtype", pen.text("EventBridge-PutEvents")),
        ("CredentialsArn", pen.attribute(&role, "Arn")),
        ("RequestParameters", pen.map(&parameters)),
    ];
    stack.add(&integration, "AWS::ApiGatewayV2::Integration", pen.map(&called));
    let mut route = Fields::new(pen);
    route.put("ApiId", pen.reference(&api));
    route.put("RouteKey", pen.text(&format!("POST {}", word(construct.settings, "path").unwrap_or("/"))));
    route.put("Target", pen.joined(&[pen.text("integrations/"), pen.reference(&integration)]));
    route.put("AuthorizationType", pen.text(if insecure { "NONE" } else { "CUSTOM" }));
    if !insecure {
        let address = construct.part("Authorizer");
        let properties = [
            of_api,
            ("AuthorizerType", pen.text("REQUEST")),
            ("IdentitySource", pen.texts(&["$request.header.Authorization"])),
            ("AuthorizerUri", invocation(pen, authorizer)),
            ("AuthorizerCredentialsArn", pen.attribute(&role, "Arn")),
        ];
        stack.add(&address, "AWS::ApiGatewayV2::Authorizer", pen.map(&properties));
        route.put("AuthorizerId", pen.reference(&address));
    }
    stack.add(&construct.part("Route"), "AWS::ApiGatewayV2::Route", route.done());
}

/// The role with which the API puts events and calls the authorizer.
fn add_role<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, address: &str, bus: &str, authorizer: Option<Node<'t>>) {
    let mut statements = vec![pen.allow(&["events:PutEvents"], &[pen.attribute(bus, "Arn")])];
    statements.extend(authorizer.map(|function| pen.allow(&["lambda:InvokeFunction"], &[function])));
    let policy = pen.map(&[("PolicyName", pen.text("EventBridge")), ("PolicyDocument", pen.document(&statements))]);
    let properties = [("AssumeRolePolicyDocument", pen.trust(&["apigateway.amazonaws.com"])), ("Policies", pen.list(&[policy]))];
    stack.add(address, "AWS::IAM::Role", pen.map(&properties));
}
