//! Whether a property certainly has another value than before, whatever parameters and the deployment put into it.
//!
//! Comes in: the branches of both sides, with everything symbolic written `${…}`. Goes out: a pair that differs.

use crate::model::holding::{Branch, Fixed, Setting};

/// The first pair of values that belong together and certainly differ; `None` where there is none, or where nobody can tell.
pub(super) fn difference<'h>(before: &'h Fixed, now: &'h Fixed) -> Option<(&'h Branch, &'h Branch)> {
    let of_same_case = now.branches.iter().find_map(|is| {
        let was = only(&before.branches, &is.when)?;
        only(&now.branches, &is.when)?;
        differs(now, &was.value, &is.value).then_some((was, is))
    });
    // Where the cases are others, no value may be one that it had.
    let all_differ = || now.branches.iter().all(|is| before.branches.iter().all(|was| differs(now, &was.value, &is.value)));
    of_same_case.or_else(|| before.branches.first().zip(now.branches.first()).filter(|_| all_differ()))
}

/// The only branch of a case.
fn only<'h>(branches: &'h [Branch], when: &str) -> Option<&'h Branch> {
    let mut of_case = branches.iter().filter(|branch| branch.when == when);
    of_case.next().filter(|_| of_case.next().is_none())
}

fn differs(fixed: &Fixed, was: &Setting, is: &Setting) -> bool {
    match (text(fixed, was), text(fixed, is)) {
        (Some(was), Some(is)) => is_other_text(was, is) && !fixed.alike.iter().any(|values| values.contains(&was) && values.contains(&is)),
        // A name that the provider makes is none that people write.
        (Some(_), None) => *is == Setting::Absent,
        (None, Some(_)) => *was == Setting::Absent,
        (None, None) => false,
    }
}

/// The text, or that of the default; `None` where there is none, or where nobody can tell.
fn text<'h>(fixed: &'h Fixed, setting: &'h Setting) -> Option<&'h str> {
    match setting {
        Setting::Known(text) => Some(text),
        Setting::Absent => fixed.default,
        Setting::Unresolved => None,
    }
}

/// Whether no values of what is symbolic make the two texts equal. That two symbols differ says nothing, but for two resources.
fn is_other_text(was: &str, is: &str) -> bool {
    if was == is {
        return false;
    }
    let [old, new] = [pieces(was), pieces(is)];
    match (symbols(&old).as_slice(), symbols(&new).as_slice()) {
        ([], []) => true,
        ([], _) => !may_be(&new, was),
        (_, []) => !may_be(&old, is),
        ([a], [b]) if a != b => old.len() == 1 && new.len() == 1 && are_two_resources(a, b),
        (a, b) => a == b,
    }
}

#[derive(PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Symbol(&'a str),
}

fn pieces(mut text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some(start) = text.find("${") {
        let Some(length) = text[start..].find('}') else { break };
        if start > 0 {
            pieces.push(Piece::Text(&text[..start]));
        }
        pieces.push(Piece::Symbol(&text[start + 2..start + length]));
        text = &text[start + length + 1..];
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    pieces
}

fn symbols<'a>(pieces: &[Piece<'a>]) -> Vec<&'a str> {
    let symbols = pieces.iter().filter_map(|piece| match piece {
        Piece::Symbol(symbol) => Some(*symbol),
        Piece::Text(_) => None,
    });
    symbols.collect()
}

/// Whether the symbols, each of at least a letter, can make the pieces read like the text.
fn may_be(pieces: &[Piece<'_>], text: &str) -> bool {
    match pieces {
        [] => text.is_empty(),
        [Piece::Text(known), rest @ ..] => text.strip_prefix(known).is_some_and(|left| may_be(rest, left)),
        [Piece::Symbol(_)] => !text.is_empty(),
        // Only what follows the symbol is searched for: pieces of text stand between symbols.
        [Piece::Symbol(_), rest @ ..] => match rest {
            [Piece::Text(known), beyond @ ..] => {
                text.match_indices(known).any(|(cut, _)| cut > 0 && may_be(beyond, &text[cut + known.len()..]))
            }
            _ => true,
        },
    }
}

/// `${Orders.Arn}` and `${Archive.Arn}`. What comes from outside bears its kind before a colon, what nobody is sure of a question mark.
fn are_two_resources(a: &str, b: &str) -> bool {
    let is_sure = |symbol: &str| !symbol.contains(':') && symbol.starts_with(|letter: char| letter.is_uppercase());
    let attribute = |symbol| str::split_once(symbol, '.').map(|(_, attribute)| attribute);
    is_sure(a) && is_sure(b) && attribute(a) == attribute(b)
}

#[cfg(test)]
mod tests {
    use super::is_other_text;

    #[test]
    fn only_what_can_never_be_equal_differs() {
        for (was, is, other) in [
            ("orders", "orders", false),
            ("orders", "orders2", true),
            ("${param:Stage}-orders", "${param:Stage}-orders2", true),
            ("${param:Stage}-orders", "${param:Stage}-orders", false),
            ("orders", "${param:Stage}-orders", true),
            ("live-orders", "${param:Stage}-orders", false),
            ("${param:Table}", "${param:Name}", false),
            ("${param:Table}", "orders", false),
            ("${Key.Arn}", "${Other.Arn}", true),
            ("${Key.Arn}", "${Key}", false),
            ("${?Network.Outputs.Key}", "${?Base.Outputs.Key}", false),
            ("${stack}-orders", "${region}-orders", false),
        ] {
            assert_eq!(is_other_text(was, is), other, "{was} to {is}");
            assert_eq!(is_other_text(is, was), other, "{is} to {was}");
        }
    }
}
