//! Load balancers: what their attributes and the rules of their listeners say together.
//!
//! Comes in: a load balancer of the second generation. Goes out: the flow of its access log, what its listeners ask of callers, whether
//! malformed requests are refused, and whether paths decide who must sign in. Network and gateway load balancers pass connections on and see no requests.

use crate::catalog::aws::sign_in;
use crate::catalog::draft::{Draft, FlowDraft};
use crate::catalog::paths;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::model::{Basis, Means};

/// What the provider does where an attribute is left out.
const PAGE: &str = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html";

/// The resolver of `AWS::ElasticLoadBalancingV2::LoadBalancer`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, balancer: &Resource<'t>) {
    let Some(element) = draft.element(balancer.address) else { return };
    if let Some(bucket) = attribute(balancer, "access_logs.s3.bucket") {
        for target in draft.targets(&bucket) {
            if let Some(end) = draft.end(&target, bucket.span) {
                draft.flow(FlowDraft::new(element, end, Means::Log, Basis::Property, bucket.span).via("access log"));
            }
        }
    }
    sign_in::state(draft, element);
    let kind = balancer.properties.get("Type");
    if kind.is_some_and(|kind| !matches!(kind.literal(), Some("application"))) {
        return;
    }
    let reading = hygiene(draft, balancer);
    draft.set_fact(element, Fact::HeaderHygiene, reading);
    let reading = sign_in::path_based_access(draft, element);
    draft.set_fact(element, Fact::PathBasedAccess, reading);
}

fn attribute<'t>(balancer: &Resource<'t>, key: &str) -> Option<Property<'t>> {
    let pairs = paths::find(&balancer.properties, "LoadBalancerAttributes[]");
    let pair = pairs.into_iter().find(|pair| pair.get("Key").and_then(Property::literal) == Some(key))?;
    pair.get("Value").copied()
}

/// Good only where invalid headers are dropped and requests that two servers may read differently are not merely watched.
fn hygiene(draft: &Draft<'_, '_>, balancer: &Resource<'_>) -> Reading {
    let desync = attribute(balancer, "routing.http.desync_mitigation_mode");
    if let Some(mode) = desync.filter(|mode| mode.literal() == Some("monitor")) {
        return Reading::word(Word::Off, draft.stated(mode.span));
    }
    match attribute(balancer, "routing.http.drop_invalid_header_fields.enabled") {
        None => Reading::word(Word::Off, Origin::Default(PAGE)),
        Some(value) => match (value.literal(), value.unresolved()) {
            (_, Some(reason)) => Reading::unresolved(reason, draft.stated(value.span)),
            (Some("true"), None) => Reading::word(Word::On, draft.stated(value.span)),
            (_, None) => Reading::word(Word::Off, draft.stated(value.span)),
        },
    }
}
