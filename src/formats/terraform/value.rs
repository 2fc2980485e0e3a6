//! What an expression comes to, known or not.
//!
//! A value that is not known says why; an error is a value too, so that `try`, `can` and branches that are not taken need no second
//! channel. Lists and tuples are kept apart, and so are maps and objects: equality and conversion tell them apart. Copies share what they
//! hold, and each collection knows how much is in it, whether all of it is known and which marks are in it, so that no question walks
//! through a value that shares its parts many times over.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::types::Type;
use crate::source::{MAX_DEPTH, Span};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

/// Most bytes of one text.
pub const MAX_TEXT: usize = 256 * 1024;
/// Most values in one value, those that are shared counted each time; 64 bytes of text count as one.
pub const MAX_WEIGHT: usize = 100_000;
/// Most branches of one `Either`.
pub const MAX_BRANCHES: usize = 64;

#[derive(Clone, Debug)]
pub struct Value {
    pub kind: Kind,
    /// Of the value itself; a part may have more.
    pub marks: Marks,
    /// Where it was written, or the expression that made it.
    pub span: Span,
}

/// What must not be shown, or not be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub sensitive: bool,
    pub ephemeral: bool,
}

/// Why a value is not known, or what is wrong; in lower case, without a full stop.
pub type Reason = Rc<str>;

#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(Rc<str>),
    Tuple(Items),
    List(Items),
    /// In Terraform's order, without doubles.
    Set(Items),
    Object(Entries),
    Map(Entries),
    Unknown(Reason, Option<Type>),
    /// What a resource or another object of the configuration has at a path: not known, and not null.
    Reference {
        address: Rc<str>,
        path: Rc<str>,
    },
    /// What is decided outside of the configuration, by its name.
    External(External, Rc<str>),
    /// One of these: at least two, none of them an `Either`.
    Either(Items),
    /// A text of these pieces one after another, not all of them known; two known ones never stand side by side.
    Joined(Items),
    Error(Reason),
}

/// Who decides a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum External {
    Variable,
    Data,
    RemoteState,
    Workspace,
}

/// What there is to know of a collection without walking through it.
#[derive(Clone, Copy, Debug)]
struct Summary {
    weight: usize,
    depth: usize,
    is_whole: bool,
    marks: Marks,
}

/// Values in order.
#[derive(Clone, Debug)]
pub struct Items {
    values: Rc<[Value]>,
    summary: Summary,
}

/// Values by name, in the order of the names' bytes.
#[derive(Clone, Debug)]
pub struct Entries {
    values: Rc<BTreeMap<Rc<str>, Value>>,
    summary: Summary,
}

impl Marks {
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { sensitive: self.sensitive || other.sensitive, ephemeral: self.ephemeral || other.ephemeral }
    }
}

impl Summary {
    const EMPTY: Self = Self { weight: 1, depth: 1, is_whole: true, marks: Marks { sensitive: false, ephemeral: false } };

    /// The summary of a collection; what is beyond the limits is not known.
    fn of<'v>(parts: impl Iterator<Item = &'v Value>) -> Result<Self, Kind> {
        let summary = parts.map(Value::summary).fold(Self::EMPTY, |all, part| Self {
            weight: all.weight + part.weight,
            depth: all.depth.max(part.depth + 1),
            is_whole: all.is_whole && part.is_whole,
            marks: all.marks.and(part.marks),
        });
        if summary.weight > MAX_WEIGHT || summary.depth > MAX_DEPTH {
            return Err(Kind::unknown(format!("more than {MAX_WEIGHT} values or {MAX_DEPTH} levels in one value")));
        }
        Ok(summary)
    }
}

impl Items {
    /// # Errors
    /// The unknown value that stands for what is beyond the limits.
    pub fn new(values: Vec<Value>) -> Result<Self, Kind> {
        let summary = Summary::of(values.iter())?;
        Ok(Self { values: values.into(), summary })
    }
}

impl Entries {
    /// # Errors
    /// The unknown value that stands for what is beyond the limits.
    pub fn new(values: BTreeMap<Rc<str>, Value>) -> Result<Self, Kind> {
        let mut summary = Summary::of(values.values())?;
        summary.weight += values.keys().map(|key| key.len() / 64).sum::<usize>();
        summary.is_whole &= !values.keys().any(|key| is_symbolic(key));
        Ok(Self { values: Rc::new(values), summary })
    }
}

