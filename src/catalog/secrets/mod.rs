//! Whether a value is a secret: by the name of its place and a value written out, by its form, or as a part of a text.
//!
//! Comes in: a value of a template. Goes out: the places in it where a secret stands in clear text. The secret itself never leaves this module.

mod find;
mod form;
mod text;
mod words;

pub(crate) use find::{Place, Search};
pub(crate) use text::in_script;
pub(crate) use words::{is_known_key, is_placeholder, names_secret};

use crate::catalog::secrets::words::{is_credential, is_file, is_name, is_quantity, is_setting, keeps_name, repeats_name};
use crate::model::fact::Word;
use crate::model::resource::{Alternatives, External, ExternalKind, Property, Reference, Value};
use crate::source::Span;

/// Where the first variable stands into which a secret is put that is looked up at deployment: it then stands there in clear text.
pub(crate) fn resolved(variables: &Property<'_>) -> Option<Span> {
    match variables.value {
        Value::List(pairs) | Value::Either(Alternatives { branches: pairs, .. }) => pairs.iter().find_map(|pair| match pair.get("Name") {
            Some(name) => of_lookup(name.literal()?, pair.get("Value")?),
            None => resolved(pair),
        }),
        // One value, and no variables.
        Value::External(_) | Value::Joined(_) | Value::Reference(_) => of_lookup("", variables),
        _ => variables.entries().iter().find_map(|entry| of_lookup(entry.key, &entry.value)),
    }
}

/// The same of each of the pairs of a list, with its name.
pub(crate) fn resolved_by_name(variables: &Property<'_>) -> Vec<(String, Span)> {
    let (Value::List(pairs) | Value::Either(Alternatives { branches: pairs, .. })) = variables.value else { return Vec::new() };
    let of_pair = |pair: &Property<'_>| match pair.get("Name").zip(pair.get("Value")) {
        Some((name, value)) => {
            let name = name.literal().unwrap_or_default();
            of_lookup(name, value).map(|span| (name.to_owned(), span)).into_iter().collect()
        }
        None => resolved_by_name(pair),
    };
    pairs.iter().flat_map(of_pair).collect()
}

/// The variables of an environment by their names, in every branch: a map, or a list of pairs.
fn by_name<'t>(variables: &Property<'t>) -> Vec<(&'t str, Property<'t>)> {
    match variables.value {
        Value::List(pairs) | Value::Either(Alternatives { branches: pairs, .. }) => {
            let of_pair = |pair: &Property<'t>| match pair.get("Name").and_then(Property::literal).zip(pair.get("Value")) {
                Some((name, value)) => vec![(name, *value)],
                None => by_name(pair),
            };
            pairs.iter().flat_map(of_pair).collect()
        }
        _ => variables.entries().iter().map(|entry| (entry.key, entry.value)).collect(),
    }
}

/// The variables whose value stands in for a secret, by their names: where nobody gives another one, whoever reads it here knows the secret.
pub(crate) fn stood_in(variables: &Property<'_>) -> Vec<Place> {
    fn is_stood_in(value: &Property<'_>) -> bool {
        match value.value {
            Value::Text(text) => is_known_key(text),
            Value::External(External { kind: ExternalKind::StandInParameter, .. }) => true,
            Value::Either(Alternatives { branches, .. }) => branches.iter().any(is_stood_in),
            _ => false,
        }
    }
    let found = by_name(variables).into_iter().filter(|(name, value)| names_secret(name) && is_stood_in(value));
    found.map(|(name, value)| Place { name: name.to_owned(), span: value.span }).collect()
}

/// The variables that a parameter of the template carries a secret into, of those that are seen as a word says.
pub(crate) fn echoing(variables: &Property<'_>, seen_as: Word) -> Vec<String> {
    let carries = |(name, value): &(&str, Property<'_>)| {
        let mut carried = Vec::new();
        collect(value, names_secret(name), &mut carried);
        carried.iter().any(|(word, _)| *word == seen_as)
    };
    by_name(variables).into_iter().filter(carries).map(|(name, _)| name.to_owned()).collect()
}

/// The variables into which a secret is put that is looked up at deployment.
pub(crate) fn resolving(variables: &Property<'_>) -> Vec<String> {
    let resolved = by_name(variables).into_iter().filter(|(name, value)| of_lookup(name, value).is_some());
    resolved.map(|(name, _)| name.to_owned()).collect()
}

/// Where a secret that is looked up stands in a value, whole or as a piece of it, in any branch of a condition.
fn of_lookup(name: &str, value: &Property<'_>) -> Option<Span> {
    match value.value {
        Value::External(External { kind: ExternalKind::Secret | ExternalKind::SecureParameter, .. }) => Some(value.span),
        Value::External(External { kind: ExternalKind::DecryptedParameter, name: of }) => {
            (names_secret(name) || names_secret(of)).then_some(value.span)
        }
        Value::Reference(Reference { attribute: Some(attribute), .. }) if CONTENTS.contains(&attribute) => Some(value.span),
        Value::Joined(pieces) | Value::Either(Alternatives { branches: pieces, .. }) => {
            pieces.iter().find_map(|piece| of_lookup(name, piece)).map(|_| value.span)
        }
        _ => None,
    }
}

