//! Who of those that a change lets in was never let in before: accounts and organisations of which no file of the base speaks.
//!
//! Comes in: a threat and the base's tree. Goes out: whether its cause is somebody from outside, and new. Such a one holds the gate shut until
//! somebody answers for it; one that the repository knows is asked about. Every file that may be a template has been fetched for `hosts`.

use crate::change::{Blob, Change};
use crate::model::cause::CauseKind;
use crate::stride::Threat;
use crate::stride::rule::RuleKind;

/// As what a threat counts whose cause is an account or an organisation; `None` where it is anything else.
pub(super) fn counts_as(change: &Change, threat: &Threat) -> Option<RuleKind> {
    if threat.key.cause.kind != CauseKind::Principal {
        return None;
    }
    let id = outsider(&threat.key.cause.name)?;
    Some(if is_known(change, id) { RuleKind::Question } else { RuleKind::Finding })
}

/// The number of the account, or the id of the organisation, that a principal's name holds. An identity provider is its account's own: who gets in
/// through it is in the conditions.
fn outsider(name: &str) -> Option<&str> {
    if name.contains("-provider/") {
        return None;
    }
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    words.find(|word| {
        let is_account = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_organisation =
            word.strip_prefix("o-").is_some_and(|rest| rest.len() >= 10 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        is_account || is_organisation
    })
}

fn is_known(change: &Change, id: &str) -> bool {
    change.base.listing.values().any(|listed| match change.blobs.get(&listed.id) {
        Some(Blob::Text(text)) => text.contains(id),
        Some(Blob::Undecodable { text, .. }) => text.contains(id),
        Some(Blob::TooLarge(_)) | None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::outsider;

    #[test]
    fn accounts_and_organisations_are_told_from_other_principals() {
        for (name, expected) in [
            ("444455556666", Some("444455556666")),
            ("arn:aws:iam::444455556666:role/deploy", Some("444455556666")),
            ("o-abcdef1234", Some("o-abcdef1234")),
            ("arn:aws:organizations::444455556666:organization/o-abcdef1234", Some("444455556666")),
            ("arn:aws:iam::444455556666:oidc-provider/token.actions.githubusercontent.com", None),
            ("sns.amazonaws.com", None),
            ("*", None),
            ("${param:Partner}", None),
        ] {
            assert_eq!(outsider(name), expected, "{name}");
        }
    }
}
