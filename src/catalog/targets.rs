//! What a value denotes: a resource of the unit, something outside of it, everything, or nothing that can be told.
//!
//! Comes in: a property's value. Goes out: targets, in order of the text. Never makes an element: `Draft::end` does.

use crate::catalog::draft::Draft;
use crate::catalog::names::{Arn, canonical, is_account_number, without_tag};
use crate::model::resource::{Alternatives, External, Property, Reference, Value};

/// What a value denotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target<'t> {
    /// A resource of the unit, by reference, by an ARN around a reference, or by equal name.
    Resource(Reference<'t>),
    /// Something that the unit takes from outside and that carries a resource.
    External(External<'t>),
    /// An ARN that names nothing of the unit, wildcards included (`Arn::is_wildcard`).
    Arn(Arn),
    /// A literal text that is no ARN and names nothing of the unit: a name, a URL, an account.
    Name(String),
    /// `*`.
    Wildcard,
    /// Cannot be told, and why.
    Unknown(String),
}

impl<'t> Draft<'t, '_> {
    /// What a value denotes. A list or an undecided condition denotes all of its parts; `Null` and `Removed` denote nothing.
    pub fn targets(&self, value: &Property<'t>) -> Vec<Target<'t>> {
        let mut targets = Vec::new();
        self.collect_targets(value, &mut targets);
        self.spend(targets.len(), value.span);
        targets
    }

    /// The same of a property by which a resource says whose part it is. A bucket and a table may have one name: by the name alone a policy of buckets is
    /// of a bucket.
    pub(crate) fn targets_beside(&self, kind: &str, value: &Property<'t>) -> Vec<Target<'t>> {
        let Some(name) = self.plain_name(value) else { return self.targets(value) };
        vec![self.find_of_family(&name, kind).map_or_else(|| Target::Name(name), Target::Resource)]
    }

    /// The text of a value that is a name written out, and one that a resource of the unit has.
    fn plain_name(&self, value: &Property<'t>) -> Option<String> {
        let is_written = match value.value {
            Value::Text(_) => true,
            Value::Joined(pieces) => pieces.iter().all(|piece| piece.reference().is_none()),
            _ => false,
        };
        let name = canonical(value).filter(|_| is_written)?;
        (Arn::parse(&name).is_none() && !name.contains(['/', '?', '*']) && self.find_named(&name, None).is_some()).then_some(name)
    }

    fn collect_targets(&self, value: &Property<'t>, targets: &mut Vec<Target<'t>>) {
        match value.value {
            Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
                items.iter().for_each(|item| self.collect_targets(item, targets))
            }
            Value::Reference(reference) => targets.push(Target::Resource(reference)),
            Value::External(external) => targets.push(match self.find_named(&canonical(value).unwrap_or_default(), None) {
                Some(reference) => Target::Resource(reference),
                None => Target::External(external),
            }),
            Value::Text(text) if text.contains("${") => targets.push(Target::Unknown(format!("`{text}` is filled in elsewhere"))),
            Value::Text(text) => targets.push(self.denoted_by(text, value)),
            Value::Joined(pieces) => targets.push(self.joined(pieces, value)),
            Value::Unknown(reason) => targets.push(Target::Unknown(reason.to_owned())),
            Value::Ambient(name) => targets.push(Target::Unknown(format!("the {name} is known only at deployment"))),
            Value::Null | Value::Removed | Value::Bool(_) | Value::Number(_) | Value::Map(_) => {}
        }
    }

    /// The first reference that is, or is part of, an element counts; `${Bucket.Arn}/${Prefix}` names the bucket.
    fn joined(&self, pieces: &'t [Property<'t>], value: &Property<'t>) -> Target<'t> {
        let mut references = pieces.iter().filter_map(Property::reference);
        let first = references.clone().next();
        if let Some(reference) = references.find(|reference| self.element(reference.address).is_some()).or(first) {
            if self.is_host_in_an_arn(pieces, reference) {
                return Target::Unknown("the host of a bucket stands where its name belongs".to_owned());
            }
            return Target::Resource(reference);
        }
        match canonical(value) {
            Some(text) if text.contains("${?}") => Target::Unknown(unknown_piece(pieces)),
            Some(text) => self.denoted_by(&text, value),
            None => Target::Unknown("depends on a condition".to_owned()),
        }
    }

    /// Whether an ARN has the host of a bucket in it, `arn:aws:s3:::${Bucket.DomainName}/*`: that names another one, or none.
    fn is_host_in_an_arn(&self, pieces: &[Property<'t>], reference: Reference<'t>) -> bool {
        let is_host = matches!(reference.attribute, Some("DomainName" | "DualStackDomainName" | "RegionalDomainName" | "WebsiteURL"));
        let is_arn = pieces.first().and_then(Property::literal).is_some_and(|text| text.starts_with("arn:"));
        is_host && is_arn && self.resource(reference.address).is_some_and(|resource| resource.kind == "AWS::S3::Bucket")
    }

    fn denoted_by(&self, text: &str, value: &Property<'t>) -> Target<'t> {
        if text == "*" {
            return Target::Wildcard;
        }
        let Some(arn) = Arn::parse(text) else {
            let text = text.strip_prefix("s3://").map_or(text, |rest| rest.split('/').next().unwrap_or(rest));
            let by_endpoint = || {
                let bucket = || self.find_named(bucket_of_endpoint(text)?, Some("s3"));
                bucket().or_else(|| self.find_named(queue_of_url(text)?, Some("sqs")))
            };
            return match self.find_named(text, None).or_else(by_endpoint) {
                Some(reference) => Target::Resource(reference),
                None => carried(text, value).map_or_else(|| Target::Name(text.to_owned()), Target::External),
            };
        };
        match self.find_by_arn(&arn) {
            Some(reference) => Target::Resource(reference),
            None => carried(&arn.resource, value).map_or(Target::Arn(arn), Target::External),
        }
    }
}

/// The bucket whose endpoint a host is: of `site.s3.amazonaws.com` and `site.s3-website-eu-west-1.amazonaws.com` it is `site`.
fn bucket_of_endpoint(text: &str) -> Option<&str> {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (bucket, endpoint) = host.split('/').next()?.split_once(".s3")?;
    (endpoint.starts_with(['.', '-']) && endpoint.ends_with("amazonaws.com")).then_some(bucket)
}

/// The queue whose URL a text is: of `https://sqs.eu-west-1.amazonaws.com/123456789012/jobs` and of the older
/// `https://eu-west-1.queue.amazonaws.com/123456789012/jobs` it is `jobs`.
fn queue_of_url(text: &str) -> Option<&str> {
    let (host, path) = text.split_once("://")?.1.split_once('/')?;
    let (_, name) = path.split_once('/')?;
    let is_door = host.starts_with("sqs.") || host.starts_with("queue.") || host.contains(".queue.");
    (is_door && !name.contains('/')).then_some(name)
}

/// The queue of others whose URL a text is, by its ARN.
pub(crate) fn queue_by_url(text: &str) -> Option<Arn> {
    let name = queue_of_url(text)?;
    let (host, path) = text.split_once("://")?.1.split_once('/')?;
    let (account, _) = path.split_once('/')?;
    let host = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".${url-suffix}"))?;
    let region = host.strip_prefix("sqs.").or_else(|| host.strip_suffix(".queue")).unwrap_or_default();
    Arn::parse(&format!("arn:aws:sqs:{region}:{account}:{name}"))
}

/// What stands between the number of an account and the region in the address of its registry of images.
const REGISTRY: &str = ".dkr.ecr.";

/// The accounts of whose registries a text speaks.
pub(crate) fn owners_of_images(text: &str) -> impl Iterator<Item = &str> {
    const DIGITS: usize = 12;
    let before = text.match_indices(REGISTRY).filter_map(|(end, _)| text.get(end.checked_sub(DIGITS)?..end));
    before.filter(|number| is_account_number(number))
}

/// The repository of others whose image a text names, by its ARN: of `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/pay:7` that of `shop/pay`.
pub(crate) fn repository_by_image(text: &str) -> Option<Arn> {
    let (registry, image) = text.split_once('/')?;
    let (account, host) = registry.split_once(REGISTRY)?;
    let region = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    is_account_number(account).then(|| Arn::parse(&format!("arn:aws:ecr:{region}:{account}:repository/{}", without_tag(image))))?
}

/// Why the first unresolvable piece cannot be told.
fn unknown_piece(pieces: &[Property<'_>]) -> String {
    let reason = pieces.iter().find_map(|piece| match piece.value {
        Value::Unknown(reason) => Some(reason),
        _ => None,
    });
    reason.unwrap_or("depends on a condition").to_owned()
}

/// The external whose value makes up the whole name in `text`: of `table/${param:Orders}` the parameter, of `orders-${param:Stage}` none.
fn carried<'t>(text: &str, value: &Property<'t>) -> Option<External<'t>> {
    let Value::Joined(pieces) = value.value else { return None };
    pieces.iter().find_map(|piece| match piece.value {
        Value::External(external) => {
            let name = canonical(piece)?;
            let (before, after) = text.split_once(name.as_str())?;
            let starts = before.is_empty() || before.ends_with(['/', ':']);
            let ends = after.is_empty() || after == "*" || after.starts_with(['/', ':']);
            (starts && ends).then_some(external)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::{bucket_of_endpoint, queue_of_url, repository_by_image};

    #[test]
    fn a_queue_is_known_by_its_url() {
        for (text, expected) in [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", Some("jobs")),
            ("https://sqs.${region}.${url-suffix}/${account}/jobs.fifo", Some("jobs.fifo")),
            ("https://queue.amazonaws.com/123456789012/jobs", Some("jobs")),
            ("https://eu-west-1.queue.amazonaws.com/123456789012/jobs", Some("jobs")),
            ("https://shop.example.test/123456789012/jobs", None),
            ("https://sqs.eu-west-1.amazonaws.com/jobs", None),
        ] {
            assert_eq!(queue_of_url(text), expected, "{text}");
        }
    }

    #[test]
    fn a_repository_is_known_by_its_image() {
        let named = |text: &str| repository_by_image(text).map(|arn| [arn.region, arn.account, arn.resource]);
        let expected = ["eu-west-1", "111122223333", "repository/shop/pay"].map(str::to_owned);
        assert_eq!(named("111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/pay:7@sha256:00"), Some(expected));
        for text in ["shop/pay:7", "${account}.dkr.ecr.eu-west-1.amazonaws.com/shop", "111122223333.dkr.ecr.example.com/shop"] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_bucket_is_known_by_its_endpoint() {
        for (text, expected) in [
            ("site.s3.amazonaws.com", Some("site")),
            ("https://a.b.s3.eu-west-1.amazonaws.com/index.html", Some("a.b")),
            ("site.s3-website-eu-west-1.amazonaws.com", Some("site")),
            ("site.s3cret.amazonaws.com", None),
            ("s3.amazonaws.com", None),
        ] {
            assert_eq!(bucket_of_endpoint(text), expected, "{text}");
        }
    }
}
