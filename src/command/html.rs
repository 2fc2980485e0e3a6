//! HTML within Markdown: the tags of CommonMark, and which elements are open that fold, quote or strike out what they hold.
//!
//! Comes in: lines of HTML blocks, and complete tags of paragraphs. Goes out: whether what comes next may be hidden. Browsers and
//! sanitizers disagree on broken HTML, so whatever is not plainly well formed hides all that follows: a command is then refused.

/// Elements whose content is folded, quoted, code, struck out or shown by rules of its own.
const HIDING: [&str; 36] = [
    "a",
    "applet",
    "audio",
    "blockquote",
    "button",
    "canvas",
    "code",
    "del",
    "details",
    "dialog",
    "iframe",
    "kbd",
    "listing",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "picture",
    "plaintext",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "select",
    "strike",
    "style",
    "svg",
    "table",
    "template",
    "textarea",
    "title",
    "tt",
    "video",
    "xmp",
];

/// Which of the hiding elements are open, across blocks.
#[derive(Default)]
pub(super) struct Tags {
    /// In the order in which they were opened.
    open: Vec<&'static str>,
    /// Nobody can tell any more what is open.
    broken: bool,
    token: Token,
}

/// What a line of an HTML block ends in.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Token {
    #[default]
    Text,
    Comment,
    /// Behind the name of a tag; the quote of the attribute's value, if one is open.
    Tag(Option<u8>),
}

impl Tags {
    /// Whether what comes now may be inside one of them.
    pub(super) fn hide(&self) -> bool {
        self.broken || !self.open.is_empty()
    }

    /// Counts what a line opens where nobody can tell what it closes.
    pub(super) fn note_opened(&mut self, text: &str) {
        for (index, _) in text.match_indices('<') {
            self.opened(tag_name(&text[index + 1..]));
        }
    }

    /// A complete tag of a paragraph.
    pub(super) fn tag(&mut self, tag: &str) {
        match tag[1..].strip_prefix('/') {
            Some(closing) => self.closed(tag_name(closing)),
            None => self.opened(tag_name(&tag[1..])),
        }
    }

    /// A line of an HTML block.
    pub(super) fn html_line(&mut self, line: &str) {
        let mut at = 0;
        while at < line.len() && !self.broken {
            let rest = &line[at..];
            at += match self.token {
                Token::Text => self.text(rest),
                Token::Comment => self.comment(rest),
                Token::Tag(quote) => self.attributes(rest, quote),
            };
        }
    }

    /// The block is over. What it leaves unfinished would swallow what comes after it.
    pub(super) fn leave_block(&mut self) {
        self.broken |= self.token != Token::Text;
        self.token = Token::Text;
    }

    /// Up to the next tag, and its name. Gives the bytes that were read.
    fn text(&mut self, rest: &str) -> usize {
        let Some(start) = rest.find('<') else { return rest.len() };
        let after = &rest[start + 1..];
        if let Some(comment) = after.strip_prefix("!--") {
            // `<!-->` is a comment to some readers, and the start of one to others.
            self.broken |= comment.starts_with('>') || comment.starts_with("->");
            self.token = Token::Comment;
            return start + 4;
        }
        if after.starts_with(['!', '?']) {
            self.broken = true;
            return rest.len();
        }
        let closing = after.starts_with('/');
        let name = tag_name(&after[usize::from(closing)..]);
        let end = usize::from(closing) + name.len();
        let bounded = after[end..].is_empty() || after[end..].starts_with([' ', '\t', '/', '>']);
        match (name.is_empty(), closing) {
            // `<` is text, `</` is a comment to a browser.
            (true, _) => {
                self.broken |= closing;
                return start + 1;
            }
            (false, true) if bounded => self.closed(name),
            (false, true) => self.broken = true,
            (false, false) => self.opened(name),
        }
        self.token = Token::Tag(None);
        start + 1 + end
    }

    fn comment(&mut self, rest: &str) -> usize {
        let end = rest.find("-->");
        // `--!>` ends a comment to some readers.
        self.broken |= rest.find("--!>").is_some_and(|other| end.is_none_or(|end| other < end));
        match end {
            Some(end) => {
                self.token = Token::Text;
                end + 3
            }
            None => rest.len(),
        }
    }

    fn attributes(&mut self, rest: &str, quote: Option<u8>) -> usize {
        let mut last = b' ';
        let mut quote = quote;
        for (index, byte) in rest.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), _) if open == byte => quote = None,
                (Some(_), _) => {}
                (None, b'>') => {
                    self.token = Token::Text;
                    return index + 1;
                }
                (None, b'"' | b'\'') if last == b'=' => quote = Some(byte),
                // What a stray quote or bracket does to a tag is each reader's own.
                (None, b'"' | b'\'' | b'`' | b'<') => self.broken = true,
                (None, _) => {}
            }
            if byte != b' ' && byte != b'\t' {
                last = byte;
            }
        }
        self.token = Token::Tag(quote);
        rest.len()
    }

    fn opened(&mut self, name: &str) {
        if let Some(name) = HIDING.iter().find(|hiding| hiding.eq_ignore_ascii_case(name)) {
            self.open.push(name);
        }
    }

    /// What is closed out of its order may not be closed to a browser.
    fn closed(&mut self, name: &str) {
        let is = |open: &&'static str| open.eq_ignore_ascii_case(name);
        if self.open.last().is_some_and(is) {
            self.open.pop();
        } else if self.open.iter().any(is) {
            self.broken = true;
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

#[cfg(test)]
mod tests {
    use super::Tags;

    /// Whether what comes after a block of these lines may be hidden.
    fn hides(block: &str) -> bool {
        let mut tags = Tags::default();
        block.lines().for_each(|line| tags.html_line(line));
        tags.leave_block();
        tags.hide()
    }

    #[test]
    fn what_is_open_or_broken_hides_what_comes_after_it() {
        for (block, hidden) in [
            ("<details><summary>x</summary>y</details>", false),
            ("<details>", true),
            ("<DETAILS open>\n</DETAILS >", false),
            ("<div>x", false),
            ("<del>", true),
            ("<del>x</del>", false),
            ("<!-- x -->", false),
            ("<!-- <details> -->", false),
            ("<!-- x", true),
            ("<!-->", true),
            ("<!--->", true),
            ("<!-- x --!> -->", true),
            ("<div><!-- x", true),
            ("<![CDATA[ x ]]>", true),
            ("<?php x ?>", true),
            ("<!DOCTYPE html>", true),
            ("<div title=\"", true),
            ("<div title=\"a\nb\">", false),
            ("<div title=\"<details>\">", false),
            ("<div \"><details>", true),
            ("<del title=\"</del>\">", true),
            ("<del></del:x>", true),
            ("<details><table><td></details></table>", true),
            ("<details><table></table></details>", false),
            ("</details>", false),
            ("<img src='a.png'><br>", false),
            ("a < b", false),
            ("</ x>", true),
        ] {
            assert_eq!(hides(block), hidden, "{block:?}");
        }
    }
}
