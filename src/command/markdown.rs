//! Which lines of a comment are plain text that its readers see as the writer's own.
//!
//! Comes in: the body of a comment in GitHub-flavoured Markdown. Goes out: the lines of its paragraphs, each with how sure that is.
//! Follows the block structure of CommonMark (<https://spec.commonmark.org/0.31.2/>, read 2026-11-24): containers, fences, indented code,
//! HTML blocks and lazy continuation. Inline constructs are not parsed: a line after one that leaves code, a tag or a link open is doubtful.
//! Work is linear in the length of the body, and nesting costs nothing past [`MAX_CONTAINERS`].

use crate::command::inline;
use crate::command::inline::Tags;

/// Deeper nesting of quotes and lists than this hides the rest of the comment.
const MAX_CONTAINERS: usize = 100;

/// One line of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextLine<'b> {
    /// From 1.
    pub number: usize,
    /// Without its indentation, which is at most three spaces.
    pub text: &'b str,
    pub sight: Sight,
}

/// How a line of text is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    Plain,
    /// It has no `>` of its own, and yet continues the quote above.
    Quoted,
    /// An earlier line of the paragraph leaves code, a tag or a link open that this line may be part of.
    Doubtful,
}

enum Container {
    Quote,
    /// Columns that content must be indented by; whether nothing has followed the marker so far.
    Item {
        width: usize,
        empty: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    None,
    Paragraph { clean: bool },
    Fence { mark: u8, length: usize },
    Html(HtmlEnd),
}

/// What ends an HTML block: one of these texts on a line, or a blank line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HtmlEnd {
    Text(&'static [&'static str]),
    Blank,
}

struct Scan {
    containers: Vec<Container>,
    leaf: Leaf,
    tags: Tags,
}

/// The lines of the body that are text. Lines with a list marker or a `>` of their own, in code and in HTML are left out.
pub(super) fn read(body: &str) -> Vec<TextLine<'_>> {
    let mut scan = Scan { containers: Vec::new(), leaf: Leaf::None, tags: Tags::default() };
    let mut lines = Vec::new();
    for (index, line) in body.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let sight = scan.line(&expand(line));
        let text = line.trim_start_matches(' ');
        if let Some(sight) = sight
            && line.len() - text.len() <= 3
        {
            lines.push(TextLine { number: index + 1, text, sight });
        }
        if scan.containers.len() > MAX_CONTAINERS {
            break;
        }
    }
    lines
}

impl Scan {
    /// Takes one line in; how it is seen, if it is text from its very start.
    fn line(&mut self, line: &str) -> Option<Sight> {
        let (mut at, mut matched) = self.continued(line);
        let whole = matched == self.containers.len();
        match self.leaf {
            Leaf::Fence { mark, length } if whole => {
                self.close_fence(&line[at..], mark, length);
                return None;
            }
            Leaf::Html(end) if whole && !(end == HtmlEnd::Blank && line[at..].trim().is_empty()) => {
                self.html_line(&line[at..], end);
                return None;
            }
            Leaf::Fence { .. } | Leaf::Html(_) => self.leave(matched),
            Leaf::None | Leaf::Paragraph { .. } => {}
        }
        let mut opened = false;
        loop {
            let rest = line[at..].trim_start_matches(' ');
            let indent = line.len() - at - rest.len();
            let in_paragraph = matches!(self.leaf, Leaf::Paragraph { .. });
            if rest.is_empty() {
                self.leave(matched);
                return None;
            }
            if indent >= 4 {
                return if in_paragraph && !opened { self.text(rest, opened) } else { self.leave_for_code(matched) };
            }
            if in_paragraph && whole && is_underline(rest) {
                self.leaf = Leaf::None;
                return None;
            }
            if let Some(quoted) = rest.strip_prefix('>') {
                self.leave(matched);
                self.containers.push(Container::Quote);
                at += indent + 1 + usize::from(quoted.starts_with(' '));
            } else if is_thematic_break(rest) || is_heading(rest) {
                self.leave(matched);
                inline::walk(rest, &mut self.tags);
                return None;
            } else if let Some(fence) = fence(rest) {
                self.leave(matched);
                self.leaf = fence;
                return None;
            } else if let Some(end) = html_start(rest, in_paragraph && whole) {
                self.leave(matched);
                self.html_line(rest, end);
                return None;
            } else if let Some((width, empty)) = marker(rest, in_paragraph && whole) {
                self.leave(matched);
                self.containers.push(Container::Item { width: indent + width, empty });
                at = (at + indent + width).min(line.len());
            } else {
                if !in_paragraph {
                    self.leave(matched);
                }
                return self.text(rest, opened);
            }
            opened = true;
            matched = self.containers.len();
            if matched > MAX_CONTAINERS {
                return None;
            }
        }
    }

