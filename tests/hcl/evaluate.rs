//! Expressions with names that a test gives, and values as texts.

use astride::formats::terraform::expression::{self, Names};
use astride::formats::terraform::functions;
use astride::formats::terraform::value::{Kind, Value};
use astride::source::Span;
use astride::syntax::hcl::tree::{Expr, Step};

struct Given<'g>(&'g [(&'g str, Value)]);

impl Names for Given<'_> {
    fn find(&self, name: &str, _: &[Step<'_>], _: Span) -> (Value, usize) {
        (self.0.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name}")).1.clone(), 0)
    }
}

/// The value of an expression; names that are not those of a `for` are looked up among those given.
#[allow(dead_code, reason = "not each test file evaluates single expressions")]
pub(crate) fn value(expr: &Expr<'_>, names: &[(&str, Value)]) -> Value {
    expression::evaluate(expr, &Given(names))
}

/// A value as JSON, by way of the function that makes it.
pub(crate) fn json(value: &Value) -> Option<String> {
    match functions::call("jsonencode", std::slice::from_ref(value), value.span).kind {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Error(_) => None,
        other => panic!("{other:?}"),
    }
}

/// A value in one line: `?` for what is not known, `$` before a sensitive one.
#[allow(dead_code, reason = "not each test file shows values")]
pub(crate) fn shown(value: &Value) -> String {
    let list = |items: &[Value]| items.iter().map(shown).collect::<Vec<_>>().join(", ");
    let sign = if value.marks.sensitive { "$" } else { "" };
    let text = match &value.kind {
        Kind::Unknown(reason, _) => format!("?({reason})"),
        Kind::Reference { address, path } => format!("{address}{path}"),
        Kind::External(_, name) => name.to_string(),
        Kind::Either(branches) => format!("either({})", list(branches)),
        Kind::Joined(pieces) => format!("joined({})", list(pieces)),
        Kind::Error(_) => "error".to_owned(),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => format!("[{}]", list(items)),
        Kind::Object(entries) | Kind::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {}", shown(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => json(value).unwrap(),
    };
    format!("{sign}{text}")
}
