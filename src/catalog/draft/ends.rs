//! Where flows of a draft end: resources, and the external entities that they imply.
//!
//! Comes in: targets. Goes out: elements, made where they are external and named for the first time.

use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, at};
use crate::catalog::names;
use crate::catalog::paths;
use crate::catalog::targets::{Target, queue_by_url, repository_by_image};
use crate::model::fact::Facts;
use crate::model::resource::{Maker, Property};
use crate::model::{Element, ElementId, ElementKind, IMPLIED, Rank};
use crate::source::Span;

impl<'t> Draft<'t, '_> {
    /// The external entity, made at `span` when it is named for the first time.
    pub fn external(&mut self, outsider: Outsider<'_>, span: Span) -> ElementIndex {
        let address = outsider.address();
        if let Some(known) = self.outsiders.get(&address) {
            return *known;
        }
        let index = self.push(Element {
            id: ElementId::new(self.unit, &address),
            unit: self.unit.clone(),
            address: address.clone(),
            logical_id: address.clone(),
            maker: Maker::Author,
            declared: IMPLIED.to_owned(),
            kind: ElementKind::ExternalEntity,
            service: outsider.service(),
            outside: Some(outsider.outside()),
            name: outsider.name(),
            place: self.sources.place(span),
            by_folder: self.resources.by_folder,
            rank: Rank::First,
            facts: Facts::default(),
            parts: Vec::new(),
        });
        self.outsiders.insert(address, index);
        index
    }

    /// The elements that a target is or stands for, made where they are external. Empty for wildcards, unknowns, and resources that are
    /// no elements and stand for none.
    pub fn ends(&mut self, target: &Target<'t>, span: Span) -> Vec<ElementIndex> {
        if let Target::Resource(reference) = target
            && let Some(position) = self.position(reference.address)
            && self.carriers[position].is_none()
        {
            let start = self.members.partition_point(|(known, _)| at(*known) < position);
            return self.members[start..].iter().take_while(|(known, _)| at(*known) == position).map(|(_, element)| *element).collect();
        }
        self.end(target, span).into_iter().collect()
    }

    /// The elements that the values under a path are or stand for, in order of the text.
    pub(crate) fn ends_under(&mut self, properties: &Property<'t>, path: &str) -> Vec<ElementIndex> {
        let mut ends = Vec::new();
        for value in paths::find(properties, path) {
            for target in self.targets(&value) {
                ends.extend(self.ends(&target, value.span));
            }
        }
        ends
    }

    /// The one element that a target is, made where it is external; of what stands for several none.
    pub fn end(&mut self, target: &Target<'t>, span: Span) -> Option<ElementIndex> {
        match target {
            Target::Resource(reference) => self.element(reference.address),
            Target::External(external) => Some(self.external(Outsider::Carried(*external), span)),
            Target::Arn(arn) if arn.is_wildcard() => None,
            // What an alarm may do to the machine that it watches.
            Target::Arn(arn) if arn.service == "automate" => None,
            Target::Arn(arn) if arn.service == "ssm" && arn.resource.starts_with("automation-definition/") => {
                Some(self.external(Outsider::Service("ssm"), span))
            }
            // Every account has a default bus of its own.
            Target::Arn(arn)
                if arn.service == "events"
                    && arn.resource.eq_ignore_ascii_case("event-bus/default")
                    && !names::is_account_number(&arn.account) =>
            {
                Some(self.external(Outsider::DefaultBus, span))
            }
            Target::Arn(arn) => Some(self.external(Outsider::Arn(arn), span)),
            // A service of the provider as principal is not who sends: the resource behind it is.
            Target::Name(name) if names::without_suffix(name).is_some() && !name.contains("://") => None,
            // Nor is the door of a service a system: what may be used behind it is in a policy.
            Target::Name(name) if is_service_endpoint(name) => None,
            // What stands behind a reference that is empty, as the key within a secret in `:password::`, names nothing.
            Target::Name(name) if name.is_empty() || name.starts_with(':') => None,
            Target::Name(name) => Some(match queue_by_url(name).or_else(|| repository_by_image(name)) {
                Some(arn) => self.external(Outsider::Arn(&arn), span),
                None => self.external(named(name), span),
            }),
            Target::Wildcard | Target::Unknown(_) => None,
        }
    }
}

/// Whether an address is that of a whole service of the provider, of a region or of all: `https://states.eu-west-1.amazonaws.com/`.
/// What stands before a service, as in `partner.s3.amazonaws.com`, names something of somebody's.
fn is_service_endpoint(name: &str) -> bool {
    let Some((_, rest)) = name.split_once("://") else { return false };
    let host = rest.strip_suffix('/').unwrap_or(rest);
    names::without_suffix(host).is_some_and(|service| service.split_once('.').is_none_or(|(_, region)| is_region(region)))
}

/// `eu-west-1`, `us-gov-east-1`, or what is filled in at deployment.
fn is_region(text: &str) -> bool {
    let words = || text.split('-');
    let written = words().count() >= 3
        && words().next().is_some_and(|area| area.len() == 2)
        && words().next_back().is_some_and(|number| number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_digit()));
    written || text == "${region}"
}

/// A literal name as an external entity: the host of a URL, an account, or the name itself.
fn named(name: &str) -> Outsider<'_> {
    if let Some(rest) = name.strip_prefix("s3://") {
        return Outsider::Named(rest.split('/').next().unwrap_or(rest));
    }
    if let Some((_, rest)) = name.split_once("://") {
        return Outsider::Host(rest.split(['/', '?', '#']).next().unwrap_or(rest));
    }
    if names::is_account_number(name) {
        return Outsider::Account(name);
    }
    Outsider::Named(name)
}