    /// How many of the open containers go on in this line, and where their content begins.
    fn continued(&mut self, line: &str) -> (usize, usize) {
        let mut at = 0;
        for (index, container) in self.containers.iter_mut().enumerate() {
            let rest = line[at..].trim_start_matches(' ');
            let indent = line.len() - at - rest.len();
            match container {
                Container::Quote if indent <= 3 && rest.starts_with('>') => {
                    at += indent + 1 + usize::from(rest[1..].starts_with(' '));
                }
                Container::Item { empty: false, .. } if rest.is_empty() => at = line.len(),
                Container::Item { width, empty } if indent >= *width => {
                    at += *width;
                    *empty = false;
                }
                Container::Quote | Container::Item { .. } => return (at, index),
            }
        }
        (at, self.containers.len())
    }

    /// Closes what is open beyond the first `matched` containers, and any leaf.
    fn leave(&mut self, matched: usize) {
        self.containers.truncate(matched);
        self.leaf = Leaf::None;
    }

    fn leave_for_code(&mut self, matched: usize) -> Option<Sight> {
        self.leave(matched);
        None
    }

    /// A line of a paragraph, which is begun where none is open.
    fn text(&mut self, text: &str, opened: bool) -> Option<Sight> {
        let clean = match self.leaf {
            Leaf::Paragraph { clean } => clean,
            Leaf::None | Leaf::Fence { .. } | Leaf::Html(_) => true,
        };
        let quoted = self.containers.iter().any(|container| matches!(container, Container::Quote));
        let sight = match (self.tags.hide(), quoted, clean) {
            (true, _, _) => None,
            (false, true, _) => Some(Sight::Quoted),
            (false, false, true) => Some(Sight::Plain),
            (false, false, false) => Some(Sight::Doubtful),
        };
        let still_clean = if clean {
            inline::walk(text, &mut self.tags)
        } else {
            self.tags.note_opened(text);
            false
        };
        self.leaf = Leaf::Paragraph { clean: still_clean };
        sight.filter(|_| !opened)
    }

    fn close_fence(&mut self, content: &str, mark: u8, length: usize) {
        let rest = content.trim_start_matches(' ');
        let run = run_length(rest, mark);
        if content.len() - rest.len() <= 3 && run >= length && rest[run..].trim().is_empty() {
            self.leaf = Leaf::None;
        }
    }

    fn html_line(&mut self, line: &str, end: HtmlEnd) {
        self.tags.html_line(line);
        let ended = match end {
            HtmlEnd::Text(texts) => texts.iter().any(|text| line.to_ascii_lowercase().contains(text)),
            HtmlEnd::Blank => line.trim().is_empty(),
        };
        self.leaf = if ended { Leaf::None } else { Leaf::Html(end) };
        if ended {
            self.tags.leave_comment();
        }
    }
}

/// Tabs reach to the next column that is a multiple of four.
fn expand(line: &str) -> String {
    let mut expanded = String::with_capacity(line.len());
    let mut column = 0;
    for char in line.chars() {
        let width = if char == '\t' { 4 - column % 4 } else { 1 };
        if char == '\t' {
            expanded.extend(std::iter::repeat_n(' ', width))
        } else {
            expanded.push(char)
        }
        column += width;
    }
    expanded
}

