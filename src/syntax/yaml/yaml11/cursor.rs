//! A place in the text that only moves on.
//!
//! Comes in: a text without the characters that are refused. Goes out: its bytes, with line and column. The end reads as a null byte,
//! which no such text has.

use crate::source::{FileId, Span};
use crate::syntax::SyntaxError;
use crate::syntax::yaml::{self, Place};
use crate::syntax::{column, line};

/// A place. Lines and columns count from 0; columns are characters, of which a byte order mark is none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) offset: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Mark {
    /// From here to a line.
    pub(super) fn to_line(self, end_line: usize, file: FileId) -> Span {
        Span { line: line(self.line + 1), end_line: line(end_line.max(self.line) + 1), column: column(self.column + 1), file }
    }

    pub(super) fn error(self, message: impl Into<String>) -> SyntaxError {
        yaml::error(Place { line: self.line + 1, column: self.column + 1 }, message.into())
    }
}

pub(super) struct Cursor<'t> {
    text: &'t str,
    mark: Mark,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, mark: Mark { offset: 0, line: 0, column: 0 } }
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    pub(super) fn column(&self) -> usize {
        self.mark.column
    }

    pub(super) fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.mark.offset + ahead).copied().unwrap_or_default()
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.mark.offset..).unwrap_or_default()
    }

    /// What lies between a mark and here.
    pub(super) fn since(&self, offset: usize) -> &'t str {
        self.text.get(offset..self.mark.offset).unwrap_or_default()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Passes bytes of which none is a line break.
    pub(super) fn pass(&mut self, bytes: usize) {
        let passed = self.text.get(self.mark.offset..self.mark.offset + bytes).unwrap_or_default();
        let is_character = |character: &char| *character != '\u{feff}';
        self.mark.column += if passed.is_ascii() { bytes } else { passed.chars().filter(is_character).count() };
        self.mark.offset += bytes;
    }

    /// Passes bytes as long as they are wanted, none of which may be a line break; gives what was passed.
    pub(super) fn pass_while(&mut self, is_wanted: impl Fn(u8) -> bool) -> &'t str {
        let start = self.mark.offset;
        let count = self.rest().bytes().take_while(|byte| is_wanted(*byte)).count();
        self.pass(count);
        self.since(start)
    }

    pub(super) fn pass_spaces(&mut self) {
        while self.peek() == b' ' {
            self.mark.offset += 1;
            self.mark.column += 1;
        }
    }

    /// Passes the rest of the line.
    pub(super) fn pass_line(&mut self) {
        self.pass_while(|byte| !is_break(byte));
    }

    /// Passes one line break, if there is one.
    pub(super) fn pass_break(&mut self) -> bool {
        let length = match (self.peek(), self.peek_at(1)) {
            (b'\r', b'\n') => 2,
            (b'\r' | b'\n', _) => 1,
            _ => return false,
        };
        self.mark = Mark { offset: self.mark.offset + length, line: self.mark.line + 1, column: 0 };
        true
    }

    /// Whether `---` or `...` stands here, with nothing behind it on the line that belongs to it.
    pub(super) fn is_at_document_marker(&self) -> bool {
        let marker = (self.peek(), self.peek_at(1), self.peek_at(2));
        matches!(marker, (b'-', b'-', b'-') | (b'.', b'.', b'.')) && is_blank_or_break(self.peek_at(3))
    }
}

/// A line break. The end of the text is one too.
pub(super) fn is_break(byte: u8) -> bool {
    matches!(byte, 0 | b'\r' | b'\n')
}

pub(super) fn is_space_or_break(byte: u8) -> bool {
    byte == b' ' || is_break(byte)
}

pub(super) fn is_blank_or_break(byte: u8) -> bool {
    byte == b'\t' || is_space_or_break(byte)
}

/// What an error says it has found.
pub(super) fn shown(rest: &str) -> String {
    match rest.chars().next() {
        None => "the end of the text".to_owned(),
        Some('\t') => "a tab instead of spaces".to_owned(),
        Some('\r' | '\n') => "the end of the line".to_owned(),
        Some(character) => format!("`{character}`"),
    }
}
