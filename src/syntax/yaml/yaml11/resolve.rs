//! Which value a scalar of YAML 1.1 has.
//!
//! Comes in: the text of a scalar, and whether it is plain. Goes out: what PyYAML's `resolver.py` and `constructor.py` make of it, with
//! numbers in decimal.

use crate::syntax::Value;
use crate::syntax::yaml::number;
use crate::syntax::yaml::tag::Tag;
use crate::syntax::yaml::timestamp::Timestamp;
use crate::syntax::yaml::tree::Role;
use bumpalo::Bump;

/// A value, what it is as a key, or why a reader refuses it.
type Resolved<'t> = Result<(Value<'t>, Role), String>;

/// Most digits of an integer that Python converts (`sys.get_int_max_str_digits`).
const MAX_DIGITS: usize = 4300;

pub(super) fn scalar<'t>(text: &'t str, plain: bool, tag: Option<Tag<'t>>, arena: &'t Bump) -> Resolved<'t> {
    let value = match tag {
        None if !plain => Value::Text(text),
        None | Some(Tag::NonSpecific) => return implicit(text, arena),
        Some(Tag::Local(_) | Tag::Core("str" | "binary")) => Value::Text(text),
        Some(Tag::Core("null")) => Value::Null,
        Some(Tag::Core("bool")) => boolean(&text.to_lowercase()).ok_or_else(|| format!("`{text}` is no boolean"))?,
        Some(Tag::Core("int")) => integer(text, arena).unwrap_or_else(|| Err(format!("`{text}` is no integer")))?,
        Some(Tag::Core("float")) => any_float(text, arena).ok_or_else(|| format!("`{text}` is no number"))?,
        Some(Tag::Core("timestamp")) => timestamp(text).unwrap_or_else(|| Err(format!("`{text}` is no date")))?,
        Some(Tag::Core("merge")) => return Ok((Value::Text(text), Role::Merge)),
        Some(Tag::Core("value")) => return Ok((Value::Text(text), Role::DefaultValue)),
        Some(tag @ (Tag::Core(_) | Tag::Other(_))) => return Err(tag.unknown()),
    };
    Ok((value, Role::Plain))
}

fn implicit<'t>(text: &'t str, arena: &'t Bump) -> Resolved<'t> {
    let value = match text.as_bytes().first() {
        None => Value::Null,
        Some(b'~' | b'n' | b'N') if matches!(text, "~" | "null" | "Null" | "NULL") => Value::Null,
        Some(b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') => boolean_as_spelt(text).unwrap_or(Value::Text(text)),
        Some(b'<') if text == "<<" => return Ok((Value::Text(text), Role::Merge)),
        Some(b'=') if text == "=" => return Ok((Value::Text(text), Role::DefaultValue)),
        Some(b'-' | b'+' | b'.' | b'0'..=b'9') => match float(text, arena) {
            Some(float) => float,
            None => integer(text, arena).or_else(|| timestamp(text)).unwrap_or(Ok(Value::Text(text)))?,
        },
        Some(_) => Value::Text(text),
    };
    Ok((value, Role::Plain))
}

/// Lower case, upper case, or with a capital; `y` and `n` are text.
fn boolean_as_spelt(text: &str) -> Option<Value<'static>> {
    let is_spelt = text.len() <= 5 && {
        let rest = text.get(1..).unwrap_or_default();
        let is_upper = text.bytes().all(|byte| byte.is_ascii_uppercase());
        is_upper || rest.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    if is_spelt { boolean(&text.to_ascii_lowercase()) } else { None }
}

fn boolean(lower: &str) -> Option<Value<'static>> {
    match lower {
        "yes" | "true" | "on" => Some(Value::Bool(true)),
        "no" | "false" | "off" => Some(Value::Bool(false)),
        _ => None,
    }
}

fn timestamp(text: &str) -> Option<Result<Value<'_>, String>> {
    let found = Timestamp::find(text)?;
    Some(if found.exists() { Ok(Value::Text(text)) } else { Err(format!("there is no date `{text}`: quote it if it is text")) })
}

