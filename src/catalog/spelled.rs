//! A value as it is written, in one line.

use crate::catalog::draft::Draft;
use crate::catalog::names;
use crate::model::resource::{Alternatives, Property, Value};

/// How deep a value is written out.
const MAX_DEPTH: u32 = 12;

/// Adds a value to a text: `Allow`, `10.0.0.0/8, 192.168.0.0/16`, `Effect: Deny, Action: iam:CreateUser`. What is too deep or too long ends
/// in `…`.
pub(super) fn spell(draft: &Draft<'_, '_>, value: &Property<'_>, text: &mut String) {
    write(draft, value, 0, text);
}

fn write(draft: &Draft<'_, '_>, value: &Property<'_>, depth: u32, text: &mut String) {
    if depth > MAX_DEPTH || !draft.spend(1, value.span) {
        return text.push('…');
    }
    match value.value {
        Value::List(items) => join(draft, items, ", ", depth, text),
        Value::Either(Alternatives { branches, .. }) => join(draft, branches, " or ", depth, text),
        Value::Map(entries) => {
            for (position, entry) in entries.iter().enumerate() {
                text.push_str(if position == 0 { "" } else { ", " });
                text.push_str(entry.key);
                if !matches!(entry.value.value, Value::Map([]) | Value::Null) {
                    text.push_str(": ");
                    write(draft, &entry.value, depth + 1, text);
                }
            }
        }
        Value::External(external) => {
            text.push_str(external.kind.words());
            text.push(' ');
            text.push_str(external.name);
        }
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        _ => text.push_str(&names::canonical(value).unwrap_or_else(|| "what nobody can tell here".to_owned())),
    }
}

fn join(draft: &Draft<'_, '_>, items: &[Property<'_>], between: &str, depth: u32, text: &mut String) {
    for (position, item) in items.iter().enumerate() {
        text.push_str(if position == 0 { "" } else { between });
        write(draft, item, depth + 1, text);
    }
}