fn run_length(text: &str, mark: u8) -> usize {
    text.bytes().take_while(|byte| *byte == mark).count()
}

fn is_underline(rest: &str) -> bool {
    let line = rest.trim_end();
    !line.is_empty() && (run_length(line, b'=') == line.len() || run_length(line, b'-') == line.len())
}

fn is_thematic_break(rest: &str) -> bool {
    let mark = rest.bytes().next().filter(|byte| b"*-_".contains(byte));
    mark.is_some_and(|mark| rest.bytes().all(|byte| byte == mark || byte == b' ') && rest.bytes().filter(|byte| *byte == mark).count() >= 3)
}

fn is_heading(rest: &str) -> bool {
    let level = run_length(rest, b'#');
    (1..=6).contains(&level) && (rest.len() == level || rest[level..].starts_with(' '))
}

fn fence(rest: &str) -> Option<Leaf> {
    let mark = rest.bytes().next().filter(|byte| b"`~".contains(byte))?;
    let length = run_length(rest, mark);
    let legal = length >= 3 && !(mark == b'`' && rest[length..].contains('`'));
    legal.then_some(Leaf::Fence { mark, length })
}

/// A list marker: the columns that it and the space after it take, and whether nothing follows. What interrupts a paragraph must have
/// content, and begin at 1.
fn marker(rest: &str, interrupts: bool) -> Option<(usize, bool)> {
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let length = match rest.as_bytes().get(digits)? {
        b'-' | b'+' | b'*' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) && !(interrupts && rest[..digits].parse() != Ok(1)) => digits + 1,
        _ => return None,
    };
    let content = rest[length..].trim_start_matches(' ');
    let spaces = rest.len() - length - content.len();
    match (content.is_empty(), spaces) {
        (true, _) if interrupts => None,
        (true, _) => Some((length + 1, true)),
        (false, 0) => None,
        (false, 1..=4) => Some((length + spaces, false)),
        (false, _) => Some((length + 1, false)),
    }
}

/// The start of an HTML block, by the seven kinds of the specification, section 4.6.
fn html_start(rest: &str, interrupts: bool) -> Option<HtmlEnd> {
    let after = rest.strip_prefix('<')?;
    if after.starts_with("!--") {
        return Some(HtmlEnd::Text(&["-->"]));
    }
    if after.starts_with('?') {
        return Some(HtmlEnd::Text(&["?>"]));
    }
    if after.starts_with("![CDATA[") {
        return Some(HtmlEnd::Text(&["]]>"]));
    }
    if after.starts_with('!') && after[1..].starts_with(|char: char| char.is_ascii_alphabetic()) {
        return Some(HtmlEnd::Text(&[">"]));
    }
    let closing = after.starts_with('/');
    let name = inline::tag_name(&after[usize::from(closing)..]);
    let follows = &after[usize::from(closing) + name.len()..];
    let name = name.to_ascii_lowercase();
    let bounded = follows.is_empty() || follows.starts_with([' ', '>']);
    if !closing && bounded && ["pre", "script", "style", "textarea"].contains(&name.as_str()) {
        return Some(HtmlEnd::Text(&["</pre>", "</script>", "</style>", "</textarea>"]));
    }
    if (bounded || follows.starts_with("/>")) && BLOCK_TAGS.contains(&name.as_str()) {
        return Some(HtmlEnd::Blank);
    }
    let alone = inline::tag_length(rest).is_some_and(|length| rest[length..].trim().is_empty());
    (alone && !interrupts).then_some(HtmlEnd::Blank)
}

const BLOCK_TAGS: [&str; 63] = [
    "address",
    "article",
    "aside",
    "base",
    "basefont",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "menuitem",
    "nav",
    "noframes",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "search",
    "section",
    "source",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
];
