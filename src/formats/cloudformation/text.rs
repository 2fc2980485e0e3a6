//! Strings that are made of pieces.
//!
//! Comes in: the pieces of `Fn::Join` and `Fn::Sub`. Goes out: one literal where all are literal, else the pieces, flat, with adjacent
//! literals merged and dynamic references (`{{resolve:…}}`) recognised.

use crate::catalog::secrets;
use crate::formats::cloudformation::cases;
use crate::model::resource::{Alternatives, Case, External, ExternalKind, Property, Reference, Value};
use crate::source::Span;
use bumpalo::Bump;

/// Most alternatives that one value may have; more are unknown.
pub(super) const MAX_ALTERNATIVES: usize = 20;

/// Joins pieces into one string. A piece that depends on a condition makes the whole string depend on it; of two pieces that depend on the
/// same, only what holds together is joined.
pub(super) fn join<'t>(pieces: &[Property<'t>], span: Span, arena: &'t Bump) -> Property<'t> {
    let mut strings: Vec<(Vec<Property<'t>>, Vec<Case<'t>>)> = vec![Default::default()];
    for piece in pieces {
        let Value::Either(alternatives) = piece.value else {
            strings.iter_mut().for_each(|(string, _)| append(string, piece));
            continue;
        };
        let longer: Vec<_> = alternatives
            .with_cases()
            .flat_map(|choice| strings.iter().map(move |string| (choice, string)))
            .filter_map(|((choice, cases), (string, known))| Some((string, choice, cases::both(known, cases, arena)?)))
            .take(MAX_ALTERNATIVES + 1)
            .collect();
        if longer.is_empty() || longer.len() > MAX_ALTERNATIVES {
            let piece = Property { value: Value::Unknown("depends on more conditions than are followed"), span: piece.span };
            strings.iter_mut().for_each(|(string, _)| string.push(piece));
        } else {
            strings = longer.into_iter().map(|(string, choice, cases)| (appended(string, choice), cases)).collect();
        }
    }
    let choices: Vec<_> = strings.iter().map(|(string, cases)| (single(string, span, arena), cases.as_slice())).collect();
    either_by_case(&choices, span, arena)
}

/// How much `join` writes, in bytes or so.
pub(super) fn work(pieces: &[Property<'_>]) -> usize {
    let mut strings = 1_usize;
    let mut bytes = 0_usize;
    for piece in pieces {
        if let Value::Either(Alternatives { branches: choices, .. }) = piece.value {
            strings = strings.saturating_mul(choices.len()).min(MAX_ALTERNATIVES);
        }
        bytes = bytes.saturating_add(size(piece));
    }
    strings.saturating_mul(bytes)
}

fn size(piece: &Property<'_>) -> usize {
    match piece.value {
        Value::Joined(inner) | Value::Either(Alternatives { branches: inner, .. }) => inner.iter().map(size).sum(),
        _ => piece.literal().map_or(0, str::len) + size_of::<Property<'_>>(),
    }
}

/// One value of several possible ones; equal ones are one.
pub(super) fn either<'t>(choices: &[Property<'t>], span: Span, arena: &'t Bump) -> Property<'t> {
    let choices: Vec<_> = choices.iter().map(|choice| (*choice, [].as_slice())).collect();
    either_by_case(&choices, span, arena)
}

/// As `either`, with what must be so for each choice to hold.
pub(super) fn either_by_case<'t>(choices: &[(Property<'t>, &[Case<'t>])], span: Span, arena: &'t Bump) -> Property<'t> {
    let mut distinct: Vec<(Property<'t>, Vec<Case<'t>>)> = Vec::new();
    for (choice, cases) in choices {
        let branches: Vec<(Property<'t>, &[Case<'t>])> = match choice.value {
            Value::Either(inner) => inner.with_cases().map(|(branch, cases)| (*branch, cases)).collect(),
            _ => vec![(*choice, [].as_slice())],
        };
        for (branch, inner) in branches {
            if distinct.len() > MAX_ALTERNATIVES {
                return Property { value: Value::Unknown("depends on more conditions than are followed"), span };
            }
            // What can hold at the same time as nothing is no value.
            let Some(cases) = cases::both(cases, inner, arena) else { continue };
            match distinct.iter_mut().find(|(known, _)| same(known, &branch)) {
                Some((_, known)) => *known = cases::any(known, &cases, arena),
                None => distinct.push((branch, cases)),
            }
        }
    }
    match distinct.as_slice() {
        [] => Property { value: Value::Removed, span },
        [(only, _)] => *only,
        _ => {
            let (branches, cases): (Vec<_>, Vec<_>) =
                distinct.iter().map(|(branch, cases)| (*branch, &*arena.alloc_slice_copy(cases))).unzip();
            Property { value: Alternatives::by_case(&branches, &cases, arena), span }
        }
    }
}

