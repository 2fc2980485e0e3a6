//! Heredocs.

use crate::syntax::hcl::literals::{Notation, Piece};
use crate::syntax::hcl::tree::Expr;
use crate::syntax::hcl::{Parser, Read};

impl<'t> Parser<'t> {
    pub(super) fn heredoc(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        self.cursor.pass(2);
        let is_flush = self.cursor.eat(b'-');
        let Some(marker) = self.cursor.identifier() else { return self.refuse_here("the marker of a heredoc") };
        if !self.cursor.is_at_break() {
            return self.refuse_here("the end of the line behind the marker of a heredoc");
        }
        self.cursor.eat(b'\r');
        self.cursor.pass_any();
        let inner = self.cursor.mark;
        self.heredocs.push(marker);
        let base = self.pieces.len();
        let (mut trims, mut is_line_start) = (false, true);
        while !(is_line_start && self.is_at_marker(marker)) {
            if self.cursor.is_at_end() {
                self.cursor.mark = inner;
                self.heredocs.pop();
                self.count_endless();
                return self.refuse(start, format!("the heredoc has no end: no line is `{marker}` alone"));
            }
            let literal = self.literal(Notation::Heredoc);
            self.push_literal(literal, trims);
            let is_sequence = self.is_at_sequence();
            trims = is_sequence && self.sequence(base)?;
            is_line_start = !is_sequence && literal.text.ends_with('\n');
        }
        self.heredocs.pop();
        let line = self.line();
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.contains('\r') {
            self.complain(self.cursor.mark, "a carriage return stands within a line".to_owned());
        }
        self.cursor.pass_to(self.cursor.mark.at + line.len());
        if is_flush {
            self.take_indentation(base);
        }
        self.template(base, start, self.cursor.mark)
    }

    /// Whether the line is the marker alone. One that ends with the text and not with a break is none.
    fn is_at_marker(&self, marker: &str) -> bool {
        let rest = self.cursor.rest();
        let is_likely = rest.trim_start_matches([' ', '\t']).starts_with(|next| marker.starts_with(next) || next > '\u{7f}');
        is_likely && self.line().trim() == marker && self.line().len() < rest.len()
    }

    fn line(&self) -> &'t str {
        let rest = self.cursor.rest();
        rest.find('\n').map_or(rest, |end| &rest[..end])
    }

    /// Takes off the indentation that all lines have in common. A line of blanks does not count and keeps them; one that begins with an
    /// interpolation or a directive is not indented.
    fn take_indentation(&mut self, base: usize) {
        let mut least = usize::MAX;
        let mut is_line_start = true;
        let mut indented = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate().skip(base) {
            let Piece::Literal(literal) = piece else {
                least = if is_line_start { 0 } else { least };
                is_line_start = false;
                continue;
            };
            let text = literal.text;
            let rest = text.trim_start();
            if is_line_start && !(rest.is_empty() && text.ends_with('\n')) {
                least = least.min(text[..text.len() - rest.len()].chars().count());
                indented.push(index);
            }
            is_line_start = text.ends_with('\n');
        }
        for index in indented {
            if let Piece::Literal(literal) = &mut self.pieces[index] {
                let bytes = literal.text.chars().take(least).map(char::len_utf8).sum();
                *literal = literal.without_start(bytes);
            }
        }
    }
}
