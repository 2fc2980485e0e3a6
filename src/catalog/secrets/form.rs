//! Credentials that are known by their form: whatever they stand in, nothing else looks like them.
//!
//! Comes in: a text. Goes out: what kind of credential is written out in it. What documentation prints in place of one is none.

use crate::catalog::secrets::words;

/// A run of letters that begins so, is so long from its beginning on, and is a credential of this kind.
struct Form {
    beginning: &'static str,
    /// Letters, the beginning included.
    least: usize,
    kind: &'static str,
}

const FORMS: [Form; 24] = [
    Form { beginning: "ghp_", least: 40, kind: TOKEN },
    Form { beginning: "gho_", least: 40, kind: TOKEN },
    Form { beginning: "ghu_", least: 40, kind: TOKEN },
    Form { beginning: "ghs_", least: 40, kind: TOKEN },
    Form { beginning: "ghr_", least: 40, kind: TOKEN },
    Form { beginning: "github_pat_", least: 60, kind: TOKEN },
    Form { beginning: "glpat-", least: 26, kind: TOKEN },
    Form { beginning: "npm_", least: 40, kind: TOKEN },
    Form { beginning: "pypi-AgE", least: 50, kind: TOKEN },
    Form { beginning: "dop_v1_", least: 60, kind: TOKEN },
    Form { beginning: "xoxb-", least: 20, kind: TOKEN },
    Form { beginning: "xoxp-", least: 20, kind: TOKEN },
    Form { beginning: "xoxa-", least: 20, kind: TOKEN },
    Form { beginning: "xoxs-", least: 20, kind: TOKEN },
    Form { beginning: "sk_live_", least: 24, kind: KEY },
    Form { beginning: "rk_live_", least: 24, kind: KEY },
    Form { beginning: "AIza", least: 39, kind: KEY },
    Form { beginning: "GOCSPX-", least: 20, kind: KEY },
    Form { beginning: "SG.", least: 69, kind: KEY },
    Form { beginning: "sk-proj-", least: 40, kind: KEY },
    Form { beginning: "sk-ant-", least: 40, kind: KEY },
    Form { beginning: "hvs.", least: 28, kind: TOKEN },
    Form { beginning: "AccountKey=", least: 91, kind: KEY },
    Form { beginning: "hooks.slack.com/services/T", least: 60, kind: "a webhook address" },
];

const TOKEN: &str = "a token";
const KEY: &str = "an API key";
const ACCESS_KEY: &str = "an access key";

/// Letters of the secret half of an access key.
const SECRET_HALF: usize = 40;

/// The kind of the first credential in a text that is known by its form.
pub(super) fn find(text: &str) -> Option<&'static str> {
    let known = FORMS.iter().find(|form| runs(text, form.beginning).any(|run| run.len() >= form.least && is_random(run)));
    known
        .map(|form| form.kind)
        .or_else(|| runs(text, "SK").any(is_key_of_twilio).then_some(KEY))
        .or_else(|| is_private_key(text).then_some("a private key"))
        .or_else(|| runs(text, "eyJ").any(is_signed_token).then_some("a signed token"))
        .or_else(|| has_password_in_address(text).then_some("a password in an address"))
        .or_else(|| (key_ids(text).next().is_some() && has_secret_half(text)).then_some(ACCESS_KEY))
}

/// As `find`; the public half of an access key counts too, which nobody writes without the other where programs read it.
pub(super) fn find_for_programs(text: &str) -> Option<&'static str> {
    find(text).or_else(|| key_ids(text).next().map(|_| ACCESS_KEY))
}

/// `SK` and 32 hexadecimal digits in small letters.
fn is_key_of_twilio(run: &str) -> bool {
    run.len() == 34 && run[2..].bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) && is_random(run)
}

/// What begins so where a word begins, as far as it goes on.
fn runs<'t>(text: &'t str, beginning: &'static str) -> impl Iterator<Item = &'t str> {
    text.match_indices(beginning).filter_map(move |(start, _)| {
        let is_inside = text[..start].ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
        let rest = &text[start..];
        let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric() && !"_-./+=".contains(letter)).unwrap_or(rest.len());
        (!is_inside).then_some(&rest[..end])
    })
}

/// Ids of access keys: `AKIA` and sixteen more.
fn key_ids(text: &str) -> impl Iterator<Item = &str> {
    let is_id = |run: &&str| {
        run.len() == 20 && run.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) && !run.ends_with("EXAMPLE")
    };
    let word = |run: &'_ str| run.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(run.len());
    ["AKIA", "ASIA"].into_iter().flat_map(move |beginning| runs(text, beginning).map(move |run| &run[..word(run)])).filter(is_id)
}

fn has_secret_half(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/');
    text.split(|letter| !is_letter(letter)).any(|run| {
        run.len() == SECRET_HALF
            && is_random(run)
            && run.contains(|letter: char| letter.is_ascii_lowercase())
            && run.contains(char::is_uppercase)
    })
}

