//! Who of those that a change lets in was never let in before: accounts and organisations of which no file of the base speaks.
//!
//! Comes in: a threat and the base's tree. Goes out: whether its cause is somebody from outside, and new. Such a one holds the gate shut until
//! somebody answers for it; one that the repository knows is asked about. The files that may be templates have been fetched for `hosts`, 5,000 at most; of whom the
//! others speak is not known, and counts as new.

use crate::change::{Blob, Change};
use crate::model::cause::CauseKind;
use crate::stride::Threat;
use crate::stride::rule::RuleKind;
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// Of whom the files of the base speak.
pub(super) struct Known<'c> {
    change: &'c Change,
    /// Numbers and ids. Made when first asked for, by one walk over the texts.
    ids: OnceCell<BTreeSet<&'c str>>,
}

impl<'c> Known<'c> {
    pub(super) fn of(change: &'c Change) -> Self {
        Self { change, ids: OnceCell::new() }
    }

    /// As what a threat counts whose cause is an account or an organisation; `None` where it is anything else.
    pub(super) fn counts_as(&self, threat: &Threat) -> Option<RuleKind> {
        if threat.key.cause.kind != CauseKind::Principal {
            return None;
        }
        let id = outsider(&threat.key.cause.name)?;
        let is_known = self.ids.get_or_init(|| ids_of_base(self.change)).contains(id);
        Some(if is_known { RuleKind::Question } else { RuleKind::Finding })
    }
}

/// The number of the account, or the id of the organisation, that a principal's name holds. An identity provider is its account's own: who gets in
/// through it is in the conditions.
fn outsider(name: &str) -> Option<&str> {
    if name.contains("-provider/") { None } else { ids(name).next() }
}

/// The numbers of accounts and the ids of organisations in a text.
fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| {
        let is_account = word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_organisation =
            word.strip_prefix("o-").is_some_and(|rest| rest.len() >= 10 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        is_account || is_organisation
    })
}

fn ids_of_base(change: &Change) -> BTreeSet<&str> {
    let texts = change.base.listing.values().filter_map(|listed| match change.blobs.get(&listed.id)? {
        Blob::Text(text) | Blob::Undecodable { text, .. } => Some(&**text),
        Blob::TooLarge(_) => None,
    });
    texts.flat_map(ids).collect()
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