impl Entries {
    /// Whether one of the names is not wholly known, so that it may be any other.
    pub fn hide_names(&self) -> bool {
        !self.summary.is_whole && self.values.keys().any(|key| is_symbolic(key))
    }
}

/// Whether a name has a piece in it that is not known: `${module.eks.oidc_provider}:sub`.
fn is_symbolic(key: &str) -> bool {
    key.contains("${")
}

impl Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.values
    }
}

impl Deref for Entries {
    type Target = BTreeMap<Rc<str>, Value>;

    fn deref(&self) -> &BTreeMap<Rc<str>, Value> {
        &self.values
    }
}

impl Kind {
    pub fn unknown(reason: impl Into<Reason>) -> Self {
        Self::Unknown(reason.into(), None)
    }

    /// Whether a reference is to one thing and no list of things, by its name: attributes that are lists are in the plural, `.arns`,
    /// `.subnet_ids`. What a module calls its outputs says nothing.
    #[must_use]
    pub fn is_one_thing(&self) -> bool {
        match self {
            Self::Reference { address, path } => {
                let is_plural = path.is_empty() || path.ends_with(['s', ']']);
                !is_plural
                    && !path.contains('[')
                    && !address.contains("[*]")
                    && address.rsplit('.').nth(1).is_none_or(|part| part != "module")
            }
            _ => false,
        }
    }

    pub fn error(reason: impl Into<Reason>) -> Self {
        Self::Error(reason.into())
    }

    /// A text; one that is too long is not known.
    pub fn text(text: impl Into<Rc<str>>) -> Self {
        let text = text.into();
        if text.len() > MAX_TEXT { Self::Unknown(too_long(), Some(Type::Text)) } else { Self::Text(text) }
    }

    pub fn tuple(values: Vec<Value>) -> Self {
        Items::new(values).map_or_else(|limit| limit, Self::Tuple)
    }

    pub fn list(values: Vec<Value>) -> Self {
        Items::new(values).map_or_else(|limit| limit, Self::List)
    }

    pub fn object(values: BTreeMap<Rc<str>, Value>) -> Self {
        Entries::new(values).map_or_else(|limit| limit, Self::Object)
    }

    pub fn map(values: BTreeMap<Rc<str>, Value>) -> Self {
        Entries::new(values).map_or_else(|limit| limit, Self::Map)
    }

    /// One of several values. An error is no branch, because a run that comes to it stops; with no other branch it is the answer.
    pub fn either(branches: Vec<Value>) -> Self {
        let mut flat: Vec<Value> = Vec::new();
        let mut error = None;
        for branch in branches {
            match branch.kind {
                Self::Either(inner) => flat.extend(inner.iter().map(|value| value.clone().marked(branch.marks))),
                Self::Error(reason) => error = error.or(Some(reason)),
                _ => flat.push(branch),
            }
        }
        let mut at = 0;
        while let Some(branch) = flat.get(at) {
            // Of what is plainly the same, once is enough.
            let is_double =
                flat.iter().take(at.min(MAX_BRANCHES)).any(|other| other.marks == branch.marks && is_same(&other.kind, &branch.kind));
            if is_double {
                flat.remove(at);
            } else {
                at += 1;
            }
        }
        match (flat.len(), flat.pop()) {
            (0 | 1, Some(only)) => only.kind,
            (count, Some(_)) if count > MAX_BRANCHES => Self::unknown(format!("one of more than {MAX_BRANCHES} values")),
            (_, Some(last)) => {
                flat.push(last);
                Items::new(flat).map_or_else(|limit| limit, Self::Either)
            }
            (_, None) => Self::Error(error.unwrap_or_else(|| "there is no value to choose".into())),
        }
    }

    /// The texts one after another; a `Text` where all are known.
    pub fn joined(pieces: impl IntoIterator<Item = Value>) -> Self {
        let mut flat: Vec<Value> = Vec::new();
        let mut length = 0;
        for piece in pieces {
            let inner = match &piece.kind {
                Self::Joined(inner) => inner.to_vec(),
                _ => vec![piece],
            };
            for piece in inner {
                let Self::Text(text) = &piece.kind else {
                    flat.push(piece);
                    continue;
                };
                length += text.len();
                if length > MAX_TEXT {
                    return Self::Unknown(too_long(), Some(Type::Text));
                }
                flat.push(piece);
            }
        }
        let mut run = String::new();
        let mut merged: Vec<Value> = Vec::new();
        let mut first: Option<Value> = None;
        for piece in flat {
            if let Self::Text(text) = &piece.kind {
                run.push_str(text);
                first.get_or_insert(piece);
            } else {
                merged.extend(first.take().map(|first| Value { kind: Self::Text(std::mem::take(&mut run).into()), ..first }));
                merged.push(piece);
            }
        }
        if merged.is_empty() {
            return Self::Text(run.into());
        }
        merged.extend(first.map(|first| Value { kind: Self::Text(run.into()), ..first }));
        merged.retain(|piece| !matches!(&piece.kind, Self::Text(text) if text.is_empty()));
        Items::new(merged).map_or_else(|limit| limit, Self::Joined)
    }
}

