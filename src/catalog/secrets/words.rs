//! Names that mean a secret, and values that may be one.
//!
//! Comes in: a name, a value, a text. Goes out: whether it may be. Nothing here knows where either stands.

/// A text's letters and digits alone, in lower case: `DB_PASSWORD` and `dbPassword` are one name.
pub(super) fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether a variable's name may mean the name of a secret that is kept elsewhere, and not the secret.
pub(super) fn keeps_name(name: &str) -> bool {
    let letters = letters(name);
    letters.ends_with("secret") && !letters.ends_with("clientsecret")
}

/// Whether a value is made of words as names are: `aurora_postgres_live`, `live/orders/db`.
pub(super) fn is_name(value: &str) -> bool {
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
    const ENDINGS: [&str; 20] = [
        "accesskey",
        "adminpass",
        "apikey",
        "apikeyvalue",
        "credential",
        "credentials",
        "dbpass",
        "mysqlpass",
        "passphrase",
        "passwd",
        "password",
        "pgpass",
        "presharedkey",
        "privatekey",
        "rootpass",
        "secret",
        "secretkey",
        "signingkey",
        "smtppass",
        "token",
    ];
    /// Short ones count as words of their own: `DB_PW`, `redisPass`, and neither `cpw` and `bypass` nor the working directory, `PWD`.
    const WORDS: [&str; 3] = ["pass", "pw", "pwd"];
    // What is computed at run time is named so: `"password.$"`.
    if name.ends_with(".$") {
        return false;
    }
    let letters = letters(name);
    let last = || Some(last_word(name)).filter(|last| last.len() < name.len());
    ENDINGS.iter().any(|ending| letters.ends_with(ending))
        || last().is_some_and(|last| WORDS.iter().any(|word| last.eq_ignore_ascii_case(word)))
}

/// The last word of a name, whatever sets it apart: `pass` of `DB_PASS`, `db-pass` and `dbPass`.
fn last_word(name: &str) -> &str {
    let bytes = name.as_bytes();
    let begins = |at: &usize| {
        let (before, own) = (bytes[at - 1], bytes[*at]);
        !before.is_ascii_alphanumeric() || own.is_ascii_uppercase() && !before.is_ascii_uppercase()
    };
    let start = (1..bytes.len()).rev().filter(|at| name.is_char_boundary(*at)).find(begins).unwrap_or(0);
    &name[start..]
}

/// Whether a value is a setting: a switch, or how long something lasts, `15m` and `1y`.
pub(super) fn is_setting(value: &str) -> bool {
    const SWITCHES: [&str; 8] = ["disabled", "enabled", "false", "no", "off", "on", "true", "yes"];
    const UNITS: [&str; 16] =
        ["d", "day", "days", "h", "hour", "hours", "m", "min", "minutes", "months", "ms", "s", "seconds", "w", "weeks", "y"];
    let value = value.trim().to_ascii_lowercase();
    let unit = value.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = value.len() - unit.len();
    SWITCHES.contains(&value.as_str()) || (1..=5).contains(&digits) && UNITS.contains(&unit.trim_start())
}

/// Whether a value is a short number under a name that means no password, which somebody might choose so: `MAX_TOKEN`, 4096.
pub(super) fn is_quantity(name: &str, value: &str) -> bool {
    const CHOSEN: [&str; 6] = ["pass", "passphrase", "passwd", "password", "pw", "pwd"];
    let name = letters(name);
    (1..=5).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()) && !CHOSEN.iter().any(|ending| name.ends_with(ending))
}

/// Whether a value only says the name of its place again, of what a service hands out and nobody chooses: `auth_token` of `TWILIO_AUTH_TOKEN`.
pub(super) fn repeats_name(name: &str, value: &str) -> bool {
    const HANDED_OUT: [&str; 4] = ["accesskey", "apikey", "clientsecret", "token"];
    let (name, said) = (letters(name), letters(value));
    HANDED_OUT.iter().any(|ending| said.ends_with(ending)) && name.ends_with(&said) && words(value).len() > 1
}

