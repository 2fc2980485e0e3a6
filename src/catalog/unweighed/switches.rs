//! Switches of security in an environment: `AUTH_DISABLED`, `VERIFY_SIGNATURE`, `NODE_TLS_REJECT_UNAUTHORIZED`.
//!
//! Comes in: the variables of what runs. Goes out: each whose name speaks of a check and whose value switches something. What a program makes of
//! it nobody here knows: that one is thrown is told. A name speaks by its words, `AUTH` and not `AUTHOR`; a value is a switch or is passed over,
//! an address or a name.

use crate::catalog::environment::{self, Variable};
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::model::unweighed::{Kind, SAFE};

/// Words that name a check or what it is made with.
const CHECKS: &[&str] = &[
    "ACL",
    "AUDIT",
    "AUTH",
    "AUTHENTICATE",
    "AUTHENTICATED",
    "AUTHENTICATION",
    "AUTHN",
    "AUTHORIZATION",
    "AUTHORIZE",
    "AUTHORIZER",
    "AUTHZ",
    "CAPTCHA",
    "CERT",
    "CERTIFICATE",
    "CSP",
    "CSRF",
    "ENCRYPT",
    "ENCRYPTED",
    "ENCRYPTION",
    "GUARD",
    "GUARDRAIL",
    "GUARDRAILS",
    "HMAC",
    "HTTPSVERIFY",
    "JWT",
    "MASK",
    "MASKING",
    "MFA",
    "OTP",
    "PERMISSION",
    "PERMISSIONS",
    "PYTHONHTTPSVERIFY",
    "RBAC",
    "REDACT",
    "REDACTION",
    "SANITIZE",
    "SANITIZER",
    "SECURE",
    "SECURITY",
    "SIGNATURE",
    "SIGNATURES",
    "SSL",
    "SSLMODE",
    "TLS",
    "TOTP",
    "VERIFICATION",
    "VERIFY",
    "VERIFYING",
    "WAF",
    "XSRF",
];
/// Words that alone say what is open.
const OPENINGS: &[&str] = &["ANONYMOUS", "INSECURE", "UNAUTHENTICATED", "UNAUTHORIZED", "UNSAFE", "UNVERIFIED"];
/// Words that turn the meaning of a check around.
const NEGATIONS: &[&str] = &[
    "BLOCK", "BYPASS", "DENY", "DISABLE", "DISABLED", "DISABLES", "FORBID", "IGNORE", "IGNORED", "MOCK", "NO", "NOT", "OFF", "REJECT",
    "SKIP", "SKIPPED", "WITHOUT",
];
/// Words with which a program shows of itself what it shows nobody else.
const DEBUGGING: &[&str] = &["DEBUG", "DEBUGGER"];
const ON: &[&str] = &["1", "enable", "enabled", "on", "true", "y", "yes"];
const OFF: &[&str] = &["0", "disable", "disabled", "false", "n", "no", "none", "off"];

/// What the name of a variable says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    /// Of a check that is made where the switch is on.
    Check,
    /// Of a check that is left out where the switch is on.
    Opening,
    Debugging,
}

/// Adds the switches of a resource.
pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let Some(entry) = collector.draft.entry(resource.address) else { return };
    for path in entry.environment {
        let map = path.strip_suffix(".*").or_else(|| path.strip_suffix("[].Value")).unwrap_or(path);
        // Maps that nobody can see into have no variables to tell of.
        if paths::find(&resource.properties, map).is_empty() {
            continue;
        }
        for variable in environment::variables(&resource.properties, path) {
            if !collector.draft.spend(1, variable.value.span) {
                return;
            }
            collect_variable(collector, resource, map, &variable);
        }
    }
}

fn collect_variable<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, map: &str, variable: &Variable<'t>) {
    let Some(speaks) = speaks(variable.name) else { return };
    let Some(is_on) = is_on(&variable.value, speaks == Speaks::Check) else { return };
    let path = format!("{map}.{}", variable.name);
    match speaks {
        Speaks::Debugging if is_on => collector.add(resource, (Kind::Property, &path), &variable.value, variable.value.span),
        Speaks::Debugging => {}
        Speaks::Check if is_on => collector.add_digest(resource, (Kind::Opening, &path), SAFE.to_owned(), variable.value.span),
        Speaks::Opening if !is_on => collector.add_digest(resource, (Kind::Opening, &path), SAFE.to_owned(), variable.value.span),
        Speaks::Check | Speaks::Opening => collector.add(resource, (Kind::Opening, &path), &variable.value, variable.value.span),
    }
}

/// Whether a switch is on; `None` where the value is none. Of several that may hold, the one that is less safe counts.
fn is_on(value: &Property<'_>, is_safe: bool) -> Option<bool> {
    if let Value::Either(Alternatives { branches, .. }) = value.value {
        let known: Vec<bool> = branches.iter().filter_map(|branch| is_on(branch, is_safe)).collect();
        return known.iter().copied().find(|on| *on != is_safe).or(known.first().copied());
    }
    let text = value.literal()?.trim().to_ascii_lowercase();
    match text.as_str() {
        on if ON.contains(&on) => Some(true),
        off if OFF.contains(&off) => Some(false),
        _ => None,
    }
}

fn speaks(name: &str) -> Option<Speaks> {
    let words = words(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let negated = words.iter().filter(|word| NEGATIONS.contains(&word.as_str())).count() % 2 == 1;
    if has(OPENINGS) {
        return Some(if negated { Speaks::Check } else { Speaks::Opening });
    }
    if has(CHECKS) {
        return Some(if negated { Speaks::Opening } else { Speaks::Check });
    }
    (has(DEBUGGING) && !negated).then_some(Speaks::Debugging)
}

/// The words of a name, in capitals: of `authDisabled` and `AUTH_DISABLED` the same two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        let begins = letter.is_ascii_uppercase() && before.is_ascii_lowercase();
        if begins || !letter.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if let Some(last) = words.last_mut().filter(|_| letter.is_ascii_alphanumeric()) {
            last.push(letter.to_ascii_uppercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::{Speaks, speaks};

    #[test]
    fn names_speak_by_their_words() {
        for (name, expected) in [
            ("AUTH_DISABLED", Some(Speaks::Opening)),
            ("authDisabled", Some(Speaks::Opening)),
            ("SKIP_AUTH", Some(Speaks::Opening)),
            ("VERIFY_SIGNATURE", Some(Speaks::Check)),
            ("NODE_TLS_REJECT_UNAUTHORIZED", Some(Speaks::Check)),
            ("GIT_SSL_NO_VERIFY", Some(Speaks::Opening)),
            ("ALLOW_ANONYMOUS", Some(Speaks::Opening)),
            ("DISABLE_INSECURE_LOGIN", Some(Speaks::Check)),
            ("DEBUG", Some(Speaks::Debugging)),
            ("NO_DEBUG", None),
            ("AUTHOR", None),
            ("LOG_LEVEL", None),
            ("FEATURE_NEW_CHECKOUT", None),
            ("TABLE_NAME", None),
            ("", None),
        ] {
            assert_eq!(speaks(name), expected, "{name}");
        }
    }
}
