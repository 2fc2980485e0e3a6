//! Who may call a method of the REST API.
//!
//! Comes in: what an `http` event says of its authorizer. Goes out: the method's authorization, the authorizer, and what lets the API call its function.

use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_falsy, is_intrinsic, present, word};
use crate::formats::serverless::rest_api::{invocation, permission};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

/// How a method asks for its caller.
enum Asked<'t> {
    Iam,
    /// An authorizer that exists already, by its id.
    Existing {
        id: Node<'t>,
        kind: String,
    },
    /// A function of the service.
    Function(&'t str),
    /// A function or a user pool by its ARN, with the authorizer's name.
    Arn {
        arn: Node<'t>,
        name: String,
    },
}

pub(super) fn put<'t>(
    fields: &mut Fields<'t>,
    service: &Service<'t>,
    stack: &mut Stack<'t>,
    stated: Option<Node<'t>>,
    pen: Pen<'t>,
    api: Node<'t>,
) {
    let Some(stated) = stated.filter(|stated| !is_falsy(*stated)) else {
        fields.put("AuthorizationType", pen.text("NONE"));
        return;
    };
    let pen = pen.at(stated.span);
    match asked(stated) {
        Some(Asked::Iam) => fields.put("AuthorizationType", pen.text("AWS_IAM")),
        Some(Asked::Existing { id, kind }) => {
            fields.put("AuthorizationType", pen.text(if matches!(kind.as_str(), "TOKEN" | "REQUEST") { "CUSTOM" } else { &kind }));
            fields.put("AuthorizerId", id);
        }
        Some(Asked::Function(name)) => {
            let arn = pen.attribute(&naming::function(name), "Arn");
            if service.find(name).is_some() {
                let address = naming::normalized(name) + "LambdaPermissionApiGateway";
                stack.add(&address, "AWS::Lambda::Permission", permission(pen, arn, api, "/*/*"));
            }
            put_authorizer(fields, stack, pen, api, stated, arn, name);
        }
        Some(Asked::Arn { arn, name }) => put_authorizer(fields, stack, pen, api, stated, arn, &name),
        None => fields.put("AuthorizationType", stated),
    }
    if let Some(scopes) = present(stated, "scopes") {
        fields.put("AuthorizationScopes", scopes);
    }
}

fn asked<'t>(stated: Node<'t>) -> Option<Asked<'t>> {
    if let Some(short) = stated.scalar().filter(|_| stated.tag.is_none()) {
        return Some(match short {
            _ if short.eq_ignore_ascii_case("aws_iam") => Asked::Iam,
            _ if short.starts_with("arn:") => Asked::Arn { arn: stated, name: name_of(short) },
            _ => Asked::Function(short),
        });
    }
    if is_intrinsic(stated) {
        return Some(Asked::Arn { arn: stated, name: "authorizer".to_owned() });
    }
    let kind = word(stated, "type").unwrap_or_default().to_uppercase();
    if kind == "AWS_IAM" {
        return Some(Asked::Iam);
    }
    if let Some(id) = present(stated, "authorizerId") {
        return Some(Asked::Existing { id, kind });
    }
    if let Some(arn) = present(stated, "arn") {
        let own_name = word(stated, "name").map(str::to_owned);
        return Some(Asked::Arn { arn, name: own_name.or_else(|| arn.scalar().map(name_of)).unwrap_or_else(|| "authorizer".to_owned()) });
    }
    word(stated, "name").map(Asked::Function)
}

/// What the framework calls an authorizer after an ARN: the last word of the last part.
fn name_of(arn: &str) -> String {
    naming::last_part(arn).rsplit('-').next().unwrap_or_default().to_owned()
}

fn put_authorizer<'t>(
    fields: &mut Fields<'t>,
    stack: &mut Stack<'t>,
    pen: Pen<'t>,
    api: Node<'t>,
    stated: Node<'t>,
    arn: Node<'t>,
    name: &str,
) {
    let kind = word(stated, "type").unwrap_or_default().to_uppercase();
    let is_pool = kind == "COGNITO_USER_POOLS" || arn.scalar().is_some_and(|arn| arn.contains(":cognito-idp:"));
    let address = naming::normalized(name) + "ApiGatewayAuthorizer";
    let mut authorizer = Fields::new(pen);
    authorizer.put("Name", pen.text(name));
    authorizer.put("RestApiId", api);
    let source = present(stated, "identitySource").unwrap_or_else(|| pen.text("method.request.header.Authorization"));
    authorizer.put("IdentitySource", source);
    authorizer.rename(
        stated,
        &[("resultTtlInSeconds", "AuthorizerResultTtlInSeconds"), ("identityValidationExpression", "IdentityValidationExpression")],
    );
    if is_pool {
        authorizer.put("Type", pen.text("COGNITO_USER_POOLS"));
        authorizer.put("ProviderARNs", pen.list(&[arn]));
    } else {
        authorizer.put("Type", pen.text(if kind.is_empty() { "TOKEN" } else { &kind }));
        authorizer.put("AuthorizerUri", invocation(pen, arn));
    }
    stack.add(&address, "AWS::ApiGateway::Authorizer", authorizer.done());
    fields.put("AuthorizationType", pen.text(if is_pool { "COGNITO_USER_POOLS" } else { "CUSTOM" }));
    fields.put("AuthorizerId", pen.reference(&address));
}