/// `None` where it does not look like an integer.
fn integer<'t>(text: &'t str, arena: &'t Bump) -> Option<Result<Value<'t>, String>> {
    let (is_negative, digits) = signed(text);
    let all = |digits: &str, allowed: fn(&u8) -> bool| !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || allowed(&byte));
    let is_octal = |byte: &u8| matches!(byte, b'0'..=b'7');
    let (base, digits) = if let Some(binary) = digits.strip_prefix("0b").filter(|digits| all(digits, |byte| matches!(byte, b'0' | b'1'))) {
        (2, binary)
    } else if let Some(hexadecimal) = digits.strip_prefix("0x").filter(|digits| all(digits, u8::is_ascii_hexdigit)) {
        (16, hexadecimal)
    } else if digits.strip_prefix('0').is_some_and(|octal| all(octal, is_octal)) {
        (8, digits)
    } else if digits == "0"
        || digits.bytes().next().is_some_and(|first| first != b'0' && first.is_ascii_digit()) && all(digits, u8::is_ascii_digit)
    {
        (10, digits)
    } else if is_sexagesimal(digits) && !digits.starts_with('0') {
        (60, digits)
    } else {
        return None;
    };
    Some(of_base(text, is_negative, digits, base, arena))
}

fn of_base<'t>(text: &'t str, is_negative: bool, digits: &str, base: u32, arena: &'t Bump) -> Result<Value<'t>, String> {
    let clean: String = digits.chars().filter(|digit| *digit != '_').collect();
    let decimal = match base {
        _ if clean.is_empty() => return Err(format!("`{text}` looks like a number and has no digits")),
        10 if clean.len() > MAX_DIGITS => None,
        10 => Some(clean),
        60 => number::decimal(clean.split(':').map(|part| part.parse().unwrap_or(u32::MAX)), 60),
        _ => number::decimal(clean.chars().map(|digit| digit.to_digit(base).unwrap_or_default()), base),
    };
    let decimal = decimal.ok_or_else(|| "a number has more digits than are read".to_owned())?;
    let sign = if is_negative && decimal != "0" { "-" } else { "" };
    Ok(as_written_or(text, format!("{sign}{decimal}"), arena))
}

/// A number as it stands in the source, where that is what it would be written as.
fn as_written_or<'t>(text: &'t str, canonical: String, arena: &'t Bump) -> Value<'t> {
    Value::Number(if text == canonical { text } else { arena.alloc_str(&canonical) })
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    }
}

/// `1:20`, `190:20:30`: digits, then parts below 60.
fn is_sexagesimal(digits: &str) -> bool {
    let mut parts = digits.split(':');
    let first = parts.next().unwrap_or_default();
    let is_first = first.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) && first.bytes().all(is_digit);
    let mut count = 0;
    let is_rest = parts.all(|part| {
        count += 1;
        match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
            _ => false,
        }
    });
    is_first && is_rest && count > 0
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// A float as PyYAML's resolver matches it: with a point; an exponent has a sign.
fn float<'t>(text: &'t str, arena: &'t Bump) -> Option<Value<'t>> {
    if !text.contains('.') {
        return None;
    }
    let (is_negative, digits) = signed(text);
    match digits {
        ".inf" | ".Inf" | ".INF" => return Some(Value::Number(if is_negative { "-.inf" } else { ".inf" })),
        ".nan" | ".NaN" | ".NAN" if digits.len() == text.len() => return Some(Value::Number(".nan")),
        _ => {}
    }
    let (whole, rest) = digits.split_once('.')?;
    if whole.contains(':') {
        let is_float = is_sexagesimal(whole) && rest.bytes().all(is_digit);
        return is_float.then(|| sexagesimal(is_negative, digits, arena));
    }
    let (fraction, exponent) = rest.split_once(['e', 'E']).map_or((rest, None), |(fraction, exponent)| (fraction, Some(exponent)));
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let starts_with_digit = |part: &str| part.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let has_digits = if whole.is_empty() { starts_with_digit(rest) && digits.len() == text.len() } else { starts_with_digit(whole) };
    let is_float = has_digits && is_exponent && whole.bytes().all(is_digit) && fraction.bytes().all(is_digit);
    is_float.then(|| decimal_float(text, is_negative, whole, fraction, exponent, arena))
}

