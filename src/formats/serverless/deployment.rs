//! The bucket that what is deployed goes through.
//!
//! Comes in: the provider's settings. Goes out: the bucket that the framework makes unless one is named. From its fourth version on it
//! keeps one bucket for all services, which is no part of the stack.

use crate::formats::serverless::lift::encrypted_only;
use crate::formats::serverless::pen::{is_on, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;

/// The bucket's logical id.
pub(super) const BUCKET: &str = "ServerlessDeploymentBucket";

pub(super) fn add<'t>(variables: &Variables<'t, '_>, service: &Service<'t>, stack: &mut Stack<'t>) {
    let version = variables.section("frameworkVersion").and_then(|version| version.scalar()).unwrap_or_default();
    let bucket = service.setting("deploymentBucket");
    let named = bucket.is_some_and(|bucket| !bucket.is_map() || word(bucket, "name").is_some() || present(bucket, "name").is_some());
    if named || version.trim_start_matches(['^', '~', '>', '=', ' ']).starts_with('4') {
        return;
    }
    let pen = service.pen(service.span);
    let by_default = pen.map(&[("ServerSideEncryptionByDefault", pen.map(&[("SSEAlgorithm", pen.text("AES256"))]))]);
    let encryption = pen.map(&[("ServerSideEncryptionConfiguration", pen.list(&[by_default]))]);
    stack.add(BUCKET, "AWS::S3::Bucket", pen.map(&[("BucketEncryption", encryption)]));
    if bucket.is_some_and(|bucket| is_on(bucket, "skipPolicySetup")) {
        return;
    }
    let arn = pen.joined(&[pen.text("arn:"), pen.reference("AWS::Partition"), pen.text(":s3:::"), pen.reference(BUCKET)]);
    let objects = pen.joined(&[arn, pen.text("/*")]);
    let statements = [encrypted_only(pen, &[objects, arn])];
    let policy = [("Bucket", pen.reference(BUCKET)), ("PolicyDocument", pen.document(&statements))];
    stack.add("ServerlessDeploymentBucketPolicy", "AWS::S3::BucketPolicy", pen.map(&policy));
}
