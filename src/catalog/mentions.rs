//! Which resources mention a resource anywhere in their properties: of a role its policies, of an API its methods.
//!
//! Comes in: the draft's resources. Goes out: an index that one walk over all properties makes.

use crate::catalog::draft::Draft;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::source::Span;

impl<'t, 's> Draft<'t, 's> {
    /// The resources that refer to an address, in order of the template; the resource itself is left out.
    pub fn mentioning(&self, address: &str) -> impl Iterator<Item = &'s Resource<'t>> {
        let mentions = self.mentions.get_or_init(|| self.find_mentions());
        let mentioned = self.position(address).and_then(|position| u32::try_from(position).ok()).unwrap_or(u32::MAX);
        let start = mentions.partition_point(|(known, _)| *known < mentioned);
        let length = mentions[start..].partition_point(|(known, _)| *known == mentioned);
        self.spend(length, self.resource(address).map_or_else(Span::default, |resource| resource.span));
        let resources = self.resources();
        mentions[start..start + length].iter().filter_map(|(_, by)| resources.get(usize::try_from(*by).ok()?))
    }

    fn find_mentions(&self) -> Vec<(u32, u32)> {
        let mut mentions = Vec::new();
        for (resource, by) in self.resources().iter().zip(0_u32..) {
            self.collect_mentions(&resource.properties, by, &mut mentions);
        }
        mentions.sort_unstable();
        mentions.dedup();
        mentions
    }

    fn collect_mentions(&self, value: &Property<'t>, by: u32, mentions: &mut Vec<(u32, u32)>) {
        match value.value {
            Value::Reference(reference) => {
                let mentioned = self.position(reference.address).and_then(|position| u32::try_from(position).ok());
                mentions.extend(mentioned.filter(|mentioned| *mentioned != by).map(|mentioned| (mentioned, by)));
            }
            Value::List(items) | Value::Joined(items) | Value::Either(Alternatives { branches: items, .. }) => {
                items.iter().for_each(|item| self.collect_mentions(item, by, mentions));
            }
            Value::Map(entries) => entries.iter().for_each(|entry| self.collect_mentions(&entry.value, by, mentions)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::External(_)
            | Value::Ambient(_)
            | Value::Removed
            | Value::Unknown(_) => {}
        }
    }
}
