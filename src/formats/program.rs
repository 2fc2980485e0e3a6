//! Files that are programs, or text to read: nothing that a provider takes for a template, whatever words stand in them.
//!
//! Comes in: a path and a text. Goes out: whether nobody need look for a unit there.

use crate::formats::claim::{ending, looks_like_unit};
use crate::source::RepoPath;

/// What is said of a program that gives a service its values, behind its path.
pub(crate) const IS_A_PROGRAM: &str = "is a program, what it gives is not known";

/// Endings of programs and of pages.
const PROGRAMS_AND_PAGES: [&str; 17] =
    ["css", "cs", "go", "html", "java", "js", "jsx", "kt", "md", "mjs", "php", "py", "rb", "rs", "sh", "ts", "tsx"];

/// Whether a file is a program, text to read, or the JSON of an editor or compiler: nothing that a provider takes for a template.
pub(super) fn is_program_or_page(path: &RepoPath, text: &str) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let is_one = PROGRAMS_AND_PAGES.contains(&ending(&name)) || (ending(&name) == "json" && is_commented_json(text));
    is_one && (begins_as_code(text) || !looks_like_unit(text))
}

/// Whether the first line that is no comment is a statement of a program: whatever follows, no reader takes that for a tree of keys and values.
fn begins_as_code(text: &str) -> bool {
    const STATEMENTS: [&str; 16] = [
        "import ",
        "export ",
        "const ",
        "let ",
        "var ",
        "package ",
        "using ",
        "from ",
        "def ",
        "class ",
        "function ",
        "use ",
        "describe(",
        "'use strict'",
        "<!DOCTYPE ",
        "<?php",
    ];
    let is_comment = |line: &&str| line.is_empty() || ["//", "#", "/*", "*"].iter().any(|mark| line.starts_with(mark));
    let first = text.lines().map(str::trim).find(|line| !is_comment(line)).unwrap_or_default();
    // With a colon and a blank it would be a key.
    STATEMENTS.iter().any(|statement| first.starts_with(statement)) && !first.contains(": ") && !first.ends_with(':')
}

/// Whether a text is JSON but for comments and commas at the end of lists.
fn is_commented_json(text: &str) -> bool {
    let mut plain: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let mut in_string = false;
    while let [first, after @ ..] = rest {
        let skipped = match (in_string, first, after) {
            (true, b'\\', [escaped, ..]) => {
                plain.extend([b'\\', *escaped]);
                2
            }
            (false, b'/', [b'/', ..]) => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            (false, b'/', [b'*', ..]) => rest.windows(2).skip(2).position(|two| two == b"*/").map_or(rest.len(), |end| end + 4),
            _ => {
                in_string ^= *first == b'"';
                // A comma before the end of its list.
                if !in_string && matches!(first, b'}' | b']') {
                    let filled = plain.iter().rposition(|byte| !byte.is_ascii_whitespace());
                    if let Some(comma) = filled.filter(|last| plain[*last] == b',') {
                        plain.remove(comma);
                    }
                }
                plain.push(*first);
                1
            }
        };
        rest = &rest[skipped.min(rest.len())..];
    }
    serde_json::from_slice::<serde::de::IgnoredAny>(&plain).is_ok()
}
