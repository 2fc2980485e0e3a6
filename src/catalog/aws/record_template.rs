//! Mapping templates that hand what a caller sent to a stream as the data of a record, encoded, and as nothing else.
//!
//! Comes in: a template of a call whose action is fixed. Goes out: whether all that the caller sent ends in `Data`, through `$util.base64Encode`: then it can
//! change neither the stream nor the call. Whatever else the template does with it, or does at all beyond setting variables, proves nothing.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html>

use crate::catalog::aws::api_integration::reads_input;
use std::collections::BTreeSet;

const ENCODE: &str = "$util.base64Encode(";

/// What variables hold: something of the request, as it is or encoded.
#[derive(Default)]
struct Held {
    raw: BTreeSet<String>,
    encoded: BTreeSet<String>,
}

/// Whether the data of records are all that a caller has a say in.
pub(super) fn is_data_alone(template: &str) -> bool {
    let mut held = Held::default();
    let Some(text) = without_settings(template, &mut held) else { return false };
    let does_more =
        text.match_indices('#').any(|(at, _)| text[at + 1..].starts_with(|next: char| next.is_ascii_alphabetic() || next == '{'));
    let rest = without_data(&text, &held);
    !does_more && !held.is_in(&rest, true)
}

impl Held {
    /// Whether a text has something of the request in it; `also` with what is encoded.
    fn is_in(&self, text: &str, also: bool) -> bool {
        let names = |names: &BTreeSet<String>| variables(text).any(|name| names.contains(name));
        reads_input(text) || names(&self.raw) || also && names(&self.encoded)
    }

    fn set(&mut self, name: &str, value: &str) {
        self.raw.remove(name);
        self.encoded.remove(name);
        let is_encoded = value.strip_prefix(ENCODE).and_then(closing).is_some_and(|end| end + ENCODE.len() + 1 == value.len());
        if self.is_in(value, true) {
            if is_encoded { &mut self.encoded } else { &mut self.raw }.insert(name.to_owned());
        }
    }
}

/// The text of a template without its `#set(…)`, of which is kept what they hold; `None` where one has no end.
fn without_settings(template: &str, held: &mut Held) -> Option<String> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("#set") {
        text.push_str(before);
        let inner = behind.trim_start().strip_prefix('(')?;
        let end = closing(inner)?;
        let (name, value) = inner[..end].split_once('=')?;
        held.set(name.trim().trim_matches(['$', '!', '{', '}']), value.trim());
        rest = &inner[end + 1..];
    }
    text.push_str(rest);
    Some(text)
}

/// The text without each `"Data": "…"` whose value is encoded as a whole.
fn without_data(text: &str, held: &Held) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("\"Data\"") {
        left.push_str(before);
        let value = behind.trim_start().strip_prefix(':').and_then(|value| value.trim_start().strip_prefix('"'));
        rest = value.and_then(|value| behind_encoded(value, held)).unwrap_or(behind);
    }
    left.push_str(rest);
    left
}

/// What stands behind the quotes of a value that is encoded as a whole.
fn behind_encoded<'t>(value: &'t str, held: &Held) -> Option<&'t str> {
    if let Some(inner) = value.strip_prefix(ENCODE) {
        return inner[closing(inner)? + 1..].strip_prefix('"');
    }
    let (name, behind) = value.split_once('"')?;
    let plain = name.strip_prefix('$')?.trim_start_matches('!');
    let plain = plain.strip_prefix('{').and_then(|plain| plain.strip_suffix('}')).unwrap_or(plain);
    held.encoded.contains(plain).then_some(behind)
}

/// Where the parenthesis ends that the text is within; those within quotes do not count.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_usize, None);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return Some(at),
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

/// The names of the variables of a text: `b64` of `$b64`, `$!b64` and `${b64}`.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).map(|text| {
        let text = text.trim_start_matches('!').trim_start_matches('{');
        let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))).unwrap_or(text.len());
        &text[..end]
    })
}

#[cfg(test)]
mod tests {
    use super::is_data_alone;

    #[test]
    fn what_a_caller_sent_ends_in_the_data_alone() {
        for (template, expected) in [
            (r#"{"StreamName": "clicks", "Data": "$util.base64Encode($input.json('$'))", "PartitionKey": "$context.requestId"}"#, true),
            (r#"#set($b = $util.base64Encode($input.body)){"DeliveryStreamName": "clicks", "Record": {"Data": "$b"}}"#, true),
            (r#"#set($raw = $input.body) #set($b = $util.base64Encode("{$raw}")){"Record": {"Data": "${b}"}}"#, true),
            (r#"{"StreamName": "clicks", "Data": "$util.base64Encode($input.body)", "PartitionKey": "$input.path('$.key')"}"#, false),
            (r#"{"StreamName": "$input.params('s')", "Data": "$util.base64Encode($input.body)"}"#, false),
            (r#"#set($b = $util.base64Encode($input.body)){"StreamName": "$b", "Record": {"Data": "$b"}}"#, false),
            (r#"#set($b = $input.body){"Record": {"Data": "$b"}}"#, false),
            (r#"#set($b = $util.base64Encode($input.body) + $input.body){"Record": {"Data": "$b"}}"#, false),
            (r#"{"Data": "$util.base64Encode($input.body)x$input.body"}"#, false),
            (r#"#foreach($one in $input.path('$')){"Data": "$util.base64Encode($one)"}#end"#, false),
            (r#"#set($b = $util.base64Encode($input.body"#, false),
        ] {
            assert_eq!(is_data_alone(template), expected, "{template}");
        }
    }
}
