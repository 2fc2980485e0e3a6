//! The layers, and what the core must not do: rules of ARCHITECTURE.md that a machine can hold.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::fs;
use std::path::{Path, PathBuf};

/// Bottom to top. A module names only itself and what stands before it.
const LAYERS: &[&[&str]] = &[
    &["source"],
    &["syntax"],
    &["model"],
    &["catalog"],
    // A dialect reads what a notation's evaluator found, and the notation ends where the dialect does.
    &["formats", "dialects"],
    &["delta"],
    &["stride"],
    &["change"],
    &["settings"],
    &["decisions"],
    // What commands say of decisions and what reports say of both leans on one door for foreign text.
    &["command", "report"],
    &["judge", "plan"],
    // The rim.
    &["clock", "metrics", "capability", "outage"],
    &["queue", "forge", "ledger", "server", "worker"],
    &["serve", "setup"],
    &["doctor"],
    &["sandbox"],
    &["cli"],
];
/// The first layer of the rim.
const RIM: usize = 12;
/// What the pure core never names, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("std::fs", "the core opens no file"),
    ("std::env", "the core has no environment"),
    ("std::net", "the core has no network"),
    ("std::process", "the core runs nothing"),
    ("std::time", "the core has no clock"),
    ("Instant::now", "the core has no clock"),
    ("SystemTime", "the core has no clock"),
    ("HashMap", "nothing in the core is ordered by hash"),
    ("HashSet", "nothing in the core is ordered by hash"),
    ("async fn", "the core does not wait"),
    ("tokio::", "the core does not wait"),
];

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

#[test]
fn modules_name_only_what_is_below_them() {
    let mut wrong = Vec::new();
    for source in sources() {
        let layer = layer(&source.module).unwrap_or_else(|| panic!("{}: module `{}` is in no layer", source.path.display(), source.module));
        for line in product_code(&source.text).lines() {
            let Some(named) = line.trim().strip_prefix("use crate::").map(first_word) else { continue };
            let Some(other) = self::layer(named) else { continue };
            if other > layer {
                wrong.push(format!("{}: `{}` names `{named}`, which is above it", source.path.display(), source.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| layer(&source.module).is_some_and(|layer| layer < RIM)) {
        for (number, line) in product_code(&source.text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (word, why) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
                wrong.push(format!("{}:{}: `{word}`: {why}", source.path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_one_line_a_module_and_never_globs() {
    let mut wrong = Vec::new();
    for source in sources() {
        for line in source.text.lines().map(str::trim) {
            if line.starts_with("use crate::{") || (line.starts_with("use ") && line.ends_with("::*;") && !line.contains("super")) {
                wrong.push(format!("{}: {line}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let mut wrong = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//!") {
            wrong.push(format!("{}: does not begin with `//!`", source.path.display()));
        }
        if source.text.contains("TODO") || source.text.contains("FIXME") {
            wrong.push(format!("{}: has an unfinished note", source.path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Formats name no provider, and the catalogue names no notation: what is added on one side costs nothing on the other.
#[test]
fn formats_name_no_cloud_and_the_catalogue_no_notation() {
    let mut wrong = Vec::new();
    for source in sources() {
        let words: &[&str] = match source.module.as_str() {
            "stride" | "decisions" | "delta" | "report" => &["AWS::", "Terraform", "CloudFormation"],
            "catalog" => &["serde_saphyr", "!Ref", "Fn::"],
            _ => continue,
        };
        for (number, line) in product_code(&source.text).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for word in words.iter().filter(|word| line.contains(**word)) {
                wrong.push(format!("{}:{}: names `{word}`", source.path.display(), number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn first_word(path: &str) -> &str {
    path.split([':', ';', ' ']).next().unwrap_or(path)
}

/// The text up to the tests of the module.
fn product_code(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).unwrap();
                let module = below.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
                if module != "lib" && module != "main" {
                    found.push(Source { text: fs::read_to_string(&path).unwrap(), module, path });
                }
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 10, "the sources were not found");
    found
}
