//! Block scalars of YAML 1.1.
//!
//! Comes in: a text at `|` or `>`. Goes out: the token with its text, without the indentation; in a folded one lines are joined.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::text::ScalarText;
use crate::syntax::yaml::yaml11::cursor::{is_break, is_space_or_break, shown};
use crate::syntax::yaml::yaml11::scanner::Scanner;
use crate::syntax::yaml::yaml11::token::{Kind, Style, Token};

/// What stands behind `|` and `>`.
struct Header {
    is_folded: bool,
    chomping: Chomping,
    /// Indentation beyond that of the parent.
    increment: Option<isize>,
}

/// What becomes of the line breaks at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    /// One stays.
    Clip,
    Strip,
    Keep,
}

impl<'t> Scanner<'t> {
    pub(super) fn scan_block_scalar(&mut self) -> Result<Token<'t>, SyntaxError> {
        let start = self.cursor.mark();
        let header = self.scan_header()?;
        let least = (self.indent + 1).max(1);
        let (indent, mut breaks) = match header.increment {
            Some(increment) => {
                let indent = least + increment - 1;
                (indent, self.pass_block_breaks(indent))
            }
            None => {
                let (breaks, most) = self.pass_leading_breaks();
                (least.max(most), breaks)
            }
        };
        let mut text = ScalarText::new(self.arena);
        let mut ends_with_break = false;
        let mut end_line = start.line;
        while self.column() == indent && self.cursor.peek() != 0 {
            text.push_breaks(breaks);
            let is_more_indented = matches!(self.cursor.peek(), b' ' | b'\t');
            let line = self.cursor.pass_while(|byte| !is_break(byte));
            if !line.trim().is_empty() {
                end_line = self.cursor.mark().line;
            }
            text.push(line);
            ends_with_break = self.cursor.pass_break();
            breaks = self.pass_block_breaks(indent);
            if self.column() != indent || self.cursor.peek() == 0 {
                break;
            }
            let is_joined = header.is_folded && ends_with_break && !is_more_indented && !matches!(self.cursor.peek(), b' ' | b'\t');
            match (is_joined, breaks) {
                (true, 0) => text.push_char(' '),
                (true, _) => {}
                (false, _) => text.push_breaks(usize::from(ends_with_break)),
            }
        }
        if header.chomping != Chomping::Strip && ends_with_break {
            text.push_char('\n');
        }
        if header.chomping == Chomping::Keep {
            text.push_breaks(breaks);
        }
        Ok(Token { kind: Kind::Scalar(text.finish(), Style::Marked), start, end_line })
    }

    fn scan_header(&mut self) -> Result<Header, SyntaxError> {
        let is_folded = self.cursor.peek() == b'>';
        self.cursor.pass(1);
        let before = self.scan_chomping();
        let increment = match self.cursor.peek() {
            b'0' => return Err(self.error("the indentation of a block scalar is 1 to 9")),
            digit @ b'1'..=b'9' => {
                self.cursor.pass(1);
                Some(isize::from((digit - b'0').cast_signed()))
            }
            _ => None,
        };
        let chomping = if before == Chomping::Clip && increment.is_some() { self.scan_chomping() } else { before };
        if is_space_or_break(self.cursor.peek()) {
            self.cursor.pass_spaces();
            self.pass_comment();
        }
        if !is_break(self.cursor.peek()) {
            return Err(self.error(format!("{} stands behind the head of a block scalar", shown(self.cursor.rest()))));
        }
        self.cursor.pass_break();
        Ok(Header { is_folded, chomping, increment })
    }

    fn scan_chomping(&mut self) -> Chomping {
        let chomping = match self.cursor.peek() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return Chomping::Clip,
        };
        self.cursor.pass(1);
        chomping
    }

    /// Empty lines before the first text; how many, and the deepest column that their spaces or the text reach.
    fn pass_leading_breaks(&mut self) -> (usize, isize) {
        let (mut count, mut deepest) = (0, 0);
        loop {
            self.cursor.pass_spaces();
            deepest = deepest.max(self.column());
            if !self.cursor.pass_break() {
                return (count, deepest);
            }
            count += 1;
        }
    }

    /// Empty lines, and up to `indent` spaces of the next one.
    fn pass_block_breaks(&mut self, indent: isize) -> usize {
        let mut count = 0;
        loop {
            while self.column() < indent && self.cursor.peek() == b' ' {
                self.cursor.pass(1);
            }
            if !self.cursor.pass_break() {
                return count;
            }
            count += 1;
        }
    }
}
