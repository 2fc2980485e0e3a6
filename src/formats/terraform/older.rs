//! What files say of the language of Terraform before 0.12, which later versions refuse in part.
//!
//! Comes in: the text of a file. Goes out: the lines at which it is not valid now and was then, and whether it is written in that language at all.
//! <https://developer.hashicorp.com/terraform/language/v1.1.x/upgrade-guides/0-12> (2026-11-29).

use crate::source::{FileId, NoteKind, RepoPath, Span};
use crate::syntax::hcl::parse;
use bumpalo::Bump;
use std::collections::BTreeSet;

/// The lines of a file at which its syntax is that of Terraform before 0.12, which later versions refuse: keys of a map in quotes or with dots
/// among arguments, an argument that is set for each of several blocks, `%{` as text.
pub fn lines_before_0_12(path: &RepoPath, text: &str) -> BTreeSet<u32> {
    if !path.file_name().ends_with(".tf") {
        return BTreeSet::new();
    }
    let is_older = |(line, message): &(u32, String)| {
        is_key_of_a_map(line_of(text, *line)) || message.contains("is set already on line") || message.contains("behind `%{`")
    };
    errors(text).iter().filter(|error| is_older(error)).map(|(line, _)| *line).collect()
}

/// The lines at which a file is refused now for what the older reader took, and which are mistakes in a file of today: a block within a block on one
/// line, a comma behind an argument, a heredoc that ends at the end of a line of its text.
pub fn lines_that_it_took(path: &RepoPath, text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    if !path.file_name().ends_with(".tf") {
        return found;
    }
    let all = errors(text);
    // What is read behind the end of such a heredoc as if it were none is broken by that.
    let mut ends = BTreeSet::new();
    for (line, message) in &all {
        let marker = message.strip_prefix("the heredoc has no end: no line is `").and_then(|rest| rest.strip_suffix("` alone"));
        if let Some(end) = marker.and_then(|marker| line_that_ends_with(text, *line, marker)) {
            found.insert(*line);
            ends.insert(end);
        }
        if message == "a block on one line holds no other block" || message == "the end of the line is expected, found `,`" {
            found.insert(*line);
        }
    }
    found.extend(all.iter().map(|(line, _)| *line).filter(|line| ends.contains(line)));
    found
}

/// The first line below one that ends with the marker of a heredoc behind other text.
fn line_that_ends_with(text: &str, below: u32, marker: &str) -> Option<u32> {
    let ends = |line: &str| line.trim_end().strip_suffix(marker).is_some_and(|rest| rest.trim_end().ends_with(['}', ']', '"', ')']));
    text.lines().zip(1_u32..).find(|(line, number)| *number > below && ends(line)).map(|(_, number)| number)
}

/// Whether a file says that it is written in that language: by the version that it asks for, by types in quotes, by tags as a block. `None` where it
/// says nothing of it.
pub fn is_before_0_12(text: &str) -> Option<bool> {
    const TYPES: [&str; 3] = ["\"list\"", "\"map\"", "\"string\""];
    let mut says = None;
    for line in text.lines().map(str::trim) {
        if let Some((name, value)) = line.split_once('=') {
            match (name.trim(), value.trim()) {
                ("required_version", constraint) => return Some(excludes_0_12(constraint)),
                ("type", value) if TYPES.contains(&value) => says = Some(true),
                _ => {}
            }
        }
        if line == "tags {" {
            says = Some(true);
        }
    }
    says
}

/// Whether a constraint of versions leaves out 0.12: `~> 0.11.0`, `< 0.12`.
fn excludes_0_12(constraint: &str) -> bool {
    let minor = |version: &str| version.trim().strip_prefix("0.").and_then(|rest| rest.split('.').next()?.parse::<u32>().ok());
    let ends_below = |part: &str| {
        let (operator, version) = part.split_at(part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len()));
        let minor = minor(version).unwrap_or(u32::MAX);
        match operator.trim() {
            "<" => minor < 12 || minor == 12 && matches!(version, "0.12" | "0.12.0"),
            "<=" | "=" | "" => minor < 12,
            // `~> 0.11` alone takes every later one of 0.
            "~>" => minor < 12 && version.matches('.').count() > 1,
            _ => false,
        }
    };
    constraint.trim_matches('"').split(',').map(str::trim).any(ends_below)
}

