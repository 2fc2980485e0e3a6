//! What changed and nothing weighs, in words: a number in the first line, and one line each where somebody looks further.
//!
//! Comes in: a report. Goes out: plain words; foreign text is not escaped yet.

use crate::model::unweighed::{Kind, Unweighed};
use crate::report::Report;
use crate::report::markup::count;

/// `1 guard removed`, `2 changed properties not weighed`, `1 changed resource not weighed`.
pub(super) fn words(report: &Report) -> Vec<String> {
    let of = |kind: Kind| report.delta.unweighed.iter().filter(move |other| other.kind == kind).count();
    let (properties, resources, guards) = (of(Kind::Property), of(Kind::UnknownType), of(Kind::Guard));
    let deployment = of(Kind::Deployment);
    let mut words = Vec::new();
    if guards > 0 {
        words.push(format!("{} removed", count(guards, "guard", "guards")));
    }
    if deployment > 0 {
        words.push(format!("{} of the deployment", count(deployment, "change", "changes")));
    }
    if properties > 0 {
        words.push(format!("{} not weighed", count(properties, "changed property", "changed properties")));
    }
    if resources > 0 {
        words.push(format!("{} not weighed", count(resources, "changed resource", "changed resources")));
    }
    words
}

/// What is said of one: it is gone, or nothing weighs it.
pub(super) fn label(other: &Unweighed) -> &'static str {
    match other.kind {
        Kind::Guard => "guard removed",
        Kind::Property | Kind::UnknownType | Kind::Deployment => "not weighed",
    }
}

/// The resource, its type and the property: ``Site``, ``AWS::CloudFront::Distribution``, ``DistributionConfig.CustomErrorResponses``.
pub(super) fn pieces(other: &Unweighed) -> [&str; 3] {
    // Other notations have other names for a property than the provider's model.
    let has_own_words = other.declared.contains('_');
    let named = if has_own_words { "" } else { other.path.as_str() };
    [other.id.address(), &other.declared, named]
}
