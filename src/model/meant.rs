//! What was probably meant by a word of a file that is none: for settings of repositories and of the service, and for rules.
//!
//! Comes in: what the reader of YAML says. Goes out: one line, without the place that stands before it anyway, and with a suggestion.

use crate::model::nearest::nearest;

/// Sections with their keys, to say where a key belongs that stands elsewhere.
pub type Sections = [(String, Vec<String>)];

/// The message in one line: what is wrong, and the word that is near it, or the section that has it.
pub fn message(error: &str, sections: &Sections) -> String {
    offering(error, sections, &|_| true)
}

/// As that, where not every word that the reader knows is possible: the others are not named.
pub fn offering(error: &str, sections: &Sections, offers: &dyn Fn(&str) -> bool) -> String {
    let line = error.lines().next().unwrap_or(error);
    let line = without_place(line.strip_prefix("error: ").unwrap_or(line));
    // The reader's own words for a list or mapping where one of several words is wanted.
    if line.contains("externally tagged enum") {
        return "one word is wanted here".to_owned();
    }
    let Some((word, all)) = unknown(line) else { return line.to_owned() };
    let known: Vec<&str> = all.iter().copied().filter(|word| offers(word)).collect();
    let fewer = (known.len() < all.len()).then(|| {
        let what = line.split("expected ").next().unwrap_or_default();
        format!("{what}expected one of {}", known.join(", "))
    });
    let line = fewer.as_deref().unwrap_or(line);
    if let Some(meant) = nearest(word, known.iter().copied()) {
        return format!("{line}: did you mean `{meant}`?");
    }
    match sections.iter().find(|(_, keys)| keys.iter().any(|key| key == word)) {
        Some((section, _)) => format!("{line}: it belongs into `{section}:`"),
        None => line.to_owned(),
    }
}

/// The word that is not known, and those that are: ``unknown field `a`, expected one of b, c``.
fn unknown(line: &str) -> Option<(&str, Vec<&str>)> {
    let (_, rest) = line.strip_prefix("unknown ")?.split_once('`')?;
    let (word, rest) = rest.split_once('`')?;
    let known = rest.split_once("expected ")?.1;
    let known = known.strip_prefix("one of ").unwrap_or(known);
    Some((word, known.split(", ").flat_map(|some| some.split(" or ")).map(|one| one.trim_matches('`')).collect()))
}

/// Without `line 2 column 3: `.
fn without_place(line: &str) -> &str {
    let rest = line.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    rest.filter(|(place, _)| place.split(" column ").all(|number| number.parse::<u32>().is_ok())).map_or(line, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn words_are_shown_what_was_meant() {
        let sections = [("gate".to_owned(), vec!["findings".to_owned()])];
        for (error, expected) in [
            (
                "line 1 column 8: unknown field `mod`, expected one of mode, gate\nmore",
                "unknown field `mod`, expected one of mode, gate: did you mean `mode`?",
            ),
            (
                "unknown variant `advize`, expected `enforce` or `advise`",
                "unknown variant `advize`, expected `enforce` or `advise`: did you mean `advise`?",
            ),
            (
                "unknown field `findings`, expected one of mode, gate",
                "unknown field `findings`, expected one of mode, gate: it belongs into `gate:`",
            ),
            ("line 2 column 3: unknown field `xyzzyx`, expected mode", "unknown field `xyzzyx`, expected mode"),
            ("line of sight: lost", "line of sight: lost"),
        ] {
            assert_eq!(message(error, &sections), expected);
        }
        let error = "unknown field `fold`, expected one of is, folds, flows";
        assert_eq!(super::offering(error, &[], &|word| word != "folds"), "unknown field `fold`, expected one of is, flows");
    }
}
