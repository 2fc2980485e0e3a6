//! `format` and `formatlist`.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NULLABLE, Needs, TEXT, row, text};
use crate::formats::terraform::functions::encoding::json;
use crate::formats::terraform::types::{Type, convert};
use crate::formats::terraform::value::{Kind, MAX_TEXT, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    row("format", &[TEXT], |given| formatted(given.get(0)?, &given.values[1..], given)).rest(NULLABLE).needs(Needs::Pieces),
    row("formatlist", &[TEXT], formatlist).rest(NULLABLE).needs(Needs::Pieces),
];

/// `%-08.3[2]f`, read.
#[derive(Clone, Copy, Default)]
struct Verb {
    verb: char,
    is_left: bool,
    has_plus: bool,
    has_space: bool,
    has_zeros: bool,
    width: Option<usize>,
    precision: Option<usize>,
    /// From 1.
    argument: Option<usize>,
}

fn formatlist(given: &Arguments<'_>) -> Outcome {
    if let Some(open) = given.values[1..].iter().find(|value| !value.is_known() && !is_one_text(value)) {
        return Err(Kind::Unknown(open.reason(), Some(Type::List(Box::new(Type::Text)))));
    }
    let lists = || given.values[1..].iter().filter_map(|value| items_of(value).map(<[Value]>::len));
    let count = lists().next().unwrap_or(1);
    if lists().any(|length| length != count) {
        return Err(Kind::error("lists must be of one length"));
    }
    let mut texts = Vec::new();
    let mut length = 0;
    for index in 0..count {
        let row: Vec<Value> = given.values[1..].iter().map(|value| items_of(value).map_or(value, |items| &items[index]).clone()).collect();
        let text = formatted(given.get(0)?, &row, given)?;
        length += if let Kind::Text(text) = &text { text.len() } else { 0 };
        if length > 4 * MAX_TEXT {
            return Err(Kind::unknown("a list that is too long"));
        }
        texts.push(given.make(text));
    }
    Ok(Kind::list(texts))
}

/// Whether a value that is not known is no list.
fn is_one_text(value: &Value) -> bool {
    matches!(&value.kind, Kind::Joined(_) | Kind::Unknown(_, Some(Type::Text | Type::Number | Type::Bool))) || value.kind.is_one_thing()
}

fn items_of(value: &Value) -> Option<&[Value]> {
    match &value.kind {
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => Some(items),
        _ => None,
    }
}

/// A pattern of pieces keeps what is known of it; what is not may hold verbs of its own, as nobody writes them.
fn formatted(pattern: &Value, values: &[Value], given: &Arguments<'_>) -> Outcome {
    let mut taken = Taken::default();
    let Kind::Joined(parts) = &pattern.kind else {
        let pattern = text(pattern)?;
        let pieces = filled(pattern, values, given, &mut taken)?;
        if taken.used < values.len() && !has_index(pattern) {
            return Err(Kind::error("there are too many arguments"));
        }
        return Ok(Kind::joined(pieces));
    };
    let mut pieces = Vec::new();
    for part in &**parts {
        match &part.kind {
            Kind::Text(pattern) => pieces.extend(filled(pattern, values, given, &mut taken)?),
            _ => pieces.push(part.clone()),
        }
    }
    Ok(Kind::joined(pieces))
}

/// How far the arguments of a call were taken.
#[derive(Default)]
struct Taken {
    next: usize,
    used: usize,
    /// Bytes of what they were shown as.
    length: usize,
}

/// The pieces of a pattern with its verbs replaced.
fn filled(pattern: &str, values: &[Value], given: &Arguments<'_>, taken: &mut Taken) -> Result<Vec<Value>, Kind> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('%') {
        pieces.push(given.make(Kind::text(before)));
        let (verb, behind) = read(behind)?;
        rest = behind;
        if verb.verb == '%' {
            pieces.push(given.make(Kind::text("%")));
            continue;
        }
        let index = verb.argument.map_or(Some(taken.next), |argument| argument.checked_sub(1));
        let value = index.and_then(|index| values.get(index)).ok_or_else(|| Kind::error("there are too few arguments"))?;
        taken.next = index.unwrap_or_default() + 1;
        taken.used = taken.used.max(taken.next);
        let piece = shown(verb, value)?;
        taken.length += if let Kind::Text(text) = &piece.kind { text.len() } else { 0 };
        if taken.length > MAX_TEXT {
            return Err(Kind::Unknown("a text that is too long".into(), Some(Type::Text)));
        }
        pieces.push(piece);
    }
    pieces.push(given.make(Kind::text(rest)));
    Ok(pieces)
}

fn has_index(pattern: &str) -> bool {
    pattern.contains("%[")
}

fn read(text: &str) -> Result<(Verb, &str), Kind> {
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let Some(first) = rest.chars().next() else { return Err(Kind::error("a verb has no end")) };
        match first {
            '-' => verb.is_left = true,
            '+' => verb.has_plus = true,
            ' ' => verb.has_space = true,
            '0' => verb.has_zeros = true,
            '#' => {}
            _ => break,
        }
        rest = &rest[1..];
    }
    (verb.width, rest) = digits(rest)?;
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = digits(behind)?;
        verb.precision = Some(precision.unwrap_or(0));
        rest = behind;
    }
    if let Some((argument, behind)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        verb.argument = Some(argument.parse().map_err(|_| Kind::error("an index in brackets must be a whole number"))?);
        rest = behind;
    }
    let mut characters = rest.chars();
    verb.verb = characters.next().ok_or_else(|| Kind::error("a verb has no end"))?;
    Ok((verb, characters.as_str()))
}

