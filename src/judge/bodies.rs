//! Whether a text from elsewhere is one that the base took already, though less or more of its place is filled in.
//!
//! Comes in: a threat on a body from elsewhere, and those of the base. Goes out: whether one of them differs only by what a parameter fills into a
//! part of the place that is written: a default that comes, or goes, makes `…/shop-${Stage}/` into `…/shop-prod/`, and no other place. A part that a
//! parameter fills in as a whole may be anybody's, and is compared as it is; but within a bucket that is written out it only says which edition is
//! meant, as a version does.

use crate::change::Change;
use crate::model::{Model, pattern};
use crate::source::RepoPath;
use crate::stride::{Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// The least that must be written of a part of a place beside what is filled in.
const LEAST_WRITTEN: usize = 3;
/// So many digits has the hash by which a packaging tool calls what it uploads.
const LEAST_HASH: usize = 32;

/// Whether the base had a body of the same rule and unit whose place may be the same.
pub(super) fn was_taken(threat: &Threat, before: &BTreeMap<ThreatKey, Threat>) -> bool {
    let holder = &threat.key.cause.holder;
    threat.rule.service == "external_body"
        && before
            .values()
            .any(|other| other.key.rule == threat.key.rule && other.outcome == Outcome::Open && may_be_one(&other.key.cause.holder, holder))
}

fn may_be_one(old: &str, new: &str) -> bool {
    let within = |holder: &str| bucket_of(holder).and_then(|bucket| holder.split_once(bucket)).map(|(_, path)| path.to_owned());
    let is_same_bucket = old.split_once("#template:").map(|(unit, _)| unit) == new.split_once("#template:").map(|(unit, _)| unit)
        && bucket_of(old).is_some_and(|bucket| bucket_of(new) == Some(bucket));
    match (within(old), within(new)) {
        (Some(old), Some(new)) if is_same_bucket => are_alike(&old, &new, true),
        _ => are_alike(old, new, false),
    }
}

/// Nested templates by paths at which nothing lies, while the unit nested a file of that name before, which lies where it did as it was: nothing is
/// packaged so, until somebody puts a file there.
pub(super) fn misplaced(head: &[Threat], base: &Model, change: &Change) -> BTreeSet<ThreatKey> {
    let [before, now] = [&change.base.listing, &change.head.listing];
    let is_it = |threat: &&Threat| {
        let Some((_, source)) = threat.key.cause.holder.split_once("#template:") else { return false };
        let is_path = !source.contains(['$', '*', ':', '?']) && !source.starts_with('/');
        let name = RepoPath::new(source);
        let nested = base.elements.iter().filter(|element| element.unit == threat.unit && element.place.path != threat.unit);
        let mut paths = nested.map(|element| &element.place.path).filter(|path| path.file_name() == name.file_name());
        is_path && paths.any(|path| before.get(path).is_some() && before.get(path) == now.get(path))
    };
    head.iter().filter(|threat| threat.rule.service == "external_body").filter(is_it).map(|threat| threat.key.clone()).collect()
}

/// Whether a template is what a packaging tool put into a bucket, by a key that is the hash of its content, and the unit had such a one or is itself
/// what the tool wrote; or whether nobody could tell whose bucket the unit's templates came from, and nobody can.
pub(super) fn is_packaged_again(threat: &Threat, before: &BTreeMap<ThreatKey, Threat>) -> bool {
    let is_of_unit = |other: &&Threat| other.key.rule == threat.key.rule && other.outcome == Outcome::Open && other.unit == threat.unit;
    let had = |is_it: fn(&Threat) -> bool| before.values().filter(is_of_unit).any(is_it);
    let is_it = |threat: &Threat| {
        is_packaged(threat) && (had(is_packaged) || is_written_by_a_tool(threat.unit.as_str()))
            || is_from_anywhere(threat) && had(is_from_anywhere)
    };
    threat.rule.service == "external_body" && threat.sharers().all(is_it)
}

/// Whether the key of a template is the hash of its content and nothing else: `0f3a….template`.
fn is_packaged(threat: &Threat) -> bool {
    let key = threat.shown.rsplit('/').next().unwrap_or_default();
    let stem = key.split('.').next().unwrap_or_default();
    threat.key.cause.holder.contains("#template:") && stem.len() >= LEAST_HASH && stem.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a file goes by the name of what a tool writes: `build/output.yaml`, `packaged.yml`, `.aws-sam/build/template.yaml`.
fn is_written_by_a_tool(unit: &str) -> bool {
    let mut parts: Vec<String> = unit.split('/').map(str::to_ascii_lowercase).collect();
    let file = parts.pop().unwrap_or_default();
    file.starts_with("packaged") || parts.iter().any(|part| [".aws-sam", "build", "cdk.out", "dist", "out"].contains(&part.as_str()))
}

/// Whether only the deployment knows the bucket that a template comes from, or its whole address.
fn is_from_anywhere(threat: &Threat) -> bool {
    let Some((_, source)) = threat.key.cause.holder.split_once("#template:") else { return false };
    let place = source.split_once("://").map_or(source, |(_, rest)| rest);
    let mut parts = place.split('/');
    let host = parts.next().unwrap_or_default();
    let is_hole = |part: &str| part == "*" || part.starts_with("${");
    is_hole(host) || (host.starts_with("s3.") || host.starts_with("s3-")) && parts.next().is_some_and(is_hole)
}

/// Whether two paths may be one, part by part; `by_edition` where one part that is filled in as a whole only says which edition is meant.
fn are_alike(old: &str, new: &str, by_edition: bool) -> bool {
    let is_hole = |part: &str| part == "*" || part.starts_with("${") && part.find('}') == Some(part.len() - 1);
    let is_edition = |part: &str| is_hole(part) || is_version(part);
    let fits = |old: &str, new: &str| old == new || fills_in(old, new) || fills_in(new, old);
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('/').collect(), new.split('/').collect());
    let others: Vec<(&str, &str)> = old.iter().copied().zip(new.iter().copied()).filter(|(old, new)| !fits(old, new)).collect();
    let is_one_file = !by_edition || old.last() == new.last();
    let is_fit = match others.as_slice() {
        [] => true,
        [(old, new)] => by_edition && is_edition(old) && is_edition(new) && (is_hole(old) || is_hole(new)),
        _ => false,
    };
    old.len() == new.len() && is_one_file && is_fit
}

/// Whether a part of a path says which version is meant: `1.4.2`, `v3`, `latest`.
fn is_version(part: &str) -> bool {
    let digits = part.strip_prefix('v').unwrap_or(part);
    part == "latest"
        || digits.starts_with(|first: char| first.is_ascii_digit()) && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether a key, in lower case, says whence a template is taken.
pub(super) fn takes(key: &str) -> bool {
    ["location", "template_url", "templateurl"].contains(&key)
}

/// The bucket that the template of a cause comes from, where its name is written out: `https://bucket.s3.amazonaws.com/`.
pub(super) fn bucket_of(holder: &str) -> Option<&str> {
    let (_, source) = holder.split_once("#template:")?;
    let (scheme, rest) = source.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let is_service = host.starts_with("s3.") || host.starts_with("s3-");
    let is_of_provider = scheme == "s3" || host.ends_with(".amazonaws.com") && (is_service || host.contains(".s3"));
    let behind = if is_service && scheme != "s3" { path.find('/')? + 1 } else { 0 };
    let bucket = &source[..scheme.len() + "://".len() + host.len() + 1 + behind];
    (is_of_provider && !bucket.contains(['$', '*'])).then_some(bucket)
}

/// Whether a part of a path with holes is the other part once they are filled in.
fn fills_in(part: &str, filled: &str) -> bool {
    let mut pattern = String::new();
    let mut rest = part;
    while let Some((before, hole)) = rest.split_once("${") {
        let Some((_, after)) = hole.split_once('}') else { return false };
        pattern.push_str(before);
        pattern.push('*');
        rest = after;
    }
    pattern.push_str(rest);
    let written = pattern.bytes().filter(|byte| *byte != b'*').count();
    part.contains("${") && written >= LEAST_WRITTEN && pattern::matches(&pattern, filled)
}

#[cfg(test)]
mod tests {
    use super::may_be_one;

    #[test]
    fn a_place_is_the_same_with_a_part_filled_in() {
        for (old, new, expected) in [
            ("a#template:https://s3/shop-${Stage}/*", "a#template:https://s3/shop-prod/*", true),
            ("a#template:https://s3/shop-prod/*", "a#template:https://s3/shop-${Stage}/*", true),
            ("a#template:https://s3/${Bucket}/*", "a#template:https://s3/others/*", false),
            ("a#template:https://s3/shop-${Stage}/*", "a#template:https://s3/others-prod/*", false),
            ("a#template:https://s3/shop-prod/*", "a#template:https://s3/shop-test/*", false),
            ("a#template:https://s3.amazonaws.com/shop/*/vpc.yml", "a#template:https://s3.amazonaws.com/shop/latest/vpc.yml", true),
            ("a#template:https://shop.s3.amazonaws.com/*/vpc.yml", "a#template:https://shop.s3.amazonaws.com/${Version}/vpc.yml", true),
            ("a#template:https://shop.s3.amazonaws.com/*/vpc.yml", "a#template:https://shop.s3.amazonaws.com/*/open.yml", false),
            ("a#template:https://shop.s3.amazonaws.com/${V}/vpc.yml", "a#template:https://shop.s3.amazonaws.com/v1.2/vpc.yml", true),
            ("a#template:https://shop.s3.amazonaws.com/${V}/vpc.yml", "a#template:https://shop.s3.amazonaws.com/uploads/vpc.yml", false),
            ("a#template:https://shop.s3.amazonaws.com/a/1/vpc.yml", "a#template:https://shop.s3.amazonaws.com/${A}/${B}/vpc.yml", false),
            ("a#template:https://s3.amazonaws.com/*/1/vpc.yml", "a#template:https://s3.amazonaws.com/others/1/vpc.yml", false),
        ] {
            assert_eq!(may_be_one(old, new), expected, "{old} {new}");
        }
    }
}
