//! A value in one line, so that two of them can be compared: whatever is another value is another line, and layout and comments are in none.

use crate::formats::terraform::value::{Items, Kind, Value};

/// Adds a value to a text. Values are bounded where they are made.
pub(crate) fn write(value: &Value, out: &mut String) {
    write_without(value, &|_, _| false, out);
}

/// The same without the entries of maps and objects that count for nothing.
pub(crate) fn write_without(value: &Value, is_left_out: &dyn Fn(&str, &Value) -> bool, out: &mut String) {
    match &value.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Kind::Number(number) => out.push_str(&number.text().unwrap_or_else(|| format!("{number:?}"))),
        Kind::Text(text) => out.push_str(&format!("{text:?}")),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => list("[", items, is_left_out, out),
        Kind::Either(branches) => list("either[", branches, is_left_out, out),
        Kind::Joined(pieces) => list("joined[", pieces, is_left_out, out),
        Kind::Object(entries) | Kind::Map(entries) => {
            out.push('{');
            for (name, value) in entries.iter().filter(|(name, value)| !is_left_out(name, value)) {
                out.push_str(&format!("{name:?}="));
                write_without(value, is_left_out, out);
                out.push(',');
            }
            out.push('}');
        }
        Kind::Unknown(reason, _) => out.push_str(&format!("unknown {reason:?}")),
        Kind::Reference { address, path } => out.push_str(&format!("reference {address:?}{path:?}")),
        Kind::External(who, name) => out.push_str(&format!("external {who:?} {name:?}")),
        Kind::Error(reason) => out.push_str(&format!("error {reason:?}")),
    }
}

fn list(begin: &str, items: &Items, is_left_out: &dyn Fn(&str, &Value) -> bool, out: &mut String) {
    out.push_str(begin);
    for item in items.iter() {
        write_without(item, is_left_out, out);
        out.push(',');
    }
    out.push(']');
}
