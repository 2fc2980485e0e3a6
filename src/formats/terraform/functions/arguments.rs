//! A row of the table of functions, and the arguments as a function gets them.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::types::Type;
use crate::formats::terraform::value::{Entries, Items, Kind, Marks, Value};
use crate::source::Span;
use std::rc::Rc;

/// What must be known of the arguments before a function is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// All of them.
    Whole,
    /// The arguments themselves; their parts go into the result as they are.
    Shape,
    /// Nothing; the function makes a text in which all marks count.
    Pieces,
    /// Nothing; the function passes on parts with their marks.
    Parts,
    /// Nothing, and it gets errors too.
    Raw,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Param {
    is: Is,
    pub(super) takes_null: bool,
}

#[derive(Clone, Copy, Debug)]
enum Is {
    Any,
    Bool,
    Number,
    Text,
    List,
    Texts,
    Numbers,
    Bools,
    Set,
    TextLists,
}

#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    takes: &'static [Param],
    /// How many of them may be left out.
    optional: usize,
    /// Any number of these behind them.
    rest: Option<Param>,
    pub(super) needs: Needs,
    /// From which argument on each may be an empty collection, for all that is known: what the others hold is then all that there is.
    pub(super) gathers_from: Option<usize>,
    pub(super) marks: fn(Marks) -> Marks,
    pub(super) run: Run,
}

