//! Authorizers of APIs: whom an API asks who the caller is.
//!
//! Comes in: the properties of an authorizer, in either spelling. Goes out: flows to functions and user pools, and how long an answer is kept.

use crate::catalog::aws::api_integration::call_ends;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::paths;
use crate::model::fact::{Answer, Fact, Origin, Reading, Value};
use crate::model::resource::Property;
use crate::model::{Basis, Means, Payload};

/// Where an authorizer spells what it needs.
#[derive(Clone, Copy)]
pub(crate) struct Spelling {
    pub function: &'static str,
    pub pools: &'static [&'static str],
    pub seconds: &'static str,
}

/// `AWS::ApiGateway::Authorizer` and `AWS::ApiGatewayV2::Authorizer`.
pub(crate) const RESOURCE: Spelling =
    Spelling { function: "AuthorizerUri", pools: &["ProviderARNs[]", "JwtConfiguration.Issuer"], seconds: "AuthorizerResultTtlInSeconds" };

/// `x-amazon-apigateway-authorizer`.
pub(crate) const OPEN_API: Spelling =
    Spelling { function: "authorizerUri", pools: &["providerARNs[]", "jwtConfiguration.issuer"], seconds: "authorizerResultTtlInSeconds" };

/// Seconds that the answer of a function is kept where nothing is said.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>
const DEFAULT_SECONDS: i64 = 300;

/// Puts the flows of an authorizer, and how long it is believed, into the draft; gives back whose tokens it takes.
pub(crate) fn state<'t>(
    draft: &mut Draft<'t, '_>,
    api: ElementIndex,
    name: &str,
    authorizer: &Property<'t>,
    spelling: Spelling,
) -> Vec<ElementIndex> {
    let mut issuers = Vec::new();
    let via = format!("authorizer {name}");
    for uri in paths::find(authorizer, spelling.function) {
        for end in call_ends(draft, &uri) {
            let mut flow = FlowDraft::new(api, end, Means::Invoke, Basis::Property, uri.span).via(&via);
            // What counts is the answer: checking what it is handed is all that the function does, and nobody asks whether it does so.
            flow.payload = Payload::In;
            draft.flow(flow);
        }
        keep(draft, api, authorizer, spelling);
    }
    for pool in spelling.pools.iter().flat_map(|path| paths::find(authorizer, path)) {
        for target in draft.targets(&pool) {
            if let Some(end) = draft.end(&target, pool.span) {
                draft.flow(FlowDraft::new(api, end, Means::Authenticate, Basis::Property, pool.span).via(&via));
                issuers.push(end);
            }
        }
    }
    issuers
}

/// The longest time of several authorizers counts.
fn keep(draft: &mut Draft<'_, '_>, api: ElementIndex, authorizer: &Property<'_>, spelling: Spelling) {
    let stated = authorizer.get(spelling.seconds);
    let reading = match stated.map(|seconds| (seconds, seconds.literal().and_then(|text| text.parse::<i64>().ok()))) {
        None => Reading::known(
            Value::Number(DEFAULT_SECONDS * 1000),
            Origin::Default("https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html"),
        ),
        Some((seconds, Some(number))) => Reading::known(Value::Number(number.saturating_mul(1000)), draft.stated(seconds.span)),
        Some((seconds, None)) => Reading::unresolved(seconds.unresolved().unwrap_or_default(), draft.stated(seconds.span)),
    };
    let known = draft.element_at(api).facts.value(Fact::AuthorizerTtl).cloned();
    let longer = match (&known, &reading.answer) {
        (Some(known), Answer::Known(new)) => new > known,
        _ => true,
    };
    if longer {
        draft.set_fact(api, Fact::AuthorizerTtl, reading);
    }
}
