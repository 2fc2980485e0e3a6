//! The type that a variable declares, with the defaults of optional attributes.
//!
//! <https://developer.hashicorp.com/terraform/language/expressions/type-constraints> (2026-11-28).

use crate::formats::terraform::expression::{Names, evaluate};
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Kind, Value};
use crate::source::Span;
use crate::syntax::hcl::tree::{Expr, ExprKind, Step};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) enum Constraint {
    Plain(Type),
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Tuple(Vec<Self>),
    Object(BTreeMap<Rc<str>, Attribute>),
}

#[derive(Clone, Debug)]
pub(super) struct Attribute {
    constraint: Constraint,
    is_optional: bool,
    default: Option<Value>,
}

/// Names in a place where there are none.
pub(super) struct NoNames;

impl Names for NoNames {
    fn find(&self, name: &str, _: &[Step<'_>], span: Span) -> (Value, usize) {
        (Value::new(Kind::error(format!("`{name}` cannot be used here")), span), 0)
    }
}

impl Constraint {
    /// `None` where the expression is no type.
    pub(super) fn of(expr: &Expr<'_>) -> Option<Self> {
        match expr.kind {
            ExprKind::Variable(name) => Self::named(name),
            ExprKind::Text(name) => Self::named(name),
            ExprKind::Call(call) => match (call.name.text, call.arguments) {
                ("list", [element]) => Some(Self::List(Box::new(Self::of(element)?))),
                ("set", [element]) => Some(Self::Set(Box::new(Self::of(element)?))),
                ("map", [element]) => Some(Self::Map(Box::new(Self::of(element)?))),
                ("tuple", [Expr { kind: ExprKind::Tuple(elements), .. }]) => {
                    Some(Self::Tuple(elements.iter().map(Self::of).collect::<Option<_>>()?))
                }
                ("object", [Expr { kind: ExprKind::Object(items), .. }]) => {
                    let attribute = |key: &Expr<'_>, value| Some((Rc::from(key.text()?), Attribute::of(value)?));
                    Some(Self::Object(items.iter().map(|item| attribute(&item.key, &item.value)).collect::<Option<_>>()?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn named(name: &str) -> Option<Self> {
        let any = || Box::new(Self::Plain(Type::Any));
        match name {
            "string" => Some(Self::Plain(Type::Text)),
            "number" => Some(Self::Plain(Type::Number)),
            "bool" => Some(Self::Plain(Type::Bool)),
            "any" => Some(Self::Plain(Type::Any)),
            "list" => Some(Self::List(any())),
            "set" => Some(Self::Set(any())),
            "map" => Some(Self::Map(any())),
            _ => None,
        }
    }

    /// A value as one of this type, defaults filled in. What is not known stays as it is.
    ///
    /// # Errors
    /// What to put in its place.
    pub(super) fn apply(&self, value: &Value) -> Result<Value, Kind> {
        convert(&self.filled(value), &self.plain())
    }

    fn plain(&self) -> Type {
        match self {
            Self::Plain(plain) => plain.clone(),
            Self::List(element) => Type::List(Box::new(element.plain())),
            Self::Set(element) => Type::Set(Box::new(element.plain())),
            Self::Map(element) => Type::Map(Box::new(element.plain())),
            Self::Tuple(elements) => Type::Tuple(elements.iter().map(Self::plain).collect()),
            Self::Object(attributes) => {
                Type::Object(attributes.iter().map(|(name, attribute)| (name.clone(), attribute.constraint.plain())).collect())
            }
        }
    }

    fn has_defaults(&self) -> bool {
        match self {
            Self::Plain(_) => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_defaults(),
            Self::Tuple(elements) => elements.iter().any(Self::has_defaults),
            Self::Object(attributes) => attributes.values().any(|attribute| attribute.is_optional || attribute.constraint.has_defaults()),
        }
    }

    /// With the defaults of attributes that are absent or null.
    fn filled(&self, value: &Value) -> Value {
        if !self.has_defaults() {
            return value.clone();
        }
        let kind = match (self, &value.kind) {
            (_, Kind::Either(branches)) => Kind::either(branches.iter().map(|branch| self.filled(branch)).collect()),
            (Self::List(element) | Self::Set(element), Kind::Tuple(items)) => Kind::tuple(element.filled_each(items)),
            (Self::List(element) | Self::Set(element), Kind::List(items) | Kind::Set(items)) => Kind::tuple(element.filled_each(items)),
            (Self::Tuple(elements), Kind::Tuple(items) | Kind::List(items)) if elements.len() == items.len() => {
                Kind::tuple(elements.iter().zip(items.iter()).map(|(element, item)| element.filled(item)).collect())
            }
            (Self::Map(element), Kind::Object(entries) | Kind::Map(entries)) => {
                Kind::object(entries.iter().map(|(key, value)| (key.clone(), element.filled(value))).collect())
            }
            (Self::Object(attributes), Kind::Object(entries) | Kind::Map(entries)) => {
                let mut filled = (**entries).clone();
                for (name, attribute) in attributes {
                    attribute.fill(name, &mut filled, value.span);
                }
                Kind::object(filled)
            }
            _ => return value.clone(),
        };
        Value { kind, ..value.clone() }
    }

    fn filled_each(&self, items: &[Value]) -> Vec<Value> {
        items.iter().map(|item| self.filled(item)).collect()
    }
}

impl Attribute {
    fn of(expr: &Expr<'_>) -> Option<Self> {
        let ExprKind::Call(call) = expr.kind else {
            return Some(Self { constraint: Constraint::of(expr)?, is_optional: false, default: None });
        };
        match (call.name.text, call.arguments) {
            ("optional", [constraint]) => Some(Self { constraint: Constraint::of(constraint)?, is_optional: true, default: None }),
            ("optional", [constraint, default]) => {
                Some(Self { constraint: Constraint::of(constraint)?, is_optional: true, default: Some(evaluate(default, &NoNames)) })
            }
            _ => Some(Self { constraint: Constraint::of(expr)?, is_optional: false, default: None }),
        }
    }

    fn fill(&self, name: &Rc<str>, entries: &mut BTreeMap<Rc<str>, Value>, span: Span) {
        match entries.get_mut(name) {
            Some(value) if !value.is_null() => *value = self.constraint.filled(value),
            Some(value) => {
                if let Some(default) = &self.default {
                    *value = self.constraint.filled(default);
                }
            }
            None if self.is_optional => {
                let default = self.default.as_ref().map(|default| self.constraint.filled(default));
                entries.insert(name.clone(), default.unwrap_or(Value::new(Kind::Null, span)));
            }
            None => {}
        }
    }
}
