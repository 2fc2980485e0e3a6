//! The lines of a template that something is about, as compilers quote them.

use crate::report::text::page::{Page, Paint, hides};
use crate::report::text::{Style, at};
use crate::source::{FileState, Place};
use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Most lines of one place.
const MOST_LINES: usize = 6;
/// Most columns of a line where nothing else bounds it: JSON can stand in one line.
const MOST_COLUMNS: usize = 160;
const TAB: &str = "    ";

/// The place, and its lines where they are at hand.
pub(super) fn place(place: &Place, style: &Style<'_>, page: &mut Page) {
    let state = style.sources.map(|sources| sources.state(&place.path));
    let text = match state {
        Some(FileState::Text(text) | FileState::Undecodable { text, .. }) => text,
        _ => "",
    };
    let last = place.end_line.max(place.line);
    let first = usize::try_from(place.line).unwrap_or(usize::MAX);
    let lines: Vec<(usize, &str)> =
        (1..).zip(text.lines()).skip(first.saturating_sub(1)).take_while(|(number, _)| *number <= last as usize).collect();
    let digits = last.to_string().len();
    let gutter = format!("  {:digits$} ", "");
    let arrow = page.painted(Paint::Soft, &format!("  {:digits$}-->", ""));
    page.raw(&format!("{arrow} {}", at(place)));
    if place.line == 0 || lines.is_empty() {
        return;
    }
    let bar = page.painted(Paint::Soft, "|");
    page.raw(&format!("{gutter}{bar}"));
    let room = page.width().unwrap_or(MOST_COLUMNS).saturating_sub(gutter.len() + 2).max(20);
    // What all lines begin with says nothing.
    let margin = lines.iter().filter(|(_, line)| !line.trim().is_empty()).map(|(_, line)| leading_blanks(line)).min().unwrap_or(0);
    for (number, line) in lines.iter().take(MOST_LINES) {
        let shown = cut(&escaped(line.get(margin..).unwrap_or_default()), room);
        let number = page.painted(Paint::Soft, &format!("  {number:>digits$}"));
        page.raw(format!("{number} {bar} {shown}").trim_end());
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    if more > 0 {
        page.raw(&format!("{gutter}{bar} … and {more} more to line {last}"));
    } else if let [(_, line)] = lines.as_slice() {
        let shown = cut(&escaped(line.get(margin..).unwrap_or_default()), room);
        let marks = "^".repeat(shown.trim_end().width());
        page.raw(format!("{gutter}{bar} {}", page.painted(Paint::Alarm, &marks)).trim_end());
    }
}

/// How many bytes of blanks a line begins with.
fn leading_blanks(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// A line in which nothing hides.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => out.push_str(TAB),
            c if hides(c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

fn cut(line: &str, room: usize) -> String {
    if line.width() <= room {
        return line.to_owned();
    }
    let mut used = 1;
    let fitting = line.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    fitting.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::{cut, escaped};

    #[test]
    fn nothing_hides_in_a_quoted_line() {
        for (line, expected) in
            [("a: b", "a: b"), ("\ta", "    a"), ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"), ("a\u{202e}b", "a\\u{202e}b"), ("ä 威", "ä 威")]
        {
            assert_eq!(escaped(line), expected);
        }
        assert_eq!((cut("威胁模型", 8), cut("威胁模型", 7)), ("威胁模型".to_owned(), "威胁模…".to_owned()));
    }
}
