//! Keys that a method asks for beside its authorizer: who has one is counted and held to a plan, and the authorizer says who it is.
//!
//! Comes in: a method. Goes out: the key, where an authorizer stands beside it. Of a method that has the key alone it is how callers are known, which
//! is weighed.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html>.

use crate::catalog::unweighed::Collector;
use crate::model::resource::{Property, Resource};
use crate::model::unweighed::Kind;

/// The property, and its only value that asks for a key.
const KEY: &str = "ApiKeyRequired";
const IS_ASKED: &str = "true";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, method: &Resource<'t>) {
    let kind = method.properties.get("AuthorizationType").and_then(Property::literal);
    let has_authorizer = kind.is_some_and(|kind| kind != "NONE");
    if let Some(key) = method.properties.get(KEY).filter(|key| has_authorizer && key.literal() == Some(IS_ASKED)) {
        collector.add_text(method, (Kind::Part, KEY), IS_ASKED, key.span);
    }
}
