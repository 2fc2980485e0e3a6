//! What the catalogue's own files and `config/notations.yml` spell → `PUBLIC`: words that name nothing of whoever writes a template.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The key under which stands the page that a fact comes from.
const SOURCE: &str = "source: \"http";
/// Files and folders of `config/` in which words of providers and notations stand.
const FILES: [&str; 9] =
    ["actions", "catalog", "dialects", "sam", "serverless", "governing.yml", "managed_policies.yml", "notations.yml", "weighed.yml"];

pub fn compile(config: &Path) -> Result<String, String> {
    let mut words = BTreeSet::new();
    for file in FILES {
        collect(&config.join(file), &mut words)?;
    }
    let mut code = String::from("/// In order.\nstatic PUBLIC: &[&str] = &[\n");
    for word in words {
        writeln!(code, "    {word:?},").expect("writing to a string cannot fail");
    }
    Ok(code + "];\n")
}

fn collect(path: &Path, words: &mut BTreeSet<String>) -> Result<(), String> {
    let error = |reason: String| format!("{}: {reason}", path.display());
    if path.is_dir() {
        let mut entries: Vec<_> =
            fs::read_dir(path).map_err(|reason| error(reason.to_string()))?.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| collect(entry, words));
    }
    let text = fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
    text.lines().for_each(|line| take(without_prose(line), words));
    Ok(())
}

/// A line without what is said to people in it: a comment, and the page that a fact comes from.
fn without_prose(line: &str) -> &str {
    let comment = if line.starts_with('#') { Some(0) } else { line.find(" #") };
    let ends = [comment, line.find(SOURCE)].into_iter().flatten();
    &line[..ends.min().unwrap_or(line.len())]
}

fn take(text: &str, words: &mut BTreeSet<String>) {
    let found = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).map(|word| word.trim_matches('-'));
    words.extend(found.filter(|word| word.contains(|c: char| !(c.is_ascii_digit() || c == '-'))).map(str::to_owned));
}
