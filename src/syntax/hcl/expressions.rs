//! Operators, conditionals, parentheses, calls, and what expressions begin with.

use crate::source::Span;
use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::tree::{BinaryOperator, Bytes, Call, Conditional, Expr, ExprKind, UnaryOperator};
use crate::syntax::hcl::{Parser, Read};

impl<'t> Parser<'t> {
    /// An expression and nothing else, up to the end of the text.
    pub(super) fn whole_expression(&mut self) -> Read<Expr<'t>> {
        self.with_breaks(true, |parser| {
            let expression = parser.expression()?;
            parser.pass_blanks();
            if parser.cursor.is_at_end() { Ok(expression) } else { parser.refuse_here("the end of the text") }
        })
    }

    pub(super) fn expression(&mut self) -> Read<Expr<'t>> {
        self.deeper(Self::conditional)
    }

    fn conditional(&mut self) -> Read<Expr<'t>> {
        let condition = self.binary(0)?;
        self.pass_blanks();
        if !self.cursor.eat(b'?') {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.pass_blanks();
        if !self.is_at_colon() {
            return self.refuse_here("`:` and what holds otherwise");
        }
        self.cursor.pass(1);
        let no = self.expression()?;
        let below = condition.height.max(yes.height).max(no.height);
        let conditional = self.arena.alloc(Conditional { condition, yes, no });
        self.spanning(ExprKind::Conditional(conditional), &condition, &no, below)
    }

    /// A colon that is not the half of `::`.
    pub(super) fn is_at_colon(&self) -> bool {
        self.cursor.byte() == b':' && self.cursor.byte_at(1) != b':'
    }

    /// Operators that bind at least so tightly; those that bind alike join from the left.
    fn binary(&mut self, least: u8) -> Read<Expr<'t>> {
        let mut left = self.operand()?;
        loop {
            self.pass_blanks();
            let Some((operator, tightness)) = self.operator().filter(|(_, tightness)| *tightness >= least) else { return Ok(left) };
            self.cursor.pass(operator.symbol().len());
            let right = self.binary(tightness + 1)?;
            let below = left.height.max(right.height);
            let operands = self.arena.alloc([left, right]);
            left = self.spanning(ExprKind::Binary(operator, operands), &operands[0], &operands[1], below)?;
        }
    }

    fn operator(&self) -> Option<(BinaryOperator, u8)> {
        Some(match (self.cursor.byte(), self.cursor.byte_at(1)) {
            (b'|', b'|') => (BinaryOperator::Or, 0),
            (b'&', b'&') => (BinaryOperator::And, 1),
            (b'=', b'=') => (BinaryOperator::Equal, 2),
            (b'!', b'=') => (BinaryOperator::NotEqual, 2),
            (b'>', b'=') => (BinaryOperator::GreaterOrEqual, 3),
            (b'>', _) => (BinaryOperator::Greater, 3),
            (b'<', b'=') => (BinaryOperator::LessOrEqual, 3),
            (b'<', _) => (BinaryOperator::Less, 3),
            (b'+', _) => (BinaryOperator::Add, 4),
            (b'-', _) => (BinaryOperator::Subtract, 4),
            (b'*', _) => (BinaryOperator::Multiply, 5),
            (b'/', _) => (BinaryOperator::Divide, 5),
            (b'%', _) => (BinaryOperator::Modulo, 5),
            _ => return None,
        })
    }

    fn operand(&mut self) -> Read<Expr<'t>> {
        self.pass_blanks();
        let start = self.cursor.mark;
        let operator = match self.cursor.byte() {
            b'-' => UnaryOperator::Negate,
            b'!' => UnaryOperator::Not,
            _ => return self.traversal(),
        };
        self.cursor.pass(1);
        let operand = self.deeper(Self::operand)?;
        let (end_line, end) = (operand.span.end_line, operand.bytes.end);
        let mut expr = self.expr(ExprKind::Unary(operator, self.arena.alloc(operand)), start, operand.height)?;
        expr.span.end_line = end_line;
        expr.bytes.end = end;
        Ok(expr)
    }

    /// What steps may follow: a literal, a name, a call, a collection, parentheses.
    pub(super) fn primary(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        match self.cursor.byte() {
            b'"' => self.quoted(),
            b'(' => self.parentheses(),
            b'[' => self.tuple(),
            b'{' => self.object(),
            b'0'..=b'9' => {
                let number = self.number();
                if !is_number(number) {
                    return self.refuse(start, format!("`{number}` is no number"));
                }
                self.expr(ExprKind::Number(number), start, 0)
            }
            b'<' if self.cursor.byte_at(1) == b'<' => self.heredoc(),
            _ => self.named(),
        }
    }

    /// Digits with dots and an exponent: of `x.0.1` it takes `0.1`, and of `x.0.e1` `0.e1`, as Terraform does.
    pub(super) fn number(&mut self) -> &'t str {
        let start = self.cursor.mark.at;
        loop {
            while self.cursor.byte().is_ascii_digit() {
                self.cursor.pass(1);
            }
            if self.cursor.byte() == b'.' && (self.cursor.byte_at(1).is_ascii_digit() || self.exponent(1).is_some()) {
                self.cursor.pass(1);
            } else if let Some(sign) = self.exponent(0) {
                self.cursor.pass(1 + sign);
            } else {
                return self.cursor.slice(start);
            }
        }
    }

    /// The length of the sign of the exponent that begins so many bytes further on, if one does.
    fn exponent(&self, ahead: usize) -> Option<usize> {
        let sign = usize::from(matches!(self.cursor.byte_at(ahead + 1), b'+' | b'-'));
        let is_exponent = matches!(self.cursor.byte_at(ahead), b'e' | b'E') && self.cursor.byte_at(ahead + 1 + sign).is_ascii_digit();
        is_exponent.then_some(sign)
    }

    fn parentheses(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        let inner = self.with_breaks(true, |parser| {
            let inner = parser.expression()?;
            parser.pass_blanks();
            parser.want(b')', "`)`")?;
            Ok(inner)
        })?;
        Ok(self.expr_at(inner.kind, start, self.cursor.mark, inner.height))
    }

    /// A variable, a call, or one of the three words that are values.
    fn named(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        let Some(word) = self.cursor.identifier() else { return self.refuse_here("an expression") };
        let end = self.cursor.mark;
        self.pass_blanks();
        if self.cursor.byte() == b'(' || self.is_at_namespace() {
            return self.call(word, start, end);
        }
        let kind = match word {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "null" => ExprKind::Null,
            _ => ExprKind::Variable(word),
        };
        self.expr_to(kind, start, end, 0)
    }

    fn is_at_namespace(&self) -> bool {
        self.cursor.byte() == b':' && self.cursor.byte_at(1) == b':'
    }

    fn call(&mut self, first: &'t str, start: Mark, mut end: Mark) -> Read<Expr<'t>> {
        let mut words = vec![first];
        while self.is_at_namespace() {
            self.cursor.pass(2);
            self.pass_blanks();
            let Some(word) = self.cursor.identifier() else { return self.refuse_here("the name of a function") };
            words.push(word);
            end = self.cursor.mark;
            self.pass_blanks();
        }
        let name = if let [only] = words.as_slice() { only } else { &*self.arena.alloc_str(&words.join("::")) };
        let name = crate::syntax::hcl::tree::Name { text: name, span: self.cursor.span_to(start, end) };
        self.want(b'(', "`(`")?;
        let base = self.exprs.len();
        let expands_last = self.with_breaks(true, Self::arguments)?;
        let below = self.exprs[base..].iter().map(|argument| argument.height).max().unwrap_or(0);
        let arguments = self.arena.alloc_slice_copy(&self.exprs[base..]);
        self.exprs.truncate(base);
        let call = self.arena.alloc(Call { name, arguments, expands_last });
        self.expr(ExprKind::Call(call), start, below)
    }

    /// Arguments up to and with the closing parenthesis, and whether the last one is expanded.
    fn arguments(&mut self) -> Read<bool> {
        loop {
            self.pass_blanks();
            if self.cursor.eat(b')') {
                return Ok(false);
            }
            let argument = self.expression()?;
            self.exprs.push(argument);
            self.pass_blanks();
            if self.is_at_ellipsis() {
                self.cursor.pass(3);
                self.pass_blanks();
                self.want(b')', "`)` behind `...`")?;
                return Ok(true);
            }
            if self.cursor.byte() != b')' {
                self.want(b',', "`,` or `)` behind an argument")?;
            }
        }
    }

    pub(super) fn is_at_ellipsis(&self) -> bool {
        self.cursor.byte() == b'.' && self.cursor.byte_at(1) == b'.' && self.cursor.byte_at(2) == b'.'
    }

    /// An expression from the beginning of one to the end of another.
    fn spanning(&mut self, kind: ExprKind<'t>, first: &Expr<'t>, last: &Expr<'t>, below: u16) -> Read<Expr<'t>> {
        let here = self.cursor.mark;
        let expr = self.expr_to(kind, here, here, below)?;
        let span = Span { end_line: last.span.end_line, ..first.span };
        Ok(Expr { span, bytes: Bytes { start: first.bytes.start, end: last.bytes.end }, ..expr })
    }
}

/// Whether what a number is written with is in order: at most one dot, and behind it at most one exponent.
pub(super) fn is_number(written: &str) -> bool {
    let mut parts = written.split(['e', 'E']);
    let (mantissa, exponent) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    mantissa.matches('.').count() <= 1 && !exponent.contains('.') && parts.next().is_none()
}
