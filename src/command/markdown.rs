//! Which lines of a comment are plain text that its readers see as the writer's own.
//!
//! Comes in: the body of a comment in GitHub-flavoured Markdown. Goes out: the lines of its paragraphs, each with how sure that is.
//! Follows the block structure of CommonMark (<https://spec.commonmark.org/0.31.2/>, read 2026-11-24) and of GitHub's extensions
//! (<https://github.github.com/gfm/>, footnotes, alerts, math): containers, fences, indented code, HTML blocks, tables, lazy
//! continuation. Inline constructs are not parsed: a line that code, a tag, a link, a formula or struck-out text of an earlier line may
//! reach into is doubtful. Where GitHub and the specifications differ, both readings must show the line.
//! Work is linear in the length of the body, and nesting costs nothing past [`MAX_CONTAINERS`].

use crate::command::html;
use crate::command::html::Tags;
use crate::command::inline;
use crate::command::visible::turns;

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
    /// It may be part of something else than plain text: of what an earlier line left open, of a table, a heading or a footnote.
    Doubtful,
}

enum Container {
    Quote,
    /// Shown at the end of the comment, or not at all.
    Footnote,
    /// Columns that content must be indented by; whether nothing has followed the marker so far.
    Item {
        width: usize,
        empty: bool,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaf {
    None,
    Paragraph,
    /// Rows up to a blank line or another block.
    Table,
    Fence {
        mark: u8,
        length: usize,
    },
    Html(HtmlEnd),
}

/// What ends an HTML block: one of these texts on a line, or a blank line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HtmlEnd {
    Text(&'static [&'static str]),
    Blank,
}

/// A line of the paragraph that is open.
#[derive(Clone, Copy)]
struct Open<'b> {
    number: usize,
    text: &'b str,
    /// It begins in the text itself and not behind a marker, so that it can be a command.
    own: bool,
    quoted: bool,
}

/// What a paragraph turned out to be when it ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Paragraph,
    /// A line of `===` or `---` made a heading of it.
    Heading,
    /// Its last line is the head of a table.
    TableHead,
}

struct Scan<'b> {
    containers: Vec<Container>,
    leaf: Leaf,
    tags: Tags,
    open: Vec<Open<'b>>,
    lines: Vec<TextLine<'b>>,
    /// What came can be read in two ways, and what follows is something else in each.
    ambiguous: bool,
}

/// The lines of the body that are text. Lines with a list marker or a `>` of their own, in code and in HTML are left out.
pub(super) fn read(body: &str) -> Vec<TextLine<'_>> {
    let mut scan =
        Scan { containers: Vec::new(), leaf: Leaf::None, tags: Tags::default(), open: Vec::new(), lines: Vec::new(), ambiguous: false };
    let lines = split(body);
    for (line, number) in lines.iter().zip(1..) {
        scan.line(number, line);
        if scan.containers.len() > MAX_CONTAINERS {
            break;
        }
    }
    scan.finish(Ending::Paragraph);
    in_formula(&lines, &mut scan.lines);
    scan.lines
}

/// Lines end as CommonMark has it: in a line feed, a carriage return, or both.
fn split(body: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in body.split('\n') {
        lines.extend(line.strip_suffix('\r').unwrap_or(line).split('\r'));
    }
    lines
}

