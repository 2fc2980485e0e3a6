//! Types, the type that several have in common, and conversion.

use crate::formats::terraform::decimal::{Decimal, NotRead};
use crate::formats::terraform::value::{Entries, Items, Kind, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Not known, or whatever it is.
    Any,
    /// Of a null without a type: it fits everywhere.
    Null,
    Bool,
    Number,
    Text,
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Tuple(Vec<Self>),
    Object(BTreeMap<Rc<str>, Self>),
}

impl Type {
    pub fn of(value: &Value) -> Self {
        let element = |items: &Items| Self::common(&items.iter().map(Self::of).collect::<Vec<_>>()).unwrap_or(Self::Any);
        match &value.kind {
            Kind::Null => Self::Null,
            Kind::Bool(_) => Self::Bool,
            Kind::Number(_) => Self::Number,
            Kind::Text(_) | Kind::Joined(_) => Self::Text,
            Kind::Tuple(items) => Self::Tuple(items.iter().map(Self::of).collect()),
            Kind::List(items) => Self::List(Box::new(element(items))),
            Kind::Set(items) => Self::Set(Box::new(element(items))),
            Kind::Object(entries) => Self::Object(entries.iter().map(|(key, value)| (key.clone(), Self::of(value))).collect()),
            Kind::Map(entries) => {
                let types: Vec<Self> = entries.values().map(Self::of).collect();
                Self::Map(Box::new(Self::common(&types).unwrap_or(Self::Any)))
            }
            Kind::Unknown(_, known) => known.clone().unwrap_or(Self::Any),
            Kind::Either(branches) => Self::common(&branches.iter().map(Self::of).collect::<Vec<_>>()).unwrap_or(Self::Any),
            Kind::Reference { .. } | Kind::External(..) | Kind::Error(_) => Self::Any,
        }
    }

    /// The type to which values of all these types can be converted without loss; `None` where there is none.
    pub fn common(types: &[Self]) -> Option<Self> {
        // A bool and a number have a string in common only where there is one.
        let text = types.iter().find(|one| **one == Self::Text);
        let mut types = types.iter().filter(|one| **one != Self::Null);
        let Some(first) = text.or_else(|| types.next()) else { return Some(Self::Null) };
        types.try_fold(first.clone(), |common, next| common.with(next))
    }

