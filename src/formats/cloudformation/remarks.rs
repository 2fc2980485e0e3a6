//! What people wrote beside the resources of a template: statements for us, and suppressions for other tools.
//!
//! Comes in: resources, and the text that they stand in. Goes out: remarks, as written. Says nothing of whether a statement is one of the
//! vocabulary, or what it counts: that is for the catalogue and for those above.
//!
//! Of one resource the metadata come first, then the comments, then the tags.
//!
//! Sources: <https://github.com/stelligent/cfn_nag#per-resource-rule-suppression>,
//! <https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html>,
//! <https://docs.aws.amazon.com/controltower/latest/controlreference/suppressing-guard-rules.html>.

use crate::model::resource::{Property, Remark, Resource, Said};
use crate::source::{NoteKind, Sources, Span};
use crate::syntax::yaml;

/// Begins a comment that states facts; the keys of metadata and tags are the same word.
const MARKER: &str = "astride:";
const SECTIONS: [&str; 2] = ["astride", "Astride"];
const CHECKOV: &str = "checkov:skip=";
/// Tags that state the class of data, in small letters without separators.
const CLASS_TAGS: [&str; 3] = ["dataclassification", "dataclass", "dataclassificationlevel"];

/// The remarks beside resources, in order of the resources. What looks like a remark and cannot be read is noted.
pub fn read<'t>(resources: &[Resource<'t>], sources: &Sources<'t>) -> Vec<Remark<'t>> {
    let stated: Vec<&Resource<'t>> = resources.iter().filter(|resource| resource.implied_by.is_none()).collect();
    let mut comments = comments(&stated, sources);
    comments.sort_by_key(|(address, _)| *address);
    let mut remarks = Vec::new();
    for resource in stated {
        let mut found = Found { address: resource.address, sources, remarks: &mut remarks };
        metadata(resource, &mut found);
        let first = comments.partition_point(|(address, _)| *address < resource.address);
        let own = comments[first..].iter().take_while(|(address, _)| *address == resource.address);
        own.for_each(|(_, comment)| found.comment(*comment));
        tags(resource, &mut found);
    }
    remarks
}

/// Takes the remarks of one resource.
struct Found<'f, 't> {
    address: &'t str,
    sources: &'f Sources<'t>,
    remarks: &'f mut Vec<Remark<'t>>,
}

impl<'t> Found<'_, 't> {
    fn push(&mut self, span: Span, said: Said<'t>) {
        self.remarks.push(Remark { address: self.address, span, said });
    }

    fn fact(&mut self, name: &'t str, value: &Property<'t>) {
        match value.literal() {
            Some(answer) => self.push(value.span, Said::Fact { name, answer }),
            None => {
                self.sources.note(value.span, NoteKind::Annotation, format!("what is stated of `{name}` must be written out as a word"))
            }
        }
    }

    fn suppression(&mut self, span: Span, tool: &'static str, id: &'t str, reason: &'t str) {
        self.push(span, Said::Suppression { tool, id: id.trim(), reason: reason.trim() });
    }

    fn comment(&mut self, (span, said): (Span, &'t str)) {
        let said = said.trim();
        if let Some(facts) = said.strip_prefix(MARKER) {
            for fact in facts.split(',').map(str::trim).filter(|fact| !fact.is_empty()) {
                match fact.split_once('=') {
                    Some((name, answer)) => self.push(span, Said::Fact { name: name.trim(), answer: answer.trim() }),
                    None => self.sources.note(span, NoteKind::Annotation, format!("`{fact}` states nothing: write `fact=answer`")),
                }
            }
        } else if let Some(skipped) = said.strip_prefix(CHECKOV) {
            let (ids, reason) = skipped.split_once(':').unwrap_or((skipped, ""));
            ids.split(',').for_each(|id| self.suppression(span, "checkov", id, reason));
        }
    }
}

fn metadata<'t>(resource: &Resource<'t>, found: &mut Found<'_, 't>) {
    let Some(metadata) = resource.attributes.get("Metadata") else { return };
    for section in SECTIONS.iter().filter_map(|key| metadata.get(key)) {
        section.entries().iter().for_each(|entry| found.fact(entry.key, &entry.value));
        if section.entries().is_empty() {
            found.sources.note(section.span, NoteKind::Annotation, "states nothing: write a mapping of facts to answers".to_owned());
        }
    }
    for rule in metadata.at("cfn_nag.rules_to_suppress").map(Property::items).unwrap_or_default() {
        listed(rule, "cfn-nag", "reason", found);
    }
    for rule in metadata.at("checkov.skip").map(Property::items).unwrap_or_default() {
        listed(rule, "checkov", "comment", found);
    }
    if let Some(rules) = metadata.at("guard.SuppressedRules") {
        rules.items().iter().filter_map(|rule| Some((rule.span, rule.literal()?))).for_each(|(span, id)| {
            found.suppression(span, "cfn-guard", id, "");
        });
        for entry in rules.entries() {
            found.suppression(entry.key_span, "cfn-guard", entry.key, entry.value.literal().unwrap_or_default());
        }
    }
}

