//! The text as js-yaml walks through it.
//!
//! Comes in: a text. Goes out: its bytes by position, blanks and comments passed, and places for spans. A line break stands at the end of
//! every text, and behind it a null byte.

use crate::source::{FileId, Span};
use crate::syntax::SyntaxError;
use crate::syntax::yaml::{self, Place, line_and_column};
use crate::syntax::{column, line};

#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) offset: usize,
    /// From 0.
    pub(super) line: usize,
    /// Where the line begins.
    pub(super) line_start: usize,
    /// How many spaces the line begins with.
    pub(super) line_indent: isize,
    /// The first tab of the line among the blanks that were passed.
    pub(super) first_tab: Option<usize>,
}

pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: Position,
    /// From the byte of each `#` to its end.
    pub(super) comments: Vec<(usize, usize)>,
    /// The end of the text, with the line break that it gets where it has none.
    pub(super) end: usize,
    /// A place of the current line and its column, from which later ones are counted.
    known: (usize, usize, usize),
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let lacks_break = !text.is_empty() && !text.ends_with(['\n', '\r']);
        let at = Position { offset: 0, line: 0, line_start: 0, line_indent: 0, first_tab: None };
        Self { text, at, comments: Vec::new(), end: text.len() + usize::from(lacks_break), known: (0, 0, 0) }
    }

    pub(super) fn byte(&self) -> u8 {
        self.byte_at(self.at.offset)
    }

    pub(super) fn next_byte(&self) -> u8 {
        self.byte_at(self.at.offset + 1)
    }

    pub(super) fn byte_at(&self, offset: usize) -> u8 {
        let at_end = if offset == self.text.len() && offset < self.end { b'\n' } else { 0 };
        self.text.as_bytes().get(offset).copied().unwrap_or(at_end)
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end.min(self.text.len())).unwrap_or_default()
    }

    /// Moves on as long as the bytes are wanted, at most to the end.
    pub(super) fn pass_while(&mut self, is_wanted: impl Fn(u8) -> bool) {
        while self.at.offset < self.end && is_wanted(self.byte()) {
            self.at.offset += 1;
        }
    }

    pub(super) fn pass_break(&mut self) -> Result<(), SyntaxError> {
        match (self.byte(), self.next_byte()) {
            (b'\r', b'\n') => self.at.offset += 2,
            (b'\r' | b'\n', _) => self.at.offset += 1,
            _ => return Err(self.error("a line break is expected")),
        }
        self.at.line += 1;
        self.at.line_start = self.at.offset;
        self.at.first_tab = None;
        Ok(())
    }

    /// Blanks, line breaks and, where they may stand, comments; how many lines were ended.
    pub(super) fn pass_space(&mut self, allows_comments: bool) -> Result<usize, SyntaxError> {
        let mut breaks = 0;
        while self.byte() != 0 {
            while is_blank(self.byte()) {
                if self.byte() == b'\t' && self.at.first_tab.is_none() {
                    self.at.first_tab = Some(self.at.offset);
                }
                self.at.offset += 1;
            }
            if allows_comments && self.byte() == b'#' {
                self.pass_comment();
            }
            if !is_break(self.byte()) {
                break;
            }
            self.pass_break()?;
            breaks += 1;
            self.at.line_indent = 0;
            while self.byte() == b' ' {
                self.at.line_indent += 1;
                self.at.offset += 1;
            }
        }
        Ok(breaks)
    }

    /// From the `#` to the end of the line.
    pub(super) fn pass_comment(&mut self) {
        let start = self.at.offset;
        self.pass_while(|byte| !is_break(byte));
        self.comments.push((start, self.at.offset));
    }

    /// Whether `---` or `...` stands here, at the beginning of a line.
    pub(super) fn is_at_separator(&self) -> bool {
        let byte = self.byte();
        let is_marker = matches!(byte, b'-' | b'.') && self.next_byte() == byte && self.byte_at(self.at.offset + 2) == byte;
        let behind = self.byte_at(self.at.offset + 3);
        self.at.offset == self.at.line_start && is_marker && (behind == 0 || is_blank_or_break(behind))
    }

    /// The column of a place, as js-yaml counts indentation: in UTF-16 units from 0.
    pub(super) fn indent_at(&self, position: Position) -> isize {
        let before = self.slice(position.line_start, position.offset);
        let units = if before.is_ascii() { before.len() } else { before.encode_utf16().count() };
        units.cast_signed()
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        yaml::error(line_and_column(self.text, self.at.offset), message.into())
    }

    /// From a place to a line, which counts from 0.
    pub(super) fn span(&mut self, from: Position, end_line: usize, file: FileId) -> Span {
        let place = self.place(from);
        Span { line: line(place.line), end_line: line(end_line.max(from.line) + 1), column: column(place.column), file }
    }

    fn place(&mut self, position: Position) -> Place {
        let (line_start, offset, characters) = self.known;
        let (from, before) =
            if line_start == position.line_start && offset <= position.offset { (offset, characters) } else { (position.line_start, 0) };
        let passed = self.slice(from, position.offset);
        let characters = before + if passed.is_ascii() { passed.len() } else { passed.chars().count() };
        self.known = (position.line_start, position.offset, characters);
        Place { line: position.line + 1, column: characters + 1 }
    }
}

pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_blank_or_break(byte: u8) -> bool {
    is_blank(byte) || is_break(byte)
}

pub(super) fn is_flow_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