fn digits(text: &str) -> Result<(Option<usize>, &str), Kind> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    let too_long = || Kind::unknown("a text that is too long");
    let number: usize = digits.parse().map_err(|_| too_long())?;
    if number > MAX_PADDED { Err(too_long()) } else { Ok((Some(number), rest)) }
}

/// Most columns that one value is padded to; `format!` takes no more than 65,535.
const MAX_PADDED: usize = 10_000;

fn shown(verb: Verb, value: &Value) -> Result<Value, Kind> {
    let value = if verb.verb == 'v' { value.clone() } else { convert(value, &wanted(verb.verb)?)? };
    if value.is_null() && verb.verb != 'v' {
        return Err(Kind::error("null cannot be formatted"));
    }
    let is_plain = verb.width.is_none() && verb.precision.is_none();
    match &value.kind {
        Kind::Error(_) => return Err(value.kind),
        Kind::Reference { .. } | Kind::External(..) | Kind::Either(_) | Kind::Joined(_) | Kind::Unknown(..)
            if is_plain && matches!(verb.verb, 's' | 'v' | 'd') =>
        {
            return Ok(value);
        }
        _ if !value.is_whole() => return Err(Kind::Unknown(value.reason(), Some(Type::Text))),
        // It makes the whole text unknown in Terraform.
        Kind::Null => return Err(Kind::error("null cannot be formatted")),
        _ => {}
    }
    let text = plain(verb, &value)?;
    Ok(Value { kind: Kind::text(padded(verb, text)), ..value })
}

fn wanted(verb: char) -> Result<Type, Kind> {
    match verb {
        's' | 'q' => Ok(Type::Text),
        't' => Ok(Type::Bool),
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'g' | 'G' => Ok(Type::Number),
        _ => Err(Kind::error(format!("there is no verb %{verb}"))),
    }
}

fn plain(verb: Verb, value: &Value) -> Result<String, Kind> {
    match (&value.kind, verb.verb) {
        (Kind::Text(text), 's' | 'v') => Ok(cut(text, verb.precision)),
        (Kind::Number(number), 'b' | 'd' | 'o' | 'x' | 'X') => {
            let number = number.to_integer().ok_or_else(|| Kind::error("a whole number is required"))?;
            let size = number.unsigned_abs();
            let digits = match verb.verb {
                'b' => format!("{size:b}"),
                'o' => format!("{size:o}"),
                'x' => format!("{size:x}"),
                'X' => format!("{size:X}"),
                _ => size.to_string(),
            };
            Ok(signed(verb, number < 0, &digits))
        }
        (Kind::Number(number), 'e' | 'E' | 'f' | 'g' | 'G') => {
            let digits = float(verb, number.to_float().abs(), value)?;
            Ok(signed(verb, number.to_float() < 0.0, &digits))
        }
        (Kind::Bool(flag), _) => Ok(flag.to_string()),
        (Kind::Number(_), _) => match convert(value, &Type::Text)?.kind {
            Kind::Text(text) => Ok(text.to_string()),
            other => Err(other),
        },
        _ => json(value),
    }
}

fn cut(text: &str, precision: Option<usize>) -> String {
    precision.map_or_else(|| text.to_owned(), |precision| text.chars().take(precision).collect())
}

fn signed(verb: Verb, is_negative: bool, digits: &str) -> String {
    let sign = match (is_negative, verb.has_plus, verb.has_space) {
        (true, _, _) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        (false, false, false) => "",
    };
    format!("{sign}{digits}")
}

fn float(verb: Verb, size: f64, value: &Value) -> Result<String, Kind> {
    let precision = verb.precision.unwrap_or(6);
    match verb.verb {
        'f' => Ok(format!("{size:.precision$}")),
        'g' | 'G' if verb.precision.is_none() && (size == 0.0 || (1e-4..1e21).contains(&size)) => Ok(size.to_string()),
        'e' | 'E' => {
            let text = format!("{size:.precision$e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
            Ok(format!("{mantissa}{}{sign}{exponent:0>2}", verb.verb))
        }
        _ => Err(Kind::unknown(format!("a number that is written with %{} ({})", verb.verb, value.reason()))),
    }
}

fn padded(verb: Verb, text: String) -> String {
    // A width does nothing to a bool.
    let width = if verb.verb == 't' { None } else { verb.width };
    let missing = width.unwrap_or(0).saturating_sub(text.chars().count());
    if verb.is_left {
        return text + &" ".repeat(missing);
    }
    let is_number = !matches!(verb.verb, 's' | 'q' | 'v');
    if verb.has_zeros && is_number {
        let digits = text.trim_start_matches(['-', '+', ' ']);
        let sign = &text[..text.len() - digits.len()];
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    " ".repeat(missing) + &text
}
