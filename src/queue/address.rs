//! The parameters of a store's URL: a word that nobody knows is refused, because the driver would pass over it, and `sslmod=verify-full` checks nothing.

use super::StoreError;
use crate::model::nearest::nearest;

/// What sqlx takes of PostgreSQL's parameters, and the spellings that it has beside libpq's.
const POSTGRES: [&str; 18] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
    "ssl-mode",
    "ssl-root-cert",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
];
const SQLITE: [&str; 4] = ["mode", "cache", "immutable", "vfs"];
/// The parameters whose values are words.
const WORDS: [(&str, &[&str]); 5] = [
    ("sslmode", &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
    ("ssl-mode", &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
    ("mode", &["ro", "rw", "rwc", "memory"]),
    ("cache", &["private", "shared"]),
    ("immutable", &["true", "false", "1", "0"]),
];

/// Whether each parameter of a URL is one that counts.
///
/// # Errors
/// `Parameter`, which names no value but one of a word: the others may be secret.
pub(super) fn check(url: &str) -> Result<(), StoreError> {
    let known: &[&str] = if url.starts_with("sqlite:") { &SQLITE } else { &POSTGRES };
    let Some((_, parameters)) = url.split_once('?') else { return Ok(()) };
    for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let name = name.replace("%5B", "[").replace("%5D", "]");
        // A password with a `?` that is written as it is: nothing of it is repeated.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-[].".contains(&byte)) {
            return Err(StoreError::Parameter("what stands behind the `?` are no parameters; in a password, write it as %3F".to_owned()));
        }
        let is_option = known.contains(&"options") && name.starts_with("options[") && name.ends_with(']');
        if !is_option && !known.contains(&name.as_str()) {
            return Err(refused(format!("`{name}` is no parameter that counts"), &name, known));
        }
        if let Some((_, words)) = WORDS.iter().find(|(of, _)| *of == name)
            && !words.contains(&value)
        {
            return Err(refused(format!("{name} is no `{value}`"), value, words));
        }
    }
    Ok(())
}

fn refused(what: String, word: &str, known: &[&str]) -> StoreError {
    StoreError::Parameter(match nearest(word, known.iter().copied()) {
        Some(meant) => format!("{what}: did you mean `{meant}`?"),
        None => format!("{what}; there are {}", known.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_parameter_that_nobody_knows_is_refused() {
        for good in [
            "sqlite:///var/lib/astride/astride.db",
            "sqlite::memory:",
            "sqlite://astride.db?mode=ro&cache=private",
            "postgres://astride@db/astride?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres://astride@localhost/astride?host=/run&options[search_path]=store_1&",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        for (bad, expected) in [
            ("postgres://a@db/a?sslmod=verify-full", "store.url: `sslmod` is no parameter that counts: did you mean `sslmode`?"),
            ("postgres://a@db/a?sslmode=verifyfull", "store.url: sslmode is no `verifyfull`: did you mean `verify-full`?"),
            (
                "postgres://a@db/a?sslmode=x",
                "store.url: sslmode is no `x`; there are disable, allow, prefer, require, verify-ca, verify-full",
            ),
            ("sqlite://a.db?mod=ro", "store.url: `mod` is no parameter that counts: did you mean `mode`?"),
            ("sqlite://a.db?sslmode=require", "store.url: `sslmode` is no parameter that counts"),
        ] {
            let said = check(bad).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{bad}: {said}");
        }
        assert!(check("postgres://a@db/a?options%5Bsearch_path%5D=x").is_ok());
        let said = check("postgres://a:hid?den@db/a").unwrap_err().to_string();
        assert!(said.contains("%3F") && !said.contains("den@"), "{said}");
        let said = check("postgres://a@db/a?passwort=hidden").unwrap_err().to_string();
        assert!(said.contains("did you mean `password`?") && !said.contains("hidden"), "{said}");
    }
}
