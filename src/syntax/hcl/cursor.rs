//! The text as it is walked through.
//!
//! Comes in: a text. Goes out: its bytes by position, identifiers, and places for spans; blanks and comments are passed over.

use crate::source::{FileId, Span};
use crate::syntax::column;
use crate::syntax::hcl::tree::{Bytes, Comment};

/// Where the text stands.
#[derive(Clone, Copy, Debug)]
pub enum Position {
    /// It is a file from its beginning: lines and columns are counted.
    File(FileId),
    /// It stands in another text: all of it is at that place.
    Within(Span),
}

/// A place of the text, to measure from or to go back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) at: usize,
    /// From 1.
    pub(super) line: u32,
    /// Where the line would begin if each of its characters were one byte: columns are counted from there.
    line_start: usize,
}

pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) mark: Mark,
    position: Position,
    pub(super) comments: Vec<Comment<'t>>,
    /// The end of the last comment that was kept: what is walked through twice is kept once.
    kept: usize,
    /// From here on no comment ends.
    endless: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, position: Position) -> Self {
        let mark = Mark { at: 0, line: 1, line_start: 0 };
        Self { text, mark, position, comments: Vec::new(), kept: 0, endless: usize::MAX }
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// A byte order mark is none of the text.
    pub(super) fn pass_byte_order_mark(&mut self) {
        if let Some(rest) = self.text.strip_prefix('\u{feff}') {
            self.mark = Mark::at_line_start(self.text.len() - rest.len(), 1);
        }
    }

    /// The byte here, 0 at the end.
    pub(super) fn byte(&self) -> u8 {
        self.byte_at(0)
    }

    /// The byte so many further on.
    pub(super) fn byte_at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.mark.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.mark.at >= self.text.len()
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.mark.at..).unwrap_or_default()
    }

    pub(super) fn slice(&self, from: usize) -> &'t str {
        self.text.get(from..self.mark.at).unwrap_or_default()
    }

    /// Passes bytes that are no line break, all of them ASCII.
    pub(super) fn pass(&mut self, count: usize) {
        self.mark.at += count;
    }

    /// Passes the one byte wanted, if it stands here.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_here = self.byte() == byte && !self.is_at_end();
        self.mark.at += usize::from(is_here);
        is_here
    }

    /// Passes one byte of a text, whatever it is.
    pub(super) fn pass_any(&mut self) {
        match self.byte() {
            b'\n' => {
                self.mark.at += 1;
                self.mark.line += 1;
                self.mark.line_start = self.mark.at;
            }
            // Continuation bytes of UTF-8 are no characters of their own.
            0x80..=0xbf => {
                self.mark.at += 1;
                self.mark.line_start += 1;
            }
            _ => self.mark.at += 1,
        }
    }

    pub(super) fn pass_to(&mut self, end: usize) {
        while self.mark.at < end {
            self.pass_any();
        }
    }

    /// Whether a line ends here: a lone carriage return ends none.
    pub(super) fn is_at_break(&self) -> bool {
        self.byte() == b'\n' || self.byte() == b'\r' && self.byte_at(1) == b'\n'
    }

    /// Passes blanks and comments, and line breaks where they mean nothing.
    pub(super) fn pass_blanks(&mut self, breaks: bool) {
        loop {
            match self.byte() {
                b' ' | b'\t' => self.mark.at += 1,
                b'\n' if breaks => self.pass_any(),
                b'\r' if breaks && self.byte_at(1) == b'\n' => self.mark.at += 1,
                b'#' => self.pass_line_comment(1),
                b'/' if self.byte_at(1) == b'/' => self.pass_line_comment(2),
                b'/' if self.byte_at(1) == b'*' => {
                    if !self.pass_inline_comment() {
                        return;
                    }
                }
                _ => return,
            }
        }
    }

    fn pass_line_comment(&mut self, opening: usize) {
        let start = self.mark;
        let rest = self.rest();
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
        let is_ended = line.len() < rest.len();
        let line = line.strip_suffix('\r').filter(|_| is_ended).unwrap_or(line);
        let end = start.at + line.len();
        self.mark.at = end;
        // The line ends here, so that nobody asks for a column behind it.
        self.keep_comment(start, start.at + opening, end);
    }

    fn pass_inline_comment(&mut self) -> bool {
        let start = self.mark;
        if start.at >= self.endless {
            return false;
        }
        let inner = start.at + 2;
        let Some(length) = self.text.get(inner..).and_then(|rest| rest.find("*/")) else {
            self.endless = start.at;
            return false;
        };
        self.pass_to(inner + length + 2);
        self.keep_comment(start, inner, inner + length);
        true
    }

    fn keep_comment(&mut self, start: Mark, inner: usize, end: usize) {
        if self.mark.at <= self.kept {
            return;
        }
        self.kept = self.mark.at;
        let text = self.text.get(inner..end).unwrap_or_default();
        self.comments.push(Comment { text, span: self.span(start) });
    }

    /// The identifier here, and passes it. Unicode's (UAX 31), dashes and a first underscore besides.
    pub(super) fn identifier(&mut self) -> Option<&'t str> {
        let start = self.mark.at;
        if !self.is_at_identifier() {
            return None;
        }
        loop {
            let byte = self.byte();
            if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' {
                self.mark.at += 1;
            } else if byte >= 0x80 && self.character().is_some_and(unicode_ident::is_xid_continue) {
                self.pass_to(self.mark.at + self.character().map_or(1, char::len_utf8));
            } else {
                return Some(self.slice(start));
            }
        }
    }

    pub(super) fn is_at_identifier(&self) -> bool {
        let byte = self.byte();
        byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 && self.character().is_some_and(unicode_ident::is_xid_start)
    }

    /// Whether exactly that identifier stands here.
    pub(super) fn is_at_word(&self, word: &str) -> bool {
        let Some(behind) = self.rest().strip_prefix(word) else { return false };
        !behind.starts_with(|next| next == '-' || next == '_' || unicode_ident::is_xid_continue(next))
    }

    pub(super) fn character(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// From a place to here.
    pub(super) fn span(&self, from: Mark) -> Span {
        self.span_to(from, self.mark)
    }

    pub(super) fn span_to(&self, from: Mark, to: Mark) -> Span {
        match self.position {
            Position::Within(span) => span,
            Position::File(file) => Span { line: from.line, end_line: to.line, column: column(from.column() + 1), file },
        }
    }

    pub(super) fn bytes_to(&self, from: Mark, to: Mark) -> Bytes {
        match self.position {
            Position::Within(_) => Bytes::default(),
            Position::File(_) => Bytes { start: offset(from.at), end: offset(to.at) },
        }
    }
}

impl Mark {
    pub(super) fn at_line_start(at: usize, line: u32) -> Self {
        Self { at, line, line_start: at }
    }

    /// In characters, from 0.
    pub(super) fn column(self) -> usize {
        self.at.saturating_sub(self.line_start)
    }
}

/// Files are far smaller than what would saturate here.
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