/// What is not valid in a file, by line.
pub fn errors(text: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    let mut add = |span: Span, kind: NoteKind, message: String| {
        if kind == NoteKind::Unreadable {
            found.push((span.line, message));
        }
    };
    parse(text, FileId(0), &Bump::new(), &mut add);
    found
}

/// A line of a text, counted from 1; empty where there is none.
pub fn line_of(text: &str, line: u32) -> &str {
    usize::try_from(line).ok().and_then(|line| text.lines().nth(line.checked_sub(1)?)).unwrap_or_default()
}

/// The block of the outermost level in which a line stands: up to the next line that is not indented and begins one.
pub fn block_around(text: &str, line: u32) -> String {
    let starts = |line: &str| line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let mut block: Vec<&str> = Vec::new();
    for (written, number) in text.lines().zip(1_u32..) {
        if starts(written) {
            if number > line {
                break;
            }
            block.clear();
        }
        block.push(written);
    }
    block.join("\n")
}

/// Whether a line begins like an entry of a map that is no name: `"Key" =`, `a.b =`.
fn is_key_of_a_map(line: &str) -> bool {
    let Some((key, _)) = line.split_once('=') else { return false };
    let key = key.trim();
    let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    let is_dotted = || key.contains('.') && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    quoted.is_some_and(|key| !key.contains('"')) || is_dotted()
}

#[cfg(test)]
mod tests {
    use super::{block_around, is_before_0_12, lines_before_0_12, lines_that_it_took};
    use crate::source::RepoPath;

    #[test]
    fn the_older_syntax_is_told_from_mistakes() {
        for (text, expected) in [
            ("tags {\n  \"Name\" = \"a\"\n}\n", vec![2]),
            ("tags {\n  a.b = \"a\"\n}\n", vec![2]),
            ("r \"a\" \"b\" {\n  tag = {}\n  tag = {}\n}\n", vec![3]),
            ("a {\n  format = \"%{Referer}i\"\n}\n", vec![2]),
            ("tags = {\n  \"Name\" = \"a\"\n}\n", vec![]),
            ("a {\n  name = \n}\n", vec![]),
            ("a {\n  \"Name\"\n}\n", vec![]),
            ("a {\n", vec![]),
        ] {
            let found: Vec<u32> = lines_before_0_12(&RepoPath::new("main.tf"), text).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_the_older_reader_took_is_told_from_mistakes() {
        for (text, expected) in [
            ("a {\n  b { c {} }\n}\n", vec![2]),
            ("locals {\n  a = \"b\",\n  c = 1\n}\n", vec![2]),
            ("a {\n  b = <<EOF\n{\n}EOF\n}\n", vec![2, 4]),
            ("a {\n  b = <<EOF\n{\n}\n}\n", vec![]),
            ("a {\n  b = \n}\n", vec![]),
        ] {
            let found: Vec<u32> = lines_that_it_took(&RepoPath::new("main.tf"), text).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_file_says_which_language_it_is() {
        for (text, expected) in [
            ("  required_version = \"~> 0.11.0, < 0.11.15\"\n", Some(true)),
            ("  required_version = \"< 0.12\"\n", Some(true)),
            ("  required_version = \"= 0.11.7\"\n", Some(true)),
            ("  required_version = \"~> 0.11\"\n", Some(false)),
            ("  required_version = \">= 0.11\"\n", Some(false)),
            ("  required_version = \"< 0.12.5\"\n", Some(false)),
            ("  required_version = \">= 1.0\"\n  type = \"list\"\n", Some(false)),
            ("  type = \"list\"\n", Some(true)),
            ("  type = list\n", None),
            ("  tags {\n", Some(true)),
        ] {
            assert_eq!(is_before_0_12(text), expected, "{text}");
        }
    }

    #[test]
    fn a_block_ends_where_the_next_begins() {
        assert_eq!(block_around("a {\n  b = 1\n}\n\nc {\n}\n", 2), "a {\n  b = 1\n}\n");
    }
}