/// Letters and digits of many kinds: not `xxxx`, and not what documentation prints.
fn is_random(run: &str) -> bool {
    let mut kinds: Vec<u8> = run.bytes().collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() >= 12
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && !run.to_ascii_lowercase().contains("example")
        && !run.as_bytes().windows(5).any(|window| window.iter().all(|byte| *byte == window[0]))
}

/// The head of a private key with something of its body behind it; public keys and certificates are none.
fn is_private_key(text: &str) -> bool {
    text.match_indices("PRIVATE KEY-----").any(|(end, head)| {
        let begins = text[..end].rfind("-----BEGIN ").is_some_and(|start| end - start < 40);
        let body: String = text[end + head.len()..].chars().take(200).filter(char::is_ascii_alphanumeric).collect();
        begins && body.len() >= 40 && is_random(&body)
    })
}

/// Three parts, of which the first two are documents: <https://www.rfc-editor.org/rfc/rfc7519>.
fn is_signed_token(run: &str) -> bool {
    let parts: Vec<&str> = run.split('.').collect();
    matches!(parts.as_slice(), [head, claims, mark] if head.len() >= 16 && claims.starts_with("eyJ") && mark.len() >= 20) && is_random(run)
}

/// `scheme://user:password@host`, of any scheme.
fn has_password_in_address(text: &str) -> bool {
    text.match_indices("://").any(|(at, scheme)| {
        let rest = &text[at + scheme.len()..];
        let end = rest
            .find(|letter: char| letter.is_whitespace() || matches!(letter, '/' | '?' | '#' | '"' | '\'' | '<' | '`'))
            .unwrap_or(rest.len());
        let named = rest[..end].rsplit_once('@').and_then(|(named, host)| (!host.is_empty()).then_some(named));
        named
            .and_then(|named| named.split_once(':'))
            .is_some_and(|(user, password)| user != password && words::is_written_password(password))
    })
}

#[cfg(test)]
mod tests {
    use super::{find, find_for_programs};

    #[test]
    fn credentials_are_known_by_their_form() {
        for (text, expected) in [
            (concat!("Bearer sk_", "live_7hG2kLm9QpRs4tVw8xYz3bCd"), Some("an API key")),
            (concat!("ghp_", "9kQ2m7Zx4Lp8Rt1Vw6Yb3Nc5Hd0Js2Gf8TaE"), Some("a token")),
            (concat!("SG", ".q3Zx9LmT7vWc2RkP8sYb4N.dHf6GjE1aU5oQiXtVw0yMq3Zx9LmT7vWc2RkP8sYb4Nd"), Some("an API key")),
            (concat!("sk-", "proj-q3Zx9LmT7vWc2RkP8sYb4NdHf6GjE1aU5oQi"), Some("an API key")),
            (concat!("sk-", "ant-api03-q3Zx9LmT7vWc2RkP8sYb4NdHf6GjE1"), Some("an API key")),
            (concat!("SK", "4f9a1c7e02b86d35f9a1c7e02b86d354"), Some("an API key")),
            (concat!("hvs", ".CAESIJ4q3Zx9LmT7vWc2RkP8sYb4"), Some("a token")),
            ("SK_LEVEL", None),
            ("SG.example", None),
            ("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", None),
            ("KEY='AKIAQ3EGSZ7YH2KLMN4P'; SECRET='tR8vK2mQ9xLz4PwY7nBc3HdJ6fGs1TaE5uVoWi0q'", Some("an access key")),
            ("AKIAQ3EGSZ7YH2KLMN4P", None),
            ("rediss://:hunter2hunter2@cache.acme.com:6379", Some("a password in an address")),
            ("postgres://app:${}@db.acme.com/x", None),
            ("postgres://user:password@localhost/x", None),
            ("amqp://guest:guest@mq", None),
            ("https://host.acme.com:8443/a@b", None),
            (
                "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJvcmRlcnMifQ.q3Zx9LmT7vWc2RkP8sYb4NdHf6GjE1aU5oQiXtVw0yM",
                Some("a signed token"),
            ),
            ("-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEbGg3ZTANBgkqhkiG9w0BAQsFADBs\n", None),
            ("-----BEGIN PUBLIC KEY-----\nMIIDdzCCAl+gAwIBAgIEbGg3ZTANBgkqhkiG9w0BAQsFADBs\n", None),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oi21Kw3hPq8b\n", Some("a private key")),
            ("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", None),
            (concat!("https://hooks.slack.com/", "services/T02AB3CD4/B05EF6GH7/a1B2c3D4e5F6g7H8i9J0k1L2"), Some("a webhook address")),
            ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", None),
        ] {
            assert_eq!(find(text), expected, "{text}");
        }
        assert_eq!(find_for_programs("AKIAQ3EGSZ7YH2KLMN4P"), Some("an access key"));
        assert_eq!(find_for_programs("AKIAIOSFODNN7EXAMPLE"), None);
    }
}
