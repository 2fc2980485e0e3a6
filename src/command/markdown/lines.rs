//! What a line of Markdown looks like by itself: rules, headings, fences, list markers, rows of tables, starts of HTML.
//!
//! Comes in: a line, or the rest of one. Goes out: what begins there. Knows no other line.

use crate::command::html;
use crate::command::markdown::{HtmlEnd, Leaf};

/// Tabs reach to the next column that is a multiple of four.
pub(super) fn expand(line: &str) -> String {
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

pub(super) fn run_length(text: &str, mark: u8) -> usize {
    text.bytes().take_while(|byte| *byte == mark).count()
}

pub(super) fn is_underline(rest: &str) -> bool {
    let line = rest.trim_end();
    !line.is_empty() && (run_length(line, b'=') == line.len() || run_length(line, b'-') == line.len())
}

/// Whether the line before may be the title of an alert, `> [!NOTE]`, which is no text of the paragraph that follows, and the line is
/// nothing that is the same behind a title and within a paragraph.
pub(super) fn follows_ill(before: &str, line: &str) -> bool {
    let quoted = before.starts_with('>') && before.trim_start_matches(['>', ' ', '\t']).starts_with("[!");
    let content = line.trim_start_matches(' ').strip_prefix('>').map(|content| content.trim_start_matches(' '));
    let plain = line.trim().is_empty() || content.is_some_and(|content| content.starts_with(char::is_alphabetic));
    quoted && !plain
}

/// The second line of a table.
pub(super) fn is_delimiter_row(rest: &str) -> bool {
    rest.contains('-') && rest.bytes().all(|byte| b"|:- \t\x0b\x0c".contains(&byte))
}

/// The cells of a table's row: what stands between bars that no backslash escapes, those at the ends left out.
pub(super) fn cells(row: &str) -> usize {
    let blank = |byte: &u8| b" \t\x0b\x0c".contains(byte);
    let after_bar = |rest: &mut &[u8]| {
        let bar = rest.first() == Some(&b'|');
        if bar {
            *rest = &rest[1..];
            while rest.first().is_some_and(blank) {
                *rest = &rest[1..];
            }
        }
        bar
    };
    let mut rest = row.as_bytes();
    let mut count = 0;
    after_bar(&mut rest);
    while !rest.is_empty() {
        let mut length = 0;
        while length < rest.len() && rest[length] != b'|' {
            length += 1 + usize::from(rest[length] == b'\\' && rest.get(length + 1).is_some_and(u8::is_ascii_punctuation));
        }
        rest = &rest[length.min(rest.len())..];
        count += 1;
        if !after_bar(&mut rest) {
            break;
        }
    }
    count
}

/// The length of the mark that begins a footnote.
pub(super) fn footnote(rest: &str) -> Option<usize> {
    let label = rest.strip_prefix("[^")?;
    let end = label.find("]:")?;
    let plain = end > 0 && !label[..end].contains([' ', '\t', ']']);
    let content = label[end + 2..].trim_start_matches([' ', '\t']);
    plain.then(|| rest.len() - content.len())
}

pub(super) fn is_thematic_break(rest: &str) -> bool {
    let mark = rest.bytes().next().filter(|byte| b"*-_".contains(byte));
    mark.is_some_and(|mark| rest.bytes().all(|byte| byte == mark || byte == b' ') && rest.bytes().filter(|byte| *byte == mark).count() >= 3)
}

pub(super) fn is_heading(rest: &str) -> bool {
    let level = run_length(rest, b'#');
    (1..=6).contains(&level) && (rest.len() == level || rest[level..].starts_with(' '))
}

pub(super) fn fence(rest: &str) -> Option<Leaf> {
    let mark = rest.bytes().next().filter(|byte| b"`~".contains(byte))?;
    let length = run_length(rest, mark);
    let legal = length >= 3 && !(mark == b'`' && rest[length..].contains('`'));
    legal.then_some(Leaf::Fence { mark, length })
}

/// A list marker: the columns that it and the space after it take, and whether nothing follows. What interrupts a paragraph must have
/// content, and begin at 1.
pub(super) fn marker(rest: &str, interrupts: bool) -> Option<(usize, bool)> {
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
pub(super) fn html_start(rest: &str, interrupts: bool) -> Option<HtmlEnd> {
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
    let name = html::tag_name(&after[usize::from(closing)..]);
    let follows = &after[usize::from(closing) + name.len()..];
    let name = name.to_ascii_lowercase();
    let bounded = follows.is_empty() || follows.starts_with([' ', '>']);
    if !closing && bounded && ["pre", "script", "style", "textarea"].contains(&name.as_str()) {
        return Some(HtmlEnd::Text(&["</pre>", "</script>", "</style>", "</textarea>"]));
    }
    if (bounded || follows.starts_with("/>")) && BLOCK_TAGS.contains(&name.as_str()) {
        return Some(HtmlEnd::Blank);
    }
    let alone = html::tag_length(rest).is_some_and(|length| rest[length..].trim().is_empty());
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