/// Why a value cannot be told that another tool fills in.
const PLACEHOLDER: &str = "another tool fills this placeholder in before the template is deployed";
/// What looks like a variable of a shell and is a word of the provider's.
const WORDS_OF_THE_PROVIDER: [&str; 2] = ["$LATEST", "$DEFAULT"];

/// Whether a text is nothing but a placeholder of another tool: `{{ auth }}`, `${AUTH}`, `$AUTH`, `<% auth %>`, `@auth@`, `__AUTH__`,
/// `#{auth}`, `%{auth}`, `<AUTH>`. Variables with a namespace (`${aws:username}`) are the provider's.
fn is_placeholder(text: &str) -> bool {
    const PAIRS: [(&str, &str); 8] =
        [("{{", "}}"), ("${", "}"), ("<%", "%>"), ("@", "@"), ("__", "__"), ("#{", "}"), ("%{", "}"), ("<", ">")];
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let text = text.trim();
    let is_shell = text.strip_prefix('$').is_some_and(|name| is_word(name) && name.bytes().all(|byte| !byte.is_ascii_lowercase()));
    if is_shell {
        return !WORDS_OF_THE_PROVIDER.contains(&text);
    }
    PAIRS.iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
        inner.is_some_and(|inner| match *open {
            "{{" | "<%" => !inner.trim_start().starts_with("resolve:") && !inner.contains(open),
            "${" => is_word(inner.split([':', '-', '?', '=']).next().unwrap_or_default()) && !inner.contains("::") && !is_namespaced(inner),
            _ => is_word(inner.trim()),
        })
    })
}

/// `aws:username`, `cognito-identity.amazonaws.com:sub`: a variable of the provider's policies. A shell's default begins with a sign.
fn is_namespaced(name: &str) -> bool {
    name.split_once(':').is_some_and(|(_, rest)| rest.starts_with(|first: char| first.is_ascii_alphanumeric()))
}

/// A literal text with the dynamic references in it taken apart.
pub(super) fn literal<'t>(text: &'t str, span: Span, arena: &'t Bump) -> Property<'t> {
    if is_placeholder(text) {
        return Property { value: Value::Unknown(PLACEHOLDER), span };
    }
    let whole = Property { value: Value::Text(text), span };
    if text.contains("{{resolve:") { single(&[whole], span, arena) } else { whole }
}

fn appended<'t>(string: &[Property<'t>], piece: &Property<'t>) -> Vec<Property<'t>> {
    let mut longer = string.to_vec();
    append(&mut longer, piece);
    longer
}

fn append<'t>(string: &mut Vec<Property<'t>>, piece: &Property<'t>) {
    match piece.value {
        Value::Joined(inner) => string.extend_from_slice(inner),
        _ => string.push(*piece),
    }
}

fn single<'t>(pieces: &[Property<'t>], span: Span, arena: &'t Bump) -> Property<'t> {
    let merged = merged(&without_dynamic(&merged(pieces, arena), arena), arena);
    match merged.as_slice() {
        [] => Property { value: Value::Text(""), span },
        [only] => Property { span: if pieces.len() == 1 && only.literal().is_some() { only.span } else { span }, ..*only },
        _ => Property { value: Value::Joined(arena.alloc_slice_copy(&merged)), span },
    }
}

/// Adjacent literals become one, what cannot be part of a string becomes unknown, nothing is left of nulls and empty texts.
fn merged<'t>(pieces: &[Property<'t>], arena: &'t Bump) -> Vec<Property<'t>> {
    let mut merged: Vec<Property<'t>> = Vec::new();
    let mut run = bumpalo::collections::String::new_in(arena);
    let mut run_span: Option<Span> = None;
    let mut pieces_in_run = 0;
    let mut only = "";
    for piece in pieces {
        match (piece.literal(), piece.value) {
            (Some(""), _) | (None, Value::Null | Value::Removed) => {}
            (Some(text), _) => {
                run.push_str(text);
                run_span.get_or_insert(piece.span);
                pieces_in_run += 1;
                only = text;
            }
            (None, value) => {
                if let Some(span) = run_span.take() {
                    merged.push(Property { value: Value::Text(if pieces_in_run == 1 { only } else { arena.alloc_str(&run) }), span });
                    run.clear();
                    pieces_in_run = 0;
                }
                merged.push(Property { value: in_string(value), span: piece.span });
            }
        }
    }
    if let Some(span) = run_span {
        merged.push(Property { value: Value::Text(if pieces_in_run == 1 { only } else { run.into_bump_str() }), span });
    }
    merged
}

