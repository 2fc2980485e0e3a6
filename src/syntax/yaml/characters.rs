//! The characters that may stand in a text, and what escapes mean.
//!
//! Comes in: a text or a part of one. Goes out: the first character that readers refuse, or that they disagree about.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::{error, line_and_column};

/// Where a character stands that neither PyYAML (`reader.py`, `NON_PRINTABLE`) nor js-yaml (`PATTERN_NON_PRINTABLE`) takes.
pub(super) fn unprintable(text: &str) -> Option<usize> {
    find(text, |character| !is_printable(character))
}

/// Refuses what PyYAML refuses, and the three characters that are line breaks in YAML 1.1 and content in YAML 1.2: which of them
/// CloudFormation follows is not known, and resources can hide behind such a break.
pub(super) fn check(text: &str) -> Result<(), SyntaxError> {
    let is_refused = |character| !is_printable(character) || escape_of_break(character).is_some();
    let Some(offset) = find(text, is_refused) else { return Ok(()) };
    let character = text.get(offset..).and_then(|rest| rest.chars().next()).unwrap_or_default();
    let code = format!("U+{:04X}", u32::from(character));
    let Some(escape) = escape_of_break(character) else {
        return Err(error(line_and_column(text, offset), format!("the control character {code} may not stand in YAML")));
    };
    let message = format!(
        "{code} is a line break for readers of YAML 1.1 and a character for others: remove it, or write `{escape}` in double quotes"
    );
    Err(error(line_and_column(text, offset), message))
}

/// How a line break of YAML 1.1 that is a character in YAML 1.2 is written in double quotes.
pub(super) fn escape_of_break(character: char) -> Option<&'static str> {
    match character {
        '\u{85}' => Some("\\N"),
        '\u{2028}' => Some("\\L"),
        '\u{2029}' => Some("\\P"),
        _ => None,
    }
}

/// Most bytes need no second look; those that begin one of the characters in question do.
fn find(text: &str, is_wanted: impl Fn(char) -> bool) -> Option<usize> {
    let suspicious = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') || matches!(byte, 0x7f | 0xc2 | 0xe2 | 0xef);
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = bytes.get(from..)?.iter().position(|byte| suspicious(*byte)) {
        let offset = from + found;
        let character = text.get(offset..)?.chars().next()?;
        if is_wanted(character) {
            return Some(offset);
        }
        from = offset + character.len_utf8();
    }
    None
}

fn is_printable(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | '\u{85}' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

/// What a backslash and this byte stand for in double quotes, for both readers.
pub(super) fn escaped(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' => ' ',
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

/// How many hexadecimal digits follow a backslash and this byte.
pub(super) fn escape_digits(byte: u8) -> Option<usize> {
    match byte {
        b'x' => Some(2),
        b'u' => Some(4),
        b'U' => Some(8),
        _ => None,
    }
}

/// The character of a numeric escape whose digits begin at `digits`, and how many bytes it takes. Two escapes that make a surrogate pair
/// are one character; half a pair is none.
pub(super) fn numeric_escape(digits: &[u8], count: usize) -> Option<(char, usize)> {
    let first = hexadecimal(digits, count)?;
    let second = match digits.get(count..count + 2) {
        Some([b'\\', kind]) => escape_digits(*kind).and_then(|more| Some((hexadecimal(digits.get(count + 2..)?, more)?, more))),
        _ => None,
    };
    match (first, second) {
        (0xd800..=0xdbff, Some((second @ 0xdc00..=0xdfff, more))) => {
            let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            char::from_u32(code).map(|character| (character, count + 2 + more))
        }
        _ => char::from_u32(first).map(|character| (character, count)),
    }
}

fn hexadecimal(digits: &[u8], count: usize) -> Option<u32> {
    let digits = digits.get(..count).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u32::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{check, numeric_escape, unprintable};

    #[test]
    fn characters_that_are_refused() {
        for (text, refused) in [
            ("a: é\tb\r\n", false),
            ("a: \u{7f}", true),
            ("a: \u{1}", true),
            ("a: \u{90}", true),
            ("# \u{85}", true),
            ("# \u{2028}", true),
            ("# \u{2029}", true),
            ("“quoted” \u{fffd}", false),
            ("\u{ffff}", true),
        ] {
            assert_eq!(check(text).is_err(), refused, "{text:?}");
        }
        assert_eq!(unprintable("\u{2028}"), None);
    }

    #[test]
    fn numeric_escapes() {
        assert_eq!(numeric_escape(b"00e9\"", 4), Some(('é', 4)));
        assert_eq!(numeric_escape(b"d83d\\ude00", 4), Some(('😀', 10)));
        assert_eq!(numeric_escape(b"d83d", 4), None);
        assert_eq!(numeric_escape(b"00110000", 8), None);
    }
}
