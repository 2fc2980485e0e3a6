//! Functions over regular expressions.
//!
//! Terraform's are RE2, as are those of the crate regex but for few signs: a pattern that the crate does not take is not known. Both need
//! time in proportion to the text.

use crate::formats::terraform::functions::Outcome;
use crate::formats::terraform::functions::arguments::{Arguments, Function, TEXT, row};
use crate::formats::terraform::value::{Kind, MAX_TEXT, MAX_WEIGHT};
use regex::{Captures, Regex, RegexBuilder};
use std::collections::BTreeMap;

pub(super) const FUNCTIONS: &[Function] =
    &[row("regex", &[TEXT, TEXT], regex), row("regexall", &[TEXT, TEXT], regexall), row("replace", &[TEXT, TEXT, TEXT], replace)];

/// Most bytes that a compiled pattern may take.
const MAX_COMPILED: usize = 1 << 20;

fn compiled(pattern: &str) -> Result<Regex, Kind> {
    let compiled = RegexBuilder::new(pattern).size_limit(MAX_COMPILED).dfa_size_limit(MAX_COMPILED).build();
    compiled.map_err(|_| Kind::unknown("a pattern that is not understood"))
}

fn regex(given: &Arguments<'_>) -> Outcome {
    let pattern = compiled(given.text(0)?)?;
    let found = pattern.captures(given.text(1)?).ok_or_else(|| Kind::error("the pattern does not match"))?;
    groups(&pattern, &found, given)
}

fn regexall(given: &Arguments<'_>) -> Outcome {
    let pattern = compiled(given.text(0)?)?;
    let mut all = Vec::new();
    for found in pattern.captures_iter(given.text(1)?) {
        if all.len() >= MAX_WEIGHT {
            return Err(Kind::unknown("a list that is too long"));
        }
        all.push(given.make(groups(&pattern, &found, given)?));
    }
    Ok(Kind::list(all))
}

/// The match where there are no groups; else the named groups by name, or all groups in order.
fn groups(pattern: &Regex, found: &Captures<'_>, given: &Arguments<'_>) -> Outcome {
    let group = |index| given.make(found.get(index).map_or(Kind::Null, |group| Kind::text(group.as_str())));
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    match names.iter().flatten().count() {
        0 if names.is_empty() => Ok(group(0).kind),
        0 => Ok(Kind::tuple((1..=names.len()).map(group).collect())),
        count if count == names.len() => {
            let named = names.iter().enumerate().filter_map(|(index, name)| Some(((*name)?.into(), group(index + 1))));
            Ok(Kind::object(named.collect::<BTreeMap<_, _>>()))
        }
        _ => Err(Kind::error("either all groups have names or none")),
    }
}

/// Between slashes, what is to be replaced is a pattern.
fn replace(given: &Arguments<'_>) -> Outcome {
    let (text, old, new) = (given.text(0)?, given.text(1)?, given.text(2)?);
    let pattern = Some(old).filter(|old| old.len() > 1).and_then(|old| old.strip_prefix('/')?.strip_suffix('/'));
    let Some(pattern) = pattern else {
        let times = if old.is_empty() { text.chars().count() + 1 } else { text.matches(old).count() };
        bounded(text, times.saturating_mul(new.len()))?;
        return Ok(Kind::text(text.replace(old, new)));
    };
    let pattern = compiled(pattern)?;
    let mut replaced = String::new();
    let mut passed = 0;
    for found in pattern.captures_iter(text) {
        let whole = found.get_match();
        replaced.push_str(&text[passed..whole.start()]);
        // A group that stands twice in what is put in its place makes the text longer each time.
        bounded(&replaced, new.len().saturating_mul(whole.len().max(1)))?;
        found.expand(new, &mut replaced);
        passed = whole.end();
    }
    Ok(Kind::text(replaced + &text[passed..]))
}

fn bounded(text: &str, more: usize) -> Result<(), Kind> {
    if text.len().saturating_add(more) > 4 * MAX_TEXT { Err(Kind::unknown("a text that is too long")) } else { Ok(()) }
}
