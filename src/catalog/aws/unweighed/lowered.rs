//! Values by which something protects less, of what nothing else here bears: that one comes is told, and not that it goes.
//!
//! Comes in: a resource. Goes out: each such value that it states.

use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

struct Lowered {
    kind: &'static str,
    path: &'static str,
    to: &'static [&'static str],
    /// What weighs the value as its own where it names the resource.
    unless_named_by: &'static str,
}

const LOWERED: [Lowered; 2] = [
    // <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-custom-domain-tls-version.html>
    Lowered {
        kind: "AWS::ApiGateway::DomainName",
        path: "SecurityPolicy",
        to: &["TLS_1_0"],
        unless_named_by: "AWS::ApiGateway::BasePathMapping",
    },
    // <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>
    Lowered {
        kind: "AWS::CloudFront::OriginAccessControl",
        path: "OriginAccessControlConfig.SigningBehavior",
        to: &["never", "no-override"],
        unless_named_by: "AWS::CloudFront::Distribution",
    },
];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    for lowered in LOWERED.iter().filter(|lowered| lowered.kind == resource.kind) {
        if collector.draft.mentioning(resource.address).any(|other| other.kind == lowered.unless_named_by) {
            continue;
        }
        let values = paths::find(&resource.properties, lowered.path);
        for value in values.iter().filter(|value| value.literal().is_some_and(|text| lowered.to.contains(&text))) {
            collector.add(resource, (Kind::Arrival, lowered.path), value, value.span);
        }
    }
}
