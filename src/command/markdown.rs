//! Which lines of a comment are plain text that its readers see as the writer's own.
//!
//! Comes in: the body of a comment in GitHub-flavoured Markdown. Goes out: the lines of its paragraphs, each with how sure that is.
//! Follows the block structure of CommonMark (<https://spec.commonmark.org/0.31.2/>, read 2026-11-24) and of GitHub's extensions
//! (<https://github.github.com/gfm/>, footnotes, alerts, math): containers, fences, indented code, HTML blocks, tables, lazy
//! continuation. Inline constructs are not parsed: a line that code, a tag, a link, a formula or struck-out text of an earlier line may
//! reach into is doubtful. Where GitHub and the specifications differ, both readings must show the line.
//! Work is linear in the length of the body, and nesting costs nothing past [`MAX_CONTAINERS`].

mod lines;

use crate::command::html::Tags;
use crate::command::inline;
use crate::command::markdown::lines::{
    cells, expand, fence, follows_ill, footnote, html_start, is_delimiter_row, is_heading, is_thematic_break, is_underline, marker,
    run_length,
};
use crate::command::visible::turns;

/// Deeper nesting of quotes and lists than this hides the rest of the comment.
const MAX_CONTAINERS: usize = 100;

/// One line of a paragraph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TextLine<'b> {
    /// From 1.
    pub number: usize,
    /// Without its indentation, which is at most three spaces where the line is `own`.
    pub text: &'b str,
    pub sight: Sight,
    /// It begins in the text itself and not behind a marker or further in, so that it can be a command.
    pub own: bool,
    /// It is the first of its paragraph, and goes on with nothing.
    pub first: bool,
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

/// The lines of the body that are text. Lines in code and in HTML are left out; those behind a marker or a `>` are not their own.
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
                // A bar alone is no row: it ends the table, and begins a paragraph.
                if self.leaf == Leaf::Table && whole && cells(rest) > 0 {
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
        self.tell(line, Sight::Doubtful, false);
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
            self.tell(*line, sight, index == 0);
            before.take(line.text, &mut self.tags);
        }
    }

    fn tell(&mut self, line: Open<'b>, sight: Sight, first: bool) {
        if self.tags.hide() {
            return;
        }
        let sight = if self.ambiguous { Sight::Doubtful } else { sight };
        let sight = if line.quoted { Sight::Quoted } else { sight };
        self.lines.push(TextLine { number: line.number, text: line.text, sight, own: line.own, first });
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
            // A formula from above may end within what looks like code, and what is code begins after it.
            let cut = self.dollars && text.contains('$') && text.contains('`');
            self.unclean = !inline::walk(text, tags) || cut;
        }
        self.tildes |= text.contains('~');
        self.dollars |= text.contains('$');
        self.turned |= text.contains(turns);
    }
}
