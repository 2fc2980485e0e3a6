//! Caches at the edge: whether an origin that is told who asks has its answers kept under a key that does not say so.
//!
//! Comes in: a CloudFront distribution with its cache and origin request policies. Goes out: `cache`, and `cache_key_identity` with the
//! paths that make it so. A credential is the `Authorization` header or cookies. What is in the key reaches the origin, and what an
//! origin request policy adds reaches it too but is not in the key; in the older form both are one. Where no credential reaches the
//! origin nothing is said: its answers cannot depend on one.
//! Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html>, read 2026-11-24.

use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// What a policy does with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credential {
    /// Neither cookies nor the header.
    Without,
    With,
    /// The policy stands elsewhere, or what it takes is given at deployment.
    Unknown,
}

/// The provider's cache policies: id, whether anything is kept, whether a credential is part of the key.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>, read 2026-11-24.
const MANAGED_CACHE: &[(&str, bool, Credential)] = &[
    ("08627262-05a9-4f76-9ded-b50ca2e3a84f", true, Credential::Without), // Elemental-MediaPackage
    ("2e54312d-136d-493c-8eb9-b001f22f67d2", true, Credential::With),    // Amplify
    ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", false, Credential::Without), // CachingDisabled
    ("4cc15a8a-d715-48a4-82b8-cc0b614638fe", true, Credential::With),    // UseOriginCacheControlHeaders-QueryStrings
    ("658327ea-f89d-4fab-a63d-7e88639e58f6", true, Credential::Without), // CachingOptimized
    ("83da9c7e-98b4-4e11-a168-04f0df8e2c65", true, Credential::With),    // UseOriginCacheControlHeaders
    ("b2884449-e4de-46a7-ac36-70bc7f1ddd6d", true, Credential::Without), // CachingOptimizedForUncompressedObjects
];

/// The provider's origin request policies: id, and whether a credential is handed on.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html>, read 2026-11-24.
const MANAGED_REQUEST: &[(&str, Credential)] = &[
    ("216adef6-5c7f-47e4-b989-5492eafa07d3", Credential::With),    // AllViewer
    ("33f36d7e-f396-46d9-90e0-52428a34d9dc", Credential::With),    // AllViewerAndCloudFrontHeaders-2022-06
    ("59781a5b-3903-41f3-afcb-af62929ccde1", Credential::Without), // CORS-CustomOrigin
    ("88a5eaf4-2fd4-4709-b370-b4c650ea3fcf", Credential::Without), // CORS-S3Origin
    ("acba4595-bd28-49b8-b9fe-13317c0390fa", Credential::Without), // UserAgentRefererHeaders
    ("b689b0a8-53d0-40ab-baf2-68738e2966ac", Credential::With),    // AllViewerExceptHostHeader
    ("bf0718e1-ba1e-49d1-88b1-f726733018ae", Credential::Without), // HostHeaderOnly
];

/// What one behaviour comes to.
struct Behaviour {
    path: String,
    span: Span,
    keeps: bool,
    /// `None` where no credential reaches the origin; an error where that cannot be told.
    keyed: Result<Option<bool>, String>,
}

/// The resolver of `AWS::CloudFront::Distribution`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, distribution: &Resource<'t>) {
    let Some(element) = draft.element(distribution.address) else { return };
    let paths = ["DistributionConfig.DefaultCacheBehavior", "DistributionConfig.CacheBehaviors[]"];
    let listed = paths.iter().flat_map(|path| paths::find(&distribution.properties, path));
    let behaviours: Vec<Behaviour> = listed.map(|behaviour| read(draft, &behaviour)).collect();
    let Some(keeping) = behaviours.iter().find(|behaviour| behaviour.keeps).or(behaviours.first()) else { return };
    let word = if keeping.keeps { Word::On } else { Word::Off };
    let reading = Reading::word(word, draft.stated(keeping.span));
    draft.set_fact(element, Fact::Cache, reading);
    let kept: Vec<&Behaviour> = behaviours.iter().filter(|behaviour| behaviour.keeps).collect();
    if let Some(reading) = identity(draft, &kept) {
        draft.set_fact(element, Fact::CacheKeyIdentity, reading);
    }
}

fn identity(draft: &Draft<'_, '_>, kept: &[&Behaviour]) -> Option<Reading> {
    let is = |keyed: bool| move |behaviour: &&&Behaviour| behaviour.keyed == Ok(Some(keyed));
    let without: Vec<&&Behaviour> = kept.iter().filter(is(false)).collect();
    if let Some(first) = without.first() {
        let shown = without.iter().map(|behaviour| behaviour.path.clone()).collect();
        return Some(Reading::word(Word::Off, draft.stated(first.span)).witnessed(bounded(shown)));
    }
    let unknown = kept.iter().find_map(|behaviour| Some((behaviour.keyed.as_ref().err()?, behaviour.span)));
    if let Some((reason, span)) = unknown {
        return Some(Reading::unresolved(reason.clone(), draft.stated(span)));
    }
    kept.iter().find(is(true)).map(|behaviour| Reading::word(Word::On, draft.stated(behaviour.span)))
}

