//! Which resources belong to a resource by what their properties name: of a role its policies, of an API its routes.
//!
//! Comes in: the draft's resources, and the properties that the catalogue says attach them (`attaches`). Goes out: an index that is made once.
//! A reference, a name, an ARN and either branch of a condition attach alike: the provider makes no difference either.

use crate::catalog::draft::{Draft, at};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::paths;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::source::Span;

/// Most pieces of one text that are looked up.
const MAX_PIECES: usize = 16;
/// How many resources may stand between one that is attached and what it is attached to: an alias of a function.
const MAX_BETWEEN: u32 = 3;

/// Who is attached to whom, by positions in the template.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    /// To which resource, and which one; ordered, unique.
    known: Vec<(u32, u32)>,
    /// The same the other way round.
    by_owned: Vec<(u32, u32)>,
    /// Those that name something which is not here, or cannot be told, after its type; ordered, unique.
    elsewhere: Vec<(&'static str, u32)>,
}

impl<'t, 's> Draft<'t, 's> {
    /// The resources that are attached to one, in order of the template.
    pub(crate) fn attached(&self, address: &str) -> impl Iterator<Item = &'s Resource<'t>> + use<'t, 's> {
        let known = &self.attachments().known;
        let owner = self.position(address).and_then(|position| u32::try_from(position).ok()).unwrap_or(u32::MAX);
        let start = known.partition_point(|(of, _)| *of < owner);
        let own: Vec<u32> = known[start..].iter().take_while(|(of, _)| *of == owner).map(|(_, by)| *by).collect();
        if let Some(resource) = self.resource(address) {
            self.spend(own.len(), resource.span);
        }
        let resources = self.resources();
        own.into_iter().map(|by| &resources[at(by)])
    }

    /// What a resource is attached to, in order of the template.
    pub(crate) fn owners(&self, address: &str) -> impl Iterator<Item = &'s Resource<'t>> + use<'t, 's> {
        let own = self.position(address).and_then(|position| u32::try_from(position).ok()).unwrap_or(u32::MAX);
        let by = &self.attachments().by_owned;
        let start = by.partition_point(|(owned, _)| *owned < own);
        let owners: Vec<u32> = by[start..].iter().take_while(|(owned, _)| *owned == own).map(|(_, owner)| *owner).collect();
        let resources = self.resources();
        owners.into_iter().map(|owner| &resources[at(owner)])
    }

    /// What is part of a resource because the resource names it: of a group of machines the template that they are launched from.
    pub(crate) fn absorbed(&self, resource: &Resource<'t>) -> impl Iterator<Item = &'s Resource<'t>> + use<'_, 't, 's> {
        let absorbs = self.entry(resource.address).map_or(&[][..], |entry| entry.absorbs);
        let named: Vec<Property<'t>> = absorbs.iter().flat_map(|path| paths::find(&resource.properties, path)).collect();
        named.into_iter().filter_map(|value| self.resource(value.reference()?.address))
    }

    /// The resources that are attached to something of a type, and nobody can tell here to what.
    pub(crate) fn attached_elsewhere(&self, kind: &str) -> impl Iterator<Item = &'s Resource<'t>> + use<'t, 's> {
        let own: Vec<u32> = self.attachments().elsewhere.iter().filter(|(of, _)| *of == kind).map(|(_, by)| *by).collect();
        self.spend(own.len(), Span::default());
        let resources = self.resources();
        own.into_iter().map(|by| &resources[at(by)])
    }

    /// Whether a resource names something of a type which is not here, or cannot be told.
    pub(crate) fn is_attached_elsewhere(&self, address: &str, kind: &str) -> bool {
        let by = self.position(address).and_then(|position| u32::try_from(position).ok()).unwrap_or(u32::MAX);
        self.attachments().elsewhere.binary_search(&(kind, by)).is_ok()
    }

    fn attachments(&self) -> &Attachments {
        self.attachments.get_or_init(|| self.find_attachments())
    }

    fn find_attachments(&self) -> Attachments {
        let mut found = Attachments::default();
        'all: for (resource, by) in self.resources().iter().zip(0_u32..) {
            let Some(entry) = self.entry(resource.address) else { continue };
            let attached = entry.attaches.iter().map(|(path, kind)| (*path, Some(*kind)));
            // What is placed in a network, a subnet or a group belongs to it, of whatever type that is.
            let placed = entry.network.iter().map(|path| (*path, None));
            for (path, kind) in attached.chain(placed) {
                for value in paths::find(&resource.properties, path) {
                    if !self.spend(1, value.span) {
                        break 'all;
                    }
                    let mut owners = Vec::new();
                    let is_whole = self.collect_owners(&value, kind, 0, &mut owners);
                    found.elsewhere.extend(kind.filter(|_| !is_whole).map(|kind| (kind, by)));
                    found.known.extend(owners.into_iter().filter(|owner| *owner != by).map(|owner| (owner, by)));
                }
            }
        }
        found.known.sort_unstable();
        found.known.dedup();
        found.by_owned = found.known.iter().map(|(owner, by)| (*by, *owner)).collect();
        found.by_owned.sort_unstable();
        found.elsewhere.sort_unstable();
        found.elsewhere.dedup();
        found
    }

