//! Whether a text lets somebody in, or only speaks of them: in a comment, a description, a tag, a statement that denies. Who is only spoken of is
//! nobody that the repository knows: whoever prepares a change could write a number anywhere first.
//!
//! Comes in: a text and where an id stands in it. Goes out: whether it counts. No notation is parsed: what cannot be told counts.

/// How far around an id is looked.
const AROUND: usize = 2_000;
/// Most containers that an id lies in and that are looked at.
const LEVELS: usize = 6;

/// Keys whose values nobody but people reads.
const DESCRIBING: [&str; 8] = ["alarmdescription", "comment", "comments", "description", "displayname", "notes", "summary", "title"];
/// Containers of words that somebody chose to find things by.
const LABELLING: [&str; 8] =
    ["annotations", "default_tags", "labels", "metadata", "propagated_tags", "tag_specifications", "tags", "tagset"];

/// Whether what stands at a place of a text is only spoken of.
pub(super) fn only_speaks(text: &str, at: usize) -> bool {
    let line = &text[text[..at].rfind('\n').map_or(0, |end| end + 1)..at];
    is_comment(line) || DESCRIBING.contains(&&*key(line)) || is_inside(text, at) || is_below(text, at)
}

/// Whether the rest of a line is a comment.
fn is_comment(before: &str) -> bool {
    let trimmed = before.trim_start();
    if ["#", "//", "/*", "* ", "--"].iter().any(|begin| trimmed.starts_with(begin)) {
        return true;
    }
    let is_even = |at: usize, quote: char| before[..at].matches(quote).count().is_multiple_of(2);
    let is_outside_of_quotes = |at: usize| is_even(at, '"') && is_even(at, '\'');
    [" #", " //", "\t#", "\t//"].iter().any(|begin| before.match_indices(begin).any(|(at, _)| is_outside_of_quotes(at)))
}

/// The key that a line begins with, in lower case without quotes.
fn key(line: &str) -> String {
    let line = line.trim_start().trim_start_matches("- ").trim_start_matches(['"', '\'']);
    let end = line.find(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '_' | '-')).unwrap_or(line.len());
    line[..end].to_ascii_lowercase()
}

/// The key in whose value a place of a text lies, as far as one line or two say it: `TemplateURL` of `{TemplateURL: !Sub "https://…` too.
pub(super) fn key_at(text: &str, at: usize) -> String {
    text[..at].lines().rev().take(2).map(last_key).find(|key| !key.is_empty() && key != "fn").unwrap_or_default()
}

/// The last key of a line, in lower case without quotes.
fn last_key(line: &str) -> String {
    let opens = |(at, letter): &(usize, char)| *letter == ',' || *letter == '{' && !line[..*at].ends_with('$');
    let mut pairs = line.char_indices().filter(opens).map(|(at, _)| at + 1);
    let says = |from: usize| line[from..].contains([':', '=']);
    let from = pairs.rfind(|from| says(*from)).unwrap_or(0);
    key(&line[from..])
}

/// Whether it lies in braces or brackets that label or describe, or in a statement that denies.
fn is_inside(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let (mut depth, mut levels) = (0_usize, 0);
    for position in (at.saturating_sub(AROUND)..at).rev() {
        match bytes[position] {
            b'}' | b']' => depth += 1,
            b'{' | b'[' if depth > 0 => depth -= 1,
            opener @ (b'{' | b'[') => {
                if LABELLING.contains(&&*word_before(bytes, position)) {
                    return true;
                }
                if opener == b'{'
                    && let Some(denies) = denies(bytes, position, at)
                {
                    return denies;
                }
                levels += 1;
                if levels == LEVELS {
                    return false;
                }
            }
            _ => {}
        }
    }
    false
}

/// The name before an opening brace, in lower case: of `"Tags": [`, `tags = {` and `labels {`.
fn word_before(bytes: &[u8], at: usize) -> String {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b':' | b'"' | b'\'' | b'(');
    let rest = bytes[..at].iter().rev().skip_while(|byte| is_between(byte));
    let word: Vec<u8> = rest.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').map(u8::to_ascii_lowercase).collect();
    word.into_iter().rev().map(char::from).collect()
}

