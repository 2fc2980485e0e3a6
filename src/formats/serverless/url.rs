//! Function URLs.
//!
//! Comes in: a function's `url`. Goes out: the URL with who may call it.

use crate::formats::serverless::cross_origin;
use crate::formats::serverless::pen::{Fields, present, word};
use crate::formats::serverless::service::{Function, Service};
use crate::formats::serverless::stack::Stack;
use crate::syntax::Value;

/// What `cors: true` allows: <https://www.serverless.com/framework/docs/providers/aws/guide/functions>, read 2026-11-24.
const CORS_HEADERS: [&str; 6] = ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amzn-Trace-Id"];

pub(super) fn add<'t>(service: &Service<'t>, stack: &mut Stack<'t>, function: &Function<'t>) {
    let Some(url) = present(function.settings, "url").filter(|url| !matches!(url.value, Value::Bool(false))) else { return };
    let pen = service.pen(url.span);
    let open = word(url, "authorizer") != Some("aws_iam");
    let cors = present(url, "cors").filter(|cors| !matches!(cors.value, Value::Bool(false)));
    let mut fields = Fields::new(pen);
    fields.put("AuthType", pen.text(if open { "NONE" } else { "AWS_IAM" }));
    fields.put("TargetFunctionArn", function.arn(pen));
    fields.put_some("Cors", cors.map(|cors| cross_origin::configuration(pen.at(cors.span), cors, &CORS_HEADERS, &["*"])));
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