    /// The positions of the resources that a value names, of one type or of any. Whether that is all of what it names.
    fn collect_owners(&self, value: &Property<'t>, kind: Option<&'static str>, between: u32, owners: &mut Vec<u32>) -> bool {
        match value.value {
            Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
                // Every item is looked at, whatever the first of them is.
                items.iter().filter(|item| self.collect_owners(item, kind, between, owners)).count() == items.len()
            }
            Value::Reference(reference) => self.collect_referenced(reference.address, kind, between, owners),
            Value::Null | Value::Removed => true,
            Value::Joined(pieces) => {
                let named = self.collect_named(value, kind, owners);
                let mut references = pieces.iter().filter_map(Property::reference);
                named || references.any(|reference| self.collect_referenced(reference.address, kind, between, owners))
            }
            Value::Text(_) | Value::Number(_) | Value::External(_) => self.collect_named(value, kind, owners),
            Value::Bool(_) | Value::Map(_) | Value::Ambient(_) | Value::Unknown(_) => false,
        }
    }

    /// A resource of the type, or what one of another type is itself attached to: of an alias its function.
    fn collect_referenced(&self, address: &str, kind: Option<&'static str>, between: u32, owners: &mut Vec<u32>) -> bool {
        let Some(resource) = self.resource(address) else { return false };
        if kind.is_none_or(|kind| resource.kind == kind) {
            owners.extend(self.position(address).and_then(|position| u32::try_from(position).ok()));
            return true;
        }
        let attaches = self.entry(address).map_or(&[][..], |entry| entry.attaches);
        let mut values = attaches.iter().filter(|(_, of)| Some(*of) == kind).flat_map(|(path, _)| paths::find(&resource.properties, path));
        between < MAX_BETWEEN && values.any(|value| self.collect_owners(&value, kind, between + 1, owners))
    }

    /// A resource of the type whose name is the text, or a piece of it: of `123456789012:function:pay:live` the function `pay`.
    fn collect_named(&self, value: &Property<'t>, kind: Option<&'static str>, owners: &mut Vec<u32>) -> bool {
        let Some(text) = canonical(value) else { return false };
        let named = |name: &str| self.find_of_kind(name, kind);
        let arn = Arn::parse(&text);
        if arn.as_ref().is_some_and(Arn::is_of_provider) {
            return true;
        }
        // The first piece of an ARN's resource is no name where others follow.
        let rest = arn.map(|arn| arn.resource.split_once([':', '/']).map_or(arn.resource.clone(), |(_, rest)| rest.to_owned()));
        let rest = rest.as_deref().unwrap_or(&text);
        let found = named(rest).or_else(|| rest.split([':', '/']).take(MAX_PIECES).find_map(named));
        owners.extend(found);
        found.is_some()
    }
}
