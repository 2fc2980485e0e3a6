//! Distributions: whether their origins refuse those who come another way, and whose the origins are.
//!
//! Comes in: a CloudFront distribution. Goes out: `origin_restricted` and `origin_ownership` with the origins that make them so, and whether
//! pages are served. Runs once the elements are known. Origins that only a deployment knows leave the answer open.

use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Answer, Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// What one origin does to a fact.
struct Origin {
    restricted: bool,
    /// It lets in nobody but who signs: a bucket without public readers.
    closed: bool,
    ownership: Word,
    stores_pages: bool,
    shown: String,
    span: Span,
}

/// The resolver of `AWS::CloudFront::Distribution`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, distribution: &Resource<'t>) {
    let Some(element) = draft.element(distribution.address) else { return };
    let listed = paths::find(&distribution.properties, "DistributionConfig.Origins[]");
    let origins: Vec<Origin> = listed.iter().map(|origin| read(draft, origin)).collect();
    if origins.is_empty() {
        return;
    }
    let open = |origin: &&Origin| !origin.restricted && !origin.closed;
    // What is closed to everybody and gets no signature either serves nothing: no way in, and no control.
    if origins.iter().any(|origin| open(&origin)) || origins.iter().all(|origin| origin.restricted) {
        let reading = weakest(draft, &origins, open, Word::Off, Word::On);
        draft.set_fact(element, Fact::OriginRestricted, reading);
    }
    let foreign = |origin: &&Origin| origin.ownership == Word::External;
    let unknown = origins.iter().find(|origin| origin.ownership == Word::Unknown);
    let reading = match unknown {
        Some(origin) if !origins.iter().any(|origin| foreign(&origin)) => {
            Reading::unresolved(format!("who creates the origin {} cannot be told", origin.shown), draft.stated(origin.span))
        }
        _ => weakest(draft, &origins, foreign, Word::External, Word::SameStack),
    };
    draft.set_fact(element, Fact::OriginOwnership, reading);
    let root = distribution.properties.at("DistributionConfig.DefaultRootObject");
    let pages = root.is_some() || origins.iter().any(|origin| origin.stores_pages);
    let reading = Reading::known(Value::Flag(pages), draft.stated(root.map_or(origins[0].span, |root| root.span)));
    draft.set_fact(element, Fact::ServesHtml, reading);
}

/// The weak word, at the first origin that makes it so and with all of them, or the strong one.
fn weakest(draft: &Draft<'_, '_>, origins: &[Origin], is_weak: impl Fn(&&Origin) -> bool, weak: Word, strong: Word) -> Reading {
    let weak_ones: Vec<&Origin> = origins.iter().filter(is_weak).collect();
    match weak_ones.first() {
        Some(first) => {
            let shown = weak_ones.iter().map(|origin| origin.shown.clone()).collect();
            Reading::word(weak, draft.stated(first.span)).witnessed(bounded(shown))
        }
        None => Reading::word(strong, draft.stated(origins[0].span)),
    }
}

/// Whether the access control of an origin signs requests: with `never` it is off, and the origin cannot tell who calls.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cloudfront-originaccesscontrol-originaccesscontrolconfig.html>
fn signs<'t>(draft: &Draft<'t, '_>, origin: &Property<'t>) -> bool {
    let controls = paths::find(origin, "OriginAccessControlId");
    let controls = controls.iter().filter_map(|control| draft.resource(control.reference()?.address));
    let behaviors = controls.flat_map(|control| paths::find(&control.properties, "OriginAccessControlConfig.SigningBehavior"));
    behaviors.into_iter().all(|behavior| behavior.literal() != Some("never"))
}

fn read<'t>(draft: &Draft<'t, '_>, origin: &Property<'t>) -> Origin {
    let says = |path: &str| paths::find(origin, path).iter().any(|value| value.literal() != Some(""));
    let restricted = ["S3OriginConfig.OriginAccessIdentity", "VpcOriginConfig", "OriginCustomHeaders[]"].iter().any(|path| says(path));
    let restricted = restricted || says("OriginAccessControlId") && signs(draft, origin);
    let named = origin.get("DomainName");
    let span = named.map_or(origin.span, |name| name.span);
    let target = named.and_then(|name| draft.targets(name).into_iter().next());
    let ownership = match &target {
        Some(Target::Resource(_)) => Word::SameStack,
        Some(Target::Name(_) | Target::Arn(_)) => Word::External,
        Some(Target::External(_) | Target::Wildcard | Target::Unknown(_)) | None => Word::Unknown,
    };
    let store = match &target {
        Some(Target::Resource(reference)) => draft.element(reference.address).map(|element| draft.element_at(element)),
        Some(_) | None => None,
    };
    let store = store.filter(|element| element.service == "object_store");
    let closed = store.is_some_and(|store| {
        let readers = store.facts.get(Fact::PolicyRead).map(|reading| &reading.answer);
        let is_public = !matches!(readers, Some(Answer::Known(Value::Set(words))) if !words.contains(&Word::Public));
        !is_public && store.facts.is(Fact::Website, Word::Off)
    });
    let shown = match &target {
        Some(Target::Resource(reference)) => reference.address.to_owned(),
        Some(_) | None => named.and_then(canonical).unwrap_or_else(|| "of an undecided name".to_owned()),
    };
    Origin { restricted, closed, ownership, stores_pages: store.is_some(), shown, span }
}
