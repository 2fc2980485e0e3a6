//! Keys of instances in the addresses of a plan.

use crate::formats::terraform::root::expansion::Key;
use crate::formats::terraform::root::planned::Keys;
use crate::source::plan::Planned;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// The keys of an object's instances.
pub(super) fn of_object(planned: &BTreeMap<Arc<str>, Planned>, address: &str) -> Keys {
    behind(planned, address).filter_map(|rest| first(rest).filter(|(_, rest)| rest.is_empty()).map(|(key, _)| key)).collect()
}

/// The keys of a module's instances that have anything in them.
pub(super) fn of_module(planned: &BTreeMap<Arc<str>, Planned>, address: &str) -> Keys {
    behind(planned, address).filter_map(|rest| first(rest).filter(|(_, rest)| rest.starts_with('.')).map(|(key, _)| key)).collect()
}

/// What follows on an address in those that begin with it.
fn behind<'p>(planned: &'p BTreeMap<Arc<str>, Planned>, address: &'p str) -> impl Iterator<Item = &'p str> {
    let from = planned.range::<str, _>((Bound::Included(address), Bound::Unbounded));
    from.map_while(move |(known, _)| known.strip_prefix(address))
}

/// The key that a text begins with, and what follows on it.
fn first(text: &str) -> Option<(Key, &str)> {
    let Some(inner) = text.strip_prefix('[') else { return Some((Key::None, text)) };
    if let Some(quoted) = inner.strip_prefix('"') {
        let end = end_of_quoted(quoted)?;
        let rest = quoted[end..].strip_prefix("\"]")?;
        return Some((Key::Name(unquoted(&quoted[..end]).into()), rest));
    }
    let (index, rest) = inner.split_once(']')?;
    Some((Key::Index(index.parse().ok()?), rest))
}

fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.char_indices().find_map(|(at, letter)| match letter {
        '"' if !is_escaped => Some(at),
        letter => {
            is_escaped = letter == '\\' && !is_escaped;
            None
        }
    })
}

fn unquoted(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other) => other,
                None => '\\',
            },
            other => other,
        });
    }
    plain.replace("$${", "${").replace("%%{", "%{")
}

/// An address without any key.
pub(super) fn without(address: &str) -> String {
    let mut plain = String::new();
    let mut rest = address;
    while let Some((before, from)) = rest.split_once('[') {
        plain.push_str(before);
        let after = match from.strip_prefix('"') {
            Some(quoted) => end_of_quoted(quoted).and_then(|end| quoted[end..].strip_prefix("\"]")),
            None => from.split_once(']').map(|(_, after)| after),
        };
        rest = after.unwrap_or_default();
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::{first, without};
    use crate::formats::terraform::root::expansion::Key;

    #[test]
    fn keys_read_back_as_they_are_shown() {
        for key in [Key::None, Key::Index(12), Key::Name("eu".into()), Key::Name("a\"b\\c]\n${x}".into())] {
            let text = format!("{}.aws_subnet.a", key.shown());
            assert_eq!(first(&text), Some((key, ".aws_subnet.a")), "{text}");
        }
        assert_eq!(without("module.net[\"e]u\"].aws_subnet.a[0]"), "module.net.aws_subnet.a");
    }
}
