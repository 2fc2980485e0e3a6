//! The secrets of a plan: what is marked as one, what goes by the name of one or has its form, and any text that has one of them in it.
//!
//! The tool marks a value where it is used and not where it is given, and loses the mark on the way through some values: so what is marked
//! anywhere is a secret everywhere.

use crate::catalog::secrets;
use crate::formats::terraform::plan::written::Written;
use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Shortest text that is looked for within other texts, in letters; a shorter one is looked for as a whole.
const SHORTEST: usize = 4;
/// Of a longer text its beginning is looked for.
const LONGEST: usize = 256;
/// Most bytes of the machine that finds secrets in texts.
const MAX_MACHINE_BYTES: usize = 64 * 1024 * 1024;

pub(super) struct Secrets {
    short: BTreeSet<String>,
    long: Option<Regex>,
}

impl Secrets {
    /// The secrets of a plan; `None` where there are more than can be looked for.
    pub(super) fn of(written: &Written) -> Option<Self> {
        let mut marked = BTreeSet::new();
        for (name, variable) in &written.variables {
            let is_secret = written.is_sensitive(name) || secrets::names_secret(name);
            gather(&variable.value, &Value::Bool(is_secret), &mut marked);
        }
        for change in written.changes() {
            change.after().into_iter().for_each(|after| gather(after, &change.change.after_sensitive, &mut marked));
        }
        for resource in written.known_data() {
            gather(&resource.values, &resource.sensitive_values, &mut marked);
        }
        written.outputs().for_each(|output| gather(&output.value, &Value::Bool(output.sensitive), &mut marked));
        let (long, short): (BTreeSet<String>, BTreeSet<String>) = marked.into_iter().partition(|text| text.chars().count() >= SHORTEST);
        let beginning = |text: &String| regex::escape(&text.chars().take(LONGEST).collect::<String>());
        let pattern = long.iter().map(beginning).collect::<Vec<_>>().join("|");
        let machine = || RegexBuilder::new(&pattern).size_limit(MAX_MACHINE_BYTES).build();
        let long = if pattern.is_empty() { None } else { Some(machine().ok()?) };
        Some(Self { short, long })
    }

    /// Whether a text under a name must not pass.
    pub(super) fn hides(&self, name: &str, text: &str) -> bool {
        self.short.contains(text)
            || self.long.as_ref().is_some_and(|long| long.is_match(text))
            || secrets::names_secret(name)
            || secrets::is_shown(name, text)
            || secrets::in_script(text).is_some()
            || text.starts_with(['{', '[']) && serde_json::from_str(text).is_ok_and(|document| !named(&document).is_empty())
    }
}

/// The texts of a document that go by the name of a secret: `"password": "…"`, `{"name": "DB_PASSWORD", "value": "…"}`.
pub(super) fn named(document: &Value) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(entries) => {
                let pair = if is_secret_pair(entries) { entries.get("value") } else { None };
                let by_key = entries.iter().filter(|(key, _)| secrets::names_secret(key)).map(|(_, value)| value);
                found.extend(by_key.chain(pair).filter_map(Value::as_str).filter(|text| !text.is_empty()));
                open.extend(entries.values());
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

/// Whether a value stands beside its name, and the name is that of a secret.
pub(super) fn is_secret_pair(entries: &Map<String, Value>) -> bool {
    entries.get("name").and_then(Value::as_str).is_some_and(secrets::names_secret)
}

/// Adds the texts and numbers of a value that a mask covers.
fn gather(value: &Value, mask: &Value, found: &mut BTreeSet<String>) {
    match (value, mask) {
        (Value::String(text), Value::Bool(true)) if !text.is_empty() => {
            found.insert(text.clone());
            if text.starts_with(['{', '[']) {
                let document = serde_json::from_str(text).unwrap_or_default();
                found.extend(named(&document).into_iter().map(str::to_owned));
            }
        }
        (Value::Number(number), Value::Bool(true)) => {
            found.insert(number.to_string());
        }
        (Value::Array(items), Value::Bool(true)) => items.iter().for_each(|item| gather(item, mask, found)),
        (Value::Object(entries), Value::Bool(true)) => entries.values().for_each(|entry| gather(entry, mask, found)),
        (Value::Array(items), Value::Array(masks)) => items.iter().zip(masks).for_each(|(item, mask)| gather(item, mask, found)),
        (Value::Object(entries), Value::Object(masks)) => {
            entries.iter().filter_map(|(key, entry)| Some((entry, masks.get(key)?))).for_each(|(entry, mask)| gather(entry, mask, found));
        }
        _ => {}
    }
}
