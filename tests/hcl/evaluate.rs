//! What an expression without references is, as JSON: enough to hold trees to recorded answers of Terraform.

use astride::syntax::hcl::tree::{BinaryOperator, Expr, ExprKind, Part, Step, UnaryOperator, Variables};
use serde_json::{Map, Value, json};

/// The variables of the `for` expressions around, innermost last.
type Scope = Vec<(String, Value)>;

pub(crate) fn value(expr: &Expr<'_>) -> Value {
    evaluate(expr, &mut Scope::new())
}

fn evaluate(expr: &Expr<'_>, scope: &mut Scope) -> Value {
    match expr.kind {
        ExprKind::Null => Value::Null,
        ExprKind::Bool(flag) => json!(flag),
        ExprKind::Number(number) => json!(number.parse::<f64>().unwrap()),
        ExprKind::Text(text) => json!(text),
        ExprKind::Template([Part::Value(only)]) => evaluate(only, scope),
        ExprKind::Template(parts) => json!(rendered(parts, scope)),
        ExprKind::Variable(name) => scope.iter().rev().find(|(known, _)| known == name).unwrap().1.clone(),
        ExprKind::Traversal(traversal) => stepped(evaluate(&traversal.source, scope), traversal.steps, scope),
        ExprKind::Call(call) => {
            assert!(call.name.text == "max" && call.expands_last);
            let numbers = evaluate(&call.arguments[0], scope);
            json!(items(&numbers).iter().map(number).fold(f64::MIN, f64::max))
        }
        ExprKind::Tuple(items) => items.iter().map(|item| evaluate(item, scope)).collect(),
        ExprKind::Object(items) => {
            Value::Object(items.iter().map(|item| (text(&evaluate(&item.key, scope)), evaluate(&item.value, scope))).collect())
        }
        ExprKind::For(made) => {
            let collection = evaluate(&made.collection, scope);
            let (mut list, mut object) = (Vec::new(), Map::new());
            each(made.variables, &collection, scope, |scope| {
                if made.condition.is_some_and(|condition| evaluate(&condition, scope) != json!(true)) {
                    return;
                }
                let result = evaluate(&made.value, scope);
                match made.key.map(|key| text(&evaluate(&key, scope))) {
                    None => list.push(result),
                    Some(key) if made.groups => {
                        let group = object.entry(key).or_insert_with(|| json!([]));
                        group.as_array_mut().unwrap().push(result);
                    }
                    Some(key) => drop(object.insert(key, result)),
                }
            });
            if made.key.is_some() { Value::Object(object) } else { Value::Array(list) }
        }
        ExprKind::Unary(UnaryOperator::Negate, operand) => json!(-number(&evaluate(operand, scope))),
        ExprKind::Unary(UnaryOperator::Not, operand) => json!(evaluate(operand, scope) != json!(true)),
        ExprKind::Binary(operator, [left, right]) => binary(operator, &evaluate(left, scope), &evaluate(right, scope)),
        ExprKind::Conditional(conditional) => {
            let holds = evaluate(&conditional.condition, scope) == json!(true);
            evaluate(if holds { &conditional.yes } else { &conditional.no }, scope)
        }
        ExprKind::Unreadable => panic!("it could not be read"),
    }
}

fn binary(operator: BinaryOperator, left: &Value, right: &Value) -> Value {
    match operator {
        BinaryOperator::Or => json!(*left == json!(true) || *right == json!(true)),
        BinaryOperator::And => json!(*left == json!(true) && *right == json!(true)),
        BinaryOperator::Equal => json!(left == right),
        BinaryOperator::NotEqual => json!(left != right),
        BinaryOperator::Greater => json!(number(left) > number(right)),
        BinaryOperator::GreaterOrEqual => json!(number(left) >= number(right)),
        BinaryOperator::Less => json!(number(left) < number(right)),
        BinaryOperator::LessOrEqual => json!(number(left) <= number(right)),
        BinaryOperator::Add => json!(number(left) + number(right)),
        BinaryOperator::Subtract => json!(number(left) - number(right)),
        BinaryOperator::Multiply => json!(number(left) * number(right)),
        BinaryOperator::Divide => json!(number(left) / number(right)),
        BinaryOperator::Modulo => json!(number(left) % number(right)),
    }
}

fn stepped(value: Value, steps: &[Step<'_>], scope: &mut Scope) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value };
    match step {
        Step::Attribute(name) => stepped(value[name.text].clone(), rest, scope),
        Step::Index(key) => {
            let key = evaluate(key, scope);
            let inner = match key.as_str() {
                Some(key) => value[key].clone(),
                None => items(&value)[number(&key).round() as usize].clone(),
            };
            stepped(inner, rest, scope)
        }
        Step::Splat(_) => items(&value).iter().map(|item| stepped(item.clone(), rest, scope)).collect(),
        Step::AttributeSplat { each, .. } => {
            let (within, behind) = rest.split_at(*each);
            let list = items(&value).iter().map(|item| stepped(item.clone(), within, scope)).collect();
            stepped(list, behind, scope)
        }
    }
}

fn rendered(parts: &[Part<'_>], scope: &mut Scope) -> String {
    let mut result = String::new();
    for part in parts {
        match part {
            Part::Text(text, _) => result.push_str(text),
            Part::Value(value) => result.push_str(&text(&evaluate(value, scope))),
            Part::If(directive) => {
                let holds = evaluate(&directive.condition, scope) == json!(true);
                result.push_str(&rendered(if holds { directive.yes } else { directive.no }, scope));
            }
            Part::For(directive) => {
                let collection = evaluate(&directive.collection, scope);
                each(directive.variables, &collection, scope, |scope| result.push_str(&rendered(directive.parts, scope)));
            }
        }
    }
    result
}

fn each(variables: Variables<'_>, collection: &Value, scope: &mut Scope, mut visit: impl FnMut(&mut Scope)) {
    let pairs: Vec<(Value, Value)> = match collection {
        Value::Object(entries) => entries.iter().map(|(key, value)| (json!(key), value.clone())).collect(),
        other => items(other).iter().enumerate().map(|(index, value)| (json!(index as f64), value.clone())).collect(),
    };
    for (key, value) in pairs {
        let before = scope.len();
        scope.extend(variables.key.map(|name| (name.text.to_owned(), key)));
        scope.push((variables.value.text.to_owned(), value));
        visit(scope);
        scope.truncate(before);
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.as_f64().map_or_else(|| other.to_string(), |number| number.to_string()),
    }
}
