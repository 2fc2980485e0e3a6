//! Where the state of a root lies: what one root writes and another one reads.
//!
//! <https://developer.hashicorp.com/terraform/language/state/remote-state-data> (2026-11-29).

use crate::formats::terraform::value::{Kind, Value};

/// Backends, and the arguments that together name a state of theirs.
const BACKENDS: &[(&str, &[&str])] = &[
    ("s3", &["bucket", "key"]),
    ("gcs", &["bucket", "prefix"]),
    ("azurerm", &["storage_account_name", "container_name", "key"]),
    ("http", &["address"]),
];

/// What the state is called, by the backend and its arguments; `None` where any of it is not written out.
pub fn name(backend: &str, config: &Value) -> Option<String> {
    let (_, names) = BACKENDS.iter().find(|(known, _)| *known == backend)?;
    let (Kind::Object(entries) | Kind::Map(entries)) = &config.kind else { return None };
    let text = |name: &&str| match &entries.get(*name)?.kind {
        Kind::Text(text) => Some(text.to_string()),
        _ => None,
    };
    names.iter().map(text).collect::<Option<Vec<String>>>().map(|parts| parts.join("/"))
}

/// What an output of a state is called.
pub fn output(state: &str, output: &str) -> String {
    format!("{state}#{output}")
}
