//! What changed and nothing weighs, in words: a number in the first line, and one line each where somebody looks further.
//!
//! Comes in: a report. Goes out: plain words; foreign text is not escaped yet.

use crate::model::unweighed::{ARGUMENT, Kind, TARGET, Unweighed};
use crate::report::Report;
use crate::report::markup::count;
use std::collections::BTreeSet;

/// `2 changed properties not weighed`, `1 changed resource not weighed`. Guards that go are said with what is taken away.
pub(super) fn words(report: &Report) -> Vec<String> {
    let of = |is: fn(Kind) -> bool| report.delta.unweighed.iter().filter(|other| is(other.kind)).count();
    let properties = report.delta.unweighed.iter().filter(|other| other.kind.is_property());
    let properties = properties.map(|other| (name_in_its_module(other), &other.path, &other.place)).collect::<BTreeSet<_>>().len();
    let resources = of(|kind| matches!(kind, Kind::UnknownType | Kind::Silent | Kind::Trigger));
    let deployment = of(|kind| kind == Kind::Deployment);
    let mut words = Vec::new();
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

/// The address without the instance of the module that it stands in: what all instances have is written once.
fn name_in_its_module(other: &Unweighed) -> &str {
    let address = other.id.address();
    let own = address.rfind(&format!(".{}.", other.declared)).filter(|_| address.starts_with("module."));
    own.map_or(other.id.as_str(), |at| &address[at..])
}

/// Without the guards that go, which are said with what is taken away.
pub(super) fn told(report: &Report) -> impl Iterator<Item = &Unweighed> {
    report.delta.unweighed.iter().filter(|other| !other.kind.guards())
}

/// The resource, its type and the property: ``Site``, ``AWS::CloudFront::Distribution``, ``DistributionConfig.CustomErrorResponses``.
pub(super) fn pieces<'r>(report: &Report, other: &'r Unweighed) -> [&'r str; 3] {
    // Other notations have other names for a property than the provider's model; an argument has the notation's own.
    let is_as_written = [ARGUMENT, TARGET].iter().any(|begin| other.path.starts_with(begin));
    let is_in_own_words = matches!(other.kind, Kind::Way | Kind::Arrival);
    let has_own_words = !is_in_own_words && report.after.words.contains_key(&other.unit) && other.kind.is_property() && !is_as_written;
    let named = if has_own_words { "" } else { other.path.as_str() };
    [other.id.address(), &other.declared, named]
}