#[derive(Clone, Copy)]
pub(super) enum Run {
    /// It makes a value.
    Makes(fn(&Arguments<'_>) -> Outcome),
    /// It picks one of the values that it was given, which keeps its marks.
    Picks(fn(&Arguments<'_>) -> Result<Value, Kind>),
}

const fn param(is: Is) -> Param {
    Param { is, takes_null: false }
}

pub(super) const ANY: Param = param(Is::Any);
pub(super) const NULLABLE: Param = Param { is: Is::Any, takes_null: true };
pub(super) const TEXT: Param = param(Is::Text);
pub(super) const NUMBER: Param = param(Is::Number);
pub(super) const LIST: Param = param(Is::List);
pub(super) const TEXTS: Param = param(Is::Texts);
pub(super) const NUMBERS: Param = param(Is::Numbers);
pub(super) const BOOLS: Param = param(Is::Bools);
pub(super) const SET: Param = param(Is::Set);
pub(super) const TEXT_LISTS: Param = param(Is::TextLists);
pub(super) const AS_BOOL: Param = Param { is: Is::Bool, takes_null: true };
pub(super) const AS_NUMBER: Param = Param { is: Is::Number, takes_null: true };
pub(super) const AS_TEXT: Param = Param { is: Is::Text, takes_null: true };

impl Param {
    /// The type to which an argument is converted.
    pub(super) fn wanted(self) -> Option<Type> {
        let list = |element| Some(Type::List(Box::new(element)));
        match self.is {
            Is::Any => None,
            Is::Bool => Some(Type::Bool),
            Is::Number => Some(Type::Number),
            Is::Text => Some(Type::Text),
            Is::List => list(Type::Any),
            Is::Texts => list(Type::Text),
            Is::Numbers => list(Type::Number),
            Is::Bools => list(Type::Bool),
            Is::Set => Some(Type::Set(Box::new(Type::Any))),
            Is::TextLists => Some(Type::Map(Box::new(Type::List(Box::new(Type::Text))))),
        }
    }
}

pub(super) const fn row(name: &'static str, takes: &'static [Param], run: fn(&Arguments<'_>) -> Outcome) -> Function {
    plain(name, takes, Run::Makes(run))
}

pub(super) const fn picks(name: &'static str, takes: &'static [Param], pick: fn(&Arguments<'_>) -> Result<Value, Kind>) -> Function {
    plain(name, takes, Run::Picks(pick))
}

const fn plain(name: &'static str, takes: &'static [Param], run: Run) -> Function {
    Function { name, takes, optional: 0, rest: None, needs: Needs::Whole, gathers_from: None, marks: |marks| marks, run }
}

impl Function {
    pub(super) const fn rest(self, rest: Param) -> Self {
        Self { rest: Some(rest), ..self }
    }

    pub(super) const fn optional(self, optional: usize) -> Self {
        Self { optional, ..self }
    }

    pub(super) const fn needs(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }

    pub(super) const fn gathers_from(self, index: usize) -> Self {
        Self { gathers_from: Some(index), ..self }
    }

    pub(super) const fn marks(self, marks: fn(Marks) -> Marks) -> Self {
        Self { marks, ..self }
    }

    pub(super) fn takes_count(&self, count: usize) -> bool {
        count + self.optional >= self.takes.len() && (self.rest.is_some() || count <= self.takes.len())
    }

    pub(super) fn param(&self, index: usize) -> Param {
        self.takes.get(index).copied().or(self.rest).unwrap_or(NULLABLE)
    }
}

/// The arguments of one call, converted to what the table says.
#[derive(Clone, Copy)]
pub(super) struct Arguments<'v> {
    pub(super) values: &'v [Value],
    pub(super) span: Span,
}

impl<'v> Arguments<'v> {
    /// A value that the call makes.
    pub(super) fn make(&self, kind: Kind) -> Value {
        Value::new(kind, self.span)
    }

    pub(super) fn texts_made(&self, texts: impl IntoIterator<Item = impl Into<Rc<str>>>) -> Kind {
        Kind::list(texts.into_iter().map(|text| self.make(Kind::text(text))).collect())
    }

    pub(super) fn get(&self, index: usize) -> Result<&'v Value, Kind> {
        self.values.get(index).ok_or_else(|| Kind::error("an argument is missing"))
    }

    pub(super) fn text(&self, index: usize) -> Result<&'v str, Kind> {
        text(self.get(index)?)
    }

    pub(super) fn number(&self, index: usize) -> Result<Decimal, Kind> {
        match &self.get(index)?.kind {
            Kind::Number(number) => Ok(*number),
            _ => Err(required("a number", self.get(index)?)),
        }
    }

    pub(super) fn integer(&self, index: usize) -> Result<i128, Kind> {
        self.number(index)?.to_integer().ok_or_else(|| Kind::error("a whole number is required"))
    }

    /// The items of a list, a tuple or a set.
    pub(super) fn items(&self, index: usize) -> Result<&'v Items, Kind> {
        items(self.get(index)?)
    }

    /// The items of a list or a tuple.
    pub(super) fn sequence(&self, index: usize) -> Result<&'v Items, Kind> {
        match &self.get(index)?.kind {
            Kind::Tuple(items) | Kind::List(items) => Ok(items),
            _ => Err(required("a list", self.get(index)?)),
        }
    }

    pub(super) fn entries(&self, index: usize) -> Result<&'v Entries, Kind> {
        entries(self.get(index)?)
    }
}

/// What a call comes to for which a value is something else. One that is not known may be what is required.
fn required(what: &str, value: &Value) -> Kind {
    match &value.kind {
        Kind::Error(_) => value.kind.clone(),
        _ if value.is_known() => Kind::error(format!("{what} is required")),
        _ => Kind::unknown(value.reason()),
    }
}

pub(super) fn text(value: &Value) -> Result<&str, Kind> {
    match &value.kind {
        Kind::Text(text) => Ok(text),
        Kind::Null => Err(Kind::error("null is no string")),
        _ => Err(required("a string", value)),
    }
}

pub(super) fn items(value: &Value) -> Result<&Items, Kind> {
    match &value.kind {
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => Ok(items),
        _ => Err(required("a list, a tuple or a set", value)),
    }
}

pub(super) fn entries(value: &Value) -> Result<&Entries, Kind> {
    match &value.kind {
        Kind::Object(entries) | Kind::Map(entries) => Ok(entries),
        _ => Err(required("a map or an object", value)),
    }
}
