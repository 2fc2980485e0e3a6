//! A tree of HCL as a text: one line an item, each expression with all of its brackets.

use astride::syntax::hcl::tree::{Body, Expr, ExprKind, Item, Part, Step, UnaryOperator, Variables};
use std::fmt::Write as _;

/// The items of a body, each with its lines.
pub(crate) fn outline(body: &Body<'_>) -> String {
    let mut text = String::new();
    write_body(body, 0, true, &mut text);
    text
}

/// The same without lines: what two notations have in common.
#[allow(dead_code, reason = "not each test file compares notations")]
pub(crate) fn meaning(body: &Body<'_>) -> String {
    let mut text = String::new();
    write_body(body, 0, false, &mut text);
    text
}

fn write_body(body: &Body<'_>, depth: usize, has_lines: bool, text: &mut String) {
    let indent = "  ".repeat(depth);
    for item in body.items {
        let span = match item {
            Item::Attribute(attribute) => attribute.span,
            Item::Block(block) => block.span,
        };
        if has_lines {
            write!(text, "{:>3}-{:<3} ", span.line, span.end_line).unwrap();
        }
        match item {
            Item::Attribute(attribute) => writeln!(text, "{indent}{} = {}", attribute.name.text, expr(&attribute.value)).unwrap(),
            Item::Block(block) => {
                let labels: String = block.labels.iter().map(|label| format!(" {:?}", label.text)).collect();
                let broken = if block.body.is_whole { "" } else { " (not whole)" };
                writeln!(text, "{indent}{}{labels}:{broken}", block.kind.text).unwrap();
                write_body(&block.body, depth + 1, has_lines, text);
            }
        }
    }
}

pub(crate) fn expr(expr: &Expr<'_>) -> String {
    match expr.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(flag) => flag.to_string(),
        ExprKind::Number(number) => number.to_owned(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Template(template) => format!("template({})", parts(template)),
        ExprKind::Variable(name) => name.to_owned(),
        ExprKind::Traversal(traversal) => format!("{}{}", self::expr(&traversal.source), steps(traversal.steps)),
        ExprKind::Call(call) => {
            let expands = if call.expands_last { "..." } else { "" };
            format!("{}({}{expands})", call.name.text, list(call.arguments))
        }
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("{}: {}", self::expr(&item.key), self::expr(&item.value))).collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::For(made) => {
            let key = made.key.map(|key| format!("{} => ", self::expr(&key))).unwrap_or_default();
            let groups = if made.groups { "..." } else { "" };
            let condition = made.condition.map(|condition| format!(" if {}", self::expr(&condition))).unwrap_or_default();
            let collection = self::expr(&made.collection);
            format!("[for {} in {collection} : {key}{}{groups}{condition}]", variables(made.variables), self::expr(&made.value))
        }
        ExprKind::Unary(UnaryOperator::Negate, operand) => format!("(-{})", self::expr(operand)),
        ExprKind::Unary(UnaryOperator::Not, operand) => format!("(!{})", self::expr(operand)),
        ExprKind::Binary(operator, [left, right]) => format!("({} {} {})", self::expr(left), operator.symbol(), self::expr(right)),
        ExprKind::Conditional(conditional) => {
            let [condition, yes, no] = [conditional.condition, conditional.yes, conditional.no].map(|part| self::expr(&part));
            format!("({condition} ? {yes} : {no})")
        }
        ExprKind::Unreadable => "(unreadable)".to_owned(),
    }
}

fn list(exprs: &[Expr<'_>]) -> String {
    exprs.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn variables(variables: Variables<'_>) -> String {
    variables.key.map(|key| format!("{}, ", key.text)).unwrap_or_default() + variables.value.text
}

fn steps(steps: &[Step<'_>]) -> String {
    let step = |step: &Step<'_>| match step {
        Step::Attribute(name) => format!(".{}", name.text),
        Step::Index(key) => format!("[{}]", expr(key)),
        Step::Splat(_) => "[*]".to_owned(),
        Step::AttributeSplat { each, .. } => format!(".*({each})"),
    };
    steps.iter().map(step).collect()
}

fn parts(parts: &[Part<'_>]) -> String {
    let part = |part: &Part<'_>| match part {
        Part::Text(text, _) => format!("{text:?}"),
        Part::Value(value) => expr(value),
        Part::If(directive) => {
            format!("if {} ({}) else ({})", expr(&directive.condition), self::parts(directive.yes), self::parts(directive.no))
        }
        Part::For(directive) => {
            format!("for {} in {} ({})", variables(directive.variables), expr(&directive.collection), self::parts(directive.parts))
        }
    };
    parts.iter().map(part).collect::<Vec<_>>().join(" ")
}
