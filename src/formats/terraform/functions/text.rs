//! Functions over texts.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, NUMBER, Needs, TEXT, TEXTS, row, text};
use crate::formats::terraform::operators::piece;
use crate::formats::terraform::value::{Kind, MAX_TEXT};
use unicode_segmentation::UnicodeSegmentation as _;

pub(super) const FUNCTIONS: &[Function] = &[
    row("basename", &[TEXT], |given| Ok(Kind::text(base(given.text(0)?)))),
    row("chomp", &[TEXT], |given| Ok(Kind::text(given.text(0)?.trim_end_matches(['\r', '\n'])))),
    row("dirname", &[TEXT], |given| Ok(Kind::text(folder(given.text(0)?)))),
    row("endswith", &[TEXT, TEXT], |given| Ok(Kind::Bool(given.text(0)?.ends_with(given.text(1)?)))),
    row("indent", &[NUMBER, TEXT], indent),
    row("join", &[TEXT, TEXTS], join).rest(TEXTS).needs(Needs::Pieces),
    row("lower", &[TEXT], |given| Ok(Kind::text(cased(given.text(0)?, char::to_lowercase)))),
    row("split", &[TEXT, TEXT], split),
    row("startswith", &[TEXT, TEXT], startswith).needs(Needs::Pieces),
    row("strcontains", &[TEXT, TEXT], |given| Ok(Kind::Bool(given.text(0)?.contains(given.text(1)?)))),
    row("strrev", &[TEXT], |given| Ok(Kind::text(given.text(0)?.graphemes(true).rev().collect::<String>()))),
    row("substr", &[TEXT, NUMBER, NUMBER], substr),
    row("title", &[TEXT], |given| Ok(Kind::text(title(given.text(0)?)))),
    row("trim", &[TEXT, TEXT], |given| {
        let characters: Vec<char> = given.text(1)?.chars().collect();
        Ok(Kind::text(given.text(0)?.trim_matches(&*characters)))
    }),
    row("trimprefix", &[TEXT, TEXT], |given| {
        let text = given.text(0)?;
        Ok(Kind::text(text.strip_prefix(given.text(1)?).unwrap_or(text)))
    }),
    row("trimspace", &[TEXT], |given| Ok(Kind::text(given.text(0)?.trim()))),
    row("trimsuffix", &[TEXT, TEXT], |given| {
        let text = given.text(0)?;
        Ok(Kind::text(text.strip_suffix(given.text(1)?).unwrap_or(text)))
    }),
    row("upper", &[TEXT], |given| Ok(Kind::text(cased(given.text(0)?, char::to_uppercase)))),
];

/// The last part of a path, as Go has it.
fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let path = path.trim_end_matches('/');
    if path.is_empty() { "/" } else { path.rsplit('/').next().unwrap_or(path) }
}

/// What is before the last part of a path, cleaned as Go does it.
fn folder(path: &str) -> String {
    let folder = path.rfind('/').map_or("", |slash| &path[..slash]);
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." && parts.last().is_some_and(|last| *last != "..") {
            parts.pop();
        } else if part != ".." || !is_rooted {
            parts.push(part);
        }
    }
    match (is_rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// Letters one by one, as Go does it: what would become several stays.
fn cased<I: Iterator<Item = char>>(text: &str, case: fn(char) -> I) -> String {
    let one = |letter: char| {
        let mut cased = case(letter);
        cased.next().filter(|_| cased.next().is_none()).unwrap_or(letter)
    };
    text.chars().map(one).collect()
}

fn title(text: &str) -> String {
    let mut before = ' ';
    let letter = |letter: char| {
        let begins = !(before.is_alphanumeric() || before == '_');
        before = letter;
        if begins { cased(letter.encode_utf8(&mut [0; 4]), char::to_uppercase) } else { letter.to_string() }
    };
    text.chars().map(letter).collect()
}

fn indent(given: &Arguments<'_>) -> Outcome {
    let text = given.text(1)?;
    let width = usize::try_from(given.integer(0)?).map_err(|_| Kind::error("a width must not be negative"))?;
    let breaks = text.matches('\n').count();
    if breaks == 0 {
        return Ok(Kind::text(text));
    }
    if width.saturating_mul(breaks).saturating_add(text.len()) > MAX_TEXT {
        return Err(Kind::unknown("a text that is too long"));
    }
    Ok(Kind::text(text.replace('\n', &format!("\n{}", " ".repeat(width)))))
}

fn join(given: &Arguments<'_>) -> Outcome {
    let (separator, lists) = given.values.split_first().ok_or_else(|| Kind::error("an argument is missing"))?;
    let mut pieces = Vec::new();
    for list in lists {
        let Kind::List(items) = &list.kind else { return Err(Kind::unknown(list.reason())) };
        for item in &**items {
            if !pieces.is_empty() {
                pieces.push(separator.clone());
            }
            pieces.push(piece(item)?);
        }
    }
    Ok(Kind::joined(pieces))
}

fn split(given: &Arguments<'_>) -> Outcome {
    let (separator, text) = (given.text(0)?, given.text(1)?);
    if separator.is_empty() { Ok(given.texts_made(text.graphemes(true))) } else { Ok(given.texts_made(text.split(separator))) }
}

/// Decided by the known beginning, where it is long enough.
fn startswith(given: &Arguments<'_>) -> Outcome {
    let (value, prefix) = (given.get(0)?, given.get(1)?);
    let beginning = match &value.kind {
        Kind::Text(text) => {
            return if prefix.is_known() { Ok(Kind::Bool(text.starts_with(given.text(1)?))) } else { Err(Kind::unknown(prefix.reason())) };
        }
        Kind::Joined(pieces) => pieces.first().and_then(|piece| text(piece).ok()).unwrap_or_default(),
        _ => "",
    };
    match &prefix.kind {
        Kind::Text(prefix) if beginning.starts_with(&**prefix) => Ok(Kind::Bool(true)),
        Kind::Text(prefix) if !prefix.starts_with(beginning) => Ok(Kind::Bool(false)),
        _ => Err(Kind::unknown(if value.is_known() { prefix.reason() } else { value.reason() })),
    }
}

fn substr(given: &Arguments<'_>) -> Outcome {
    let (text, offset, length) = (given.text(0)?, given.integer(1)?, given.integer(2)?);
    let clusters: Vec<&str> = text.graphemes(true).collect();
    let from_end = i128::try_from(clusters.len()).unwrap_or(i128::MAX);
    let offset = if offset < 0 { (offset + from_end).max(0) } else { offset };
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(clusters.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Kind::text(clusters.into_iter().skip(start).take(length).collect::<String>()))
}
