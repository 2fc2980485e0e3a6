//! Function URLs.
//!
//! Comes in: a function's `url`. Goes out: the URL with who may call it.

use crate::formats::serverless::pen::{Fields, Pen, present, word};
use crate::formats::serverless::service::{Function, Service};
use crate::formats::serverless::stack::Stack;
use crate::syntax::{Node, Value};

/// What `cors: true` allows: <https://www.serverless.com/framework/docs/providers/aws/guide/functions>, read 2026-11-24.
const CORS_HEADERS: [&str; 6] = ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amzn-Trace-Id"];

pub(super) fn add<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let Some(url) = present(function.settings, "url").filter(|url| !matches!(url.value, Value::Bool(false))) else { return };
    let pen = service.pen(url.span);
    let open = word(url, "authorizer") != Some("aws_iam");
    let mut fields = Fields::new(pen);
    fields.put("AuthType", pen.text(if open { "NONE" } else { "AWS_IAM" }));
    fields.put("TargetFunctionArn", function.arn(pen));
    fields.put_some("Cors", present(url, "cors").and_then(|cors| cross_origin(pen.at(cors.span), cors)));
    fields.rename(url, &[("invokeMode", "InvokeMode")]);
    stack.add(&function.named("LambdaFunctionUrl"), "AWS::Lambda::Url", fields.done());
    if open {
        let permission = pen.map(&[
            ("FunctionName", function.arn(pen)),
            ("Action", pen.text("lambda:InvokeFunctionUrl")),
            ("Principal", pen.text("*")),
            ("FunctionUrlAuthType", pen.text("NONE")),
        ]);
        stack.add(&function.named("LambdaPermissionFnUrl"), "AWS::Lambda::Permission", permission);
    }
}

/// `true` allows everybody; a map may narrow that.
fn cross_origin<'t>(pen: Pen<'t>, cors: Node<'t>) -> Option<Node<'t>> {
    if matches!(cors.value, Value::Bool(false)) {
        return None;
    }
    let mut fields = Fields::new(pen);
    fields.put("AllowOrigins", pen.texts(&["*"]));
    fields.put("AllowHeaders", pen.texts(&CORS_HEADERS));
    fields.put("AllowMethods", pen.texts(&["*"]));
    fields.rename(
        cors,
        &[
            ("allowedOrigins", "AllowOrigins"),
            ("allowedHeaders", "AllowHeaders"),
            ("allowedMethods", "AllowMethods"),
            ("allowCredentials", "AllowCredentials"),
            ("exposedResponseHeaders", "ExposeHeaders"),
            ("maxAge", "MaxAge"),
        ],
    );
    Some(fields.done())
}