fn in_string(value: Value<'_>) -> Value<'_> {
    match value {
        Value::List(_) | Value::Map(_) => Value::Unknown("a collection stands where a text is expected"),
        _ => value,
    }
}

/// Replaces `{{resolve:secretsmanager:…}}`, `{{resolve:ssm:…}}` and `{{resolve:ssm-secure:…}}`, which may span pieces, by what they
/// stand for (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>, read 2026-11-24).
fn without_dynamic<'t>(pieces: &[Property<'t>], arena: &'t Bump) -> Vec<Property<'t>> {
    let mut done: Vec<Property<'t>> = Vec::new();
    let mut inside: Option<Vec<Property<'t>>> = None;
    for piece in pieces {
        let Value::Text(mut text) = piece.value else {
            inside.as_mut().unwrap_or(&mut done).push(*piece);
            continue;
        };
        let at = |text| Property { value: Value::Text(text), span: piece.span };
        loop {
            match &mut inside {
                None => match text.split_once("{{resolve:") {
                    Some((before, after)) => {
                        done.push(at(before));
                        inside = Some(Vec::new());
                        text = after;
                    }
                    None => {
                        done.push(at(text));
                        break;
                    }
                },
                Some(content) => match text.split_once("}}") {
                    Some((last, after)) => {
                        content.push(at(last));
                        done.push(dynamic(content, piece.span, arena));
                        inside = None;
                        text = after;
                    }
                    None => {
                        content.push(at(text));
                        break;
                    }
                },
            }
        }
    }
    if let (Some(rest), Some(last)) = (inside, pieces.last()) {
        // Never closed: it is text after all.
        done.push(Property { value: Value::Text("{{resolve:"), span: last.span });
        done.extend(rest);
    }
    done
}

/// What stands between `{{resolve:` and `}}`. A secret or parameter of the same unit is referred to by the attribute that holds its
/// content, so that it can be told from its name.
fn dynamic<'t>(content: &[Property<'t>], span: Span, arena: &'t Bump) -> Property<'t> {
    let (service, rest) = match content.first().and_then(Property::literal).and_then(|text| text.split_once(':')) {
        Some((service, rest)) => (service, rest),
        None => return Property { value: Value::Unknown("a dynamic reference that is not understood"), span },
    };
    let field = content.last().and_then(Property::literal).and_then(secret_field);
    let (kind, content_attribute) = match service {
        "secretsmanager" if field.is_some_and(secrets::is_detail) => (ExternalKind::SecretDetail, "SecretDetail"),
        "secretsmanager" => (ExternalKind::Secret, "SecretString"),
        "ssm" => (ExternalKind::StoredParameter, "Value"),
        "ssm-secure" => (ExternalKind::SecureParameter, "Value"),
        // What `serverless.yml` looks up and decrypts, where it is stored encrypted.
        "ssm-decrypted" => (ExternalKind::DecryptedParameter, "Value"),
        _ => return Property { value: Value::Unknown("a dynamic reference that is not understood"), span },
    };
    let mut name = vec![Property { value: Value::Text(rest), span }];
    name.extend_from_slice(&content[1..]);
    if let [Property { value: Value::Text(""), .. }, Property { value: whole, .. }, ..] = name.as_slice() {
        match whole {
            Value::Reference(reference) => {
                let reference = Reference { attribute: Some(content_attribute), ..*reference };
                return Property { value: Value::Reference(reference), span };
            }
            // The secret bears the name of what brings it in: a parameter, an import.
            Value::External(from) => return Property { value: Value::External(External { kind, name: from.name }), span },
            _ => {}
        }
    }
    let written = written(&name);
    Property { value: Value::External(External { kind, name: arena.alloc_str(secret_name(&written)) }), span }
}

/// The JSON key behind `:SecretString:`, where one is named.
fn secret_field(content: &str) -> Option<&str> {
    let (_, rest) = content.split_once(":SecretString:")?;
    rest.split(':').next().filter(|field| !field.is_empty())
}

/// The name or ARN before the JSON key, the stage and the version.
fn secret_name(content: &str) -> &str {
    let colons_of_arn = if content.starts_with("arn:") || content.starts_with("${partition}") { 7 } else { 1 };
    content.match_indices(':').nth(colons_of_arn - 1).map_or(content, |(end, _)| &content[..end])
}

