//! Whether a value that is written may be what a plan says: providers write some of them in another way.

use crate::formats::terraform::decimal::Decimal;
use crate::formats::terraform::functions::networks;
use crate::formats::terraform::value::{Kind, Value};
use crate::source::plan::Planned;
use std::cmp::Ordering;

/// Arguments that are written and never kept end so: a plan has null in their place.
/// <https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only> (2026-11-29)
const WRITE_ONLY: &str = "_wo";

/// Whether a single value that is written under a name may be the planned one.
pub(super) fn fits(name: &str, stated: &Kind, planned: &Planned) -> bool {
    let Some(stated) = text(stated) else { return true };
    match planned {
        Planned::Bool(_) | Planned::Number(_) | Planned::Text(_) => spelt(planned).is_none_or(|planned| is_same_text(&stated, &planned)),
        // Providers leave out what says nothing.
        Planned::Null => matches!(stated.as_str(), "" | "0" | "false") || name.ends_with(WRITE_ONLY),
        Planned::List(_) | Planned::Map(_) => is_document(stated.trim_start()),
        Planned::Later | Planned::Hidden => true,
    }
}

/// Whether what a plan has in place of a collection may be one, written as a text.
pub(super) fn may_be_collection(planned: &Planned) -> bool {
    spelt(planned).is_none_or(|text| is_document(text.trim_start()))
}

/// Whether a value that is wholly known is exactly the planned one.
pub(super) fn is_same(stated: &Value, planned: &Planned) -> bool {
    match (&stated.kind, planned) {
        (Kind::Null, Planned::Null) => true,
        (Kind::Tuple(items) | Kind::List(items) | Kind::Set(items), Planned::List(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| is_same(item, other))
        }
        (Kind::Object(entries) | Kind::Map(entries), Planned::Map(others)) => {
            entries.len() == others.len()
                && entries.iter().all(|(key, entry)| others.get(&**key).is_some_and(|other| is_same(entry, other)))
        }
        (stated, planned) => match (text(stated), spelt(planned)) {
            (Some(stated), Some(planned)) => stated == planned || is_same_number(&stated, &planned),
            _ => false,
        },
    }
}

/// Whether two lists have the same single values, in whatever order.
pub(super) fn is_same_set(stated: &[Value], planned: &[Planned]) -> bool {
    let sorted = |texts: Option<Vec<String>>| {
        texts.map(|mut texts| {
            texts.sort_unstable();
            texts
        })
    };
    let stated = sorted(stated.iter().map(|item| text(&item.kind)).collect());
    stated.is_some() && stated == sorted(planned.iter().map(spelt).collect())
}

fn text(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Number(number) => number.text(),
        Kind::Text(text) => Some(text.to_string()),
        Kind::Null
        | Kind::Tuple(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Object(_)
        | Kind::Map(_)
        | Kind::Unknown(..)
        | Kind::Reference { .. }
        | Kind::External(..)
        | Kind::Either(_)
        | Kind::Joined(_)
        | Kind::Error(_) => None,
    }
}

fn spelt(planned: &Planned) -> Option<String> {
    match planned {
        Planned::Bool(flag) => Some(flag.to_string()),
        Planned::Number(text) | Planned::Text(text) => Some(text.to_string()),
        Planned::Null | Planned::List(_) | Planned::Map(_) | Planned::Later | Planned::Hidden => None,
    }
}

/// Whether a provider may have made the one text of the other: `East US` is kept as `eastus`.
fn is_same_text(stated: &str, planned: &str) -> bool {
    let [stated, planned] = [stated, planned].map(str::trim);
    let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    letters(stated).eq_ignore_ascii_case(&letters(planned))
        || is_same_number(stated, planned)
        || is_longer_name(stated, planned)
        || is_longer_name(planned, stated)
        || is_document(stated) && is_document(planned)
        || is_digest(planned)
        || is_same_network(stated, planned)
}

fn is_same_number(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(Decimal::parse);
    matches!((one, other), (Ok(one), Ok(other)) if one.compare(other) == Some(Ordering::Equal))
}

/// `15` and `15.4`, `…:log-group:a` and `…:log-group:a:*`, `example.com` and `example.com.`.
fn is_longer_name(short: &str, long: &str) -> bool {
    let rest = long.strip_prefix(short).filter(|_| !short.is_empty());
    rest.is_some_and(|rest| rest.starts_with(['.', ':', '/']))
}

/// A document is written anew by the provider, with its lists in another order.
fn is_document(text: &str) -> bool {
    text.starts_with(['{', '['])
}

/// What stands in the state in place of a long text.
fn is_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// `10.0.1.7/16` is kept as `10.0.0.0/16`.
fn is_same_network(stated: &str, planned: &str) -> bool {
    let range = networks::range(stated);
    range.is_some() && range == networks::range(planned)
}