/// Whether what a brace encloses is a statement that denies; `None` where it says neither.
fn denies(bytes: &[u8], opener: usize, at: usize) -> Option<bool> {
    let (mut depth, mut end) = (0_usize, bytes.len().min(at + AROUND));
    for (position, byte) in bytes.iter().enumerate().take(end).skip(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' => {
                end = position;
                break;
            }
            _ => {}
        }
    }
    let inside = String::from_utf8_lossy(&bytes[opener..end]);
    let says = |word: &str| inside.contains(&format!("\"{word}\"")) || inside.contains(&format!(": {word}"));
    match (says("Deny"), says("Allow")) {
        (true, false) => Some(true),
        (_, true) => Some(false),
        (false, false) => None,
    }
}

/// The same of a notation that says by indentation what encloses what.
fn is_below(text: &str, at: usize) -> bool {
    let start = text[..at].char_indices().rev().map(|(position, _)| position).take(AROUND).last().unwrap_or(0);
    let mut lines = text[start..at].lines().rev();
    let Some(own) = lines.next() else { return false };
    let mut inner = indent(own);
    let mut levels = 0;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let outer = indent(line);
        if outer > inner || (outer == inner && !line.trim_start().starts_with("- ")) {
            // Beside it: the statement says whether it denies.
            if outer == inner && line.trim() == "Effect: Deny" {
                return true;
            }
            continue;
        }
        let name = key(line);
        if LABELLING.contains(&&*name) && line.trim_end().ends_with(':') {
            return true;
        }
        if line.trim_start().trim_start_matches("- ").trim() == "Effect: Deny" {
            return true;
        }
        inner = outer;
        levels += 1;
        if levels == LEVELS || outer == 0 {
            return false;
        }
    }
    false
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::{key_at, only_speaks};

    #[test]
    fn a_value_is_that_of_the_key_before_it() {
        for (before, expected) in [
            ("TemplateURL: https://", "templateurl"),
            ("Properties: {TemplateURL: !Sub \"https://${AWS::Region}.", "templateurl"),
            ("  \"TemplateURL\": {\n    \"Fn::Sub\": \"https://", "templateurl"),
            ("  TemplateURL:\n    !Sub https://", "templateurl"),
            ("  template_url = \"https://", "template_url"),
            ("{Old: https://a, Origin: https://", "origin"),
        ] {
            assert_eq!(key_at(before, before.len()), expected, "{before}");
        }
    }

    #[test]
    fn who_is_let_in_is_told_from_who_is_spoken_of() {
        const ID: &str = "444455556666";
        for (text, expected) in [
            ("  Principal = { AWS = \"444455556666\" }", false),
            ("# partner: 444455556666", true),
            ("bucket = \"a\" # 444455556666", true),
            ("url = \"https://a/#444455556666\"", false),
            ("description = \"of 444455556666\"", true),
            ("  \"Description\": \"of 444455556666\"", true),
            ("tags = { Partner = \"444455556666\" }", true),
            ("tags = {\n  Team = \"x\"\n  Partner = \"444455556666\"\n}", true),
            ("\"Tags\": [{\"Key\": \"a\", \"Value\": \"444455556666\"}]", true),
            ("accounts = [\"444455556666\"]", false),
            ("Tags:\n  - Key: a\n    Value: \"444455556666\"", true),
            ("metadata:\n  name: a\n  labels:\n    owner: \"444455556666\"", true),
            ("data:\n  accounts: \"444455556666\"", false),
            ("{\"Effect\": \"Deny\", \"Principal\": {\"AWS\": \"444455556666\"}, \"Action\": \"*\"}", true),
            ("{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"444455556666\"}}, {\"Effect\": \"Deny\"}", false),
            ("- Effect: Deny\n  Principal:\n    AWS: \"444455556666\"", true),
            ("- Effect: Allow\n  Principal:\n    AWS: \"444455556666\"", false),
        ] {
            assert_eq!(only_speaks(text, text.find(ID).unwrap_or_default()), expected, "{text}");
        }
    }
}
