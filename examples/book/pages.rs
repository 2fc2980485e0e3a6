//! The pages of the site: `docs/`, the pages at the root of the repository, and a page for each rule.
//!
//! Comes in: the repository's folder. Goes out: paths within the book and their bytes. Links between files of the repository are written
//! anew for where the files lie in the book; a file that is linked and no page is taken along, a link to a folder becomes its text.

use crate::rules;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Path within the book → bytes.
pub(crate) type Book = BTreeMap<String, Vec<u8>>;

/// Pages at the root of the repository, and what they are in the book.
const ROOT_PAGES: [(&str, &str); 5] = [
    ("README.md", "index.md"),
    ("ARCHITECTURE.md", "architecture.md"),
    ("CHANGELOG.md", "changelog.md"),
    ("CONTRIBUTING.md", "contributing.md"),
    ("SECURITY.md", "security.md"),
];

/// # Errors
/// A file cannot be read, or a linked one is not there.
pub(crate) fn assemble(root: &Path) -> io::Result<Book> {
    let mut sources: BTreeMap<String, String> = BTreeMap::new();
    for (source, page) in ROOT_PAGES {
        sources.insert(source.to_owned(), page.to_owned());
    }
    for entry in fs::read_dir(root.join("docs"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            sources.insert(format!("docs/{name}"), name);
        }
    }
    let rules = rules::read(root)?;
    let mut book = Book::new();
    let mut assets = BTreeMap::new();
    for (source, page) in &sources {
        let mut text = fs::read_to_string(root.join(source))?;
        match page.as_str() {
            "rules.md" => text = text.replace("<!-- rules -->", &rules::index(&rules)),
            "SUMMARY.md" => text = text.replace("  <!-- rules -->\n", &rules::summary(&rules)),
            _ => {}
        }
        let text = relink(&text, |target| place(root, source, page, target, &sources, &mut assets));
        book.insert(page.clone(), text.into_bytes());
    }
    for rule in &rules {
        book.insert(rule.path(), rule.page(&rules).into_bytes());
    }
    for (source, place) in assets {
        book.insert(place, fs::read(root.join(source))?);
    }
    Ok(book)
}

/// Where a link of a page leads in the book; `None` where only its text is to stay.
fn place(
    root: &Path,
    source: &str,
    page: &str,
    target: &str,
    sources: &BTreeMap<String, String>,
    assets: &mut BTreeMap<String, String>,
) -> Option<String> {
    if target.contains("://") || target.starts_with('#') || target.starts_with("mailto:") {
        return Some(target.to_owned());
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = resolve(source, path);
    if root.join(&path).is_dir() {
        return None;
    }
    let place = match sources.get(&path) {
        Some(page) => page.clone(),
        // Pages of rules are made, and lie where the link says.
        None if path.starts_with("docs/rules/") => path.trim_start_matches("docs/").to_owned(),
        None => {
            let place = path.strip_prefix("docs/").unwrap_or(&path).to_owned();
            assets.insert(path, place.clone());
            place
        }
    };
    let up = "../".repeat(page.matches('/').count());
    Some(anchor.map_or_else(|| format!("{up}{place}"), |anchor| format!("{up}{place}#{anchor}")))
}

/// A path that a file names, from the root of the repository.
pub(crate) fn resolve(source: &str, target: &str) -> String {
    let mut parts: Vec<&str> = source.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

/// The text with each link's target put through `place`.
fn relink(text: &str, mut place: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = 0;
    for link in links(text) {
        match place(link.target) {
            Some(target) => {
                out.push_str(&text[rest..link.from]);
                out.push_str(&target);
                rest = link.to;
            }
            None => {
                let words = text[..link.from].rfind('[').unwrap_or(rest);
                out.push_str(&text[rest..words]);
                out.push_str(&text[words + 1..link.from - 2]);
                rest = link.to + 1;
            }
        }
    }
    out.push_str(&text[rest..]);
    out
}

/// A link's target, and where it stands in the text.
pub(crate) struct Link<'t> {
    pub(crate) target: &'t str,
    from: usize,
    to: usize,
}

/// The links of a Markdown text outside of code, in order.
pub(crate) fn links(text: &str) -> Vec<Link<'_>> {
    let mut found = Vec::new();
    let mut position = 0;
    let mut is_fenced = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches(['>', ' ']);
        if bare.starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            for (at, _) in line.match_indices("](").filter(|(at, _)| !is_code(&line[..*at])) {
                let from = at + 2;
                let Some(length) = line[from..].find(')') else { continue };
                found.push(Link { target: &line[from..from + length], from: position + from, to: position + from + length });
            }
        }
        position += line.len();
    }
    found
}

/// Whether what follows stands between back-ticks.
fn is_code(before: &str) -> bool {
    before.matches('`').count() % 2 == 1
}
