//! What a reference to a parameter resolves to.
//!
//! Comes in: the declaration, and in a nested stack the value that the outer one gives. Goes out: a literal where there is a default
//! that may stand, all allowed values where they are listed, else the external thing that the parameter names.

use crate::catalog::secrets;
use crate::formats::cloudformation::text;
use crate::model::resource::{External, ExternalKind, Property, Value};
use crate::source::Span;
use crate::syntax::Node;
use bumpalo::Bump;

/// A parameter of a template.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declared<'t> {
    pub(super) name: &'t str,
    pub(super) value: Property<'t>,
    /// Whether a deployer may give another value than `value`.
    pub(super) changeable: Changeable,
    /// The values that it may have; empty where none are listed.
    pub(super) allowed: &'t [&'t str],
    pub(super) span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changeable {
    Yes,
    No,
}

/// A parameter that no outer template binds.
pub(super) fn declared<'t>(name: &'t str, span: Span, node: Node<'t>, arena: &'t Bump) -> Declared<'t> {
    let kind = node.get("Type").and_then(|kind| kind.scalar()).unwrap_or("String");
    let allowed = node.get("AllowedValues").map(|values| values.items()).unwrap_or_default();
    let external = |kind, name, span| Property { value: Value::External(External { kind, name }), span };
    let default = node.get("Default");
    let value = match default {
        // What `NoEcho` hides of the stack stands here for everybody to read.
        Some(default) if is_secret(&node) && default.scalar().is_some_and(|text| is_readable(&node, text)) => written(name, span),
        Some(default) if is_secret(&node) && default.scalar().is_some_and(|text| stands_in(&node, text)) => {
            external(ExternalKind::StandInParameter, name, default.span)
        }
        _ if is_secret(&node) => external(ExternalKind::HiddenParameter, name, span),
        Some(default) => match default.scalar() {
            Some(key) if is_stored(&node) => external(ExternalKind::StoredParameter, key, default.span),
            // An empty secret is none: somebody gives the one that counts.
            Some("") if secrets::names_secret(name) => external(ExternalKind::Parameter, name, span),
            Some(text) if is_list(kind) => Property { value: list(text, default.span, arena), span: default.span },
            Some(text) => Property { value: Value::Text(text), span: default.span },
            None => external(ExternalKind::Parameter, name, span),
        },
        None => external(ExternalKind::Parameter, name, span),
    };
    let is_plain = !is_secret(&node) && !kind.starts_with("AWS::SSM::");
    let listed: Vec<&'t str> = allowed.iter().filter_map(Node::scalar).collect();
    let listed: &'t [&'t str] = if is_plain && listed.len() == allowed.len() { arena.alloc_slice_copy(&listed) } else { &[] };
    let declared = Declared { name, value, changeable: Changeable::Yes, allowed: listed, span };
    match allowed {
        [only] if is_plain && !is_list(kind) && only.scalar().is_some() => {
            let value = Property { value: Value::Text(only.scalar().unwrap_or_default()), span: only.span };
            Declared { value, changeable: Changeable::No, ..declared }
        }
        _ if is_plain && default.is_some() && allowed.iter().filter_map(Node::scalar).any(may_let_in) => {
            let value = any_of(&allowed_values(kind, value, allowed, arena), arena)
                .unwrap_or_else(|| external(ExternalKind::Parameter, name, span));
            Declared { value, ..declared }
        }
        _ => declared,
    }
}

/// Whether an allowed value may let in whom the default keeps out, or to more: nobody is asked who he is, everybody, an address range, an
/// account, an action, the effect of a statement.
/// Of others (stages, sizes, switches) the default stands for all: what is made of them is not followed by alternatives everywhere.
fn may_let_in(allowed: &str) -> bool {
    const WORDS: [&str; 5] = ["*", "Allow", "NONE", "public-read", "public-read-write"];
    let is_account = allowed.len() == 12 && allowed.bytes().all(|byte| byte.is_ascii_digit());
    let is_range = allowed.rsplit_once('/').is_some_and(|(_, bits)| !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit()));
    // As policies write them, `dynamodb:GetItem`, `s3:*`: a number may stand behind a colon elsewhere, as in `image:1`.
    let is_action = allowed.split_once(':').is_some_and(|(service, action)| {
        service.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && action.starts_with(|first: char| first.is_ascii_uppercase() || first == '*')
            && action.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'*')
    });
    WORDS.contains(&allowed) || is_account || is_range || is_action || allowed.starts_with("arn:")
}

