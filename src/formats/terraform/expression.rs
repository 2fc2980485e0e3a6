//! What an expression comes to.
//!
//! Comes in: an expression, and `Names`, which says what the names in it are. Goes out: a value, known or not. Nothing is executed, and all
//! work is counted where the names say so.

use crate::formats::terraform::attempts;
use crate::formats::terraform::decimal::{Decimal, NotRead};
use crate::formats::terraform::functions;
use crate::formats::terraform::loops;
use crate::formats::terraform::operators;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{Expr, ExprKind, ObjectItem, Part, Step};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The surroundings of an expression.
pub trait Names {
    /// What a name with the steps behind it is, and how many of the steps that takes.
    fn find(&self, name: &str, steps: &[Step<'_>], span: Span) -> (Value, usize);

    fn call(&self, name: &str, arguments: &[Value], span: Span) -> Value {
        functions::call(name, arguments, span)
    }

    /// Whether a variable is a text that stands there by default alone: whoever runs Terraform may give another.
    fn is_default(&self, _variable: &str) -> bool {
        false
    }

    /// What a name with these steps behind it is, where that is the same for every instance that asks: it is found once.
    fn kept(&self, _steps: &[Step<'_>], find: &mut dyn FnMut() -> Value) -> Value {
        find()
    }

    /// Counts work; `false` once there is too much of it.
    fn spend(&self, _units: usize, _span: Span) -> bool {
        true
    }

    /// Goes one level deeper, which `leave` takes back; `false` where that is too deep, and `leave` is not called.
    fn enter(&self, _span: Span) -> bool {
        true
    }

    fn leave(&self) {}
}

/// The variables that the loops around an expression make, from the innermost outwards.
pub struct Bound<'b> {
    pub name: &'b str,
    pub value: Value,
    pub outer: Option<&'b Self>,
}

/// The value of an expression.
pub fn evaluate(expr: &Expr<'_>, names: &dyn Names) -> Value {
    Evaluator { names }.value(expr, None)
}

/// The value of an expression in loops.
pub fn evaluate_in(expr: &Expr<'_>, bound: Option<&Bound<'_>>, names: &dyn Names) -> Value {
    Evaluator { names }.value(expr, bound)
}

#[derive(Clone, Copy)]
pub(super) struct Evaluator<'n> {
    pub(super) names: &'n dyn Names,
}

/// Whether a condition is that a file is there, or that it is not.
fn asks_for_file(condition: &Expr<'_>) -> bool {
    match condition.kind {
        ExprKind::Call(call) => call.name.text == "fileexists",
        ExprKind::Unary(_, operand) => asks_for_file(operand),
        _ => false,
    }
}

/// Whether steps go through all instances of something and through nothing that one of the instances says: each that asks gets the same, and a
/// list of as many as there are would be made for each of them.
fn is_of_all(name: &str, steps: &[Step<'_>]) -> bool {
    let is_splat = |step: &Step<'_>| matches!(step, Step::Splat(_) | Step::AttributeSplat { .. });
    let is_plain = |step: &Step<'_>| is_splat(step) || matches!(step, Step::Attribute(_));
    !matches!(name, "each" | "count" | "self") && steps.iter().any(is_splat) && steps.iter().all(is_plain)
}

fn is_bound(name: &str, bound: Loops<'_>) -> bool {
    bound.is_some_and(|variable| variable.name == name || is_bound(name, variable.outer))
}

pub(super) type Loops<'b> = Option<&'b Bound<'b>>;

/// Weight of values for which one unit of work is counted where they are walked through.
const WEIGHT_OF_A_UNIT: usize = 16;

impl Evaluator<'_> {
    pub(super) fn value(self, expr: &Expr<'_>, bound: Loops<'_>) -> Value {
        if !self.names.spend(1, expr.span) {
            return Value::new(Kind::unknown("the limit on values is reached"), expr.span);
        }
        if !self.names.enter(expr.span) {
            return Value::new(Kind::unknown("too many values depend on one another"), expr.span);
        }
        let value = self.unguarded(expr, bound);
        self.names.leave();
        value
    }

    /// Each arm is a call, so that a level of nesting needs little of the stack.
    fn unguarded(self, expr: &Expr<'_>, bound: Loops<'_>) -> Value {
        let span = expr.span;
        match expr.kind {
            ExprKind::Null => Value::new(Kind::Null, span),
            ExprKind::Bool(flag) => Value::new(Kind::Bool(flag), span),
            ExprKind::Number(number) => Value::new(self::number(number), span),
            ExprKind::Text(text) => Value::new(Kind::text(text), span),
            ExprKind::Unreadable => Value::new(Kind::unknown("it could not be read"), span),
            ExprKind::Template([Part::Value(only)]) => self.value(only, bound),
            ExprKind::Template(parts) => self.template(parts, span, bound),
            ExprKind::Variable(name) => self.named(name, &[], span, bound),
            ExprKind::Traversal(traversal) => match traversal.source.kind {
                ExprKind::Variable(name) => self.named(name, traversal.steps, span, bound),
                _ => self.steps(self.value(&traversal.source, bound), traversal.steps, span, bound),
            },
            ExprKind::Call(call) => self.call(call.name.text, call.arguments, call.expands_last, span, bound),
            ExprKind::Tuple(items) => self.tuple(items, span, bound),
            ExprKind::Object(items) => self.object(items, span, bound),
            ExprKind::For(made) => Value::new(loops::result(self, made, span, bound).unwrap_or_else(|kind| kind), span),
            ExprKind::Unary(operator, operand) => operators::unary(operator, &self.value(operand, bound), span),
            ExprKind::Binary(operator, sides) => {
                let (left, right) = (self.value(&sides[0], bound), self.value(&sides[1], bound));
                self.weigh(&[&left, &right], span);
                let staged = self.compared(operator, [&sides[0], &sides[1]], [&left, &right], span);
                staged.unwrap_or_else(|| operators::binary(operator, &left, &right, span))
            }
            ExprKind::Conditional(conditional) => {
                let condition = self.value(&conditional.condition, bound);
                if let Kind::Bool(holds) = condition.kind
                    && asks_for_file(&conditional.condition)
                {
                    // The file that is not there is not opened.
                    let taken = self.value(if holds { &conditional.yes } else { &conditional.no }, bound);
                    return Value { span, ..taken.marked(condition.marks) };
                }
                let (yes, no) = (self.value(&conditional.yes, bound), self.value(&conditional.no, bound));
                self.weigh(&[&yes, &no], span);
                operators::conditional(&condition, &yes, &no, span)
            }
        }
    }

    /// Counts values that are walked through as a whole.
    pub(super) fn weigh(self, values: &[&Value], span: Span) {
        let weight: usize = values.iter().map(|value| value.weight()).sum();
        if weight >= WEIGHT_OF_A_UNIT {
            self.names.spend(weight / WEIGHT_OF_A_UNIT, span);
        }
    }

    fn named(self, name: &str, steps: &[Step<'_>], span: Span, bound: Loops<'_>) -> Value {
        if is_of_all(name, steps) && !is_bound(name, bound) {
            return self.names.kept(steps, &mut || self.found(name, steps, span, bound));
        }
        self.found(name, steps, span, bound)
    }

    fn found(self, name: &str, steps: &[Step<'_>], span: Span, bound: Loops<'_>) -> Value {
        let (value, steps) = self.start(name, steps, span, bound);
        self.steps(value, steps, span, bound)
    }

    /// What a name is, and the steps that are left to be taken into it.
    pub(super) fn start<'s>(self, name: &str, steps: &'s [Step<'s>], span: Span, bound: Loops<'_>) -> (Value, &'s [Step<'s>]) {
        let mut inner = bound;
        while let Some(variable) = inner {
            if variable.name == name {
                return (variable.value.clone(), steps);
            }
            inner = variable.outer;
        }
        let (value, taken) = self.names.find(name, steps, span);
        (Value { span, ..value }, steps.get(taken..).unwrap_or_default())
    }

    pub(super) fn steps(self, value: Value, steps: &[Step<'_>], span: Span, bound: Loops<'_>) -> Value {
        let mut value = value;
        for (index, step) in steps.iter().enumerate() {
            let behind = || steps.get(index + 1..).unwrap_or_default();
            match step {
                Step::Attribute(name) => value = operators::attribute(&value, name.text, span),
                Step::Index(_) if stands_for_all(&value) => {}
                Step::Index(key) => {
                    let staged = self.indexed(&value, key, span);
                    value = staged.unwrap_or_else(|| operators::index(&value, &self.value(key, bound), span));
                }
                Step::Splat(_) => return self.splat(&value, behind(), span, bound),
                Step::AttributeSplat { each, .. } => {
                    let (within, behind) = behind().split_at((*each).min(behind().len()));
                    let list = self.splat(&value, within, span, bound);
                    return self.steps(list, behind, span, bound);
                }
            }
        }
        value
    }

    fn splat(self, value: &Value, steps: &[Step<'_>], span: Span, bound: Loops<'_>) -> Value {
        if let Kind::Either(branches) = &value.kind {
            let branches = branches.iter().map(|branch| self.splat(branch, steps, span, bound)).collect();
            return Value::either(branches, span).marked(value.marks);
        }
        if let Some(all) = all_items(value) {
            return self.steps(all, steps, span, bound);
        }
        let items = match &value.kind {
            // An object of the configuration that stands alone.
            Kind::Reference { .. } => Ok(vec![value.clone()]),
            _ => operators::splat_items(value),
        };
        let each = |item: Value| self.names.spend(1, span).then(|| self.steps(item, steps, span, bound));
        let items = items.map(|items| items.into_iter().map_while(each).collect());
        Value::new(items.map_or_else(|kind| kind, |items| of_parts(items, Kind::tuple)), span).marked(value.marks)
    }

    fn call(self, name: &str, arguments: &[Expr<'_>], expands_last: bool, span: Span, bound: Loops<'_>) -> Value {
        if matches!(name, "try" | "can" | "core::try" | "core::can") && !expands_last {
            return attempts::value(self, name.trim_start_matches("core::"), arguments, span, bound);
        }
        let written = arguments;
        let arguments: Vec<Value> = written.iter().map(|argument| self.value(argument, bound)).collect();
        if let Some(staged) = self.looked_up(name, written, &arguments, span) {
            return staged;
        }
        let arguments = match if expands_last { functions::expanded(arguments) } else { Ok(arguments) } {
            Ok(arguments) => arguments,
            Err(kind) => return Value::new(kind, span),
        };
        self.weigh(&arguments.iter().collect::<Vec<_>>(), span);
        if !self.names.spend(functions::cost(name, &arguments), span) {
            return Value::new(Kind::unknown("the limit on values is reached"), span);
        }
        let value = self.names.call(name, &arguments, span);
        self.weigh(&[&value], span);
        value
    }

    fn tuple(self, items: &[Expr<'_>], span: Span, bound: Loops<'_>) -> Value {
        Value::new(of_parts(items.iter().map(|item| self.value(item, bound)).collect(), Kind::tuple), span)
    }

    fn object(self, items: &[ObjectItem<'_>], span: Span, bound: Loops<'_>) -> Value {
        let mut entries = BTreeMap::new();
        for item in items {
            let value = self.value(&item.value, bound);
            if matches!(value.kind, Kind::Error(_)) {
                return Value::new(value.kind, span);
            }
            let name = self.value(&item.key, bound);
            let double = match self::key(&name) {
                Ok(key) => entries.insert(key, value),
                Err(kind) => return Value::new(kind, span),
            };
            // Two names whose known pieces are equal may still differ.
            if double.is_some() && !name.is_whole() {
                return Value::new(Kind::unknown(name.reason()), span);
            }
        }
        Value::new(Kind::object(entries), span)
    }

    pub(super) fn template(self, parts: &[Part<'_>], span: Span, bound: Loops<'_>) -> Value {
        operators::template(&self.pieces(parts, span, bound), span)
    }

    fn pieces(self, parts: &[Part<'_>], span: Span, bound: Loops<'_>) -> Vec<Value> {
        let mut all = Vec::new();
        for part in parts {
            match part {
                Part::Text(text, span) => all.push(Value::new(Kind::text(*text), *span)),
                Part::Value(value) => all.push(self.value(value, bound)),
                Part::If(directive) => {
                    let condition = self.value(&directive.condition, bound);
                    let [yes, no] = [directive.yes, directive.no].map(|parts| self.template(parts, directive.span, bound));
                    all.push(operators::conditional(&condition, &yes, &no, span));
                }
                Part::For(directive) => {
                    let collection = self.value(&directive.collection, bound);
                    let round = |bound: &Bound<'_>| all.push(self.template(directive.parts, directive.span, Some(bound)));
                    if let Err(kind) = loops::each_round(self, directive.variables, &collection, bound, round) {
                        all.push(Value::new(kind, directive.span));
                    }
                }
            }
        }
        all
    }
}

fn number(text: &str) -> Kind {
    match Decimal::parse(text) {
        Ok(number) => Kind::Number(number),
        Err(NotRead::NoNumber) => Kind::error("it is no number"),
        Err(NotRead::TooLong) => Kind::unknown("a number of more digits than are computed with"),
    }
}

/// Whether a reference is to all instances of an object of which nobody can say how many there are.
fn stands_for_all(value: &Value) -> bool {
    matches!(&value.kind, Kind::Reference { address, path } if path.is_empty() && address.ends_with("[*]"))
}

/// What stands for each item of a list that a reference names, of which nobody can say how many there are.
pub(super) fn all_items(value: &Value) -> Option<Value> {
    match &value.kind {
        Kind::Reference { .. } if stands_for_all(value) => Some(value.clone()),
        Kind::Reference { address, path } if !path.is_empty() => {
            let kind = Kind::Reference { address: address.clone(), path: format!("{path}[*]").into() };
            Some(Value { kind, ..value.clone() })
        }
        _ => None,
    }
}

/// A collection of parts; an error in one is an error of the whole.
pub(super) fn of_parts(parts: Vec<Value>, make: fn(Vec<Value>) -> Kind) -> Kind {
    let error = parts.iter().find(|part| matches!(part.kind, Kind::Error(_))).map(|part| part.kind.clone());
    error.unwrap_or_else(|| make(parts))
}

/// A value as a key of an object.
///
/// # Errors
/// What the object is: an error, or not known where the key is not.
pub(super) fn key(value: &Value) -> Result<Rc<str>, Kind> {
    match operators::piece(value)?.kind {
        Kind::Text(text) => Ok(text),
        Kind::Error(reason) => Err(Kind::Error(reason)),
        // `${module.eks.oidc_provider}:sub`: what it is about is known by how it ends.
        Kind::Joined(pieces) => Ok(pieces.iter().map(symbol).collect::<String>().into()),
        _ => Err(Kind::unknown(value.reason())),
    }
}

/// A piece of a text as a key that is not wholly known spells it.
fn symbol(piece: &Value) -> Cow<'_, str> {
    match &piece.kind {
        Kind::Text(text) => Cow::Borrowed(text),
        Kind::Reference { address, path } => Cow::Owned(format!("${{{address}{path}}}")),
        Kind::External(_, name) => Cow::Owned(format!("${{{name}}}")),
        _ => Cow::Borrowed("${?}"),
    }
}
