//! `config/catalog/**/*.yml` → which properties its entries read, by resource type.
//!
//! Only names count here: the entries themselves are checked and compiled in `build::catalog`.

use crate::build::catalog::files;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What the entry of one type reads.
#[derive(Default)]
pub struct Read {
    pub paths: BTreeSet<String>,
    /// The property that holds the physical name; empty where there is none.
    pub name: String,
}

/// By type; families are types that end in `::`.
pub type Paths = BTreeMap<String, Read>;

#[derive(Deserialize)]
#[serde(untagged)]
enum Node {
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
    Text(String),
    /// A flag or a number, which names nothing.
    Flag(#[allow(dead_code, reason = "only its shape is of interest")] bool),
    Number(#[allow(dead_code, reason = "only its shape is of interest")] f64),
}

/// Keys whose texts are paths from the resource.
const OF_RESOURCE: &[&str] =
    &["name", "folds", "admits", "absorbs", "stands_for", "joins", "environment", "roles", "keys", "network", "replaced", "serves"];
/// Keys whose texts are paths from the item that an `each` beside or above them names.
const OF_ITEM: &[&str] = &["property", "from", "to", "scope"];

pub fn read(folder: &Path) -> Result<Paths, String> {
    let mut paths = Paths::new();
    for file in files(folder)? {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let types: BTreeMap<String, Node> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        for (kind, node) in types {
            let read = paths.entry(kind).or_default();
            if let Node::Map(entries) = &node
                && let Some(Node::Text(name)) = entries.get("name")
            {
                read.name.clone_from(name);
            }
            collect(&node, "", "", &mut read.paths);
        }
    }
    Ok(paths)
}

fn collect(node: &Node, key: &str, each: &str, found: &mut BTreeSet<String>) {
    match node {
        Node::Map(entries) => {
            let inner = match entries.get("each") {
                Some(Node::Text(inner)) => inner.as_str(),
                _ => each,
            };
            add(inner, "", found);
            for (name, entry) in entries {
                if key == "attaches" {
                    add(name, "", found);
                }
                collect(entry, name, inner, found);
            }
        }
        Node::List(items) => items.iter().for_each(|item| collect(item, key, each, found)),
        Node::Text(text) if OF_RESOURCE.contains(&key) => add(text, "", found),
        Node::Text(text) if OF_ITEM.contains(&key) => add(text, each, found),
        Node::Text(_) | Node::Flag(_) | Node::Number(_) => {}
    }
}

/// Property names begin with a capital letter; what does not is a made-up end, a word or a text.
fn add(path: &str, each: &str, found: &mut BTreeSet<String>) {
    let path = path.split_once(':').map_or(path, |(_, path)| path);
    let whole = match (each, path) {
        ("", path) => path.to_owned(),
        (each, "") => each.to_owned(),
        (each, path) => format!("{each}.{path}"),
    };
    if whole.starts_with(|letter: char| letter.is_ascii_uppercase()) && !whole.contains("::") {
        found.insert(whole);
    }
}
