//! Whether a variable looks like a literal secret: by its name and a value written out, or by the form of the value.
//!
//! Comes in: a map of variables. Goes out: where the first suspicious one stands. The value itself never leaves this module.

use crate::model::fact::Word;
use crate::model::resource::{Alternatives, Entry, External, ExternalKind, Property, Reference, Value};
use crate::source::Span;

/// Where the first variable stands that holds what looks like a secret in clear text; of a single text the text itself.
pub(crate) fn literal(variables: &Property<'_>) -> Option<Span> {
    if let Value::Text(text) = variables.value {
        return has_key_form(text).then_some(variables.span);
    }
    match variables.value {
        Value::List(pairs) | Value::Either(Alternatives { branches: pairs, .. }) => {
            pairs.iter().find_map(|pair| if pair.get("Name").is_some() { of_pair(pair) } else { literal(pair) })
        }
        _ => variables.entries().iter().find_map(of_entry),
    }
}

/// Where the value stands of a variable that holds what looks like a secret in clear text.
pub(crate) fn of_entry(entry: &Entry<'_>) -> Option<Span> {
    of_value(entry.key, &entry.value)
}

/// Where the value of a name stands that looks like a secret in clear text, in any branch of a condition.
fn of_value(name: &str, value: &Property<'_>) -> Option<Span> {
    match value.value {
        Value::Text(text) if is_secret(name, text) => Some(value.span),
        Value::External(External { kind: ExternalKind::WrittenParameter, .. }) if names_secret(name) => Some(value.span),
        Value::Either(Alternatives { branches, .. }) => branches.iter().find_map(|branch| of_value(name, branch)),
        _ => None,
    }
}

/// Where the value stands of a pair of `Name` and `Value` that holds what looks like a secret in clear text.
pub(crate) fn of_pair(pair: &Property<'_>) -> Option<Span> {
    let name = pair.get("Name").and_then(Property::literal)?;
    // What a build takes from elsewhere is named here.
    if pair.get("Type").and_then(Property::literal).is_some_and(|kind| matches!(kind, "PARAMETER_STORE" | "SECRETS_MANAGER")) {
        return None;
    }
    of_value(name, pair.get("Value")?)
}

/// Where the first variable stands into which a secret is put that is looked up at deployment: it then stands there in clear text.
pub(crate) fn resolved(variables: &Property<'_>) -> Option<Span> {
    match variables.value {
        Value::List(pairs) | Value::Either(Alternatives { branches: pairs, .. }) => pairs.iter().find_map(|pair| match pair.get("Name") {
            Some(name) => of_lookup(name.literal()?, pair.get("Value")?),
            None => resolved(pair),
        }),
        _ => variables.entries().iter().find_map(|entry| of_lookup(entry.key, &entry.value)),
    }
}

/// Where a secret that is looked up stands in a value, whole or as a piece of it, in any branch of a condition.
fn of_lookup(name: &str, value: &Property<'_>) -> Option<Span> {
    match value.value {
        Value::External(External { kind: ExternalKind::Secret | ExternalKind::SecureParameter, .. }) => Some(value.span),
        Value::External(External { kind: ExternalKind::DecryptedParameter, name: of }) => {
            (names_secret(name) || names_secret(of)).then_some(value.span)
        }
        Value::Reference(Reference { attribute: Some(CONTENT), .. }) => Some(value.span),
        Value::Joined(pieces) | Value::Either(Alternatives { branches: pieces, .. }) => {
            pieces.iter().find_map(|piece| of_lookup(name, piece)).map(|_| value.span)
        }
        _ => None,
    }
}

/// The attribute by which a reference to a secret of the same unit has its content.
const CONTENT: &str = "SecretString";

