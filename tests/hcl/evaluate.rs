//! What an expression without references comes to: the least that holds trees, operators and functions to recorded answers of Terraform.

use astride::formats::terraform::functions;
use astride::formats::terraform::operators;
use astride::formats::terraform::value::{Kind, Value};
use astride::source::Span;
use astride::syntax::hcl::tree::{Expr, ExprKind, For, Part, Step, Variables};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The variables of the `for` expressions around, innermost last.
type Scope = Vec<(String, Value)>;

/// The value of an expression; names that are not those of a `for` are looked up among those given.
pub(crate) fn value(expr: &Expr<'_>, names: &[(&str, Value)]) -> Value {
    evaluate(expr, &mut names.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

/// A value as JSON, by way of the function that makes it.
pub(crate) fn json(value: &Value) -> Option<String> {
    match functions::call("jsonencode", std::slice::from_ref(value), value.span).kind {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Error(_) => None,
        other => panic!("{other:?}"),
    }
}

fn evaluate(expr: &Expr<'_>, scope: &mut Scope) -> Value {
    let span = expr.span;
    let kind = match expr.kind {
        ExprKind::Null => Kind::Null,
        ExprKind::Bool(flag) => Kind::Bool(flag),
        ExprKind::Number(number) => return functions::call("tonumber", &[Value::new(Kind::text(number), span)], span),
        ExprKind::Text(text) => Kind::text(text),
        ExprKind::Template([Part::Value(only)]) => return evaluate(only, scope),
        ExprKind::Template(parts) => return operators::template(&pieces(parts, span, scope), span),
        ExprKind::Variable(name) => return scope.iter().rev().find(|(known, _)| known == name).unwrap().1.clone(),
        ExprKind::Traversal(traversal) => return stepped(evaluate(&traversal.source, scope), traversal.steps, span, scope),
        ExprKind::Call(call) => {
            let arguments: Vec<Value> = call.arguments.iter().map(|argument| evaluate(argument, scope)).collect();
            let arguments = if call.expands_last { functions::expanded(arguments) } else { Ok(arguments) };
            return arguments.map_or_else(|kind| Value::new(kind, span), |arguments| functions::call(call.name.text, &arguments, span));
        }
        ExprKind::Tuple(items) => of_parts(items.iter().map(|item| evaluate(item, scope)).collect(), Kind::tuple),
        ExprKind::Object(items) => {
            let items = items.iter().map(|item| (evaluate(&item.key, scope), evaluate(&item.value, scope))).collect();
            object(items).unwrap_or_else(|kind| kind)
        }
        ExprKind::For(made) => result(made, span, scope).unwrap_or_else(|kind| kind),
        ExprKind::Unary(operator, operand) => return operators::unary(operator, &evaluate(operand, scope), span),
        ExprKind::Binary(operator, [left, right]) => {
            return operators::binary(operator, &evaluate(left, scope), &evaluate(right, scope), span);
        }
        ExprKind::Conditional(conditional) => {
            let [condition, yes, no] = [conditional.condition, conditional.yes, conditional.no].map(|part| evaluate(&part, scope));
            return operators::conditional(&condition, &yes, &no, span);
        }
        ExprKind::Unreadable => panic!("it could not be read"),
    };
    Value::new(kind, span)
}

/// A collection of parts; an error in one is an error of the whole.
fn of_parts(parts: Vec<Value>, make: fn(Vec<Value>) -> Kind) -> Kind {
    let error = parts.iter().find(|part| matches!(part.kind, Kind::Error(_))).map(|part| part.kind.clone());
    error.unwrap_or_else(|| make(parts))
}

fn name(key: &Value) -> Result<Rc<str>, Kind> {
    match operators::piece(key)?.kind {
        Kind::Text(text) => Ok(text),
        other => Err(other),
    }
}

fn object(items: Vec<(Value, Value)>) -> Result<Kind, Kind> {
    let mut entries = BTreeMap::new();
    for (key, value) in items {
        if matches!(value.kind, Kind::Error(_)) {
            return Err(value.kind);
        }
        entries.insert(name(&key)?, value);
    }
    Ok(Kind::object(entries))
}

fn result(made: &For<'_>, span: Span, scope: &mut Scope) -> Result<Kind, Kind> {
    let collection = evaluate(&made.collection, scope);
    let mut list = Vec::new();
    let mut groups: BTreeMap<Rc<str>, Vec<Value>> = BTreeMap::new();
    for scope in &mut scopes(made.variables, &collection, scope)? {
        let condition = made.condition.map_or(Value::new(Kind::Bool(true), span), |condition| evaluate(&condition, scope));
        match functions::call("tobool", &[condition], span).kind {
            Kind::Bool(false) => continue,
            Kind::Bool(true) => {}
            other => return Err(other),
        }
        let value = evaluate(&made.value, scope);
        match made.key.map(|key| name(&evaluate(&key, scope))).transpose()? {
            None => list.push(value),
            Some(key) => groups.entry(key).or_default().push(value),
        }
    }
    if made.key.is_none() {
        return Ok(of_parts(list, Kind::tuple));
    }
    if made.groups {
        return Ok(Kind::object(groups.into_iter().map(|(key, group)| (key, Value::new(Kind::tuple(group), span))).collect()));
    }
    if groups.values().any(|group| group.len() > 1) {
        return Err(Kind::error("two items have the same key"));
    }
    Ok(Kind::object(groups.into_iter().map(|(key, mut group)| (key, group.remove(0))).collect()))
}

/// The scope of each round through a collection.
fn scopes(variables: Variables<'_>, collection: &Value, scope: &Scope) -> Result<Vec<Scope>, Kind> {
    let at = |kind| Value::new(kind, collection.span);
    let pairs: Vec<(Value, Value)> = match &collection.kind {
        Kind::Object(entries) | Kind::Map(entries) => {
            entries.iter().map(|(key, value)| (at(Kind::text(key.clone())), value.clone())).collect()
        }
        Kind::Tuple(items) | Kind::List(items) => {
            items.iter().enumerate().map(|(index, value)| (at(Kind::Number(index.into())), value.clone())).collect()
        }
        Kind::Set(items) => items.iter().map(|value| (value.clone(), value.clone())).collect(),
        _ if collection.is_known() => return Err(Kind::error("there is nothing to go through")),
        _ => return Err(Kind::unknown(collection.reason())),
    };
    let inner = |(key, value): (Value, Value)| {
        let names = variables.key.map(|name| (name.text.to_owned(), key)).into_iter().chain([(variables.value.text.to_owned(), value)]);
        scope.iter().cloned().chain(names).collect()
    };
    Ok(pairs.into_iter().map(inner).collect())
}

fn stepped(value: Value, steps: &[Step<'_>], span: Span, scope: &mut Scope) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value };
    match step {
        Step::Attribute(name) => stepped(operators::attribute(&value, name.text, span), rest, span, scope),
        Step::Index(key) => {
            let key = evaluate(key, scope);
            stepped(operators::index(&value, &key, span), rest, span, scope)
        }
        Step::Splat(_) => splat(&value, rest, span, scope),
        Step::AttributeSplat { each, .. } => {
            let (within, behind) = rest.split_at(*each);
            let list = splat(&value, within, span, scope);
            stepped(list, behind, span, scope)
        }
    }
}

fn splat(value: &Value, steps: &[Step<'_>], span: Span, scope: &mut Scope) -> Value {
    let items = operators::splat_items(value).map(|items| items.into_iter().map(|item| stepped(item, steps, span, scope)).collect());
    Value::new(items.map_or_else(|kind| kind, |items| of_parts(items, Kind::tuple)), span)
}

fn pieces(parts: &[Part<'_>], span: Span, scope: &mut Scope) -> Vec<Value> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Text(text, span) => all.push(Value::new(Kind::text(*text), *span)),
            Part::Value(value) => all.push(evaluate(value, scope)),
            Part::If(directive) => {
                let condition = evaluate(&directive.condition, scope);
                let [yes, no] = [directive.yes, directive.no].map(|parts| operators::template(&pieces(parts, span, scope), span));
                all.push(operators::conditional(&condition, &yes, &no, span));
            }
            Part::For(directive) => {
                let collection = evaluate(&directive.collection, scope);
                match scopes(directive.variables, &collection, scope) {
                    Ok(mut scopes) => all.extend(scopes.iter_mut().flat_map(|scope| pieces(directive.parts, span, scope))),
                    Err(kind) => all.push(Value::new(kind, span)),
                }
            }
        }
    }
    all
}