    fn with(self, other: &Self) -> Option<Self> {
        if self == *other {
            return Some(self);
        }
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => Some(Self::Any),
            (Self::Null, one) => Some(one.clone()),
            (one, Self::Null) => Some(one),
            (Self::Text, Self::Bool | Self::Number) | (Self::Bool | Self::Number, Self::Text) => Some(Self::Text),
            (Self::Set(one), Self::Set(other)) => Some(Self::Set(Box::new(one.with(other)?))),
            (Self::Tuple(one), Self::Tuple(other)) if one.len() == other.len() => {
                let each = one.iter().zip(other).map(|(one, other)| one.clone().with(other)).collect::<Option<Vec<_>>>();
                Some(Self::Tuple(each?))
            }
            (Self::Tuple(one), Self::Tuple(other)) => Self::list_of(one.iter().chain(other)),
            // Run with Terraform 1.11.4 (2026-11-29): a set and a list are a list, a set and what is written in brackets a set.
            (Self::Set(one), Self::Tuple(each)) => Self::set_of(each.iter().chain([&*one])),
            (Self::Tuple(each), Self::Set(one)) => Self::set_of(each.iter().chain([&**one])),
            (Self::Set(one), Self::List(other)) => Self::list_of([&*one, &**other].into_iter()),
            (Self::List(one), Self::Set(other)) => Self::list_of([&*one, &**other].into_iter()),
            (Self::List(one), Self::List(other)) => Some(Self::List(Box::new(one.with(other)?))),
            (Self::List(one), Self::Tuple(each)) => Self::list_of(each.iter().chain([&*one])),
            (Self::Tuple(each), Self::List(other)) => Self::list_of(each.iter().chain([&**other])),
            (Self::Object(one), Self::Object(other)) if one.keys().eq(other.keys()) => {
                let each = one.iter().zip(other.values());
                let each = each.map(|((key, one), other)| Some((key.clone(), one.clone().with(other)?)));
                let each = each.collect::<Option<BTreeMap<_, _>>>();
                Some(Self::Object(each?))
            }
            (Self::Object(one), Self::Object(other)) => Self::map_of(one.values().chain(other.values())),
            (Self::Map(one), Self::Map(other)) => Some(Self::Map(Box::new(one.with(other)?))),
            (Self::Map(one), Self::Object(each)) => Self::map_of(each.values().chain([&*one])),
            (Self::Object(each), Self::Map(other)) => Self::map_of(each.values().chain([&**other])),
            _ => None,
        }
    }

    fn list_of<'t>(elements: impl Iterator<Item = &'t Self>) -> Option<Self> {
        Some(Self::List(Box::new(Self::common(&elements.cloned().collect::<Vec<_>>())?)))
    }

    fn set_of<'t>(elements: impl Iterator<Item = &'t Self>) -> Option<Self> {
        Some(Self::Set(Box::new(Self::common(&elements.cloned().collect::<Vec<_>>())?)))
    }

    fn map_of<'t>(elements: impl Iterator<Item = &'t Self>) -> Option<Self> {
        Some(Self::Map(Box::new(Self::common(&elements.cloned().collect::<Vec<_>>())?)))
    }

    fn noun(&self) -> &'static str {
        match self {
            Self::Any | Self::Null => "any value",
            Self::Bool => "a bool",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Tuple(_) => "a tuple",
            Self::Object(_) => "an object",
        }
    }
}

/// A value as one of a type. What is not known stays as it is; parts that are not known stay in their places.
///
/// # Errors
/// What to put in its place: an error, or an unknown value where a limit was met.
pub fn convert(value: &Value, wanted: &Type) -> Result<Value, Kind> {
    let with = |kind: Kind| Ok(Value { kind, ..value.clone() });
    match (&value.kind, wanted) {
        (Kind::Error(_), _) => Err(value.kind.clone()),
        (Kind::Either(branches), _) => {
            let converted = |branch: &Value| convert(branch, wanted).unwrap_or_else(|kind| Value { kind, ..branch.clone() });
            with(Kind::either(branches.iter().map(converted).collect()))
        }
        (_, Type::Any | Type::Null) | (Kind::Null, _) => Ok(value.clone()),
        _ if !value.is_known() => Ok(value.clone()),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::Text(_), Type::Text) => Ok(value.clone()),
        (Kind::Bool(flag), Type::Text) => with(Kind::text(if *flag { "true" } else { "false" })),
        (Kind::Number(number), Type::Text) => with(text_of(*number)),
        (Kind::Text(text), Type::Bool) => match &**text {
            "true" | "1" => with(Kind::Bool(true)),
            "false" | "0" => with(Kind::Bool(false)),
            _ => Err(refused(wanted)),
        },
        (Kind::Text(text), Type::Number) => match Decimal::parse(text) {
            Ok(number) => with(Kind::Number(number)),
            Err(NotRead::NoNumber) => Err(refused(wanted)),
            Err(NotRead::TooLong) => Err(Kind::unknown("a number of more digits than are computed with")),
        },
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), Type::List(element)) => with(Kind::list(each(items, element)?)),
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), Type::Set(element)) => with(set(each(items, element)?)),
        (Kind::Tuple(items) | Kind::List(items), Type::Tuple(elements)) if items.len() == elements.len() => {
            let items = items.iter().zip(elements).map(|(item, element)| convert(item, element));
            with(Kind::tuple(items.collect::<Result<_, _>>()?))
        }
        (Kind::Object(entries) | Kind::Map(entries), Type::Map(element)) => {
            let element = element_type(entries.values(), element)?;
            let entries = entries.iter().map(|(key, value)| Ok((key.clone(), convert(value, &element)?)));
            with(Kind::map(entries.collect::<Result<_, Kind>>()?))
        }
        (Kind::Object(entries) | Kind::Map(entries), Type::Object(attributes)) => with(Kind::object(declared(entries, attributes)?)),
        _ => Err(refused(wanted)),
    }
}