/// Whether a text that is shown to others is a secret: by its form, or by the name of its place where it is one word.
pub(crate) fn is_shown(name: &str, text: &str) -> bool {
    is_secret(name, text) && !text.trim().contains(char::is_whitespace)
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
    carried.iter().find(|(word, _)| *word == Word::Shown).or(carried.first()).copied()
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
        ExternalKind::HiddenParameter => Some(Word::Hidden),
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

/// The name of the first variable, option or key of a script or a configuration text that holds what looks like a secret in clear text;
/// what is symbolic in the text reads `${…}`. Of a secret that has no name its kind.
pub(crate) fn in_script(text: &str) -> Option<String> {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#')).find_map(in_line)
}

fn in_line(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.iter().any(|word| has_key_form(word.trim_matches(QUOTES).rsplit(['=', ':']).next().unwrap_or(word).trim_matches(QUOTES))) {
        return Some("an access key".to_owned());
    }
    let assigned = words.iter().find_map(|word| named(word.split_once('=')?));
    // What switches a password off takes none: `adduser --disabled-password deploy`.
    let takes_value = |option: &str| ["--disabled-", "--no-", "--without-"].iter().all(|switch| !option.starts_with(switch));
    let options = words.windows(2).filter(|pair| pair[0].starts_with("--") && takes_value(pair[0]) && !pair[1].starts_with('-'));
    let mut options = options.filter_map(|pair| named((pair[0], pair[1])));
    // Keys of a document: `password: x` on a line of its own, `"password": "x"`, `'DB_PASSWORD', 'x'`.
    let pair = match words.as_slice() {
        [key, value] if key.ends_with(':') => named((key, value)),
        _ => None,
    };
    let quoted = |pair: &&[&str]| {
        pair[0].trim_end_matches([':', ',']).ends_with(['"', '\'']) && pair[0].ends_with([':', ',']) && pair[1].starts_with(['"', '\''])
    };
    assigned.or_else(|| options.next()).or(pair).or_else(|| words.windows(2).filter(quoted).find_map(|pair| named((pair[0], pair[1]))))
}

/// What stands around a value that is written into a script.
const QUOTES: &[char] = &['"', '\'', ',', ';', ':', '(', ')'];

/// The name, where name and value are those of a secret that is written out.
fn named((name, value): (&str, &str)) -> Option<String> {
    let name = name.trim_matches(QUOTES).rsplit(['(', '"', '\'', '.', '/']).next().unwrap_or(name).trim_start_matches('-');
    let value = value.trim_matches(QUOTES);
    let written = !value.contains(['$', '`', '{', '<', '(', '%', '*', '!', '\\']);
    (written && names_secret(name) && is_credential(value)).then(|| name.to_owned())
}

fn is_secret(name: &str, value: &str) -> bool {
    has_key_form(value) || (names_secret(name) && is_credential(value) && !is_placeholder(value) && !(keeps_name(name) && is_name(value)))
}

/// Whether a value is written out here, itself or as what a hidden parameter has where nobody gives it another; in any branch of a condition.
pub(crate) fn is_written(value: &Property<'_>, counts: &dyn Fn(&str) -> bool) -> bool {
    match value.value {
        Value::Text(text) => !text.is_empty() && text != "{}" && counts(text),
        Value::External(External { kind: ExternalKind::WrittenParameter, .. }) => true,
        Value::Either(Alternatives { branches, .. }) => branches.iter().any(|branch| is_written(branch, counts)),
        _ => false,
    }
}

/// Whether a value only stands in for one that somebody sets later: `ChangeMe`, `<your key>`, `xxxx`. As the password of something that is
/// made with it, it would be one all the same.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 18] = [
        "changeit",
        "changeme",
        "changethis",
        "dummy",
        "empty",
        "example",
        "fillmein",
        "fixme",
        "na",
        "notset",
        "placeholder",
        "replaceme",
        "replacethis",
        "tbd",
        "tobedefined",
        "todo",
        "undefined",
        "unset",
    ];
    let value = value.trim();
    let letters: String = value.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    let is_framed = [('<', '>'), ('[', ']'), ('{', '}')].iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    let is_filled = value.len() > 2 && value.chars().all(|letter| matches!(letter, 'x' | 'X' | '*' | '.' | '-' | '_'));
    WORDS.contains(&letters.as_str())
        || asks_for_one(&letters)
        || is_framed
            && value.contains(char::is_alphabetic)
            && !value.contains(|letter: char| letter.is_ascii_digit() || matches!(letter, ':' | '"'))
        || is_filled
}

/// Whether letters say which secret belongs there, as `defaultApiKey`, `your-token-here` do.
fn asks_for_one(letters: &str) -> bool {
    const BEFORE: [&str; 6] = ["add", "default", "enter", "insert", "put", "your"];
    let named = BEFORE.iter().find_map(|before| letters.strip_prefix(before));
    named.is_some_and(|named| {
        names_secret(named.strip_suffix("here").unwrap_or(named)) && !named.contains(|letter: char| letter.is_ascii_digit())
    })
}

/// Whether a variable's name may mean the name of a secret that is kept elsewhere, and not the secret.
fn keeps_name(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    letters.ends_with("secret") && !letters.ends_with("clientsecret")
}

