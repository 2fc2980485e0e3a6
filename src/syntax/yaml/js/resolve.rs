//! Which value a scalar has for js-yaml.
//!
//! Comes in: the text of a scalar. Goes out: what the types of js-yaml's default schema make of it, numbers as JavaScript writes them.
//! Dates stay as written.

use crate::syntax::Value;
use crate::syntax::yaml::js::Content;
use crate::syntax::yaml::number;
use crate::syntax::yaml::timestamp::Timestamp;
use bumpalo::Bump;

/// What `!!merge` and a plain `<<` resolve to.
pub(super) const MERGE: &str = "tag:yaml.org,2002:merge";
/// Beyond this, an integer may not be exact in JavaScript.
const MAX_EXACT_DIGITS: usize = 15;

pub(super) fn is_merge(text: &str) -> bool {
    text == "<<"
}

/// The value of a plain scalar.
pub(super) fn implicit<'t>(text: &'t str, arena: &'t Bump) -> Value<'t> {
    match text.as_bytes().first() {
        Some(b'~' | b'n' | b'N') if is_null(text) => Value::Null,
        Some(b't' | b'T' | b'f' | b'F') => boolean(text).unwrap_or(Value::Text(text)),
        Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
            integer(text, arena).or_else(|| float(text, arena)).map_or(Value::Text(text), Value::Number)
        }
        _ => Value::Text(text),
    }
}

/// The value of a scalar with a tag of YAML's own; `None` where the tag does not fit.
pub(super) fn explicit<'t>(name: &str, content: Content<'t>, arena: &'t Bump) -> Option<Value<'t>> {
    let text = match content {
        Content::Text(text) => text,
        Content::Node(built) if !matches!(built.node.value, Value::Null) => return None,
        Content::Node(_) | Content::Nothing => return absent(name),
    };
    match name {
        "str" | "binary" => Some(Value::Text(text)),
        "null" => is_null(text).then_some(Value::Null),
        "bool" => boolean(text),
        "int" => integer(text, arena).map(Value::Number),
        "float" => float(text, arena).map(Value::Number),
        "timestamp" => Timestamp::find(text).map(|_| Value::Text(text)),
        "merge" => is_merge(text).then_some(Value::Text(text)),
        _ => None,
    }
}

/// What a tag makes of nothing.
fn absent<'t>(name: &str) -> Option<Value<'t>> {
    match name {
        "str" => Some(Value::Text("")),
        "seq" | "omap" | "pairs" => Some(Value::List(&[])),
        "map" | "set" => Some(Value::Map(&[])),
        "null" | "merge" => Some(Value::Null),
        _ => None,
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

fn boolean(text: &str) -> Option<Value<'static>> {
    match text {
        "true" | "True" | "TRUE" => Some(Value::Bool(true)),
        "false" | "False" | "FALSE" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn integer<'t>(text: &'t str, arena: &'t Bump) -> Option<&'t str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    for (prefix, base) in [("0b", 2), ("0o", 8), ("0x", 16)] {
        if let Some(of_base) = digits.strip_prefix(prefix) {
            let is_whole = !of_base.is_empty() && of_base.chars().all(|digit| digit.is_digit(base));
            let decimal =
                number::decimal(of_base.chars().filter(|_| is_whole).map(|digit| digit.to_digit(base).unwrap_or_default()), base)?;
            return written(text, decimal.parse().ok().filter(|_| is_whole)?, is_negative, arena);
        }
    }
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_canonical = digits == text && digits.len() <= MAX_EXACT_DIGITS && (digits == "0" || !digits.starts_with('0'));
    match is_decimal {
        true if is_canonical => Some(text),
        true => written(text, digits.parse().ok()?, is_negative, arena),
        false => None,
    }
}

/// `2.5`, `2.`, `.5`, `1e3` and the special ones. A point may stand first only without a sign.
fn float<'t>(text: &'t str, arena: &'t Bump) -> Option<&'t str> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_negative = text.starts_with('-');
    match digits {
        ".inf" | ".Inf" | ".INF" => return Some(if is_negative { "-.inf" } else { ".inf" }),
        ".nan" | ".NaN" | ".NAN" if digits == text => return Some(".nan"),
        _ => {}
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    let has_digits = if whole.is_empty() { digits == text && fraction.is_some_and(|fraction| !fraction.is_empty()) } else { true };
    if !(has_digits && is_exponent && all_digits(whole) && fraction.is_none_or(all_digits)) {
        return None;
    }
    written(text, digits.parse().ok()?, is_negative, arena)
}

/// `None` for what JavaScript makes infinite of: that is text.
fn written<'t>(text: &'t str, size: f64, is_negative: bool, arena: &'t Bump) -> Option<&'t str> {
    if size.is_infinite() {
        return None;
    }
    let canonical = number::javascript(if is_negative { -size } else { size });
    Some(if canonical == text { text } else { arena.alloc_str(&canonical) })
}

#[cfg(test)]
mod tests {
    use super::implicit;
    use crate::syntax::Value;
    use bumpalo::Bump;

    #[test]
    fn plain_scalars_are_read_as_js_yaml_does() {
        for (text, expected) in [
            ("yes", "text"),
            ("on", "text"),
            ("True", "true"),
            ("FALSE", "false"),
            ("tRUE", "text"),
            ("~", "null"),
            ("12", "12"),
            ("012", "12"),
            ("0o17", "15"),
            ("-0x1F", "-31"),
            ("0b11", "3"),
            ("0b2", "text"),
            ("0x", "text"),
            ("1_000", "text"),
            ("1:20", "text"),
            ("1e3", "1000"),
            ("8.10", "8.1"),
            ("1.", "1"),
            (".5", "0.5"),
            ("-.5", "text"),
            ("1e400", "text"),
            ("+.INF", ".inf"),
            (".NaN", ".nan"),
            ("2012-10-17", "text"),
            ("1.2.3", "text"),
            ("12345678901234567890", "12345678901234567000"),
            ("<<", "text"),
        ] {
            let arena = Bump::new();
            let found = match implicit(text, &arena) {
                Value::Null => "null",
                Value::Bool(true) => "true",
                Value::Bool(false) => "false",
                Value::Number(number) => number,
                Value::Text(_) | Value::List(_) | Value::Map(_) => "text",
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