/// The default and the values that a deployer may give instead; of a list, all of them at once.
fn allowed_values<'t>(kind: &str, default: Property<'t>, allowed: &[Node<'t>], arena: &'t Bump) -> Vec<Property<'t>> {
    let texts = allowed.iter().filter_map(|node| Some(Property { value: Value::Text(node.scalar()?), span: node.span }));
    if is_list(kind) {
        let all: Vec<Property<'t>> = texts.collect();
        return vec![default, Property { value: Value::List(arena.alloc_slice_copy(&all)), span: default.span }];
    }
    std::iter::once(default).chain(texts).collect()
}

/// Any of several values; `None` where they are too many to follow.
fn any_of<'t>(values: &[Property<'t>], arena: &'t Bump) -> Option<Property<'t>> {
    let span = values.first()?.span;
    let value = text::either(values, span, arena);
    (!matches!(value.value, Value::Unknown(_))).then_some(value)
}

/// A parameter of a nested template that the outer one gives a value.
pub(super) fn bound<'t>(
    declared: Declared<'t>,
    node: Node<'t>,
    (given, changeable): (Property<'t>, Changeable),
    arena: &'t Bump,
) -> Declared<'t> {
    let kind = node.get("Type").and_then(|kind| kind.scalar()).unwrap_or("String");
    let value = match (given.value, given.literal()) {
        (_, Some(key)) if is_stored(&node) => Value::External(External { kind: ExternalKind::StoredParameter, name: key }),
        (_, Some(text)) if is_list(kind) => list(text, given.span, arena),
        (value, _) => value,
    };
    Declared { value: Property { value, span: given.span }, changeable, ..declared }
}

/// A parameter of the entry template that a file gives a value which is handed over with it.
pub(super) fn handed<'t>(declared: Declared<'t>, node: Node<'t>, given: Property<'t>, arena: &'t Bump) -> Declared<'t> {
    let is_readable = given.literal().is_some_and(|text| is_readable(&node, text));
    match is_secret(&node) {
        true if is_readable => Declared { value: written(declared.name, given.span), ..declared },
        true => declared,
        false => bound(declared, node, (given, Changeable::No), arena),
    }
}

/// Whether a value stands there for everybody to read; that of a stored one is only its name.
fn is_readable(node: &Node<'_>, text: &str) -> bool {
    !is_stored(node) && !text.is_empty() && !secrets::is_placeholder(text)
}

/// Whether a value only stands in for one that somebody is to give.
fn stands_in(node: &Node<'_>, text: &str) -> bool {
    !is_stored(node) && secrets::is_placeholder(text)
}

/// Whether the value of a parameter is looked up.
fn is_stored(node: &Node<'_>) -> bool {
    node.get("Type").and_then(|kind| kind.scalar()).is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value<"))
}

fn written<'t>(name: &'t str, span: Span) -> Property<'t> {
    Property { value: Value::External(External { kind: ExternalKind::WrittenParameter, name }), span }
}

pub(super) fn is_secret(node: &Node<'_>) -> bool {
    node.get("NoEcho").and_then(|flag| flag.scalar()).is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
}

fn is_list(kind: &str) -> bool {
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}

fn list<'t>(text: &'t str, span: Span, arena: &'t Bump) -> Value<'t> {
    let items = text.split(',').map(|item| Property { value: Value::Text(item.trim()), span });
    let items: Vec<Property<'t>> = if text.is_empty() { Vec::new() } else { items.collect() };
    Value::List(arena.alloc_slice_copy(&items))
}
