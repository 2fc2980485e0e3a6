//! `count` and `for_each`: which instances a block makes, as far as that can be said.

use crate::formats::terraform::expression::{all_items, evaluate};
use crate::formats::terraform::instance::Presence;
use crate::formats::terraform::loops;
use crate::formats::terraform::operators;
use crate::formats::terraform::root::context::Context;
use crate::formats::terraform::root::frame::Frame;
use crate::formats::terraform::root::planned;
use crate::formats::terraform::root::scope::{Scope, once, reason};
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Kind, Reason, Value};
use crate::source::{NoteKind, Span};
use crate::syntax::hcl::tree::{Attribute, Body, Expr, ExprKind};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Most instances of one block; more of them are one that stands for all.
pub(super) const MAX_INSTANCES: usize = 1_024;

/// What tells the instances of one block apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    None,
    Index(usize),
    Name(Rc<str>),
    /// It stands for any number of instances.
    Any,
}

impl Key {
    /// As it is written behind an address.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Index(index) => format!("[{index}]"),
            Self::Name(name) => format!("[{}]", quoted(name)),
            Self::Any => "[*]".to_owned(),
        }
    }
}

/// A text in quotes, as Terraform writes keys.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// What `each` and `count` are in a block.
#[derive(Clone, Debug)]
pub(super) struct Each {
    pair: Option<(Value, Value)>,
    index: Option<Value>,
}

impl Each {
    /// Of a block without `count` and `for_each`.
    pub(super) const NONE: Self = Self { pair: None, index: None };

    pub(super) fn of_name(&self, name: &str, span: Span) -> Value {
        match (name, &self.pair) {
            ("key", Some((key, _))) => key.clone(),
            ("value", Some((_, value))) => value.clone(),
            (_, None) => Value::new(Kind::error("`each` is used without for_each"), span),
            (_, Some(_)) => Value::new(Kind::error(format!("there is no each.{name}")), span),
        }
    }

    pub(super) fn index(&self, span: Span) -> Value {
        self.index.clone().unwrap_or_else(|| Value::new(Kind::error("`count` is used without a count"), span))
    }
}

/// One instance of a block.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: Key,
    pub(super) each: Each,
    pub(super) presence: Presence,
}

/// The instances of a block.
#[derive(Clone, Debug)]
pub(super) struct Expansion {
    /// In the order of their keys.
    pub(super) members: Vec<Member>,
    /// Which of them are there in each case that may be, by their places in `members`. Empty where nobody can say how many there are.
    cases: Vec<Vec<usize>>,
    is_counted: bool,
}

impl Expansion {
    fn once(presence: Presence) -> Self {
        Self { members: vec![Member { key: Key::None, each: Each::NONE, presence }], cases: vec![vec![0]], is_counted: false }
    }

    /// Any number of instances.
    fn open(each: Each, presence: Presence) -> Self {
        Self { members: vec![Member { key: Key::Any, each, presence }], cases: Vec::new(), is_counted: false }
    }

    /// Whether it is known which instances there are.
    pub(super) fn is_settled(&self) -> bool {
        !self.cases.is_empty() && self.members.iter().all(|member| member.presence == Presence::Certain)
    }

    /// These instances and no others, with what is known of each.
    pub(super) fn with_keys(self, keys: BTreeSet<Key>, span: Span) -> Self {
        let is_counted = keys.iter().any(|key| matches!(key, Key::Index(_))) || keys.is_empty() && self.is_counted;
        let any = self.members.iter().find(|member| member.key == Key::Any).or(self.members.first());
        let any = any.map_or(Each::NONE, |member| member.each.clone());
        let member = |key: Key| {
            let known = self.members.iter().find(|member| member.key == key).map(|member| member.each.clone());
            let each = known.unwrap_or_else(|| match &key {
                Key::None | Key::Any => Each::NONE,
                Key::Index(index) => Each { pair: None, index: Some(Value::new(Kind::Number((*index).into()), span)) },
                Key::Name(name) => {
                    Each { pair: any.pair.clone().map(|(_, value)| (Value::new(Kind::text(name.clone()), span), value)), index: None }
                }
            });
            Member { key, each, presence: Presence::Certain }
        };
        let members: Vec<Member> = keys.into_iter().map(member).collect();
        Self { cases: vec![(0..members.len()).collect()], members, is_counted }
    }