fn read<'t>(draft: &Draft<'t, '_>, behaviour: &Property<'t>) -> Behaviour {
    let path = behaviour.get("PathPattern").and_then(canonical).unwrap_or_else(|| "every other path".to_owned());
    let made = |keeps, keyed, span| Behaviour { path: path.clone(), span, keeps, keyed };
    let Some(named) = behaviour.get("CachePolicyId") else {
        let forwarded = behaviour.get("ForwardedValues");
        let zero = |key: &str| behaviour.get(key).and_then(Property::literal) == Some("0");
        let keyed = match forwarded.map_or(Credential::Without, forwards) {
            Credential::With => Ok(Some(true)),
            Credential::Without => Ok(None),
            Credential::Unknown => Err("what is handed on to the origin is not told here".to_owned()),
        };
        return made(!zero("MaxTTL"), keyed, forwarded.map_or(behaviour.span, |forwarded| forwarded.span));
    };
    let (keeps, keyed) = cache_policy(draft, named);
    let handed_on = behaviour.get("OriginRequestPolicyId").map_or(Credential::Without, |named| request_policy(draft, named));
    let untold = || Err("a cache or origin request policy, or what it takes, is not told here".to_owned());
    let keyed = match (keyed, handed_on) {
        (Credential::With, _) => Ok(Some(true)),
        (Credential::Without, Credential::With) => Ok(Some(false)),
        (Credential::Without, Credential::Without) => Ok(None),
        (Credential::Unknown, _) | (_, Credential::Unknown) => untold(),
    };
    made(keeps, keyed, named.span)
}

/// Whether the older form hands a credential on, which makes it part of the key.
fn forwards(forwarded: &Property<'_>) -> Credential {
    let cookies = forwarded.at("Cookies.Forward");
    let headers = paths::find(forwarded, "Headers[]");
    let header = |header: &Property<'_>| header.literal().is_some_and(|name| name == "*" || name.eq_ignore_ascii_case("authorization"));
    if cookies.and_then(Property::literal).is_some_and(|forward| forward != "none") || headers.iter().any(header) {
        Credential::With
    } else if cookies.into_iter().chain(&headers).chain([forwarded]).any(|value| value.unresolved().is_some()) {
        Credential::Unknown
    } else {
        Credential::Without
    }
}

/// Whether a policy of the template takes cookies or the header, by what it lists.
fn takes(settings: Option<&Property<'_>>, headers: (&str, &str), cookies: (&str, &str)) -> Credential {
    let Some(settings) = settings else { return Credential::Without };
    let stated = |(config, key): (&str, &str)| settings.get(config).and_then(|config| config.get(key));
    let listed = settings.get(headers.0).map(|config| paths::find(config, "Headers[]")).unwrap_or_default();
    let lists = || listed.iter().any(|header| header.literal().is_some_and(|name| name.eq_ignore_ascii_case("authorization")));
    let by_cookie = matches!(stated(cookies).and_then(Property::literal), Some("all" | "allExcept" | "whitelist"));
    let by_header = match stated(headers).and_then(Property::literal) {
        Some("allViewer" | "allViewerAndWhitelistCloudFront") => true,
        Some("allExcept") => !lists(),
        Some("whitelist") => lists(),
        Some(_) | None => false,
    };
    let parts = [Some(settings), settings.get(headers.0), settings.get(cookies.0), stated(headers), stated(cookies)];
    if by_cookie || by_header {
        Credential::With
    } else if parts.into_iter().flatten().chain(&listed).any(|value| value.unresolved().is_some()) {
        Credential::Unknown
    } else {
        Credential::Without
    }
}

fn cache_policy<'t>(draft: &Draft<'t, '_>, named: &Property<'t>) -> (bool, Credential) {
    if let Some(policy) = of_template(draft, named, "AWS::CloudFront::CachePolicy") {
        let config = policy.properties.get("CachePolicyConfig");
        let keeps = config.and_then(|config| config.get("MaxTTL")).and_then(Property::literal) != Some("0");
        let key = config.and_then(|config| config.get("ParametersInCacheKeyAndForwardedToOrigin"));
        return (keeps, takes(key, ("HeadersConfig", "HeaderBehavior"), ("CookiesConfig", "CookieBehavior")));
    }
    let managed = named.literal().and_then(|id| MANAGED_CACHE.iter().find(|(known, ..)| *known == id));
    managed.map_or((true, Credential::Unknown), |(_, keeps, credential)| (*keeps, *credential))
}

fn request_policy<'t>(draft: &Draft<'t, '_>, named: &Property<'t>) -> Credential {
    if let Some(policy) = of_template(draft, named, "AWS::CloudFront::OriginRequestPolicy") {
        let config = policy.properties.get("OriginRequestPolicyConfig");
        return takes(config, ("HeadersConfig", "HeaderBehavior"), ("CookiesConfig", "CookieBehavior"));
    }
    let managed = named.literal().and_then(|id| MANAGED_REQUEST.iter().find(|(known, _)| *known == id));
    managed.map_or(Credential::Unknown, |(_, credential)| *credential)
}

fn of_template<'t, 's>(draft: &Draft<'t, 's>, named: &Property<'t>, kind: &str) -> Option<&'s Resource<'t>> {
    let target = draft.targets(named).into_iter().next()?;
    let Target::Resource(reference) = target else { return None };
    draft.resource(reference.address).filter(|policy| policy.kind == kind)
}