/// `{id: W35, reason: …}`.
fn listed<'t>(rule: &Property<'t>, tool: &'static str, reason: &str, found: &mut Found<'_, 't>) {
    if let Some(id) = rule.get("id").and_then(Property::literal) {
        found.suppression(rule.span, tool, id, rule.get(reason).and_then(Property::literal).unwrap_or_default());
    }
}

/// Tags stand in a list of keys and values, or in a map.
fn tags<'t>(resource: &Resource<'t>, found: &mut Found<'_, 't>) {
    let Some(tags) = resource.properties.get("Tags") else { return };
    let listed = tags.items().iter().filter_map(|tag| Some((tag.get("Key")?.literal()?, tag.get("Value")?)));
    let mapped = tags.entries().iter().map(|entry| (entry.key, &entry.value));
    for (key, value) in listed.chain(mapped) {
        if let Some(name) = key.strip_prefix(MARKER) {
            found.fact(name, value);
        } else if names_class(key) {
            found.fact("data_class", value);
        }
    }
}

fn names_class(key: &str) -> bool {
    let letters: String = key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    CLASS_TAGS.contains(&letters.as_str())
}

/// The comments of ours with the resource that each stands on or directly above, in order of the files.
fn comments<'t>(stated: &[&Resource<'t>], sources: &Sources<'t>) -> Vec<(&'t str, (Span, &'t str))> {
    let mut found = Vec::new();
    for path in sources.opened() {
        let Some((file, text)) = sources.open(&path, None).filter(|(_, text)| text.contains(MARKER) || text.contains(CHECKOV)) else {
            continue;
        };
        if text.trim_start().starts_with('{') {
            continue;
        }
        let comments = match yaml::comments(text, file) {
            Ok(comments) => comments,
            Err(error) => {
                let span = Span { line: error.line, end_line: error.line, column: error.column, file };
                let text = format!("the comments of this file cannot be told ({}), and what they state does not count", error.message);
                sources.note(span, NoteKind::Annotation, text);
                continue;
            }
        };
        let next_content = next_content(text);
        let mut here: Vec<&&Resource<'t>> = stated.iter().filter(|resource| resource.span.file == file).collect();
        here.sort_by_key(|resource| resource.span);
        for (span, said) in comments {
            if ![MARKER, CHECKOV].iter().any(|marker| said.trim_start().starts_with(marker)) {
                continue;
            }
            match beside(&here, span, &next_content) {
                Some(resource) => found.push((resource.address, (span, said))),
                None if said.trim_start().starts_with(MARKER) => {
                    sources.note(span, NoteKind::Annotation, "stands at no resource, and so states nothing".to_owned());
                }
                None => {}
            }
        }
    }
    found
}

/// For each line, counted from 0, the first one from there on that is no comment: comments are looked past in one step.
fn next_content(text: &str) -> Vec<u32> {
    let is_comment: Vec<bool> = text.lines().map(|line| line.trim_start().starts_with('#')).collect();
    let mut next: Vec<u32> = (0..).take(is_comment.len() + 1).collect();
    for line in (0..is_comment.len()).rev().filter(|line| is_comment[*line]) {
        next[line] = next[line + 1];
    }
    next
}

/// The resource whose block a comment stands in, ends, or stands directly above.
fn beside<'r, 't>(here: &[&'r &'r Resource<'t>], comment: Span, next_content: &[u32]) -> Option<&'r Resource<'t>> {
    let next = here.partition_point(|resource| resource.span.line <= comment.line);
    let before = next.checked_sub(1).map(|index| here[index]);
    if let Some(resource) = before.filter(|resource| comment.line <= resource.span.end_line) {
        return Some(resource);
    }
    // Whether nothing but comments stands between two lines, which are counted from 1 and left out themselves.
    let adjoin = |above: u32, below: u32| next_content.get(above as usize).is_some_and(|content| content + 1 >= below);
    let above = here.get(next).filter(|resource| comment.column <= resource.span.column && adjoin(comment.line, resource.span.line));
    let below = before.filter(|resource| comment.column > resource.span.column && adjoin(resource.span.end_line, comment.line));
    above.or(below.as_ref()).map(|resource| **resource)
}