    /// A value of all instances: one, a tuple or an object, or one that stands for any number.
    pub(super) fn collected(&self, span: Span, of_key: &dyn Fn(&Key) -> Value) -> Value {
        if self.cases.is_empty() {
            return of_key(&Key::Any);
        }
        let case = |case: &Vec<usize>| {
            let members = case.iter().filter_map(|index| self.members.get(*index));
            match self.members.first().map(|member| &member.key) {
                Some(Key::None) => of_key(&Key::None),
                _ if self.is_counted => Value::new(Kind::tuple(members.map(|member| of_key(&member.key)).collect()), span),
                _ => {
                    let named = members.filter_map(|member| match &member.key {
                        Key::Name(name) => Some((name.clone(), of_key(&member.key))),
                        Key::None | Key::Index(_) | Key::Any => None,
                    });
                    Value::new(Kind::object(named.collect()), span)
                }
            }
        };
        Value::either(self.cases.iter().map(case).collect(), span)
    }
}

impl<'t> Scope<'t> {
    /// The instances of an object of the module.
    pub(super) fn expansion(&self, index: usize, context: &Context<'_, 't>) -> Rc<Expansion> {
        let Some(object) = self.module.objects.get(index) else { return Rc::new(Expansion::once(Presence::Certain)) };
        let circle = || {
            Rc::new(Expansion::open(
                unknown_each(&"refers to itself".into(), object.block.span),
                Presence::Maybe("refers to itself".into()),
            ))
        };
        let expanded = || {
            let expansion = of_body(&Frame { context, scope: self, each: &Each::NONE }, &object.block.body);
            Rc::new(planned::settled(expansion, self, object, context))
        };
        once(&self.expansions, index, expanded, circle)
    }
}

/// The instances of a block with these arguments.
pub(super) fn of_body(frame: &Frame<'_, '_, '_>, body: &Body<'_>) -> Expansion {
    match (body.attribute("count"), body.attribute("for_each")) {
        (Some(count), _) => counted(frame, count),
        (None, Some(for_each)) => keyed(frame, for_each),
        (None, None) if !body.is_whole => Expansion::once(Presence::Maybe("its arguments could not be read".into())),
        (None, None) => enabled(frame, body),
    }
}

/// The instances of an `import`, which takes a list, too. <https://developer.hashicorp.com/terraform/language/block/import> (2026-11-29)
pub(super) fn of_import(frame: &Frame<'_, '_, '_>, body: &Body<'_>) -> Expansion {
    let items = body.attribute("for_each").map(|for_each| evaluate(&for_each.value, frame)).and_then(|value| match value.kind {
        Kind::Tuple(items) | Kind::List(items) => Some(items),
        _ => None,
    });
    let Some(items) = items else { return of_body(frame, body) };
    let member = |(index, value): (usize, &Value)| {
        let key = Value::new(Kind::Number(index.into()), value.span);
        Member { key: Key::Index(index), each: Each { pair: Some((key, value.clone())), index: None }, presence: Presence::Certain }
    };
    let members: Vec<Member> = items.iter().enumerate().map(member).collect();
    Expansion { cases: vec![(0..members.len()).collect()], members, is_counted: true }
}

