//! What one line of text leaves open for the lines after it: code, tags, links, and HTML elements that hide or strike what they hold.
//!
//! Deliberately coarse: whatever is not plainly complete within its line counts as left open. A comment can then be refused politely,
//! but no text that its readers see as code or as a link is taken for a command.

use std::collections::BTreeMap;

/// Elements whose content is folded, quoted, code or struck out.
const HIDING: [&str; 15] = [
    "details",
    "blockquote",
    "pre",
    "code",
    "samp",
    "del",
    "s",
    "strike",
    "template",
    "textarea",
    "script",
    "style",
    "title",
    "iframe",
    "svg",
];

/// Which of the hiding elements are open, across blocks.
#[derive(Default)]
pub(super) struct Tags {
    open: BTreeMap<&'static str, usize>,
    in_comment: bool,
}

impl Tags {
    /// Whether what comes now is inside one of them.
    pub(super) fn hide(&self) -> bool {
        self.open.values().any(|depth| *depth > 0)
    }

    /// Counts what a line opens where nobody can tell what it closes.
    pub(super) fn note_opened(&mut self, text: &str) {
        for (index, _) in text.match_indices('<') {
            self.opened(tag_name(&text[index + 1..]));
        }
    }

    /// A line of an HTML block. A closing tag counts only where no quote before it can have swallowed it.
    pub(super) fn html_line(&mut self, line: &str) {
        let mut rest = line;
        let mut quoted = false;
        loop {
            if self.in_comment {
                let Some(end) = rest.find("-->") else { return };
                self.in_comment = false;
                rest = &rest[end + 3..];
            }
            let Some(start) = rest.find('<') else { return };
            quoted |= rest[..start].contains(['"', '\'']);
            rest = &rest[start + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                self.in_comment = true;
                rest = if comment.starts_with('>') || comment.starts_with("->") { &rest[1..] } else { comment };
            } else if let Some(closing) = rest.strip_prefix('/') {
                if !quoted {
                    self.closed(tag_name(closing));
                }
            } else {
                self.opened(tag_name(rest));
            }
        }
    }

    /// The block is over, and with it what was a comment.
    pub(super) fn leave_comment(&mut self) {
        self.in_comment = false;
    }

    fn opened(&mut self, name: &str) {
        if let Some(name) = HIDING.iter().find(|hiding| hiding.eq_ignore_ascii_case(name)) {
            *self.open.entry(name).or_default() += 1;
        }
    }

    fn closed(&mut self, name: &str) {
        if let Some(name) = HIDING.iter().find(|hiding| hiding.eq_ignore_ascii_case(name)) {
            let depth = self.open.entry(name).or_default();
            *depth = depth.saturating_sub(1);
        }
    }
}

/// The name at the start of the text, empty where none begins there.
pub(super) fn tag_name(text: &str) -> &str {
    let length = match text.bytes().next() {
        Some(first) if first.is_ascii_alphabetic() => text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count(),
        Some(_) | None => 0,
    };
    &text[..length]
}

/// Reads a line that begins in plain text; whether it ends in plain text too.
pub(super) fn walk(line: &str, tags: &mut Tags) -> bool {
    let mut at = 0;
    let mut brackets = 0_usize;
    let mut closers = Closers::of(line);
    while let Some(char) = line[at..].chars().next() {
        let rest = &line[at..];
        let step = match char {
            '\\' => Some(1 + usize::from(rest[1..].starts_with(|next: char| next.is_ascii_punctuation()))),
            '`' => code_span(rest, at, &mut closers),
            '<' if rest[1..].starts_with(['/', '!', '?']) || !tag_name(&rest[1..]).is_empty() => simple_tag(rest, tags),
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

/// Where runs of backticks begin, by their length, so that each search for a closing run is short.
struct Closers(BTreeMap<usize, Vec<usize>>);

impl Closers {
    fn of(line: &str) -> Self {
        let mut runs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut at = 0;
        while let Some(start) = line[at..].find('`').map(|found| at + found) {
            let length = line[start..].bytes().take_while(|byte| *byte == b'`').count();
            runs.entry(length).or_default().push(start);
            at = start + length;
        }
        Self(runs)
    }

    fn after(&self, at: usize, length: usize) -> Option<usize> {
        let starts = self.0.get(&length)?;
        starts.get(starts.partition_point(|start| *start < at)).copied()
    }
}

fn code_span(rest: &str, at: usize, closers: &mut Closers) -> Option<usize> {
    let length = rest.bytes().take_while(|byte| *byte == b'`').count();
    closers.after(at + length, length).map(|end| end + length - at)
}

/// A complete tag, or `<https://…>`.
fn simple_tag(rest: &str, tags: &mut Tags) -> Option<usize> {
    if let Some(length) = tag_length(rest) {
        match rest[1..].strip_prefix('/') {
            Some(closing) => tags.closed(tag_name(closing)),
            None => tags.opened(tag_name(&rest[1..])),
        }
        return Some(length);
    }
    let scheme = tag_name(&rest[1..]);
    let address = &rest[1 + scheme.len()..];
    let end = address.find('>')?;
    let plain = !scheme.is_empty() && address.starts_with("://") && !address[..end].contains([' ', '<', '`']);
    plain.then_some(1 + scheme.len() + end + 1)
}

/// The length of the open or closing tag that the text begins with, by section 6.6 of the specification, within one line.
pub(super) fn tag_length(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    let closing = inside.starts_with('/');
    let name = tag_name(&inside[usize::from(closing)..]);
    let mut rest = &inside[usize::from(closing) + name.len()..];
    while let Some(after) = attribute(rest).filter(|_| !closing) {
        rest = after;
    }
    rest = rest.trim_start_matches(' ');
    if !closing {
        rest = rest.strip_prefix('/').unwrap_or(rest);
    }
    (!name.is_empty() && rest.starts_with('>')).then(|| text.len() - rest.len() + 1)
}

/// What follows the attribute that the text begins with.
fn attribute(text: &str) -> Option<&str> {
    let name = text.trim_start_matches(' ');
    if name.len() == text.len() || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':') {
        return None;
    }
    let after = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '-'));
    let Some(value) = after.trim_start_matches(' ').strip_prefix('=') else { return Some(after) };
    let value = value.trim_start_matches(' ');
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split_once(quote).map(|(_, after)| after),
        _ => {
            let after = value.trim_start_matches(|c| !matches!(c, ' ' | '"' | '\'' | '=' | '<' | '>' | '`'));
            (after.len() < value.len()).then_some(after)
        }
    }
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
