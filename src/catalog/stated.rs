//! What each resource states, part by part: a change of which nothing comes is told all the same.
//!
//! Comes in: the draft, once everything is read. Goes out: digests of properties, and of each thing of a list of things. What decides nothing
//! (`config/weighed.yml`) is left out, and so are order and editions.

use crate::catalog::draft::Draft;
use crate::catalog::names::without_tag;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::{is_edition, is_neutral};
use crate::catalog::witnesses;
use crate::model::ElementId;
use crate::model::resource::{Entry, Maker, Property, Resource, Value};
use crate::model::stated::{Part, Stated};
use crate::source::Span;

/// Most values of one unit that are gone through: what is shared by alias counts wherever it is used.
const MOST: usize = 100_000;
/// How deep values lie.
const DEEPEST: u32 = 24;
/// Colons in the full name of something with editions, before the edition's.
const PARTS_OF_A_NAME: usize = 6;
/// Where an image is named, of which another tag is another edition.
const IMAGES: [&str; 3] = ["Image", "ImageIdentifier", "ImageUri"];
/// What stands beside the properties and decides whether there is a resource.
const CONDITION: &str = "Condition";

/// Of all resources that somebody wrote; where they state more than is gone through, the one that is too much is the last, without its parts.
pub(super) fn read(draft: &Draft<'_, '_>) -> Vec<Stated> {
    let mut left = MOST;
    let mut all = Vec::new();
    let own = draft.resources().iter().filter(|resource| resource.called.maker != Maker::Toolkit && resource.implied_by.is_none());
    for resource in own {
        let mut stated = Stated {
            id: ElementId::new(draft.unit, resource.address),
            declared: resource.declared.to_owned(),
            place: draft.sources.place(resource.span),
            is_compared: true,
            parts: Vec::new(),
        };
        let mut parts = Parts { draft, left, found: Vec::new() };
        parts.resource(resource);
        left = parts.left;
        if left == 0 {
            stated.is_compared = false;
            all.push(stated);
            break;
        }
        stated.parts = parts.found;
        all.push(stated);
    }
    all
}

struct Parts<'d, 't, 's> {
    draft: &'d Draft<'t, 's>,
    /// Values that may still be gone through.
    left: usize,
    found: Vec<Part>,
}

impl<'t> Parts<'_, 't, '_> {
    fn resource(&mut self, resource: &Resource<'t>) {
        let is_supplied = |entry: &&Entry<'_>| resource.supplied.iter().any(|supplied| supplied.path == entry.key);
        for entry in resource.properties.entries().iter().filter(|entry| !is_supplied(entry) && counts(entry)) {
            self.part(entry.key, &entry.value, entry.key_span, 0);
        }
        if let Some(condition) = resource.attributes.get(CONDITION) {
            self.condition(condition);
        }
    }

    /// When there is such a resource at all, as one part.
    fn condition(&mut self, condition: &Property<'t>) {
        let mut text = String::new();
        spell(self.draft, condition, &mut text);
        let place = self.draft.sources.place(condition.span);
        self.found.push(Part { path: CONDITION.to_owned(), digest: witnesses::short(&text), place });
    }

    /// Adds a part behind those within it.
    fn part(&mut self, path: &str, value: &Property<'t>, from: Span, depth: u32) {
        let mut lines = Vec::new();
        self.lines(path, value, &mut lines, depth);
        if !lines.is_empty() {
            lines.sort_unstable();
            let end_line = value.span.end_line.max(from.line);
            let place = self.draft.sources.place(Span { end_line, ..from });
            self.found.push(Part { path: path.to_owned(), digest: witnesses::short(&lines.join("\n")), place });
        }
    }

    /// What a value states, a line for each scalar; things of lists are parts of their own.
    fn lines(&mut self, path: &str, value: &Property<'t>, lines: &mut Vec<String>, depth: u32) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return;
        }
        if depth > DEEPEST {
            return lines.push(format!("{path}: …"));
        }
        match value.value {
            Value::Map(entries) => {
                for entry in entries.iter().filter(|entry| counts(entry)) {
                    self.lines(&format!("{path}.{}", entry.key), &entry.value, lines, depth + 1);
                }
            }
            Value::List(items) => {
                for item in items {
                    if matches!(item.value, Value::Map(_)) {
                        self.part(path, item, item.span, depth + 1);
                    } else {
                        self.lines(path, item, lines, depth + 1);
                    }
                }
            }
            _ => {
                let mut text = String::new();
                spell(self.draft, value, &mut text);
                let is_image = IMAGES.iter().any(|name| path.rsplit('.').next() == Some(name));
                let text = if is_image { without_tag(&text) } else { without_edition(&text) };
                lines.push(format!("{path}: {text}"));
            }
        }
    }
}

/// Without the number of an edition behind a name of many parts, `…:layer:tools:7`.
fn without_edition(text: &str) -> &str {
    let Some((name, edition)) = text.rsplit_once(':') else { return text };
    let is_number = !edition.is_empty() && edition.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && name.matches(':').count() >= PARTS_OF_A_NAME { name } else { text }
}

/// Whether another value of it may decide something.
fn counts(entry: &Entry<'_>) -> bool {
    entry.value.is_present() && !is_neutral(entry) && !is_edition(entry.key)
}

#[cfg(test)]
mod tests {
    use super::without_edition;

    #[test]
    fn only_the_number_behind_a_name_of_many_parts_is_an_edition() {
        let layer = "arn:aws:lambda:eu-west-1:111122223333:layer:tools";
        assert_eq!(without_edition(&format!("{layer}:7")), layer);
        assert_eq!(without_edition(layer), layer);
        for other in ["22", "https://orders.example:8443", "0:65535"] {
            assert_eq!(without_edition(other), other);
        }
    }
}
