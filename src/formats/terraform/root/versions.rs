//! Which major versions of providers may be in use: the one that the lock file names, or those that all constraints allow.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/version-constraints> (2026-11-28).

use crate::formats::terraform::expression::evaluate;
use crate::formats::terraform::instance::NEWEST;
use crate::formats::terraform::root::constraint::NoNames;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::modules::in_folder;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::NoteKind;
use crate::syntax::hcl::parse;
use crate::syntax::hcl::tree::{Attribute, Block, ExprKind};
use std::collections::BTreeMap;
use std::rc::Rc;

const LOCK: &str = ".terraform.lock.hcl";
/// Most major versions that are named one by one.
const MAX_MAJORS: u32 = 64;

/// What constraints leave of the major versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Range {
    least: Option<u32>,
    most: Option<u32>,
}

/// What is known of one provider.
struct Required {
    name: Rc<str>,
    range: Range,
}

/// The lock file of the root: versions by address of the provider, `registry.terraform.io/hashicorp/aws`.
pub(super) fn locked(context: &Context<'_, '_>) -> BTreeMap<String, String> {
    let Some(path) = in_folder(&context.root, LOCK).filter(|path| context.sources.has(path)) else { return BTreeMap::new() };
    let Some((file, text)) = context.sources.open(&path, None) else { return BTreeMap::new() };
    let mut notes = |span, kind, text| context.sources.note(span, kind, text);
    let body = parse(text, file, context.arena, &mut notes).body;
    let version = |block: &Block<'_>| Some((block.label(0)?.to_owned(), block.body.attribute("version")?.value.text()?.to_owned()));
    body.blocks_of("provider").filter_map(version).collect()
}

/// Major versions by the provider's local name: of the root, and of modules where the root does not name the provider.
pub(super) fn majors(context: &Context<'_, '_>, locked: &BTreeMap<String, String>) -> BTreeMap<Rc<str>, Vec<u32>> {
    let mut by_source: BTreeMap<String, Required> = BTreeMap::new();
    let mut modules = context.modules();
    modules.sort_by_key(|module| (module.folder != context.root, module.folder.clone()));
    for module in modules {
        for (name, provider) in &module.required {
            let (source, version) = said(name, provider);
            let required = by_source.entry(source).or_insert_with(|| Required { name: (*name).into(), range: Range::default() });
            let Some(version) = version else { continue };
            match required.range.and(&version) {
                Some(range) => required.range = range,
                None => context.note(provider.span, NoteKind::Unresolved, format!("the version `{version}` is not understood")),
            }
        }
        for provider in &module.providers {
            let version = provider.body.attribute("version").and_then(|version| version.value.text());
            let (Some(name), Some(version)) = (provider.label(0), version) else { continue };
            let required = by_source.entry(default_source(name)).or_insert_with(|| Required { name: name.into(), range: Range::default() });
            required.range = required.range.and(version).unwrap_or(required.range);
        }
    }
    for (address, version) in locked {
        let Some(major) = major(version) else { continue };
        let source = address.split_once('/').map_or(address.as_str(), |(_, source)| source);
        let name = source.rsplit('/').next().unwrap_or(source);
        let required = by_source.entry(source.to_owned()).or_insert_with(|| Required { name: name.into(), range: Range::default() });
        required.range = Range { least: Some(major), most: Some(major) };
    }
    by_source.into_values().map(|required| (required.name, required.range.majors())).filter(|(_, majors)| !majors.is_empty()).collect()
}

/// Source and version of an element of `required_providers`, which of old was the version alone.
fn said(name: &str, provider: &Attribute<'_>) -> (String, Option<String>) {
    let text = |value: &Value| match &value.kind {
        Kind::Text(text) => Some(text.to_string()),
        _ => None,
    };
    // What else stands there, `configuration_aliases`, names what is no value.
    let value = match provider.value.kind {
        ExprKind::Object(items) => {
            let item = |wanted: &str| {
                let item = items.iter().rev().find(|item| item.key.text() == Some(wanted))?;
                text(&evaluate(&item.value, &NoNames))
            };
            return (item("source").map_or_else(|| default_source(name), |source| without_host(&source)), item("version"));
        }
        _ => evaluate(&provider.value, &NoNames),
    };
    (default_source(name), text(&value))
}

fn default_source(name: &str) -> String {
    format!("hashicorp/{name}")
}

fn without_host(source: &str) -> String {
    let parts: Vec<&str> = source.split('/').collect();
    match parts.as_slice() {
        [_, owner, name] => format!("{owner}/{name}"),
        [name] => default_source(name),
        _ => source.to_owned(),
    }
}

/// The least major version that a constraint allows; `None` where it names none.
pub fn least_major(constraint: &str) -> Option<u32> {
    Range::default().and(constraint)?.least
}

fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

impl Range {
    /// With a constraint; `None` where it is not understood.
    fn and(self, constraint: &str) -> Option<Self> {
        constraint.split(',').try_fold(self, |range, part| range.and_one(part.trim()))
    }

    fn and_one(self, part: &str) -> Option<Self> {
        let at = part.find(|character: char| character.is_ascii_digit() || character == 'v').unwrap_or(part.len());
        let (operator, version) = (part[..at].trim(), part[at..].trim());
        let major = major(version)?;
        let is_boundary = version.trim_start_matches('v').split('.').skip(1).all(|part| part == "0");
        let (least, most) = match operator {
            "" | "=" | "~>" => (Some(major), Some(major)),
            ">" | ">=" => (Some(major), None),
            "<" if is_boundary => (None, Some(major.saturating_sub(1))),
            "<" | "<=" => (None, Some(major)),
            "!=" => (None, None),
            _ => return None,
        };
        let most = [self.most, most].into_iter().flatten().min();
        Some(Self { least: self.least.max(least), most })
    }

    fn majors(self) -> Vec<u32> {
        match (self.least, self.most) {
            (None, None) => Vec::new(),
            (Some(least), None) => vec![least, NEWEST],
            (least, Some(most)) => (least.unwrap_or(0).max(most.saturating_sub(MAX_MAJORS))..=most).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NEWEST, Range};

    #[test]
    fn constraints_leave_major_versions() {
        for (constraint, expected) in [
            ("~> 5.0", Some(vec![5])),
            ("5.31.0", Some(vec![5])),
            (">= 4.0, < 6.0.0", Some(vec![4, 5])),
            (">= 4.9, <= 6.1", Some(vec![4, 5, 6])),
            (">= 4.9", Some(vec![4, NEWEST])),
            ("!= 4.9", Some(vec![])),
            (">= x", None),
        ] {
            assert_eq!(Range::default().and(constraint).map(Range::majors), expected, "{constraint}");
        }
    }
}
