//! What a name, an ARN or a role leads to within the unit.
//!
//! Comes in: texts and addresses. Goes out: resources and elements of the draft. Both indices are made once, when first asked for.

use crate::catalog::draft::{Draft, ElementIndex, at};
use crate::catalog::entry::{Entry, Role};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::model::fact::Reading;
use crate::model::resource::{Reference, Resource};
use crate::model::words::Words;
use crate::source::Span;

/// Most separators at which the resource of an ARN is cut in search of a name: names of the provider's have fewer levels.
const MAX_CUTS: usize = 16;
/// How many look-ups of a name cost as much as one step.
const LOOK_UPS_OF_STEP: usize = 8;

impl<'t> Draft<'t, '_> {
    /// What the unit's notation calls things.
    pub fn words(&self) -> &'static Words {
        self.resources.words
    }

    /// The account that a resource lies in, where the unit says that it is not its own.
    pub(crate) fn account(&self, address: &str) -> Option<String> {
        self.resources.accounts.get(address).map(|account| (*account).to_owned())
    }

    /// A reading of what another unit defines: `the role`, which is named at `span`.
    pub(crate) fn defined_elsewhere(&self, what: &str, span: Span) -> Reading {
        Reading::elsewhere(format!("{what} is not defined in this {}", self.words().text), self.stated(span))
    }

    /// The resource of the unit whose physical name is this text; with `service`, only among those whose ARN has that service.
    pub fn find_named(&self, name: &str, service: Option<&str>) -> Option<Reference<'t>> {
        let names = self.names.get_or_init(|| self.physical_names());
        let start = names.partition_point(|(known, _)| known.as_str() < name);
        let equal = names[start..].iter().take_while(|(known, _)| known == name).map(|(_, index)| at(*index));
        let fits = |position: &usize| service.is_none_or(|service| self.entries[*position].is_some_and(|entry| entry.arn == service));
        // Where a queue and a policy have one name, the queue is meant, and before what an organisation describes what the product does.
        let is_beside = |position: &usize| {
            let is_own = || self.own_type(&self.resources.list[*position]).is_some();
            self.entries[*position].is_none_or(|entry| matches!(entry.role, Role::Config | Role::Silent)) || is_own()
        };
        let position = equal.filter(fits).min_by_key(is_beside)?;
        Some(Reference { address: self.resources.list[position].address, attribute: None })
    }

    /// The position of the resource of a type, or of any, whose physical name is this text.
    pub(crate) fn find_of_kind(&self, name: &str, kind: Option<&str>) -> Option<u32> {
        let names = self.names.get_or_init(|| self.physical_names());
        let start = names.partition_point(|(known, _)| known.as_str() < name);
        let mut equal = names[start..].iter().take_while(|(known, _)| known == name).map(|(_, index)| *index);
        equal.find(|index| kind.is_none_or(|kind| self.resources.list[at(*index)].kind == kind))
    }

    /// The resource of the same service as a type, `AWS::S3::` of `AWS::S3::BucketPolicy`, whose physical name is this text.
    pub(crate) fn find_of_family(&self, name: &str, kind: &str) -> Option<Reference<'t>> {
        let family = |kind: &str| kind.rsplit_once("::").map_or(kind.len(), |(family, _)| family.len());
        let names = self.names.get_or_init(|| self.physical_names());
        let start = names.partition_point(|(known, _)| known.as_str() < name);
        let mut equal = names[start..].iter().take_while(|(known, _)| known == name).map(|(_, index)| &self.resources.list[at(*index)]);
        let named = equal.find(|named| named.kind != kind && named.kind[..family(named.kind)] == kind[..family(kind)])?;
        Some(Reference { address: named.address, attribute: None })
    }

    fn physical_names(&self) -> Vec<(String, u32)> {
        let mut names: Vec<(String, u32)> = self
            .resources
            .list
            .iter()
            .zip(0_u32..)
            .filter_map(|(resource, index)| {
                let property = self.entries[at(index)]?.name;
                let name = canonical(resource.properties.at(property)?)?;
                (!name.is_empty()).then_some((name, index))
            })
            .collect();
        names.sort_unstable();
        names
    }

    /// The resource of the unit that an ARN names by its physical name.
    pub fn find_by_arn(&self, arn: &Arn) -> Option<Reference<'t>> {
        let tail = arn.resource.rsplit_once(":log-stream:").map_or(arn.resource.as_str(), |(head, _)| head);
        // A secret's ARN ends in six characters that nobody can know; whoever writes a name and a star means the name too.
        let tail = tail.strip_suffix("-??????").or_else(|| tail.strip_suffix('*')).unwrap_or(tail);
        let named = |name: &str| self.find_named(name, Some(&arn.service));
        let levels = cuts(tail).count();
        self.spend(levels * levels / LOOK_UPS_OF_STEP, Span::default());
        let mut candidates = cuts(tail).map(|end| &tail[..end]).chain([tail]);
        // A parameter's name begins with the slash that follows the kind: `parameter/shop/url` is `/shop/url`.
        let named = candidates.find_map(|name| {
            named(name).or_else(|| cuts(name).find_map(|start| named(&name[start + 1..]).or_else(|| named(&name[start..]))))
        });
        named.or_else(|| self.find_generated(arn))
    }

    /// The resource whose name is made at deployment, of which whoever writes `function:${stack}-Worker-*` knows the beginning.
    /// Names of state machines begin without the stack's.
    fn find_generated(&self, arn: &Arn) -> Option<Reference<'t>> {
        let beginning = arn.resource.strip_suffix("-*")?;
        let name = beginning.rsplit(['/', ':']).next()?;
        let position = self.position(name.strip_prefix("${stack}-").unwrap_or(name))?;
        let (resource, entry) = (&self.resources.list[position], self.entries[position]?);
        let is_generated = entry.arn == arn.service && resource.properties.at(entry.name).is_none();
        is_generated.then_some(Reference { address: resource.address, attribute: None })
    }

    /// The elements of the unit whose physical names begin as a pattern does: of `stateMachine:${param:app}-*` the state machines, of
    /// `parameter/shop/*` the parameters. What names all of one kind begins no name.
    pub(crate) fn find_by_beginning(&self, arn: &Arn) -> Vec<Reference<'t>> {
        let Some((beginning, _)) = arn.resource.split_once('*').filter(|_| !arn.is_wildcard()) else { return Vec::new() };
        let name = cuts(beginning).next().map_or(beginning, |cut| &beginning[cut + 1..]);
        // A parameter's name begins with the slash that follows the kind.
        let beginnings = [beginning.to_owned(), name.to_owned(), format!("/{name}")];
        let names = self.names.get_or_init(|| self.physical_names());
        let begins = |beginning: &&String| !beginning.trim_matches('/').is_empty();
        let found = beginnings.iter().filter(begins).map(|beginning| {
            let start = names.partition_point(|(known, _)| known < beginning);
            let alike = names[start..].iter().take_while(|(known, _)| known.starts_with(beginning.as_str())).map(|(_, index)| at(*index));
            let is_named = |position: &usize| {
                self.carriers[*position].is_some() && self.entries[*position].is_some_and(|entry| entry.arn == arn.service)
            };
            let named: Vec<_> = alike
                .filter(is_named)
                .map(|position| Reference { address: self.resources.list[position].address, attribute: None })
                .collect();
            named
        });
        let found = found.into_iter().find(|named| !named.is_empty()).unwrap_or_default();
        self.spend(found.len(), Span::default());
        found
    }

    /// The elements that hold a role, directly or through an instance profile; ordered, unique.
    pub fn holders(&self, role: &str) -> Vec<ElementIndex> {
        let holders = self.holders.get_or_init(|| self.role_holders());
        let Some(position) = self.position(role) else { return Vec::new() };
        let start = holders.partition_point(|(known, _)| at(*known) < position);
        let held: Vec<_> = holders[start..].iter().take_while(|(known, _)| at(*known) == position).map(|(_, holder)| *holder).collect();
        self.spend(held.len(), self.resources.list[position].span);
        held
    }

    fn role_holders(&self) -> Vec<(u32, ElementIndex)> {
        let mut holders = Vec::new();
        for (position, resource) in self.resources.list.iter().enumerate() {
            let (Some(entry), Some(holder)) = (self.entries[position], self.carriers[position]) else { continue };
            for role in self.roles_of(resource, entry, 0) {
                holders.push((role, holder));
            }
        }
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// The roles that a resource's properties name; a resource between them (an instance profile) is looked through.
    fn roles_of(&self, resource: &Resource<'t>, entry: &Entry, depth: u32) -> Vec<u32> {
        let mut roles = Vec::new();
        let values = entry.holds.iter().flat_map(|path| paths::find(&resource.properties, path));
        for target in values.flat_map(|value| self.targets(&value)) {
            if self.is_spent() {
                break;
            }
            let Target::Resource(reference) = target else { continue };
            let Some(position) = self.position(reference.address) else { continue };
            match self.entries[position] {
                Some(between) if !between.holds.is_empty() && depth < 3 => {
                    roles.extend(self.roles_of(&self.resources.list[position], between, depth + 1));
                }
                _ => roles.extend(u32::try_from(position)),
            }
        }
        roles
    }
}

/// Where the resource of an ARN may be cut.
fn cuts(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(['/', ':']).map(|(cut, _)| cut).take(MAX_CUTS)
}
