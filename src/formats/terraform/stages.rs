//! What a value may be in another stage, where the configuration itself tells stages apart by a variable.
//!
//! Comes in: a comparison, an index or a look-up whose one side is a variable of the root that has nothing but its default. Goes out: each value
//! that it may have. Whoever runs Terraform for another stage gives the variable another value, and no file of values here has to say so.

use crate::formats::terraform::expression::Evaluator;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{BinaryOperator, Expr, ExprKind, Step};

impl Evaluator<'_> {
    /// `var.stage == "production"`: true in one stage and false in another.
    pub(super) fn compared(
        self,
        operator: BinaryOperator,
        [left, right]: [&Expr<'_>; 2],
        values: [&Value; 2],
        span: Span,
    ) -> Option<Value> {
        let is_asked = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        let are_texts = values.iter().all(|value| matches!(value.kind, Kind::Text(_)));
        let marks = values[0].marks.and(values[1].marks);
        (is_asked && are_texts && self.is_staged(left) != self.is_staged(right)).then(|| yes_and_no(span).marked(marks))
    }

    /// `local.sizes[var.stage]`: the value of each stage.
    pub(super) fn indexed(self, value: &Value, key: &Expr<'_>, span: Span) -> Option<Value> {
        if !self.is_staged(key) {
            return None;
        }
        Some(Value::either(entries(value)?, span).marked(value.marks))
    }

    /// `lookup(local.sizes, var.stage, "small")`, `contains(["stage", "production"], var.stage)`.
    pub(super) fn looked_up(self, function: &str, arguments: &[Expr<'_>], values: &[Value], span: Span) -> Option<Value> {
        if arguments.len() != values.len() || !arguments.get(1).is_some_and(|key| self.is_staged(key)) {
            return None;
        }
        match (function.strip_prefix("core::").unwrap_or(function), values) {
            ("lookup", [map, _, rest @ ..]) => {
                Some(Value::either(entries(map)?.into_iter().chain(rest.iter().cloned()).collect(), span).marked(map.marks))
            }
            ("contains", [list, key]) => Some(yes_and_no(span).marked(list.marks.and(key.marks))),
            _ => None,
        }
    }

    /// Whether an expression is a variable that stands for its default.
    fn is_staged(self, expr: &Expr<'_>) -> bool {
        let ExprKind::Traversal(traversal) = expr.kind else { return false };
        match (&traversal.source.kind, traversal.steps) {
            (ExprKind::Variable("var"), [Step::Attribute(name)]) => self.names.is_default(name.text),
            _ => false,
        }
    }
}

fn yes_and_no(span: Span) -> Value {
    Value::either([true, false].map(|flag| Value::new(Kind::Bool(flag), span)).into(), span)
}

fn entries(value: &Value) -> Option<Vec<Value>> {
    match &value.kind {
        Kind::Object(entries) | Kind::Map(entries) => {
            Some(entries.values().cloned().collect::<Vec<_>>()).filter(|values| !values.is_empty())
        }
        _ => None,
    }
}
