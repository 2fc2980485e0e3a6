//! The Markdown of a comment on a terminal: what GitHub would show, as far as columns and colours can.
//!
//! Comes in: the text of a comment. Goes out: wrapped lines. Only what our own comments are made of is known: headings, lists, tables,
//! code, folded parts, and Mermaid diagrams, which become a list of their arrows. No control character of the text reaches the terminal.

use crate::report::text::{Colour, plain};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr;

/// How a piece of text looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Plain,
    Bold,
    Italic,
    Code,
    Soft,
}

impl Face {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Italic => "3",
            Self::Code => "36",
            Self::Soft => "2",
        }
    }
}

type Pieces = Vec<(Face, String)>;

/// The comment for a terminal so wide.
pub(super) fn render(body: &str, colour: Colour, width: usize) -> String {
    let mut page = Page { colour, width, out: String::new() };
    let mut lines = body.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
            page.fence(language, &inside);
        } else if line.starts_with('|') {
            let mut rows = vec![line];
            while let Some(row) = lines.next_if(|line| line.starts_with('|')) {
                rows.push(row);
            }
            page.table(&rows);
        } else {
            page.line(line);
        }
    }
    page.out
}

struct Page {
    colour: Colour,
    width: usize,
    out: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        if (text.starts_with("<!--") && text.ends_with("-->")) || text == "</details>" {
            return;
        }
        if text.is_empty() {
            if !self.out.is_empty() && !self.out.ends_with("\n\n") {
                self.out.push('\n');
            }
            return;
        }
        let indent = line.len() - line.trim_start().len();
        if text.starts_with('#') {
            let words: Pieces = pieces(text.trim_start_matches('#').trim_start()).into_iter().map(|(_, text)| (Face::Bold, text)).collect();
            self.wrapped("", "", words);
        } else if let Some(summary) = text.strip_prefix("<details>") {
            self.wrapped("▸ ", "  ", pieces(summary));
        } else if let Some(item) = text.strip_prefix("- ") {
            let first = format!("{}• ", " ".repeat(indent));
            self.wrapped(&first, &" ".repeat(indent + 2), pieces(item));
        } else if let Some(quoted) = text.strip_prefix("> ") {
            self.wrapped("│ ", "│ ", pieces(quoted));
        } else {
            let margin = " ".repeat(indent);
            self.wrapped(&margin, &margin, pieces(text));
        }
    }

    /// Code is never wrapped: it is there to be copied.
    fn fence(&mut self, language: &str, lines: &[&str]) {
        if language.trim() == "mermaid" {
            for arrow in arrows(lines) {
                self.wrapped("  ", "      ", vec![(Face::Plain, arrow)]);
            }
            return;
        }
        // Nobody reads it here, and programs read the comment itself.
        if language.trim() == "json" {
            self.wrapped("    ", "    ", vec![(Face::Plain, format!("({} lines of JSON)", lines.len()))]);
            return;
        }
        for line in lines {
            let line = self.painted(Face::Code, &plain(line));
            self.out.push_str(&format!("    {line}\n"));
        }
    }

    fn table(&mut self, rows: &[&str]) {
        let cells: Vec<Vec<Pieces>> =
            rows.iter().filter(|row| !is_rule(row)).map(|row| cells(row).iter().map(|cell| pieces(cell)).collect()).collect();
        let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
        let breadth = |pieces: &Pieces| pieces.iter().map(|(_, text)| text.width()).sum::<usize>();
        let widths: Vec<usize> =
            (0..columns).map(|column| cells.iter().filter_map(|row| row.get(column)).map(breadth).max().unwrap_or(0)).collect();
        for row in &cells {
            let mut line = String::from("  ");
            for (cell, width) in row.iter().zip(&widths) {
                cell.iter().for_each(|(face, text)| line.push_str(&self.painted(*face, text)));
                line.push_str(&" ".repeat(width - breadth(cell) + 2));
            }
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// Words, broken at the width; what is longer than a line stands alone.
    fn wrapped(&mut self, first: &str, rest: &str, pieces: Pieces) {
        let mut line = first.to_owned();
        let mut used = first.width();
        let mut margin = true;
        for (face, word, spaced) in words(&pieces) {
            let gap = usize::from(spaced && !margin);
            if !margin && spaced && used + gap + word.width() > self.width {
                self.out.push_str(&format!("{}\n", line.trim_end()));
                rest.clone_into(&mut line);
                used = rest.width();
                margin = true;
            }
            if spaced && !margin {
                line.push(' ');
                used += 1;
            }
            used += word.width();
            line.push_str(&self.painted(face, &word));
            margin = false;
        }
        self.out.push_str(&format!("{}\n", line.trim_end()));
    }

    fn painted(&self, face: Face, text: &str) -> String {
        if self.colour == Colour::Never || face == Face::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", face.code())
    }
}

/// Each word, with its face and whether a space stands before it.
fn words(pieces: &Pieces) -> Vec<(Face, String, bool)> {
    let mut words = Vec::new();
    let mut spaced = false;
    for (face, text) in pieces {
        for (number, word) in text.split(' ').enumerate() {
            spaced |= number > 0;
            if !word.is_empty() {
                words.push((*face, word.to_owned(), spaced));
                spaced = false;
            }
        }
    }
    words
}

/// A line's text with what Markdown says about it: emphasis, code, links without their address, tags left out.
fn pieces(text: &str) -> Pieces {
    let mut pieces = Pieces::new();
    let mut held = String::new();
    let (mut bold, mut italic, mut soft) = (false, false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let face = if bold {
            Face::Bold
        } else if italic {
            Face::Italic
        } else if soft {
            Face::Soft
        } else {
            Face::Plain
        };
        let mut flush = |held: &mut String| {
            if !held.is_empty() {
                pieces.push((face, std::mem::take(held)));
            }
        };
        if let Some((code, after)) = code_span(rest) {
            flush(&mut held);
            pieces.push((Face::Code, plain(code)));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("**") {
            flush(&mut held);
            bold = !bold;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('*') {
            flush(&mut held);
            italic = !italic;
            rest = after;
        } else if let Some((tag, after)) = tag(rest) {
            flush(&mut held);
            match tag {
                "sub" => soft = true,
                "/sub" => soft = false,
                "br" => held.push(' '),
                _ => {}
            }
            rest = after;
        } else if let Some((word, after)) = link(rest) {
            held.push_str(&plain(word));
            rest = after;
        } else if let Some((sign, after)) = entity(rest) {
            held.push(sign);
            rest = after;
        } else if let Some(escaped) = rest.strip_prefix('\\').and_then(|after| after.chars().next()).filter(char::is_ascii_punctuation) {
            held.push(escaped);
            rest = &rest[1 + escaped.len_utf8()..];
        } else {
            held.push_str(&plain(&c.to_string()));
            rest = &rest[c.len_utf8()..];
        }
    }
    let face = if soft { Face::Soft } else { Face::Plain };
    pieces.push((face, held));
    pieces
}

fn code_span(text: &str) -> Option<(&str, &str)> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let (fence, inside) = text.split_at(ticks);
    if ticks == 0 {
        return None;
    }
    let (code, after) = inside.split_once(fence)?;
    Some((if ticks > 1 { code.trim() } else { code }, after))
}

fn tag(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('<')?.split_once('>')?;
    ["sub", "/sub", "br", "summary", "/summary", "details", "/details"].contains(&name).then_some((name, after))
}

/// The words of a link: where it leads is of the stand-in, and nobody answers there.
fn link(text: &str) -> Option<(&str, &str)> {
    let (words, after) = text.strip_prefix('[')?.split_once("](http")?;
    let (_, after) = after.split_once(')')?;
    (!words.contains('[')).then_some((words, after))
}

fn entity(text: &str) -> Option<(char, &str)> {
    let (name, after) = text.strip_prefix('&')?.split_once(';')?;
    let sign = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => name.strip_prefix('#')?.parse().ok().and_then(char::from_u32).filter(|c| !c.is_control())?,
    };
    Some((sign, after))
}

fn is_rule(row: &str) -> bool {
    row.chars().all(|c| "|:- ".contains(c))
}

fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// `client → IntakeFn: function URL`, for each arrow of a flowchart; what is new is drawn thick there and says so here.
fn arrows(lines: &[&str]) -> Vec<String> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    let mut arrows = Vec::new();
    for line in lines.iter().map(|line| line.trim()) {
        let Some((id, rest)) = line.split_once(['[', '(', ' ']) else { continue };
        let quoted = rest.split('"').nth(1).unwrap_or_default();
        let is_arrow = line[id.len()..].starts_with(' ') && rest.contains('>') && !matches!(id, "subgraph" | "flowchart");
        if is_arrow {
            let to = rest.rsplit(' ').next().unwrap_or_default();
            let new = if rest.contains("==>") { " (new)" } else { "" };
            arrows.push((id, to, quoted, new));
        } else if id.starts_with('e') {
            names.insert(id, quoted);
        }
    }
    let name = |id: &str| decoded(names.get(id).copied().unwrap_or(id));
    arrows.into_iter().map(|(from, to, label, new)| format!("{} → {}: {}{new}", name(from), name(to), decoded(label))).collect()
}

