//! Whether a reason says something, and whether a word of it was meant as an option.
//!
//! Comes in: the words of a command behind its targets. Goes out: what is wrong with them, for the person who wrote them. A reason may
//! hold `=` and `:`; only what resembles the name of an option at the start of a word is refused.

use crate::change::Day;
use crate::command::visible::{is_invisible, shown};
use crate::model::nearest::nearest;

/// A reason shows at least so many characters that are no white space, and so many letters or digits.
const MIN_SHOWN: usize = 3;
const MIN_SAID: usize = 2;
/// What help and comments print in the place of words.
const PLACEHOLDERS: [&str; 5] = ["why", "how", "reason", "id", "date"];
/// Other words for an end date.
const ENDS: [&str; 7] = ["till", "til", "expires", "expire", "expiry", "deadline", "valid-until"];
const SEPARATORS: [char; 4] = ['=', ':', '\u{FF1D}', '\u{FF1A}'];

/// Whether readers find more in it than marks.
pub(super) fn says_something(reason: &str) -> bool {
    let shown = shown(reason);
    let said = shown.chars().filter(|c| c.is_alphanumeric()).count();
    shown.chars().filter(|c| !c.is_whitespace()).count() >= MIN_SHOWN && said >= MIN_SAID
}

/// The placeholder that was left where words should stand: in angle brackets anywhere, or as all that is said.
pub(super) fn placeholder(reason: &str) -> Option<&'static str> {
    let shown = shown(reason).to_lowercase();
    let bracketed = |name: &str| {
        shown.match_indices('<').any(|(at, _)| {
            let inside = shown[at + 1..].trim_start().strip_prefix(name).map(str::trim_start);
            inside.is_some_and(|rest| rest.starts_with('>'))
        })
    };
    let alone: String = shown.chars().filter(|c| c.is_alphanumeric()).collect();
    PLACEHOLDERS.into_iter().find(|name| bracketed(name) || alone == **name)
}

/// Checks one word of the reason and the one before it.
///
/// # Errors
/// The word wants to be an option, and is none: what it should have been.
pub(super) fn check_word(before: Option<&str>, word: &str) -> Result<(), String> {
    let plain: String = word.chars().filter(|c| !is_invisible(*c)).collect();
    let plain = plain.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if let Some(day) = before.filter(|before| is_until(before)).and_then(|_| day(&plain)) {
        return Err(format!("For an end date write `until={day}`."));
    }
    if before.is_some_and(is_until) && word.starts_with(SEPARATORS) {
        return Err("For an end date write `until=2027-05-23`, without spaces.".to_owned());
    }
    let Some((name, value)) = plain.split_once(SEPARATORS) else { return Ok(()) };
    let sign = plain[name.len()..].starts_with(['=', '\u{FF1D}']);
    let name = name.trim_end_matches(|c: char| !c.is_alphanumeric());
    match resembles(name, sign, value) {
        Some(option) => Err(format!("There is no such option. Did you mean `{option}=`?")),
        None => Ok(()),
    }
}

/// The option that a name with a sign behind it was meant to be.
fn resembles(name: &str, sign: bool, value: &str) -> Option<&'static str> {
    let near_until = nearest(name, ["until"].into_iter()).is_some() && name.len() > 2;
    let end = ENDS.contains(&name) && day(value).is_some();
    // `see` is short: of what is near it only its own letters, in another order or number, are taken for it.
    let near_see = (2..=5).contains(&name.len()) && name.chars().all(|c| c == 's' || c == 'e');
    match name {
        "until" => Some("until"),
        "see" => Some("see"),
        "ticket" if sign => Some("ticket"),
        "to" if sign => Some("to"),
        _ if near_until && (sign || day(value).is_some()) || end => Some("until"),
        _ if near_see && sign => Some("see"),
        _ => None,
    }
}

fn is_until(word: &str) -> bool {
    let plain: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    plain.eq_ignore_ascii_case("until")
}

/// The day that a word holds, whatever marks stand around it.
fn day(word: &str) -> Option<Day> {
    Day::parse(word.trim_matches(|c: char| !c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{check_word, placeholder, says_something};

    #[test]
    fn reasons_without_content() {
        for (reason, says) in [
            ("the form is public", true),
            ("OPS-12", true),
            ("理由は別", true),
            ("a=b: see the table", true),
            ("...", false),
            ("?!?!", false),
            ("\u{200B}\u{200B}\u{200B}\u{200B}", false),
            ("\u{3164}\u{3164}\u{3164}", false),
            ("&zwj;&#8203;&nbsp;", false),
            ("👍👍👍", false),
            ("a.", false),
            ("a..", false),
        ] {
            assert_eq!(says_something(reason), says, "{reason:?}");
        }
    }

    #[test]
    fn placeholders_in_any_dress() {
        for reason in
            ["<why>", "<WHY>", "&lt;why&gt;", "&LT; why &GT;", "[why]", "`how`", "`<how>`", "**Reason**", "<wh\u{200B}y>", "ok <date>"]
        {
            assert!(placeholder(reason).is_some(), "{reason}");
        }
        for reason in ["that is why", "we know how it works", "<T> is a type", "a < b"] {
            assert!(placeholder(reason).is_none(), "{reason}");
        }
    }

    #[test]
    fn words_that_want_to_be_options() {
        for (before, word, part) in [
            (None, "until:2027-02-20", "`until=`"),
            (None, "Until=2027-02-20", "`until=`"),
            (None, "UNTIL:", "`until=`"),
            (None, "untill=2027-02-20", "`until=`"),
            (None, "untl:2027-02-20", "`until=`"),
            (None, "--until=2027-02-20", "`until=`"),
            (None, "(until=2027-02-20)", "`until=`"),
            (None, "unt\u{200B}il=2027-02-20", "`until=`"),
            (None, "until\u{FF1D}2027-02-20", "`until=`"),
            (None, "expires=2027-02-20", "`until=`"),
            (None, "till:2027-02-20", "`until=`"),
            (Some("until"), "2027-02-20", "write `until=2027-02-20`"),
            (Some("Until"), "2027-02-20,", "write `until=2027-02-20`"),
            (Some("until"), "=2027-02-20", "write `until=2027-02-20`"),
            (Some("until"), "=DATE", "without spaces"),
            (None, "see:docs/a.md", "`see=`"),
            (None, "See=docs/a.md", "`see=`"),
            (None, "se=docs/a.md", "`see=`"),
            (None, "Ticket=A-1", "`ticket=`"),
            (None, "TO=payments", "`to=`"),
        ] {
            let error = check_word(before, word).unwrap_err();
            assert!(error.contains(part), "{word}: {error}");
        }
    }

    #[test]
    fn words_that_are_words() {
        for word in [
            "a=b",
            "x:",
            "https://x.example/?until=1",
            "set=on",
            "ticket:",
            "to:",
            "expires:",
            "units:",
            "10:30",
            "=",
            "::",
            "key=until",
            "foo(until)",
        ] {
            assert_eq!(check_word(Some("the"), word), Ok(()), "{word}");
        }
        assert_eq!(check_word(Some("until"), "Friday"), Ok(()));
    }
}
