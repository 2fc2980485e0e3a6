//! `storage`: a private bucket that every function may use.

use crate::formats::serverless::lift::{Construct, encrypted_only};
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, is_on, present, word};
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

pub(super) fn add<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let bucket = construct.part("Bucket");
    let public = word(construct.settings, "publicPath").map(str::to_owned);
    let algorithm = if word(construct.settings, "encryption") == Some("kms") { "aws:kms" } else { "AES256" };
    let by_default = pen.map(&[("ServerSideEncryptionByDefault", pen.map(&[("SSEAlgorithm", pen.text(algorithm))]))]);
    let mut fields = Fields::new(pen);
    fields.put("BucketEncryption", pen.map(&[("ServerSideEncryptionConfiguration", pen.list(&[by_default]))]));
    fields.put("VersioningConfiguration", pen.map(&[("Status", pen.text("Enabled"))]));
    fields.put("PublicAccessBlockConfiguration", blocked(pen, public.is_some(), is_on(construct.settings, "allowAcl")));
    let expiry =
        pen.map(&[("Status", pen.text("Enabled")), ("NoncurrentVersionExpiration", pen.map(&[("NoncurrentDays", pen.number(30))]))]);
    fields.put("LifecycleConfiguration", pen.map(&[("Rules", pen.list(&[expiry]))]));
    if let Some(cors) = present(construct.settings, "cors") {
        fields.put("CorsConfiguration", pen.map(&[("CorsRules", cors_rules(cors, pen.at(cors.span)))]));
    }
    if is_on(construct.settings, "allowAcl") {
        let rule = pen.map(&[("ObjectOwnership", pen.text("BucketOwnerPreferred"))]);
        fields.put("OwnershipControls", pen.map(&[("Rules", pen.list(&[rule]))]));
    }
    stack.add(&bucket, "AWS::S3::Bucket", fields.done());
    add_policy(stack, pen, &bucket, public.as_deref());
    let objects = pen.joined(&[pen.attribute(&bucket, "Arn"), pen.text("/*")]);
    let actions = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket"];
    stack.grant_all(pen.allow(&actions, &[pen.attribute(&bucket, "Arn"), objects]));
}

/// One origin, or rules as CloudFormation has them but for their first letters.
fn cors_rules<'t>(cors: Node<'t>, pen: Pen<'t>) -> Node<'t> {
    if cors.scalar().is_some() {
        let rule = [
            ("AllowedOrigins", pen.list(&[cors])),
            ("AllowedMethods", pen.texts(&["GET", "PUT", "DELETE"])),
            ("AllowedHeaders", pen.texts(&["*"])),
        ];
        return pen.list(&[pen.map(&rule)]);
    }
    let capitalized = |rule: &Node<'t>| {
        let mut fields = Fields::new(pen);
        rule.entries().iter().for_each(|entry| fields.put(&naming::upper_first(entry.key), entry.value));
        fields.done()
    };
    pen.list(&cors.items().iter().map(capitalized).collect::<Vec<_>>())
}

/// Everything is blocked, unless a path is public; access lists are then taken where they are asked for, and ignored all the same.
fn blocked(pen: Pen<'_>, public: bool, lists: bool) -> Node<'_> {
    pen.map(&[
        ("BlockPublicAcls", pen.flag(!(public && lists))),
        ("BlockPublicPolicy", pen.flag(!public)),
        ("IgnorePublicAcls", pen.flag(true)),
        ("RestrictPublicBuckets", pen.flag(!public)),
    ])
}

/// Plain HTTP is refused; a public path may be read by everybody.
fn add_policy<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, bucket: &str, public: Option<&str>) {
    let arn = pen.attribute(bucket, "Arn");
    let everything = pen.joined(&[arn, pen.text("/*")]);
    let mut statements = vec![encrypted_only(pen, &[arn, everything])];
    if let Some(path) = public {
        let path = path.trim_matches('/');
        let pattern = if matches!(path, "" | "*") { "/*".to_owned() } else { format!("/{path}/*") };
        let mut statement = Fields::new(pen);
        statement.extend(pen.allow(&["s3:GetObject"], &[pen.joined(&[arn, pen.text(&pattern)])]));
        statement.put("Principal", pen.text("*"));
        statements.push(statement.done());
    }
    let policy = [("Bucket", pen.reference(bucket)), ("PolicyDocument", pen.document(&statements))];
    stack.add(&[bucket, "Policy"].concat(), "AWS::S3::BucketPolicy", pen.map(&policy));
}