/// OpenTofu's `enabled`, which stands in place of a count of 0 or 1.
fn enabled(frame: &Frame<'_, '_, '_>, body: &Body<'_>) -> Expansion {
    let Some(enabled) = body.blocks_of("lifecycle").find_map(|lifecycle| lifecycle.body.attribute("enabled")) else {
        return Expansion::once(Presence::Certain);
    };
    let value = evaluate(&enabled.value, frame);
    match convert(&value, &Type::Bool).map(|value| value.kind) {
        Ok(Kind::Bool(true)) => Expansion::once(Presence::Certain),
        Ok(Kind::Bool(false)) => Expansion { members: Vec::new(), cases: vec![Vec::new()], is_counted: true },
        _ => Expansion::once(Presence::Maybe(why(frame, &enabled.value, &value))),
    }
}

/// Why it is not known what an expression comes to: that of its condition, where it has one.
fn why(frame: &Frame<'_, '_, '_>, expr: &Expr<'_>, value: &Value) -> Reason {
    let ExprKind::Conditional(conditional) = expr.kind else { return value.reason() };
    let condition = evaluate(&conditional.condition, frame);
    if condition.is_whole() { value.reason() } else { condition.reason() }
}

fn unknown_each(reason: &Reason, span: Span) -> Each {
    let unknown = || Value::new(Kind::Unknown(reason.clone(), None), span);
    Each { pair: Some((unknown(), unknown())), index: Some(unknown()) }
}

/// An error in what says how many instances there are: none of them may go missing for it.
fn refused(frame: &Frame<'_, '_, '_>, argument: &Attribute<'_>, reason: Reason) -> Expansion {
    let name = argument.name.text;
    frame.context.note(argument.span, NoteKind::Unresolved, format!("it cannot be said how many there are, {name} is an error: {reason}"));
    Expansion::open(unknown_each(&reason, argument.span), Presence::Maybe(reason))
}

fn too_many(frame: &Frame<'_, '_, '_>, argument: &Attribute<'_>) -> Expansion {
    frame.context.cut(argument.span, format!("more than {MAX_INSTANCES} instances of one block, they are read as one"));
    Expansion::open(unknown_each(&"is one of too many".into(), argument.span), Presence::Certain)
}

fn counted(frame: &Frame<'_, '_, '_>, argument: &Attribute<'_>) -> Expansion {
    let value = evaluate(&argument.value, frame);
    let branches = match &value.kind {
        Kind::Either(branches) => branches.to_vec(),
        _ => vec![value.clone()],
    };
    let mut counts = Vec::new();
    for branch in branches {
        match convert(&branch, &Type::Number).map(|number| number.kind) {
            Ok(Kind::Number(number)) => match number.to_index() {
                Some(count) if count <= MAX_INSTANCES => counts.push(count),
                Some(_) => return too_many(frame, argument),
                None => return refused(frame, argument, "a count must be a whole number from 0".into()),
            },
            Ok(Kind::Null) => return refused(frame, argument, "a count must not be null".into()),
            Err(Kind::Error(reason)) => return refused(frame, argument, reason),
            Ok(_) | Err(_) => {
                let reason = why(frame, &argument.value, &value);
                return Expansion::open(unknown_each(&reason, argument.span), Presence::Maybe(reason));
            }
        }
    }
    let (least, most) = (counts.iter().min().copied().unwrap_or_default(), counts.iter().max().copied().unwrap_or_default());
    let reason = if least < most { why(frame, &argument.value, &value) } else { "is known".into() };
    let member = |index: usize| {
        let number = Value::new(Kind::Number(index.into()), argument.span);
        let presence = if index < least { Presence::Certain } else { Presence::Maybe(reason.clone()) };
        Member { key: Key::Index(index), each: Each { pair: None, index: Some(number) }, presence }
    };
    counts.sort_unstable();
    counts.dedup();
    Expansion {
        members: (0..most).map(member).collect(),
        cases: counts.into_iter().map(|count| (0..count).collect()).collect(),
        is_counted: true,
    }
}