/// A string of pieces as people would write it, `${Topic}-arn`.
pub(super) fn written(pieces: &[Property<'_>]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece.value {
            Value::Text(literal) | Value::Number(literal) => text.push_str(literal),
            Value::Bool(flag) => text.push_str(if flag { "true" } else { "false" }),
            Value::Joined(inner) => text.push_str(&written(inner)),
            Value::Reference(Reference { address, attribute: None }) => push_hole(&mut text, &[address]),
            Value::Reference(Reference { address, attribute: Some(attribute) }) => push_hole(&mut text, &[address, ".", attribute]),
            Value::External(External { name, .. }) | Value::Ambient(name) => push_hole(&mut text, &[name]),
            Value::Null | Value::Removed => {}
            Value::List(_) | Value::Map(_) | Value::Either(_) | Value::Unknown(_) => push_hole(&mut text, &["?"]),
        }
    }
    text
}

fn push_hole(text: &mut String, name: &[&str]) {
    text.push_str("${");
    name.iter().for_each(|part| text.push_str(part));
    text.push('}');
}

/// Equal but for where they stand.
pub(super) fn same(a: &Property<'_>, b: &Property<'_>) -> bool {
    let all = |a: &[Property<'_>], b: &[Property<'_>]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a.value, b.value) {
        (Value::Null, Value::Null) | (Value::Removed, Value::Removed) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Number(a), Value::Number(b)) | (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Ambient(a), Value::Ambient(b)) | (Value::Unknown(a), Value::Unknown(b)) => a == b,
        (Value::Reference(a), Value::Reference(b)) => a == b,
        (Value::External(a), Value::External(b)) => a == b,
        (Value::List(a), Value::List(b))
        | (Value::Joined(a), Value::Joined(b))
        | (Value::Either(Alternatives { branches: a, .. }), Value::Either(Alternatives { branches: b, .. })) => all(a, b),
        (Value::Map(a), Value::Map(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && same(&a.value, &b.value)),
        _ => false,
    }
}

/// A part of a `Fn::Sub` text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubPart<'t> {
    Literal(&'t str),
    Variable(&'t str),
}

/// `${Name}` is a variable, `${!Name}` the text `${Name}`; an unclosed brace is text.
pub(super) fn sub_parts(mut text: &str) -> Vec<SubPart<'_>> {
    let mut parts = Vec::new();
    while let Some(start) = text.find("${") {
        let Some(length) = text[start + 2..].find('}') else { break };
        let name = &text[start + 2..start + 2 + length];
        parts.push(SubPart::Literal(&text[..start]));
        match name.strip_prefix('!') {
            Some(escaped) => parts.extend([SubPart::Literal("${"), SubPart::Literal(escaped), SubPart::Literal("}")]),
            None => parts.push(SubPart::Variable(name.trim())),
        }
        text = &text[start + length + 3..];
    }
    parts.push(SubPart::Literal(text));
    parts.retain(|part| *part != SubPart::Literal(""));
    parts
}

#[cfg(test)]
mod tests {
    use super::{SubPart, is_placeholder, secret_name, sub_parts};

    #[test]
    fn placeholders_of_other_tools() {
        for (text, expected) in [
            ("{{ auth }}", true),
            ("{{auth | default('x')}}", true),
            ("${AUTH}", true),
            ("${AUTH:-NONE}", true),
            ("$AUTH", true),
            ("<% auth %>", true),
            ("@auth@", true),
            ("__AUTH__", true),
            ("#{auth}", true),
            ("%{auth}", true),
            ("<your-role>", true),
            ("{{resolve:ssm:/a/b}}", false),
            ("${aws:username}", false),
            ("${cognito-identity.amazonaws.com:sub}", false),
            ("${AWS::Region}", false),
            ("$LATEST", false),
            ("$default", false),
            ("a-${B}", false),
            ("a@b.example", false),
            ("arn:aws:iam::111122223333:role/${Name}", false),
            ("NONE", false),
            ("", false),
        ] {
            assert_eq!(is_placeholder(text), expected, "{text}");
        }
    }

    #[test]
    fn variables_are_told_from_escaped_braces() {
        use SubPart::{Literal, Variable};
        for (text, expected) in [
            ("a-${B}-c", vec![Literal("a-"), Variable("B"), Literal("-c")]),
            ("${AWS::Region}", vec![Variable("AWS::Region")]),
            ("${!A}", vec![Literal("${"), Literal("A"), Literal("}")]),
            ("${ A }", vec![Variable("A")]),
            ("${A", vec![Literal("${A")]),
            ("", vec![]),
        ] {
            assert_eq!(sub_parts(text), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_is_named_without_key_and_version() {
        for (content, expected) in [
            ("db", "db"),
            ("db:SecretString:password", "db"),
            ("db:SecretString:password:AWSCURRENT", "db"),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:db-a1", "arn:aws:secretsmanager:eu-west-1:1:secret:db-a1"),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:db-a1:SecretString:x", "arn:aws:secretsmanager:eu-west-1:1:secret:db-a1"),
        ] {
            assert_eq!(secret_name(content), expected, "{content}");
        }
    }
}