/// Whether a value is made of words as names are: `aurora_postgres_live`, `live/orders/db`.
fn is_name(value: &str) -> bool {
    let words: Vec<&str> = value.split(['_', '-', '/', '.']).collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()) || is_version(word);
    words.len() > 1 && words.iter().all(is_word) && words.iter().any(|word| word.len() > 3 && word.contains(['a', 'e', 'i', 'o', 'u']))
}

/// `2`, `v1`.
fn is_version(word: &str) -> bool {
    let digits = word.strip_prefix('v').unwrap_or(word);
    !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// Names that end in what holds a secret; `SECRET_ARN`, `TOKEN_TABLE`, `PASSWORD_PARAMETER_NAME` only say where it is.
pub(crate) fn names_secret(name: &str) -> bool {
    const ENDINGS: [&str; 10] =
        ["password", "passwd", "secret", "token", "apikey", "accesskey", "privatekey", "secretkey", "credential", "credentials"];
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    ENDINGS.iter().any(|ending| letters.ends_with(ending))
}

/// A value that may be a secret: neither empty, nor a place where one is kept, nor a switch.
fn is_credential(value: &str) -> bool {
    let elsewhere = value.starts_with("arn:") || value.starts_with("{{resolve:") || value.starts_with('/') || value.contains("://");
    let switch = matches!(value.to_ascii_lowercase().as_str(), "" | "true" | "false" | "none" | "null" | "0" | "1");
    !elsewhere && !switch
}

/// Forms that only credentials have: access key ids, GitHub, Slack and Stripe tokens, private keys.
fn has_key_form(value: &str) -> bool {
    const BEGINNINGS: [(&str, usize); 8] = [
        ("AKIA", 20),
        ("ASIA", 20),
        ("ghp_", 40),
        ("github_pat_", 60),
        ("xoxb-", 20),
        ("sk_live_", 24),
        ("glpat-", 26),
        ("-----BEGIN ", 40),
    ];
    BEGINNINGS.iter().any(|(beginning, length)| value.starts_with(beginning) && value.len() >= *length)
}

#[cfg(test)]
mod tests {
    use super::{in_script, is_secret};

    #[test]
    fn secrets_in_scripts_are_told_from_what_is_looked_up() {
        for (script, expected) in [
            ("export DB_PASSWORD=hunter2", Some("DB_PASSWORD")),
            ("DB_PASSWORD=\"$(aws ssm get-parameter)\"", None),
            ("TOKEN=`curl -X PUT http://169.254.169.254/latest/api/token`", None),
            ("app --admin-password hunter2 --verbose", Some("admin-password")),
            ("app --admin-password $PASSWORD", None),
            ("app --password=hunter2", Some("password")),
            ("adduser --disabled-password deploy", None),
            ("aws configure set aws_secret_access_key ${}", None),
            ("  \"password\": \"hunter2\",", Some("password")),
            ("define('DB_PASSWORD', 'hunter2');", Some("DB_PASSWORD")),
            ("password: hunter2", Some("password")),
            ("echo Enter your password: please", None),
            ("AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", Some("an access key")),
            ("# DB_PASSWORD=hunter2", None),
            ("DB_PASSWORD=${}", None),
        ] {
            assert_eq!(in_script(script).as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn literal_secrets_are_told_from_references_to_them() {
        for (name, value, expected) in [
            ("DB_PASSWORD", "hunter2", true),
            ("ApiKey", "abc123", true),
            ("KEY", "AKIAIOSFODNN7EXAMPLE", true),
            ("SECRET_ARN", "db-secret", false),
            ("DB_PASSWORD", "{{resolve:secretsmanager:db}}", false),
            ("TOKEN_TABLE", "tokens", false),
            ("TOKEN", "", false),
            ("STAGE", "prod", false),
            ("SECRETS_MANAGER_SECRET", "orders_db_live", false),
            ("DB_SECRET", "live/orders/db", false),
            ("DB_SECRET", "tV7kd92LmQpX4wRz", true),
            ("DB_SECRET", "hunter2", true),
            ("DB_PASSWORD", "correct-horse-battery", true),
            ("CLIENT_SECRET", "my-client-secret", true),
            ("API_KEY", "ChangeMe", false),
            ("API_KEY", "<your key>", false),
            ("API_KEY", "<tV7kd92LmQpX4wRz>", true),
            ("API_KEY", "xxxx-xxxx", false),
            ("API_KEY", "changeme2024", true),
            ("API_KEY", "defaultApiKey", false),
            ("API_KEY", "your-api-key-here", false),
            ("API_KEY", "default-9f3a", true),
            ("API_KEY", "{\"key\": \"a1\"}", true),
        ] {
            assert_eq!(is_secret(name, value), expected, "{name}={value}");
        }
    }
}
