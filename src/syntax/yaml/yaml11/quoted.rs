//! Quoted scalars of YAML 1.1.
//!
//! Comes in: a text at the opening quote. Goes out: the token with its text: escapes resolved, lines folded. Indentation does not matter.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::characters::{escape_digits, escaped, numeric_escape};
use crate::syntax::yaml::text::ScalarText;
use crate::syntax::yaml::yaml11::cursor::{Mark, is_blank_or_break, shown};
use crate::syntax::yaml::yaml11::scanner::Scanner;
use crate::syntax::yaml::yaml11::token::{Kind, Style, Token};

impl<'t> Scanner<'t> {
    pub(super) fn scan_single_quoted(&mut self) -> Result<Token<'t>, SyntaxError> {
        self.scan_quoted(b'\'')
    }

    pub(super) fn scan_double_quoted(&mut self) -> Result<Token<'t>, SyntaxError> {
        self.scan_quoted(b'"')
    }

    fn scan_quoted(&mut self, quote: u8) -> Result<Token<'t>, SyntaxError> {
        let start = self.cursor.mark();
        let mut text = ScalarText::new(self.arena);
        self.cursor.pass(1);
        loop {
            let ends_run = |byte: u8| matches!(byte, b'\'' | b'"' | b'\\') || is_blank_or_break(byte);
            text.push(self.cursor.pass_while(|byte| !ends_run(byte)));
            let from = self.cursor.mark().offset;
            match self.cursor.peek() {
                b'\'' if quote == b'\'' && self.cursor.peek_at(1) == b'\'' => {
                    self.cursor.pass(2);
                    text.push_char('\'');
                }
                byte if byte == quote => break,
                b'\\' if quote == b'"' => self.scan_escape(&mut text, start)?,
                b'\'' | b'"' | b'\\' => {
                    self.cursor.pass(1);
                    text.push(self.cursor.since(from));
                }
                0 => return Err(start.error("the quoted text that begins here has no end")),
                _ => self.scan_quoted_gap(&mut text, start)?,
            }
        }
        self.cursor.pass(1);
        Ok(Token { kind: Kind::Scalar(text.finish(), Style::Marked), start, end_line: self.cursor.mark().line })
    }

    /// Blanks stay as they are, and go where a line ends: one line break is a space, of several the first is nothing.
    fn scan_quoted_gap(&mut self, text: &mut ScalarText<'t>, start: Mark) -> Result<(), SyntaxError> {
        let blanks = self.cursor.pass_while(|byte| matches!(byte, b' ' | b'\t'));
        if !self.cursor.pass_break() {
            text.push(blanks);
            return Ok(());
        }
        match self.pass_quoted_breaks(start)? {
            0 => text.push_char(' '),
            count => text.push_breaks(count),
        }
        Ok(())
    }

    /// Empty lines, and the blanks before the next text.
    fn pass_quoted_breaks(&mut self, start: Mark) -> Result<usize, SyntaxError> {
        let mut count = 0;
        loop {
            if self.cursor.is_at_document_marker() {
                return Err(start.error("a document ends within the quoted text that begins here"));
            }
            self.cursor.pass_while(|byte| matches!(byte, b' ' | b'\t'));
            if !self.cursor.pass_break() {
                return Ok(count);
            }
            count += 1;
        }
    }

    fn scan_escape(&mut self, text: &mut ScalarText<'t>, start: Mark) -> Result<(), SyntaxError> {
        let escape = self.cursor.mark();
        self.cursor.pass(1);
        let byte = self.cursor.peek();
        if let Some(character) = escaped(byte) {
            self.cursor.pass(1);
            text.push_char(character);
        } else if let Some(count) = escape_digits(byte) {
            let digits = self.cursor.rest().as_bytes().get(1..).unwrap_or_default();
            let (character, length) = numeric_escape(digits, count).ok_or_else(|| escape.error("the escape names no character"))?;
            self.cursor.pass(1 + length);
            text.push_char(character);
        } else if self.cursor.pass_break() {
            let count = self.pass_quoted_breaks(start)?;
            text.push_breaks(count);
        } else {
            return Err(escape.error(format!("no escape is written with {}", shown(self.cursor.rest()))));
        }
        Ok(())
    }
}
