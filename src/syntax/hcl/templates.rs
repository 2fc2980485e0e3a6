//! Templates: texts in quotes, and texts of their own.

use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::literals::{Literal, Notation, Piece};
use crate::syntax::hcl::tree::{Expr, ExprKind, Part};
use crate::syntax::hcl::{Parser, Read};

impl<'t> Parser<'t> {
    pub(super) fn quoted(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        let base = self.pieces.len();
        let mut trims = false;
        loop {
            let literal = self.literal(Notation::Quotes);
            if self.cursor.eat(b'"') {
                if self.pieces.len() == base {
                    return self.expr(ExprKind::Text(literal.text), start, 0);
                }
                self.push_literal(literal, trims);
                return self.template(base, start, self.cursor.mark);
            }
            if !self.is_at_sequence() {
                return self.refuse(start, "the text in quotes does not end on its line".to_owned());
            }
            self.push_literal(literal, trims);
            trims = self.sequence(base)?;
        }
    }

    /// The whole text as a template.
    pub(super) fn template_of_text(&mut self) -> Read<Expr<'t>> {
        self.cursor.pass_byte_order_mark();
        let start = self.cursor.mark;
        let base = self.pieces.len();
        let mut trims = false;
        while !self.cursor.is_at_end() {
            let literal = self.literal(Notation::Text);
            self.push_literal(literal, trims);
            trims = self.is_at_sequence() && self.sequence(base)?;
        }
        self.template(base, start, self.cursor.mark)
    }

    pub(super) fn push_literal(&mut self, literal: Literal<'t>, trims: bool) {
        if !literal.text.is_empty() {
            self.pieces.push(Piece::Literal(if trims { literal.trimmed_start() } else { literal }));
        }
    }

    pub(super) fn is_at_sequence(&self) -> bool {
        matches!(self.cursor.byte(), b'$' | b'%') && self.cursor.byte_at(1) == b'{'
    }

    /// An interpolation or a directive; whether the blanks behind it are taken off. Those before it are, from the pieces from `base` on.
    pub(super) fn sequence(&mut self, base: usize) -> Read<bool> {
        let start = self.cursor.mark;
        let is_directive = self.cursor.byte() == b'%';
        self.cursor.pass(2);
        if self.cursor.eat(b'~')
            && let Some(Piece::Literal(literal)) = self.pieces[base..].last_mut()
        {
            *literal = literal.trimmed_end();
        }
        self.with_breaks(true, |parser| {
            let mut piece = if is_directive { parser.directive(start)? } else { Piece::Value(parser.expression()?) };
            parser.pass_blanks();
            let trims = parser.cursor.byte() == b'~' && parser.cursor.byte_at(1) == b'}';
            parser.cursor.pass(usize::from(trims));
            parser.want(b'}', "`}` at the end of what is interpolated (`$${` and `%%{` are texts)")?;
            if let Piece::If(_, span) | Piece::For(_, _, span) = &mut piece {
                *span = parser.cursor.span(start);
            }
            parser.pieces.push(piece);
            Ok(trims)
        })
    }

    /// The template of all pieces from `base` on, which are taken.
    pub(super) fn template(&mut self, base: usize, start: Mark, end: Mark) -> Read<Expr<'t>> {
        let (mut parts, below) = self.nested_parts(base)?;
        if let ([Part::Value(value)], [_, _, ..]) = (parts, &self.pieces[base..]) {
            // Blanks stood beside it that were taken off: Terraform makes a text of it all the same.
            parts = self.arena.alloc([Part::Value(*value), Part::Text("", value.span)]);
        }
        self.pieces.truncate(base);
        let kind = match parts {
            [] => ExprKind::Text(""),
            [Part::Text(text, _)] => ExprKind::Text(text),
            _ => ExprKind::Template(parts),
        };
        self.expr_to(kind, start, end, below)
    }
}
