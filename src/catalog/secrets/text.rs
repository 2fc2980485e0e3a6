//! Secrets within a text of whatever language: a script, a document, a program, the arguments of a command.
//!
//! Comes in: a text, in which what is symbolic reads `${…}`. Goes out: the name of what is assigned a secret, or the kind of one that has no
//! name. The value itself never leaves this module.

use crate::catalog::secrets::form;
use crate::catalog::secrets::words::{is_credential, is_likely, is_mixed, names_secret};

/// The name of the first variable, option or key of a script or a configuration text that holds what looks like a secret in clear text;
/// what is symbolic in the text reads `${…}`. Of a secret that has no name its kind.
pub(crate) fn in_script(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let kind = || form::find(text).map(str::to_owned);
    lines().find_map(in_line).or_else(kind).or_else(|| lines().find_map(assigned))
}

fn in_line(line: &str) -> Option<String> {
    if let Some(kind) = form::find_for_programs(line) {
        return Some(kind.to_owned());
    }
    let words: Vec<&str> = line.split_whitespace().collect();
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

/// The name of the first variable, field or option of a text of any language to which a secret is assigned. Who reads the text is not known,
/// so that a value counts only if it cannot be another name, a type or an expression.
pub(super) fn assigned(text: &str) -> Option<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '$' | '.');
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let before = &rest[..start];
        rest = &rest[start..];
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let name = name.trim_end_matches('-');
        if names_secret(name) && is_assigned(name, before.ends_with(['"', '\'']), after) {
            return Some(name.trim_start_matches('-').to_owned());
        }
    }
    None
}

/// Whether what follows a name gives it a value that is a secret: `="…"`, `": "…"`, `=…`, `: …`, and ` …` behind an option.
fn is_assigned(name: &str, is_quoted: bool, after: &str) -> bool {
    let after = after.trim_start_matches('\\');
    let closed = after.strip_prefix(['"', '\'']);
    let behind = closed.filter(|_| is_quoted).unwrap_or(after).trim_start_matches([' ', '\t']);
    let sign = ["=>", ":=", "==", "=", ":", ","].into_iter().find(|sign| behind.starts_with(sign));
    let (sign, value) = match sign {
        Some("==") => return false,
        Some(sign) => (sign, &behind[sign.len()..]),
        None if name.starts_with("--") && after.starts_with(' ') => ("", behind),
        None => return false,
    };
    let stands_apart = sign != ":" || value.starts_with([' ', '\t']);
    let value = value.trim_start().trim_start_matches('\\');
    match value.strip_prefix(['"', '\'']) {
        Some(quoted) => {
            let value = quoted.split(['"', '\'']).next().unwrap_or(quoted).trim_end_matches('\\');
            // What stands in a list beside a name is mostly another name.
            is_likely(value) && (sign != "," || is_mixed(value))
        }
        None => {
            let end = value.find(|letter: char| letter.is_whitespace() || ",;&)}]\"'`|<>\\".contains(letter)).unwrap_or(value.len());
            let value = &value[..end];
            // Programs have expressions there, and the parts of an ARN stand close together.
            sign != "," && stands_apart && is_likely(value) && !value.contains(['.', '(', '[', '{', ':', '$', '*'])
        }
    }
}

/// The name of the first list of a document whose items are keys by their form: `keys:`, and below it `- 5f2c…`.
pub(super) fn listed(text: &str) -> Option<String> {
    let mut lists: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        let words = line.trim_start().trim_start_matches("- ").trim_start();
        let item = line.trim().strip_prefix("- ").map(|item| item.trim().trim_matches(['"', '\'']));
        let indent = line.len() - line.trim_start().len();
        lists.retain(|(outer, _)| *outer < indent || *outer == indent && item.is_some());
        if let (Some((_, name)), true) = (lists.last(), item.is_some_and(is_key)) {
            return Some((*name).to_owned());
        }
        if let Some(name) = words.trim_end().strip_suffix(':') {
            let singular = name.strip_suffix('s').unwrap_or(name);
            let of_keys = singular.eq_ignore_ascii_case("key") || names_secret(singular);
            lists.retain(|(outer, _)| *outer < line.len() - words.len());
            lists.extend(of_keys.then_some((line.len() - words.len(), name)));
        }
    }
    None
}

/// Whether an item is one run of letters and digits, as long as keys are and with both in it.
fn is_key(item: &str) -> bool {
    const LEAST: usize = 32;
    let is_run = item.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let has = |kind: fn(&u8) -> bool| item.bytes().any(|byte| kind(&byte));
    item.len() >= LEAST && is_run && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::{assigned, in_script, listed};

    #[test]
    fn lists_of_keys_are_told_from_other_lists() {
        for (text, expected) in [
            ("- team: a\n  keys:\n    - 0a1b2c3d4e5f60718293a4b5c6d7e8f9", Some("keys")),
            ("tokens:\n- 0a1b2c3d4e5f60718293a4b5c6d7e8f9", Some("tokens")),
            ("keys:\n  - name: a\n    id: b\ndigests:\n  - 0a1b2c3d4e5f60718293a4b5c6d7e8f9", None),
            ("digests:\n  - 0a1b2c3d4e5f60718293a4b5c6d7e8f9", None),
            ("keys:\n  - 12340000-0000-4000-8000-000000000000", None),
            ("keys:\n  - id\n  - name", None),
        ] {
            assert_eq!(listed(text).as_deref(), expected, "{text}");
        }
    }

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
            ("AWS_ACCESS_KEY_ID=AKIAQ3EGSZ7YH2KLMN4P", Some("an access key")),
            ("# DB_PASSWORD=hunter2", None),
            ("DB_PASSWORD=${}", None),
        ] {
            assert_eq!(in_script(script).as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn secrets_in_texts_are_told_from_what_only_names_them() {
        for (text, expected) in [
            ("{\"db\":{\"user\":\"app\",\"password\":\"k9Lm2Qp&7xR\"}}", Some("password")),
            ("{\\\"password\\\":\\\"k9Lm2Qp&7xR\\\"}", Some("password")),
            ("password=k9Lm2Qp&7xR", Some("password")),
            ("SECRET='tR8vK2mQ9xLz4PwY7nBc3HdJ6fGs1TaE5uVoWi0q'", Some("SECRET")),
            ("  - export NPM_TOKEN=aBcD1234efGh5678", Some("NPM_TOKEN")),
            ("--db-password=k9Lm2QpR7xyz", Some("db-password")),
            ("app --db-password k9Lm2QpR7xyz --verbose", Some("db-password")),
            ("{\"password.$\": \"$.input1\"}", None),
            ("password = event['password1']", None),
            ("login(password=password1)", Some("password")),
            ("token = response2.token", None),
            ("if token == 'abc123': pass", None),
            ("password: {type: string}", None),
            ("password: String!", None),
            ("[\"password\", \"user1\"]", None),
            ("os.environ[\"API_TOKEN\"]", None),
            ("SECRET_NAME = 'prod/db1'", None),
            ("arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-aB3dE5", None),
            ("secret = '${}-db1'", None),
        ] {
            assert_eq!(assigned(text).as_deref(), expected, "{text}");
        }
    }
}
