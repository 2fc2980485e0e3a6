//! Plain and quoted scalars of js-yaml.
//!
//! Comes in: a reader at the first character of one. Goes out: the state with its text, and whether there was one.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::characters::{escape_digits, escaped, numeric_escape, unprintable};
use crate::syntax::yaml::js::cursor::{Position, is_blank, is_blank_or_break, is_break, is_flow_indicator};
use crate::syntax::yaml::js::{Content, Kind, Reader};
use crate::syntax::yaml::text::ScalarText;

impl<'t> Reader<'t, '_, '_> {
    /// Gives the last line of the text, from 0.
    pub(super) fn plain(&mut self, indent: isize, is_in_flow: bool) -> Result<Option<usize>, SyntaxError> {
        if !self.begins_plain(is_in_flow) {
            return Ok(None);
        }
        let mut end_line = self.cursor.at.line;
        let mut text = ScalarText::new(self.tree.arena);
        let (mut start, mut end) = (self.cursor.at.offset, self.cursor.at.offset);
        // The line on which the text was interrupted.
        let mut pending: Option<usize> = None;
        loop {
            let byte = self.cursor.byte();
            if byte == 0 || self.ends_plain(byte, is_in_flow) {
                break;
            }
            if is_break(byte) {
                let before = self.cursor.at;
                self.cursor.pass_space(false)?;
                if self.cursor.at.line_indent >= indent {
                    pending = Some(before.line);
                    continue;
                }
                self.cursor.at = Position { offset: end, first_tab: self.cursor.at.first_tab, ..before };
                break;
            }
            if let Some(line) = pending.take() {
                self.capture(&mut text, start, end)?;
                fold(&mut text, self.cursor.at.line - line);
                start = self.cursor.at.offset;
                end = start;
            }
            self.cursor.at.offset += 1;
            if !is_blank(byte) {
                end = self.cursor.at.offset;
                end_line = self.cursor.at.line;
            }
        }
        self.capture(&mut text, start, end)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.state.kind = Some(Kind::Scalar);
        self.state.result = Content::Text(text.finish());
        Ok(Some(end_line))
    }

    fn begins_plain(&self, is_in_flow: bool) -> bool {
        let byte = self.cursor.byte();
        let next = self.cursor.next_byte();
        let is_indicator = is_blank_or_break(byte) || is_flow_indicator(byte) || b"#&*!|>'\"%@`".contains(&byte);
        let is_alone = matches!(byte, b'?' | b'-') && (is_blank_or_break(next) || is_in_flow && is_flow_indicator(next));
        !is_indicator && !is_alone
    }

    fn ends_plain(&self, byte: u8, is_in_flow: bool) -> bool {
        match byte {
            b':' => {
                let next = self.cursor.next_byte();
                is_blank_or_break(next) || is_in_flow && is_flow_indicator(next)
            }
            b'#' => self.cursor.at.offset.checked_sub(1).is_some_and(|before| is_blank_or_break(self.cursor.byte_at(before))),
            _ => self.cursor.is_at_separator() || is_in_flow && is_flow_indicator(byte),
        }
    }

    /// Adds a piece that no control character may be in.
    pub(super) fn capture(&mut self, text: &mut ScalarText<'t>, start: usize, end: usize) -> Result<(), SyntaxError> {
        let piece = self.cursor.slice(start, end);
        if let Some(found) = unprintable(piece) {
            self.cursor.at.offset = start + found;
            return Err(self.error("a control character stands in text"));
        }
        text.push(piece);
        Ok(())
    }

    /// Adds a piece of quoted text, in which only ASCII's control characters are refused.
    fn capture_quoted(&mut self, text: &mut ScalarText<'t>, start: usize, end: usize) -> Result<(), SyntaxError> {
        let piece = self.cursor.slice(start, end);
        if let Some(found) = piece.bytes().position(|byte| byte < b' ' && byte != b'\t') {
            self.cursor.at.offset = start + found;
            return Err(self.error("a control character stands in quoted text"));
        }
        text.push(piece);
        Ok(())
    }

    pub(super) fn quoted(&mut self, quote: u8) -> Result<bool, SyntaxError> {
        if !self.is_at(quote) {
            return Ok(false);
        }
        let opening = self.cursor.at;
        self.cursor.at.offset += 1;
        let mut text = ScalarText::new(self.tree.arena);
        let (mut start, mut end) = (self.cursor.at.offset, self.cursor.at.offset);
        loop {
            let byte = self.cursor.byte();
            if byte == 0 {
                self.cursor.at = opening;
                return Err(self.error("the quoted text that begins here has no end"));
            } else if byte == quote {
                self.capture_quoted(&mut text, start, self.cursor.at.offset)?;
                self.cursor.at.offset += 1;
                if quote == b'"' || !self.is_at(b'\'') {
                    break;
                }
                start = self.cursor.at.offset;
                self.cursor.at.offset += 1;
                end = self.cursor.at.offset;
            } else if byte == b'\\' && quote == b'"' {
                self.capture_quoted(&mut text, start, self.cursor.at.offset)?;
                self.escape(&mut text)?;
                start = self.cursor.at.offset;
                end = start;
            } else if is_break(byte) {
                self.capture_quoted(&mut text, start, end)?;
                let breaks = self.cursor.pass_space(false)?;
                fold(&mut text, breaks);
                start = self.cursor.at.offset;
                end = start;
            } else if self.cursor.is_at_separator() {
                return Err(self.error("a document ends within quoted text"));
            } else {
                self.cursor.at.offset += 1;
                if !is_blank(byte) {
                    end = self.cursor.at.offset;
                }
            }
        }
        self.state.kind = Some(Kind::Scalar);
        self.state.result = Content::Text(text.finish());
        Ok(true)
    }

    fn escape(&mut self, text: &mut ScalarText<'t>) -> Result<(), SyntaxError> {
        self.cursor.at.offset += 1;
        let byte = self.cursor.byte();
        if is_break(byte) {
            self.cursor.pass_space(false)?;
        } else if let Some(character) = escaped(byte) {
            self.cursor.at.offset += 1;
            text.push_char(character);
        } else if let Some(count) = escape_digits(byte) {
            let digits = self.cursor.text.as_bytes().get(self.cursor.at.offset + 1..).unwrap_or_default();
            let (character, length) = numeric_escape(digits, count).ok_or_else(|| self.error("the escape names no character"))?;
            self.cursor.at.offset += 1 + length;
            text.push_char(character);
        } else {
            return Err(self.error("no escape is written so"));
        }
        Ok(())
    }
}

/// One line break is a space, of several the first is nothing.
fn fold(text: &mut ScalarText<'_>, breaks: usize) {
    match breaks {
        0 => {}
        1 => text.push_char(' '),
        _ => text.push_breaks(breaks - 1),
    }
}
