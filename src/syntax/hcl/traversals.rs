//! Steps into a value: attributes, indexes, splats.

use crate::syntax::hcl::expressions::is_number;
use crate::syntax::hcl::tree::{Expr, ExprKind, Step, Traversal};
use crate::syntax::hcl::{Parser, Read};

impl<'t> Parser<'t> {
    /// What an expression begins with, and the steps into it.
    pub(super) fn traversal(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        let source = self.primary()?;
        let base = self.steps.len();
        let mut end = self.cursor.mark;
        let mut below = source.height;
        loop {
            self.pass_blanks();
            match self.cursor.byte() {
                b'.' if self.cursor.byte_at(1) != b'.' => self.dot(&mut below)?,
                b'[' => self.bracket(&mut below)?,
                _ => break,
            }
            end = self.cursor.mark;
        }
        if self.steps.len() == base {
            return Ok(source);
        }
        let steps = self.arena.alloc_slice_copy(&self.steps[base..]);
        self.steps.truncate(base);
        let traversal = self.arena.alloc(Traversal { source, steps });
        self.expr_to(ExprKind::Traversal(traversal), start, end, below)
    }

    fn dot(&mut self, below: &mut u16) -> Read<()> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        self.pass_blanks();
        if self.cursor.byte() != b'*' {
            return self.attribute_step();
        }
        self.cursor.pass(1);
        let span = self.cursor.span(start);
        let at = self.steps.len();
        self.push_splat(Step::AttributeSplat { each: 0, span }, below)?;
        let mut end = self.cursor.mark;
        loop {
            self.pass_blanks();
            if self.cursor.byte() != b'.' || self.cursor.byte_at(1) == b'.' {
                break;
            }
            self.cursor.pass(1);
            self.pass_blanks();
            if self.cursor.byte() == b'*' {
                return self.refuse_here("an attribute behind `.*` (splats of this kind do not nest)");
            }
            self.attribute_step()?;
            end = self.cursor.mark;
        }
        self.cursor.mark = end;
        let each = self.steps.len() - at - 1;
        self.steps[at] = Step::AttributeSplat { each, span };
        Ok(())
    }

    /// A name, or a number as an index.
    fn attribute_step(&mut self) -> Read<()> {
        let start = self.cursor.mark;
        let step = if self.cursor.byte().is_ascii_digit() {
            let number = self.number();
            if number.contains('.') || !is_number(number) {
                return self.refuse(start, format!("`.{number}` is no index: write each in brackets"));
            }
            let key = self.expr(ExprKind::Number(number), start, 0)?;
            Step::Index(self.arena.alloc(key))
        } else {
            let Some(name) = self.cursor.identifier() else { return self.refuse_here("the name of an attribute") };
            Step::Attribute(self.name(name, start))
        };
        self.push_step(step)
    }

    fn bracket(&mut self, below: &mut u16) -> Read<()> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        self.pass_blanks();
        if self.cursor.eat(b'*') {
            self.pass_blanks();
            self.want(b']', "`]`")?;
            return self.push_splat(Step::Splat(self.cursor.span(start)), below);
        }
        let key = self.with_breaks(true, |parser| {
            let key = parser.expression()?;
            parser.pass_blanks();
            parser.want(b']', "`]`")?;
            Ok(key)
        })?;
        *below = key.height.max(*below);
        self.push_step(Step::Index(self.arena.alloc(key)))
    }

    /// Whoever follows a splat goes one level deeper.
    fn push_splat(&mut self, step: Step<'t>, below: &mut u16) -> Read<()> {
        *below = below.saturating_add(1);
        self.push_step(step)
    }

    fn push_step(&mut self, step: Step<'t>) -> Read<()> {
        self.weigh()?;
        self.steps.push(step);
        Ok(())
    }
}
