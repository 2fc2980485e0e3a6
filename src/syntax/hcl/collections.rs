//! Tuples, objects, and the `for` expressions that make them.

use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::tree::{Expr, ExprKind, For, ObjectItem, Variables};
use crate::syntax::hcl::{Parser, Read};

/// What a `for` expression makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Tuple,
    Object,
}

impl<'t> Parser<'t> {
    pub(super) fn tuple(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        self.with_breaks(true, |parser| {
            parser.pass_blanks();
            if parser.cursor.is_at_word("for") { parser.for_expression(start, Made::Tuple) } else { parser.tuple_items(start) }
        })
    }

    fn tuple_items(&mut self, start: Mark) -> Read<Expr<'t>> {
        let base = self.exprs.len();
        loop {
            self.pass_blanks();
            if self.cursor.eat(b']') {
                break;
            }
            let item = self.expression()?;
            self.exprs.push(item);
            self.pass_blanks();
            if self.cursor.byte() != b']' {
                self.want(b',', "`,` or `]` behind an item")?;
            }
        }
        let below = self.exprs[base..].iter().map(|item| item.height).max().unwrap_or(0);
        let items = self.arena.alloc_slice_copy(&self.exprs[base..]);
        self.exprs.truncate(base);
        self.expr(ExprKind::Tuple(items), start, below)
    }

    pub(super) fn object(&mut self) -> Read<Expr<'t>> {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        self.cursor.pass_blanks(true);
        if self.cursor.is_at_word("for") {
            return self.with_breaks(true, |parser| parser.for_expression(start, Made::Object));
        }
        // A line break ends an item, even in an object that stands in brackets.
        self.with_breaks(false, |parser| parser.object_items(start))
    }

    fn object_items(&mut self, start: Mark) -> Read<Expr<'t>> {
        let base = self.object_items.len();
        loop {
            self.cursor.pass_blanks(true);
            if self.cursor.eat(b'}') {
                break;
            }
            let item = self.object_item()?;
            self.object_items.push(item);
            self.pass_blanks();
            if !self.cursor.eat(b',') && !self.cursor.is_at_break() && self.cursor.byte() != b'}' {
                return self.refuse_here("`,`, `}` or the end of the line behind an item");
            }
        }
        let heights = self.object_items[base..].iter().map(|item| item.key.height.max(item.value.height));
        let below = heights.max().unwrap_or(0);
        let items = self.arena.alloc_slice_copy(&self.object_items[base..]);
        self.object_items.truncate(base);
        self.expr(ExprKind::Object(items), start, below)
    }

    fn object_item(&mut self) -> Read<ObjectItem<'t>> {
        let is_computed = self.cursor.byte() == b'(';
        let key = self.expression()?;
        self.pass_blanks();
        let is_equals = self.cursor.byte() == b'=' && !matches!(self.cursor.byte_at(1), b'=' | b'>');
        if !is_equals && !self.is_at_colon() {
            return self.refuse_here("`=` or `:` behind a key");
        }
        self.cursor.pass(1);
        let value = self.expression()?;
        Ok(ObjectItem { key: if is_computed { key } else { bare(key) }, value })
    }

    fn for_expression(&mut self, start: Mark, made: Made) -> Read<Expr<'t>> {
        self.cursor.pass("for".len());
        let variables = self.for_variables()?;
        let collection = self.expression()?;
        self.pass_blanks();
        if !self.is_at_colon() {
            return self.refuse_here("`:` behind the collection");
        }
        self.cursor.pass(1);
        let first = self.expression()?;
        self.pass_blanks();
        let (key, value) = match made {
            Made::Tuple => (None, first),
            Made::Object => {
                if self.cursor.byte() != b'=' || self.cursor.byte_at(1) != b'>' {
                    return self.refuse_here("`=>` behind the key");
                }
                self.cursor.pass(2);
                (Some(first), self.expression()?)
            }
        };
        self.pass_blanks();
        let groups = made == Made::Object && self.is_at_ellipsis();
        self.cursor.pass(if groups { 3 } else { 0 });
        self.pass_blanks();
        let condition = if self.cursor.is_at_word("if") {
            self.cursor.pass("if".len());
            let condition = self.expression()?;
            self.pass_blanks();
            Some(condition)
        } else {
            None
        };
        match made {
            Made::Tuple => self.want(b']', "`]`")?,
            Made::Object => self.want(b'}', "`}`")?,
        }
        let optional = |expr: Option<Expr<'t>>| expr.map_or(0, |expr| expr.height);
        let below = collection.height.max(value.height).max(optional(key)).max(optional(condition));
        let expression = self.arena.alloc(For { variables, collection, key, value, groups, condition });
        self.expr(ExprKind::For(expression), start, below)
    }

    /// The names behind `for`, and the word `in`.
    pub(super) fn for_variables(&mut self) -> Read<Variables<'t>> {
        let first = self.for_variable()?;
        let second = if self.cursor.eat(b',') { Some(self.for_variable()?) } else { None };
        if !self.cursor.is_at_word("in") {
            return self.refuse_here("the word `in`");
        }
        self.cursor.pass("in".len());
        Ok(match second {
            Some(value) => Variables { key: Some(first), value },
            None => Variables { key: None, value: first },
        })
    }

    fn for_variable(&mut self) -> Read<crate::syntax::hcl::tree::Name<'t>> {
        self.pass_blanks();
        let start = self.cursor.mark;
        let Some(name) = self.cursor.identifier() else { return self.refuse_here("the name of a variable") };
        let name = self.name(name, start);
        self.pass_blanks();
        Ok(name)
    }
}

/// A key as it counts: a name without parentheses is a text, whatever it means elsewhere.
fn bare(key: Expr<'_>) -> Expr<'_> {
    let kind = match key.kind {
        ExprKind::Variable(name) => ExprKind::Text(name),
        ExprKind::Bool(true) => ExprKind::Text("true"),
        ExprKind::Bool(false) => ExprKind::Text("false"),
        ExprKind::Null => ExprKind::Text("null"),
        other => other,
    };
    Expr { kind, ..key }
}
