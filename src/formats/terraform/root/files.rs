//! `fileset`: the files below a folder that a pattern takes.
//!
//! <https://developer.hashicorp.com/terraform/language/functions/fileset> (2026-11-28): `*`, `**`, `?`, `[…]` and `{a,b}`.

use crate::source::budget::Stage;
use crate::source::{RepoPath, Sources, Span};

/// Most entries that are looked through for one call.
const MAX_ENTRIES: usize = 20_000;
/// Most patterns that the braces of one make.
const MAX_PATTERNS: usize = 64;
/// Most folders within one another.
const MAX_FOLDERS_DEEP: usize = 64;

/// What was found.
pub(super) enum Listed {
    /// Paths from the folder on.
    All(Vec<String>),
    TooMany,
    NotAtHand,
    NoPattern,
}

pub(super) fn below(folder: &RepoPath, pattern: &str, sources: &Sources<'_>, span: Span) -> Listed {
    let Some(patterns) = unfolded(pattern) else { return Listed::NoPattern };
    let patterns: Vec<Vec<&str>> = patterns.iter().map(|pattern| pattern.split('/').filter(|part| *part != ".").collect()).collect();
    if patterns.iter().flatten().any(|part| *part == "..") {
        return Listed::NoPattern;
    }
    let deepest = patterns.iter().map(|parts| if parts.contains(&"**") { MAX_FOLDERS_DEEP } else { parts.len() }).max().unwrap_or(0);
    let prefix = if folder.as_str().is_empty() { 0 } else { folder.as_str().len() + 1 };
    let (mut found, mut looked_at) = (Vec::new(), 0);
    let mut open = vec![(folder.clone(), 1)];
    while let Some((folder, depth)) = open.pop() {
        let Some(entries) = sources.list(&folder) else { return Listed::NotAtHand };
        looked_at += entries.len();
        if looked_at > MAX_ENTRIES || !sources.spend(Stage::Read, entries.len(), span) {
            return Listed::TooMany;
        }
        for entry in entries {
            let path = entry.path.as_str().get(prefix..).unwrap_or_default();
            let parts: Vec<&str> = path.split('/').collect();
            if entry.is_folder && depth < deepest {
                open.push((entry.path, depth + 1));
            } else if !entry.is_folder && patterns.iter().any(|pattern| takes(pattern, &parts)) {
                found.push(path.to_owned());
            }
        }
    }
    Listed::All(found)
}

/// A pattern without its braces, as several patterns.
fn unfolded(pattern: &str) -> Option<Vec<String>> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        let Some((before, rest)) = pattern.split_once('{') else {
            done.push(pattern);
            continue;
        };
        let (inside, after) = rest.split_once('}')?;
        if inside.contains('{') || open.len() + done.len() + inside.matches(',').count() >= MAX_PATTERNS {
            return None;
        }
        open.extend(inside.split(',').map(|choice| format!("{before}{choice}{after}")));
    }
    Some(done)
}

/// Whether a pattern takes a path, part by part. `**` takes any number of parts.
fn takes(pattern: &[&str], path: &[&str]) -> bool {
    // After each part of the pattern: how many parts of the path may be taken by then.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        for (at, _) in reached.iter().enumerate().filter(|(_, is_reached)| **is_reached) {
            if *part == "**" {
                next.iter_mut().skip(at).for_each(|next| *next = true);
            } else if path.get(at).is_some_and(|name| takes_name(part, name)) {
                next[at + 1] = true;
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Whether a pattern without slashes takes a name. What a star takes is widened only when the rest does not fit.
fn takes_name(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        let taken = match pattern.get(at) {
            Some('*') => {
                star = Some((at + 1, in_name));
                at += 1;
                continue;
            }
            Some('?') => Some(at + 1),
            Some('[') => class(&pattern, at, name[in_name]),
            Some('\\') => pattern.get(at + 1).filter(|wanted| **wanted == name[in_name]).map(|_| at + 2),
            Some(wanted) => (*wanted == name[in_name]).then_some(at + 1),
            None => None,
        };
        match (taken, star) {
            (Some(next), _) => {
                at = next;
                in_name += 1;
            }
            (None, Some((behind, from))) => {
                star = Some((behind, from + 1));
                at = behind;
                in_name = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern.iter().skip(at).all(|left| *left == '*')
}

/// Behind a class of characters, if it takes this one.
fn class(pattern: &[char], open: usize, wanted: char) -> Option<usize> {
    let is_negated = matches!(pattern.get(open + 1), Some('^' | '!'));
    let from = open + 1 + usize::from(is_negated);
    let close = from + 1 + pattern.get(from + 1..)?.iter().position(|character| *character == ']')?;
    let inside = pattern.get(from..close)?;
    let mut takes = false;
    let mut at = 0;
    while let Some(low) = inside.get(at) {
        let high = if inside.get(at + 1) == Some(&'-') { inside.get(at + 2) } else { None };
        takes |= (*low..=*high.unwrap_or(low)).contains(&wanted);
        at += if high.is_some() { 3 } else { 1 };
    }
    (takes != is_negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::{takes, unfolded};

    #[test]
    fn patterns_take_what_terraform_says() {
        for (pattern, path, expected) in [
            ("*.json", "a.json", true),
            ("*.json", ".a.json", true),
            ("*.json", "d/a.json", false),
            ("**/*.json", "a.json", true),
            ("**/*.json", "d/e/a.json", true),
            ("d/**", "d/e/a.json", true),
            ("d/?.json", "d/ab.json", false),
            ("{a,b}.tf", "b.tf", true),
            ("[a-c]*x", "bxx", true),
            ("[!a-c]*", "bxx", false),
            ("*a*b*c", "xaxbxcxc", true),
        ] {
            let patterns = unfolded(pattern).unwrap();
            let path: Vec<&str> = path.split('/').collect();
            let is_taken = patterns.iter().any(|pattern| takes(&pattern.split('/').collect::<Vec<_>>(), &path));
            assert_eq!(is_taken, expected, "{pattern} {path:?}");
        }
    }
}