/// The attributes by which a reference to a resource of the same unit has a secret: the content of a stored one, the secret half of a key, the
/// password of an application. <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-accesskey.html>,
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cognito-userpoolclient.html>, read 2026-12-01.
const CONTENTS: [&str; 3] = ["SecretString", "SecretAccessKey", "ClientSecret"];

/// Whether a text that is shown to others is a secret: by its form, or by the name of its place where it is one word.
pub(crate) fn is_shown(name: &str, text: &str) -> bool {
    form::find(text).is_some() || is_secret(name, text) && !text.trim().contains(char::is_whitespace)
}

/// Whether a field of a secret is none by its name: what stands beside a password to connect with.
pub(crate) fn is_detail(field: &str) -> bool {
    const ENDINGS: [&str; 14] = [
        "account",
        "arn",
        "clientid",
        "database",
        "dbname",
        "email",
        "endpoint",
        "engine",
        "host",
        "hostname",
        "identifier",
        "port",
        "region",
        "user",
    ];
    let letters: String = field.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    letters.ends_with("username") || ENDINGS.iter().any(|ending| letters.ends_with(ending))
}

/// Whether the parameters that carry secrets here are hidden, and where such a one stands; of several one that is shown.
pub(crate) fn echo(value: &Property<'_>) -> Option<(Word, Span)> {
    let mut carried = Vec::new();
    match value.value {
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, names_secret(entry.key), &mut carried)),
        // Of what is one secret by itself no name is asked.
        _ => collect(value, true, &mut carried),
    }
    let of = |wanted: Word| carried.iter().find(|(word, _)| *word == wanted);
    of(Word::Shown).or_else(|| of(Word::Unmarked)).or(carried.first()).copied()
}

/// Appends what is seen of the parameters of the template that a value is, in any branch of a condition, or that are pieces of it, if they
/// carry a secret: by their own name, or, where one is the whole value, by that of its place.
fn collect(value: &Property<'_>, is_secret_place: bool, carried: &mut Vec<(Word, Span)>) {
    match value.value {
        Value::External(external) if is_secret_place || names_secret(external.name) => {
            carried.extend(seen(external.kind).map(|word| (word, value.span)));
        }
        Value::Joined(pieces) => pieces.iter().for_each(|piece| collect(piece, false, carried)),
        Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| collect(branch, is_secret_place, carried)),
        _ => {}
    }
}

/// Whether whoever may look at the stack sees the value; of what is no parameter nothing.
fn seen(kind: ExternalKind) -> Option<Word> {
    match kind {
        ExternalKind::Parameter => Some(Word::Shown),
        ExternalKind::Variable => Some(Word::Unmarked),
        ExternalKind::HiddenParameter | ExternalKind::StandInParameter => Some(Word::Hidden),
        // That it is written out is said, and not that it is hidden.
        ExternalKind::WrittenParameter => None,
        ExternalKind::Import
        | ExternalKind::StoredParameter
        | ExternalKind::DecryptedParameter
        | ExternalKind::SecureParameter
        | ExternalKind::Secret
        | ExternalKind::SecretDetail
        | ExternalKind::NestedOutput => None,
    }
}

/// Whether a value of a variable is a secret: by its form, or by its name where it is written out and stands in for nothing.
pub(crate) fn is_secret(name: &str, value: &str) -> bool {
    let stands_in = || is_placeholder(value) || is_documented(value) || repeats_name(name, value) || is_file(name, value);
    let is_credential = || is_credential(value) && !stands_in() && !is_quantity(name, value);
    form::find_for_programs(value).is_some() || names_secret(name) && is_credential() && !(keeps_name(name) && is_name(value))
}

/// Whether documentation prints the value in place of a key.
fn is_documented(value: &str) -> bool {
    value.ends_with("EXAMPLE") || value.ends_with("EXAMPLEKEY")
}

/// Whether a value is written out here, itself or as what a hidden parameter has where nobody gives it another; in any branch of a condition.
pub(crate) fn is_written(value: &Property<'_>, counts: &dyn Fn(&str) -> bool) -> bool {
    match value.value {
        Value::Text(text) => !is_blank(text) && counts(text),
        Value::External(External { kind: ExternalKind::WrittenParameter, .. }) => true,
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(|branch| is_written(branch, counts)),
        _ => false,
    }
}