fn decoded(text: &str) -> String {
    pieces(text).into_iter().map(|(_, text)| text).collect()
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::report::text::Colour;

    #[test]
    fn a_comment_reads_as_text() {
        for (markdown, expected) in [
            ("### Astride: 1 threat\n\n`a.yaml`: 1 new", "Astride: 1 threat\n\na.yaml: 1 new\n"),
            ("**1. Spoofing.** ([line 3](https://x.test/a#L3)) a\\_b &lt;b&gt; *Fix:* it", "1. Spoofing. (line 3) a_b <b> Fix: it\n"),
            ("- one\n- two words that do not fit into one line of forty", "• one\n• two words that do not fit into one line\n  of forty\n"),
            ("| | S | T |\n|---|:-:|:-:|\n| `Fn` | **1** | ✓ |", "      S  T\n  Fn  1  ✓\n"),
            ("```\n/stride accept A/S-1 <why>\n```", "    /stride accept A/S-1 <why>\n"),
            (
                "```mermaid\nflowchart LR\n  e0([\"Fn (new)\"])\n  e1[\"client\"]\n  e1 == \"URL\" ==> e0\n```",
                "  client → Fn (new): URL (new)\n",
            ),
            ("```json\n[\n{}\n]\n```", "    (3 lines of JSON)\n"),
            ("<details><summary>15 covered</summary>\n\n- a\n\n</details>", "▸ 15 covered\n\n• a\n\n"),
            ("<!-- astride:numbers 4 -->\n<sub>ab against cd</sub>", "ab against cd\n"),
            ("a\u{1b}[2Jb", "a [2Jb\n"),
            ("``a`b``, and a lone ` stays", "a`b, and a lone ` stays\n"),
        ] {
            assert_eq!(render(markdown, Colour::Never, 42), expected, "{markdown}");
        }
        assert_eq!(render("**a** `b`", Colour::Ansi, 40), "\u{1b}[1ma\u{1b}[0m \u{1b}[36mb\u{1b}[0m\n");
    }
}