fn keyed(frame: &Frame<'_, '_, '_>, argument: &Attribute<'_>) -> Expansion {
    let value = evaluate(&argument.value, frame);
    let branches = match &value.kind {
        Kind::Either(branches) => branches.to_vec(),
        _ => vec![value.clone()],
    };
    let open = |reason: Reason| {
        let pair = all_items(&value).map_or_else(|| unknown_each(&reason, argument.span).pair, |item| Some((item.clone(), item)));
        Expansion::open(Each { pair, index: None }, Presence::Maybe(reason))
    };
    let mut cases: Vec<BTreeMap<Rc<str>, Value>> = Vec::new();
    let mut hidden = None;
    for branch in &branches {
        match &branch.kind {
            Kind::Object(entries) | Kind::Map(entries) => cases.push((**entries).clone()),
            Kind::Set(_) => match names(branch) {
                Ok(names) => cases.push(names),
                Err(Kind::Error(reason)) => return refused(frame, argument, reason),
                Err(kind) => hidden = hidden.or(Some(reason(&kind))),
            },
            // Whether it was written as a list or comes of a conditional: there is none.
            Kind::Tuple(items) | Kind::List(items) if items.is_empty() => cases.push(BTreeMap::new()),
            Kind::Error(reason) => return refused(frame, argument, reason.clone()),
            _ if branch.is_known() => return refused(frame, argument, "for_each must be a map or a set of strings".into()),
            _ => hidden = hidden.or(Some(why(frame, &argument.value, branch))),
        }
    }
    // What is known may be there, beside any number of others.
    if let Some(reason) = &hidden
        && cases.iter().all(BTreeMap::is_empty)
    {
        return open(reason.clone());
    }
    let mut all: BTreeMap<Rc<str>, (usize, Vec<Value>)> = BTreeMap::new();
    for (name, value) in cases.iter().flatten() {
        let (count, values) = all.entry(name.clone()).or_default();
        *count += 1;
        values.push(value.clone());
    }
    if all.len() > MAX_INSTANCES {
        return too_many(frame, argument);
    }
    let reason = if let Some(reason) = &hidden {
        reason.clone()
    } else if cases.len() > 1 {
        why(frame, &argument.value, &value)
    } else {
        "is known".into()
    };
    let places: BTreeMap<Rc<str>, usize> = all.keys().cloned().zip(0..).collect();
    let member = |(name, (count, values)): (Rc<str>, (usize, Vec<Value>))| {
        let key = Value::new(Kind::text(name.clone()), argument.span);
        let presence = if count == cases.len() && hidden.is_none() { Presence::Certain } else { Presence::Maybe(reason.clone()) };
        let each = Each { pair: Some((key, one_of(values).marked(value.marks))), index: None };
        Member { key: Key::Name(name), each, presence }
    };
    let mut members: Vec<Member> = all.into_iter().map(member).collect();
    if let Some(reason) = hidden {
        members.extend(open(reason).members);
        return Expansion { members, cases: Vec::new(), is_counted: false };
    }
    let cases = cases.iter().map(|case| case.keys().filter_map(|name| places.get(name).copied()).collect()).collect();
    Expansion { members, cases, is_counted: false }
}

/// One of the values that a key has in several cases; where they are the same, that one.
pub(super) fn one_of(mut values: Vec<Value>) -> Value {
    match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            let span = last.span;
            values.retain(|value| operators::equal(value, &last) != Some(true));
            values.push(last);
            Value::either(values, span)
        }
        (_, None) => Value::new(Kind::Null, Span::default()),
    }
}

/// The items of a set as keys.
///
/// # Errors
/// An error, or a value that is not known where an item is not.
fn names(set: &Value) -> Result<BTreeMap<Rc<str>, Value>, Kind> {
    let mut names = BTreeMap::new();
    for (_, item) in loops::pairs(set)? {
        match convert(&item, &Type::Text)?.kind {
            Kind::Text(name) => names.insert(name, item),
            Kind::Null => return Err(Kind::error("a key must not be null")),
            _ => return Err(Kind::unknown(item.reason())),
        };
    }
    Ok(names)
}