fn refused(wanted: &Type) -> Kind {
    Kind::error(format!("{} is required", wanted.noun()))
}

fn text_of(number: Decimal) -> Kind {
    number.text().map_or_else(|| Kind::Unknown("a number without an end".into(), Some(Type::Text)), Kind::text)
}

fn each(items: &Items, element: &Type) -> Result<Vec<Value>, Kind> {
    let element = element_type(items.iter(), element)?;
    items.iter().map(|item| convert(item, &element)).collect()
}

/// The type of elements that was asked for; where any will do, the one that all have in common.
fn element_type<'v>(elements: impl Iterator<Item = &'v Value>, wanted: &Type) -> Result<Type, Kind> {
    if *wanted != Type::Any {
        return Ok(wanted.clone());
    }
    let types: Vec<Type> = elements.map(Type::of).collect();
    Type::common(&types).ok_or_else(|| Kind::error("all elements must be of one type"))
}

fn declared(entries: &Entries, attributes: &BTreeMap<Rc<str>, Type>) -> Result<BTreeMap<Rc<str>, Value>, Kind> {
    let attribute = |(name, wanted): (&Rc<str>, &Type)| {
        let value = entries.get(name).ok_or_else(|| Kind::error(format!("attribute \"{name}\" is required")))?;
        Ok((name.clone(), convert(value, wanted)?))
    };
    attributes.iter().map(attribute).collect()
}

/// A set of values of one type: sorted, and without those that are known to be doubles.
pub fn set(mut values: Vec<Value>) -> Kind {
    values.sort_by(order);
    values.dedup_by(|one, other| one.is_whole() && other.is_whole() && order(one, other) == Ordering::Equal);
    Items::new(values).map_or_else(|limit| limit, Kind::Set)
}

/// The order of a set: `false` before `true`, numbers by size, texts by their bytes, null last. The others are in an order that is ours.
fn order(one: &Value, other: &Value) -> Ordering {
    match (&one.kind, &other.kind) {
        (Kind::Bool(one), Kind::Bool(other)) => one.cmp(other),
        (Kind::Number(one), Kind::Number(other)) => one.compare(*other).unwrap_or(Ordering::Equal),
        (Kind::Text(one), Kind::Text(other)) => one.cmp(other),
        (Kind::Tuple(one) | Kind::List(one) | Kind::Set(one), Kind::Tuple(other) | Kind::List(other) | Kind::Set(other)) => {
            let parts = one.iter().zip(other.iter()).map(|(one, other)| order(one, other));
            parts.fold(Ordering::Equal, Ordering::then).then(one.len().cmp(&other.len()))
        }
        (Kind::Object(one) | Kind::Map(one), Kind::Object(other) | Kind::Map(other)) => {
            let keys = one.keys().cmp(other.keys());
            let parts = one.values().zip(other.values()).map(|(one, other)| order(one, other));
            parts.fold(keys, Ordering::then)
        }
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: &Value) -> u8 {
    match value.kind {
        Kind::Bool(_) => 0,
        Kind::Number(_) => 1,
        Kind::Text(_) => 2,
        Kind::Tuple(_) | Kind::List(_) | Kind::Set(_) => 3,
        Kind::Object(_) | Kind::Map(_) => 4,
        Kind::Unknown(..) | Kind::Reference { .. } | Kind::External(..) | Kind::Either(_) | Kind::Joined(_) | Kind::Error(_) => 5,
        Kind::Null => 6,
    }
}
