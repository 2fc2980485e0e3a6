//! Block scalars of js-yaml.
//!
//! Comes in: a reader at `|` or `>`. Goes out: the state with the text, and whether there was one.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::js::cursor::{is_blank, is_break};
use crate::syntax::yaml::js::{Content, Kind, Reader};
use crate::syntax::yaml::text::ScalarText;

/// What stands behind `|` and `>`.
struct Header {
    is_folded: bool,
    chomping: Chomping,
    /// The column that is stated.
    indent: Option<isize>,
}

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// One stays.
    Clip,
    Strip,
    Keep,
}

impl Reader<'_, '_, '_> {
    /// Gives the last line of the text, from 0.
    pub(super) fn block_scalar(&mut self, parent: isize) -> Result<Option<usize>, SyntaxError> {
        let is_folded = match self.cursor.byte() {
            b'|' => false,
            b'>' => true,
            _ => return Ok(None),
        };
        let header = self.header(is_folded, parent)?;
        let mut text = ScalarText::new(self.tree.arena);
        let mut indent = header.indent.unwrap_or(parent);
        let mut is_indent_known = header.indent.is_some();
        let (mut has_content, mut was_more_indented, mut empty_lines) = (false, false, 0);
        let mut end_line = self.cursor.at.line;
        while self.cursor.byte() != 0 {
            self.cursor.pass_break()?;
            self.cursor.at.line_indent = 0;
            while self.is_at(b' ') && (!is_indent_known || self.cursor.at.line_indent < indent) {
                self.cursor.at.line_indent += 1;
                self.cursor.at.offset += 1;
            }
            if !is_indent_known {
                indent = indent.max(self.cursor.at.line_indent);
            }
            if is_break(self.cursor.byte()) {
                empty_lines += 1;
                continue;
            }
            if !is_indent_known && indent == 0 {
                return Err(self.error("a block scalar is indented"));
            }
            if self.cursor.at.line_indent < indent {
                match header.chomping {
                    Chomping::Keep => text.push_breaks(usize::from(has_content) + empty_lines),
                    Chomping::Clip => text.push_breaks(usize::from(has_content)),
                    Chomping::Strip => {}
                }
                break;
            }
            let between = usize::from(has_content) + empty_lines;
            let is_more_indented = is_blank(self.cursor.byte());
            if !header.is_folded || is_more_indented {
                text.push_breaks(between);
            } else if was_more_indented {
                text.push_breaks(empty_lines + 1);
            } else if empty_lines > 0 {
                text.push_breaks(empty_lines);
            } else if has_content {
                text.push_char(' ');
            }
            was_more_indented = header.is_folded && is_more_indented;
            (has_content, is_indent_known, empty_lines) = (true, true, 0);
            let start = self.cursor.at.offset;
            self.cursor.pass_while(|byte| !is_break(byte));
            end_line = self.cursor.at.line;
            self.capture(&mut text, start, self.cursor.at.offset)?;
        }
        self.state.kind = Some(Kind::Scalar);
        self.state.result = Content::Text(text.finish());
        Ok(Some(end_line))
    }

    fn header(&mut self, is_folded: bool, parent: isize) -> Result<Header, SyntaxError> {
        let mut header = Header { is_folded, chomping: Chomping::Clip, indent: None };
        loop {
            self.cursor.at.offset += 1;
            match self.cursor.byte() {
                sign @ (b'+' | b'-') if header.chomping == Chomping::Clip => {
                    header.chomping = if sign == b'+' { Chomping::Keep } else { Chomping::Strip };
                }
                digit @ b'1'..=b'9' if header.indent.is_none() => {
                    header.indent = Some(parent + isize::from((digit - b'0').cast_signed()) - 1);
                }
                b'+' | b'-' | b'0'..=b'9' => return Err(self.error("the head of a block scalar is one sign and one digit of 1 to 9")),
                _ => break,
            }
        }
        if is_blank(self.cursor.byte()) {
            self.cursor.pass_while(is_blank);
            if self.is_at(b'#') {
                self.cursor.pass_comment();
            }
        }
        Ok(header)
    }
}