/// Whether two values that are no collections are the same.
fn is_same(one: &Kind, other: &Kind) -> bool {
    match (one, other) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(one), Kind::Bool(other)) => one == other,
        (Kind::Number(one), Kind::Number(other)) => one.compare(*other) == Some(Ordering::Equal),
        (Kind::Text(one), Kind::Text(other)) => one == other,
        (Kind::Reference { address, path }, Kind::Reference { address: other, path: other_path }) => address == other && path == other_path,
        (Kind::External(_, one), Kind::External(_, other)) => one == other,
        _ => false,
    }
}

fn too_long() -> Reason {
    format!("a text of more than {MAX_TEXT} bytes").into()
}

impl Value {
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { kind, marks: Marks::default(), span }
    }

    /// One of several values; where one is left, with the marks of all.
    pub fn either(branches: Vec<Self>, span: Span) -> Self {
        let marks = branches.iter().fold(Marks::default(), |marks, branch| marks.and(branch.marks));
        match Kind::either(branches) {
            kind @ Kind::Either(_) => Self::new(kind, span),
            kind => Self { kind, marks, span },
        }
    }

    /// With these marks too.
    #[must_use]
    pub fn marked(mut self, marks: Marks) -> Self {
        self.marks = self.marks.and(marks);
        self
    }

    /// Its own marks and those of all parts.
    pub fn all_marks(&self) -> Marks {
        self.summary().marks
    }

    /// Whether it and all of its parts are known.
    pub fn is_whole(&self) -> bool {
        self.summary().is_whole
    }

    /// Whether it is known itself; its parts need not be.
    pub fn is_known(&self) -> bool {
        match self.kind {
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Tuple(_)
            | Kind::List(_)
            | Kind::Set(_)
            | Kind::Object(_)
            | Kind::Map(_) => true,
            Kind::Unknown(..) | Kind::Reference { .. } | Kind::External(..) | Kind::Either(_) | Kind::Joined(_) | Kind::Error(_) => false,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Why it, or the first of its parts that is not known, is not known.
    pub fn reason(&self) -> Reason {
        match &self.kind {
            Kind::Unknown(reason, _) | Kind::Error(reason) => reason.clone(),
            Kind::Reference { address, path } => format!("depends on {address}{path}").into(),
            Kind::External(_, name) => format!("depends on {name}").into(),
            Kind::Either(_) => "is one of several values".into(),
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) | Kind::Joined(items) => Self::reason_in(items.iter()),
            Kind::Object(entries) | Kind::Map(entries) if entries.hide_names() => "a name in it is not known".into(),
            Kind::Object(entries) | Kind::Map(entries) => Self::reason_in(entries.values()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => "is known".into(),
        }
    }

    fn reason_in<'v>(mut parts: impl Iterator<Item = &'v Self>) -> Reason {
        parts.find(|part| !part.is_whole()).map_or_else(|| "is known".into(), Self::reason)
    }

    /// How many values are in it, itself included; those that are shared are counted each time.
    pub fn weight(&self) -> usize {
        self.summary().weight
    }

    fn summary(&self) -> Summary {
        let inner = match &self.kind {
            Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => items.summary,
            Kind::Object(entries) | Kind::Map(entries) => entries.summary,
            Kind::Either(items) | Kind::Joined(items) => Summary { is_whole: false, ..items.summary },
            Kind::Text(text) => Summary { weight: 1 + text.len() / 64, ..Summary::EMPTY },
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => Summary::EMPTY,
            Kind::Unknown(..) | Kind::Reference { .. } | Kind::External(..) | Kind::Error(_) => {
                Summary { is_whole: false, ..Summary::EMPTY }
            }
        };
        Summary { marks: inner.marks.and(self.marks), ..inner }
    }
}