/// A value that may be a secret: neither empty, nor a place where one is kept, nor a switch, nor an expression.
pub(super) fn is_credential(value: &str) -> bool {
    let elsewhere = value.starts_with("arn:")
        || value.starts_with("{{resolve:")
        || value.starts_with('/')
        || value.contains("://")
        // What the provider gives a skill, a profile or a customer to be named by.
        || value.starts_with("amzn1.")
        || value.trim_start().starts_with("{%");
    let is_none = matches!(value.trim().to_ascii_lowercase().as_str(), "" | "none" | "null" | "0" | "1");
    !elsewhere && !is_none && !is_setting(value)
}

/// Whether a value is the path of a file under a name that does not say that a key or a password stands there: `etc/credentials.ini`.
pub(super) fn is_file(name: &str, value: &str) -> bool {
    const ENDINGS: [&str; 14] =
        ["cfg", "cnf", "conf", "config", "crt", "env", "ini", "json", "pem", "properties", "toml", "txt", "yaml", "yml"];
    const SECRET: [&str; 8] = ["key", "passphrase", "passwd", "password", "pw", "pwd", "secret", "token"];
    let Some((folders, file)) = value.rsplit_once('/') else { return false };
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let name = letters(name);
    file.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending))
        && folders.split('/').chain([file]).all(is_plain)
        && !SECRET.iter().any(|ending| name.ends_with(ending))
}

/// Most letters of the beginning by which a kind of key is known, `sk_live_`.
const LONGEST_BEGINNING: usize = 8;

/// Whether a value only stands in for one that somebody sets later: `ChangeMe`, `<your key>`, `xxxx`. As the password of something that is
/// made with it, it would be one all the same.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 19] = [
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
        "value",
    ];
    let value = value.trim();
    let letters = letters(value);
    let is_framed = [('<', '>'), ('[', ']'), ('{', '}')].iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    let is_filler = |letter: char| matches!(letter, 'x' | 'X' | '*' | '.' | '-' | '_');
    // `xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx`: the beginning of a kind of key, and nothing behind it.
    let is_begun = value.contains("xxxxxxxx") || value.contains("XXXXXXXX") || value.contains("********");
    let others = value.chars().filter(|letter| !is_filler(*letter)).count();
    let is_filled = value.len() > 2 && (others == 0 || is_begun && others <= LONGEST_BEGINNING);
    // `PlaceholderValue`, `changeme-password`.
    let is_behind = |rest: &str| matches!(rest, "here" | "key" | "password" | "secret" | "text" | "token" | "value");
    WORDS.iter().any(|word| letters.strip_prefix(word).is_some_and(|rest| rest.is_empty() || word.len() > 4 && is_behind(rest)))
        || asks_for_one(&letters)
        || says_that_it_is_none(value)
        || is_framed
            && value.contains(char::is_alphabetic)
            && !value.contains(|letter: char| letter.is_ascii_digit() || matches!(letter, ':' | '"'))
        || is_filled
}

/// Whether a value only stands in for a secret and works as one all the same where nobody replaces it. What says that there is none does not.
pub(crate) fn is_known_key(value: &str) -> bool {
    const NONE: [&str; 6] = ["empty", "na", "none", "notset", "undefined", "unset"];
    is_placeholder(value) && !says_that_it_is_none(value) && !NONE.contains(&letters(value.trim()).as_str())
}