/// Whether a text says nothing, or is of JSON and says nothing anywhere: `{"user": "", "password": " "}`.
fn is_blank(text: &str) -> bool {
    fn says_nothing(value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Null => true,
            serde_json::Value::String(text) => text.trim().is_empty(),
            serde_json::Value::Array(items) => items.iter().all(says_nothing),
            serde_json::Value::Object(members) => members.values().all(says_nothing),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => false,
        }
    }
    let text = text.trim();
    // Of a name that stands there twice, the parser has the last value alone.
    let is_whole = |value: &serde_json::Value| value.to_string().matches("\":").count() == text.matches(':').count();
    text.is_empty()
        || text.starts_with(['{', '[']) && serde_json::from_str(text).is_ok_and(|value| is_whole(&value) && says_nothing(&value))
}

/// Whether a value is a switch or a time and no secret, in each branch that it may take.
pub(crate) fn is_setting_only(value: &Property<'_>) -> bool {
    match value.value {
        Value::Bool(_) => true,
        Value::Text(text) => is_setting(text),
        Value::Either(Alternatives { branches, .. }) => !branches.is_empty() && branches.iter().all(is_setting_only),
        _ => false,
    }
}

/// Whether a value only stands in for one that somebody sets later, in each branch that it may take.
pub(crate) fn stands_in(value: &Property<'_>) -> bool {
    match value.value {
        Value::Text(text) => is_placeholder(text),
        Value::Either(Alternatives { branches, .. }) => !branches.is_empty() && branches.iter().all(stands_in),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_blank, is_secret};

    #[test]
    fn a_value_that_says_nothing_is_told_from_one_that_says_something() {
        for (text, expected) in [
            ("", true),
            (" ", true),
            ("{}", true),
            (r#"{"user": "", "keys": [" ", null]}"#, true),
            (r#"{"user": "", "password": "hunter2"}"#, false),
            (r#"{"port": 0}"#, false),
            (r#"{"password": "hunter2", "password": ""}"#, false),
            ("{hunter2}", false),
            ("hunter2", false),
        ] {
            assert_eq!(is_blank(text), expected, "{text}");
        }
    }

    #[test]
    fn literal_secrets_are_told_from_references_to_them() {
        for (name, value, expected) in [
            ("DB_PASSWORD", "hunter2", true),
            ("ApiKey", "abc123", true),
            ("KEY", "AKIAQ3EGSZ7YH2KLMN4P", true),
            ("KEY", "AKIAIOSFODNN7EXAMPLE", false),
            ("DB_PW", "k9Lm2Qp&7xR", true),
            ("PWD", "/var/task1", false),
            ("SECRET_ARN", "db-secret", false),
            ("DB_PASSWORD", "{{resolve:secretsmanager:db}}", false),
            ("TOKEN_TABLE", "tokens", false),
            ("TOKEN", "", false),
            ("STAGE", "prod", false),
            ("SECRETS_MANAGER_SECRET", "orders_db_live", false),
            ("DB_SECRET", "live/orders/db", false),
            ("SHOP_CREDENTIALS", "app/etc/credentials.ini", false),
            ("SHOP_CREDENTIALS", "tV7k/d92LmQpX4wRz==", true),
            ("DB_PASSWORD", "Winter2024/acme.json", true),
            ("SHOP_CREDENTIALS", "hunter2/x.y", true),
            ("SHOP_CREDENTIALS", "app/hunter2", true),
            ("DB_SECRET", "tV7kd92LmQpX4wRz", true),
            ("DB_SECRET", "hunter2", true),
            ("DB_PASSWORD", "correct-horse-battery", true),
            ("CLIENT_SECRET", "my-client-secret", true),
            ("API_KEY", "ChangeMe", false),
            ("API_KEY", "<your key>", false),
            ("API_KEY", "<tV7kd92LmQpX4wRz>", true),
            ("API_KEY", "xxxx-xxxx", false),
            ("API_KEY", "value", false),
            ("SLACK_TOKEN", "xoxb-xxxxxxxxxxxxx-xxxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx", false),
            ("API_KEY", "xxxxxxxx-Tq7kd92LmQpX4wRz", true),
            ("API_KEY", "value-9f3a", true),
            ("API_KEY", "changeme2024", true),
            ("API_KEY", "PlaceHolderValue", false),
            ("API_KEY", "naKey4711", true),
            ("API_KEY", "defaultApiKey", false),
            ("API_KEY", "your-api-key-here", false),
            ("API_KEY", "default-9f3a", true),
            ("API_KEY", "{\"key\": \"a1\"}", true),
            ("ALLOW_NO_TOKEN", "off", false),
            ("REFRESH_TOKEN", "15m", false),
            ("MAX_TOKEN", "4096", false),
            ("DB_PASSWORD", "12345", true),
            ("TWILIO_AUTH_TOKEN", "auth_token", false),
            ("TWILIO_AUTH_TOKEN", "token", true),
            ("DB_PASSWORD", "db_password", true),
            ("STRIPE_TOKEN", "9f3a15m", true),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
    }
}
