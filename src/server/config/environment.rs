//! The environment over the file: each key of the file is a variable too, and a variable that is none is refused.
//!
//! Comes in: what the file says, and the environment as a map. Goes out: both as one, the environment winning.

use super::ConfigError;
use super::written::{Key, Kind, Written, keys};
use crate::model::nearest::nearest;
use serde_json::Value;
use std::collections::BTreeMap;

const PREFIX: &str = "ASTRIDE_";
/// Variables of the command line, which are no settings.
const OTHERS: [&str; 1] = ["ASTRIDE_CONFIG"];

/// `ASTRIDE_GITHUB_APP_ID` of `github.app_id`.
pub(super) fn variable(section: &str, key: &str) -> String {
    format!("{PREFIX}{section}_{key}").to_uppercase()
}

/// The environment wins over the file. An empty variable counts as not set: that is how people blank one out.
pub(super) fn overlay(written: Written, environment: &BTreeMap<String, String>) -> Result<Written, ConfigError> {
    let keys = keys();
    refuse_unknown(&keys, environment)?;
    let broken = |error: serde_json::Error| ConfigError::Variable { variable: PREFIX.to_owned(), message: error.to_string() };
    let mut merged = serde_json::to_value(written).map_err(broken)?;
    let set: Vec<(&Key, &str)> = keys
        .iter()
        .filter_map(|key| Some((key, environment.get(&variable(&key.section, &key.name)).filter(|text| !text.is_empty())?.as_str())))
        .collect();
    // The key and its file are two ways to say one thing: the environment's way counts.
    if set.iter().any(|(key, _)| is_private_key(key)) {
        keys.iter().filter(|key| is_private_key(key)).for_each(|key| merged[&key.section][&key.name] = Value::Null);
    }
    for (key, text) in set {
        merged[&key.section][&key.name] = value(key, text)?;
    }
    serde_json::from_value(merged).map_err(broken)
}

fn is_private_key(key: &Key) -> bool {
    key.section == "github" && key.name.starts_with("private_key")
}

fn value(key: &Key, text: &str) -> Result<Value, ConfigError> {
    Ok(match key.kind {
        Kind::Text => Value::from(text),
        Kind::List => text.split(',').map(|item| Value::from(item.trim())).collect(),
        Kind::Number => Value::from(text.trim().parse::<u64>().map_err(|_| ConfigError::Variable {
            variable: variable(&key.section, &key.name),
            message: format!("`{text}` is not a whole number"),
        })?),
    })
}

/// A setting that nobody reads is worse than one that is missing: it looks as if it held.
fn refuse_unknown(keys: &[Key], environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let known: Vec<String> = keys.iter().map(|key| variable(&key.section, &key.name)).collect();
    let is_known = |name: &str| known.iter().any(|known| known == name) || OTHERS.contains(&name);
    let unknown = environment
        .iter()
        .find(|(name, value)| name.starts_with(PREFIX) && !value.is_empty() && !is_known(name) && !is_service_link(name, value));
    let Some((name, _)) = unknown else { return Ok(()) };
    let meant = nearest(name, known.iter().map(String::as_str)).map(|meant| format!(": did you mean {meant}?")).unwrap_or_default();
    Err(ConfigError::Variable { variable: name.clone(), message: format!("there is no such setting{meant}") })
}

/// Kubernetes gives every container the addresses of the services of its namespace, and one of them may be called `astride`.
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
fn is_service_link(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let has_port_of = ["_TCP", "_UDP", "_SCTP"].iter().any(|protocol| name.contains(protocol));
    name.contains("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_PORT") && (is_address || has_port_of)
}