/// As written but for signs, underscores and digits that only some notations allow to leave out or to put before.
fn decimal_float<'t>(text: &'t str, is_negative: bool, whole: &str, fraction: &str, exponent: Option<&str>, arena: &'t Bump) -> Value<'t> {
    let or_zero = |digits: String| if digits.is_empty() { "0".to_owned() } else { digits };
    let whole = or_zero(whole.replace('_', "").trim_start_matches('0').to_owned());
    let fraction = or_zero(fraction.replace('_', ""));
    let sign = if is_negative { "-" } else { "" };
    let exponent = exponent.map_or_else(String::new, |exponent| format!("e{exponent}"));
    as_written_or(text, format!("{sign}{whole}.{fraction}{exponent}"), arena)
}

fn sexagesimal<'t>(is_negative: bool, digits: &str, arena: &'t Bump) -> Value<'t> {
    let clean = digits.replace('_', "");
    // From the last part on, as PyYAML does, so that rounding is the same.
    let (value, _) = clean
        .rsplit(':')
        .fold((0.0, 1.0), |(value, base): (f64, f64), part| (value + part.parse::<f64>().unwrap_or_default() * base, base * 60.0));
    Value::Number(arena.alloc_str(&format!("{:?}", if is_negative { -value } else { value })))
}

/// What `!!float` makes of a text: a float, or an integer in decimal.
fn any_float<'t>(text: &'t str, arena: &'t Bump) -> Option<Value<'t>> {
    let is_integer = signed(text).1.bytes().all(is_digit) && text.bytes().any(|byte| byte.is_ascii_digit());
    float(text, arena).or_else(|| is_integer.then(|| Value::Number(arena.alloc_str(&text.replace(['_', '+'], "")))))
}

#[cfg(test)]
mod tests {
    use super::scalar;
    use crate::syntax::Value;
    use bumpalo::Bump;

    #[test]
    fn plain_scalars_are_read_as_yaml_1_1() {
        for (text, expected) in [
            ("yes", "true"),
            ("No", "false"),
            ("ON", "true"),
            ("off", "false"),
            ("y", "text"),
            ("yEs", "text"),
            ("tRUE", "text"),
            ("~", "null"),
            ("", "null"),
            ("12", "12"),
            ("0123", "83"),
            ("0o17", "text"),
            ("089", "text"),
            ("0b101", "5"),
            ("0x1F", "31"),
            ("0x_", "refused"),
            ("1_000", "1000"),
            ("+5", "5"),
            ("-0", "0"),
            ("1:20", "80"),
            ("-1:20", "-80"),
            ("0:20", "text"),
            ("1:60", "text"),
            ("1:20.5", "80.5"),
            ("1.5", "1.5"),
            ("8.10", "8.10"),
            (".5", "0.5"),
            ("+.5", "text"),
            ("1.", "1.0"),
            ("1e3", "text"),
            ("1.0e3", "text"),
            ("1.0e+3", "1.0e+3"),
            ("-.INF", "-.inf"),
            (".nan", ".nan"),
            ("-.nan", "text"),
            ("2012-10-17", "text"),
            ("2012-13-17", "refused"),
            ("10.0.0.0/16", "text"),
            ("1.2.3", "text"),
            ("arn:aws", "text"),
            ("-", "text"),
            (".", "text"),
        ] {
            let arena = Bump::new();
            let found = match scalar(text, true, None, &arena) {
                Ok((Value::Null, _)) => "null",
                Ok((Value::Bool(true), _)) => "true",
                Ok((Value::Bool(false), _)) => "false",
                Ok((Value::Number(number), _)) => number,
                Ok(_) => "text",
                Err(_) => "refused",
            };
            assert_eq!(found, expected, "{text}");
        }
    }
}
