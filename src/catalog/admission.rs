//! Variables of an environment that list who is let in: addresses, origins, users, domains.
//!
//! Comes in: the variables of what runs. Goes out: by their names those that list somebody, and those that list nobody or everybody. What code makes of an empty
//! list no template shows: often it asks nobody any more.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::environment::Variable;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Value};
use crate::model::resource::{Property, Value as PropertyValue};
use crate::model::spelling;

/// Words that call a list of those who are let in.
const LISTS: [&str; 5] = ["allowlist", "allowlisted", "safelist", "whitelist", "whitelisted"];
/// Words that do so beside the name of what it lists.
const LETS_IN: [&str; 6] = ["admitted", "allow", "allowed", "authorized", "permitted", "trusted"];
/// What such a list may have.
const LISTED: [&str; 24] = [
    "account",
    "accounts",
    "address",
    "addresses",
    "cidr",
    "cidrs",
    "domain",
    "domains",
    "email",
    "emails",
    "group",
    "groups",
    "host",
    "hosts",
    "ip",
    "ips",
    "list",
    "origin",
    "origins",
    "range",
    "ranges",
    "tenants",
    "user",
    "users",
];

/// States of what runs which of its lists name somebody, and which do not.
pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, holder: ElementIndex, variables: &[Variable<'t>]) {
    let lists = variables.iter().filter(|variable| is_list(variable.name));
    let (open, named): (Vec<_>, Vec<_>) = lists.partition(|variable| lets_nobody_or_all(&variable.value).is_some());
    let everybody = open.iter().filter(|variable| lets_nobody_or_all(&variable.value) == Some(true)).copied().collect();
    for (fact, variables) in [(Fact::AllowLists, named), (Fact::AllowListsOpen, open), (Fact::AllowListsOfAll, everybody)] {
        if let Some(reading) = reading(draft, &variables) {
            draft.set_fact(holder, fact, reading);
        }
    }
}

fn reading<'t>(draft: &Draft<'t, '_>, variables: &[&Variable<'t>]) -> Option<Reading> {
    let span = variables.first()?.value.span;
    let names = bounded(variables.iter().map(|variable| variable.name.to_owned()).collect());
    Some(Reading::known(Value::List(names), draft.stated(span)))
}

/// Whether a variable lists who is let in, by its name.
fn is_list(name: &str) -> bool {
    let words: Vec<String> = spelling::words(name).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&LISTS) || has(&["white"]) && has(&["list"]) || has(&LETS_IN) && has(&LISTED)
}

/// Of a list that names nobody `false`, of one that names everybody `true`; `None` where it names somebody, or nobody can tell.
fn lets_nobody_or_all(value: &Property<'_>) -> Option<bool> {
    let text = match value.value {
        PropertyValue::Null => "",
        _ => value.literal()?,
    };
    match text.trim().trim_matches(['[', ']', '"', '\'']) {
        "" => Some(false),
        "*" | "0.0.0.0/0" | "::/0" | "all" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_list;

    #[test]
    fn a_list_of_those_who_are_let_in_says_so() {
        for (name, expected) in [
            ("ALLOWED_USER_EMAILS", true),
            ("ALLOWED_IPS", true),
            ("IP_ALLOWLIST", true),
            ("corsAllowedOrigins", true),
            ("EMAIL_WHITE_LIST", true),
            ("ALLOWED_FORMATS", false),
            ("USER_TABLE", false),
            ("TRUSTED", false),
        ] {
            assert_eq!(is_list(name), expected, "{name}");
        }
    }
}
