//! What one line of text leaves open for the lines after it: code, tags and links; and what of a line its readers do not see.
//!
//! Deliberately coarse: whatever is not plainly complete within its line counts as left open. A comment can then be refused politely,
//! but no text that its readers see as code or as a link is taken for a command.

use crate::command::html::Tags;
use crate::command::html::{tag_length, tag_name};
use std::collections::BTreeMap;

/// Bytes before a backtick that are looked at; a longer word may be anything.
const LONGEST_WORD: usize = 512;
/// Elements that hide or strike what they hold.
const UNSEEN: [&str; 18] = [
    "audio", "canvas", "del", "details", "dialog", "iframe", "math", "noembed", "noframes", "noscript", "object", "s", "script", "select",
    "strike", "style", "svg", "template",
];

/// Reads a line that begins in plain text; whether it ends in plain text too.
pub(super) fn walk(line: &str, tags: &mut Tags) -> bool {
    let mut at = 0;
    let mut brackets = 0_usize;
    let ticks = Ticks::of(line);
    while let Some(char) = line[at..].chars().next() {
        let rest = &line[at..];
        let step = match char {
            '\\' => Some(escape_length(rest)),
            '`' => ticks.code_span(at),
            '<' if begins_tag(rest) => simple_tag(rest, tags),
            '[' => {
                brackets += 1;
                Some(1)
            }
            ']' => {
                let linked = brackets > 0;
                brackets = brackets.saturating_sub(1);
                if linked { link_target(&rest[1..]).map(|target| 1 + target) } else { Some(1) }
            }
            _ => Some(char.len_utf8()),
        };
        let Some(step) = step else {
            tags.note_opened(rest);
            return false;
        };
        at += step;
    }
    brackets == 0
}

/// What hides a part of the line from its readers, in words; `None` where all of it shows.
pub(super) fn unseen(line: &str) -> Option<&'static str> {
    let ticks = Ticks::of(line);
    let mut at = 0;
    let mut struck: [bool; 3] = [false; 3];
    while let Some(char) = line[at..].chars().next() {
        let rest = &line[at..];
        at += match char {
            '\\' => escape_length(rest),
            '`' => ticks.code_span(at).unwrap_or_else(|| rest.bytes().take_while(|byte| *byte == b'`').count()),
            '<' if rest[1..].starts_with(['!', '?']) => return Some("an HTML comment"),
            '<' if hides(rest) => return Some("HTML that hides or strikes out"),
            '~' => {
                let length = rest.bytes().take_while(|byte| *byte == b'~').count();
                let (opens, closes) = flanking(&line[..at], &rest[length..]);
                match struck.get_mut(length) {
                    Some(open) if *open && closes => return Some("struck-out text"),
                    Some(open) => *open |= opens,
                    None => {}
                }
                length
            }
            _ => char.len_utf8(),
        };
    }
    None
}

fn hides(rest: &str) -> bool {
    let name = tag_name(rest[1..].trim_start_matches('/'));
    tag_length(rest).is_some() && UNSEEN.iter().any(|unseen| unseen.eq_ignore_ascii_case(name))
}

/// Whether a run of tildes between these texts can open, and whether it can close.
fn flanking(before: &str, after: &str) -> (bool, bool) {
    let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    (!blank(after.chars().next()), !blank(before.chars().next_back()))
}

fn escape_length(rest: &str) -> usize {
    1 + usize::from(rest[1..].starts_with(|next: char| next.is_ascii_punctuation()))
}

fn begins_tag(rest: &str) -> bool {
    rest[1..].starts_with(['/', '!', '?']) || !tag_name(&rest[1..]).is_empty()
}

/// The backticks of a line.
struct Ticks<'l> {
    line: &'l str,
    /// Where runs begin, by their length, so that each search for a closing run is short.
    runs: BTreeMap<usize, Vec<usize>>,
    dollars: Option<(usize, usize)>,
}

impl<'l> Ticks<'l> {
    fn of(line: &'l str) -> Self {
        let mut runs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut at = 0;
        while let Some(start) = line[at..].find('`').map(|found| at + found) {
            let length = line[start..].bytes().take_while(|byte| *byte == b'`').count();
            runs.entry(length).or_default().push(start);
            at = start + length;
        }
        Self { line, runs, dollars: line.find('$').zip(line.rfind('$')) }
    }

    /// The length of the code that surely begins here.
    fn code_span(&self, at: usize) -> Option<usize> {
        let length = self.line[at..].bytes().take_while(|byte| *byte == b'`').count();
        let starts = self.runs.get(&length)?;
        let end = starts.get(starts.partition_point(|start| *start < at + length))?;
        (!self.belongs_elsewhere(at)).then_some(end + length - at)
    }

    /// Whether an address or a formula may take in the backtick at this place.
    fn belongs_elsewhere(&self, at: usize) -> bool {
        let start = (at.saturating_sub(LONGEST_WORD)..=at).find(|start| self.line.is_char_boundary(*start)).unwrap_or(at);
        let near = &self.line[start..at];
        let word = near.rsplit(char::is_whitespace).next().unwrap_or_default();
        let address = word.contains("://") || word.contains("www.") || word.contains('@') || (start > 0 && word.len() == near.len());
        address || self.dollars.is_some_and(|(first, last)| first < at && at < last)
    }
}

/// A complete tag, or `<https://…>`.
fn simple_tag(rest: &str, tags: &mut Tags) -> Option<usize> {
    if let Some(length) = tag_length(rest) {
        tags.tag(&rest[..length]);
        return Some(length);
    }
    let scheme = tag_name(&rest[1..]);
    let address = &rest[1 + scheme.len()..];
    let end = address.find('>')?;
    let plain = !scheme.is_empty() && address.starts_with("://") && !address[..end].contains([' ', '<', '`']);
    plain.then_some(1 + scheme.len() + end + 1)
}

/// What follows a closed bracket: nothing, or a plain `(address)`. A title or an escape may swallow what looks like code: not plain.
fn link_target(after: &str) -> Option<usize> {
    if after.starts_with(':') {
        return None;
    }
    let Some(inside) = after.strip_prefix('(') else { return Some(0) };
    let end = inside.find(')')?;
    (!inside[..end].contains(['`', '<', '"', '\'', '\\', '('])).then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::unseen;

    #[test]
    fn what_hides_a_part_of_a_line() {
        for (line, hidden) in [
            ("accept A/S-123456 fine", false),
            ("accept A/S-123456 about ~5 to ~6 seconds", false),
            ("accept A/S-123456 `<!-- x -->` is text, and so is `~~x~~`", false),
            ("accept A/S-123456 Vec<T> and a < b, \\~\\~x\\~\\~", false),
            ("accept A/S-123456 <b>bold</b> [link](https://x.example)", false),
            ("accept A/S-123456 <!-- see=x --> fine", true),
            ("accept ~~A/S-123456~~ fine", true),
            ("accept A/S-123456 ~fine~", true),
            ("accept A/S-123456 <del>fine</del>", true),
            ("accept A/S-123456 <? x ?>", true),
        ] {
            assert_eq!(unseen(line).is_some(), hidden, "{line}");
        }
    }
}