/// Whether a value is words of English that say that it is none, or none yet: `FilledLater`, `NoAuthentication`, `to-be-set-by-deployment`. One word
/// alone may be a password, and so may words that say something else.
fn says_that_it_is_none(value: &str) -> bool {
    const SAYS: [&str; 22] = [
        "after",
        "before",
        "disabled",
        "filled",
        "ignored",
        "later",
        "missing",
        "no",
        "none",
        "not",
        "overridden",
        "override",
        "replaced",
        "set",
        "unknown",
        "unneeded",
        "unused",
        "updated",
        "used",
        "without",
        "yet",
        "configured",
    ];
    const BESIDE: [&str; 34] = [
        "applicable",
        "at",
        "auth",
        "authentication",
        "automatically",
        "available",
        "be",
        "by",
        "ci",
        "creation",
        "credentials",
        "default",
        "defined",
        "deploy",
        "deployment",
        "here",
        "in",
        "is",
        "key",
        "manually",
        "needed",
        "on",
        "password",
        "pipeline",
        "provided",
        "required",
        "runtime",
        "script",
        "secret",
        "setup",
        "the",
        "to",
        "token",
        "value",
    ];
    let words = words(value);
    let is_either = |word: &String| SAYS.contains(&word.as_str()) || BESIDE.contains(&word.as_str());
    words.len() > 1 && words.iter().all(is_either) && words.iter().any(|word| SAYS.contains(&word.as_str()))
}

/// The words of a value, in small letters: apart by capitals, blanks and marks. None where anything but letters is in it.
fn words(value: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut starts = true;
    let mut was_small = false;
    for letter in value.chars() {
        if matches!(letter, ' ' | '-' | '_' | '.') {
            starts = true;
            continue;
        }
        if !letter.is_ascii_alphabetic() {
            return Vec::new();
        }
        if starts || letter.is_ascii_uppercase() && was_small {
            words.push(String::new());
        }
        (starts, was_small) = (false, letter.is_ascii_lowercase());
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words
}

/// Whether letters say which secret belongs there, as `defaultApiKey`, `your-token-here` do.
fn asks_for_one(letters: &str) -> bool {
    const BEFORE: [&str; 6] = ["add", "default", "enter", "insert", "put", "your"];
    let named = BEFORE.iter().find_map(|before| letters.strip_prefix(before));
    named.is_some_and(|named| {
        names_secret(named.strip_suffix("here").unwrap_or(named)) && !named.contains(|letter: char| letter.is_ascii_digit())
    })
}

/// Whether a value under a telling name is a secret by itself, where the name may as well be that of a field, a header or a type: it has a
/// digit or a mark in it, and is neither a name, an expression nor an id.
pub(super) fn is_likely(value: &str) -> bool {
    let is_graphic = value.len() >= 6 && value.bytes().all(|byte| byte.is_ascii_graphic());
    // `String!` and `https?` are no passwords.
    let is_marked = value.trim_end_matches(['!', '?']).contains(|letter: char| letter.is_ascii_digit() || "!@#%^&+~".contains(letter));
    is_graphic
        && is_marked
        && value.contains(|letter: char| letter.is_ascii_alphabetic())
        && is_credential(value)
        && !value.starts_with(['$', '{', '<', '(', '%', '#', '@', '.', '['])
        && !value.contains("${")
        && !value.contains("aws:")
        && !is_placeholder(value)
        && !is_name(value)
        && !is_id(value)
        && !names_secret(value)
}

/// Whether a piece of a text has letters of every kind: `-k9Lm2QpR7xyz` behind the name of a stack.
pub(super) fn is_mixed(value: &str) -> bool {
    let value = value.trim_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    value.len() >= 8
        && value.bytes().all(|byte| byte.is_ascii_graphic())
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && !value.contains(['/', ':', '.', '_'])
}

/// Whether the password of an address is written out, and stands in for none.
pub(super) fn is_written_password(value: &str) -> bool {
    const WORDS: [&str; 9] = ["mypassword", "pass", "passwd", "password", "pw", "pwd", "secret", "token", "userpassword"];
    value.len() >= 3
        && !value.contains(['$', '{', '<', '*', '(', '[', '%', '`', '\\'])
        && !is_placeholder(value)
        && !WORDS.contains(&letters(value).as_str())
}

/// `6f9619ff-8b86-4d01-b42d-00cf4fc964ff`.
fn is_id(value: &str) -> bool {
    let parts: Vec<&str> = value.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
