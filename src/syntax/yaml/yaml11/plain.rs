//! Plain scalars of YAML 1.1.
//!
//! Comes in: a text at the first character of one. Goes out: its token; the scanner knows whether a line was ended in it.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::text::ScalarText;
use crate::syntax::yaml::yaml11::cursor::is_blank_or_break;
use crate::syntax::yaml::yaml11::scanner::Scanner;
use crate::syntax::yaml::yaml11::token::{Kind, Style, Token};

/// What lies between two words of a scalar.
enum Gap<'t> {
    Nothing,
    /// Spaces on one line.
    Spaces(&'t str),
    /// Line breaks, of which one is a space.
    Breaks(usize),
}

impl<'t> Scanner<'t> {
    /// Ends at a comment, at a line that is not indented enough, at `: `, and in flow collections at their indicators. A tab ends it, too.
    pub(super) fn scan_plain(&mut self) -> Result<Token<'t>, SyntaxError> {
        let start = self.cursor.mark();
        let mut end_line = start.line;
        let mut text = ScalarText::new(self.arena);
        let mut gap = Gap::Nothing;
        while self.cursor.peek() != b'#' {
            let length = self.plain_word();
            if length == 0 {
                break;
            }
            self.allows_simple_key = false;
            match gap {
                Gap::Nothing => {}
                Gap::Spaces(spaces) => text.push(spaces),
                Gap::Breaks(1) => text.push_char(' '),
                Gap::Breaks(count) => text.push_breaks(count - 1),
            }
            let from = self.cursor.mark().offset;
            self.cursor.pass(length);
            text.push(self.cursor.since(from));
            end_line = self.cursor.mark().line;
            gap = self.plain_gap();
            let is_outdented = self.flow_level == 0 && self.column() < self.indent + 1;
            if matches!(gap, Gap::Nothing) || is_outdented {
                break;
            }
        }
        Ok(Token { kind: Kind::Scalar(text.finish(), Style::Plain), start, end_line })
    }

    /// Length of the word that begins here.
    fn plain_word(&self) -> usize {
        let is_in_flow = self.flow_level > 0;
        let bytes = self.cursor.rest().as_bytes();
        let ends = |index: usize, byte: u8| match byte {
            b':' => {
                let next = bytes.get(index + 1).copied().unwrap_or_default();
                is_blank_or_break(next) || is_in_flow && matches!(next, b',' | b'[' | b']' | b'{' | b'}')
            }
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => is_in_flow,
            _ => is_blank_or_break(byte),
        };
        bytes.iter().enumerate().position(|(index, byte)| ends(index, *byte)).unwrap_or(bytes.len())
    }

    fn plain_gap(&mut self) -> Gap<'t> {
        let from = self.cursor.mark().offset;
        self.cursor.pass_spaces();
        let spaces = self.cursor.since(from);
        if !self.cursor.pass_break() {
            return if spaces.is_empty() { Gap::Nothing } else { Gap::Spaces(spaces) };
        }
        self.allows_simple_key = true;
        let mut count = 1;
        loop {
            if self.cursor.column() == 0 && self.cursor.is_at_document_marker() {
                return Gap::Nothing;
            }
            self.cursor.pass_spaces();
            if !self.cursor.pass_break() {
                return Gap::Breaks(count);
            }
            count += 1;
        }
    }
}
