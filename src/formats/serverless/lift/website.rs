//! `static-website`, `single-page-app` and `server-side-website`: a distribution before a bucket, or before the service's API.

use crate::formats::serverless::lift::Construct;
use crate::formats::serverless::pen::{Fields, Pen, one_or_many, present, word};
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;

/// The bucket is a website of its own, which everybody may read.
pub(super) fn add_static<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let bucket = construct.part("Bucket");
    let blocked = [
        ("BlockPublicAcls", pen.flag(false)),
        ("BlockPublicPolicy", pen.flag(false)),
        ("IgnorePublicAcls", pen.flag(false)),
        ("RestrictPublicBuckets", pen.flag(false)),
    ];
    let properties = [
        ("PublicAccessBlockConfiguration", pen.map(&blocked)),
        ("WebsiteConfiguration", pen.map(&[("IndexDocument", pen.text("index.html"))])),
    ];
    stack.add(&bucket, "AWS::S3::Bucket", pen.map(&properties));
    add_readers(stack, pen, &bucket, pen.text("*"));
    let mut origin = Fields::new(pen);
    origin.put("Id", pen.text("bucket"));
    let endpoint = pen.map(&[(
        "Fn::Select",
        pen.list(&[pen.number(2), pen.map(&[("Fn::Split", pen.list(&[pen.text("/"), pen.attribute(&bucket, "WebsiteURL")]))])]),
    )]);
    origin.put("DomainName", endpoint);
    origin.put("CustomOriginConfig", pen.map(&[("OriginProtocolPolicy", pen.text("http-only"))]));
    add_distribution(construct, stack, pen, &[origin.done()], behavior(pen, "bucket"), &[]);
}

/// The bucket is read by the distribution alone.
pub(super) fn add_single_page<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let bucket = construct.part("Bucket");
    stack.add(&bucket, "AWS::S3::Bucket", pen.map(&[]));
    let origin = private_origin(construct, stack, pen, &bucket);
    add_distribution(construct, stack, pen, &[origin], behavior(pen, "bucket"), &[]);
}

/// The service's API renders pages, a bucket has what they need.
pub(super) fn add_server_side<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>) {
    let bucket = construct.part("Assets");
    stack.add(&bucket, "AWS::S3::Bucket", pen.map(&[]));
    let assets = private_origin(construct, stack, pen, &bucket);
    let api = if word(construct.settings, "apiGateway") == Some("rest") { "ApiGatewayRestApi" } else { "HttpApi" };
    let domain = [pen.reference(api), pen.text(".execute-api."), pen.reference("AWS::Region"), pen.text(".amazonaws.com")];
    let backend = pen.map(&[
        ("Id", pen.text("api")),
        ("DomainName", pen.joined(&domain)),
        ("CustomOriginConfig", pen.map(&[("OriginProtocolPolicy", pen.text("https-only"))])),
    ]);
    let patterns = present(construct.settings, "assets").map(|assets| assets.entries()).unwrap_or_default();
    let behaviors: Vec<_> = patterns
        .iter()
        .map(|entry| {
            let mut fields = Fields::new(pen);
            fields.extend(behavior(pen, "bucket"));
            fields.put("PathPattern", pen.text(entry.key));
            fields.done()
        })
        .collect();
    add_distribution(construct, stack, pen, &[backend, assets], behavior(pen, "api"), &behaviors);
}

/// A bucket that the distribution reads under an identity of its own.
fn private_origin<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>, pen: Pen<'t>, bucket: &str) -> Node<'t> {
    let identity = construct.part("CDNOrigin1S3Origin");
    let comment = pen.map(&[("Comment", pen.text("Identity of the website's distribution"))]);
    stack.add(&identity, "AWS::CloudFront::CloudFrontOriginAccessIdentity", pen.map(&[("CloudFrontOriginAccessIdentityConfig", comment)]));
    add_readers(stack, pen, bucket, pen.map(&[("CanonicalUser", pen.attribute(&identity, "S3CanonicalUserId"))]));
    let path = pen.joined(&[pen.text("origin-access-identity/cloudfront/"), pen.reference(&identity)]);
    pen.map(&[
        ("Id", pen.text("bucket")),
        ("DomainName", pen.attribute(bucket, "RegionalDomainName")),
        ("S3OriginConfig", pen.map(&[("OriginAccessIdentity", path)])),
    ])
}

fn add_readers<'t>(stack: &mut Stack<'t>, pen: Pen<'t>, bucket: &str, principal: Node<'t>) {
    let objects = pen.joined(&[pen.attribute(bucket, "Arn"), pen.text("/*")]);
    let mut statement = Fields::new(pen);
    statement.extend(pen.allow(&["s3:GetObject"], &[objects]));
    statement.put("Principal", principal);
    let policy = [("Bucket", pen.reference(bucket)), ("PolicyDocument", pen.document(&[statement.done()]))];
    stack.add(&[bucket, "Policy"].concat(), "AWS::S3::BucketPolicy", pen.map(&policy));
}

fn behavior<'t>(pen: Pen<'t>, origin: &str) -> Node<'t> {
    pen.map(&[("TargetOriginId", pen.text(origin)), ("ViewerProtocolPolicy", pen.text("redirect-to-https"))])
}

fn add_distribution<'t>(
    construct: &Construct<'t>,
    stack: &mut Stack<'t>,
    pen: Pen<'t>,
    origins: &[Node<'t>],
    default: Node<'t>,
    others: &[Node<'t>],
) {
    let mut config = Fields::new(pen);
    config.put("Enabled", pen.flag(true));
    config.put("Origins", pen.list(origins));
    config.put("DefaultCacheBehavior", default);
    if !others.is_empty() {
        config.put("CacheBehaviors", pen.list(others));
    }
    let domains = one_or_many(present(construct.settings, "domain"));
    if !domains.is_empty() {
        config.put("Aliases", pen.list(&domains));
    }
    if let Some(certificate) = present(construct.settings, "certificate") {
        let chosen = [
            ("AcmCertificateArn", certificate),
            ("MinimumProtocolVersion", pen.text("TLSv1.2_2021")),
            ("SslSupportMethod", pen.text("sni-only")),
        ];
        config.put("ViewerCertificate", pen.map(&chosen));
    }
    stack.add(&construct.part("CDN"), "AWS::CloudFront::Distribution", pen.map(&[("DistributionConfig", config.done())]));
}