/// GitHub may take `$$` for the start of a formula that goes on over anything.
fn in_formula(lines: &[&str], found: &mut [TextLine<'_>]) {
    let marks: Vec<usize> = (1..).zip(lines).flat_map(|(number, line)| line.matches("$$").map(move |_| number)).collect();
    for line in found {
        let before = marks.partition_point(|number| *number < line.number);
        if before % 2 == 1 && before < marks.len() {
            line.sight = Sight::Doubtful;
        }
    }
}

impl<'b> Scan<'b> {
    fn line(&mut self, number: usize, whole_line: &'b str) {
        let expanded = expand(whole_line);
        let line = expanded.as_str();
        self.ambiguous |= self.leaf == Leaf::Paragraph && self.open.len() == 1 && follows_ill(self.open[0].text, line);
        let (mut at, mut matched) = self.continued(line);
        let whole = matched == self.containers.len();
        match self.leaf {
            Leaf::Fence { mark, length } if whole => return self.close_fence(&line[at..], mark, length),
            Leaf::Html(end) if whole && !(end == HtmlEnd::Blank && line[at..].trim().is_empty()) => {
                return self.html_line(&line[at..], end);
            }
            Leaf::Fence { .. } | Leaf::Html(_) => self.leave(matched),
            Leaf::None | Leaf::Paragraph | Leaf::Table => {}
        }
        let mut opened = false;
        loop {
            let rest = line[at..].trim_start_matches(' ');
            let indent = line.len() - at - rest.len();
            let in_paragraph = self.leaf == Leaf::Paragraph;
            if rest.is_empty() {
                return self.leave(matched);
            }
            if indent >= 4 {
                return if in_paragraph && !opened { self.text(number, whole_line, opened) } else { self.leave(matched) };
            }
            if in_paragraph && whole && is_underline(rest) {
                // Of link definitions alone no heading is made: then the line begins a paragraph.
                self.ambiguous |= self.open.iter().any(|line| line.text.contains("]:"));
                self.finish(Ending::Heading);
                self.leaf = Leaf::None;
                return;
            }
            if let Some(quoted) = rest.strip_prefix('>') {
                self.leave(matched);
                self.containers.push(Container::Quote);
                at += indent + 1 + usize::from(quoted.starts_with(' '));
            } else if is_thematic_break(rest) || is_heading(rest) {
                self.leave(matched);
                inline::walk(rest, &mut self.tags);
                return;
            } else if let Some(fence) = fence(rest) {
                self.leave(matched);
                self.leaf = fence;
                return;
            } else if let Some(end) = html_start(rest, in_paragraph && whole) {
                self.leave(matched);
                return self.html_line(rest, end);
            } else if let Some(length) = footnote(rest) {
                self.leave(matched);
                self.containers.push(Container::Footnote);
                at += indent + length;
            } else if let Some((width, empty)) = marker(rest, in_paragraph && whole) {
                self.leave(matched);
                self.containers.push(Container::Item { width: indent + width, empty });
                at = (at + indent + width).min(line.len());
            } else {
                if self.leaf == Leaf::Table && whole {
                    return self.row(number, whole_line, opened);
                }
                if !in_paragraph {
                    self.leave(matched);
                }
                if in_paragraph && whole && self.begins_table(rest) {
                    self.finish(Ending::TableHead);
                    self.leaf = Leaf::Table;
                    return;
                }
                return self.text(number, whole_line, opened);
            }
            opened = true;
            matched = self.containers.len();
            if matched > MAX_CONTAINERS {
                return;
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
                Container::Item { empty: false, .. } | Container::Footnote if rest.is_empty() => at = line.len(),
                Container::Footnote if indent >= 4 => at += 4,
                Container::Item { width, empty } if indent >= *width => {
                    at += *width;
                    *empty = false;
                }
                Container::Quote | Container::Footnote | Container::Item { .. } => return (at, index),
            }
        }
        (at, self.containers.len())
    }

    /// Closes what is open beyond the first `matched` containers, and any leaf.
    fn leave(&mut self, matched: usize) {
        self.finish(Ending::Paragraph);
        if let Leaf::Html(_) = self.leaf {
            self.tags.leave_block();
        }
        self.containers.truncate(matched);
        self.leaf = Leaf::None;
    }

    /// A line of a paragraph, which is begun where none is open.
    fn text(&mut self, number: usize, line: &'b str, opened: bool) {
        let line = self.open_line(number, line, opened);
        self.open.push(line);
        self.leaf = Leaf::Paragraph;
    }

    fn row(&mut self, number: usize, line: &'b str, opened: bool) {
        let line = self.open_line(number, line, opened);
        self.tell(line, Sight::Doubtful);
        inline::walk(line.text, &mut self.tags);
    }

    fn open_line(&self, number: usize, line: &'b str, opened: bool) -> Open<'b> {
        let text = line.trim_start_matches(' ');
        let own = !opened && line.len() - text.len() <= 3;
        let quoted = self.containers.iter().any(|container| !matches!(container, Container::Item { .. }));
        Open { number, text, own, quoted }
    }

    /// Whether the line makes the one before it the head of a table: both have as many cells.
    fn begins_table(&mut self, rest: &str) -> bool {
        let head = self.open.last().map_or(0, |head| cells(head.text));
        if !is_delimiter_row(rest) || head != cells(rest) {
            return false;
        }
        // Readers disagree on whether a paragraph that failed to be a table once can still be one.
        let tried = self.open.iter().skip(1).any(|line| is_delimiter_row(line.text));
        self.ambiguous |= tried;
        !tried
    }

    /// The paragraph is complete: now each of its lines can be judged by those around it.
    fn finish(&mut self, ending: Ending) {
        let open = std::mem::take(&mut self.open);
        let untabled = open.iter().skip(1).position(|line| is_delimiter_row(line.text)).unwrap_or(open.len());
        let plain = match ending {
            Ending::Paragraph => untabled,
            Ending::Heading => 0,
            Ending::TableHead => open.len() - 1,
        };
        let mut before = Before::of(&open);
        for (index, line) in open.iter().enumerate() {
            let sight = if index < plain && before.is_clean(index, line.text) { Sight::Plain } else { Sight::Doubtful };
            self.tell(*line, sight);
            before.take(line.text, &mut self.tags);
        }
    }

    fn tell(&mut self, line: Open<'b>, sight: Sight) {
        if self.tags.hide() || !line.own {
            return;
        }
        let sight = if self.ambiguous { Sight::Doubtful } else { sight };
        let sight = if line.quoted { Sight::Quoted } else { sight };
        self.lines.push(TextLine { number: line.number, text: line.text, sight });
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
            self.tags.leave_block();
        }
    }
}

/// What the earlier lines of a paragraph may have left open.
#[derive(Default)]
struct Before {
    /// Code, a tag or a link.
    unclean: bool,
    tildes: bool,
    dollars: bool,
    /// Marks that turn the direction of what follows.
    turned: bool,
    /// The last lines with such a mark: what is opened and never closed hides nothing.
    last_tilde: Option<usize>,
    last_dollar: Option<usize>,
}

impl Before {
    fn of(paragraph: &[Open<'_>]) -> Self {
        let last = |mark: char| paragraph.iter().rposition(|line| line.text.contains(mark));
        Self { last_tilde: last('~'), last_dollar: last('$'), ..Self::default() }
    }

    /// Whether nothing of it reaches into the line of this index, and nothing of this line is struck out further down.
    fn is_clean(&self, index: usize, text: &str) -> bool {
        let tilde = self.last_tilde.map_or(0, |last| last + 1);
        let struck = self.tildes && tilde > index || text.contains('~') && tilde > index + 1;
        let formula = self.dollars && self.last_dollar.is_some_and(|last| last >= index);
        !self.unclean && !struck && !formula && !self.turned && !text.contains(turns)
    }

    fn take(&mut self, text: &str, tags: &mut Tags) {
        if self.unclean {
            tags.note_opened(text);
        } else {
            self.unclean = !inline::walk(text, tags);
        }
        self.tildes |= text.contains('~');
        self.dollars |= text.contains('$');
        self.turned |= text.contains(turns);
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

/// Whether the line before may be the title of an alert, `> [!NOTE]`, which is no text of the paragraph that follows, and the line is
/// nothing that is the same behind a title and within a paragraph.
fn follows_ill(before: &str, line: &str) -> bool {
    let quoted = before.starts_with('>') && before.trim_start_matches(['>', ' ', '\t']).starts_with("[!");
    let content = line.trim_start_matches(' ').strip_prefix('>').map(|content| content.trim_start_matches(' '));
    let plain = line.trim().is_empty() || content.is_some_and(|content| content.starts_with(char::is_alphabetic));
    quoted && !plain
}

/// The second line of a table.
fn is_delimiter_row(rest: &str) -> bool {
    rest.contains('-') && rest.bytes().all(|byte| b"|:- \t\x0b\x0c".contains(&byte))
}

/// The cells of a table's row: what stands between bars that no backslash escapes, those at the ends left out.
fn cells(row: &str) -> usize {
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
fn footnote(rest: &str) -> Option<usize> {
    let label = rest.strip_prefix("[^")?;
    let end = label.find("]:")?;
    let plain = end > 0 && !label[..end].contains([' ', '\t', ']']);
    let content = label[end + 2..].trim_start_matches([' ', '\t']);
    plain.then(|| rest.len() - content.len())
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
