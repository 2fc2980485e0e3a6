//! The grammar of `${…}`: where variables stand in a text, and what each may be.
//!
//! Comes in: texts. Goes out: slices of them. Never resolves anything.
//!
//! <https://www.serverless.com/framework/docs/guides/variables>, read 2026-11-24.

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    /// What stands between the braces.
    Variable(&'t str),
}

/// One of the places that a variable may take its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source<'t> {
    /// A variable within the variable, whole.
    Nested(&'t str),
    Quoted(&'t str),
    /// A number, `true`, `false`, or `null`.
    Plain(&'t str),
    Call(Call<'t>),
}

/// `kind(argument):address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call<'t> {
    pub(super) kind: &'t str,
    pub(super) argument: Option<&'t str>,
    pub(super) address: Option<&'t str>,
}

/// The pieces of a text. What looks like a variable and is none (`${AWS::Region}`, `${Table.Arn}`) is text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(start) = text[at..].find("${").map(|offset| at + offset) {
        let Some(end) = closing(text, start + 2) else { break };
        let content = &text[start + 2..end];
        if is_variable(content) {
            pieces.push(Piece::Text(&text[from..start]));
            pieces.push(Piece::Variable(content));
            from = end + 1;
            at = from;
        } else {
            at = start + 2;
        }
    }
    pieces.push(Piece::Text(&text[from..]));
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

/// Where the brace stands that closes what begins at `start`.
fn closing(text: &str, start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (offset, character) in text[start..].char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if follows_separator(&text[start..start + offset]) => quote = Some(character),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => return Some(start + offset),
            (None, '}') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

/// A quote opens a text only where one may begin: an apostrophe in a file's name does not.
fn follows_separator(before: &str) -> bool {
    before.trim_end().ends_with([',', '(']) || before.trim().is_empty()
}

fn is_variable(content: &str) -> bool {
    let content = content.trim();
    if content.starts_with("${") {
        return true;
    }
    let kind =
        content.len() - content.trim_start_matches(|part: char| part.is_ascii_alphanumeric() || matches!(part, '-' | '_' | '.')).len();
    let rest = &content[kind..];
    let begins = content.starts_with(|first: char| first.is_ascii_alphabetic());
    begins && ((rest.starts_with(':') && !rest.starts_with("::")) || rest.starts_with('('))
}

/// The sources of a variable in the order in which they are tried.
pub(super) fn sources(content: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut from, mut quote) = (0_usize, 0, None);
    for (at, character) in content.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if follows_separator(&content[from..at]) => quote = Some(character),
            (None, '{' | '(') => depth += 1,
            (None, '}' | ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(content[from..at].trim());
                from = at + 1;
            }
            (None, _) => {}
        }
    }
    parts.push(content[from..].trim());
    parts
}

/// What one source is.
pub(super) fn source(text: &str) -> Source<'_> {
    if let Some(content) = text.strip_prefix("${").filter(|_| closing(text, 2) == Some(text.len() - 1)) {
        return Source::Nested(&content[..content.len() - 1]);
    }
    for quote in ['\'', '"'] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)) {
            return Source::Quoted(inner);
        }
    }
    match text.find([':', '(']) {
        Some(end) if text[end..].starts_with('(') => {
            let close = text.rfind(')').unwrap_or(text.len());
            let argument = text.get(end + 1..close).map(str::trim);
            Source::Call(Call {
                kind: &text[..end],
                argument,
                address: text.get(close + 1..).and_then(|rest| rest.strip_prefix(':')).map(str::trim),
            })
        }
        Some(end) => Source::Call(Call { kind: &text[..end], argument: None, address: Some(text[end + 1..].trim()) }),
        None => Source::Plain(text),
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Piece, Source, pieces, source, sources};

    #[test]
    fn variables_are_told_from_what_cloudformation_substitutes() {
        use Piece::{Text, Variable};
        for (text, expected) in [
            ("a-${self:custom.x}-b", vec![Text("a-"), Variable("self:custom.x"), Text("-b")]),
            ("${AWS::Region} ${Table.Arn} ${Table}", vec![Text("${AWS::Region} ${Table.Arn} ${Table}")]),
            ("${self.custom.x}", vec![Text("${self.custom.x}")]),
            ("${file(a.${opt:stage, 'dev'}.yml):b.c}", vec![Variable("file(a.${opt:stage, 'dev'}.yml):b.c")]),
            ("${env:X, 'a } b'}", vec![Variable("env:X, 'a } b'")]),
            ("${${self:custom.kind}:x}", vec![Variable("${self:custom.kind}:x")]),
            ("${self:a", vec![Text("${self:a")]),
            ("", vec![]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn sources_are_parted_by_commas_outside_of_everything() {
        for (content, expected) in [
            ("opt:stage, self:provider.stage, 'a, b'", vec!["opt:stage", "self:provider.stage", "'a, b'"]),
            ("file(a.yml):b, ${self:custom.c, 'd'}", vec!["file(a.yml):b", "${self:custom.c, 'd'}"]),
            ("ssm(us-east-1, raw):/a/b", vec!["ssm(us-east-1, raw):/a/b"]),
        ] {
            assert_eq!(sources(content), expected, "{content}");
        }
    }

    #[test]
    fn a_source_is_a_call_a_literal_or_a_variable() {
        let call = |kind, argument, address| Source::Call(Call { kind, argument, address });
        for (text, expected) in [
            ("self:custom.a", call("self", None, Some("custom.a"))),
            ("file(./a b.yml):c", call("file", Some("./a b.yml"), Some("c"))),
            ("file(a.json)", call("file", Some("a.json"), None)),
            ("strToBool(true)", call("strToBool", Some("true"), None)),
            ("cf(eu-west-1):stack.Output", call("cf", Some("eu-west-1"), Some("stack.Output"))),
            ("'x'", Source::Quoted("x")),
            ("null", Source::Plain("null")),
            ("${self:a}", Source::Nested("self:a")),
        ] {
            assert_eq!(source(text), expected, "{text}");
        }
    }
}
